"""Builds models by a seed, and keeps a compiled one of a kind to use it for the next replicate.

Compiling costs a second or two a model, more than some replicates take to train.
"""

import collections
import contextlib
import functools
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
from keras.src.backend import random as backend_random
from keras.src.backend.common import global_state
from keras.src.random import seed_generator

from course_utils._experiment_code import CannotDescribeError
from course_utils._experiment_spec import architecture, compilation, foreign_parts, layer_names

__all__ = ["CompiledModels", "build"]


def build(make: Callable[[], Any], seed: int, inputs: Any) -> Any:
    """Builds a model with its weights and the state of its optimizer.

    Layers and metrics are named as in a fresh process, so that a metric is called the same in
    every replicate. Random layers, such as dropout, take nothing from the random numbers of the
    weights, so that networks with and without them start from the same weights.

    Args:
        make: Returns a compiled Keras model.
        seed: Seed of the weights, from 0 to 2**32 - 1.
        inputs: Some inputs, for a model that takes its shapes from them.

    Raises:
        TypeError: `make` returns something else.
        ValueError: The model is not compiled.
    """
    keras.utils.set_random_seed(seed)
    with _fresh_names(), _own_seeds(seed):
        model = make()
        if not isinstance(model, keras.Model):
            raise TypeError(f"build must return a Keras model, not {type(model).__name__}.")
        if not getattr(model, "compiled", False) or model.optimizer is None:
            raise ValueError(
                "build must return a compiled model: "
                "call model.compile(optimizer=..., loss=...) in it."
            )
        if not model.built:
            model(keras.tree.map_structure(lambda a: a[:1], inputs))
    model.optimizer.build(model.trainable_variables)
    return model


@contextlib.contextmanager
def _fresh_names() -> Iterator[None]:
    """Lets Keras number its automatic names from the beginning, and then go on as before."""
    before = global_state.get_global_attribute("object_name_uids")
    global_state.set_global_attribute("object_name_uids", collections.defaultdict(int))
    try:
        yield
    finally:
        global_state.set_global_attribute("object_name_uids", before)


@contextlib.contextmanager
def _own_seeds(seed: int) -> Iterator[None]:
    """Lets initializers and random layers draw their seeds from two sources of this model alone.

    Keras takes the seeds of both in turn from Python's global random numbers. So a dropout layer
    would change the weights of all layers behind it, and another thread that uses random numbers,
    such as one of Dask's, those of the whole model.
    """
    sources = {backend_random: random.Random(seed), seed_generator: random.Random(seed + 2**32)}
    before = {module: module.make_default_seed for module in sources}
    for module, source in sources.items():
        # As many numbers and as large ones as Keras draws: the weights are those of its own seed.
        module.make_default_seed = functools.partial(source.randint, 1, 10**9)
    try:
        yield
    finally:
        for module, draw in before.items():
            module.make_default_seed = draw


@dataclass
class _Kept:
    model: Any
    compile_config: Any
    optimizer: Any
    architecture: str


class CompiledModels:
    """The models used last, one of each kind.

    Args:
        size: How many are kept at most.
        megabytes: How much their variables may take together; the last one is kept in any case.
    """

    def __init__(self, size: int = 10, megabytes: float = 100) -> None:
        self._size = size
        self._megabytes = megabytes
        self._kept: collections.OrderedDict[str, _Kept] = collections.OrderedDict()

    def take(self, fresh: Any, *, initializers: bool = True) -> Any:
        """Returns a model to train: a kept one with the values of `fresh`, or `fresh` itself.

        A kept model serves only where nothing but variables tells it from the fresh one. That
        cannot be known for models with code or preprocessing layers of one's own.

        Args:
            fresh: Model as :func:`build` returns it.
            initializers: Whether the models must also have the same initializers, which they need
                no more unless somebody clones them.
        """
        kind = _kind(fresh, initializers)
        if kind is None:
            return fresh
        kept = self._kept.pop(kind, None)
        if kept is None or not _is_unchanged(kept) or not _move_values(fresh, kept.model):
            config = getattr(fresh, "_compile_config", None)
            kept = _Kept(fresh, config, fresh.optimizer, architecture(fresh))
        self._kept[kind] = kept
        while len(self._kept) > 1 and self._are_too_many():
            self._kept.popitem(last=False)
        return kept.model

    def clear(self) -> None:
        """Forgets all models."""
        self._kept.clear()

    def _are_too_many(self) -> bool:
        sizes = [_megabytes(kept.model) for kept in self._kept.values()]
        return len(sizes) > self._size or sum(sizes) > self._megabytes


def _kind(model: Any, initializers: bool) -> str | None:
    """Describes what is compiled, or returns None if models of this kind cannot be reused."""
    # Preprocessing layers keep what they have learned from data in other things than variables.
    if any(hasattr(layer, "adapt") for layer in model._flatten_layers()):
        return None
    try:
        if foreign_parts(model):
            return None
        layers = architecture(model, initializers=initializers)
        return layers + compilation(model, learning_rate=False) + repr(layer_names(model))
    except CannotDescribeError:
        return None


def _is_unchanged(kept: _Kept) -> bool:
    """Says whether callbacks have left a model as it was built, apart from its variables."""
    model = kept.model
    return (
        model.optimizer is kept.optimizer
        and getattr(model, "_compile_config", None) is kept.compile_config
        and architecture(model) == kept.architecture
    )


def _variables(model: Any) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]


def _megabytes(model: Any) -> float:
    entries = (math.prod(variable.shape) for variable in _variables(model))
    return float(4e-6 * sum(entries))  # single precision


def _move_values(source: Any, target: Any) -> bool:
    """Copies the values of all variables, if the variables of both models are alike."""
    pairs = list(zip(_variables(source), _variables(target), strict=False))
    alike = len(_variables(source)) == len(_variables(target)) and all(
        a.shape == b.shape and a.dtype == b.dtype for a, b in pairs
    )
    if alike:
        for a, b in pairs:
            b.assign(a)
        target.reset_metrics()
    return alike
