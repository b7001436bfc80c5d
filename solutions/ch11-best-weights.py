# %% setup
import numpy as np
from scipy import optimize


# %% reference
def best_weights(errors):
    w = np.linalg.solve(errors @ errors.T, np.ones(len(errors)))
    return w / w.sum()


# %% right: with the multiplier as an unknown
def best_weights(errors):
    m = len(errors)
    system = np.ones((m + 1, m + 1))
    system[:m, :m] = errors @ errors.T / errors.shape[1]
    system[m, m] = 0
    return np.linalg.solve(system, np.eye(m + 1)[m])[:m]


# %% right: the last weight is what is left, by least squares
def best_weights(errors):
    # w @ errors = errors[-1] + sum of w_i * (errors[i] - errors[-1])
    differences = (errors[:-1] - errors[-1]).T
    w, *_ = np.linalg.lstsq(differences, -errors[-1], rcond=None)
    return [*w, 1 - w.sum()]


# %% right: by an optimizer
def best_weights(errors):
    m = len(errors)
    found = optimize.minimize(
        lambda w: np.mean((w @ errors) ** 2),
        np.full(m, 1 / m),
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-12, "maxiter": 1000},
    )
    return found.x


# %% wrong: equal weights | Equal weights
def best_weights(errors):
    return np.full(len(errors), 1 / len(errors))


# %% wrong: by the mean squares alone | who errs together
def best_weights(errors):
    w = 1 / np.mean(errors**2, axis=1)
    return w / w.sum()


# %% wrong: without the bias | bias is an error
def best_weights(errors):
    w = np.linalg.solve(np.cov(errors), np.ones(len(errors)))
    return w / w.sum()


# %% wrong: not scaled | add up to
def best_weights(errors):
    return np.linalg.solve(errors @ errors.T / errors.shape[1], np.ones(len(errors)))


# %% wrong: length one | sum that should be
def best_weights(errors):
    w = np.linalg.solve(errors @ errors.T, np.ones(len(errors)))
    return w / np.linalg.norm(w)


# %% wrong: nothing negative | Negative weights are allowed
def best_weights(errors):
    w = np.linalg.solve(errors @ errors.T, np.ones(len(errors)))
    w = np.maximum(w / w.sum(), 0)
    return w / w.sum()


# %% wrong: the best one | best predictor alone
def best_weights(errors):
    return np.eye(len(errors))[np.mean(errors**2, axis=1).argmin()]


# %% wrong: larger errors, larger weights | larger errors get larger weights
def best_weights(errors):
    w = np.mean(errors**2, axis=1)
    return w / w.sum()


# %% wrong: by the root of the mean squares | root of the mean squares
def best_weights(errors):
    w = 1 / np.sqrt(np.mean(errors**2, axis=1))
    return w / w.sum()


# %% wrong: a weight for each example | shape
def best_weights(errors):
    return np.full(errors.shape[1], 1 / errors.shape[1])


# %% wrong: the stub | stub
def best_weights(errors): ...
