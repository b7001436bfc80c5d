# %% setup
import numpy as np


# %% reference
def max_norm(kernel, limit):
    lengths = np.linalg.norm(kernel, axis=0)
    return kernel * np.minimum(1, limit / np.maximum(lengths, 1e-12))


# %% right: as Keras writes it, in single precision
def max_norm(kernel, limit):
    lengths = np.sqrt(np.sum(np.square(kernel), axis=0, keepdims=True))
    factor = np.clip(lengths, 0, limit) / (lengths + 1e-7)
    return (kernel * factor).astype(np.float32)


# %% right: unit by unit
def max_norm(kernel, limit):
    limited = np.array(kernel)
    for unit in range(kernel.shape[1]):
        length = np.sqrt(np.sum(kernel[:, unit] ** 2))
        if length > limit:
            limited[:, unit] = kernel[:, unit] / length * limit
    return limited


# %% right: as a list of rows
def max_norm(kernel, limit):
    columns = []
    for column in kernel.T:
        length = sum(w * w for w in column) ** 0.5
        columns.append([w * limit / length if length > limit else w for w in column])
    return [list(row) for row in zip(*columns)]


# %% wrong: rows for columns | The weights of a unit are a column
def max_norm(kernel, limit):
    lengths = np.linalg.norm(kernel, axis=1, keepdims=True)
    return kernel * np.minimum(1, limit / np.maximum(lengths, 1e-12))


# %% wrong: the whole kernel | each unit has a limit of its own
def max_norm(kernel, limit):
    return kernel * min(1, limit / np.linalg.norm(kernel))


# %% wrong: single weights | Single weights are cut off|Nothing is changed
def max_norm(kernel, limit):
    return np.clip(kernel, -limit, limit)


# %% wrong: every unit as long as the limit | the short ones as well
def max_norm(kernel, limit):
    return kernel / np.maximum(np.linalg.norm(kernel, axis=0), 1e-12) * limit


# %% wrong: length 1 for the long ones | where is the limit
def max_norm(kernel, limit):
    lengths = np.linalg.norm(kernel, axis=0)
    return np.where(lengths > limit, kernel / np.maximum(lengths, 1e-12), kernel)


# %% wrong: divided by the limit | divided by the limit
def max_norm(kernel, limit):
    return np.where(np.linalg.norm(kernel, axis=0) > limit, kernel / limit, kernel)


# %% wrong: without the root | root of the sum of squares
def max_norm(kernel, limit):
    lengths = (kernel**2).sum(axis=0)
    return kernel * np.minimum(1, limit / np.maximum(lengths, 1e-12))


# %% wrong: long units are silenced | set to zero
def max_norm(kernel, limit):
    return np.where(np.linalg.norm(kernel, axis=0) > limit, 0, kernel)


# %% wrong: divides by zero | not finite
def max_norm(kernel, limit):
    lengths = np.linalg.norm(kernel, axis=0)
    return kernel * np.clip(lengths, 0, limit) / lengths


# %% wrong: changes its argument | changed as well
def max_norm(kernel, limit):
    lengths = np.linalg.norm(kernel, axis=0)
    kernel *= np.minimum(1, limit / np.maximum(lengths, 1e-12))
    return kernel


# %% wrong: nothing happens | Nothing is changed
def max_norm(kernel, limit):
    return kernel


# %% wrong: the lengths alone | shape
def max_norm(kernel, limit):
    return np.minimum(np.linalg.norm(kernel, axis=0), limit)


# %% wrong: the stub | stub
def max_norm(kernel, limit): ...
