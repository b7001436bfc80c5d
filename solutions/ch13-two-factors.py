# %% setup
import numpy as np


# %% reference
def two_factors(a, b, y):
    cells = [y[(a == i) & (b == j)].mean() for j in (-1, 1) for i in (-1, 1)]
    none, only_a, only_b, both = cells
    effect_a = ((only_a - none) + (both - only_b)) / 2
    effect_b = ((only_b - none) + (both - only_a)) / 2
    return effect_a, effect_b, ((both - only_b) - (only_a - none)) / 2


# %% right: least squares with weights
def two_factors(a, b, y):
    x = np.column_stack([np.ones(len(y)), a, b, a * b])
    coefficients, *_ = np.linalg.lstsq(x, y, rcond=None)
    return list(2 * coefficients[1:])


# %% right: plain Python, in float32
def two_factors(a, b, y):
    sums, counts = {}, {}
    for i, j, value in zip(a, b, y):
        key = int(i), int(j)
        sums[key] = sums.get(key, 0) + float(value)
        counts[key] = counts.get(key, 0) + 1
    mean = {key: sums[key] / counts[key] for key in sums}
    found = [0, 0, 0]
    for (i, j), value in mean.items():
        for place, sign in enumerate((i, j, i * j)):
            found[place] += sign * value / 2
    return np.array(found, np.float32)


# %% wrong: every run counts the same | settings with many runs count more
def two_factors(a, b, y):
    return [y[code > 0].mean() - y[code < 0].mean() for code in (a, b, a * b)]


# %% wrong: the coefficients | step of two
def two_factors(a, b, y):
    x = np.column_stack([np.ones(len(y)), a, b, a * b])
    return np.linalg.lstsq(x, y, rcond=None)[0][1:]


# %% wrong: twice the effects | twice the effects
def two_factors(a, b, y):
    x = np.column_stack([np.ones(len(y)), a, b, a * b])
    return 4 * np.linalg.lstsq(x, y, rcond=None)[0][1:]


# %% wrong: the interaction is not halved | whole difference
def two_factors(a, b, y):
    x = np.column_stack([np.ones(len(y)), a, b, a * b])
    return np.linalg.lstsq(x, y, rcond=None)[0][1:] * [2, 2, 4]


# %% wrong: the interaction is a coefficient | half of the interaction
def two_factors(a, b, y):
    x = np.column_stack([np.ones(len(y)), a, b, a * b])
    return np.linalg.lstsq(x, y, rcond=None)[0][1:] * [2, 2, 1]


# %% wrong: off minus on | signs are turned round
def two_factors(a, b, y):
    x = np.column_stack([np.ones(len(y)), a, b, a * b])
    return -2 * np.linalg.lstsq(x, y, rcond=None)[0][1:]


# %% wrong: a and b exchanged | exchanged
def two_factors(a, b, y):
    x = np.column_stack([np.ones(len(y)), b, a, a * b])
    return 2 * np.linalg.lstsq(x, y, rcond=None)[0][1:]


# %% wrong: a model without the interaction | means of the four settings
def two_factors(a, b, y):
    x = np.column_stack([np.ones(len(y)), a, b])
    effects = 2 * np.linalg.lstsq(x, y, rcond=None)[0][1:]
    return *effects, 0.0


# %% wrong: interaction with the sign turned round | sign is turned round
def two_factors(a, b, y):
    x = np.column_stack([np.ones(len(y)), a, b, a * b])
    return np.linalg.lstsq(x, y, rcond=None)[0][1:] * [2, 2, -2]


# %% wrong: one number | shape
def two_factors(a, b, y):
    return y[a > 0].mean() - y[a < 0].mean()


# %% wrong: the stub | stub
def two_factors(a, b, y): ...
