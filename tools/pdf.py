"""Make the whole book one PDF: cover, contents with page numbers, chapters, appendix.

    python tools/pdf.py            # writes _build/NAME.pdf; needs Chromium

Sphinx puts all pages into one, MathJax sets its formulas, and Chromium prints it twice: once to see
on which pages the chapters begin, and once with these numbers in the contents.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import address
import browser
import yaml
from pypdf import PdfReader, PdfWriter

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
BOOK = BUILD / "singlehtml" / "book.html"
MATHJAX = BUILD / "singlehtml" / "_static" / "mathjax" / "tex-chtml-full.js"
CLASSES = {
    "processHtmlClass": "tex2jax_process|mathjax_process|math|output_area",
    "ignoreHtmlClass": "tex2jax_ignore|mathjax_ignore|document",
}
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
  footer, .headerlink, #pst-skip-link, #pst-back-to-top, .skip-link, .copybtn,
  .toctree-wrapper > .caption, #jb-print-docs-body,
  article img.cover { display: none !important; }
  html, body { font-size: 10.5pt; }
  .bd-main .bd-content .bd-article-container { max-width: none; padding: 0; width: 100%; }
  .chapter { break-before: page; }
  h1, h2, h3, h4 { break-after: avoid; }
  .cell_output img, figure, mjx-container[display="true"], blockquote { break-inside: avoid; }
  .cell_output img { max-height: 21cm; max-width: 100%; width: auto; }
  pre { font-size: 8.3pt; white-space: pre-wrap; overflow-wrap: anywhere; }
  table { font-size: 8.5pt; width: auto; }
  .course-cover { break-after: page; padding-top: 4cm; text-align: center; }
  .course-cover img { width: 100%; }
  .course-cover h1 { border: 0; font-size: 30pt; margin: 2cm 0 1cm; }
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
def printed_page() -> Iterator[Any]:
    """Open the whole book in a browser, with its formulas set."""
    with browser.started() as chromium:
        page = chromium.new_page(color_scheme="light")
        page.set_default_timeout(600_000)
        page.goto(BOOK.as_uri())
        page.evaluate("classes => { window.MathJax = {options: classes}; }", CLASSES)
        page.add_script_tag(url=MATHJAX.as_uri())
        page.evaluate(browser.READY)
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


def identity() -> dict[str, str]:
    """Return what stands on the cover."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    return {
        "title": config["title"],
        "author": config["author"],
        "version": address.current_wheel().split("-")[1],
        "cover": (ROOT / "book" / "_static" / "cover.png").as_uri(),
    }


def make(target: Path) -> Path:
    """Print the book that Sphinx has put into one page; return the path of the PDF.

    Raises:
        PdfError: if the contents do not match the pages.
    """
    cover, partly = identity(), target.with_suffix(".part")
    with printed_page() as page:
        titles = page.evaluate(PREPARE, cover)
        page.pdf(path=partly, **PAPER)
        numbers = first_pages(partly, titles)
        page.evaluate(NUMBER, numbers)
        page.pdf(path=partly, **PAPER)
    if first_pages(partly, titles) != numbers:
        raise PdfError("The page numbers moved when they were written down.")
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
        pdf = make(BUILD / name)
    except (PdfError, browser.NoBrowserError) as error:
        print(error, file=sys.stderr)
        return 1
    pages = len(PdfReader(pdf).pages)
    print(f"{pdf.relative_to(ROOT)} ({pages} pages, {pdf.stat().st_size / 1e6:.0f} MB)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
