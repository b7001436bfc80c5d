# %% setup
import numpy as np
from scipy import optimize


# %% reference
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    starts = rng.uniform(low, high, size=(restarts, 2))
    ends = [
        optimize.minimize(
            function,
            start,
            method="L-BFGS-B",
            jac=function.gradient,
            bounds=function.bounds,
        )
        for start in starts
    ]
    return min(ends, key=lambda end: end.fun)


# %% right: one start at a time, keeps the best so far
def random_restarts(function, restarts, rng):
    (x_low, x_high), (y_low, y_high) = function.bounds
    best = None
    for _ in range(restarts):
        start = [rng.uniform(x_low, x_high), rng.uniform(y_low, y_high)]
        end = optimize.minimize(
            function, start, method="L-BFGS-B", jac=function.gradient
        )
        if best is None or end.fun < best.fun:
            best = end
    return best


# %% right: value and gradient in one function, starts scaled by hand
def random_restarts(function, restarts, rng):
    bounds = np.array(function.bounds)
    widths = bounds[:, 1] - bounds[:, 0]
    starts = bounds[:, 0] + widths * rng.random((restarts, 2))

    def both(point):
        return function(point), function.gradient(point)

    ends = [optimize.minimize(both, s, jac=True, bounds=bounds) for s in starts]
    return ends[np.argmin([function(end.x) for end in ends])]


# %% wrong: returns the last run | last run was returned
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    for start in rng.uniform(low, high, size=(restarts, 2)):
        end = optimize.minimize(
            function, start, jac=function.gradient, bounds=function.bounds
        )
    return end


# %% wrong: the highest end | ended lower
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    ends = [
        optimize.minimize(
            function, start, jac=function.gradient, bounds=function.bounds
        )
        for start in rng.uniform(low, high, size=(restarts, 2))
    ]
    return max(ends, key=lambda end: end.fun)


# %% wrong: trusts the flag | has every start its run
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    for start in rng.uniform(low, high, size=(restarts, 2)):
        end = optimize.minimize(
            function, start, jac=function.gradient, bounds=function.bounds
        )
        if end.success:
            return end


# %% wrong: the fewest evaluations are taken for the best | ended lower
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    ends = [
        optimize.minimize(
            function, start, jac=function.gradient, bounds=function.bounds
        )
        for start in rng.uniform(low, high, size=(restarts, 2))
    ]
    return min(ends, key=lambda end: end.nfev)


# %% wrong: bounds not transposed | moved to their edge
def random_restarts(function, restarts, rng):
    low, high = function.bounds
    ends = [
        optimize.minimize(
            function, start, jac=function.gradient, bounds=function.bounds
        )
        for start in rng.uniform(low, high, size=(restarts, 2))
    ]
    return min(ends, key=lambda end: end.fun)


# %% wrong: starts between 0 and 1 | do not fill the bounds|outside the bounds
def random_restarts(function, restarts, rng):
    ends = [
        optimize.minimize(function, rng.random(2), jac=function.gradient)
        for _ in range(restarts)
    ]
    return min(ends, key=lambda end: end.fun)


# %% wrong: starts from a normal distribution | moved to their edge
def random_restarts(function, restarts, rng):
    ends = [
        optimize.minimize(
            function,
            rng.normal(0, 4, 2),
            jac=function.gradient,
            bounds=function.bounds,
        )
        for _ in range(restarts)
    ]
    return min(ends, key=lambda end: end.fun)


# %% wrong: the same random number for both coordinates | depend on each other
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    ends = [
        optimize.minimize(
            function,
            low + rng.random() * (high - low),
            jac=function.gradient,
            bounds=function.bounds,
        )
        for _ in range(restarts)
    ]
    return min(ends, key=lambda end: end.fun)


# %% wrong: one start for all runs | start at the same point
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    start = rng.uniform(low, high)
    ends = [
        optimize.minimize(
            function, start, jac=function.gradient, bounds=function.bounds
        )
        for _ in range(restarts)
    ]
    return min(ends, key=lambda end: end.fun)


# %% wrong: one start too many | different starts
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    best = optimize.minimize(
        function,
        rng.uniform(low, high),
        jac=function.gradient,
        bounds=function.bounds,
    )
    for _ in range(restarts):
        end = optimize.minimize(
            function,
            rng.uniform(low, high),
            jac=function.gradient,
            bounds=function.bounds,
        )
        best = min(best, end, key=lambda end: end.fun)
    return best


# %% wrong: always ten restarts | different starts
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    ends = [
        optimize.minimize(
            function, start, jac=function.gradient, bounds=function.bounds
        )
        for start in rng.uniform(low, high, size=(10, 2))
    ]
    return min(ends, key=lambda end: end.fun)


# %% wrong: without the gradient | three evaluations a point
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    ends = [
        optimize.minimize(function, start, bounds=function.bounds)
        for start in rng.uniform(low, high, size=(restarts, 2))
    ]
    return min(ends, key=lambda end: end.fun)


# %% wrong: a generator of its own | another `rng`
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    starts = np.random.default_rng(1).uniform(low, high, size=(restarts, 2))
    ends = [
        optimize.minimize(
            function, start, jac=function.gradient, bounds=function.bounds
        )
        for start in starts
    ]
    return min(ends, key=lambda end: end.fun)


# %% wrong: NumPy's global generator | same again
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    ends = [
        optimize.minimize(
            function, start, jac=function.gradient, bounds=function.bounds
        )
        for start in np.random.uniform(low, high, size=(restarts, 2))
    ]
    return min(ends, key=lambda end: end.fun)


# %% wrong: returns the point only | with `.x` and `.fun`
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    ends = [
        optimize.minimize(
            function, start, jac=function.gradient, bounds=function.bounds
        )
        for start in rng.uniform(low, high, size=(restarts, 2))
    ]
    return min(ends, key=lambda end: end.fun).x


# %% wrong: returns all results | with `.x` and `.fun`
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    return [
        optimize.minimize(
            function, start, jac=function.gradient, bounds=function.bounds
        )
        for start in rng.uniform(low, high, size=(restarts, 2))
    ]


# %% wrong: no return | return
def random_restarts(function, restarts, rng):
    low, high = np.transpose(function.bounds)
    ends = [
        optimize.minimize(
            function, start, jac=function.gradient, bounds=function.bounds
        )
        for start in rng.uniform(low, high, size=(restarts, 2))
    ]
    print(min(ends, key=lambda end: end.fun).x)


# %% wrong: the stub | stub
def random_restarts(function, restarts, rng): ...
