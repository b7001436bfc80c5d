"""Functions of two variables on which optimizers are studied.

Every function is exact: its gradient and its Hessian are closed formulas, so
that an experiment on it measures the optimizer and not the derivative. All of
them take points of shape ``(..., 2)`` and work on any number of points at once.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


class Minimum(NamedTuple):
    """A minimum ``(x, y)`` of a function and the function's value there."""

    x: float
    y: float
    value: float


@dataclass(frozen=True)
class BenchmarkFunction:
    """A smooth function of two variables with everything that is known about it.

    Attributes:
        name: The name in the literature.
        formula: The formula in LaTeX.
        bounds: The usual domain, ``((x_low, x_high), (y_low, y_high))``.
        minima: All minima inside the bounds, the global ones first.
        source: Where the function comes from.
    """

    name: str
    formula: str
    bounds: tuple[tuple[float, float], tuple[float, float]]
    minima: tuple[Minimum, ...]
    source: str
    _value: Callable[[Array, Array], Array]
    _gradient: Callable[[Array, Array], tuple[Array, Array]]
    _hessian: Callable[[Array, Array], tuple[Array, Array, Array]]

    def __call__(self, point: ArrayLike) -> Array:
        """Value at points of shape ``(..., 2)``; shape ``(...)``.

        Raises:
            ValueError: If the last axis does not have length 2.
        """
        return np.asarray(self._value(*_coordinates(point)))

    def gradient(self, point: ArrayLike) -> Array:
        """Gradient at points of shape ``(..., 2)``; the same shape.

        Raises:
            ValueError: If the last axis does not have length 2.
        """
        x, y = _coordinates(point)
        return np.stack(np.broadcast_arrays(*self._gradient(x, y)), axis=-1)

    def hessian(self, point: ArrayLike) -> Array:
        """Matrix of second derivatives at points of shape ``(..., 2)``; shape ``(..., 2, 2)``.

        Raises:
            ValueError: If the last axis does not have length 2.
        """
        x, y = _coordinates(point)
        xx, xy, yy, _ = np.broadcast_arrays(*self._hessian(x, y), x + y)
        return np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -2)

    @property
    def minimum(self) -> Minimum:
        """The global minimum (the first one where there are several)."""
        return self.minima[0]

    @property
    def global_minima(self) -> Array:
        """The points ``(n, 2)`` of all global minima."""
        lowest = [m[:2] for m in self.minima if np.isclose(m.value, self.minimum.value)]
        return np.array(lowest)


def _coordinates(point: ArrayLike) -> tuple[Array, Array]:
    points = np.asarray(point)
    if points.ndim == 0 or points.shape[-1] != 2:
        raise ValueError(
            f"a point has two coordinates on the last axis, (..., 2); got shape {points.shape}"
        )
    # Integers would overflow in the powers; complex numbers must stay complex.
    points = points * 1.0
    return points[..., 0], points[..., 1]


_BEALE_CONSTANTS = (1.5, 2.25, 2.625)


def _beale_terms(x: Array, y: Array) -> tuple[list[Array], list[Array]]:
    """The three terms ``c - x + x y^k`` and the powers ``1, y, y^2, y^3``."""
    # Products, because raising an array to a power takes ten times as long.
    powers = [np.ones_like(y), y, y * y, y * y * y]
    return [c - x + x * p for c, p in zip(_BEALE_CONSTANTS, powers[1:], strict=True)], powers


def _beale_value(x: Array, y: Array) -> Array:
    first, second, third = _beale_terms(x, y)[0]
    return np.asarray(first * first + second * second + third * third)


def _beale_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    terms, powers = _beale_terms(x, y)
    d_x = d_y = np.zeros(())
    for k, term in enumerate(terms, start=1):
        d_x = d_x + 2 * term * (powers[k] - 1)
        d_y = d_y + 2 * term * k * x * powers[k - 1]
    return d_x, d_y


def _beale_hessian(x: Array, y: Array) -> tuple[Array, Array, Array]:
    terms, powers = _beale_terms(x, y)
    xx = xy = yy = np.zeros(())
    for k, term in enumerate(terms, start=1):
        t_x, t_y = powers[k] - 1, k * x * powers[k - 1]
        t_yy = k * (k - 1) * x * powers[k - 2] if k > 1 else np.zeros(())
        xx = xx + 2 * t_x * t_x
        xy = xy + 2 * (t_x * t_y + term * k * powers[k - 1])
        yy = yy + 2 * (t_y * t_y + term * t_yy)
    return xx, xy, yy


#: A bent valley between steep corners, and a plateau without an end (see chapter 1).
beale = BenchmarkFunction(
    name="Beale",
    formula=r"(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
    bounds=((-4.5, 4.5), (-4.5, 4.5)),
    minima=(Minimum(3.0, 0.5, 0.0),),
    source="Beale, E. M. L. (1958). On an iterative method for finding a local minimum of a"
    " function of more than one variable. Technical Report 25, Princeton University.",
    _value=_beale_value,
    _gradient=_beale_gradient,
    _hessian=_beale_hessian,
)

#: A curved, narrow valley with one minimum.
rosenbrock = BenchmarkFunction(
    name="Rosenbrock",
    formula=r"(1 - x)^2 + 100\,(y - x^2)^2",
    bounds=((-2.0, 2.0), (-1.0, 3.0)),
    minima=(Minimum(1.0, 1.0, 0.0),),
    source="Rosenbrock, H. H. (1960). An automatic method for finding the greatest or least"
    " value of a function. The Computer Journal 3(3). https://doi.org/10.1093/comjnl/3.3.175",
    _value=lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    _gradient=lambda x, y: (-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)),
    _hessian=lambda x, y: (2 - 400 * y + 1200 * x**2, -400 * x, np.array(200.0)),
)

#: Four minima of the same depth.
himmelblau = BenchmarkFunction(
    name="Himmelblau",
    formula=r"(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    minima=(
        Minimum(3.0, 2.0, 0.0),
        Minimum(-2.805118086952745, 3.131312518250573, 0.0),
        Minimum(-3.779310253377747, -3.283185991286169, 0.0),
        Minimum(3.584428340330492, -1.848126526964404, 0.0),
    ),
    source="Himmelblau, D. M. (1972). Applied Nonlinear Programming. McGraw-Hill.",
    _value=lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    _gradient=lambda x, y: (
        4 * x * (x**2 + y - 11) + 2 * (x + y**2 - 7),
        2 * (x**2 + y - 11) + 4 * y * (x + y**2 - 7),
    ),
    _hessian=lambda x, y: (
        12 * x**2 + 4 * y - 42,
        4 * x + 4 * y,
        12 * y**2 + 4 * x - 26,
    ),
)

#: A bowl, quadratic, with curvatures 2 and 18.
booth = BenchmarkFunction(
    name="Booth",
    formula=r"(x + 2y - 7)^2 + (2x + y - 5)^2",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    minima=(Minimum(1.0, 3.0, 0.0),),
    source="Jamil, M. & Yang, X.-S. (2013). A literature survey of benchmark functions for"
    " global optimisation problems, no. 17. https://arxiv.org/abs/1308.4008",
    _value=lambda x, y: (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
    _gradient=lambda x, y: (10 * x + 8 * y - 34, 8 * x + 10 * y - 38),
    _hessian=lambda x, y: (np.array(10.0), np.array(8.0), np.array(10.0)),
)


def _rastrigin_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    d_x, d_y = (2 * z + 20 * np.pi * np.sin(2 * np.pi * z) for z in (x, y))
    return d_x, d_y


def _rastrigin_hessian(x: Array, y: Array) -> tuple[Array, Array, Array]:
    xx, yy = (2 + 40 * np.pi**2 * np.cos(2 * np.pi * z) for z in (x, y))
    return xx, np.zeros(()), yy


def _rastrigin_value(x: Array, y: Array) -> Array:
    waves: Array = np.cos(2 * np.pi * x) + np.cos(2 * np.pi * y)
    return np.asarray(20 + x**2 + y**2 - 10 * waves)


def _separable_minima(
    value: Callable[[Array, Array], Array], coordinates: list[float]
) -> tuple[Minimum, ...]:
    """All pairs of the one-dimensional minima of a separable function, lowest first."""
    pairs = [(a, b) for a in coordinates for b in coordinates]
    minima = [Minimum(a, b, float(value(np.array(a), np.array(b)))) for a, b in pairs]
    return tuple(sorted(minima, key=lambda minimum: minimum.value))


def _newton(
    z: Array, slope: Callable[[Array], Array], curvature: Callable[[Array], Array]
) -> list[float]:
    """Roots of ``slope`` next to the given numbers, to machine precision."""
    for _ in range(20):
        z = z - slope(z) / curvature(z)
    return [float(root) for root in z]


#: A bowl covered with ripples, with 121 minima inside the bounds, one of them global.
rastrigin = BenchmarkFunction(
    name="Rastrigin",
    formula=r"20 + x^2 + y^2 - 10\cos(2\pi x) - 10\cos(2\pi y)",
    bounds=((-5.12, 5.12), (-5.12, 5.12)),
    minima=_separable_minima(
        _rastrigin_value,
        _newton(
            np.arange(-5.0, 6.0),
            slope=lambda z: 2 * z + 20 * np.pi * np.sin(2 * np.pi * z),
            curvature=lambda z: 2 + 40 * np.pi**2 * np.cos(2 * np.pi * z),
        ),
    ),
    source="Rastrigin, L. A. (1974). Systems of Extremal Control. Nauka, Moscow.",
    _value=_rastrigin_value,
    _gradient=_rastrigin_gradient,
    _hessian=_rastrigin_hessian,
)


def _styblinski_tang_value(x: Array, y: Array) -> Array:
    return np.asarray((x**4 - 16 * x**2 + 5 * x + y**4 - 16 * y**2 + 5 * y) / 2)


#: Four minima of different depth.
styblinski_tang = BenchmarkFunction(
    name="Styblinski-Tang",
    formula=r"\tfrac12\left(x^4 - 16x^2 + 5x + y^4 - 16y^2 + 5y\right)",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    minima=_separable_minima(
        _styblinski_tang_value,
        _newton(
            np.array([-3.0, 3.0]),
            slope=lambda z: 2 * z**3 - 16 * z + 2.5,
            curvature=lambda z: 6 * z**2 - 16,
        ),
    ),
    source="Styblinski, M. A. & Tang, T.-S. (1990). Experiments in nonconvex optimization."
    " Neural Networks 3(4). https://doi.org/10.1016/0893-6080(90)90029-K",
    _value=_styblinski_tang_value,
    _gradient=lambda x, y: (2 * x**3 - 16 * x + 2.5, 2 * y**3 - 16 * y + 2.5),
    _hessian=lambda x, y: (6 * x**2 - 16, np.zeros(()), 6 * y**2 - 16),
)

# On the line y = -x / 2 the gradient is zero where x^4 - 4.2 x^2 + 3.5 = 0.
_CAMEL = float(np.sqrt(2.1 + np.sqrt(0.91)))
_CAMEL_VALUE = 1.75 * _CAMEL**2 - 1.05 * _CAMEL**4 + _CAMEL**6 / 6

#: Three minima, the middle one lowest.
three_hump_camel = BenchmarkFunction(
    name="Three-hump camel",
    formula=r"2x^2 - 1.05x^4 + \tfrac{x^6}{6} + xy + y^2",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    minima=(
        Minimum(0.0, 0.0, 0.0),
        Minimum(-_CAMEL, _CAMEL / 2, _CAMEL_VALUE),
        Minimum(_CAMEL, -_CAMEL / 2, _CAMEL_VALUE),
    ),
    source="Jamil, M. & Yang, X.-S. (2013). A literature survey of benchmark functions for"
    " global optimisation problems, no. 29. https://arxiv.org/abs/1308.4008",
    _value=lambda x, y: 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2,
    _gradient=lambda x, y: (4 * x - 4.2 * x**3 + x**5 + y, x + 2 * y),
    _hessian=lambda x, y: (4 - 12.6 * x**2 + 5 * x**4, np.ones(()), np.array(2.0)),
)


def _mccormick_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    wave, slope = np.cos(x + y), 2 * (x - y)
    return wave + slope - 1.5, wave - slope + 2.5


def _mccormick_hessian(x: Array, y: Array) -> tuple[Array, Array, Array]:
    wave = np.sin(x + y)
    return 2 - wave, -2 - wave, 2 - wave


# With s = x + y and d = x - y: d = 1 and cos s = -1/2.
_MCCORMICK = float(np.pi / 3)

#: A wavy slope with two minima inside the bounds.
mccormick = BenchmarkFunction(
    name="McCormick",
    formula=r"\sin(x + y) + (x - y)^2 - 1.5x + 2.5y + 1",
    bounds=((-1.5, 4.0), (-3.0, 4.0)),
    minima=(
        Minimum(0.5 - _MCCORMICK, -0.5 - _MCCORMICK, -(3**0.5) / 2 - _MCCORMICK),
        Minimum(0.5 + 2 * _MCCORMICK, -0.5 + 2 * _MCCORMICK, -(3**0.5) / 2 + 2 * _MCCORMICK),
    ),
    source="McCormick, G. P. (1976). Computability of global solutions to factorable nonconvex"
    " programs. Mathematical Programming 10. https://doi.org/10.1007/BF01580665",
    _value=lambda x, y: np.sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1,
    _gradient=_mccormick_gradient,
    _hessian=_mccormick_hessian,
)

#: The functions by name.
ALL: dict[str, BenchmarkFunction] = {
    function.name: function
    for function in (
        beale,
        rosenbrock,
        himmelblau,
        booth,
        rastrigin,
        styblinski_tang,
        three_hump_camel,
        mccormick,
    )
}


def get(name: str) -> BenchmarkFunction:
    """The function of that name (capital letters do not matter).

    Raises:
        KeyError: If there is none; the message lists the names.
    """
    for known, function in ALL.items():
        if known.lower() == name.lower():
            return function
    near = difflib.get_close_matches(name.lower(), [known.lower() for known in ALL], 1, 0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise KeyError(f"no function {name!r}{hint} Known: {', '.join(ALL)}")
