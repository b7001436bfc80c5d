"""Still pictures of the explorers, for readers without JavaScript: small SVG, written by hand.

Coordinates are whole numbers, so that a notebook that runs again stores the same text.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import contourpy
import numpy as np

from course_utils import _explorer_numbers as numbers
from course_utils import functions, plots

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 560, 400, 56, 548, 16, 356
_DASHES = ("", "7 4", "9 3 2 3")


def picture(kind: str, state: Mapping[str, Any]) -> tuple[str, str]:
    """The picture of an explorer in a state, as SVG, and what it shows, in words."""
    draw = {"descent": _descent, "signals": _signals, "schedules": _schedules}[kind]
    parts, words = draw(state)
    label = escape(words, quote=True)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>",
        words,
    )


def _number(value: float) -> str:
    return f"{value:.3g}"


class _Axes:
    """Takes values to pixels, on a linear or a logarithmic vertical axis."""

    def __init__(self, x: Sequence[float], y: Sequence[float], logarithmic: bool = False) -> None:
        self.x, self.logarithmic = x, logarithmic
        self.y = [float(np.log10(end)) for end in y] if logarithmic else y

    def pixels(self, xs: Any, ys: Any) -> list[str]:
        ys = np.asarray(ys, dtype=float)
        if self.logarithmic:
            ys = np.log10(np.maximum(ys, 1e-300))
        across = (np.asarray(xs, dtype=float) - self.x[0]) / (self.x[1] - self.x[0])
        up = (ys - self.y[0]) / (self.y[1] - self.y[0])
        columns = np.clip(_LEFT + across * (_RIGHT - _LEFT), -2000, 2000)
        rows = np.clip(_BOTTOM - up * (_BOTTOM - _TOP), -2000, 2000)
        found = [f"{a:.0f},{b:.0f}" for a, b in zip(columns, rows, strict=True)]
        # A point in the pixel of the one before adds nothing.
        return [point for k, point in enumerate(found) if k == 0 or point != found[k - 1]]

    def line(self, xs: Any, ys: Any, color: str, width: float = 2, dash: str = "") -> str:
        kept = np.isfinite(ys) & np.isfinite(xs)
        points = " ".join(self.pixels(np.asarray(xs)[kept], np.asarray(ys)[kept]))
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        return (
            f'<polyline points="{points}" fill="none" stroke="{color}" '
            f'stroke-width="{width:g}"{dashes}/>'
        )

    def frame(self, xlabel: str, ylabel: str) -> list[str]:
        low, high = (_number(10**end if self.logarithmic else end) for end in self.y)
        texts = [
            (_LEFT, _BOTTOM + 18, "start", _number(self.x[0])),
            (_RIGHT, _BOTTOM + 18, "end", _number(self.x[1])),
            ((_LEFT + _RIGHT) // 2, _BOTTOM + 34, "middle", xlabel),
            (_LEFT - 6, _BOTTOM, "end", low),
            (_LEFT - 6, _TOP + 12, "end", high),
        ]
        box = (
            f'<rect x="{_LEFT}" y="{_TOP}" width="{_RIGHT - _LEFT}" height="{_BOTTOM - _TOP}" '
            f'fill="none" stroke="{plots.QUIET}"/>'
        )
        side = (
            f'<text transform="translate(16 {(_TOP + _BOTTOM) // 2}) rotate(-90)" font-size="15" '
            f'text-anchor="middle" fill="{plots.INK}">{escape(ylabel)}</text>'
        )
        return [box, side, *(_text(*text) for text in texts)]


def _text(x: float, y: float, anchor: str, text: str, color: str = plots.INK) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="15" fill="{color}" '
        f'stroke="{plots.PAPER}" stroke-width="4" paint-order="stroke">'
        f"{escape(text)}</text>"
    )


def _legend(labels: Sequence[str]) -> list[str]:
    return [
        _text(_RIGHT - 8, _TOP + 18 + 19 * row, "end", label, plots.COLORS[row])
        for row, label in enumerate(labels)
    ]


def _contours(function: functions.BenchmarkFunction, axes: _Axes) -> list[str]:
    x, y = (np.linspace(*ends, 61) for ends in function.bounds)
    values = function(np.stack(np.meshgrid(x, y), -1))
    height = np.log(np.maximum(values - function.minimum.value, 1e-12))
    generator = contourpy.contour_generator(x, y, height, line_type="Separate")
    levels = np.linspace(np.quantile(height, 0.01), height.max(), 10)[:-1]
    lines = [np.asarray(line) for level in levels for line in generator.lines(float(level))]
    return [axes.line(line.T[0], line.T[1], "#9fb6c3", 1) for line in lines if len(line) > 4]


def _descent(state: Mapping[str, Any]) -> tuple[list[str], str]:
    function = functions.get(state["function"])
    axes = _Axes(*function.bounds)
    parts = [*_contours(function, axes)]
    labels, sentences = [], []
    for row, (name, rate) in enumerate(
        zip(state["optimizers"], state["learning_rate"], strict=True)
    ):
        points = numbers.path(
            function,
            name,
            state["start"],
            learning_rate=rate,
            momentum=state["momentum"],
            steps=state["steps"],
        )
        labels.append(f"{name}, {_number(rate)}")
        parts.append(axes.line(points[:, 0], points[:, 1], plots.COLORS[row], 2, _DASHES[row]))
        end = points[-1]
        where = "diverges" if np.isnan(end).any() else f"ends at ({end[0]:.2f}, {end[1]:.2f})"
        sentences.append(f"{labels[-1]} {where}")
    for low in function.global_minima:
        parts.append(_text(*_place(axes, low), "middle", "★"))
    parts.append(_text(*_place(axes, state["start"]), "middle", "●"))
    words = (
        f"Contours of {function.name}'s function and paths of {state['steps']} steps from "
        f"({_number(state['start'][0])}, {_number(state['start'][1])}): {'; '.join(sentences)}."
    )
    box = f"{_LEFT} {_TOP} {_RIGHT - _LEFT} {_BOTTOM - _TOP}"
    x, y, width, height = box.split()
    inside = (  # an inner picture cuts off what leaves it
        f'<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{box}">'
        f"{''.join(parts)}</svg>"
    )
    return [inside, *axes.frame("x", "y"), *_legend(labels)], words


def _place(axes: _Axes, point: Sequence[float]) -> tuple[float, float]:
    x, y = axes.pixels([point[0]], [point[1]])[0].split(",")
    return float(x), float(y) + 5  # the middle of a character, not its baseline


def _signals(state: Mapping[str, Any]) -> tuple[list[str], str]:
    fixed = state["initializer"] == "fixed"
    found = numbers.spreads(
        depth=state["depth"],
        width=state["width"],
        activation=state["activation"],
        initializer=state["deviation"] if fixed else state["initializer"],
        seed=state["seed"],
    )
    values = np.concatenate([*found.values(), [0.1, 1.0]])
    values = values[np.isfinite(values) & (values > 0)]
    ends = [10.0 ** np.floor(np.log10(values.min())), 10.0 ** np.ceil(np.log10(values.max()))]
    axes = _Axes([1, max(state["depth"], 2)], ends, logarithmic=True)
    layers = np.arange(1, state["depth"] + 1)
    lines = [
        axes.line(layers, np.where(column > 0, column, np.nan), plots.COLORS[k], 2, _DASHES[k])
        for k, column in enumerate(found.values())
    ]
    labels = ["signal", "signal, from example to example", "gradient"]
    rule = f"standard deviation {_number(state['deviation'])}" if fixed else state["initializer"]
    words = (
        f"Standard deviations in {state['depth']} layers of {state['width']} "
        f"{state['activation']} units, weights by {rule}: the signal goes from "
        f"{found['signal'][0]:.1g} in the first layer to {found['signal'][-1]:.1g} in the last, "
        f"the gradient from {found['gradient'][-1]:.1g} in the last to "
        f"{found['gradient'][0]:.1g} in the first."
    )
    return [*axes.frame("layer", "standard deviation"), *lines, *_legend(labels)], words


def _schedules(state: Mapping[str, Any]) -> tuple[list[str], str]:
    rates = numbers.rates(**state)
    axes = _Axes([0, state["updates"]], [0, 1.05 * state["peak"]])
    some = np.unique(np.linspace(0, len(rates) - 1, 400).astype(int))
    line = axes.line(some, rates[some], plots.COLORS[0])
    words = (
        f"Learning rate over {state['updates']} updates, schedule: {state['schedule']}. "
        f"Largest rate {_number(rates.max())}, at the last update {_number(rates[-1])}, "
        f"mean {_number(rates.mean())}."
    )
    return [*axes.frame("update", "learning rate"), line], words
