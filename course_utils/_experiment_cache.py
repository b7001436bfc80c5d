"""Keeps finished replicates in files, one each, so that an interrupted experiment goes on.

An entry is trusted only if it is whole and belongs to the key that it is asked for.
"""

import contextlib
import hashlib
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["Cache", "CacheWarning", "default_folder"]

_FORMAT = 1


class CacheWarning(UserWarning):
    """Says that a result could not be kept, or that a kept one was not used."""


def default_folder() -> Path | None:
    """Returns ``$COURSE_CACHE``, or the folder for caches of this system; None for no cache."""
    own = os.environ.get("COURSE_CACHE")
    if own is not None:
        return Path(own).expanduser() if own else None
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "course_utils" / "experiments"


class Cache:
    """A folder of JSON files, each named by a key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._can_write = True

    def read(self, key: str) -> dict[str, Any] | None:
        """Returns the content kept for a key, or None; warns of a broken entry."""
        path = self._path(key)
        try:
            entry = json.loads(path.read_text(encoding="utf-8"))
            content = entry["content"]
            sound = (entry["format"], entry["key"]) == (_FORMAT, key)
            sound = sound and entry["checksum"] == _checksum(content)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            sound = False
        if sound:
            return dict(content)
        text = f"{path} is damaged: this replicate is trained again."
        warnings.warn(text, CacheWarning, stacklevel=3)
        return None

    def write(self, key: str, content: Mapping[str, Any]) -> None:
        """Keeps a content. Other processes see it whole or not at all."""
        if not self._can_write:
            return
        checksum = _checksum(content)
        entry = {"format": _FORMAT, "key": key, "checksum": checksum, "content": content}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._replace(self._path(key), json.dumps(entry))
        except OSError as error:
            self._can_write = False
            text = f"Results cannot be kept in {self._folder}: {error}."
            warnings.warn(text, CacheWarning, stacklevel=3)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _replace(self, path: Path, text: str) -> None:
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".tmp")
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise


def _checksum(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
