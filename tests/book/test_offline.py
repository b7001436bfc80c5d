"""The zip of the site reads without a server and without a network."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import offline
import pytest


def test_it_reads_from_a_folder(built: Path, browser: Any, tmp_path: Path) -> None:
    zipped = offline.pack(built / "_build" / "html", tmp_path / "course.zip", "course")
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(tmp_path)
    context = browser.new_context(offline=True)
    page, wrong = context.new_page(), []
    # What a page was still loading when the reader left it is not missing.
    page.on("requestfailed", lambda asked: "ABORTED" in asked.failure or wrong.append(asked.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((tmp_path / "course" / "index.html").as_uri())
    page.wait_for_url("**/intro.html")
    page.locator("article a[href*='01-beale.html']").first.click()
    page.wait_for_url("**/01-beale.html")
    page.evaluate("MathJax.startup.promise.then(() => true)")
    assert page.locator("article mjx-container").count() > 20
    pictures = page.locator(".cell_output img").all()
    assert pictures
    for picture in pictures:
        picture.scroll_into_view_if_needed()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    assert wrong == []
    # A browser lets no page of a folder read another: results come without their excerpts.
    page.goto((tmp_path / "course" / "search.html").as_uri() + "?q=saddle")
    page.locator("#search-results li a").first.wait_for()
    context.close()


def test_the_same_site_gives_the_same_zip(built: Path, tmp_path: Path) -> None:
    one, two = (
        offline.pack(built / "_build" / "html", tmp_path / f"{name}.zip", "course").read_bytes()
        for name in ("one", "two")
    )
    assert one == two
    assert not list(tmp_path.glob("*.part"))


def test_without_a_site_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make book"):
        offline.pack(tmp_path, tmp_path / "course.zip", "course")
