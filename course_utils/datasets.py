"""MNIST and Fashion-MNIST, verified, split, scaled and ready for a network.

Example:
    >>> data = load("fashion_mnist", subset=10_000)
    >>> data
    Dataset('fashion_mnist', train=(10000, 784), valid=(5000, 784), test=(10000, 784), 'unit')
"""

import difflib
import math
import operator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils._data_files import SOURCES, Arrays, DataError, Source, read

__all__ = ["NAMES", "DataError", "Dataset", "load", "stratified_subset"]

NAMES = tuple(SOURCES)

Images = NDArray[np.float32]
Labels = NDArray[np.int64]
Scaling = Literal["unit", "standard", "none"]
Split = Literal["first", "stratified"]
_SCALINGS = ("unit", "standard", "none")
_SPLITS = ("first", "stratified")


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Images and labels of one data set, in three parts.

    Attributes:
        name: Name of the data set.
        x_train: Images to fit, float32 of shape ``(n_train, 784)`` or ``(n_train, 28, 28)``.
        y_train: Their labels, int64 of shape ``(n_train,)``, from 0 to 9.
        x_valid: Images to choose by, shaped alike.
        y_valid: Their labels.
        x_test: Images to judge by, once, shaped alike.
        y_test: Their labels.
        class_names: Name of each class, in the order of the labels.
        scaling: ``"unit"``, ``"standard"`` or ``"none"``: see :func:`load`.
        mean: For ``"standard"``, mean gray level (0 to 255) of each pixel over `x_train`, shaped
            like one image; otherwise None.
        std: For ``"standard"``, its standard deviation; otherwise None.
        source: File, folder or address that the data came from.
    """

    name: str
    x_train: Images
    y_train: Labels
    x_valid: Images
    y_valid: Labels
    x_test: Images
    y_test: Labels
    class_names: tuple[str, ...]
    scaling: Scaling
    mean: Images | None
    std: Images | None
    source: str

    def __repr__(self) -> str:
        parts = (("train", self.x_train), ("valid", self.x_valid), ("test", self.x_test))
        shapes = ", ".join(f"{part}={x.shape}" for part, x in parts)
        return f"Dataset({self.name!r}, {shapes}, {self.scaling!r})"


def load(
    name: str,
    *,
    subset: int | None = None,
    test_subset: int | None = None,
    validation: float = 5_000,
    split: Split = "first",
    scaling: Scaling = "unit",
    flatten: bool = True,
    seed: int = 0,
) -> Dataset:
    """Loads a data set in three parts: to fit, to choose by, to judge by.

    Looks in ``$COURSE_DATA``, then in ``data/`` of a checkout, then in Keras's own cache and
    download. The content is verified by SHA-256 wherever it came from. A second call in the same
    process reuses what was read, and returns fresh arrays.

    Args:
        name: ``"mnist"`` or ``"fashion_mnist"``.
        subset: Number of training images to keep, drawn from those that are not for validation.
            Every class keeps its share (see :func:`stratified_subset`); a smaller subset of the
            same seed is contained in a larger one. None keeps all.
        test_subset: Number of test images to keep, drawn in the same way.
        validation: Number of images held out of the 60,000, or their share as a float below 1.
        split: Which images are held out. ``"first"``: the first ones of the file, as most
            published results on these data have it. ``"stratified"``: a draw by `seed` in which
            every class has its share.
        scaling: ``"unit"`` divides the gray levels by 255. ``"standard"`` subtracts from each
            pixel its mean over `x_train` and divides by its standard deviation; a pixel that is
            the same in all of `x_train` teaches nothing and becomes 0 in every part. Rare pixels
            have tiny deviations, so values of 100 and more occur, the larger the smaller `subset`
            is. ``"none"`` keeps 0 to 255.
        flatten: Whether an image is a vector of 784 numbers or a matrix of 28 x 28.
        seed: Seed of every draw.

    Returns:
        The data set, with float32 images and int64 labels.

    Raises:
        ValueError: An argument is unknown or out of range, or asks for more images than there are.
        DataError: The data are missing, broken, or not those of this course.
    """
    source = _find_source(name)
    _check_choice("scaling", scaling, _SCALINGS)
    _check_choice("split", split, _SPLITS)
    raw, place = read(source)
    train_seed, valid_seed, test_seed = np.random.SeedSequence(seed).spawn(3)
    train, valid = _split(raw["y_train"], validation, split, valid_seed)
    if subset is not None:
        kept = _subset("subset", raw["y_train"][train], subset, train_seed, "training")
        train = train[kept]
    test = np.arange(len(raw["y_test"]))
    if test_subset is not None:
        test = _subset("test_subset", raw["y_test"], test_subset, test_seed, "test")
    images, mean, std = _scaled(raw, train, valid, test, scaling)
    if flatten:
        images = tuple(x.reshape(len(x), math.prod(x.shape[1:])) for x in images)
        mean, std = (None if array is None else array.reshape(-1) for array in (mean, std))
    return Dataset(
        name=name,
        x_train=images[0],
        y_train=raw["y_train"][train].astype(np.int64),
        x_valid=images[1],
        y_valid=raw["y_train"][valid].astype(np.int64),
        x_test=images[2],
        y_test=raw["y_test"][test].astype(np.int64),
        class_names=source.class_names,
        scaling=scaling,
        mean=mean,
        std=std,
        source=place,
    )


def stratified_subset(
    labels: ArrayLike, size: int, *, seed: int | np.random.SeedSequence = 0
) -> NDArray[np.int64]:
    """Draws `size` positions so that every class keeps its share of `labels`.

    Each class is shuffled, and the places are handed out by Webster's method (the divisors 1/2,
    3/2, 5/2, ...), so that subsets of the same seed are nested: 1,000 contain the 500.

    Args:
        labels: Class of each example, shape ``(n,)``.
        size: Number of examples to draw, from 1 to n.
        seed: Seed of the shuffle.

    Returns:
        Positions in increasing order, shape ``(size,)``.

    Raises:
        ValueError: `labels` are not one row, or `size` is not from 1 to n.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ValueError(f"labels must have shape (n,), not {labels.shape}.")
    return _subset("size", labels, size, seed, "")


def _subset(
    argument: str,
    labels: NDArray[Any],
    size: int,
    seed: int | np.random.SeedSequence,
    part: str,
) -> NDArray[np.int64]:
    size = _check_count(argument, size)
    available = " ".join(filter(None, (f"{len(labels):,}", part, "examples")))
    if size < 1:
        raise ValueError(f"{argument} must be at least 1, not {size}; None keeps all.")
    if size > len(labels):
        raise ValueError(f"{argument}={size:,} is more than the {available} there are.")
    rng = np.random.default_rng(seed)
    order = np.empty(len(labels))
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        order[members] = (np.arange(len(members)) + 0.5) / len(members)
    # Ties are broken by chance, else the last places would always go to the first classes.
    chosen = np.lexsort((rng.random(len(labels)), order))[:size]
    return np.sort(chosen).astype(np.int64)


def _split(
    labels: NDArray[np.uint8], validation: float, split: Split, seed: np.random.SeedSequence
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the positions for training and those for validation."""
    total = len(labels)
    if isinstance(validation, float):
        if not 0 <= validation < 1:
            raise ValueError(
                f"validation={validation} as a share must be at least 0 and below 1; "
                f"for a number of images give an integer."
            )
        size = round(validation * total)
    else:
        size = _check_count("validation", validation)
    if not 0 <= size < total:
        raise ValueError(
            f"validation={validation} must leave some of the {total:,} images for training: "
            f"give 0 to {total - 1:,}, or a share below 1."
        )
    held_out = np.zeros(total, dtype=bool)
    if split == "first":
        held_out[:size] = True
    elif size > 0:
        held_out[stratified_subset(labels, size, seed=seed)] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _scaled(
    raw: Arrays,
    train: NDArray[np.int64],
    valid: NDArray[np.int64],
    test: NDArray[np.int64],
    scaling: Scaling,
) -> tuple[tuple[NDArray[np.float32], ...], NDArray[np.float32] | None, NDArray[np.float32] | None]:
    """Returns the images of the three parts, and the mean and deviation they were scaled with."""
    images = tuple(
        raw[key][rows].astype(np.float32)
        for key, rows in (("x_train", train), ("x_train", valid), ("x_test", test))
    )
    if scaling == "unit":
        for x in images:
            x /= 255
    if scaling != "standard":
        return images, None, None
    mean = images[0].mean(axis=0, dtype=np.float64).astype(np.float32)
    std = images[0].std(axis=0, dtype=np.float64).astype(np.float32)
    factor = np.divide(1, std, out=np.zeros_like(std), where=std > 0)
    for x in images:
        x -= mean
        x *= factor
    return images, mean, std


def _find_source(name: str) -> Source:
    if name in SOURCES:
        return SOURCES[name]
    nearest = difflib.get_close_matches(str(name), SOURCES, n=1, cutoff=0.4)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    known = ", ".join(map(repr, SOURCES))
    raise ValueError(f"There is no data set {name!r}.{hint} Known are: {known}.")


def _check_choice(argument: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        known = ", ".join(map(repr, choices))
        raise ValueError(f"{argument} must be one of {known}, not {value!r}.")


def _check_count(argument: str, value: int) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise ValueError(f"{argument} must be a whole number, not {value!r}.") from None
