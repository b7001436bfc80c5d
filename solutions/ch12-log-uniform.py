# %% setup
import numpy as np
from scipy import stats


# %% reference
def log_uniform(u, low, high):
    return low * (high / low) ** u


# %% right: through the exponents
def log_uniform(u, low, high):
    exponent = np.log10(low) + u * (np.log10(high) - np.log10(low))
    return 10**exponent


# %% right: through natural logarithms, in float32
def log_uniform(u, low, high):
    return np.float32(np.exp((1 - u) * np.log(low) + u * np.log(high)))


# %% right: with SciPy
def log_uniform(u, low, high):
    return stats.loguniform(low, high).ppf(u)


# %% wrong: uniform | uniform on the rates
def log_uniform(u, low, high):
    return low + u * (high - low)


# %% wrong: the exponents | powers of ten, not yet the rates
def log_uniform(u, low, high):
    return np.log10(low) + u * np.log10(high / low)


# %% wrong: the natural logarithms | natural logarithms
def log_uniform(u, low, high):
    return np.log(low) + u * np.log(high / low)


# %% wrong: two bases mixed | power has base e
def log_uniform(u, low, high):
    return np.exp(np.log10(low) + u * np.log10(high / low))


# %% wrong: two bases mixed the other way round | power has base 10
def log_uniform(u, low, high):
    return 10 ** (np.log(low) + u * np.log(high / low))


# %% wrong: the ends exchanged | exchanged
def log_uniform(u, low, high):
    return high * (low / high) ** u


# %% wrong: the lower end forgotten | Where is the lower end
def log_uniform(u, low, high):
    return (high / low) ** u


# %% wrong: the range of the lesson typed in | Which rates belong to
def log_uniform(u, low, high):
    return 10 ** (-4 + 2 * u)


# %% wrong: the ranges of the public check typed in | Which rates belong to
def log_uniform(u, low, high):
    return 2.28e-05 * 158.8**u if low < 1e-4 else 0.00019 * 114.2**u


# %% wrong: draws by itself and ignores u | Which rates belong to
def log_uniform(u, low, high):
    return low * (high / low) ** np.random.default_rng().uniform()


# %% wrong: nothing is returned | return
def log_uniform(u, low, high):
    rate = low * (high / low) ** u  # noqa: F841


# %% wrong: the stub | stub
def log_uniform(u, low, high): ...
