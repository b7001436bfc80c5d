"""What is kept of an experiment: keys, files, and what happens to those that are broken."""

import dataclasses
import functools
import importlib.util
import json
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from course_utils import _experiment_cache, _experiment_key, datasets
from course_utils._experiment_cache import Cache, CacheWarning, default_folder
from course_utils._experiment_code import CannotDescribeError, fingerprint, is_library
from course_utils._experiment_key import Keys
from course_utils._experiment_memory import Memory
from course_utils._experiment_task import Outcome, ReplicateError, Task

# Keras 3.15 reads its variables in a way that NumPy 2.4 does not like.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 6)).astype("float32")
Y = (X @ RNG.normal(size=(6, 3))).argmax(axis=1)
DATA = SimpleNamespace(x_train=X[:30], y_train=Y[:30], x_valid=X[30:], y_valid=Y[30:])


# --- code and values ----------------------------------------------------------------------------


def scaled(factor):
    return lambda x: factor * x


HELP = 2
LOCK = threading.Lock()


def uses_help(x):
    return HELP * x


class Stateful:
    def __init__(self, number):
        self.number = number

    def __call__(self, x):
        return x + self.number


def code(source, name="f", **names):
    """Define a function as a notebook does: its module has no file."""
    space = {"__name__": "__main__", **names}
    exec(compile(source, "<cell>", "exec"), space)
    return space[name]


MODELS = [keras.Sequential([keras.Input((2,)), layers.Dense(1, name="a")], name="b") for _ in "ab"]
DIFFERENT = {
    "numbers": (1, 2),
    "number and text": (1, "1"),
    "number and float": (1, 1.0),
    "signs of zero": (0.0, -0.0),
    "order": ([1, 2], [2, 1]),
    "list and tuple": ([1], (1,)),
    "nesting": ([[1], 2], [[1, 2]]),
    "keys": ({"a": 1}, {"b": 1}),
    "arrays": (np.zeros(3), np.array([0.0, 0.0, 1e-300])),
    "types of arrays": (np.zeros(3), np.zeros(3, "float32")),
    "shapes": (np.zeros((2, 3)), np.zeros((3, 2))),
    "objects in arrays": (np.array(["a", 1], object), np.array(["a", 2], object)),
    "constants in code": (lambda x: x + 1, lambda x: x + 2),
    "operations": (lambda x, y: x + y, lambda x, y: x - y),
    "attributes": (lambda x: x.real, lambda x: x.imag),
    "closures": (scaled(1.0), scaled(2.0)),
    "defaults": (lambda x=1: x, lambda x=2: x),
    "inner functions": (lambda: [-i for i in (1, 2)], lambda: [-i for i in (1, 3)]),
    "globals": (code("def f(): return a", a=1), code("def f(): return a", a=2)),
    "called functions": (
        code("def g(): return 1\ndef f(): return g()"),
        code("def g(): return 2\ndef f(): return g()"),
    ),
    "classes": (
        code("class f:\n def g(self): return 1"),
        code("class f:\n def g(self): return 2"),
    ),
    "properties": (
        code("class f:\n @property\n def g(self): return 1"),
        code("class f:\n @property\n def g(self): return 2"),
    ),
    "base classes": (
        code("class g:\n a = 1\nclass f(g): pass"),
        code("class g:\n a = 2\nclass f(g): pass"),
    ),
    "partial": (functools.partial(scaled, 1), functools.partial(scaled, 2)),
    "methods": (Stateful(1).__call__, Stateful(2).__call__),
    "instances": (Stateful(1), Stateful(2)),
    "library functions": (np.mean, np.median),
    "builtins": (len, max),
    "universal functions": (np.less, np.greater),
    "Keras objects": (keras.regularizers.L2(0.1), keras.regularizers.L2(0.2)),
    "weights of Keras models": (MODELS[0], MODELS[1]),
    "callbacks": (
        keras.callbacks.EarlyStopping(patience=1),
        keras.callbacks.EarlyStopping(patience=2),
    ),
    "schedules in callbacks": (
        keras.callbacks.LearningRateScheduler(lambda e: 0.1),
        keras.callbacks.LearningRateScheduler(lambda e: 0.2),
    ),
    "tensors": (tf.constant(1.0), tf.constant(2.0)),
    "paths": (Path("a"), Path("b")),
    "partly the same object": ([X, X], [X, X + 1]),
}


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_what_computes_something_else_reads_differently(pair):
    one, other = map(fingerprint, pair)
    assert one != other
    assert one == fingerprint(pair[0])


SAME = {
    "closures": (scaled(1.0), scaled(1.0)),
    "layout": (
        code("def f(x):\n  return x + 1"),
        code("# a comment\n\n\ndef f(x):\n  # why\n  return (x +\n   1)"),
    ),
    "sets": ({"a", "b", "c"}, {"c", "b", "a"}),
    "order of keys": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "arrays": (X, X.copy()),
    "slices": (X[::2], X[::2].copy()),
    "views": (DATA, SimpleNamespace(**vars(DATA))),
    "recursion": (
        code("def f(n): return n and f(n - 1)"),
        code("def f(n): return n and f(n - 1)"),
    ),
    "callbacks": (
        keras.callbacks.ReduceLROnPlateau(patience=1),
        keras.callbacks.ReduceLROnPlateau(patience=1),
    ),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_what_computes_the_same_reads_the_same(pair):
    assert fingerprint(pair[0]) == fingerprint(pair[1])


def test_a_global_of_a_module_counts(monkeypatch):
    before = fingerprint(uses_help)
    monkeypatch.setattr(sys.modules[__name__], "HELP", 3)
    assert fingerprint(uses_help) != before


def module(path, source):
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    made = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = made
    spec.loader.exec_module(made)
    return made


def test_modules_of_ones_own_count_by_content_and_by_what_they_import(tmp_path, monkeypatch):
    for name in ("my_helper", "my_tools"):
        monkeypatch.setitem(sys.modules, name, None)

    def described(helper, tools):
        module(tmp_path / "my_helper.py", helper)
        made = module(tmp_path / "my_tools.py", tools)
        return fingerprint(code("def f(): return my_tools.g()", my_tools=made))

    first = described("def h(): return 1", "from my_helper import h\ndef g(): return h()")
    assert described("def h(): return 1", "from my_helper import h\ndef g(): return h()") == first
    assert described("def h(): return 2", "from my_helper import h\ndef g(): return h()") != first
    assert described("def h(): return 1", "from my_helper import h\ndef g(): return h() ") != first


def test_data_sets_can_be_described():
    fields = {field.name: None for field in dataclasses.fields(datasets.Dataset)}
    one = datasets.Dataset(**{**fields, "name": "a", "x_train": X})
    other = datasets.Dataset(**{**fields, "name": "a", "x_train": X + 1})
    assert fingerprint(one) == fingerprint(datasets.Dataset(**{**vars(one)}))
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize("value", [LOCK, (i for i in range(3)), scaled(LOCK), Stateful([LOCK])])
def test_what_cannot_be_told_is_refused(value):
    with pytest.raises(CannotDescribeError, match="an object of type"):
        fingerprint([value])


def test_libraries_and_ones_own_code():
    for name in ("numpy", "keras.src.layers", "tensorflow", "json", "builtins", "joblib.parallel"):
        assert is_library(name), name
    for name in ("__main__", "course_utils.training", __name__, None, "no_such_module"):
        assert not is_library(name), name


# --- keys ---------------------------------------------------------------------------------------


def network(
    units=5, activation="tanh", optimizer="sgd", loss="sparse_categorical_crossentropy",
    metrics=("accuracy",), names=(None, None), scale=None, body=(), **settings,
):  # fmt: skip
    first = layers.Dense(units, activation, name=names[0])
    last = layers.Dense(3, "softmax", name=names[1])
    model = keras.Sequential([keras.Input((6,)), first, *(make() for make in body), last])
    if scale is not None:
        model.set_weights([scale * weight for weight in model.get_weights()])
    optimizer = optimizer() if callable(optimizer) else optimizer
    model.compile(optimizer, loss=loss, metrics=list(metrics), **settings)
    return model


def key(build=network, data=DATA, **settings):
    given = {"callbacks": None, "fit": {}, "measure": None, "epochs": 2, "batch_size": 16}
    given |= {"seed": 7, "variant": "one", "replicate": 0, "threads": 1}
    return Keys().key(Task(build=build, **{**given, **settings}), data)


def with_(**changes):
    return {"build": functools.partial(network, **changes)}


def data_with(**changes):
    return {"data": SimpleNamespace(**{**vars(DATA), **changes})}


def changed(array):
    array = array.copy()
    array.flat[-1] += 1
    return array


def sgd(rate, **settings):
    return lambda: keras.optimizers.SGD(rate, **settings)


def shift(body):
    """Two classes of the same name, as when a cell of a notebook was changed and run again."""
    made = type("Shifted", (layers.Layer,), {"call": body})
    return with_(body=[made])


CHANGES = {
    "units": with_(units=6),
    "activation": with_(activation="relu"),
    "first weights": with_(scale=2.0),
    "layers": with_(body=[lambda: layers.Dropout(0.1)]),
    "optimizer": with_(optimizer="adam"),
    "learning rate": with_(optimizer=sgd(0.02)),
    "momentum": with_(optimizer=sgd(0.01, momentum=0.1)),
    "clipping": with_(optimizer=sgd(0.01, clipnorm=1.0)),
    "schedule": with_(optimizer=sgd(keras.optimizers.schedules.ExponentialDecay(0.01, 9, 0.9))),
    "loss": with_(loss=keras.losses.SparseCategoricalCrossentropy(ignore_class=0)),
    "metrics": with_(metrics=()),
    "another metric": with_(metrics=["accuracy", "mse"]),
    "eager": with_(run_eagerly=True),
    "own activation": with_(activation=lambda x: x + 1),
    "another own activation": with_(activation=lambda x: x + 2),
    "own loss": with_(loss=lambda y, p: tf.reduce_mean(p)),
    "own layer": shift(lambda self, x: x + 1),
    "another own layer": shift(lambda self, x: x + 2),
    "epochs": {"epochs": 3},
    "batch size": {"batch_size": 17},
    "seed": {"seed": 8},
    "order": {"fit": {"shuffle": False}},
    "class weights": {"fit": {"class_weight": {0: 2.0}}},
    "other class weights": {"fit": {"class_weight": {0: 3.0}}},
    "callback": {"callbacks": lambda: [keras.callbacks.EarlyStopping(patience=1)]},
    "another callback": {"callbacks": lambda: [keras.callbacks.EarlyStopping(patience=2)]},
    "measure": {"measure": lambda model, data: {"a": 1.0}},
    "another measure": {"measure": lambda model, data: {"a": 2.0}},
    "x_train": data_with(x_train=changed(X[:30])),
    "y_train": data_with(y_train=changed(Y[:30])),
    "x_valid": data_with(x_valid=changed(X[30:])),
    "y_valid": data_with(y_valid=changed(Y[30:])),
    "no validation": data_with(x_valid=None, y_valid=None),
    "type of labels": data_with(y_train=Y[:30].astype("int32")),
}


def test_every_change_of_what_determines_the_result_changes_the_key():
    keys = {name: key(**change) for name, change in CHANGES.items()}
    assert len({key(), *keys.values()}) == len(CHANGES) + 1
    assert keys == {name: key(**change) for name, change in CHANGES.items()}


def test_a_class_that_is_defined_again_is_the_same_if_its_code_is():
    assert key(**shift(lambda self, x: x + 1)) == key(**shift(lambda self, x: x + 1))


KEEP = {
    "names of layers": with_(names=("first", "last")),
    "names exchanged": with_(names=("dense_1", "dense")),
    "name of the variant": {"variant": "another"},
    "number of the replicate": {"replicate": 5},
    "a copy of the data": {"data": SimpleNamespace(**{k: v.copy() for k, v in vars(DATA).items()})},
    "data from a function": {"data": lambda replicate: DATA},
    "data that nobody reads": data_with(x_test=X),
    "threads": {"threads": 2},
}


@pytest.mark.parametrize("change", KEEP.values(), ids=KEEP)
def test_what_does_not_matter_leaves_the_key(change):
    expected = key()
    layers.Dense(1)  # goes on with Keras's automatic numbers
    assert key(**change) == expected


def test_names_count_where_a_function_may_ask_for_them():
    def first(model, data):
        return {"norm": float(np.linalg.norm(model.get_layer("a").kernel))}

    a_first = key(**with_(names=("a", "b")), measure=first)
    assert a_first != key(**with_(names=("b", "a")), measure=first)


def test_all_that_measure_may_read_counts():
    def measure(model, data):
        return {"size": len(data.x_test)}

    assert key(**data_with(x_test=X), measure=measure) != key(
        **data_with(x_test=X + 1), measure=measure
    )


def test_data_of_a_function_are_those_of_the_replicate():
    keys = Keys()
    task = functools.partial(
        Task, "one", seed=7, build=network, epochs=1, batch_size=9, callbacks=None, fit={},
        measure=None, threads=1,
    )  # fmt: skip

    def split(replicate):
        return SimpleNamespace(x_train=X + replicate, y_train=Y)

    made = [keys.key(task(replicate), split) for replicate in (0, 1, 0)]
    assert made[0] == made[2] != made[1]


@pytest.fixture
def fresh_environment():
    """Forget what was described while another test had put something into the trainer's place."""
    _experiment_key._environment.cache_clear()


@pytest.mark.parametrize("changed", ["tf", "np", "keras", "course_utils"])
def test_versions_are_part_of_the_key(changed, monkeypatch, fresh_environment):
    before = key()
    _experiment_key._environment.cache_clear()
    monkeypatch.setattr(getattr(_experiment_key, changed), "__version__", "9.9.9")
    assert key() != before
    monkeypatch.undo()
    _experiment_key._environment.cache_clear()
    assert key() == before


def test_the_trainers_own_code_is_part_of_the_key(fresh_environment):
    """All of it, down to the module that nobody but the trainer imports."""
    described = _experiment_key._environment()
    for name in ("_experiment_replicate", "training", "_compiled_epochs", "_fast_random"):
        assert f"'course_utils.{name}'" in described


# --- files --------------------------------------------------------------------------------------

CONTENT = {"history": {"loss": [0.1, float("nan"), float("inf"), 1 / 3]}, "seconds": 0.5}


def test_what_was_kept_comes_back_to_the_last_bit(tmp_path):
    cache = Cache(tmp_path / "new" / "folder")
    assert cache.read("k") is None
    cache.write("k", CONTENT)
    read = Cache(tmp_path / "new" / "folder").read("k")
    assert repr(read) == repr(CONTENT)
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["k.json"]


def edited(text, **changes):
    return json.dumps({**json.loads(text), **changes})


BROKEN = {
    "empty": lambda text: "",
    "cut off": lambda text: text[: len(text) // 2],
    "no JSON": lambda text: "\x00" * len(text),
    "not text": lambda text: b"\xff\xfe",
    "a list": lambda text: "[1, 2]",
    "a number changed": lambda text: text.replace("0.5", "0.6"),
    "another key": lambda text: edited(text, key="other"),
    "another format": lambda text: edited(text, format=0),
    "no checksum": lambda text: edited(text, checksum=None),
    "no content": lambda text: json.dumps({"key": "k"}),
}


@pytest.mark.parametrize("spoil", BROKEN.values(), ids=BROKEN)
def test_a_broken_entry_is_not_trusted(spoil, tmp_path):
    cache = Cache(tmp_path)
    cache.write("k", CONTENT)
    path = tmp_path / "k.json"
    spoilt = spoil(path.read_text())
    path.write_bytes(spoilt if isinstance(spoilt, bytes) else spoilt.encode())
    with pytest.warns(CacheWarning, match=r"k\.json is damaged: this replicate is trained again"):
        assert cache.read("k") is None
    cache.write("k", CONTENT)
    assert repr(cache.read("k")) == repr(CONTENT)


def test_an_entry_under_another_name_is_not_trusted(tmp_path):
    cache = Cache(tmp_path)
    cache.write("k", CONTENT)
    (tmp_path / "k.json").rename(tmp_path / "j.json")
    with pytest.warns(CacheWarning, match="damaged"):
        assert cache.read("j") is None


@pytest.mark.parametrize("interrupted", ["replace", "fsync"])
def test_an_interrupted_write_leaves_the_old_entry(interrupted, tmp_path, monkeypatch):
    cache = Cache(tmp_path)
    cache.write("k", CONTENT)

    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(_experiment_cache.os, interrupted, stop)
    with pytest.raises(KeyboardInterrupt):
        cache.write("k", {"seconds": 2.0})
    assert repr(cache.read("k")) == repr(CONTENT)
    assert [path.name for path in tmp_path.iterdir()] == ["k.json"]


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "folder")
    with pytest.warns(CacheWarning, match="Results cannot be kept in"):
        cache.write("k", CONTENT)
    cache.write("k", CONTENT)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"COURSE_CACHE": "/a/b"}, Path("/a/b")),
        ({"COURSE_CACHE": "~/b"}, Path("/home/x/b")),
        ({"COURSE_CACHE": ""}, None),
        ({"XDG_CACHE_HOME": "/c"}, Path("/c/course_utils/experiments")),
        ({}, Path("/home/x/.cache/course_utils/experiments")),
    ],
)
def test_default_folder(variables, expected, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("COURSE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/x")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert default_folder() == expected


def test_tests_use_no_cache():
    assert os.environ["COURSE_CACHE"] == ""


# --- recalling and keeping ----------------------------------------------------------------------

OUTCOME = Outcome({"loss": [0.5, 0.25]}, {"test": 1.0}, 0.1, threads=1)


def task(build=network, threads=1, **settings):
    given = {"callbacks": None, "fit": {}, "measure": None, "epochs": 2, "batch_size": 16}
    return Task("one", 3, 7, build, threads=threads, **{**given, **settings})


def test_an_outcome_that_was_kept_is_recalled(tmp_path):
    memory, wanted = Memory(tmp_path), task()
    assert memory.recall(wanted, DATA) is None
    memory.keep(wanted, OUTCOME)
    assert Memory(tmp_path).recall(task(), DATA) == OUTCOME
    assert Memory(tmp_path).recall(task(epochs=3), DATA) is None
    assert Memory(None).recall(task(), DATA) is None


def test_an_outcome_of_other_threads_is_not_recalled(tmp_path):
    """The number of threads decides about the rounding of sums."""
    memory, wanted = Memory(tmp_path), task(threads=2)
    memory.recall(wanted, DATA)
    memory.keep(wanted, OUTCOME)  # with one thread
    assert Memory(tmp_path).recall(task(threads=2), DATA) is None
    assert Memory(tmp_path).recall(task(threads=1), DATA) == OUTCOME


def test_what_cannot_be_described_is_said_once_and_not_kept(tmp_path):
    lock = threading.Lock()

    def measure(model, data):
        return {"locked": lock.locked()}

    memory = Memory(tmp_path)
    wanted = task(measure=measure)
    message = "Results of variant 'one' are not kept: they depend on an object of type _thread.lock"
    with pytest.warns(CacheWarning, match=message):
        assert memory.recall(wanted, DATA) is None
    assert memory.recall(task(measure=measure), DATA) is None
    memory.keep(wanted, OUTCOME)
    assert list(tmp_path.iterdir()) == []


def test_a_builder_that_fails_is_named(tmp_path):
    with pytest.raises(ReplicateError, match=r"^Variant 'one', replicate 3 failed: ValueError: "):
        Memory(tmp_path).recall(task(functools.partial(network, activation="no")), DATA)
