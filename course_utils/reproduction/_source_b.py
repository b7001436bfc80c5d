"""Source B, a university lab on optimization: Beale's function, then MNIST.

784-64-64-10, relu, inputs scaled to 0..1, one-hot labels. Its Keras names the initializers
``uniform`` (between -0.05 and 0.05), ``normal`` (standard deviation 0.05) and ``zero``.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from course_utils import functions
from course_utils.experiments import Variant
from course_utils.reproduction import _source_measures as measures
from course_utils.reproduction._source_data import Recipe
from course_utils.reproduction._source_spec import Calculation, Comparison, Experiment, Figure

AS_WRITTEN = Recipe("mnist", one_hot=True, validation="test")
HELD_OUT = Recipe("mnist", one_hot=True, validation="last 10,000")

# The source's names, what they are called now, mean accuracy and its spread over three folds.
INITIALIZERS = {
    "uniform": ("random_uniform", 0.946117),
    "lecun_uniform": ("lecun_uniform", 0.948400),
    "normal": ("random_normal", 0.948117),
    "zero": ("zeros", 0.112367),
    "glorot_normal": ("glorot_normal", 0.948367),
    "glorot_uniform": ("glorot_uniform", 0.948967),
    "he_normal": ("he_normal", 0.947400),
    "he_uniform": ("he_uniform", 0.946983),
}


def network(
    optimizer: str,
    *,
    initializer: str = "random_uniform",
    dropout: float = 0.0,
    epsilon: float = 1e-7,
) -> Any:
    """Builds the compiled network; the arguments are what the experiments change.

    Keras adds RMSprop's `epsilon` to the mean square; the Keras of the source added it to its
    root. Values far below 1e-7 come close to what was meant there.
    """
    import keras

    model = keras.Sequential([keras.Input((784,))])
    for _ in range(2):
        model.add(keras.layers.Dense(64, activation="relu", kernel_initializer=initializer))
        if dropout:
            model.add(keras.layers.Dropout(dropout))
    model.add(keras.layers.Dense(10, activation="softmax", kernel_initializer=initializer))
    # The `decay` of old: learning rate 0.1 / (1 + (0.1 / 60) * update).
    rate = keras.optimizers.schedules.InverseTimeDecay(0.1, decay_steps=1, decay_rate=0.1 / 60)
    optimizers = {
        "sgd": keras.optimizers.SGD(rate, momentum=0.8),
        "rmsprop": keras.optimizers.RMSprop(0.001, rho=0.9, epsilon=epsilon),
    }
    model.compile(optimizers[optimizer], loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def test_after_every_epoch(recipe: Recipe) -> tuple[Any, ...]:
    """Returns a callback that adds the test accuracy to what an epoch reports."""
    import keras

    data = recipe(0)

    class Test(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            if logs is not None:
                logs |= measures.accuracy_on_test(self.model, data)

    return (Test(),)


def _variant(optimizer: str, epochs: int, batch_size: int, data: Recipe, **change: Any) -> Variant:
    test = partial(test_after_every_epoch, data) if data == HELD_OUT else None
    return Variant(
        build=partial(network, optimizer, **change),
        epochs=epochs,
        batch_size=batch_size,
        callbacks=test,
        data=data,
    )


SGD = _variant("sgd", 60, 28, AS_WRITTEN)
RMSPROP = _variant("rmsprop", 20, 32, AS_WRITTEN)
FOLDS = {
    f"{name}, fold {fold + 1}": _variant(
        "rmsprop",
        10,
        128,
        Recipe("mnist", one_hot=True, fold=fold),
        initializer=keras_name,
        dropout=0.5,
    )
    for name, (keras_name, _) in INITIALIZERS.items()
    for fold in range(3)
}
MEANS = {
    name: Figure(tuple(f"{name}, fold {fold}" for fold in (1, 2, 3)), "val_accuracy")
    for name in INITIALIZERS
}

EXPERIMENTS = (
    Experiment(
        source="B",
        name="SGD with decay",
        variants={"SGD with decay": SGD},
        reported={"test accuracy": 0.9757, "best test accuracy": 0.9768, "test loss": 0.0853},
        figures={
            "test accuracy": Figure(("SGD with decay",), "val_accuracy"),
            "best test accuracy": Figure(("SGD with decay",), "val_accuracy", "best"),
            "test loss": Figure(("SGD with decay",), "val_loss"),
        },
        what_was_wrong="The test set is the validation set, and its best epoch is reported. The "
        "text speaks of 40 epochs and decay 0.1/50, the code of 60 and 0.1/60. The plots show the "
        "square roots of accuracy and loss under their names.",
        controls=("which epoch",),
        step_ms=0.35,
    ),
    Experiment(
        source="B",
        name="RMSprop",
        variants={"RMSprop": RMSPROP},
        reported={"test accuracy": 0.9759, "test loss": 0.1504, "R^2 of the class matrix": 0.9542},
        figures={
            "test accuracy": Figure(("RMSprop",), "val_accuracy"),
            "test loss": Figure(("RMSprop",), "val_loss"),
            "R^2 of the class matrix": Figure(("RMSprop",), "r2_probabilities"),
        },
        what_was_wrong="The test set is the validation set. The R^2 of ten columns of 0 and 1 says "
        "nothing that the accuracy and the loss do not say better.",
        measure=measures.r2_on_test,
        controls=("which epoch", "epsilon of RMSprop"),
        step_ms=0.45,
    ),
    Experiment(
        source="B",
        name="grid search over initializers",
        variants=FOLDS,
        reported={name: figure for name, (_, figure) in INITIALIZERS.items()},
        figures=MEANS,
        what_was_wrong="It names a winner, though seven of the eight initializers lie within one "
        "standard deviation of each other.",
        controls=("initializers, paired",),
        step_ms=0.9,
    ),
)

COMPARISONS = (
    Comparison(
        source="B",
        name="which epoch",
        question="Validation on 10,000 images taken from the training images: what does the test "
        "set say of the last epoch, of the epoch that it likes best itself, and after RMSprop in "
        "place of SGD?",
        variants={
            "SGD": _variant("sgd", 60, 28, HELD_OUT),
            "RMSprop": _variant("rmsprop", 20, 32, HELD_OUT),
        },
        rows={
            "SGD, last epoch": Figure(("SGD",), "test_accuracy"),
            "SGD, best on the validation images": Figure(
                ("SGD",), "test_accuracy", "best by val_accuracy"
            ),
            "SGD, best on the test set": Figure(("SGD",), "test_accuracy", "best"),
            "RMSprop, last epoch": Figure(("RMSprop",), "test_accuracy"),
        },
        baseline="SGD, last epoch",
        step_ms=0.4,
    ),
    Comparison(
        source="B",
        name="initializers, paired",
        question="The same grid search, every initializer with the same seeds and folds: is there "
        "a winner?",
        variants=FOLDS,
        rows=MEANS,
        baseline="uniform",
        step_ms=0.9,
    ),
    Comparison(
        source="B",
        name="epsilon of RMSprop",
        question="Keras once added epsilon to the root of the mean square and now adds it under "
        "the root. Does the test loss show it?",
        variants={
            "under the root": RMSPROP,
            "as if added to the root": _variant("rmsprop", 20, 32, AS_WRITTEN, epsilon=1e-14),
        },
        rows={
            "under the root": Figure(("under the root",), "val_loss"),
            "as if added to the root": Figure(("as if added to the root",), "val_loss"),
        },
        baseline="under the root",
        measure=measures.r2_on_test,
        step_ms=0.45,
    ),
)


def beale_at_4_4(replicate: int) -> Mapping[str, float]:
    """Computes Beale's function at (4, 4)."""
    return {"f(4, 4)": float(functions.get("beale")((4.0, 4.0)))}


def beale_minimized(replicate: int) -> Mapping[str, float]:
    """Minimizes Beale's function as the source does, without a gradient."""
    from scipy.optimize import minimize

    beale = functions.get("beale")

    def value(point: Any) -> float:
        return float(beale(point))

    found = minimize(value, (4.0, 4.0), bounds=((-4.5, 4.5), (-4.5, 4.5)))
    return {
        "f at the end": float(found.fun),
        "evaluations": int(found.nfev),
        "iterations": int(found.nit),
        "x": float(found.x[0]),
        "y": float(found.x[1]),
    }


def hamming(replicate: int) -> Mapping[str, float]:
    """Counts the places where two words differ."""
    pairs = zip("carolin", "cathrin", strict=True)
    return {"distance": float(np.sum([one != other for one, other in pairs]))}


CALCULATIONS = (
    Calculation("B", "Beale's function", beale_at_4_4, {"f(4, 4)": 68891.203125}),
    Calculation(
        "B",
        "Beale's function, L-BFGS-B",
        beale_minimized,
        {
            "f at the end": 2.068e-12,
            "evaluations": 60,
            "iterations": 14,
            "x": 3.00000257,
            "y": 0.50000085,
        },
    ),
    Calculation("B", "Hamming distance of carolin and cathrin", hamming, {"distance": 3}),
)
