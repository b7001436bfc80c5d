"""What every explorer has to be: small, self-contained, restorable, readable without a script."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import course_utils
from course_utils import explorers, plots

Javascript = Callable[..., Any]
SOURCES = sorted((Path(course_utils.__file__).parent / "_explorers").iterdir())
KINDS = list(explorers.DEFAULTS)

STATES: dict[str, dict[str, Any]] = {
    "descent": {
        "function": "Three-hump camel",
        "start": [-1.25, 0.5],
        "optimizers": ["Nadam", "Nesterov"],
        "learning_rate": [0.05, 0.0123],
        "momentum": 0.75,
        "steps": 321,
    },
    "signals": {
        "depth": 33,
        "width": 50,
        "activation": "gelu",
        "initializer": "fixed",
        "deviation": 0.07,
        "seed": 12,
    },
    "schedules": {
        "schedule": "cosine with restarts",
        "peak": 0.3,
        "updates": 1000,
        "warm_up": 0.05,
        "period": 0.2,
        "growth": 2.0,
        "height": 0.5,
        "end": 0.01,
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_explorer_is_small(kind: str) -> None:
    assert len(gzip.compress(explorers.show(kind)._repr_html_().encode())) < 60_000


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_sources_ask_no_other_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"https?:|//[a-z]+\.|\bimport\s*\(|^import|fetch\(|url\(|eval\(", text, re.M
    )
    assert "</script" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_an_explorer_is_self_contained(kind: str) -> None:
    text = explorers.show(kind)._repr_html_()
    assert not re.search(r"https?:", text)
    assert not re.search(r"<(?:script|img|link|iframe)[^>]*(?:src|href)=", text)
    assert not re.search(r'\bid="', text), "two of them may stand on one page"
    assert text == explorers.show(kind)._repr_html_(), "a stored output must not change"


@pytest.mark.parametrize("kind", KINDS)
def test_without_javascript_there_is_a_picture_with_words(kind: str) -> None:
    figure = explorers.show(kind, **STATES[kind])
    text = re.sub(r"<(script|style)>.*?</\1>", "", figure._repr_html_(), flags=re.S)
    label = re.search(r'<svg[^>]* role="img" aria-label="([^"]+)"', text)
    assert label
    assert f"<p>{label[1]}</p>" in text
    assert "<polyline" in text
    assert "NaN" not in text
    assert "JavaScript" in text
    assert html.unescape(label[1]) in repr(figure)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_arrives_in_the_page(kind: str) -> None:
    text = explorers.show(kind, **STATES[kind])._repr_html_()
    stored = re.search(r'data-state="([^"]+)"', text)
    assert stored
    assert json.loads(html.unescape(stored[1])) == STATES[kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [1, 2])
def test_a_state_survives_a_link(javascript: Javascript, kind: str, at: int) -> None:
    body = f"""
    const normal = {kind}.checked({{ ...{kind}.DEFAULTS }});
    const link = shared.encodeState("{kind}", given, {at});
    return [
      link,
      {kind}.checked(shared.decodeState(link, "{kind}", normal, {at})),
      shared.decodeState(link, "{kind}", normal, 3),
      shared.decodeState("#section-2", "{kind}", normal),
    ];
    """
    link, found, *others = javascript(body, STATES[kind])
    assert {name: found[name] for name in STATES[kind]} == STATES[kind]
    assert re.fullmatch(r"#[\w%&=.+,-]+", link), "a chat program must not cut the link short"
    assert others == [None, None]


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_survives_python(javascript: Javascript, kind: str) -> None:
    call = javascript(f'return shared.pythonCall("{kind}", given);', STATES[kind])
    expression = call.partition("\n\n")[2]
    figure = eval(expression, {"explorers": explorers})
    assert figure.state == STATES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_no_link_can_break_an_explorer(javascript: Javascript, kind: str) -> None:
    body = f"""
    const bad = Object.keys({kind}.DEFAULTS).map((name) => `${{name}}=<script>,1e999,`).join("&");
    const normal = {kind}.checked({{ ...{kind}.DEFAULTS }});
    const state = shared.decodeState(`#explore={kind}&${{bad}}`, "{kind}", normal);
    return {kind}.checked(state);
    """
    found = javascript(body)
    assert "<script>" not in json.dumps(found)
    figure = explorers.show(kind)
    known = {name: value for name, value in found.items() if name in figure.state}
    assert explorers.show(kind, **known).state


@pytest.mark.parametrize(
    ("kind", "state", "message"),
    [
        ("decent", {}, "Did you mean 'descent'"),
        ("descent", {"momentun": 0.5}, "Did you mean 'momentum'"),
        ("descent", {"optimizers": ["adm"]}, "Did you mean"),
        ("descent", {"optimizers": ["Adam"] * 4}, "one to three"),
        ("descent", {"start": [9, 9]}, "inside"),
        ("descent", {"learning_rate": [0.1]}, "one for each of 3"),
        ("descent", {"steps": 10.5}, "whole"),
        ("signals", {"width": 51}, "even"),
        ("signals", {"depth": 51}, "between 1 and 50"),
        ("signals", {"activation": "softmax"}, "There is no activation"),
        ("schedules", {"schedule": "cosine", "drops": 2}, "has no drops"),
        ("schedules", {"peak": float("nan")}, "between"),
    ],
)
def test_errors_say_what_is_wrong(kind: str, state: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        explorers.show(kind, **state)


def test_short_forms() -> None:
    figure = explorers.show("descent", optimizers="adam", learning_rate=0.01)
    assert figure.state["optimizers"] == ["Adam"]
    assert figure.state["learning_rate"] == [0.01]
    assert explorers.show("descent", optimizers=["adam"]).state["learning_rate"] == [0.1]
    assert explorers.show("descent", function="booth").state["start"] == [-6.0, -6.0]
    figure = explorers.show("signals", initializer=0.2)
    assert (figure.state["initializer"], figure.state["deviation"]) == ("fixed", 0.2)


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("descent", {"learning_rate": 10}),
        ("signals", {"depth": 1}),
        ("signals", {"depth": 50, "width": 200, "initializer": 1.0, "activation": "relu"}),
        ("signals", {"depth": 50, "initializer": 0.001}),
        *[("schedules", {"schedule": name}) for name in explorers._NAMES["schedule"]],
        *[("descent", {"function": name}) for name in explorers._NAMES["function"]],
    ],
)
def test_extreme_states_have_a_picture(kind: str, state: dict[str, Any]) -> None:
    text = explorers.show(kind, **state)._repr_html_()
    assert "<polyline" in text
    assert "nan" not in re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.S)


def test_colors_are_those_of_the_plots(javascript: Javascript) -> None:
    assert javascript("return shared.COLORS;") == list(plots.COLORS[:3])


def test_numbers_in_words(javascript: Javascript) -> None:
    numbers = [0, 0.1, 1234.5678, 0.00012345, 1.5e-7, 1e-12, 2.5e9, -3]
    expected = ["0", "0.1", "1230", "0.000123", "1.5e-7", "1e-12", "2.5e9", "-3"]
    assert javascript("return given.map((v) => shared.format(v));", numbers) == expected
