"""Means, intervals and verdicts for replicates: SciPy's statistics, and one rule for words."""

import warnings
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["LEAST_REPLICATES", "Direction", "direction_of", "interval", "std", "verdict"]

Direction = Literal["higher", "lower"]

#: With fewer replicates no verdict is given.
LEAST_REPLICATES = 3

_LOWER = ("loss", "error", "crossentropy", "entropy", "divergence", "perplexity")
_LOWER_SHORT = {"mse", "mae", "mape", "msle", "rmse"}
_HIGHER = ("accuracy", "precision", "recall", "score", "similarity")
_HIGHER_SHORT = {"acc", "auc", "f1", "iou", "r2"}


def interval(values: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Returns the interval of Student's t for the mean of independent values.

    Args:
        values: One number for each replicate, ``(replicates,)``.
        confidence: Probability with which such intervals hold the true mean.

    Returns:
        Both ends. They are NaN for fewer than two values and where one is NaN or infinite; they
        are the value itself where all values are the same.
    """
    if len(values) < 2 or not np.isfinite(values).all():
        return np.nan, np.nan
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    with warnings.catch_warnings():
        # Of values that differ in their last digits only; the interval is then as narrow as they.
        warnings.simplefilter("ignore", RuntimeWarning)
        ends = stats.ttest_1samp(values, 0.0).confidence_interval(confidence)
    return float(ends.low), float(ends.high)


def std(values: NDArray[np.float64]) -> float:
    """Returns the standard deviation of a sample, or NaN where `values` have none."""
    if len(values) < 2 or not np.isfinite(values).all():
        return np.nan
    return 0.0 if np.ptp(values) == 0 else float(values.std(ddof=1))


def verdict(differences: NDArray[np.float64], confidence: float, better: Direction) -> str:
    """Says in the words of the course what paired differences show.

    Args:
        differences: Variant minus baseline, one for each replicate, ``(replicates,)``.
        confidence: Confidence of the interval that is judged.
        better: Whether higher or lower values of the metric are better.

    Returns:
        ``"better"`` or ``"worse"`` if the whole interval lies on one side of zero, otherwise
        ``"no clear difference"``; ``"too few replicates"`` below :data:`LEAST_REPLICATES`;
        ``"not finite"`` if a difference is NaN or infinite.
    """
    if len(differences) < LEAST_REPLICATES:
        return "too few replicates"
    if not np.isfinite(differences).all():
        return "not finite"
    low, high = interval(differences, confidence)
    if low <= 0 <= high:
        return "no clear difference"
    return "better" if (low > 0) == (better == "higher") else "worse"


def direction_of(metric: str) -> Direction:
    """Returns whether higher or lower is better, by the name of a metric.

    Raises:
        ValueError: The name does not tell.
    """
    name: Any = metric.lower()
    words = set(name.split("_"))
    if words & _LOWER_SHORT or any(word in name for word in _LOWER):
        return "lower"
    if words & _HIGHER_SHORT or any(word in name for word in _HIGHER):
        return "higher"
    raise ValueError(
        f"Whether a higher or a lower {metric!r} is better does not follow from its name: "
        'say better="higher" or better="lower".'
    )
