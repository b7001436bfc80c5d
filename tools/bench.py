"""Times ``training.fit`` beside ``model.fit`` on the networks of the source experiments.

The three ways take turns, one epoch each, so that whatever else the machine does hits all of them;
medians and ratios of medians go to a JSON file with versions and processor.

    python tools/bench.py --images 55000 --rounds 5 --output results/bench.json
"""

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_utils import training  # before keras: settles how TensorFlow starts

import keras  # isort: skip
import numpy as np  # isort: skip
from keras import layers  # isort: skip

EPOCHS = 10  # compile time counts as one of the costs of so many epochs
BATCH = 32
Network = tuple[list[Any], Any]


def leaky_relu() -> Network:
    """Leaky ReLU with slope 0.3, as in source D."""
    return _hidden((300, 100), "he_normal", lambda: layers.LeakyReLU(negative_slope=0.3)), _sgd()


def batch_normalization() -> Network:
    """Batch normalization before each activation, no biases, as in source D."""
    body: list[Any] = [layers.BatchNormalization()]
    for units in (300, 100):
        body += [
            layers.Dense(units, use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
        ]
    return body, _sgd()


def dropout() -> Network:
    """Dropout 0.2 before each layer, Nadam, as in source D."""
    body: list[Any] = [layers.Dropout(0.2)]
    for layer in _hidden((300, 100), "he_normal", lambda: layers.Activation("elu")):
        body += [layer] + [layers.Dropout(0.2)] * isinstance(layer, layers.Activation)
    return body, keras.optimizers.Nadam()


def max_norm() -> Network:
    """Weights of norm at most 1, Nadam, as in source D."""
    settings = {"kernel_constraint": keras.constraints.MaxNorm(1.0)}
    return _hidden((300, 100), "lecun_normal", "selu", **settings), keras.optimizers.Nadam()


def l2() -> Network:
    """Penalty 0.01 on the hidden layers, Nadam, after source D."""
    settings = {"kernel_regularizer": keras.regularizers.L2(0.01)}
    return _hidden((300, 100), "he_normal", "elu", **settings), keras.optimizers.Nadam()


def selu(depth: int) -> Callable[[], Network]:
    """So many hidden SELU layers, as in source D."""
    sizes = (300, *(depth - 1) * (100,))
    return lambda: (_hidden(sizes, "lecun_normal", "selu"), _sgd())


def sigmoid() -> Network:
    """Four sigmoid layers with Adam, as in source A."""
    return _hidden(4 * (50,), "glorot_uniform", "sigmoid"), keras.optimizers.Adam(0.001)


NETWORKS: dict[str, Callable[[], Network]] = {
    "leaky ReLU 300-100": leaky_relu,
    "batch normalization 300-100": batch_normalization,
    "dropout 300-100": dropout,
    "max-norm 300-100": max_norm,
    "l2 300-100": l2,
    "20 SELU layers": selu(20),
    "100 SELU layers": selu(100),
    "sigmoid 4 x 50": sigmoid,
}


def _sgd() -> Any:
    return keras.optimizers.SGD(0.001)


def _hidden(sizes: tuple[int, ...], initializer: str, activation: Any, **settings: Any) -> Any:
    body = []
    for units in sizes:
        named = activation if isinstance(activation, str) else None
        body.append(layers.Dense(units, named, kernel_initializer=initializer, **settings))
        body += [] if named else [activation()]
    return body


def build(name: str, **compilation: Any) -> Any:
    """Builds and compiles a network; the same weights each time."""
    keras.utils.set_random_seed(0)
    body, optimizer = NETWORKS[name]()
    model = keras.Sequential([keras.Input((784,)), *body, layers.Dense(10, activation="softmax")])
    model.compile(
        optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"], **compilation
    )
    return model


def ways(name: str, x: Any, y: Any) -> dict[str, Callable[[Any], Any]]:
    """Returns one epoch of training in each way, as functions of a callback."""
    plain, fast = build(name), build(name)
    steps = -(-len(x) // BATCH)
    best = build(name, steps_per_execution=steps, jit_compile=True)
    settings: dict[str, Any] = {"batch_size": BATCH, "epochs": 1}
    return {
        "model.fit": lambda end: plain.fit(x, y, verbose=0, callbacks=[end], **settings),
        "Keras's best settings": lambda end: best.fit(x, y, verbose=0, callbacks=[end], **settings),
        "training.fit": lambda end: training.fit(
            fast, x, y, progress=False, callbacks=[end], **settings
        ),
    }


class Clock(keras.callbacks.Callback):  # type: ignore[misc]
    """Times the epoch, and what comes before it.

    What comes after is left out: it is tf.data's tear-down, which stalls for a minute at times.
    """

    def __init__(self) -> None:
        super().__init__()
        self.created = time.perf_counter()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note when the epoch begins."""
        self.begin, self.busy = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Note what the epoch took."""
        end = time.perf_counter()
        self.seconds, self.before = end - self.begin, self.begin - self.created
        self.busy = time.process_time() - self.busy


def measure(name: str, x: Any, y: Any, rounds: int) -> dict[str, Any]:
    """Times one network in all ways; the first round of each also compiles."""
    runs = ways(name, x, y)
    seconds: dict[str, list[float]] = {way: [] for way in runs}
    before: dict[str, float] = {}
    processor: dict[str, list[float]] = {way: [] for way in runs}
    for _ in range(rounds + 1):
        for way, run in runs.items():
            clock = Clock()
            run(clock)
            seconds[way].append(clock.seconds)
            processor[way].append(clock.busy)
            before.setdefault(way, clock.before)
    epoch = {way: statistics.median(times[1:]) for way, times in seconds.items()}
    busy_epoch = {way: statistics.median(times[1:]) for way, times in processor.items()}
    start = {way: before[way] + max(seconds[way][0] - epoch[way], 0.0) for way in runs}
    total = {way: start[way] + EPOCHS * epoch[way] for way in runs}
    fast = total["training.fit"]
    return {
        "network": name,
        "seconds": seconds,
        "epoch": epoch,
        "processor_seconds_per_epoch": busy_epoch,
        "start": start,
        f"total_of_{EPOCHS}_epochs": total,
        "times_faster": {way: total[way] / fast for way in runs},
        "times_faster_without_start": {way: epoch[way] / epoch["training.fit"] for way in runs},
    }


def environment() -> dict[str, Any]:
    """Returns what a figure depends on besides the code."""
    names = ("keras", "numpy", "tensorflow", "tensorflow-cpu")
    found = {d.metadata["Name"].lower(): d.version for d in importlib.metadata.distributions()}
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "versions": {name: found[name] for name in names if name in found},
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
    }


def main() -> None:
    """Time the networks one after the other and write what is known after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=55000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--networks", nargs="*", default=list(NETWORKS), choices=list(NETWORKS))
    parser.add_argument("--output", type=Path, default=Path("results/bench.json"))
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    x = rng.random((options.images, 784), dtype=np.float32)
    y = rng.integers(0, 10, options.images)
    results: dict[str, Any] = {"images": options.images, "batch_size": BATCH, "networks": []}
    results["before"] = environment()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    for name in options.networks:
        result = measure(name, x, y, options.rounds)
        results["networks"].append(result)
        results["geometric_mean"] = {
            way: statistics.geometric_mean(n["times_faster"][way] for n in results["networks"])
            for way in result["times_faster"]
        }
        results["after"] = environment()
        options.output.write_text(json.dumps(results, indent=1))
        line = ", ".join(f"{way} {ratio:.2f}" for way, ratio in result["times_faster"].items())
        print(f"{name}: {line}; epoch {result['epoch']}; start {result['start']}", flush=True)


if __name__ == "__main__":
    main()
