"""Writes the page of the book that shows the reproduction, from the stored results alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from course_utils import reproduction

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "book/appendix/reproduction.md"
BENCH = ROOT / "results/bench.json"
Record = Mapping[str, Any]

INTRODUCTION = """\
# Reproduction of the sources

This course builds on five public teaching documents. Every experiment that they report was run
again, as written there, in today's Keras and from several seeds. Beside each stands a controlled
version, in which one thing changes at a time.

- **A** is a tutorial, "Advanced MLP": ways to improve a sigmoid network on MNIST.
- **B** is a university lab on optimization: Beale's function, then MNIST.
- **C** is a lesson on initialization and dropout: three networks on MNIST.
- **D** is a chapter's notebook on training deep networks: Fashion-MNIST.
- **E** are notes on networks with Keras. They report no figures, so nothing of them is here; the
  chapters teach what is in them.
"""

HEAD = ("Source", "Experiment", "Figure", "Reported", "Ours", "In range?")
AS_WRITTEN = """\
## The reported figures

Our figures are the mean over the replicates and, in brackets, the smallest and the largest. A
reported figure lies in the range if it is between those two, when ours are rounded as it is.

A range of a few replicates is narrow. One more run of our own would fall outside the range of $n$
others in 2 of $n + 1$ cases: one time in three for five replicates. So some of the figures must lie
outside by chance alone, and *no* is a reason to look, not a verdict on the source. Below the table
stand the reasons that we see, and what is wrong with each experiment.
"""

CONTROLLED = """\
## The controlled comparisons

Within a comparison all rows have the same seeds, replicate by replicate, so that differences are
paired. Intervals have 95 % confidence; those of several differences to one baseline are widened
so that all of them hold together (Bonferroni). The verdict is *better* or *worse* if the whole
interval of the difference lies on one side of zero, and otherwise *no clear difference*. The
intervals speak about other seeds on the same data, not about other data.
"""


def write(records: Sequence[Record], path: Path = PAGE) -> None:
    """Writes the page."""
    bench = json.loads(BENCH.read_text(encoding="utf-8")) if BENCH.exists() else None
    path.write_text(page(records, bench), encoding="utf-8")


def page(records: Sequence[Record], bench: Mapping[str, Any] | None = None) -> str:
    """Returns the page as MyST text."""
    parts = [INTRODUCTION]
    if records:
        parts += [made(records), AS_WRITTEN, *figures(records)]
        parts += [CONTROLLED, *comparisons(records)]
    else:
        parts.append("No results are stored yet; `make reproduce` makes them.\n")
    if bench:
        parts += list(benchmark(bench))
    return "\n".join(parts).rstrip("\n") + "\n"


def made(records: Sequence[Record]) -> str:
    """Says when and on what the results were made."""
    days = sorted({record["environment"]["date"] for record in records})
    between = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    places = []
    for record in records:
        e = record["environment"]
        place = (
            f"{e['processor']} ({e['cores']} cores, {e['system']}), Python {e['python']}, NumPy "
            f"{e['numpy']}, SciPy {e['scipy']}, Keras {e['keras']}, TensorFlow {e['tensorflow']}"
        )
        if place not in places:
            places.append(place)
    return (
        f"Made on {between} by `make reproduce` on: {'; '.join(places)}. The results, each "
        "replicate among them, are in `results/reproduction.json`.\n"
    )


def figures(records: Sequence[Record]) -> Iterator[str]:
    """Yields the table of reported figures, what to say of them, and what has no figure there."""
    stored = {(r["source"], r["name"]): r for r in records}
    entries: list[Any] = [*reproduction.EXPERIMENTS, *reproduction.CALCULATIONS]
    found = [(e, stored[e.source, e.name]) for e in entries if (e.source, e.name) in stored]
    found.sort(key=lambda pair: pair[0].source)
    reported = [(entry, record) for entry, record in found if entry.reported]
    yield table(HEAD, [row for pair in reported for row in figure_rows(*pair)])
    yield "### Why some lie outside\n"
    yield listed(
        (f"{source}, {name}, {label}", why)
        for (source, name, label), why in reproduction.WHY_NOT.items()
        if (source, name) in stored
    )
    yield "### What was wrong with the experiments\n"
    said = [(f"{e.source}, {e.name}", e.what_was_wrong) for e, _ in reported]
    yield listed(pair for pair in said if pair[1])
    faultless = "; ".join(name for name, wrong in said if not wrong)
    if faultless:
        yield f"We found nothing wrong with: {faultless}.\n"
    others = [pair for pair in found if not pair[0].reported]
    if others:
        yield "### Where the source shows a plot or a list\n"
        rows = [(*row[:3], row[4]) for pair in others for row in figure_rows(*pair)]
        yield table(("Source", "Calculation", "Figure", "Ours"), rows)


def figure_rows(entry: Any, record: Record) -> Iterator[tuple[str, ...]]:
    """Yields one row for each figure of an experiment or calculation."""
    for label, values in record["values"].items():
        reported = entry.reported.get(label)
        places = 4 if reported is None else reproduction.decimals(reported)
        ours = number(record["mean"][label], places)
        if len(values) > 1:
            ours += f" ({span(values, places)}; {len(values)} replicates)"
        given, inside = "", ""
        if reported is not None:
            given = number(reported, places)
            inside = "yes" if reproduction.lies_in_range(reported, values) else "no"
        yield entry.source, entry.name, label, given, ours, inside


def listed(remarks: Iterable[tuple[str, str]]) -> str:
    """Returns a list of remarks, each with what it is about in front."""
    return "".join(f"- **{about}**: {text}\n" for about, text in remarks)


def span(values: Sequence[float | None], places: int) -> str:
    """Returns the smallest and the largest value."""
    finite = [value for value in values if value is not None]
    text = f"{number(min(finite), places)} to {number(max(finite), places)}" if finite else ""
    lost = len(values) - len(finite)
    return text + (f", {lost} not finite" if lost else "")


def comparisons(records: Sequence[Record]) -> Iterator[str]:
    """Yields a section for each comparison."""
    stored = {(r["source"], r["name"]): r for r in records if r["kind"] == "controlled"}
    for entry in reproduction.COMPARISONS:
        record = stored.get((entry.source, entry.name))
        if record is None:
            continue
        yield f"### {entry.source}: {entry.name}\n"
        yield f"{entry.question} ({record['replicates']} replicates.)\n"
        rows = []
        for label, s in record["summary"].items():
            baseline = label == record["baseline"]
            difference = "" if baseline else with_interval(s, "difference", sign=True)
            verdict = "baseline" if baseline else s["verdict"]
            rows.append((label, with_interval(s, ""), difference, verdict))
        head = "", "Mean (95 % interval)", "Difference to the baseline (interval)", "Verdict"
        yield table(head, rows)


def with_interval(summary: Mapping[str, Any], name: str, *, sign: bool = False) -> str:
    """Returns a mean or a difference with the ends of its interval."""
    low, high = (f"{name}_low", f"{name}_high") if name else ("low", "high")
    middle, *ends = (number(summary[key], sign=sign) for key in (name or "mean", low, high))
    return f"{middle} ({ends[0]} to {ends[1]})"


def benchmark(bench: Mapping[str, Any]) -> Iterator[str]:
    """Yields the tables of the benchmark of `training.fit`."""
    e = bench["environment"]
    yield "## How fast the trainer is\n"
    yield (
        "Seconds for an epoch of 55,000 images: medians of runs that took turns. In brackets: how "
        "many times as long ten epochs take as with `training.fit`, compiling included. The last "
        "column is the time of `training.fit` as a multiple of the matrix products alone, by "
        f"NumPy. Made by `make bench` on {e['date']}: {e['processor']}, {e['cores']} cores, Keras "
        f"{e['keras']}, TensorFlow {e['tensorflow']}, {' and '.join(sorted(set(e['devices'])))}.\n"
    )
    ways = list(bench["geometric_mean"])
    head = ("Network", "Batch", *ways, "Multiple of the products")
    mean = bench["geometric_mean"]
    rows = [(name, str(one["batch_size"]), *speeds(one)) for name, one in bench["networks"].items()]
    rows.append(("geometric mean", "", *(f"({mean[way]:.1f})" for way in ways), ""))
    yield table(head, rows)
    yield "Two hidden ReLU layers of 100 units, in batches of several sizes, and other widths:\n"
    rows = [("100 units wide", name, *speeds(one)) for name, one in bench["batch_size"].items()]
    rows += [(f"{name} units wide", "32", *speeds(one)) for name, one in bench["width"].items()]
    yield table(head, rows)
    memory = ", ".join(f"{way} {m:,.0f}" for way, m in bench["peak_megabytes"].items())
    yield f"Peak memory of a process that trains the leaky ReLU network, in megabytes: {memory}.\n"


def speeds(one: Mapping[str, Any]) -> list[str]:
    """Returns the cells of one network: seconds and ratio of each way, multiple of the products."""
    ratio = one["times_faster"]
    cells = [f"{s:.2f} ({ratio[way]:.1f})" for way, s in one["seconds_per_epoch"].items()]
    return [*cells, f"{one['multiple_of_bare_products']:.1f}"]


def number(value: float | None, places: int = 4, *, sign: bool = False) -> str:
    """Returns a number as the page shows it: with so many decimals, unless it is whole or tiny."""
    if value is None:
        return "not finite"
    if float(value).is_integer() and abs(value) >= 2:
        return f"{value:,.0f}"
    plus = "+" if sign else ""
    return f"{value:{plus}.3e}" if 0 < abs(value) < 1e-4 else f"{value:{plus}.{places}f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    cells = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"
