"""A class in which every second student attacks, graded by the command as an instructor would."""

import json
import os
from pathlib import Path

import psutil
import pytest

from course_utils import cli
from course_utils.exercises import of_chapter
from course_utils.grading import sandbox
from tests.grading.standin import answer, cells, notebook

WHY_NOT = sandbox.why_not()
pytestmark = pytest.mark.skipif(
    bool(WHY_NOT) and not os.environ.get("COURSE_INSIST_ON_SANDBOX"),
    reason=f"NOT TESTED: {WHY_NOT}",
)
ATTACKS = Path(__file__).parent / "attacks"
WRONG = "\ndef stable_limit(hessian): return 1\n"
LOOK_FOR_KEY = """
import glob, os
found = []
for pattern in ("{folder}/*", "/**/*.key", "/proc/*/environ", "/proc/*/cmdline", "/tmp/*"):
    for path in glob.glob(pattern, recursive=pattern.startswith("/**")):
        try:
            found.append(open(path, errors="replace").read()[:2000])
        except OSError:
            pass
raise ValueError(" ".join(found)[-400:])
"""


def hostile(folder: Path) -> dict[str, bytes]:
    """A notebook for each attack: it runs in the cell of an answer, so that it is run at all."""
    codes = {
        f"{kind}-{path.stem}": path.read_text(encoding="utf-8") + "\n" * 2
        for kind in ("ends", "forged")
        for path in sorted((ATTACKS / kind).glob("*.py"))
    }
    codes |= {"key": LOOK_FOR_KEY.format(folder=folder)}
    return {
        name: notebook([code + ("" if "stable_limit" in code else WRONG)])
        for name, code in codes.items()
    }


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    handed_in = folder / "submissions"
    handed_in.mkdir()
    attacks = hostile(folder)
    innocent = notebook(cells(random_restarts=answer("ch01-random-restarts")))
    students = [name for attack in attacks for name in (attack, f"innocent-{attack}")]
    for name in students:
        (handed_in / f"{name}.ipynb").write_bytes(attacks.get(name, innocent))
    lines = ["id,name", *(f"{name},{name}" for name in [*students, "nobody"])]
    (folder / "class.csv").write_text("\n".join(lines))
    key, out = folder / "private.key", folder / "marks"
    assert cli.main(["key", str(key)]) == 0
    before = set(psutil.Process().children(recursive=True))
    command = ["grade", str(handed_in), "--chapter", "01", "--key", str(key), "--jobs", "2"]
    command += ["--roster", str(folder / "class.csv"), "--out", str(out), "--seconds", "12"]
    assert cli.main(command) == 0
    _, left = psutil.wait_procs(set(psutil.Process().children(recursive=True)) - before, timeout=60)
    rows = json.loads((out / "grades.json").read_text(encoding="utf-8"))
    return rows, key.read_text().strip(), out, left, attacks


def test_innocent_students_get_all_points(graded):
    rows, _, _, _, attacks = graded
    full = sum(exercise.points for exercise in of_chapter("01"))
    by_id = {row["id"]: row for row in rows["students"]}
    assert {by_id[f"innocent-{attack}"]["points"] for attack in attacks} == {full}
    assert {by_id[f"innocent-{attack}"]["status"] for attack in attacks} == {"ok"}


def test_attackers_get_a_row_and_no_point(graded):
    rows, _, _, _, attacks = graded
    by_id = {row["id"]: row for row in rows["students"]}
    assert {attack: by_id[attack]["points"] for attack in attacks} == dict.fromkeys(attacks, 0)
    assert all(by_id[attack]["status"] in ("partial", "timeout", "crashed") for attack in attacks)


def test_who_handed_in_nothing_is_missing(graded):
    rows, *_ = graded
    assert rows["students"][-1]["status"] == "missing"


def test_the_key_is_nowhere(graded):
    _, key, out, *_ = graded
    for path in out.rglob("*"):
        if path.is_file():
            assert key[:16] not in path.read_text(encoding="utf-8"), path


def test_no_process_is_left(graded):
    assert [process for process in graded[3] if "_server" in " ".join(process.cmdline())] == []
