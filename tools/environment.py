"""Create, check and repair the virtual environment of this checkout (``.venv``).

``make`` runs this file before everything else, with whatever Python it finds:
it uses the standard library only and runs on Python 3.8, so that an old Python
can still say what is missing. A healthy environment costs about half a second;
anything else is repaired, or built again where repair is impossible.

An environment is healthy when

* its interpreter starts and has a supported version,
* the stamp, written last, belongs to this folder, to this ``requirements.txt``
  and to this project's metadata,
* every file that the installed packages list in their RECORD is there, with the
  size listed.
"""

from __future__ import annotations

import argparse
import contextlib
import glob
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Iterator, NamedTuple, Sequence

SUPPORTED = ((3, 13), (3, 12), (3, 11))
SPACE_NEEDED = 2_700_000_000  # bytes; the finished environment has 2.4 GB on Linux
STAMP = "course-environment.json"
STAMP_FORMAT = 1

# Settings of the shell that would send an installation somewhere else.
_MISLEADING = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_USER",
    "__PYVENV_LAUNCHER__",
)

_PROBE = """
import json, platform, sys
def has(name):
    try:
        __import__(name)
    except ImportError:
        return False
    return True
inside = sys.prefix != sys.base_prefix
print(json.dumps({
    "version": list(sys.version_info[:2]),
    "executable": getattr(sys, "_base_executable", sys.executable) if inside else sys.executable,
    "complete": has("venv") and has("ensurepip"),
}))
"""


class Problem(Exception):
    """Something the reader has to put right: what is wrong, and what to type."""

    def __init__(self, what: str, remedy: str, *, hopeless: bool = True) -> None:
        super().__init__(what)
        self.remedy = remedy
        self.hopeless = hopeless  # building the environment again would not help


class Interpreter(NamedTuple):
    """A Python found on this machine."""

    path: str
    version: tuple[int, int]
    complete: bool  # has venv and ensurepip


def say(text: str) -> None:
    """Write a line for the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


# ----------------------------------------------------------------------------
# Finding a Python


def _clean_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in _MISLEADING}


def probe(path: str) -> Interpreter | None:
    """Start a Python and ask what it is; ``None`` when it does not start."""
    try:
        answer = subprocess.run(
            [path, "-I", "-c", _PROBE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_clean_environment(),
            timeout=60,
            check=True,
        ).stdout
        facts = json.loads(answer.decode())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    major, minor = facts["version"]
    return Interpreter(facts["executable"], (major, minor), facts["complete"])


def candidates() -> Iterator[str]:
    """Pythons worth a look: the running one, then the newest by name, then usual places."""
    yield sys.executable
    names = {version: "python%d.%d" % version for version in SUPPORTED}
    for name in [*names.values(), "python3", "python"]:
        found = shutil.which(name)
        if found:
            yield found
    # A pyenv shim stands on PATH and fails unless its version is switched on.
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for version, name in names.items():
        yield from glob.glob(os.path.join(pyenv, "versions", "%d.%d.*" % version, "bin", name))
        for folder in ("~/.local/bin", "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"):
            path = os.path.join(os.path.expanduser(folder), name)
            if os.path.exists(path):
                yield path


def _install_hint(version: str = "") -> str:
    if platform.system() == "Darwin":
        return "brew install python@%s" % (version or "3.12")
    if shutil.which("apt-get"):
        if version:
            return "sudo apt-get install python%s-venv" % version
        return "sudo apt-get install python3 python3-venv"
    if shutil.which("dnf"):
        return "sudo dnf install python%s" % (version or "3.12")
    return "install Python 3.12 from https://www.python.org/downloads/"


def find_python(requested: str | None = None, names: Sequence[str] | None = None) -> Interpreter:
    """Find a Python that can make the environment.

    Args:
        requested: what the reader asked for with ``PYTHON=``, if anything.
        names: candidates to try, best first; those of this machine if not given.

    Raises:
        Problem: there is none, or the requested one will not do.
    """
    if requested:
        return _requested_python(requested)
    seen: set[str] = set()
    incomplete: Interpreter | None = None
    rejected: list[str] = []
    for path in candidates() if names is None else names:
        if path in seen:
            continue
        seen.add(path)
        found = probe(path)
        if found is None:
            continue
        if found.version not in SUPPORTED:
            rejected.append("%s (%d.%d)" % ((path,) + found.version))
        elif found.complete:
            return found
        else:
            incomplete = incomplete or found
    if incomplete:
        raise _incomplete(incomplete)
    only = ", ".join(rejected) or "none at all"
    raise Problem(
        "Python 3.11, 3.12 or 3.13 is needed; found here: %s." % only,
        "%s\nIf one is installed in an unusual place: make PYTHON=/path/to/python3.12 ..."
        % _install_hint(),
    )


def _requested_python(requested: str) -> Interpreter:
    path = shutil.which(requested)
    found = probe(path) if path else None
    if found is None:
        raise Problem(
            "PYTHON=%s does not start." % requested,
            "Give the path of a Python 3.11, 3.12 or 3.13, or leave PYTHON= out.",
        )
    if found.version not in SUPPORTED:
        raise Problem(
            "PYTHON=%s is Python %d.%d; 3.11, 3.12 or 3.13 is needed."
            % ((requested,) + found.version),
            "Give the path of another one, or leave PYTHON= out.",
        )
    if not found.complete:
        raise _incomplete(found)
    return found


def _incomplete(found: Interpreter) -> Problem:
    version = "%d.%d" % found.version
    return Problem(
        "Python %s at %s cannot make virtual environments (no venv or no ensurepip module)."
        % (version, found.path),
        _install_hint(version),
    )


# ----------------------------------------------------------------------------
# Is it healthy?


def interpreter_of(venv: Path) -> Path:
    """The path of the Python of a virtual environment."""
    return venv / "bin" / "python"


def site_packages(venv: Path) -> Path | None:
    """The folder of the installed packages, if there is exactly one."""
    found = sorted(venv.glob("lib/python3.*/site-packages"))
    return found[0] if len(found) == 1 else None


def _record(info: Path) -> Iterator[tuple[str, str]]:
    """(path, size) of every file listed by an installed package, byte code left out."""
    with open(info / "RECORD", encoding="utf-8") as lines:
        for line in lines:
            path, _, size = line.rstrip("\r\n").rsplit(",", 2)
            if path.startswith('"'):
                path = path[1:-1].replace('""', '"')
            if not path.endswith(".pyc"):
                yield path, size


def _is_intact(info: Path) -> bool:
    folder = str(info.parent) + os.sep
    try:
        for path, size in _record(info):
            found = os.stat(path if os.path.isabs(path) else folder + path)
            if size and found.st_size != int(size):
                return False
    except (OSError, ValueError):
        return False
    return True


def installed(venv: Path) -> list[str]:
    """Names of the ``.dist-info`` folders of all installed packages."""
    folder = site_packages(venv)
    return sorted(info.name for info in folder.glob("*.dist-info")) if folder else []


def damaged(venv: Path) -> list[str]:
    """Names of the ``.dist-info`` folders whose package is broken or there twice."""
    folder = site_packages(venv)
    if folder is None:
        return []
    package = {name: re.sub(r"[_.]+", "-", name.split("-")[0]).lower() for name in installed(venv)}
    seen = list(package.values())
    return [
        name for name in package if seen.count(package[name]) > 1 or not _is_intact(folder / name)
    ]


def fingerprint(*parts: str) -> str:
    """SHA-256 of some texts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def project_metadata(root: Path) -> str:
    """The part of the project's files that an installation depends on.

    The tables of the tools (ruff, mypy, pytest) are left out: editing them
    must not cost an installation.
    """
    kept: list[str] = []
    keep = True
    for line in (root / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            keep = line.startswith("[tool.setuptools") or not line.startswith("[tool.")
        if keep and line.strip() and not line.startswith("#"):
            kept.append(line)
    module = root / "course_utils" / "__init__.py"
    source = module.read_text(encoding="utf-8") if module.exists() else ""
    return "\n".join(kept + re.findall(r"^__version__.*$", source, re.MULTILINE))


def read_stamp(venv: Path) -> dict[str, object]:
    """The stamp of a finished environment; empty when it is missing or unreadable."""
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(venv: Path, wanted: str) -> None:
    """Say, as the last step and at once, that the environment is finished."""
    found = probe(str(interpreter_of(venv)))
    stamp = {
        "format": STAMP_FORMAT,
        "path": str(venv.resolve()),
        "wanted": wanted,
        "python": list(found.version) if found else None,
        "packages": installed(venv),
    }
    temporary = venv / (STAMP + ".tmp")
    with open(temporary, "w", encoding="utf-8") as handle:
        json.dump(stamp, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(str(temporary), str(venv / STAMP))


def is_usable(venv: Path, version: tuple[int, int] | None = None) -> bool:
    """Whether the interpreter starts, is supported (and of that version), and never moved."""
    found = probe(str(interpreter_of(venv)))
    if found is None or found.version not in SUPPORTED or site_packages(venv) is None:
        return False
    if version is not None and found.version != version:
        return False
    # The scripts in bin/ carry the path in which they were made.
    stamp = read_stamp(venv)
    return not stamp or stamp.get("path") == str(venv.resolve())


def is_healthy(venv: Path, wanted: str, version: tuple[int, int] | None = None) -> bool:
    """Whether nothing at all has to be done."""
    stamp = read_stamp(venv)
    if (
        stamp.get("format") != STAMP_FORMAT
        or stamp.get("wanted") != wanted
        or not is_usable(venv, version)
    ):
        return False
    listed = stamp.get("packages")
    folder = site_packages(venv)
    if folder is None or not isinstance(listed, list):
        return False
    return all(_is_intact(folder / name) for name in listed)


# ----------------------------------------------------------------------------
# Making and mending


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock, so that two makes at once do not build the same environment."""
    try:
        import fcntl
    except ImportError:  # not a POSIX system
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another make is setting up %s; waiting for it." % path.parent)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def discard(venv: Path) -> None:
    """Delete an environment, whatever is left of it."""
    if venv.is_symlink() or venv.is_file():
        venv.unlink()
    elif venv.exists():
        shutil.rmtree(str(venv))


def create(python: Interpreter, venv: Path) -> None:
    """Make a new, empty virtual environment in place of what is there."""
    if venv.exists() or venv.is_symlink():
        say("Deleting %s, which cannot be repaired." % venv)
        discard(venv)
    say("Creating %s with Python %d.%d (%s)." % ((venv,) + python.version + (python.path,)))
    made = subprocess.run(
        [python.path, "-m", "venv", str(venv)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_clean_environment(),
    )
    if made.returncode:
        output = made.stdout.decode(errors="replace")
        discard(venv)
        if "ensurepip" in output and "No space left" not in output:
            raise _incomplete(python)
        raise explain(output, venv)


def check_space(folder: Path, needed: int = SPACE_NEEDED) -> None:
    """Refuse to start what cannot end well.

    Raises:
        Problem: the disk has not enough room.
    """
    free = shutil.disk_usage(str(folder)).free
    if free < needed:
        raise Problem(
            "The disk of %s has %.1f GB free; the environment needs %.1f GB."
            % (folder, free / 1e9, needed / 1e9),
            "Make room (df -h %s), then give the same make command again." % folder,
        )


def forget(venv: Path, names: Sequence[str]) -> None:
    """Remove broken packages without their help, so that pip installs them again."""
    folder = site_packages(venv)
    assert folder is not None
    inside = str(venv.resolve()) + os.sep
    for name in names:
        info = folder / name
        with contextlib.suppress(OSError, ValueError):
            for path, _ in list(_record(info)):
                target = os.path.normpath(str(folder.resolve() / path))
                if target.startswith(inside):
                    with contextlib.suppress(OSError):
                        os.unlink(target)
        shutil.rmtree(str(info), ignore_errors=True)


def ensure_pip(venv: Path) -> bool:
    """Whether pip works, after mending it from Python's own copy where it did not."""
    python = str(interpreter_of(venv))
    for command in (["-m", "pip", "--version"], ["-m", "ensurepip", "--default-pip"]):
        done = subprocess.run(
            [python, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_clean_environment(),
        )
        if done.returncode == 0:
            return True
    return False


def run_pip(venv: Path, arguments: Sequence[str], what: str, cwd: Path | None = None) -> None:
    """Run the pip of an environment and explain its failure.

    In a terminal pip shows its own progress; elsewhere there is a line now and then.

    Raises:
        Problem: pip failed.
    """
    log = venv / "pip.log"
    with contextlib.suppress(OSError):
        log.unlink()
    command = [str(interpreter_of(venv)), "-m", "pip", "--disable-pip-version-check"]
    command += ["--no-input", "--log", str(log), *arguments]
    say("%s ..." % what)
    if sys.stdout.isatty():
        status = subprocess.run(
            command, stdin=subprocess.DEVNULL, env=_clean_environment(), cwd=cwd
        ).returncode
        output = ""
    else:
        status, output = _run_quietly(command, cwd)
    if status:
        with contextlib.suppress(OSError):
            output = log.read_text(encoding="utf-8", errors="replace")[-100_000:] + output
        raise explain(output, venv)


def _run_quietly(command: Sequence[str], cwd: Path | None) -> tuple[int, str]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_clean_environment(),
        cwd=cwd,
    )
    assert process.stdout is not None
    lines: list[str] = []
    finished = threading.Event()
    reporter = threading.Thread(target=_report, args=(lines, finished), daemon=True)
    reporter.start()
    try:
        _collect(process.stdout, lines)
        status = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    finally:
        finished.set()
        process.stdout.close()
    return status, "".join(lines)


def _collect(stream: IO[bytes], lines: list[str]) -> None:
    for line in stream:
        lines.append(line.decode(errors="replace"))


def _report(lines: list[str], finished: threading.Event, every: float = 20.0) -> None:
    start = time.monotonic()
    while not finished.wait(every):
        count = sum(line.startswith("Collecting") for line in lines)
        step = "installing" if any("Installing collected" in line for line in lines) else "fetching"
        say("  %s, %d packages, %.0f s" % (step, count, time.monotonic() - start))


def explain(output: str, venv: Path) -> Problem:
    """Turn the output of a failed pip into what is wrong and what to type."""
    again = "then give the same make command again."
    if re.search(r"No space left on device|Errno 28|Disk quota exceeded|Errno 122", output):
        return Problem("The disk is full.", "Make room (df -h), %s" % again)
    if "DO NOT MATCH THE HASHES" in output:
        package = re.search(r"DO NOT MATCH THE HASHES[\s\S]*?(\S+==\S+) from ", output)
        return Problem(
            "A downloaded package%s is not the file that requirements.txt names (hash mismatch)."
            % (" (%s)" % package.group(1) if package else ""),
            "A damaged download: %s -m pip cache purge, %s\n"
            "If it stays, the package registry that pip is set to serves another file "
            "(pip config list)." % (interpreter_of(venv), again),
        )
    if re.search(
        r"NewConnectionError|NameResolutionError|name resolution|ConnectTimeout|ReadTimeout"
        r"|ProxyError|SSLError|Connection refused|Network is unreachable|Connection aborted"
        r"|Could not install packages due to an OSError: HTTP",
        output,
    ):
        return Problem(
            "The package registry cannot be reached.",
            "Check the network, and the registry and proxy that pip is set to "
            "(python3 -m pip config list), %s" % again,
        )
    missing = re.search(r"No matching distribution found for ([^\s;]+)", output)
    if missing:
        return _no_distribution(missing.group(1))
    if re.search(r"Failed to build|Failed building wheel|metadata-generation-failed", output):
        return Problem(
            "A package has no ready-made build for this machine and could not be compiled.",
            "See %s. Linux (x86-64, ARM) and macOS on Apple silicon are known to work."
            % _log(venv),
        )
    lines = [line for line in output.splitlines() if line.strip()]
    return Problem(
        "The installation failed:\n  " + "\n  ".join(lines[-8:]),
        "Give the same make command again; if that fails, make distclean first. Log: %s"
        % _log(venv),
        hopeless=False,
    )


def _log(venv: Path) -> Path:
    return venv / "pip.log"


def _no_distribution(package: str) -> Problem:
    if platform.system() == "Darwin" and platform.machine() == "x86_64":
        return Problem(
            "%s is not published for Macs with Intel processors." % package,
            "Read the chapters in Colab (buttons on every page), or work in a Linux container.",
        )
    return Problem(
        "The package registry has no %s for this Python and machine." % package,
        "If pip is set to a mirror (python3 -m pip config list), the mirror may be behind: "
        "try PIP_INDEX_URL=https://pypi.org/simple make ...\n"
        "If another Python is installed: make PYTHON=python3.12 ...",
    )


def build(root: Path, venv: Path, wanted: str, python: str | None = None) -> None:
    """Bring an environment that is not healthy to the wanted state, keeping what is good."""
    requested = find_python(python) if python else None
    version = requested.version if requested else None
    fresh = not is_usable(venv, version)
    if fresh:
        chosen = requested or find_python()
        check_space(root)
        create(chosen, venv)
    with contextlib.suppress(OSError):
        (venv / STAMP).unlink()
    for _ in range(2):
        broken = damaged(venv)
        if broken:
            say("Repairing %d broken packages in %s." % (len(broken), venv))
            forget(venv, broken)
        if not ensure_pip(venv):
            break
        _install(root, venv)
        if not damaged(venv):
            write_stamp(venv, wanted)
            return
    raise Problem(
        "The environment stays broken after an installation.",
        "Type make distclean, then the same make command again. Log: %s" % _log(venv),
        hopeless=fresh,
    )


def _install(root: Path, venv: Path) -> None:
    requirements = root / "requirements.txt"
    count = len(re.findall(r"(?m)^[A-Za-z0-9][^\s]*==", requirements.read_text(encoding="utf-8")))
    # requirements.txt is complete. Left to resolve it again, older pips take a newer release for an
    # extra (coverage[toml]) than the one pinned, as soon as there is one, and then miss its hash.
    run_pip(
        venv,
        ["install", "--no-deps", "--require-hashes", "-r", str(requirements)],
        "Installing %d pinned packages (minutes the first time)" % count,
        cwd=root,
    )
    run_pip(
        venv,
        ["install", "--no-deps", "--no-build-isolation", "--no-index", "--editable", str(root)],
        "Installing course_utils from this checkout",
        cwd=root,
    )


def ensure(root: Path, python: str | None = None) -> Path:
    """Make sure that the checkout has a healthy environment.

    Args:
        root: the checkout.
        python: the Python to use, a name or a path; chosen if not given.

    Returns:
        The folder of the environment.

    Raises:
        Problem: it cannot be had; the message says why and what to do.
    """
    venv = root / ".venv"
    wanted = fingerprint(
        (root / "requirements.txt").read_text(encoding="utf-8"), project_metadata(root)
    )
    version = find_python(python).version if python else None
    if is_healthy(venv, wanted, version):
        return venv
    with locked(root / ".venv.lock"):
        if is_healthy(venv, wanted, version):  # the one we waited for did it
            return venv
        try:
            build(root, venv, wanted, python)
        except Problem as problem:
            if problem.hopeless:
                raise
            say("%s\nBuilding it again from scratch." % problem)
            discard(venv)
            build(root, venv, wanted, python)
    say("The environment is ready.")
    return venv


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a command; the exit status is 0 when the environment is healthy."""
    parser = argparse.ArgumentParser(description="Create, check and repair .venv.")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--python", default=os.environ.get("PYTHON") or None)
    options = parser.parse_args(arguments)
    try:
        ensure(options.root.resolve(), options.python)
    except Problem as problem:
        say("\nCannot set up the environment. %s\n\nWhat to do:" % problem)
        say("\n".join("  " + line for line in problem.remedy.splitlines()))
        return 1
    except OSError as error:
        say("\nCannot set up the environment: %s\n\nWhat to do:" % error)
        if error.errno == 28:
            say("  Make room on the disk (df -h), then give the same make command again.")
        else:
            say("  Check that this folder is yours to write in, or type make distclean first.")
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted. The same make command goes on from here.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
