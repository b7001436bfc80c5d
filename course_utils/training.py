"""``fit``: what ``model.fit`` does, with every epoch as one compiled call.

``model.fit`` hands batches to TensorFlow one by one; for the networks of this course that costs
several times what the arithmetic costs. Here the data lie in memory as tensors, and XLA compiles
the loop over the batches together with the model's own training step.
"""

import math
import random
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tqdm import TqdmWarning

from course_utils import _training_data
from course_utils._compiled_epochs import CannotCompileError, CompiledEpochs, compiled_epochs

with warnings.catch_warnings():
    # In a notebook without ipywidgets tqdm warns, and then draws the bar in text.
    warnings.simplefilter("ignore", TqdmWarning)
    from tqdm.auto import tqdm

__all__ = ["FallbackWarning", "fit"]

_BATCH_HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_batch_begin",
    "on_test_batch_end",
)


class FallbackWarning(UserWarning):
    """Says that ``model.fit`` trains in place of the compiled epochs: as right, but slower."""


def fit(
    model: Any,
    x: Any,
    y: Any = None,
    *,
    epochs: int,
    batch_size: int = 32,
    validation_data: Any = None,
    shuffle: bool = True,
    seed: int | None = None,
    callbacks: Iterable[Any] = (),
    progress: bool = True,
    class_weight: Mapping[int, float] | None = None,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    stop_on_nan: bool = False,
) -> Any:
    """Trains a compiled Keras model; means the same as ``model.fit``, only faster.

    The first call for a model compiles, which takes a second or two; later calls, and other data
    of the same shapes, do not. Training continues where the model stands: weights, optimizer and
    schedule are the model's own. An epoch is one call, so a keyboard interrupt waits for its end.

    What cannot be compiled (callbacks that act on batches, generators and datasets, a layer that
    XLA refuses, mixed precision, ``run_eagerly``) is trained by ``model.fit``, with a
    :class:`FallbackWarning`.

    Args:
        model: Compiled Keras model on the TensorFlow backend: Sequential, Functional, subclassed.
        x: Inputs, ``(examples, ...)``; a list or dict of arrays for several inputs.
        y: Targets, ``(examples, ...)``, likewise. None if the model's losses need none.
        epochs: Number of the last epoch, counted from `initial_epoch`.
        batch_size: Examples in one step. The last step takes what is left.
        validation_data: ``(x, y)`` or ``(x, y, sample_weight)``, evaluated after every epoch.
        shuffle: Whether every epoch takes the examples in a new random order.
        seed: Seed of the order, and of dropout and noise in the layers. The same seed and the same
            weights give the same history, to the last bit, on the same machine. None follows
            ``keras.utils.set_random_seed``.
        callbacks: Keras callbacks.
        progress: Whether to show a progress bar with the metrics.
        class_weight: Weight of every class in the loss, by its number.
        sample_weight: Weights of the examples in the loss, ``(examples,)``.
        initial_epoch: Number of the first epoch, to continue an earlier run.
        stop_on_nan: Whether a loss that is not a finite number raises.

    Returns:
        The ``keras.callbacks.History``, with the keys that ``model.fit`` gives.

    Raises:
        TypeError: `model` is no Keras model, or a number is not whole.
        ValueError: Settings or data cannot be used; nothing has been trained.
        FloatingPointError: With `stop_on_nan`, the loss became NaN or infinite.
    """
    _training_data.check_settings(model, epochs, batch_size, initial_epoch)
    callbacks = [callbacks] if isinstance(callbacks, keras.callbacks.Callback) else list(callbacks)
    weights = {"sample_weight": sample_weight, "class_weight": class_weight}
    in_memory = _training_data.is_in_memory((x, y, validation_data, sample_weight))
    reason = _reason_not_to_compile(model, callbacks, in_memory)
    data = validation = None
    if in_memory:
        data = _training_data.prepare(x, y, **weights)
        validation = _training_data.prepare_validation(validation_data)
        for part in (data, validation):
            if part is not None:
                passed = compiled_epochs(model, batch_size).passed
                _training_data.check_fits_model(model, part, batch_size, passed)
        reason = reason or _compile(model, data, validation, batch_size, shuffle)
    with tqdm(total=epochs - initial_epoch, disable=not progress, unit="epoch") as bar:
        callbacks += [_Progress(bar)] + [_StopOnNaN()] * stop_on_nan
        if reason is None:
            rounds = range(initial_epoch, epochs)
            return _train(model, data, validation, callbacks, rounds, batch_size, shuffle, seed)
        warnings.warn(f"model.fit trains this model: {reason}.", FallbackWarning, stacklevel=2)
        if seed is not None:
            keras.utils.set_random_seed(seed)
        return model.fit(
            x,
            y,
            epochs=epochs,
            batch_size=batch_size if in_memory else None,
            validation_data=validation_data,
            shuffle=shuffle and in_memory,
            callbacks=callbacks,
            initial_epoch=initial_epoch,
            verbose=0,
            **weights,
        )


def _compile(model: Any, data: Any, validation: Any, batch_size: int, shuffle: bool) -> str | None:
    """Compiles the epochs, or says why that cannot be."""
    if _training_data.has_unchecked_indices(model):
        return "an Embedding layer is not fed by an input directly, so its indices are unchecked"
    try:
        order = np.arange(_examples(data)) if shuffle else None
        compiled_epochs(model, batch_size).compile(data, order, validation)
    except CannotCompileError as error:
        return f"the model cannot be compiled ({error})"
    return None


def _train(
    model: Any,
    data: Any,
    validation: Any,
    callbacks: Sequence[Any],
    rounds: range,
    batch_size: int,
    shuffle: bool,
    seed: int | None,
) -> Any:
    """Does what Keras's own ``fit`` does, in the same order, around compiled epochs."""
    examples = _examples(data)
    hooks = keras.callbacks.CallbackList(
        list(callbacks),
        add_history=True,
        model=model,
        verbose=0,
        epochs=rounds.stop,
        steps=math.ceil(examples / batch_size),
    )
    source = random.getrandbits(63) if seed is None else seed
    if seed is not None:
        _seed_layers(model, seed, rounds.start)
    model.stop_training = False
    logs = None
    hooks.on_train_begin()
    # Keras's BackupAndRestore says there where an interrupted run stood.
    for epoch in range(getattr(model, "_initial_epoch", None) or rounds.start, rounds.stop):
        hooks.on_epoch_begin(epoch)
        compiled = compiled_epochs(model, batch_size)
        order = np.random.default_rng((source, epoch)).permutation(examples) if shuffle else None
        logs = compiled.train(data, order)
        if validation is not None:
            logs |= _evaluate(compiled, validation, hooks)
        hooks.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    model.optimizer.finalize_variable_values(model.trainable_weights)
    hooks.on_train_end(logs)
    return model.history


def _examples(data: Any) -> int:
    return int(next(a for a in keras.tree.flatten(data) if a is not None).shape[0])


def _evaluate(compiled: CompiledEpochs, validation: Any, hooks: Any) -> dict[str, Any]:
    hooks.on_test_begin()
    logs = compiled.test(validation)
    hooks.on_test_end(logs)
    return {f"val_{name}": value for name, value in logs.items()}


def _seed_layers(model: Any, seed: int, epoch: int) -> None:
    """Starts the random states of all layers anew, each at a place of its own."""
    states = [v for v in model.variables if v.path.endswith("seed_generator_state")]
    words = np.random.SeedSequence((seed, epoch)).generate_state(len(states))
    for state, word in zip(states, words, strict=True):
        state.assign([int(word) >> 1, 0])


def _reason_not_to_compile(model: Any, callbacks: Sequence[Any], in_memory: bool) -> str | None:
    if keras.backend.backend() != "tensorflow":
        return "Keras does not run on TensorFlow"
    if not in_memory:
        return "the data are not arrays in memory"
    if model.run_eagerly:
        return "it was compiled with run_eagerly=True"
    if any(layer.compute_dtype != layer.variable_dtype for layer in model._flatten_layers()):
        return "it computes in mixed precision, which rounds otherwise when it is compiled"
    if tf.distribute.has_strategy():
        return "a tf.distribute strategy is active"
    acting = [type(callback).__name__ for callback in callbacks if _acts_on_batches(callback)]
    if acting:
        return f"callbacks act on batches: {', '.join(acting)}"
    return None


def _acts_on_batches(callback: Any) -> bool:
    """Says whether a callback does something at batches."""
    if isinstance(callback, keras.callbacks.ModelCheckpoint | keras.callbacks.BackupAndRestore):
        return bool(callback.save_freq != "epoch")
    if isinstance(callback, keras.callbacks.TensorBoard):
        profiles = getattr(callback, "_start_batch", 0) or getattr(callback, "_stop_batch", 0)
        return bool(callback.update_freq != "epoch" or profiles)
    default = keras.callbacks.Callback
    return any(
        getattr(getattr(callback, hook), "__func__", None) is not getattr(default, hook)
        for hook in _BATCH_HOOKS
    )


class _Progress(keras.callbacks.Callback):  # type: ignore[misc]
    """Moves a tqdm bar on after every epoch and shows loss and metrics beside it."""

    def __init__(self, bar: Any) -> None:
        super().__init__()
        self._bar = bar

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        numbers = {k: v for k, v in (logs or {}).items() if isinstance(v, float)}
        self._bar.set_postfix(numbers, refresh=False)
        self._bar.update()


class _StopOnNaN(keras.callbacks.Callback):  # type: ignore[misc]
    """Raises at the end of the first epoch whose loss is not a finite number."""

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"The loss became {loss} in epoch {epoch + 1}: try a smaller learning rate, scaled "
                "inputs, or clipnorm in the optimizer."
            )
