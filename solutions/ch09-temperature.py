# %% setup
import numpy as np
from scipy import optimize, special


# %% reference
def temperature(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    own = shifted[np.arange(len(labels)), labels]
    grid = np.geomspace(0.1, 1500, 1500)
    losses = [np.mean(np.log(np.exp(shifted / t).sum(axis=1)) - own / t) for t in grid]
    return grid[np.argmin(losses)]


# %% right: SciPy's search between bounds
def temperature(logits, labels):
    def loss(log_t):
        scaled = special.log_softmax(logits / np.exp(log_t), axis=1)
        return -scaled[np.arange(len(labels)), labels].mean()

    return np.exp(optimize.minimize_scalar(loss, bounds=(-5, 10), method="bounded").x)


# %% right: Newton's method on the inverse temperature
def temperature(logits, labels):
    own = logits[np.arange(len(labels)), labels]
    b = 1 / logits.std()
    for _ in range(50):
        p = special.softmax(b * logits, axis=1)
        mean = (p * logits).sum(axis=1)
        slope = np.mean(mean - own)
        b = max(b / 2, b - slope / np.mean((p * logits**2).sum(axis=1) - mean**2))
    return 1 / b


# %% wrong: multiplies by the temperature | multiplied by this number
def temperature(logits, labels):
    def loss(log_t):
        scaled = special.log_softmax(logits * np.exp(log_t), axis=1)
        return -scaled[np.arange(len(labels)), labels].mean()

    return np.exp(optimize.minimize_scalar(loss, bounds=(-10, 5), method="bounded").x)


# %% wrong: returns the logarithm | logarithm of the temperature|positive
def temperature(logits, labels):
    def loss(log_t):
        scaled = special.log_softmax(logits / np.exp(log_t), axis=1)
        return -scaled[np.arange(len(labels)), labels].mean()

    return optimize.minimize_scalar(loss, bounds=(-5, 10), method="bounded").x


# %% wrong: returns the loss | loss at the best temperature
def temperature(logits, labels):
    def loss(log_t):
        scaled = special.log_softmax(logits / np.exp(log_t), axis=1)
        return -scaled[np.arange(len(labels)), labels].mean()

    return optimize.minimize_scalar(loss, bounds=(-5, 10), method="bounded").fun


# %% wrong: the best accuracy | It is too
def temperature(logits, labels):
    grid = np.geomspace(0.1, 1000, 100)
    right = [np.mean((logits / t).argmax(axis=1) == labels) for t in grid]
    return grid[np.argmax(right)]


# %% wrong: the label that the network prefers for the true one | too low
def temperature(logits, labels):
    labels = logits.argmax(axis=1)

    def loss(log_t):
        scaled = special.log_softmax(logits / np.exp(log_t), axis=1)
        return -scaled[np.arange(len(labels)), labels].mean()

    return np.exp(optimize.minimize_scalar(loss, bounds=(-5, 10), method="bounded").x)


# %% wrong: only temperatures above 1 | not sure enough
def temperature(logits, labels):
    def loss(log_t):
        scaled = special.log_softmax(logits / np.exp(log_t), axis=1)
        return -scaled[np.arange(len(labels)), labels].mean()

    return np.exp(optimize.minimize_scalar(loss, bounds=(0, 10), method="bounded").x)


# %% wrong: a temperature of 1 | temperature of 1
def temperature(logits, labels):
    return 1.0


# %% wrong: overflows with large logits | large logits
def temperature(logits, labels):
    def loss(t):
        p = np.exp(logits / t)
        p /= p.sum(axis=1, keepdims=True)
        return -np.log(p[np.arange(len(labels)), labels]).mean()

    grid = np.geomspace(0.1, 50, 500)
    losses = np.array([loss(t) for t in grid])
    return grid[np.nanargmin(losses)]


# %% wrong: the accuracy | No temperature changes it
def temperature(logits, labels):
    return np.mean(logits.argmax(axis=1) == labels)


# %% wrong: the stub | stub
def temperature(logits, labels): ...
