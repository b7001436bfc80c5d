"""Without randomness, ``training.fit`` must end at the weights of ``model.fit``."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, losses, optimizers
from keras.optimizers import schedules

from course_utils import training

EXAMPLES, BATCH = 64, 16
RNG = np.random.default_rng(0)
X = RNG.normal(size=(EXAMPLES + 7, 12)).astype("float32")
LABELS = (X @ RNG.normal(size=(12, 3))).argmax(axis=1)
ONE_HOT = np.eye(3, dtype="float32")[LABELS]


def dense(**settings):
    return [layers.Dense(8, activation="tanh", **settings)]


def normalized():
    return [layers.Dense(8, use_bias=False), layers.BatchNormalization(), layers.Activation("tanh")]


def convolution():
    return [
        layers.Reshape((4, 3)),
        layers.Conv1D(4, 2, activation="tanh"),
        layers.MaxPooling1D(),
        layers.Flatten(),
    ]


# What stands between the inputs and the output layer.
LAYERS = {
    "dense": dense,
    "batch norm": normalized,
    "batch norm first": lambda: [layers.BatchNormalization(momentum=0.9), *dense()],
    "layer norm": lambda: [*dense(), layers.LayerNormalization()],
    "group norm": lambda: [*dense(), layers.GroupNormalization(2)],
    "unit norm": lambda: [*dense(), layers.UnitNormalization()],
    "leaky relu": lambda: [layers.Dense(8), layers.LeakyReLU(negative_slope=0.3)],
    "prelu": lambda: [layers.Dense(8), layers.PReLU()],
    "selu": lambda: [layers.Dense(8, "selu", kernel_initializer="lecun_normal") for _ in range(5)],
    "elu and dropout 0": lambda: [layers.Dense(8, "elu"), layers.Dropout(0.0)],
    "l1": lambda: dense(kernel_regularizer=keras.regularizers.L1(0.01)),
    "l2": lambda: dense(kernel_regularizer=keras.regularizers.L2(0.1), bias_regularizer="l2"),
    "l1l2 of activity": lambda: dense(activity_regularizer=keras.regularizers.L1L2(0.01, 0.02)),
    "orthogonal": lambda: dense(kernel_regularizer="orthogonal_regularizer"),
    "max-norm": lambda: dense(kernel_constraint=keras.constraints.MaxNorm(0.5)),
    "non-negative": lambda: dense(kernel_constraint="non_neg"),
    "unit columns": lambda: dense(kernel_constraint="unit_norm"),
    "min-max norm": lambda: dense(kernel_constraint=keras.constraints.MinMaxNorm(0.5, 0.9)),
    "convolution": convolution,
    "gru": lambda: [layers.Reshape((4, 3)), layers.GRU(5)],
    "frozen": lambda: [layers.Dense(8, "tanh", trainable=False), *dense()],
}

OPTIMIZERS = {
    "sgd": lambda rate: optimizers.SGD(rate),
    "momentum": lambda rate: optimizers.SGD(rate, momentum=0.9),
    "nesterov": lambda rate: optimizers.SGD(rate, momentum=0.9, nesterov=True),
    "rmsprop": lambda rate: optimizers.RMSprop(rate),
    "rmsprop centered": lambda rate: optimizers.RMSprop(rate, momentum=0.5, centered=True),
    "adagrad": lambda rate: optimizers.Adagrad(rate),
    "adadelta": lambda rate: optimizers.Adadelta(rate),
    "adam": lambda rate: optimizers.Adam(rate),
    "amsgrad": lambda rate: optimizers.Adam(rate, amsgrad=True),
    "adamw": lambda rate: optimizers.AdamW(rate, weight_decay=0.1),
    "adamax": lambda rate: optimizers.Adamax(rate),
    "nadam": lambda rate: optimizers.Nadam(rate),
    "ftrl": lambda rate: optimizers.Ftrl(rate),
    "lion": lambda rate: optimizers.Lion(rate),
    "lamb": lambda rate: optimizers.Lamb(rate),
    "adafactor": lambda rate: optimizers.Adafactor(rate),
    "muon": lambda rate: optimizers.Muon(rate),
    "clipnorm": lambda rate: optimizers.SGD(rate, clipnorm=0.05),
    "clipvalue": lambda rate: optimizers.SGD(rate, momentum=0.5, clipvalue=0.01),
    "global clipnorm": lambda rate: optimizers.SGD(rate, global_clipnorm=0.05),
    "decay": lambda rate: optimizers.SGD(rate, weight_decay=0.05),
    "average": lambda rate: optimizers.SGD(rate, use_ema=True, ema_momentum=0.8),
    "average swapped in": lambda rate: optimizers.SGD(
        rate, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=3
    ),
    "accumulated": lambda rate: optimizers.Adam(rate, gradient_accumulation_steps=2),
    "loss scale": lambda rate: optimizers.LossScaleOptimizer(
        optimizers.SGD(rate), initial_scale=4.0, dynamic_growth_steps=3
    ),
}

# Loss, targets, activation of the output layer.
LOSSES = {
    "sparse": (losses.SparseCategoricalCrossentropy(), LABELS, "softmax"),
    "sparse logits": (losses.SparseCategoricalCrossentropy(from_logits=True), LABELS, None),
    "categorical": ("categorical_crossentropy", ONE_HOT, "softmax"),
    "smoothed": (losses.CategoricalCrossentropy(label_smoothing=0.1), ONE_HOT, "softmax"),
    "focal": (losses.CategoricalFocalCrossentropy(), ONE_HOT, "softmax"),
    "binary": ("binary_crossentropy", ONE_HOT, "sigmoid"),
    "binary focal": ("binary_focal_crossentropy", ONE_HOT, "sigmoid"),
    "mse": ("mse", ONE_HOT, None),
    "mae": ("mae", ONE_HOT, None),
    "mape": ("mape", ONE_HOT + 1, "softplus"),
    "msle": ("msle", ONE_HOT, "softplus"),
    "huber": (losses.Huber(0.5), ONE_HOT, None),
    "log-cosh": ("log_cosh", ONE_HOT, None),
    "hinge": ("hinge", 2 * ONE_HOT - 1, "tanh"),
    "squared hinge": ("squared_hinge", 2 * ONE_HOT - 1, None),
    "categorical hinge": ("categorical_hinge", ONE_HOT, None),
    "kld": ("kl_divergence", ONE_HOT, "softmax"),
    "poisson": ("poisson", ONE_HOT, "softplus"),
    "cosine": (losses.CosineSimilarity(), ONE_HOT, None),
    "dice": (losses.Dice(), ONE_HOT, "sigmoid"),
    "tversky": (losses.Tversky(), ONE_HOT, "sigmoid"),
    "ctc-free function": (lambda y, p: keras.ops.mean((y - p) ** 4, axis=-1), ONE_HOT, None),
}

SCHEDULES = {
    "constant": lambda: 0.02,
    "exponential": lambda: schedules.ExponentialDecay(0.05, 5, 0.5),
    "staircase": lambda: schedules.ExponentialDecay(0.05, 5, 0.5, staircase=True),
    "piecewise": lambda: schedules.PiecewiseConstantDecay([4, 8], [0.05, 0.02, 0.01]),
    "polynomial": lambda: schedules.PolynomialDecay(0.05, 10, 0.001, power=2.0),
    "inverse time": lambda: schedules.InverseTimeDecay(0.05, 4, 0.5),
    "cosine": lambda: schedules.CosineDecay(0.01, 10, warmup_target=0.05, warmup_steps=3),
    "restarts": lambda: schedules.CosineDecayRestarts(0.05, 4),
}


def _matrix():
    """Meets every layer, optimizer, loss and schedule at least once, and 50 combinations."""
    sides = [list(side) for side in (LAYERS, OPTIMIZERS, LOSSES, SCHEDULES)]
    strides = (1, 1, 3, 1)  # so that the second round does not repeat pairs of the first
    return [
        tuple(
            side[(row * stride + row // 25) % len(side)]
            for side, stride in zip(sides, strides, strict=True)
        )
        for row in range(50)
    ]


def _model(layer, optimizer, loss, schedule):
    keras.utils.set_random_seed(1)
    function, _, activation = LOSSES[loss]
    model = keras.Sequential(
        [keras.Input((12,)), *LAYERS[layer](), layers.Dense(3, activation=activation)]
    )
    rate = SCHEDULES[schedule]()
    model.compile(OPTIMIZERS[optimizer](rate), loss=function)
    return model


def _in_batches(x, y):
    """Without tf.data's autotuning, whose thread at times takes a minute to end."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return tf.data.Dataset.from_tensor_slices((x, y)).batch(BATCH).with_options(options)


def _assert_equal_training(one, other, tolerance=1e-4):
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        scale = max(np.linalg.norm(a), 1e-3)
        assert np.linalg.norm(a - b) <= tolerance * scale
    for a, b in zip(one.optimizer.variables, other.optimizer.variables, strict=True):
        if a.dtype.startswith("int"):
            assert np.array_equal(a.numpy(), b.numpy())


def test_matrix_is_complete():
    matrix = _matrix()
    assert len(set(matrix)) >= 40
    for position, side in enumerate((LAYERS, OPTIMIZERS, LOSSES, SCHEDULES)):
        assert {row[position] for row in matrix} == set(side)


@pytest.mark.parametrize("row", _matrix(), ids="-".join)
def test_weights_equal_those_of_model_fit(row):
    reference, model = _model(*row), _model(*row)
    before = model.get_weights()
    targets = LOSSES[row[2]][1]
    # Every fourth row has a last batch of 7, which is a second program to trace.
    size = EXAMPLES + 7 if _matrix().index(row) % 4 == 0 else EXAMPLES
    x, y = X[:size], targets[:size]

    expected = reference.fit(_in_batches(x, y), epochs=3, shuffle=False, verbose=0)
    history = training.fit(model, x, y, epochs=3, batch_size=BATCH, shuffle=False, progress=False)

    _assert_equal_training(reference, model)
    assert history.history.keys() == expected.history.keys()
    assert history.history["loss"] == pytest.approx(expected.history["loss"], rel=1e-4, abs=1e-6)
    assert any(not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
