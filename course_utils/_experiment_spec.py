"""Describes a compiled Keras model: its layers, how it is compiled, and code that is not Keras's.

Two models with the same description train alike from the same weights, so that one compiled
program serves both.
"""

import functools
import json
import types
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from course_utils._experiment_code import CannotDescribeError, describe, is_library

__all__ = ["architecture", "compilation", "foreign_parts", "layer_names"]


def architecture(model: Any, *, initializers: bool = True) -> str:
    """Describes the layers of a model; what they are called does not count.

    Args:
        model: The model.
        initializers: Whether it counts how the weights were drawn.

    Raises:
        CannotDescribeError: A part of the model has no configuration.
    """
    config = _serialized(model)
    config.pop("compile_config", None)
    # Names of several outputs are parts of the names of metrics; several inputs may come by name.
    inputs, outputs = (getattr(model, kind, None) or [] for kind in ("input_names", "output_names"))
    names = [part if len(part) > 1 else [] for part in (inputs, outputs)]
    if not initializers:
        config = _without_initializers(config)
    numbered = {name: f"layer {number}" for number, name in enumerate(layer_names(model))}
    return json.dumps([_without_names(config, numbered), names], sort_keys=True)


def compilation(model: Any, *, learning_rate: bool = True) -> str:
    """Describes optimizer, loss and metrics of a compiled model as they are now.

    Args:
        model: The model.
        learning_rate: Whether a learning rate counts that is a number, and so a variable.

    Raises:
        CannotDescribeError: One of them has no configuration.
    """
    config = _jsonable(_serialized(model).get("compile_config"))
    settings = ((config or {}).get("optimizer") or {}).get("config", {})
    if not learning_rate and isinstance(settings.get("learning_rate"), float):
        del settings["learning_rate"]
    return json.dumps(config, sort_keys=True)


def foreign_parts(model: Any) -> list[Any]:
    """Describes functions and classes in a model that are not Keras's own.

    Their code is in no configuration. The list is empty for a model of Keras's parts only.

    Raises:
        CannotDescribeError: Some code cannot be described.
    """
    found = []
    for part in _reachable(model):
        if isinstance(part, types.FunctionType | type):
            found.append(describe(part))
        else:
            state = {k: v for k, v in vars(part).items() if isinstance(v, bool | int | float | str)}
            found.append((describe(type(part)), describe(state)))
    return found


def layer_names(model: Any) -> tuple[str, ...]:
    """Returns the names of a model and all its layers, by which a function may ask for one."""
    return tuple(layer.name for layer in [model, *model._flatten_layers(include_self=False)])


def _serialized(model: Any) -> dict[str, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of lambdas: foreign_parts() knows their code
            return dict(keras.saving.serialize_keras_object(model))
    except Exception as error:  # a get_config() of one's own may raise anything
        name = type(model).__name__
        raise CannotDescribeError(f"{name}, whose get_config() fails: {error}") from error


def _without_names(config: Any, names: Mapping[str, str], key: str = "") -> Any:
    """Replaces names of layers where they stand for the layer, and nowhere else."""
    if isinstance(config, str):
        return names.get(config, config) if key in {"name", "keras_history"} else config
    if isinstance(config, Mapping):
        return {k: _without_names(v, names, k) for k, v in _jsonable(config).items()}
    if isinstance(config, list | tuple):
        inner = "keras_history" if key in {"input_layers", "output_layers"} else key
        return [_without_names(item, names, inner) for item in config]
    return _jsonable(config)


def _without_initializers(config: Any) -> Any:
    if isinstance(config, Mapping):
        kept = {k: v for k, v in config.items() if not str(k).endswith("initializer")}
        return {k: _without_initializers(v) for k, v in kept.items()}
    if isinstance(config, list | tuple):
        return [_without_initializers(item) for item in config]
    return config


def _jsonable(config: Any) -> Any:
    """Makes plain what Keras's configurations hold; the code of a lambda is left out."""
    if isinstance(config, Mapping):
        value = config.get("value")
        if isinstance(value, list | tuple) and len(value) == 3 and isinstance(value[0], str):
            return {"value": "lambda"}
        return {str(key): _jsonable(item) for key, item in config.items()}
    if isinstance(config, list | tuple):
        return [_jsonable(item) for item in config]
    if isinstance(config, set | frozenset):
        return sorted(map(str, config))
    if isinstance(config, np.generic):
        return config.item()
    if config is None or isinstance(config, bool | int | float | str):
        return config
    return repr(describe(config))


def _reachable(model: Any) -> Iterator[Any]:
    """Yields functions, classes and objects of foreign code that a model refers to."""
    met: set[int] = set()
    waiting = [model]
    while waiting:
        part = waiting.pop()
        if id(part) in met:
            continue
        met.add(id(part))
        if isinstance(part, Mapping):
            waiting += list(part.values())
        elif isinstance(part, list | tuple | set | frozenset):
            waiting += list(part)
        elif isinstance(part, functools.partial):
            waiting += [part.func, part.args, part.keywords]
        elif isinstance(part, types.MethodType):
            waiting += [part.__func__, part.__self__]
        elif isinstance(part, types.FunctionType | type):
            if not is_library(part.__module__):
                yield part
        elif not is_library(type(part).__module__):
            yield part
            waiting += list(vars(part).values())
        elif type(part).__module__.startswith("keras.") and hasattr(part, "__dict__"):
            waiting += list(vars(part).values())
