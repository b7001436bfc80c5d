"""Plain dense networks, the spread of their initial weights, and SELU's two constants.

Source of the variances: Glorot and Bengio (2010), He et al. (2015, arXiv:1502.01852), LeCun et al.
(1998, "Efficient BackProp"). Source of SELU: Klambauer et al. (2017, arXiv:1706.02515).
"""

import difflib
import math
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.special import erfc

__all__ = [
    "INITIALIZERS",
    "SELU_ALPHA",
    "SELU_SCALE",
    "dense_network",
    "selu_constants",
    "variance",
]

Initializer = str | float | Callable[..., Any]

# A normal distribution cut off at two standard deviations has this share of its variance left.
_TRUNCATED = 1 - 4 * math.exp(-2) / (math.sqrt(2 * math.pi) * math.erf(math.sqrt(2)))

_VARIANCES: dict[str, Callable[[float, float], float]] = {
    "zeros": lambda fan_in, fan_out: 0.0,
    "glorot_uniform": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "glorot_normal": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he_uniform": lambda fan_in, fan_out: 2 / fan_in,
    "he_normal": lambda fan_in, fan_out: 2 / fan_in,
    "lecun_uniform": lambda fan_in, fan_out: 1 / fan_in,
    "lecun_normal": lambda fan_in, fan_out: 1 / fan_in,
    "random_uniform": lambda fan_in, fan_out: 0.05**2 / 3,
    "random_normal": lambda fan_in, fan_out: 0.05**2,
    "truncated_normal": lambda fan_in, fan_out: 0.05**2 * _TRUNCATED,
}
_ALIASES = {"zero": "zeros", "uniform": "random_uniform", "normal": "random_normal"}

#: Names that :func:`variance` knows. Keras has more; :func:`dense_network` takes those as well.
INITIALIZERS = tuple(_VARIANCES)


def selu_constants() -> tuple[float, float]:
    r"""Returns SELU's alpha and scale, which make mean 0 and variance 1 a fixed point.

    The two unknowns solve :math:`E[f(Z)] = 0` and :math:`E[f(Z)^2] = 1` for a standard normal
    :math:`Z`, in closed form (equation 14 of Klambauer et al.).

    Returns:
        alpha, about 1.6733, and scale, about 1.0507.
    """
    a, b = erfc(1 / math.sqrt(2)), erfc(math.sqrt(2))
    root_e = math.exp(0.5)
    alpha = -math.sqrt(2 / math.pi) / (a * root_e - 1)
    spread = 2 * b * math.e**2 + math.pi * a**2 * math.e
    spread += math.pi + 2 - 2 * (2 + math.pi) * a * root_e
    scale = (1 - a * root_e) * math.sqrt(2 * math.pi) / math.sqrt(spread)
    return float(alpha), float(scale)


SELU_ALPHA, SELU_SCALE = selu_constants()


def variance(initializer: str | float, fan_in: int, fan_out: int) -> float:
    """Returns the variance of the weights that an initializer draws.

    Args:
        initializer: A name of :data:`INITIALIZERS`, with Keras's default settings, or the
            standard deviation of a normal distribution.
        fan_in: Number of inputs of the layer.
        fan_out: Number of its units.

    Returns:
        The variance. It does not depend on whether the distribution is normal or uniform.

    Raises:
        ValueError: The name is unknown, or a number is out of range.
    """
    if fan_in < 1 or fan_out < 1:
        raise ValueError(f"fan_in and fan_out must be at least 1, not {fan_in} and {fan_out}.")
    if not isinstance(initializer, str):
        return _check_deviation(initializer) ** 2
    name = _ALIASES.get(initializer, initializer)
    if name not in _VARIANCES:
        raise ValueError(_unknown_initializer(initializer))
    return _VARIANCES[name](fan_in, fan_out)


def dense_network(
    hidden: Sequence[int],
    *,
    inputs: int = 784,
    outputs: int = 10,
    activation: str | Callable[..., Any] | None = "relu",
    output_activation: str | Callable[..., Any] | None = "softmax",
    initializer: Initializer = "glorot_uniform",
    seed: int | None = None,
) -> Any:
    """Builds a network of dense layers with all biases at zero.

    The layers are called ``hidden_1``, ``hidden_2``, ... and ``output``. Every kernel, the output
    layer's too, comes from `initializer`, each with a seed of its own: Keras gives two layers of
    the same shape the same weights when they share a seed.

    Args:
        hidden: Units of each hidden layer, for example ``[300, 100]`` or ``20 * [50]``.
        inputs: Numbers in one example.
        outputs: Units of the output layer.
        activation: Activation of the hidden layers: Keras's name, a function, or None.
        output_activation: Activation of the output layer.
        initializer: Rule for every kernel: Keras's name (``"he_normal"``), a Keras initializer
            (its own seed is not used), or a number: the standard deviation of a normal
            distribution around 0; 0 sets all weights to zero.
        seed: Seed of the weights. None follows ``keras.utils.set_random_seed``.

    Returns:
        A built, uncompiled ``keras.Sequential`` from ``(batch, inputs)`` to ``(batch, outputs)``.

    Raises:
        ValueError: A size is not a positive whole number, a name is unknown, or there are more
            layers than Keras can build.
    """
    import keras  # slow to import, and the variances above do without it

    sizes = _check_sizes([*hidden, outputs])
    most = sys.getrecursionlimit() - 150  # Keras recurses layer by layer; a notebook needs some too
    if len(sizes) > most:
        raise ValueError(
            f"{len(hidden)} hidden layers are too many for Keras, which builds a network by "
            f"recursion: stay below {most}, or compute such a network in NumPy."
        )
    names = [f"hidden_{number}" for number in range(1, len(sizes))] + ["output"]
    activations = [activation] * (len(sizes) - 1) + [output_activation]
    layers = [
        keras.layers.Dense(
            units,
            activation=_check_activation(function),
            kernel_initializer=_initializer(initializer, layer_seed),
            name=name,
        )
        for units, function, layer_seed, name in zip(
            sizes, activations, _layer_seeds(seed, len(sizes)), names, strict=True
        )
    ]
    return keras.Sequential([keras.Input((*_check_sizes([inputs]),)), *layers])


def _layer_seeds(seed: int | None, layers: int) -> list[int | None]:
    if seed is None:
        return [None] * layers
    # Keras wants seeds below 2**31. Of a seed's numbers the first ones do not depend on `layers`.
    return [int(word) >> 1 for word in np.random.SeedSequence(seed).generate_state(layers)]


def _initializer(initializer: Initializer, seed: int | None) -> Any:
    """Returns a fresh Keras initializer that draws by `seed`."""
    import keras

    if not (isinstance(initializer, str) or callable(initializer)):
        return keras.initializers.RandomNormal(0.0, _check_deviation(initializer), seed=seed)
    try:
        initializer = keras.initializers.get(initializer)
    except ValueError:
        raise ValueError(_unknown_initializer(str(initializer))) from None
    if not isinstance(initializer, keras.initializers.Initializer):
        return initializer  # a function of our own: its draws are its own affair
    config = initializer.get_config()
    return type(initializer).from_config({**config, "seed": seed} if "seed" in config else config)


def _check_activation(activation: str | Callable[..., Any] | None) -> Any:
    import keras

    if isinstance(activation, keras.layers.Layer):
        raise ValueError(
            f"A layer ({type(activation).__name__}) cannot be the activation: every layer of the "
            "network would share it. Give its name, such as 'leaky_relu', or a function."
        )
    try:
        return keras.activations.get(activation)
    except ValueError:
        raise ValueError(
            f"Keras knows no activation {activation!r}: see keras.activations for the names."
        ) from None


def _check_sizes(sizes: Sequence[int]) -> list[int]:
    try:
        checked = [operator.index(size) for size in sizes]
    except TypeError:
        raise ValueError(f"Sizes of layers must be whole numbers, not {list(sizes)}.") from None
    if min(checked) < 1:
        raise ValueError(f"Sizes of layers must be at least 1, not {checked}.")
    return checked


def _check_deviation(deviation: Any) -> float:
    try:
        value = float(deviation)
    except (TypeError, ValueError):
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(
            "initializer must be a name, a Keras initializer, or a standard deviation of at least "
            f"0, not {deviation!r}."
        )
    return value


def _unknown_initializer(name: str) -> str:
    nearest = difflib.get_close_matches(name, [*INITIALIZERS, *_ALIASES], n=1)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return f"There is no initializer {name!r}.{hint} Known are: {', '.join(INITIALIZERS)}."
