"""The book on paper: a small one printed in every run, the whole one where there is time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pdf
import pypdfium2
import pytest
import yaml
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[2]
FILLED = "<p>Some lines of text that a page begins with.</p>" * 60
EXPLORER = (
    '<div class="course-explorer"><p>A still picture.</p></div>'
    '<script>\n(() => {\n"use strict";\ndocument.body.textContent = "moved";})();\n</script>'
)
LEAF = '<div style="break-before: page; break-after: page">&nbsp;</div>'
PAGE = """<!doctype html><html><head><meta charset="utf-8"></head>
<body><article><span id="document-a"></span><section><h1>First steps</h1>{first}</section>
<span id="document-b"></span><section><h1>Second thoughts</h1>{second}</section>
</article></body></html>"""


@pytest.fixture
def printed(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that prints a small book with this browser, and gives its path."""

    class Started:
        __enter__ = staticmethod(lambda: browser)
        __exit__ = staticmethod(lambda *_: None)

    monkeypatch.setattr(pdf.browser, "started", Started)

    def printed(first: str, second: str) -> Path:
        book = tmp_path / "book.html"
        book.write_text(PAGE.format(first=first, second=second), encoding="utf-8")
        return pdf.make(book, tmp_path / "book.pdf")

    return printed


def test_contents_lead_to_the_chapters(printed: Any) -> None:
    book = printed(FILLED + EXPLORER, FILLED)
    reader = PdfReader(book)
    texts = [page.extract_text() for page in reader.pages]
    first, second = pdf.first_pages(book, ["First steps", "Second thoughts"])
    assert texts[first - 1].startswith("First steps")
    assert texts[second - 1].startswith("Second thoughts")
    contents = texts[1].split("\n")
    assert contents[:3] == ["Contents", f"First steps {first}", f"Second thoughts {second}"]
    assert pdf.identity()["title"] in texts[0]
    assert reader.metadata.title == pdf.identity()["title"]
    assert any("A still picture." in text for text in texts)
    assert not any("moved" in text for text in texts)


@pytest.mark.parametrize(
    ("second", "complaint"),
    [
        (LEAF, r"^Empty pages in .*: 6\."),
        ('<p style="margin-left: 600px; white-space: nowrap">Very wide</p>', "p.: Very wide"),
        (
            '<div style="overflow: auto"><table><td>' + "wide" * 40 + "</td></table></div>",
            "paper:\ndiv.: widewide",
        ),
    ],
    ids=["empty", "wide", "wide inside"],
)
def test_a_page_that_went_wrong_is_no_book(printed: Any, second: str, complaint: str) -> None:
    with pytest.raises(pdf.PdfError, match=complaint):
        printed(FILLED, second)


def test_formulas_without_letters_are_no_book(printed: Any) -> None:
    style = "<style>.set::before { content: 'x' }</style>"
    assert printed(FILLED, f"{style}<mjx-container><mjx-c class='set'></mjx-c></mjx-container>")
    with pytest.raises(pdf.PdfError, match="1 letters of formulas are missing"):
        printed(FILLED, f"{style}<mjx-container><mjx-c></mjx-c></mjx-container>")


def test_a_chapter_that_the_outline_lacks_is_told(printed: Any) -> None:
    with pytest.raises(pdf.PdfError, match="no 'Third' in its place"):
        pdf.first_pages(printed(FILLED, FILLED), ["First steps", "Third"])


@pytest.mark.slow  # some minutes: 500 pages, printed twice
def test_the_whole_book(browser: Any, tmp_path: Path) -> None:
    """tools/pdf.py itself looks for empty pages, cut lines and formulas without letters."""
    made = subprocess.run(
        [sys.executable, "tools/pdf.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    path = ROOT / made.stdout.splitlines()[-1].partition(" (")[0]
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [entry["file"] for entry in toc["parts"][0]["chapters"]]
    titles = [
        (ROOT / f"{name}.md").read_text(encoding="utf-8").partition("\n# ")[2].partition("\n")[0]
        for name in (name.removesuffix(".ipynb") for name in chapters)
    ]
    starts = pdf.first_pages(path, titles)
    assert starts == sorted(set(starts))
    with pypdfium2.PdfDocument(path) as document:
        for start, following in zip(starts, [*starts[1:], starts[-1] + 15], strict=True):
            kinds = [
                item.type for page in range(start - 1, following - 1)
                for item in document[page].get_objects()
            ]  # fmt: skip
            assert kinds.count(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE) >= 3, "each chapter has figures"
