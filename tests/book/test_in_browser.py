"""Every page of the built site in a real browser: light and dark, wide and narrow, on paper."""

from __future__ import annotations

import gzip
import re
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import browser as browser_tools
import pairs
import pytest
import server
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "course"  # below which a project's site is published
MOST_BYTES = 2_000_000  # of a page with all that it loads, as a server sends it
COMPRESSED = re.compile("html|css|javascript|json|svg")
DARK = "document.documentElement.dataset.theme = 'dark'"
# Colors are measured where they come to rest, not while they fade.
STILL = "*, *::before, *::after { transition: none !important; animation: none !important; }"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What axe looks at; formulas are MathJax's business, and too many for it. Code is hundreds of
# colored words a page, of the same few colors: one page is enough for these.
AXE = {"exclude": [["mjx-container"], [".highlight"]]}
CODE = {"include": [["#what-should-a-network-be-fed .highlight"]]}

Open = Callable[..., Any]


def pages() -> list[str]:
    """Return every page that the table of contents names, and those that Sphinx adds."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    named = [toc["root"]]
    queue = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    while queue:
        entry = queue.pop(0)
        named.append(entry["file"].removesuffix(".ipynb"))
        queue = entry.get("sections", []) + queue
    return [f"{name}.html" for name in [*named, "genindex", "search", "404"]]


@pytest.fixture(scope="module")
def address(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the site on this machine, below the folder that it is published in."""
    served = tmp_path_factory.mktemp("served")
    (served / FOLDER).symlink_to(built / "_build" / "html")
    with server.served(served) as root:
        yield f"{root}{FOLDER}/"


@pytest.fixture
def open_page(browser: Any, address: str) -> Iterator[Open]:
    """Opens a page; at the end nothing may have gone wrong, and no other host been asked."""
    contexts, wrong, weights = [], [], []

    def listen(page: Any) -> None:
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
        page.on("requestfailed", failed)
        page.on("request", lambda asked: local(asked.url) or wrong.append(f"asked: {asked.url}"))
        page.on("response", lambda answer: weights.append(answer))

    def failed(asked: Any) -> None:
        if "ABORTED" not in asked.failure:  # by a reader who leaves a page before it is there
            wrong.append(f"failed: {asked.url}")

    def local(url: str) -> bool:
        return url.startswith((address, "data:", "blob:"))

    def open_page(name: str, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        listen(page)
        page.goto(address + name)
        page.evaluate(browser_tools.READY)
        page.weight = lambda: sum(map(weight, weights))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def weight(response: Any) -> int:
    """Return the bytes of a file as a server sends it: text compressed, pictures as they are."""
    body = response.body()
    compressed = COMPRESSED.search(response.headers.get("content-type", ""))
    return len(gzip.compress(body, 6)) if compressed else len(body)


def barriers(page: Any, part: dict[str, Any] = AXE, **options: Any) -> list[str]:
    """Return what axe-core finds wrong, with the first place of each."""
    from axe_playwright_python.sync_playwright import Axe

    # Without preload: axe would fetch what stylesheets import, and from the wrong folder. With
    # what is in order left out of its report, axe takes half as long.
    options = {"preload": False, "resultTypes": ["violations"], **options}
    found = Axe().run(page, context=part, options=options).response["violations"]
    return [
        f"{rule['id']} ({len(rule['nodes'])}): {rule['nodes'][0]['html'][:200]}" for rule in found
    ]


@pytest.mark.parametrize("name", pages())
def test_page(open_page: Open, name: str) -> None:
    page = open_page(name)
    page.add_style_tag(content=STILL)
    assert page.weight() < MOST_BYTES
    assert page.title()
    assert barriers(page) == []
    page.evaluate(DARK)
    assert barriers(page, runOnly=["color-contrast"]) == []
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate(OVERFLOW) <= 0, f"scrolls sideways at {width} pixels"


def test_colors_of_code_can_be_told_from_their_ground(open_page: Open) -> None:
    page = open_page("book/chapters/03-keras.html")
    page.add_style_tag(content=STILL)
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        assert barriers(page, CODE, runOnly=["color-contrast"]) == []


def test_little_holds_up_the_first_paint(open_page: Open) -> None:
    """The styles and scripts that a browser waits for before it shows anything."""
    page = open_page("book/chapters/04-vanishing-gradients.html")
    files = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.toJSON())")
    waited_for = [file for file in files if file["renderBlockingStatus"] == "blocking"]
    assert waited_for
    assert sum(file["decodedBodySize"] for file in waited_for) < 650_000


@pytest.mark.slow  # a clock: on a machine that does something else it says little
def test_first_paint_is_quick(open_page: Open) -> None:
    """Half of what counts as good (1.8 s at the slowest quarter of visits, web.dev), on loopback.

    The median of five cold browsers: a busy machine slows one or two of them.
    """
    painted = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    times = []
    for _ in range(5):
        page = open_page("book/chapters/04-vanishing-gradients.html")
        page.wait_for_function(f"{painted} > 0")
        times.append(page.evaluate(painted))
    assert statistics.median(times) < 900


def test_search_finds_a_term(open_page: Open) -> None:
    page = open_page("search.html?q=saddle")
    result = page.locator("#search-results li a").first
    result.wait_for()
    assert "01-beale" in " ".join(
        link.get_attribute("href") for link in page.locator("#search-results li a").all()
    )


def test_the_search_button_leads_to_results(open_page: Open) -> None:
    page = open_page("book/intro.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("momentum")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for()
    assert "search.html?q=momentum" in page.url


def test_a_link_to_the_glossary_lands_on_its_term(open_page: Open) -> None:
    page = open_page("book/chapters/01-beale.html")
    link = page.locator("article a[href*='glossary.html#term-']").first
    term = link.get_attribute("href").split("#")[1]
    link.click()
    page.wait_for_url("**/glossary.html#*")
    place = page.locator(f"[id='{term}']").bounding_box()
    assert 0 <= place["y"] < 800, "the term is not where the reader looks"


def test_answers_unfold(open_page: Open) -> None:
    page = open_page("book/chapters/01-beale.html")
    folded = page.locator("article details").first
    answer = folded.locator("p").first
    assert answer.is_hidden()
    folded.locator("summary").click()
    assert answer.is_visible()


def test_next_and_previous_lead_there_and_back(open_page: Open) -> None:
    """Where they lead on every other page, test_site.py reads."""
    first, second = (path.stem for path in pairs.chapters()[:2])
    page = open_page(f"book/chapters/{first}.html")
    page.locator("a.right-next").first.click()
    page.wait_for_url(f"**/{second}.html")
    page.locator("a.left-prev").first.click()
    page.wait_for_url(f"**/{first}.html")


def test_on_paper_there_is_the_text_and_no_navigation(open_page: Open) -> None:
    page = open_page("book/chapters/01-beale.html")
    page.emulate_media(media="print")
    assert page.locator("article h2").first.is_visible()
    for part in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer"):
        hidden = [not item.is_visible() for item in page.locator(part).all()]
        assert hidden
        assert all(hidden), f"{part} is printed"


def test_the_theme_follows_the_system_and_the_button(open_page: Open) -> None:
    page = open_page("book/intro.html", color_scheme="dark")
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == "dark"
    page.locator("button.theme-switch-button").first.click()
    assert page.evaluate(theme) == "light"


def test_a_lost_reader_gets_back(open_page: Open) -> None:
    page = open_page("404.html")
    page.locator("a.navbar-brand").first.click()
    page.wait_for_url("**/intro.html")
