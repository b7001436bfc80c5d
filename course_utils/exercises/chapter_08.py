"""Exercises of chapter 8: batch normalization."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercises._answer import Answer, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]

Floats = NDArray[np.float64]


# 8.1 How long does a moving average remember?


def _momentum_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    cases = []
    for left_over in (0, 0, 1, 1):
        size = int(rng.choice([32, 50, 64, 100, 128]))
        # A left-over batch of less than half the size: rounding the number of batches misses it.
        examples = size * int(rng.integers(8, 40)) + left_over * int(rng.integers(5, size // 2))
        share = round(float(rng.uniform(0.001, 0.05)), 4)
        cases.append([examples, size, int(rng.integers(2, 6)), share])
    return {"cases": cases}


def _momentum_call(case: list[Any]) -> str:
    return f"momentum_for({', '.join(map(str, case))})"


def _momentum_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {_momentum_call(case): attempt(answer, *case) for case in inputs["cases"]}


def _momentum_hint(value: float, examples: int, size: int, epochs: int, share: float) -> str:
    batches = math.ceil(examples / size)
    updates = epochs * batches
    mistakes = {
        "The last, smaller batch of an epoch makes an update as well.": share
        ** (1 / (epochs * (examples // size))),
        "The number of updates is a whole number, in each epoch.": share
        ** (size / (epochs * examples)),
        "Batches do not reach from one epoch into the next.": share
        ** (1 / math.ceil(epochs * examples / size)),
        "The averages move at every update, not once in an epoch.": share ** (1 / epochs),
        "This would be right for a single epoch.": share ** (1 / batches),
        "An update takes a batch, not a single example.": share ** (1 / (epochs * examples)),
        "This is the weight of the new batch. The momentum is that of the old value.": 1
        - share ** (1 / updates),
        "`share` is what is left of the start, not what has come in since.": (1 - share)
        ** (1 / updates),
        "The start is not used up along a straight line: each update keeps a factor.": 1
        - (1 - share) / updates,
        "This is what is left of the start if the momentum were `share`.": share**updates,
    }
    otherwise = "What is left of the start after one update, after two, after many?"
    return likely_mistake(value, mistakes, otherwise=otherwise, rtol=1e-7)


def _momentum_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    for divides in (True, False):
        hint = ""
        for case in inputs["cases"]:
            examples, size, epochs, share = case
            if (examples % size == 0) != divides:
                continue
            value = answer.number(_momentum_call(case))
            right = share ** (1 / (epochs * math.ceil(examples / size)))
            if not hint and not close(value, right, rtol=1e-6):
                hint = _momentum_hint(value, *case)
        kind = "of equal batches" if divides else "with a smaller last batch"
        yield part(
            1,
            not hint,
            right=f"Right for epochs {kind}.",
            wrong=f"Wrong for epochs {kind}. {hint}",
        )


MOVING_AVERAGE = Exercise(
    id="ch08-moving-average",
    title="How long does a moving average remember?",
    difficulty="warm-up",
    points=2,
    minutes=8,
    objective="choose the momentum of moving averages by the number of updates",
    name="momentum_for",
    inputs=_momentum_inputs,
    probe=_momentum_probe,
    judge=_momentum_judge,
)


# 8.2 Fold it into the layer behind

_FOLD_NAMES = ("gamma", "beta", "moving_mean", "moving_variance", "epsilon", "kernel", "bias")


def _fold_case(rng: np.random.Generator, n_in: int, n_out: int) -> dict[str, Any]:
    return {
        "gamma": rng.uniform(0.5, 2.0, n_in) * rng.choice([-1, 1], n_in),
        "beta": rng.normal(size=n_in),
        "moving_mean": rng.normal(size=n_in),
        "moving_variance": rng.uniform(0.1, 3.0, n_in),
        "epsilon": round(float(rng.uniform(0.05, 0.2)), 3),
        "kernel": rng.normal(size=(n_in, n_out)),
        "bias": rng.normal(size=n_out),
    }


def _fold_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    wide, square = int(rng.integers(5, 8)), int(rng.integers(3, 6))
    return {"cases": [_fold_case(rng, wide, wide - 2), _fold_case(rng, square, square)]}


def _fold_call(case: dict[str, Any]) -> str:
    n_in, n_out = case["kernel"].shape
    return f"fold_into_next(...) with a kernel of shape ({n_in}, {n_out})"


def _fold_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {_fold_call(case): attempt(answer, *_fold_arguments(case)) for case in inputs["cases"]}


def _fold_arguments(case: dict[str, Any]) -> list[Any]:
    return [
        case[name] if name == "epsilon" else np.array(case[name], float) for name in _FOLD_NAMES
    ]


def _folded(case: dict[str, Any]) -> tuple[Floats, Floats, Floats]:
    """Returns the scale of each input, the new kernel and the new bias."""
    scale = case["gamma"] / np.sqrt(case["moving_variance"] + case["epsilon"])
    shift = case["beta"] - case["moving_mean"] * scale
    return scale, scale[:, None] * case["kernel"], shift @ case["kernel"] + case["bias"]


def _kernel_hint(given: Floats, case: dict[str, Any]) -> str:
    scale, _, _ = _folded(case)
    kernel, gamma, variance = case["kernel"], case["gamma"], case["moving_variance"]
    mistakes = {
        "The kernel is unchanged.": kernel,
        "`epsilon` is missing under the root.": (gamma / np.sqrt(variance))[:, None] * kernel,
        "`epsilon` belongs under the root, beside the variance.": (
            gamma / (np.sqrt(variance) + case["epsilon"])
        )[:, None]
        * kernel,
        "The layer divides by the standard deviation, not by the variance.": (
            gamma / (variance + case["epsilon"])
        )[:, None]
        * kernel,
        "Where is `gamma`?": (scale / gamma)[:, None] * kernel,
        "`gamma` multiplies; what divides?": (gamma * np.sqrt(variance + case["epsilon"]))[:, None]
        * kernel,
        "It is upside down: what multiplies, what divides?": kernel / scale[:, None],
    }
    if kernel.shape[0] == kernel.shape[1]:
        mistakes[
            "That scales the outputs of the dense layer. Which axis of the kernel belongs to its "
            "inputs?"
        ] = kernel * scale
    return likely_mistake(
        given, mistakes, otherwise="Write the two layers below each other as one formula in h."
    )


def _bias_hint(given: Floats, case: dict[str, Any]) -> str:
    scale, folded, right = _folded(case)
    kernel, bias, beta, mean = (case[n] for n in ("kernel", "bias", "beta", "moving_mean"))
    mistakes = {
        "The bias is unchanged: the shift of the first layer has to go somewhere.": bias,
        "The bias that the dense layer had is lost.": right - bias,
        "`beta` is added after the scaling, so it is not scaled itself.": (beta - mean) @ folded
        + bias,
        "The mean is subtracted before the scaling, so it is scaled as well.": (beta - mean)
        @ kernel
        + bias,
        "Where is the mean?": beta @ kernel + bias,
        "Where is `beta`?": bias - mean @ folded,
        "Has the mean the right sign?": (beta + mean * scale) @ kernel + bias,
        "The shift goes through the kernel of the dense layer before it reaches the outputs; "
        "through the old one or through the new one?": (beta - mean * scale) @ folded + bias,
    }
    if kernel.shape[0] == kernel.shape[1]:
        mistakes[
            "The shift belongs to the inputs of the dense layer: it goes through its kernel before "
            "it reaches the outputs."
        ] = beta - mean * scale + bias
        mistakes["This is the bias for a layer that comes before the normalization."] = (
            beta + (bias - mean) * scale
        )
    return likely_mistake(
        given, mistakes, otherwise="What do the two layers put out when h is zero?"
    )


def _fold_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    # The square kernel first: with it a wrong axis raises no error, and can be named.
    cases = inputs["cases"][::-1]
    for place, what, points in ((0, "kernel", 2), (1, "bias", 2)):
        hint = ""
        for case in cases:
            _, kernel, bias = _folded(case)
            right = (kernel, bias)[place]
            given = answer.items(_fold_call(case)).array(str(place), right.shape)
            if not close(given, right, rtol=1e-5):
                hint = (_kernel_hint, _bias_hint)[place](given, case)
                break
        yield part(
            points,
            not hint,
            right=f"The new {what} is right.",
            wrong=f"The new {what} is wrong. {hint}",
        )


FOLD = Exercise(
    id="ch08-fold",
    title="Fold it into the layer behind",
    difficulty="core",
    points=4,
    minutes=20,
    objective="fold a normalization into the dense layer that follows it",
    name="fold_into_next",
    inputs=_fold_inputs,
    probe=_fold_probe,
    judge=_fold_judge,
)


# 8.3 The way back through group normalization

_CASES = ((7, 12, 1), (6, 12, 3))  # examples, units, groups
_PARTS = ("z", "gamma", "beta")


def _group_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    cases = []
    for examples, units, groups in _CASES:
        cases.append(
            {
                "z": rng.normal(rng.normal(size=units), 1.5, (examples, units)),
                "gamma": rng.uniform(0.4, 2.0, units) * rng.choice([-1, 1], units),
                "upstream": rng.normal(0.3, 1.0, (examples, units)),
                "groups": groups,
                "epsilon": round(float(rng.uniform(0.01, 0.1)), 3),
            }
        )
    return {"cases": cases}


def _group_call(case: dict[str, Any]) -> str:
    return f"group_gradients(..., groups={case['groups']}, ...)"


def _group_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        _group_call(case): attempt(
            answer,
            np.array(case["z"], float),
            np.array(case["gamma"], float),
            np.array(case["upstream"], float),
            case["groups"],
            case["epsilon"],
        )
        for case in inputs["cases"]
    }


def _split(values: Floats, groups: int) -> Floats:
    return values.reshape(len(values), groups, -1)


def _normalized(z: Floats, epsilon: float, axis: int) -> tuple[Floats, Floats]:
    spread = np.sqrt(z.var(axis, keepdims=True) + epsilon)
    return (z - z.mean(axis, keepdims=True)) / spread, spread


def _through(z: Floats, g: Floats, epsilon: float, axis: int) -> Floats:
    """Returns the gradient with respect to z from that with respect to the normalized z."""
    z_hat, spread = _normalized(z, epsilon, axis)
    along = (g * z_hat).mean(axis, keepdims=True)
    back: Floats = (g - g.mean(axis, keepdims=True) - z_hat * along) / spread
    return back


def _group_right(case: dict[str, Any]) -> dict[str, Floats]:
    z, upstream, groups = case["z"], case["upstream"], case["groups"]
    g = _split(upstream * case["gamma"], groups)
    z_hat, _ = _normalized(_split(z, groups), case["epsilon"], -1)
    return {
        "z": _through(_split(z, groups), g, case["epsilon"], -1).reshape(z.shape),
        "gamma": (upstream * z_hat.reshape(z.shape)).sum(axis=0),
        "beta": upstream.sum(axis=0),
    }


def _z_hint(given: Floats, case: dict[str, Any]) -> str:
    groups, epsilon, gamma = case["groups"], case["epsilon"], case["gamma"]
    z, upstream = _split(case["z"], groups), _split(case["upstream"], groups)
    g = _split(case["upstream"] * gamma, groups)
    z_hat, spread = _normalized(z, epsilon, -1)
    right = _through(z, g, epsilon, -1)
    centered = (g - g.mean(-1, keepdims=True)) / spread
    by_batch = _through(case["z"], case["upstream"] * gamma, epsilon, 0)
    along = z_hat * (g * z_hat).mean(-1, keepdims=True) / spread
    mistakes = {
        "Mean and standard deviation are treated as constants, but both depend on z.": g / spread,
        "The standard deviation depends on z as well as the mean.": centered,
        "The mean depends on z as well as the standard deviation.": g / spread - along,
        "Where is `gamma`?": _through(z, upstream, epsilon, -1),
        "`gamma` differs from unit to unit, so it cannot be taken out of the means over units.": (
            _split(gamma * _through(z, upstream, epsilon, -1).reshape(case["z"].shape), groups)
        ),
        "The division by the standard deviation is missing.": right * spread,
        "`epsilon` is missing.": _through(z, g, 0.0, -1),
        "Sums over the units of a group, where there should be means?": (
            g - g.sum(-1, keepdims=True) - z_hat * (g * z_hat).sum(-1, keepdims=True)
        )
        / spread,
        "The means go over the batch. Here they go over the units of one example.": _split(
            by_batch, groups
        ),
        "All units of an example are in one group: what about `groups`?": _split(
            _through(case["z"], case["upstream"] * gamma, epsilon, -1), groups
        ),
    }
    return likely_mistake(
        given,
        {hint: wrong.reshape(given.shape) for hint, wrong in mistakes.items()},
        otherwise="Compare with finite differences on a batch of one example and two units.",
        rtol=1e-4,
    )


def _gamma_hint(given: Floats, case: dict[str, Any]) -> str:
    z, upstream = case["z"], case["upstream"]
    z_hat = _normalized(_split(z, case["groups"]), case["epsilon"], -1)[0].reshape(z.shape)
    mistakes = {
        "`gamma` acts on every example of the batch: sum over them, no mean.": (
            upstream * z_hat
        ).mean(axis=0),
        "`gamma` multiplies the normalized z, not z itself.": (upstream * z).sum(axis=0),
        "`gamma` itself is no part of its own gradient.": (upstream * case["gamma"] * z_hat).sum(
            axis=0
        ),
        "These are normalized over the batch.": (
            upstream * _normalized(z, case["epsilon"], 0)[0]
        ).sum(axis=0),
        "This is the gradient with respect to beta.": upstream.sum(axis=0),
    }
    return likely_mistake(
        given, mistakes, otherwise="What does `gamma` multiply, and in how many places?", rtol=1e-4
    )


def _beta_hint(given: Floats, case: dict[str, Any]) -> str:
    upstream = case["upstream"]
    mistakes = {
        "`beta` acts on every example of the batch: sum over them, no mean.": upstream.mean(axis=0),
        "`beta` is added after the multiplication by `gamma`.": (upstream * case["gamma"]).sum(
            axis=0
        ),
    }
    return likely_mistake(
        given, mistakes, otherwise="In how many places is `beta` added?", rtol=1e-4
    )


def _group_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    cases = inputs["cases"]
    given = []
    for case in cases:
        parts = answer.items(_group_call(case))
        shapes = {name: right.shape for name, right in _group_right(case).items()}
        given.append({n: parts.array(str(k), shapes[n]) for k, n in enumerate(_PARTS)})
    both = list(zip(cases, given, strict=True))
    for name, hint in (("beta", _beta_hint), ("gamma", _gamma_hint)):
        wrong = [
            hint(found[name], case)
            for case, found in both
            if not close(found[name], _group_right(case)[name], rtol=1e-4)
        ]
        yield part(
            1,
            not wrong,
            right=f"The gradient with respect to {name} is right.",
            wrong=f"The gradient with respect to {name} is wrong. {' '.join(wrong[:1])}",
        )
    for points, (case, found) in zip((2, 1), both, strict=True):
        kind = "one group" if case["groups"] == 1 else f"{case['groups']} groups"
        yield part(
            points,
            close(found["z"], _group_right(case)["z"], rtol=1e-4),
            right=f"The gradient with respect to z is right for {kind}.",
            wrong=f"The gradient with respect to z is wrong for {kind}. "
            + _z_hint(found["z"], case),
        )


GROUP_NORMALIZATION = Exercise(
    id="ch08-group-normalization",
    title="The way back through group normalization",
    difficulty="stretch",
    points=5,
    minutes=35,
    objective="derive the gradient through a normalization over other axes",
    name="group_gradients",
    inputs=_group_inputs,
    probe=_group_probe,
    judge=_group_judge,
)

EXERCISES = [MOVING_AVERAGE, FOLD, GROUP_NORMALIZATION]
