"""The instructor's key: a file from which the private seeds of all exercises come.

Who has the key knows the inputs of grading. It stays out of the repository and away from students.
"""

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from course_utils.grading.errors import InstructorError

__all__ = ["KeyFileError", "fingerprint", "make_key", "read_key", "seed_of"]

_BYTES = 32


class KeyFileError(InstructorError):
    """A file is no key, or a key cannot be made there."""


def make_key(path: Path) -> None:
    """Makes a key file that only its owner can read.

    Args:
        path: Where; there must be no file yet.

    Raises:
        KeyFileError: There is a file already, or none can be written there.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileError(
            f"{path} exists already and is left as it is: marks given with a lost key cannot be "
            "given again. Choose another name."
        ) from None
    except OSError as error:
        raise KeyFileError(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")


def read_key(path: Path) -> bytes:
    """Reads a key file.

    Args:
        path: That :func:`make_key` wrote.

    Raises:
        KeyFileError: There is none, or it is something else.
    """
    try:
        with path.open("rb") as file:
            text = file.read(1000).decode("utf-8-sig").strip()
    except FileNotFoundError:
        raise KeyFileError(f"There is no key {path}. Make one: course key {path}") from None
    except OSError as error:
        raise KeyFileError(f"The key {path} cannot be read: {error.strerror}.") from None
    except UnicodeError:
        text = ""
    if not re.fullmatch(rf"[0-9a-fA-F]{{{2 * _BYTES}}}", text):
        raise KeyFileError(
            f"{path} is not a key: a key is a line of {2 * _BYTES} hexadecimal digits. "
            "Make one: course key FILE"
        )
    return bytes.fromhex(text)


def seed_of(key: bytes, exercise_id: str) -> int:
    """Returns the private seed of an exercise, of 63 bits.

    It is HMAC-SHA256 (RFC 2104) of the id, so that one seed tells nothing about another.

    Args:
        key: From :func:`read_key`.
        exercise_id: Such as ``"ch01-random-restarts"``.
    """
    digest = hmac.digest(key, f"seed:{exercise_id}".encode(), hashlib.sha256)
    return int.from_bytes(digest[:8]) >> 1


def fingerprint(key: bytes) -> str:
    """Returns a text that tells keys apart and does not tell the key.

    Args:
        key: From :func:`read_key`.
    """
    return hmac.digest(key, b"fingerprint", hashlib.sha256).hex()[:16]
