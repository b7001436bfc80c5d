"""What tests of several folders share: the tools, copies of the course, and a real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT / "tools") not in sys.path:  # last: tools/site.py must not hide Python's own `site`
    sys.path.append(str(ROOT / "tools"))

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", "__pycache__", ".ipynb_checkpoints", "_build", "build", "data",
    "node_modules", "*.egg-info",
)  # fmt: skip

INSIST = "COURSE_INSIST_ON_BROWSER"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start the Chromium of this machine without a window; skip where there is none.

    With COURSE_INSIST_ON_BROWSER=1 a missing Chromium is a failure.
    """
    import browser

    with ExitStack() as stack:
        try:
            chromium = stack.enter_context(browser.started())
        except browser.NoBrowserError as missing:
            (pytest.fail if os.environ.get(INSIST) else pytest.skip)(f"{missing}: no page opened")
        yield chromium


@pytest.fixture(scope="session")
def copy_tree() -> Callable[[Path], Path]:
    """Return a function that copies the course, without what is built or heavy, to a folder."""

    def copy(target: Path) -> Path:
        shutil.copytree(ROOT, target, ignore=LEFT_OUT)
        return target

    return copy


@pytest.fixture(scope="session")
def run_tool() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs one of the tools of a copy of the course."""

    def run(root: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(root / "tools" / name), *arguments],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
        )

    return run
