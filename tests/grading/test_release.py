"""Student notebooks: whole, the same each time, and never with a solution or a key."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course_utils.exercises import get, of_chapter
from course_utils.grading import _chapter, keys, solutions
from course_utils.grading import release as module
from course_utils.grading.release import ReleaseError, release

ROOT = Path(__file__).resolve().parents[2]
ID = "ch01-stable-limit"
CONFIG = """\
repository:
  url: https://github.com/Some-School/nets # theirs
  branch: autumn
launch_buttons:
  colab_url: https://colab.research.google.com
"""
HEADING = "### 1.1 Warm-up: the largest stable learning rate (2 points, 5 minutes)"
TASK = "Find it, see [curvature](../appendix/notation.md#c) and [next](04-other.ipynb)."
STUB = "def stable_limit(hessian): ..."
CHECK = f'check("{ID}", stable_limit)'


def markdown(text: str) -> dict:
    return {"cell_type": "markdown", "id": "a", "metadata": {}, "source": text}


def code(text: str, *tags: str) -> dict:
    return {
        "cell_type": "code", "id": "a", "metadata": {"tags": list(tags)}, "source": text,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "out"}],
        "execution_count": 3,
    }  # fmt: skip


def cells() -> list[dict]:
    return [
        markdown("# Small steps\n\nAbout them."),
        code("import numpy as np"),
        code("from course_utils.exercises import check\nseed = 1"),
        markdown("## Text\n\nSome of it.\n\n```\n## Exercises in a fence\n```"),
        code("print(2 + 2)"),
        markdown(f"More.\n\n## Exercises\n\nDo them.\n\n{HEADING}\n\n{TASK}"),
        code(STUB, "exercise"),
        code(CHECK, "check"),
        markdown("## Takeaways\n\nNone."),
        code("secret = 1"),
    ]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one chapter with one exercise."""
    root = tmp_path / "course"
    (root / "solutions").mkdir(parents=True)
    (root / "_config.yml").write_text(CONFIG, encoding="utf-8")
    (root / f"solutions/{ID}.py").write_bytes((solutions.FOLDER / f"{ID}.py").read_bytes())
    for user in (module, _chapter):
        monkeypatch.setattr(user, "of_chapter", lambda number: [get(ID)] * (number == "01"))
    write(root, cells())
    return root


def write(root: Path, cells: list[dict]) -> None:
    (root / "book/chapters").mkdir(parents=True, exist_ok=True)
    cells = [{**cell, "id": f"{cell['id']}{number}"} for number, cell in enumerate(cells)]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root / "book/chapters/01-small.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def test_notebook_has_all_that_a_student_needs_and_nothing_else(
    course: Path, tmp_path: Path
) -> None:
    (path,) = release("01", tmp_path / "out", course=course)
    assert path.name == "01-small-exercises.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    title, *rest = [cell.source for cell in notebook.cells]
    page = "https://some-school.github.io/nets/book/chapters"
    assert title.startswith("# Exercises: Small steps\n")
    assert f"({page}/01-small.html#exercises)" in title
    assert (
        "(https://colab.research.google.com/github/Some-School/nets/blob/autumn/"
        "student/01-small-exercises.ipynb)" in title
    )
    task = (
        f"{HEADING[1:]}\n\nFind it, see "
        "[curvature](https://some-school.github.io/nets/book/appendix/notation.html#c) and "
        f"[next]({page}/04-other.html).\n\n"
        f"[This exercise in the book]({page}/01-small.html#exercises)"
    )
    setup = ["import numpy as np", "from course_utils.exercises import check\nseed = 1"]
    assert rest == [*setup, "Do them.", task, STUB, CHECK]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)
    tags = [cell.metadata.get("tags") for cell in notebook.cells[-2:]]
    assert tags == [["exercise"], ["check"]]


@pytest.mark.parametrize("name", ["01", "1", "01-small", "all"])
def test_chapter_is_found_by_each_of_its_names(course: Path, tmp_path: Path, name: str) -> None:
    assert len(release(name, tmp_path / "out", course=course)) == 1


def test_other_names_are_refused(course: Path, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no chapter '7'.*01-small"):
        release("7", tmp_path / "out", course=course)
    with pytest.raises(ReleaseError, match="checkout"):
        release("01", tmp_path / "out", course=tmp_path / "elsewhere")


def test_colab_link_follows_the_folder_that_is_published(course: Path, tmp_path: Path) -> None:
    (path,) = release("01", tmp_path / "out", course=course, published="autumn/week-1")
    assert "/blob/autumn/autumn/week-1/01-small-exercises.ipynb)" in path.read_text("utf-8")


def test_released_again_it_is_the_same_to_the_byte(course: Path, tmp_path: Path) -> None:
    (first,) = release("01", tmp_path / "a", course=course)
    before = first.read_bytes()
    changed = cells()
    for cell in changed:  # what running and saving a chapter changes
        cell["id"] = f"{cell['id']}-new"
        cell["metadata"]["collapsed"] = True
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": 9}
    write(course, changed)
    (again,) = release("01", tmp_path / "a", course=course)
    (elsewhere,) = release("01", tmp_path / "b/c", course=course)
    assert again.read_bytes() == elsewhere.read_bytes() == before
    assert b"\r" not in before


REFERENCE = "return 2 / np.linalg.eigvalsh(hessian).max()"
LEAKS = {
    "in the stub": (6, f"def stable_limit(hessian):\n    {REFERENCE}"),
    "in other white space": (6, STUB + "\n#  return 2/np.linalg.eigvalsh( hessian ).max()"),
    "another right one": (6, f"{STUB}\ncurvatures, _ = np.linalg.eig(hessian)"),
    "in the task": (5, f"## Exercises\n\n{HEADING}\n\nHint: `{REFERENCE}`"),
    "in a fence of the task": (5, f"## Exercises\n\n{HEADING}\n\n```python\n{REFERENCE}\n```"),
    "in the check cell": (7, f"{CHECK}\n# {REFERENCE}"),
}


@pytest.mark.parametrize(("place", "text"), LEAKS.values(), ids=LEAKS)
def test_solution_is_refused(course: Path, tmp_path: Path, place: int, text: str) -> None:
    leaking = cells()
    leaking[place]["source"] = text
    write(course, leaking)
    with pytest.raises(ReleaseError, match="A line of the solution of ch01-stable-limit.*: .*eig"):
        release("01", tmp_path / "out", course=course)
    assert not (tmp_path / "out").exists()


def test_line_that_the_chapter_shows_anyway_is_no_leak(course: Path, tmp_path: Path) -> None:
    known = cells()
    known[4]["source"] = "curvatures, _ = np.linalg.eig(hessian)"
    known[5]["source"] += "\n\nYou saw `curvatures, _ = np.linalg.eig(hessian)`."
    write(course, known)
    assert release("01", tmp_path / "out", course=course)


def test_line_that_the_stub_gives_is_no_leak(course: Path, tmp_path: Path) -> None:
    file = course / f"solutions/{ID}.py"
    given = "    size = len(hessian) + 0 * 12345\n"
    text = file.read_text("utf-8").replace(REFERENCE, f"{given.strip()}\n    {REFERENCE}")
    file.write_text(text.replace("stable_limit(hessian): ...", f"stable_limit(hessian):\n{given}"))
    scaffold = cells()
    scaffold[6]["source"] = f"def stable_limit(hessian):\n{given}    return ..."
    write(course, scaffold)
    assert release("01", tmp_path / "out", course=course)


def test_exercise_without_solution_is_not_released(course: Path, tmp_path: Path) -> None:
    (course / f"solutions/{ID}.py").unlink()
    with pytest.raises(ReleaseError, match="has no solution"):
        release("01", tmp_path / "out", course=course)


def test_key_and_seeds_are_refused(course: Path, tmp_path: Path) -> None:
    key = tmp_path / "exam.key"
    keys.make_key(key)
    assert release("01", tmp_path / "out", course=course, keys=[key])
    content = keys.read_key(key)
    seed = keys.seed_of(content, ID)
    for told in (content.hex(), content.hex()[20:40].upper(), str(seed), hex(seed)):
        leaking = cells()
        leaking[2]["source"] += f"\nseed = '{told}'"
        write(course, leaking)
        with pytest.raises(ReleaseError, match=r"Something of the key exam\.key"):
            release("01", tmp_path / "new", course=course, keys=[key])
    assert not (tmp_path / "new").exists()


def test_folder_with_a_key_or_solutions_in_it_is_refused(course: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    keys.make_key(out / "k")
    for settings in ({"keys": [out / "k"]}, {}):
        with pytest.raises(ReleaseError, match="same folder"):
            release("01", out, course=course, **settings)
    for folder in (course, course / "solutions", course / "solutions/out"):
        with pytest.raises(ReleaseError, match="same folder"):
            release("01", folder, course=course)
    assert not list(out.glob("*.ipynb"))


def test_all_or_nothing(course: Path, tmp_path: Path) -> None:
    """A chapter that cannot be released keeps the others back as well."""
    original = course / "book/chapters/01-small.ipynb"
    bad = json.loads(original.read_text("utf-8"))
    bad["cells"][7]["source"] = CHECK.replace("stable_limit)", "other)")
    (course / "book/chapters/01-zzz.ipynb").write_text(json.dumps(bad), encoding="utf-8")
    with pytest.raises(ReleaseError, match="01-zzz"):
        release("all", tmp_path / "out", course=course)
    assert not (tmp_path / "out").exists()


DISAGREEMENTS = {
    "points": (5, "(2 points", "(3 points", "heading"),
    "minutes": (5, "5 minutes", "15 minutes", "heading"),
    "difficulty": (5, "Warm-up", "Core", "heading"),
    "title": (5, "largest stable", "best", "heading"),
    "number": (5, "1.1", "1.2", "heading"),
    "stub of another name": (6, "stable_limit", "limit", "stub of `stable_limit`"),
    "check of another name": (7, "stable_limit)", "limit)", "check"),
    "check of another exercise": (7, ID, "ch01-other", "check"),
    "no heading": (5, HEADING, "Text.", "0 exercises"),
}


@pytest.mark.parametrize(("place", "old", "new", "says"), DISAGREEMENTS.values(), ids=DISAGREEMENTS)
def test_text_that_disagrees_with_the_definition_is_refused(
    course: Path, tmp_path: Path, place: int, old: str, new: str, says: str
) -> None:
    wrong = cells()
    assert old in wrong[place]["source"]
    wrong[place]["source"] = wrong[place]["source"].replace(old, new)
    write(course, wrong)
    with pytest.raises(ReleaseError, match=says):
        release("01", tmp_path / "out", course=course)


@pytest.mark.parametrize("place", [6, 7])
def test_missing_cell_is_refused(course: Path, tmp_path: Path, place: int) -> None:
    wrong = cells()
    del wrong[place]
    write(course, wrong)
    with pytest.raises(ReleaseError, match="tag"):
        release("01", tmp_path / "out", course=course)


# The chapters of the book

CHAPTERS = [chapter.number for chapter in _chapter.chapters("all")]
SOLVE = """
import json, sys
from IPython.core.inputtransformer2 import TransformerManager
from course_utils.exercises import get, of_chapter
from course_utils.grading import solutions
transform = TransformerManager().transform_cell
def solve(path, number):
    space, points = {"__name__": "__main__"}, {}
    todo = [exercise.id for exercise in of_chapter(number)]
    for cell in json.load(open(path))["cells"]:
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
        if "exercise" in tags:
            source = solutions.read(todo[0])[0].code
        if "check" in tags:
            id = todo.pop(0)
            points[id] = [eval(source, space).points, get(id).points]
        elif cell["cell_type"] == "code":
            exec(compile(transform(source), "<cell>", "exec"), space)
    return points
numbers = sys.argv[1::2]
print(json.dumps({n: solve(path, n) for n, path in zip(numbers, sys.argv[2::2])}))
"""


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[float]]]:
    """Solve the released notebooks with the reference solutions, in one process; the points."""
    folder = tmp_path_factory.mktemp("solved")
    pairs = [(number, str(*release(number, folder / number))) for number in CHAPTERS]
    command = [sys.executable, "-c", SOLVE, *(part for pair in pairs for part in pair)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("number", CHAPTERS)
def test_solved_with_what_the_notebook_itself_imports(number: str, solved: dict) -> None:
    points = solved[number]
    assert list(points) == [exercise.id for exercise in of_chapter(number)]
    assert all(got == most for got, most in points.values()), points


def test_published_notebooks_are_those_of_the_chapters(tmp_path: Path) -> None:
    """The Colab links lead to them."""
    released = release("all", tmp_path)
    hint = "type: .venv/bin/course release all --out student"
    published = {path.name for path in (ROOT / module.PUBLISHED).glob("*.ipynb")}
    assert published == {path.name for path in released}, hint
    for path in released:
        assert (ROOT / module.PUBLISHED / path.name).read_bytes() == path.read_bytes(), hint


def test_links_of_the_released_notebooks_lead_to_files_of_the_course(tmp_path: Path) -> None:
    where = _chapter.address()
    for path in release("all", tmp_path):
        text = "\n".join(c.source for c in nbformat.read(path, as_version=4).cells)
        links = re.findall(r"\]\(([^)\s]+)\)", text)
        assert all(link.startswith("https://") for link in links)
        pages = [link.partition("#")[0] for link in links if link.startswith(where.site)]
        assert pages
        for page in pages:
            file = ROOT / page.removeprefix(f"{where.site}/")
            assert file.with_suffix(".md").is_file(), page
