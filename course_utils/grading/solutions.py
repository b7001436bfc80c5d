"""Reads the solutions, which only instructors have: right answers and typical wrong ones.

A file ``solutions/ID.py`` belongs to each exercise. Its cells begin with one of

- ``# %% setup``: imports that all answers use,
- ``# %% reference``: the solution that may be shown,
- ``# %% right: how it differs``: another right one,
- ``# %% wrong: the mistake | words of the message``: a typical mistake, and a regular expression
  that the message to the student must match.
"""

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FOLDER", "Solution", "read"]

FOLDER = Path(__file__).resolve().parents[2] / "solutions"
_HEADER = re.compile(r"^# %% (\w+)(?:: *(.*))?\n", re.M)


@dataclass(frozen=True)
class Solution:
    """An answer to an exercise, right or wrong.

    Attributes:
        kind: ``"reference"``, ``"right"`` or ``"wrong"``.
        what: How it differs from the reference.
        says: Regular expression that the message of a wrong one must match.
        setup: Code with the imports.
        code: Code that a student would write into the stub cell.
    """

    kind: str
    what: str
    says: str
    setup: str
    code: str


def read(id: str, folder: Path = FOLDER) -> list[Solution]:
    """Reads the solutions of an exercise, the reference first.

    Args:
        id: Of the exercise.
        folder: Where the files lie.

    Raises:
        FileNotFoundError: The exercise has none.
        ValueError: The file is not as described above.
    """
    path = folder / f"{id}.py"
    pieces = _HEADER.split(path.read_text(encoding="utf-8"))
    cells = list(zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True))
    kinds = [kind for kind, _, _ in cells]
    if kinds[:2] != ["setup", "reference"] or set(kinds[2:]) - {"right", "wrong"}:
        raise ValueError(
            f"{path} must have the cells setup, reference, and then right or wrong ones; "
            f"it has {', '.join(kinds) or 'none'}."
        )
    setup = cells[0][2].strip()
    return [
        Solution(kind, *_described(path, kind, header or ""), setup, code.strip() + "\n")
        for kind, header, code in cells[1:]
    ]


def _described(path: Path, kind: str, header: str) -> tuple[str, str]:
    what, _, says = (part.strip() for part in header.partition(" | "))
    if kind == "wrong" and not (what and says):
        raise ValueError(f"{path}: say of every wrong answer: # %% wrong: mistake | message")
    return what, says
