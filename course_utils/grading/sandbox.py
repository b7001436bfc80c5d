"""Runs the code of students where it can do no harm, and brings back nothing but data.

A process inside bubblewrap (https://github.com/containers/bubblewrap) loads TensorFlow once: no
network, a system that cannot be written to, and none of the instructor's files. For each
submission it forks a child in namespaces of its own. What the child hands over is bytes, read
here without pickle.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import course_utils
from course_utils.grading._isolation import SCRATCH
from course_utils.grading._messages import Job, Limits, Outcome, frames, job_message, receive, send
from course_utils.grading.errors import InstructorError

__all__ = ["Job", "Limits", "Outcome", "Sandbox", "SandboxError", "why_not"]

_START = 300.0  # seconds, on a machine that is busy with other things
_GRACE = 30.0
_PACKAGE = Path(course_utils.__file__).resolve().parent
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "fonts")
# Root does without a namespace of users: the child then becomes a user without any rights.
_OF_ROOT = ("SYS_ADMIN", "SETUID", "SETGID", "KILL", "SYS_PTRACE")


class SandboxError(InstructorError):
    """The sandbox cannot be started; the message says what to do."""


def why_not() -> str:
    """Says why submissions cannot be isolated here; empty if they can be."""
    if sys.platform != "linux":
        return "Isolation needs Linux: use a Linux machine, or WSL on Windows."
    if shutil.which("bwrap") is None:
        return "bubblewrap is missing. On Debian and Ubuntu: sudo apt-get install bubblewrap"
    tried = subprocess.run(
        [*_bubblewrap(), sys.executable, "-c", _TRIAL], capture_output=True, text=True, check=False
    )
    if tried.returncode == 0:
        return ""
    last = (tried.stderr.strip().splitlines() or ["no message"])[-1]
    return f"This system does not let bubblewrap isolate a process: {last}"


_TRIAL = """
import os
from course_utils.grading import _isolation
from course_utils.grading._messages import Limits
_isolation.own_namespaces()
child = os.fork()
if child == 0:
    _isolation.mount_private(Limits())
    os._exit(0)
raise SystemExit(os.waitpid(child, 0)[1])
"""


class Sandbox:
    """A process that runs submissions one after the other; a context manager.

    Args:
        limits: What a submission may take.
        isolated: Whether to use bubblewrap. Without it only the limits hold: submissions can use
            the network and read and write the files of whoever runs this. If that is root, and
            others can read Python (:func:`can_change_user`), students' code runs as another user.

    Raises:
        SandboxError: It cannot be started.
    """

    def __init__(self, limits: Limits | None = None, *, isolated: bool = True) -> None:
        self.limits = limits or Limits()
        self.isolated = isolated
        if os.name != "posix":
            raise SandboxError("Grading needs Linux or macOS; on Windows use WSL.")
        if isolated and (problem := why_not()):
            raise SandboxError(problem)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._said: IO[bytes] | None = None

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process and all that it has started."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._said is not None:
            self._said.close()
        self._process = self._control = self._said = None

    def run(self, job: Job) -> Outcome:
        """Runs a submission.

        Args:
            job: What to run.

        Raises:
            SandboxError: The sandbox itself does not start, or has ended.
        """
        control = self._started()
        ours, theirs = socket.socketpair()
        try:
            with ours:
                with theirs:
                    socket.send_fds(control, [b"1"], [theirs.fileno()])
                ours.settimeout(self.limits.seconds + _GRACE)
                send(ours, *job_message(job, self.limits, self.isolated))
                header, raw = receive(ours)
        except (OSError, EOFError, ValueError) as error:
            self.close()  # whatever happened to it: the next submission gets a fresh one
            raise SandboxError(f"The sandbox has ended: {error}") from None
        return _outcome(header, raw, job)

    def _started(self) -> socket.socket:
        if self._process is not None and self._process.poll() is None and self._control:
            return self._control
        self.close()
        ours, theirs = socket.socketpair()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        with theirs:
            python = [sys.executable, "-m", f"{__package__}._server", str(theirs.fileno())]
            self._process = subprocess.Popen(
                [*_bubblewrap(), *python] if self.isolated else python,
                pass_fds=[theirs.fileno()],
                env=_environment(self.isolated),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
            )
        self._control = ours
        ours.settimeout(_START)
        try:
            receive(ours)
        except (OSError, EOFError) as error:
            message = self._last_words() or str(error)
            self.close()
            raise SandboxError(f"The sandbox does not start: {message}") from None
        ours.settimeout(_GRACE)
        return ours

    def _last_words(self) -> str:
        if self._said is None:
            return ""
        self._said.seek(0)
        return self._said.read().decode(errors="replace").strip()[-500:]


def _outcome(header: dict[str, Any], raw: bytes, job: Job) -> Outcome:
    """Reads what came out, all of which but the state, the time and the memory is the student's."""
    answers: dict[str, bytes] = {}
    errors: dict[int, str] = {}
    ended = False
    for said, payload in frames(raw):
        if said.get("answer") in job.inputs:
            answers[said["answer"]] = payload
        elif isinstance(said.get("error"), list):
            number, message = (*said["error"], None, None)[:2]
            if isinstance(number, int) and 0 <= number < len(job.cells):
                errors[number] = str(message)[:500]
        ended = ended or "end" in said
    state = header["state"]
    if state not in ("timeout", "memory") and not (state == "done" and ended):
        state = "crashed"
    return Outcome(
        state,
        answers,
        sorted(errors.items()),
        header["detail"],
        float(header.get("seconds", 0.0)),
        int(header.get("peak_memory", 0)),
    )


def _environment(isolated: bool) -> dict[str, str]:
    scratch = SCRATCH if isolated else tempfile.gettempdir()
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(_PACKAGE.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        **dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR", "IPYTHONDIR", "KERAS_HOME"), scratch),
        "PIP_NO_INDEX": "1",  # %pip install fails at once, not after long waits
        "MPLBACKEND": "agg",
        "COURSE_CACHE": "",
        "COURSE_DATA": str(_PACKAGE.parent / "data"),
        "CUDA_VISIBLE_DEVICES": "",
        # Several sandboxes share the cores, and each thread counts as a process.
        **dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"),
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }


def _bubblewrap() -> list[str]:
    """Returns the command before Python: what is seen inside, and nothing else is."""
    command = ["bwrap", "--die-with-parent", "--new-session"]
    command += ["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    if os.getuid() == 0:
        command += [part for name in _OF_ROOT for part in ("--cap-add", f"CAP_{name}")]
    else:
        command += ["--unshare-user"]
    for path in _SYSTEM:
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            command += ["--ro-bind", path, path]
    command += ["--tmpfs", "/tmp", "--tmpfs", SCRATCH]
    shown = [*(f"/etc/{name}" for name in _SETTINGS), *_python_folders()]
    above = {str(parent) for path in shown for parent in Path(path).parents if parent.name}
    for folder in sorted(above):  # else bubblewrap makes them for its own user only
        command += ["--perms", "0755", "--dir", folder]
    for path in shown:
        command += ["--ro-bind-try", path, path]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for folder in ("/dev", "/tmp", "/"):
        command += ["--remount-ro", folder]
    return [*command, "--chdir", SCRATCH, "--"]


def _python_folders() -> list[str]:
    """Returns the folders of Python, its packages, the course and its data; no others."""
    folders = {sys.prefix, sys.base_prefix, str(_PACKAGE), str(_PACKAGE.parent / "data")}
    with contextlib.suppress(ImportError):
        import numpy

        folders.add(str(Path(numpy.__file__).resolve().parents[1]))  # packages of the user
    return sorted(folder for folder in folders if not folder.startswith("/usr/"))
