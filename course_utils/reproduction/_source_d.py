"""Source D, a chapter's notebook on training deep networks: Fashion-MNIST.

The first 5,000 training images are the validation set; batch 32; the figures are validation
accuracies after the last epoch. Inputs are divided by 255 or standardized pixel by pixel.
"""

from functools import partial
from typing import Any

from course_utils.experiments import Variant
from course_utils.reproduction import _source_measures as measures
from course_utils.reproduction._source_data import Recipe, Transfer
from course_utils.reproduction._source_spec import Comparison, Experiment, Figure

UNIT = Recipe("fashion_mnist", "unit", validation="first 5,000")
STANDARD = Recipe("fashion_mnist", "standard", validation="first 5,000")
STEPS = 20 * 55_000 // 32  # of the exponential schedule: 20 epochs


def network(
    sizes: tuple[int, ...] = (300, 100),
    *,
    activation: str = "relu",
    initializer: str = "glorot_uniform",
    optimizer: str = "sgd",
    outputs: int = 10,
    dropout: float = 0.0,
    l2: float = 0.0,
    max_norm: float = 0.0,
) -> Any:
    """Builds a compiled network of dense layers; the arguments are what the experiments change."""
    import keras

    layers = keras.layers
    own: dict[str, Any] = {"leaky_relu": layers.LeakyReLU, "prelu": layers.PReLU}
    model = keras.Sequential([keras.Input((784,))])
    for units in sizes:
        if dropout:
            model.add(layers.Dropout(dropout))
        dense = layers.Dense(
            units,
            activation=None if activation in own else activation,
            kernel_initializer=initializer,
            kernel_regularizer=keras.regularizers.L2(l2) if l2 else None,
            kernel_constraint=keras.constraints.MaxNorm(max_norm) if max_norm else None,
        )
        model.add(dense)
        if activation in own:
            settings = {"negative_slope": 0.3} if activation == "leaky_relu" else {}
            model.add(own[activation](**settings))
    if dropout:
        model.add(layers.Dropout(dropout))
    penalty = keras.regularizers.L2(l2) if l2 else None
    last = "softmax" if outputs > 1 else "sigmoid"
    model.add(layers.Dense(outputs, activation=last, kernel_regularizer=penalty))
    return _compiled(model, optimizer)


def normalized_network(batch_normalization: bool = True) -> Any:
    """Builds 300-100 relu with batch normalization of the inputs and before each relu."""
    import keras

    layers = keras.layers
    model = keras.Sequential([keras.Input((784,))])
    if batch_normalization:
        model.add(layers.BatchNormalization())
    for units in (300, 100):
        model.add(layers.Dense(units, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization())
        model.add(layers.Activation("relu"))
    model.add(layers.Dense(10, activation="softmax"))
    return _compiled(model, "sgd")


def _compiled(model: Any, optimizer: str) -> Any:
    import keras

    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, STEPS, 0.1)
    optimizers = {
        "sgd": keras.optimizers.SGD(0.001),
        "sgd 0.01": keras.optimizers.SGD(0.01),
        "exponential": keras.optimizers.SGD(schedule),
        "nadam": keras.optimizers.Nadam(),
    }
    binary = model.output_shape[-1] == 1
    loss = "binary_crossentropy" if binary else "sparse_categorical_crossentropy"
    model.compile(optimizers[optimizer], loss=loss, metrics=["accuracy"])
    return model


def _variant(data: Recipe | Transfer, epochs: int, build: Any = network, **change: Any) -> Variant:
    return Variant(build=partial(build, **change), epochs=epochs, batch_size=32, data=data)


def _valid(variant: str, epoch: int | None = None) -> Figure:
    return Figure((variant,), "val_accuracy", epoch)


HE: dict[str, Any] = {"initializer": "he_normal"}
LECUN: dict[str, Any] = {"initializer": "lecun_normal", "activation": "selu"}
ELU: dict[str, Any] = {"initializer": "he_normal", "activation": "elu", "optimizer": "nadam"}
DEEP = (300, *(99 * (100,)))
TASK_A: dict[str, Any] = {"sizes": (300, 100, 50, 50, 50), "activation": "selu", "outputs": 8}

AS_WRITTEN = {
    "leaky ReLU": _variant(UNIT, 10, activation="leaky_relu", **HE),
    "PReLU": _variant(UNIT, 10, activation="prelu", **HE),
    "SELU, 100 hidden layers": _variant(STANDARD, 5, sizes=DEEP, **LECUN),
    "batch normalization": _variant(UNIT, 10, normalized_network),
    "exponential decay schedule": _variant(STANDARD, 25, optimizer="exponential", **LECUN),
    "l2": _variant(STANDARD, 2, l2=0.01, **ELU),
    "dropout": _variant(STANDARD, 2, dropout=0.2, **ELU),
    "max-norm": _variant(STANDARD, 2, max_norm=1.0, optimizer="nadam", **LECUN),
}
_REGULARIZERS = ("regularizers", "regularizers after 2 epochs")
# Reported figure, what was wrong, names of the controls, milliseconds a step.
_FACTS: dict[str, tuple[float, str, tuple[str, ...], float]] = {
    "leaky ReLU": (0.8396, "One run; no plain ReLU beside it.", ("activations",), 1.0),
    "PReLU": (0.8378, "One run; no plain ReLU beside it.", ("activations",), 1.1),
    "SELU, 100 hidden layers": (0.8364, "One run.", ("100 layers",), 11.0),
    "batch normalization": (
        0.8676,
        "One run; no network without it beside it.",
        ("with and without batch normalization",),
        1.3,
    ),
    "exponential decay schedule": (
        0.8908,
        "One run; no constant learning rate beside it.",
        ("schedule or constant rate",),
        1.0,
    ),
    "l2": (
        0.8322,
        "2 epochs: nothing overfits yet; one run.",
        _REGULARIZERS,
        2.8,
    ),
    "dropout": (
        0.8752,
        "2 epochs: nothing overfits yet; one run.",
        _REGULARIZERS,
        2.6,
    ),
    "max-norm": (
        0.8766,
        "2 epochs: nothing overfits yet; another activation than the other two; one run.",
        _REGULARIZERS,
        2.8,
    ),
}


# What is cheap is done more often.
_REPLICATES = {"SELU, 100 hidden layers": 3, "l2": 10, "dropout": 10, "max-norm": 10}


def _experiment(name: str) -> Experiment:
    reported, wrong, controls, step_ms = _FACTS[name]
    return Experiment(
        source="D",
        name=name,
        variants={name: AS_WRITTEN[name]},
        reported={"validation accuracy": reported},
        figures={"validation accuracy": _valid(name)},
        what_was_wrong=wrong,
        replicates=_REPLICATES.get(name, 5),
        controls=controls,
        step_ms=step_ms,
    )


_TRANSFERS = ("transfer, as written", "transfer, 20 splits", "shared layers")
TRANSFER = {"task A": _variant(Transfer(), 20, **TASK_A)}


def _transfer(name: str, label: str, reported: float, figure: str, wrong: str) -> Experiment:
    return Experiment(
        source="D",
        name=name,
        variants=TRANSFER,
        reported={label: reported},
        figures={label: Figure(("task A",), figure)},
        what_was_wrong=wrong,
        measure=measures.transfer,
        controls=_TRANSFERS,
        step_ms=1.2,
    )


EXPERIMENTS = (
    *(_experiment(name) for name in AS_WRITTEN if "100" not in name),
    _transfer("transfer, task A", "validation accuracy", 0.9205, "val_accuracy", "One run."),
    Experiment(
        source="D",
        name="transfer, task B alone",
        variants={"task B": _variant(Transfer(only_b=True), 20, **(TASK_A | {"outputs": 1}))},
        reported={"test accuracy": 0.9695},
        figures={"test accuracy": Figure(("task B",), "test_accuracy")},
        what_was_wrong="One pair of classes, one choice of 200 images, one run.",
        measure=measures.binary_accuracy_on_test,
        replicates=50,
        controls=_TRANSFERS,
        step_ms=0.02,  # 7 steps an epoch
    ),
    _transfer(
        "transfer, B on A",
        "test accuracy",
        0.9925,
        "b_on_a",
        "One pair of classes, which the author says he searched for; one choice of 200 images, one "
        "run. A's layers are shared, so training B changes A.",
    ),
    _experiment("SELU, 100 hidden layers"),
)

_activations = {
    "ReLU": _variant(UNIT, 10, **HE),
    "leaky ReLU": AS_WRITTEN["leaky ReLU"],
    "PReLU": AS_WRITTEN["PReLU"],
}
_normalization = {
    "without": _variant(UNIT, 10, normalized_network, batch_normalization=False),
    "with batch normalization": AS_WRITTEN["batch normalization"],
}
_schedules = {
    "constant 0.01": _variant(STANDARD, 25, optimizer="sgd 0.01", **LECUN),
    "exponential decay from 0.01": AS_WRITTEN["exponential decay schedule"],
}
_regularizers = {
    "none": _variant(STANDARD, 8, **ELU),
    "l2 0.01": _variant(STANDARD, 8, l2=0.01, **ELU),
    "dropout 0.2": _variant(STANDARD, 8, dropout=0.2, **ELU),
    "max-norm 1": _variant(STANDARD, 8, max_norm=1.0, **ELU),
}
_hundred = {
    "ReLU, he_normal": _variant(STANDARD, 2, sizes=DEEP, **HE),
    "SELU, lecun_normal": AS_WRITTEN["SELU, 100 hidden layers"],
}
_ON_A = {
    "B alone, 20 epochs": Figure(("task A",), "b_alone"),
    "B on A, 16 epochs": Figure(("task A",), "b_on_a"),
    "B on A, 4 epochs of the new unit, then 16": Figure(("task A",), "b_on_a_frozen_first"),
    "B on A, 20 epochs": Figure(("task A",), "b_on_a_20"),
}

COMPARISONS = (
    Comparison(
        source="D",
        name="activations",
        question="300-100, he_normal, SGD, 10 epochs: does a slope for negative inputs help?",
        variants=_activations,
        rows={name: _valid(name) for name in _activations},
        baseline="ReLU",
        step_ms=1.0,
    ),
    Comparison(
        source="D",
        name="with and without batch normalization",
        question="The same network, 10 epochs, with and without batch normalization.",
        variants=_normalization,
        rows={name: _valid(name) for name in _normalization},
        baseline="without",
        step_ms=1.2,
    ),
    Comparison(
        source="D",
        name="transfer, as written",
        question="Sandal or shirt, the first 200 images, five seeds: does task A help?",
        variants=TRANSFER,
        rows=_ON_A,
        baseline="B alone, 20 epochs",
        measure=measures.transfer,
        step_ms=1.2,
    ),
    Comparison(
        source="D",
        name="transfer, 20 splits",
        question="20 draws of the two classes, of 200 images and of the seeds; A trained for 10 "
        "epochs, its weights copied: does task A help?",
        variants={"task A": _variant(Transfer(pair=None, drawn=True), 10, **TASK_A)},
        rows=_ON_A,
        baseline="B alone, 20 epochs",
        measure=measures.transfer,
        replicates=20,
        step_ms=1.0,
    ),
    Comparison(
        source="D",
        name="shared layers",
        question="What becomes of task A when B is trained for 20 epochs on A's own layers?",
        variants=TRANSFER,
        rows={
            "A before": Figure(("task A",), "a_before"),
            "A after B was trained on its layers": Figure(("task A",), "a_after"),
        },
        baseline="A before",
        measure=measures.transfer,
        step_ms=1.0,
    ),
    Comparison(
        source="D",
        name="regularizers",
        question="One network (300-100, ELU, Nadam) with each regularizer and with none, for 8 "
        "epochs: which validates best?",
        variants=_regularizers,
        rows={name: _valid(name) for name in _regularizers},
        baseline="none",
        step_ms=2.8,
    ),
    Comparison(
        source="D",
        name="regularizers after 2 epochs",
        question="The same, looked at after 2 epochs, as the source does.",
        variants=_regularizers,
        rows={name: _valid(name, 2) for name in _regularizers},
        baseline="none",
        step_ms=2.8,
    ),
    Comparison(
        source="D",
        name="schedule or constant rate",
        question="25 epochs of SGD: exponential decay from 0.01, or 0.01 throughout?",
        variants=_schedules,
        rows={name: _valid(name) for name in _schedules},
        baseline="constant 0.01",
        step_ms=1.0,
    ),
    Comparison(
        source="D",
        name="100 layers",
        question="100 hidden layers after 2 epochs: SELU, or ReLU with he_normal?",
        variants=_hundred,
        rows={name: _valid(name, 2) for name in _hundred},
        baseline="ReLU, he_normal",
        replicates=3,
        step_ms=11.0,
    ),
)
