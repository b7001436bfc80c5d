import numpy as np


def stable_limit(h):
    return np.ones((3, 0, 2))
