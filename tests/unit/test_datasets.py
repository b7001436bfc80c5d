"""Splitting, scaling, and where the data come from."""

import contextlib
import functools
import gzip
import hashlib
import http.server
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import course_utils
from course_utils import _data_files as files
from course_utils import datasets
from course_utils.datasets import DataError, load, stratified_subset

ROOT = Path(__file__).resolve().parents[2]
TRAIN, TEST = 240, 60
TINY_CLASSES = ("a", "b", "c")
TINY_FILES = ("tiny-images.gz", "tiny-labels.gz", "tiny-test-images.gz", "tiny-test-labels.gz")


def tiny_arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    arrays = {}
    for part, size in (("train", TRAIN), ("test", TEST)):
        arrays[f"x_{part}"] = rng.integers(0, 256, (size, 28, 28), dtype=np.uint8)
        # Classes of unequal size: 1/2, 1/3, 1/6.
        arrays[f"y_{part}"] = rng.permutation(
            np.repeat([0, 1, 2], [size // 2, size // 3, size // 6])
        ).astype(np.uint8)
    arrays["x_train"][:, 0, 0] = 9  # a pixel of zero spread ...
    arrays["x_test"][:, 0, 0] = 200  # ... that differs in the test images
    return {key: arrays[key] for key in files.KEYS}


def source_of(arrays: dict[str, np.ndarray], keras_files: tuple[str, ...]) -> files.Source:
    digests = {key: hashlib.sha256(array.tobytes()).hexdigest() for key, array in arrays.items()}
    return files.Source("tiny", TINY_CLASSES, digests, "datasets/tiny", keras_files)


def write_idx(folder: Path, arrays: dict[str, np.ndarray]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(TINY_FILES, arrays.values(), strict=True):
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        (folder / name).write_bytes(gzip.compress(header + array.tobytes()))


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    return tiny_arrays()


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arrays: dict[str, np.ndarray]) -> Path:
    """A data set called "tiny" that exists nowhere yet: no checkout, no cache, no network."""
    monkeypatch.setitem(files.SOURCES, "tiny", source_of(arrays, ("tiny.npz",)))
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(files, "find_checkout", lambda: None)
    monkeypatch.setattr(files, "DOWNLOAD_BASE", "http://127.0.0.1:9/")  # nobody answers there
    return tmp_path


@pytest.fixture
def tiny(nowhere: Path, monkeypatch: pytest.MonkeyPatch, arrays: dict[str, np.ndarray]) -> Path:
    """The same data set, in $COURSE_DATA. Returns its file."""
    folder = nowhere / "course data"
    folder.mkdir()
    np.savez_compressed(folder / "tiny.npz", **arrays)
    monkeypatch.setenv("COURSE_DATA", str(folder))
    return folder / "tiny.npz"


# --- the real data -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", datasets.NAMES)
def test_real_data_have_the_documented_parts(name: str) -> None:
    data = load(name)
    assert data.x_train.shape == (55_000, 784)
    assert data.x_valid.shape == (5_000, 784)
    assert data.x_test.shape == (10_000, 784)
    assert {data.x_train.dtype, data.x_valid.dtype, data.x_test.dtype} == {np.dtype(np.float32)}
    for x, y in ((data.x_train, data.y_train), (data.x_valid, data.y_valid)):
        assert len(x) == len(y)
        assert x.min() == 0
        assert x.max() == 1
    assert np.array_equal(np.unique(data.y_train), np.arange(10))
    assert len(data.class_names) == 10
    assert np.issubdtype(data.y_train.dtype, np.integer)
    with np.load(ROOT / "data" / f"{name}.npz") as raw:
        assert np.array_equal(data.y_valid, raw["y_train"][:5_000])
        assert np.array_equal(data.x_train[0] * 255, raw["x_train"][5_000].ravel())
        assert np.array_equal(data.x_test[-1] * 255, raw["x_test"][-1].ravel())


def test_class_names_stand_in_the_order_of_the_labels() -> None:
    assert load("mnist", subset=1).class_names == tuple("0123456789")
    names = load("fashion_mnist", subset=1).class_names
    # Known first training image and first test image of Fashion-MNIST: two ankle boots.
    data = load("fashion_mnist", validation=0)
    assert names[data.y_train[0]] == names[data.y_test[0]] == "Ankle boot"
    assert names[5:8] == ("Sandal", "Shirt", "Sneaker")


def test_a_subset_of_balanced_data_is_exactly_balanced() -> None:
    data = load("fashion_mnist", subset=1_000, validation=0, test_subset=500)
    assert np.array_equal(np.bincount(data.y_train), np.full(10, 100))
    assert np.array_equal(np.bincount(data.y_test), np.full(10, 50))


def test_second_load_is_independent_of_the_first() -> None:
    first = load("mnist", subset=10)
    first.x_train[:] = -1
    first.y_train[:] = -1
    second = load("mnist", subset=10)
    assert second.x_train.min() == 0
    assert second.y_train.min() >= 0


def test_the_readme_lists_the_hashes_that_the_code_demands() -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for source in files.SOURCES.values():
        path = ROOT / "data" / f"{source.name}.npz"
        assert hashlib.sha256(path.read_bytes()).hexdigest() in text
        for digest in source.digests.values():
            assert digest in text


# --- splitting -----------------------------------------------------------------------------------

many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@many
@given(
    labels=st.lists(st.integers(0, 5), min_size=1, max_size=120),
    share=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_a_stratified_subset_keeps_shares_and_nests(
    labels: list[int], share: float, seed: int
) -> None:
    size = max(1, round(share * len(labels)))
    chosen = stratified_subset(labels, size, seed=seed)
    assert len(chosen) == size
    assert np.array_equal(chosen, np.unique(chosen))
    assert set(chosen) <= set(range(len(labels)))
    classes, total = np.unique(labels, return_counts=True)
    kept = np.array([np.sum(np.asarray(labels)[chosen] == label) for label in classes])
    quota = size * total / len(labels)
    # Bound of Webster's method: half a place, and the class's share of the others' halves.
    assert np.all(np.abs(kept - quota) <= 0.5 + len(classes) / 2 * total / len(labels) + 1e-9)
    larger = stratified_subset(labels, min(size + 3, len(labels)), seed=seed)
    assert set(chosen) <= set(larger)
    assert np.array_equal(chosen, stratified_subset(labels, size, seed=seed))


def test_another_seed_draws_other_images() -> None:
    labels = np.repeat([0, 1], 100)
    assert set(stratified_subset(labels, 50, seed=0)) != set(stratified_subset(labels, 50, seed=1))


@pytest.mark.parametrize(
    ("labels", "size", "words"),
    [
        ([0, 1], 0, "at least 1"),
        ([0, 1], -3, "at least 1"),
        ([0, 1], 3, "more than the 2 examples"),
        ([0, 1], 1.5, "whole number"),
        ([[0, 1]], 1, "shape"),
    ],
)
def test_stratified_subset_refuses(labels: object, size: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        stratified_subset(labels, size)  # type: ignore[arg-type]


@many
@given(
    validation=st.one_of(st.integers(0, TRAIN - 1), st.floats(0, 0.99)),
    split=st.sampled_from(["first", "stratified"]),
    seed=st.integers(0, 100),
)
def test_parts_are_disjoint_and_complete(
    tiny: Path, arrays: dict[str, np.ndarray], validation: float, split: str, seed: int
) -> None:
    data = load("tiny", validation=validation, split=split, seed=seed, scaling="none")  # type: ignore[arg-type]
    wanted = round(validation * TRAIN) if isinstance(validation, float) else validation
    assert len(data.x_valid) == len(data.y_valid) == wanted
    # Random images are all different, so that each can be found again.
    rows = {row.tobytes(): label for row, label in zip(data.x_train, data.y_train, strict=True)}
    rows |= {row.tobytes(): label for row, label in zip(data.x_valid, data.y_valid, strict=True)}
    raw = arrays["x_train"].reshape(TRAIN, -1).astype(np.float32)
    assert rows == {x.tobytes(): y for x, y in zip(raw, arrays["y_train"], strict=True)}


def test_the_first_images_are_held_out_by_default(
    tiny: Path, arrays: dict[str, np.ndarray]
) -> None:
    data = load("tiny", validation=20, scaling="none", flatten=False)
    assert np.array_equal(data.x_valid, arrays["x_train"][:20])
    assert np.array_equal(data.x_train, arrays["x_train"][20:])
    assert np.array_equal(data.y_train, arrays["y_train"][20:])
    assert data.x_train.shape[1:] == (28, 28)


def test_a_stratified_split_keeps_shares_and_is_seeded(tiny: Path) -> None:
    load_split = functools.partial(load, "tiny", validation=0.5, split="stratified")
    assert np.array_equal(np.bincount(load_split(seed=3).y_valid), [60, 40, 20])
    assert np.array_equal(load_split(seed=3).x_valid, load_split(seed=3).x_valid)
    assert not np.array_equal(load_split(seed=3).x_valid, load_split(seed=4).x_valid)


def test_subsets_are_nested_and_keep_labels_with_images(tiny: Path) -> None:
    def rows(size: int) -> set[tuple[bytes, int]]:
        data = load("tiny", validation=60, subset=size)
        assert len(data.x_train) == size
        assert len(data.x_valid) == 60
        return {(x.tobytes(), int(y)) for x, y in zip(data.x_train, data.y_train, strict=True)}

    assert rows(12) < rows(60) < rows(180)


# --- scaling -------------------------------------------------------------------------------------


@pytest.mark.parametrize("flatten", [True, False])
def test_standardization_is_fitted_on_the_training_part_only(
    tiny: Path, arrays: dict[str, np.ndarray], flatten: bool
) -> None:
    data = load("tiny", validation=40, subset=100, scaling="standard", flatten=flatten)
    raw = load("tiny", validation=40, subset=100, scaling="none", flatten=flatten)
    assert data.mean is not None
    assert data.std is not None
    assert data.mean.shape == data.x_train.shape[1:]
    reference = raw.x_train.astype(np.float64)
    mean, std = reference.mean(axis=0), reference.std(axis=0)
    np.testing.assert_allclose(data.mean, mean, rtol=1e-6)
    np.testing.assert_allclose(data.std, std, rtol=1e-5, atol=1e-6)
    varies = std > 0
    assert (~varies).sum() == 1
    for x, r in (
        (data.x_train, raw.x_train),
        (data.x_valid, raw.x_valid),
        (data.x_test, raw.x_test),
    ):
        expected = (r.astype(np.float64) - mean)[:, varies] / std[varies]
        np.testing.assert_allclose(x[:, varies], expected, rtol=1e-4, atol=1e-5)
        assert np.all(x[:, ~varies] == 0)  # also in the test images, where that pixel differs
    assert abs(data.x_test[:, varies].mean()) > 1e-4  # its own mean was not removed


@pytest.mark.parametrize(("scaling", "largest"), [("unit", 1.0), ("none", 255.0)])
def test_other_scalings(tiny: Path, scaling: str, largest: float) -> None:
    data = load("tiny", validation=0, scaling=scaling)  # type: ignore[arg-type]
    assert data.x_train.max() == largest
    assert data.mean is None
    assert data.std is None
    assert data.scaling == scaling
    assert len(data.x_valid) == 0


def test_repr_is_short_and_names_no_path(tiny: Path) -> None:
    assert repr(load("tiny", validation=40, subset=100)) == (
        "Dataset('tiny', train=(100, 784), valid=(40, 784), test=(60, 784), 'unit')"
    )


# --- wrong arguments -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"subset": 0}, "subset must be at least 1"),
        ({"subset": -1}, "subset must be at least 1"),
        ({"subset": 201}, "subset=201 is more than the 200 training examples"),
        ({"subset": 0.5}, "whole number"),
        ({"test_subset": 61}, "test_subset=61 is more than the 60 test examples"),
        ({"validation": TRAIN}, "must leave some"),
        ({"validation": -1}, "must leave some"),
        ({"validation": 1.0}, "below 1"),
        ({"validation": -0.1}, "below 1"),
        ({"validation": "5"}, "whole number"),
        ({"scaling": "minmax"}, "'unit', 'standard', 'none'"),
        ({"split": "last"}, "'first', 'stratified'"),
    ],
)
def test_wrong_arguments_are_named(tiny: Path, arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        load("tiny", **({"validation": 40} | arguments))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "nearest"), [("fashion-mnist", "fashion_mnist"), ("MNIST", None), ("mnits", "mnist")]
)
def test_an_unknown_name_suggests_the_nearest(name: str, nearest: str | None) -> None:
    with pytest.raises(ValueError, match=f"no data set '{name}'") as caught:
        load(name)
    if nearest is not None:
        assert f"Did you mean '{nearest}'?" in str(caught.value)
    assert "Known are: 'mnist', 'fashion_mnist'" in str(caught.value)


# --- where the data come from --------------------------------------------------------------------


def test_course_data_that_is_no_folder_is_not_passed_over(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_DATA", str(nowhere / "missing"))
    with pytest.raises(DataError, match=r"COURSE_DATA names .*missing.* no folder[\s\S]*unset"):
        load("tiny", validation=0)


def test_a_truncated_file_is_an_error_that_says_what_to_do(tiny: Path) -> None:
    load("tiny", validation=0)  # what was read before the file broke must not be used
    tiny.write_bytes(tiny.read_bytes()[:20_000])
    with pytest.raises(DataError, match=r"truncated[\s\S]*What to do: copy tiny\.npz"):
        load("tiny", validation=0)
    assert [path.name for path in tiny.parent.iterdir()] == ["tiny.npz"]


def test_one_changed_byte_is_noticed(tiny: Path, arrays: dict[str, np.ndarray]) -> None:
    arrays["y_test"][5] ^= 1
    np.savez_compressed(tiny, **arrays)
    with pytest.raises(DataError, match="SHA-256 of y_test"):
        load("tiny", validation=0)


def test_other_arrays_are_noticed(tiny: Path, arrays: dict[str, np.ndarray]) -> None:
    np.savez_compressed(tiny, x_train=arrays["x_train"])
    with pytest.raises(DataError, match="not a tiny file"):
        load("tiny", validation=0)


def test_a_checkout_is_found_from_a_folder_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site_packages = tmp_path / "site-packages" / "course_utils"
    monkeypatch.setattr(files, "__file__", str(site_packages / "_data_files.py"))
    monkeypatch.chdir(tmp_path)
    assert files.find_checkout() is None
    chapters = tmp_path / "repository" / "book" / "chapters"
    chapters.mkdir(parents=True)
    (tmp_path / "repository" / "data").mkdir()
    monkeypatch.chdir(chapters)
    assert files.find_checkout() is None  # any folder may be called data
    (tmp_path / "repository" / "course_utils").mkdir()
    (tmp_path / "repository" / "course_utils" / "datasets.py").touch()
    assert files.find_checkout() == tmp_path / "repository"


def test_a_broken_file_of_the_checkout_says_how_to_restore_it(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / "data").mkdir()
    (nowhere / "data" / "tiny.npz").write_bytes(b"PK")
    monkeypatch.setattr(files, "find_checkout", lambda: nowhere)
    with pytest.raises(DataError, match="git checkout -- data/tiny.npz"):
        load("tiny", validation=0)


def test_course_data_comes_before_the_checkout(
    tiny: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / "data").mkdir()
    (nowhere / "data" / "tiny.npz").write_bytes(tiny.read_bytes())
    monkeypatch.setattr(files, "find_checkout", lambda: nowhere)
    assert load("tiny", validation=0).source == str(tiny)
    tiny.unlink()
    assert load("tiny", validation=0).source == str(nowhere / "data" / "tiny.npz")


@pytest.mark.parametrize("broken", [False, True])
def test_without_a_network_every_place_is_named_and_nothing_stays(
    nowhere: Path, broken: bool
) -> None:
    cached = nowhere / "keras" / "datasets" / "tiny" / "tiny.npz"
    if broken:
        cached.parent.mkdir(parents=True)
        cached.write_bytes(b"half a file")
    with pytest.raises(DataError) as caught:
        load("tiny", validation=0)
    message = str(caught.value)
    places = ["$COURSE_DATA: not set", "checkout", "Keras's cache", "download by Keras"]
    assert [message.index(place) for place in places] == sorted(map(message.index, places))
    assert str(cached.parent) in message
    assert "http://127.0.0.1:9/tiny.npz" in message
    assert ("truncated" in message) == broken
    assert "What to do: connect to the network" in message
    assert [path.name for path in cached.parent.iterdir()] == (["tiny.npz"] if broken else [])


def test_keras_cache_of_idx_files_is_read(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, arrays: dict[str, np.ndarray]
) -> None:
    monkeypatch.setitem(files.SOURCES, "tiny", source_of(arrays, TINY_FILES))
    write_idx(nowhere / "keras" / "datasets" / "tiny", arrays)
    data = load("tiny", validation=0, scaling="none", flatten=False)
    assert np.array_equal(data.x_train, arrays["x_train"])
    assert np.array_equal(data.y_test, arrays["y_test"])


# --- downloads -----------------------------------------------------------------------------------


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder; can cut files short, or pause half way until told to go on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.cut = False
        self.requests = 0
        self.go = threading.Event()
        self.go.set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        content = (self.server.folder / self.path.lstrip("/")).read_bytes()
        if self.server.cut:
            content = content[: len(content) // 2]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])
        self.wfile.flush()
        self.server.requests += 1
        self.server.go.wait()
        with contextlib.suppress(OSError):  # the reader may have been killed
            self.wfile.write(content[len(content) // 2 :])

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, arrays: dict[str, np.ndarray]
) -> Iterator[Server]:
    folder = nowhere / "served"
    write_idx(folder, arrays)
    monkeypatch.setitem(files.SOURCES, "tiny", source_of(arrays, TINY_FILES))
    with Server(folder) as running:
        monkeypatch.setattr(files, "DOWNLOAD_BASE", running.address)
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.go.set()
        running.shutdown()
        thread.join()


def cache_of(folder: Path) -> Path:
    return folder / "keras" / "datasets" / "tiny"


def test_a_download_fills_keras_cache_and_is_used_again(
    nowhere: Path, server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    data = load("tiny", validation=0)
    assert data.source == server.address
    assert sorted(path.name for path in cache_of(nowhere).iterdir()) == sorted(TINY_FILES)
    assert server.requests == 4
    again = load("tiny", validation=0)
    assert server.requests == 4
    assert again.source == str(cache_of(nowhere))
    assert np.array_equal(again.x_train, data.x_train)
    assert capfd.readouterr().out == ""


def test_a_download_of_a_truncated_file_leaves_nothing(nowhere: Path, server: Server) -> None:
    server.cut = True
    with pytest.raises(DataError, match="download by Keras: .*truncated"):
        load("tiny", validation=0)
    assert list(cache_of(nowhere).iterdir()) == []
    server.cut = False
    assert len(load("tiny", validation=0).x_train) == TRAIN


def test_a_broken_file_in_keras_cache_is_replaced(nowhere: Path, server: Server) -> None:
    write_idx(cache_of(nowhere), tiny_arrays())
    broken = cache_of(nowhere) / TINY_FILES[0]
    broken.write_bytes(broken.read_bytes()[:-100])
    assert load("tiny", validation=0).source == server.address
    assert broken.read_bytes() == (server.folder / TINY_FILES[0]).read_bytes()


def test_a_cache_that_cannot_be_written_does_not_stop_a_download(
    nowhere: Path, server: Server
) -> None:
    (nowhere / "keras").write_text("a file where the folder should be", encoding="utf-8")
    assert len(load("tiny", validation=0).x_train) == TRAIN


def test_leftovers_of_a_killed_download_are_swept_after_a_day(
    nowhere: Path, server: Server
) -> None:
    names = {"old": time.time() - 100_000, "new": time.time()}
    for name, when in names.items():
        folder = cache_of(nowhere) / f".course-download-{name}"
        folder.mkdir(parents=True)
        os.utime(folder, (when, when))
    load("tiny", validation=0)
    left = {path.name for path in cache_of(nowhere).iterdir()}
    assert left == {*TINY_FILES, ".course-download-new"}


# The other tests use Keras's own get_file. Here it only costs seconds to import, twice.
CHILD = """
import sys, types, urllib.request
def get_file(name, origin, cache_dir, cache_subdir):
    urllib.request.urlretrieve(origin, cache_dir + "/" + name)
sys.modules["keras"] = types.SimpleNamespace(utils=types.SimpleNamespace(get_file=get_file))
sys.path.insert(0, {tests!r})
import test_datasets as t
t.files.SOURCES["tiny"] = t.source_of(t.tiny_arrays(), t.TINY_FILES)
t.files.DOWNLOAD_BASE = {address!r}
t.files.find_checkout = lambda: None
print(t.hashlib.sha256(t.load("tiny", validation=0).x_train).hexdigest())
"""


Child = subprocess.Popen[str]


@pytest.fixture
def start_child(nowhere: Path, server: Server) -> Iterator[Callable[[], Child]]:
    """Starts processes that load the data set from the server."""
    code = CHILD.format(tests=str(Path(__file__).parent), address=server.address)
    environment = {
        **{key: value for key, value in os.environ.items() if key != "COURSE_DATA"},
        "KERAS_HOME": str(nowhere / "keras"),
        "PYTHONPATH": str(Path(course_utils.__file__).parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with contextlib.ExitStack() as stack:

        def start() -> Child:
            child = subprocess.Popen(
                [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True
            )
            stack.enter_context(child)
            stack.callback(child.kill)
            return child

        yield start


def wait_for_requests(server: Server, number: int, *children: Child) -> None:
    while server.requests < number:
        assert all(child.poll() is None for child in children), "a child ended early"
        time.sleep(0.02)


def test_two_processes_download_at_once(
    nowhere: Path, server: Server, start_child: Callable[[], Child]
) -> None:
    server.go.clear()  # both stand half way through their first file
    children = [start_child() for _ in range(2)]
    wait_for_requests(server, 2, *children)
    server.go.set()
    printed = [child.communicate()[0] for child in children]
    assert [child.returncode for child in children] == [0, 0]
    expected = hashlib.sha256(load("tiny", validation=0).x_train).hexdigest()
    assert printed == [f"{expected}\n"] * 2
    assert sorted(path.name for path in cache_of(nowhere).iterdir()) == sorted(TINY_FILES)


def test_a_killed_download_is_never_taken_for_whole(
    nowhere: Path, server: Server, start_child: Callable[[], Child]
) -> None:
    server.go.clear()
    child = start_child()
    wait_for_requests(server, 1, child)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert not set(TINY_FILES) & {path.name for path in cache_of(nowhere).iterdir()}
    server.go.set()
    assert len(load("tiny", validation=0).x_train) == TRAIN
