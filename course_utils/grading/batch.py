"""Grades what a class has handed in."""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tqdm import tqdm

from course_utils.exercises import Exercise, get, of_chapter
from course_utils.grading import keys
from course_utils.grading._kept import Kept
from course_utils.grading._spread import Died, spread, stop_processes
from course_utils.grading._worker import Opens, OwnSandbox, Task, close_sandboxes, work
from course_utils.grading.errors import InstructorError
from course_utils.grading.notebooks import NotebookError
from course_utils.grading.roster import Student
from course_utils.grading.sandbox import Limits, why_not
from course_utils.grading.submission import Result, without_answers
from course_utils.grading.submissions import Collected, File, Submission

__all__ = ["Batch", "Row", "chapter_of", "grade"]

_MOST_LOOKED_INTO = 10
_TROUBLES = 6


@dataclass(frozen=True)
class Row:
    """What a student gets.

    Attributes:
        student: Who.
        result: Points and messages.
        file: That was graded; empty if there is none.
        is_late: Whether the learning platform marks it as late.
        notes: What is to be known about what was handed in.
    """

    student: Student
    result: Result
    file: str = ""
    is_late: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """What a class gets.

    Attributes:
        exercises: That were graded.
        rows: One for each student.
        collected: What was handed in, with what could not be matched.
        reused: How many results are from an earlier time.
        seconds: Wall clock.
    """

    exercises: tuple[Exercise, ...]
    rows: tuple[Row, ...]
    collected: Collected
    reused: int = 0
    seconds: float = 0.0


def chapter_of(collected: Collected) -> str:
    """Finds out from the check cells which chapter was handed in, such as ``"04"``.

    Args:
        collected: What was handed in.

    Raises:
        InstructorError: It is not clear.
    """
    seen: Counter[bytes] = Counter()
    for submission in collected.submissions:
        for file in submission.files[:1]:
            raw = _read(file)
            if isinstance(raw, bytes):
                seen.update(set(re.findall(rb"\bch(\d\d)-[a-z]", raw)))
    chapters = sorted(found.decode() for found in seen)
    if len(chapters) == 1:
        return chapters[0]
    what = f"checks of the chapters {', '.join(chapters)}" if chapters else "no check cells"
    raise InstructorError(
        f"Which chapter? The notebooks have {what}. Say it: --chapter {(chapters or ['04'])[0]}"
    )


def grade(
    collected: Collected,
    chapter: str,
    *,
    key: bytes,
    out: Path,
    n_jobs: int | None = None,
    limits: Limits | None = None,
    isolated: bool = True,
    progress: bool = True,
    opens: Opens | None = None,
) -> Batch:
    """Grades what a class has handed in. Results are kept in ``out/rows`` as they come.

    Work is spread with joblib: inside ``joblib.parallel_config("dask")`` it goes to a cluster.

    Args:
        collected: What was handed in.
        chapter: Such as ``"04"``.
        key: The instructor's, see :func:`course_utils.grading.keys.read_key`.
        out: Folder for the results.
        n_jobs: Number of processes; None for one for each core, or for what joblib is set to.
        limits: What a submission may take.
        isolated: Whether to keep submissions from the network and the files of this computer.
        progress: Whether to show a bar.
        opens: Opens another sandbox; it can be compared and pickled.

    Raises:
        InstructorError: The chapter has no exercises, or no submission can be run here.
    """
    begin = time.monotonic()
    exercises = tuple(of_chapter(chapter))
    if not exercises:
        raise InstructorError(f"Chapter {chapter} has no exercises. List them: course exercises")
    if opens is None and isolated and (problem := why_not()):
        raise InstructorError(
            f"Submissions cannot be isolated here. {problem} (To go on without protection, "
            "give --no-sandbox.)"
        )
    limits = limits or Limits()
    opens = opens or OwnSandbox(limits, isolated)
    conditions = [repr(sorted(asdict(limits).items())), f"isolated: {isolated}"]
    conditions += [keys.fingerprint(key), *(exercise.id for exercise in exercises)]
    seeds = tuple((exercise.id, keys.seed_of(key, exercise.id)) for exercise in exercises)
    work_to_do = _Work(collected, seeds, opens, Kept(out / "rows", conditions))
    results = work_to_do.done(n_jobs, progress)
    rows = tuple(_row(one, results[n], exercises) for n, one in enumerate(work_to_do.chosen))
    seconds = time.monotonic() - begin
    return Batch(exercises, rows, collected, work_to_do.reused, seconds)


@dataclass(frozen=True)
class _Chosen:
    """The file of a submission that is graded."""

    submission: Submission
    file: File | None
    notes: tuple[str, ...]


def _choose(submission: Submission, ids: Sequence[str]) -> _Chosen:
    """Takes the latest notebook that has a check of this chapter, or else the latest one."""
    files = submission.files
    if len(files) < 2:
        return _Chosen(submission, files[0] if files else None, ())
    for file in files[:_MOST_LOOKED_INTO]:
        raw = _read(file)
        if isinstance(raw, bytes) and any(id.encode() in raw for id in ids):
            break
    else:
        file = files[0]
    note = f"{len(files)} notebooks were handed in; graded is {file.name}"
    return _Chosen(submission, file, (note,))


def _read(file: File) -> bytes | str:
    """Returns the content, or why there is none."""
    try:
        return file.read()
    except NotebookError as error:
        return str(error)


@dataclass
class _Work:
    collected: Collected
    seeds: tuple[tuple[str, int], ...]
    opens: Opens
    kept: Kept
    reused: int = 0
    chosen: list[_Chosen] = field(default_factory=list)
    results: dict[int, Result | str] = field(default_factory=dict)
    open: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def done(self, n_jobs: int | None, progress: bool) -> dict[int, Result | str]:
        """Returns for each submission its result, or why it has none."""
        ids = [id for id, _ in self.seeds]
        self.chosen = [_choose(submission, ids) for submission in self.collected.submissions]
        files = sum(chosen.file is not None for chosen in self.chosen)
        with tqdm(
            total=files, desc="Grading", unit="notebook", disable=not progress, smoothing=0.05
        ) as bar:
            self._look_up()
            bar.update(sum(self.chosen[n].file is not None for n in self.results))
            try:
                for name, result in spread(work, self._tasks(), n_jobs):
                    self._finish(name, result)
                    bar.update(len(self.open[name]))
            finally:
                close_sandboxes()
                stop_processes()
        return self.results

    def _look_up(self) -> None:
        """Finds what is known from an earlier time, and what is left to do."""
        for number, chosen in enumerate(self.chosen):
            if chosen.file is None:
                self.results[number] = ""
                continue
            raw = _read(chosen.file)
            if isinstance(raw, str):
                self.results[number] = raw
                continue
            name = self.kept.name(raw)
            known = self.kept.read(name)
            if known is not None:
                self.results[number] = known
                self.reused += 1
            else:
                self.open[name].append(number)

    def _tasks(self) -> Iterator[tuple[str, Task]]:
        """Yields what is left to do; files are read again, so that few are in memory."""
        for name, numbers in list(self.open.items()):
            file = self.chosen[numbers[0]].file
            raw = _read(file) if file else ""
            if isinstance(raw, bytes):
                yield name, Task(raw, self.seeds, self.opens)
            else:
                self.results |= dict.fromkeys(numbers, raw)

    def _finish(self, name: str, result: Result | Died) -> None:
        if isinstance(result, Died):
            note = "The process that graded the notebook died of it"
            exercises = [get(id) for id, _ in self.seeds]
            result = without_answers(exercises, "crashed", f"{note}: {result}", trouble=note)
        self.kept.write(name, result)
        self.results |= dict.fromkeys(self.open[name], result)
        real = [r for r in self.results.values() if isinstance(r, Result)]
        if len(real) >= _TROUBLES and all(one.trouble for one in real):
            raise InstructorError(f"No notebook can be graded: {result.trouble}")


def _row(chosen: _Chosen, result: Result | str, exercises: Sequence[Exercise]) -> Row:
    student, file = chosen.submission.student, chosen.file
    if file is None:
        return Row(student, without_answers(exercises, "missing", "Nothing was handed in."))
    if isinstance(result, str):
        result = without_answers(exercises, "invalid", result)
    if not file.is_notebook and result.status == "invalid":
        wrong = f"{file.name} is no notebook: hand in the .ipynb file."
        result = without_answers(exercises, "invalid", wrong)
    return Row(student, result, file.name, file.origin.is_late, chosen.notes)
