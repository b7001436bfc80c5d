"""The course command: what it says, what it writes, and that no traceback meets an instructor."""

import os
import re
import subprocess
import sys

import pandas as pd
import pytest

import course_utils
from course_utils.cli import main
from course_utils.exercises import all_exercises, of_chapter
from course_utils.grading import batch
from tests.grading.standin import StandIn, cells, notebook

ROSTER = "id,name\nanna,Anna Ng\nben,Ben Bo\ncarl,Carl Li\n"
MAXIMUM = sum(exercise.points for exercise in of_chapter("01"))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a key, a roster and submissions; graded by the stand-in."""
    (tmp_path / "diary").mkdir()
    monkeypatch.setattr(batch, "why_not", lambda: "")
    monkeypatch.setattr(
        batch, "OwnSandbox", lambda limits, isolated: StandIn(tmp_path / "diary", os.getpid())
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "anna.ipynb").write_bytes(notebook(cells()))
    (tmp_path / "in" / "ben.ipynb").write_bytes(notebook(cells(stable_limit="stable_limit = 3")))
    (tmp_path / "in" / "zoe.ipynb").write_bytes(notebook(cells()))
    (tmp_path / "class.csv").write_text(ROSTER)
    assert main(["key", "a.key"]) == 0
    return tmp_path


GRADE = ["grade", "in", "--key", "a.key", "--out", "out", "--roster", "class.csv", "--jobs", "1"]


def complaint(capsys, *arguments: str) -> str:
    """Return the one line that a command says about what is wrong."""
    capsys.readouterr()
    assert main(arguments) == 2
    said = capsys.readouterr()
    lines = [line for line in said.err.splitlines() if not line.startswith("Grading")]
    assert len(lines) == 1, said.err
    assert lines[0].startswith("course")
    assert said.out == ""
    return lines[0]


def test_from_key_to_marks(place, capsys) -> None:
    capsys.readouterr()
    assert main(GRADE) == 0
    said = capsys.readouterr().out
    assert "Chapter 01, 3 students: 2 ok, 1 missing" in said
    assert "zoe.ipynb" in said
    table = pd.read_csv("out/grades.csv", index_col="id")
    assert list(table["status"]) == ["ok", "ok", "missing"]
    assert table.loc["anna", "points"] == table.loc["ben", "points"] + 2
    assert (place / "out/feedback/carl.html").exists()
    assert main(GRADE) == 0
    assert "2 results are from before, 0 are new" in capsys.readouterr().out


def test_marks_go_into_a_gradebook(place, capsys) -> None:
    (place / "book.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,HW (7)\n"
        "    Points Possible,,,,,99\nNg,1,anna,,,\nBo,2,ben,,,\nLi,3,carl,,,\n"
    )
    assert main([*GRADE, "--export", "canvas", "book.csv", "--export", "json"]) == 0
    said = capsys.readouterr().out
    assert "2 students in 'HW (7)'" in said
    assert f"Canvas has 99 points possible, the chapter {MAXIMUM}" in said
    assert "without marks: carl" in said
    rows = (place / "out/canvas.csv").read_text().splitlines()
    assert re.fullmatch(r"Ng,1,anna,,,\d+", rows[2])
    assert rows[4] == "Li,3,carl,,,"


def test_without_protection_it_warns_loudly(place, capsys) -> None:
    assert main([*GRADE, "--no-sandbox"]) == 0
    said = capsys.readouterr().err
    assert "WARNING" in said
    assert "NOT protected" in said
    assert main([*GRADE]) == 0
    assert "WARNING" not in capsys.readouterr().err


def test_an_interruption_says_how_to_go_on(place, capsys) -> None:
    (place / "in" / "ben.ipynb").write_bytes(notebook(["# interrupt", *cells()]))
    text = notebook(["# interrupt\n" + cells()[0], *cells()[1:]])
    (place / "in" / "ben.ipynb").write_bytes(text)
    assert main(GRADE) == 130
    assert "same command again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--key", "none.key"], "There is no key none.key. Make one: course key none.key"),
        (["--key", "class.csv"], "class.csv is not a key"),
        (["--roster", "none.csv"], "none.csv cannot be read"),
        (["--roster", "a.key"], "needs a column id"),
        (["--chapter", "99"], "Chapter 99 has no exercises"),
        (["--chapter", "x"], "'x' is no number of a chapter"),
        (["--out", "in/out"], "lies within the submissions"),
        (["--out", "a.key"], "a.key is no folder"),
        (["--jobs", "0"], "'0' is no whole number above 0"),
        (["--seconds", "-3"], "seconds"),
        (["--seconds", "nan"], "'nan' is no number of seconds"),
        (["--export", "canvas"], "--export canvas GRADEBOOK.csv"),
        (["--export", "canvas", "none.csv"], "There is no none.csv"),
        (["--export", "pdf"], "There is no export 'pdf'"),
        (["--export", "canvas", "class.csv"], "no gradebook of Canvas"),
        (["--what"], "--help"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(place, capsys, arguments: list[str], says: str) -> None:
    assert says in complaint(capsys, *GRADE, *arguments)
    assert not (place / "out" / "grades.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["key", "a.key"], "exists already"),
        (["key"], "required: file"),
        (["exercises", "99"], "Chapter 99 has no exercises"),
        (["grade", "nothing", "--key", "a.key", "--out", "o"], "There is no nothing"),
        (["grade", "diary", "--key", "a.key", "--out", "o"], "no notebooks"),
        (["frobnicate"], "invalid choice"),
        (["release", "01"], "--out"),
        (["release", "77", "--out", "o"], "77"),
        (["gradescope", "01", "--out", "o.zip"], "--key"),
    ],
)
def test_other_mistakes_too(place, capsys, arguments: list[str], says: str) -> None:
    assert says in complaint(capsys, *arguments)


def test_no_sandbox_no_grading(place, capsys, monkeypatch) -> None:
    monkeypatch.setattr(batch, "why_not", lambda: "bubblewrap is missing: apt-get install it.")
    said = complaint(capsys, *GRADE)
    assert "bubblewrap is missing" in said
    assert "--no-sandbox" in said


def test_a_mistake_of_the_course_is_named_and_has_another_code(place, capsys, monkeypatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(batch, "grade", broken)
    capsys.readouterr()
    assert main(GRADE) == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError: oh (test_cli.py:" in said
    assert "Traceback" not in said


def test_an_interruption_is_told_and_what_is_done_is_kept(place, capsys, monkeypatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "grade", interrupted)
    capsys.readouterr()
    assert main(GRADE) == 130
    assert "give the same command again" in capsys.readouterr().err


def test_an_error_of_the_system_is_told(place, capsys, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "out/grades.csv")

    monkeypatch.setattr(batch, "grade", full)
    assert "out/grades.csv: No space left on device" in complaint(capsys, *GRADE)


def test_a_command_about_a_clone_runs_the_tool_of_the_clone(place, capfd) -> None:
    assert "go into its folder first" in complaint(capfd, "doctor")
    (place / "tools").mkdir()
    (place / "tools" / "adopt.py").write_text("import sys; print(sys.argv[1:]); sys.exit(3)")
    assert main(["adopt", "--title", "Deep nets"]) == 3
    assert capfd.readouterr().out.splitlines()[-1] == "['--title', 'Deep nets']"


def test_no_command_shows_what_there_is(capsys) -> None:
    assert main([]) == 2
    assert "usage: course" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["", "exercises", "key", "release", "grade", "gradescope"])
def test_every_command_explains_itself(capsys, command: str) -> None:
    assert main([*command.split(), "--help"]) == 0
    said = capsys.readouterr().out
    assert f"usage: course {command}".strip() in said
    assert len(said.splitlines()) > 5


def test_exercises_are_listed_with_points(capsys) -> None:
    assert main(["exercises"]) == 0
    said = capsys.readouterr().out
    for exercise in all_exercises():
        assert re.search(rf"{exercise.id} +{exercise.points} +{exercise.minutes} ", said)
    assert main(["exercises", "1"]) == 0
    said = capsys.readouterr().out
    assert "ch01-stable-limit" in said
    assert "ch04" not in said
    assert re.search(rf"in all +{MAXIMUM} ", said)


def test_it_is_a_command_of_the_package() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "course_utils", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == f"course_utils {course_utils.__version__}"
    done = subprocess.run(
        [sys.executable, "-m", "course_utils"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "from a key to marks" in done.stdout
