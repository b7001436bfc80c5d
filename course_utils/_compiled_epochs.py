"""An epoch of training or of evaluation as one call compiled by XLA.

What is compiled is the model's own ``train_step`` and ``test_step``, so layers, loss, metrics and
optimizer mean what they mean in ``model.fit``. The order of the examples is settled before the
call; inside, batches are slices that lie one behind the other.
"""

import weakref
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from course_utils import _fast_random

__all__ = ["CannotCompileError", "CompiledEpochs", "compiled_epochs"]


class CannotCompileError(Exception):
    """XLA refuses the model, or compiling it would change what it computes."""


_STEPS = ("train_step", "test_step")


class CompiledEpochs:
    """The compiled epochs of one model as it is compiled now, for one size of batches."""

    def __init__(self, model: Any, batch_size: int) -> None:
        # The model is the key of the cache that holds this object: a reference would keep it alive.
        self._model = weakref.ref(model)
        self._batch_size = batch_size
        self._stamp = _stamp(model)
        self.passed: dict[str, Any] = {}  # as _training_data.check_fits_model keeps it
        # What is left over is one step of another shape: compiling it as well would double the
        # time to compile, and saves nothing.
        self._batches = {step: self._function(step, _all_batches, True) for step in _STEPS}
        self._rest = {step: self._function(step, _left_over, False) for step in _STEPS}

    def train(self, data: Any, order: Any = None) -> dict[str, Any]:
        """Trains for one epoch on packed tensors and returns the metrics.

        Args:
            data: What ``train_step`` takes, with all examples in place of one batch.
            order: Numbers of the examples in the order to take them, ``(examples,)``. None: as
                they lie.
        """
        return self._run("train_step", data, order)

    def test(self, data: Any) -> dict[str, Any]:
        """Evaluates packed tensors and returns the metrics."""
        return self._run("test_step", data)

    def compile(self, data: Any, order: Any = None, validation: Any = None) -> None:
        """Traces and compiles without running a step.

        Raises:
            CannotCompileError: Something in the model does not compile.
        """
        try:
            self._prepare("train_step", data, order)
            if validation is not None:
                self._prepare("test_step", validation, None)
        except CannotCompileError:
            raise
        except Exception as error:  # XLA and tracing raise whatever they like
            lines = str(error).strip().splitlines() or [""]
            raise CannotCompileError(f"{type(error).__name__}: {lines[0]}") from error

    def is_current(self, model: Any) -> bool:
        """Says whether the model has not been compiled anew since."""
        return all(a is b for a, b in zip(self._stamp, _stamp(model), strict=True))

    def _prepare(self, step: str, data: Any, order: Any) -> None:
        order = _as_numbers(order)
        _concrete(self._batches[step], data, order, tf.constant(0))(data, order, tf.constant(0))
        if _length(data) % self._batch_size:
            _concrete(self._rest[step], data, order)

    def _run(self, step: str, data: Any, order: Any = None) -> dict[str, Any]:
        model = self._model()
        assert model is not None
        model.reset_metrics()
        order = _as_numbers(order)
        batches, rest = divmod(_length(data), self._batch_size)
        times = tf.constant(batches)
        _concrete(self._batches[step], data, order, times)(data, order, times)
        if rest:
            _concrete(self._rest[step], data, order)(data, order)
        return dict(model.get_metrics_result())

    def _function(self, step: str, part: Callable[..., None], jit_compile: bool) -> Any:
        def run(data: Any, order: Any, *times: Any) -> None:
            model = self._model()
            with _fast_random.cheap_under_xla():
                part(model, step, data, order, self._batch_size, *times)

        return tf.function(run, jit_compile=jit_compile, autograph=False)


_cache: "weakref.WeakKeyDictionary[Any, dict[int, CompiledEpochs]]" = weakref.WeakKeyDictionary()


def compiled_epochs(model: Any, batch_size: int) -> CompiledEpochs:
    """Returns the compiled epochs of a built model; a second call costs nothing."""
    known = _cache.setdefault(model, {})
    if batch_size not in known or not known[batch_size].is_current(model):
        known[batch_size] = CompiledEpochs(model, batch_size)
    return known[batch_size]


def _stamp(model: Any) -> tuple[Any, ...]:
    # compile() makes a new tracker of the loss, which is the first of the metrics.
    return (model.optimizer, next(iter(model.metrics), None))


def _length(data: Any) -> int:
    return int(next(a for a in keras.tree.flatten(data) if a is not None).shape[0])


def _as_numbers(order: Any) -> Any:
    return None if order is None else tf.constant(order, tf.int32)


def _concrete(function: Any, *arguments: Any) -> Any:
    # Calling `function` itself would make TensorFlow complain of retracing after a few models.
    return function.get_concrete_function(*arguments)


def _all_batches(model: Any, step: str, data: Any, order: Any, batch_size: int, times: Any) -> None:
    """Runs the first `times` batches, a tensor, so that a call with 0 compiles and runs nothing."""

    def body(i: Any) -> tuple[Any]:
        _run_step(model, step, data, order, i * batch_size, batch_size)
        return (i + 1,)

    if _length(data) >= batch_size:
        tf.while_loop(lambda i: i < times, body, [tf.constant(0)])


def _left_over(model: Any, step: str, data: Any, order: Any, batch_size: int) -> None:
    """Runs one step on the examples that do not fill a batch."""
    rest = _length(data) % batch_size
    _run_step(model, step, data, order, _length(data) - rest, rest)


def _run_step(model: Any, step: str, data: Any, order: Any, start: Any, size: int) -> None:
    places = _rows(order, start, size)
    batch = keras.tree.map_structure(lambda a: _batch(a, places, start, size), data)
    logs = getattr(model, step)(batch)
    if not isinstance(logs, dict) or set(logs) != set(model.get_metrics_result()):
        raise CannotCompileError(
            f"{type(model).__name__}.{step} returns logs that are not the model's metrics"
        )


def _batch(array: Any, places: Any, start: Any, size: int) -> Any:
    # Gathering an epoch's data before the call would copy them all, which costs five times as much.
    if array is None or places is None:
        return _rows(array, start, size)
    return tf.gather(array, places)


def _rows(array: Any, start: Any, size: int) -> Any:
    if array is None:
        return None
    others = array.shape[1:].as_list()
    return tf.slice(array, [start] + [0] * len(others), [size, *others])
