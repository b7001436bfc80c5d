"""Every chapter: its two files agree, it reads right everywhere, and it has all its parts."""

from __future__ import annotations

from pathlib import Path

import address
import pairs
import pytest

from tests.book import rules

CHAPTERS = pairs.chapters()
every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=[path.stem for path in CHAPTERS])


def test_the_finished_chapters_are_here() -> None:
    assert {"01-beale", "04-vanishing-gradients"} <= {path.stem for path in CHAPTERS}


@every_chapter
def test_text_and_notebook_say_the_same(path: Path) -> None:
    assert pairs.check(path) == ""


@every_chapter
def test_notebook_remembers_the_text_it_was_made_from(path: Path) -> None:
    notebook = pairs.read_notebook(path.with_suffix(".ipynb"))
    assert pairs.last_synced(notebook) == pairs.fingerprint(pairs.canonical_text(notebook))


@every_chapter
def test_markdown_reads_right_in_all_four_places(path: Path) -> None:
    assert rules.foreign_markdown(pairs.read_text(path)) == []


@every_chapter
def test_no_path_of_one_machine(path: Path) -> None:
    assert rules.absolute_paths(pairs.read_notebook(path.with_suffix(".ipynb"))) == []


@every_chapter
def test_links_lead_somewhere(path: Path) -> None:
    assert rules.broken_links(pairs.read_text(path), path.parent) == []


@every_chapter
def test_has_all_parts(path: Path) -> None:
    site, wheel = address.current_address().site, address.current_wheel()
    assert rules.missing_parts(pairs.read_text(path), site, wheel) == []


@every_chapter
def test_closing_sections_are_complete(path: Path) -> None:
    assert rules.poor_sections(pairs.read_text(path)) == []


@every_chapter
def test_cells_are_short_and_narrow(path: Path) -> None:
    assert rules.long_cells(pairs.read_text(path)) == []
    assert rules.wide_lines(pairs.read_text(path)) == []


@every_chapter
def test_states_its_time(path: Path) -> None:
    assert rules.wrong_time(pairs.read_text(path), path.stem) == []


@every_chapter
def test_outputs_are_stored_and_figures_have_words(path: Path) -> None:
    assert rules.poor_outputs(pairs.read_notebook(path.with_suffix(".ipynb"))) == []


@every_chapter
def test_file_is_tidy(path: Path) -> None:
    assert rules.untidy_file(path.with_suffix(".ipynb")) == []
