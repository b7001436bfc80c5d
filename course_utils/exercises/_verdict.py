"""Judges the data of a probe: points and messages, for a notebook and for a class."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from course_utils.exercises._answer import Answer, WrongForm
from course_utils.exercises._data import Data
from course_utils.exercises._definition import Exercise, Part

__all__ = ["Verdict", "judge"]

State = Literal["right", "partly", "wrong", "stub", "raised", "invalid", "missing"]
_OPENING: dict[str, str] = {
    "stub": "Not solved yet.",
    "raised": "Your code raises an error.",
    "missing": "No answer was found.",
}


@dataclass(frozen=True)
class Verdict:
    """Points and messages of one exercise.

    Attributes:
        exercise: What was judged.
        state: Right (all points), partly, wrong (none), stub (not solved yet), raised (an error
            in the student's code), invalid (data that are none), missing.
        parts: What is right and what is not.
    """

    exercise: Exercise
    state: State
    parts: tuple[Part, ...]

    @property
    def points(self) -> float:
        """Points that are given."""
        return sum(part.points for part in self.parts if part.passed)

    @property
    def heading(self) -> str:
        """The title and the points, in one line."""
        opening = _OPENING.get(self.state, "")
        title = self.exercise.title + ("" if self.exercise.title.endswith("?") else ":")
        line = f"{title} {self.points:g} of {self.exercise.points} points."
        return f"{line} {opening}".strip()

    def __repr__(self) -> str:
        marks = [f"{'✓' if p.passed else '✗'} {p.message}" for p in self.parts]
        return "\n".join([self.heading, *marks])

    def _repr_markdown_(self) -> str:
        marks = [f"- {'✓' if p.passed else '✗'} {p.message}" for p in self.parts]
        return "\n".join([f"**{self.heading}**", "", *marks])


def judge(exercise: Exercise, data: Any, inputs: dict[str, Any]) -> Verdict:
    """Judges what a probe returned; the data may come from anybody.

    Args:
        exercise: What to judge.
        data: As ``unpack`` returns them.
        inputs: The same as the probe had.
    """
    if not isinstance(data, Mapping):
        return failed(exercise, "invalid", "The answer is not what the exercise hands over.")
    problem = data.get("problem")
    if problem in ("stub", "raised"):
        return failed(exercise, problem, str(data.get("message", ""))[:500])
    if problem is not None:
        return failed(exercise, "invalid", str(data.get("message", ""))[:500])
    return _judged(exercise, data, inputs)


def _judged(exercise: Exercise, data: Mapping[str, Data], inputs: dict[str, Any]) -> Verdict:
    parts: list[Part] = []
    try:
        for part in exercise.judge(Answer(data), inputs):
            parts.append(part)
    except WrongForm as error:
        parts.append(Part(exercise.points - sum(p.points for p in parts), False, str(error)))
    except (ArithmeticError, TypeError, ValueError, LookupError, MemoryError) as error:
        # A judge that stumbles over foreign data must not give points, nor stop a class.
        left = exercise.points - sum(p.points for p in parts)
        parts.append(Part(left, False, f"The answer could not be judged: {error}"[:500]))
    verdict = Verdict(exercise, "right", tuple(parts))
    if verdict.points == exercise.points:
        return verdict
    return Verdict(exercise, "partly" if verdict.points else "wrong", tuple(parts))


def failed(exercise: Exercise, state: State, message: str) -> Verdict:
    """Returns a verdict without points.

    Args:
        exercise: What was judged.
        state: Why there are none.
        message: Tells the student.
    """
    return Verdict(exercise, state, (Part(exercise.points, False, message),))
