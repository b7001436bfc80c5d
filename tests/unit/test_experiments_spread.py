"""The same experiment on worker processes and on a Dask cluster, also when some of them die."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import uuid
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers

from course_utils import training
from course_utils._experiment_replicate import threads
from course_utils._experiment_spread import threads_for
from course_utils.experiments import ReplicateError, run

# Keras 3.15 reads its variables in a way that NumPy 2.4 does not like.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 6)).astype("float32")
Y = (X @ RNG.normal(size=(6, 3))).argmax(axis=1)
DATA = SimpleNamespace(x_train=X, y_train=Y)


def as_in_a_notebook(function):
    """Let a worker get the function itself: it could not import the module of a notebook."""
    function.__module__ = "__main__"
    return function


@as_in_a_notebook
def network(rate, **settings):
    body = [layers.Dense(4, "relu"), layers.Dropout(0.3)]
    model = keras.Sequential([keras.Input((6,)), *body, layers.Dense(3, "softmax")])
    model.compile(
        keras.optimizers.SGD(rate, momentum=0.9), "sparse_categorical_crossentropy", **settings
    )
    return model


VARIANTS = {"slow": partial(network, 0.01), "fast": partial(network, 0.1)}


@as_in_a_notebook
def failing(model, data):
    raise ZeroDivisionError("not today")


SETTINGS = {"epochs": 2, "replicates": 3, "progress": False, "cache": None}


@as_in_a_notebook
def weights(model, data):
    return {"weights": float(np.sum([weight.sum() for weight in model.get_weights()]))}


@pytest.fixture(scope="module")
def serial():
    return run(VARIANTS, DATA, measure=weights, **SETTINGS)


def assert_same(one, other):
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert one["value"].tolist() == other["value"].tolist()


# --- worker processes of this machine -----------------------------------------------------------


def test_processes_give_what_one_process_gives(serial):
    assert_same(run(VARIANTS, DATA, measure=weights, n_jobs=2, **SETTINGS), serial)


def test_processes_share_the_cores():
    here = os.getpid()

    @as_in_a_notebook
    def facts(model, data):
        threads = tf.config.threading.get_intra_op_parallelism_threads()
        return {"threads": threads, "elsewhere": os.getpid() != here}

    with joblib.parallel_config(n_jobs=2):
        rows = run(VARIANTS, DATA, measure=facts, **SETTINGS).set_index("metric")["value"]
    assert (rows["elsewhere"] == 1).all()
    assert (rows["threads"] == min(threads(), max(1, joblib.cpu_count() // 2))).all()


@pytest.mark.parametrize(
    ("limit", "jobs", "expected"),
    [(None, 1, 8), (None, 2, 4), (None, 3, 2), (None, 16, 1), ("1", 1, 1), ("3", 2, 3)],
)
def test_threads_are_shared_out(limit, jobs, expected, monkeypatch):
    monkeypatch.setattr(joblib, "cpu_count", lambda: 8)
    monkeypatch.setattr(tf.config.threading, "get_intra_op_parallelism_threads", lambda: 0)
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    if limit:
        monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", limit)
    assert threads_for(jobs) == expected


def test_warnings_of_a_process_reach_the_reader():
    """It writes to the terminal, where a reader of a notebook does not look."""
    eager = {"eager": partial(network, 0.01, run_eagerly=True)}
    with pytest.warns(training.FallbackWarning, match="Variant 'eager': model.fit trains") as told:
        run(eager, DATA, n_jobs=2, **{**SETTINGS, "epochs": 1})
    assert len(told) == 1  # for all three replicates


def test_errors_of_a_process_reach_the_reader():
    with pytest.raises(ReplicateError, match=r"Variant 'slow', replicate \d failed: ZeroDivision"):
        run(VARIANTS, DATA, measure=failing, n_jobs=2, **SETTINGS)


def test_threads_take_turns(serial):
    with joblib.parallel_config("threading", n_jobs=2):
        assert threads_for(None) == threads_for(1)
        assert_same(run(VARIANTS, DATA, measure=weights, **SETTINGS), serial)


# --- a cluster ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster():
    from distributed import Client, LocalCluster

    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(**settings) as cluster, Client(cluster):
        yield cluster


def on_cluster(*arguments, **settings):
    with joblib.parallel_config("dask"):
        return run(*arguments, **settings)


PAGE = Path(__file__).resolve().parents[2] / "book/appendix/more-machines.md"
ADDRESS = "tcp://scheduler.example:8786"


def test_the_page_on_more_machines_works_as_it_stands(cluster):
    """Only the address of the scheduler is another one."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    source = "\n".join(blocks)
    assert source.count(ADDRESS) == 1
    space = {"__name__": "__main__"}
    exec(source.replace(ADDRESS, cluster.scheduler_address), space)
    assert "val_accuracy" in set(space["results"]["metric"])
    for other in ("in_processes", "on_cluster"):
        pd.testing.assert_frame_equal(space["results"], space[other], rtol=1e-3)


def test_the_commands_on_the_page_exist():
    (commands,) = re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for line in commands.splitlines():
        words = line.partition("#")[0].split()
        done = subprocess.run(
            [sys.executable, "-m", *words[:2], "--help"], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert all(word in done.stdout for word in words if word.startswith("--"))


def killing(folder, after):
    """Return a measure that kills its process, but only once, after so many replicates."""

    @as_in_a_notebook
    def measure(model, data):
        if len(list(folder.glob("done-*"))) >= after:
            with contextlib.suppress(FileExistsError):
                (folder / "killed").touch(exist_ok=False)
                os.kill(os.getpid(), signal.SIGKILL)
        (folder / f"done-{uuid.uuid4().hex}").touch()
        return weights(model, data)

    return measure


def test_a_cluster_finishes_though_a_worker_is_killed_half_way(serial, cluster, tmp_path):
    with joblib.parallel_config("dask"):
        assert threads_for(None) == 1
        rows = run(VARIANTS, DATA, measure=killing(tmp_path, after=3), **SETTINGS)
    assert (tmp_path / "killed").exists()
    assert_same(rows, serial)


def test_a_cluster_names_the_replicate_that_fails(cluster):
    with pytest.raises(ReplicateError, match=r"Variant 'slow', replicate \d failed: ZeroDivision"):
        on_cluster({"slow": VARIANTS["slow"]}, DATA, measure=failing, **SETTINGS)


def test_a_replicate_that_kills_every_worker_is_given_up(cluster, tmp_path):
    @as_in_a_notebook
    def measure(model, data):
        os.kill(os.getpid(), signal.SIGKILL)

    cluster.scheduler.allowed_failures = 0  # the first death is the last
    settings = {**SETTINGS, "replicates": 1}
    with pytest.raises(ReplicateError, match="Variant 'slow', replicate 0 failed: KilledWorker"):
        on_cluster({"slow": VARIANTS["slow"]}, DATA, measure=measure, **settings)


# --- last, as it leaves no processes to work with ------------------------------------------------


def test_finished_replicates_outlive_a_process_that_dies(tmp_path):
    measure = killing(tmp_path, after=1)
    settings = {**SETTINGS, "cache": tmp_path / "cache", "measure": measure}
    with pytest.raises(ReplicateError, match="A process that trained died.* call run again"):
        run(VARIANTS, DATA, n_jobs=2, **settings)
    assert len(list((tmp_path / "cache").glob("*.json"))) >= 1
