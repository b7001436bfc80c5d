"""A class is graded: whatever a submission does, all others get what they deserve."""

import json
import os
import warnings
from pathlib import Path

import joblib
import pytest

from course_utils.exercises import of_chapter
from course_utils.grading import batch, export
from course_utils.grading.batch import Batch, grade
from course_utils.grading.errors import InstructorError
from course_utils.grading.roster import Student
from course_utils.grading.sandbox import Limits
from course_utils.grading.submissions import collect
from tests.grading.standin import SLOW, StandIn, answer, cells, notebook

KEY = bytes(range(32))
EXERCISES = of_chapter("01")
ALL = float(sum(exercise.points for exercise in EXERCISES))
FULL = float(sum(exercise.points for exercise in EXERCISES if exercise.name not in SLOW))
CORE = "stable_limit"
POINTS = 2.0  # of stable_limit


@pytest.fixture
def opens(tmp_path) -> StandIn:
    (tmp_path / "diary").mkdir()
    return StandIn(tmp_path / "diary", os.getpid())


def submitted(path: Path, **sources: list[str] | bytes) -> Path:
    path.mkdir(exist_ok=True)
    for name, source in sources.items():
        raw = source if isinstance(source, bytes) else notebook(source)
        (path / f"{name}.ipynb").write_bytes(raw)
    return path


def graded(path: Path, opens: StandIn, *, roster=None, n_jobs=1, **more) -> Batch:
    settings = {"key": KEY, "out": path / "out", "progress": False} | more
    collected = collect(path / "in", roster)
    return grade(collected, "01", n_jobs=n_jobs, opens=opens, **settings)


def only(path: Path, opens: StandIn, source: list[str] | bytes, **more):
    submitted(path / "in", anna=source)
    (row,) = graded(path, opens, **more).rows
    return row.result


def state(result, name: str = CORE) -> str:
    (id,) = [exercise.id for exercise in EXERCISES if exercise.name == name]
    (mark,) = [mark for mark in result.marks if mark.id == id]
    return mark.state


def test_right_answers_get_all_points(tmp_path, opens) -> None:
    result = only(tmp_path, opens, cells(random_restarts=answer("ch01-random-restarts")))
    assert (result.status, result.points, result.maximum) == ("ok", ALL, ALL)
    assert result.notes == ()
    assert result.peak_memory == 1_000_000


def test_wrong_answers_and_stubs_are_judged_too(tmp_path, opens) -> None:
    wrong = answer("ch01-stable-limit", "wrong")
    source = cells(stable_limit=wrong, nesterov="def nesterov(a, b, c, d, e): ...")
    result = only(tmp_path, opens, source)
    assert result.status == "ok"
    assert 0 < result.points < FULL
    assert state(result) == "wrong"
    assert state(result, "nesterov") == "stub"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: [c[0], *c[:0:-1]], id="checks before their answers"),
        pytest.param(lambda c: c[1::2], id="answers without setup and checks"),
        pytest.param(lambda c: [*c, "raise ValueError('a cell that nobody needs')"], id="errors"),
        pytest.param(lambda c: [*c, "%matplotlib inline", "!ls"], id="magics"),
        pytest.param(lambda c: [x.replace("stable_limit", "my_function") for x in c], id="renamed"),
    ],
)
def test_odd_notebooks_are_graded_right(tmp_path, opens, change) -> None:
    source = change(cells())
    result = only(tmp_path, opens, source)
    assert result.points == FULL, result
    assert result.status == "ok"


def test_the_whole_notebook_is_run_where_cells_were_missing(tmp_path, opens) -> None:
    hidden = ["exec('secret = 2')", "waste = 1"]
    code = "def stable_limit(h):\n    return secret / np.linalg.eigvalsh(h).max()"
    source = cells(stable_limit=code)
    result = only(tmp_path, opens, [*hidden, *source])
    assert (result.status, result.points) == ("ok", FULL)
    assert opens.lines("run") == [f"run {len(source)}", f"run {len(source) + 2}"]


def test_an_answer_that_nobody_wrote_costs_no_second_run(tmp_path, opens) -> None:
    source = ["waste = 1", *(cell for cell in cells() if CORE not in cell and "limit" not in cell)]
    result = only(tmp_path, opens, source)
    assert result.status == "partial"
    assert state(result) == "missing"
    assert result.points == FULL - POINTS
    assert len(opens.lines("run")) == 1


def test_an_answer_that_raises_is_named(tmp_path, opens) -> None:
    result = only(tmp_path, opens, cells(stable_limit="def stable_limit(h):\n    return nothing"))
    assert result.points == FULL - POINTS
    messages = [text for mark in result.marks for right, text in mark.messages if not right]
    assert any("name 'nothing' is not defined" in text for text in messages)


def test_a_cell_that_raises_is_named(tmp_path, opens) -> None:
    result = only(tmp_path, opens, cells(stable_limit="stable_limit = 1 / 0"))
    assert result.status == "partial"
    assert result.points == FULL - POINTS
    (note, *_) = result.notes
    assert note.startswith("Code cell 2 (`stable_limit = 1 / 0`): ZeroDivisionError")


@pytest.mark.parametrize(
    ("told", "status", "says"),
    [
        ("timeout", "timeout", "stopped after 9 s"),
        ("memory", "crashed", "of memory"),
        ("crashed", "crashed", "broke off: as told"),
    ],
)
def test_what_the_sandbox_says_becomes_the_status(tmp_path, opens, told, status, says) -> None:
    result = only(tmp_path, opens, [*cells(), f"# state: {told}\nstable_limit"])
    if result.status == "ok":  # the cell was not needed: make it so
        result = only(tmp_path, opens, [f"# state: {told}\n{cells()[0]}", *cells()[1:]])
    assert result.status == status
    assert result.points == 0
    assert says in result.notes[0]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (b"PK\x03\x04...", "zip archive"),
        (b"", "empty"),
        (b"{", "damaged"),
        (["print('hello')"], "no answer to an exercise of chapter 01"),
        (["check('ch09-x', 1)"], "but checks of chapter 09"),
    ],
)
def test_what_cannot_be_graded_is_named(tmp_path, opens, source, says: str) -> None:
    result = only(tmp_path, opens, source)
    assert (result.status, result.points, result.maximum) == ("invalid", 0, ALL)
    assert says in result.notes[0]
    assert opens.lines("run") == []


def test_everybody_in_the_roster_gets_a_row(tmp_path, opens) -> None:
    submitted(tmp_path / "in", s1=cells(), s3=b"", stranger=cells())
    (tmp_path / "in" / "s4.pdf").write_bytes(b"%PDF")
    students = [Student(f"s{n}", f"Name {n}") for n in range(1, 5)]
    done = graded(tmp_path, opens, roster=students)
    assert [row.student for row in done.rows] == students
    assert [row.result.status for row in done.rows] == ["ok", "missing", "invalid", "invalid"]
    assert done.collected.unmatched == ("stranger.ipynb",)
    assert "s4.pdf is no notebook" in done.rows[3].result.notes[0]


def test_of_several_notebooks_that_of_the_chapter_is_graded(tmp_path, opens) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    submitted(folder / "anna", a=cells(), b=["x = 1"])
    submitted(folder / "ben", c=cells())
    os.utime(folder / "anna" / "a.ipynb", (1, 1))
    row, _ = graded(tmp_path, opens).rows
    assert row.file == "anna/a.ipynb"
    assert row.result.points == FULL
    assert "2 notebooks" in row.notes[0]


# --- keeping results ----------------------------------------------------------------------------


def test_unchanged_submissions_are_not_graded_again(tmp_path, opens) -> None:
    submitted(tmp_path / "in", anna=cells(), ben=cells(stable_limit="stable_limit = 3"))
    first = graded(tmp_path, opens)
    again = graded(tmp_path, opens)
    assert len(opens.lines("run")) == 2
    assert again.rows == first.rows
    assert (first.reused, again.reused) == (0, 2)
    submitted(tmp_path / "in", ben=cells(), carl=cells(stable_limit="stable_limit = 4"))
    third = graded(tmp_path, opens)
    assert len(opens.lines("run")) == 3, "ben's new one is the same as anna's"
    assert [row.result.points for row in third.rows] == [FULL, FULL, FULL - POINTS]


@pytest.mark.parametrize(
    "change", [{"key": KEY[::-1]}, {"limits": Limits(seconds=7)}, {"isolated": False}]
)
def test_another_key_or_limit_grades_again(tmp_path, opens, change) -> None:
    only(tmp_path, opens, cells())
    only(tmp_path, opens, cells(), **change)
    assert len(opens.lines("run")) == 2


def test_damaged_results_are_made_again(tmp_path, opens) -> None:
    first = only(tmp_path, opens, cells())
    (path,) = (tmp_path / "out" / "rows").iterdir()
    for content in ("", "{", "[]", "{}", '{"marks": 3}', '{"marks": [], "notes": [], "x": 1}'):
        path.write_text(content)
        assert only(tmp_path, opens, cells()) == first
    assert len(opens.lines("run")) == 7


def test_an_interrupted_batch_goes_on_where_it_stood(tmp_path, opens) -> None:
    sources = {f"s{n}": cells(stable_limit=f"stable_limit = {n}") for n in range(4)}
    interrupting = ["# interrupt\n" + cells()[0], *cells()[1:]]
    submitted(tmp_path / "in", **sources | {"s2": interrupting})
    with pytest.raises(KeyboardInterrupt):
        graded(tmp_path, opens)
    assert len(list((tmp_path / "out" / "rows").glob("*.json"))) == 2
    assert len(opens.lines("close")) == 1
    submitted(tmp_path / "in", s2=sources["s2"])
    done = graded(tmp_path, opens)
    assert done.reused == 2
    assert len(done.rows) == 4
    assert len(opens.lines("run")) == 5


def test_an_error_while_grading_is_the_row_of_that_student(tmp_path, opens) -> None:
    failing = ["# raise\n" + cells()[0], *cells()[1:]]
    submitted(tmp_path / "in", anna=cells(), ben=failing, carl=cells(stable_limit="x = 1"))
    done = graded(tmp_path, opens)
    assert [row.result.status for row in done.rows] == ["ok", "crashed", "partial"]
    assert "RuntimeError: the stand-in is told to" in done.rows[1].result.notes[0]
    assert graded(tmp_path, opens).reused == 2, "that may be different the next time"


def test_where_nothing_can_be_graded_the_batch_stops_and_says_why(tmp_path, opens) -> None:
    failing = ["# raise\n" + cells()[0], *cells()[1:]]
    sources = {f"s{n}": [*failing, f"stable_limit = {n}"] for n in range(9)}
    submitted(tmp_path / "in", **sources)
    with pytest.raises(InstructorError, match=r"No notebook can be graded: .*told to"):
        graded(tmp_path, opens)
    assert len(opens.lines("run")) < 9


# --- processes ----------------------------------------------------------------------------------


def test_processes_give_the_same_rows_and_keep_their_sandbox(tmp_path, opens) -> None:
    sources = {f"s{n}": cells(stable_limit=f"stable_limit = {n}") for n in range(6)}
    submitted(tmp_path / "in", **sources)
    done = graded(tmp_path, opens, n_jobs=2)
    assert [row.result.points for row in done.rows] == [FULL - POINTS] * 6
    assert len(opens.lines("run")) == 6
    assert 1 <= len(opens.lines("open")) <= 2
    assert len(opens.lines("close")) == len(opens.lines("open")), "closed with the processes"
    assert not (opens.diary / f"{os.getpid()}.txt").exists(), "nothing ran in this process"
    assert graded(tmp_path, opens, n_jobs=1).reused == 6


def test_a_process_that_dies_costs_only_the_guilty_one(tmp_path, opens) -> None:
    sources = {f"s{n}": cells(stable_limit=f"stable_limit = {n}") for n in range(6)}
    killing = ["# kill\n" + cells()[0], *cells()[1:]]
    submitted(tmp_path / "in", **sources | {"s3": killing})
    done = graded(tmp_path, opens, n_jobs=2)
    statuses = [row.result.status for row in done.rows]
    assert statuses == ["ok" if n != 3 else "crashed" for n in range(6)]
    assert "died of it" in done.rows[3].result.notes[0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_dask_cluster_grades(tmp_path, opens) -> None:
    distributed = pytest.importorskip("distributed")
    sources = {f"s{n}": cells(stable_limit=f"stable_limit = {n}") for n in range(5)}
    submitted(tmp_path / "in", **sources)
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0"
    )
    with cluster, distributed.Client(cluster), joblib.parallel_config("dask"):
        done = graded(tmp_path, opens, n_jobs=None)
    assert [row.result.points for row in done.rows] == [FULL - POINTS] * 5
    assert len(opens.lines("run")) == 5


# --- the rest -----------------------------------------------------------------------------------


def test_the_chapter_is_found_in_the_checks(tmp_path) -> None:
    submitted(tmp_path / "in", anna=cells(), ben=["check('ch01-nesterov', 1)"])
    assert batch.chapter_of(collect(tmp_path / "in")) == "01"
    submitted(tmp_path / "in", carl=["check('ch04-diagnose', 1)"])
    with pytest.raises(InstructorError, match=r"01, 04.*--chapter"):
        batch.chapter_of(collect(tmp_path / "in"))
    submitted(tmp_path / "other", anna=["x = 1"])
    with pytest.raises(InstructorError, match="no check cells"):
        batch.chapter_of(collect(tmp_path / "other"))


def test_a_chapter_without_exercises_is_told(tmp_path, opens) -> None:
    submitted(tmp_path / "in", anna=cells())
    with pytest.raises(InstructorError, match="no exercises"):
        grade(collect(tmp_path / "in"), "99", key=KEY, out=tmp_path / "out", opens=opens)


def test_no_submission_runs_where_it_cannot_be_isolated(tmp_path, monkeypatch) -> None:
    submitted(tmp_path / "in", anna=cells())
    monkeypatch.setattr(batch, "why_not", lambda: "bubblewrap is missing.")
    with pytest.raises(InstructorError, match=r"bubblewrap is missing.*--no-sandbox"):
        grade(collect(tmp_path / "in"), "01", key=KEY, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_neither_key_nor_seeds_are_in_what_is_written(tmp_path, opens) -> None:
    from course_utils.grading.keys import seed_of

    submitted(tmp_path / "in", anna=cells())
    export.write_all(graded(tmp_path, opens), tmp_path / "out")
    secrets = [KEY.hex(), *(str(seed_of(KEY, exercise.id)) for exercise in EXERCISES)]
    texts = [path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(texts) == 4
    assert not [secret for secret in secrets for text in texts if secret in text]
    assert json.loads((tmp_path / "out" / "grades.json").read_text())["chapter"] == "01"


def test_the_bar_goes_to_the_terminal_and_can_be_turned_off(tmp_path, opens, capsys) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        only(tmp_path, opens, cells(), progress=True)
    assert "1/1" in capsys.readouterr().err
    only(tmp_path, opens, cells())
    assert capsys.readouterr().err == ""
