"""The schedules explorer draws Keras's schedules, and its code makes the curve that it draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from course_utils._explorer_numbers import SCHEDULES, rates
from course_utils.explorers import DEFAULTS, show

Javascript = Callable[..., Any]

OTHER: dict[str, dict[str, float]] = {
    "constant": {},
    "time decay": {"decay": 3.5},
    "exponential": {"final": 0.2},
    "step": {"drops": 4, "factor": 0.35},
    "polynomial": {"power": 2.0, "end": 0.1},
    "cosine": {"end": 0.05},
    "cosine with restarts": {"period": 0.12, "growth": 1.5, "height": 0.7, "end": 0.02},
    "1cycle": {"first": 0.1, "rise": 0.45},
}
CASES = [
    pytest.param({"schedule": name, "warm_up": warm, **own}, id=f"{name}-{warm}-{len(own)}")
    for name in OTHER
    for warm in (0.0, 0.1)
    for own in ({}, OTHER[name] | {"peak": 0.03, "updates": 437})
]


def states() -> list[dict[str, Any]]:
    return [dict(show("schedules", **case.values[0]).state) for case in CASES]


@pytest.fixture(scope="module")
def drawn(javascript: Javascript) -> list[dict[str, Any]]:
    body = """
    return given.map((state) => {
      const whole = schedules.checked({ ...schedules.DEFAULTS, ...state });
      return { rates: schedules.rates(whole), code: schedules.kerasCode(whole) };
    });
    """
    return list(javascript(body, states()))


@pytest.mark.parametrize("number", range(len(CASES)))
def test_curves_are_those_of_numpy(drawn: Any, number: int) -> None:
    state = states()[number]
    np.testing.assert_allclose(drawn[number]["rates"], rates(**state), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_the_code_makes_the_curve_in_keras(drawn: Any, number: int) -> None:
    """Runs the code that the reader copies, and asks the object that it makes."""
    state, names = states()[number], {}
    exec(drawn[number]["code"], names)
    made = names["learning_rate"]
    t = np.unique(np.linspace(0, state["updates"] - 1, 60).astype(int))
    found = [float(made(int(step))) if callable(made) else made for step in t]
    # Keras computes in single precision.
    expected = np.array(drawn[number]["rates"])[t]
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=1e-5 * state["peak"])
    assert names["optimizer"].learning_rate is not None


def test_code_fits_a_narrow_column(drawn: Any) -> None:
    for one in drawn:
        assert max(len(line) for line in one["code"].splitlines()) <= 88, one["code"]


def test_defaults_are_the_same(javascript: Javascript) -> None:
    assert javascript("return schedules.DEFAULTS;") == DEFAULTS["schedules"]
    found = javascript(
        "return Object.entries(schedules.SCHEDULES).map(([name, s]) => [name, s.parameters]);"
    )
    assert {name: tuple(own) for name, own in found} == {
        name: own for name, (own, _) in SCHEDULES.items()
    }
