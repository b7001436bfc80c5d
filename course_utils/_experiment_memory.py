"""Recalls replicates that were trained before, and keeps new ones."""

import hashlib
import warnings
from pathlib import Path
from typing import Any

from course_utils._experiment_cache import Cache, CacheWarning
from course_utils._experiment_code import CannotDescribeError
from course_utils._experiment_key import Keys
from course_utils._experiment_task import Outcome, Task

__all__ = ["Memory"]


class Memory:
    """The cache of one experiment; without a folder it recalls and keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._cache = None if folder is None else Cache(folder)
        self._keys = Keys()
        self._known: dict[Task, str] = {}
        self._told: set[str] = set()

    def recall(self, task: Task, source: Any) -> Outcome | None:
        """Returns the outcome of a task if one is kept, and prepares to keep it if not.

        Args:
            task: The replicate.
            source: Its data, or the function that returns them.

        Raises:
            ReplicateError: Its model could not be built, or its data not be had.
        """
        if self._cache is None:
            return None
        try:
            key = self._keys.key(task, source)
        except CannotDescribeError as error:
            if task.variant not in self._told:
                self._told.add(task.variant)
                text = f"Results of variant {task.variant!r} are not kept: they depend on {error}."
                warnings.warn(text, CacheWarning, stacklevel=3)
            return None
        except Exception as error:
            raise task.failed(error) from error
        self._known[task] = key
        content = self._cache.read(_with_threads(key, task.threads))
        return None if content is None else Outcome(**content)

    def keep(self, task: Task, outcome: Outcome) -> None:
        """Keeps an outcome, if its key is known.

        Args:
            task: The replicate, which :meth:`recall` was asked for.
            outcome: What it has given.
        """
        if self._cache is None or task not in self._known:
            return
        content = {
            "history": outcome.history,
            "measured": outcome.measured,
            "seconds": outcome.seconds,
            "threads": outcome.threads,
        }
        # A worker process that was used before may have other threads than planned.
        self._cache.write(_with_threads(self._known[task], outcome.threads), content)


def _with_threads(key: str, count: int) -> str:
    """Returns the key for a number of threads, which decides about the rounding of sums."""
    return hashlib.sha256(f"{key} {count}".encode()).hexdigest()
