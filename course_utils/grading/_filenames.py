"""Reads from the names of files whose work they are, as learning platforms write them."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

__all__ = ["Origin", "origin"]

# Documented in the Canvas guide, "How do I upload instructor feedback to student submissions?":
# name, perhaps LATE, number of the user, number of the submission, name of the file.
_CANVAS = re.compile(
    r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<user>\d+)_(?P<submission>\d+)_(?P<file>.+)", re.I
)
# Moodle: a folder for each student, or all in the name of the file, as the teacher chooses.
_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)", re.I
)
_AGAIN = re.compile(r"\s*(?:\((\d+)\)|-(\d{1,3}))$")


@dataclass(frozen=True)
class Origin:
    """What the name of a file tells.

    Attributes:
        kind: ``"canvas"``, ``"moodle"`` or ``"plain"``.
        names: What may be the student's name or id, the most likely first.
        canvas_id: Number of the user in Canvas, or empty.
        is_late: Whether Canvas marks it as late.
        again: Which resubmission it is; Canvas and browsers count them in the name.
    """

    kind: str
    names: tuple[str, ...]
    canvas_id: str = ""
    is_late: bool = False
    again: tuple[int, int] = (0, 0)


def origin(path: PurePosixPath) -> Origin:
    """Reads the name of a file and those of its folders.

    Args:
        path: Relative to the folder of all submissions.
    """
    stem, number = _without_number(path.stem)
    if found := _CANVAS.fullmatch(path.name):
        again = (int(found["submission"]), number)
        return Origin("canvas", (found["name"],), found["user"], bool(found["late"]), again)
    for piece in path.parts:
        if found := _MOODLE.fullmatch(piece):
            return Origin("moodle", (found["name"],), again=(0, number))
    return Origin("plain", (*path.parts[:-1], path.stem, stem), again=(0, number))


def _without_number(stem: str) -> tuple[str, int]:
    found = _AGAIN.search(stem)
    if found is None or not stem[: found.start()]:
        return stem, 0
    return stem[: found.start()], int(found[1] or found[2])
