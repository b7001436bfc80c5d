"""``training.fit``: histories, callbacks, all forms of data, what it refuses or hands on."""

import gc
import warnings
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from course_utils import training

# Keras 3.15 reads its variables in a way that NumPy 2.4 does not like.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 6)).astype("float32")
LABELS = (X @ RNG.normal(size=(6, 3))).argmax(axis=1)
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
SPARSE = "sparse_categorical_crossentropy"


def make(*body, loss=SPARSE, optimizer="sgd", metrics=("accuracy",), **settings):
    keras.utils.set_random_seed(1)
    body = body or (layers.Dense(5, "tanh"),)
    model = keras.Sequential([keras.Input((6,)), *body, layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.get(optimizer), loss=loss, metrics=list(metrics), **settings)
    return model


def train(model, x=X, y=LABELS, **settings):
    settings = {"epochs": 3, "shuffle": False, "progress": False, **settings}
    return training.fit(model, x, y, **settings)


def train_by_keras(model, x=X, y=LABELS, **settings):
    return model.fit(x, y, **{"epochs": 3, "shuffle": False, "verbose": 0, **settings})


def assert_same(model, reference):
    for a, b in zip(model.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def assert_same_history(history, expected):
    assert history.epoch == expected.epoch
    assert list(history.history) == list(expected.history)
    for name, values in expected.history.items():
        np.testing.assert_allclose(history.history[name], values, rtol=1e-4, atol=1e-6)


def assert_trains_alike(build, *data, **settings):
    """Trains twice the same model, compiled and by Keras, and compares all there is."""
    model, reference = build(), build()
    history = train(model, *data, **settings)
    expected = train_by_keras(reference, *data, **settings)
    assert_same_history(history, expected)
    assert_same(model, reference)


# ---- Models and data


def test_history_has_keys_and_values_of_model_fit_with_validation():
    def build():
        return make(metrics=("accuracy", keras.metrics.SparseTopKCategoricalAccuracy(2)))

    assert_trains_alike(build, validation_data=(X[:41], LABELS[:41]), batch_size=16)


def test_history_is_the_models_and_holds_floats():
    model = make()
    history = train(model)
    assert history is model.history
    assert isinstance(history, keras.callbacks.History)
    assert all(type(v) is float for values in history.history.values() for v in values)


@pytest.mark.parametrize("size", [1, 31, 32, 33])
def test_few_examples(size):
    assert_trains_alike(make, X[:size], LABELS[:size])


def test_batch_larger_than_data():
    assert_trains_alike(make, batch_size=1000)


def two_inputs_two_outputs():
    keras.utils.set_random_seed(1)
    wide, deep = keras.Input((2,), name="wide"), keras.Input((4,), name="deep")
    hidden = layers.Dense(5, "tanh")(deep)
    main = layers.Dense(3, "softmax", name="main")(layers.concatenate([wide, hidden]))
    extra = layers.Dense(1, name="extra")(hidden)
    return keras.Model([wide, deep], [main, extra])


def compiled_two(**settings):
    def build():
        model = two_inputs_two_outputs()
        model.compile("adam", **settings)
        return model

    return build


def test_several_inputs_and_outputs_in_lists():
    settings = {
        "loss": [SPARSE, "mse"],
        "loss_weights": [0.9, 0.1],
        "metrics": [["accuracy"], ["mae"]],
    }
    x, y = [X[:64, :2], X[:64, 2:]], [LABELS[:64], X[:64, :1]]
    assert_trains_alike(compiled_two(**settings), x, y, validation_data=(x, y))


def test_losses_of_outputs_are_means_over_examples():
    # Keras's own fit takes the mean over batches here, which counts a small last batch too much.
    model = compiled_two(loss=[SPARSE, "mse"], loss_weights=[0.9, 0.1])()
    x, y = [X[:, :2], X[:, 2:]], [LABELS, X[:, :1]]
    logs = train(model, x, y, validation_data=(x, y)).history
    for prefix in ("", "val_"):
        parts = zip(logs[f"{prefix}main_loss"], logs[f"{prefix}extra_loss"], strict=True)
        expected = [0.9 * main + 0.1 * extra for main, extra in parts]
        assert logs[f"{prefix}loss"] == pytest.approx(expected, rel=1e-5)


def test_several_inputs_and_outputs_in_dicts():
    settings = {
        "loss": {"main": SPARSE, "extra": "mse"},
        "loss_weights": {"main": 0.9, "extra": 0.1},
    }
    x = {"wide": X[:64, :2], "deep": X[:64, 2:]}
    y = {"main": LABELS[:64], "extra": X[:64, :1]}
    assert_trains_alike(compiled_two(**settings), x, y)
    with pytest.raises(ValueError, match="classes are numbered from 0 to 2"):
        train(compiled_two(**settings)(), x, {**y, "main": LABELS[:64] + 1})


def test_sample_weight_for_all_outputs_and_for_each():
    build = compiled_two(loss=[SPARSE, "mse"], weighted_metrics=[["accuracy"], []])
    x, y = [X[:64, :2], X[:64, 2:]], [LABELS[:64], X[:64, :1]]
    weight = RNG.random(64).astype("float32")
    assert_trains_alike(build, x, y, sample_weight=weight)
    assert_trains_alike(build, x, y, sample_weight=[weight, weight**2])


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = layers.Dense(5, "tanh"), layers.Dense(3, "softmax")

    def call(self, inputs, training=False):
        return self.out(self.hidden(inputs))


class CustomStep(Subclassed):
    names = ("accuracy", "loss")

    def train_step(self, data):
        logs = super().train_step(data)
        return {name: logs.get(name, logs["loss"]) for name in self.names}


@pytest.mark.parametrize("kind", [Subclassed, CustomStep])
def test_subclassed_model(kind):
    def build():
        keras.utils.set_random_seed(1)
        model = kind()
        model.compile("adam", loss=SPARSE, metrics=["accuracy"])
        return model

    assert_trains_alike(build)


def test_model_with_its_own_loss_and_no_targets():
    def build():
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [keras.Input((6,)), layers.Dense(4), layers.Dense(6, activity_regularizer="l2")]
        )
        model.compile("sgd")
        return model

    assert_trains_alike(build, X, None)


def test_embedding():
    def build():
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [keras.Input((4,), dtype="int32"), layers.Embedding(9, 3), layers.Flatten()]
        )
        model.add(layers.Dense(3, "softmax"))
        model.compile("adam", loss=SPARSE)
        return model

    indices = RNG.integers(0, 9, (70, 4))
    assert_trains_alike(build, indices)
    with pytest.raises(ValueError, match="rows 0 to 8"):
        train(build(), indices + 1)


def test_class_weight_of_numbers_and_of_one_hot_labels():
    weights = {0: 2.0, 2: 0.5}
    assert_trains_alike(make, class_weight=weights)
    assert_trains_alike(
        lambda: make(loss="categorical_crossentropy"), X, ONE_HOT, class_weight=weights
    )


def test_sample_weight_with_validation_weights_and_a_partial_batch():
    weight = RNG.random(len(X))
    assert_trains_alike(
        lambda: make(metrics=(), weighted_metrics=["accuracy"]),
        sample_weight=weight,
        validation_data=(X, LABELS, weight),
    )


@pytest.mark.parametrize("kind", [tf.constant, lambda a: a.astype("float64"), lambda a: a * 1])
def test_kinds_of_arrays(kind):
    reference, model = make(), make()
    train(reference)
    train(model, kind(X))
    assert_same(model, reference)


def test_integer_pixels_and_table():
    pandas = pytest.importorskip("pandas")
    pixels = RNG.integers(0, 255, X.shape).astype("uint8")
    assert_trains_alike(make, pixels)
    assert_trains_alike(make, pandas.DataFrame(X), pandas.Series(LABELS))


def test_model_that_builds_itself_on_the_first_batch():
    def build():
        keras.utils.set_random_seed(1)
        model = keras.Sequential([layers.Dense(5, "tanh"), layers.Dense(3, "softmax")])
        model.compile("adam", loss=SPARSE)
        return model

    assert_trains_alike(build)


# ---- Going on, compiling once


def test_fit_again_resumes_optimizer_and_schedule():
    def build():
        schedule = keras.optimizers.schedules.ExponentialDecay(0.05, 4, 0.5)
        return make(optimizer=keras.optimizers.Adam(schedule))

    at_once, in_parts = build(), build()
    train(at_once, epochs=4)
    train(in_parts, epochs=2)
    history = train(in_parts, epochs=4, initial_epoch=2)
    assert history.epoch == [2, 3]
    assert int(in_parts.optimizer.iterations) == int(at_once.optimizer.iterations) == 12
    for a, b in zip(at_once.get_weights(), in_parts.get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_continues_where_model_fit_stopped_and_the_other_way_round():
    model, reference = make(optimizer="adam"), make(optimizer="adam")
    train_by_keras(reference, epochs=4)
    train(model, epochs=1)
    train_by_keras(model, epochs=2)
    train(model, epochs=1)
    assert_same(model, reference)


class CountsTraces(layers.Layer):
    traces = 0

    def call(self, inputs):
        if not tf.executing_eagerly() and inputs.shape[0] is not None:
            type(self).traces += 1
        return inputs


def test_learning_rate_changes_and_second_fits_do_not_compile_again():
    model = make(CountsTraces())
    CountsTraces.traces = 0
    train(model, X[:64], LABELS[:64], epochs=1)
    assert CountsTraces.traces == 1
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    train(model, X[:64], LABELS[:64], callbacks=[schedule])
    assert CountsTraces.traces == 1


def test_compiling_the_model_anew_counts():
    model, reference = make(), make()
    for each, run in ((model, train), (reference, train_by_keras)):
        run(each)
        each.layers[0].trainable = False
        each.compile("adam", loss=SPARSE)
        run(each)
    assert_same(model, reference)


def test_model_is_not_kept_alive():
    model = make()
    train(model, epochs=1)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


# ---- Callbacks


def test_epoch_callbacks_act_as_in_model_fit():
    def run(run_fit):
        model, seen = make(optimizer="adam"), []
        note = keras.callbacks.LambdaCallback(
            on_train_begin=lambda logs: seen.append("begin"),
            on_epoch_begin=lambda epoch, logs: seen.append(f"epoch {epoch}"),
            on_epoch_end=lambda epoch, logs: seen.append(sorted(logs)),
            on_train_end=lambda logs: seen.append(("end", sorted(logs))),
        )
        rates = [
            keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 * 0.5**epoch),
            keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, min_delta=10.0),
        ]
        data = (X[:20], LABELS[:20])
        history = run_fit(model, validation_data=data, callbacks=[note, *rates], epochs=4)
        return model, seen, history

    model, seen, history = run(train)
    reference, expected_seen, expected = run(train_by_keras)
    assert seen == expected_seen
    assert_same_history(history, expected)
    assert len(set(history.history["learning_rate"])) > 2
    assert_same(model, reference)


def test_callbacks_are_told_what_model_fit_tells_them():
    def told(run_fit, size):
        callback = keras.callbacks.Callback()
        run_fit(make(), X[:size], LABELS[:size], epochs=1, callbacks=[callback])
        return callback.params

    for size in (64, 65, 20):
        assert told(train, size) == told(train_by_keras, size)


def test_early_stopping_restores_the_best_weights():
    def run(run_fit):
        model = make(optimizer=keras.optimizers.SGD(2.0, momentum=0.9))
        stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
        history = run_fit(model, validation_data=(X, LABELS), callbacks=[stop], epochs=30)
        return model, history, stop

    model, history, stop = run(train)
    assert stop.stopped_epoch > 0
    assert len(history.epoch) == stop.stopped_epoch + 1 < 30
    best = min(history.history["val_loss"])
    assert model.evaluate(X, LABELS, verbose=0)[0] == pytest.approx(best, rel=1e-4)


def test_stop_training_of_a_users_callback():
    class Stops(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    model = make()
    assert train(model, callbacks=[Stops()], epochs=9).epoch == [0, 1]
    assert train(model, epochs=2).epoch == [0, 1]


def test_checkpoint_and_csv(tmp_path):
    path = tmp_path / "best.keras"
    keep = keras.callbacks.ModelCheckpoint(path, monitor="loss", save_best_only=True)
    log = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    model = make()
    train(model, callbacks=[keep, log])
    assert_same(keras.models.load_model(path), model)
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 4


def test_tensorboard(tmp_path):
    pytest.importorskip("tensorboard")
    board = keras.callbacks.TensorBoard(tmp_path)
    train(make(), callbacks=[board], validation_data=(X, LABELS))
    assert list(tmp_path.glob("train/*"))
    assert list(tmp_path.glob("validation/*"))


def test_averaged_weights_end_up_in_the_model():
    optimizer = {"class_name": "SGD", "config": {"use_ema": True, "ema_momentum": 0.5}}
    assert_trains_alike(lambda: make(optimizer=optimizer))


def test_swapped_average_weights():
    def run(run_fit):
        optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
        model = make(optimizer=optimizer)
        swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
        history = run_fit(model, callbacks=[swap], validation_data=(X[:20], LABELS[:20]))
        return model, history

    (model, history), (reference, expected) = run(train), run(train_by_keras)
    assert_same_history(history, expected)
    assert_same(model, reference)


def test_interrupted_run_goes_on_from_its_backup(tmp_path):
    class Interrupts(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    def backup():
        return keras.callbacks.BackupAndRestore(tmp_path / "backup")

    with pytest.raises(KeyboardInterrupt):
        train(make(optimizer="adam"), epochs=4, callbacks=[backup(), Interrupts()])
    model, reference = make(optimizer="adam"), make(optimizer="adam")
    history = train(model, epochs=4, callbacks=[backup()])
    expected = train_by_keras(reference, epochs=4)
    assert history.epoch == [2, 3]
    assert history.history["loss"] == pytest.approx(expected.history["loss"][2:], rel=1e-4)
    assert_same(model, reference)


# ---- Progress


def test_progress_bar_shows_loss_and_metrics(capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    train(make(), progress=True)
    text = capsys.readouterr().err
    assert all(word in text for word in ("3/3", "loss=", "accuracy="))
    training.fit(make(), X, LABELS, epochs=1)  # unasked
    assert "1/1" in capsys.readouterr().err
    train(make(), progress=True, initial_epoch=1)
    assert "2/2" in capsys.readouterr().err
    train(make(), progress=False)
    assert capsys.readouterr().err == ""


# ---- What is handed on to model.fit


class Counting(keras.callbacks.Callback):
    batches = 0

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1


class RefusedByXLA(layers.Layer):
    def call(self, inputs):
        return tf.ensure_shape(tf.py_function(lambda a: a, [inputs], tf.float32), inputs.shape)


def test_callback_on_batches_falls_back(capsys):
    counting, model, reference = Counting(), make(), make()
    with pytest.warns(training.FallbackWarning, match="Counting") as caught:
        history = training.fit(
            model,
            X,
            LABELS,
            epochs=3,
            batch_size=16,
            shuffle=False,
            progress=False,
            callbacks=[counting],
        )
    assert len(caught) == 1
    assert caught[0].filename == __file__  # it points to the line that asked for training
    assert counting.batches == 3 * 5
    assert capsys.readouterr().out == ""  # no second progress bar, that of Keras
    assert_same_history(history, train_by_keras(reference, batch_size=16))
    assert_same(model, reference)


@pytest.mark.parametrize(
    "callback",
    [
        lambda path: keras.callbacks.LambdaCallback(on_train_batch_begin=lambda b, logs: None),
        lambda path: keras.callbacks.ModelCheckpoint(path / "a.keras", save_freq=2),
        lambda path: keras.callbacks.TerminateOnNaN(),
    ],
)
def test_other_callbacks_on_batches_fall_back(callback, tmp_path):
    with pytest.warns(training.FallbackWarning, match="act on batches"):
        train(make(), callbacks=[callback(tmp_path)], epochs=1)


@pytest.mark.parametrize(
    ("settings", "acts"),
    [
        ({"update_freq": "epoch"}, False),
        ({"update_freq": "batch"}, True),
        ({"update_freq": 5}, True),
        ({"profile_batch": 2}, True),
        ({"profile_batch": (0, 2)}, True),
    ],
)
def test_tensorboard_acts_on_batches_only_when_asked_to(settings, acts, tmp_path):
    pytest.importorskip("tensorboard")
    board = keras.callbacks.TensorBoard(tmp_path, **settings)
    assert training._acts_on_batches(board) is acts


def test_layer_that_xla_refuses_falls_back_with_the_same_result():
    model, reference = make(RefusedByXLA()), make(RefusedByXLA())
    with pytest.warns(training.FallbackWarning, match="cannot be compiled"):
        history = train(model)
    assert_same_history(history, train_by_keras(reference))
    assert_same(model, reference)


class FailsWhenTraced(Subclassed):
    def train_step(self, data):
        if not tf.executing_eagerly():
            raise RuntimeError(self.text)
        return super().train_step(data)


@pytest.mark.parametrize(("text", "shown"), [("first\nsecond", "first"), ("", "")])
def test_the_first_line_says_why_a_model_cannot_be_compiled(text, shown):
    model = FailsWhenTraced()
    model.text = text
    model.compile("sgd", loss=SPARSE)
    expected = rf"cannot be compiled \(RuntimeError: {shown}\)\.$"
    with pytest.warns(training.FallbackWarning, match=expected), pytest.raises(RuntimeError):
        train(model)


@pytest.mark.parametrize("names", [("accuracy", "extra", "loss"), ("loss",), ("accuracy", "extra")])
def test_logs_that_are_not_metrics_fall_back(names):
    model = CustomStep()
    model.names = names
    model.compile("sgd", loss=SPARSE, metrics=["accuracy"])
    with pytest.warns(training.FallbackWarning, match="CustomStep.train_step returns logs"):
        history = train(model)
    assert sorted(history.history) == sorted(names)


@pytest.mark.parametrize("name", ["jax", "torch"])
def test_another_backend_falls_back(name, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: name)
    reason = training._reason_not_to_compile(make(), [], in_memory=True)
    assert reason == "Keras does not run on TensorFlow"


def test_datasets_fall_back():
    data = tf.data.Dataset.from_tensor_slices((X, LABELS)).batch(32)
    model, reference = make(), make()
    with pytest.warns(training.FallbackWarning, match="not arrays in memory"):
        train(model, data, None, validation_data=data)
    train(reference)
    assert_same(model, reference)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_falls_back(policy):
    def build():
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(policy)
        keras.utils.set_random_seed(1)  # the layer draws its seed before make() sets one
        try:
            return make(layers.Dense(16, "relu"))
        finally:
            keras.config.set_dtype_policy(before)

    model, reference = build(), build()
    with pytest.warns(training.FallbackWarning, match="mixed precision"):
        history = train(model)
    assert_same_history(history, train_by_keras(reference))
    assert_same(model, reference)


def test_run_eagerly_falls_back():
    with pytest.warns(training.FallbackWarning, match="run_eagerly"):
        train(make(run_eagerly=True), epochs=1)


def test_embedding_behind_another_layer_falls_back():
    model = keras.Sequential([keras.Input((6,)), layers.Lambda(lambda x: tf.cast(x > 0, tf.int32))])
    model.add(layers.Embedding(2, 3))
    model.add(layers.Flatten())
    model.add(layers.Dense(3, "softmax"))
    model.compile("sgd", loss=SPARSE)
    with pytest.warns(training.FallbackWarning, match="Embedding"):
        train(model, epochs=1)


def test_falling_back_obeys_the_seed():
    histories = []
    for _ in range(2):
        with pytest.warns(training.FallbackWarning):
            fitted = train(make(), callbacks=[Counting()], shuffle=True, seed=5)
        histories.append(fitted.history)
    assert histories[0] == histories[1]


def test_nothing_is_warned_of_when_all_is_well():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(make())


# ---- What is refused


def with_bad(array, value):
    array = np.array(array, "float32")
    array[17] = value
    return array


REFUSED = {
    "lengths": ((X, LABELS[:-1], {}), "x 70, y 69"),
    "lengths of validation": ((X, LABELS, {"validation_data": (X, LABELS[:3])}), "validation_data"),
    "NaN": ((with_bad(X, np.nan), LABELS, {}), "first in example 17"),
    "infinite": ((with_bad(X, np.inf), LABELS, {}), "NaN or infinite"),
    "NaN in y": ((X, with_bad(LABELS, np.nan), {}), "y has NaN"),
    "NaN in weights": ((X, LABELS, {"sample_weight": with_bad(LABELS, np.nan)}), "sample_weight"),
    "text": ((X.astype(str), LABELS, {}), "dtype"),
    "objects": ((X, LABELS.astype(object), {}), "not a number"),
    "scalar": ((X, np.float32(3), {}), "single number"),
    "shape of x": ((X[:, :4], LABELS, {}), r"\(32, 4\) float32; the model takes \(None, 6\)"),
    "shape of y": ((X, LABELS, {"loss": "categorical_crossentropy"}), "categorical_crossentropy"),
    "label too large": ((X, LABELS + 1, {}), "classes are numbered from 0 to 2"),
    "label negative": ((X, LABELS - 1, {}), "from -1 to 1"),
    "no epochs": ((X, LABELS, {"epochs": 0}), "epochs must be at least 1"),
    "no batch": ((X, LABELS, {"batch_size": 0}), "batch_size must be at least 1"),
    "last epoch before first": ((X, LABELS, {"initial_epoch": 3}), "initial_epoch=3"),
    "no examples": ((X[:0], LABELS[:0], {}), "x is empty"),
    "no validation": ((X, LABELS, {"validation_data": (X[:0], LABELS[:0])}), "x is empty"),
    "half a validation": ((X, LABELS, {"validation_data": (X,)}), "must be"),
    "both weights": (
        (X, LABELS, {"sample_weight": LABELS, "class_weight": {0: 1.0}}),
        "not both",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_before_anything_is_trained(case):
    (x, y, settings), message = REFUSED[case]
    settings = dict(settings)
    model = make(loss=settings.pop("loss", SPARSE))
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        train(model, x, y, **settings)
    for a, b in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(a, b)
    assert int(model.optimizer.iterations) == 0


def test_not_compiled_and_not_a_model():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(3)])
    with pytest.raises(ValueError, match="not compiled"):
        train(model)
    with pytest.raises(TypeError, match="Keras model"):
        train("model")
    with pytest.raises(TypeError, match="whole number"):
        train(make(), epochs=2.5)


def test_stops_on_nan_only_when_asked():
    def explodes(**settings):
        model = keras.Sequential([keras.Input((6,)), layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.01), loss="mse")
        rate = keras.callbacks.LearningRateScheduler(lambda epoch: 0.01 if epoch < 2 else 1e30)
        return train(model, X, LABELS, callbacks=[rate], **settings)

    with pytest.raises(FloatingPointError, match="in epoch 3"):
        explodes(epochs=6, stop_on_nan=True)
    assert len(explodes(epochs=4).epoch) == 4
