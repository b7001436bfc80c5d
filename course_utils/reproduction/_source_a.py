"""Source A, "Advanced MLP": ways to improve a sigmoid network on MNIST.

784-50-50-50-50-10, SGD with learning rate 0.001, 100 epochs, one-hot labels, raw gray levels. The
last 30 % of the training images are held out by ``validation_split=0.3``; nothing depends on them,
so here they are left out of the training and not evaluated.
"""

from functools import partial
from typing import Any

from course_utils.experiments import Variant
from course_utils.reproduction import _source_measures as measures
from course_utils.reproduction._source_data import Recipe
from course_utils.reproduction._source_spec import Comparison, Experiment, Figure

EPOCHS = 100
RAW = Recipe("mnist", scaling="none", one_hot=True, train=42_000)
SCALED = Recipe("mnist", scaling="unit", one_hot=True, train=42_000)
ALL_RAW = Recipe("mnist", scaling="none", one_hot=True)


def network(
    *,
    initializer: str = "glorot_uniform",
    activation: str = "sigmoid",
    optimizer: str = "sgd",
    normalized: bool = False,
    dropout: float = 0.0,
) -> Any:
    """Builds the compiled network; the arguments are what the experiments change."""
    import keras

    layers = keras.layers
    model = keras.Sequential([keras.Input((784,))])
    for _ in range(4):
        model.add(layers.Dense(50, kernel_initializer=initializer))
        if normalized:
            model.add(layers.BatchNormalization())
        model.add(layers.Activation(activation))
        if dropout:
            model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10, activation="softmax", kernel_initializer=initializer))
    optimizers = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}
    model.compile(
        optimizers[optimizer](learning_rate=0.001),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


# What each experiment changes, and the test accuracy that the source reports.
CHANGES: dict[str, dict[str, Any]] = {
    "weight initialization": {"initializer": "he_normal"},
    "activation": {"activation": "relu"},
    "optimizer": {"optimizer": "adam"},
    "batch normalization": {"normalized": True},
    "dropout": {"dropout": 0.2},
}
REPORTED = {
    "baseline": 0.1134,
    "weight initialization": 0.8625,
    "activation": 0.9488,
    "optimizer": 0.9465,
    "batch normalization": 0.9480,
    "dropout": 0.4226,
    "ensemble": 0.9002,
}
ALL_TOGETHER: dict[str, Any] = {
    "initializer": "he_normal",
    "activation": "relu",
    "optimizer": "adam",
    "normalized": True,
    "dropout": 0.2,
}
WRONG = {
    "baseline": "Batch 256, where everything it is compared with has 32: an eighth of the updates. "
    "Raw gray levels, and one run.",
    "weight initialization": "Compared with a baseline that made an eighth of its updates; the raw "
    "gray levels weigh more than the initializer; one run.",
    "activation": "Compared with a baseline that made an eighth of its updates; one run.",
    "optimizer": "Compared with a baseline that made an eighth of its updates; one run.",
    "batch normalization": "Compared with a baseline that made an eighth of its updates; it also "
    "scales what was never scaled; one run.",
    "dropout": "Compared with a baseline that made an eighth of its updates. Dropout is meant "
    "against overfitting, and this network underfits; one run.",
    "ensemble": "Trained on 60,000 images at batch 32, the baseline on 42,000 at batch 256: the "
    "vote itself gains 0.06 over the mean of its members, a twelfth of the difference; one run.",
}


def _variant(data: Recipe, batch_size: int = 32, epochs: int = EPOCHS, **change: Any) -> Variant:
    return Variant(
        build=partial(network, **change), epochs=epochs, batch_size=batch_size, data=data
    )


def _test(variant: str) -> Figure:
    return Figure((variant,), "test_accuracy")


AS_WRITTEN = {
    "baseline": _variant(RAW, batch_size=256),
    **{name: _variant(RAW, **change) for name, change in CHANGES.items()},
    "ensemble": _variant(ALL_RAW),
}


def _experiment(name: str) -> Experiment:
    ensemble = name == "ensemble"
    return Experiment(
        source="A",
        name=name,
        variants={name: AS_WRITTEN[name]},
        reported={"test accuracy": REPORTED[name]},
        figures={"test accuracy": _test(name)},
        what_was_wrong=WRONG[name],
        measure=measures.soft_vote if ensemble else measures.accuracy_on_test,
        replicates=3 if ensemble else 5,
        controls=("one network or three",) if ensemble else ("same updates", "scaled inputs"),
        step_ms=1.1 if ensemble else 0.4,
    )


EXPERIMENTS = tuple(_experiment(name) for name in AS_WRITTEN)

_same_updates = {
    "baseline": _variant(RAW),
    "baseline, batch 256 (as written)": AS_WRITTEN["baseline"],
    **{name: AS_WRITTEN[name] for name in CHANGES},
}
_scaled = {
    "baseline": _variant(SCALED, epochs=50),
    **{name: _variant(SCALED, epochs=50, **change) for name, change in CHANGES.items()},
    "all together": _variant(SCALED, epochs=50, **ALL_TOGETHER),
}
COMPARISONS = (
    Comparison(
        source="A",
        name="same updates",
        question="Raw gray levels as written, but every network makes the updates of batch 32: "
        "what does each change do to the test accuracy?",
        variants=_same_updates,
        rows={name: _test(name) for name in _same_updates},
        baseline="baseline",
        measure=measures.accuracy_on_test,
        step_ms=0.4,
    ),
    Comparison(
        source="A",
        name="scaled inputs",
        question="Gray levels divided by 255, batch 32, 50 epochs for all. The source asks at its "
        "end why nobody tries all changes together: here they are.",
        variants=_scaled,
        rows={name: _test(name) for name in _scaled},
        baseline="baseline",
        measure=measures.accuracy_on_test,
        step_ms=0.4,
    ),
    Comparison(
        source="A",
        name="one network or three",
        question="Is the vote of three better than one of them, trained on the same 60,000 images?",
        variants={"ensemble": AS_WRITTEN["ensemble"]},
        rows={
            "one network (mean of the three)": Figure(("ensemble",), "member_accuracy"),
            "vote of three": Figure(("ensemble",), "test_accuracy"),
        },
        baseline="one network (mean of the three)",
        measure=measures.soft_vote,
        replicates=3,
        step_ms=1.1,
    ),
)
