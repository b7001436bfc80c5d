"""Grades one notebook: runs its code in a sandbox, and judges here what came out of there."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

from course_utils.exercises import Exercise, Verdict, failed, get, judge, pack, unpack
from course_utils.grading.notebooks import NotebookError, code_cells, needed
from course_utils.grading.sandbox import Job, Outcome

__all__ = ["Mark", "Result", "Runs", "Status", "grade_notebook", "without_answers"]

Status = Literal["ok", "partial", "timeout", "crashed", "invalid", "missing"]
_JUDGED = ("right", "partly", "wrong", "stub")
_MOST_NOTES = 10
_LONGEST_NOTE = 300
_NO_NAME = re.compile(r"name '(\w+)' is not defined")


class Runs(Protocol):
    """What runs the code of students, such as a ``sandbox.Sandbox``."""

    def run(self, job: Job) -> Outcome:
        """Runs a job.

        Args:
            job: What to run.
        """

    def close(self) -> None:
        """Ends what was started."""


@dataclass(frozen=True)
class Mark:
    """What an exercise got.

    Attributes:
        id: Of the exercise.
        title: Of the exercise.
        points: Given.
        maximum: That could be given.
        state: As in :class:`course_utils.exercises.Verdict`.
        messages: What is right and what is not, and whether it is right.
    """

    id: str
    title: str
    points: float
    maximum: float
    state: str
    messages: tuple[tuple[bool, str], ...]


@dataclass(frozen=True)
class Result:
    """What a notebook got, whoever handed it in.

    Attributes:
        status: ``ok``: all is judged. ``partial``: an answer is missing or raises an error, or a
            cell that it needs does. ``timeout``, ``crashed``: the notebook did not come to its
            end; the answers before that count. ``invalid``: no notebook of this chapter.
            ``missing``: nothing was handed in.
        marks: One for each exercise.
        notes: What the instructor and the student should know.
        seconds: Wall clock.
        peak_memory: Bytes.
        trouble: Why it could not be graded, if that may be different the next time.
    """

    status: Status
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    peak_memory: int = 0
    trouble: str = ""

    @property
    def points(self) -> float:
        """Points that are given."""
        return sum(mark.points for mark in self.marks)

    @property
    def maximum(self) -> float:
        """Points that could be given."""
        return sum(mark.maximum for mark in self.marks)

    def as_dict(self) -> dict[str, Any]:
        """Returns it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Result":
        """Returns what :meth:`as_dict` has written.

        Args:
            content: From a file.

        Raises:
            KeyError: Something is missing in it.
            TypeError: Something is of another type.
        """
        marks = tuple(
            Mark(**{**mark, "messages": tuple((bool(ok), str(m)) for ok, m in mark["messages"])})
            for mark in content["marks"]
        )
        return cls(**{**content, "marks": marks, "notes": tuple(content["notes"])})


def without_answers(
    exercises: Sequence[Exercise], status: Status, note: str, *, trouble: str = ""
) -> Result:
    """Returns a result without points.

    Args:
        exercises: That could have got points.
        status: Of the row.
        note: Why there are none.
        trouble: As in :class:`Result`.
    """
    marks = tuple(_mark(failed(exercise, "missing", note)) for exercise in exercises)
    return Result(status, marks, (note,), trouble=trouble)


def grade_notebook(raw: bytes, seeds: Mapping[str, int], sandbox: Runs) -> Result:
    """Grades a notebook.

    Args:
        raw: Content of the file.
        seeds: The private seed for each exercise, by id, in the order of the exercises.
        sandbox: Where to run it.
    """
    exercises = [get(id) for id in seeds]
    try:
        cells = code_cells(raw)
    except NotebookError as error:
        return without_answers(exercises, "invalid", str(error))
    numbers = needed(cells, exercises)
    if not numbers:
        return without_answers(exercises, "invalid", _other_work(cells, exercises))
    run = _Run(cells, exercises, seeds, sandbox)
    run.cells(numbers)
    if run.may_need_more(numbers):
        run.cells(range(len(cells)))
    return run.result()


def _other_work(cells: Sequence[str], exercises: Sequence[Exercise]) -> str:
    wanted = f"no answer to an exercise of chapter {exercises[0].chapter}"
    chapters = set(re.findall(r"""["']ch(\d\d)-[a-z]""", "\n".join(cells)))
    chapters -= {exercise.chapter for exercise in exercises}
    if chapters:
        return f"The notebook has {wanted}, but checks of chapter {', '.join(sorted(chapters))}."
    return f"The notebook has {wanted}: no check cell, and no name of an answer."


@functools.lru_cache(maxsize=100)
def _inputs(id: str, seed: int) -> tuple[dict[str, Any], bytes]:
    inputs = get(id).inputs(seed)
    return inputs, pack(inputs)


@dataclass
class _Run:
    """The runs of one notebook, of which the last one counts as far as it came."""

    sources: Sequence[str]
    exercises: Sequence[Exercise]
    seeds: Mapping[str, int]
    sandbox: Runs
    answers: dict[str, bytes] = field(default_factory=dict)
    outcome: Outcome | None = None
    errors: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0
    peak_memory: int = 0
    notes: list[str] = field(default_factory=list)

    def cells(self, numbers: Sequence[int]) -> None:
        """Runs some of the cells."""
        packed = {id: _inputs(id, seed)[1] for id, seed in self.seeds.items()}
        outcome = self.sandbox.run(Job(tuple(self.sources[n] for n in numbers), packed))
        self.seconds += outcome.seconds
        self.peak_memory = max(self.peak_memory, outcome.peak_memory)
        self.answers |= {id: data for id, data in outcome.answers.items() if id in self.seeds}
        complete = all(id in self.answers for id in self.seeds)
        if self.outcome is not None and outcome.state != "done" and complete:
            self.notes.append("The whole notebook does not run to its end; its answers do.")
            return  # the run of what the answers need came to its end
        self.outcome = outcome
        self.errors = [(numbers[n], text) for n, text in outcome.errors if n < len(numbers)]

    def may_need_more(self, numbers: Sequence[int]) -> bool:
        """Says whether cells that were left out may hold what was missing."""
        assert self.outcome is not None
        taken = set(numbers)
        left = "\n".join(cell for n, cell in enumerate(self.sources) if n not in taken)
        if self.outcome.state != "done" or not left:
            return False
        everything = "\n".join(self.sources)
        lost = [word for e in self.exercises if e.id not in self.answers for word in (e.id, e.name)]
        said = [text for _, text in self.errors]
        said += [text for mark in self.marks() for _, text in mark.messages]
        undefined = _NO_NAME.findall("\n".join(said))
        return (
            any(_stands_in(word, everything) for word in lost)
            or any(_stands_in(word, left) for word in undefined)
            or any("ModuleNotFoundError" in text for _, text in self.errors)
        )

    def marks(self) -> tuple[Mark, ...]:
        """Judges the answers."""
        return tuple(_mark(self._verdict(exercise)) for exercise in self.exercises)

    def _verdict(self, exercise: Exercise) -> Verdict:
        answer = self.answers.get(exercise.id)
        if answer is None:
            return failed(
                exercise,
                "missing",
                f'Neither check("{exercise.id}", ...) nor `{exercise.name}` was reached.',
            )
        try:
            inputs = _inputs(exercise.id, self.seeds[exercise.id])[0]
            return judge(exercise, unpack(answer), inputs)
        except Exception as error:  # one exercise must not take the points of the others
            return failed(exercise, "invalid", f"The answer could not be judged: {error}"[:500])

    def result(self) -> Result:
        """Returns the marks and what is to be said."""
        assert self.outcome is not None
        marks = self.marks()
        notes = [*_why_not_done(self.outcome), *self.notes, *self._cell_errors()]
        return Result(
            self._status(marks), marks, tuple(notes), round(self.seconds, 3), self.peak_memory
        )

    def _cell_errors(self) -> list[str]:
        said = []
        for number, text in self.errors[:_MOST_NOTES]:
            first = next((s for s in self.sources[number].splitlines() if s.strip()), "")
            said.append(f"Code cell {number + 1} (`{first.strip()[:40]}`): {text}"[:_LONGEST_NOTE])
        more = len(self.errors) - _MOST_NOTES
        return [*said, f"{more} more cells raise errors."] if more > 0 else said

    def _status(self, marks: Sequence[Mark]) -> Status:
        assert self.outcome is not None
        is_full = all(mark.points == mark.maximum for mark in marks)
        if self.outcome.state == "timeout":
            return "timeout"
        if self.outcome.state != "done":
            return "crashed"
        said = [text for _, text in self.errors]
        said += [text for mark in marks if mark.state == "raised" for _, text in mark.messages]
        if not is_full and any(text.startswith("TooSlow") for text in said):
            return "timeout"
        if all(mark.state in _JUDGED for mark in marks) and (is_full or not self.errors):
            return "ok"
        return "partial"


def _stands_in(word: str, text: str) -> bool:
    return bool(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text))


def _why_not_done(outcome: Outcome) -> list[str]:
    if outcome.state == "timeout":
        return [f"The notebook was stopped after {outcome.seconds:.0f} s."]
    if outcome.state == "memory":
        return [f"The notebook was stopped: it took {outcome.peak_memory / 1e6:,.0f} MB of memory."]
    if outcome.state == "crashed":
        detail = f": {outcome.detail}" if outcome.detail else ""
        return [f"The notebook broke off{detail}"[:_LONGEST_NOTE] + "."]
    return []


def _mark(verdict: Verdict) -> Mark:
    exercise = verdict.exercise
    return Mark(
        exercise.id,
        exercise.title,
        float(verdict.points),
        float(exercise.points),
        verdict.state,
        tuple((part.passed, part.message) for part in verdict.parts),
    )
