"""The process inside the sandbox that has loaded TensorFlow once and forks for each submission.

    python -m course_utils.grading._server SOCKET

It never reads a submission itself: for each one it gets a socket of its own, and hands that to a
supervisor. The supervisor starts the student's process in namespaces of its own, watches its
time and memory, and kills it. So a submission meets nothing that another one has left behind.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from course_utils.exercises import all_exercises
from course_utils.grading import _isolation
from course_utils.grading._messages import Job, Limits, read_job, receive, send
from course_utils.grading._student import prepare, work

__all__: list[str] = []

_LOADED = ("tensorflow", "keras", "pandas", "scipy.optimize", "scipy.stats", "matplotlib.pyplot")
_LOADED_OF_COURSE = ("claims", "descent", "diagnostics", "experiments", "networks", "plots")
_PER_SECOND = 20
_MOST = 64_000_000  # bytes that a submission may hand over


def main() -> None:
    """Loads what submissions need, and serves until the other side closes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for name in (*_LOADED, *(f"course_utils.{name}" for name in _LOADED_OF_COURSE)):
        import_module(name)
    all_exercises()
    shell = prepare()
    gc.freeze()  # the memory that all submissions share stays shared
    send(control, {"ready": True})
    while True:
        _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not descriptors:
            return
        supervisor = os.fork()
        if supervisor == 0:
            control.close()
            _in_child(_supervise, socket.socket(fileno=descriptors[0]), shell)
        os.close(descriptors[0])
        os.waitpid(supervisor, 0)


def _in_child(function: Any, *arguments: Any) -> None:
    """Calls a function in a forked process, which must never return into its parent's code."""
    try:
        _isolation.die_with_parent()
        function(*arguments)
    finally:
        os._exit(0)


def _supervise(connection: socket.socket, shell: Any) -> None:
    job, limits, isolated = read_job(*receive(connection))
    try:
        if isolated:
            _isolation.own_namespaces()
        reader, writer = os.pipe()
        student = os.fork()
        if student == 0:
            os.close(reader)
            connection.close()
            _in_child(_study, shell, job, limits, isolated, writer)
        os.close(writer)
        header, raw = _watch(connection, student, reader, limits)
    except OSError as error:
        header, raw = {"state": "crashed", "detail": f"The sandbox failed: {error}"}, b""
    send(connection, header, raw)


def _study(shell: Any, job: Job, limits: Limits, isolated: bool, writer: int) -> None:
    """Shuts this process in, and runs the student's code."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.dup2(writer, 3)
    os.closerange(4, 4096)
    if isolated:
        _isolation.mount_private(limits)
        os.chdir(_isolation.SCRATCH)
    _isolation.limit(limits)
    _isolation.become_user(_nobody() if isolated or _isolation.can_change_user() else None)
    _isolation.die_with_parent()  # once more: another user is another process to the kernel
    with open(3, "wb", buffering=0) as out:
        work(shell, job, lambda piece: _write(out, piece), limits.seconds / 4)


def _nobody() -> int | None:
    """Returns a user without any files, another one in each process; for all but root None."""
    return 20_000 + os.getppid() % 20_000 if os.getuid() == 0 else None


def _write(out: Any, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[out.write(rest) :]


def _watch(
    connection: socket.socket, student: int, reader: int, limits: Limits
) -> tuple[dict[str, Any], bytes]:
    """Collects what the student's process hands over, until it ends or has to end."""
    begin, raw, peak, why = time.monotonic(), bytearray(), 0, ""
    while not why:
        ready = select.select([reader, connection.fileno()], [], [], 1 / _PER_SECOND)[0]
        piece = os.read(reader, 1 << 16) if reader in ready else b""
        raw += piece
        memory = _memory(_family(student), limits.memory)
        peak = max(peak, memory)
        if connection.fileno() in ready:
            why = "crashed"  # nobody waits for it any more
        elif time.monotonic() - begin > limits.seconds:
            why = "timeout"
        elif memory > limits.memory:
            why = "memory"
        elif len(raw) > _MOST:
            why = "output"
        elif not piece and reader in ready:
            break
    detail = _end(student, bool(why))
    header = {
        "state": why or "done",
        "detail": detail,
        "seconds": time.monotonic() - begin,
        "peak_memory": peak,
    }
    return header, bytes(raw)


def _end(student: int, at_once: bool) -> str:
    """Kills all that the student has started, and says how the student's process ended."""
    if not at_once:
        _wait_a_moment(student)
    for process in _family(student):
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(student, 0)
    code = os.waitstatus_to_exitcode(status)
    return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def _wait_a_moment(student: int) -> None:
    """Lets a process that has closed its end of the pipe end by itself, to learn how it ends."""
    descriptor = os.pidfd_open(student) if hasattr(os, "pidfd_open") else None
    if descriptor is not None:
        select.select([descriptor], [], [], 0.5)
        os.close(descriptor)


def _family(student: int) -> list[int]:
    """Returns the numbers of a process and of all that it has started and that still run."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [student]
    for process in found:  # it grows on the way
        found += children.get(process, [])
    return found


def _memory(processes: list[int], enough: int) -> int:
    """Returns how many bytes processes take together.

    Pages that they share are counted once, which costs time, so only where it matters.
    """
    total = sum(_sizes(process, "status", ("RssAnon", "RssShmem")) for process in processes)
    if total <= enough:
        return total
    return sum(_sizes(process, "smaps_rollup", ("Pss_Anon", "Pss_Shmem")) for process in processes)


def _sizes(process: int, file: str, names: tuple[str, ...]) -> int:
    try:
        lines = Path(f"/proc/{process}/{file}").read_text().splitlines()
    except OSError:  # it has just ended
        return 0
    return sum(
        1024 * int(x.split()[1]) for x in lines if x.startswith(tuple(f"{n}:" for n in names))
    )


if __name__ == "__main__":
    main()
