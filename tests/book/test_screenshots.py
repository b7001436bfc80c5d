"""Six pages look as their reference pictures do, up to the fonts of the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import screenshots
import server

# Other fonts move a line here and there; without its styles a page is another picture. Both were
# measured: see test_the_tolerance_tells_fonts_from_faults.
TOLERANCE = 0.06
OTHER_FONTS = "* { font-family: serif !important; }"
NO_STYLES = "* { all: revert !important; }"


def picture(browser: Any, site: str, name: str, folder: Path, style: str = "") -> Path:
    path = folder / f"{name}.png"
    screenshots.take(browser, site, screenshots.VIEWS[name], path, style=style)
    return path


@pytest.mark.parametrize("name", screenshots.VIEWS)
def test_a_page_looks_as_in_its_picture(
    built: Path, browser: Any, tmp_path: Path, name: str
) -> None:
    with server.served(built / "_build" / "html") as site:
        path = picture(browser, site, name, tmp_path)
    gap = screenshots.difference(path, screenshots.PICTURES / f"{name}.png")
    assert gap < TOLERANCE, f"{path} is {gap:.3f} away; if that is meant: make screenshots"


def test_the_tolerance_tells_fonts_from_faults(built: Path, browser: Any, tmp_path: Path) -> None:
    with server.served(built / "_build" / "html") as site:
        usual, serif, bare = (
            picture(browser, site, "chapter", tmp_path / folder, style)
            for folder, style in (("usual", ""), ("serif", OTHER_FONTS), ("bare", NO_STYLES))
        )
    assert screenshots.difference(usual, usual) == 0
    assert screenshots.difference(usual, serif) < TOLERANCE < screenshots.difference(usual, bare)


def test_pictures_of_two_sizes_are_not_compared() -> None:
    wide, narrow = (screenshots.PICTURES / f"{name}.png" for name in ("intro", "phone"))
    with pytest.raises(ValueError, match="different sizes"):
        screenshots.difference(wide, narrow)


def test_every_picture_is_of_a_view() -> None:
    assert {path.stem for path in screenshots.PICTURES.glob("*.png")} == set(screenshots.VIEWS)
