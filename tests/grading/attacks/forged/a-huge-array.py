import numpy as np


def stable_limit(h):
    return np.ones(40_000_000)
