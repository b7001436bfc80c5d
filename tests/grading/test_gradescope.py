"""The autograder for Gradescope: built, unpacked and run as Gradescope does, in a clean folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from course_utils.exercises import of_chapter
from course_utils.grading import _gradescope, gradescope, keys, solutions
from course_utils.grading._gradescope import results
from course_utils.grading._worker import Task
from course_utils.grading.errors import InstructorError
from course_utils.grading.gradescope import GradescopeError, build
from course_utils.grading.keys import KeyFileError
from course_utils.grading.sandbox import why_not
from course_utils.grading.submission import Result, without_answers

NUMBER = "01"
EXERCISES = of_chapter(NUMBER)
AS_ROOT = os.getuid() == 0


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "course.key"
    keys.make_key(path)
    return path


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Path:
    return build(NUMBER, tmp_path_factory.mktemp("zip") / "autograder.zip", key=key)


@pytest.fixture(scope="module")
def container(archive: Path) -> Iterator[Path]:
    """A folder like /autograder, prepared by setup.sh; all users can reach it, as there."""
    # Not in /tmp: the sandbox has an empty one of its own.
    root = Path(tempfile.mkdtemp(prefix="autograder-", dir="/var/tmp"))
    try:
        root.chmod(0o755)
        for name in ("source", "submission", "results"):
            (root / name).mkdir()
        unzip(archive, root / "source")
        shutil.copy(root / "source/run_autograder", root)
        script(root, "source/setup.sh")
        yield root
    finally:
        shutil.rmtree(root)


def unzip(archive: Path, folder: Path) -> None:
    """Unpack as `unzip` does, with the modes."""
    with zipfile.ZipFile(archive) as file:
        for item in file.infolist():
            path = Path(file.extract(item, folder))
            path.chmod(item.external_attr >> 16 & 0o777)


def script(
    root: Path, name: str, *before: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a script with nothing of this environment but a Python that has the libraries."""
    kept = {"AUTOGRADER_ROOT": str(root), "COURSE_PYTHON": sys.executable, "LANG": "C.UTF-8"}
    done = subprocess.run(
        [*before, str(root / name)], cwd="/", env={"PATH": "/usr/bin:/bin"} | kept | settings,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def notebook(*sources: str) -> str:
    cells = [
        {"cell_type": "code", "metadata": {}, "source": s, "outputs": [], "execution_count": None}
        for s in sources
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def solved(kind: str = "reference") -> list[str]:
    """The cells of somebody who answers all exercises with answers of a kind."""
    cells = ["from course_utils.exercises import check"]
    for exercise in EXERCISES:
        answer = next(one for one in solutions.read(exercise.id) if one.kind == kind)
        cells += [answer.setup, answer.code, f'check("{exercise.id}", {exercise.name})']
    return cells


def graded(root: Path, files: dict[str, str], *before: str, **settings: str) -> dict:
    """Hand files in as Gradescope does, grade them, and return the results."""
    handed_in(root, files, 1)
    script(root, "run_autograder", *before, **settings)
    return written(root)


def handed_in(root: Path, files: dict[str, str], submission: int) -> None:
    """Put files where Gradescope puts them, and nothing else."""
    for folder in (root / "submission", root / "results"):
        shutil.rmtree(folder)
        folder.mkdir()
    for name, content in files.items():
        (root / "submission" / name).write_text(content, encoding="utf-8")
    metadata = {"id": submission, "created_at": "2026-01-01T00:00:00.0-07:00", "users": []}
    (root / "submission_metadata.json").write_text(json.dumps(metadata), encoding="utf-8")


def written(root: Path) -> dict:
    text = (root / "results/results.json").read_text(encoding="utf-8")
    conforms(found := json.loads(text))
    return found


def conforms(found: dict) -> None:
    """See that results are as Gradescope's specification wants them."""
    assert set(found) <= {
        "score", "execution_time", "output", "output_format", "test_output_format",
        "test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard",
    }  # fmt: skip
    shown = {"hidden", "after_due_date", "after_published", "visible"}
    assert found["visibility"] in shown
    assert found["stdout_visibility"] == "hidden"
    assert found["score"] == sum(test["score"] for test in found["tests"])
    for test, exercise in zip(found["tests"], EXERCISES, strict=True):
        assert set(test) <= {
            "score", "max_score", "status", "name", "name_format", "number", "output",
            "output_format", "tags", "visibility", "extra_data",
        }  # fmt: skip
        assert test["name"] == exercise.title
        assert 0 <= test["score"] <= test["max_score"] == exercise.points
        assert test["status"] in {"passed", "failed"}
        assert test["visibility"] in shown
        assert isinstance(test["number"], str)
        assert test["output"]


# The zip


def test_zip_is_as_gradescope_wants_it(archive: Path, key: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        modes = {item.filename: item.external_attr >> 16 & 0o777 for item in file.infolist()}
        texts = {name: file.read(name) for name in modes}
    assert {"setup.sh", "run_autograder"} <= set(modes)
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert modes["key"] == 0o600
    assert not [name for name in modes if "solution" in name and name.startswith("solutions")]
    assert [name for name in modes if name.endswith(".npz")] == []
    assert texts["setup.sh"].startswith(b"#!/usr/bin/env bash\n")
    secret = key.read_text("utf-8").strip().encode()
    assert not [name for name, text in texts.items() if secret in text], "only a derived key"
    assert archive.stat().st_mode & 0o777 == 0o600
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n"], input=texts[name], check=True)


def test_zip_is_the_same_each_time(archive: Path, key: Path, tmp_path: Path) -> None:
    again = build("1", tmp_path / "again.zip", key=key)
    assert again.read_bytes() == archive.read_bytes()
    other = tmp_path / "other.key"
    keys.make_key(other)
    assert build("1", tmp_path / "other.zip", key=other).read_bytes() != archive.read_bytes()


def test_zip_carries_the_data_that_the_chapter_loads() -> None:
    names = {path.name for path in gradescope._files("04")}
    assert "fashion_mnist.npz" in names
    assert "mnist.npz" not in names


def test_requirements_are_what_this_machine_grades_with() -> None:
    lines = list(gradescope._requirements())
    assert all(line.count("==") == 1 for line in lines)
    assert {"tensorflow-cpu", "numpy", "ipython"} <= {line.split("==")[0] for line in lines}


@pytest.mark.parametrize("chapter", ["99", "nothing", ""])
def test_chapter_without_exercises_is_refused(chapter: str, key: Path, tmp_path: Path) -> None:
    with pytest.raises(GradescopeError, match="no exercises"):
        build(chapter, tmp_path / "a.zip", key=key)


def test_missing_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError):
        build(NUMBER, tmp_path / "a.zip", key=tmp_path / "no.key")


# The scripts


def test_setup_protects_the_key_and_opens_the_code(container: Path) -> None:
    assert (container / "source").stat().st_mode & 0o777 == 0o700
    assert (container / "source/key").stat().st_mode & 0o777 == 0o600
    assert (container / "course/course_utils/__init__.py").stat().st_mode & 0o004
    assert not list((container / "course").rglob("key"))


def test_right_answers_get_full_marks(container: Path) -> None:
    found = graded(container, {"hw.ipynb": notebook(*solved())})
    assert found["score"] == sum(exercise.points for exercise in EXERCISES), found
    assert {test["status"] for test in found["tests"]} == {"passed"}
    assert all(test["output"].startswith("✓") for test in found["tests"])


HOSTILE = """
import glob, os, json
seen = []
def look(path):
    try:
        seen.append(open(path).read()[:20])
    except OSError as error:
        seen.append(type(error).__name__)
def stable_limit(hessian):
    for path in [{root!r} + "/source/key", *glob.glob({root!r} + "/*/*key*")]:
        look(path)
    for path in ("results/results.json", "results/forged.json", "source/forged"):
        try:
            open({root!r} + "/" + path, "w").write(json.dumps({{"score": 1000}}))
            seen.append("written")
        except OSError as error:
            seen.append(type(error).__name__)
    raise ValueError(f"uid {{os.getuid()}} saw {{seen}}")
"""


def attacked(container: Path, *before: str, **settings: str) -> str:
    """Grade a submission that wants to read the key and forge results; return what it says."""
    hostile = HOSTILE.format(root=str(container))
    checked = 'from course_utils.exercises import check\ncheck("ch01-stable-limit", stable_limit)'
    content = notebook(*solved("wrong")[4:], hostile, checked)
    found = graded(container, {"hw.ipynb": content}, *before, **settings)
    assert found["tests"][0]["score"] == 0
    for test in found["tests"]:
        assert test["score"] < test["max_score"]
        assert "✗" in test["output"]
    said = found["tests"][0]["output"]
    assert "saw ['" in said
    assert "Error" in said
    assert "written" not in said
    key = (container / "source/key").read_text("utf-8").strip()
    assert key[:6] not in said
    assert sorted(os.listdir(container / "results")) == ["results.json"]
    assert not (container / "source/forged").exists()
    return said


@pytest.mark.skipif(bool(why_not()), reason=f"isolation is not tested: {why_not()}")
def test_students_in_the_sandbox_see_no_key_and_no_results(container: Path) -> None:
    assert "FileNotFoundError" in attacked(container)


@pytest.mark.skipif(not AS_ROOT, reason="grading as another user is not tested: needs root")
def test_students_without_the_sandbox_are_another_user(container: Path) -> None:
    """As in most containers, which do not let bubblewrap isolate anything."""
    said = attacked(container, *readable_python(container), PATH=without_bubblewrap(container))
    assert "PermissionError" in said
    assert "uid 0 " not in said


def test_nothing_is_graded_where_students_could_read_the_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_gradescope, "why_not", lambda: "No bubblewrap.")
    monkeypatch.setattr(_gradescope, "can_change_user", lambda: False)
    with pytest.raises(InstructorError, match=r"No bubblewrap\. .* root"):
        _gradescope._may_grade()


def readable_python(container: Path) -> list[str]:
    """A command in which all users can read this Python, as they can in Gradescope's container.

    What of it lies in a folder that only root can read, lies in a copy of that folder there.
    """
    closed = {}
    for place in {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve()}:
        above = [path for path in place.parents if path.stat().st_mode & 0o005 != 0o005]
        if above:
            closed[place] = above[-1]
    if not closed:
        return []
    held = {place: container / f"held-{number}" for number, place in enumerate(closed)}
    steps = [f"/bin/mkdir {held[place]}; /bin/mount --bind {place} {held[place]}" for place in held]
    steps += [f"/bin/mount -t tmpfs -o mode=755 none {path}" for path in sorted({*closed.values()})]
    steps += [
        f"/bin/mkdir -p -m 755 {place}; /bin/mount --bind {held[place]} {place}" for place in held
    ]
    steps += ['exec "$0"']
    return ["/usr/bin/unshare", "-m", "/bin/sh", "-ec", "\n".join(steps)]


def without_bubblewrap(container: Path) -> str:
    """A PATH with all that the scripts need but bubblewrap."""
    folder = container / "bin"
    folder.mkdir(exist_ok=True)
    for name in ("bash", "chmod", "env"):
        if not (folder / name).exists():
            (folder / name).symlink_to(str(shutil.which(name)))
    return str(folder)


def test_inputs_differ_from_submission_to_submission(
    container: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one submission tells in a message does not help the next one."""
    seeds = []

    def work(task: Task) -> Result:
        seeds.append(task.seeds)
        return without_answers(EXERCISES, "ok", "Judged.")

    monkeypatch.setattr(_gradescope, "work", work)
    monkeypatch.setattr(_gradescope, "_may_grade", lambda: True)
    for number in (7, 7, 8):
        handed_in(container, {"hw.ipynb": notebook("x = 1")}, number)
        assert _gradescope.main([str(container)]) == ""
    first, again, other = seeds
    assert [id for id, _ in first] == [exercise.id for exercise in EXERCISES]
    assert first == again, "graded again, a submission gets the same"
    assert not {seed for _, seed in first} & {seed for _, seed in other}


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "nothing"),
        ({"hw.py": "print(1)"}, "hw.py"),
        ({"a.ipynb": "{}", "b.ipynb": "{}"}, "a.ipynb, b.ipynb"),
        ({"hw.ipynb": "not a notebook"}, "not a notebook"),
        ({"hw.ipynb": notebook("x = 1")}, "no answer"),
    ],
)
def test_other_submissions_get_nothing_and_hear_why(
    container: Path, files: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_gradescope, "_may_grade", lambda: False)
    handed_in(container, files, 1)
    assert _gradescope.main([str(container)]) == ""
    found = written(container)
    assert found["score"] == 0
    assert says in found["output"]


def test_link_is_not_followed(container: Path) -> None:
    (container / "submission" / "hw.ipynb").unlink(missing_ok=True)
    for path in (container / "submission").iterdir():
        path.unlink()
    (container / "submission/hw.ipynb").symlink_to(container / "source/key")
    result = _gradescope._notebook(container / "submission", EXERCISES)
    assert not isinstance(result, bytes)
    assert result.status == "missing"


def test_grading_that_fails_leaves_no_results(container: Path) -> None:
    """Gradescope then says that the autograder failed, instead of giving 0 points."""
    shutil.rmtree(container / "results")
    (container / "results").mkdir()
    key = container / "source/key"
    text = key.read_text("utf-8")
    key.write_text("broken", encoding="utf-8")
    try:
        with pytest.raises(AssertionError, match="is not a key"):
            script(container, "run_autograder")
    finally:
        key.write_text(text, encoding="utf-8")
    assert list((container / "results").iterdir()) == []


def test_results_of_a_submission_without_answers() -> None:
    conforms(dict(results(without_answers(EXERCISES, "missing", "Nothing."))))
