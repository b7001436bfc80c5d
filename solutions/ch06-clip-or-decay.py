# %% setup
import numpy as np


# %% reference
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        g = g * min(1, clip / np.linalg.norm(g))
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x = x - step - learning_rate * decay * x
        path.append(x)
    return np.array(path)


# %% right: with an if, the decay as a factor
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    mean_square, path = 0 * x, [x.tolist()]
    for _ in range(steps):
        g = np.array(gradient(x))
        length = np.sqrt(np.sum(g**2))
        if length > clip:
            g = g / length * clip
        mean_square = 0.9 * mean_square + 0.1 * g * g
        x = (1 - learning_rate * decay) * x
        x = x - learning_rate * g / (np.sqrt(mean_square) + 1e-7)
        path.append(x.tolist())
    return path


# %% right: fills an array
def train(gradient, start, steps, learning_rate, decay, clip):
    path = np.zeros((steps + 1, len(start)))
    path[0] = start
    s = np.zeros(len(start))
    for t in range(steps):
        g = gradient(path[t])
        g = g / max(1.0, np.linalg.norm(g) / clip)
        s += 0.1 * (g**2 - s)
        decayed = path[t] - learning_rate * decay * path[t]
        path[t + 1] = decayed - learning_rate * g / (np.sqrt(s) + 1e-7)
    return path


# %% wrong: no decay | no decay
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        g = g * min(1, clip / np.linalg.norm(g))
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x = x - step
        path.append(x)
    return np.array(path)


# %% wrong: no clipping | Nothing is clipped
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x = x - step - learning_rate * decay * x
        path.append(x)
    return np.array(path)


# %% wrong: an l2 penalty after clipping | l2 penalty
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        g = g * min(1, clip / np.linalg.norm(g))
        g = g + decay * x
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x = x - step
        path.append(x)
    return np.array(path)


# %% wrong: an l2 penalty before clipping | l2 penalty
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        g = g + decay * x
        g = g * min(1, clip / np.linalg.norm(g))
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x = x - step
        path.append(x)
    return np.array(path)


# %% wrong: decay without the rate | not multiplied by the learning rate
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        g = g * min(1, clip / np.linalg.norm(g))
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x = x - step - decay * x
        path.append(x)
    return np.array(path)


# %% wrong: decay after the step | after the step
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        g = g * min(1, clip / np.linalg.norm(g))
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x = x - step
        x = x - learning_rate * decay * x
        path.append(x)
    return np.array(path)


# %% wrong: decay that grows | grow
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        g = g * min(1, clip / np.linalg.norm(g))
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x = x - step + learning_rate * decay * x
        path.append(x)
    return np.array(path)


# %% wrong: clips by value | by itself
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        g = np.clip(g, -clip, clip)
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x = x - step - learning_rate * decay * x
        path.append(x)
    return np.array(path)


# %% wrong: stretches short gradients | made longer
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        g = g * clip / np.linalg.norm(g)
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x = x - step - learning_rate * decay * x
        path.append(x)
    return np.array(path)


# %% wrong: clips the step | is it the gradient
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        step = step * min(1, clip / np.linalg.norm(step))
        x = x - step - learning_rate * decay * x
        path.append(x)
    return np.array(path)


# %% wrong: the start left out | the start and one after each step
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), []
    for _ in range(steps):
        g = gradient(x)
        g = g * min(1, clip / np.linalg.norm(g))
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x = x - step - learning_rate * decay * x
        path.append(x)
    return np.array(path)


# %% wrong: one array that moves | copies
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        g = g * min(1, clip / np.linalg.norm(g))
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x -= step + learning_rate * decay * x
        path.append(x)
    return np.array(path)


# %% wrong: only the end | shape
def train(gradient, start, steps, learning_rate, decay, clip):
    x = np.array(start, dtype=float)
    s, path = np.zeros_like(x), [x]
    for _ in range(steps):
        g = gradient(x)
        g = g * min(1, clip / np.linalg.norm(g))
        s = 0.9 * s + 0.1 * g**2
        step = learning_rate * g / (np.sqrt(s) + 1e-7)
        x = x - step - learning_rate * decay * x
        path.append(x)
    return x


# %% wrong: the stub | stub
def train(gradient, start, steps, learning_rate, decay, clip): ...
