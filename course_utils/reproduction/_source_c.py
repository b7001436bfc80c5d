"""Source C, a lesson on initialization and dropout: three networks on MNIST.

784-128-10, relu and softmax, inputs scaled to 0..1, batch 32, whole numbers as labels. Calling fit
twice for 10 epochs goes on where the first call ended, so it is a training of 20 epochs here.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from course_utils.experiments import Variant
from course_utils.reproduction import _source_measures as measures
from course_utils.reproduction._source_data import Recipe
from course_utils.reproduction._source_spec import Calculation, Comparison, Experiment, Figure

DATA = Recipe("mnist")


def network(
    optimizer: str = "adam", *, initializer: str = "glorot_uniform", dropout: float = 0.0
) -> Any:
    """Builds the compiled network; the arguments are what the experiments change."""
    import keras

    layers = keras.layers
    model = keras.Sequential([keras.Input((784,))])
    model.add(layers.Dense(128, activation="relu", kernel_initializer=initializer))
    if dropout:
        model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10, activation="softmax", kernel_initializer=initializer))
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _variant(epochs: int, optimizer: str, **change: Any) -> Variant:
    return Variant(
        build=partial(network, optimizer, **change), epochs=epochs, batch_size=32, data=DATA
    )


def _test(variant: str) -> Figure:
    return Figure((variant,), "test_accuracy")


MODELS = {
    "model 1": _variant(10, "adam"),
    "model 2": _variant(20, "nadam", initializer="glorot_normal"),
    "model 3": _variant(20, "adagrad", initializer="glorot_normal", dropout=0.5),
}
_TEST, _TRAINING = "test accuracy", "training accuracy"

EXPERIMENTS = (
    Experiment(
        source="C",
        name="model 1",
        variants={"model 1": MODELS["model 1"]},
        reported={_TEST: 0.9752, _TRAINING: 0.9954},
        figures={_TEST: _test("model 1"), _TRAINING: Figure(("model 1",), "accuracy")},
        what_was_wrong="10 epochs, where the models it is compared with have 20; one run.",
        measure=measures.accuracy_on_test,
        controls=("one change at a time",),
        step_ms=0.5,
    ),
    Experiment(
        source="C",
        name="model 2",
        variants={"model 2": MODELS["model 2"]},
        reported={_TEST: 0.9793, _TRAINING: 0.9980},
        figures={_TEST: _test("model 2"), _TRAINING: Figure(("model 2",), "accuracy")},
        what_was_wrong="Initializer, optimizer and number of epochs change at once (fit called "
        "again goes on training); one run.",
        measure=measures.accuracy_on_test,
        controls=("one change at a time",),
        step_ms=0.7,
    ),
    Experiment(
        source="C",
        name="model 3",
        variants={name: MODELS[name] for name in ("model 2", "model 3")},
        reported={_TEST: 0.9793, _TRAINING: 0.8914},
        # The cell that is meant to test model 3 evaluates model 2.
        figures={_TEST: _test("model 2"), _TRAINING: Figure(("model 3",), "accuracy")},
        what_was_wrong="The cell that tests model 3 evaluates model 2: the test accuracy is that "
        "of model 2, here too. Dropout and optimizer change at once; one run.",
        measure=measures.accuracy_on_test,
        controls=("the right model", "one change at a time"),
        step_ms=0.7,
    ),
)

_changes = {
    "Adam, glorot_uniform": _variant(20, "adam"),
    "glorot_normal": _variant(20, "adam", initializer="glorot_normal"),
    "Nadam": _variant(20, "nadam"),
    "Dropout 0.5": _variant(20, "adam", dropout=0.5),
    "Adagrad": _variant(20, "adagrad"),
}
COMPARISONS = (
    Comparison(
        source="C",
        name="the right model",
        question="What does the source's last cell report when it evaluates model 3?",
        variants={name: MODELS[name] for name in ("model 2", "model 3")},
        rows={
            "model 2 (as evaluated)": _test("model 2"),
            "model 3 (as meant)": _test("model 3"),
        },
        baseline="model 2 (as evaluated)",
        measure=measures.accuracy_on_test,
        step_ms=0.7,
    ),
    Comparison(
        source="C",
        name="one change at a time",
        question="20 epochs for all, and one change each against Adam with glorot_uniform.",
        variants=_changes,
        rows={name: _test(name) for name in _changes},
        baseline="Adam, glorot_uniform",
        measure=measures.accuracy_on_test,
        step_ms=0.6,
    ),
)


def parameters(replicate: int) -> Mapping[str, float]:
    """Counts the weights of the network, layer by layer."""
    hidden, output = (layer.count_params() for layer in network().layers)
    return {"hidden layer": hidden, "output layer": output, "all": hidden + output}


CALCULATIONS = (
    Calculation(
        "C",
        "number of parameters",
        parameters,
        {"hidden layer": 100_480, "output layer": 1_290, "all": 101_770},
    ),
)
