"""Sphinx extension of the book: mends what the theme leaves in the way of some readers.

A screen reader hears the name of every control and every landmark; a phone loads no second copy
of the icons. The theme offers no setting for these, so the pages are mended after they are built.
`tests/book/test_in_browser.py` looks at every page with axe-core.
"""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

# What is found in a page, what stands there afterwards, and why.
MENDED = [
    # The icons come as a font already; the script is half of the weight of a page.
    (re.compile(r"<script[^>]*scripts/fontawesome\.js[^>]*></script>\s*"), ""),
    (re.compile(r'<link rel="preload"[^>]*scripts/fontawesome\.js[^>]*/>\s*'), ""),
    # The search is needed when a reader asks for it: its index, a fifth of all that a page waits
    # for, need not hold up the first picture of every page.
    (
        re.compile(r'<script (?=src="[^"]*(?:searchtools|language_data|searchindex)\.js)'),
        "<script defer ",
    ),
    # A control without a name.
    (
        re.compile(r'<summary>(?=<span class="toctree-toggle")'),
        '<summary aria-label="Pages of this section">',
    ),
    # Content outside of all landmarks.
    (
        re.compile(r'<div class="sidebar-primary-item">(?=\s*<a class="navbar-brand)'),
        '<div class="sidebar-primary-item" role="navigation" aria-label="Home">',
    ),
    # The title for print, of a page that has none.
    (re.compile(r"<h1></h1>"), ""),
    # A corner of a table is not a heading.
    (re.compile(r"<th(?: class=\"head\")?>(?:<p></p>|\s*)</th>"), "<td></td>"),
]


def mend(page: str) -> str:
    """Return the HTML of a page with everything of `MENDED` in place; twice is the same as once."""
    for found, instead in MENDED:
        page = found.sub(instead, page)
    return page


def mend_pages(app: Sphinx, exception: Exception | None) -> None:
    """Mend every page of a finished build."""
    if exception is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        if (mended := mend(page)) != page:
            path.write_text(mended, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the mending, behind everything else that writes pages."""
    app.connect("build-finished", mend_pages, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
