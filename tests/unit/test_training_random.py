"""Shuffling, dropout and noise: drawn right, drawn anew, and repeatable to the last bit."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy import stats

from course_utils import _fast_random, training

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 8)).astype("float32")
Y = (X @ RNG.normal(size=8) + RNG.normal(size=200) > 0).astype("float32")


def words(*values):
    return tuple(tf.constant(value, tf.uint32) for value in values)


# ---- The generator


@pytest.mark.parametrize(
    ("key", "counter", "expected"),
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
        ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
    ],
)
def test_threefry_gives_the_known_answers_of_random123(key, counter, expected):
    drawn = _fast_random.threefry(words(*key), words(*counter))
    assert tuple(int(word) for word in drawn) == expected


@pytest.mark.parametrize("rate", [0.001, 0.2, 0.5, 0.99])
def test_dropout_drops_the_share_and_rescales_the_rest(rate):
    x = tf.ones((500, 400))
    dropped = _fast_random.dropout(x, rate, tf.constant([1, 2])).numpy()
    zeros = int((dropped == 0).sum())
    assert stats.binomtest(zeros, dropped.size, rate).pvalue > 1e-4
    assert set(np.unique(dropped)) == {0.0, np.float32(1 / (1 - rate))}
    # No row or column is dropped more than chance allows.
    for axis in (0, 1):
        counts = (dropped == 0).sum(axis=axis)
        spread = counts.var() / (dropped.shape[axis] * rate * (1 - rate))
        assert 0.7 < spread < 1.3


def test_dropout_along_a_noise_shape():
    dropped = _fast_random.dropout(
        tf.ones((50, 9, 40)), 0.5, tf.constant([1, 2]), None, (50, 1, 40)
    )
    assert np.array_equal(dropped.numpy(), np.repeat(dropped.numpy()[:, :1], 9, axis=1))


def test_uniform_and_normal_follow_their_distributions():
    flat = _fast_random.uniform((100_000,), tf.constant([1, 2]), -1.0, 3.0).numpy()
    bell = _fast_random.normal((100_000,), tf.constant([3, 4]), 2.0, 0.5).numpy()
    assert flat.min() >= -1
    assert flat.max() < 3
    assert stats.kstest(flat, stats.uniform(-1, 4).cdf).pvalue > 1e-3
    assert stats.kstest(bell, stats.norm(2.0, 0.5).cdf).pvalue > 1e-3
    assert np.isfinite(bell).all()


def test_functions_of_tensorflow_are_put_back():
    before = tf.nn.experimental.stateless_dropout, tf.random.stateless_uniform
    inside = []

    def fails():
        with _fast_random.cheap_under_xla():
            inside.append(tf.nn.experimental.stateless_dropout)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert inside == [_fast_random.dropout]
    assert before == (tf.nn.experimental.stateless_dropout, tf.random.stateless_uniform)


# ---- Masks of layers during training


class Recorder(layers.Layer):
    """Keeps what went through it, step by step."""

    def build(self, shape):
        self.seen = self.add_weight(shape=(8, 4, shape[-1]), initializer="zeros", trainable=False)
        self.step = self.add_weight(shape=(), dtype="int32", initializer="zeros", trainable=False)

    def call(self, inputs, training=False):
        if training:
            here = tf.reshape(tf.one_hot(self.step.value, 8), (8, 1, 1))
            self.seen.assign_add(here * inputs[None])
            self.step.assign_add(1)
        return inputs


def test_masks_differ_between_steps_epochs_and_layers():
    recorders = [Recorder(), Recorder()]
    model = keras.Sequential([keras.Input((64,))])
    for recorder in recorders:
        # The layer between makes ones of whatever comes, for the second mask to be seen.
        model.add(layers.Lambda(lambda x: tf.ones_like(x)))
        model.add(layers.Dropout(0.5))
        model.add(recorder)
    model.add(layers.Dense(1))
    model.compile("sgd", loss="mse")
    training.fit(model, np.ones((16, 64)), np.ones(16), epochs=2, batch_size=4, progress=False)
    masks = np.concatenate([recorder.seen.numpy() for recorder in recorders]).reshape(16, -1)
    assert set(np.unique(masks)) == {0.0, 2.0}
    agreement = np.corrcoef(masks)[np.triu_indices(16, 1)]
    assert np.abs(agreement).max() < 0.3  # 256 numbers each: 0.3 is 4.8 standard errors


@pytest.mark.parametrize(
    "noise",
    [
        lambda: layers.Dropout(0.3),
        lambda: layers.AlphaDropout(0.3),
        lambda: layers.GaussianNoise(0.5),
        lambda: layers.GaussianDropout(0.3),
    ],
)
def test_same_seed_same_history_to_the_last_bit(noise):
    model = make(noise())
    start = model.get_weights()

    def run(seed):
        model.set_weights(start)
        return training.fit(
            model, X, Y, epochs=3, seed=seed, validation_data=(X, Y), progress=False
        ).history

    first, again, other = run(1), run(1), run(2)
    assert first == again
    assert first != other
    fresh = make(noise())  # another object, compiled anew
    fresh.set_weights(start)
    repeated = training.fit(fresh, X, Y, epochs=3, seed=1, validation_data=(X, Y), progress=False)
    assert repeated.history == first


def test_without_a_seed_set_random_seed_decides():
    def run():
        keras.utils.set_random_seed(4)  # before the layer draws its seed
        model = make(layers.Dropout(0.3))
        return training.fit(model, X, Y, epochs=2, progress=False).history

    assert run() == run()


def test_shuffling_takes_every_example_once_in_a_new_order():
    model = keras.Sequential([keras.Input((1,)), Recorder(), layers.Dense(1)])
    model.compile("sgd", loss="mse")
    numbers = np.arange(16, dtype="float32")[:, None]
    training.fit(model, numbers, numbers, epochs=2, batch_size=4, seed=3, progress=False)
    orders = model.layers[0].seen.numpy().reshape(2, 16)
    assert np.array_equal(np.sort(orders, axis=1), np.tile(np.arange(16), (2, 1)))
    assert not np.array_equal(orders[0], orders[1])
    assert not np.array_equal(orders[0], np.arange(16))


# ---- As good as model.fit's


def make(noise):
    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [keras.Input((8,)), layers.Dense(16, "relu"), noise, layers.Dense(1, "sigmoid")]
    )
    model.compile(keras.optimizers.SGD(0.3), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def outcomes(model, run, weights):
    """Returns final loss in training and accuracy without dropout, one row for each seed."""
    rows = []
    for seed, start in enumerate(weights):
        model.set_weights(start)
        for variable in model.variables:
            if variable.path.endswith("seed_generator_state"):
                variable.assign([seed, 0])
        tf.random.set_seed(seed)
        history = run(model, seed).history
        rows.append((np.mean(history["loss"][-4:]), np.mean(history["val_accuracy"][-4:])))
    return np.array(rows)


@pytest.mark.slow
def test_with_dropout_results_are_not_distinguishable_from_those_of_model_fit():
    """Two one-sided t-tests on ten paired seeds, each at 2.5 %, and a control that must fail.

    Equivalent means: the 95 % interval of the mean difference lies within the margin. So the test
    cannot pass for want of power; and a dropout rate of 0.4 in place of 0.3 lies outside.
    """
    margins = np.array([0.02, 0.02])  # of the loss, of the accuracy
    model, other = make(layers.Dropout(0.3)), make(layers.Dropout(0.4))
    weights = [[RNG.normal(0, 0.3, w.shape) for w in model.get_weights()] for _ in range(10)]
    settings = {"epochs": 12, "validation_data": (X, Y)}

    def by_keras(model, seed):
        return model.fit(X, Y, verbose=0, **settings)

    def compiled(model, seed):
        return training.fit(model, X, Y, seed=seed, progress=False, **settings)

    expected = outcomes(model, by_keras, weights)
    for trained, equivalent in ((model, True), (other, False)):
        difference = outcomes(trained, compiled, weights) - expected
        error = difference.std(axis=0, ddof=1) / np.sqrt(len(difference))
        reach = np.abs(difference.mean(axis=0)) + stats.t.ppf(0.975, len(difference) - 1) * error
        assert bool((reach < margins).all()) is equivalent
