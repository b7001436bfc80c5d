"""Every experiment of the five source documents as data, and what runs and judges them.

An :class:`Experiment` is trained as the source wrote it, in today's Keras; a :class:`Comparison`
is the controlled version beside it, which shows what the source's figure does not; a
:class:`Calculation` needs no training. Source E (notes on networks with Keras) reports no figure,
so it has no entry here.

It belongs to a clone of the course; the package that Colab installs goes without it.
"""

import importlib.metadata
import math
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from course_utils import experiments
from course_utils.experiments import Variant
from course_utils.reproduction import (
    _source_a,
    _source_b,
    _source_c,
    _source_d,
    _source_d_calculations,
)
from course_utils.reproduction._source_spec import (
    Calculation,
    Comparison,
    Experiment,
    Figure,
    Trained,
    spec,
    spec_hash,
)
from course_utils.reproduction._source_why import WHY_NOT

__all__ = [
    "CALCULATIONS",
    "COMPARISONS",
    "EXPERIMENTS",
    "WHY_NOT",
    "Calculation",
    "Comparison",
    "Experiment",
    "Figure",
    "calculate",
    "decimals",
    "entries",
    "environment",
    "estimated_seconds",
    "groups",
    "lies_in_range",
    "run",
    "spec",
    "spec_hash",
    "tiny",
]

EXPERIMENTS = (
    *_source_a.EXPERIMENTS,
    *_source_b.EXPERIMENTS,
    *_source_c.EXPERIMENTS,
    *_source_d.EXPERIMENTS,
)
COMPARISONS = (
    *_source_a.COMPARISONS,
    *_source_b.COMPARISONS,
    *_source_c.COMPARISONS,
    *_source_d.COMPARISONS,
)
CALCULATIONS = (
    *_source_b.CALCULATIONS,
    *_source_c.CALCULATIONS,
    *_source_d_calculations.CALCULATIONS,
)

Entry = Trained | Calculation
Record = dict[str, Any]


def entries() -> tuple[Entry, ...]:
    """Returns all entries: experiments, comparisons, calculations."""
    return (*EXPERIMENTS, *COMPARISONS, *CALCULATIONS)


def groups(chosen: Iterable[Entry]) -> list[list[Entry]]:
    """Puts together what one call of :func:`run` can train: as written first, cheap before dear.

    Args:
        chosen: Entries, for example of :func:`entries`.

    Returns:
        Groups of entries of one kind that share source, measure and number of replicates;
        calculations each on their own.
    """
    found: dict[Any, list[Entry]] = {}
    for entry in chosen:
        if isinstance(entry, Calculation):
            key: Any = (entry.source, entry.name)
        else:
            # What is dear, such as 100 layers, must not hold up the figures of all others.
            dear = entry.step_ms >= 2
            key = (type(entry), entry.source, entry.measure, entry.replicates, dear)
        found.setdefault(key, []).append(entry)
    return sorted(
        found.values(), key=lambda group: (isinstance(group[0], Comparison), _cost(group, set()))
    )


def estimated_seconds(groups: Iterable[Sequence[Entry]]) -> list[float]:
    """Returns roughly how many seconds one core needs for each group.

    Args:
        groups: As :func:`groups` gives them. What an earlier group has trained costs nothing.
    """
    seen: set[int] = set()
    return [1 + _cost(group, seen) for group in groups]


def _cost(group: Sequence[Entry], seen: set[int]) -> float:
    seconds = 0.0
    for entry, _, variant in _variants(group):
        if id(variant) not in seen:
            seen.add(id(variant))
            images = getattr(variant.data, "train", None) or 55_000
            steps = (variant.epochs or 1) * math.ceil(images / (variant.batch_size or 32))
            seconds += steps * entry.replicates * entry.step_ms / 1000
    return seconds


def _variants(group: Sequence[Entry]) -> Iterator[tuple[Trained, str, Variant]]:
    """Yields the variants of all entries, each of them once, with a name that tells all apart."""
    seen = set()
    for entry in group:
        if not isinstance(entry, Calculation):
            for name, variant in entry.variants.items():
                if id(variant) not in seen:
                    seen.add(id(variant))
                    yield entry, f"{entry.source}/{entry.name}: {name}", variant


def run(group: Sequence[Trained], **settings: Any) -> list[Record]:
    """Trains a group of experiments and comparisons and returns their results.

    Args:
        group: Entries of the same measure and number of replicates, as :func:`groups` gives them.
            A variant that several of them hold is trained once.
        **settings: Further arguments of :func:`course_utils.experiments.run`, such as `n_jobs`.

    Returns:
        One record for each entry, ready for JSON, with source, name, kind, reported, mean, std,
        values, replicates, seconds, environment and spec_hash; of a comparison also the summary
        with intervals and verdicts.
    """
    first = group[0]
    named = {name: variant for _, name, variant in _variants(group)}
    names = {id(variant): name for name, variant in named.items()}
    frame = experiments.run(
        named,
        next(iter(named.values())).data,
        epochs=1,
        replicates=first.replicates,
        measure=first.measure,
        **settings,
    )
    seconds = frame.attrs["seconds"]
    records = []
    for entry in group:
        own = {names[id(variant)]: label for label, variant in entry.variants.items()}
        rows = frame[frame["variant"].isin(own)].replace({"variant": own})
        spent = sum(sum(seconds[name]) for name in own)
        records.append(_record(entry, rows, spent))
    return records


def calculate(entry: Calculation) -> Record:
    """Computes what needs no training and returns its record.

    Args:
        entry: The calculation.
    """
    begin = datetime.now(UTC)
    found = [entry.compute(replicate) for replicate in range(entry.replicates)]
    values = {name: [float(one[name]) for one in found] for name in found[0]}
    seconds = (datetime.now(UTC) - begin).total_seconds()
    return _common(entry, "no training", entry.reported, values, seconds)


def tiny(chosen: Iterable[Entry]) -> list[Entry]:
    """Cuts entries down to a trial run: 100 images, at most 2 epochs, 2 replicates.

    Args:
        chosen: Entries, for example of :func:`entries`.

    Returns:
        As many entries. A variant that several of them hold is still one.
    """
    small: dict[int, Variant] = {}
    found: list[Entry] = []
    for entry in chosen:
        if isinstance(entry, Calculation):
            found.append(replace(entry, replicates=1))
            continue
        for variant in entry.variants.values():
            small.setdefault(id(variant), _tiny_variant(variant))
        variants = {name: small[id(variant)] for name, variant in entry.variants.items()}
        found.append(replace(entry, variants=variants, replicates=2))
    return found


def _tiny_variant(variant: Variant) -> Variant:
    data: Any = variant.data
    return replace(variant, epochs=min(2, variant.epochs or 2), data=replace(data, cut=100))


def lies_in_range(reported: float, values: Sequence[float | None]) -> bool:
    """Says whether a reported figure lies between the smallest and the largest of ours.

    A reported figure is rounded, so ours are rounded to as many decimals, but at least four.

    Args:
        reported: The figure of the source.
        values: Our figures, one for each replicate; None is a number that was not finite.
    """
    finite = [value for value in values if value is not None]
    if len(finite) < len(values):
        return False
    places = decimals(reported)
    return round(min(finite), places) <= reported <= round(max(finite), places)


def decimals(reported: float) -> int:
    """Returns to how many decimals a reported figure is given, at least four.

    Args:
        reported: The figure of the source.
    """
    exponent = Decimal(str(reported)).as_tuple().exponent
    return max(4, -exponent if isinstance(exponent, int) else 4)


def environment() -> dict[str, Any]:
    """Returns when and on what something is run: date, versions, processor."""
    packages = ("numpy", "scipy", "keras", "tensorflow")
    versions = {name: _version(name) for name in packages}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        **versions,
        "system": platform.system(),
        "processor": _processor(),
        "cores": os.cpu_count(),
    }


def _version(package: str) -> str:
    for name in (package, f"{package}-cpu"):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "unknown"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _record(entry: Trained, frame: pd.DataFrame, seconds: float) -> Record:
    places = entry.figures if isinstance(entry, Experiment) else entry.rows
    found = {label: _values(frame, place) for label, place in places.items()}
    values = {label: series.tolist() for label, series in found.items()}
    if isinstance(entry, Experiment):
        return _common(entry, "as written", entry.reported, values, seconds)
    return {
        **_common(entry, "controlled", {}, values, seconds),
        "baseline": entry.baseline,
        "summary": _summary(entry, found),
    }


def _common(
    entry: Entry,
    kind: str,
    reported: Mapping[str, float],
    values: Mapping[str, list[float]],
    seconds: float,
) -> Record:
    several = entry.replicates > 1
    mean = {label: _number(np.mean(one)) for label, one in values.items()}
    std = {
        label: _number(np.std(one, ddof=1)) if several else None for label, one in values.items()
    }
    return {
        "source": entry.source,
        "name": entry.name,
        "kind": kind,
        "reported": dict(reported),
        "mean": mean,
        "std": std,
        "values": {label: [_number(value) for value in one] for label, one in values.items()},
        "replicates": entry.replicates,
        "seconds": round(seconds, 1),
        "environment": environment(),
        "spec_hash": spec_hash(entry),
    }


def _values(frame: pd.DataFrame, place: Figure) -> "pd.Series[float]":
    """Returns one figure for every replicate, in their order."""
    each = [_of_variant(frame[frame["variant"] == name], place) for name in place.variants]
    return pd.concat(each, axis=1).mean(axis=1)


def _of_variant(frame: pd.DataFrame, place: Figure) -> "pd.Series[float]":
    def table(metric: str) -> pd.DataFrame:
        rows = frame[frame["metric"] == metric]
        return rows.pivot(index="replicate", columns="epoch", values="value").sort_index()

    values = table(place.metric)
    if place.epoch == "best":
        return values.max(axis=1)
    if isinstance(place.epoch, str):  # the epoch at which another metric is best
        epochs = table(place.epoch.removeprefix("best by ")).idxmax(axis=1)
        found = [values.loc[r, epoch] for r, epoch in epochs.items()]  # type: ignore[index]
        return pd.Series(found, index=values.index, dtype=float)
    return values[values.columns.max() if place.epoch is None else place.epoch]


def _summary(entry: Comparison, found: Mapping[str, "pd.Series[float]"]) -> dict[str, Any]:
    frame = pd.DataFrame(
        [
            {"variant": label, "replicate": r, "epoch": 1, "metric": "figure", "value": value}
            for label, series in found.items()
            for r, value in series.items()
        ]
    )
    metric = next(iter(entry.rows.values())).metric
    better: Literal["lower", "higher"] = "lower" if "loss" in metric else "higher"
    table = experiments.summarize(frame, "figure", baseline=entry.baseline, better=better)
    return {
        str(label): {
            str(column): value if isinstance(value, str) else _number(value)
            for column, value in row.items()
        }
        for label, row in table.iterrows()
    }


def _number(value: Any) -> float | None:
    """Returns a number for JSON, which knows no NaN."""
    number = float(value)
    return number if math.isfinite(number) else None
