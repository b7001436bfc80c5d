"""Checks what training gets before it starts, and brings it into memory as tensors."""

import math
import operator
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

__all__ = [
    "check_fits_model",
    "check_settings",
    "has_unchecked_indices",
    "is_in_memory",
    "prepare",
    "prepare_validation",
]


class _OutOfRangeError(ValueError):
    """A label or an index that does not exist."""


def check_settings(model: Any, epochs: int, batch_size: int, initial_epoch: int) -> None:
    """Checks what needs no data.

    Raises:
        TypeError: `model` is no Keras model, or a number is not whole.
        ValueError: The model is not compiled, or a number is out of range.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a Keras model, not {type(model).__name__}.")
    if not model.compiled or model.optimizer is None:
        raise ValueError(
            "The model is not compiled: call model.compile(optimizer=..., loss=...) before fit."
        )
    numbers = {"epochs": epochs, "batch_size": batch_size, "initial_epoch": initial_epoch}
    for name, value in numbers.items():
        least = 0 if name == "initial_epoch" else 1
        try:
            too_small = operator.index(value) < least
        except TypeError:
            raise TypeError(f"{name} must be a whole number, not {value!r}.") from None
        if too_small:
            raise ValueError(f"{name} must be at least {least}, not {value}.")
    if initial_epoch >= epochs:
        raise ValueError(
            f"epochs={epochs} is the number of the last epoch, counted from the very first: "
            f"it must be larger than initial_epoch={initial_epoch}."
        )


def is_in_memory(data: Any) -> bool:
    """Says whether a structure consists of dense arrays, tables or tensors and of nothing else."""
    return all(leaf is None or _is_array(leaf) for leaf in keras.tree.flatten(data))


def prepare(x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None) -> Any:
    """Checks arrays and packs them as ``model.fit`` does.

    Args:
        x: Array ``(examples, ...)`` or a list, tuple or dict of such arrays.
        y: The same, or None.
        sample_weight: The same with one weight for each example, or None.
        class_weight: Weight of each class by its number, or None.

    Returns:
        What ``model.train_step`` takes, with all examples in place of one batch, as tensors.

    Raises:
        ValueError: Arrays are missing or empty, differ in length, are not numbers or not finite,
            or class weights cannot be used.
    """
    if class_weight is not None:
        if sample_weight is not None:
            raise ValueError("Give class_weight or sample_weight, not both.")
        sample_weight = _class_weights(y, class_weight)
    parts = {"x": x, "y": y, "sample_weight": sample_weight}
    arrays = {name: _arrays(name, part) for name, part in parts.items()}
    _check_lengths(arrays)
    if isinstance(y, list | tuple | dict) and _is_array(sample_weight):
        weights = arrays["sample_weight"]
        if weights.shape[1:] not in ((), (1,)):
            raise ValueError(
                "With several outputs, give one weight for each example, or one array of weights "
                f"for each output, not one array of shape {weights.shape}."
            )
        arrays["sample_weight"] = keras.tree.map_structure(lambda _: weights, arrays["y"])
    data = keras.utils.pack_x_y_sample_weight(*arrays.values())
    return keras.tree.map_structure(lambda a: None if a is None else tf.convert_to_tensor(a), data)


def prepare_validation(validation_data: Any) -> Any:
    """Prepares ``(x, y)`` or ``(x, y, sample_weight)``; None stays None.

    Raises:
        ValueError: It is neither, or :func:`prepare` objects.
    """
    if validation_data is None:
        return None
    if not isinstance(validation_data, tuple | list) or len(validation_data) not in (2, 3):
        raise ValueError("validation_data must be (x, y) or (x, y, sample_weight).")
    try:
        return prepare(*validation_data)
    except ValueError as error:
        raise ValueError(f"validation_data: {error}") from None


def check_fits_model(model: Any, data: Any, batch_size: int, passed: dict[str, Any]) -> None:
    """Runs one batch through model, loss and metrics, which also builds them.

    Nothing is trained and metrics are reset.

    Args:
        model: Compiled Keras model.
        data: Inputs, targets and weights as :func:`prepare` returns them.
        batch_size: Examples in one step.
        passed: What the model returned for data of the shapes that were checked already, by these
            shapes. Of such data only the values are looked at. New shapes are added.

    Raises:
        ValueError: The model or its loss cannot take these arrays, or labels are out of range.
    """
    inputs, targets, _ = keras.utils.unpack_x_y_sample_weight(data)
    kind = _kind(data, batch_size)
    if model.built:
        _check_indices(model, inputs)
    if kind not in passed:
        passed[kind] = _run_batch(model, data, batch_size)
    else:
        _check_labels(model, targets, passed[kind])
    model.reset_metrics()


def _run_batch(model: Any, data: Any, batch_size: int) -> Any:
    """Returns the shapes of what the model makes of a batch."""
    inputs, targets, _ = keras.utils.unpack_x_y_sample_weight(data)
    batch = keras.tree.map_structure(lambda a: None if a is None else a[:batch_size], data)
    x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
    try:
        predictions = model(x)
        _check_indices(model, inputs)
        _check_labels(model, targets, predictions)
        if type(model).train_step is keras.Model.train_step:
            model.compute_loss(x=x, y=y, y_pred=predictions, sample_weight=weight)
            model.compute_metrics(x, y, predictions, sample_weight=weight)
    except _OutOfRangeError:
        raise
    except Exception as error:
        raise ValueError(
            "The model or its loss cannot take these data.\n"
            f"x: {_shapes(x)}; the model takes {getattr(model, 'input_shape', 'unknown')}.\n"
            f"y: {_shapes(y)}; loss: {model.loss!r}.\n"
            f"Keras says: {error}"
        ) from error
    model.optimizer.build(model.trainable_variables)
    return keras.tree.map_structure(lambda a: tf.TensorSpec(a.shape, a.dtype), predictions)


def _kind(data: Any, batch_size: int) -> str:
    """Describes what a batch of these data looks like."""

    def batch(leaf: Any) -> Any:
        if leaf is None:
            return None
        return [min(len(leaf), batch_size), *leaf.shape[1:], leaf.dtype.name]

    return repr(keras.tree.map_structure(batch, data))


def has_unchecked_indices(model: Any) -> bool:
    """Says whether an Embedding layer gets something else than an input of the model.

    XLA computes something for an index out of range, where TensorFlow raises.
    """
    return any(None in _positions(model, layer) for layer in _embeddings(model))


def _is_array(leaf: Any) -> bool:
    if isinstance(leaf, tf.SparseTensor | tf.RaggedTensor):
        return False
    return isinstance(leaf, np.ndarray | tf.Tensor) or (
        hasattr(leaf, "__array__") and hasattr(leaf, "shape")
    )


def _arrays(name: str, part: Any) -> Any:
    # Keras hands a list of inputs to the model as a tuple.
    part = tuple(part) if isinstance(part, list) else part
    return keras.tree.map_structure(lambda leaf: _array(name, leaf), part)


def _array(name: str, leaf: Any) -> Any:
    """Returns an array of numbers whose floats have Keras's type, after checking it."""
    if leaf is None:
        return None
    if not _is_array(leaf):
        raise ValueError(
            f"{name} must consist of arrays, not {type(leaf).__name__}: use numpy.asarray({name})."
        )
    array = np.asarray(leaf)
    if array.dtype.kind not in "fiub":
        raise ValueError(
            f"{name} has dtype {array.dtype}, which is not a number: convert it first, for example "
            f"with {name}.astype('float32'), or encode categories as numbers."
        )
    if array.ndim == 0:
        raise ValueError(f"{name} is a single number: its first axis must be the examples.")
    if array.shape[0] == 0:
        raise ValueError(f"{name} is empty: it has shape {array.shape}.")
    if array.dtype.kind == "f":
        array = array.astype(keras.config.floatx(), copy=False)
        _check_finite(name, array)
    return array


def _check_finite(name: str, array: NDArray[Any]) -> None:
    with np.errstate(all="ignore"):
        if math.isfinite(float(array.sum())):  # a sum is cheap, and finite only if all are
            return
    bad = ~np.isfinite(array.reshape(len(array), -1)).all(axis=1)
    if bad.any():
        raise ValueError(
            f"{name} has NaN or infinite numbers in {int(bad.sum())} of {len(array)} examples, "
            f"first in example {int(bad.argmax())}: drop or replace them."
        )


def _check_lengths(parts: Mapping[str, Any]) -> None:
    lengths = {
        name: sorted({len(leaf) for leaf in keras.tree.flatten(part) if leaf is not None})
        for name, part in parts.items()
        if part is not None
    }
    if not lengths.get("x"):
        raise ValueError("x holds no array: give the inputs of the examples.")
    if len({length for part in lengths.values() for length in part}) > 1:
        text = ", ".join(f"{name} {' and '.join(map(str, n))}" for name, n in lengths.items())
        raise ValueError(f"All arrays must have the same number of examples, but have: {text}.")


def _class_weights(y: Any, class_weight: Mapping[int, float]) -> NDArray[Any]:
    """Returns the weight of each example's class, as Keras does; classes not named weigh 1."""
    if not _is_array(y):
        raise ValueError("class_weight needs a model with one output, and labels in y.")
    labels = np.asarray(y)
    if labels.ndim > 1:
        labels = labels.argmax(axis=-1) if labels.shape[-1] != 1 else labels[..., 0]
    classes, where = np.unique(np.round(labels).astype("int32"), return_inverse=True)
    weights = np.array([class_weight.get(int(c), 1.0) for c in classes], keras.config.floatx())
    return np.asarray(weights[where.reshape(labels.shape)])


def _check_labels(model: Any, y: Any, predictions: Any) -> None:
    """Refuses labels that are no class: TensorFlow raises on them, XLA computes with NaN."""
    names = list(predictions) if isinstance(predictions, Mapping) else []
    names = names or list(getattr(model, "output_names", ()))
    outputs, labels = _by_output(predictions, names), _by_output(y, names)
    losses = _by_output(model.loss, names)
    losses = losses * len(outputs) if len(losses) == 1 else losses
    if not len(outputs) == len(labels) == len(losses):
        return
    for output, label, loss in zip(outputs, labels, losses, strict=True):
        if label is None or not _is_sparse(loss):
            continue
        values = np.unique(np.asarray(label))
        values = values[values != getattr(loss, "ignore_class", None)]
        if values.size and (values[0] < 0 or values[-1] >= output.shape[-1]):
            raise _OutOfRangeError(
                f"Labels run from {values[0]} to {values[-1]}, but the model has "
                f"{output.shape[-1]} outputs: classes are numbered from 0 to "
                f"{output.shape[-1] - 1}."
            )


def _by_output(part: Any, names: list[str]) -> list[Any]:
    """Returns what belongs to each output, in the order of `names` where `part` has names."""
    if isinstance(part, Mapping):
        return [part.get(name) for name in names]
    return list(part) if isinstance(part, list | tuple) else [part]


def _check_indices(model: Any, x: Any) -> None:
    for layer in _embeddings(model):
        for position in _positions(model, layer):
            if position is None:
                continue
            indices = np.asarray(keras.tree.flatten(x)[position])
            if indices.min() < 0 or indices.max() >= layer.input_dim:
                raise _OutOfRangeError(
                    f"Inputs of the layer {layer.name} run from {indices.min()} to "
                    f"{indices.max()}, but it has rows 0 to {layer.input_dim - 1} only: raise its "
                    "input_dim."
                )


def _embeddings(model: Any) -> list[Any]:
    found = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.Embedding):
            found.append(layer)
        elif hasattr(layer, "layers"):
            found += _embeddings(layer)
    return found


def _positions(model: Any, layer: Any) -> list[int | None]:
    """Returns which input of the model an Embedding layer reads, for each place where it is used.

    None where it reads something else, or where the model has no graph of layers to see it in.
    """
    graph = getattr(model, "_functional", None) or model  # a Sequential model keeps one inside
    levels = getattr(graph, "_nodes_by_depth", {}).values()
    read = [n.input_tensors[0] for level in levels for n in level if n.operation is layer]
    numbers = {id(given): number for number, given in enumerate(getattr(graph, "inputs", ()))}
    return [numbers.get(id(tensor)) for tensor in read] or [None]


def _is_sparse(loss: Any) -> bool:
    named = getattr(loss, "name", None) or getattr(loss, "__name__", loss)
    return bool(named == "sparse_categorical_crossentropy")


def _shapes(part: Any) -> str:
    leaves = [leaf for leaf in keras.tree.flatten(part) if leaf is not None]
    return ", ".join(f"{tuple(leaf.shape)} {leaf.dtype.name}" for leaf in leaves) or "none"
