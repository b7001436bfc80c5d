"""Exercises of chapter 6: optimizers."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course_utils.exercises._answer import Answer, WrongForm, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]

_TOLERANCE = 1e-4


# 6.1 A mean that starts at zero


def _means_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    betas = {"short": rng.uniform(0.5, 0.8), "long": rng.uniform(0.95, 0.99)}
    return {
        "cases": {
            name: {
                "values": (rng.uniform(2, 4) + rng.normal(size=int(rng.integers(8, 13)))).round(3),
                "beta": round(float(beta), 4),
            }
            for name, beta in betas.items()
        }
    }


def _means_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        f"running_means({name} memory)": attempt(answer, np.array(c["values"]), c["beta"])
        for name, c in inputs["cases"].items()
    }


def _means_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    for name, case in inputs["cases"].items():
        values, beta = np.asarray(case["values"]), case["beta"]
        means = answer.array(f"running_means({name} memory)", values.shape)
        t = np.arange(1, len(values) + 1)
        raw = _raw_means(values, beta)
        divisors = np.cumprod(1 - beta**t)
        yield part(
            1,
            close(means, raw / (1 - beta**t), rtol=_TOLERANCE),
            right=f"Right with a {name} memory.",
            wrong=f"Wrong with a {name} memory. "
            + likely_mistake(
                means,
                {
                    "These are the means before the correction: they start near zero.": raw,
                    "The first value has only the share 1 - beta, in every step: the sum of the "
                    "weights changes with the step.": raw / (1 - beta),
                    "The exponent runs ahead of the step: after the first value it is 1.": raw
                    / (1 - beta ** (t + 1)),
                    "The correction multiplies where it should divide.": raw * (1 - beta**t),
                    "Divide by what the weights add up to, not by a power of beta.": raw / beta**t,
                    "Beta and 1 - beta have changed places.": _raw_means(values, 1 - beta)
                    / (1 - (1 - beta) ** t),
                    "This is the ordinary mean of all values so far: nothing is forgotten.": (
                        np.cumsum(values) / t
                    ),
                    "The corrected mean is carried on; carry on the uncorrected one.": (
                        _carried_means(values, beta)
                    ),
                    "This starts from the first value in place of zero.": _raw_means(
                        values, beta, start=values[0]
                    ),
                    "The corrections of all steps are multiplied.": raw / divisors,
                },
                otherwise="Compute the means of the first two values on paper and compare.",
                rtol=_TOLERANCE,
            ),
        )


def _raw_means(values: Any, beta: float, start: float = 0.0) -> Any:
    means, m = [], start
    for value in values:
        m = beta * m + (1 - beta) * value
        means.append(m)
    return np.array(means)


def _carried_means(values: Any, beta: float) -> Any:
    means, m = [], 0.0
    for t, value in enumerate(values, 1):
        m = (beta * m + (1 - beta) * value) / (1 - beta**t)
        means.append(m)
    return np.array(means)


BIAS_CORRECTION = Exercise(
    id="ch06-bias-correction",
    title="A mean that starts at zero",
    difficulty="warm-up",
    points=2,
    minutes=8,
    objective="correct the bias of a running mean that starts at zero",
    name="running_means",
    inputs=_means_inputs,
    probe=_means_probe,
    judge=_means_judge,
)


# Bowls that nobody has seen before, for the two exercises that follow


def _random_bowl(rng: np.random.Generator, variables: int) -> dict[str, Any]:
    directions, _ = np.linalg.qr(rng.normal(size=(variables, variables)))
    curvatures = 10 ** rng.uniform(0, 1.3, variables)
    bowl = (directions * curvatures) @ directions.T
    return {
        "bowl": (bowl + bowl.T) / 2,
        "center": rng.uniform(-1, 1, variables),
        "start": (rng.choice([-1, 1], variables) * rng.uniform(2, 3, variables)).tolist(),
        "steps": int(rng.integers(25, 40)),
    }


def _slope(case: dict[str, Any]) -> Callable[[Any], Any]:
    bowl, center = np.asarray(case["bowl"]), np.asarray(case["center"])
    return lambda x: bowl @ (np.asarray(x, float) - center)


def _checked_path(answer: Answer, name: str, case: dict[str, Any]) -> Any:
    path = answer.array(name, (None, len(case["start"])))
    if len(path) != case["steps"] + 1:
        raise WrongForm(
            f"With steps={case['steps']}, `{name}` should return {case['steps'] + 1} points, the "
            f"start and one after each step, but it returns {len(path)}."
        )
    return path


def _hint_of_start(path: Any, case: dict[str, Any]) -> str:
    """Says what is wrong with the first point, or that nothing moves, or nothing."""
    if np.ptp(path, axis=0).max() == 0:
        return "All points are the same: are they copies, or one array that moves?"
    if not close(path[0], case["start"], rtol=_TOLERANCE):
        return "The first point should be the start."
    return ""


# 6.2 Adam


def _adam_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    settings = {
        "learning_rate": round(float(rng.uniform(0.05, 0.15)), 4),
        "beta_1": round(float(rng.uniform(0.7, 0.9)), 3),
        "beta_2": round(float(rng.uniform(0.95, 0.99)), 4),
        "epsilon": 1e-7,
    }
    bowl, other = _random_bowl(rng, 2), _random_bowl(rng, 4)
    # One weight has no gradient at all; epsilon keeps it from dividing zero by zero.
    other["bowl"][:, 0] = other["bowl"][0, :] = 0.0
    coarse = {**settings, "epsilon": round(float(rng.uniform(1, 3)), 3)}
    return {
        "in a bowl": {**bowl, **settings},
        "with a weight that has no gradient": {**other, **settings},
        "with a large epsilon": {**_random_bowl(rng, 3), **coarse},
    }


def _adam_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    names = ("learning_rate", "beta_1", "beta_2", "epsilon")
    return {
        f"adam({name})": attempt(
            answer,
            _slope(case),
            list(case["start"]),
            case["steps"],
            *(case[key] for key in names),
        )
        for name, case in inputs.items()
    }


def _adam_path(case: dict[str, Any], mistake: str = "") -> Any:
    """Returns Adam's path, or the path that a mistake makes of it."""
    beta_1, beta_2, epsilon = case["beta_1"], case["beta_2"], case["epsilon"]
    if mistake == "swapped":
        beta_1, beta_2 = beta_2, beta_1
    slope, x = _slope(case), np.array(case["start"], float)
    m, s, path = np.zeros_like(x), np.zeros_like(x), [x]
    for t in range(1, case["steps"] + 1):
        g = slope(x)
        if mistake == "norm":
            s = beta_2 * s + (1 - beta_2) * np.sum(g**2)
        elif mistake == "no square":
            s = beta_2 * s + (1 - beta_2) * np.abs(g)
        else:
            s = beta_2 * s + (1 - beta_2) * g**2
        m = beta_1 * m + (1 - beta_1) * g
        late = t + 1 if mistake == "late" else t
        m_hat = m if mistake in ("uncorrected", "m") else m / (1 - beta_1**late)
        s_hat = s if mistake in ("uncorrected", "s") else s / (1 - beta_2**late)
        if mistake == "carried":
            m, s = m_hat, s_hat
        if mistake == "no mean":
            m_hat = g
        root = s_hat if mistake == "no root" else np.sqrt(s_hat)
        below = np.sqrt(s_hat + epsilon) if mistake == "under the root" else root + epsilon
        with np.errstate(all="ignore"):
            step = case["learning_rate"] * m_hat / below
        x = x + step if mistake == "uphill" else x - step
        path.append(x)
    return np.array(path)


_ADAM_HINTS = {
    "It goes uphill: look at the sign.": "uphill",
    "Neither mean is corrected.": "uncorrected",
    "The mean of the gradients is not corrected.": "m",
    "The mean of the squares is not corrected.": "s",
    "The exponents of the correction run ahead: in the first step they are 1.": "late",
    "The corrected means are carried on; carry on the uncorrected ones.": "carried",
    "The two betas have changed places.": "swapped",
    "The root is missing.": "no root",
    "Epsilon is under the root; in the formula of the task it stands beside it.": "under the root",
    "Above the line stands the gradient itself, not its mean: this is RMSProp.": "no mean",
    "All entries are divided by one number; every weight has a mean square of its own.": "norm",
    "The second mean is one of squares.": "no square",
}


def _adam_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    points = (2, 1, 1)
    for worth, (name, case) in zip(points, inputs.items(), strict=True):
        path = _checked_path(answer, f"adam({name})", case)
        mistakes = {hint: _adam_path(case, mistake) for hint, mistake in _ADAM_HINTS.items()}
        hint = _hint_of_start(path, case) or likely_mistake(
            path,
            mistakes,
            otherwise="Compute the first step on paper: it is the learning rate long, in each "
            "coordinate that has a gradient, if epsilon is small.",
            rtol=_TOLERANCE,
        )
        yield part(
            worth,
            close(path, _adam_path(case), rtol=_TOLERANCE),
            right=f"The path {name} is right.",
            wrong=f"The path {name} is wrong. {hint}",
        )


ADAM = Exercise(
    id="ch06-adam",
    title="Adam",
    difficulty="core",
    points=4,
    minutes=20,
    objective="write Adam from its formula, with bias correction and epsilon in their places",
    name="adam",
    inputs=_adam_inputs,
    probe=_adam_probe,
    judge=_adam_judge,
)


# 6.3 Clip, adapt, decay


def _order_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    rate, decay = (float(rng.uniform(*ends)) for ends in ((0.05, 0.1), (0.3, 0.8)))
    plain = {"learning_rate": round(rate, 4), "decay": 0.0, "clip": 1e9}
    return {
        "with decay only": {**_random_bowl(rng, 3), **plain, "decay": round(decay, 3)},
        "with clipping only": {**_random_bowl(rng, 3), **plain, "clip": 5.0},
        "with both": {**_random_bowl(rng, 4), **plain, "decay": round(decay, 3), "clip": 5.0},
    }


def _order_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    names = ("learning_rate", "decay", "clip")
    return {
        f"train({name})": attempt(
            answer, _slope(case), list(case["start"]), case["steps"], *(case[k] for k in names)
        )
        for name, case in inputs.items()
    }


def _shortened(vector: Any, longest: float) -> Any:
    return vector * min(1.0, longest / max(float(np.linalg.norm(vector)), 1e-300))


def _order_path(case: dict[str, Any], mistake: str = "") -> Any:
    """Returns the path of clipping, RMSProp's step and decay, or what a mistake makes of it."""
    rate, decay, clip = case["learning_rate"], case["decay"], case["clip"]
    slope, x = _slope(case), np.array(case["start"], float)
    s, path = np.zeros_like(x), [x]
    for _ in range(case["steps"]):
        g = slope(x)
        if mistake == "penalty, then clip":
            g = g + decay * x
        if mistake == "by value":
            g = np.clip(g, -clip, clip)
        elif mistake == "always":
            g = g * clip / np.linalg.norm(g)
        elif mistake != "never":
            g = _shortened(g, clip)
        if mistake == "penalty":
            g = g + decay * x
        s = 0.9 * s + 0.1 * g**2
        step = rate * g / (np.sqrt(s) + 1e-7)
        shrink = rate * decay * x
        if mistake in ("penalty", "penalty, then clip", "no decay"):
            shrink = 0 * x
        elif mistake == "no rate":
            shrink = decay * x
        elif mistake == "late":
            shrink = rate * decay * (x - step)
        elif mistake == "grows":
            shrink = -shrink
        x = x - step - shrink
        path.append(x)
    return np.array(path)


_ORDER_HINTS = {
    "There is no decay.": "no decay",
    "Nothing is clipped: is it the gradient that the limit is compared with?": "never",
    "The decay is in the gradient, so that it is divided along with it: this is an l2 penalty.": (
        "penalty"
    ),
    "The decay is in the gradient, and is clipped and divided along with it: this is an l2 "
    "penalty.": "penalty, then clip",
    "The decay is not multiplied by the learning rate.": "no rate",
    "The weights shrink after the step; the formula takes the decay at the old point.": "late",
    "The decay makes the weights grow.": "grows",
    "Each entry is clipped by itself, which turns the gradient; its norm should be clipped.": (
        "by value"
    ),
    "Gradients shorter than the limit are made longer.": "always",
}


def _order_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    for worth, (name, case) in zip((2, 1.5, 1.5), inputs.items(), strict=True):
        path = _checked_path(answer, f"train({name})", case)
        mistakes = {hint: _order_path(case, mistake) for hint, mistake in _ORDER_HINTS.items()}
        hint = _hint_of_start(path, case) or likely_mistake(
            path,
            mistakes,
            otherwise="Go through one step on paper: gradient, clip, memory, step, decay.",
            rtol=_TOLERANCE,
        )
        yield part(
            worth,
            close(path, _order_path(case), rtol=_TOLERANCE),
            right=f"The path {name} is right.",
            wrong=f"The path {name} is wrong. {hint}",
        )


CLIP_OR_DECAY = Exercise(
    id="ch06-clip-or-decay",
    title="Clip, adapt, decay",
    difficulty="stretch",
    points=5,
    minutes=25,
    objective="put clipping, an adaptive step and weight decay together in the right order",
    name="train",
    inputs=_order_inputs,
    probe=_order_probe,
    judge=_order_judge,
)

EXERCISES = [BIAS_CORRECTION, ADAM, CLIP_OR_DECAY]
