"""What the tests of the book share: copies of the tree, and a small chapter to break."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.book.built_site import Site, read_pages

SMALL_CHAPTER = """\
# A small chapter

```{code-cell} ipython3
---
mystnb:
  image:
    alt: A straight line that rises from left to right.
---
import matplotlib.pyplot as plt

from course_utils import claims

fig, ax = plt.subplots()
ax.plot([1, 2, 3]);
```

```{code-cell} ipython3
print(2 + 2)
```

```{code-cell} ipython3
claims.check("Two thirds are more than a half", 2 / 3 > 1 / 2, ratio=2 / 3, parts=3)
```
"""


@pytest.fixture(scope="session")
def built(
    tmp_path_factory: pytest.TempPathFactory,
    copy_tree: Callable[[Path], Path],
    run_tool: Callable[..., subprocess.CompletedProcess[str]],
) -> Path:
    """Return a copy of the course with its site in it, built once for all workers."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    root, done = shared / "site" / "course", shared / "site.done"
    with FileLock(shared / "site.lock"):
        if not done.exists():
            built = run_tool(copy_tree(root), "site.py")
            assert built.returncode == 0, built.stdout + built.stderr
            done.touch()
    return root


@pytest.fixture(scope="session")
def site(built: Path) -> Site:
    """Return the built site with its pages parsed."""
    html = built / "_build" / "html"
    return Site(built, html, read_pages(html))


@pytest.fixture(scope="session")
def small_chapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the .md of a small chapter that was executed once; copy it before you change it."""
    import execute
    import pairs

    text = tmp_path_factory.mktemp("small") / "90-small.md"
    text.write_text(header() + SMALL_CHAPTER, encoding="utf-8")
    pairs.sync(text)
    notebook, _ = execute.fresh_run(text)
    pairs.write_notebook(text.with_suffix(".ipynb"), notebook)
    return text


def header() -> str:
    """Return the header that the text of every chapter has."""
    import nbformat
    import pairs

    return pairs.canonical_text(nbformat.v4.new_notebook())


@pytest.fixture
def chapter(small_chapter: Path, tmp_path: Path) -> Path:
    """Return the .md of a copy of the small chapter, free to be broken."""
    for half in (small_chapter, small_chapter.with_suffix(".ipynb")):
        shutil.copy(half, tmp_path)
    return tmp_path / small_chapter.name
