# %% setup
import numpy as np


# %% reference
def kind_of_point(function, point):
    # In each direction, gradient / curvature is the way to where the slope
    # is zero: a length, to be compared with the size of the map.
    curvatures, directions = np.linalg.eigh(function.hessian(point))
    slopes = directions.T @ function.gradient(point)
    width = np.ptp(function.bounds, axis=1).min()
    if np.any(np.abs(slopes) > 1e-4 * width * np.abs(curvatures)):
        return "not stationary"
    if np.all(curvatures > 0):
        return "minimum"
    if np.all(curvatures < 0):
        return "maximum"
    return "saddle"


# %% right: with Newton's step, trace and determinant
def kind_of_point(function, point):
    hessian = function.hessian(point)
    step = np.linalg.solve(hessian, function.gradient(point))
    (low, high), _ = function.bounds
    if np.linalg.norm(step) > 1e-3 * (high - low):
        return "not stationary"
    (a, b), (_, d) = hessian
    if a * d - b * b < 0:
        return "saddle"
    return "minimum" if a + d > 0 else "maximum"


# %% right: walks to the stationary point and looks how far it was
def kind_of_point(function, point):
    place = np.array(point, dtype=float)
    for _ in range(3):
        place = place - np.linalg.inv(function.hessian(place)) @ (
            function.gradient(place)
        )
    widths = np.diff(function.bounds, axis=1)[:, 0]
    if np.any(np.abs(place - point) > 1e-5 * widths):
        return "not stationary"
    up = np.sum(np.linalg.eigvalsh(function.hessian(point)) > 0)
    return ["maximum", "saddle", "minimum"][up]


# %% wrong: the gradient compared with a fixed number | [Cc]ompared with what
def kind_of_point(function, point):
    if np.linalg.norm(function.gradient(point)) > 1e-3:
        return "not stationary"
    curvatures = np.linalg.eigvalsh(function.hessian(point))
    if np.all(curvatures > 0):
        return "minimum"
    return "maximum" if np.all(curvatures < 0) else "saddle"


# %% wrong: the gradient must be exactly zero | compared with what
def kind_of_point(function, point):
    if np.any(function.gradient(point) != 0):
        return "not stationary"
    curvatures = np.linalg.eigvalsh(function.hessian(point))
    if np.all(curvatures > 0):
        return "minimum"
    return "maximum" if np.all(curvatures < 0) else "saddle"


# %% wrong: compared with the largest curvature only | in each direction
def kind_of_point(function, point):
    curvatures = np.linalg.eigvalsh(function.hessian(point))
    length = np.linalg.norm(function.gradient(point)) / np.abs(curvatures).max()
    if length > 1e-4 * np.ptp(function.bounds, axis=1).max():
        return "not stationary"
    if np.all(curvatures > 0):
        return "minimum"
    return "maximum" if np.all(curvatures < 0) else "saddle"


# %% wrong: the length of the step is not compared with the map | compared with what
def kind_of_point(function, point):
    hessian = function.hessian(point)
    step = np.linalg.solve(hessian, function.gradient(point))
    if np.linalg.norm(step) > 1e-6:
        return "not stationary"
    up = np.sum(np.linalg.eigvalsh(hessian) > 0)
    return ["maximum", "saddle", "minimum"][up]


# %% wrong: minimum and maximum swapped | signs of both curvatures
def kind_of_point(function, point):
    hessian = function.hessian(point)
    step = np.linalg.solve(hessian, function.gradient(point))
    if np.linalg.norm(step) > 1e-4 * np.ptp(function.bounds, axis=1).max():
        return "not stationary"
    up = np.sum(np.linalg.eigvalsh(hessian) > 0)
    return ["minimum", "saddle", "maximum"][up]


# %% wrong: the diagonal instead of the curvatures | signs of both curvatures
def kind_of_point(function, point):
    hessian = function.hessian(point)
    step = np.linalg.solve(hessian, function.gradient(point))
    if np.linalg.norm(step) > 1e-4 * np.ptp(function.bounds, axis=1).max():
        return "not stationary"
    up = np.sum(np.diag(hessian) > 0)
    return ["maximum", "saddle", "minimum"][up]


# %% wrong: no look at the gradient | far from the center
def kind_of_point(function, point):
    up = np.sum(np.linalg.eigvalsh(function.hessian(point)) > 0)
    return ["maximum", "saddle", "minimum"][up]


# %% wrong: other words | should return one of
def kind_of_point(function, point):
    up = np.sum(np.linalg.eigvalsh(function.hessian(point)) > 0)
    return ["local maximum", "saddle point", "local minimum"][up]


# %% wrong: a truth value | should be a text
def kind_of_point(function, point):
    return bool(np.all(np.linalg.eigvalsh(function.hessian(point)) > 0))


# %% wrong: always a minimum | is called a minimum
def kind_of_point(function, point):
    return "minimum"


# %% wrong: the stub | stub
def kind_of_point(function, point): ...
