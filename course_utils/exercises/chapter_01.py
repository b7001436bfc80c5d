"""Exercises of chapter 1: minimizing a function."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from course_utils.exercises._answer import Answer, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]


# 1.1 The largest stable learning rate


def _random_hessian(rng: np.random.Generator, size: int) -> Any:
    """Returns a symmetric matrix with positive eigenvalues, of shape (size, size)."""
    directions, _ = np.linalg.qr(rng.normal(size=(size, size)))
    curvatures = rng.uniform(1.0, 4.0, size) ** 3
    return (directions * curvatures) @ directions.T


def _limit_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"hessians": [_random_hessian(rng, size) for size in (2, 3, 5)]}


def _limit_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {f"stable_limit({len(h)} x {len(h)})": attempt(answer, h) for h in inputs["hessians"]}


def _limit_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    for points, hessian in zip((1, 0.5, 0.5), inputs["hessians"], strict=True):
        size = len(hessian)
        curvatures = np.linalg.eigvalsh(hessian)
        limit = answer.number(f"stable_limit({size} x {size})")
        hint = likely_mistake(
            limit,
            {
                "This is the limit along the smallest curvature; along the largest one steps "
                "with it already grow.": 2 / curvatures[0],
                "With this rate the steepest direction is at its end after one step. "
                "How much longer may a step be before it grows?": 1 / curvatures[-1],
                "This is the curvature, not yet the learning rate.": curvatures[-1],
                "The limit gets smaller with the curvature: look at the fraction.": curvatures[-1]
                / 2,
                "The entries on the diagonal are not the curvatures if the others are not 0.": 2
                / np.diag(hessian).max(),
            },
            otherwise="Which curvature decides, and by how much may a step overshoot?",
        )
        yield part(
            points,
            close(limit, 2 / curvatures[-1]),
            right=f"Right with {size} variables.",
            wrong=f"Wrong with {size} variables. {hint}",
        )


STABLE_LIMIT = Exercise(
    id="ch01-stable-limit",
    title="The largest stable learning rate",
    difficulty="warm-up",
    points=2,
    minutes=5,
    objective="compute from the Hessian which learning rates are stable",
    name="stable_limit",
    inputs=_limit_inputs,
    probe=_limit_probe,
    judge=_limit_judge,
)

EXERCISES = [STABLE_LIMIT]
