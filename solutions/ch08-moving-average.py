# %% setup
import math

import numpy as np


# %% reference
def momentum_for(examples, batch_size, epochs, share):
    updates = epochs * np.ceil(examples / batch_size)
    return share ** (1 / updates)


# %% right: by logarithms
def momentum_for(examples, batch_size, epochs, share):
    batches = -(-examples // batch_size)
    return np.exp(np.log(share) / (epochs * batches))


# %% right: counts the updates one by one and searches
def momentum_for(examples, batch_size, epochs, share):
    updates = 0
    for _ in range(epochs):
        updates += len(range(0, examples, batch_size))
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle**updates < share else (low, middle)
    return (low + high) / 2


# %% wrong: loses the last batch | smaller batch of an epoch
def momentum_for(examples, batch_size, epochs, share):
    return share ** (1 / (epochs * (examples // batch_size)))


# %% wrong: parts of an update | whole number
def momentum_for(examples, batch_size, epochs, share):
    return share ** (batch_size / (epochs * examples))


# %% wrong: once in an epoch | not once in an epoch
def momentum_for(examples, batch_size, epochs, share):
    return share ** (1 / epochs)


# %% wrong: one epoch | single epoch
def momentum_for(examples, batch_size, epochs, share):
    return share ** (1 / math.ceil(examples / batch_size))


# %% wrong: every example | not a single example
def momentum_for(examples, batch_size, epochs, share):
    return share ** (1 / (epochs * examples))


# %% wrong: the weight of the new batch | weight of the new batch
def momentum_for(examples, batch_size, epochs, share):
    return 1 - share ** (1 / (epochs * math.ceil(examples / batch_size)))


# %% wrong: what has come in | what is left of the start
def momentum_for(examples, batch_size, epochs, share):
    return (1 - share) ** (1 / (epochs * math.ceil(examples / batch_size)))


# %% wrong: a straight line | straight line
def momentum_for(examples, batch_size, epochs, share):
    return 1 - (1 - share) / (epochs * math.ceil(examples / batch_size))


# %% wrong: the share itself | Wrong for epochs
def momentum_for(examples, batch_size, epochs, share):
    return share


# %% wrong: Keras's default | Wrong for epochs
def momentum_for(examples, batch_size, epochs, share):
    return 0.99


# %% wrong: the stub | stub
def momentum_for(examples, batch_size, epochs, share): ...
