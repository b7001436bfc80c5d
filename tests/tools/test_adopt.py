"""A fork takes its own address, title and author, and can go back."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import adopt
import pytest
import yaml

Run = Callable[..., "subprocess.CompletedProcess[str]"]
OWN = {
    "--repo": "https://github.com/Ada-L/deep.learning",
    "--title": "Deep: how to learn, 2nd part",
    "--author": "Ada Lovelace & friends",
}


def contents(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_adopting_twice_and_going_back(
    tmp_path: Path, copy_tree: Callable[[Path], Path], run_tool: Run
) -> None:
    root = copy_tree(tmp_path / "course")
    assert run_tool(root, "identity.py").returncode == 0  # as this Matplotlib draws the card
    before = contents(root)
    arguments = [part for pair in OWN.items() for part in pair]

    first = run_tool(root, "adopt.py", *arguments)
    assert first.returncode == 0, first.stderr
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert config["title"] == citation["title"] == OWN["--title"]
    assert config["author"] == citation["authors"][0]["name"] == OWN["--author"]
    assert citation["url"] == "https://ada-l.github.io/deep.learning/"
    assert (root / "README.md").read_text("utf-8").startswith(f"# {OWN['--title']}\n")
    chapter = (root / "book/chapters/01-beale.ipynb").read_text(encoding="utf-8")
    assert "https://ada-l.github.io/deep.learning/wheels/" in chapter
    adopted = contents(root)
    assert adopted["book/_static/card.png"] != before["book/_static/card.png"]

    again = run_tool(root, "adopt.py", *arguments)
    assert again.stdout == "Nothing to change.\n"
    assert contents(root) == adopted

    undo = first.stdout.splitlines()[-1].strip().removeprefix("course adopt ")
    back = subprocess.run(
        f"{adopt.sys.executable} tools/adopt.py {undo}", shell=True, cwd=root, check=False
    )
    assert back.returncode == 0
    assert contents(root) == before


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("--repo", "http://example.org/course", "must be https://github.com/OWNER/NAME"),
        ("--title", 'A "quoted" title', "cannot be a title or an author"),
        ("--author", "two\nlines", "cannot be a title or an author"),
        ("--title", "  ", "cannot be a title or an author"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    option: str, value: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (adopt.ROOT / "_config.yml").read_bytes()
    assert adopt.main([option, value]) == 2
    assert complaint in capsys.readouterr().err
    assert (adopt.ROOT / "_config.yml").read_bytes() == before


@pytest.mark.parametrize(
    "name", ["Yes", "1984", "Deep: learning", "# one", "A & B", "It's", "Ölçüm"]
)
@pytest.mark.parametrize("file", ["_config.yml", "CITATION.cff"])
def test_a_name_stays_a_name_in_yaml(name: str, file: str) -> None:
    assert yaml.safe_load(f"title: {adopt.shown(name, file)}") == {"title": name}
