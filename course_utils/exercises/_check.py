"""The check cell of a notebook: probes and judges an answer on the spot, with the public seed."""

from typing import Any

from course_utils.exercises._data import DataError, pack, plain, unpack
from course_utils.exercises._probe import probe
from course_utils.exercises._registry import get
from course_utils.exercises._verdict import Verdict, judge

__all__ = ["PUBLIC_SEED", "check"]

PUBLIC_SEED = 2026


def check(id: str, answer: Any) -> Verdict:
    """Judges an answer on the spot: what is right, what is wrong, and a hint.

    Grading uses other inputs than this, from a seed that only the instructor knows.

    Args:
        id: Of the exercise, such as ``"ch01-random-restarts"``.
        answer: What the exercise asks for, such as a function.

    Returns:
        Points and messages; a notebook shows them.

    Raises:
        KeyError: There is no such exercise.
    """
    exercise = get(id)
    inputs = exercise.inputs(PUBLIC_SEED)
    # The same way as in grading, so that what counts here counts there, and an answer that
    # changes its inputs does not change those of the judge.
    sent = unpack(pack(inputs))
    assert isinstance(sent, dict)
    try:
        data = unpack(pack(plain(probe(exercise, answer, sent))))
    except DataError as error:
        data = {"problem": "form", "message": str(error)}
    return judge(exercise, data, inputs)
