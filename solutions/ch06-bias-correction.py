# %% setup
import numpy as np


# %% reference
def running_means(values, beta):
    means, mean = [], 0.0
    for t, value in enumerate(values, start=1):
        mean = beta * mean + (1 - beta) * value
        means.append(mean / (1 - beta**t))
    return np.array(means)


# %% right: weights written out
def running_means(values, beta):
    means = []
    for t in range(1, len(values) + 1):
        weights = beta ** np.arange(t)[::-1]
        means.append(float(weights @ values[:t] / weights.sum()))
    return means


# %% right: in single precision
def running_means(values, beta):
    means = np.zeros(len(values), dtype=np.float32)
    mean = np.float32(0)
    for t, value in enumerate(np.asarray(values, dtype=np.float32)):
        mean = np.float32(beta) * mean + np.float32(1 - beta) * value
        means[t] = mean / (1 - beta ** (t + 1))
    return means


# %% wrong: not corrected | before the correction
def running_means(values, beta):
    means, mean = [], 0.0
    for value in values:
        mean = beta * mean + (1 - beta) * value
        means.append(mean)
    return np.array(means)


# %% wrong: the same correction in every step | changes with the step
def running_means(values, beta):
    means, mean = [], 0.0
    for value in values:
        mean = beta * mean + (1 - beta) * value
        means.append(mean / (1 - beta))
    return np.array(means)


# %% wrong: steps counted from zero | not finite
def running_means(values, beta):
    means, mean = [], 0.0
    for t, value in enumerate(np.array(values)):
        mean = beta * mean + (1 - beta) * value
        with np.errstate(all="ignore"):
            means.append(np.float64(mean) / (1 - beta**t))
    return np.array(means)


# %% wrong: one step ahead | runs ahead
def running_means(values, beta):
    means, mean = [], 0.0
    for t, value in enumerate(values, start=2):
        mean = beta * mean + (1 - beta) * value
        means.append(mean / (1 - beta**t))
    return np.array(means)


# %% wrong: multiplies | should divide
def running_means(values, beta):
    means, mean = [], 0.0
    for t, value in enumerate(values, start=1):
        mean = beta * mean + (1 - beta) * value
        means.append(mean * (1 - beta**t))
    return np.array(means)


# %% wrong: divides by the power | not by a power
def running_means(values, beta):
    means, mean = [], 0.0
    for t, value in enumerate(values, start=1):
        mean = beta * mean + (1 - beta) * value
        means.append(mean / beta**t)
    return np.array(means)


# %% wrong: beta in the wrong place | changed places
def running_means(values, beta):
    means, mean = [], 0.0
    for t, value in enumerate(values, start=1):
        mean = (1 - beta) * mean + beta * value
        means.append(mean / (1 - (1 - beta) ** t))
    return np.array(means)


# %% wrong: the ordinary mean | nothing is forgotten
def running_means(values, beta):
    return np.cumsum(values) / np.arange(1, len(values) + 1)


# %% wrong: carries the corrected mean on | carry on the uncorrected
def running_means(values, beta):
    means, mean = [], 0.0
    for t, value in enumerate(values, start=1):
        mean = (beta * mean + (1 - beta) * value) / (1 - beta**t)
        means.append(mean)
    return np.array(means)


# %% wrong: starts from the first value | from the first value
def running_means(values, beta):
    means, mean = [], values[0]
    for value in values:
        mean = beta * mean + (1 - beta) * value
        means.append(mean)
    return np.array(means)


# %% wrong: the last mean only | shape
def running_means(values, beta):
    mean = 0.0
    for value in values:
        mean = beta * mean + (1 - beta) * value
    return mean / (1 - beta ** len(values))


# %% wrong: prints | return
def running_means(values, beta):
    print(values)


# %% wrong: the stub | stub
def running_means(values, beta): ...
