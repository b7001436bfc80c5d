"""Fills a gradebook that Canvas has exported, so that it can be imported again.

See the Canvas guide, "How do I import grades in the Gradebook?": rows are matched by ID, SIS User
ID and SIS Login ID, and a column of an assignment ends with the number of the assignment.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading._tables import Table, read_table, table_text, write_file
from course_utils.grading.batch import Row
from course_utils.grading.errors import InstructorError

__all__ = ["CanvasError", "Filled", "assignment_in", "export_canvas"]

_ASSIGNMENT = re.compile(r"(?P<name>.+) \((?P<number>\d+)\)\s*")
_COLUMNS = ("ID", "SIS User ID", "SIS Login ID")
_NOT_GRADED = ("missing", "invalid")


class CanvasError(InstructorError):
    """A file is no gradebook of Canvas, or it is not clear which column to fill."""


@dataclass(frozen=True)
class Filled:
    """What was written into a gradebook.

    Attributes:
        assignment: Header of the column.
        filled: Number of students.
        left: Ids of students whose cell was left as it is: they have no marks.
        not_found: Ids of graded students who are not in the gradebook, or not once.
        possible: Points that Canvas has for the assignment, if it says so.
    """

    assignment: str
    filled: int
    left: tuple[str, ...]
    not_found: tuple[str, ...]
    possible: float | None


def export_canvas(
    rows: Sequence[Row], template: Path, out: Path, assignment: str | None = None
) -> Filled:
    """Writes a copy of a gradebook with the points in the column of an assignment.

    Nothing else is changed. The cells of students who have handed in nothing, or nothing that
    can be graded, stay as they are: whether that is a zero is for the instructor to say.

    Args:
        rows: What the class gets.
        template: The gradebook as Canvas has exported it.
        out: File to write.
        assignment: Header, name or number of the column; not needed if there is only one.

    Raises:
        CanvasError: The template is no gradebook, or the column is not clear.
    """
    table = _read(template)
    headers = table.rows[0]
    column = _column(template, headers, assignment)
    lines = _lines(headers, table.rows)
    found: dict[int, list[Row]] = {}
    for row in rows:
        for line in _found(row, lines):
            found.setdefault(line, []).append(row)
    places = [line for line, who in found.items() if len(who) == 1]
    filled: set[str] = set()
    left: list[str] = []
    for line in places:
        row = found[line][0]
        if row.result.status in _NOT_GRADED or row.result.trouble:
            left.append(row.student.id)
            continue
        cells = table.rows[line]
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = f"{row.result.points:g}"
        filled.add(row.student.id)
    encoding = "utf-8-sig" if table.has_mark else "utf-8"
    write_file(out, table_text(table.rows, table.delimiter), encoding)
    graded = [row.student.id for row in rows if row.result.status not in _NOT_GRADED]
    lost = [id for id in graded if id not in filled and id not in left]
    possible = _possible(table.rows, column)
    return Filled(headers[column].strip(), len(filled), tuple(left), tuple(lost), possible)


def assignment_in(template: Path, wanted: str | None = None) -> str:
    """Returns the header of the column that would be filled.

    Args:
        template: The gradebook as Canvas has exported it.
        wanted: Header, name or number of the column; not needed if there is only one.

    Raises:
        CanvasError: The template is no gradebook, or the column is not clear.
    """
    headers = _read(template).rows[0]
    return headers[_column(template, headers, wanted)].strip()


def _read(template: Path) -> Table:
    try:
        table = read_table(template)
    except InstructorError as error:
        raise CanvasError(str(error)) from None
    headers = [header.strip() for header in table.rows[0]]
    if "Student" not in headers or not set(_COLUMNS) & set(headers):
        raise CanvasError(
            f"{template} is no gradebook of Canvas: it has no columns Student and ID. In Canvas: "
            "Grades, Export."
        )
    return table


def _column(template: Path, headers: Sequence[str], wanted: str | None) -> int:
    found = {n: match for n, h in enumerate(headers) if (match := _ASSIGNMENT.fullmatch(h))}
    if wanted is not None:
        asked = wanted.strip().casefold()
        chosen = [
            n
            for n, match in found.items()
            if asked in (match[0].strip().casefold(), match["name"].casefold(), match["number"])
        ]
    else:
        chosen = list(found)
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(repr(match[0].strip()) for match in found.values()) or "none"
    if not found:
        raise CanvasError(
            f"{template} has no column of an assignment, such as 'Homework 1 (12345)'. Make the "
            "assignment in Canvas and export the gradebook again."
        )
    problem = f"{wanted!r} fits {len(chosen)} of them" if wanted else "Which one is it?"
    raise CanvasError(
        f"{template} has the assignments {names}. {problem}. "
        "Say it: --assignment 'NAME (NUMBER)'".replace("?.", "?")
    )


def _lines(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, dict[str, int]]:
    """Returns for each column with ids in which line an id stands."""
    places = {header.strip(): n for n, header in enumerate(headers)}
    lines: dict[str, dict[str, int]] = {}
    for header in _COLUMNS:
        place = places.get(header)
        ids: dict[str, int] = {}
        for number, cells in enumerate(rows[1:], 1):
            id = cells[place].strip().casefold() if place is not None and place < len(cells) else ""
            if id:
                ids[id] = -1 if id in ids else number  # twice: it is nobody's
        lines[header] = {id: number for id, number in ids.items() if number > 0}
    return lines


def _found(row: Row, lines: dict[str, dict[str, int]]) -> Iterable[int]:
    """Returns the line of a student, by the first kind of id that both sides have."""
    student = row.student
    for header, ids in (
        ("ID", (student.canvas_id,)),
        ("SIS User ID", (student.id,)),
        ("SIS Login ID", (student.login, student.email, student.id)),
        ("ID", () if student.canvas_id else (student.id,)),
    ):
        found = {lines[header][id.casefold()] for id in ids if id.casefold() in lines[header]}
        if found:
            return found if len(found) == 1 else ()
    return ()


def _possible(rows: Sequence[Sequence[str]], column: int) -> float | None:
    for cells in rows[1:4]:
        if cells and cells[0].strip() == "Points Possible" and column < len(cells):
            try:
                return float(cells[column])
            except ValueError:
                return None
    return None
