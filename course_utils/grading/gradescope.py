"""Builds an autograder for Gradescope: a zip that grades as the course does on a laptop.

The format is that of https://gradescope-autograders.readthedocs.io: ``setup.sh`` prepares the
container once, ``run_autograder`` grades each submission.
"""

import hashlib
import hmac
import re
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import course_utils
from course_utils.exercises import of_chapter
from course_utils.grading._chapter import COURSE
from course_utils.grading.errors import InstructorError
from course_utils.grading.keys import read_key

__all__ = ["GradescopeError", "build"]

_PACKAGE = Path(course_utils.__file__).resolve().parent
_WHEN = (2020, 1, 1, 0, 0, 0)  # the same zip each time
_LIBRARIES = (
    "ipython",
    "joblib",
    "keras",
    "matplotlib",
    "nbformat",
    "numpy",
    "pandas",
    "scipy",
    "tqdm",
)


class GradescopeError(InstructorError):
    """The autograder cannot be built; the message says why."""


def build(chapter: str, out: Path, *, key: Path) -> Path:
    """Writes the autograder of a chapter.

    The zip holds no key but one that is derived from it for this chapter on Gradescope. Each
    submission gets inputs of its own from that, so that what a submission has seen and told in
    its messages is of no use for the next one.

    Args:
        chapter: Such as ``"04"``, ``"4"`` or ``"04-vanishing-gradients"``.
        out: The zip to write; an older one is replaced.
        key: The instructor's key.

    Returns:
        The zip.

    Raises:
        GradescopeError: The chapter has no exercises, or the zip cannot be written.
        KeyFileError: The key cannot be read.
    """
    found = re.match(r"\d+", chapter)
    number = found[0].zfill(2) if found else ""
    if not of_chapter(number):
        raise GradescopeError(f"There are no exercises of a chapter {chapter!r}.")
    own_key = hmac.digest(read_key(key), f"gradescope:{number}".encode(), hashlib.sha256).hex()
    texts = {
        "setup.sh": _SETUP,
        "run_autograder": _RUN,
        "key": own_key + "\n",
        "chapter": number + "\n",
        "python": f"{sys.version_info.major}.{sys.version_info.minor}\n",
        "requirements.txt": "".join(f"{line}\n" for line in _requirements()),
    }
    try:
        with zipfile.ZipFile(out, "w") as archive:
            for name, text in sorted(texts.items()):
                _add(archive, name, text.encode(), _mode(name))
            for path in _files(number):
                name = path.relative_to(_PACKAGE.parent).as_posix()
                _add(archive, name, path.read_bytes(), 0o644)
    except OSError as error:
        raise GradescopeError(f"{out} cannot be written: {error.strerror}.") from None
    out.chmod(0o600)  # whoever has it has the inputs of the grading
    return out


def _mode(name: str) -> int:
    return {"key": 0o600, "setup.sh": 0o755, "run_autograder": 0o755}.get(name, 0o644)


def _add(archive: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.create_system, entry.external_attr = 3, (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(".npz") else zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _requirements() -> Iterator[str]:
    """Yields the libraries in the versions with which the instructor's machine grades."""
    for name in _LIBRARIES:
        yield f"{name}=={metadata.version(name)}"
    for name in ("tensorflow-cpu", "tensorflow"):
        try:
            yield f"tensorflow-cpu=={metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue
        return


def _files(number: str) -> Iterator[Path]:
    """Yields the package, and the data that the chapter loads."""
    yield from (p for p in sorted(_PACKAGE.rglob("*")) if p.suffix == ".py" or p.name == "py.typed")
    for path in sorted((COURSE / "book" / "chapters").glob(f"{number}-*.ipynb")):
        loaded = re.findall(r"datasets\.load\((?:\\n|[\s\",\\])*?(\w+)", path.read_text("utf-8"))
        for data in sorted((COURSE / "data").glob("*.npz")):
            if data.stem in loaded:
                yield data


_SETUP = """\
#!/usr/bin/env bash
# Prepares Gradescope's container: runs once, as root, when the autograder is uploaded.
# COURSE_PYTHON names a Python that has all libraries already; then nothing is installed.
set -eu
root="${AUTOGRADER_ROOT:-/autograder}"
source="$root/source"
course="$root/course" # all that the code of students can read

mkdir -p "$course"
cp -r "$source/course_utils" "$course/"
if [ -d "$source/data" ]; then cp -r "$source/data" "$course/"; fi
chmod -R a+rX "$course"
chmod 600 "$source/key"
chmod 700 "$source"

if [ -z "${COURSE_PYTHON:-}" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install -y --no-install-recommends ca-certificates python3 python3-venv
  # Without bubblewrap, or where the container forbids it, the code of students runs as a user
  # who can read neither the key nor the results.
  apt-get install -y --no-install-recommends bubblewrap || echo "bubblewrap is not available"
  python3 -m venv "$root/tools"
  "$root/tools/bin/pip" install uv
  export UV_PYTHON_INSTALL_DIR="$course/pythons"
  "$root/tools/bin/uv" venv --python-preference only-managed --python "$(cat "$source/python")" \\
    "$course/venv"
  "$root/tools/bin/uv" pip install --python "$course/venv/bin/python" -r "$source/requirements.txt"
  chmod -R a+rX "$course"
fi

python="${COURSE_PYTHON:-$course/venv/bin/python}"
cd /
PYTHONPATH="$course" "$python" -m course_utils.grading._gradescope "$root" --try
"""

_RUN = """\
#!/usr/bin/env bash
# Grades one submission: Gradescope runs this as root and reads results/results.json afterwards.
set -eu
root="${AUTOGRADER_ROOT:-/autograder}"
course="$root/course"
python="${COURSE_PYTHON:-$course/venv/bin/python}"
chmod 600 "$root/source/key"
chmod 700 "$root/source" "$root/results" "$root/submission"
cd /
PYTHONPATH="$course" exec "$python" -m course_utils.grading._gradescope "$root"
"""
