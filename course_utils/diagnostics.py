"""Signals and gradients of a Keras model, layer by layer, in one call.

The statistics follow Glorot and Bengio (2010): the spread of the activations on the way forward,
and of the gradient with respect to the pre-activations on the way back.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

__all__ = ["SATURATED_SLOPE", "layer_statistics"]

#: An activation counts as saturated where its slope is smaller than this.
SATURATED_SLOPE = 0.05

_ACTIVATION_LAYERS = ("ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax")
_NOT_ELEMENTWISE = ("softmax", "log_softmax", "sparsemax", "Softmax", "glu")


@dataclass
class _Call:
    """One call of one layer: z is what goes into its activation, a what comes out."""

    layer: Any
    activation: Callable[[Any], Any] | None = None
    activation_name: str = "linear"
    z: Any = None
    a: Any = None


def layer_statistics(
    model: Any,
    x: Any,
    y: ArrayLike | None = None,
    loss: str | Callable[..., Any] | None = None,
    *,
    training: bool = False,
) -> pd.DataFrame:
    """Measures every layer of a model on one batch: signal, weights and, given labels, gradients.

    One pass forward and, with `y`, one pass back. Works for Sequential, Functional and subclassed
    models, nested ones too. There is one row for each call of a layer that has weights or an
    activation, in the order of the calls; layers that only reshape or drop have none. Recurrent
    layers are seen from outside: their steps in time are not taken apart.

    Args:
        model: A built Keras model (TensorFlow backend). It is left as it was.
        x: One batch of inputs, ``(batch, ...)``; what the model takes, so for several inputs a
            list or dict of arrays.
        y: Labels of the batch, in the form that `loss` takes. None: no gradients.
        loss: Keras's name of the loss, or a function of ``(y, predictions)``. None takes the loss
            that the model was compiled with. Penalties on weights are left out.
        training: Whether batch normalization and dropout behave as in training. Moving averages
            and random states are put back afterwards.

    Returns:
        One row per layer, with the columns

        - ``layer``: 1, 2, ... in the order of the calls
        - ``name``, ``type``, ``activation``
        - ``signal_mean``, ``signal_std``: of the layer's output, over examples and units
        - ``example_std``: how far the output differs from example to example: root mean square
          over the units of each unit's standard deviation over the batch
        - ``preactivation_std``: of what enters the activation, over examples and units
        - ``saturated``: share of outputs at which the activation's slope is below
          `SATURATED_SLOPE` in size; NaN for softmax, which has no slope of its own per unit
        - ``dead``: share of units whose activation has slope 0 for every example of the batch
        - ``weight_mean``, ``weight_std``: of the kernel; NaN without one
        - ``gradient_std``: of the gradient of one example's loss with respect to the
          pre-activations, over examples and units
        - ``weight_gradient_std``, ``weight_gradient_norm``: of the gradient of the batch's mean
          loss with respect to the kernel

        The last three only with `y`. Values that overflow show as inf or NaN.

    Raises:
        ValueError: The model is not built, shapes do not fit, an input is not finite, or labels
            come without a loss or a loss without labels.
        RuntimeError: Keras runs on another backend than TensorFlow.
    """
    import keras
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"layer_statistics needs Keras on TensorFlow, not on {keras.backend.backend()}: set "
            "the environment variable KERAS_BACKEND=tensorflow before Keras is imported."
        )
    loss_function = _check(model, x, y, loss)
    with (
        _restored(model),
        tf.GradientTape() as tape,
        _recorded(model, tape) as calls,
    ):
        predictions = model(_as_tensors(x), training=training)
        total = None if loss_function is None else loss_function(y, predictions)
    calls = [call for call in calls if _has_row(call)]
    if not calls:
        raise ValueError("The model has no layer with weights or an activation to report on.")
    gradients = None if total is None else _gradients(tape, total, calls)
    batch = len(predictions if tf.is_tensor(predictions) else tf.nest.flatten(predictions)[0])
    rows = []
    with np.errstate(all="ignore"):  # a signal that overflows is a finding, not a fault
        for number, call in enumerate(calls):
            row = {"layer": number + 1, **_signal_row(call), **_weight_row(call)}
            if gradients is not None:
                row |= _gradient_row(*gradients[number], batch)
            rows.append(row)
    return pd.DataFrame(rows)


def _has_row(call: _Call) -> bool:
    return call.z is not None and (bool(call.layer.weights) or call.activation is not None)


def _gradients(tape: Any, total: Any, calls: list[_Call]) -> list[tuple[Any, Any]]:
    """Returns for each call the gradient with respect to z and to the kernel, or None."""
    with_kernel = [index for index, call in enumerate(calls) if _kernel(call.layer) is not None]
    kernels = [_kernel(calls[index].layer).value for index in with_kernel]
    by_z, by_kernel = tape.gradient(total, ([call.z for call in calls], kernels))
    found = dict(zip(with_kernel, by_kernel, strict=True))
    return [(gradient, found.get(index)) for index, gradient in enumerate(by_z)]


def _signal_row(call: _Call) -> dict[str, Any]:
    z, a = _array(call.z), _array(call.a)
    by_example = a.reshape(len(a), -1)
    slope = _slope(call)
    by_unit = None if slope is None else np.abs(slope).reshape(len(slope), -1)
    return {
        "name": call.layer.name,
        "type": type(call.layer).__name__,
        "activation": call.activation_name,
        "signal_mean": a.mean(),
        "signal_std": a.std(),
        "example_std": np.sqrt(by_example.var(axis=0).mean()),
        "preactivation_std": z.std(),
        "saturated": np.nan if by_unit is None else (by_unit < SATURATED_SLOPE).mean(),
        "dead": np.nan if by_unit is None else (by_unit == 0).all(axis=0).mean(),
    }


def _weight_row(call: _Call) -> dict[str, Any]:
    kernel = _kernel(call.layer)
    if kernel is None:
        return {"weight_mean": np.nan, "weight_std": np.nan}
    weights = _array(kernel.value)
    return {"weight_mean": weights.mean(), "weight_std": weights.std()}


def _gradient_row(z_gradient: Any, kernel_gradient: Any, batch: int) -> dict[str, Any]:
    # The loss is a mean over the batch; one example's gradient is `batch` times its share of it.
    signal = np.array(np.nan) if z_gradient is None else batch * _array(z_gradient)
    weights = np.array(np.nan) if kernel_gradient is None else _array(kernel_gradient)
    return {
        "gradient_std": signal.std(),
        "weight_gradient_std": weights.std(),
        "weight_gradient_norm": np.sqrt((weights**2).sum()),
    }


def _slope(call: _Call) -> NDArray[np.float64] | None:
    """Returns the slope of the activation at every z, or None where units act on each other."""
    import tensorflow as tf

    if call.activation_name in _NOT_ELEMENTWISE or call.z.shape != call.a.shape:
        return None
    if call.activation is None:
        return np.ones(call.z.shape)
    with tf.GradientTape() as tape:
        tape.watch(call.z)
        a = call.activation(call.z)
    slope = tape.gradient(a, call.z)
    return np.zeros(call.z.shape) if slope is None else _array(slope)


def _array(tensor: Any) -> NDArray[np.float64]:
    import tensorflow as tf

    # Sums of float32 over a large batch, or squares of a large signal, would lose digits.
    return np.asarray(tf.convert_to_tensor(tensor), dtype=np.float64)


def _kernel(layer: Any) -> Any:
    """Returns the weights that multiply the layer's input, or None."""
    for name in ("kernel", "embeddings"):
        kernel = getattr(layer, name, None)
        if kernel is not None:
            return kernel
    return None


@contextlib.contextmanager
def _recorded(model: Any, tape: Any) -> Iterator[list[_Call]]:
    """Notes every call of the model's innermost layers while the context lasts.

    The instances get a wrapper around `call` and `activation`, written past Keras's bookkeeping
    of attributes, which refuses changes to a built layer.
    """
    calls: list[_Call] = []
    layers = list(_innermost(model))
    for layer in layers:
        kernel = _kernel(layer)
        if kernel is not None:
            tape.watch(kernel.value)  # a frozen kernel is not watched by itself
    with contextlib.ExitStack() as stack:
        for layer in layers:
            current: list[_Call] = []
            stack.enter_context(_replaced(layer, "call", _noting_call(layer, calls, current, tape)))
            if callable(vars(layer).get("activation")):
                wrapper = _noting_activation(layer, current, tape)
                stack.enter_context(_replaced(layer, "activation", wrapper))
        yield calls


def _noting_call(
    layer: Any, calls: list[_Call], current: list[_Call], tape: Any
) -> Callable[..., Any]:
    original = layer.call
    is_activation = type(layer).__name__ in _ACTIVATION_LAYERS

    def call(*args: Any, **kwargs: Any) -> Any:
        note = _Call(layer)
        calls.append(note)
        current.append(note)
        if is_activation:
            note.z, note.activation = args[0], original
            note.activation_name = type(layer).__name__
            tape.watch(note.z)
        output = original(*args, **kwargs)
        current.pop()
        tensor = _first_float(output)
        if tensor is not None:
            if note.z is None:
                note.z = tensor
                tape.watch(tensor)
            note.a = tensor
        return output

    return call


def _noting_activation(layer: Any, current: list[_Call], tape: Any) -> Callable[..., Any]:
    original = vars(layer)["activation"]
    name = str(getattr(original, "__name__", type(original).__name__))

    def activation(z: Any) -> Any:
        if current:
            note = current[-1]
            note.z, note.activation_name = z, name
            note.activation = None if name == "linear" else original
            tape.watch(z)
        return original(z)

    return activation


@contextlib.contextmanager
def _replaced(instance: Any, name: str, value: Any) -> Iterator[None]:
    attributes = vars(instance)
    had, before = name in attributes, attributes.get(name)
    attributes[name] = value
    try:
        yield
    finally:
        if had:
            attributes[name] = before
        else:
            del attributes[name]


@contextlib.contextmanager
def _restored(model: Any) -> Iterator[None]:
    """Puts moving averages and the states of random generators back afterwards."""
    variables = model.non_trainable_variables
    before = [variable.numpy() for variable in variables]
    try:
        yield
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)


def _innermost(layer: Any) -> Iterator[Any]:
    """Yields the layers that do the work: those without sublayers, or with a kernel of their own.

    Keras has no public way to the sublayers of a layer that is no model; `_flatten_layers` is
    what its own models use.
    """
    import keras

    sublayers = layer._flatten_layers(include_self=False, recursive=False)
    if isinstance(layer, keras.layers.RNN) or not sublayers or _kernel(layer) is not None:
        yield layer
        return
    seen: set[int] = set()
    for sublayer in sublayers:
        for inner in _innermost(sublayer):
            if id(inner) not in seen:
                seen.add(id(inner))
                yield inner


def _first_float(output: Any) -> Any:
    import tensorflow as tf

    for tensor in tf.nest.flatten(output):
        if tf.is_tensor(tensor) and tensor.dtype.is_floating:
            return tensor
    return None


def _as_tensors(x: Any) -> Any:
    import tensorflow as tf

    def convert(part: Any) -> Any:
        array = np.asarray(part)
        return tf.convert_to_tensor(array.astype(np.float32) if array.dtype.kind == "f" else array)

    return tf.nest.map_structure(convert, x) if isinstance(x, (list, tuple, dict)) else convert(x)


def _check(model: Any, x: Any, y: Any, loss: Any) -> Callable[[Any, Any], Any] | None:
    """Checks the arguments; returns the mean loss as a function of (y, predictions), or None."""
    import tensorflow as tf

    if not getattr(model, "built", False):
        raise ValueError(
            "The model is not built, so it has no weights yet: start it with keras.Input(...), "
            "call model.build((None, ...)), or call it once on a batch."
        )
    parts = [np.asarray(part) for part in tf.nest.flatten(x)]
    _check_inputs(model, parts)
    if y is None:
        if loss is not None:
            raise ValueError("A loss was given without labels: give y as well, or leave loss out.")
        return None
    if len(np.asarray(y)) != len(parts[0]):
        raise ValueError(f"x has {len(parts[0])} examples, y has {len(np.asarray(y))}.")
    return _mean_loss(model, loss)


def _check_inputs(model: Any, parts: list[NDArray[Any]]) -> None:
    if any(part.ndim == 0 or len(part) == 0 for part in parts):
        raise ValueError("x must be a batch of at least one example, with shape (batch, ...).")
    for part in parts:
        if part.dtype.kind == "f" and not np.isfinite(part).all():
            raise ValueError(
                f"x has {np.count_nonzero(~np.isfinite(part))} values that are NaN or infinite: "
                "look for a division by 0 in the scaling."
            )
    expected = [tuple(tensor.shape) for tensor in getattr(model, "inputs", None) or []]
    found = [part.shape for part in parts]
    fits = len(expected) == len(found) and all(
        len(have) == len(want) and all(w in (None, h) for w, h in zip(want, have, strict=True))
        for want, have in zip(expected, found, strict=True)
    )
    if expected and not fits:
        raise ValueError(f"x has the shape {found}, the model takes {expected} (None: any number).")


def _mean_loss(model: Any, loss: Any) -> Callable[[Any, Any], Any]:
    import keras
    import tensorflow as tf

    loss = getattr(model, "loss", None) if loss is None else loss
    if loss is None or isinstance(loss, (list, dict)):
        raise ValueError(
            "Labels were given without a loss: give loss='sparse_categorical_crossentropy' or "
            "another one, or compile the model with a single loss."
        )
    function = keras.losses.get(loss)
    if isinstance(function, keras.losses.Loss):
        function = function.call  # one value per example, whatever the reduction

    def mean(y: Any, predictions: Any) -> Any:
        labels = np.asarray(y)
        if "sparse" in str(getattr(function, "__name__", loss)):
            classes = predictions.shape[-1]
            if labels.min() < 0 or labels.max() >= classes:
                raise ValueError(
                    f"Labels run from {labels.min()} to {labels.max()}, but the model has "
                    f"{classes} outputs: labels must be 0 to {classes - 1}."
                )
        if labels.ndim + 1 == len(predictions.shape) and predictions.shape[-1] == 1:
            labels = labels[..., np.newaxis]  # one output per example: Keras takes both forms
        try:
            return tf.reduce_mean(function(tf.convert_to_tensor(labels), predictions))
        except (ValueError, tf.errors.InvalidArgumentError) as error:
            raise ValueError(
                f"Labels of shape {labels.shape} do not fit predictions of shape "
                f"{tuple(predictions.shape)} and this loss: {error}"
            ) from error

    return mean
