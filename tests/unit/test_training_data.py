"""What ``training.fit`` checks before it trains, function by function: nothing here is trained."""

import re

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers

from course_utils import _training_data as checks

X = np.arange(24, dtype="float32").reshape(6, 4)
LABELS = np.array([0, 1, 2, 0, 1, 2])
SPARSE = "sparse_categorical_crossentropy"


def network(loss=SPARSE, **settings):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, "softmax", name="out")])
    model.compile("adam", loss=loss, **settings)
    return model


def check(model, x, y=None, weight=None, *, batch_size=4, passed=None):
    data = checks.prepare(x, y, weight)
    checks.check_fits_model(model, data, batch_size, {} if passed is None else passed)


def refused(message):
    return pytest.raises(ValueError, match=re.escape(message))


# ---- Settings


def test_smallest_settings_and_whole_numbers_of_any_type():
    checks.check_settings(network(), 1, 1, 0)
    checks.check_settings(network(), np.int64(3), np.uint8(1), np.int32(2))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ((0, 1, 0), "epochs must be at least 1, not 0."),
        ((-1, 1, 0), "epochs must be at least 1, not -1."),
        ((1, 0, 0), "batch_size must be at least 1, not 0."),
        ((1, 1, -1), "initial_epoch must be at least 0, not -1."),
        ((3, 1, 3), "it must be larger than initial_epoch=3."),
        ((3, 1, 4), "it must be larger than initial_epoch=4."),
    ],
)
def test_settings_out_of_range(settings, message):
    with refused(message):
        checks.check_settings(network(), *settings)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("value", [1.0, "1", None])
def test_settings_that_are_no_whole_numbers(place, value):
    settings = [2, 2, 1]
    settings[place] = value
    name = ("epochs", "batch_size", "initial_epoch")[place]
    with pytest.raises(TypeError, match=f"{name} must be a whole number, not {value!r}"):
        checks.check_settings(network(), *settings)


def test_models_that_cannot_be_trained():
    with pytest.raises(TypeError, match="must be a Keras model, not str"):
        checks.check_settings("model", 1, 1, 0)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    with refused("The model is not compiled"):
        checks.check_settings(model, 1, 1, 0)
    model.compile(loss="mse", optimizer="sgd")
    model.optimizer = None
    with refused("The model is not compiled"):
        checks.check_settings(model, 1, 1, 0)


# ---- Arrays


class OnlyConverts:
    def __array__(self, dtype=None, copy=None):
        return X


class ConvertsAndHasShape(OnlyConverts):
    shape = X.shape


@pytest.mark.parametrize(
    "data",
    [X, tf.constant(X), pd.DataFrame(X), pd.Series(LABELS), ConvertsAndHasShape(), None, [None, X]]
    + [{"a": X, "b": (X, None)}],
    ids=lambda data: type(data).__name__,
)
def test_in_memory(data):
    assert checks.is_in_memory(data)


@pytest.mark.parametrize(
    "data",
    [
        tf.data.Dataset.from_tensor_slices(X),
        (row for row in X),
        tf.sparse.from_dense(X),
        tf.RaggedTensor.from_row_splits(X, [0, 2, 6]),
        [[1.0, 2.0]],
        OnlyConverts(),
        type("OnlyHasShape", (), {"shape": (6, 4)})(),
        [X, "text"],
    ],
    ids=lambda data: type(data).__name__,
)
def test_not_in_memory(data):
    assert not checks.is_in_memory(data)


def test_packed_as_model_fit_packs():
    assert np.array_equal(checks.prepare(X, None), X)
    x, y = checks.prepare([X, {"a": X}], LABELS)
    assert isinstance(x, tuple)
    assert list(x[1]) == ["a"]
    assert np.array_equal(y, LABELS)
    x, y, weight = checks.prepare(X, LABELS, sample_weight=np.arange(6.0))
    assert np.array_equal(weight, np.arange(6))


def test_floats_get_keras_type_and_others_keep_theirs():
    kinds = {"float64": "float32", "float16": "float32", "uint8": "uint8", "int64": "int64"}
    for kind, expected in {**kinds, "bool": "bool"}.items():
        x, _ = checks.prepare(X.astype(kind), LABELS)
        assert x.dtype == expected


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([1.0, 2.0], "x must consist of arrays, not float: use numpy.asarray(x)."),
        (X.astype(str), "x has dtype <U"),
        (X.astype(object), "x has dtype object, which is not a number"),
        (X.astype(complex), "x has dtype complex128"),
        (X.astype("datetime64[s]"), "x has dtype datetime64[s]"),
        (np.float32(3), "x is a single number"),
        (X[:0], "x is empty: it has shape (0, 4)."),
        ([X, X[:0]], "x is empty"),
        (None, "x holds no array"),
        ([], "x holds no array"),
        ({"a": None}, "x holds no array"),
    ],
)
def test_what_is_no_array_of_numbers(x, message):
    with refused(message):
        checks.prepare(x, LABELS)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_counted_and_the_first_is_named(bad):
    x = X.copy()
    x[2, 1] = x[4, 0] = x[4, 3] = bad
    with refused("x has NaN or infinite numbers in 2 of 6 examples, first in example 2:"):
        checks.prepare(x, LABELS)
    with refused("y has NaN or infinite numbers in 1 of 6 examples, first in example 5:"):
        checks.prepare(X, np.array([1, 1, 1, 1, 1, bad]))


def test_infinite_numbers_that_cancel_are_found():
    x = X.copy()
    x[0, 0], x[1, 0] = np.inf, -np.inf
    with refused("in 2 of 6 examples, first in example 0"):
        checks.prepare(x, LABELS)


def test_large_numbers_whose_sum_overflows_are_finite():
    large = np.full((6, 4), 3e38, "float32")
    assert np.array_equal(checks.prepare(large, LABELS)[0], large)


def test_examples_of_any_shape():
    images, one_axis = np.ones((6, 2, 3, 1)), np.ones(6)
    assert checks.prepare(images, one_axis)[0].shape == (6, 2, 3, 1)
    images[3, 1, 2, 0] = one_axis[4] = np.nan
    with refused("first in example 3"):
        checks.prepare(images, LABELS)
    with refused("first in example 4"):
        checks.prepare(one_axis, LABELS)


def test_lengths_are_named():
    with refused("have: x 6, y 5."):
        checks.prepare(X, LABELS[:5])
    with refused("have: x 4 and 6, y 6."):
        checks.prepare([X, X[:4], X], LABELS)
    with refused("have: x 6, y 6, sample_weight 3."):
        checks.prepare(X, LABELS, np.ones(3))
    checks.prepare([X, X, None], {"a": LABELS, "b": None})


# ---- Weights


def test_one_array_of_weights_counts_for_all_outputs():
    for weight in (np.arange(6.0), np.arange(6.0)[:, None]):
        _, _, packed = checks.prepare(X, (LABELS, X), sample_weight=weight)
        assert isinstance(packed, tuple)
        assert [np.array_equal(each, weight) for each in packed] == [True, True]
        _, _, packed = checks.prepare(X, {"a": LABELS, "b": X}, sample_weight=weight)
        assert np.array_equal(packed["b"], weight)
    _, _, packed = checks.prepare(X, [LABELS, X], sample_weight=[np.ones(6), np.zeros(6)])
    assert float(tf.reduce_sum(packed[1])) == 0
    assert checks.prepare(X, LABELS, sample_weight=np.ones((6, 2)))[2].shape == (6, 2)


@pytest.mark.parametrize("shape", [(6, 2), (6, 1, 1), (6, 3, 1)])
def test_weights_that_cannot_count_for_all_outputs(shape):
    with refused(f"not one array of shape {shape}"):
        checks.prepare(X, [LABELS, X], sample_weight=np.ones(shape))


@pytest.mark.parametrize(
    "y",
    [
        LABELS,
        LABELS[:, None],
        LABELS + 0.01 * (-1.0) ** LABELS,
        np.eye(3)[LABELS],
        pd.Series(LABELS, index=range(10, 16)),
        tf.constant(LABELS),
    ],
    ids=["numbers", "column", "nearly whole", "one-hot", "series", "tensor"],
)
def test_class_weight_is_the_weight_of_each_examples_class(y):
    _, _, weight = checks.prepare(X, y, class_weight={0: 2.0, 2: 0.5})
    assert weight.dtype == keras.config.floatx()
    assert weight.numpy().tolist() == [2.0, 1.0, 0.5, 2.0, 1.0, 0.5]


def test_class_weight_of_labels_with_several_places():
    y = np.stack([LABELS, LABELS[::-1]], axis=1)
    for labels in (np.eye(3)[y], y[..., None]):
        _, _, weight = checks.prepare(X, labels, class_weight={0: 2.0, 2: 0.5})
        assert weight[0].numpy().tolist() == [2.0, 0.5]
        assert weight.shape == (6, 2)


def test_class_weight_that_cannot_be_used():
    with refused("not both"):
        checks.prepare(X, LABELS, sample_weight=np.ones(6), class_weight={0: 1.0})
    for y in ([LABELS, LABELS], None):
        with refused("class_weight needs a model with one output, and labels in y."):
            checks.prepare(X, y, class_weight={0: 1.0})
    with refused("y is a single number"):
        checks.prepare(X, np.float32(1), class_weight={0: 1.0})


# ---- Validation data


def test_validation_data_of_two_or_three_parts():
    assert checks.prepare_validation(None) is None
    assert len(checks.prepare_validation((X, LABELS))) == 2
    assert len(checks.prepare_validation([X, LABELS, np.ones(6)])) == 3


@pytest.mark.parametrize("data", [(X,), (X, LABELS, X, X), X, {"x": X, "y": LABELS}, ()])
def test_validation_data_of_another_form(data):
    with refused("validation_data must be (x, y) or (x, y, sample_weight)."):
        checks.prepare_validation(data)


def test_faults_of_validation_data_are_told_apart():
    with refused("validation_data: x is empty"):
        checks.prepare_validation((X[:0], LABELS[:0]))


# ---- Whether they fit the model


def test_a_model_is_built_once_and_looks_the_same_afterwards():
    model = network(metrics=["accuracy"])
    before = model.get_weights()
    check(model, X, LABELS, np.ones(6))
    assert model.optimizer.built
    assert [value for value in model.get_metrics_result().values() if value] == []
    assert all(map(np.array_equal, before, model.get_weights()))
    unbuilt = keras.Sequential([layers.Dense(3, "softmax")])
    unbuilt.compile("adam", loss=SPARSE)
    check(unbuilt, X, LABELS)
    assert unbuilt.built


class Counts(keras.Model):
    """Three classes; counts how often it is called, and with how many examples."""

    def __init__(self):
        super().__init__()
        self.out, self.sizes = layers.Dense(3, "softmax"), []

    def call(self, inputs):
        self.sizes.append(inputs.shape[0])
        return self.out(inputs)


def test_one_batch_goes_through_the_model_for_each_kind_of_data():
    model, passed = Counts(), {}
    model.compile("adam", loss=SPARSE)
    check(model, X, LABELS, passed=passed)
    sizes = model.sizes.copy()
    assert set(sizes) == {4}
    check(model, X[:4] + 1, LABELS[:4], passed=passed)  # another length, the same batches
    assert model.sizes == sizes
    assert len(passed) == 1
    others = [
        (X[:3], LABELS[:3], None),
        (X.astype("int32"), LABELS, None),
        (X, LABELS.astype("int32"), None),
        (X, LABELS[:, None], None),
        (X, LABELS, np.ones(6)),
    ]
    for number, (x, y, weight) in enumerate(others, start=2):
        check(model, x, y, weight, passed=passed)
        assert len(passed) == number
    assert model.sizes[-1] == 4
    assert 3 in model.sizes
    check(model, X, LABELS, batch_size=5, passed=passed)
    assert model.sizes[-1] == 5


def test_what_the_model_or_its_loss_cannot_take_is_described():
    with pytest.raises(ValueError, match="cannot take these data") as caught:
        check(network(), X[:, :3], LABELS)
    text = str(caught.value)
    assert "x: (4, 3) float32; the model takes (None, 4)." in text
    assert f"y: (4,) int64; loss: '{SPARSE}'." in text
    assert "Keras says: " in text
    with refused("y: none; loss"):
        check(network(), X)
    with refused("y: (4, 2) float32, (4,) int64; loss"):
        check(network("mse"), X, [X[:, :2], LABELS])
    with refused("the model takes unknown"):
        check(subclassed(Counts), [X, X], LABELS)
    with refused("loss: 'categorical_crossentropy'"):
        check(network("categorical_crossentropy"), X, LABELS)


def subclassed(kind, **settings):
    model = kind()
    model.compile("adam", **{"loss": SPARSE, **settings})
    return model


def test_weights_and_metrics_are_tried_as_well():
    with refused("cannot take these data"):
        check(network(), X, LABELS, np.ones((6, 7)))
    with refused("cannot take these data"):
        check(network(metrics=["categorical_accuracy", Stumbles()]), X, LABELS)
    with refused("cannot take these data"):
        check(network(weighted_metrics=[Stumbles()]), X, LABELS)


class Stumbles(keras.metrics.Mean):
    def update_state(self, y_true, y_pred, sample_weight=None):
        raise RuntimeError("this metric is broken")


def test_a_train_step_of_its_own_says_itself_what_it_takes():
    class Own(Counts):
        def train_step(self, data):
            return {"loss": 0.0}

    check(subclassed(Own, loss="categorical_crossentropy"), X, LABELS)  # its loss could not


# ---- Labels


@pytest.mark.parametrize("first_time", [True, False])
def test_labels_that_are_no_class(first_time):
    model, passed = network(), {}
    if not first_time:
        check(model, X, LABELS, passed=passed)
    for y, message in (
        ([0, 1, 2, 0, 1, 3], "Labels run from 0 to 3, but the model has 3 outputs"),  # batch two
        ([-1, 1, 2, 0, 1, 1], "Labels run from -1 to 2, but the model has 3 outputs: "),
        ([0, 1, 2, 0, 1, 9], "classes are numbered from 0 to 2."),
    ):
        with refused(message):
            check(model, X, np.array(y), passed=passed)
    for y in ([0, 0, 0, 0, 0, 2], [1, 1, 1, 1, 1, 1]):
        check(model, X, np.array(y), passed=passed)


def test_labels_of_sequences():
    model, outputs = network(), np.ones((2, 7, 3))
    checks._check_labels(model, np.full((2, 7), 2), outputs)
    with refused("to 3, but the model has 3 outputs: classes are numbered from 0 to 2."):
        checks._check_labels(model, np.full((2, 7), 3), outputs)


def test_labels_count_only_where_the_loss_takes_numbers_of_classes():
    for loss in ("mse", "squared_hinge"):  # before and after the sparse one in the alphabet
        check(network(loss), X, np.full((6, 3), 7.0))
    assert checks._is_sparse(keras.losses.sparse_categorical_crossentropy)
    for loss in (SPARSE, keras.losses.SparseCategoricalCrossentropy()):
        with refused("Labels run from 0 to 5"):
            check(network(loss), X, np.arange(6))


def test_a_class_to_ignore_is_no_label():
    loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)
    check(network(loss), X, np.array([-1, 1, 2, 0, 1, 2]))
    check(network(loss), X, np.full(6, -1))
    with refused("Labels run from 0 to 3"):
        check(network(loss), X, np.array([-1, 1, 3, 0, 1, 2]))


def two_outputs(loss, *, as_dict=False):
    x, names = keras.Input((4,)), ("first", "second")
    outputs = [layers.Dense(k, "softmax", name=n)(x) for n, k in zip(names, (3, 5), strict=True)]
    model = keras.Model(x, dict(zip(names, outputs, strict=True)) if as_dict else outputs)
    model.compile("adam", loss=loss)
    return model


FIVE = np.array([0, 1, 2, 3, 4, 4])


@pytest.mark.parametrize(
    "loss", [[SPARSE, SPARSE], {"first": SPARSE, "second": SPARSE}], ids=["list", "dict"]
)
def test_each_output_has_its_own_classes(loss):
    check(two_outputs(loss), X, [LABELS, FIVE])
    with refused("Labels run from 0 to 4, but the model has 3 outputs"):
        check(two_outputs(loss), X, [FIVE, LABELS])
    with refused("Labels run from 0 to 5, but the model has 5 outputs"):
        check(two_outputs(loss), X, [LABELS, np.arange(6)])


@pytest.mark.parametrize("as_dict", [True, False])
def test_outputs_with_names_are_found_by_name(as_dict):
    loss = {"second": SPARSE, "first": SPARSE}
    model = two_outputs(loss, as_dict=as_dict)
    check(model, X, {"second": FIVE, "first": LABELS})
    with refused("but the model has 3 outputs"):
        check(model, X, {"second": LABELS, "first": FIVE})


def test_one_loss_counts_for_all_outputs():
    with refused("Labels run from 0 to 5, but the model has 5 outputs"):
        check(two_outputs(SPARSE), X, [LABELS, np.arange(6)])


def test_an_output_without_labels_is_left_alone():
    model = two_outputs({"first": "mse", "second": SPARSE})
    check(model, X, [np.full((6, 3), 9.0), FIVE])
    with refused("but the model has 5 outputs"):
        check(model, X, [np.full((6, 3), 9.0), FIVE + 1])
    checks._check_labels(two_outputs([SPARSE, SPARSE]), (None, FIVE), (X[:, :3], np.ones((6, 5))))
    with refused("but the model has 5 outputs"):
        labels, outputs = (None, FIVE + 1), (X[:, :3], np.ones((6, 5)))
        checks._check_labels(two_outputs([SPARSE, SPARSE]), labels, outputs)


@pytest.mark.parametrize(
    ("labels", "losses"), [(1, 2), (3, 2), (2, 3), (3, 3), (2, 0)], ids=lambda count: str(count)
)
def test_parts_that_cannot_be_matched_are_left_to_keras(labels, losses):
    model = two_outputs([SPARSE, SPARSE])
    model.loss = [SPARSE] * losses
    wrong = [np.array([99])] * labels
    checks._check_labels(model, wrong, [np.ones((1, 3)), np.ones((1, 5))])


def test_more_outputs_than_labels_and_losses_are_left_to_keras():
    model = two_outputs([SPARSE, SPARSE])
    checks._check_labels(model, [np.array([99])] * 2, [np.ones((1, 3))] * 3)


# ---- Indices of embeddings


def embedding_model(wrap=False):
    other, indices = keras.Input((4,)), keras.Input((2,), dtype="int32")
    rows = layers.Embedding(9, 3, name="rows")
    if wrap:
        inner_input = keras.Input((2,), dtype="int32")
        inner = keras.Model(inner_input, rows(inner_input))
        found = inner(indices)
    else:
        found = rows(indices)
    joined = layers.concatenate([other, layers.Flatten()(found)])
    model = keras.Model([other, indices], layers.Dense(3, "softmax")(joined))
    model.compile("adam", loss=SPARSE)
    return model


@pytest.mark.parametrize("first_time", [True, False])
def test_indices_out_of_range_wherever_they_are(first_time):
    model, passed = embedding_model(), {}
    indices = np.zeros((6, 2), "int32")
    indices[5, 1] = 8
    if not first_time:
        check(model, [X * 100, indices], LABELS, passed=passed)
    indices[5, 1] = 9  # not in the first batch
    with refused("Inputs of the layer rows run from 0 to 9, but it has rows 0 to 8 only: raise"):
        check(model, [X, indices], LABELS, passed=passed)
    indices[5, 1] = 12
    with refused("run from 0 to 12"):
        check(model, [X, indices], LABELS, passed=passed)
    indices[5] = 3, -1
    with refused("Inputs of the layer rows run from -1 to 3, but it has rows 0 to 8 only"):
        check(model, [X, indices], LABELS, passed=passed)


def test_indices_of_a_model_that_builds_itself():
    model = keras.Sequential([layers.Embedding(9, 3), layers.Flatten(), layers.Dense(3)])
    model.compile("adam", loss=SPARSE)
    assert checks.has_unchecked_indices(model)
    assert not model.built
    check(model, np.zeros((6, 2), "int32"), LABELS)
    with refused("rows 0 to 8 only"):
        check(model, np.full((6, 2), 9), LABELS)
    assert not checks.has_unchecked_indices(model)


def test_embeddings_that_are_fed_by_an_input_are_checked():
    assert not checks.has_unchecked_indices(network())
    assert not checks.has_unchecked_indices(embedding_model())


def test_embeddings_that_are_fed_by_another_layer_are_not():
    model = keras.Sequential([keras.Input((4,)), layers.Lambda(lambda x: tf.cast(x, "int32"))])
    model.add(layers.Embedding(9, 3))
    assert checks.has_unchecked_indices(model)


def test_embeddings_within_a_model_are_not():
    assert checks.has_unchecked_indices(embedding_model(wrap=True))


def shared_embedding(*read):
    a, b = keras.Input((2,), dtype="int32"), keras.Input((2,), dtype="int32")
    shared = layers.Embedding(9, 3)
    found = [shared({"a": a, "b": b, "sum": a + b}[name]) for name in read]
    model = keras.Model([a, b], layers.Dense(3)(layers.Flatten()(layers.concatenate(found))))
    model.compile("adam", loss=SPARSE)
    return model


def test_a_shared_embedding_is_looked_at_wherever_it_is_used():
    model = shared_embedding("a", "b")
    assert not checks.has_unchecked_indices(model)
    right, wrong = np.ones((6, 2), "int32"), np.full((6, 2), 9)
    check(model, [right, right], LABELS)
    for x in ([wrong, right], [right, wrong]):
        with refused("rows 0 to 8 only"):
            check(model, x, LABELS)
    for read in (("sum", "b"), ("b", "sum")):
        model = shared_embedding(*read)
        assert checks.has_unchecked_indices(model)
        with refused("rows 0 to 8 only"):
            checks._check_indices(model, [right, wrong])


def test_an_embedding_that_another_model_uses_as_well():
    model = shared_embedding("a", "b")
    embedding = checks._embeddings(model)[0]
    keras.Sequential([keras.Input((5,), dtype="int32"), embedding])
    assert not checks.has_unchecked_indices(model)


def test_a_model_without_a_graph_of_layers_is_not_looked_into():
    class Own(Counts):
        def __init__(self):
            super().__init__()
            self.rows = layers.Embedding(9, 3)

    assert checks.has_unchecked_indices(subclassed(Own))
