"""Find, download and verify the files that hold the raw data sets.

:mod:`course_utils.datasets` is the public face. Here is only the question where the bytes come
from and whether they are the right ones; nothing is split or scaled.
"""

import contextlib
import gzip
import hashlib
import io
import os
import shutil
import socket
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[np.uint8]]

KEYS = ("x_train", "y_train", "x_test", "y_test")
DOWNLOAD_BASE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
DOWNLOAD_TIMEOUT = 60.0  # seconds without a byte; Keras itself would wait forever
_PRIVATE = ".course-download-"
_UNREADABLE = (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error)


class DataError(RuntimeError):
    """The data of a data set are missing, broken or not the ones of this course."""


@dataclass(frozen=True)
class Source:
    """What is known about one data set.

    Attributes:
        name: Name of the data set; its file in a data folder is ``NAME.npz``.
        class_names: Name of each class, in the order of the labels.
        digests: SHA-256 of the bytes of each array (C order), the same wherever they come from.
        keras_folder: Folder of Keras's files below ``~/.keras``.
        keras_files: Keras's files: one ``.npz``, or four gzipped IDX files in the order of `KEYS`.
    """

    name: str
    class_names: tuple[str, ...]
    digests: Mapping[str, str]
    keras_folder: str
    keras_files: tuple[str, ...]


SOURCES: dict[str, Source] = {
    "mnist": Source(
        name="mnist",
        class_names=tuple("0123456789"),
        digests={
            "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
            "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
            "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
            "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
        },
        keras_folder="datasets",
        keras_files=("mnist.npz",),
    ),
    "fashion_mnist": Source(
        name="fashion_mnist",
        class_names=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        digests={
            "x_train": "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
            "y_train": "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
            "x_test": "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
            "y_test": "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
        },
        keras_folder="datasets/fashion-mnist",
        keras_files=(
            "train-images-idx3-ubyte.gz",
            "train-labels-idx1-ubyte.gz",
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte.gz",
        ),
    ),
}


def read(source: Source) -> tuple[Arrays, str]:
    """Returns the verified raw arrays of a data set and the place where they were found.

    Looks in ``$COURSE_DATA``, then in ``data/`` of a checkout, then in Keras's cache, and
    at last lets Keras download. The arrays are read-only and shared between calls.

    Raises:
        DataError: Nothing was found (every place that was tried is named), a file in
            ``$COURSE_DATA`` or a checkout is broken or holds other data, or
            ``$COURSE_DATA`` is no folder.
    """
    tried: list[str] = []
    for place, folder, remedy in _data_folders(tried):
        path = folder / f"{source.name}.npz"
        if not path.is_file():
            tried.append(f"{place}: no file {path}")
            continue
        try:
            return _read_verified(source, [path]), str(path)
        except DataError as error:
            # Whoever put a file there meant it to be used: passing over it would hide the fault.
            raise DataError(f"{error}\nWhat to do: {remedy.format(file=path.name)}") from error
    return _read_from_keras(source, tried)


def _data_folders(tried: list[str]) -> Iterator[tuple[str, Path, str]]:
    """Yields (place, folder, what to do when the file in it is broken)."""
    setting = os.environ.get("COURSE_DATA", "")
    if setting:
        folder = Path(setting).expanduser()
        if not folder.is_dir():
            raise DataError(
                f"The environment variable COURSE_DATA names {setting!r}, which is no folder.\n"
                "What to do: set it to the folder that holds mnist.npz and fashion_mnist.npz, "
                "or unset it."
            )
        remedy = "copy {file} there again from data/ of the repository, or unset COURSE_DATA."
        yield "$COURSE_DATA", folder, remedy
    else:
        tried.append("$COURSE_DATA: not set")
    checkout = find_checkout()
    if checkout is None:
        tried.append(f"data/ of a checkout: none contains {Path.cwd()} or the package")
    else:
        remedy = "restore the file with: git checkout -- data/{file}"
        yield "data/ of the checkout", checkout / "data", remedy


def find_checkout() -> Path | None:
    """Returns the root of the checkout that the package or the current folder lies in."""
    here = Path.cwd()
    package = Path(__file__).resolve().parent
    # An installed package lies in site-packages; only a checkout has this beside it.
    for root in (package.parent, here, *here.parents):
        if (root / "data").is_dir() and (root / "course_utils" / "datasets.py").is_file():
            return root
    return None


def keras_home() -> Path:
    """Returns Keras's own folder: ``$KERAS_HOME``, else ``~/.keras``."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()


def _read_from_keras(source: Source, tried: list[str]) -> tuple[Arrays, str]:
    cache = keras_home() / source.keras_folder
    paths = [cache / name for name in source.keras_files]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        tried.append(f"Keras's cache: no {' and '.join(missing)} in {cache}")
    else:
        try:
            return _read_verified(source, paths), str(cache)
        except DataError as error:
            tried.append(f"Keras's cache: {error}")
    try:
        return _download(source, cache), DOWNLOAD_BASE
    except DataError as error:
        tried.append(f"download by Keras: {error}")
    places = "\n".join(f"  {number}. {place}" for number, place in enumerate(tried, start=1))
    raise DataError(
        f"The data set {source.name!r} was not found. Tried, in this order:\n{places}\n"
        f"What to do: connect to the network and try again, or copy {source.name}.npz from data/ "
        "of the course's repository into a folder and set the environment variable COURSE_DATA "
        "to that folder."
    )


def _download(source: Source, cache: Path) -> Arrays:
    """Lets Keras download into a private folder; only verified files reach Keras's cache.

    Keras writes straight to the final place. Killed half way, or run twice at once, it would
    leave a file there that later runs take for whole.
    """
    with _private_folder(cache) as (folder, keep):
        try:
            import keras  # only here: it is slow to import, and most readers have the files

            with _time_limit(), contextlib.redirect_stdout(io.StringIO()):
                for name in source.keras_files:
                    url = DOWNLOAD_BASE + name
                    keras.utils.get_file(name, origin=url, cache_dir=str(folder), cache_subdir="")
        except Exception as error:  # Keras raises plain Exception when the network fails
            raise DataError(str(error)) from error
        paths = [folder / name for name in source.keras_files]
        arrays = _read_verified(source, paths)
        if keep:
            for path in paths:
                path.replace(cache / path.name)  # atomic: whole or not at all
    return arrays


@contextlib.contextmanager
def _private_folder(cache: Path) -> Iterator[tuple[Path, bool]]:
    """Yields a folder of our own on the cache's file system, and whether the cache can be used."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _sweep(cache)
        holder = tempfile.TemporaryDirectory(prefix=_PRIVATE, dir=cache)
    except OSError:  # a read-only home: use the data once, keep nothing
        with tempfile.TemporaryDirectory(prefix=_PRIVATE) as name:
            yield Path(name), False
        return
    with holder as name:
        yield Path(name), True


def _sweep(cache: Path) -> None:
    """Removes what a killed download left behind a day ago or earlier."""
    for folder in cache.glob(f"{_PRIVATE}*"):
        if time.time() - folder.stat().st_mtime > 86_400:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(DOWNLOAD_TIMEOUT if before is None else before)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _read_verified(source: Source, paths: Sequence[Path]) -> Arrays:
    # The key has time and size, so that a file replaced on disk is read and verified again.
    stamps = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths)
    return _read_stamped(source.name, tuple(source.digests.items()), stamps)


@lru_cache(maxsize=4)
def _read_stamped(
    name: str, digests: tuple[tuple[str, str], ...], stamps: tuple[tuple[str, int, int], ...]
) -> Arrays:
    paths = [Path(path) for path, _, _ in stamps]
    where = str(paths[0] if len(paths) == 1 else paths[0].parent)
    try:
        arrays = _parse_npz(paths[0]) if len(paths) == 1 else _parse_idx(paths)
    except _UNREADABLE as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataError(f"{where} is truncated or not a {name} file ({reason}).") from error
    for key, expected in digests:
        array = np.ascontiguousarray(arrays[key])
        found = hashlib.sha256(array.data).hexdigest()
        if array.dtype != np.uint8 or found != expected:
            raise DataError(
                f"{where} does not hold the {name} of this course: the SHA-256 of {key} is "
                f"{found}, not {expected}."
            )
        array.flags.writeable = False
    return MappingProxyType(arrays)


def _parse_npz(path: Path) -> dict[str, NDArray[np.uint8]]:
    # Opened here, because np.load leaves a broken archive open.
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        return {key: file[key] for key in KEYS}


def _parse_idx(paths: Sequence[Path]) -> dict[str, NDArray[np.uint8]]:
    return {key: _parse_idx_file(path) for key, path in zip(KEYS, paths, strict=True)}


def _parse_idx_file(path: Path) -> NDArray[np.uint8]:
    """Reads one gzipped IDX file: two zero bytes, type 8, rank, big-endian sizes, the bytes."""
    with gzip.open(path, "rb") as file:
        content = file.read()
    if content[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path.name} is no IDX file of bytes")
    rank = content[3]
    shape = np.frombuffer(content, ">u4", count=rank, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)
