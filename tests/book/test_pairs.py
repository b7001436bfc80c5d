"""tools/pairs.py: what it notices, what it keeps, and what it refuses to overwrite."""

from __future__ import annotations

import json
from pathlib import Path

import pairs
import pytest


def edit(path: Path, before: str, after: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert before in content
    path.write_text(content.replace(before, after), encoding="utf-8")


def outputs(path: Path) -> list[str]:
    notebook = pairs.read_notebook(path)
    return [json.dumps(c.outputs) for c in notebook.cells if c.cell_type == "code"]


def test_agreeing_pair_is_left_alone(chapter: Path) -> None:
    before = chapter.with_suffix(".ipynb").read_bytes()
    assert pairs.check(chapter) == ""
    assert pairs.sync(chapter) == ""
    assert chapter.with_suffix(".ipynb").read_bytes() == before


def test_sync_keeps_outputs_of_unchanged_cells_only(chapter: Path) -> None:
    notebook = chapter.with_suffix(".ipynb")
    figure, four, claim = outputs(notebook)
    edit(chapter, "print(2 + 2)", "print(2 + 3)")
    assert "say different things" in pairs.check(chapter)
    pairs.sync(chapter)
    assert pairs.check(chapter) == ""
    assert outputs(notebook) == [figure, "[]", claim]
    edit(chapter, "print(2 + 3)", "print(2 + 2)")
    pairs.sync(chapter)
    assert outputs(notebook) == [figure, "[]", claim]
    assert four != "[]"


def test_sync_keeps_outputs_when_a_cell_is_put_before(chapter: Path) -> None:
    before = outputs(chapter.with_suffix(".ipynb"))
    edit(chapter, "# A small chapter\n", "# A small chapter\n\n```{code-cell} ipython3\n1\n```\n")
    pairs.sync(chapter)
    assert outputs(chapter.with_suffix(".ipynb")) == ["[]", *before]


def test_edited_notebook_is_not_overwritten(chapter: Path) -> None:
    notebook = chapter.with_suffix(".ipynb")
    edit(notebook, "print(2 + 2)", "print(2 + 9)")
    before = notebook.read_bytes()
    with pytest.raises(pairs.PairError, match="--from-notebook"):
        pairs.sync(chapter)
    assert notebook.read_bytes() == before
    pairs.sync(chapter, from_notebook=True)
    assert "print(2 + 9)" in chapter.read_text(encoding="utf-8")
    assert pairs.check(chapter) == ""


def test_edited_text_is_not_overwritten(chapter: Path) -> None:
    edit(chapter, "print(2 + 2)", "print(2 + 7)")
    before = chapter.read_bytes()
    with pytest.raises(pairs.PairError, match="only the text was edited"):
        pairs.sync(chapter, from_notebook=True)
    assert chapter.read_bytes() == before


@pytest.mark.parametrize(("from_notebook", "kept"), [(False, "2 + 7"), (True, "2 + 9")])
def test_both_edited_is_refused_until_told(chapter: Path, from_notebook: bool, kept: str) -> None:
    edit(chapter, "print(2 + 2)", "print(2 + 7)")
    edit(chapter.with_suffix(".ipynb"), "print(2 + 2)", "print(2 + 9)")
    with pytest.raises(pairs.PairError, match="both .* were edited"):
        pairs.sync(chapter, from_notebook=from_notebook)
    pairs.sync(chapter, from_notebook=from_notebook, force=True)
    assert pairs.check(chapter) == ""
    assert f"print({kept})" in chapter.read_text(encoding="utf-8")


def test_what_editors_leave_behind_is_no_difference(chapter: Path) -> None:
    notebook = chapter.with_suffix(".ipynb")
    content = json.loads(notebook.read_text(encoding="utf-8"))
    content["metadata"]["language_info"]["version"] = "3.12.1"
    content["cells"][1]["metadata"].update(collapsed=True, execution={"iopub": "now"})
    notebook.write_text(json.dumps(content), encoding="utf-8")
    assert pairs.check(chapter) == ""
    pairs.sync(chapter)
    tidied = pairs.read_notebook(notebook)
    assert "version" not in tidied.metadata.language_info
    assert set(tidied.cells[1].metadata) == {"mystnb"}


def test_missing_half_is_named(chapter: Path) -> None:
    chapter.with_suffix(".ipynb").unlink()
    assert "90-small.ipynb is missing" in pairs.check(chapter)
    pairs.sync(chapter)
    assert pairs.check(chapter) == ""


def test_equal_cells_get_different_ids(chapter: Path) -> None:
    edit(
        chapter,
        "print(2 + 2)\n```\n",
        "print(2 + 2)\n```\n\n```{code-cell} ipython3\nprint(2 + 2)\n```\n",
    )
    pairs.sync(chapter)
    ids = [cell.id for cell in pairs.read_notebook(chapter.with_suffix(".ipynb")).cells]
    assert len(ids) == len(set(ids)) == 5


def test_header_is_the_same_everywhere_and_without_versions(chapter: Path) -> None:
    edit(chapter, "formats: ipynb,md:myst", "formats: md:myst")
    assert "header" in pairs.check(chapter)
    pairs.sync(chapter)
    assert pairs.check(chapter) == ""
    assert "jupytext_version:" not in chapter.read_text(encoding="utf-8")


def test_unknown_chapter_is_named_with_the_known_ones() -> None:
    with pytest.raises(pairs.PairError, match=r"no chapter called 'nonsense'\. Chapters: 01-"):
        pairs.chapters(["nonsense"])
