"""Reads and writes tables as spreadsheets and learning platforms do."""

import csv
import io
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from course_utils.grading.errors import InstructorError

__all__ = ["Table", "harmless", "read_table", "table_text", "write_file"]

_DELIMITERS = ",;\t|"


class Table:
    """Rows of a CSV file as they stand in it, and how it was written.

    Args:
        rows: All rows, that of the headers first.
        delimiter: Between cells.
        has_mark: Whether the file began with a byte order mark.
    """

    def __init__(self, rows: list[list[str]], delimiter: str, has_mark: bool) -> None:
        self.rows, self.delimiter, self.has_mark = rows, delimiter, has_mark


def read_table(path: Path) -> Table:
    """Reads a CSV file whose cells are divided by commas, semicolons, tabs or bars.

    Args:
        path: Of the file.

    Raises:
        InstructorError: It cannot be read or is empty.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InstructorError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeError:
        raise InstructorError(
            f"{path} is not in UTF-8. Save it as “CSV UTF-8” (a choice in the save dialog)."
        ) from None
    if "\0" in text or raw.startswith(b"PK\x03\x04"):
        raise InstructorError(f"{path} is not a CSV file. Save it as “CSV UTF-8”.")
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    delimiter = max(_DELIMITERS, key=bare.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise InstructorError(f"{path} is not a CSV file: {error}.") from None
    while rows and not any(cell.strip() for cell in rows[0]):
        rows.pop(0)
    if not rows:
        raise InstructorError(f"{path} is empty.")
    return Table(rows, delimiter, raw.startswith(b"\xef\xbb\xbf"))


def harmless(text: str) -> str:
    """Returns a text for a cell that no spreadsheet takes for a formula, on one line.

    See OWASP, CSV Injection.

    Args:
        text: From anybody.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"'{line}" if line[:1] in tuple("=+-@|%＝＋－＠") else line


def table_text(rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    """Returns rows as CSV text.

    Args:
        rows: Their cells.
        delimiter: Between cells.
    """
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return file.getvalue()


def write_file(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Writes a file in one step: others see the old one or the new one, never half of it.

    Args:
        path: Where; folders are made.
        text: Its content; what cannot be encoded is replaced.
        encoding: Of the file.

    Raises:
        InstructorError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode(encoding, "replace"))
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InstructorError(f"{path} cannot be written: {error.strerror}.") from None
