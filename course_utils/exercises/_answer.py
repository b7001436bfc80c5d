"""Reads what a probe returned: every value is checked for its form before a judge sees it."""

import reprlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.exercises._data import Data, NotPlain

__all__ = ["Answer", "WrongForm", "close", "likely_mistake"]


class WrongForm(Exception):
    """A value is missing, or has another type or shape than it must have.

    The message is meant for the student.
    """


class Answer:
    """What the probe of an exercise returned, as :func:`course_utils.exercises.plain` made it.

    Args:
        data: Values by their names. The names stand in messages to the student, so they are
            chosen to be understood, such as ``"nesterov(...)"``.
        path: Name of the dict or list that they stand in.
    """

    def __init__(self, data: Mapping[str, Data], path: str = "") -> None:
        self._data = data
        self._path = path

    def number(self, name: str) -> float:
        """Returns the number of this name, which is finite.

        Raises:
            WrongForm: It is something else.
        """
        value = self._present(name)
        if isinstance(value, np.ndarray) and value.size == 1:
            value = value.item()
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(name, f"should be a number, but it is {_described(value)}.")
        try:
            number = float(value)
        except OverflowError:
            number = np.inf
        if not np.isfinite(number):
            raise self._wrong(name, f"should be a finite number, but it is {number}.")
        return number

    def array(self, name: str, shape: tuple[int | None, ...]) -> NDArray[np.float64]:
        """Returns an array of finite float64 numbers.

        Args:
            name: Name of the value.
            shape: Shape that it must have; None fits any length.

        Raises:
            WrongForm: It is something else.
        """
        value = self._present(name)
        if isinstance(value, list) and any(item is None for item in value):
            raise self._wrong(name, "has entries that are None: is there a `return`?")
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            raise self._wrong(
                name, f"should be an array of numbers, but it is {_described(value)}."
            ) from None
        fits = array.ndim == len(shape) and all(
            want is None or want == have for want, have in zip(shape, array.shape, strict=True)
        )
        if not fits:
            raise self._wrong(
                name,
                f"should have the shape {_written(shape)}, but it has {_written(array.shape)}.",
            )
        if not np.isfinite(array).all():
            raise self._wrong(name, "has values that are not finite (NaN or infinity).")
        return array

    def text(self, name: str) -> str:
        """Returns the text of this name.

        Raises:
            WrongForm: It is something else.
        """
        value = self._present(name)
        if not isinstance(value, str):
            raise self._wrong(name, f"should be a text, but it is {_described(value)}.")
        return value

    def flag(self, name: str) -> bool:
        """Returns the value of this name, True or False.

        Raises:
            WrongForm: It is something else.
        """
        value = self._present(name)
        if not isinstance(value, bool):
            raise self._wrong(name, f"should be True or False, but it is {_described(value)}.")
        return value

    def items(self, name: str) -> "Answer":
        """Returns the values of the dict or list of this name, by their keys or places as texts.

        Raises:
            WrongForm: It is something else.
        """
        value = self._present(name)
        if isinstance(value, np.ndarray) and value.ndim:
            value = list(value)
        if isinstance(value, list):
            return Answer({str(n): item for n, item in enumerate(value)}, self._inside(name))
        if not isinstance(value, dict):
            raise self._wrong(name, f"should be a dict or a list, but it is {_described(value)}.")
        return Answer(value, self._inside(name))

    def names(self) -> list[str]:
        """Returns the names of the values."""
        return list(self._data)

    def raised(self, name: str) -> str | None:
        """Returns the error if the value of this name is one that ``attempt`` caught, or None."""
        value = self._data.get(name)
        return str(value["raised"]) if isinstance(value, dict) and "raised" in value else None

    def _inside(self, name: str) -> str:
        return f"{self._path}[{name!r}]" if self._path else name

    def _wrong(self, name: str, what: str) -> WrongForm:
        return WrongForm(f"`{self._inside(name)}` {what}")

    def _present(self, name: str) -> Data:
        value = self._data.get(name)
        error = self.raised(name)
        if error is not None:
            raise self._wrong(name, f"raises an error: {error}")
        if value is None:
            raise self._wrong(
                name, "is missing or None: is there a `return`, or is the stub still there?"
            )
        return value


def _described(value: Data) -> str:
    if isinstance(value, NotPlain):
        return value.description
    if isinstance(value, np.ndarray):
        return f"an array of shape {_written(value.shape)}"
    kinds: dict[type, str] = {str: "the text", bool: "", dict: "a dict", list: "the list"}
    written = "" if isinstance(value, dict) else reprlib.repr(value)
    return f"{kinds.get(type(value), '')} {written}".strip()


def _written(shape: tuple[int | None, ...]) -> str:
    inside = ", ".join("any" if length is None else str(length) for length in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def close(value: ArrayLike, expected: ArrayLike, *, rtol: float = 1e-6, atol: float = 0.0) -> bool:
    """Says whether numbers are equal up to a tolerance; other shapes and NaN are not.

    Args:
        value: Number or array to test.
        expected: What it should be; nothing is close to what is not finite.
        rtol: Tolerance relative to the largest expected number by absolute value.
        atol: Tolerance that is added to it.
    """
    value, expected = np.asarray(value, float), np.asarray(expected, float)
    if value.shape != expected.shape:
        return False
    scale = np.max(np.abs(expected), initial=0.0)
    return bool(np.isfinite(scale)) and bool(
        np.all(np.abs(value - expected) <= atol + rtol * scale)
    )


def likely_mistake(
    value: ArrayLike, mistakes: Mapping[str, ArrayLike], *, otherwise: str, **tolerances: float
) -> str:
    """Names the mistake that gives this value.

    Args:
        value: What the student's code returned.
        mistakes: For each hint the value that the mistake would give.
        otherwise: The hint if none of them fits.
        **tolerances: `rtol` and `atol` of :func:`close`.
    """
    for hint, wrong in mistakes.items():
        if close(value, wrong, **tolerances):
            return hint
    return otherwise
