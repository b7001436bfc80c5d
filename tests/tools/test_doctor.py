"""The doctor finds what is wrong with a clone, and says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import doctor
import pytest

Copy = Callable[[Path], Path]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory, copy_tree: Copy) -> Path:
    root = copy_tree(tmp_path_factory.mktemp("doctor") / "course")
    (root / ".venv").symlink_to(doctor.ROOT / ".venv")
    (root / "data").symlink_to(doctor.ROOT / "data")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def examine(root: Path, *looks: str, **variables: str) -> tuple[int, dict[str, str]]:
    """Run the doctor on a clone; return its exit status, and its lines by what they are about."""
    done = subprocess.run(
        [sys.executable, "tools/doctor.py", *looks],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    lines = [
        line for line in done.stdout.splitlines() if line[:5].strip() in ("ok", "look", "wrong")
    ]
    return done.returncode, {line[7:].split(": ")[0]: line for line in lines}


def test_a_healthy_clone(clone: Path) -> None:
    status, lines = examine(clone)
    assert status == 0
    assert not [line for line in lines.values() if line.startswith("wrong")]
    assert {"git", ".venv", "addresses", "data/mnist.npz", "stored results"} <= set(lines)


@pytest.mark.parametrize(
    ("look", "file", "old", "new", "subject", "advice"),
    [
        ("addresses", "README.md", "properly/course", "else/x", "addresses", "address.py write"),
        ("addresses", "_config.yml", "url: https:", "url: http:", "addresses", "must be https:"),
        ("versions", "CITATION.cff", "sion: 0", "sion: 7", "version in CITATION.cff", "Write it"),
        ("chapters", "book/chapters/01-beale.md", "# Mini", "# Maxi", "01-beale", ""),
        ("pictures", "book/_static/mark.svg", "circle", "ellipse", "mark.svg", "identity.py"),
    ],
)
def test_what_is_wrong_is_found(
    clone: Path, look: str, file: str, old: str, new: str, subject: str, advice: str
) -> None:
    path = clone / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    try:
        status, lines = examine(clone, look)
    finally:
        path.write_text(text, encoding="utf-8")
    assert status == 1
    assert lines[subject].startswith("wrong")
    assert advice in lines[subject]


def test_missing_data_and_a_key_in_the_repository(clone: Path) -> None:
    (clone / "data").unlink()
    (clone / "term.key").write_text("secret")
    (clone / "data").mkdir()
    table = (doctor.ROOT / "data/README.md").read_text(encoding="utf-8")
    (clone / "data/README.md").write_text(table, encoding="utf-8")
    subprocess.run(["git", "add", "-f", "term.key"], cwd=clone, check=True)
    try:
        status, lines = examine(clone, "data", "secrets")
    finally:
        subprocess.run(["git", "rm", "-qf", "term.key"], cwd=clone, check=True)
        (clone / "data/README.md").unlink()
        (clone / "data").rmdir()
        (clone / "data").symlink_to(doctor.ROOT / "data")
    assert status == 1
    assert "git checkout -- data/mnist.npz" in lines["data/mnist.npz"]
    assert lines["term.key"].startswith("wrong")


def test_missing_programs_are_named_with_their_packages(clone: Path, tmp_path: Path) -> None:
    for program in ("git", "make"):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")
    _, lines = examine(clone, "programs", PATH=str(tmp_path))
    assert lines["bwrap"].startswith("look")
    assert "apt-get install bubblewrap" in lines["bwrap"]
    assert "apt-get install chromium" in lines["chromium"]


def test_a_clone_of_a_fork_is_told_to_adopt(clone: Path) -> None:
    url = "git@github.com:ada/deep.git"
    subprocess.run(["git", "remote", "add", "origin", url], cwd=clone, check=True)
    status, lines = examine(clone, "addresses")
    subprocess.run(["git", "remote", "remove", "origin"], cwd=clone, check=True)
    assert status == 0
    assert lines["your fork"].endswith("course adopt --repo https://github.com/ada/deep")


def test_old_results_are_worth_a_look(clone: Path) -> None:
    path = clone / "results/reproduction.json"
    text = path.read_text(encoding="utf-8")
    records = json.loads(text)
    records[0]["environment"]["date"] = "2001-01-01"
    path.write_text(json.dumps(records), encoding="utf-8")
    status, lines = examine(clone, "results")
    path.write_text(text, encoding="utf-8")
    assert status == 0
    assert lines["stored results"].startswith("look")
    assert "make reproduce" in lines["stored results"]
