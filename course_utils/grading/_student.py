"""Runs the cells of a student beside the probes. Nothing in this process is trusted."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import Any

import course_utils.exercises
from course_utils.exercises import DataError, error_message, get, pack, plain, probe, unpack
from course_utils.grading._messages import Job, frame

__all__ = ["prepare", "work"]


class TooSlow(BaseException):
    """A cell or an answer took too long. No student catches it by accident."""


def prepare() -> Any:
    """Returns an IPython shell without history, ready to be inherited."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    # Showing errors calls students' __str__ and __repr__, and there is no window to show plots in.
    for name in ("showtraceback", "showsyntaxerror", "enable_gui"):
        setattr(shell, name, _nothing)
    return shell


def _nothing(*arguments: Any, **settings: Any) -> None:
    """Does nothing."""


def work(shell: Any, job: Job, emit: Callable[[bytes], None], seconds: float) -> None:
    """Runs the cells, and hands over what the probes of the exercises return.

    Args:
        shell: From :func:`prepare`.
        job: What to run.
        emit: Takes what goes out.
        seconds: Wall clock that a cell or an answer may take.
    """
    given: set[str] = set()

    def hand_over(id: str, answer: Any) -> None:
        if id in job.inputs:
            given.add(id)
            emit(frame({"answer": id}, _probed(id, answer, job.inputs[id], seconds)))

    course_utils.exercises.check = hand_over  # type: ignore[assignment]
    shell.user_ns["check"] = hand_over  # also without the cell that imports it
    failed = _run(shell, list(enumerate(job.cells)), seconds)
    # Cells may stand in another order than the one in which the student ran them.
    again = [(n, job.cells[n]) for n, error in failed.items() if isinstance(error, NameError)]
    failed = {n: e for n, e in failed.items() if not isinstance(e, NameError)}
    failed |= _run(shell, again, seconds)
    for number, error in sorted(failed.items()):
        emit(frame({"error": [number, error_message(error)]}))
    for id in job.inputs:
        if id not in given and get(id).name in shell.user_ns:
            hand_over(id, shell.user_ns[get(id).name])
    emit(frame({"end": True}))


def _run(shell: Any, cells: list[tuple[int, str]], seconds: float) -> dict[int, BaseException]:
    failed = {}
    for number, source in cells:
        try:
            with _at_most(seconds):
                result = shell.run_cell(source, store_history=False, silent=True)
            error = result.error_before_exec or result.error_in_exec
        except TooSlow as slow:
            error = slow
        if error is not None:
            failed[number] = error
    return failed


def _probed(id: str, answer: Any, inputs: bytes, seconds: float) -> bytes:
    exercise, unpacked = get(id), unpack(inputs)
    assert isinstance(unpacked, dict)  # ours, from outside
    try:
        with _at_most(seconds):
            return pack(plain(probe(exercise, answer, unpacked)))
    except TooSlow as slow:
        return pack({"problem": "raised", "message": error_message(slow)})
    except DataError as error:
        return pack({"problem": "form", "message": str(error)})


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raises TooSlow in code that takes longer, and again each second if it goes on."""

    def stop(*_: Any) -> None:
        raise TooSlow(f"took more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
