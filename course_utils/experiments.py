"""Controlled, replicated, resumable comparisons of ways to train a network.

Example:
    >>> def network(activation):
    ...     model = networks.dense_network([100], activation=activation)
    ...     model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    ...     return model
    >>> variants = {name: partial(network, name) for name in ("sigmoid", "relu")}
    >>> results = run(variants, datasets.load("mnist"), epochs=5, replicates=10)
    >>> summarize(results, "val_accuracy", baseline="sigmoid")
"""

import operator
import platform
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import EllipsisType
from typing import Any, Literal, Protocol

import joblib
import numpy as np
import pandas as pd
from tqdm import TqdmWarning

import course_utils
from course_utils._experiment_cache import CacheWarning, default_folder
from course_utils._experiment_summary import COLUMNS, summary
from course_utils._experiment_task import Outcome, ReplicateError, Task

with warnings.catch_warnings():
    # In a notebook without ipywidgets tqdm warns, and then draws the bar in text.
    warnings.simplefilter("ignore", TqdmWarning)
    from tqdm.auto import tqdm

__all__ = ["CacheWarning", "Data", "ReplicateError", "Variant", "run", "summarize"]

_OWN_ARGUMENTS = {
    "model", "x", "y", "epochs", "batch_size", "validation_data", "seed", "callbacks", "progress",
    "initial_epoch",
}  # fmt: skip


class Data(Protocol):
    """What a network is trained on; a ``datasets.Dataset`` fits.

    ``x_valid`` and ``y_valid``, where there are any, are evaluated after every epoch.
    """

    @property
    def x_train(self) -> Any:
        """Inputs, ``(examples, ...)``."""

    @property
    def y_train(self) -> Any:
        """Targets, ``(examples, ...)``."""


@dataclass(frozen=True)
class Variant:
    """One of the things compared: how to build its model, and what differs in training it.

    Attributes:
        build: Returns a fresh compiled Keras model at each call.
        epochs: Number of epochs; None takes what :func:`run` says.
        batch_size: Examples in one step; None takes what :func:`run` says.
        callbacks: Returns fresh Keras callbacks for one replicate.
        data: Data, or a function of the replicate's number that returns them; None takes those
            of :func:`run`.
        fit: Further arguments of ``training.fit``, such as ``shuffle`` or ``class_weight``.
    """

    build: Callable[[], Any]
    epochs: int | None = None
    batch_size: int | None = None
    callbacks: Callable[[], Sequence[Any]] | None = None
    data: Data | Callable[[int], Data] | None = None
    fit: Mapping[str, Any] = field(default_factory=dict)


def run(
    variants: Mapping[str, Variant | Callable[[], Any]],
    data: Data | Callable[[int], Data] | None = None,
    *,
    epochs: int,
    replicates: int,
    seed: int = 0,
    batch_size: int = 32,
    measure: Callable[[Any, Any], Mapping[str, float]] | None = None,
    cache: str | Path | EllipsisType | None = ...,
    n_jobs: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Trains every variant from several seeds and returns all metrics in one table.

    Replicates are paired: replicate r of every variant has the same seed for its first weights,
    the order of the examples, dropout and noise. ``keras.utils.set_random_seed`` is called for it,
    so random numbers that come after this call are no longer those of the caller's seed.

    Interrupted, the experiment goes on when the same call is made again: finished replicates are
    recalled from the cache, by all that their result follows from, to the last bit. That is the
    model with its first weights, how it is compiled and trained, data, seed, callbacks, `measure`,
    versions, and how many threads a process has. What is recalled is not trained again: callbacks
    and `measure` do not run. A loss that becomes NaN is a result as any other.

    Args:
        variants: For each name a :class:`Variant`, or only the function that builds the model.
        data: Object with ``x_train``, ``y_train`` and perhaps ``x_valid``, ``y_valid``; or a
            function that returns such data for the number of a replicate.
        epochs: Number of epochs.
        replicates: Number of times that every variant is trained.
        seed: Seed of the whole experiment, at least 0.
        batch_size: Examples in one step.
        measure: Function of the trained model and its data that returns further metrics, for
            example accuracy on test data. The model is used again for other replicates.
        cache: Folder in which finished replicates are kept. The default is ``$COURSE_CACHE``, or
            the user's folder for caches. None or an empty text keeps nothing.
        n_jobs: Number of processes. None follows ``joblib.parallel_config``, and is 1, this
            process, without it.
        progress: Whether to show a progress bar with the time left.

    Returns:
        A table with the columns ``variant, replicate, epoch, metric, value``. Replicates count
        from 0, epochs from 1. What `measure` returned stands at the last epoch. ``attrs`` holds
        ``"seconds"``, the times of training for each variant, and ``"environment"``.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument cannot be used; nothing has been trained.
        ReplicateError: A replicate failed. The message names it; others that had finished are kept.
    """
    numbers = {"epochs": epochs, "replicates": replicates, "batch_size": batch_size}
    for name, number in numbers.items():
        _check_number(name, number, 1)
    _check_number("seed", seed, 0)
    checked = _checked_variants(variants, data)
    # TensorFlow takes seconds to start.
    from course_utils._experiment_spread import threads_for

    threads = threads_for(n_jobs)
    tasks = {
        Task(
            variant=name,
            replicate=number,
            seed=_seed(seed, number),
            build=variant.build,
            epochs=epochs if variant.epochs is None else variant.epochs,
            batch_size=batch_size if variant.batch_size is None else variant.batch_size,
            callbacks=variant.callbacks,
            fit=variant.fit,
            measure=measure,
            threads=threads,
        ): data if variant.data is None else variant.data
        for name, variant in checked.items()
        for number in range(replicates)
    }
    return _table(_outcomes(tasks, cache, n_jobs, progress))


def _outcomes(
    tasks: Mapping[Task, Any],
    cache: str | Path | EllipsisType | None,
    n_jobs: int | None,
    progress: bool,
) -> dict[Task, Outcome]:
    """Recalls or trains every task; the order stays that of the tasks."""
    from course_utils._experiment_memory import Memory
    from course_utils._experiment_spread import spread

    memory = Memory(_folder(cache))
    outcomes = {task: memory.recall(task, source) for task, source in tasks.items()}
    waiting = [task for task, outcome in outcomes.items() if outcome is None]
    told: set[Any] = set()
    known = len(tasks) - len(waiting)
    settings: dict[str, Any] = {} if progress else {"disable": True}  # else $TQDM_DISABLE decides
    with tqdm(total=len(tasks), initial=known, unit="replicate", smoothing=0.1, **settings) as bar:
        for place, outcome in spread(waiting, [tasks[task] for task in waiting], n_jobs):
            task = waiting[place]
            outcomes[task] = outcome
            memory.keep(task, outcome)
            for category, text in outcome.warnings:
                if (task.variant, text) not in told:
                    told.add((task.variant, text))
                    warnings.warn(f"Variant {task.variant!r}: {text}", category, stacklevel=3)
            bar.update()
    return {task: outcome for task, outcome in outcomes.items() if outcome is not None}


def summarize(
    results: pd.DataFrame,
    metric: str = "val_accuracy",
    *,
    baseline: str | None = None,
    epoch: int | Literal["all"] | None = None,
    confidence: float = 0.95,
    better: Literal["higher", "lower"] | None = None,
) -> pd.DataFrame:
    """Gives mean, spread and interval of a metric for each variant, and compares with a baseline.

    Args:
        results: Table of :func:`run`, or any with the same columns.
        metric: The metric to look at.
        baseline: Variant that the others are compared with, replicate by replicate.
        epoch: Number of the epoch; None takes the last one of each replicate; ``"all"`` takes
            each in turn.
        confidence: Confidence of the intervals.
        better: Whether higher or lower values are better. None: by the name of the metric.

    Returns:
        A table indexed by ``variant`` (and ``epoch`` for ``"all"``) with the columns
        ``replicates, mean, std, low, high``.

        - ``std`` is the standard deviation of the replicates, ``low`` and ``high`` are the ends of
          Student's interval for the mean. A replicate that is NaN, because its training
          diverged, makes them NaN: leaving it out would flatter the variant.
        - With a baseline also ``difference, difference_low, difference_high, verdict``: the mean
          of the paired differences to the baseline, its interval, and what it shows. The verdict
          is ``"better"`` or ``"worse"`` if the whole interval lies on one side of zero, otherwise
          ``"no clear difference"``; with fewer than three common replicates
          ``"too few replicates"``, with a NaN ``"not finite"``, and empty for the baseline.
        - With k variants beside the baseline, these intervals have the confidence
          ``1 - (1 - confidence) / k`` (Bonferroni). Otherwise, of twenty variants that
          are no better, one would seem to be on average. Over the epochs of ``"all"`` there is no
          such correction.

        Both kinds of interval assume that the replicates, or their differences, are roughly
        normal. They speak about other seeds on the same data, not about other data.

    Raises:
        KeyError: There is no such metric, baseline or column.
        TypeError: `epoch` is none of these.
        ValueError: An epoch is missing in a replicate, a value occurs twice, or an argument is out
            of range.
    """
    return summary(results, metric, baseline, epoch, confidence, better)


def _folder(cache: str | Path | EllipsisType | None) -> Path | None:
    if isinstance(cache, EllipsisType):
        return default_folder()
    return Path(cache).expanduser() if cache else None


def _seed(seed: int, replicate: int) -> int:
    return int(np.random.SeedSequence((seed, replicate)).generate_state(1)[0])


def _table(outcomes: Mapping[Task, Outcome]) -> pd.DataFrame:
    rows: list[tuple[str, int, int, str, float]] = []
    seconds: dict[str, list[float]] = {}
    for task, outcome in outcomes.items():
        head = (task.variant, task.replicate)
        last = max(map(len, outcome.history.values()), default=0)
        for epoch in range(1, last + 1):
            logs = {k: v[epoch - 1] for k, v in outcome.history.items() if epoch <= len(v)}
            rows += [(*head, epoch, name, value) for name, value in logs.items()]
        rows += [(*head, last, name, value) for name, value in outcome.measured.items()]
        seconds.setdefault(task.variant, []).append(outcome.seconds)
    table = pd.DataFrame(rows, columns=COLUMNS)
    table.attrs = {"seconds": seconds, "environment": _environment()}
    return table


def _environment() -> dict[str, Any]:
    import keras
    import tensorflow as tf

    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "course_utils": course_utils.__version__,
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": joblib.cpu_count(),
        "devices": [device.device_type for device in tf.config.list_physical_devices()],
    }


def _check_number(name: str, number: Any, least: int) -> None:
    try:
        too_small = operator.index(number) < least
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {number!r}.") from None
    if too_small:
        raise ValueError(f"{name} must be at least {least}, not {number}.")


def _checked_variants(variants: Any, data: Any) -> dict[str, Variant]:
    if not isinstance(variants, Mapping):
        raise TypeError(f"variants must be a dict of variants by name, not {type(variants)}.")
    if not variants:
        raise ValueError("variants is empty: give at least one variant.")
    checked = {}
    for name, variant in variants.items():
        if not isinstance(name, str):
            raise TypeError(f"Names of variants must be text, not {name!r}: use str({name!r}).")
        variant = variant if isinstance(variant, Variant) else Variant(variant)
        _check_variant(name, variant)
        _check_data(name, data if variant.data is None else variant.data)
        checked[name] = variant
    return checked


def _check_variant(name: str, variant: Variant) -> None:
    if not callable(variant.build) or hasattr(variant.build, "get_weights"):
        raise TypeError(
            f"Variant {name!r} must be a function that builds a compiled model, so that every "
            f"replicate starts anew, not {type(variant.build).__name__}: "
            "lambda: ... or functools.partial(...) makes one."
        )
    if not (variant.callbacks is None or callable(variant.callbacks)):
        raise TypeError(
            f"callbacks of variant {name!r} must be a function that returns fresh callbacks: "
            "lambda: [...]. Callbacks remember what they have seen."
        )
    for setting in ("epochs", "batch_size"):
        if getattr(variant, setting) is not None:
            _check_number(f"{setting} of variant {name!r}", getattr(variant, setting), 1)
    managed = sorted(_OWN_ARGUMENTS & set(variant.fit))
    if managed:
        raise ValueError(f"fit of variant {name!r} cannot set {managed}: run() does.")


def _check_data(name: str, data: Any) -> None:
    if data is None:
        raise ValueError(f"Variant {name!r} has no data: give data to run() or to the variant.")
    if callable(data):
        return
    missing = [part for part in ("x_train", "y_train") if not hasattr(data, part)]
    if missing:
        raise TypeError(
            f"data of variant {name!r} must have x_train and y_train, as datasets.load returns "
            f"them; {type(data).__name__} lacks {missing}. types.SimpleNamespace(x_train=..., "
            "y_train=...) makes such data."
        )
