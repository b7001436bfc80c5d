"""Rehearse the chapters as Colab runs them.

    python tools/colab.py --constraints FILE [--python PYTHON] [--jobs 2] [CHAPTER ...]
    python tools/colab.py --versions oldest  [--python PYTHON] [--jobs 2] [CHAPTER ...]

FILE lists what a Colab runtime has, a line ``name==version`` each (``pip freeze`` there). In its
place ``oldest`` takes the oldest versions that pyproject.toml admits and ``newest`` those that the
registry serves. What came out with all chapters goes into the README's table.

The rehearsal makes an environment of exactly that, then for every chapter a fresh one that stands
on it, and an empty folder that holds nothing but the one notebook, and runs it there. Its setup
cell really installs ``course_utils``; only the address in it is replaced by that of a server on
this machine, which serves the wheel that the site carries. pip is told to fetch nothing else, and
afterwards no version may have changed. Data come from Keras's cache in a made-up home folder, in
the files that Keras downloads, because the rehearsal works without a network.

The environment of a list is kept in _build/colab and used again for the same list and Python.
"""

# mypy: allow-untyped-calls
# (nbformat and nbclient are not typed)

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import environment
import nbformat
import numpy as np
import server
import versions
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "book" / "chapters"
KEPT = ROOT / "_build" / "colab"
COLAB_PYTHON = (3, 13)
SECONDS_A_CELL = 900
SPACE_NEEDED = 2_000_000_000
INSTALL = re.compile(r"(https?://[^\s'\"]+?)(/wheels/([^\s/'\"]+\.whl))")
FASHION_FILES = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}


class RehearsalError(Exception):
    """Something that would go wrong in Colab, or keeps the rehearsal from starting."""


@dataclass
class Stage:
    """What the chapters meet: a runtime's environment, a home folder, a wheel to be served."""

    runtime: Path
    home: Path
    wheel: Path


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--constraints", type=Path, help="what the runtime has: name==version")
    parser.add_argument("--versions", choices=tuple(versions.PYTHONS), help="in place of a list")
    parser.add_argument("--python", help="the Python of the environment (3.13 if there is one)")
    parser.add_argument("--jobs", type=int, default=2, help="chapters at once (default 2)")
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")
    options = parser.parse_args(arguments)
    if options.versions is None and not (options.constraints and options.constraints.is_file()):
        missing = f"There is no file {options.constraints}. " if options.constraints else ""
        print(
            f"{missing}Say which versions Colab has: make colab CONSTRAINTS=FILE\n"
            "or rehearse with the oldest or newest: make colab VERSIONS=oldest\n"
            "To get such a file, run  !pip freeze > constraints.txt  in a Colab notebook.",
            file=sys.stderr,
        )
        return 2
    try:
        notebooks = find_chapters(options.chapters)
        if options.versions:
            constraints = versions.resolve(options.versions)
        else:
            constraints = options.constraints.read_text(encoding="utf-8")
        python = choose_python(options.python, versions.PYTHONS.get(options.versions, COLAB_PYTHON))
        venv = prepare(constraints, python)
        failed = rehearse(notebooks, venv, options.jobs)
        if not options.chapters:
            name = options.versions or "Colab"
            versions.record(name, python.version, installed(venv), failed)
    except environment.Problem as problem:
        print(f"{problem}\nWhat to do: {problem.remedy}", file=sys.stderr)
        return 1
    except (RehearsalError, versions.VersionsError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # what shells give; nothing is recorded
    print(f"Colab rehearsal: {len(notebooks) - failed} passed, {failed} failed")
    return 1 if failed else 0


def find_chapters(names: list[str]) -> list[Path]:
    """Return the notebooks of chapters given by name or path; of all if none is given.

    Raises:
        RehearsalError: if one does not exist.
    """
    every = sorted(CHAPTERS.glob("*.ipynb"))
    if not names:
        names = [notebook.stem for notebook in every]
    found = [CHAPTERS / f"{Path(name).stem}.ipynb" for name in names]
    for notebook in found:
        if notebook not in every:
            known = ", ".join(each.stem for each in every)
            raise RehearsalError(f"There is no chapter {notebook.stem}. Chapters: {known}")
    if not found:
        raise RehearsalError(f"There is no chapter in {CHAPTERS}.")
    return found


# ------------------------------------------------------------------------------------------------
# The environment


def prepare(constraints: str, interpreter: environment.Interpreter) -> Path:
    """Return an environment with exactly the packages of a list, made anew or kept."""
    requirements = runtime_packages(constraints)
    wanted = environment.fingerprint(requirements, repr(interpreter.version))
    venv = KEPT / wanted[:12]
    with environment.locked(KEPT / "lock"):
        if not environment.is_healthy(venv, wanted, interpreter.version):
            KEPT.mkdir(parents=True, exist_ok=True)
            environment.check_space(KEPT, SPACE_NEEDED)
            environment.create(interpreter, venv)
            file = venv / "constraints.txt"
            file.write_text(requirements, encoding="utf-8")
            count = len(package_lines(requirements))
            environment.run_pip(
                venv, ["install", "-r", str(file)], f"Installing the {count} packages of the list"
            )
            environment.write_stamp(venv, wanted)
    found = installed(venv)
    print(
        f"Rehearsing with Python {interpreter.version[0]}.{interpreter.version[1]}, "
        + ", ".join(f"{name} {found[name]}" for name in ("keras", "numpy", "ipython")),
        flush=True,
    )
    return venv


def choose_python(requested: str | None, wanted: tuple[int, int]) -> environment.Interpreter:
    """Return a version of Python, Colab's perhaps, if this machine has it, else the project's."""
    if requested:
        return environment.find_python(requested)
    for path in environment.candidates():
        found = environment.probe(path)
        if found and found.complete and found.version == wanted:
            return found
    own = environment.find_python()
    print(
        f"There is no Python {wanted[0]}.{wanted[1]} here, which was asked for: "
        f"rehearsing with {own.path}.",
        file=sys.stderr,
    )
    return own


def package_lines(constraints: str) -> list[str]:
    """Return the lines of a list that name a package."""
    lines = (line.split("#")[0].strip() for line in constraints.splitlines())
    return [line for line in lines if line]


def runtime_packages(constraints: str) -> str:
    """Return the requirements of a runtime: its list, with the CPU's TensorFlow on Linux.

    tensorflow-cpu is the same library of the same version, without half a gigabyte of CUDA.
    """
    lines = package_lines(constraints)
    if sys.platform == "linux" and platform.machine() == "x86_64":
        lines = [re.sub(r"^tensorflow(?=\s*==)", "tensorflow-cpu", line) for line in lines]
    return "\n".join(lines) + "\n"


def installed(venv: Path) -> dict[str, str]:
    """Return the version of every package of an environment."""
    listed = pip(venv, "list", "--format", "json")
    return {canonical(package["name"]): package["version"] for package in json.loads(listed)}


def canonical(name: str) -> str:
    """Return the one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pip(venv: Path, *arguments: str) -> str:
    """Run the pip of an environment; return what it prints."""
    python = environment.interpreter_of(venv)
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RehearsalError(f"pip {' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return, in words, how an environment differs from what it was, `course_utils` aside."""
    names = sorted((before.keys() | after.keys()) - {"course-utils"})
    return [
        f"{name}: {before.get(name, 'absent')} became {after.get(name, 'absent')}"
        for name in names
        if before.get(name) != after.get(name)
    ]


# ------------------------------------------------------------------------------------------------
# The stage


def build_wheel() -> Path:
    """Build the wheel that the site carries."""
    command = [sys.executable, str(ROOT / "tools" / "site.py"), "--wheel"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        raise RehearsalError(done.stderr)
    return ROOT / done.stdout.strip()


def fill_keras_cache(home: Path, data: Path) -> None:
    """Write the data sets to a home folder in the files that Keras's download leaves there."""
    cache = home / ".keras" / "datasets"
    (cache / "fashion-mnist").mkdir(parents=True)
    shutil.copyfile(data / "mnist.npz", cache / "mnist.npz")
    with np.load(data / "fashion_mnist.npz") as arrays:
        for key, name in FASHION_FILES.items():
            write_idx(cache / "fashion-mnist" / name, arrays[key])


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """Write an array of bytes as a gzipped IDX file."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(header + array.tobytes())


def rehearse(notebooks: list[Path], runtime: Path, jobs: int) -> int:
    """Run chapters, each in a session of its own; return how many failed."""
    wheel = build_wheel()
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="colab-")))
        stage = Stage(runtime, scratch / "home", wheel)
        fill_keras_cache(stage.home, ROOT / "data")
        os.environ["JUPYTER_PATH"] = str(scratch / "jupyter")
        pool = stack.enter_context(ThreadPoolExecutor(max(1, jobs)))
        results = pool.map(partial(rehearse_one, scratch=scratch, stage=stage), notebooks)
        try:
            passed = list(results)
        except KeyboardInterrupt:
            print("Interrupted: ends when the chapters that run now have ended.", flush=True)
            raise
    return passed.count(False)


def rehearse_one(notebook: Path, scratch: Path, stage: Stage) -> bool:
    """Run a chapter in an empty folder, say how it went, and return whether it passed."""
    folder = scratch / notebook.stem
    folder.mkdir()
    start = time.perf_counter()
    try:
        venv = fresh_session(stage.runtime, scratch / f"{notebook.stem}-venv")
        write_kernel(scratch / "jupyter", notebook.stem, venv)
        run_session(notebook, folder, venv, stage)
        result = "passed"
    except (RehearsalError, CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        result = f"FAILED\n{error}\n"
    seconds = time.perf_counter() - start
    print(f"{notebook.stem}: {seconds:.0f} s, {result}", flush=True)
    return result == "passed"


# ------------------------------------------------------------------------------------------------
# A session


def fresh_session(runtime: Path, venv: Path) -> Path:
    """Make an environment that has what a runtime has, and of its own only what comes later."""
    python = environment.interpreter_of(runtime)
    command = [str(python), "-m", "venv", "--without-pip", str(venv)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    packages, below = environment.site_packages(venv), environment.site_packages(runtime)
    if done.returncode or packages is None:
        raise RehearsalError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    line = f"import site; site.addsitedir({str(below)!r})\n"
    (packages / "runtime.pth").write_text(line, encoding="utf-8")
    return venv


def write_kernel(folder: Path, name: str, venv: Path) -> None:
    """Describe an environment's kernel for Jupyter."""
    python = str(environment.interpreter_of(venv))
    spec = {
        "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": name,
        "language": "python",
    }
    kernel = folder / "kernels" / name / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps(spec))


def run_session(source: Path, folder: Path, venv: Path, stage: Stage) -> None:
    """Run one chapter in an empty folder, in an environment without `course_utils`.

    Raises:
        RehearsalError: if the setup cell does something else than install `course_utils`.
        CellExecutionError: if a cell fails.
    """
    before = installed(venv)
    notebook = nbformat.read(source, as_version=4)
    served: list[str] = []
    with server.served(stage.wheel.parents[1], served) as address:
        redirect(notebook, address.rstrip("/"), stage.wheel.name)
        nbformat.write(notebook, folder / source.name)
        client = NotebookClient(
            notebook,
            kernel_name=source.stem,
            timeout=SECONDS_A_CELL,
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute(env=session_environment(venv, stage.home))
    after = installed(venv)
    fetched = f"/wheels/{stage.wheel.name}" in served
    if "course-utils" in before or "course-utils" not in after or not fetched:
        raise RehearsalError("The setup cell did not install course_utils from the wheel.")
    changed = changes(before, after)
    if changed:
        raise RehearsalError("Running the chapter changed Colab's packages:\n" + "\n".join(changed))


def redirect(notebook: NotebookNode, address: str, wheel: str) -> None:
    """Let the setup cell of a notebook install from another address, and change nothing else.

    Raises:
        RehearsalError: if it has no such cell or more, or asks for another wheel.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    installing = [cell for cell in cells if INSTALL.search(cell.source)]
    if len(installing) != 1 or installing[0] is not cells[0]:
        raise RehearsalError(
            "The first code cell, and no other, has to install the wheel of course_utils."
        )
    wheels = {match.group(3) for match in INSTALL.finditer(cells[0].source)}
    if wheels != {wheel}:
        raise RehearsalError(
            f"The setup cell asks for {', '.join(sorted(wheels))}, but the site carries {wheel}. "
            "Type make address."
        )
    cells[0].source = INSTALL.sub(rf"{address}\2", cells[0].source)


def session_environment(venv: Path, home: Path) -> dict[str, str]:
    """Return the environment variables of a session: nothing of this machine's settings."""
    kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "PATH": f"{venv / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # a remark of the debugger at every start
        "PIP_NO_INDEX": "1",  # what Colab lacks must not come from anywhere
    }


if __name__ == "__main__":
    raise SystemExit(main())
