# %% setup
import numpy as np


# %% reference
def critical_spread(fan_in, fan_out, slope):
    forward = 1 / (slope * np.sqrt(fan_in))
    backward = 1 / (slope * np.sqrt(fan_out))
    return forward, backward


# %% right: from the variances, as an array
def critical_spread(fan_in, fan_out, slope):
    terms = np.array([fan_in, fan_out])
    return np.sqrt(1 / (terms * slope**2))


# %% right: as a list, rounded
def critical_spread(fan_in, fan_out, slope):
    return [float(f"{(n * slope**2) ** -0.5:.5g}") for n in (fan_in, fan_out)]


# %% wrong: forward and backward swapped | other direction
def critical_spread(fan_in, fan_out, slope):
    return 1 / (slope * np.sqrt(fan_out)), 1 / (slope * np.sqrt(fan_in))


# %% wrong: the variance | standard deviation is asked for
def critical_spread(fan_in, fan_out, slope):
    return 1 / (slope**2 * fan_in), 1 / (slope**2 * fan_out)


# %% wrong: Glorot's rule for both | Glorot's compromise
def critical_spread(fan_in, fan_out, slope):
    spread = np.sqrt(2 / (fan_in + fan_out)) / slope
    return spread, spread


# %% wrong: the slope forgotten | slope of the activation is missing
def critical_spread(fan_in, fan_out, slope):
    return 1 / np.sqrt(fan_in), 1 / np.sqrt(fan_out)


# %% wrong: the slope on the wrong side | which side of the fraction
def critical_spread(fan_in, fan_out, slope):
    return slope / np.sqrt(fan_in), slope / np.sqrt(fan_out)


# %% wrong: the factor itself | factor of a layer whose weights
def critical_spread(fan_in, fan_out, slope):
    return slope * np.sqrt(fan_in), slope * np.sqrt(fan_out)


# %% wrong: standard deviations added up | variances add up
def critical_spread(fan_in, fan_out, slope):
    return 1 / (slope * fan_in), 1 / (slope * fan_out)


# %% wrong: the slope as a factor of the variance | multiplies the spread
def critical_spread(fan_in, fan_out, slope):
    return 1 / np.sqrt(slope * fan_in), 1 / np.sqrt(slope * fan_out)


# %% wrong: fan_in for both directions | way backward.*other direction
def critical_spread(fan_in, fan_out, slope):
    return 1 / (slope * np.sqrt(fan_in)), 1 / (slope * np.sqrt(fan_in))


# %% wrong: only one number | shape
def critical_spread(fan_in, fan_out, slope):
    return 1 / (slope * np.sqrt(fan_in))


# %% wrong: the public answer typed in | by what a layer multiplies
def critical_spread(fan_in, fan_out, slope):
    known = {431: (0.1120, 0.1768), 52: (0.3649, 0.2509), 484: (0.1567, 0.2653)}
    return known.get(fan_in, (0.1120, 0.1768))


# %% wrong: the stub | stub
def critical_spread(fan_in, fan_out, slope): ...
