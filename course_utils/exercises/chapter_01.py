"""Exercises of chapter 1: minimizing a function."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from course_utils.exercises._answer import Answer, WrongForm, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt
from course_utils.functions import BenchmarkFunction, beale

__all__ = ["EXERCISES"]

_TOLERANCE = 1e-4  # single precision passes, also after many steps


# 1.1 The largest stable learning rate


def _random_hessian(rng: np.random.Generator, size: int) -> Any:
    """Returns a symmetric matrix with positive eigenvalues, of shape (size, size)."""
    directions, _ = np.linalg.qr(rng.normal(size=(size, size)))
    curvatures = rng.uniform(1.0, 4.0, size) ** 3
    return (directions * curvatures) @ directions.T


def _limit_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"hessians": [_random_hessian(rng, size) for size in (2, 3, 5)]}


def _limit_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        f"stable_limit({len(h)} x {len(h)})": attempt(answer, np.array(h))
        for h in inputs["hessians"]
    }


def _limit_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    for points, hessian in zip((1, 0.5, 0.5), inputs["hessians"], strict=True):
        size = len(hessian)
        curvatures = np.linalg.eigvalsh(hessian)
        limit = answer.number(f"stable_limit({size} x {size})")
        hint = likely_mistake(
            limit,
            {
                "This is the limit along the smallest curvature; along the largest one steps "
                "with it already grow.": 2 / curvatures[0],
                "With this rate the steepest direction is at its end after one step. "
                "How much longer may a step be before it grows?": 1 / curvatures[-1],
                "This is the curvature, not yet the learning rate.": curvatures[-1],
                "The limit gets smaller with the curvature: look at the fraction.": curvatures[-1]
                / 2,
                "The entries on the diagonal are not the curvatures if the others are not 0.": 2
                / np.diag(hessian).max(),
            },
            otherwise="Which curvature decides, and by how much may a step overshoot?",
            rtol=_TOLERANCE,
        )
        yield part(
            points,
            close(limit, 2 / curvatures[-1], rtol=_TOLERANCE),
            right=f"Right with {size} variables.",
            wrong=f"Wrong with {size} variables. {hint}",
        )


STABLE_LIMIT = Exercise(
    id="ch01-stable-limit",
    title="The largest stable learning rate",
    difficulty="warm-up",
    points=2,
    minutes=5,
    objective="compute from the Hessian which learning rates are stable",
    name="stable_limit",
    inputs=_limit_inputs,
    probe=_limit_probe,
    judge=_limit_judge,
)


# Functions that nobody has seen before: both sides build them from plain data


def _function(data: dict[str, Any]) -> BenchmarkFunction:
    """Builds a function of two variables: a bowl, a well, waves or a multiple of Beale's."""
    build = {"bowl": _bowl, "well": _well, "waves": _waves, "beale": _multiple_of_beale}
    value, gradient, hessian = build[data["kind"]](data)
    (x_low, x_high), (y_low, y_high) = np.asarray(data["bounds"]).tolist()
    return BenchmarkFunction(
        name="of the check",
        formula="",
        bounds=((x_low, x_high), (y_low, y_high)),
        minima=(),
        source="",
        _value=value,
        _gradient=gradient,
        _hessian=hessian,
    )


def _bowl(data: dict[str, Any]) -> tuple[Any, Any, Any]:
    """A quadratic with any signs of its curvatures."""
    (xx, xy), (_, yy) = data["hessian"]
    x_0, y_0 = data["center"]

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        return xx * (x - x_0) + xy * (y - y_0), xy * (x - x_0) + yy * (y - y_0)

    def value(x: Any, y: Any) -> Any:
        d_x, d_y = gradient(x, y)
        return ((x - x_0) * d_x + (y - y_0) * d_y) / 2

    return value, gradient, lambda x, y: (np.array(xx), np.array(xy), np.array(yy))


def _well(data: dict[str, Any]) -> tuple[Any, Any, Any]:
    """A round hole (or a hill) in a plain: outside, everything is nearly 0."""
    (x_0, y_0), width, height = data["center"], data["width"], data["height"]

    def value(x: Any, y: Any) -> Any:
        return height * np.exp(-((x - x_0) ** 2 + (y - y_0) ** 2) / (2 * width**2))

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        slope = -value(x, y) / width**2
        return slope * (x - x_0), slope * (y - y_0)

    def hessian(x: Any, y: Any) -> tuple[Any, Any, Any]:
        curvature = value(x, y) / width**2
        u, v = (x - x_0) / width, (y - y_0) / width
        return curvature * (u * u - 1), curvature * u * v, curvature * (v * v - 1)

    return value, gradient, hessian


def _waves(data: dict[str, Any]) -> tuple[Any, Any, Any]:
    """A flat bowl with waves in two directions: a dozen minima of different depth."""
    (a, b), (c, d) = data["waves"]
    (x_0, y_0), (p, q), s = data["center"], data["phases"], data["curvature"]

    def value(x: Any, y: Any) -> Any:
        bowl = s / 2 * ((x - x_0) ** 2 + (y - y_0) ** 2)
        return bowl + np.cos(a * x + b * y + p) + np.cos(c * x + d * y + q)

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        first, second = np.sin(a * x + b * y + p), np.sin(c * x + d * y + q)
        return s * (x - x_0) - a * first - c * second, s * (y - y_0) - b * first - d * second

    def hessian(x: Any, y: Any) -> tuple[Any, Any, Any]:
        first, second = np.cos(a * x + b * y + p), np.cos(c * x + d * y + q)
        return (
            s - a * a * first - c * c * second,
            -a * b * first - c * d * second,
            s - b * b * first - d * d * second,
        )

    return value, gradient, hessian


def _multiple_of_beale(data: dict[str, Any]) -> tuple[Any, Any, Any]:
    factor = data["factor"]

    def times(parts: Any) -> Any:
        return tuple(factor * part for part in parts)

    return (
        lambda x, y: factor * beale._value(x, y),
        lambda x, y: times(beale._gradient(x, y)),
        lambda x, y: times(beale._hessian(x, y)),
    )


def _random_bounds(rng: np.random.Generator, width: float = 8.0) -> Any:
    """Returns bounds of about this width, of shape (2, 2); those of x and of y lie apart."""
    low = width * rng.uniform((-0.9, 1.0), (-0.6, 1.3))
    return np.stack([low, low + width * rng.uniform((1.0, 1.3), (1.2, 1.5))], axis=-1)


def _random_rotation(rng: np.random.Generator) -> Any:
    return _rotation(rng.uniform(0.0, 2 * np.pi))


def _rotation(angle: float) -> Any:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _random_bowl(rng: np.random.Generator, curvatures: Any, width: float = 8.0) -> dict[str, Any]:
    bounds = _random_bounds(rng, width)
    # Near a diagonal the signs of a saddle's curvatures are not those of the matrix's diagonal.
    directions = _rotation(np.pi / 4 * rng.choice((1, 3, 5, 7)) + rng.uniform(-0.13, 0.13))
    hessian = (directions * curvatures) @ directions.T
    center = bounds[:, 0] + rng.uniform(0.4, 0.6, 2) * (bounds[:, 1] - bounds[:, 0])
    return {
        "kind": "bowl",
        "bounds": bounds,
        "hessian": (hessian + hessian.T) / 2,
        "center": center,
    }


def _random_waves(rng: np.random.Generator) -> dict[str, Any]:
    bounds = _random_bounds(rng)
    return {
        "kind": "waves",
        "bounds": bounds,
        "center": bounds.mean(axis=1) + rng.uniform(-1.0, 1.0, 2),
        "curvature": rng.uniform(0.15, 0.25),
        "waves": rng.uniform(2.5, 3.0) * _random_rotation(rng),
        "phases": rng.uniform(0.0, 2 * np.pi, 2),
    }


# 1.2 Random restarts

_LANDSCAPES, _RESTARTS, _MOST_POINTS = 3, 10, 600


def _restarts_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "bounds": _random_bounds(rng),
        "restarts": int(rng.integers(50, 70)),
        "seeds": [int(number) for number in rng.integers(2**31, size=2 + _LANDSCAPES)],
        "waves": [_random_waves(rng) for _ in range(_LANDSCAPES)],
    }


def _restarts_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    # A descent on a plain ends where it starts, and so a plain sees all starts and nothing else.
    plain = {"kind": "bowl", "bounds": inputs["bounds"]}
    plain |= {"hessian": np.zeros((2, 2)), "center": np.zeros(2)}
    (one, other, *seeds), found = inputs["seeds"], {}
    runs = {
        "a plain": (plain, inputs["restarts"], one),
        "a plain again": (plain, 3, one),
        "a plain a third time": (plain, 3, one),
        "a plain with another rng": (plain, 3, other),
    }
    for number, (data, seed) in enumerate(zip(inputs["waves"], seeds, strict=True), start=1):
        runs[f"waves {number}"] = (data, _RESTARTS, seed)
    for name, (data, restarts, seed) in runs.items():
        function, visited, slopes = _recorded(_function(data))
        end = attempt(answer, function, restarts, np.random.default_rng(seed))
        found[f"random_restarts({name})"] = _end(end)
        found[f"points of {name}"] = np.concatenate([np.zeros((0, 2)), *visited])
        found[f"gradients of {name}"] = len(slopes)
    return found


def _recorded(function: BenchmarkFunction) -> tuple[BenchmarkFunction, list[Any], list[Any]]:
    """Returns the function, the points at which it is asked, and those of its gradient."""
    points: list[Any] = []
    slopes: list[Any] = []

    def value(x: Any, y: Any) -> Any:
        if len(points) < _MOST_POINTS:
            points.append(np.stack(np.broadcast_arrays(x, y), axis=-1).reshape(-1, 2))
        return function._value(x, y)

    def gradient(x: Any, y: Any) -> Any:
        slopes.append(1)
        return function._gradient(x, y)

    return replace(function, _value=value, _gradient=gradient), points, slopes


def _end(result: Any) -> Any:
    """Returns what counts of a result, or the whole of what is none."""
    if hasattr(result, "x") and hasattr(result, "fun"):
        return {"x": result.x, "fun": result.fun}
    return result


def _restarts_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    faults = [_fault_of_best(answer, f"waves {n}", data) for n, data in _numbered(inputs["waves"])]
    yield part(
        1.5,
        not any(faults),
        right="The lowest of the ends is returned.",
        wrong=next(filter(None, faults), ""),
    )
    yield part(
        0.5,
        all(_has_used_gradient(answer, f"waves {n}") for n, _ in _numbered(inputs["waves"])),
        right="The gradient is used.",
        wrong="The function's gradient was hardly ever asked for: SciPy made its own from "
        "differences, at three evaluations a point.",
    )
    starts, wanted = _starts(answer, "a plain", inputs), inputs["restarts"]
    fault = _fault_of_starts(starts)
    yield part(1, not fault, right="The starts are spread evenly over the bounds.", wrong=fault)
    yield part(
        0.5,
        len(starts) == wanted,
        right="There are as many starts as asked for.",
        wrong=f"With {wanted} restarts there were {len(starts)} different starts.",
    )
    fault = _fault_of_rng(answer, inputs)
    yield part(0.5, not fault, right="The starts come from `rng`.", wrong=fault)


def _numbered(waves: Any) -> list[tuple[int, dict[str, Any]]]:
    return list(enumerate(waves, start=1))


def _fault_of_best(answer: Answer, name: str, data: dict[str, Any]) -> str:
    """Says what is wrong with the result of a search, or nothing."""
    function = _function(data)
    end = answer.items(f"random_restarts({name})")
    if not {"x", "fun"} <= set(end.names()):
        raise WrongForm(
            "`random_restarts` should return the result that `minimize` gave for the best run, "
            "a single object with `.x` and `.fun`."
        )
    x, fun = end.array("x", (2,)), end.number("fun")
    if not close(fun, function(x), atol=1e-6):
        return "`fun` is not the function's value at `x`: do the two come from the same run?"
    visited = answer.array(f"points of {name}", (None, 2))
    stops = visited[np.linalg.norm(function.gradient(visited), axis=-1) < 0.01]
    values = function(stops)
    if len(np.unique(values.round(3))) < 3:
        return f"With {_RESTARTS} restarts, nearly all ended in one place: has every start its run?"
    if fun <= values.min() + 1e-4:
        return ""
    return likely_mistake(
        fun,
        {"The end of the last run was returned, but another ended lower.": function(visited[-1])},
        otherwise="Another of your runs ended lower than the one that is returned: what makes a "
        "result the best one?",
        atol=1e-4,
    )


def _has_used_gradient(answer: Answer, name: str) -> bool:
    visited = answer.array(f"points of {name}", (None, 2))
    return answer.number(f"gradients of {name}") >= max(1, len(visited) / 2)


def _starts(answer: Answer, name: str, inputs: dict[str, Any]) -> Any:
    """Returns the different starts of a run on a plain, as fractions of the bounds."""
    answer.items(f"random_restarts({name})")  # an error in the student's code ends it here
    low, high = np.asarray(inputs["bounds"]).T
    points = answer.array(f"points of {name}", (None, 2))[: 3 * _MOST_POINTS]
    shares = (points - low) / (high - low)
    # Finite differences ask next to a start, and some ask again at the end.
    near = np.abs(shares[:, None] - shares).max(axis=-1) < 1e-6
    return shares[~np.tril(near, k=-1).any(axis=1)]


def _fault_of_starts(shares: Any) -> str:
    """Says how the starts are spread wrongly, or nothing; chance alone does it once in 1e5."""
    count = len(shares)
    if count < 2:
        return "All runs start at the same point."
    if np.mean((np.abs(shares) < 1e-9) | (np.abs(shares - 1) < 1e-9)) > 0.02:
        return "Some starts were outside the bounds and were moved to their edge."
    if not ((shares >= -1e-9) & (shares <= 1 + 1e-9)).all():
        return "Some starts lie outside the bounds: does each coordinate get its own pair?"
    if count < 30:
        return "There are too few different starts to see how they are spread."
    steps = np.arange(1, count + 1)[:, None] / count
    gap = np.abs(np.sort(shares, axis=0) - steps + 0.5 / count).max()
    if gap > 2.6 / np.sqrt(count):
        return "The starts do not fill the bounds evenly: compare them with `function.bounds`."
    if abs(np.corrcoef(shares.T)[0, 1]) > 4.5 / np.sqrt(count):
        return "The two coordinates of a start depend on each other: draw a number for each."
    return ""


def _fault_of_rng(answer: Answer, inputs: dict[str, Any]) -> str:
    again, third, other = (
        _starts(answer, f"a plain {name}", inputs)
        for name in ("again", "a third time", "with another rng")
    )
    if not close(again, third, rtol=0, atol=1e-6):
        return "With the same `rng` the starts should be the same again: where do yours come from?"
    if close(again, other, rtol=0, atol=1e-6):
        return "With another `rng` the starts should be others."
    return ""


RANDOM_RESTARTS = Exercise(
    id="ch01-random-restarts",
    title="Random restarts",
    difficulty="core",
    points=4,
    minutes=15,
    objective="search a landscape with many minima from random starts",
    name="random_restarts",
    inputs=_restarts_inputs,
    probe=_restarts_probe,
    judge=_restarts_judge,
)


# 1.3 Nesterov's momentum


def _nesterov_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    steepest = rng.uniform(5.0, 20.0)
    bowl = _random_bowl(rng, (steepest, steepest / rng.uniform(5.0, 20.0)))
    bowl_rate = rng.uniform(0.3, 0.6) / steepest
    waves = _random_waves(rng)
    cases = {
        "without momentum": (bowl, bowl_rate, 0.0),
        "in a bowl": (bowl, bowl_rate, rng.uniform(0.6, 0.9)),
        "on waves": (waves, rng.uniform(0.02, 0.04), rng.uniform(0.6, 0.9)),
    }
    return {name: _steady_case(rng, *case) for name, case in cases.items()}


def _steady_case(
    rng: np.random.Generator, data: dict[str, Any], rate: float, momentum: float
) -> dict[str, Any]:
    """Returns a path's start and settings such that no rounding is blown up on the way."""
    while True:
        start = data["center"] + rng.uniform((1.0, -3.0), (3.0, -1.0))
        case = {
            "function": data,
            "start": start.tolist(),
            "learning_rate": float(rate),
            "momentum": float(momentum),
            "steps": int(rng.integers(20, 30)),
        }
        beside = {**case, "start": (start + rng.normal(0.0, 1e-6, 2)).tolist()}
        if np.abs(_path(case, 1.0) - _path(beside, 1.0)).max() < 1e-5:
            return case


def _nesterov_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        f"nesterov({name})": attempt(
            answer,
            _function(case["function"]),
            list(case["start"]),
            case["learning_rate"],
            case["momentum"],
            case["steps"],
        )
        for name, case in inputs.items()
    }


def _path(
    case: dict[str, Any], look: float, *, slope: int = -1, carried: float | None = None
) -> Any:
    """Returns a path of momentum.

    Args:
        case: Function, start and settings.
        look: How many times the carried velocity ahead the gradient is taken: 1 is Nesterov's.
        slope: -1 goes downhill.
        carried: Share of the velocity that is kept, if it is not the momentum.
    """
    function, momentum = _function(case["function"]), case["momentum"]
    kept = momentum if carried is None else carried
    points, velocity = [np.array(case["start"])], np.zeros(2)
    for _ in range(case["steps"]):
        gradient = function.gradient(points[-1] + look * momentum * velocity)
        velocity = kept * velocity + slope * case["learning_rate"] * gradient
        points.append(points[-1] + velocity)
    return np.array(points)


def _nesterov_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    for name, points in (("without momentum", 1), ("in a bowl", 1.5), ("on waves", 1.5)):
        case = inputs[name]
        path = answer.array(f"nesterov({name})", (None, 2))
        if len(path) != case["steps"] + 1:
            raise WrongForm(
                f"With steps={case['steps']}, `nesterov({name})` should return {case['steps'] + 1} "
                f"points, the start and one after each step, but it returns {len(path)}."
            )
        yield part(
            points,
            close(path, _path(case, 1.0), rtol=_TOLERANCE),
            right=f"The path {name} is right.",
            wrong=f"The path {name} is wrong. {_hint_of_path(path, case)}",
        )


def _hint_of_path(path: Any, case: dict[str, Any]) -> str:
    right, momentum = _path(case, 1.0), case["momentum"]
    if np.ptp(path, axis=0).max() == 0:
        return "All points are the same: are they copies, or one array that moves?"
    if not close(path[0], right[0], rtol=_TOLERANCE):
        return "The first point should be the start."
    # The velocity 0 of the start makes the first step the same in all variants.
    uphill, first = 2 * right[0] - right[1], path[1]
    if close(first - right[0], uphill - right[0], rtol=_TOLERANCE):
        return "The first step goes uphill: look at the sign in front of the gradient."
    if not close(first - right[0], right[1] - right[0], rtol=_TOLERANCE):
        return "Already the first step is wrong; with velocity 0 it is -learning_rate * gradient."
    return likely_mistake(
        path,
        {
            "The gradient is the one at the point itself: this is ordinary momentum.": _path(
                case, 0.0
            ),
            "The gradient is taken behind the point: in which direction does the velocity "
            "carry it?": _path(case, -1.0),
            "The gradient is taken a whole velocity ahead; only a part of the velocity is "
            "carried on.": _path(case, 1 / momentum if momentum else 1.0),
            "The velocity is lost from step to step.": _path(case, 0.0, carried=0.0),
            "The velocity is carried on in full, as if momentum were 1.": _path(
                case, 1.0, carried=1.0
            ),
        },
        otherwise="The first step is right, so look at the velocity: what is kept of it, and "
        "where is the gradient taken?",
        rtol=_TOLERANCE,
    )


NESTEROV = Exercise(
    id="ch01-nesterov",
    title="Nesterov's momentum",
    difficulty="core",
    points=4,
    minutes=15,
    objective="turn the formulas of an optimizer into a loop and check it step by step",
    name="nesterov",
    inputs=_nesterov_inputs,
    probe=_nesterov_probe,
    judge=_nesterov_judge,
)


# 1.4 The kind of a point

_SIGNS = {"minimum": (1, 1), "saddle": (1, -1), "maximum": (-1, -1)}
_KINDS = (*_SIGNS, "not stationary")


def _kind_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    bowls = [_point_of_bowl(rng, kind, size=1.0, width=8.0) for kind in _KINDS]
    units = [
        _point_of_bowl(rng, kind, size=size * 10 ** rng.uniform(-1, 1), width=width)
        for kind in _KINDS
        for size, width in ((1e-10, 100.0), (1e9, 0.01))
    ]
    plateau = [_point_of_well(rng, sign, far) for sign in (-1, 1) for far in (0.0, 3.0)]
    for x, y in ((3.0, 0.5), (0.0, 1.0)):
        nearly = np.array([x, y]) + rng.uniform(-1e-7, 1e-7, 2)
        plateau.append(_point_of_beale(rng, nearly))
    plateau += [_point_of_beale(rng, _floor(x)) for x in -rng.uniform((8.0, 25.0), (12.0, 50.0))]
    return {
        name: [cases[number] for number in rng.permutation(len(cases))]
        for name, cases in (("bowl", bowls), ("unit", units), ("plateau", plateau))
    }


def _point_of_bowl(
    rng: np.random.Generator, kind: str, *, size: float, width: float
) -> dict[str, Any]:
    signs = _SIGNS.get(kind, (1, 1))
    condition = rng.uniform(2.0, 4.0) if size == 1.0 else rng.uniform(20.0, 100.0)
    data = _random_bowl(rng, np.array(signs) * size * np.array([1.0, 1 / condition]), width)
    # Where a descent stops, it is seldom exactly at the minimum.
    distance = 0.0 if size == 1.0 else 1e-7
    if kind == "not stationary":
        distance = rng.uniform(0.1, 0.2)
    direction = _random_rotation(rng)[0]
    return {"function": data, "point": data["center"] + distance * width * direction}


def _point_of_well(rng: np.random.Generator, sign: int, far: float) -> dict[str, Any]:
    bounds = _random_bounds(rng)
    data = {"kind": "well", "bounds": bounds, "center": bounds.mean(axis=1)}
    data |= {"width": rng.uniform(0.9, 1.1), "height": sign * rng.uniform(1.0, 3.0)}
    direction = _random_rotation(rng)[0]
    return {"function": data, "point": data["center"] + far * data["width"] * direction}


def _point_of_beale(rng: np.random.Generator, point: Any) -> dict[str, Any]:
    data = {"kind": "beale", "bounds": np.array(beale.bounds), "factor": rng.uniform(0.01, 0.1)}
    return {"function": data, "point": point}


def _floor(x: float) -> Any:
    """Returns the point on the floor of the left arm of Beale's function, see the chapter."""
    y = 1 - 13.875 / 14 / x
    for _ in range(20):
        point = np.array([x, y])
        y -= beale.gradient(point)[1] / beale.hessian(point)[1, 1]
    return np.array([x, y])


def _kind_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        _called(name, number): attempt(answer, _function(case["function"]), np.array(case["point"]))
        for name, cases in inputs.items()
        for number, case in enumerate(cases)
    }


def _called(name: str, number: int) -> str:
    return f"kind_of_point({name} {number + 1})"


def _kind(case: dict[str, Any]) -> str:
    """Returns the kind of a point, which is known from how the function was made."""
    data, point = case["function"], np.asarray(case["point"])
    function = _function(data)
    if data["kind"] == "beale":
        known = np.array([[3.0, 0.5], [0.0, 1.0]])
    else:
        known = np.asarray(data["center"])[None]
    distance = np.linalg.norm(known - point, axis=-1).min()
    if distance > 1e-4 * np.ptp(data["bounds"], axis=1).max():
        return "not stationary"
    signs = np.sign(np.linalg.eigvalsh(function.hessian(point)))
    return next(kind for kind, wanted in _SIGNS.items() if sum(wanted) == signs.sum())


def _kind_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    names = {"bowl": (2, "In simple bowls"), "unit": (1.5, "In very large and very small units")}
    names["plateau"] = (1.5, "Around a plateau")
    for name, (points, where) in names.items():
        faults = []
        for number, case in enumerate(inputs[name]):
            said = " ".join(answer.text(_called(name, number)).lower().split())
            if said not in _KINDS:
                raise WrongForm(
                    f"`kind_of_point` should return one of {', '.join(map(repr, _KINDS))}, "
                    f"but it returns {said[:40]!r}."
                )
            if said != _kind(case):
                faults.append(_hint_of_kind(case, said))
        count = len(inputs[name])
        yield part(
            points,
            not faults,
            right=f"{where} all {count} answers are right.",
            wrong=f"{where} {len(faults)} of {count} answers are wrong. {' '.join(faults[:1])}",
        )


def _hint_of_kind(case: dict[str, Any], said: str) -> str:
    kind, data, point = _kind(case), case["function"], case["point"]
    function = _function(data)
    slope = f"a gradient of length {np.linalg.norm(function.gradient(point)):.0e}"
    if kind == "not stationary" and data["kind"] == "bowl":
        return (
            f"A point with {slope}, far from the center of its bowl, is called a {said}. Small "
            "compared with what?"
        )
    if kind == "not stationary":
        return (
            f"A point with {slope} on a plateau is called a {said}. How far would you have to "
            "go, in each direction, until the gradient were zero?"
        )
    if said == "not stationary":
        return (
            f"A {kind} with {slope}, which is not even a millionth of the map away, is called "
            "not stationary. Large compared with what?"
        )
    return f"A {kind} is called a {said}: look at the signs of both curvatures."


KIND_OF_POINT = Exercise(
    id="ch01-kind-of-point",
    title="Is it a minimum?",
    difficulty="stretch",
    points=5,
    minutes=25,
    objective="tell minimum, saddle, maximum and plateau apart in any units",
    name="kind_of_point",
    inputs=_kind_inputs,
    probe=_kind_probe,
    judge=_kind_judge,
)

EXERCISES = [STABLE_LIMIT, RANDOM_RESTARTS, NESTEROV, KIND_OF_POINT]
