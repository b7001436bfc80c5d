"""Take the reference pictures of six pages, which a test compares with what a browser shows.

    python tools/screenshots.py     # after a change of the looks: from _build/html, see git diff

Fonts differ from machine to machine. So pictures are compared small and without color: what counts
is where dark and light lie, not how a letter is drawn.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import browser
import numpy as np
import server
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
PICTURES = ROOT / "tests" / "book" / "screenshots"
# A picture is shrunk to blocks of so many pixels a side before it is compared.
BLOCK = 20


@dataclass(frozen=True)
class View:
    """What a picture shows.

    Attributes:
        page: Path of the page in the site, with an anchor to start from.
        width: Of the window, in pixels.
        height: Of the window, in pixels.
        theme: `light` or `dark`.
    """

    page: str
    width: int = 1280
    height: int = 800
    theme: str = "light"


VIEWS = {
    "intro": View("book/intro.html"),
    "chapter": View("book/chapters/01-beale.html", theme="dark"),
    "explorer": View("book/chapters/07-learning-rates.html#try-it"),
    "phone": View("book/chapters/04-vanishing-gradients.html#try-it", 360, 740),
    "phone-dark": View("book/chapters/06-optimizers.html", 360, 740, "dark"),
    "glossary": View("book/appendix/glossary.html"),
}


def take(chromium: Any, site: str, view: View, path: Path, style: str = "") -> None:
    """Write the picture of a view of the site at an address, with further styles perhaps."""
    path.parent.mkdir(parents=True, exist_ok=True)
    window = {"width": view.width, "height": view.height}
    context = chromium.new_context(
        viewport=window, color_scheme=view.theme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(site + view.page)
    page.evaluate(browser.READY)
    if style:
        page.add_style_tag(content=style)
    anchor = view.page.partition("#")[2]
    if anchor:  # formulas above it have moved it meanwhile
        page.evaluate("id => document.getElementById(id).scrollIntoView()", anchor)
    page.wait_for_timeout(500)  # explorers draw, the sidebar settles
    page.screenshot(path=path)
    context.close()


def difference(one: Path, other: Path) -> float:
    """Return how far two pictures of one size differ: mean over blocks, from 0 to 1.

    Raises:
        ValueError: if their sizes differ.
    """
    pictures = [Image.open(path).convert("L") for path in (one, other)]
    if pictures[0].size != pictures[1].size:
        raise ValueError(f"{one} and {other} have different sizes")
    width, height = pictures[0].size
    size = (width // BLOCK, height // BLOCK)
    blocks = [np.asarray(picture.resize(size, Image.Resampling.BOX)) for picture in pictures]
    return float(np.abs(blocks[0].astype(float) - blocks[1]).mean() / 255)


def main() -> int:
    """Run the command line; return the exit status."""
    if not (SITE / "index.html").is_file():
        print("There is no site. Type make book first.", file=sys.stderr)
        return 1
    try:
        with server.served(SITE) as site, browser.started() as chromium:
            for name, view in VIEWS.items():
                take(chromium, site, view, PICTURES / f"{name}.png")
                print((PICTURES / f"{name}.png").relative_to(ROOT))
    except browser.NoBrowserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
