"""Experiments: tables of paired replicates, resumed runs, and what a summary says of them."""

import io
import math
import re
import threading
import warnings
from functools import partial
from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers
from scipy import stats

from course_utils import _experiment_replicate, _experiment_spread, datasets, experiments, training
from course_utils.experiments import CacheWarning, ReplicateError, Variant, run, summarize

# Keras 3.15 reads its variables in a way that NumPy 2.4 does not like.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(48, 6)).astype("float32")
Y = (X @ RNG.normal(size=(6, 3))).argmax(axis=1)
DATA = SimpleNamespace(x_train=X[:32], y_train=Y[:32], x_valid=X[32:], y_valid=Y[32:])
COLUMNS = ["variant", "replicate", "epoch", "metric", "value"]


def network(rate=0.1, body=(), **settings):
    model = keras.Sequential([keras.Input((6,)), *(make() for make in body)])
    model.add(layers.Dense(3, "softmax"))
    settings = {"metrics": ["accuracy"], **settings}
    model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy", **settings)
    return model


def trained(variants, data=DATA, **settings):
    given = {"epochs": 2, "replicates": 2, "batch_size": 16, "progress": False, "cache": None}
    return run(variants, data, **{**given, **settings})


# --- running ------------------------------------------------------------------------------------


def start(model, data):
    """Remember what the replicate got to work with."""
    return {"weight": float(model.get_weights()[0].sum()), "size": len(data.x_train)}


@pytest.fixture(scope="module")
def table():
    variants = {"low": partial(network, 0.01), "high": Variant(partial(network, 0.1), epochs=3)}
    return trained(variants, replicates=2, measure=start)


def test_table_is_tidy(table):
    assert list(table.columns) == COLUMNS
    assert table["variant"].unique().tolist() == ["low", "high"]
    assert sorted(table["replicate"].unique()) == [0, 1]
    counts = table.groupby(["variant", "metric"])["epoch"].agg(["count", "min", "max"])
    for variant, epochs in (("low", 2), ("high", 3)):
        for metric in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert counts.loc[(variant, metric)].tolist() == [2 * epochs, 1, epochs]
        for metric in ("weight", "size"):
            assert counts.loc[(variant, metric)].tolist() == [2, epochs, epochs]
    assert not table.duplicated(COLUMNS[:-1]).any()
    assert table["value"].dtype == float
    assert (table.loc[table["metric"] == "size", "value"] == 32).all()


def test_attrs_hold_times_and_environment(table):
    assert {name: len(times) for name, times in table.attrs["seconds"].items()} == {
        "low": 2,
        "high": 2,
    }
    assert all(time > 0 for times in table.attrs["seconds"].values() for time in times)
    environment = table.attrs["environment"]
    assert environment["keras"] == keras.__version__
    assert environment["cores"] >= 1
    assert {"python", "numpy", "tensorflow", "course_utils", "processor"} <= set(environment)


def test_values_are_those_of_training_fit(table):
    seed = int(np.random.SeedSequence((0, 1)).generate_state(1)[0])
    keras.utils.set_random_seed(seed)
    model = network(0.1)
    history = training.fit(
        model, DATA.x_train, DATA.y_train, epochs=3, batch_size=16, seed=seed, progress=False,
        validation_data=(DATA.x_valid, DATA.y_valid),
    )  # fmt: skip
    rows = table[(table["variant"] == "high") & (table["replicate"] == 1)]
    for metric, values in history.history.items():
        assert rows.loc[rows["metric"] == metric, "value"].tolist() == values


def spied(monkeypatch):
    """Record seed and first weights of every replicate without training it."""
    seen = []

    def fit(model, *arrays, seed, **settings):
        seen.append((seed, [weight.copy() for weight in model.get_weights()], settings))
        return SimpleNamespace(history={"loss": [1.0]})

    monkeypatch.setattr(_experiment_replicate.training, "fit", fit)
    return seen


def test_replicates_are_paired(monkeypatch):
    seen = spied(monkeypatch)
    dropout = [lambda: layers.Dropout(0.5)]
    trained({"a": network, "b": partial(network, 1.0), "c": partial(network, body=dropout)})
    seeds = [seed for seed, _, _ in seen]
    assert seeds[:2] == seeds[2:4] == seeds[4:]
    assert seeds[0] != seeds[1]
    for place in (0, 1):
        for other in (2, 4):
            for a, b in zip(seen[place][1], seen[place + other][1], strict=True):
                np.testing.assert_array_equal(a, b)
    assert not np.array_equal(seen[0][1][0], seen[1][1][0])


def test_seeds_depend_on_seed_and_replicate_only(monkeypatch):
    seen = spied(monkeypatch)
    for seed, replicates in ((0, 2), (0, 3), (1, 2)):
        trained({"a": network}, seed=seed, replicates=replicates)
    seeds = [seed for seed, _, _ in seen]
    assert seeds[:2] == seeds[2:4]
    assert len(set(seeds)) == 5


def test_a_variant_sets_its_own_terms(monkeypatch):
    seen = spied(monkeypatch)
    made = []

    def callbacks():
        made.append(keras.callbacks.TerminateOnNaN())
        return [made[-1]]

    own = Variant(network, 9, 7, callbacks, fit={"shuffle": False})
    trained({"own": own, "common": network})
    assert [call[2]["epochs"] for call in seen] == [9, 9, 2, 2]
    assert [call[2]["batch_size"] for call in seen] == [7, 7, 16, 16]
    assert [call[2]["callbacks"] for call in seen] == [[made[0]], [made[1]], (), ()]
    assert ["shuffle" in call[2] for call in seen] == [True, True, False, False]


def test_data_may_differ_by_replicate_and_by_variant(monkeypatch):
    spied(monkeypatch)

    def split(replicate):
        return SimpleNamespace(x_train=X[: 10 + replicate], y_train=Y[: 10 + replicate])

    variants = {"common": network, "own": Variant(network, data=split)}
    sizes = trained(variants, measure=start).query("metric == 'size'")
    assert sizes["value"].tolist() == [32, 32, 10, 11]
    assert trained({"own": Variant(network, data=split)}, data=None).shape == (2, 5)


def test_a_data_set_of_the_course_fits(monkeypatch):
    seen = spied(monkeypatch)
    fields = dict.fromkeys(datasets.Dataset.__dataclass_fields__)
    trained({"a": network}, datasets.Dataset(**{**fields, **vars(DATA)}))
    x_valid, y_valid = seen[0][2]["validation_data"]
    assert x_valid is DATA.x_valid
    assert y_valid is DATA.y_valid


def test_metrics_are_called_the_same_in_every_replicate(monkeypatch):
    """Keras calls the second AUC of a process auc_1."""
    names = []

    def fit(model, *arrays, **settings):
        model(X)
        model.compute_metrics(X, np.eye(3)[Y], model(X))
        names.append(sorted(model.get_metrics_result()))
        return SimpleNamespace(history={"loss": [1.0]})

    monkeypatch.setattr(_experiment_replicate.training, "fit", fit)
    monkeypatch.setattr(_experiment_replicate._models, "take", lambda fresh, **_: fresh)

    def build():
        return network(metrics=[keras.metrics.AUC(), keras.metrics.Precision()])

    trained({"a": build, "b": build})
    assert names == 4 * [["auc", "loss", "precision"]]


def test_a_loss_that_becomes_nan_is_recorded():
    exploding = partial(network, math.inf, metrics=[])
    losses = trained({"a": exploding}, replicates=1, epochs=3).query("metric == 'loss'")
    assert len(losses) == 3
    assert losses["value"].isna().all()


def test_model_fit_in_place_of_training_fit_is_said():
    eager = partial(network, run_eagerly=True)
    with pytest.warns(training.FallbackWarning, match="run_eagerly=True"):
        trained({"a": eager}, replicates=1, epochs=1)


def test_backends_that_give_all_results_at_the_end(monkeypatch):
    """Some of joblib's, and some of others, cannot give them one by one."""
    spied(monkeypatch)
    monkeypatch.setattr(_experiment_spread, "get_active_backend", lambda: (object(), 1))
    rows = trained({"a": network, "b": network}, measure=start)
    assert rows["variant"].unique().tolist() == ["a", "b"]
    assert len(rows) == 2 * 2 * 3


# --- failing ------------------------------------------------------------------------------------


def failing_in(replicate):
    def measure(model, data):
        if len(data.x_train) == 10 + replicate:
            raise OSError("disk full")
        return {}

    return measure


def grown(replicate):
    return SimpleNamespace(x_train=X[: 10 + replicate], y_train=Y[: 10 + replicate])


def test_an_error_names_variant_and_replicate(monkeypatch):
    spied(monkeypatch)
    message = "Variant 'second', replicate 1 failed: OSError: disk full"
    variants = {"first": Variant(network, data=DATA), "second": network}
    with pytest.raises(ReplicateError, match=re.escape(message)) as caught:
        trained(variants, grown, measure=failing_in(1))
    assert isinstance(caught.value.__cause__, OSError)


@pytest.mark.parametrize(
    ("measured", "message"),
    [
        (0.5, "measure must return a dict of numbers by their names"),
        ({"a": "b"}, "measure must return a number for 'a', not 'b'"),
        ({"a": np.zeros(2)}, "measure must return a number for 'a'"),
        ({"loss": 0.5}, "measure returned 'loss', which is a metric of training already"),
    ],
)
def test_measures_that_are_no_numbers_by_name(measured, message, monkeypatch):
    spied(monkeypatch)
    with pytest.raises(ReplicateError, match=message):
        trained({"a": network}, measure=lambda model, data: measured)


@pytest.mark.parametrize("value", [1, 0.5, True, np.float32(0.5), np.array(0.5), X[:1].sum()])
def test_measures_that_are_numbers(value, monkeypatch):
    spied(monkeypatch)
    measured = trained({"a": network}, replicates=1, measure=lambda model, data: {"m": value})
    assert measured.query("metric == 'm'")["value"].tolist() == [np.float64(value).item()]


WRONG = {
    "no variants": (TypeError, "variants must be a dict", {"variants": [network]}),
    "empty": (ValueError, "variants is empty", {"variants": {}}),
    "names": (TypeError, r"must be text, not 0.1: use str\(0.1\)", {"variants": {0.1: network}}),
    "a model": (TypeError, "a function that builds a compiled", {"variants": {"a": network()}}),
    "text": (TypeError, "Variant 'a' must be a function", {"variants": {"a": "b"}}),
    "callbacks": (
        TypeError,
        "must be a function that returns fresh callbacks",
        {"variants": {"a": Variant(network, callbacks=[keras.callbacks.History()])}},
    ),
    "fit": (
        ValueError,
        r"fit of variant 'a' cannot set \['seed'\]: run\(\) does",
        {"variants": {"a": Variant(network, fit={"seed": 1, "shuffle": False})}},
    ),
    "no data": (ValueError, "Variant 'a' has no data", {"data": None}),
    "arrays": (TypeError, "must have x_train and y_train", {"data": (X, Y)}),
    "epochs": (ValueError, "epochs must be at least 1, not 0", {"epochs": 0}),
    "own epochs": (
        ValueError,
        "epochs of variant 'a' must be at least 1",
        {"variants": {"a": Variant(network, epochs=0)}},
    ),
    "half": (TypeError, "replicates must be a whole number, not 2.5", {"replicates": 2.5}),
    "batch": (ValueError, "batch_size must be at least 1", {"batch_size": 0}),
    "seed": (ValueError, "seed must be at least 0, not -1", {"seed": -1}),
}  # fmt: skip


@pytest.mark.parametrize(("error", "message", "change"), WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_refused_before_training(error, message, change, monkeypatch):
    seen = spied(monkeypatch)
    arguments = {"variants": {"a": network}, **change}
    with pytest.raises(error, match=message):
        trained(**arguments)
    assert seen == []


# --- interrupting and resuming ------------------------------------------------------------------


class Interrupting:
    """Trains as usual, and interrupts before a certain replicate."""

    def __init__(self, monkeypatch):
        self.calls = 0
        self.stop_before = None
        self._fit = training.fit
        monkeypatch.setattr(_experiment_replicate.training, "fit", self)

    def __call__(self, *arguments, **settings):
        if self.calls == self.stop_before:
            raise KeyboardInterrupt
        self.calls += 1
        return self._fit(*arguments, **settings)


def test_interrupted_and_resumed_equals_uninterrupted(tmp_path, monkeypatch):
    trainer = Interrupting(monkeypatch)
    trainer.stop_before = 1
    variants = {"a": partial(network, body=[lambda: layers.Dropout(0.3)])}
    settings = {"replicates": 3, "measure": start, "data": SimpleNamespace(x_train=X, y_train=Y)}
    with pytest.raises(KeyboardInterrupt):
        trained(variants, cache=tmp_path, **settings)
    assert len(list(tmp_path.iterdir())) == 1
    trainer.stop_before = None
    resumed = trained(variants, cache=tmp_path, **settings)
    assert trainer.calls == 3
    again = trained(variants, cache=str(tmp_path), **settings)
    assert trainer.calls == 3
    alone = trained(variants, **settings)
    assert trainer.calls == 6
    pd.testing.assert_frame_equal(resumed, alone, check_exact=True)
    pd.testing.assert_frame_equal(again, alone, check_exact=True)
    assert again.attrs["seconds"] == resumed.attrs["seconds"]


def test_more_replicates_and_variants_go_on_from_what_there_is(tmp_path, monkeypatch):
    seen = spied(monkeypatch)
    trained({"a": network}, cache=tmp_path)
    trained({"a": network, "b": partial(network, 0.5)}, cache=tmp_path, replicates=3)
    assert len(seen) == 2 + 4
    trained({"renamed": network}, cache=tmp_path)
    assert len(seen) == 6


def test_a_damaged_entry_is_trained_again(tmp_path, monkeypatch):
    seen = spied(monkeypatch)
    first = trained({"a": network}, cache=tmp_path)
    sorted(tmp_path.iterdir())[0].write_text("{}")
    with pytest.warns(CacheWarning, match="damaged"):
        again = trained({"a": network}, cache=tmp_path)
    assert len(seen) == 3
    pd.testing.assert_frame_equal(again, first)
    trained({"a": network}, cache=tmp_path)
    assert len(seen) == 3


def test_finished_replicates_are_kept_when_one_fails(tmp_path, monkeypatch):
    seen = spied(monkeypatch)
    with pytest.raises(ReplicateError, match="replicate 2"):
        trained({"a": network}, grown, cache=tmp_path, replicates=4, measure=failing_in(2))
    assert len(list(tmp_path.iterdir())) == 2
    assert len(seen) == 3


def test_default_cache_is_that_of_the_environment(tmp_path, monkeypatch):
    seen = spied(monkeypatch)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    for _ in range(2):
        trained({"a": network}, cache=...)
    assert len(seen) == len(list(tmp_path.iterdir())) == 2
    monkeypatch.setenv("COURSE_CACHE", "")
    trained({"a": network}, cache=...)
    assert len(seen) == 4


def test_what_cannot_be_kept_is_trained_and_said(tmp_path, monkeypatch):
    spied(monkeypatch)
    lock = threading.Lock()
    with pytest.warns(CacheWarning, match="Results of variant 'a' are not kept"):
        rows = trained(
            {"a": network}, cache=tmp_path, measure=lambda model, data: {"m": lock.locked()}
        )
    assert len(rows) == 4
    assert list(tmp_path.iterdir()) == []


def test_one_bar_counts_replicates_and_tells_the_time_left(tmp_path, monkeypatch):
    spied(monkeypatch)
    written = io.StringIO()
    bar = partial(experiments.tqdm, file=written, mininterval=0, miniters=1, disable=False)
    monkeypatch.setattr(experiments, "tqdm", bar)
    trained({"a": network, "b": network}, cache=tmp_path, replicates=2, progress=True)
    states = re.findall(r"(\d+)/4 \[(\d+:\d+)<([^,]+),", written.getvalue())
    assert [int(done) for done, _, _ in states][:5] == [0, 1, 2, 3, 4]
    assert re.fullmatch(r"\d+:\d+", states[2][2])  # left, after the second replicate
    written.truncate(0)
    trained({"a": network, "b": network}, cache=tmp_path, replicates=3, progress=True)
    assert "4/6" in written.getvalue()  # starts from what was recalled
    assert "3/6" not in written.getvalue()


def test_no_bar_without_progress(monkeypatch, capsys):
    spied(monkeypatch)
    monkeypatch.setattr(experiments, "tqdm", partial(experiments.tqdm, mininterval=0))
    trained({"a": network}, progress=False)
    assert capsys.readouterr() == ("", "")


# --- summaries ----------------------------------------------------------------------------------

VALUES = {
    "base": [0.80, 0.82, 0.78, 0.81, 0.79],
    "same": [0.81, 0.80, 0.79, 0.80, 0.80],
    "good": [0.85, 0.88, 0.82, 0.87, 0.84],
    "bad": [0.70, 0.71, 0.69, 0.70, 0.66],
}


def results(values, metric="val_accuracy", epochs=1):
    """A table in which epoch e has the value of the last epoch minus (epochs - e) / 10."""
    rows = [
        (variant, replicate, epoch, metric, value - (epochs - epoch) / 10)
        for variant, line in values.items()
        for replicate, value in enumerate(line)
        for epoch in range(1, epochs + 1)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def test_means_and_intervals_are_students():
    summary = summarize(results(VALUES))
    assert summary.index.tolist() == list(VALUES)
    assert summary.index.name == "variant"
    assert summary.columns.tolist() == ["replicates", "mean", "std", "low", "high"]
    quantile = 2.7764451051977987  # of t with 4 degrees of freedom, at 0.975; printed tables: 2.776
    for name, line in VALUES.items():
        row, values = summary.loc[name], np.array(line)
        half = quantile * values.std(ddof=1) / math.sqrt(5)
        assert row["replicates"] == 5
        assert row["mean"] == pytest.approx(values.mean())
        assert row["std"] == pytest.approx(values.std(ddof=1))
        assert (row["low"], row["high"]) == pytest.approx(
            (values.mean() - half, values.mean() + half)
        )


def test_by_hand():
    """1, 2, 3, 4: mean 2.5, standard deviation 1.290994, t(3, 0.975) = 3.182446."""
    row = summarize(results({"a": [1.0, 2.0, 3.0, 4.0]})).loc["a"]
    assert row["std"] == pytest.approx(1.2909944487)
    assert row["low"] == pytest.approx(2.5 - 3.1824463053 * 1.2909944487 / 2)


def test_differences_are_paired_and_corrected_for_their_number():
    summary = summarize(results(VALUES), baseline="base")
    for name in ("same", "good", "bad"):
        test = stats.ttest_rel(VALUES[name], VALUES["base"])
        ends = test.confidence_interval(1 - 0.05 / 3)
        row = summary.loc[name]
        assert row["difference"] == pytest.approx(np.mean(VALUES[name]) - np.mean(VALUES["base"]))
        assert (row["difference_low"], row["difference_high"]) == pytest.approx(
            (ends.low, ends.high)
        )
        # The interval excludes zero exactly where the p-value is below 0.05 / 3.
        assert (test.pvalue < 0.05 / 3) == (row["verdict"] != "no clear difference")
    assert summary["verdict"].tolist() == ["", "no clear difference", "better", "worse"]
    assert summary.loc["base", ["difference", "difference_low", "difference_high"]].isna().all()


def test_the_correction_can_decide():
    edge = {"base": [0.0, 0.0, 0.0, 0.0], "a": [1.0, 2.0, 3.0, 6.0]}  # p = 0.067; at 90 % clear
    one = summarize(results(edge), baseline="base", confidence=0.9)
    assert one.loc["a", "verdict"] == "better"
    two = summarize(results({**edge, "b": edge["a"]}), baseline="base", confidence=0.9)
    assert two["verdict"].tolist() == ["", "no clear difference", "no clear difference"]


def test_pairing_finds_what_independent_intervals_hide():
    spread = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    rows = results({"a": spread, "b": spread + [0.02, 0.01, 0.02, 0.03, 0.02]})
    summary = summarize(rows, baseline="a")
    assert summary.loc["b", "low"] < summary.loc["a", "high"]
    assert summary.loc["b", "verdict"] == "better"


@pytest.mark.parametrize(
    ("metric", "better", "verdict"),
    [
        ("val_accuracy", None, "better"),
        ("val_loss", None, "worse"),
        ("test_error", None, "worse"),
        ("mse", None, "worse"),
        ("test_auc", None, "better"),
        ("wonder", "higher", "better"),
        ("wonder", "lower", "worse"),
        ("val_loss", "higher", "better"),
    ],
)
def test_direction_of_the_metric(metric, better, verdict):
    summary = summarize(results(VALUES, metric), metric, baseline="base", better=better)
    assert summary.loc["good", "verdict"] == verdict


def test_a_metric_of_unknown_direction_needs_one():
    rows = results(VALUES, "wonder")
    assert summarize(rows, "wonder").shape == (4, 5)
    with pytest.raises(ValueError, match='say better="higher" or better="lower"'):
        summarize(rows, "wonder", baseline="base")


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([0.5], "too few replicates"),
        ([0.5, 0.6], "too few replicates"),
        ([0.81, 0.83, 0.79, 0.82, 0.80], "better"),  # a constant difference
        ([0.80, 0.82, 0.78, 0.81, 0.79], "no clear difference"),  # none at all
        ([0.90, math.nan, 0.92, 0.91, 0.93], "not finite"),
        ([0.90, math.inf, 0.92, 0.91, 0.93], "not finite"),
        ([0.95, 0.95, 0.95, 0.95, 0.95], "better"),
        ([0.80 + 1e-16, 0.82, 0.78, 0.81 + 2e-16, 0.79], "no clear difference"),
    ],
)
def test_degenerate_cases_have_a_verdict_and_no_warning(values, verdict):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summary = summarize(results({"base": VALUES["base"], "a": values}), baseline="base")
    row = summary.loc["a"]
    assert row["verdict"] == verdict
    assert row["replicates"] == len(values)
    if len(values) == 1 or not np.isfinite(values).all():
        assert row[["std", "low", "high", "difference_low"]].isna().all()
    elif np.ptp(values) == 0:
        assert (row["std"], row["low"], row["high"]) == (0, 0.95, 0.95)


def test_a_baseline_that_is_not_finite():
    rows = results({"base": [math.nan, 1.0, 2.0], "a": [1.0, 2.0, 3.0]})
    summary = summarize(rows, baseline="base")
    assert summary.loc["a", "verdict"] == "not finite"
    assert math.isnan(summary.loc["base", "mean"])


def test_only_common_replicates_are_compared():
    rows = results({"base": VALUES["base"], "a": VALUES["good"]})
    rows = rows[~((rows["variant"] == "a") & (rows["replicate"] == 2))]
    row = summarize(rows, baseline="base").loc["a"]
    differences = np.delete(np.subtract(VALUES["good"], VALUES["base"]), 2)
    assert row["difference"] == pytest.approx(differences.mean())
    assert row["replicates"] == 4


def test_last_epoch_is_that_of_each_replicate():
    rows = results({"a": [0.5, 0.6]}, epochs=3)
    rows = rows[~((rows["replicate"] == 0) & (rows["epoch"] == 3))]  # stopped early: 0.4
    assert summarize(rows).loc["a", "mean"] == pytest.approx((0.4 + 0.6) / 2)
    assert summarize(rows, epoch=2).loc["a", "mean"] == pytest.approx((0.4 + 0.5) / 2)
    with pytest.raises(
        ValueError, match="'val_accuracy' of variant 'a', replicate 0 has no epoch 3"
    ):
        summarize(rows, epoch=3)  # fmt: skip


def test_all_epochs():
    summary = summarize(results(VALUES, epochs=3), epoch="all", baseline="base")
    assert summary.index.names == ["variant", "epoch"]
    assert summary.index.tolist() == [(name, epoch) for name in VALUES for epoch in (1, 2, 3)]
    np.testing.assert_allclose(summary.loc["good", "mean"], np.mean(VALUES["good"]) - [0.2, 0.1, 0])
    assert summary.loc["good", "verdict"].tolist() == 3 * ["better"]
    assert summary.loc["base", "verdict"].tolist() == 3 * [""]
    uneven = results(VALUES, epochs=2)
    uneven = uneven[~((uneven["variant"] == "base") & (uneven["epoch"] == 2))]
    verdicts = summarize(uneven, epoch="all", baseline="base")["verdict"]
    assert verdicts["good", 2] == "too few replicates"


def test_confidence_widens_the_interval():
    wide, narrow = (summarize(results(VALUES), confidence=c).loc["good"] for c in (0.99, 0.5))
    assert wide["low"] < narrow["low"] < narrow["high"] < wide["high"]


def test_a_table_of_a_run_is_summarized(table):
    summary = summarize(table, "loss", baseline="low")
    assert summary["replicates"].tolist() == [2, 2]
    assert summary.loc["high", "verdict"] == "too few replicates"
    rows = table.query("metric == 'loss' and variant == 'high' and epoch == 3")
    assert summary.loc["high", "mean"] == pytest.approx(rows["value"].mean())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"metric": "loss"}, KeyError, r"no metric 'loss' in the results; there are \['val_accur"),
        ({"baseline": "no"}, KeyError, "no variant 'no' to compare with; there are"),
        ({"confidence": 95}, ValueError, "confidence must lie between 0 and 1, not 95"),
        ({"epoch": "last"}, TypeError, 'epoch must be a whole number, None or "all", not'),
        ({"epoch": 7}, ValueError, "has no epoch 7"),
        ({"baseline": "base", "better": "up"}, ValueError, 'better must be "higher" or "lower"'),
    ],
)
def test_wrong_questions(arguments, error, message):
    with pytest.raises(error, match=message):
        summarize(results(VALUES), **arguments)


def test_tables_that_are_not_tidy():
    rows = results(VALUES)
    with pytest.raises(KeyError, match=r"the table has no columns \['epoch'\]"):
        summarize(rows.drop(columns="epoch"))
    with pytest.raises(ValueError, match="two values of 'val_accuracy' for variant 'base'"):
        summarize(pd.concat([rows, rows]))
