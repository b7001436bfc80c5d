"""Runs the probe of an exercise beside the student's code."""

import sys
import traceback
from collections.abc import Callable
from typing import Any

from course_utils.exercises._data import Data, DataError, plain
from course_utils.exercises._definition import Exercise

__all__ = ["attempt", "probe"]


def probe(exercise: Exercise, answer: Any, inputs: dict[str, Any]) -> dict[str, Data]:
    """Puts the inputs of an exercise into an answer.

    Returns:
        What came out, as plain data; or ``{"problem": kind, "message": text}``, where kind is
        ``"stub"``, ``"raised"`` or ``"form"``.
    """
    if _is_stub(answer):
        return {"problem": "stub", "message": f"`{exercise.name}` is still the stub."}
    try:
        data = plain(exercise.probe(answer, inputs))
    except DataError as error:
        return {"problem": "form", "message": str(error)}
    except Exception as error:
        return {"problem": "raised", "message": error_message(error)}
    return data if isinstance(data, dict) else {}


def _is_stub(answer: Any) -> bool:
    if answer is None or answer is ...:
        return True
    if isinstance(answer, tuple):
        return all(_is_stub(item) for item in answer)
    code = getattr(answer, "__code__", None)
    return code is not None and code.co_code == _stub.__code__.co_code


def _stub() -> None: ...


def attempt(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a function of the student; an error is a value, so that the others are still judged.

    Args:
        function: To call.
        *arguments: To call it with.

    Returns:
        What it returns, or ``{"raised": message}``.
    """
    try:
        return function(*arguments)
    except Exception as error:
        return {"raised": error_message(error)}


def error_message(error: BaseException) -> str:
    """Returns the error in a line, with the line of the student's code where it arose."""
    try:
        text = " ".join(f"{type(error).__name__}: {error}".split())
    except Exception:  # its __str__ is student code
        text = type(error).__name__
    here = sys.modules["course_utils"].__path__[0]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.line and not frame.filename.startswith((here, sys.prefix, sys.base_prefix)):
            text += f" (in `{frame.line.strip()[:80]}`)"
            break
    return text[:500]
