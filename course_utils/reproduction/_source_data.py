"""The data of the source experiments, each described by a small recipe.

A recipe is data itself: it can be compared, written down and sent to another process, and every
process makes the arrays on its own. Images are flat float32 vectors of 784 numbers.
"""

from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from course_utils import datasets

Validation = Literal["none", "first 5,000", "last 10,000", "test"]


class Arrays(SimpleNamespace):
    """What one training needs, and the number of the replicate it is for.

    Attributes:
        x_train: Images to fit, ``(n, 784)``.
        y_train: Their labels, ``(n,)``, or ``(n, 10)`` if one-hot.
        x_valid: Images to evaluate after every epoch, or None.
        y_valid: Their labels.
        x_test: Images to evaluate after training.
        y_test: Their labels, always whole numbers.
        replicate: Number of the replicate, from 0.
        task_b: For transfer, the data of the second task.
    """

    x_train: NDArray[Any]
    y_train: NDArray[Any]
    x_valid: NDArray[Any] | None
    y_valid: NDArray[Any] | None
    x_test: NDArray[Any]
    y_test: NDArray[Any]
    replicate: int = 0
    task_b: "Arrays | None" = None

    def but(self, **changes: Any) -> "Arrays":
        """Returns the same arrays, except for those that are given."""
        return Arrays(**(vars(self) | changes))


@dataclass(frozen=True)
class Recipe:
    """How the data of an experiment are made; call it with the number of the replicate.

    Attributes:
        dataset: ``"mnist"`` or ``"fashion_mnist"``.
        scaling: As for :func:`course_utils.datasets.load`.
        one_hot: Whether labels are rows with a single 1.
        train: Number of training images, counted from the first that is not held out.
        validation: What is evaluated after every epoch. The images of ``"first 5,000"`` and
            ``"last 10,000"`` are taken from the training images.
        fold: For cross-validation, which third of the training images is held out for
            validation: consecutive thirds, as scikit-learn's ``KFold(3)`` takes them.
        cut: For a trial run: number of images to keep in every part.
    """

    dataset: str
    scaling: datasets.Scaling = "unit"
    one_hot: bool = False
    train: int | None = None
    validation: Validation = "none"
    fold: int | None = None
    cut: int | None = None

    def __call__(self, replicate: int) -> Arrays:
        """Returns the arrays, the same for every replicate."""
        return _arrays(self).but(replicate=replicate)


@dataclass(frozen=True)
class Transfer:
    """Two tasks made of Fashion-MNIST; call it with the number of the replicate.

    Task A is to tell eight classes apart, task B the two others, from 200 images. The labels of
    both are renumbered from 0.

    Attributes:
        pair: The two classes of task B. None draws another pair for every replicate.
        drawn: Whether the images of task B are drawn; otherwise they are the first ones.
        images: Number of training images of task B.
        only_b: Whether to return the arrays of task B alone.
        cut: For a trial run: number of images to keep in every part.
    """

    pair: tuple[int, int] | None = (5, 6)
    drawn: bool = False
    images: int = 200
    only_b: bool = False
    cut: int | None = None

    def __call__(self, replicate: int) -> Arrays:
        """Returns the arrays of task A, which carry those of task B; or the latter alone."""
        rng = np.random.default_rng((20, replicate))
        first, second = sorted(self.pair or rng.choice(10, 2, replace=False).tolist())
        whole = _arrays(Recipe("fashion_mnist", validation="first 5,000"))
        task_a = _only(whole, [c for c in range(10) if c not in (first, second)])
        task_b = _only(whole, [first, second])
        rows = rng.permutation(len(task_b.y_train)) if self.drawn else slice(None)
        task_b = task_b.but(
            x_train=task_b.x_train[rows][: self.images],
            y_train=task_b.y_train[rows][: self.images],
        )
        if self.cut is not None:
            task_a, task_b = _cut(task_a, self.cut), _cut(task_b, self.cut)
        if self.only_b:
            return task_b.but(replicate=replicate)
        return task_a.but(replicate=replicate, task_b=task_b.but(replicate=replicate))


@lru_cache(maxsize=1)  # more would look like a memory leak to loky, which then ends the process
def _arrays(recipe: Recipe) -> Arrays:
    held_out = 5_000 if recipe.validation == "first 5,000" else 0
    data = datasets.load(recipe.dataset, validation=held_out, scaling=recipe.scaling)
    x, y = data.x_train[: recipe.train], data.y_train[: recipe.train]
    valid: tuple[Any, Any] = (None, None)
    if recipe.fold is not None:
        third = len(x) // 3
        rows = np.arange(recipe.fold * third, (recipe.fold + 1) * third)
        valid = x[rows], y[rows]
        x, y = np.delete(x, rows, axis=0), np.delete(y, rows)
    elif recipe.validation == "first 5,000":
        valid = data.x_valid, data.y_valid
    elif recipe.validation == "last 10,000":
        valid, x, y = (x[-10_000:], y[-10_000:]), x[:-10_000], y[:-10_000]
    elif recipe.validation == "test":
        valid = data.x_test, data.y_test
    arrays = Arrays(
        x_train=x,
        y_train=y,
        x_valid=valid[0],
        y_valid=valid[1],
        x_test=data.x_test,
        y_test=data.y_test,
    )
    if recipe.cut is not None:
        arrays = _cut(arrays, recipe.cut)
    if not recipe.one_hot:
        return arrays
    y_valid = None if arrays.y_valid is None else _one_hot(arrays.y_valid)
    return arrays.but(y_train=_one_hot(arrays.y_train), y_valid=y_valid)


def _one_hot(labels: NDArray[Any]) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = np.eye(10, dtype=np.float32)[labels]
    return rows


def _cut(arrays: Arrays, size: int) -> Arrays:
    parts: dict[str, Any] = {}
    for name in ("x_train", "y_train", "x_valid", "y_valid", "x_test", "y_test"):
        part = getattr(arrays, name)
        parts[name] = None if part is None else part[:size]
    return arrays.but(**parts)


def _only(arrays: Arrays, classes: list[int]) -> Arrays:
    """Keeps some classes and numbers them from 0."""
    number = np.full(10, -1)
    number[classes] = np.arange(len(classes))
    parts: dict[str, Any] = {}
    for part in ("train", "valid", "test"):
        x, y = getattr(arrays, f"x_{part}"), number[getattr(arrays, f"y_{part}")]
        parts |= {f"x_{part}": x[y >= 0], f"y_{part}": y[y >= 0]}
    return arrays.but(**parts)
