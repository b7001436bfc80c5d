"""What the explorers compute, in Python: for their still pictures, and as the tests' reference."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit

from course_utils.functions import BenchmarkFunction
from course_utils.networks import SELU_ALPHA, SELU_SCALE, variance

Array = NDArray[np.float64]
Memory = dict[str, Any]

# --- optimizers: what is added to a point; Keras's rules with Keras's defaults ------------------

_EPSILON, _BETA_1, _BETA_2, _RHO = 1e-7, 0.9, 0.999, 0.9
_FAR_AWAY = 1e6  # as in course_utils.descent


def _velocity(memory: Memory, g: Array, rate: float, momentum: float) -> Any:
    memory["v"] = momentum * memory.get("v", 0.0) - rate * g
    return memory["v"]


def _means(memory: Memory, g: Array) -> tuple[Any, Any]:
    memory["m"] = _BETA_1 * memory.get("m", 0.0) + (1 - _BETA_1) * g
    memory["s"] = _BETA_2 * memory.get("s", 0.0) + (1 - _BETA_2) * g**2
    return memory["m"], memory["s"]


def _descent(g: Array, memory: Memory, t: int, rate: float, momentum: float) -> Any:
    return -rate * g


def _momentum(g: Array, memory: Memory, t: int, rate: float, momentum: float) -> Any:
    return _velocity(memory, g, rate, momentum)


def _nesterov(g: Array, memory: Memory, t: int, rate: float, momentum: float) -> Any:
    return momentum * _velocity(memory, g, rate, momentum) - rate * g


def _adagrad(g: Array, memory: Memory, t: int, rate: float, momentum: float) -> Any:
    memory["s"] = memory.get("s", 0.1) + g**2
    return -rate * g / np.sqrt(memory["s"] + _EPSILON)


def _rmsprop(g: Array, memory: Memory, t: int, rate: float, momentum: float) -> Any:
    memory["s"] = _RHO * memory.get("s", 0.0) + (1 - _RHO) * g**2
    return -rate * g / np.sqrt(memory["s"] + _EPSILON)


def _adam(g: Array, memory: Memory, t: int, rate: float, momentum: float) -> Any:
    m, s = _means(memory, g)
    alpha = rate * np.sqrt(1 - _BETA_2**t) / (1 - _BETA_1**t)
    return -alpha * m / (np.sqrt(s) + _EPSILON)


def _nadam(g: Array, memory: Memory, t: int, rate: float, momentum: float) -> Any:
    now, later = (_BETA_1 * (1 - 0.5 * 0.96**k) for k in (t, t + 1))
    product = memory["product"] = memory.get("product", 1.0) * now
    m, s = _means(memory, g)
    ahead = later * m / (1 - product * later) + (1 - now) * g / (1 - product)
    return -rate * ahead / (np.sqrt(s / (1 - _BETA_2**t)) + _EPSILON)


OPTIMIZERS: dict[str, Callable[[Array, Memory, int, float, float], Any]] = {
    "gradient descent": _descent,
    "momentum": _momentum,
    "Nesterov": _nesterov,
    "AdaGrad": _adagrad,
    "RMSProp": _rmsprop,
    "Adam": _adam,
    "Nadam": _nadam,
}


def path(
    function: BenchmarkFunction,
    optimizer: str,
    start: Sequence[float],
    *,
    learning_rate: float,
    momentum: float,
    steps: int,
) -> Array:
    """The points of a path, ``(steps + 1, 2)``; NaN from the step on at which it is lost."""
    points = np.full((steps + 1, 2), np.nan)
    point = np.array(start, dtype=float)
    memory: Memory = {}
    for t in range(steps + 1):
        if not np.abs(point).max() < _FAR_AWAY:
            break
        points[t] = point
        gradient = function.gradient(point)
        point = point + OPTIMIZERS[optimizer](gradient, memory, t + 1, learning_rate, momentum)
    return points


# --- signals -----------------------------------------------------------------------------------

_ROOT = np.sqrt(2.0)


def _selu(z: Array) -> Array:
    return np.asarray(SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0))))


def _selu_slope(z: Array) -> Array:
    return np.asarray(SELU_SCALE * np.where(z > 0, 1, SELU_ALPHA * np.exp(np.minimum(z, 0))))


#: For each activation its value and its slope.
ACTIVATIONS: dict[str, tuple[Callable[[Array], Any], Callable[[Array], Any]]] = {
    "sigmoid": (expit, lambda z: expit(z) * (1 - expit(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.2 * z), lambda z: np.where(z > 0, 1, 0.2)),
    "elu": (
        lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        lambda z: np.where(z > 0, 1, np.exp(np.minimum(z, 0))),
    ),
    "selu": (_selu, _selu_slope),
    "gelu": (
        lambda z: z * (1 + erf(z / _ROOT)) / 2,
        lambda z: (1 + erf(z / _ROOT)) / 2 + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi),
    ),
}


def passes(
    weights: Sequence[Array], inputs: Array, gradients: Array, activation: str
) -> dict[str, Array]:
    """Spreads of every layer, from one pass forward and one back.

    Args:
        weights: For each layer a matrix ``(inputs, units)``.
        inputs: ``(batch, inputs)``.
        gradients: With respect to the last layer's output, ``(batch, units)``.
        activation: A name of :data:`ACTIVATIONS`.

    Returns:
        ``signal``, ``example`` and ``gradient``: the columns ``signal_std``, ``example_std`` and
        ``gradient_std`` of `diagnostics.layer_statistics`.
    """
    value, slope = ACTIVATIONS[activation]
    h, slopes, signal, example = inputs, [], [], []
    for matrix in weights:
        z = h @ matrix
        h = value(z)
        slopes.append(slope(z))
        signal.append(h.std())
        example.append(np.sqrt(h.var(axis=0).mean()))
    delta, gradient = gradients * slopes[-1], [np.std(gradients * slopes[-1])]
    for matrix, factor in zip(weights[:0:-1], slopes[-2::-1], strict=True):
        delta = (delta @ matrix.T) * factor
        gradient.append(delta.std())
    columns = {"signal": signal, "example": example, "gradient": gradient[::-1]}
    return {name: np.array(column) for name, column in columns.items()}


def spreads(
    *, depth: int, width: int, activation: str, initializer: str | float, seed: int, batch: int = 64
) -> dict[str, Array]:
    """Spreads of every layer of a random network with standard normal inputs: see `passes`."""
    rng = np.random.default_rng(seed)
    scale = np.sqrt(variance(initializer, width, width))
    weights = [rng.normal(0, scale, (width, width)) for _ in range(depth)]
    inputs, gradients = rng.normal(size=(2, batch, width))
    with np.errstate(all="ignore"):  # a signal that overflows is a finding, not a fault
        return passes(weights, inputs, gradients, activation)


# --- schedules ---------------------------------------------------------------------------------


def _step(t: Array, updates: int, p: Mapping[str, Any]) -> Array:
    every = max(1, int(np.floor(updates / (p["drops"] + 1) + 0.5)))
    return np.asarray(p["factor"] ** np.minimum(t // every, p["drops"]))


def _restarts(t: Array, updates: int, p: Mapping[str, Any]) -> Array:
    """Period by period, each `growth` times as long as the one before."""
    begin, length, number = 0.0, max(1.0, np.floor(updates * p["period"] + 0.5)), 0
    shares = np.empty(len(t))
    while begin < len(t):
        inside = (t >= begin - 1e-6) & (t < begin + length - 1e-6)
        wave = (1 + np.cos(np.pi * (t[inside] - begin) / length)) / 2
        shares[inside] = (1 - p["end"]) * p["height"] ** number * wave + p["end"]
        begin, length, number = begin + length, length * p["growth"], number + 1
    return shares


def _one_cycle(t: Array, updates: int, p: Mapping[str, Any]) -> Array:
    tau = t / updates
    up = p["first"] + (1 - p["first"]) * tau / p["rise"]
    return np.asarray(np.minimum(up, (1 - tau) / (1 - p["rise"])))


#: For each schedule its parameters, and the rate as a share of the peak.
SCHEDULES: dict[str, tuple[tuple[str, ...], Callable[[Array, int, Mapping[str, Any]], Any]]] = {
    "constant": ((), lambda t, updates, p: np.ones(len(t))),
    "time decay": (("decay",), lambda t, updates, p: 1 / (1 + p["decay"] * t / updates)),
    "exponential": (("final",), lambda t, updates, p: p["final"] ** (t / updates)),
    "step": (("drops", "factor"), _step),
    "polynomial": (
        ("power", "end"),
        lambda t, updates, p: (1 - p["end"]) * (1 - t / updates) ** p["power"] + p["end"],
    ),
    "cosine": (
        ("end",),
        lambda t, updates, p: (1 - p["end"]) * (1 + np.cos(np.pi * t / updates)) / 2 + p["end"],
    ),
    "cosine with restarts": (("period", "growth", "height", "end"), _restarts),
    "1cycle": (("first", "rise"), _one_cycle),
}


def rates(schedule: str, *, peak: float, updates: int, warm_up: float, **p: float) -> Array:
    """The learning rate of each update, shape ``(updates,)``.

    Args:
        schedule: A name of :data:`SCHEDULES`.
        peak: The largest rate.
        updates: The number of updates.
        warm_up: The share of them in which the rate rises from zero to the peak.
        **p: The schedule's own parameters.
    """
    warm = int(np.floor(updates * warm_up + 0.5))
    rising = peak * np.arange(warm) / max(warm, 1)
    t = np.arange(updates - warm, dtype=float)
    return np.concatenate([rising, peak * SCHEDULES[schedule][1](t, updates - warm, p)])
