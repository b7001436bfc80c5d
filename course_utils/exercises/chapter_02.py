"""Exercises of chapter 2: neurons, losses and the perceptron."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from course_utils.exercises._answer import Answer, WrongForm, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]

_TOLERANCE = 1e-5  # single precision passes


# 2.1 Three distances


def _distance_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(5, 9))
    a = rng.normal(0.0, 3.0, size).round(3)
    change = rng.uniform(0.5, 3.0, size).round(3) * rng.choice((-1, 1), size)
    # Some entries are equal, some not, and the differences have both signs.
    change[:4] *= (0, 0, np.sign(change[2]), -np.sign(change[3]))
    change = rng.permutation(change)
    return {"vectors": [a, a + change], "words": _two_words(rng)}


def _two_words(rng: np.random.Generator) -> list[str]:
    """Returns two words of the same length that differ at some places."""
    while True:
        length, count = int(rng.integers(10, 14)), int(rng.integers(2, 5))
        word = rng.choice(list("abdeilmnorst"), length)
        other = word.copy()
        other[rng.choice(length, count, replace=False)] = rng.choice(list("cghkpuvz"), count)
        # As many letters as places would let a comparison of sets pass.
        if len(set(word.tolist()) ^ set(other.tolist())) not in (1, count):
            return ["".join(word), "".join(other)]


def _distance_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    found = {
        _called(kind, "vectors"): attempt(answer, *map(np.array, inputs["vectors"]), kind)
        for kind in ("euclidean", "manhattan", "hamming")
    }
    found[_called("hamming", "texts")] = attempt(answer, *inputs["words"], "hamming")
    return found


def _called(kind: str, what: str) -> str:
    return f"distance({what}, {kind!r})"


def _distance_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    a, b = (np.asarray(vector) for vector in inputs["vectors"])
    gaps, equal = b - a, a == b
    right = {
        "euclidean": (1, np.sqrt(np.sum(gaps**2))),
        "manhattan": (1, np.sum(np.abs(gaps))),
        "hamming": (0.5, np.sum(~equal)),
    }
    hints = {
        "This is the squared distance.": np.sum(gaps**2),
        "The differences are averaged, but they should be added up.": np.mean(np.abs(gaps)),
        "The squares are averaged, but they should be added up.": np.sqrt(np.mean(gaps**2)),
        "Differences of opposite sign cancel each other here.": np.sum(gaps),
        "Differences of opposite sign cancel each other.": -np.sum(gaps),
        "This is only the largest difference.": np.abs(gaps).max(),
        "These are the entries that agree.": np.sum(equal),
        "This is the share of the entries, not their number.": np.mean(~equal),
        "This counts the different vectors, not their different entries.": 1.0,
        "The order of the entries is lost in a set.": len(set(a.tolist()) ^ set(b.tolist())),
        **{f"This is the {kind.title()} distance.": value for kind, (_, value) in right.items()},
    }
    for kind, (points, expected) in right.items():
        yield _judge_number(answer, points, _called(kind, "vectors"), expected, hints)
    first, second = inputs["words"]
    differ = sum(p != q for p, q in zip(first, second, strict=True))
    hints = {
        "These are the letters that agree.": len(first) - differ,
        "This is the share of the letters, not their number.": differ / len(first),
        "This compares the texts as a whole: go through their letters.": 1.0,
        "The order of the letters is lost in a set.": len(set(first) ^ set(second)),
    }
    yield _judge_number(answer, 0.5, _called("hamming", "texts"), differ, hints)


def _judge_number(
    answer: Answer, points: float, name: str, expected: Any, hints: dict[str, Any]
) -> Part:
    """Judges a number; a wrong form costs no more than this part."""
    try:
        value = answer.number(name)
    except WrongForm as error:
        return Part(points, False, str(error))
    hint = likely_mistake(
        value, hints, otherwise="Work out a short example by hand and compare.", rtol=_TOLERANCE
    )
    return part(
        points,
        close(value, expected, rtol=_TOLERANCE),
        right=f"`{name}` is right.",
        wrong=f"`{name}` is wrong. {hint}",
    )


DISTANCES = Exercise(
    id="ch02-distances",
    title="Three distances",
    difficulty="warm-up",
    points=3,
    minutes=8,
    objective="compute the Euclidean, the Manhattan and the Hamming distance",
    name="distance",
    inputs=_distance_inputs,
    probe=_distance_probe,
    judge=_distance_judge,
)


# 2.2 Four losses

_SMALLEST = 1e-7  # what a probability of 0 is replaced by


def _loss_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    batch, outputs, classes = map(int, rng.permutation((3, 4, 5, 6, 7))[:3])
    errors = rng.uniform(0.1, 0.9, (batch, outputs)) * rng.choice((-1, 1), (batch, outputs))
    # Huber's loss must meet errors on both sides of 1, of both signs.
    errors[:2, :2] = np.array([[1.0, -1.0], [-1.0, 1.0]]) * rng.uniform(1.5, 4.0, (2, 2))
    y = rng.normal(0.0, 2.0, (batch, outputs))
    probabilities = rng.dirichlet(np.ones(classes), batch).clip(0.01)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = rng.integers(classes, size=batch)
    zeros = probabilities.copy()
    zeros[0, labels[0]] = 0.0
    zeros[1, (labels[1] + 1) % classes] = 0.0
    zeros /= zeros.sum(axis=1, keepdims=True)
    return {
        "numbers": [y, y + errors],
        "classes": [np.eye(classes)[labels], probabilities],
        "classes with a 0": [np.eye(classes)[labels], zeros],
    }


_LOSSES = (
    ("mse", "numbers", 1.0),
    ("mae", "numbers", 0.5),
    ("huber", "numbers", 1.0),
    ("cross-entropy", "classes", 1.0),
    ("cross-entropy", "classes with a 0", 0.5),
)


def _loss_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        f"loss({what}, {kind!r})": attempt(answer, *map(np.array, inputs[what]), kind)
        for kind, what, _ in _LOSSES
    }


def _loss_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    for kind, what, points in _LOSSES:
        y, predicted = (np.asarray(values) for values in inputs[what])
        if kind == "cross-entropy":
            expected, mistakes = _cross_entropy(y, predicted)
        else:
            expected, mistakes = _regression(kind, predicted - y)
        name = f"loss({what}, {kind!r})"
        try:
            value = _batch_of_losses(answer, name, y.shape)
        except WrongForm as error:
            log = "A logarithm of 0 is not finite, and 0 times it is no number."
            yield Part(
                points, False, f"{error} {log}" if "not finite" in str(error) else str(error)
            )
            continue
        hint = likely_mistake(
            value,
            mistakes,
            otherwise="Work it out by hand for one example.",
            rtol=_TOLERANCE,
            atol=1e-6,
        )
        yield part(
            points,
            close(value, expected, rtol=_TOLERANCE, atol=1e-6),
            right=f"`{name}` is right.",
            wrong=f"`{name}` is wrong. {hint}",
        )


def _batch_of_losses(answer: Answer, name: str, shape: tuple[int, int]) -> Any:
    """Returns one loss for each example.

    Raises:
        WrongForm: It is something else; the message says which axis is meant.
    """
    batch, outputs = shape
    hints = {
        (): "average over the outputs of an example, not over the batch as well.",
        (outputs,): "this is one for each output. Which axis is the batch?",
        (batch, outputs): "what the outputs of an example give has not been put together yet.",
    }
    for wrong, hint in hints.items():
        if _has_shape(answer, name, wrong):
            raise WrongForm(f"`{name}` should be one loss for each of {batch} examples: {hint}")
    return answer.array(name, (batch,))


def _has_shape(answer: Answer, name: str, shape: tuple[int, ...]) -> bool:
    try:
        answer.array(name, shape)
    except WrongForm:
        return False
    return True


def _regression(kind: str, errors: Any) -> tuple[Any, dict[str, Any]]:
    """Returns the losses of the examples, and what mistakes would give."""
    size = np.abs(errors)
    huber = np.where(size <= 1, size**2 / 2, size - 0.5)
    each = {"mse": errors**2, "mae": size, "huber": huber}
    mistakes = {
        "The losses of the outputs are added up, but they should be averaged.": each[kind].sum(1),
        "This is the root of it.": np.sqrt(each[kind].mean(axis=1)),
        "This is half of it.": each[kind].mean(axis=1) / 2,
        "Errors of opposite sign cancel each other.": errors.mean(axis=1),
        "Errors of opposite sign cancel each other: take each one's size.": -errors.mean(axis=1),
        "The mean is squared, but the squares should be averaged.": errors.mean(axis=1) ** 2,
        "For large errors the line must begin where the parabola ends, at 1/2: look at the "
        "constant.": np.where(size <= 1, size**2 / 2, size).mean(axis=1),
        "The parabola for small errors should have the slope 1 where the line begins: look at "
        "its factor.": np.where(size <= 1, size**2, size - 0.5).mean(axis=1),
        "The parabola for small errors and its value 1 at the border do not go with the line: "
        "look at its factor.": np.where(size <= 1, size**2, size).mean(axis=1),
        "The two cases are swapped.": np.where(size > 1, size**2 / 2, size - 0.5).mean(axis=1),
        "Large negative errors must count as large: compare the error's size.": np.where(
            errors <= 1, errors**2 / 2, errors - 0.5
        ).mean(axis=1),
        "This is the squared error's half for all errors: what about the large ones?": (
            errors**2 / 2
        ).mean(axis=1),
    }
    return each[kind].mean(axis=1), mistakes


def _cross_entropy(y: Any, predicted: Any) -> tuple[Any, dict[str, Any]]:
    """Returns the losses of the examples, and what mistakes would give."""
    logs = np.log(np.maximum(predicted, _SMALLEST))
    right = -(y * logs).sum(axis=1)
    wrong_clip = {
        f"A probability of 0 should be replaced by {_SMALLEST:g}, not by {small:g}.": -(
            y * np.log(np.maximum(predicted, small))
        ).sum(axis=1)
        for small in (1e-6, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 2.220446049250313e-16)
    }
    mistakes = {
        "The sign is missing: a loss is not negative.": -right,
        "The classes should be added up, not averaged.": right / y.shape[1],
        "This is the logarithm to base 2.": right / np.log(2),
        "This is the logarithm to base 10.": right / np.log(10),
        "Labels and predictions are swapped: whose logarithm is taken?": -(
            predicted * np.log(np.maximum(y, _SMALLEST))
        ).sum(axis=1),
        "The logarithms of all classes are added up: only the right class counts.": -logs.sum(1),
        "This is the loss of yes-or-no decisions, one for each class.": -(
            y * logs + (1 - y) * np.log(np.maximum(1 - predicted, _SMALLEST))
        ).sum(axis=1),
        "An example whose right class got the probability 0 was left out of the sum.": np.where(
            (y * predicted).sum(axis=1) > 0, right, 0.0
        ),
        **wrong_clip,
    }
    return right, mistakes


LOSSES = Exercise(
    id="ch02-losses",
    title="Four losses",
    difficulty="core",
    points=4,
    minutes=20,
    objective="write the common losses for a batch, on the right axis",
    name="loss",
    inputs=_loss_inputs,
    probe=_loss_probe,
    judge=_loss_judge,
)


# 2.3 The perceptron


def _perceptron_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    while True:
        separable, noisy = _points(rng, gap=0.3), _points(rng, gap=0.0)
        # One point with both labels: no line can be right. Two more labels are turned around.
        noisy["x"][7] = noisy["x"][4]
        noisy["y"][[7, 9, 11]] = 1 - noisy["y"][[4, 9, 11]]
        few = {name: values[:3] for name, values in noisy.items()}
        first = float(rng.uniform(0.05, 0.5)), float(rng.uniform(0.05, 0.5))
        inputs = {
            "one epoch": {**noisy, "learning_rate": first[0], "epochs": 1},
            "three examples": {**few, "learning_rate": first[0], "epochs": 1},
            "labels that contradict": {
                **noisy, "learning_rate": first[1], "epochs": int(rng.integers(5, 9)),
            },
            "labels that a line separates": {
                **separable, "learning_rate": first[1], "epochs": 300,
            },
        }  # fmt: skip
        if _shows_mistakes(inputs):
            return inputs


def _shows_mistakes(inputs: dict[str, Any]) -> bool:
    """Says whether every epoch matters, and no rounding decides about a mistake."""
    runs = {name: _learn(case) for name, case in inputs.items()}
    noisy = inputs["labels that contradict"]
    shorter = _learn({**noisy, "epochs": noisy["epochs"] - 1})["weights"]
    return bool(
        min(run["margin"] for run in runs.values()) > 1e-3
        and 3 <= len(runs["labels that a line separates"]["mistakes"]) < 60
        and np.abs(shorter - runs["labels that contradict"]["weights"]).max() > 1e-2
    )


def _points(rng: np.random.Generator, gap: float) -> dict[str, Any]:
    """Returns points on both sides of a random line, none nearer to it than the gap."""
    count, features = int(rng.integers(18, 26)), int(rng.integers(2, 5))
    normal = rng.normal(size=features)
    normal /= np.linalg.norm(normal)
    x = rng.normal(size=(count, features))
    side = x @ normal
    x += np.outer(np.sign(side) * gap, normal)
    # The first label is 0: with all weights 0 the unit says 1, so the rule starts at once.
    y = ((side > 0) == (side[0] <= 0)).astype(int)
    # The second one is 1, so that the first three examples already tell mistakes apart.
    order = np.arange(count)
    order[[1, y.argmax()]] = order[[y.argmax(), 1]]
    x, y = x[order], y[order]
    offset = rng.uniform(0.5, 1.0, features)
    return {"x": np.column_stack([np.ones(count), x + offset]), "y": y}


def _learn(case: dict[str, Any], variant: str = "") -> dict[str, Any]:
    """Runs the perceptron rule, or one of the mistakes that can be made with it."""
    x, y = np.asarray(case["x"], float), np.asarray(case["y"], float)
    rate = 1.0 if variant == "no rate" else case["learning_rate"]
    weights, mistakes, margin = np.zeros(x.shape[1]), [], np.inf
    for _ in range(case["epochs"]):
        before, count = weights.copy(), 0
        for row, label in zip(x, y, strict=True):
            z = row @ (before if variant == "batch" else weights)
            margin = min(margin, abs(z) or np.inf)
            said = float(z > 0) if variant == "strict" else float(z >= 0)
            said = z if variant == "no step" else said
            error = label - said
            count += error != 0
            change = {"sign": -error, "label": label}.get(variant, error)
            weights = weights + rate * change * row
        mistakes.append(count)
        if count == 0 or np.abs(weights).max() > 1e9:  # some mistakes lead far away
            break
    return {"weights": weights, "mistakes": mistakes, "margin": margin}


def _perceptron_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, case in inputs.items():
        x, y = np.array(case["x"]), np.array(case["y"])
        pair = attempt(answer, x, y, case["learning_rate"], case["epochs"])
        if isinstance(pair, tuple | list) and len(pair) == 2:
            pair = {"weights": pair[0], "mistakes": pair[1]}
        found[f"perceptron({name})"] = pair
    return found


def _perceptron_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    # The hint comes with the first fault, and a whole epoch tells more mistakes apart.
    points, has_hint = (1, 1, 0.5, 1), False
    for worth, (name, case) in zip(points, inputs.items(), strict=True):
        pair = answer.items(f"perceptron({name})")
        if not {"weights", "mistakes"} <= set(pair.names()):
            raise WrongForm("`perceptron` should return two things: the weights and the mistakes.")
        weights = pair.array("weights", (np.shape(case["x"])[1],))
        right = close(weights, _learn(case)["weights"], rtol=_TOLERANCE)
        hint = "" if right or has_hint else _hint_of_weights(weights, case)
        has_hint = has_hint or not right
        yield part(
            worth,
            right,
            right=f"`perceptron({name})`: the weights are right.",
            wrong=f"`perceptron({name})`: the weights are wrong. {hint}".strip(),
        )
    faults = [_fault_of_mistakes(answer, name, case) for name, case in inputs.items()]
    yield part(
        1.5,
        not any(faults),
        right="The mistakes are counted right, and learning stops at the right time.",
        wrong=next(filter(None, faults), ""),
    )


def _hint_of_weights(weights: Any, case: dict[str, Any]) -> str:
    hints = {
        "sign": "The weights run away from what they should learn: look at the sign of "
        "the difference.",
        "no rate": "The learning rate is missing.",
        "strict": "With all weights 0 the sum is 0: what does the unit say then?",
        "batch": "The weights must change after each example, before the next one is looked at.",
        "label": "The weights should change only when the unit is wrong, and in both directions.",
        "no step": "The unit says 0 or 1; here the sum itself is compared with the label.",
    }
    if not weights.any():
        return "They are still all 0: is the first epoch run to its end?"
    return likely_mistake(
        weights,
        {text: _learn(case, variant)["weights"] for variant, text in hints.items()},
        otherwise="Start with zeros, keep the order of the examples, and take the steps of the "
        "first three examples by hand.",
        rtol=_TOLERANCE,
    )


def _fault_of_mistakes(answer: Answer, name: str, case: dict[str, Any]) -> str:
    """Says what is wrong with the mistakes of a run, or nothing."""
    mistakes = answer.items(f"perceptron({name})").array("mistakes", (None,))
    expected = np.array(_learn(case)["mistakes"], float)
    if close(mistakes, expected):
        return ""
    if close(mistakes, np.cumsum(expected)):
        return "The mistakes should be counted anew in each epoch."
    if close(mistakes, expected[:-1]) and expected[-1] == 0:
        return "The last epoch, which has no mistakes, belongs to the list."
    if len(mistakes) > len(expected) and close(mistakes[: len(expected)], expected):
        return "Learning should stop after the first epoch without a mistake."
    if len(mistakes) < len(expected) and close(mistakes, expected[: len(mistakes)]):
        return "Learning stops too early: only an epoch without any mistake is the last one."
    if len(mistakes) != len(expected):
        return (
            f"`perceptron({name})`: there should be {len(expected)} numbers of mistakes, one for "
            f"each epoch, but there are {len(mistakes)}."
        )
    return (
        f"`perceptron({name})`: the numbers of mistakes are wrong. Each example is judged "
        "when its turn comes, before the weights change."
    )


PERCEPTRON = Exercise(
    id="ch02-perceptron",
    title="The perceptron rule",
    difficulty="stretch",
    points=5,
    minutes=25,
    objective="train a threshold unit by Rosenblatt's rule and see when it stops",
    name="perceptron",
    inputs=_perceptron_inputs,
    probe=_perceptron_probe,
    judge=_perceptron_judge,
)

EXERCISES = [DISTANCES, LOSSES, PERCEPTRON]
