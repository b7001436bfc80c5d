"""Marks as tables: for spreadsheets without formulas, for Canvas without a changed cell."""

import csv
import io
import json

import pandas as pd
import pytest

from course_utils.exercises import of_chapter
from course_utils.grading._tables import harmless
from course_utils.grading.batch import Batch
from course_utils.grading.canvas import CanvasError, export_canvas
from course_utils.grading.export import as_csv, as_json, summary, write_all
from course_utils.grading.submissions import Collected
from tests.grading.rows import mark, row

EXERCISES = tuple(of_chapter("01"))


def marks(points: float):
    return [mark(e.id, points, e.points, "wrong", (False, f"Wrong, {e.name}")) for e in EXERCISES]


def batch(*rows, **more) -> Batch:
    return Batch(EXERCISES, rows, Collected((), **more), seconds=12.0)


ROWS = (
    row("s1", "Ng, Zoë", "ok", *marks(1.5), canvas_id="501", login="zng"),
    row("s2", "Bo, Al", "partial", *marks(0), canvas_id="502", notes=("Code cell 3: no",)),
    row("s3", "Lee, Kim", "missing", canvas_id="503"),
    row("s4", "Ito, Jun", "invalid", *marks(0), canvas_id="504"),
)


def test_a_table_has_a_row_for_each_and_a_column_for_each_exercise() -> None:
    table = pd.read_csv(io.StringIO(as_csv(batch(*ROWS[:2]))), index_col="id")
    assert list(table.index) == ["s1", "s2"]
    assert list(table["points"]) == [1.5 * len(EXERCISES), 0]
    assert list(table["maximum"]) == [sum(e.points for e in EXERCISES)] * 2
    assert list(table[EXERCISES[0].id]) == [1.5, 0]
    assert list(table["status"]) == ["ok", "partial"]
    assert table.loc["s2", "notes"] == "Code cell 3: no"
    assert f"{EXERCISES[0].id}: Wrong" in table.loc["s1", "messages"]
    assert list(table["seconds"]) == [1.2, 1.2]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r\n=1", " =1", "=HYPERLINK(\"http://x\")",
        "\x00=1", "＝1", "\u200b=1",
    ],
)  # fmt: skip
def test_no_cell_is_a_formula(text: str) -> None:
    assert harmless(text)[0] == "'"
    evil = row(text, text, "partial", *marks(0), notes=(text,), file=text)
    for cells in list(csv.reader(io.StringIO(as_csv(batch(evil)))))[1:]:
        assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r\n ")]


def test_texts_of_students_stay_in_their_cells() -> None:
    evil = row('a,"b', "x\ny;z", "partial", *marks(0), notes=('","=1', "a\r\nb"))
    _, cells = csv.reader(io.StringIO(as_csv(batch(evil))))
    assert cells[:3] == ['a,"b', "x y;z", "partial"]
    assert cells[-2] == '","=1 | a b'


def test_json_holds_all_messages() -> None:
    content = json.loads(as_json(batch(*ROWS, unmatched=("x",), ambiguous=(("y", ("a", "b")),))))
    first = content["students"][0]
    assert first["exercises"][EXERCISES[0].id] == {
        "points": 1.5,
        "state": "wrong",
        "messages": [{"right": False, "text": f"Wrong, {EXERCISES[0].name}"}],
    }
    assert content["unmatched"] == ["x"]
    assert content["ambiguous"] == {"y": ["a", "b"]}
    assert [exercise["id"] for exercise in content["exercises"]] == [e.id for e in EXERCISES]


def test_all_files_are_written(tmp_path) -> None:
    write_all(batch(*ROWS), tmp_path / "new" / "out")
    found = sorted(p.relative_to(tmp_path / "new/out").as_posix() for p in tmp_path.rglob("*.*"))
    pages = [f"feedback/s{n}.html" for n in range(1, 5)]
    assert found == [*pages, "grades.csv", "grades.json"]
    assert (tmp_path / "new/out/grades.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")


def test_the_summary_says_what_to_do(tmp_path) -> None:
    said = summary(batch(*ROWS, unmatched=("=x.ipynb",), ambiguous=(("y", ("a", "b")),)), tmp_path)
    assert said.startswith("1 ok, 1 partial, 1 invalid, 1 missing\n")
    assert f"Mean of those graded: {0.75 * len(EXERCISES):.1f} of" in said
    assert "Look at invalid: s4" in said
    assert "1 files belong to nobody in the roster: '=x.ipynb" in said
    assert "y may belong to a or b" in said
    assert str(tmp_path / "grades.csv") in said


# --- Canvas -------------------------------------------------------------------------------------

HEADER = "Student,ID,SIS User ID,SIS Login ID,Section,HW 1 (77),HW 2 (78),Final Score\r\n"
POSSIBLE = "    Points Possible,,,,,10.00,20.00,(read only)\r\n"
BOOK = (
    HEADER
    + POSSIBLE
    + '"Bo, Al",502,s2,abo,"A, B",3,,x\r\n"Lee, Kim",503,s3,,A,,9,\r\n'
    + '"=Odd, Name",599,s9,odd,A,1,2,\r\n"Ng, Zoë",501,s1,zng,A,,7,\r\n'
    + '"Student, Test",1,,t,A,,,\r\n'
)


def filled(path, rows=ROWS, text: str = BOOK, assignment: str | None = "78", encoding="utf-8"):
    (path / "book.csv").write_bytes(text.encode(encoding))
    done = export_canvas(rows, path / "book.csv", path / "canvas.csv", assignment)
    return done, (path / "canvas.csv").read_bytes().decode(encoding)


def test_only_the_cells_of_graded_students_change(tmp_path) -> None:
    done, text = filled(tmp_path)
    points = f"{1.5 * len(EXERCISES):g}"
    expected = BOOK.replace('"A, B",3,,x', '"A, B",3,0,x').replace("zng,A,,7,", f"zng,A,,{points},")
    assert text == expected
    assert done.assignment == "HW 2 (78)"
    assert done.filled == 2
    assert done.left == ("s3",)
    assert done.not_found == ()
    assert done.possible == 20


@pytest.mark.parametrize("wanted", ["HW 2 (78)", "hw 2", " HW 2 (78) ", "78"])
def test_a_column_is_known_by_header_name_or_number(tmp_path, wanted: str) -> None:
    assert filled(tmp_path, assignment=wanted)[0].assignment == "HW 2 (78)"


def test_the_only_assignment_needs_no_name(tmp_path) -> None:
    text = BOOK.replace(",HW 1 (77)", ",Notes")
    assert filled(tmp_path, text=text, assignment=None)[0].assignment == "HW 2 (78)"


@pytest.mark.parametrize(
    ("text", "wanted", "says"),
    [
        (BOOK, None, r"'HW 1 \(77\)', 'HW 2 \(78\)'. Which one is it\?.*--assignment"),
        (BOOK, "HW 3", "'HW 3' fits 0 of them"),
        (BOOK.replace(" (77)", "").replace(" (78)", ""), None, "no column of an assignment"),
        (BOOK.replace("HW 1 (77)", "HW 2 (79)"), "HW 2", "fits 2 of them"),
        ("id,name\r\n1,a\r\n", None, "no gradebook of Canvas"),
        ("", None, "is empty"),
    ],
)
def test_an_unclear_column_is_never_guessed(tmp_path, text, wanted, says: str) -> None:
    with pytest.raises(CanvasError, match=says):
        filled(tmp_path, text=text, assignment=wanted)
    assert not (tmp_path / "canvas.csv").exists()


def test_mark_and_delimiter_are_kept(tmp_path) -> None:
    text = BOOK.replace('"A, B"', "A").replace('"', "").replace(", ", " ").replace(",", ";")
    _, written = filled(tmp_path, text=text, encoding="utf-8-sig")
    assert written.splitlines()[0] == HEADER.strip().replace(",", ";")
    assert (tmp_path / "canvas.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    "who",
    [{"id": "s1"}, {"id": "zng"}, {"id": "x", "login": "ZNG"}, {"id": "501"},
     {"id": "x", "email": "zng"}],
)  # fmt: skip
def test_students_are_known_by_any_id(tmp_path, who: dict[str, str]) -> None:
    done, text = filled(tmp_path, [row(who.pop("id"), "?", "ok", *marks(1), **who)])
    assert done.filled == 1
    assert f"zng,A,,{len(EXERCISES)}," in text


def test_an_id_of_canvas_is_not_taken_for_an_id_of_the_school(tmp_path) -> None:
    """The number 501 is Zoë in Canvas, and somebody else at the school."""
    rows = [row("501", "Somebody Else", "ok", *marks(1), canvas_id="777")]
    done, text = filled(tmp_path, rows)
    assert text == BOOK
    assert done.not_found == ("501",)


def test_two_rows_for_one_line_fill_none(tmp_path) -> None:
    rows = [row("a", "", "ok", *marks(1), canvas_id="501"), row("s1", "", "ok", *marks(2))]
    done, text = filled(tmp_path, rows)
    assert text == BOOK
    assert set(done.not_found) == {"a", "s1"}


def test_a_line_that_stands_twice_is_nobodys(tmp_path) -> None:
    text = BOOK + '"Ng, Zoë",501,s1,zng,B,,,\r\n'
    done, written = filled(tmp_path, text=text)
    assert done.not_found == ("s1",)
    assert written.count(",7,") == 1
