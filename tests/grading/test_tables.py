"""Tables as spreadsheets and learning platforms write them, and what else is given for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_utils.grading._tables import harmless, read_table, table_text, write_file
from course_utils.grading.errors import InstructorError


@pytest.mark.parametrize(
    ("raw", "delimiter", "has_mark"),
    [
        (b"id,name\nanna,Anna\n", ",", False),
        (b"id;name\r\nanna;Anna\r\n", ";", False),
        (b"id\tname\nanna\tAnna\n", "\t", False),
        (b"\xef\xbb\xbfid,name\nanna,Anna\n", ",", True),
        ("id,name\nanna,Anna\n".encode("utf-16"), ",", False),
        (b" , \n\nid,name\nanna,Anna\n", ",", False),
        (b'"id";"name"\n"anna";"Anna"\n', ";", False),
    ],
)
def test_tables_are_read_as_they_were_written(
    tmp_path: Path, raw: bytes, delimiter: str, has_mark: bool
) -> None:
    (tmp_path / "class.csv").write_bytes(raw)
    table = read_table(tmp_path / "class.csv")
    assert table.rows == [["id", "name"], ["anna", "Anna"]]
    assert (table.delimiter, table.has_mark) == (delimiter, has_mark)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (None, "cannot be read: No such file"),
        (b"id,name\nanna,J\xfcrgen\n", "not in UTF-8"),
        (b"PK\x03\x04 a workbook", "is not a CSV file. Save it"),
        (b"id\0,name\n", "is not a CSV file. Save it"),
        (b"id,name\n" + b"x" * 200_000 + b",long\n", "field larger than field limit"),
        (b"", "is empty"),
        (b"\n , \n", "is empty"),
    ],
)
def test_what_is_no_table_is_said(tmp_path: Path, raw: bytes | None, says: str) -> None:
    if raw is not None:
        (tmp_path / "class.csv").write_bytes(raw)
    with pytest.raises(InstructorError, match=says):
        read_table(tmp_path / "class.csv")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Anna Ng", "Anna Ng"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("\t@SUM(1)", "'@SUM(1)"),
        ("two\nlines", "two lines"),
        ("－1", "'－1"),
        ("", ""),
    ],
)
def test_a_cell_is_no_formula(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_files_are_written_in_one_step(tmp_path: Path) -> None:
    target = tmp_path / "new" / "marks.csv"
    write_file(target, table_text([["id", "points"], ["ö", 1.5]]), "ascii")
    assert target.read_bytes() == b"id,points\r\n?,1.5\r\n"
    assert [path.name for path in target.parent.iterdir()] == ["marks.csv"]


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InstructorError, match="cannot be written: "):
        write_file(tmp_path / "file" / "marks.csv", "text")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InstructorError, match="cannot be written: "):
        write_file(tmp_path / "folder", "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
