"""Trains one replicate of one variant, in this process or in a worker process."""

import math
import numbers
import os
import threading
import time
import warnings
from collections.abc import Mapping
from typing import Any

import joblib
import numpy as np
import tensorflow as tf

from course_utils import training
from course_utils._experiment_models import CompiledModels, build
from course_utils._experiment_task import Outcome, Task, here

__all__ = ["threads", "train"]


# The next comparison of a chapter often has models of the same kinds as the last one.
_models = CompiledModels()
# Seeds, kept models and TensorFlow's limits belong to the process: threads take turns.
_turn = threading.RLock()


def train(task: Task, data: Any) -> Outcome:
    """Trains a replicate.

    Args:
        task: What to train.
        data: Object with ``x_train`` and ``y_train``, or a function of the replicate's number
            that returns one; as :func:`course_utils.experiments.run` takes it.

    Raises:
        ReplicateError: Anything in it failed.
    """
    try:
        with _turn:
            if task.parent == here():
                return _train(task, data)
            _limit_threads(task.threads)
            with warnings.catch_warnings(record=True) as caught:
                outcome = _train(task, data)
            outcome.warnings = [(w.category, str(w.message)) for w in caught]
            return outcome
    except Exception as error:
        raise task.failed(error) from error


def threads() -> int:
    """Returns how many threads an operation of TensorFlow uses in this process."""
    configured = tf.config.threading.get_intra_op_parallelism_threads()
    return int(configured or os.environ.get("TF_NUM_INTRAOP_THREADS") or joblib.cpu_count())


def _train(task: Task, data: Any) -> Outcome:
    data = data(task.replicate) if callable(data) else data
    cloned = task.measure is not None or task.callbacks is not None  # for all that we know
    model = _models.take(build(task.build, task.seed, data.x_train), initializers=cloned)
    validation = None
    if getattr(data, "x_valid", None) is not None:
        validation = (data.x_valid, data.y_valid)
    start = time.perf_counter()
    history = training.fit(
        model,
        data.x_train,
        data.y_train,
        epochs=task.epochs,
        batch_size=task.batch_size,
        validation_data=validation,
        seed=task.seed,
        callbacks=task.callbacks() if task.callbacks else (),
        progress=False,
        **task.fit,
    )
    seconds = time.perf_counter() - start
    logs = {name: [float(v) for v in values] for name, values in history.history.items()}
    measured = _measure(task, model, data, set(logs))
    return Outcome(logs, measured, seconds, threads())


def _measure(task: Task, model: Any, data: Any, taken: set[str]) -> dict[str, float]:
    if task.measure is None:
        return {}
    measured = task.measure(model, data)
    if not isinstance(measured, Mapping):
        raise TypeError(
            "measure must return a dict of numbers by their names, such as {'test_accuracy': 0.9}, "
            f"not {type(measured).__name__}."
        )
    numbers_by_name = {}
    for name, value in measured.items():
        if name in taken:
            raise ValueError(f"measure returned {name!r}, which is a metric of training already.")
        numbers_by_name[str(name)] = _number(name, value)
    return numbers_by_name


def _number(name: str, value: Any) -> float:
    if isinstance(value, numbers.Real):
        return float(value)
    shape = getattr(value, "shape", None)
    if shape is None or math.prod(shape) != 1:
        raise TypeError(f"measure must return a number for {name!r}, not {value!r}.")
    return float(np.asarray(value).item())


def _limit_threads(count: int) -> None:
    try:
        tf.config.threading.set_intra_op_parallelism_threads(count)
    except RuntimeError:  # TensorFlow runs already: the worker was used before
        return
