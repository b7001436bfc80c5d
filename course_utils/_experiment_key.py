"""Tells by a key which replicates have the same result, down to the last bit."""

import functools
import hashlib
import os
import platform
import sys
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import course_utils
from course_utils import _experiment_replicate
from course_utils._experiment_code import describe, fingerprint
from course_utils._experiment_models import build
from course_utils._experiment_spec import architecture, compilation, foreign_parts, layer_names
from course_utils._experiment_task import Task

__all__ = ["Keys"]

_SETTINGS = ("TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS", "TF_XLA_FLAGS")


class Keys:
    """Makes the keys of one experiment; large data are read only once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, bool], tuple[Any, str]] = {}

    def key(self, task: Task, source: Any) -> str:
        """Returns the key of a replicate: a SHA-256 of all that its result follows from.

        Not in it are threads, which decide about rounding, as they are not known beforehand.

        Args:
            task: The replicate. Its model is built for that, but not trained.
            source: Its data, or the function that returns them.

        Raises:
            CannotDescribeError: Something in it cannot be described, so its change could not be
                seen.
        """
        data = source(task.replicate) if callable(source) else source
        model = build(task.build, task.seed, data.x_train)
        parts = {
            "architecture": architecture(model),
            "compilation": compilation(model),
            "code": describe(foreign_parts(model)),
            "weights": _weights(model),
            "names": layer_names(model) if task.measure or task.callbacks else (),
            "data": self._data(task, source, data),
            "measure": describe(task.measure),
            "callbacks": describe(task.callbacks and task.callbacks()),
            "fit": describe(dict(task.fit)),
            "numbers": (task.epochs, task.batch_size, task.seed),
            "environment": _environment(),
        }
        return hashlib.sha256(repr(sorted(parts.items())).encode()).hexdigest()

    def _data(self, task: Task, source: Any, data: Any) -> str:
        """Hashes what training reads, or all that `data` has, which `measure` may read."""
        whole = task.measure is not None
        place = (id(source), task.replicate if callable(source) else 0, whole)
        if place not in self._known:
            names = ("x_train", "y_train", "x_valid", "y_valid")
            read = data if whole else [getattr(data, name, None) for name in names]
            # With the source itself: the id of an object that died may come back.
            self._known[place] = (source, fingerprint(read))
        return self._known[place][1]


def _weights(model: Any) -> str:
    digest = hashlib.sha256()
    for variable in [*model.variables, *model.optimizer.variables]:
        value = np.ascontiguousarray(keras.ops.convert_to_numpy(variable))
        digest.update(f"{value.dtype.str} {value.shape} ".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()


@functools.cache
def _environment() -> str:
    """Describes versions, device and code that training runs on."""
    versions = (platform.python_version(), np.__version__, keras.__version__, tf.__version__)
    devices = [device.device_type for device in tf.config.list_physical_devices()]
    settings = [os.environ.get(name) for name in _SETTINGS]
    code = describe(sys.modules[_experiment_replicate.__name__])
    return repr((course_utils.__version__, versions, platform.machine(), devices, settings, code))
