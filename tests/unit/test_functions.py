"""The test functions against difference quotients, complex steps, SciPy and the literature."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import optimize

from course_utils import functions
from course_utils.functions import ALL, BenchmarkFunction

every_function = pytest.mark.parametrize("function", ALL.values(), ids=ALL)


def random_points(function: BenchmarkFunction, count: int) -> np.ndarray:
    low, high = np.transpose(function.bounds)
    return np.random.default_rng(7).uniform(low, high, size=(count, 2))


def partial(index: int) -> np.ndarray:
    return np.eye(2)[index]


def test_the_eight_functions_have_their_own_names() -> None:
    assert list(ALL) == [
        "Beale",
        "Rosenbrock",
        "Himmelblau",
        "Booth",
        "Rastrigin",
        "Styblinski-Tang",
        "Three-hump camel",
        "McCormick",
    ]
    assert all(function.name == name for name, function in ALL.items())


@pytest.mark.parametrize(
    ("name", "point", "value"),
    [
        # Computed by hand or printed in the literature; exact in binary where it is an integer.
        ("Beale", (4, 4), 68891.203125),
        ("Beale", (0, 0), 1.5**2 + 2.25**2 + 2.625**2),
        ("Beale", (1, 1), 14.203125),
        ("Rosenbrock", (-1.2, 1), 24.2),
        ("Rosenbrock", (0, 0), 1),
        ("Himmelblau", (0, 0), 170),
        ("Himmelblau", (-0.270845, -0.923039), 181.6165),  # its local maximum
        ("Booth", (0, 0), 74),
        ("Booth", (1, 3), 0),
        ("Rastrigin", (1, 1), 2),
        ("Rastrigin", (0.5, 0.5), 40.5),
        ("Rastrigin", (4.52299366, 4.52299366), 80.70658039),  # its maximum
        ("Styblinski-Tang", (0, 0), 0),
        ("Styblinski-Tang", (1, 2), -5 + (16 - 64 + 10) / 2),
        ("Styblinski-Tang", (-2.903534, -2.903534), -78.33233),
        ("Three-hump camel", (1, 1), 2 - 1.05 + 1 / 6 + 1 + 1),
        ("McCormick", (0, 0), 1),
        ("McCormick", (-0.54719755, -1.54719755), -1.913223),
    ],
)
def test_value_agrees_with_the_literature(name: str, point: tuple, value: float) -> None:
    assert float(ALL[name](point)) == pytest.approx(value, rel=1e-6, abs=1e-12)


def test_the_source_run_starts_at_an_exact_value() -> None:
    assert functions.beale([4, 4]) == 68891.203125


@every_function
def test_gradient_agrees_with_complex_steps(function: BenchmarkFunction) -> None:
    points = random_points(function, 200)
    step = 1e-30  # no subtraction, so no cancellation
    expected = np.stack(
        [function(points + 1j * step * partial(i)).imag / step for i in range(2)], axis=-1
    )
    scale = np.abs(expected).max()
    np.testing.assert_allclose(function.gradient(points), expected, rtol=1e-11, atol=1e-13 * scale)


@every_function
def test_gradient_agrees_with_central_differences(function: BenchmarkFunction) -> None:
    points = random_points(function, 200)
    h = 1e-5
    expected = np.stack(
        [
            (function(points + h * partial(i)) - function(points - h * partial(i))) / (2 * h)
            for i in range(2)
        ],
        axis=-1,
    )
    scale = np.abs(expected).max()
    np.testing.assert_allclose(function.gradient(points), expected, rtol=1e-5, atol=1e-8 * scale)


@every_function
def test_hessian_agrees_with_differences_of_the_gradient(function: BenchmarkFunction) -> None:
    points = random_points(function, 200)
    h = 1e-5
    columns = [
        (function.gradient(points + h * partial(i)) - function.gradient(points - h * partial(i)))
        / (2 * h)
        for i in range(2)
    ]
    expected = np.stack(columns, axis=-1)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(function.hessian(points), expected, rtol=1e-5, atol=1e-8 * scale)


@every_function
def test_hessian_agrees_with_complex_steps_of_the_gradient(function: BenchmarkFunction) -> None:
    points = random_points(function, 50)
    step = 1e-30
    expected = np.stack(
        [function.gradient(points + 1j * step * partial(i)).imag / step for i in range(2)], axis=-1
    )
    scale = np.abs(expected).max()
    np.testing.assert_allclose(function.hessian(points), expected, rtol=1e-11, atol=1e-13 * scale)


@every_function
def test_hessian_is_symmetric(function: BenchmarkFunction) -> None:
    hessian = function.hessian(random_points(function, 50))
    np.testing.assert_array_equal(hessian, np.swapaxes(hessian, -1, -2))


@every_function
def test_minima_are_stationary_and_curve_upward(function: BenchmarkFunction) -> None:
    points = np.array([minimum[:2] for minimum in function.minima])
    values = np.array([minimum.value for minimum in function.minima])
    curvatures = np.linalg.eigvalsh(function.hessian(points))
    assert curvatures.min() > 0
    # Newton's distance to the stationary point is about the rounding of the coordinates.
    newton = np.linalg.solve(function.hessian(points), function.gradient(points)[..., None])
    assert np.abs(newton).max() < 1e-14 * (1 + np.abs(points).max()) * 10
    np.testing.assert_allclose(function(points), values, rtol=1e-13, atol=1e-13)


@every_function
def test_scipy_returns_to_each_minimum(function: BenchmarkFunction) -> None:
    for x, y, value in function.minima:
        end = optimize.minimize(
            function, (x + 0.02, y - 0.03), jac=function.gradient, tol=1e-10, method="BFGS"
        )
        np.testing.assert_allclose(end.x, (x, y), atol=1e-6)
        assert end.fun == pytest.approx(value, abs=1e-9)


@every_function
def test_minima_lie_inside_the_bounds_the_global_ones_first(function: BenchmarkFunction) -> None:
    low, high = np.transpose(function.bounds)
    points = np.array([minimum[:2] for minimum in function.minima])
    assert ((low < points) & (points < high)).all()
    values = [minimum.value for minimum in function.minima]
    assert values == sorted(values)
    assert function.minimum == function.minima[0]
    # No place of a fine grid is lower.
    grid = np.stack(np.meshgrid(*np.linspace(low, high, 201).T), -1)
    assert function(grid).min() >= function.minimum.value - 1e-12


def refined(function: BenchmarkFunction, points: np.ndarray) -> np.ndarray:
    """Newton's method from every point at once, on the gradient: the nearest stationary points."""
    for _ in range(60):
        hessian, gradient = function.hessian(points), function.gradient(points)
        usable = np.abs(np.linalg.det(hessian)) > 1e-12
        points, hessian, gradient = points[usable], hessian[usable], gradient[usable]
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        length = np.linalg.norm(step, axis=-1, keepdims=True)
        points = points - step / np.maximum(1, length)
    return points[np.abs(step).max(-1) < 1e-9]


@every_function
def test_there_is_no_other_minimum_inside_the_bounds(function: BenchmarkFunction) -> None:
    low, high = np.transpose(function.bounds)
    starts = np.stack(np.meshgrid(*np.linspace(low, high, 61).T), -1).reshape(-1, 2)
    ends = refined(function, starts)
    ends = ends[((low <= ends) & (ends <= high)).all(-1)]
    curvatures = np.linalg.eigvalsh(function.hessian(ends))
    found = np.unique(np.round(ends[curvatures.min(-1) > 1e-6], 5) + 0.0, axis=0)
    known = np.array([minimum[:2] for minimum in function.minima])
    gaps = np.linalg.norm(found[:, None] - known, axis=-1)
    assert gaps.min(axis=1).max() < 1e-4, "a minimum that is not listed"
    assert gaps.min(axis=0).max() < 1e-4, "a listed minimum that the search does not find"


@pytest.mark.parametrize(
    ("name", "total", "lowest"),
    [
        ("Beale", 1, 1),
        ("Rosenbrock", 1, 1),
        ("Himmelblau", 4, 4),
        ("Booth", 1, 1),
        ("Rastrigin", 121, 1),
        ("Styblinski-Tang", 4, 1),
        ("Three-hump camel", 3, 1),
        ("McCormick", 2, 1),
    ],
)
def test_number_of_minima(name: str, total: int, lowest: int) -> None:
    function = ALL[name]
    assert len(set(function.minima)) == total
    assert function.global_minima.shape == (lowest, 2)
    assert tuple(function.global_minima[0]) == function.minimum[:2]


@pytest.mark.parametrize(
    ("name", "minima"),
    [
        ("Beale", {(3, 0.5)}),
        ("Rosenbrock", {(1, 1)}),
        ("Booth", {(1, 3)}),
        (
            "Himmelblau",
            {(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)},
        ),
        ("Styblinski-Tang", {(-2.903534, -2.903534)}),
        ("Three-hump camel", {(0, 0)}),
        ("McCormick", {(-0.54719, -1.54719)}),
        ("Rastrigin", {(0, 0)}),
    ],
)
def test_global_minima_of_the_literature(name: str, minima: set) -> None:
    found = sorted(map(tuple, ALL[name].global_minima))
    np.testing.assert_allclose(found, sorted(minima), atol=2e-6 if name != "McCormick" else 1e-5)


@every_function
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_shape_of_points_gives_what_single_points_give(
    function: BenchmarkFunction, data: st.DataObject
) -> None:
    shape = data.draw(npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    points = data.draw(npst.arrays(float, (*shape, 2), elements=st.floats(-5, 5)))
    value, gradient, hessian = function(points), function.gradient(points), function.hessian(points)
    assert value.shape == shape
    assert gradient.shape == (*shape, 2)
    assert hessian.shape == (*shape, 2, 2)
    for index in np.ndindex(shape):
        np.testing.assert_allclose(value[index], function(points[index]), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(
            gradient[index], function.gradient(points[index]), rtol=1e-12, atol=1e-9
        )
        np.testing.assert_allclose(
            hessian[index], function.hessian(points[index]), rtol=1e-12, atol=1e-9
        )


@every_function
@pytest.mark.parametrize(
    "point", [[3, 2], (3, 2), np.array([3, 2]), np.array([3, 2], np.int8), np.array([3, 2], "f4")]
)
def test_integers_lists_and_single_precision_mean_the_same_point(
    function: BenchmarkFunction, point: object
) -> None:
    exact = np.array([3.0, 2.0])
    for method in (function, function.gradient, function.hessian):
        result = method(point)
        assert np.issubdtype(result.dtype, np.floating)
        np.testing.assert_allclose(result, method(exact), rtol=1e-5, atol=1e-4)


def test_integers_do_not_overflow() -> None:
    assert functions.three_hump_camel(np.array([100, 0], np.int8)) == pytest.approx(
        2e4 - 1.05e8 + 1e12 / 6
    )


@every_function
def test_the_point_is_not_changed(function: BenchmarkFunction) -> None:
    point = np.array([[0.3, -0.2]])
    for method in (function, function.gradient, function.hessian):
        method(point)
    np.testing.assert_array_equal(point, [[0.3, -0.2]])


@every_function
@pytest.mark.parametrize("bad", [3.0, [1.0], [1.0, 2.0, 3.0], np.zeros((2, 3)), np.zeros((0,))])
def test_wrong_shapes_are_refused_with_the_shape(function: BenchmarkFunction, bad: object) -> None:
    shape = str(np.shape(bad))
    for method in (function, function.gradient, function.hessian):
        with pytest.raises(ValueError, match=r"\(\.\.\., 2\)") as caught:
            method(bad)
        assert shape in str(caught.value)


@every_function
def test_formula_is_the_function(function: BenchmarkFunction) -> None:
    """Translates the LaTeX of the book to Python, so that the page shows what is computed."""
    code = function.formula.replace(r"\left", "").replace(r"\right", "")
    for old, new in [
        (r"\tfrac12", "0.5*"),
        (r"\tfrac{x^6}{6}", "x^6/6"),
        (r"\cos(2\pi x)", "*cos(2*pi*x)"),
        (r"\cos(2\pi y)", "*cos(2*pi*y)"),
        (r"\sin", "sin"),
        (r"\,", "*"),
        ("xy", "x*y"),
        (" ", ""),
        ("^", "**"),
    ]:
        code = code.replace(old, new)
    for digit in "0123456789":
        for letter in "xy":
            code = code.replace(f"{digit}{letter}", f"{digit}*{letter}")
    assert "\\" not in code
    x, y = random_points(function, 50).T
    names = {"x": x, "y": y, "cos": np.cos, "sin": np.sin, "pi": np.pi}
    expected = eval(code, {"__builtins__": {}}, names)
    np.testing.assert_allclose(function(np.stack([x, y], -1)), expected, rtol=1e-10, atol=1e-10)


@every_function
def test_a_source_is_given(function: BenchmarkFunction) -> None:
    assert any(str(year) in function.source for year in range(1950, 2026))
    assert len(function.source) > 40


@pytest.mark.parametrize("name", ["Beale", "beale", "BEALE"])
def test_get_ignores_capitals(name: str) -> None:
    assert functions.get(name) is functions.beale


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("bealle", "beale"),
        ("rosenbrok", "rosenbrock"),
        ("styblinski tang", "styblinski-tang"),
        ("threehump camel", "three-hump camel"),
        ("mc cormick", "mccormick"),
    ],
)
def test_get_suggests_the_near_name(typed: str, near: str) -> None:
    with pytest.raises(KeyError, match=f"did you mean '{near}'"):
        functions.get(typed)


def test_get_lists_the_names_when_nothing_is_near() -> None:
    with pytest.raises(KeyError) as caught:
        functions.get("qqqq")
    assert all(name in str(caught.value) for name in ALL)
    assert "did you mean" not in str(caught.value)


def test_a_function_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        functions.beale.name = "other"
