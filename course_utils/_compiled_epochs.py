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


class CompiledEpochs:
    """The compiled epochs of one model as it is compiled now, for one size of batches."""

    def __init__(self, model: Any, batch_size: int) -> None:
        # The model is the key of the cache that holds this object: a reference would keep it alive.
        self._model = weakref.ref(model)
        self._batch_size = batch_size
        self._stamp = _stamp(model)
        self._train = self._function("train_step")
        self._test = self._function("test_step")

    def train(self, data: Any) -> dict[str, Any]:
        """Trains for one epoch on packed tensors, in their order, and returns the metrics."""
        return self._run(self._train, data)

    def test(self, data: Any) -> dict[str, Any]:
        """Evaluates packed tensors and returns the metrics."""
        return self._run(self._test, data)

    def compile(self, data: Any, validation: Any = None) -> None:
        """Traces and compiles without running a step.

        Raises:
            CannotCompileError: Something in the model does not compile.
        """
        try:
            _call(self._train, data, 0, 0)
            if validation is not None:
                _call(self._test, validation, 0, 0)
        except CannotCompileError:
            raise
        except Exception as error:  # XLA and tracing raise whatever they like
            lines = str(error).strip().splitlines() or [""]
            raise CannotCompileError(f"{type(error).__name__}: {lines[0]}") from error

    def is_current(self, model: Any) -> bool:
        """Says whether the model has not been compiled anew since."""
        return all(a is b for a, b in zip(self._stamp, _stamp(model), strict=True))

    def _run(self, function: Any, data: Any) -> dict[str, Any]:
        model = self._model()
        assert model is not None
        model.reset_metrics()
        steps, rest = divmod(_length(data), self._batch_size)
        _call(function, data, steps, min(rest, 1))
        return dict(model.get_metrics_result())

    def _function(self, name: str) -> Any:
        def epoch(data: Any, steps: Any, rests: Any) -> None:
            model = self._model()
            with _fast_random.cheap_under_xla():
                _loop_over_batches(model, name, data, self._batch_size, steps, rests)

        return tf.function(epoch, jit_compile=True, autograph=False)


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


def _call(function: Any, data: Any, steps: int, rests: int) -> None:
    arguments = (data, tf.constant(steps), tf.constant(rests))
    # Calling `function` itself would make TensorFlow complain of retracing after a few models.
    function.get_concrete_function(*arguments)(*arguments)


def _loop_over_batches(
    model: Any, name: str, data: Any, batch_size: int, steps: Any, rests: Any
) -> None:
    """Runs `steps` whole batches, then `rests` (0 or 1) times the examples that are left over.

    The numbers of runs are tensors, so that a call with zeros compiles everything and runs nothing.
    """
    whole, left = divmod(_length(data), batch_size)

    def run(start: Any, size: int) -> None:
        logs = getattr(model, name)(keras.tree.map_structure(lambda a: _rows(a, start, size), data))
        _check_logs(model, name, logs)

    if whole:
        _repeat(steps, lambda i: run(i * batch_size, batch_size))
    if left:
        _repeat(rests, lambda i: run(i + whole * batch_size, left))


def _repeat(times: Any, run: Callable[[Any], None]) -> None:
    def body(i: Any) -> tuple[Any]:
        run(i)
        return (i + 1,)

    tf.while_loop(lambda i: i < times, body, [tf.constant(0)])


def _rows(array: Any, start: Any, size: int) -> Any:
    if array is None:
        return None
    others = array.shape[1:].as_list()
    return tf.slice(array, [start] + [0] * len(others), [size, *others])


def _check_logs(model: Any, name: str, logs: Any) -> None:
    """Refuses a train_step of the user's own that returns something else than the metrics."""
    if not isinstance(logs, dict) or set(logs) != set(model.get_metrics_result()):
        raise CannotCompileError(
            f"{type(model).__name__}.{name} returns logs that are not the model's metrics"
        )
