"""The instructor guide: its commands exist, and its example of an exercise works as it stands."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from types import ModuleType

import jupytext
import nbformat
import numpy as np
import pytest

from course_utils import cli
from course_utils.exercises import Exercise, judge, pack, probe, unpack
from course_utils.grading import _chapter, solutions
from course_utils.grading._leaks import leaks, telling_lines

GUIDE = Path(__file__).resolve().parents[2] / "book" / "instructors"
PAGE = (GUIDE / "writing-exercises.md").read_text(encoding="utf-8")
SEEDS = [int(seed) for seed in np.random.default_rng(2).integers(2**31, 2**63, 20)]


def commands() -> list[str]:
    found = []
    for page in sorted(GUIDE.glob("*.md")):
        for block in re.findall(r"^```sh\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
            lines = [line.partition(" # ")[0] for line in block.splitlines()]
            found += [line for line in lines if line.startswith(".venv/bin/course ")]
    return found


def test_the_shortest_path_is_in_the_guide() -> None:
    names = [shlex.split(command)[1] for command in commands()]
    assert {"exercises", "key", "release", "grade", "gradescope"} <= set(names)


@pytest.mark.parametrize("command", commands())
def test_commands_of_the_guide_are_understood(command: str) -> None:
    given = cli._parser().parse_args(shlex.split(command)[1:])
    assert given.run is not None


def block(caption: str) -> str:
    """A piece of the example, by the file that it goes into."""
    pattern = rf"^(`{{3,}})\{{code-block\}} \w+\n:caption: {re.escape(caption)}\n(.*?)^\1$"
    (found,) = re.findall(pattern, PAGE, re.M | re.S)
    return found[1]


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    module = ModuleType("example")
    source = block("course_utils/exercises/chapter_05.py")
    exec(compile(source, "chapter_05.py", "exec"), module.__dict__)
    (defined,) = module.EXERCISES
    assert isinstance(defined, Exercise)
    return defined


@pytest.fixture
def folder(exercise: Exercise, tmp_path: Path) -> Path:
    (tmp_path / f"{exercise.id}.py").write_text(block(f"solutions/{exercise.id}.py"), "utf-8")
    return tmp_path


def test_the_judge_of_the_example_gives_what_answers_deserve(
    exercise: Exercise, folder: Path
) -> None:
    answers = solutions.read(exercise.id, folder)
    kinds = [answer.kind for answer in answers]
    assert kinds.count("right") >= 2
    assert kinds.count("wrong") >= 5
    for answer in answers:
        space: dict[str, object] = {}
        exec(answer.setup + "\n" + answer.code, space)
        for seed in SEEDS:
            inputs = exercise.inputs(seed)
            data = unpack(pack(probe(exercise, space[exercise.name], inputs)))
            verdict = judge(exercise, data, inputs)
            if answer.kind == "wrong":
                assert verdict.points < exercise.points, answer.what
                said = "\n".join(part.message for part in verdict.parts if not part.passed)
                assert re.search(answer.says, said), f"{answer.what}: {said}"
            else:
                assert verdict.state == "right", f"{answer.what}: {verdict!r}"


def test_the_text_of_the_example_agrees_with_its_definition(
    exercise: Exercise, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_chapter, "of_chapter", lambda number: [exercise] * (number == "05"))
    text = block("book/chapters/05-activations.md")
    top = "# Activations\n\n```{code-cell}\nfrom course_utils.exercises import check\n```\n"
    notebook = jupytext.reads(f"{top}\n## Exercises\n\n{text}", fmt="md:myst")
    path = folder / "05-activations.ipynb"
    path.write_text(json.dumps(nbformat.from_dict(notebook)), encoding="utf-8")
    assert _chapter.disagreements(_chapter.read_chapter(path)) == []
    assert leaks(text, telling_lines(exercise.id, [], folder)) == []
