"""Make the whole book one PDF: cover, contents with page numbers, chapters, appendix.

    python tools/pdf.py            # writes _build/NAME.pdf; needs Chromium

Sphinx puts all pages into one, MathJax sets its formulas, and Chromium prints it twice: once to see
on which pages the chapters begin, and once with these numbers in the contents. Then every page is
drawn: a book with an empty page is not done, nor one with a line that is wider than the paper.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import address
import browser
import pypdfium2
import yaml
from pypdf import PdfReader, PdfWriter

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
BOOK = BUILD / "singlehtml" / "book.html"
# Explorers need a reader who moves something; on paper their still pictures say more.
EXPLORER = re.compile(r'<script>\n\(\(\) => \{\n"use strict";.*?</script>', re.DOTALL)
# Letters of formulas without content are letters whose styles did not come.
UNSET = """
[...document.querySelectorAll("mjx-container mjx-c")].filter(
  (letter) => getComputedStyle(letter, "::before").content === "none").length
"""
TEXT_AREA = {"width": 665, "height": 986}  # A4 without its margins, 96 pixels to the inch
# A formula that is wider than the text is set smaller.
FIT = """
() => {
  for (const formula of document.querySelectorAll("mjx-container[display='true']")) {
    const share = formula.clientWidth / formula.firstElementChild.getBoundingClientRect().width;
    if (share < 1) formula.style.fontSize = `${parseFloat(formula.style.fontSize) * share * 0.99}%`;
  }
}
"""
CUT_OFF = """
() => {
  const article = document.querySelector("article");
  const edge = article.getBoundingClientRect().right + 1;
  const isCut = (node) => node.matches("mjx-math")
    ? node.getBoundingClientRect().right > edge
    : node.clientWidth && node.scrollWidth > node.clientWidth + 1;
  return [...article.querySelectorAll("mjx-math, :not(.math, .math *, svg *)")].filter(isCut)
    .map((node) => `${node.tagName.toLowerCase()}.${node.className}: `
      + (node.closest(".math") ?? node).textContent.trim().slice(0, 80).replace(/\\s+/g, " "));
}
"""
FOOTER = (
    '<div style="width:100%; font:8px sans-serif; color:#767676; text-align:center">'
    '<span class="pageNumber"></span></div>'
)
PAPER = {
    "format": "A4",
    "outline": True,
    "tagged": True,
    "print_background": True,
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": FOOTER,
    "margin": {"top": "18mm", "bottom": "18mm", "left": "17mm", "right": "17mm"},
}
STYLE = """
@media print {
  .bd-sidebar-primary, .bd-sidebar-secondary, .bd-header-article, .bd-header, .prev-next-footer,
  footer, .headerlink, .explorer-note, #pst-skip-link, #pst-back-to-top, .skip-link, .copybtn,
  .toctree-wrapper > .caption, #jb-print-docs-body,
  article img.cover { display: none !important; }
  html, body { font-size: 10.5pt; }
  .bd-main .bd-content .bd-article-container { max-width: none; padding: 0; width: 100%; }
  .bd-main .bd-content { margin: 0; }
  .bd-main .bd-content .bd-article-container .bd-article { padding: 0 !important; }
  .chapter { break-before: page; }
  span[id^="document-"] { position: absolute; }  /* a line of its own could fill a page */
  .bd-main .bd-content .bd-article h1:first-of-type { display: block; }
  h1, h2, h3, h4 { break-after: avoid; }
  .cell_output img, figure, mjx-container[display="true"], blockquote { break-inside: avoid; }
  .cell_output img { max-height: 21cm; max-width: 100%; width: auto; }
  pre { font-size: 8.3pt; white-space: pre-wrap; overflow-wrap: anywhere; }
  table { font-size: 8.5pt; width: auto; }
  .cell_output table, .pst-scrollable-table-container table { font-size: 7.5pt; }
  .cell_output :is(td, th), .pst-scrollable-table-container :is(td, th) {
    overflow-wrap: break-word; padding: 1pt 3pt !important; white-space: normal; }
  .course-cover { break-after: page; padding-top: 4cm; text-align: center; }
  .course-cover img { width: 100%; }
  .course-cover h1 { border: 0; font-size: 30pt; margin: 2cm 0 1cm; }
  .course-contents { break-after: page; }
  .course-contents ol { list-style: none; padding: 0; }
  .course-contents li { display: flex; gap: 1em; justify-content: space-between; margin: 0.3em 0; }
}
"""
PREPARE = """
({title, author, version, cover}) => {
  const article = document.querySelector("article");
  for (const link of article.querySelectorAll("a[href*='intro.html#']"))
    link.setAttribute("href", "#" + link.getAttribute("href").split("#")[1]);
  for (const folded of article.querySelectorAll("details")) folded.open = true;
  const pages = [...article.querySelectorAll("span[id^='document-']")];
  const chapters = pages.map((page) => page.nextElementSibling).filter(Boolean);
  const headings = chapters.map((chapter) => {
    chapter.classList.add("chapter");
    return chapter.querySelector("h1, h2, h3");
  });
  const lines = headings.map((heading, i) => {
    heading.querySelector(".headerlink")?.remove();
    heading.id ||= `chapter-${i}`;
    return `<li><a href="#${heading.id}">${heading.innerHTML}</a><span></span></li>`;
  });
  document.querySelectorAll(".headerlink").forEach((link) => link.remove());
  const front = document.createElement("div");
  front.innerHTML = `<div class="course-cover"><img src="${cover}" alt=""><h1>${title}</h1>
    <p>${author}</p><p>Version ${version}</p></div>
    <div class="course-contents"><h2>Contents</h2><ol>${lines.join("")}</ol></div>`;
  article.prepend(front);
  return headings.map((heading) => heading.textContent);
}
"""
NUMBER = """
(numbers) => document.querySelectorAll(".course-contents li > span").forEach(
  (place, i) => { place.textContent = numbers[i]; })
"""


class PdfError(Exception):
    """A PDF that cannot be made; the message says what to do."""


@contextmanager
def printed_page(book: Path) -> Iterator[Any]:
    """Open the whole book in a browser, with its formulas set.

    Raises:
        PdfError: if letters of formulas are missing.
    """
    still = book.with_name("print.html")
    still.write_text(EXPLORER.sub("", book.read_text(encoding="utf-8")), encoding="utf-8")
    with browser.started() as chromium:
        page = chromium.new_page(color_scheme="light")
        page.set_default_timeout(600_000)
        page.goto(still.as_uri())
        page.evaluate(browser.READY)
        if missing := page.evaluate(UNSET):
            raise PdfError(f"{missing} letters of formulas are missing: is MathJax loaded twice?")
        page.add_style_tag(content=STYLE)
        yield page


def first_pages(pdf: Path, titles: list[str]) -> list[int]:
    """Return the page on which each chapter begins, counted from 1.

    Raises:
        PdfError: if the outline of the PDF does not have the chapters in their order.
    """
    reader = PdfReader(pdf)
    entries = [
        (e.title.strip(), reader.get_destination_page_number(e)) for e in flat(reader.outline)
    ]
    pages, place = [], 0
    for title in titles:
        while place < len(entries) and entries[place][0] != title.strip():
            place += 1
        if place == len(entries):
            raise PdfError(f"The outline of the PDF has no {title!r} in its place.")
        pages.append((entries[place][1] or 0) + 1)
    return pages


def flat(outline: list[Any]) -> Iterator[Any]:
    """Yield the entries of an outline of any depth in their order."""
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


def empty_pages(pdf: Path) -> list[int]:
    """Draw every page; return the numbers of those without ink, but for the number at the foot."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document, 1):
            drawn = page.render(scale=0.5, grayscale=True).to_numpy().squeeze() < 200
            if not drawn[: int(len(drawn) * (1 - 17 / 297))].any():
                found.append(number)
    return found


def identity() -> dict[str, str]:
    """Return what stands on the cover."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    return {
        "title": config["title"],
        "author": config["author"],
        "version": address.current_wheel().split("-")[1],
        "cover": (ROOT / "book" / "_static" / "cover.png").as_uri(),
    }


def make(book: Path, target: Path) -> Path:
    """Print a book that Sphinx has put into one page; return the path of the PDF.

    Raises:
        PdfError: if letters are missing or cut off, the contents do not match the pages, or a page
            is empty.
    """
    cover, partly = identity(), target.with_suffix(".part")
    with printed_page(book) as page:
        titles = page.evaluate(PREPARE, cover)
        page.emulate_media(media="print")
        page.set_viewport_size(TEXT_AREA)
        page.evaluate(FIT)
        if wide := page.evaluate(CUT_OFF):
            raise PdfError("\n".join(["Wider than the paper:", *wide]))
        page.pdf(path=partly, **PAPER)
        numbers = first_pages(partly, titles)
        page.evaluate(NUMBER, numbers)
        page.pdf(path=partly, **PAPER)
    if first_pages(partly, titles) != numbers:
        raise PdfError("The page numbers moved when they were written down.")
    if found := empty_pages(partly):
        raise PdfError(f"Empty pages in {partly}: {', '.join(map(str, found))}.")
    writer = PdfWriter(clone_from=partly)
    writer.add_metadata({"/Title": cover["title"], "/Author": cover["author"]})
    writer.write(partly)
    return partly.replace(target)


def main() -> int:
    """Build and print the book; return the exit status."""
    name = f"{address.current_address().name}-{address.current_wheel().split('-')[1]}.pdf"
    command = [sys.executable, str(ROOT / "tools" / "site.py"), "--one-page"]
    if subprocess.run(command, check=False).returncode:
        return 1  # it has said why
    try:
        pdf = make(BOOK, BUILD / name)
    except (PdfError, browser.NoBrowserError) as error:
        print(error, file=sys.stderr)
        return 1
    pages = len(PdfReader(pdf).pages)
    print(f"{pdf.relative_to(ROOT)} ({pages} pages, {pdf.stat().st_size / 1e6:.0f} MB)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
