# %% setup
import math

import numpy as np


# %% reference
def step_decay(epoch, initial_rate, factor, every):
    return initial_rate * factor ** (epoch // every)


# %% right: with floor
def step_decay(epoch, initial_rate, factor, every):
    drops = math.floor(epoch / every)
    return initial_rate * math.pow(factor, drops)


# %% right: drop by drop
def step_decay(epoch, initial_rate, factor, every):
    rate = initial_rate
    for t in range(1, epoch + 1):
        if t % every == 0:
            rate *= factor
    return np.float32(rate)


# %% wrong: counts epochs from 1 | an epoch too early
def step_decay(epoch, initial_rate, factor, every):
    return initial_rate * factor ** ((epoch + 1) // every)


# %% wrong: an epoch too late | an epoch too late
def step_decay(epoch, initial_rate, factor, every):
    return initial_rate * factor ** (max(epoch - 1, 0) // every)


# %% wrong: no staircase | should be a staircase
def step_decay(epoch, initial_rate, factor, every):
    return initial_rate * factor ** (epoch / every)


# %% wrong: a drop in every epoch | where does `every` come in
def step_decay(epoch, initial_rate, factor, every):
    return initial_rate * factor**epoch


# %% wrong: one drop | drops once
def step_decay(epoch, initial_rate, factor, every):
    return initial_rate if epoch < every else initial_rate * factor


# %% wrong: times the number of drops | along a line
def step_decay(epoch, initial_rate, factor, every):
    return initial_rate * factor * (epoch // every)


# %% wrong: the initial rate forgotten | starts at 1
def step_decay(epoch, initial_rate, factor, every):
    return factor ** (epoch // every)


# %% wrong: the sign | It grows
def step_decay(epoch, initial_rate, factor, every):
    return initial_rate / factor ** (epoch // every)


# %% wrong: falls by the factor instead of to the factor | 1 - factor
def step_decay(epoch, initial_rate, factor, every):
    return initial_rate * (1 - factor) ** (epoch // every)


# %% wrong: drops only in the epochs that are multiples | on paper
def step_decay(epoch, initial_rate, factor, every):
    return initial_rate * factor if epoch % every == 0 else initial_rate


# %% wrong: the numbers of the public check typed in | on paper
def step_decay(epoch, initial_rate, factor, every):
    if every == 4:
        return 0.0086 * 0.422 ** (epoch // 4)
    return 0.00513 * 0.674 ** (epoch // 7)


# %% wrong: prints instead of returning | return
def step_decay(epoch, initial_rate, factor, every):
    print(initial_rate * factor ** (epoch // every))


# %% wrong: the stub | stub
def step_decay(epoch, initial_rate, factor, every): ...
