"""Rows for tests of what is written about them."""

from course_utils.grading.batch import Row
from course_utils.grading.roster import Student
from course_utils.grading.submission import Mark, Result


def mark(id: str, points: float, maximum: float, state: str, *messages: tuple[bool, str]) -> Mark:
    return Mark(id, f"Exercise {id}", points, maximum, state, messages)


def row(
    id: str,
    name: str,
    status: str,
    *marks: Mark,
    notes: tuple[str, ...] = (),
    file: str | None = None,
    **more: object,
) -> Row:
    if file is None:
        file = "" if status == "missing" else f"{id}.ipynb"
    result = Result(status, marks, notes, 1.25, 5_000_000)
    return Row(Student(id, name, **more), result, file)
