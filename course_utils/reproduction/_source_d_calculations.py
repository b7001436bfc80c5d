"""What source D computes without training a network."""

from collections.abc import Mapping

import numpy as np

from course_utils import functions, networks
from course_utils.reproduction._source_spec import Calculation


def selu_constants(replicate: int) -> Mapping[str, float]:
    """Computes SELU's constants by erfc."""
    alpha, scale = networks.selu_constants()
    return {"alpha": alpha, "scale": scale}


def thousand_selu_layers(replicate: int) -> Mapping[str, float]:
    """Sends 500 standard normal inputs through 1,000 SELU layers of 100 units.

    The weights are normal with variance 1/100. Every 100th layer is looked at: the mean of its
    outputs, and the standard deviation of a unit over the inputs, averaged over the units.
    """
    alpha, scale = networks.selu_constants()
    rng = np.random.default_rng((42, replicate))
    z = rng.normal(size=(500, 100))
    means, deviations = [], []
    for layer in range(1_000):
        z = z @ rng.normal(scale=0.1, size=(100, 100))
        z = scale * np.where(z < 0, alpha * np.expm1(np.minimum(z, 0)), z)
        if layer % 100 == 0:
            means.append(abs(z.mean()))
            deviations.append(z.std(axis=0).mean())
    return {
        "largest absolute mean": float(max(means)),
        "smallest standard deviation": float(min(deviations)),
        "largest standard deviation": float(max(deviations)),
    }


def activations(replicate: int) -> Mapping[str, float]:
    """Computes the activations that the source plots at inputs that tell them apart."""
    alpha, scale = networks.selu_constants()
    sigmoid = 1 / (1 + np.exp(-5.0))
    return {
        "slope of sigmoid at 0": 0.25,
        "slope of sigmoid at 5": float(sigmoid * (1 - sigmoid)),
        "leaky ReLU, slope 0.05, at -5": 0.05 * -5,
        "ELU at -5": float(np.expm1(-5)),
        "SELU at -5": float(scale * alpha * np.expm1(-5)),
    }


def clipping(replicate: int) -> Mapping[str, float]:
    """Lets Keras clip the gradient (0.9, 100) by value 1 and by norm 1."""
    import keras

    steps: dict[str, float] = {}
    for name in ("clipvalue", "clipnorm"):
        weights = keras.Variable(np.zeros(2, np.float32))
        optimizer = keras.optimizers.SGD(1.0, **{name: 1.0})
        optimizer.apply([keras.ops.array([0.9, 100.0])], [weights])
        first, second = -np.asarray(weights)
        steps |= {f"{name}, first": float(first), f"{name}, second": float(second)}
    return steps


def optimizers(replicate: int) -> Mapping[str, float]:
    """Takes 200 steps from (1, 1) on Beale's function with each of the source's optimizers."""
    import keras

    from course_utils import descent

    make = keras.optimizers
    each = {
        "momentum": make.SGD(0.001, momentum=0.9),
        "Nesterov": make.SGD(0.001, momentum=0.9, nesterov=True),
        "AdaGrad": make.Adagrad(0.001),
        "RMSProp": make.RMSprop(0.001, rho=0.9),
        "Adam": make.Adam(0.001),
        "Adamax": make.Adamax(0.001),
        "Nadam": make.Nadam(0.001),
    }
    beale = functions.get("beale")
    return {
        name: float(descent.run_optimizer(optimizer, beale, (1.0, 1.0), steps=200).values[-1])
        for name, optimizer in each.items()
    }


CALCULATIONS = (
    Calculation(
        "D", "SELU's constants by erfc", selu_constants, {"alpha": 1.6733, "scale": 1.0507}
    ),
    Calculation(
        "D",
        "1,000 SELU layers",
        thousand_selu_layers,
        {
            "largest absolute mean": 0.05,
            "smallest standard deviation": 0.83,
            "largest standard deviation": 1.00,
        },
        "One draw of the weights.",
        replicates=10,
    ),
    Calculation("D", "saturation and activations", activations, {}),
    Calculation("D", "clipping by value and by norm", clipping, {}),
    Calculation("D", "seven optimizers, 200 steps on Beale's function", optimizers, {}),
)
