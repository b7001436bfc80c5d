"""Takeaways that are recomputed: a sentence, its figures and a condition that must hold.

A figure that comes out of floating-point work is shown with the sign ``≈``. Its
last digits may differ between processors, so the tests compare the sentence
exactly and such a figure only roughly. Whole numbers and text are exact.
"""

import numbers
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


class ClaimError(AssertionError):
    """A claim of the course does not hold in this run."""


@dataclass(frozen=True)
class Claim:
    """A claim that holds; a notebook shows it as a sentence with a tick."""

    sentence: str
    figures: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        figures = "; ".join(f"{name} {value}" for name, value in self.figures)
        return f"✓ {self.sentence}" + (f" ({figures})" if figures else "")

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        figures = " · ".join(f"{name} **{value}**" for name, value in self.figures)
        return f"> ✓ **Claim.** {self.sentence}" + (f"\n>\n> {figures}" if figures else "")


def approximately(value: float, digits: int = 3) -> str:
    """A measured number for a sentence: ``≈0.853``, rounded to significant digits.

    Args:
        value: The number; NaN and infinity are shown as such.
        digits: How many significant digits to show, at least 1.

    Raises:
        ValueError: If ``digits`` is not positive.
    """
    if digits < 1:
        raise ValueError(f"digits must be at least 1, got {digits}")
    number = float(value)
    if not np.isfinite(number):
        return f"≈{number}"
    rounded = float(f"{number:.{digits - 1}e}")
    if rounded == 0:
        return "≈0"
    if 1e-4 <= abs(rounded) < 1e6:
        decimals = max(0, digits - 1 - int(np.floor(np.log10(abs(rounded)))))
        return f"≈{rounded:,.{decimals}f}"
    return f"≈{number:.{digits - 1}e}"


def check(sentence: str, condition: Any, **figures: Any) -> Claim:
    """State a finding and fail loudly when it does not hold.

    Args:
        sentence: What is claimed, in words and without figures.
        condition: One truth value; an array must be reduced with ``.all()`` or ``.any()``.
        **figures: What the claim rests on. Floats are shown rounded, with ``≈``;
            whole numbers and strings are shown as they are; a dict gives a figure
            for each of its keys. An underscore in a name becomes a space.

    Returns:
        The claim; as the last line of a cell it is displayed.

    Raises:
        ClaimError: If the condition is false; the message gives the figures.
        ValueError: If the condition is not a single truth value.
    """
    if np.size(condition) != 1:
        raise ValueError(
            f"a claim needs one truth value, got shape {np.shape(condition)}: "
            "reduce it with .all() or .any()"
        )
    if np.asarray(condition).dtype != np.bool_:  # a string, or NaN, would count as true
        raise ValueError(f"a claim needs True or False, got {condition!r}: compare it")
    claim = Claim(sentence, tuple(_named(figures)))
    if not np.all(condition):
        described = ", ".join(f"{name} = {value!r}" for name, value in figures.items())
        raise ClaimError(f"claim does not hold: {sentence} ({described or 'no figures given'})")
    return claim


def _named(figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        words = name.replace("_", " ")
        if isinstance(value, Mapping):
            yield from ((f"{words}, {key}:", _shown(item)) for key, item in value.items())
        else:
            yield words, _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if value is None or isinstance(value, str | bool | np.bool_):
        return str(value)
    if isinstance(value, numbers.Integral):
        return f"{int(value):,}"
    if np.ndim(value) == 0 and isinstance(value, numbers.Real):
        return approximately(float(value))
    return ", ".join(_shown(item) for item in value)
