"""Solutions are in no page, file or released notebook unless the setting shows them, folded."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from course_utils.exercises import all_exercises, of_chapter
from course_utils.grading import solutions
from course_utils.grading._chapter import chapters
from course_utils.grading._leaks import bare, leaks, telling_lines
from course_utils.grading.release import release

ROOT = Path(__file__).resolve().parents[2]
IDS = [exercise.id for exercise in all_exercises()]
ROOT_PAGE = "book/appendix/notation"
OFF, ON = r"^    course_solutions: false\b", "    course_solutions: true"


def secrets() -> dict[str, list[str]]:
    """The lines of each exercise's solutions that the text of the book does not have anyway."""
    public = [
        cell.source for chapter in chapters("all") for cell in (*chapter.setup, *chapter.others)
    ]
    return {id: telling_lines(id, public) for id in IDS}


def readable(path: Path) -> str:
    """What a reader of a file of the site can read, as bare text."""
    raw = path.read_bytes()
    text = raw.decode("utf-8", errors="replace")
    if path.suffix == ".html":
        for tag in (page := BeautifulSoup(raw, "html.parser")).find_all("br"):
            tag.replace_with("\n")
        return page.get_text()
    if path.suffix == ".ipynb":
        return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return html.unescape(text).replace("\\n", "\n")


def told_in(folder: Path) -> Iterator[str]:
    """Every line of a solution in the files of a folder."""
    known = {line: id for id, lines in secrets().items() for line in lines}
    kinds = {".html", ".ipynb", ".md", ".js", ".txt", ".json", ".xml", ".py", ".inv"}
    for path in sorted(folder.rglob("*")):
        if path.suffix in kinds and not {"mathjax", "vendor"} & set(path.parts):
            for line in leaks(readable(path), known):
                yield f"{path.relative_to(folder)}: {known[line]}: {line}"


def test_each_solution_says_something_that_the_book_does_not() -> None:
    """Else nothing could be found; and a solution that a chapter shows would be none."""
    assert [id for id, lines in secrets().items() if not lines] == []


def test_no_solution_is_in_the_released_notebooks(tmp_path: Path) -> None:
    assert release("all", tmp_path)
    assert list(told_in(tmp_path)) == []


@pytest.fixture(scope="module")
def small_book(tmp_path_factory: pytest.TempPathFactory, copy_tree: Callable[[Path], Path]) -> Path:
    """A copy of the course whose book has the chapters and what they link to, without the API."""
    root = copy_tree(tmp_path_factory.mktemp("solutions") / "course")
    toc = (root / "_toc.yml").read_text(encoding="utf-8")
    named = re.findall(r"file: (\S+)", toc)
    kept = [name for name in named if "appendix/api" not in name and name != ROOT_PAGE]
    pages = "".join(f"  - file: {name}\n" for name in kept)
    toc = f"format: jb-book\nroot: {ROOT_PAGE}\nchapters:\n{pages}"
    (root / "_toc.yml").write_text(toc, encoding="utf-8")
    return root


def test_no_solution_is_in_the_site(built: Path) -> None:
    config = (built / "_config.yml").read_text(encoding="utf-8")
    assert re.search(OFF, config, re.M), "off is what the course ships"
    assert list(told_in(built / "_build" / "html")) == []


def test_the_setting_shows_the_solutions_folded(
    small_book: Path, run_tool: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    config = small_book / "_config.yml"
    off = config.read_text(encoding="utf-8")
    config.write_text(re.sub(OFF, ON, off, flags=re.M), encoding="utf-8")
    done = run_tool(small_book, "site.py")
    assert done.returncode == 0, done.stdout + done.stderr
    site = small_book / "_build" / "html"
    for chapter in chapters("all"):
        page = BeautifulSoup(
            (site / f"book/chapters/{chapter.name}.html").read_bytes(), "html.parser"
        )
        folded = page.select("#exercises details.solution")
        shown = [bare(details.get_text()) for details in folded]
        ids = [exercise.id for exercise in of_chapter(chapter.number)]
        assert len(shown) == len(ids)
        for id, text in zip(ids, shown, strict=True):
            assert bare(solutions.read(id)[0].code).strip() in text
        assert not [details for details in folded if details.has_attr("open")]
        download = site / f"_sources/book/chapters/{chapter.name}.ipynb"
        original = ROOT / f"book/chapters/{chapter.name}.ipynb"
        assert download.read_bytes() == original.read_bytes()
    assert {told.split(":")[0] for told in told_in(site)} == {
        f"book/chapters/{chapter.name}.html" for chapter in chapters("all")
    }


def test_a_solution_that_is_not_folded_away_is_found(tmp_path: Path) -> None:
    """The search finds a line in each kind of file, also when it is colored or indented."""
    line = "return 2 / np.linalg.eigvalsh(hessian).max()"
    colored = "".join(f"<span>{html.escape(word)} </span>" for word in line.split())
    cells = [{"source": [f"    {line}"]}]
    (tmp_path / "page.html").write_text(f"<pre>{colored}</pre>", encoding="utf-8")
    (tmp_path / "page.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (tmp_path / "page.md").write_text(f"text\n        {line}  # so\n", encoding="utf-8")
    (tmp_path / "searchindex.js").write_text(json.dumps([f"a\n{line}\nb"]), encoding="utf-8")
    found = [told for told in told_in(tmp_path) if "ch01-stable-limit" in told]
    assert len(found) == 4, found
