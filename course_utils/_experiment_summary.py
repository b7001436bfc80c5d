"""Summarizes a table of replicates: means, intervals, paired differences and verdicts."""

import math
from typing import Any

import numpy as np
import pandas as pd

from course_utils import _experiment_statistics as statistics

__all__ = ["COLUMNS", "summary"]

COLUMNS = ["variant", "replicate", "epoch", "metric", "value"]
_DIFFERENCES = ("difference", "difference_low", "difference_high")


def summary(
    results: pd.DataFrame,
    metric: str,
    baseline: str | None,
    epoch: Any,
    confidence: float,
    better: Any,
) -> pd.DataFrame:
    """Does the work of :func:`course_utils.experiments.summarize`; see there."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}.")
    values = _values(results, metric, epoch)
    keys = ["variant", "epoch"]
    groups = {key: g.set_index("replicate")["value"] for key, g in values.groupby(keys, sort=False)}
    rows = {key: _mean_row(group, confidence) for key, group in groups.items()}
    if baseline is not None:
        if better not in (None, "higher", "lower"):
            raise ValueError(f'better must be "higher" or "lower", not {better!r}.')
        names = list(values["variant"].unique())
        if baseline not in names:
            raise KeyError(f"no variant {baseline!r} to compare with; there are {names}")
        direction = better or statistics.direction_of(metric)
        corrected = 1 - (1 - confidence) / max(1, len(names) - 1)
        for (name, at), group in groups.items():
            reference = groups.get((baseline, at), group.iloc[:0])
            rows[name, at] |= (
                dict.fromkeys(_DIFFERENCES, math.nan) | {"verdict": ""}
                if name == baseline
                else _difference_row(group, reference, corrected, direction)
            )
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(rows, names=keys)
    if epoch != "all":
        table = table.droplevel("epoch")
    table.attrs = {"metric": metric, "confidence": confidence, "baseline": baseline}
    return table


def _mean_row(group: pd.Series, confidence: float) -> dict[str, Any]:
    values = group.to_numpy(float)
    low, high = statistics.interval(values, confidence)
    return {
        "replicates": len(values),
        "mean": float(values.mean()),
        "std": statistics.std(values),
        "low": low,
        "high": high,
    }


def _difference_row(
    group: pd.Series, reference: pd.Series, confidence: float, better: Any
) -> dict[str, Any]:
    """Compares the replicates that a variant has in common with the baseline."""
    pairs = pd.concat([group, reference], axis=1, join="inner").to_numpy(float)
    with np.errstate(invalid="ignore"):  # infinite minus infinite
        differences = pairs[:, 0] - pairs[:, 1]
    mean = float(differences.mean()) if len(differences) else math.nan
    ends = statistics.interval(differences, confidence)
    row = dict(zip(_DIFFERENCES, (mean, *ends), strict=True))
    return row | {"verdict": statistics.verdict(differences, confidence, better)}


def _values(results: pd.DataFrame, metric: str, epoch: Any) -> Any:
    """Returns the values of a metric that are asked for, with one epoch, 0, for the last ones."""
    missing = [name for name in COLUMNS if name not in results]
    if missing:
        raise KeyError(f"the table has no columns {missing}; it has {list(results.columns)}")
    values = results[results["metric"] == metric]
    if values.empty:
        known = list(results["metric"].unique())
        raise KeyError(f"no metric {metric!r} in the results; there are {known}")
    repeated = values.duplicated(["variant", "replicate", "epoch"])
    if repeated.any():
        first = values[repeated].iloc[0]
        raise ValueError(
            f"The table has two values of {metric!r} for variant {first['variant']!r}, replicate "
            f"{first['replicate']}, epoch {first['epoch']}: give each run's variants own names."
        )
    if not (epoch in (None, "all") or isinstance(epoch, int | np.integer)):
        raise TypeError(f'epoch must be a whole number, None or "all", not {epoch!r}.')
    if epoch == "all":
        return values
    if epoch is None:
        last = values.groupby(["variant", "replicate"])["epoch"].transform("max")
        return values[values["epoch"] == last].assign(epoch=0)
    chosen = values[values["epoch"] == epoch]
    runs = ["variant", "replicate"]
    lacking = values[runs].drop_duplicates().merge(chosen[runs], how="left", indicator=True)
    lacking = lacking[lacking["_merge"] == "left_only"]
    if not lacking.empty:
        name, number = lacking.iloc[0][runs]
        raise ValueError(
            f"{metric!r} of variant {name!r}, replicate {number} has no epoch {epoch}: "
            "epoch=None takes the last one of each replicate."
        )
    return chosen.assign(epoch=0)
