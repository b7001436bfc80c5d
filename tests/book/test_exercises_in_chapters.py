"""The text of each chapter says of its exercises what their definitions say."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_utils.exercises import all_exercises
from course_utils.grading._chapter import COURSE, disagreements, read_chapter

CHAPTERS = sorted((COURSE / "book" / "chapters").glob("[0-9][0-9]-*.ipynb"))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_headings_stubs_and_checks_are_those_of_the_definitions(path: Path) -> None:
    assert disagreements(read_chapter(path)) == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_there_are_at_least_three_of_rising_difficulty(path: Path) -> None:
    own = [one.difficulty for one in all_exercises() if one.chapter == path.stem[:2]]
    order = ["warm-up", "core", "stretch"]
    assert len(own) >= 3
    assert set(own) == set(order)
    assert own == sorted(own, key=order.index)
