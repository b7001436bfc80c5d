"""Times ``training.fit`` beside ``model.fit`` on the networks of the source experiments.

The ways to train take turns, an epoch each, so that whatever else the machine does hits all of
them. Medians, ratios of medians, versions and processor go to a JSON file after each network.

    python tools/bench.py --output results/bench.json
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_utils import reproduction, training  # before keras: settles how TensorFlow starts

import keras  # isort: skip
import numpy as np  # isort: skip
import tensorflow as tf  # isort: skip
from keras import layers  # isort: skip
from tqdm.auto import tqdm  # isort: skip

FULL = 55_000  # images of a whole epoch, which the totals are for
EPOCHS = 10  # compile time counts as one of the costs of so many epochs
NETWORKS = (
    ("A", "baseline"), ("A", "activation"), ("A", "optimizer"), ("A", "batch normalization"),
    ("A", "dropout"), ("B", "SGD with decay"), ("C", "model 1"), ("D", "leaky ReLU"),
    ("D", "PReLU"), ("D", "batch normalization"), ("D", "exponential decay schedule"), ("D", "l2"),
    ("D", "dropout"), ("D", "max-norm"), ("D", "SELU, 100 hidden layers"),
)  # fmt: skip
WAYS = ("model.fit", "Keras's best settings", "training.fit")
Times = dict[str, list[float]]


class Clock(keras.callbacks.Callback):  # type: ignore[misc]
    """Times the epoch, and what comes before it.

    What comes after is left out: it is tf.data's tear-down, which stalls for a minute at times.
    """

    def __init__(self) -> None:
        super().__init__()
        self.created = time.perf_counter()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note when the epoch begins."""
        self.begin = time.perf_counter()
        self.before = self.begin - self.created

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Note what the epoch took."""
        self.seconds = time.perf_counter() - self.begin


def images(count: int, one_hot: bool) -> tuple[Any, Any]:
    """Returns random images and labels: arithmetic takes no longer on real ones."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, count)
    return rng.random((count, 784), np.float32), np.eye(10)[labels] if one_hot else labels


def ways(build: Callable[[], Any], count: int, batch_size: int) -> dict[str, Callable[..., Any]]:
    """Returns one epoch of training in each way, as functions of a callback."""
    models = {way: build() for way in WAYS}
    x, y = images(count, "sparse" not in str(models["model.fit"].loss))
    best = models["Keras's best settings"]
    best.compile(
        optimizer=best.optimizer,
        loss=best.loss,
        metrics=["accuracy"],
        steps_per_execution=-(-count // batch_size),
        jit_compile=True,
    )
    settings: dict[str, Any] = {"batch_size": batch_size, "epochs": 1}

    def keras_way(model: Any) -> Callable[..., Any]:
        return lambda end: model.fit(x, y, verbose=0, callbacks=[end], **settings)

    own = models["training.fit"]
    return {
        "model.fit": keras_way(models["model.fit"]),
        "Keras's best settings": keras_way(best),
        "training.fit": lambda end: training.fit(
            own, x, y, progress=False, callbacks=[end], **settings
        ),
    }


def take_turns(runs: Mapping[str, Callable[..., Any]], rounds: int) -> tuple[Times, Times]:
    """Runs all in turn; returns the seconds of each epoch and of what came before it."""
    epochs: Times = {way: [] for way in runs}
    before: Times = {way: [] for way in runs}
    for _ in range(rounds + 1):
        for way, run in runs.items():
            clock = Clock()
            run(clock)
            epochs[way].append(clock.seconds)
            before[way].append(clock.before)
    return epochs, before


def dense_shapes(model: Any) -> list[tuple[int, int]]:
    """Returns inputs and units of every dense layer."""
    return [tuple(layer.kernel.shape) for layer in model.layers if isinstance(layer, layers.Dense)]


def bare_products(shapes: Iterable[tuple[int, int]], batch_size: int) -> float:
    """Returns the seconds that NumPy needs for the matrix products of one step, and no more.

    For each layer the output, the gradient of the weights and, from the second on, of the input.
    """
    rng = np.random.default_rng(0)
    products = []
    for number, (inputs, units) in enumerate(shapes):
        x, w = rng.random((batch_size, inputs), np.float32), rng.random((inputs, units), np.float32)
        z, g = x @ w, np.empty_like(w)
        products += [(x, w, z), (x.T, z, g)] + [(z, w.T, np.empty_like(x))] * (number > 0)

    def step() -> None:
        for a, b, out in products:
            np.matmul(a, b, out=out)

    times = []
    for _ in range(7):
        begin = time.perf_counter()
        for _ in range(100):
            step()
        times.append((time.perf_counter() - begin) / 100)
    return statistics.median(times)


def measure(build: Callable[[], Any], batch_size: int, count: int, rounds: int) -> dict[str, Any]:
    """Times one network in all ways; the first round of each also compiles."""
    epochs, before = take_turns(ways(build, count, batch_size), rounds)
    scale = FULL / count
    epoch = {way: scale * statistics.median(times[1:]) for way, times in epochs.items()}
    start = {
        way: before[way][0] + max(epochs[way][0] - statistics.median(epochs[way][1:]), 0.0)
        for way in epochs
    }
    total = {way: start[way] + EPOCHS * epoch[way] for way in epochs}
    products = bare_products(dense_shapes(build()), batch_size) * FULL / batch_size
    return {
        "batch_size": batch_size,
        "seconds_per_epoch": epoch,
        "spread": {way: [scale * min(t[1:]), scale * max(t[1:])] for way, t in epochs.items()},
        "start": start,
        "seconds_of_10_epochs": total,
        "times_faster": {way: total[way] / total["training.fit"] for way in WAYS},
        "bare_products": products,
        "multiple_of_bare_products": epoch["training.fit"] / products,
    }


def source_network(source: str, name: str) -> tuple[Callable[[], Any], int]:
    """Returns what builds the network of a source experiment, and its batch size."""
    found = {(e.source, e.name): e for e in reproduction.EXPERIMENTS}[source, name]
    variant = next(iter(found.variants.values()))

    def build() -> Any:
        keras.utils.set_random_seed(0)
        return variant.build()

    return build, variant.batch_size or 32


def relu_network(width: int) -> Callable[[], Any]:
    """Returns what builds two hidden ReLU layers of one width."""

    def build() -> Any:
        keras.utils.set_random_seed(0)
        hidden = [layers.Dense(width, "relu"), layers.Dense(width, "relu")]
        model = keras.Sequential([keras.Input((784,)), *hidden, layers.Dense(10, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    return build


def peak_memory(way: str, count: int) -> float:
    """Returns the most megabytes that a fresh process held while it trained in one way."""
    command = [sys.executable, __file__, "--memory", way, "--images", str(count)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def train_and_tell_memory(way: str, count: int) -> None:
    """Trains one epoch and prints the peak of this process in megabytes."""
    build, batch_size = source_network("D", "leaky ReLU")
    ways(build, count, batch_size)[way](Clock())
    status = Path("/proc/self/status")
    if status.exists():  # Linux's ru_maxrss of a child begins with that of its parent
        lines = status.read_text(encoding="utf-8").splitlines()
        print(next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")))
    else:
        unit = 1024**2 if sys.platform == "darwin" else 1024  # macOS counts in bytes
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)


def store(results: dict[str, Any], output: Path) -> None:
    """Writes all at once or nothing, so that an interruption leaves the last good file."""
    results["environment"] = reproduction.environment() | {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "load": os.getloadavg()[0],
        "devices": [device.device_type for device in tf.config.list_physical_devices()],
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_suffix(".partial")
    partial.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    partial.replace(output)


def jobs(options: argparse.Namespace) -> list[tuple[str, str, Callable[[], Any]]]:
    """Returns all there is to measure: part of the results, name there, function that measures."""

    def timed(build: Callable[[], Any], batch_size: int) -> Callable[[], Any]:
        return lambda: measure(build, batch_size, options.images, options.rounds)

    found: list[tuple[str, str, Callable[[], Any]]] = [
        ("networks", f"{source}: {name}", timed(*source_network(source, name)))
        for source, name in NETWORKS
    ]
    found += [("batch_size", str(n), timed(relu_network(100), n)) for n in (8, 32, 128, 512)]
    found += [("width", str(n), timed(relu_network(n), 32)) for n in (30, 100, 300, 1000)]
    found += [
        ("peak_megabytes", way, lambda way=way: peak_memory(way, FULL))  # type: ignore[misc]
        for way in WAYS
    ]
    return found


def summarize(networks: Mapping[str, Any]) -> dict[str, Any]:
    """Returns geometric means and smallest ratios over the networks."""
    ratios = {way: [one["times_faster"][way] for one in networks.values()] for way in WAYS}
    return {
        "geometric_mean": {way: statistics.geometric_mean(all_) for way, all_ in ratios.items()},
        "smallest": {way: min(all_) for way, all_ in ratios.items()},
    }


def settings(options: argparse.Namespace) -> dict[str, Any]:
    """Returns how the results of this run are made."""
    return {"images": options.images, "rounds": options.rounds}


def stored(options: argparse.Namespace) -> dict[str, Any]:
    """Returns the results of an earlier run, if it was made in the same way; or an empty start."""
    if options.output.exists():
        found: dict[str, Any] = json.loads(options.output.read_text(encoding="utf-8"))
        if settings(options).items() <= found.items():
            return found
    return settings(options)


def main() -> None:
    """Time networks, batch sizes, widths and memory, and store what is known after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=27_500, help="images of a timed epoch")
    parser.add_argument("--rounds", type=int, default=3, help="epochs timed in each way")
    parser.add_argument("--output", type=Path, default=Path("results/bench.json"))
    parser.add_argument(
        "--only",
        default="",
        help="only names that hold this text; what is stored of others is kept",
    )
    parser.add_argument("--memory", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        train_and_tell_memory(options.memory, options.images)
        return
    chosen = [job for job in jobs(options) if options.only in f"{job[0]}/{job[1]}"]
    if not chosen:
        parser.error(f"nothing to measure has {options.only!r} in its name")
    results = stored(options) if options.only else settings(options)
    for part, name, work in (bar := tqdm(chosen, unit="network")):
        bar.set_description(name)
        results.setdefault(part, {})[name] = work()
        if part == "networks":
            results |= summarize(results["networks"])
        keras.backend.clear_session()
        store(results, options.output)


if __name__ == "__main__":
    main()
