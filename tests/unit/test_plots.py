"""Figures: what is drawn where, and colors that everybody can tell apart, checked by numbers."""

import itertools
import re
import warnings
from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from course_utils import functions, plots
from course_utils.functions import beale, himmelblau

every_function = pytest.mark.parametrize("function", functions.ALL.values(), ids=functions.ALL)


@pytest.fixture(autouse=True)
def house_style() -> Iterator[None]:
    mpl.use("agg")
    with mpl.rc_context():
        plots.use_house_style()
        yield
    plt.close("all")


def drawn(ax: Axes) -> None:
    """Draws the whole figure: some faults and warnings only show then."""
    ax.figure.canvas.draw()


def labels(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def lines_with(ax: Axes, label: str) -> list:
    return [line for line in ax.get_lines() if line.get_label() == label]


# --- colors -------------------------------------------------------------------------------------

# Machado, Oliveira & Fernandes (2009), severity 1.0, for linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(  # sRGB, white point D65
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear(color: object) -> np.ndarray:
    value = np.array(to_rgb(color))
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def cielab(rgb: np.ndarray) -> np.ndarray:
    ratio = TO_XYZ @ rgb.clip(0, 1) / (TO_XYZ @ np.ones(3))
    delta = 6 / 29
    f = np.where(ratio > delta**3, np.cbrt(ratio), ratio / (3 * delta**2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one: object, other: object, vision: str) -> float:
    seen = [cielab(VISION[vision] @ linear(color)) for color in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def contrast(one: object, other: object) -> float:
    """Contrast ratio as the Web Content Accessibility Guidelines define it."""
    dark, light = sorted(TO_XYZ[1] @ linear(color) for color in (one, other))
    return float((light + 0.05) / (dark + 0.05))


def test_the_ruler_gives_known_distances_and_contrasts() -> None:
    assert difference("black", "white", "normal") == pytest.approx(100, abs=0.1)
    np.testing.assert_allclose(cielab(linear("red")), [53.24, 80.09, 67.20], atol=0.1)
    assert contrast("black", "white") == pytest.approx(21, abs=0.01)
    assert contrast("#767676", "white") == pytest.approx(4.54, abs=0.01)
    # Matplotlib's own red and green are the example of what must not happen.
    assert difference("tab:red", "tab:green", "normal") > 80
    assert difference("tab:red", "tab:green", "protanopia") < 50


@pytest.mark.parametrize("vision", VISION)
def test_line_colors_can_be_told_apart(vision: str) -> None:
    gaps = {pair: difference(*pair, vision) for pair in itertools.combinations(plots.COLORS, 2)}
    assert min(gaps.values()) > 15, min(gaps, key=gaps.get)
    first_two = difference(*plots.COLORS[:2], vision)  # most figures have two lines
    assert first_two > 60


@pytest.mark.parametrize("color", plots.COLORS)
def test_lines_stand_out_from_the_paper(color: str) -> None:
    assert contrast(color, plots.PAPER) >= 3


def test_text_stands_out_from_the_paper() -> None:
    plots.use_house_style()
    for key in ("text.color", "axes.labelcolor", "xtick.color", "ytick.color"):
        assert contrast(mpl.rcParams[key], plots.PAPER) >= 4.5, key
    assert contrast(mpl.rcParams["axes.edgecolor"], plots.PAPER) >= 3


def test_figures_bring_their_own_paper() -> None:
    """So they read the same on a dark page."""
    for key in ("figure.facecolor", "axes.facecolor", "savefig.facecolor"):
        assert mpl.rcParams[key] == plots.PAPER, key


def test_contours_get_lighter_all_the_way_up() -> None:
    ramp = [cielab(linear(plots._TERRAIN(level)[:3]))[0] for level in np.linspace(0, 1, 50)]
    assert (np.diff(ramp) > 0).all()


def test_styles_repeat_only_after_many_lines() -> None:
    ax = plots.descent_curves({str(number): [1, 2] for number in range(21)})
    styles = {(line.get_color(), str(line._dash_pattern)) for line in ax.get_lines()}
    assert len(styles) == 21
    assert {line.get_color() for line in ax.get_lines()[:7]} == set(plots.COLORS)


# --- what each plot shows -----------------------------------------------------------------------


TABLE = pd.DataFrame({"std": [1.0, 0.5]})
DOTS = pd.DataFrame(
    {
        "replicates": [5, 5, 5],
        "mean": [0.5, 0.6, 0.4],
        "low": [0.45, 0.5, 0.35],
        "high": [0.55, 0.7, 0.45],
        "difference": [np.nan, 0.1, -0.1],
        "difference_low": [np.nan, -0.02, -0.15],
        "difference_high": [np.nan, 0.22, -0.05],
        "verdict": ["", "no clear difference", "worse"],
    },
    index=pd.Index(["plain", "large", "small"], name="variant"),
)
DOTS.attrs = {"metric": "val_accuracy", "baseline": "plain"}
BANDS = pd.DataFrame(
    {"mean": [0.3, 0.5, 0.2, 0.4], "low": [0.2, 0.4, 0.1, 0.35], "high": [0.4, 0.6, 0.3, 0.45]},
    index=pd.MultiIndex.from_product([["one", "two"], [1, 2]], names=["variant", "epoch"]),
)
BANDS.attrs = {"metric": "val_accuracy"}
STEPS = np.array([[5, -1], [100, 20]])
PLOTS = {
    "contours": lambda ax: plots.contours(beale, ax=ax),
    "descent_curves": lambda ax: plots.descent_curves({"a": [1, 0.1]}, ax=ax),
    "layer_curves": lambda ax: plots.layer_curves({"a": TABLE}, "std", ylabel="std", ax=ax),
    "training_curves": lambda ax: plots.training_curves(
        {"a": [{"val_loss": [2, 1]}]}, "val_loss", ax=ax
    ),
    "metric_bands": lambda ax: plots.metric_bands(BANDS, ax=ax),
    "interval_dots": lambda ax: plots.interval_dots(DOTS, ax=ax),
    "basin_map": lambda ax: plots.basin_map(beale, STEPS, STEPS < 0, longest=500, ax=ax),
}


@pytest.mark.parametrize("name", PLOTS)
def test_plot_makes_new_axes_with_labels_and_draws_without_warning(name: str) -> None:
    plt.subplots()
    current = plt.gca()
    ax = PLOTS[name](None)
    assert isinstance(ax, Axes)
    assert ax is not current
    assert ax.get_xlabel()
    assert ax.get_ylabel() or name == "interval_dots"  # which has names beside it
    drawn(ax)


@pytest.mark.parametrize("name", PLOTS)
def test_plot_draws_on_the_axes_it_is_given(name: str) -> None:
    _, (ax, other) = plt.subplots(1, 2)
    before = plt.get_fignums()
    assert PLOTS[name](ax) is ax
    assert ax.has_data()
    assert not other.has_data()
    assert plt.get_fignums() == before


def test_every_public_plot_is_tried_here() -> None:
    public = {
        name
        for name, thing in vars(plots).items()
        if getattr(thing, "__module__", "") == plots.__name__
    }
    assert {name for name in public if not name.startswith("_")} == {
        *PLOTS,
        "use_house_style",
        "grid_of_starts",
    }


@every_function
def test_contours_of_every_function(function: functions.BenchmarkFunction) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = plots.contours(function)
        drawn(ax)
    assert ax.get_xlim() == function.bounds[0]
    assert ax.get_ylim() == function.bounds[1]
    (stars,) = [line for line in ax.get_lines() if line.get_marker() == "*"]
    np.testing.assert_array_equal(np.transpose(stars.get_data()), function.global_minima)
    assert labels(ax) == []


def test_contours_with_paths() -> None:
    paths = [np.array([[0, 0], [1, 1], [np.nan, np.nan]]), [[4, 4], [3, 0.5]]]
    ax = plots.contours(beale, paths, ["down", "up"])
    drawn(ax)
    assert labels(ax) == ["down", "up"]
    for path, label, color in zip(paths, ("down", "up"), plots.COLORS, strict=False):
        (line,) = lines_with(ax, label)
        np.testing.assert_array_equal(np.transpose(line.get_data()), path)
        assert line.get_color() == color
    bands = [line for line in ax.get_lines() if line.get_color() == plots.PAPER]
    assert len(bands) == 2  # a pale band below each path, for the dark valleys
    assert all(contrast(plots._TERRAIN(level), plots.PAPER) >= 3 for level in (0.0, 0.1))
    starts = [line.get_xydata()[0].tolist() for line in ax.get_lines() if line.get_marker() == "o"]
    assert starts == [[0, 0], [4, 4]]


def test_contours_draws_every_path_however_many() -> None:
    paths = [[[number / 10, 0], [0, 1]] for number in range(20)]
    ax = plots.contours(beale, paths)
    assert sum(line.get_marker() == "o" for line in ax.get_lines()) == 20
    assert labels(ax) == []


def test_contours_of_a_part() -> None:
    ax = plots.contours(himmelblau, bounds=((2, 4), (1, 3)))
    drawn(ax)
    assert ax.get_xlim() == (2, 4)
    assert ax.get_ylim() == (1, 3)


@pytest.mark.parametrize("names", [["one"], ["one", "two", "three"]])
def test_contours_refuses_another_number_of_labels(names: list[str]) -> None:
    with pytest.raises(ValueError, match=f"2 paths need 2 labels, got {len(names)}"):
        plots.contours(beale, [[[0, 0]], [[1, 1]]], names)


def test_descent_curves() -> None:
    ax = plots.descent_curves({"slow": [1, 0.5], "fast": [1, 0.1]}, ylabel="f", xlabel="k")
    drawn(ax)
    assert ax.get_yscale() == "log"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("k", "f")
    assert labels(ax) == ["slow", "fast"]
    np.testing.assert_array_equal(lines_with(ax, "fast")[0].get_xydata(), [[0, 1], [1, 0.1]])


@every_function
@pytest.mark.parametrize("count", [2, 5])
def test_grid_of_starts(function: functions.BenchmarkFunction, count: int) -> None:
    grid = plots.grid_of_starts(function, count)
    (left, right), (bottom, top) = function.bounds
    assert grid.shape == (count, count, 2)
    np.testing.assert_array_equal(grid[0, 0], (left, bottom))
    np.testing.assert_array_equal(grid[0, -1], (right, bottom))
    np.testing.assert_array_equal(grid[-1, 0], (left, top))
    np.testing.assert_allclose(np.diff(grid[..., 0], axis=1), (right - left) / (count - 1))
    np.testing.assert_allclose(np.diff(grid[..., 1], axis=0), (top - bottom) / (count - 1))


@pytest.mark.parametrize("count", [1, 0, -3])
def test_grid_of_starts_refuses_a_single_point(count: int) -> None:
    with pytest.raises(ValueError, match=f"at least 2 points a side, got {count}"):
        plots.grid_of_starts(beale, count)


def color_at(ax: Axes, point: np.ndarray) -> tuple[int, ...]:
    """The color of the pixel at a point of the axes, after the figure was drawn."""
    picture = np.asarray(ax.figure.canvas.buffer_rgba())
    column, row = ax.transData.transform(point)
    return tuple(int(part) for part in picture[picture.shape[0] - 1 - int(row), int(column), :3])


def test_basin_map_puts_every_color_on_its_start() -> None:
    count = 9
    grid = plots.grid_of_starts(beale, count)
    steps = np.full((count, count), 100)
    steps[2, 4] = -1  # ran out of steps
    steps[6, 1] = -1  # lost
    steps[1, 6] = 0  # was there already
    diverged = np.zeros((count, count), bool)
    diverged[6, 1] = True
    ax = plots.basin_map(beale, steps, diverged, longest=1000)
    drawn(ax)
    colors = {place: color_at(ax, grid[place]) for place in [(2, 4), (6, 1), (1, 6), (3, 3)]}
    assert len(set(colors.values())) == 4
    assert sum(colors[6, 1]) < sum(colors[2, 4])  # the lost ones are dark, the slow ones pale
    # Each start lies in the middle of its field.
    width = np.array([1.0, 1.0]) * 9 / (count - 1)
    for place in [(2, 4), (6, 1)]:
        for offset in itertools.product([-0.4, 0.4], repeat=2):
            assert color_at(ax, grid[place] + width * offset) == colors[place]
    assert ax.get_xlim() == beale.bounds[0]
    assert ax.get_ylim() == beale.bounds[1]


def test_basin_map_tells_lost_and_never_from_every_number_of_steps() -> None:
    steps = np.array([[10, 500], [-1, -1]])
    ax = plots.basin_map(beale, steps, [[False, False], [True, False]], longest=500)
    drawn(ax)
    grid = plots.grid_of_starts(beale, 2) * 0.8
    seen = [np.array(color_at(ax, grid[place])) / 255 for place in np.ndindex(2, 2)]
    for vision in VISION:
        for one, other in itertools.combinations(seen, 2):
            assert difference(one, other, vision) > 15


def test_several_basin_maps_may_share_a_scale() -> None:
    steps, lost = np.full((3, 3), 100), np.zeros((3, 3), bool)
    plots.basin_map(beale, steps, lost, longest=500, scale=False)
    assert len(plt.gcf().axes) == 1
    plots.basin_map(beale, steps, lost, longest=500, ax=plt.subplots()[1])
    assert len(plt.gcf().axes) == 2


def test_layer_curves() -> None:
    tables = {
        "sigmoid": pd.DataFrame({"std": [1, 0.1, 0.01]}, index=["a", "b", "c"]),
        "ReLU": pd.DataFrame({"std": [1, 1.1], "mean": [0, 0]}),
    }
    ax = plots.layer_curves(tables, "std", ylabel="standard deviation")
    drawn(ax)
    assert labels(ax) == ["sigmoid", "ReLU"]
    expected = [[1, 1], [2, 0.1], [3, 0.01]]
    np.testing.assert_array_equal(lines_with(ax, "sigmoid")[0].get_xydata(), expected)
    assert ax.get_ylabel() == "standard deviation"
    assert ax.get_yscale() == "log"
    assert plots.layer_curves(tables, "std", ylabel="", logarithmic=False).get_yscale() == "linear"
    with pytest.raises(KeyError, match=r"no column 'mean' for 'sigmoid'; there are \['std'\]"):
        plots.layer_curves(tables, "mean", ylabel="mean")


HISTORIES = {
    "one": [{"accuracy": [0.4, 0.6], "val_accuracy": [0.5, 0.7]}],
    "two": [
        {"accuracy": [0.1, 0.3], "val_accuracy": [0.2, 0.4]},
        {"accuracy": [0.3, 0.7], "val_accuracy": [0.4, 0.8]},
    ],
}


@pytest.mark.parametrize(
    ("metric", "epochs", "means", "ylabel"),
    [
        ("val_accuracy", [1, 2], [0.3, 0.6], "validation accuracy"),
        ("accuracy", [0.5, 1.5], [0.2, 0.5], "accuracy"),  # half an epoch earlier
    ],
)
def test_training_curves(metric: str, epochs: list, means: list, ylabel: str) -> None:
    ax = plots.training_curves(HISTORIES, metric)
    drawn(ax)
    assert labels(ax) == ["one", "two"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", ylabel)
    (mean,) = lines_with(ax, "two")
    np.testing.assert_allclose(mean.get_xydata(), np.transpose([epochs, means]))
    faint = [line for line in ax.get_lines() if line.get_alpha() and line.get_alpha() < 0.5]
    assert len(faint) == 3
    for line, history in zip(faint[1:], HISTORIES["two"], strict=True):
        np.testing.assert_allclose(line.get_xydata(), np.transpose([epochs, history[metric]]))
        assert line.get_color() == mean.get_color()


def test_training_curves_with_another_label() -> None:
    ax = plots.training_curves(HISTORIES, ylabel="share that is right")
    assert ax.get_ylabel() == "share that is right"


def test_training_curves_of_a_metric_that_is_not_there() -> None:
    message = r"no metric 'loss' for 'one'; there are \['accuracy', 'val_accuracy'\]"
    with pytest.raises(KeyError, match=message):
        plots.training_curves(HISTORIES, "loss")


@pytest.mark.parametrize("lengths", [[], [2, 3]])
def test_training_curves_of_replicates_that_do_not_fit(lengths: list[int]) -> None:
    histories = {"early": [{"val_accuracy": [0.5] * length} for length in lengths]}
    message = f"'early' needs replicates of equally many epochs, got {lengths}"
    with pytest.raises(ValueError, match=re.escape(message)):
        plots.training_curves(histories)


@pytest.mark.parametrize(
    ("metric", "epochs", "ylabel"),
    [("val_accuracy", [1, 2], "validation accuracy"), ("loss", [0.5, 1.5], "loss")],
)
def test_metric_bands(metric: str, epochs: list, ylabel: str) -> None:
    summary = BANDS.copy()
    summary.attrs = {"metric": metric}
    ax = plots.metric_bands(summary)
    drawn(ax)
    assert labels(ax) == ["one", "two"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", ylabel)
    for name, band, color in zip(("one", "two"), ax.collections, plots.COLORS, strict=False):
        (line,) = lines_with(ax, name)
        rows = summary.loc[name]
        np.testing.assert_allclose(line.get_xydata(), np.transpose([epochs, rows["mean"]]))
        assert to_rgb(band.get_facecolor()[0][:3]) == to_rgb(line.get_color()) == to_rgb(color)
        corners = {tuple(point) for point in band.get_paths()[0].vertices.round(9)}
        for side in ("low", "high"):
            assert set(zip(epochs, rows[side], strict=True)) <= corners


def test_metric_bands_without_a_named_metric() -> None:
    summary = BANDS.copy()
    summary.attrs = {}
    ax = plots.metric_bands(summary)
    assert ax.get_ylabel() == "mean"
    assert lines_with(ax, "one")[0].get_xdata().tolist() == [1, 2]
    assert plots.metric_bands(summary, ylabel="share").get_ylabel() == "share"


def test_metric_bands_have_a_gap_where_there_is_no_interval() -> None:
    summary = BANDS.copy()
    summary.loc[("one", 2), ["low", "high"]] = np.nan
    drawn(plots.metric_bands(summary))


def test_metric_bands_need_a_row_for_each_epoch() -> None:
    with pytest.raises(ValueError, match='summarize.*epoch="all"'):
        plots.metric_bands(DOTS)
    with pytest.raises(KeyError, match=r"no columns \['low'\] in the summary; there are"):
        plots.metric_bands(BANDS.drop(columns="low"))


def dots_and_bars(ax: Axes) -> tuple[dict, dict]:
    """The dot and the interval at each label of the vertical axis."""
    texts = [text.get_text() for text in ax.get_yticklabels()]
    names = dict(zip(ax.get_yticks(), texts, strict=True))
    (dots,) = [line for line in ax.get_lines() if line.get_marker() == "o"]
    bars = {
        names[ends[0][1]]: (ends[0][0], ends[1][0]) for ends in ax.collections[0].get_segments()
    }
    return {names[y]: x for x, y in dots.get_xydata()}, bars


def test_interval_dots() -> None:
    ax = plots.interval_dots(DOTS)
    drawn(ax)
    dots, bars = dots_and_bars(ax)
    assert dots == DOTS["mean"].to_dict()
    assert bars == {name: (row["low"], row["high"]) for name, row in DOTS.iterrows()}
    assert ax.get_xlabel() == "validation accuracy"
    heights = {text.get_text(): text.get_position()[1] for text in ax.get_yticklabels()}
    assert heights["plain"] > heights["large"] > heights["small"]


def test_interval_dots_of_differences() -> None:
    ax = plots.interval_dots(DOTS, differences=True)
    drawn(ax)
    dots, bars = dots_and_bars(ax)
    assert dots == {"large": 0.1, "small": -0.1}
    assert bars == {"large": (-0.02, 0.22), "small": (-0.15, -0.05)}
    assert ax.get_xlabel() == "difference in validation accuracy to plain"
    (zero,) = [line for line in ax.get_lines() if line.get_marker() != "o"]
    assert set(zero.get_xdata()) == {0}
    assert plots.interval_dots(DOTS, xlabel="share").get_xlabel() == "share"


def test_interval_dots_refuse_what_they_cannot_draw() -> None:
    with pytest.raises(ValueError, match="one row for each variant"):
        plots.interval_dots(BANDS)
    means = DOTS[["mean", "low", "high"]]
    drawn(plots.interval_dots(means))
    with pytest.raises(KeyError, match="no columns .*'verdict'"):
        plots.interval_dots(means, differences=True)
