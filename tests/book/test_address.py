"""The address of the course: one place to edit, one command that carries it everywhere."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import address
import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def fingerprints(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def move(root: Path, url: str) -> None:
    config = root / "_config.yml"
    old = address.current_address().repository if root == address.ROOT else None
    lines = config.read_text(encoding="utf-8").splitlines(keepends=True)
    changed = [f"  url: {url}\n" if line.startswith("  url:") else line for line in lines]
    assert changed != lines, old
    config.write_text("".join(changed), encoding="utf-8")


def test_every_copy_agrees() -> None:
    assert address.check() == []


def test_moving_the_course_and_back(
    tmp_path: Path, copy_tree: Callable[[Path], Path], run_tool: Run
) -> None:
    root = copy_tree(tmp_path / "course")
    here = f"https://github.com/{address.current_address().repository}"
    before = fingerprints(root)

    move(root, "https://github.com/Another-University/deep.learning")
    found = run_tool(root, "address.py", "check")
    assert found.returncode == 1
    chapters = [f"book/chapters/01-beale.{suffix}:" for suffix in ("md", "ipynb")]
    for expected in ["README.md:", "pyproject.toml:", *chapters]:
        assert expected in found.stdout

    assert run_tool(root, "address.py", "write").returncode == 0
    assert run_tool(root, "address.py", "check").returncode == 0
    setup = (root / "book/chapters/01-beale.ipynb").read_text(encoding="utf-8")
    assert "https://another-university.github.io/deep.learning/wheels/course_utils-" in setup
    left = [p for p in root.rglob("*.*") if p.suffix in address.SUFFIXES and "tests" not in p.parts]
    assert [p for p in left if here in p.read_text(encoding="utf-8")] == []
    moved = fingerprints(root)
    assert moved != before
    assert run_tool(root, "pairs.py", "check").returncode == 0

    assert run_tool(root, "address.py", "write").returncode == 0
    assert fingerprints(root) == moved

    move(root, here)
    assert run_tool(root, "address.py", "write").returncode == 0
    assert fingerprints(root) == before


def test_new_version_reaches_the_setup_cells(
    tmp_path: Path, copy_tree: Callable[[Path], Path], run_tool: Run
) -> None:
    root = copy_tree(tmp_path / "course")
    package = root / "course_utils/__init__.py"
    text = package.read_text(encoding="utf-8")
    version = address.current_wheel().split("-")[1]
    package.write_text(text.replace(f'"{version}"', '"7.8.9"'), encoding="utf-8")
    found = run_tool(root, "address.py", "check")
    assert found.returncode == 1
    assert "01-beale.md:" in found.stdout
    run_tool(root, "address.py", "write")
    assert "course_utils-7.8.9-py3" in (root / "book/chapters/01-beale.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://github.com/old/course.", "https://github.com/new/book."),
        ("https://github.com/old/course.git", "https://github.com/new/book.git"),
        ("git@github.com:old/course.git", "git@github.com:new/book.git"),
        ("https://github.com/old/course-two", "https://github.com/old/course-two"),
        ("https://github.com/old/course.io", "https://github.com/old/course.io"),
        ("https://old.github.io/course/x.html", "https://new.github.io/book/x.html"),
        ("https://my-old.github.io/course/", "https://my-old.github.io/course/"),
        ("https://github.com/keras-team/keras", "https://github.com/keras-team/keras"),
        ("(https://x/wheels/course_utils-0.0.1-py3-none-any.whl)", "(https://x/wheels/W)"),
    ],
)
def test_only_the_course_itself_is_rewritten(before: str, after: str) -> None:
    old, new = address.Address("old", "course"), address.Address("new", "book")
    assert address.mend(before, {old}, new, "W") == after


def test_address_of_a_users_own_page() -> None:
    own = address.Address.from_url("https://github.com/Someone/someone.github.io")
    assert own.site == "someone.github.io"


@pytest.mark.parametrize("url", ["github.com/a/b", "https://github.com/a", "https://x.org/a/b"])
def test_other_forms_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must be https://github.com/OWNER/NAME"):
        address.Address.from_url(url)


def test_a_new_version_reaches_the_setup_cells() -> None:
    old = 'x\nimportlib.import_module("course_utils").needs("0.0.1")'
    for text in (old, old.replace('"', '\\"')):
        mended = address.mend(text, set(), address.current_address(), "course_utils-1.2.3-py3.whl")
        assert mended == text.replace("0.0.1", "1.2.3")
