"""Shuts a process in: namespaces of its own, an unprivileged user, limits on what it may take.

All of it is Linux's; elsewhere only the limits apply. Used in the sandbox's server, before any
student code runs.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

from course_utils.grading._messages import Limits

__all__ = [
    "SCRATCH",
    "become_user",
    "can_change_user",
    "die_with_parent",
    "limit",
    "mount_private",
    "own_namespaces",
]

SCRATCH = "/scratch"
"""Folder inside the sandbox for the temporary files of a submission."""

_NEW_MOUNTS, _NEW_USERS, _NEW_PROCESSES, _NEW_MESSAGES = 0x20000, 0x10000000, 0x20000000, 0x08000000
_RECURSIVE, _PRIVATE = 0x4000, 0x40000
_NO_SETUID, _NO_DEVICES = 2, 4
_PARENT_DEATH_SIGNAL, _NO_NEW_PRIVILEGES = 1, 38
_CAPABILITIES_VERSION = 0x20080522


def _call(name: str, *arguments: object) -> None:
    """Calls a function of the C library.

    Raises:
        OSError: It failed.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)


def own_namespaces() -> None:
    """Gives the children of this process their own process numbers.

    Root needs no namespace of users for that; anybody else needs one.

    Raises:
        OSError: The system does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    flags = _NEW_PROCESSES | _NEW_MESSAGES
    if user == 0:
        _call("unshare", flags)
        return
    _call("unshare", flags | _NEW_USERS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def mount_private(limits: Limits) -> None:
    """Mounts empty folders for temporary files, and a view of this namespace's processes only.

    For this process and its children; its parent goes on to see what it saw.

    Args:
        limits: Of them, how many bytes of files there may be.

    Raises:
        OSError: The system does not allow it.
    """
    _call("unshare", _NEW_MOUNTS)
    _call("mount", b"none", b"/", None, _RECURSIVE | _PRIVATE, None)
    size = f"size={limits.file},mode=1777".encode()
    for folder in (SCRATCH, "/dev/shm", *_usual_place()):
        _call("mount", b"tmpfs", folder.encode(), b"tmpfs", _NO_SETUID | _NO_DEVICES, size)
    _call("mount", b"proc", b"/proc", b"proc", _NO_SETUID | _NO_DEVICES, None)


def _usual_place() -> list[str]:
    """Returns /tmp, unless Python or the course lie in it and would be hidden."""
    needed = (sys.prefix, sys.base_prefix, __file__)
    return [] if any(path.startswith("/tmp/") for path in needed) else ["/tmp"]


def can_change_user() -> bool:
    """Says whether this is root, and another user could still read Python and its packages."""
    paths = [Path(folder).resolve() for folder in (sys.prefix, sys.base_prefix)]
    readable = all(
        place.stat().st_mode & 0o005 == 0o005 for path in paths for place in (path, *path.parents)
    )
    return os.getuid() == 0 and readable


def become_user(user: int | None) -> None:
    """Gives up all privileges for good.

    Args:
        user: Number of the user to become; None to stay who one is.

    Raises:
        OSError: The system does not allow it.
    """
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    if sys.platform != "linux":
        return
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())
    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Has the kernel kill this process when its parent ends."""
    if sys.platform == "linux":
        _call("prctl", _PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def limit(limits: Limits) -> None:
    """Limits what this process and each of its children may take.

    Args:
        limits: All of them but the wall clock.
    """
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: int(2 * limits.seconds) + 1,
        resource.RLIMIT_FSIZE: limits.file,
        resource.RLIMIT_NOFILE: 512,
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_DATA: _data_in_use() + limits.memory,
    }
    for kind, most in wanted.items():
        _, ceiling = resource.getrlimit(kind)
        if ceiling != resource.RLIM_INFINITY:
            most = min(most, ceiling)
        with contextlib.suppress(OSError, ValueError):  # not every system knows every limit
            resource.setrlimit(kind, (most, most))


def _data_in_use() -> int:
    """Returns how many bytes of data TensorFlow and the rest have reserved already."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 2_000_000_000
    sizes = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return 1024 * int(sizes["VmData"].split()[0])
