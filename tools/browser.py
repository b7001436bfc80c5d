"""A Chromium without a window: what the tools and tests of pages share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Root may use no sandbox of Chromium's own, and the pages ask no other host.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MISSING = "There is no Chromium here. Debian: sudo apt-get install chromium"
# True as soon as all formulas of a page are set.
READY = "window.MathJax ? MathJax.startup.promise.then(() => true) : true"


class NoBrowserError(Exception):
    """No Chromium on this machine; the message says what to do."""


@contextmanager
def started() -> Iterator[Any]:
    """Start the Chromium of this machine; yield Playwright's browser.

    Raises:
        NoBrowserError: if there is none.
    """
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        raise NoBrowserError(MISSING)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
