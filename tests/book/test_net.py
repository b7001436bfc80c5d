"""The net catches: a chapter is broken in the ways that matter, and each check is seen to fail."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import address
import execute
import nbformat
import pairs
import pytest

from tests.book import rules

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def real_chapter(tmp_path: Path) -> Path:
    """Return the .md of a copy of the first chapter, beside a copy of what it links to."""
    folder = tmp_path / "book" / "chapters"
    shutil.copytree(ROOT / "book" / "chapters", folder)
    return folder / pairs.chapters()[0].name


def test_drifted_pair(real_chapter: Path) -> None:
    assert pairs.check(real_chapter) == ""
    with real_chapter.open("a", encoding="utf-8") as file:
        file.write("\nOne more sentence.\n")
    assert "One more sentence." in pairs.check(real_chapter)


@pytest.mark.parametrize(
    "added",
    [
        "```{note}\nOnly the book understands this.\n```",
        ":::{note}\nOnly the book understands this.\n:::",
        "See {term}`Hessian`.",
        "(a-target)=",
        '<div class="note">Only some places show this.</div>',
        "![A picture](picture.png)",
        "\\begin{align}\nx &= 1\n\\end{align}",
    ],
)
def test_markdown_of_the_book_alone(real_chapter: Path, added: str) -> None:
    notebook = pairs.read_text(real_chapter)
    assert rules.foreign_markdown(notebook) == []
    notebook.cells[0].source += f"\n\n{added}"
    assert len(rules.foreign_markdown(notebook)) >= 1


@pytest.mark.parametrize(
    "harmless",
    [
        "where $a<b$ and $c>d$",
        "`<tag>` and `{x}`",
        "<https://example.org>",
        "$$\n\\begin{pmatrix}1\\end{pmatrix}\n$$",
    ],
)
def test_markdown_of_all_places_is_let_through(harmless: str) -> None:
    cell = rules.NotebookNode(cell_type="markdown", source=harmless)
    assert rules.foreign_markdown(rules.NotebookNode(cells=[cell])) == []


@pytest.mark.parametrize(
    "path", ["/home/me/data.npz", "/content/drive/x", "C:\\\\data", "file:///x", "/tmp/x"]
)
def test_path_of_one_machine(real_chapter: Path, path: str) -> None:
    notebook = pairs.read_notebook(real_chapter.with_suffix(".ipynb"))
    assert rules.absolute_paths(notebook) == []
    rules.code(notebook)[-1].source += f'\nnp.load("{path}")'
    assert len(rules.absolute_paths(notebook)) == 1


@pytest.mark.parametrize(
    "link",
    ["gone.ipynb", "01-beale.md", "../appendix/glossary.md#term-no-such-thing", "#a-heading"],
)
def test_link_that_leads_nowhere(link: str) -> None:
    path = pairs.chapters()[0]
    notebook = pairs.read_text(path)
    notebook.cells[0].source += f"\n\nSee [there]({link})."
    assert len(rules.broken_links(notebook, path.parent)) == 1


@pytest.mark.parametrize("title", rules.CLOSING)
def test_missing_section(real_chapter: Path, title: str) -> None:
    notebook = pairs.read_text(real_chapter)
    for cell in notebook.cells:
        cell.source = cell.source.replace(f"## {title}", "## Something else")
    missing = rules.missing_parts(notebook, "site", address.current_wheel())
    assert missing[-1].startswith("the closing sections")
    assert len(rules.poor_sections(notebook)) >= 1


def test_figure_without_words_and_cell_that_was_not_run(real_chapter: Path) -> None:
    notebook = pairs.read_notebook(real_chapter.with_suffix(".ipynb"))
    assert rules.poor_outputs(notebook) == []
    figure = next(cell for cell in notebook.cells if "mystnb" in cell.metadata)
    del figure.metadata["mystnb"]
    rules.code(notebook)[-1].execution_count = None
    problems = rules.poor_outputs(notebook)
    assert len(problems) == 2
    assert "alternative text" in problems[1]


CLAIM = 'claims.check("Two thirds exceed a half", 2 / 3 > 1 / 2, ratio=2 / 3, parts=3)'
TABLE = "HTML(f'<td>{1 + 1}</td>')"
# What is done to a cell after it was run and stored, and whether nbval has to catch it.
CHANGES = [
    ("nothing", CLAIM, "", "", False),
    ("a marked number moves", CLAIM, "≈0.667", "≈0.668", False),
    ("the stored claim says something else", CLAIM, "**Claim.** Two", "**Claim.** Three", True),
    ("a whole number is another one", CLAIM, "parts **3**", "parts **4**", True),
    ("a number loses its mark", CLAIM, "≈0.667", "0.667", True),
    ("the claim no longer holds", CLAIM, "2 / 3 > 1 / 2", "1 / 3 > 1 / 2", True),
    ("nothing, printed", "print(2 + 2)", "", "", False),
    (
        "the code changed and was not run again",
        "print(2 + 2)",
        "print(2 + 2)",
        "print(2 + 3)",
        True,
    ),
    ("nothing, in a table", TABLE, "", "", False),
    ("a stored table says something else", TABLE, "<td>2</td>", "<td>3</td>", True),
    ("nothing, and a semicolon hides the value", "HTML('');", "", "", False),
]


def test_nbval_compares_what_readers_see(tmp_path: Path) -> None:
    """Run nbval with the settings of this course over cells that differ from what is stored."""
    sources = ["from IPython.display import HTML\n\nfrom course_utils import claims"]
    sources += [source for _, source, _, _, _ in CHANGES]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(x) for x in sources])
    execute.run(notebook, tmp_path, "changes")
    for number, (name, _, before, after, _) in enumerate(CHANGES, 1):
        content = json.dumps(notebook.cells[number], ensure_ascii=False)
        assert before in content, name
        notebook.cells[number] = nbformat.from_dict(json.loads(content.replace(before, after)))
    nbformat.write(notebook, tmp_path / "changes.ipynb")
    for file in ("pyproject.toml", "conftest.py", "tests/book/nbval_sanitize.cfg"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    command = [sys.executable, "-m", "pytest", "--nbval", "--junit-xml=report.xml", "changes.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    cases = list(ET.parse(tmp_path / "report.xml").iter("testcase"))
    assert len(cases) == len(sources), done.stdout
    caught = [case.find("failure") is not None for case in cases]
    expected = [False, *(must_be_caught for *_, must_be_caught in CHANGES)]
    wrong = [f"cell {n}" for n, (c, e) in enumerate(zip(caught, expected, strict=True)) if c != e]
    assert wrong == [], done.stdout
