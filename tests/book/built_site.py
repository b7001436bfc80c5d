"""The site as the tests of its pages see it: built once, in a copy of the course."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import address
from bs4 import BeautifulSoup


@dataclass
class Site:
    """A site that was built, and the copy of the course it was built from."""

    root: Path
    html: Path
    pages: dict[str, BeautifulSoup]

    def page(self, name: str) -> BeautifulSoup:
        """Return a page of the book, such as `chapters/01-beale`."""
        return self.pages[f"book/{name}.html"]

    def file(self, name: str, url: str) -> Path:
        """Return the file that an address on a page leads to.

        The page for lost readers is shown anywhere, so its addresses begin with the site's folder.
        """
        path = unquote(urlsplit(url).path)
        folder = address.current_address().site.partition("/")[2]
        if path.startswith("/"):
            return self.html / path.removeprefix(f"/{folder}/").lstrip("/")
        return (self.html / name).parent / path if path else self.html / name


def read_pages(html: Path) -> dict[str, BeautifulSoup]:
    """Return all pages below a folder by their paths."""
    return {
        path.relative_to(html).as_posix(): BeautifulSoup(path.read_bytes(), "html.parser")
        for path in sorted(html.rglob("*.html"))
        if "_static" not in path.relative_to(html).parts
    }
