"""The table of the sources' topics: each has a home, and the sections that it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "book" / "appendix" / "sources.md"
CHAPTERS = ROOT / "book" / "chapters"
LINK = re.compile(r"\[([^\]]+)\]\(\.\./chapters/([^)#]+)\.ipynb#([^)]+)\)")
ROW = re.compile(r"^\| (?!topic)([^|]+?) \| ([^|]+?) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))


def headings(chapter: str) -> dict[str, str]:
    """The sections of a chapter by the names that links give them."""
    text = (CHAPTERS / f"{chapter}.md").read_text(encoding="utf-8")
    titles = re.findall(r"^#{2,3} (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-"): title for title in titles}


@pytest.mark.parametrize(("topic", "home"), ROWS, ids=[topic for topic, _ in ROWS])
def test_every_topic_has_a_home(topic: str, home: str) -> None:
    for title, chapter, anchor in LINK.findall(home):
        sections = headings(chapter)
        assert anchor in sections, f"{chapter} has no section {anchor}; it has {list(sections)}"
        assert title.removeprefix(f"{chapter[:2]}: ") == sections[anchor]
    for number in re.findall(r"chapter (\d\d)", home):
        assert not list(CHAPTERS.glob(f"{number}-*.md")), f"{topic}: link to chapter {number}"
    assert LINK.search(home) or "chapter" in home


def test_the_table_covers_the_documents() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^## ([A-E]):", text, re.MULTILINE) == list("ABCDE")
    assert len(ROWS) > 50
