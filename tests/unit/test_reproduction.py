"""The experiments of the sources as data: complete, right in their settings, and still stored."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from course_utils import reproduction
from course_utils.reproduction import _source_d_calculations
from course_utils.reproduction import _source_measures as measures
from course_utils.reproduction._source_data import Arrays, Recipe, Transfer
from course_utils.reproduction._source_spec import Figure

EXPERIMENTS = {f"{e.source}/{e.name}": e for e in reproduction.EXPERIMENTS}
COMPARISONS = {f"{e.source}/{e.name}": e for e in reproduction.COMPARISONS}
# Batch size, epochs, replicates, first reported figure: as the sources have it.
SETTINGS = {
    "A/baseline": (256, 100, 5, 0.1134),
    "A/weight initialization": (32, 100, 5, 0.8625),
    "A/activation": (32, 100, 5, 0.9488),
    "A/optimizer": (32, 100, 5, 0.9465),
    "A/batch normalization": (32, 100, 5, 0.9480),
    "A/dropout": (32, 100, 5, 0.4226),
    "A/ensemble": (32, 100, 3, 0.9002),
    "B/SGD with decay": (28, 60, 5, 0.9757),
    "B/RMSprop": (32, 20, 5, 0.9759),
    "B/grid search over initializers": (128, 10, 5, 0.946117),
    "C/model 1": (32, 10, 5, 0.9752),
    "C/model 2": (32, 20, 5, 0.9793),
    "C/model 3": (32, 20, 5, 0.9793),
    "D/leaky ReLU": (32, 10, 5, 0.8396),
    "D/PReLU": (32, 10, 5, 0.8378),
    "D/SELU, 100 hidden layers": (32, 5, 3, 0.8364),
    "D/batch normalization": (32, 10, 5, 0.8676),
    "D/exponential decay schedule": (32, 25, 5, 0.8908),
    "D/l2": (32, 2, 10, 0.8322),
    "D/dropout": (32, 2, 10, 0.8752),
    "D/max-norm": (32, 2, 10, 0.8766),
    "D/transfer, task A": (32, 20, 5, 0.9205),
    "D/transfer, task B alone": (32, 20, 50, 0.9695),
    "D/transfer, B on A": (32, 20, 5, 0.9925),
}


def test_settings_are_those_of_the_sources() -> None:
    found = {}
    for name, entry in EXPERIMENTS.items():
        settings = {(v.batch_size, v.epochs) for v in entry.variants.values()}
        assert len(settings) == 1, name
        found[name] = (*settings.pop(), entry.replicates, next(iter(entry.reported.values())))
    assert found == SETTINGS


def test_entries_are_whole() -> None:
    keys = [(entry.source, entry.name) for entry in reproduction.entries()]
    assert len(keys) == len(set(keys))
    for name, entry in EXPERIMENTS.items():
        assert entry.what_was_wrong.endswith("."), name
        assert set(entry.figures) == set(entry.reported), name
        assert entry.controls, f"{name}: nothing controlled stands beside it"
        for control in entry.controls:
            assert f"{entry.source}/{control}" in COMPARISONS, f"{name}: {control}"
    for name, entry in COMPARISONS.items():
        assert entry.question.endswith((".", "?")), name
        assert entry.baseline in entry.rows, name
        used = {variant for place in entry.rows.values() for variant in place.variants}
        assert used == set(entry.variants), name
    beside = {f"{e.source}/{c}" for e in EXPERIMENTS.values() for c in e.controls}
    assert beside == set(COMPARISONS), "a comparison that no experiment names"


def built(name: str) -> Any:
    return next(iter(EXPERIMENTS[name].variants.values())).build()


def kinds(model: Any) -> list[str]:
    return [type(layer).__name__ for layer in model.layers]


def test_source_a_networks() -> None:
    body = ["Dense", "Activation"]
    assert kinds(built("A/baseline")) == 4 * body + ["Dense"]
    normalized = ["Dense", "BatchNormalization", "Activation"]
    assert kinds(built("A/batch normalization")) == 4 * normalized + ["Dense"]
    assert kinds(built("A/dropout")) == 4 * [*body, "Dropout"] + ["Dense"]
    for layer in built("A/weight initialization").layers[::2]:
        assert type(layer.kernel_initializer).__name__ == "HeNormal"
    assert built("A/activation").layers[1].activation.__name__ == "relu"
    assert type(built("A/optimizer").optimizer).__name__ == "Adam"
    model = built("A/baseline")
    assert model.count_params() == 784 * 50 + 50 + 3 * (50 * 50 + 50) + 50 * 10 + 10
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)
    assert model.loss == "categorical_crossentropy"


def test_source_b_schedule_and_initializers() -> None:
    optimizer = built("B/SGD with decay").optimizer
    assert optimizer.momentum == 0.8
    for update in (0, 1, 60, 128_580):
        expected = 0.1 / (1 + (0.1 / 60) * update)
        assert float(optimizer._learning_rate(update)) == pytest.approx(expected, rel=1e-6)
    weights = built("B/RMSprop").layers[0].kernel.numpy()
    assert np.abs(weights).max() <= 0.05
    assert weights.std() == pytest.approx(0.05 / math.sqrt(3), rel=0.02)
    variants = EXPERIMENTS["B/grid search over initializers"].variants
    assert variants["normal, fold 1"].build().layers[0].kernel.numpy().std() == pytest.approx(
        0.05, rel=0.02
    )
    zero = variants["zero, fold 1"].build()
    assert all(np.abs(weights).max() == 0 for weights in zero.get_weights())
    assert kinds(zero) == ["Dense", "Dropout", "Dense", "Dropout", "Dense"]


def test_source_c_networks() -> None:
    assert [type(built(f"C/model {n}").optimizer).__name__ for n in (1, 2)] == ["Adam", "Nadam"]
    third = EXPERIMENTS["C/model 3"].variants["model 3"].build()
    assert type(third.optimizer).__name__ == "Adagrad"
    assert kinds(third) == ["Dense", "Dropout", "Dense"]
    # The cell of the source evaluates model 2.
    assert EXPERIMENTS["C/model 3"].figures["test accuracy"].variants == ("model 2",)


def test_source_d_networks() -> None:
    leaky = built("D/leaky ReLU").layers[1]
    assert leaky.negative_slope == pytest.approx(0.3)
    assert kinds(built("D/PReLU")) == ["Dense", "PReLU", "Dense", "PReLU", "Dense"]
    block = ["Dense", "BatchNormalization", "Activation"]
    assert kinds(built("D/batch normalization")) == ["BatchNormalization", *block, *block, "Dense"]
    assert not built("D/batch normalization").layers[1].use_bias
    dropout = built("D/dropout")
    assert kinds(dropout) == 3 * ["Dropout", "Dense"]
    assert type(dropout.optimizer).__name__ == "Nadam"
    assert [layer.rate for layer in dropout.layers[::2]] == 3 * [0.2]
    for layer in built("D/l2").layers:
        assert float(layer.kernel_regularizer.l2) == pytest.approx(0.01)
    for layer in built("D/max-norm").layers[:-1]:
        assert layer.kernel_constraint.max_value == 1
    schedule = built("D/exponential decay schedule").optimizer._learning_rate
    assert float(schedule(0)) == pytest.approx(0.01)
    assert float(schedule(20 * 55_000 // 32)) == pytest.approx(0.001)
    units = [layer.units for layer in built("D/transfer, task A").layers]
    assert units == [300, 100, 50, 50, 50, 8]
    alone = built("D/transfer, task B alone")
    assert [layer.units for layer in alone.layers] == [300, 100, 50, 50, 50, 1]
    assert alone.loss == "binary_crossentropy"
    assert alone.layers[-1].activation.__name__ == "sigmoid"


def test_deep_network_has_100_hidden_layers() -> None:
    layers = built("D/SELU, 100 hidden layers").layers
    assert [layer.units for layer in layers] == [300, *(99 * [100]), 10]


# --- data -----------------------------------------------------------------------------------------


def test_recipes_split_as_the_sources_do(data: dict[str, Any]) -> None:
    y = data["y_train"]
    a = Recipe("mnist", scaling="none", one_hot=True, train=42_000)(0)
    assert a.x_train.max() == 255
    assert a.x_valid is None
    np.testing.assert_array_equal(a.y_train.argmax(axis=1), y[:42_000])
    fold = Recipe("mnist", one_hot=True, fold=1)(0)
    np.testing.assert_array_equal(
        fold.y_train.argmax(axis=1), np.concatenate([y[:20_000], y[40_000:]])
    )
    assert fold.y_valid is not None
    np.testing.assert_array_equal(fold.y_valid.argmax(axis=1), y[20_000:40_000])
    last = Recipe("mnist", validation="last 10,000")(3)
    assert last.replicate == 3
    assert last.y_valid is not None
    np.testing.assert_array_equal(last.y_valid, y[50_000:])
    assert len(last.y_train) == 50_000
    test = Recipe("mnist", validation="test")(0)
    assert test.y_valid is not None
    np.testing.assert_array_equal(test.y_valid, data["y_test"])


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    from course_utils import datasets

    whole = datasets.load("mnist", validation=0)
    return {"y_train": whole.y_train, "y_test": whole.y_test}


def test_transfer_as_written_is_sandal_or_shirt() -> None:
    from course_utils import datasets

    whole = datasets.load("fashion_mnist")
    task_a = Transfer()(0)
    b = task_a.task_b
    assert b is not None
    assert sorted(set(task_a.y_train)) == list(range(8))
    either = np.isin(whole.y_train, (5, 6))
    assert len(task_a.y_train) == (~either).sum()
    np.testing.assert_array_equal(b.x_train, whole.x_train[either][:200])
    np.testing.assert_array_equal(b.y_train, whole.y_train[either][:200] == 6)
    sneakers = whole.y_train[~either] == 7
    assert set(task_a.y_train[sneakers]) == {5}
    assert len(b.y_test) == 2_000
    np.testing.assert_array_equal(Transfer(only_b=True)(0).x_train, b.x_train)


def test_drawn_splits_differ_and_repeat() -> None:
    draw = Transfer(pair=None, drawn=True, cut=50)
    first, second, again = draw(0), draw(1), draw(0)
    assert first.task_b is not None
    assert second.task_b is not None
    assert again.task_b is not None
    assert not np.array_equal(first.task_b.x_train, second.task_b.x_train)
    np.testing.assert_array_equal(first.task_b.x_train, again.task_b.x_train)
    assert set(first.task_b.y_train) == {0, 1}


# --- judging --------------------------------------------------------------------------------------


def test_r2_is_that_of_scipy() -> None:
    from scipy.stats import linregress

    rng = np.random.default_rng(0)
    labels = np.arange(40) % 10
    truth = np.eye(10)[labels]
    # A fit by least squares has R squared = correlation squared.
    raw = truth + rng.normal(0, 0.3, truth.shape)
    fits = [linregress(raw[:, c], truth[:, c]) for c in range(10)]
    outputs = np.stack([f.intercept + f.slope * raw[:, c] for c, f in enumerate(fits)], axis=1)
    arrays = Arrays(x_test=np.zeros((40, 784)), y_test=labels)
    found = measures.r2_on_test(lambda x: outputs, arrays)
    assert found["r2_probabilities"] == pytest.approx(np.mean([f.rvalue**2 for f in fits]))


def test_places_of_figures() -> None:
    rows = []
    for replicate, (accuracy, other) in enumerate(
        [([0.5, 0.9, 0.7], [1, 2, 3]), ([1, 0, 0], [4, 5, 6])]
    ):
        for metric, values in (("val_accuracy", accuracy), ("test_accuracy", other)):
            rows += [("v", replicate, e + 1, metric, x) for e, x in enumerate(values)]
    frame = pd.DataFrame(rows, columns=["variant", "replicate", "epoch", "metric", "value"])

    def at(metric: str, epoch: int | str | None = None) -> list[float]:
        return reproduction._values(frame, Figure(("v",), metric, epoch)).tolist()

    assert at("val_accuracy") == [0.7, 0]
    assert at("val_accuracy", 2) == [0.9, 0]
    assert at("val_accuracy", "best") == [0.9, 1]
    assert at("test_accuracy", "best by val_accuracy") == [2, 4]


@pytest.mark.parametrize(
    ("reported", "values", "inside"),
    [
        (0.9757, [0.97, 0.98], True),
        (0.9757, [0.975749, 0.97], True),  # rounds to 0.9757
        (0.9757, [0.97564, 0.97], False),
        (0.94, [0.93996, 0.93], True),  # 0.94 is 0.9400
        (0.94, [0.9399, 0.93], False),
        (2.068e-12, [2.0681042e-12], True),
        (2.068e-12, [2.069e-12], False),
        (60, [60], True),
        (60, [61], False),
        (0.5, [0.1, None], False),
    ],
)
def test_lies_in_range(reported: float, values: list[float | None], inside: bool) -> None:
    assert reproduction.lies_in_range(reported, values) is inside


# --- hashes and groups ----------------------------------------------------------------------------


def test_hash_sees_what_matters_and_nothing_else() -> None:
    from dataclasses import replace

    entry = EXPERIMENTS["C/model 1"]
    variant = entry.variants["model 1"]
    before = reproduction.spec_hash(entry)
    assert reproduction.spec_hash(replace(entry, what_was_wrong="x", step_ms=9)) == before
    for change in (
        {"epochs": 11},
        {"batch_size": 64},
        {"data": Recipe("mnist", one_hot=True)},
        {"build": EXPERIMENTS["C/model 2"].variants["model 2"].build},
        {"fit": {"shuffle": False}},
    ):
        changed = replace(entry, variants={"model 1": replace(variant, **change)})
        assert reproduction.spec_hash(changed) != before, change
    assert reproduction.spec_hash(replace(entry, measure=None)) != before
    assert reproduction.spec_hash(replace(entry, replicates=4)) != before


def test_every_entry_is_in_one_group_and_every_variant_costs_once() -> None:
    groups = reproduction.groups(reproduction.entries())
    flat = [id(entry) for group in groups for entry in group]
    assert sorted(flat) == sorted(map(id, reproduction.entries()))
    costs = reproduction.estimated_seconds(groups)
    assert sum(costs) < 2 * 75 * 60, "more than 75 minutes on two cores"
    assert sum(reproduction.estimated_seconds([*groups, *groups])) == pytest.approx(
        sum(costs) + len(groups)
    )


def test_tiny_keeps_shared_variants_shared() -> None:
    entries = [EXPERIMENTS["C/model 1"], EXPERIMENTS["C/model 2"], EXPERIMENTS["C/model 3"]]
    first, second, third = reproduction.tiny(entries)
    assert not isinstance(second, reproduction.Calculation)
    assert not isinstance(third, reproduction.Calculation)
    assert second.variants["model 2"] is third.variants["model 2"]
    assert second.variants["model 2"].epochs == 2
    assert second.replicates == 2
    assert first is not entries[0]


def test_deep_selu_layers_keep_their_scale() -> None:
    found = _source_d_calculations.thousand_selu_layers(0)
    assert found["largest absolute mean"] < 0.2
    assert 0.7 < found["smallest standard deviation"] <= found["largest standard deviation"] < 1.1
    assert found == _source_d_calculations.thousand_selu_layers(0)


def test_calculations_find_what_the_sources_report() -> None:
    for entry in reproduction.CALCULATIONS:
        if entry.replicates == 1 and entry.source != "C":
            for name, figure in entry.reported.items():
                assert reproduction.lies_in_range(figure, [entry.compute(0)[name]]), name
