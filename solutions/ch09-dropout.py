# %% setup
import numpy as np


# %% reference
def dropout(x, rate, rng, training):
    if not training:
        return x
    keep = rng.random(x.shape) >= rate
    return np.where(keep, x / (1 - rate), 0)


# %% right: a product with a binomial mask
def dropout(x, rate, rng, training):
    mask = rng.binomial(1, 1 - rate, size=x.shape)
    return x * mask / (1 - rate) if training else x.copy()


# %% right: number by number, in single precision
def dropout(x, rate, rng, training):
    if not training:
        return x
    scale = 1 / (1 - rate)
    rows = [[scale * v if rng.uniform() > rate else 0.0 for v in row] for row in x]
    return np.array(rows, dtype=np.float32)


# %% right: with positions that are set to zero
def dropout(x, rate, rng, training):
    h = np.array(x, dtype=float)
    if training:
        h /= 1 - rate
        h[rng.choice([True, False], size=h.shape, p=[rate, 1 - rate])] = 0
    return h


# %% wrong: the rate is what is kept | share to drop, not the share to keep
def dropout(x, rate, rng, training):
    if not training:
        return x
    return x * (rng.random(x.shape) < rate) / rate


# %% wrong: not scaled in training | not scaled at all
def dropout(x, rate, rng, training):
    if not training:
        return x
    return x * (rng.random(x.shape) >= rate)


# %% wrong: scaled at inference instead of in training | scaled by the share that is kept
def dropout(x, rate, rng, training):
    if not training:
        return x * (1 - rate)
    return x * (rng.random(x.shape) >= rate)


# %% wrong: scaled in training and at inference | Wrong at inference. The signal is scaled
def dropout(x, rate, rng, training):
    if not training:
        return x * (1 - rate)
    return x * (rng.random(x.shape) >= rate) / (1 - rate)


# %% wrong: divided by the rate | divided by the share that is dropped
def dropout(x, rate, rng, training):
    if not training:
        return x
    return x * (rng.random(x.shape) >= rate) / rate


# %% wrong: training ignored | dropped here as well
def dropout(x, rate, rng, training):
    return x * (rng.random(x.shape) >= rate) / (1 - rate)


# %% wrong: one mask for the whole batch | same units are dropped for every example
def dropout(x, rate, rng, training):
    if not training:
        return x
    return x * (rng.random(x.shape[1]) >= rate) / (1 - rate)


# %% wrong: whole examples | Whole examples are dropped
def dropout(x, rate, rng, training):
    if not training:
        return x
    return x * (rng.random((len(x), 1)) >= rate) / (1 - rate)


# %% wrong: a fixed number of units | number of dropped units is always the same
def dropout(x, rate, rng, training):
    if not training:
        return x
    units = x.shape[1]
    order = rng.permuted(np.tile(np.arange(units), (len(x), 1)), axis=1)
    return np.where(order >= round(rate * units), x / (1 - rate), 0)


# %% wrong: chance that no seed controls | take all chance from `rng`
def dropout(x, rate, rng, training):
    if not training:
        return x
    return x * (np.random.rand(*x.shape) >= rate) / (1 - rate)


# %% wrong: a new generator at each call | do not start a new generator
def dropout(x, rate, rng, training):
    if not training:
        return x
    rng = np.random.default_rng(0)
    return x * (rng.random(x.shape) >= rate) / (1 - rate)


# %% wrong: changes its argument | changed as well
def dropout(x, rate, rng, training):
    if training:
        x[rng.random(x.shape) < rate] = 0
        x /= 1 - rate
    return x


# %% wrong: returns the mask | is it `x` that is kept
def dropout(x, rate, rng, training):
    if not training:
        return x
    return (rng.random(x.shape) >= rate).astype(float)


# %% wrong: does nothing | Nothing is dropped
def dropout(x, rate, rng, training):
    return x


# %% wrong: the public rate typed in | wrong share is dropped
def dropout(x, rate, rng, training):
    if not training:
        return x
    return x * (rng.random(x.shape) >= 0.5) / 0.5


# %% wrong: the stub | stub
def dropout(x, rate, rng, training): ...
