"""Every right answer gets full marks and every wrong one less, with a fitting message."""

import functools
import re
from typing import Any

import numpy as np
import pytest

from course_utils.exercises import Verdict, all_exercises, get, judge, pack, probe, unpack
from course_utils.grading import solutions

SEEDS = [int(seed) for seed in np.random.default_rng(1).integers(2**31, 2**63, 20)]
CASES = [
    pytest.param(exercise.id, number, id=f"{exercise.id}-{number}-{solution.what or 'reference'}")
    for exercise in all_exercises()
    for number, solution in enumerate(solutions.read(exercise.id))
]


def answered(id: str, number: int) -> object:
    """Run an answer as a cell of a notebook is run, and return what the check cell gets."""
    solution = solutions.read(id)[number]
    space: dict[str, object] = {"__name__": "__main__"}
    exec(solution.setup, space)
    exec(compile(solution.code, f"<{id}>", "exec"), space)
    return space.get(get(id).name)


@functools.cache
def inputs_of(id: str, seed: int) -> tuple[dict[str, Any], bytes]:
    inputs = get(id).inputs(seed)
    return inputs, pack(inputs)


def graded(id: str, answer: object, seed: int) -> Verdict:
    exercise = get(id)
    inputs, packed = inputs_of(id, seed)
    sent = unpack(packed)
    assert isinstance(sent, dict)
    return judge(exercise, unpack(pack(probe(exercise, answer, sent))), inputs)


@pytest.mark.parametrize(("id", "number"), CASES)
def test_answers_get_what_they_deserve(id: str, number: int) -> None:
    solution = solutions.read(id)[number]
    for seed in SEEDS:
        verdict = graded(id, answered(id, number), seed)
        if solution.kind != "wrong":
            assert verdict.state == "right", f"seed {seed}: {verdict!r}"
            continue
        assert verdict.points < get(id).points, f"seed {seed}: {verdict!r}"
        said = "\n".join(part.message for part in verdict.parts if not part.passed)
        assert re.search(solution.says, said), f"seed {seed}: {said}"


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda exercise: exercise.id)
def test_there_are_enough_answers_to_judge_a_judge(exercise) -> None:
    kinds = [solution.kind for solution in solutions.read(exercise.id)]
    assert kinds.count("right") >= 2
    assert kinds.count("wrong") >= 5


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda exercise: exercise.id)
def test_definitions(exercise) -> None:
    assert re.fullmatch(r"ch\d\d-[a-z0-9-]+", exercise.id)
    assert exercise.difficulty in ("warm-up", "core", "stretch")
    assert exercise.points > 0
    assert exercise.minutes > 0
    assert not exercise.objective.endswith(".")
    first, again, other = (pack(exercise.inputs(seed)) for seed in (1, 1, 2))
    assert first == again, "inputs depend on the seed alone"
    assert first != other, "nobody must foresee the inputs of another seed"


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda exercise: exercise.id)
def test_the_reference_is_worth_the_points_of_the_exercise(exercise) -> None:
    verdict = graded(exercise.id, answered(exercise.id, 0), SEEDS[0])
    assert sum(part.points for part in verdict.parts) == exercise.points


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda exercise: exercise.id)
@pytest.mark.parametrize(
    "answer",
    [..., None, 0, "text", [], {}, float("nan"), np.zeros(3), object(), print, lambda *a, **k: 7],
    ids=[
        "stub",
        "None",
        "zero",
        "text",
        "list",
        "dict",
        "NaN",
        "array",
        "object",
        "print",
        "function",
    ],
)
def test_nonsense_is_judged_and_gets_no_full_marks(exercise, answer) -> None:
    verdict = graded(exercise.id, answer, SEEDS[0])
    assert verdict.points < exercise.points
    assert all(part.message for part in verdict.parts)


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda exercise: exercise.id)
@pytest.mark.parametrize("data", [{}, {"problem": 7}, [], None, {"a": {"b": [1, None]}}], ids=repr)
def test_forged_data_are_judged_and_get_nothing(exercise, data) -> None:
    assert judge(exercise, data, exercise.inputs(SEEDS[0])).points == 0


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda exercise: exercise.id)
def test_values_of_another_kind_are_judged(exercise) -> None:
    """Replace every value of a right answer, one by one, by what a judge does not expect."""
    inputs = exercise.inputs(SEEDS[0])
    right = probe(exercise, answered(exercise.id, 0), inputs)
    for name in right:
        for value in (None, "text", float("nan"), 10**400, [], {}, np.zeros((2, 0, 3)), True):
            forged = unpack(pack({**right, name: value}))
            verdict = judge(exercise, forged, inputs)
            assert 0 <= verdict.points <= exercise.points
