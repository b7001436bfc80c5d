"""What a worker process does: it keeps one sandbox and grades one notebook after the other."""

import atexit
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import util
from typing import TypeAlias

from course_utils.exercises import get
from course_utils.grading.sandbox import Limits, Sandbox, SandboxError
from course_utils.grading.submission import Result, Runs, grade_notebook, without_answers

__all__ = ["Opens", "OwnSandbox", "Task", "close_sandboxes", "work"]

Opens: TypeAlias = Callable[[], Runs]


@dataclass(frozen=True)
class OwnSandbox:
    """Opens a sandbox; equal ones open equal sandboxes.

    Attributes:
        limits: What a submission may take.
        isolated: Whether with bubblewrap.
    """

    limits: Limits
    isolated: bool

    def __call__(self) -> Runs:
        """Opens such a sandbox."""
        return Sandbox(self.limits, isolated=self.isolated)


@dataclass(frozen=True)
class Task:
    """A notebook to grade.

    Attributes:
        raw: Content of the file.
        seeds: Ids of the exercises and their private seeds.
        opens: Opens the sandbox. It can be compared and pickled.
    """

    raw: bytes
    seeds: tuple[tuple[str, int], ...]
    opens: Opens


_open: dict[tuple[int, Opens], Runs] = {}


def work(task: Task) -> Result:
    """Grades a notebook. Whatever goes wrong becomes its result.

    Args:
        task: What to do.
    """
    problem = ""
    for _ in range(2):  # a sandbox that has died is opened once more
        try:
            return grade_notebook(task.raw, dict(task.seeds), _sandbox(task.opens))
        except SandboxError as error:
            problem = str(error)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"[:300]
            break
        finally:
            if problem:
                _forget(task.opens)
    exercises = [get(id) for id, _ in task.seeds]
    note = f"The notebook could not be graded: {problem}"
    return without_answers(exercises, "crashed", note, trouble=problem)


def _sandbox(opens: Opens) -> Runs:
    place = (threading.get_ident(), opens)
    if place not in _open:
        if not _open:
            # A process of a pool does not run what is registered with atexit.
            atexit.register(close_sandboxes)
            util.Finalize(None, close_sandboxes, exitpriority=10)
        _open[place] = opens()
    return _open[place]


def _forget(opens: Opens) -> None:
    sandbox = _open.pop((threading.get_ident(), opens), None)
    if sandbox is not None:
        sandbox.close()


def close_sandboxes() -> None:
    """Closes the sandboxes of this process."""
    while _open:
        _, sandbox = _open.popitem()
        sandbox.close()
