"""tools/execute.py: repeatable, safe when a cell fails, and strict about what changed."""

from __future__ import annotations

from pathlib import Path

import execute
import nbformat
import pairs
import pytest
from nbclient.exceptions import CellExecutionError


@pytest.fixture(autouse=True)
def _own_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "MEASURED", tmp_path / "_build" / "seconds.json")


def test_executing_an_unchanged_chapter_again_changes_no_byte(chapter: Path) -> None:
    notebook = chapter.with_suffix(".ipynb")
    before = notebook.read_bytes()
    assert "nothing new" in execute.store(chapter)
    assert notebook.read_bytes() == before


def test_alternative_text_reaches_the_stored_figure(chapter: Path) -> None:
    cell = pairs.read_notebook(chapter.with_suffix(".ipynb")).cells[1]
    figure = next(output for output in cell.outputs if "image/png" in output.data)
    assert figure.metadata["image/png"]["alt"] == "A straight line that rises from left to right."


def test_failing_cell_leaves_the_stored_notebook(chapter: Path) -> None:
    notebook = chapter.with_suffix(".ipynb")
    before = notebook.read_bytes()
    chapter.write_text(
        chapter.read_text(encoding="utf-8").replace("print(2 + 2)", "print(1 / 0)"),
        encoding="utf-8",
    )
    with pytest.raises(CellExecutionError, match=r"(?s)print\(1 / 0\).*ZeroDivisionError"):
        execute.store(chapter)
    assert notebook.read_bytes() == before
    assert [p.name for p in chapter.parent.iterdir() if p.name.startswith(".")] == []


def test_check_finds_a_stale_output_and_stores_nothing(chapter: Path) -> None:
    notebook = chapter.with_suffix(".ipynb")
    stale = notebook.read_text(encoding="utf-8").replace('"4\\n"', '"5\\n"')
    notebook.write_text(stale, encoding="utf-8")
    findings = execute.check(chapter)
    assert len(findings) == 1
    assert "stdout was\n5\n\nand is now\n4" in findings[0]
    assert notebook.read_text(encoding="utf-8") == stale


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("mean ≈0.853", "mean ≈0.861", True),
        ("mean ≈0.853", "mean ≈0.553", False),
        ("mean ≈-1.5e-05", "mean ≈-1.4e-05", True),
        ("mean ≈0.853", "mean ≈-0.853", False),
        ("≈1,234 steps", "≈1,240 steps", True),
        ("≈0", "≈0", True),
        ("mean 0.853", "mean 0.854", False),
        ("mean ≈0.853 of 3", "mean ≈0.853 of 4", False),
        ("one ≈1", "one ≈1 two ≈2", False),
    ],
)
def test_only_approximate_numbers_may_move(before: str, after: str, same: bool) -> None:
    assert execute.same_text(before, after) is same


def test_time_line_is_written_from_what_was_measured(chapter: Path) -> None:
    line = "**Time:** about 1 minute to read, about 900 seconds to run on two CPU cores."
    text = chapter.read_text(encoding="utf-8")
    chapter.write_text(text.replace("# A small chapter\n", f"# A small chapter\n\n{line}\n"))
    pairs.sync(chapter)
    execute.remember_seconds(chapter, 11.2)
    right = "**Time:** about 1 minute to read, about 15 seconds to run on two CPU cores."
    assert execute.write_time_line(chapter) == right
    assert right in chapter.read_text(encoding="utf-8")
    assert pairs.check(chapter) == ""
    assert execute.write_time_line(chapter) == "time line is right"
    chapter.write_text(chapter.read_text("utf-8").replace("2 + 2", "2 + 3"), encoding="utf-8")
    assert execute.known_seconds(chapter) is None


def test_reading_time_counts_words_and_code() -> None:
    words = nbformat.v4.new_markdown_cell("word " * 400)
    lines = nbformat.v4.new_code_cell("x = 1\n\n" * 24)
    notebook = nbformat.v4.new_notebook(cells=[words, lines])
    assert execute.reading_minutes(notebook) == 2 + 2


@pytest.mark.slow
def test_running_a_chapter_of_the_book_again_changes_nothing() -> None:
    # The cheapest chapter. Of the others nbval compares every text; it sees no metadata.
    assert execute.check(pairs.ROOT / "book" / "chapters" / "01-beale.md") == []
