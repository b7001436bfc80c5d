"""The descent explorer takes the paths of Python and of Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from course_utils import descent, functions
from course_utils._explorer_numbers import OPTIMIZERS, path
from course_utils.explorers import DEFAULTS

Javascript = Callable[..., Any]

# Rates and momentum are powers of two, and sums of a few: Keras keeps them in single precision.
PLAIN, ADAPTIVE = 2.0**-10, 2.0**-5
STARTS = {
    "Beale": [1.0, 1.5],
    "Rosenbrock": [-0.5, 0.75],
    "Himmelblau": [0.5, 1.0],
    "Booth": [-2.0, 1.0],
    "Styblinski-Tang": [0.5, 4.5],
}
# RMSProp arrives only to bounce from side to side, and every bounce enlarges the rounding.
SLOW = 2.0**-8
RATES = dict(
    zip(OPTIMIZERS, [PLAIN, PLAIN, PLAIN, ADAPTIVE, SLOW, ADAPTIVE, ADAPTIVE], strict=True)
)
CASES = [(function, optimizer) for function in STARTS for optimizer in OPTIMIZERS]
STEPS, MOMENTUM = 200, 0.875


def in_javascript(javascript: Javascript, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = javascript("return given.map((setting) => descent.path(setting));", cases)
    return [dict(one, points=np.column_stack([one["xs"], one["ys"]])) for one in found]


@pytest.fixture(scope="module")
def paths(javascript: Javascript) -> dict[tuple[str, str], dict[str, Any]]:
    settings = [
        {
            "name": function,
            "optimizer": optimizer,
            "start": STARTS[function],
            "learningRate": RATES[optimizer],
            "momentum": MOMENTUM,
            "steps": STEPS,
        }
        for function, optimizer in CASES
    ]
    return dict(zip(CASES, in_javascript(javascript, settings), strict=True))


@pytest.mark.parametrize(("function", "optimizer"), CASES)
def test_paths_are_those_of_numpy(paths: Any, function: str, optimizer: str) -> None:
    expected = path(
        functions.get(function),
        optimizer,
        STARTS[function],
        learning_rate=RATES[optimizer],
        momentum=MOMENTUM,
        steps=STEPS,
    )
    assert np.isfinite(expected).all(), "choose a start and a rate that converge"
    np.testing.assert_allclose(paths[function, optimizer]["points"], expected, rtol=1e-6)


@pytest.mark.parametrize("function", STARTS)
@pytest.mark.parametrize(("optimizer", "momentum"), [("gradient descent", 0), ("momentum", 0.875)])
def test_paths_are_those_of_the_course(
    paths: Any, function: str, optimizer: str, momentum: float
) -> None:
    expected = descent.gradient_descent(
        functions.get(function),
        STARTS[function],
        learning_rate=PLAIN,
        momentum=momentum,
        steps=STEPS,
    )
    found = paths[function, optimizer]
    np.testing.assert_allclose(found["points"], expected.points, rtol=1e-6)
    np.testing.assert_allclose(found["values"], expected.values, rtol=1e-6, atol=1e-12)


def keras_optimizer(name: str) -> Any:
    """Keras's optimizer with its defaults but for the rate and the momentum."""
    import keras

    plain = {"learning_rate": PLAIN}
    adaptive = {"learning_rate": ADAPTIVE}
    made = {
        "gradient descent": lambda: keras.optimizers.SGD(**plain),
        "momentum": lambda: keras.optimizers.SGD(**plain, momentum=MOMENTUM),
        "Nesterov": lambda: keras.optimizers.SGD(**plain, momentum=MOMENTUM, nesterov=True),
        "AdaGrad": lambda: keras.optimizers.Adagrad(**adaptive),
        "RMSProp": lambda: keras.optimizers.RMSprop(SLOW),
        "Adam": lambda: keras.optimizers.Adam(**adaptive),
        "Nadam": lambda: keras.optimizers.Nadam(**adaptive),
    }
    return made[name]()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_paths_are_those_of_keras(paths: Any, optimizer: str) -> None:
    for function, start in STARTS.items():
        expected = descent.run_optimizer(
            keras_optimizer(optimizer), functions.get(function), start, steps=STEPS
        )
        # Keras's default decay factors and epsilon are single precision numbers.
        found = paths[function, optimizer]["points"]
        np.testing.assert_allclose(found, expected.points, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("function", functions.ALL)
def test_functions_are_those_of_the_course(javascript: Javascript, function: str) -> None:
    known = functions.get(function)
    points = np.random.default_rng(1).uniform(*np.transpose(known.bounds), size=(50, 2))
    body = "return given[1].map(([x, y]) => descent.FUNCTIONS[given[0]].all(x, y));"
    found = np.array(javascript(body, [function, points.tolist()]))
    np.testing.assert_allclose(found[:, 0], known(points), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found[:, 1:], known.gradient(points), rtol=1e-9, atol=1e-9)


def test_bounds_and_minima_are_those_of_the_course(javascript: Javascript) -> None:
    found = javascript(
        "return Object.fromEntries(Object.entries(descent.FUNCTIONS)"
        ".map(([name, { all, ...known }]) => [name, known]));"
    )
    assert list(found) == list(functions.ALL)
    for name, known in functions.ALL.items():
        np.testing.assert_allclose(found[name]["bounds"], known.bounds)
        np.testing.assert_allclose(found[name]["minima"], known.global_minima, atol=1e-12)
        assert found[name]["lowest"] == pytest.approx(known.minimum.value, abs=1e-12)


@pytest.mark.parametrize(("optimizer", "rate"), [("gradient descent", 0.1), ("momentum", 0.05)])
def test_divergence_is_found_at_the_same_step(
    javascript: Javascript, optimizer: str, rate: float
) -> None:
    setting = {
        "name": "Beale",
        "optimizer": optimizer,
        "start": [3.0, 3.0],
        "learningRate": rate,
        "momentum": 0.5,
        "steps": 50,
    }
    (found,) = in_javascript(javascript, [setting])
    expected = descent.gradient_descent(
        functions.beale,
        [3.0, 3.0],
        learning_rate=rate,
        momentum=0.5 if optimizer == "momentum" else 0.0,
        steps=50,
    )
    assert expected.diverged
    assert found["lostAt"] == expected.diverged_at
    words = javascript(
        "return descent.inWords('Beale', descent.path(given), shared.format);", setting
    )
    assert words == f"diverged: lost at step {expected.diverged_at}"


def test_arrival_is_counted_as_in_the_course(javascript: Javascript) -> None:
    setting = {
        "name": "Beale",
        "optimizer": "momentum",
        "start": [1.0, 1.5],
        "learningRate": 0.01,
        "momentum": 0.9,
        "steps": 1000,
    }
    body = """
    const found = descent.path(given);
    return [0.3, 0.01, 1e-9].map((near) => descent.stepsTo("Beale", found, near));
    """
    expected = descent.gradient_descent(
        functions.beale, [1.0, 1.5], learning_rate=0.01, momentum=0.9, steps=1000
    )
    assert javascript(body, setting) == [int(expected.steps_to(d)) for d in (0.3, 0.01, 1e-9)]


def test_defaults_are_the_same(javascript: Javascript) -> None:
    assert javascript("return descent.DEFAULTS;") == DEFAULTS["descent"]
    assert javascript("return Object.keys(descent.OPTIMIZERS);") == list(OPTIMIZERS)
