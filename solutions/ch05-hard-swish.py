# %% setup
import numpy as np


# %% reference
def hard_swish(z, width):
    gate = np.clip(z / (2 * width) + 0.5, 0, 1)
    inside = np.abs(z) < width
    return z * gate, gate + np.where(inside, z / (2 * width), 0)


# %% right: range by range
def hard_swish(z, width):
    ranges = [z <= -width, z >= width]
    value = np.select(ranges, [0 * z, z], z * (z + width) / (2 * width))
    slope = np.select(ranges, [0 * z, 1 + 0 * z], z / width + 0.5)
    return value, slope


# %% right: a list of pairs in a loop, slopes by finite differences
def hard_swish(z, width):
    def value(signal):
        return signal * min(max(signal / (2 * width) + 0.5, 0.0), 1.0)

    h = 1e-6
    slopes = [(value(s + h) - value(s - h)) / (2 * h) for s in z]
    return [[value(s) for s in z], slopes]


# %% wrong: the product rule forgotten | product rule
def hard_swish(z, width):
    gate = np.clip(z / (2 * width) + 0.5, 0, 1)
    return z * gate, gate


# %% wrong: the derivative of the gate alone | two terms
def hard_swish(z, width):
    gate = np.clip(z / (2 * width) + 0.5, 0, 1)
    return z * gate, np.where(np.abs(z) < width, 1 / (2 * width), 0)


# %% wrong: the ramp's term everywhere | which term is left
def hard_swish(z, width):
    gate = np.clip(z / (2 * width) + 0.5, 0, 1)
    return z * gate, gate + z / (2 * width)


# %% wrong: slope 0 on the right | identity
def hard_swish(z, width):
    gate = np.clip(z / (2 * width) + 0.5, 0, 1)
    return z * gate, np.where(np.abs(z) < width, z / width + 0.5, 0)


# %% wrong: no limits | not cut off at 0 and 1
def hard_swish(z, width):
    gate = z / (2 * width) + 0.5
    return z * gate, z / width + 0.5


# %% wrong: no upper limit | grow as a square
def hard_swish(z, width):
    gate = np.maximum(z / (2 * width) + 0.5, 0)
    return z * gate, np.where(z > -width, z / width + 0.5, 0)


# %% wrong: the gate alone | gate alone
def hard_swish(z, width):
    gate = np.clip(z / (2 * width) + 0.5, 0, 1)
    return gate, np.where(np.abs(z) < width, 1 / (2 * width), 0)


# %% wrong: a ramp half as wide | half as wide
def hard_swish(z, width):
    gate = np.clip(z / width + 0.5, 0, 1)
    return z * gate, gate


# %% wrong: the values only | shape
def hard_swish(z, width):
    return z * np.clip(z / (2 * width) + 0.5, 0, 1)


# %% wrong: a width of 3, as in Keras | three ranges
def hard_swish(z, width):
    gate = np.clip(z / 6 + 0.5, 0, 1)
    return z * gate, gate + np.where(np.abs(z) < 3, z / 6, 0)


# %% wrong: the stub | stub
def hard_swish(z, width): ...
