"""What student code can do in the sandbox: all that it should, and none of what it must not."""

import os
import time
from pathlib import Path

import psutil
import pytest

from course_utils.exercises import get, judge, pack, unpack
from course_utils.grading import sandbox, solutions
from course_utils.grading.sandbox import Job, Limits, Outcome, Sandbox

WHY_NOT = sandbox.why_not()
if WHY_NOT and os.environ.get("COURSE_INSIST_ON_SANDBOX"):
    pytest.fail(f"The sandbox does not work here: {WHY_NOT}", pytrace=False)
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=f"NOT TESTED: {WHY_NOT}")

ID = "ch01-stable-limit"
RIGHT, *_ = solutions.read(ID)
CELLS = (RIGHT.setup, RIGHT.code)
CHECK = f"from course_utils.exercises import check\ncheck({ID!r}, stable_limit)"
SEED = 8_123_456_789
ATTACKS = Path(__file__).parent / "attacks"
LIMITS = Limits(processes=64, memory=500_000_000)
SHORT = Limits(seconds=4, processes=64, memory=500_000_000)


def attacks(kind: str) -> dict[str, str]:
    """Code of the attacks of a kind, by their names."""
    files = sorted((ATTACKS / kind).glob("*.py"))
    assert files
    return {file.stem: file.read_text(encoding="utf-8") for file in files}


@pytest.fixture(scope="module")
def box():
    with Sandbox(LIMITS) as started:
        yield started


def run(box: Sandbox, *cells: str) -> Outcome:
    return box.run(Job(cells, {ID: pack(get(ID).inputs(SEED))}))


def points(outcome: Outcome) -> float:
    if ID not in outcome.answers:
        return 0
    try:
        data = unpack(outcome.answers[ID])
    except ValueError:
        return 0
    return judge(get(ID), data, get(ID).inputs(SEED)).points


def processes() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def test_a_right_answer_gets_its_points(box):
    outcome = run(box, *CELLS, CHECK)
    assert (outcome.state, outcome.errors, points(outcome)) == ("done", [], 2)


def test_an_answer_is_found_by_its_name_when_the_check_cell_is_gone(box):
    assert points(run(box, *CELLS)) == 2


def test_a_renamed_answer_is_found_by_its_check_cell(box):
    renamed = RIGHT.code.replace("stable_limit", "mine")
    assert points(run(box, RIGHT.setup, renamed)) == 0
    assert points(run(box, RIGHT.setup, renamed, CHECK.replace(", stable_limit", ", mine"))) == 2


def test_cells_out_of_order_are_run_once_more(box):
    outcome = run(box, CHECK, *CELLS)
    assert (outcome.errors, points(outcome)) == ([], 2)


def test_a_cell_that_fails_does_not_stop_the_others(box):
    outcome = run(box, *CELLS, "1 / 0", "import nothing_such", "if", CHECK)
    assert [number for number, _ in outcome.errors] == [2, 3, 4]
    assert "ZeroDivisionError: division by zero (in `1 / 0`)" in outcome.errors[0][1]
    assert points(outcome) == 2


def test_the_last_check_counts(box):
    assert points(run(box, *CELLS, f"{CHECK}\ncheck({ID!r}, lambda hessian: 7)")) == 0


def test_magics_display_and_tensorflow_work(box):
    draw = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    load = "import tensorflow as tf\nones = tf.ones((3, 3))\ndisplay(ones)"
    compute = "assert float(tf.reduce_sum(ones @ ones)) == 27"
    assert run(box, draw, load, compute).errors == []


def test_data_sets_are_there(box):
    load = (
        'from course_utils import datasets\nassert datasets.load("mnist").x_train.shape[1] == 784'
    )
    assert run(box, load).errors == []


def test_submissions_do_not_meet(box):
    leave = "import builtins, os, tempfile\nbuiltins.left = 1\nos.environ['LEFT'] = '1'"
    write = "open(os.path.join(tempfile.gettempdir(), 'left'), 'w').write('here')"
    assert run(box, leave, write).errors == []
    look = "import builtins, os, tempfile\nassert not hasattr(builtins, 'left')"
    there = "assert 'LEFT' not in os.environ\nassert os.listdir(tempfile.gettempdir()) == []"
    assert run(box, look, there).errors == []


FORBIDDEN = attacks("forbidden")


@pytest.mark.parametrize("name", FORBIDDEN)
def test_forbidden(box, name):
    """The code raises AssertionError where something works that must not."""
    outcome = run(box, FORBIDDEN[name], *CELLS)
    assert outcome.errors == []
    assert outcome.state == "done"
    assert points(outcome) == 2, "what comes after it still counts"


ENDS = attacks("ends")


@pytest.mark.parametrize("name", ENDS)
def test_ends(box, name, monkeypatch):
    """The first line of the code says how a submission ends that goes too far."""
    code = ENDS[name]
    states, _, says = code.partition("\n")[0].removeprefix("# state: ").partition("; says: ")
    run(box, "pass")
    before = processes()
    begin = time.monotonic()
    monkeypatch.setattr(box, "limits", SHORT)
    outcome = run(box, code)
    monkeypatch.undo()
    assert outcome.state in states.split("|"), outcome
    assert says in " ".join(message for _, message in outcome.errors)
    assert outcome.answers == {}
    assert outcome.seconds <= time.monotonic() - begin
    _, left = psutil.wait_procs(processes() - before, timeout=30)
    assert left == [], "nothing is left behind"
    assert points(run(box, *CELLS)) == 2, "the next one is graded"


FORGED = attacks("forged")


@pytest.mark.parametrize("name", FORGED)
def test_forged_answers_get_nothing(box, name):
    outcome = run(
        box, FORGED[name], f"from course_utils.exercises import check\ncheck({ID!r}, stable_limit)"
    )
    assert points(outcome) == 0
    assert not Path("/tmp/taken").exists()
    assert points(run(box, *CELLS)) == 2


def test_without_isolation_the_limits_hold():
    with Sandbox(Limits(seconds=4), isolated=False) as box:
        assert points(run(box, *CELLS)) == 2
        assert run(box, "while True: pass").errors == [
            (0, "TooSlow: took more than 1 s (in `while True: pass`)")
        ]
        assert run(box, "import os\nos._exit(1)").state == "crashed"


def test_a_sandbox_that_was_killed_is_started_again(box):
    box._process.kill()
    box._process.wait()
    assert points(run(box, *CELLS)) == 2


def test_without_bubblewrap_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(sandbox.SandboxError, match="apt-get install bubblewrap"):
        Sandbox()
