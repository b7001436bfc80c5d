"""What tests of several folders share: a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

INSIST = "COURSE_INSIST_ON_BROWSER"
# Root may use no sandbox of Chromium's own, and the tests ask no other host.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start the Chromium of this machine without a window; skip where there is none.

    With COURSE_INSIST_ON_BROWSER=1 a missing Chromium is a failure.
    """
    from playwright.sync_api import sync_playwright

    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    chromium = next(found, None)
    if chromium is None:
        message = "No Chromium here: pages were not opened. Debian: apt-get install chromium"
        (pytest.fail if os.environ.get(INSIST) else pytest.skip)(message)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()
