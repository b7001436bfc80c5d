"""What goes to the process that trains a replicate, and what comes back."""

import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Outcome", "ReplicateError", "Task", "here"]


class ReplicateError(RuntimeError):
    """A replicate failed; the message names it and says why."""


def here() -> str:
    """Returns a name of this process among those of all machines."""
    return f"{platform.node()} {os.getpid()}"


@dataclass(frozen=True, eq=False)
class Task:
    """All that one replicate needs, but its data.

    Attributes:
        variant: Name of the variant.
        replicate: Number of the replicate, from 0.
        seed: Seed of weights, order, dropout and noise.
        build: Returns a compiled model.
        epochs: Number of epochs.
        batch_size: Examples in one step.
        callbacks: Returns callbacks, or None.
        fit: Further arguments of ``training.fit``.
        measure: Function of model and data that returns further metrics, or None.
        threads: Threads for an operation of TensorFlow, set in a worker process.
        parent: The process that made the task.
    """

    variant: str
    replicate: int
    seed: int
    build: Callable[[], Any]
    epochs: int
    batch_size: int
    callbacks: Callable[[], Any] | None
    fit: Mapping[str, Any]
    measure: Callable[[Any, Any], Mapping[str, float]] | None
    threads: int
    parent: str = field(default_factory=here)

    def __str__(self) -> str:
        return f"Variant {self.variant!r}, replicate {self.replicate}"

    def failed(self, error: BaseException, hint: str = "") -> ReplicateError:
        """Returns the error to raise for an `error` in this replicate, with a `hint`."""
        text = f"{self} failed: {type(error).__name__}: {error} {hint}"
        return ReplicateError(text.strip())


@dataclass
class Outcome:
    """What one replicate has given.

    Attributes:
        history: For each metric its values after epochs 1, 2, ...
        measured: What `measure` returned.
        seconds: Time of training.
        threads: Threads that an operation of TensorFlow used, which decides about rounding.
        warnings: Warnings in a worker process, where nobody would see them.
    """

    history: dict[str, list[float]]
    measured: dict[str, float]
    seconds: float
    threads: int
    warnings: list[tuple[type[Warning], str]] = field(default_factory=list)
