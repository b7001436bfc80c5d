"""Draw what the site is known by: its mark, its cover, its preview card, and its colors.

    python tools/identity.py            # write the files in book/_static
    python tools/identity.py --check    # say which of them are not what this draws

The mark is gradient descent in a bowl, the cover gradient descent with and without momentum on
Beale's function, and the colors are those of the figures: one palette for site and plots.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "book" / "_static"
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

GROUND, LINE, DOT = "#0B3C5D", "#FFFFFF", "#FFD166"
RIGHT = [[1.0, 1.5], [4.2, -1.4]]  # starts beside the words of the card
# The first color of the figures; on dark pages a lighter one of the same hue.
LIGHT_PAGE, DARK_PAGE = ("#0072B2", "#005A8D"), ("#6CB8E6", "#9BD0F2")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs")
    options = parser.parse_args(arguments)
    if not options.check:
        for name, draw in FILES.items():
            draw(STATIC / name)
        return 0
    different = stale()
    for name in different:
        print(f"book/_static/{name} is not what tools/identity.py draws", file=sys.stderr)
    return bool(different)


def stale() -> list[str]:
    """Return the names of the text files that are not what this draws now.

    Pictures are left out: their bytes differ between versions of Matplotlib.
    """
    names = [name for name in FILES if not name.endswith(".png")]
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            FILES[name](Path(folder, name))
        return [
            name
            for name in names
            if not (STATIC / name).is_file()
            or (STATIC / name).read_bytes() != Path(folder, name).read_bytes()
        ]


def descent_in_a_bowl(steps: int = 4) -> list[tuple[float, float]]:
    """Return points of gradient descent on x², from the left rim towards the bottom."""
    points, x = [], -1.0
    for _ in range(steps):
        points.append((x, x * x))
        x -= 0.25 * 2 * x
    return points


def mark(path: Path) -> None:
    """Draw the mark: a bowl, and the first steps of gradient descent in it."""

    def place(x: float, y: float) -> tuple[float, float]:
        return 16 + 10.5 * x, 25 - 17 * y

    bowl = [place(x / 20, (x / 20) ** 2) for x in range(-21, 22)]
    line = " L ".join(f"{x:.2f} {y:.2f}" for x, y in bowl)
    dots = "\n".join(
        f'  <circle cx="{x:.2f}" cy="{y:.2f}" r="{3.2 - 0.3 * i:.1f}" fill="{DOT}"/>'
        for i, (x, y) in enumerate(place(*point) for point in descent_in_a_bowl())
    )
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" role="img">\n'
        "  <title>Steps of gradient descent in a bowl</title>\n"
        f'  <rect width="32" height="32" rx="7" fill="{GROUND}"/>\n'
        f'  <path d="M {line}" fill="none" stroke="{LINE}" stroke-width="2"'
        ' stroke-linecap="round"/>\n'
        f"{dots}\n</svg>\n",
        encoding="utf-8",
    )


def colors(path: Path) -> None:
    """Write the colors of the site: those of the figures."""
    from course_utils import plots

    assert plots.COLORS[0] == LIGHT_PAGE[0]
    rules = "/* Written by tools/identity.py from the colors of the figures. */\n"
    for theme, (main_color, hover) in {"light": LIGHT_PAGE, "dark": DARK_PAGE}.items():
        rules += (
            f'html[data-theme="{theme}"] {{\n'
            f"  --pst-color-primary: {main_color};\n"
            f"  --pst-color-link: {main_color};\n"
            f"  --pst-color-link-hover: {hover};\n"
            f"  --pst-color-inline-code-links: {main_color};\n"
            "}\n"
        )
    path.write_text(rules, encoding="utf-8")


def paths_on_beale(width: float, height: float, starts: list[list[float]]) -> tuple[object, object]:
    """Draw Beale's function with paths, with and without momentum; return figure and axes."""
    import matplotlib.pyplot as plt
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap

    from course_utils import descent, plots
    from course_utils.functions import beale

    fig = plt.figure(figsize=(width, height), facecolor=GROUND)
    ax = fig.add_axes((0, 0, 1, 1))
    x, y = np.meshgrid(np.linspace(-4.5, 4.5, 600), np.linspace(-2.2, 1.9, 400))
    heights = np.log10(beale(np.stack([x, y], axis=-1)) + 1e-2)
    shades = LinearSegmentedColormap.from_list("sea", ["#0E5A84", GROUND, "#072537"])
    ax.contourf(x, y, heights, levels=24, cmap=shades)
    ax.contour(x, y, heights, levels=24, colors="white", linewidths=0.5, alpha=0.22)
    for start in starts:
        for momentum, color in ((0.0, "#FFFFFF"), (0.9, DOT)):
            path = descent.gradient_descent(
                beale, start=start, learning_rate=2e-4, momentum=momentum, steps=4000
            )
            ax.plot(*path.points.T, "-", color=color, linewidth=1.6, alpha=0.9)
            ax.plot(*path.points[0], "o", color=plots.COLORS[1], markersize=6)
    ax.plot(*beale.global_minima.T, "*", color="white", markersize=14)
    ax.set(xlim=(-4.5, 4.5), ylim=(-2.2, 1.9))
    ax.axis("off")
    return fig, ax


def cover(path: Path) -> None:
    """Draw the cover: paths of gradient descent with and without momentum on Beale's function."""
    save(paths_on_beale(12, 3.6, [*RIGHT, [-3.2, 1.3], [-1.5, -1.7]])[0], path, dpi=100)


def card(path: Path) -> None:
    """Draw the card that other sites show with a link to this one (1200 x 630 pixels)."""
    fig, ax = paths_on_beale(12, 6.3, RIGHT)
    ax.axhspan(-2.2, 1.9, xmax=0.5, color=GROUND, alpha=0.82, linewidth=0)  # type: ignore[attr-defined]
    title = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["title"]
    for line, words in enumerate(textwrap.wrap(title, 15)[:4]):
        fig.text(0.06, 0.66 - 0.15 * line, words, color="white", fontsize=46, weight="bold")  # type: ignore[attr-defined]
    fig.text(0.06, 0.2, "An open course: read it, run it, teach it", color=DOT, fontsize=21)  # type: ignore[attr-defined]
    save(fig, path, dpi=100)


def save(fig: object, path: Path, dpi: int) -> None:
    """Store a figure as a small PNG without a date in it."""
    import matplotlib.pyplot as plt

    fig.savefig(path, dpi=dpi, metadata={"Software": None})  # type: ignore[attr-defined]
    plt.close(fig)  # type: ignore[arg-type]


FILES: dict[str, Callable[[Path], None]] = {
    "mark.svg": mark,
    "colors.css": colors,
    "cover.png": cover,
    "card.png": card,
}


if __name__ == "__main__":
    raise SystemExit(main())
