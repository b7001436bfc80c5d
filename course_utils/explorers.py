"""Interactive figures for the page and the notebook: descent, signals through depth, schedules.

Each is plain JavaScript that travels inside the output: it needs no kernel and no network, and
works in the built book, in JupyterLab and in Colab. Without JavaScript a still picture is left.
"""

import difflib
import html
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from course_utils import functions
from course_utils._explorer_numbers import ACTIVATIONS, OPTIMIZERS, SCHEDULES
from course_utils._explorer_still import picture

__all__ = ["DEFAULTS", "Explorer", "show"]

#: For each explorer the state in which it starts.
DEFAULTS: dict[str, dict[str, Any]] = {
    "descent": {
        "function": "Beale",
        "start": [1.0, 1.5],
        "optimizers": ["gradient descent", "momentum", "Adam"],
        "learning_rate": [0.002, 0.002, 0.1],
        "momentum": 0.9,
        "steps": 500,
    },
    "signals": {
        "depth": 20,
        "width": 100,
        "activation": "tanh",
        "initializer": "glorot_normal",
        "deviation": 0.05,
        "seed": 1,
    },
    "schedules": {
        "schedule": "cosine",
        "peak": 0.1,
        "updates": 640,
        "warm_up": 0.0,
        "decay": 20.0,
        "final": 0.01,
        "drops": 2,
        "factor": 0.1,
        "power": 1.0,
        "end": 0.0,
        "period": 0.25,
        "growth": 1.0,
        "height": 1.0,
        "first": 0.04,
        "rise": 0.3,
    },
}
_LIMITS: dict[str, tuple[float, float]] = {
    "learning_rate": (1e-5, 10),
    "momentum": (0, 0.99),
    "steps": (10, 5000),
    "depth": (1, 50),
    "width": (2, 200),
    "deviation": (0.001, 1),
    "seed": (0, 999),
    "peak": (1e-5, 10),
    "updates": (20, 20000),
    "warm_up": (0, 0.5),
    "decay": (0.1, 1000),
    "final": (1e-5, 1),
    "drops": (1, 8),
    "factor": (0.05, 0.95),
    "power": (0.25, 4),
    "end": (0, 0.5),
    "period": (0.05, 1),
    "growth": (1, 3),
    "height": (0.25, 1),
    "first": (0, 0.5),
    "rise": (0.05, 0.95),
}
_WHOLE = {"steps", "depth", "width", "seed", "updates", "drops"}
_NAMES = {
    "function": tuple(functions.ALL),
    "optimizers": tuple(OPTIMIZERS),
    "activation": tuple(ACTIVATIONS),
    "initializer": ("glorot_normal", "he_normal", "lecun_normal", "fixed"),
    "schedule": tuple(SCHEDULES),
}
_HINTS = {
    "descent": "Here you can choose a start, optimizers and learning rates where JavaScript runs.",
    "signals": "Here you can change depth, width and weights where JavaScript runs.",
    "schedules": "Here you can change the schedule, and copy its code, where JavaScript runs.",
}


@dataclass(frozen=True)
class Explorer:
    """An interactive figure; a notebook shows it as the value of a cell.

    Attributes:
        kind: ``"descent"``, ``"signals"`` or ``"schedules"``.
        state: What it shows at the start: the arguments of `show`.
    """

    kind: str
    state: Mapping[str, Any] = field(repr=False)

    def __repr__(self) -> str:
        return f"Interactive figure ({self.kind}). {picture(self.kind, self.state)[1]}"

    def _repr_html_(self) -> str:
        """The figure with all that it needs: a picture, a style sheet and a script."""
        svg, words = picture(self.kind, self.state)
        state = html.escape(json.dumps(dict(self.state)), quote=True)
        return (
            f'<div class="course-explorer" data-explorer="{self.kind}" data-state="{state}">\n'
            f"{svg}\n<p>{html.escape(words)}</p>\n"
            f'<p class="explorer-note">{_HINTS[self.kind]}</p>\n</div>\n'
            f"<style>\n{_source('explorers.css')}</style>\n"
            f'<script>\n(() => {{\n"use strict";\n{_source("shared.js")}\n'
            f'{_source(f"{self.kind}.js")}\nshared.start("{self.kind}", {self.kind});\n}})();\n'
            "</script>"
        )


def show(kind: str, **state: Any) -> Explorer:
    """Show an interactive figure, in a given state.

    The button "Copy Python" below a figure gives the call that restores what it shows.

    Args:
        kind: ``"descent"``: paths of optimizers on a function of two variables;
            ``"signals"``: the spread of signals and gradients in a network before training;
            ``"schedules"``: learning rates over the updates, and the Keras code for them.
        **state: What to start with; what is left out is as in `DEFAULTS`. For ``"descent"``:
            ``function`` (a name of `functions.ALL`), ``start`` (two numbers inside its bounds),
            ``optimizers`` (up to three names), ``learning_rate`` (a number, or one for each
            optimizer), ``momentum``, ``steps``. For ``"signals"``: ``depth``, ``width`` (even),
            ``activation``, ``initializer`` (``"glorot_normal"``, ``"he_normal"``,
            ``"lecun_normal"``, or a number: the standard deviation of all weights, the same as
            ``"fixed"`` with ``deviation``), ``seed``. For ``"schedules"``: ``schedule``, ``peak``,
            ``updates``, ``warm_up``, and the parameters of that schedule.

    Raises:
        ValueError: If there is no such explorer, a name is unknown, or a value is out of its range.
    """
    if kind not in DEFAULTS:
        raise ValueError(_unknown("explorer", kind, tuple(DEFAULTS)))
    for name in state:
        if name not in DEFAULTS[kind]:
            raise ValueError(_unknown(f"setting of {kind!r}", name, tuple(DEFAULTS[kind])))
    complete = {"descent": _descent, "signals": _signals, "schedules": _schedules}[kind]
    return Explorer(kind, complete(state))


def _descent(given: dict[str, Any]) -> dict[str, Any]:
    state = DEFAULTS["descent"] | given
    function = functions.get(_name("function", state["function"]))
    if "start" not in given and function.name != "Beale":
        state["start"] = [low + 0.2 * (high - low) for low, high in function.bounds]
    start = [float(value) for value in state["start"]]
    inside = len(start) == 2 and all(
        low <= value <= high for value, (low, high) in zip(start, function.bounds, strict=True)
    )
    if not inside:
        raise ValueError(f"start must be two numbers inside {function.bounds}, got {start}")
    names = [state["optimizers"]] if isinstance(state["optimizers"], str) else state["optimizers"]
    optimizers = [_name("optimizers", name) for name in names]
    if not 1 <= len(optimizers) <= 3:
        raise ValueError(f"optimizers: one to three names, got {len(optimizers)}")
    rates = state["learning_rate"]
    if isinstance(rates, (int, float)):
        rates = [rates] * len(optimizers)
    elif "learning_rate" not in given and "optimizers" in given:
        rates = [_usual_rate(name) for name in optimizers]
    if len(rates) != len(optimizers):
        raise ValueError(
            f"learning_rate: one number, or one for each of {len(optimizers)} optimizers, "
            f"got {len(rates)}"
        )
    return {
        "function": function.name,
        "start": start,
        "optimizers": optimizers,
        "learning_rate": [_number("learning_rate", rate) for rate in rates],
        **{name: _number(name, state[name]) for name in ("momentum", "steps")},
    }


def _usual_rate(optimizer: str) -> float:
    """A rate that shows something on Beale's function: steps of the adaptive ones are bounded."""
    plain = optimizer in ("gradient descent", "momentum", "Nesterov")
    return 0.002 if plain else 0.1


def _signals(given: dict[str, Any]) -> dict[str, Any]:
    state = DEFAULTS["signals"] | given
    if not isinstance(state["initializer"], str):
        state |= {"initializer": "fixed", "deviation": state["initializer"]}
    width = _number("width", state["width"])
    if width % 2:
        raise ValueError(f"width must be even here, got {width}")
    names = ("activation", "initializer")
    numbers = ("depth", "width", "deviation", "seed")
    return {name: _number(name, state[name]) for name in numbers[:2]} | {
        **{name: _name(name, state[name]) for name in names},
        **{name: _number(name, state[name]) for name in numbers[2:]},
    }


def _schedules(given: dict[str, Any]) -> dict[str, Any]:
    state = DEFAULTS["schedules"] | given
    schedule = _name("schedule", state["schedule"])
    own = SCHEDULES[schedule][0]
    for name in set(given) - {"schedule", "peak", "updates", "warm_up", *own}:
        raise ValueError(f"the schedule {schedule!r} has no {name}; it has {', '.join(own)}")
    numbers = ("peak", "updates", "warm_up", *own)
    return {"schedule": schedule, **{name: _number(name, state[name]) for name in numbers}}


def _name(setting: str, given: Any) -> str:
    known = _NAMES[setting]
    for name in known:
        if str(given).lower() == name.lower():
            return name
    raise ValueError(_unknown(setting.removesuffix("s"), str(given), known))


def _number(name: str, given: Any) -> float | int:
    low, high = _LIMITS[name]
    value = float(given)
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(f"{name} must lie between {low:g} and {high:g}, got {given}")
    if name in _WHOLE and value != int(value):
        raise ValueError(f"{name} must be a whole number, got {given}")
    return int(value) if name in _WHOLE else value


def _unknown(what: str, given: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(str(given), known, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no {what} {given!r}.{hint} Known are: {', '.join(known)}."


@cache
def _source(name: str) -> str:
    return (resources.files("course_utils") / "_explorers" / name).read_text(encoding="utf-8")
