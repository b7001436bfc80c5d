"""Keeps each result as soon as it is there, so that an interrupted batch goes on where it stood.

A result is used again only for the same notebook, exercises, code of the course, key and limits.
"""

import functools
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import course_utils
from course_utils.grading._tables import write_file
from course_utils.grading.submission import Result

__all__ = ["Kept", "code_of_course"]


@functools.cache
def code_of_course() -> str:
    """Returns the SHA-256 of all code of the course: what it judges depends on any of it."""
    folder = Path(course_utils.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}:{len(content)}:".encode() + content)
    return digest.hexdigest()


class Kept:
    """A folder of results, each named by what it depends on.

    Args:
        folder: Where; it is made when the first result is kept.
        conditions: All that results depend on, apart from the notebooks.
    """

    def __init__(self, folder: Path, conditions: Iterable[str]) -> None:
        self._folder = folder
        self._conditions = "\n".join([code_of_course(), *conditions]).encode()

    def name(self, raw: bytes) -> str:
        """Returns the name of the result of a notebook.

        Args:
            raw: Content of the notebook.
        """
        digest = hashlib.sha256(hashlib.sha256(self._conditions).digest())
        digest.update(raw)
        return digest.hexdigest()[:40]

    def read(self, name: str) -> Result | None:
        """Returns a result, or None if there is none, or none that is whole.

        Args:
            name: From :meth:`name`.
        """
        try:
            content = json.loads((self._folder / f"{name}.json").read_text(encoding="utf-8"))
            return Result.from_dict(content)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, name: str, result: Result) -> None:
        """Keeps a result, if it would be the same the next time.

        Args:
            name: From :meth:`name`.
            result: To keep.
        """
        if not result.trouble:
            write_file(self._folder / f"{name}.json", json.dumps(result.as_dict(), indent=1))
