"""What an exercise is: a task, inputs made from a seed, a probe and a judge."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from course_utils.exercises._answer import Answer

__all__ = ["Exercise", "Part", "part"]


@dataclass(frozen=True)
class Part:
    """A part of an exercise, judged.

    Attributes:
        points: What the part is worth.
        passed: Whether the points are given.
        message: What is right, or what is wrong with a hint at the likely mistake.
    """

    points: float
    passed: bool
    message: str


def part(points: float, passed: Any, *, right: str, wrong: str) -> Part:
    """Judges a part of an exercise.

    Args:
        points: What it is worth.
        passed: Whether it is right.
        right: What to say then.
        wrong: What to say otherwise. Names the likely mistake, never the solution.
    """
    return Part(points, bool(passed), right if passed else wrong)


@dataclass(frozen=True)
class Exercise:
    """An exercise: one definition, used in the notebook and in grading.

    Attributes:
        id: Such as ``"ch06-exponential-decay"``: the chapter's number and a name.
        title: As in the heading of the exercise.
        difficulty: Warm-up, core or stretch.
        points: The sum of what `judge` can give.
        minutes: That a student is expected to need.
        objective: What the student can do afterwards, in half a sentence.
        name: Of the variable or function that the student writes: the answer.
        inputs: Makes the inputs from a seed: plain data, see ``course_utils.exercises.plain``.
            Nobody can foresee those of another seed.
        probe: Puts the inputs into the answer and returns what comes out, in a dict. It runs
            beside the student's code and trusts nothing to be true.
        judge: Yields a :func:`part` at a time from what the probe returned and the inputs. It
            runs where no student code has run. What `Answer` raises ends it; points that were
            yielded before are kept.
    """

    id: str
    title: str
    difficulty: Literal["warm-up", "core", "stretch"]
    points: int
    minutes: int
    objective: str
    name: str
    inputs: Callable[[int], dict[str, Any]]
    probe: Callable[[Any, dict[str, Any]], Mapping[str, Any]]
    judge: Callable[[Answer, dict[str, Any]], Iterator[Part]]

    @property
    def chapter(self) -> str:
        """Number of the chapter, such as ``"06"``."""
        return self.id[2:4]
