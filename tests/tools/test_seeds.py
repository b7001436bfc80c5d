"""Claims on other seeds: which fail, and how far the figures of the others move."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CHAPTER = """\
# A chapter

```{code-cell} ipython3
from course_utils import claims

seed = 1
```

```{code-cell} ipython3
claims.check("It is small", seed < 12, value=seed, parts=[seed, 2.5], of={"a": "text"})
```
"""


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    path = tmp_path / "90-small.md"
    path.write_text("---\njupytext:\n  formats: md:myst\n---\n\n" + CHAPTER, encoding="utf-8")
    return path


def on_seeds(chapter: Path, first: int, count: int) -> subprocess.CompletedProcess[str]:
    """Run the tool; in this process it would take the windows of later chapters away."""
    command = [sys.executable, str(ROOT / "tools/seeds.py"), str(chapter)]
    command += ["--first", str(first), "--seeds", str(count)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_figures_are_shown_with_their_range(chapter: Path) -> None:
    done = on_seeds(chapter, 8, 3)
    assert done.returncode == 0, done.stderr
    assert "all claims hold on all seeds" in done.stdout
    lines = "It is small\n    value: 8 to 10\n    parts 1: 8 to 10\n    parts 2: 2.5 to 2.5"
    assert lines in done.stdout


def test_a_claim_that_fails_on_a_seed_is_named(chapter: Path) -> None:
    done = on_seeds(chapter, 11, 2)
    assert done.returncode == 1
    assert "seed 11: 0 failed" in done.stdout
    assert re.search(r"seed 12: 1 failed.*\n    ClaimError: .*It is small", done.stdout)
    assert "1 runs with a failed claim" in done.stdout


def test_a_chapter_without_a_seed_is_refused(chapter: Path) -> None:
    chapter.write_text(chapter.read_text(encoding="utf-8").replace("seed = 1", "seed = 2"))
    done = on_seeds(chapter, 1, 1)
    assert done.returncode == 1
    assert "exactly one line `seed = 1`" in done.stderr
