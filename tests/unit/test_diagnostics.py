"""Layer statistics against networks computed by hand."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from course_utils.diagnostics import SATURATED_SLOPE, layer_statistics
from course_utils.networks import dense_network

SPARSE = "sparse_categorical_crossentropy"
layers = keras.layers


@pytest.fixture
def batch() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    return rng.normal(size=(40, 6)).astype(np.float32), rng.integers(0, 3, 40)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def by_hand(
    weights: list[np.ndarray], x: np.ndarray, y: np.ndarray
) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Returns pre-activations, outputs, gradients per example and kernel gradients.

    Sigmoid layers and a softmax output with cross-entropy, in float64.
    """
    kernels, biases = weights[::2], weights[1::2]
    signals, zs = [x.astype(np.float64)], []
    for index, (kernel, bias) in enumerate(zip(kernels, biases, strict=True)):
        zs.append(signals[-1] @ kernel + bias)
        signals.append((softmax if index == len(kernels) - 1 else sigmoid)(zs[-1]))
    delta = signals[-1] - np.eye(signals[-1].shape[1])[y]
    deltas, gradients = [delta], [signals[-2].T @ delta / len(x)]
    for index in range(len(kernels) - 2, -1, -1):
        delta = (delta @ kernels[index + 1].T) * signals[index + 1] * (1 - signals[index + 1])
        deltas.insert(0, delta)
        gradients.insert(0, signals[index].T @ delta / len(x))
    return zs, signals[1:], deltas, gradients


def mean_loss(weights: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> float:
    probabilities = by_hand(weights, x, y)[1][-1]
    return float(-np.log(probabilities[np.arange(len(y)), y]).mean())


# --- against a network computed by hand ----------------------------------------------------------


@pytest.fixture
def model() -> Any:
    # Wide weights, so that some sigmoids saturate.
    return dense_network([5, 4], inputs=6, outputs=3, activation="sigmoid", initializer=2.0, seed=1)


def test_every_column_against_numpy(model: Any, batch: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = batch
    table = layer_statistics(model, x, y, SPARSE)
    zs, signals, deltas, gradients = by_hand(model.get_weights(), x, y)
    assert list(table["layer"]) == [1, 2, 3]
    assert list(table["name"]) == ["hidden_1", "hidden_2", "output"]
    assert list(table["type"]) == ["Dense"] * 3
    assert list(table["activation"]) == ["sigmoid", "sigmoid", "softmax"]
    kernels = model.get_weights()[::2]
    expected = {
        "signal_mean": [a.mean() for a in signals],
        "signal_std": [a.std() for a in signals],
        "example_std": [np.sqrt((a.std(axis=0) ** 2).mean()) for a in signals],
        "preactivation_std": [z.std() for z in zs],
        "weight_mean": [w.mean(dtype=np.float64) for w in kernels],
        "weight_std": [w.std(dtype=np.float64) for w in kernels],
        "gradient_std": [d.std() for d in deltas],
        "weight_gradient_std": [g.std() for g in gradients],
        "weight_gradient_norm": [np.linalg.norm(g) for g in gradients],
    }
    for column, values in expected.items():
        np.testing.assert_allclose(table[column], values, rtol=1e-4, atol=1e-7, err_msg=column)
    slopes = [a * (1 - a) for a in signals[:2]]
    assert list(table["saturated"])[:2] == [(s < SATURATED_SLOPE).mean() for s in slopes]
    assert 0 < table["saturated"][0] < 1
    assert np.isnan(table["saturated"][2])
    assert np.isnan(table["dead"][2])


def test_kernel_gradients_against_finite_differences(
    model: Any, batch: tuple[np.ndarray, np.ndarray]
) -> None:
    x, y = batch
    weights = [w.astype(np.float64) for w in model.get_weights()]
    norms = []
    for kernel in weights[::2]:
        gradient = np.empty_like(kernel)
        for place in np.ndindex(kernel.shape):
            before, losses = kernel[place], []
            for step in (1e-5, -1e-5):
                kernel[place] = before + step
                losses.append(mean_loss(weights, x, y))
            kernel[place] = before
            gradient[place] = (losses[0] - losses[1]) / 2e-5
        norms.append(np.linalg.norm(gradient))
    table = layer_statistics(model, x, y, SPARSE)
    np.testing.assert_allclose(table["weight_gradient_norm"], norms, rtol=1e-4)


def test_signal_gradient_does_not_depend_on_the_size_of_the_batch(
    model: Any, batch: tuple[np.ndarray, np.ndarray]
) -> None:
    x, y = batch
    once = layer_statistics(model, x, y, SPARSE)
    twice = layer_statistics(model, np.tile(x, (2, 1)), np.tile(y, 2), SPARSE)
    pd.testing.assert_frame_equal(once, twice, rtol=1e-4)


def test_without_labels_there_are_no_gradients(
    model: Any, batch: tuple[np.ndarray, np.ndarray]
) -> None:
    x, y = batch
    table = layer_statistics(model, x)
    full = layer_statistics(model, x, y, SPARSE)
    gradients = ["gradient_std", "weight_gradient_std", "weight_gradient_norm"]
    assert list(full.columns) == [*table.columns, *gradients]
    pd.testing.assert_frame_equal(table, full[table.columns])


# --- saturated and dead --------------------------------------------------------------------------


def one_layer(activation: Any, units: int = 3) -> Any:
    model = dense_network(
        [units], inputs=units, outputs=2, activation=activation, output_activation=None
    )
    model.layers[0].set_weights([np.eye(units), np.zeros(units)])
    return model


def test_dead_units_have_slope_0_for_every_example() -> None:
    x = np.array([[-1, -1, 2], [-3, 4, 5], [-2, -2, 1]], dtype=np.float32)
    row = layer_statistics(one_layer("relu"), x).iloc[0]
    assert row["dead"] == pytest.approx(1 / 3)  # the first unit only
    assert row["saturated"] == pytest.approx(5 / 9)
    assert layer_statistics(one_layer("leaky_relu"), x).iloc[0]["dead"] == 0


@pytest.mark.parametrize(
    ("activation", "edge"),
    [
        ("sigmoid", 2.8872),  # slope 0.05 where a (1 - a) = 0.05
        ("tanh", 2.1786),  # 1 - a^2 = 0.05
        ("elu", -2.9958),  # exp(z) = 0.05
        ("selu", -3.5600),  # 1.0507 * 1.6733 * exp(z) = 0.05
    ],
)
def test_the_edge_of_saturation(activation: str, edge: float) -> None:
    x = np.array([[0.0, edge - 1e-2, edge + 1e-2]], dtype=np.float32)
    assert layer_statistics(one_layer(activation), x)["saturated"][0] == pytest.approx(1 / 3)


def test_a_linear_layer_is_never_saturated() -> None:
    row = layer_statistics(one_layer(None), np.ones((2, 3), np.float32)).iloc[0]
    assert (row["saturated"], row["dead"], row["activation"]) == (0, 0, "linear")


def test_overflow_is_reported_not_raised() -> None:
    model = dense_network([50] * 40, inputs=50, outputs=3, activation=None, initializer=20.0)
    table = layer_statistics(model, np.ones((4, 50), np.float32))
    assert table["signal_std"][0] < 1e4
    assert not np.isfinite(table["signal_std"][38])


def test_a_hundred_layers_have_a_hundred_rows() -> None:
    model = dense_network([10] * 99, inputs=10, activation="selu", initializer="lecun_normal")
    table = layer_statistics(model, np.ones((5, 10), np.float32), np.arange(5), SPARSE)
    assert list(table["layer"]) == list(range(1, 101))
    assert table.iloc[:, 4:8].notna().all(axis=None)


# --- any kind of model ---------------------------------------------------------------------------


class Block(layers.Layer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dense = layers.Dense(5, activation="sigmoid", name="inner")

    def call(self, x: Any) -> Any:
        return self.dense(x)


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.parts = [Block(), layers.Dense(4, activation="sigmoid", name="second")]
        self.out = layers.Dense(3, activation="softmax", name="last")

    def call(self, x: Any) -> Any:
        for part in self.parts:
            x = part(x)
        return self.out(x)


def functional() -> Any:
    x = h = keras.Input((6,))
    for units in (5, 4):
        h = layers.Activation("sigmoid")(layers.Dense(units)(h))
    return keras.Model(x, layers.Dense(3, activation="softmax")(h))


def nested() -> Any:
    inner = keras.Sequential([keras.Input((6,)), layers.Dense(5, activation="sigmoid")])
    middle = layers.Dense(4, activation="sigmoid")
    return keras.Sequential([keras.Input((6,)), inner, middle, layers.Dense(3, "softmax")])


@pytest.mark.parametrize("build", [Subclassed, functional, nested])
def test_other_kinds_of_model_give_the_same_numbers(
    build: Callable[[], Any], model: Any, batch: tuple[np.ndarray, np.ndarray]
) -> None:
    x, y = batch
    other = build()
    other(x)
    other.set_weights(model.get_weights())
    table = layer_statistics(other, x, y, SPARSE)
    if build is functional:
        assert list(table["activation"]) == ["linear", "sigmoid", "linear", "sigmoid", "softmax"]
        table = table[table["activation"] != "linear"]  # signals as of the fused layers
        columns = ["signal_mean", "signal_std", "example_std", "saturated", "gradient_std"]
    else:
        columns = [c for c in table.columns if c not in ("name",)]
    expected = layer_statistics(model, x, y, SPARSE)
    pd.testing.assert_frame_equal(
        table[columns].reset_index(drop=True), expected[columns], rtol=1e-5
    )
    if build is Subclassed:
        assert list(table["name"]) == ["inner", "second", "last"]


def test_reshaping_and_dropping_layers_have_no_row() -> None:
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            layers.Conv2D(3, 2, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(8),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.1),
            layers.Dense(2, activation=layers.ELU()),
        ]
    )
    table = layer_statistics(model, np.ones((3, 4, 4, 1), np.float32))
    types = ["Conv2D", "Dense", "BatchNormalization", "LeakyReLU", "Dense"]
    assert list(table["type"]) == types
    assert list(table["activation"]) == ["relu", "linear", "linear", "LeakyReLU", "ELU"]
    assert list(table["weight_std"].notna()) == [True, True, False, False, True]


def test_a_shared_layer_has_a_row_for_each_call() -> None:
    x = keras.Input((4,))
    shared = layers.Dense(4, activation="tanh", name="shared")
    model = keras.Model(x, layers.Dense(1)(shared(shared(x))))
    table = layer_statistics(model, np.ones((3, 4), np.float32), np.ones(3), "mse")
    assert list(table["name"])[:2] == ["shared", "shared"]
    assert table["gradient_std"].iloc[0] != table["gradient_std"].iloc[1]


def test_several_inputs() -> None:
    wide, deep = keras.Input((2,), name="wide"), keras.Input((3,), name="deep")
    joined = layers.Concatenate()([wide, layers.Dense(4, activation="relu")(deep)])
    model = keras.Model([wide, deep], layers.Dense(1)(joined))
    x = [np.ones((5, 2), np.float32), np.ones((5, 3), np.float32)]
    assert len(layer_statistics(model, x, np.zeros(5), "mse")) == 2


def test_a_recurrent_layer_is_seen_from_outside() -> None:
    model = keras.Sequential([keras.Input((7, 2)), layers.SimpleRNN(4), layers.Dense(3)])
    table = layer_statistics(model, np.ones((5, 7, 2), np.float32), np.zeros((5, 3)), "mse")
    assert list(table["type"]) == ["SimpleRNN", "Dense"]
    assert table["gradient_std"].notna().all()


def test_a_frozen_layer_still_has_its_gradient(
    model: Any, batch: tuple[np.ndarray, np.ndarray]
) -> None:
    x, y = batch
    free = layer_statistics(model, x, y, SPARSE)
    model.trainable = False
    pd.testing.assert_frame_equal(layer_statistics(model, x, y, SPARSE), free)


def test_the_model_is_left_as_it_was(batch: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = batch
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(5),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dropout(0.5, seed=1),
            layers.Dense(3, activation="softmax"),
        ]
    )
    before = [v.numpy() for v in model.variables]
    attributes = [dict(vars(layer)) for layer in model.layers]
    first = layer_statistics(model, x, y, SPARSE, training=True)
    after = [v.numpy() for v in model.variables]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    for layer, kept in zip(model.layers, attributes, strict=True):
        assert "call" not in vars(layer)
        assert vars(layer).get("activation") is kept.get("activation")
    pd.testing.assert_frame_equal(first, layer_statistics(model, x, y, SPARSE, training=True))
    evaluated = layer_statistics(model, x, y, SPARSE)
    assert evaluated["signal_std"][1] != first["signal_std"][1]  # moving averages, not the batch's


def test_the_model_is_left_as_it_was_after_an_error(model: Any) -> None:
    with pytest.raises(ValueError, match="Labels run from 0 to 7"):
        layer_statistics(model, np.ones((2, 6), np.float32), np.array([0, 7]), SPARSE)
    assert all("call" not in vars(layer) for layer in model.layers)
    assert model.layers[0].activation is keras.activations.sigmoid


# --- losses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss",
    [
        keras.losses.SparseCategoricalCrossentropy(),
        keras.losses.SparseCategoricalCrossentropy(reduction="sum"),
        keras.losses.sparse_categorical_crossentropy,
        lambda y, p: keras.ops.mean(keras.losses.sparse_categorical_crossentropy(y, p)),
    ],
)
def test_every_form_of_a_loss_means_the_mean(
    loss: Any, model: Any, batch: tuple[np.ndarray, np.ndarray]
) -> None:
    x, y = batch
    expected = layer_statistics(model, x, y, SPARSE)
    pd.testing.assert_frame_equal(layer_statistics(model, x, y, loss), expected)


def test_the_loss_of_a_compiled_model_is_taken(
    model: Any, batch: tuple[np.ndarray, np.ndarray]
) -> None:
    x, y = batch
    expected = layer_statistics(model, x, np.eye(3)[y], "categorical_crossentropy")
    model.compile(loss=SPARSE)
    pd.testing.assert_frame_equal(layer_statistics(model, x, y), expected, rtol=1e-5)


def test_a_column_of_labels_means_the_same_as_a_row() -> None:
    model = dense_network([4], inputs=6, outputs=1, output_activation="sigmoid", seed=0)
    x, y = np.random.default_rng(0).normal(size=(8, 6)), np.arange(8) % 2
    row = layer_statistics(model, x, y, "binary_crossentropy")
    column = layer_statistics(model, x, y[:, None], "binary_crossentropy")
    pd.testing.assert_frame_equal(row, column)


# --- wrong arguments -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "loss", "words"),
    [
        (np.ones((4, 5)), None, None, r"\(4, 5\).*\(None, 6\)"),
        (np.ones(6), None, None, r"\(6,\)"),
        (np.ones((0, 6)), None, None, "at least one example"),
        ([np.ones((4, 6)), np.ones((4, 6))], None, None, "the model takes"),
        (np.full((4, 6), np.nan), None, None, "24 values that are NaN"),
        (np.full((4, 6), np.inf), None, None, "infinite"),
        (np.ones((4, 6)), np.zeros(4, int), None, "without a loss"),
        (np.ones((4, 6)), None, SPARSE, "without labels"),
        (np.ones((4, 6)), np.zeros(3, int), SPARSE, "4 examples, y has 3"),
        (np.ones((4, 6)), np.full(4, 3), SPARSE, "3 outputs: labels must be 0 to 2"),
        (np.ones((4, 6)), np.full(4, -1), SPARSE, "labels must be 0 to 2"),
        (np.ones((4, 6)), np.zeros(4, int), "categorical_crossentropy", "do not fit"),
    ],
)
def test_wrong_arguments_are_named(x: Any, y: Any, loss: Any, words: str, model: Any) -> None:
    with pytest.raises(ValueError, match=words):
        layer_statistics(model, x, y, loss)


def test_an_unbuilt_model_is_named() -> None:
    with pytest.raises(ValueError, match="not built"):
        layer_statistics(keras.Sequential([layers.Dense(3)]), np.ones((2, 2)))


def test_a_model_without_weights_is_named() -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Flatten()])
    with pytest.raises(ValueError, match="no layer with weights"):
        layer_statistics(model, np.ones((2, 3)))
