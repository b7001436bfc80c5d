"""The explorers in a real browser: mouse, keys, touch, links, themes, and no script at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from course_utils import explorers

Open = Callable[..., Any]
STATE = "document.querySelectorAll('.course-explorer')[{}].explorer.getState()"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    figures = [explorers.show(kind) for kind in explorers.DEFAULTS]
    figures.append(explorers.show("descent", function="Booth", optimizers="Adam"))
    body = "".join(figure._repr_html_() for figure in figures)
    file = tmp_path_factory.mktemp("explorers") / "page.html"
    file.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorers</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"></head>'
        f"<body><main>{body}</main></body></html>",
        encoding="utf-8",
    )
    return file


@pytest.fixture
def open_page(browser: Any, page_file: Path) -> Iterator[Open]:
    """Opens the page; afterwards nothing may have gone wrong, and no other host been asked."""
    contexts, wrong = [], []

    def open_page(fragment: str = "", **options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
        page.on("request", lambda asked: asked.url.startswith("file:") or wrong.append(asked.url))
        page.goto(page_file.as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def test_a_click_and_arrow_keys_move_the_start(open_page: Open) -> None:
    page = open_page()
    area = page.locator(".explorer-map").first
    area.click(position={"x": 100, "y": 50})
    clicked = page.evaluate(STATE.format(0))["start"]
    assert clicked != [1, 1.5]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    x, y = page.evaluate(STATE.format(0))["start"]
    assert x == pytest.approx(clicked[0] + 0.09, abs=0.002)
    assert y == pytest.approx(clicked[1] - 0.45, abs=0.002)
    assert page.evaluate(STATE.format(3))["start"] == [-6, -6], "the other one stays"


def test_sliders_answer_to_keys_and_results_are_said(open_page: Open) -> None:
    page = open_page()
    page.locator("input[type=range]").first.focus()
    for _ in range(4):
        page.keyboard.press("PageUp")
    figure = page.locator(".course-explorer").first
    figure.locator("li.explorer-lost").wait_for()
    said = figure.locator("[aria-live]")
    expect(said).to_contain_text("diverged: lost at step")


def test_a_tap_moves_the_start_and_nothing_moves_by_itself(open_page: Open) -> None:
    phone = {"width": 360, "height": 740}
    page = open_page(viewport=phone, has_touch=True, is_mobile=True, reduced_motion="reduce")
    page.locator(".explorer-map").first.tap(position={"x": 60, "y": 60})
    assert page.evaluate(STATE.format(0))["start"] != [1, 1.5]
    assert page.get_by_text("Play", exact=True).first.is_hidden()


def test_a_link_restores_the_state(open_page: Open) -> None:
    link = "#explore=descent&at=2&function=Himmelblau&start=1,2&optimizers=Nadam&learning_rate=0.05"
    page = open_page(link)
    state = page.evaluate(STATE.format(3))
    assert (state["function"], state["start"]) == ("Himmelblau", [1, 2])
    assert (state["optimizers"], state["learning_rate"]) == (["Nadam"], [0.05])
    assert page.evaluate(STATE.format(0))["function"] == "Beale"
    page.evaluate("location.hash = '#explore=schedules&schedule=1cycle&rise=0.4'")
    page.wait_for_function(f"{STATE.format(2)}.rise === 0.4")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_wider_than_the_page(open_page: Open, width: int, theme: str) -> None:
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=theme)
    page.wait_for_function("document.querySelector('canvas').width > 100")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    color = page.evaluate("getComputedStyle(document.querySelector('.course-explorer')).color")
    assert color == {"light": "rgb(34, 34, 34)", "dark": "rgb(228, 228, 224)"}[theme]


def test_every_control_has_a_name(open_page: Open) -> None:
    page = open_page()
    nameless = """[...document.querySelectorAll("input, select, button, textarea, canvas")]
      .filter((node) => !(node.labels?.[0]?.textContent || node.textContent
                          || node.getAttribute("aria-label"))).length"""
    assert page.evaluate(nameless) == 0


def test_the_examples_while_dragging_become_all_at_rest(open_page: Open) -> None:
    page = open_page("#explore=signals&depth=50&width=200")
    expect(page.locator(".explorer-note").first).to_contain_text("; 64 examples;", timeout=20_000)


def test_nothing_becomes_global(open_page: Open) -> None:
    page = open_page()
    for name in ("shared", "descent", "signals", "schedules"):
        assert page.evaluate(f"typeof {name}") == "undefined"


def test_without_a_script_there_are_pictures(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    assert page.locator(".course-explorer > svg").count() == 4
    assert page.locator(".course-explorer > svg").first.is_visible()
    assert page.get_by_text("Contours of Beale's function").is_visible()
