"""The course's figures: they take arrays and tables and return matplotlib axes.

Figures sit on a light card, so that they read the same on a light and a dark
page. People with any kind of color vision can tell the lines apart: the colors are
those of Okabe and Ito (2008), with violet and brown for the two that are too pale
for a thin line on paper, and lines differ in their dashes as well.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from course_utils.functions import BenchmarkFunction

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#6A2BC8", "#6B2E0C", "#000000")
DASHES: tuple[Any, ...] = ("-", "--", "-.", (0, (1, 1)), (0, (5, 1)), (0, (3, 1, 1, 1)), ":")
PAPER, INK, QUIET = "#fdfdfb", "#222222", "#767676"
_TERRAIN = LinearSegmentedColormap.from_list("terrain_quiet", ["#33617f", "#c9d9dd", "#fbfbf5"])

# Without its darkest part, which could be taken for the black of paths that are lost.
_STEPS = LinearSegmentedColormap.from_list(
    "steps", mpl.colormaps["cividis_r"](np.linspace(0, 0.85, 256))
)


def use_house_style() -> None:
    """Set matplotlib's defaults for the course's figures."""
    mpl.rcParams.update(
        {
            "axes.edgecolor": QUIET,
            "axes.facecolor": PAPER,
            "axes.grid": True,
            "axes.labelcolor": INK,
            "axes.prop_cycle": cycler(color=COLORS, linestyle=DASHES),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 12,
            "axes.titlepad": 10,
            "figure.constrained_layout.use": True,
            "figure.dpi": 130,
            "figure.facecolor": PAPER,
            "figure.figsize": (5.6, 3.6),
            "font.size": 11.5,
            "grid.color": "#dcdcd8",
            "grid.linewidth": 0.7,
            "image.cmap": "cividis",
            "legend.fontsize": 10.5,
            "legend.frameon": False,
            "lines.linewidth": 1.8,
            "savefig.facecolor": PAPER,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
        }
    )


def _styled(items: Iterable[Any]) -> Iterator[tuple[Any, str, Any]]:
    """Yields (item, color, dash); after all colors the dashes move on by one."""
    for number, item in enumerate(items):
        turn, index = divmod(number, len(COLORS))
        yield item, COLORS[index], DASHES[(index + turn) % len(DASHES)]


def _axes(ax: Axes | None) -> Axes:
    return plt.subplots()[1] if ax is None else ax


def _names(count: int, labels: Sequence[str]) -> Sequence[str]:
    if labels and len(labels) != count:
        raise ValueError(f"{count} paths need {count} labels, got {len(labels)}: {list(labels)}")
    return labels or [""] * count


def contours(
    function: BenchmarkFunction,
    paths: Sequence[ArrayLike] = (),
    labels: Sequence[str] = (),
    *,
    bounds: Sequence[Sequence[float]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Contours of a function, dark where it is low, with paths and the minima on top.

    The contour lines are evenly spaced in the logarithm of the height above the minimum.

    Args:
        function: What to draw.
        paths: Arrays of shape ``(steps + 1, 2)``, such as `Trajectory.points`.
        labels: One label for each path.
        bounds: ``((x_low, x_high), (y_low, y_high))``; the function's own by default.
        ax: Axes to draw on; new ones by default.

    Raises:
        ValueError: If the numbers of paths and labels differ.
    """
    ax = _axes(ax)
    (left, right), (bottom, top) = bounds or function.bounds
    x, y = np.meshgrid(np.linspace(left, right, 301), np.linspace(bottom, top, 301))
    # The minimum itself, and rounding below it, have no logarithm.
    height = np.maximum(function(np.stack([x, y], -1)) - function.minimum.value, 1e-12)
    levels = np.geomspace(np.quantile(height, 0.002) + 1e-9, height.max(), 18)
    ax.contourf(x, y, height, levels, cmap=_TERRAIN, norm=LogNorm(), extend="min")
    ax.contour(x, y, height, levels, colors="white", linewidths=0.5, alpha=0.6)
    names = _names(len(paths), labels)
    for (path, name), color, dash in _styled(zip(paths, names, strict=True)):
        points = np.asarray(path, dtype=float)
        # On a pale band a path can be seen in the dark valleys, too.
        ax.plot(*points.T, color=PAPER, linestyle="-", linewidth=3.4, alpha=0.8)
        ax.plot(*points.T, color=color, linestyle=dash, label=name or None)
        ax.plot(*points[0], "o", color=color, markersize=6, markeredgecolor="white")
    low = function.global_minima
    ax.plot(*low.T, "*", color="white", markersize=15, markeredgecolor=INK, linestyle="none")
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="x", ylabel="y")
    ax.grid(False)
    if any(names):
        ax.legend(frameon=True, framealpha=0.9, edgecolor="none", facecolor=PAPER)
    return ax


def descent_curves(
    curves: Mapping[str, ArrayLike],
    *,
    ylabel: str = "distance to the minimum",
    xlabel: str = "step",
    ax: Axes | None = None,
) -> Axes:
    """Curves over the steps of an optimizer, on a logarithmic axis.

    Args:
        curves: For each label an array of shape ``(steps + 1,)``.
        ylabel: What the curves show.
        xlabel: What is counted.
        ax: Axes to draw on; new ones by default.
    """
    ax = _axes(ax)
    for (label, curve), color, dash in _styled(curves.items()):
        ax.plot(np.asarray(curve), color=color, linestyle=dash, label=label)
    ax.set(yscale="log", xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return ax


def grid_of_starts(function: BenchmarkFunction, count: int) -> np.ndarray[Any, Any]:
    """Evenly spaced points over a function's bounds, shape ``(count, count, 2)``, row by row in y.

    Raises:
        ValueError: If ``count`` is below 2.
    """
    if count < 2:
        raise ValueError(f"a grid needs at least 2 points a side, got {count}")
    axes = [np.linspace(low, high, count) for low, high in function.bounds]
    return np.stack(np.meshgrid(*axes), -1)


def basin_map(
    function: BenchmarkFunction,
    steps: ArrayLike,
    diverged: ArrayLike,
    *,
    longest: int,
    scale: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Which starts reach a minimum, and how fast: a map over the function's bounds.

    Args:
        function: The function that was minimized from a `grid_of_starts`.
        steps: Steps needed from each start, shape ``(count, count)``; -1 for never.
        diverged: Whether the path left for infinity, the same shape.
        longest: The number of steps that was allowed; the end of the color scale.
        scale: Whether to draw the color scale beside the map; several maps may share one.
        ax: Axes to draw on; new ones by default.
    """
    ax = _axes(ax)
    # A start that is there already needs 0 steps, which has no logarithm.
    needed = np.ma.maximum(np.ma.masked_less(np.asarray(steps), 0), 1)
    (left, right), (bottom, top) = function.bounds
    rows, columns = needed.shape
    half_x, half_y = (right - left) / (columns - 1) / 2, (top - bottom) / (rows - 1) / 2
    extent = (left - half_x, right + half_x, bottom - half_y, top + half_y)  # centers on starts
    shown: dict[str, Any] = {"origin": "lower", "extent": extent, "interpolation": "nearest"}
    lost = np.where(np.asarray(diverged)[..., None], _rgb("#111111"), _rgb("#d9d9d4"))
    ax.imshow(lost, aspect="auto", **shown)
    image = ax.imshow(needed, cmap=_STEPS, norm=LogNorm(10, longest), aspect="auto", **shown)
    if scale:
        ax.figure.colorbar(image, ax=ax, label="steps needed")
    ax.plot(*function.global_minima.T, "*", color="white", markersize=13, markeredgecolor=INK)
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="x of the start", ylabel="y of the start")
    ax.grid(False)
    return ax


def _rgb(color: str) -> np.ndarray[Any, Any]:
    return np.array(mpl.colors.to_rgb(color))


def layer_curves(
    tables: Mapping[str, pd.DataFrame],
    column: str,
    *,
    ylabel: str,
    logarithmic: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """One statistic of every layer against depth, a line for each network.

    Args:
        tables: For each label a table of `diagnostics.layer_statistics`.
        column: The column to draw.
        ylabel: What it is, with its unit.
        logarithmic: Whether the vertical axis is logarithmic.
        ax: Axes to draw on; new ones by default.

    Raises:
        KeyError: If a table has no such column; the message lists those it has.
    """
    ax = _axes(ax)
    for (label, table), color, dash in _styled(tables.items()):
        if column not in table:
            raise KeyError(f"no column {column!r} for {label!r}; there are {list(table.columns)}")
        layers = np.arange(1, len(table) + 1)
        ax.plot(layers, table[column], color=color, linestyle=dash, label=label)
    ax.set(xlabel="layer, from the input to the output", ylabel=ylabel)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if logarithmic:
        ax.set_yscale("log")
    ax.legend()
    return ax


def training_curves(
    histories: Mapping[str, Sequence[Mapping[str, Sequence[float]]]],
    metric: str = "val_accuracy",
    *,
    ylabel: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A metric over the epochs: the mean of the replicates as a line, each of them faintly.

    A metric of training is a running mean over its epoch, while one of validation
    is taken at the epoch's end. Training curves are therefore drawn half an epoch earlier.

    Args:
        histories: For each label a list of `keras.callbacks.History.history`, one a replicate.
        metric: The key in these histories.
        ylabel: The axis label; the metric's name by default.
        ax: Axes to draw on; new ones by default.

    Raises:
        KeyError: If a history lacks the metric; the message lists what it has.
        ValueError: If there is no replicate, or replicates differ in their epochs.
    """
    ax = _axes(ax)
    for (label, replicates), color, dash in _styled(histories.items()):
        for history in replicates:
            if metric not in history:
                raise KeyError(f"no metric {metric!r} for {label!r}; there are {list(history)}")
        lengths = [len(history[metric]) for history in replicates]
        if len(set(lengths)) != 1:
            raise ValueError(f"{label!r} needs replicates of equally many epochs, got {lengths}")
        runs = np.array([history[metric] for history in replicates])  # (replicates, epochs)
        epochs = np.arange(1, runs.shape[1] + 1) - (0 if metric.startswith("val_") else 0.5)
        ax.plot(epochs, runs.T, color=color, linestyle="-", linewidth=0.7, alpha=0.35)
        ax.plot(epochs, runs.mean(0), color=color, linestyle=dash, label=label)
    ax.set(xlabel="epoch", ylabel=ylabel or metric.replace("val_", "validation "))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return ax


def metric_bands(
    summary: pd.DataFrame,
    *,
    ylabel: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The mean of a metric over the epochs, with the interval of the mean as a band.

    As in :func:`training_curves`, curves of a metric of training are drawn half an epoch earlier.

    Args:
        summary: Table of `experiments.summarize` with ``epoch="all"``.
        ylabel: The axis label; the metric's name by default.
        ax: Axes to draw on; new ones by default.

    Raises:
        KeyError: If the table lacks a column.
        ValueError: If it has one row for a variant instead of one for each epoch.
    """
    _check_columns(summary, ("mean", "low", "high"))
    if summary.index.names != ["variant", "epoch"]:
        raise ValueError('bands need a row for each epoch: summarize(..., epoch="all")')
    ax = _axes(ax)
    metric = summary.attrs.get("metric")
    early = 0 if metric is None or metric.startswith("val_") else 0.5
    for (name, rows), color, dash in _styled(summary.groupby("variant", sort=False)):
        epochs = rows.index.get_level_values("epoch").to_numpy(float) - early
        ax.plot(epochs, rows["mean"], color=color, linestyle=dash, label=name)
        ax.fill_between(epochs, rows["low"], rows["high"], color=color, alpha=0.18, linewidth=0)
    ax.set(xlabel="epoch", ylabel=ylabel or _metric_label(summary, "mean"))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return ax


def interval_dots(
    summary: pd.DataFrame,
    *,
    differences: bool = False,
    xlabel: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A dot and an interval for each variant, the first one on top.

    Args:
        summary: Table of `experiments.summarize` with one row for each variant.
        differences: Whether to draw the differences to the baseline, beside a line at zero,
            instead of the means. The baseline itself is left out.
        xlabel: The axis label; the metric's name by default.
        ax: Axes to draw on; new ones by default.

    Raises:
        KeyError: If the table lacks a column.
        ValueError: If it has several rows for a variant.
    """
    columns = ["difference", "difference_low", "difference_high", "verdict"]
    columns = columns if differences else ["mean", "low", "high"]
    _check_columns(summary, columns)
    middle, low, high = columns[:3]
    if not summary.index.is_unique or summary.index.nlevels > 1:
        raise ValueError("dots need one row for each variant: summarize(..., epoch=None)")
    rows = summary[summary["verdict"] != ""] if differences else summary
    ax = _axes(ax)
    places = np.arange(len(rows))[::-1]
    if differences:
        ax.axvline(0, color=QUIET, linewidth=1.2)
    ax.hlines(places, rows[low], rows[high], color=COLORS[0], linewidth=2.4)
    ax.plot(rows[middle], places, "o", color=COLORS[0], markersize=7)
    label = _metric_label(summary, "mean")
    if differences:
        baseline = summary.attrs.get("baseline", "the baseline")
        label = f"difference in {label} to {baseline}"
    ax.set(xlabel=xlabel or label, ylim=(-0.6, len(rows) - 0.4))
    ax.set_yticks(places, [str(name) for name in rows.index])
    ax.grid(False, axis="y")
    return ax


def _check_columns(summary: pd.DataFrame, names: Sequence[str]) -> None:
    missing = [name for name in names if name not in summary]
    if missing:
        raise KeyError(f"no columns {missing} in the summary; there are {list(summary.columns)}")


def _metric_label(summary: pd.DataFrame, default: str) -> str:
    return str(summary.attrs.get("metric", default)).replace("val_", "validation ")
