"""A model that is used again equals a fresh one to the last bit; which models may be used again."""

import hashlib
import random
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, regularizers
from keras.optimizers import schedules
from keras.src.backend import random as backend_random
from keras.src.random import seed_generator

from course_utils import _experiment_models, _experiment_replicate, experiments
from course_utils._experiment_models import CompiledModels, build
from course_utils._experiment_replicate import train
from course_utils._experiment_task import ReplicateError, Task

# Keras 3.15 reads its variables in a way that NumPy 2.4 does not like.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 6)).astype("float32")
Y = (X @ RNG.normal(size=(6, 3))).argmax(axis=1)
DATA = SimpleNamespace(x_train=X, y_train=Y)


def sequential(*body, optimizer="sgd", loss="sparse_categorical_crossentropy", **settings):
    """Build a small compiled classifier; strings and Keras objects only."""
    model = keras.Sequential([keras.Input((6,)), *body, layers.Dense(3, "softmax")])
    model.compile(optimizer, loss=loss, **{"metrics": ["accuracy"], **settings})
    return model


def plain():
    return sequential(layers.Dense(5, "tanh"))


def wide():
    return sequential(layers.Dense(50, "tanh"))


def rich():
    """A Functional model with all that has a state: norms, random layers, moments, averages."""
    inputs = keras.Input((6,))
    hidden = layers.Dense(6, "relu", kernel_regularizer=regularizers.L2(0.01))(inputs)
    hidden = layers.Dropout(0.3)(layers.BatchNormalization()(hidden))
    outputs = layers.Dense(3, "softmax")(hidden)
    model = keras.Model(inputs, outputs)
    rate = schedules.ExponentialDecay(0.02, 3, 0.8)
    optimizer = keras.optimizers.Nadam(rate, use_ema=True, ema_overwrite_frequency=3)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def unbuilt():
    """A model that gets its shapes from the data."""
    model = keras.Sequential(
        [layers.Dense(5), layers.AlphaDropout(0.1), layers.Dense(3, "softmax")]
    )
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy")
    return model


def all_numbers(model, data):
    """Return the content of all variables as one number, and the first weight to see why."""
    content = b"".join(
        np.ascontiguousarray(keras.ops.convert_to_numpy(variable)).tobytes()
        for variable in [*model.variables, *model.optimizer.variables]
    )
    digest = hashlib.sha256(content).hexdigest()
    return {"content": int(digest[:12], 16), "weight": model.get_weights()[0].flat[0]}


def task(make, replicate=0, **settings):
    given = {"callbacks": None, "fit": {}, "measure": all_numbers, "epochs": 2, "batch_size": 16}
    seed = 100 + replicate
    return Task("one", replicate, seed, make, threads=1, **{**given, **settings})


@pytest.fixture
def taken(monkeypatch):
    """Record for each replicate whether its model had been used before."""
    kept = CompiledModels()
    reused = []
    take = kept.take

    def recording(fresh, **settings):
        model = take(fresh, **settings)
        reused.append(model is not fresh)
        return model

    monkeypatch.setattr(kept, "take", recording)
    monkeypatch.setattr(_experiment_replicate, "_models", kept)
    return reused


def restless():
    """Return callbacks that leave their traces in the optimizer and in the model."""
    return [
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5),
        keras.callbacks.EarlyStopping(monitor="loss", patience=5, restore_best_weights=True),
    ]


@pytest.mark.parametrize(
    ("make", "callbacks"),
    [
        (rich, None),
        (unbuilt, restless),
    ],
)
def test_a_used_model_trains_like_a_fresh_one_to_the_last_bit(make, callbacks, taken):
    results = []
    for replicate in range(3):
        results.append(train(task(make, replicate, callbacks=callbacks), DATA))
    assert taken == [False, True, True]
    _experiment_replicate._models.clear()
    alone = train(task(make, 2, callbacks=callbacks), DATA)
    assert taken[-1] is False
    assert alone.history == results[2].history
    assert alone.measured == results[2].measured
    assert results[1].measured != results[2].measured


def test_only_the_last_kinds_of_models_are_kept():
    models = CompiledModels(size=2)
    kinds = [plain, unbuilt, rich]
    first = [models.take(build(make, 1, X)) for make in kinds]
    assert models.take(build(kinds[2], 2, X)) is first[2]
    assert models.take(build(kinds[1], 2, X)) is first[1]
    assert models.take(build(kinds[0], 2, X)) is not first[0]


def test_large_models_are_not_kept_beside_others():
    models = CompiledModels(megabytes=1e-3)  # room for 250 numbers
    small, large = plain, wide
    kept = [models.take(build(make, 1, X)) for make in (small, large)]
    assert models.take(build(large, 2, X)) is kept[1]
    assert models.take(build(small, 2, X)) is not kept[0]


def test_a_later_run_uses_the_models_of_an_earlier_one(taken):
    def run():
        return experiments.run({"one": plain}, DATA, epochs=2, replicates=2, cache=None)

    first, again = run(), run()
    assert taken == [False, True, True, True]
    assert first.equals(again)


@keras.saving.register_keras_serializable("test_experiments")
class Doubled(layers.Layer):
    def call(self, x):
        return 2 * x


def normalized():
    layer = layers.Normalization()
    layer.adapt(X)  # the layer keeps means as constants, not as variables
    return sequential(layer)


RATE = schedules.ExponentialDecay(0.01, 10, 0.9)
LOSS = keras.losses.SparseCategoricalCrossentropy()
OWN_CODE = {
    "layer": lambda: sequential(Doubled()),
    "activation": lambda: sequential(layers.Dense(4, lambda x: x)),
    "loss": lambda: sequential(loss=lambda y, p: tf.reduce_mean(p)),
    "metric": lambda: sequential(metrics=[lambda y, p: tf.reduce_mean(p)]),
    "initializer": lambda: sequential(
        layers.Dense(4, kernel_initializer=lambda shape, dtype: tf.ones(shape))
    ),
    "preprocessing": normalized,
}


@pytest.mark.parametrize("make", OWN_CODE.values(), ids=OWN_CODE)
def test_models_with_more_than_keras_and_variables_are_not_used_again(make):
    models = CompiledModels()
    models.take(build(make, 1, X))
    fresh = build(make, 1, X)
    assert models.take(fresh) is fresh


@pytest.mark.parametrize(
    "other",
    [
        lambda: sequential(layers.Dense(5, "relu")),
        lambda: sequential(layers.Dense(5, "tanh"), optimizer=keras.optimizers.SGD(momentum=0.5)),
        lambda: sequential(layers.Dense(5, "tanh"), optimizer=keras.optimizers.SGD(RATE)),
        lambda: sequential(layers.Dense(5, "tanh"), loss=LOSS),
        lambda: sequential(layers.Dense(5, "tanh"), metrics=[]),
        lambda: sequential(layers.Dense(5, "tanh", name="other")),
        lambda: sequential(layers.Dense(5, "tanh", trainable=False)),
        lambda: sequential(layers.Dense(5, "tanh", dtype="mixed_bfloat16")),
    ],
)
def test_another_model_is_not_served_by_a_kept_one(other):
    models = CompiledModels()
    models.take(build(plain, 1, X))
    fresh = build(other, 1, X)
    assert models.take(fresh) is fresh
    assert models.take(build(plain, 2, X)) is not fresh


@pytest.mark.parametrize("change", ["compile", "freeze"])
def test_a_model_that_callbacks_have_changed_is_not_used_again(change):
    models = CompiledModels()
    model = models.take(build(plain, 1, X))
    if change == "compile":
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    else:
        model.layers[0].trainable = False
    fresh = build(plain, 2, X)
    assert models.take(fresh) is fresh


def test_names_start_anew_in_every_model_and_go_on_elsewhere():
    def with_metric():
        return sequential(metrics=[keras.metrics.SparseTopKCategoricalAccuracy(2), "mse"])

    layers.Dense(1)
    before = layers.Dense(1).name
    names = [[layer.name for layer in build(with_metric, 1, X).layers] for _ in range(2)]
    assert names == [["dense"], ["dense"]]
    number = int(before.rsplit("_", 1)[1])
    assert layers.Dense(1).name == f"dense_{number + 1}"


def test_weights_follow_the_seed():
    one, same, other = (build(plain, seed, X).get_weights()[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_initializers_count_only_where_somebody_may_look():
    def started(initializer):
        return build(lambda: sequential(layers.Dense(5, kernel_initializer=initializer)), 1, X)

    models = CompiledModels()
    first = models.take(started("he_normal"), initializers=False)
    fresh = started("lecun_uniform")
    expected = fresh.get_weights()
    served = models.take(fresh, initializers=False)
    assert served is first
    for one, other in zip(served.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(one, other)
    fresh = started("glorot_normal")
    assert models.take(fresh, initializers=True) is fresh


def test_learning_rates_share_a_model_as_they_are_variables():
    def with_rate(rate):
        return build(lambda: sequential(optimizer=keras.optimizers.Adam(rate)), 1, X)

    models = CompiledModels()
    first = models.take(with_rate(0.1))
    assert models.take(with_rate(0.2)) is first
    assert float(first.optimizer.learning_rate) == pytest.approx(0.2)


def test_the_whole_state_is_moved():
    """Also what a builder has trained or loaded, such as the moments of an optimizer."""

    def pretrained():
        model = sequential(layers.Dense(5), optimizer="adam")
        model.train_on_batch(X[:8], Y[:8])
        return model

    models = CompiledModels()
    models.take(build(pretrained, 1, X)).train_on_batch(X, Y)
    fresh = build(pretrained, 2, X)
    expected = all_numbers(fresh, None)
    moved = models.take(fresh)
    assert moved is not fresh
    assert int(moved.optimizer.iterations) == 1
    assert all_numbers(moved, None) == expected


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: keras.Sequential([layers.Dense(1)]), "compiled model: call model.compile"),
        (lambda: "a model", "build must return a Keras model, not str"),
        (lambda: 1 / 0, "ZeroDivisionError: division by zero"),
    ],
)
def test_a_builder_that_fails_is_named(make, message):
    with pytest.raises(ReplicateError, match=r"^Variant 'one', replicate 4 failed: ") as caught:
        train(task(make, 4), DATA)
    assert message in str(caught.value)
    assert caught.value.__cause__ is not None


def test_networks_with_and_without_random_layers_start_from_the_same_weights():
    random_layers = [layers.Dropout(0.5), layers.GaussianNoise(0.1), layers.AlphaDropout(0.1)]
    with_them = build(lambda: sequential(*random_layers, layers.Dense(5, "tanh")), 1, X)
    for one, other in zip(with_them.get_weights(), build(plain, 1, X).get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    states = {int(v[0]) for v in with_them.variables if "seed_generator" in v.path}
    assert len(states) == 3
    assert seed_generator.make_default_seed.__module__ == seed_generator.__name__


def test_weights_are_those_of_keras_for_the_seed_whatever_other_threads_do():
    def disturbed():
        random.random()  # as another thread may do at any time
        return plain()

    keras.utils.set_random_seed(5)
    expected = plain().get_weights()
    for make in (plain, disturbed):
        for one, other in zip(build(make, 5, X).get_weights(), expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_private_parts_of_keras_are_where_they_were():
    """There is no public way to these; this says so when they move."""
    state = _experiment_models.global_state
    before = dict(state.get_global_attribute("object_name_uids"))
    keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    after = state.get_global_attribute("object_name_uids")
    assert after["dense"] == before.get("dense", 0) + 1
    for module in (seed_generator, backend_random):
        assert 0 < module.make_default_seed() <= 10**9
