"""Feedback pages: everything is there, and nothing that a student wrote becomes HTML."""

from html.parser import HTMLParser

import pytest

from course_utils.grading.feedback import feedback_name, page
from tests.grading.rows import mark, row

EVIL = (
    '<script>alert(1)</script><img src=x onerror="a()"> & "\' </li></style> \u202ereversed\x00\x1b['
)


class Reader(HTMLParser):
    """Collects tags and text, and refuses what is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_a_page_says_all_that_matters() -> None:
    marks = (
        mark("ch04-a", 1.5, 2, "partly", (True, "Right with 2."), (False, "Look at `x + 1`.")),
        mark("ch04-b", 0, 4, "missing", (False, "Not reached.")),
    )
    read = Reader(page(row("s1", "Zoë Ng", "partial", *marks, notes=("Code cell 3: odd",)), "04"))
    for said in (
        "Zoë Ng",
        "Chapter 4: 1.5 of 6 points",
        "Exercise ch04-a: 1.5 of 2 points",
        "✓ Right with 2.",
        "✗ Look at x + 1.",
        "Not reached.",
        "Code cell 3: odd",
        "s1.ipynb",
    ):
        assert said in read.text
    assert read.tags.count("code") == 1
    assert read.tags.count("h2") == 3


def test_students_text_stays_text() -> None:
    marks = mark("ch04-a", 0, 2, "wrong", (False, EVIL), (False, f"`{EVIL}`"))
    evil = row(EVIL, EVIL, "partial", marks, notes=(EVIL,), file=EVIL)
    plain = row("a", "b", "partial", mark("ch04-a", 0, 2, "wrong", (False, "c"), (False, "`d`")))
    plain = plain.__class__(plain.student, plain.result, "f", notes=("n",))
    text = page(evil, "04")
    read, expected = Reader(text), Reader(page(plain, "04"))
    extra = set(read.tags) - set(expected.tags)
    assert not extra
    assert not {"script", "img", "a", "link", "iframe"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on") or name == "src"]
    assert "<script>alert(1)</script>" in read.text
    assert not {"\u202e", "\x00", "\x1b"} & set(text)


def test_a_page_needs_no_other_file_and_may_load_none() -> None:
    text = page(row("s1", "A", "missing"), "04")
    assert "default-src 'none'" in text
    assert not any(word in text for word in ("http:", "https:", "//", "url(", "@import", "src="))


@pytest.mark.parametrize("id", ["s1001", "anna", "a-b_c", "a@b"])
def test_plain_ids_are_names_of_files(id: str) -> None:
    assert feedback_name(id) == f"{id}.html"


def test_other_ids_become_safe_names_that_differ() -> None:
    ids = ["../../etc/passwd", "..", ".", "", "a/b", "a\\b", "a_b", "CON", "con", "Con", "a.b", "_"]
    ids += ["s1", "S1", "ü", "u", "x" * 300, "x" * 301, "a\0b", "-", "a b", "\ud800", "a:b"]
    names = [feedback_name(id) for id in ids]
    assert len({name.lower() for name in names}) == len(ids)
    for name in names:
        assert name.endswith(".html")
        assert len(name) < 100
        assert not set(name) & set('/\\:*?"<>|\0 ')
        assert name[0] != "."
        assert name.split(".")[0] not in ("con", "")
