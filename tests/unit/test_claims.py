"""Claims: what they show, when they fail, and that nbval's comparison fits their figures."""

import configparser
import math
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import claims
from course_utils.claims import ClaimError, approximately, check

SANITIZER = Path(__file__).resolve().parents[1] / "book" / "nbval_sanitize.cfg"


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.85312, 3, "≈0.853"),
        (0.85, 3, "≈0.850"),
        (1, 3, "≈1.00"),
        (0.9996, 3, "≈1.00"),
        (9.996, 3, "≈10.0"),
        (99.96, 3, "≈100"),
        (0.99949, 3, "≈0.999"),
        (3.00000257, 9, "≈3.00000257"),
        (0.50000085, 8, "≈0.50000085"),
        (12.5, 1, "≈10"),
        (123456.0, 3, "≈123,000"),
        (123456.0, 6, "≈123,456"),
        (1234.5678, 6, "≈1,234.57"),
        (999499.0, 3, "≈999,000"),
        (999999.0, 3, "≈1.00e+06"),
        (1e6, 3, "≈1.00e+06"),
        (1.5e-4, 2, "≈0.00015"),
        (1e-4, 3, "≈0.000100"),
        (9.9999e-5, 3, "≈0.000100"),
        (9.94e-5, 3, "≈9.94e-05"),
        (2.068e-12, 4, "≈2.068e-12"),
        (-0.85312, 3, "≈-0.853"),
        (-1234.0, 2, "≈-1,200"),
        (-3e-8, 2, "≈-3.0e-08"),
        (0.0, 3, "≈0"),
        (-0.0, 3, "≈0"),
        (5e-324, 3, "≈4.94e-324"),
        (float("nan"), 3, "≈nan"),
        (float("inf"), 3, "≈inf"),
        (-float("inf"), 3, "≈-inf"),
        (np.float32(0.1), 3, "≈0.100"),
    ],
)
def test_approximately(value: float, digits: int, shown: str) -> None:
    assert approximately(value, digits) == shown


@pytest.mark.parametrize("digits", [0, -1])
def test_approximately_refuses_no_digits(digits: int) -> None:
    with pytest.raises(ValueError, match=f"at least 1, got {digits}"):
        approximately(1.0, digits)


finite = st.floats(-1e300, 1e300)


@given(finite, st.integers(1, 12))
def test_approximately_is_the_rounded_number(value: float, digits: int) -> None:
    parsed = float(approximately(value, digits).removeprefix("≈").replace(",", ""))
    # Half a unit of the last digit, and a last bit for reading the number back.
    allowed = 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1) if value else 0
    assert abs(parsed - value) <= allowed * (1 + 1e-9) + abs(value) * 2e-16 + 5e-324


@given(finite.filter(lambda value: abs(value) > 1e-300), st.integers(1, 12))
def test_approximately_shows_that_many_digits(value: float, digits: int) -> None:
    mantissa = approximately(value, digits).split("e")[0]
    shown = re.sub(r"\D", "", mantissa).lstrip("0")
    assert len(shown) >= digits
    assert set(shown[digits:]) <= {"0"}


def sanitizers() -> list[tuple[str, str]]:
    parser = configparser.RawConfigParser()
    parser.read(SANITIZER, encoding="utf-8")
    return [(parser[name]["regex"], parser[name]["replace"]) for name in parser.sections()]


def sanitized(text: str) -> str:
    for regex, replacement in sanitizers():
        text = re.sub(regex, replacement, text)
    return text


def test_the_sanitizer_is_where_these_tests_look() -> None:
    assert len(sanitizers()) >= 1


@given(finite, st.integers(1, 12))
def test_sanitizer_takes_every_figure_whole(value: float, digits: int) -> None:
    assert sanitized(f"loss {approximately(value, digits)} at the end") == "loss ≈# at the end"


@pytest.mark.parametrize("other", [0.998, 9.97, 99.7, 997.0, 1e-9, 123456.0, -0.5, 0.0])
def test_sanitized_claim_is_the_same_whatever_the_figure(other: float) -> None:
    """Also where the last digit moves the decimal point, as from 99.7 to 100."""
    for template in (
        check("A", True, loss=1.0, list=[1.0, 2.0], words="three"),
        check("A", True, loss=other, list=[other, other], words="three"),
    ):
        expected = "✓ A (loss ≈#; list ≈#, ≈#; words three)"
        assert sanitized(str(template)) == expected
        markdown = "> ✓ **Claim.** A\n>\n> loss **≈#** · list **≈#, ≈#** · words **three**"
        assert sanitized(template._repr_markdown_()) == markdown


@pytest.mark.parametrize("number", [1.25, 99.7, 997.0, 123456.0])
@pytest.mark.parametrize("after", [".", ",", ", 3", "; 4", "%", ")", " × 10"])
def test_sanitizer_leaves_what_follows_the_figure(number: float, after: str) -> None:
    assert sanitized(approximately(number) + after) == "≈#" + after


def test_sanitizer_leaves_exact_numbers() -> None:
    text = str(check("60 evaluations", True, evaluations=60, share="12%"))
    assert sanitized(text) == text


def test_claim_that_holds_reads_as_a_sentence_with_its_figures() -> None:
    claim = check("It arrives", True, steps=1234, final_distance=0.0123456)
    assert str(claim) == repr(claim) == "✓ It arrives (steps 1,234; final distance ≈0.0123)"
    assert claim._repr_markdown_() == (
        "> ✓ **Claim.** It arrives\n>\n> steps **1,234** · final distance **≈0.0123**"
    )


def test_claim_without_figures_has_no_empty_parentheses() -> None:
    claim = check("It arrives", True)
    assert str(claim) == "✓ It arrives"
    assert claim._repr_markdown_() == "> ✓ **Claim.** It arrives"


@pytest.mark.parametrize(
    ("figure", "shown"),
    [
        (3, "3"),
        (-1234567, "-1,234,567"),
        (np.int64(1200), "1,200"),
        (np.uint8(7), "7"),
        (True, "True"),
        (np.bool_(False), "False"),
        ("12 of 50", "12 of 50"),
        (None, "None"),
        (0.5, "≈0.500"),
        (np.float32(0.5), "≈0.500"),
        (np.float64(2.0), "≈2.00"),
        (Fraction(1, 3), "≈0.333"),
        (np.array(0.25), "≈0.250"),
        (np.array(4), "4"),
        ([1, 2.0], "1, ≈2.00"),
        ((0.1, "a"), "≈0.100, a"),
        (np.array([0.1, 0.2]), "≈0.100, ≈0.200"),
        (np.array([[1, 2], [3, 4]]), "1, 2, 3, 4"),
        (range(3), "0, 1, 2"),
    ],
)
def test_kinds_of_figures(figure: object, shown: str) -> None:
    assert check("x", True, figure=figure).figures == (("figure", shown),)


def test_dict_gives_a_figure_for_each_key() -> None:
    figures = check("x", True, final_loss={"ReLU": 0.9, "SELU": 3}, steps=2).figures
    assert figures == (("final loss, ReLU:", "≈0.900"), ("final loss, SELU:", "3"), ("steps", "2"))


@pytest.mark.parametrize("condition", [False, np.bool_(False), np.array(False), np.array([False])])
def test_false_claim_fails_with_its_figures(condition: object) -> None:
    with pytest.raises(ClaimError) as caught:
        check("It arrives", condition, steps=12, final_distance=0.75, run="seed 3")
    message = str(caught.value)
    assert "It arrives" in message
    for part in ("steps", "12", "final_distance", "0.75", "seed 3"):
        assert part in message


def test_false_claim_without_figures_says_so() -> None:
    with pytest.raises(ClaimError, match="no figures given"):
        check("It arrives", False)


def test_a_failed_claim_is_an_assertion() -> None:
    assert issubclass(claims.ClaimError, AssertionError)


@pytest.mark.parametrize("condition", [True, np.bool_(True), np.array(True), np.array([True])])
def test_one_truth_value_in_any_wrapping_holds(condition: object) -> None:
    assert check("x", condition).sentence == "x"


@pytest.mark.parametrize(
    "condition", [np.array([True, True]), [True, False], np.zeros((2, 3), bool), [], np.array([])]
)
def test_arrays_are_refused(condition: object) -> None:
    with pytest.raises(ValueError, match=r"reduce it with \.all\(\) or \.any\(\)"):
        check("x", condition)


@pytest.mark.parametrize("condition", [float("nan"), 0.3, 1, "ReLU wins", None, np.float64(2)])
def test_what_is_no_truth_value_is_refused(condition: object) -> None:
    with pytest.raises(ValueError, match="needs True or False"):
        check("x", condition)


def test_comparison_with_nan_does_not_hold() -> None:
    with pytest.raises(ClaimError, match="nan"):
        check("The loss is small", float("nan") < 1, loss=float("nan"))


def test_claims_compare_by_content() -> None:
    assert check("x", True, a=1) == check("x", True, a=1)
    assert check("x", True, a=1) != check("x", True, a=2)
