"""Optimizers at work on a function of two variables, with every step kept.

`gradient_descent` is the textbook loop in NumPy; `run_optimizer` does the same
with any optimizer of Keras. Both start from one point or from many at once.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.functions import BenchmarkFunction

if TYPE_CHECKING:
    import keras

Array = NDArray[np.float64]

# A path that is this far away does not come back. Stopping here, long before
# numbers overflow, lets divergence be reported instead of warned about.
FAR_AWAY = 1e6


@dataclass(frozen=True)
class Trajectory:
    """The path of an optimizer, or of many started at once.

    Attributes:
        function: The function that was minimized.
        points: The positions, start included, shape ``(steps + 1, ..., 2)``.
            From the step on at which a path diverged they are NaN.
        values: The function's values there, shape ``(steps + 1, ...)``.
    """

    function: BenchmarkFunction
    points: Array = field(repr=False)
    values: Array = field(repr=False)

    @classmethod
    def from_points(cls, function: BenchmarkFunction, points: ArrayLike) -> "Trajectory":
        """A trajectory from positions of shape ``(steps + 1, ..., 2)``.

        Positions recorded elsewhere, for example by the callback of
        `scipy.optimize.minimize`, become a trajectory this way.

        Args:
            function: The function that was minimized.
            points: The positions, start included; a position that is not finite or too
                far away, and all after it, count as lost.

        Raises:
            ValueError: If there is no point, or points do not have two coordinates.
        """
        positions = np.array(points, dtype=float)
        if positions.ndim < 2 or positions.shape[-1] != 2 or len(positions) == 0:
            raise ValueError(
                f"expected points of shape (steps + 1, ..., 2), got shape {positions.shape}"
            )
        positions[_is_lost(positions)] = np.nan
        # Once lost, always lost: a path that overshoots must not seem to return.
        lost = np.logical_or.accumulate(np.isnan(positions).any(-1), axis=0)
        positions[lost] = np.nan
        return cls(function, positions, function(positions))

    @property
    def steps(self) -> int:
        """The number of steps taken."""
        return len(self.points) - 1

    @property
    def end(self) -> Array:
        """The last position, shape ``(..., 2)``; NaN where the path diverged."""
        return np.asarray(self.points[-1])

    @property
    def diverged(self) -> NDArray[np.bool_]:
        """Whether the path left for infinity, shape ``(...)``."""
        return np.asarray(np.isnan(self.end).any(-1), dtype=np.bool_)

    @property
    def diverged_at(self) -> NDArray[np.int64]:
        """The first step at which the path was lost, shape ``(...)``; -1 if it never was."""
        lost = np.isnan(self.points).any(-1)
        return np.asarray(np.where(lost.any(0), lost.argmax(0), -1))

    @property
    def distance(self) -> Array:
        """Distance to the nearest global minimum, shape ``(steps + 1, ...)``."""
        gaps = self.points[..., None, :] - self.function.global_minima
        return np.asarray(np.linalg.norm(gaps, axis=-1).min(-1))

    def steps_to(self, distance: float) -> NDArray[np.int64]:
        """The first step from which on the path stays within ``distance`` of a global minimum.

        Returns:
            Step numbers of shape ``(...)``; -1 where the path ends outside.

        Raises:
            ValueError: If ``distance`` is not positive.
        """
        if not distance > 0:
            raise ValueError(f"distance must be positive, got {distance}")
        outside = ~(self.distance < distance)
        last_outside = np.where(outside.any(0), self.steps - outside[::-1].argmax(0), -1)
        return np.asarray(np.where(outside[-1], -1, last_outside + 1), dtype=np.int64)


def _is_lost(points: Array) -> NDArray[np.bool_]:
    return np.asarray(~(np.abs(points).max(axis=-1) < FAR_AWAY))


def _checked_start(start: ArrayLike, steps: int) -> Array:
    point = np.array(start, dtype=float)
    if point.ndim == 0 or point.shape[-1] != 2:
        raise ValueError(f"start must have shape (..., 2), got {point.shape}")
    if not np.isfinite(point).all():
        raise ValueError("start must be finite: it contains NaN or infinity")
    if _is_lost(point).any():
        raise ValueError(f"start must lie within {FAR_AWAY:,.0f} of the origin: it counts as lost")
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return point


def gradient_descent(
    function: BenchmarkFunction,
    start: ArrayLike,
    *,
    learning_rate: float,
    steps: int,
    momentum: float = 0.0,
) -> Trajectory:
    """Gradient descent with momentum (the heavy ball of Polyak, 1964), step by step.

    With velocity ``v = 0`` at the start, each step computes
    ``v = momentum * v - learning_rate * gradient(point)`` and ``point = point + v``.
    Without momentum this is plain gradient descent. These are also the formulas
    of `keras.optimizers.SGD`.

    Args:
        function: The function to minimize.
        start: One point ``(2,)`` or many ``(..., 2)``.
        learning_rate: The factor in front of the gradient, positive.
        steps: The number of steps, at least 1.
        momentum: The share of the velocity that is kept, from 0 up to but not including 1.

    Raises:
        ValueError: If an argument is out of its range.
    """
    if not 0 < learning_rate < np.inf:
        raise ValueError(f"learning_rate must be positive and finite, got {learning_rate}")
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum must lie in [0, 1), got {momentum}")
    point = _checked_start(start, steps)
    velocity = np.zeros_like(point)
    points = np.full((steps + 1, *point.shape), np.nan)
    points[0] = point
    with np.errstate(over="ignore"):  # an infinite step is reported, as any that is too long
        for step in range(1, steps + 1):
            velocity = momentum * velocity - learning_rate * function.gradient(point)
            point = point + velocity
            point[_is_lost(point)] = np.nan
            points[step] = point
    return Trajectory.from_points(function, points)


# Their steps depend on the norm of a whole variable, and here all starts are one variable.
_MIXERS = ("Adafactor", "Lamb", "Muon")


def _fresh_copy(optimizer: Any) -> Any:
    """The same optimizer before its first step."""
    import keras

    # A schedule written in a notebook is not registered with Keras, which would not find it.
    schedule = type(getattr(optimizer, "_learning_rate", None))
    with keras.saving.custom_object_scope({schedule.__name__: schedule}):
        return type(optimizer).from_config(optimizer.get_config())


def run_optimizer(
    optimizer: "keras.optimizers.Optimizer | str | dict[str, Any]",
    function: BenchmarkFunction,
    start: ArrayLike,
    *,
    steps: int,
) -> Trajectory:
    """Let any optimizer of Keras minimize a function, in double precision.

    Keras keeps the learning rate itself in single precision: expect steps to
    agree with exact formulas to about seven digits.

    Many starts run at once. That is the same as one by one for every optimizer
    that treats each number on its own, which is all but those that look at a norm
    (``clipnorm``, ``global_clipnorm``, Adafactor, Lamb, Muon).

    Args:
        optimizer: An optimizer, its name or its configuration. It is not
            changed: a fresh copy does the work.
        function: The function to minimize.
        start: One point ``(2,)`` or many ``(..., 2)``.
        steps: The number of steps, at least 1.

    Raises:
        ValueError: If an argument is out of its range, or if there are several
            starts and the optimizer mixes them.
    """
    import keras
    import tensorflow as tf

    point = _checked_start(start, steps)
    worker = _fresh_copy(keras.optimizers.get(optimizer))
    clips_by_norm = worker.clipnorm is not None or worker.global_clipnorm is not None
    mixer = "clipnorm" if clips_by_norm else type(worker).__name__
    if point.size > 2 and mixer in ("clipnorm", *_MIXERS):
        raise ValueError(f"{mixer} mixes several starts: run them one by one")
    variable = keras.Variable(point, dtype="float64", name="point")
    worker.build([variable])

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def apply(gradient: Any) -> Any:
        worker.apply([gradient], [variable])
        return variable.value

    points = np.full((steps + 1, *point.shape), np.nan)
    points[0] = point
    for step in range(1, steps + 1):
        gradient = np.nan_to_num(function.gradient(point))
        moved = apply(tf.constant(gradient, "float64")).numpy()
        point = np.where(np.isnan(point), np.nan, moved)
        point[_is_lost(point)] = np.nan
        points[step] = point
    return Trajectory.from_points(function, points)
