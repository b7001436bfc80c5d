"""Reads the list of the class."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading._tables import read_table
from course_utils.grading.errors import InstructorError

__all__ = ["RosterError", "Student", "name_forms", "normal", "read_roster"]

_HEADERS = {
    "id": {"id", "studentid", "studentnumber", "sisuserid", "sisid", "matriculationnumber"},
    "name": {"name", "fullname", "student", "studentname"},
    "email": {"email", "mail", "emailaddress"},
    "canvas_id": {"canvasid", "canvasuserid"},
    "login": {"login", "loginid", "sisloginid", "username", "user"},
    "first": {"first", "firstname", "givenname"},
    "last": {"last", "lastname", "surname", "familyname"},
}
_UNIQUE = ("id", "email", "canvas_id", "login")


class RosterError(InstructorError):
    """The list of the class is not as it must be."""


@dataclass(frozen=True)
class Student:
    """A student of the class.

    Attributes:
        id: That the instructor knows the student by.
        name: As in the list.
        email: Address; may be empty.
        canvas_id: Number of the user in Canvas; may be empty.
        login: Login name; may be empty.
    """

    id: str
    name: str = ""
    email: str = ""
    canvas_id: str = ""
    login: str = ""


def normal(text: str) -> str:
    """Returns a text without case, accents, spaces and punctuation, to compare names.

    Args:
        text: Such as ``"Müller, Zoë"``.
    """
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parts if c.isalnum())


def read_roster(path: Path) -> list[Student]:
    """Reads a CSV file with a row for each student.

    Args:
        path: Of a file with the columns id and name, and perhaps email, login and canvas id.
            A gradebook that Canvas has exported does as well.

    Raises:
        RosterError: Columns are missing, an id is empty, or something stands there twice.
    """
    try:
        rows = read_table(path).rows
    except InstructorError as error:
        raise RosterError(str(error)) from None
    columns = _columns(path, rows[0])
    numbered = [
        (number, _student(columns, row))
        for number, row in enumerate(rows[1:], 2)
        if any(cell.strip() for cell in row) and not _is_no_student(row)
    ]
    if not numbered:
        raise RosterError(f"{path} has no students: its first row is taken for the headers.")
    for number, student in numbered:
        if not student.id:
            raise RosterError(f"{path}, row {number}: there is no id.")
    for field in _UNIQUE:
        _no_duplicates(path, field, [(n, getattr(student, field)) for n, student in numbered])
    return [student for _, student in numbered]


def _columns(path: Path, headers: list[str]) -> dict[str, int]:
    """Returns where each field stands."""
    names = [normal(header) for header in headers]
    meanings = {name: field for field, known in _HEADERS.items() for name in known}
    if {"student", "section"} <= set(names):  # a gradebook of Canvas, where ID is its own
        meanings["id"] = "canvas_id"
    columns: dict[str, int] = {}
    for place, name in enumerate(names):
        field = meanings.get(name)
        if field in columns:
            first = headers[columns[str(field)]].strip()
            raise RosterError(
                f"{path} has two columns for the {field}: {first!r} and {headers[place].strip()!r}."
            )
        if field is not None:
            columns[field] = place
    for other in ("login", "canvas_id"):
        if "id" not in columns and other in columns:
            columns["id"] = columns[other]
    missing = [field for field in ("id",) if field not in columns]
    if "name" not in columns and not {"first", "last"} <= set(columns):
        missing.append("name")
    if missing:
        found = ", ".join(repr(header.strip()) for header in headers) or "nothing"
        raise RosterError(
            f"{path} needs a column {' and a column '.join(missing)} in its first row; "
            f"it has {found}."
        )
    return columns


def _student(columns: dict[str, int], row: list[str]) -> Student:
    cells = {
        field: row[place].strip() if place < len(row) else "" for field, place in columns.items()
    }
    first, last = cells.pop("first", ""), cells.pop("last", "")
    cells["name"] = cells.get("name") or f"{first} {last}".strip()
    return Student(**cells)


def _is_no_student(row: list[str]) -> bool:
    """Says whether this is one of the rows that Canvas puts below the headers."""
    return row[0].strip() in ("Points Possible", "Manual Posting") or (
        not row[0].strip() and any("manual posting" in cell.lower() for cell in row)
    )


def _no_duplicates(path: Path, field: str, values: Iterable[tuple[int, str]]) -> None:
    known = [(number, value.casefold()) for number, value in values if value]
    counts = Counter(value for _, value in known)
    for value, count in counts.items():
        if count > 1:
            rows = " and ".join(_rows(known, value))
            raise RosterError(
                f"{path}: the {field.replace('_', ' ')} {value!r} stands in the rows {rows}."
            )


def _rows(known: Iterable[tuple[int, str]], wanted: str) -> Iterator[str]:
    return (str(number) for number, value in known if value == wanted)


def name_forms(name: str) -> set[str]:
    """Returns how a name may stand in the name of a file, in one word.

    Args:
        name: With the first name first or last, or "Last, First".
    """
    tokens = [token for token in re.split(r"[\s,]+", name) if normal(token)]
    turned = ["".join(tokens[n:] + tokens[:n]) for n in range(len(tokens))]
    # Some systems drop letters that are not ASCII. What is left must be enough to know a name by.
    left = ["".join(c for c in form if c.isascii()) for form in turned]
    return {normal(form) for form in turned} | {normal(f) for f in left if len(f) >= 6}
