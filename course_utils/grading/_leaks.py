"""Finds lines of solutions where students can read them."""

import re
from collections.abc import Iterable
from pathlib import Path

from course_utils.grading import solutions

__all__ = ["bare", "leaks", "telling_lines"]

SHORTEST = 12  # characters; shorter lines, such as `return x`, tell nothing


def bare(text: str) -> str:
    """Returns code or prose without white space in its lines, however it was laid out.

    Args:
        text: Any text.
    """
    return "\n".join("".join(line.split()) for line in text.splitlines())


def telling_lines(id: str, public: Iterable[str], folder: Path = solutions.FOLDER) -> list[str]:
    """Returns the lines of the right solutions that nobody knows who has only the task.

    Left out are first lines of functions, comments, imports of the solution's setup, and what
    the stub has already: a solution of the kind ``wrong: the stub`` holds it.

    Args:
        id: Of the exercise.
        public: Texts that everybody may read, such as the chapter without its exercises.
        folder: Where the solutions are.

    Raises:
        FileNotFoundError: The exercise has no solutions.
    """
    answers = solutions.read(id, folder)
    stubs = [answer.code for answer in answers if answer.kind == "wrong" and "stub" in answer.what]
    known = "\n".join(map(bare, (*public, answers[0].setup, *stubs)))
    lines = [
        line
        for answer in answers
        if answer.kind in ("reference", "right")
        for line in map(_code, answer.code.splitlines())
        if len(bare(line)) >= SHORTEST and not re.match(r"(def|class|import|from) |@", line)
    ]
    return [line for line in dict.fromkeys(lines) if bare(line) not in known]


def _code(line: str) -> str:
    """Returns a line without its comment and indentation."""
    return re.sub(r"(^|\s+)# .*", "", line).strip()


def leaks(text: str, lines: Iterable[str]) -> list[str]:
    """Returns those of the lines that stand in a text, alone or as part of a line.

    Args:
        text: That students can read.
        lines: From :func:`telling_lines`.
    """
    searched = bare(text)
    return [line for line in lines if bare(line) in searched]
