# %% setup
import numpy as np


# %% reference
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x = x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% right: fills an array
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    points = np.zeros((steps + 1, len(start)))
    points[0] = start
    m = np.zeros(len(start))
    s = np.zeros(len(start))
    for t in range(steps):
        g = gradient(points[t])
        m += (1 - beta_1) * (g - m)
        s += (1 - beta_2) * (g * g - s)
        top = m / (1 - beta_1 ** (t + 1))
        below = np.sqrt(s / (1 - beta_2 ** (t + 1))) + epsilon
        points[t + 1] = points[t] - learning_rate * top / below
    return points


# %% right: one correction of the rate, as the paper suggests, lists of lists
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = 0 * x, 0 * x, [x.tolist()]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        root = np.sqrt(1 - beta_2**t)
        rate = learning_rate * root / (1 - beta_1**t)
        x = x - rate * m / (np.sqrt(s) + epsilon * root)
        path.append(x.tolist())
    return path


# %% wrong: no correction | Neither mean
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m, s
        x = x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: mean of gradients not corrected | mean of the gradients is not corrected
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m, s / (1 - beta_2**t)
        x = x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: mean of squares not corrected | mean of the squares is not corrected
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m / (1 - beta_1**t), s
        x = x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: steps counted from two | run ahead
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(2, steps + 2):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x = x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: steps counted from zero | not finite
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    np.seterr(all="ignore")
    for t in range(steps):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m / np.float64(1 - beta_1**t), s / np.float64(1 - beta_2**t)
        x = x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: carries the corrected means on | are carried on
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m, s = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x = x - learning_rate * m / (np.sqrt(s) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: betas swapped | changed places
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    beta_1, beta_2 = beta_2, beta_1
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x = x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: no root | root is missing
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x = x - learning_rate * m_hat / (s_hat + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: epsilon under the root | under the root
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x = x - learning_rate * m_hat / np.sqrt(s_hat + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: RMSProp with correction | this is RMSProp
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        s_hat = s / (1 - beta_2**t)
        x = x - learning_rate * g / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: one mean square for all | of its own
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * np.sum(g**2)
        m_hat, s_hat = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x = x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: absolute values for squares | one of squares
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * np.abs(g)
        m_hat, s_hat = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x = x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: uphill | uphill
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x = x + learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: epsilon forgotten | not finite
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    np.seterr(all="ignore")
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x = x - learning_rate * m_hat / (np.sqrt(s_hat))
        path.append(x)
    return np.array(path)


# %% wrong: the start left out | the start and one after each step
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), []
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x = x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: one array that moves | copies
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x -= learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return np.array(path)


# %% wrong: only the end | shape
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon):
    x = np.array(start, dtype=float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, steps + 1):
        g = gradient(x)
        m = beta_1 * m + (1 - beta_1) * g
        s = beta_2 * s + (1 - beta_2) * g**2
        m_hat, s_hat = m / (1 - beta_1**t), s / (1 - beta_2**t)
        x = x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon)
        path.append(x)
    return x


# %% wrong: the stub | stub
def adam(gradient, start, steps, learning_rate, beta_1, beta_2, epsilon): ...
