"""Exercises of chapter 4: vanishing and exploding gradients."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from course_utils.exercises._answer import Answer, WrongForm, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]

Floats = NDArray[np.float64]


# 4.1 The factor of a layer


def _spread_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    cases = []
    for wider in (True, False, True):
        small = int(rng.integers(20, 200))
        large = int(small * rng.uniform(1.6, 3.0))
        slope = round(float(rng.uniform(0.2, 0.7)), 2)
        cases.append([large, small, slope] if wider else [small, large, slope])
    return {"cases": cases}


def _spread_call(case: list[Any]) -> str:
    return f"critical_spread({case[0]}, {case[1]}, {case[2]})"


def _spread_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {_spread_call(case): attempt(answer, *case) for case in inputs["cases"]}


def _spread_hint(spread: float, terms: float, others: float, slope: float) -> str:
    mistakes = {
        "The answer is the one for the other direction: how many terms has the sum on the way "
        "forward, and how many on the way back?": 1 / (slope * np.sqrt(others)),
        "This is the variance of the weights; their standard deviation is asked for.": 1
        / (slope**2 * terms),
        "This is Glorot's compromise. Here each direction gets a value of its own.": np.sqrt(
            2 / (terms + others)
        )
        / slope,
        "The slope of the activation is missing from the factor.": 1 / np.sqrt(terms),
        "A flatter activation needs wider weights: on which side of the fraction is the slope?": (
            slope / np.sqrt(terms)
        ),
        "This is the factor of a layer whose weights have standard deviation 1. Which standard "
        "deviation makes the factor 1?": slope * np.sqrt(terms),
        "In a sum of independent terms the variances add up, not the standard deviations.": 1
        / (slope * terms),
        "The slope multiplies the spread itself, not the variance.": 1 / np.sqrt(slope * terms),
    }
    otherwise = "Write down by what a layer multiplies the spread, and set that to 1."
    return likely_mistake(spread, mistakes, otherwise=otherwise, rtol=1e-3)


def _spread_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    cases = inputs["cases"]
    given = [answer.array(_spread_call(case), (2,)) for case in cases]
    for column, direction in enumerate(("forward", "backward")):
        hint, passed = "", True
        for (fan_in, fan_out, slope), spreads in zip(cases, given, strict=True):
            terms, others = (fan_in, fan_out) if column == 0 else (fan_out, fan_in)
            if passed and not close(spreads[column], 1 / (slope * np.sqrt(terms)), rtol=1e-3):
                hint, passed = _spread_hint(spreads[column], terms, others, slope), False
        yield part(
            1,
            passed,
            right=f"Right for the way {direction}.",
            wrong=f"Wrong for the way {direction}. {hint}",
        )


CRITICAL_SPREAD = Exercise(
    id="ch04-critical-spread",
    title="The factor of a layer",
    difficulty="warm-up",
    points=2,
    minutes=10,
    objective="compute which spread of the weights keeps a signal or a gradient as it is",
    name="critical_spread",
    inputs=_spread_inputs,
    probe=_spread_probe,
    judge=_spread_judge,
)


# 4.2 A diagnosis function

_DIAGNOSES = ("healthy", "vanishing", "exploding", "signal lost")
# Of each made-up network: spread of the gradient at the first hidden layer over the last one,
# share of the signal's spread between examples, growth of the signal, spread of the gradient at
# the last hidden layer. Ranges keep clear of the limits in the task: 1 %, and 100 times.
_NETWORKS: tuple[tuple[tuple[float, float], ...], ...] = (
    # Healthy, though the output layer looks worse; though signal and gradient are small.
    ((0.02, 0.05), (0.02, 0.03), (0.3, 1.0), (0.02, 0.035)),
    ((5.0, 30.0), (0.3, 0.9), (0.5, 2.0), (0.05, 0.2)),
    ((0.3, 3.0), (0.3, 0.9), (1e-4, 2e-3), (1e-6, 1e-5)),
    # Vanishing: with a signal that shrinks but still tells examples apart; with a level one.
    ((1e-7, 1e-4), (0.7, 1.0), (1e-7, 1e-4), (0.005, 0.02)),
    ((3e-4, 3e-3), (0.05, 0.3), (0.3, 1.0), (0.05, 0.2)),
    # Exploding; the last of them so far that it overflows.
    ((300.0, 3e3), (0.5, 1.0), (0.5, 1.5), (0.2, 0.4)),
    ((1e5, 1e8), (0.5, 1.0), (0.5, 1.5), (0.2, 0.4)),
    ((np.nan, np.nan), (0.5, 1.0), (0.5, 1.5), (0.2, 0.4)),
    # Signal lost: with a gradient that vanishes as well; with one that does not.
    ((1e-7, 1e-4), (1e-6, 1e-4), (0.5, 1.5), (0.03, 0.06)),
    ((0.1, 5.0), (3e-4, 3e-3), (0.5, 1.5), (0.03, 0.06)),
)


def _path(rng: np.random.Generator, first: float, last: float, layers: int) -> Floats:
    """Returns numbers from first to last by about the same factor each, with some luck."""
    luck = np.exp(rng.normal(0, 0.15, layers))
    luck[[0, -1]] = 1
    return np.geomspace(first, last, layers) * luck


def _table(rng: np.random.Generator, ranges: tuple[tuple[float, float], ...]) -> dict[str, Any]:
    """Returns columns as ``diagnostics.layer_statistics`` has them, of a network made up."""
    ratio, share, growth, gradient = (
        np.exp(rng.uniform(*np.log(limits))) if limits[0] < limits[1] else np.nan
        for limits in ranges
    )
    layers = int(rng.integers(6, 21))
    overflows = bool(np.isnan(ratio))
    signal = _path(rng, 0.5, 0.5 * growth, layers)
    example = signal * _path(rng, min(0.95, 2 * share + 0.1), share, layers)
    back = _path(rng, gradient * (1e30 if overflows else ratio), gradient, layers)
    if overflows:
        back[: layers // 3] = np.nan
    signal, back = np.append(signal, 0.09), np.append(back, 0.3)
    example = np.append(example, signal[-1] * share * 0.25)
    names = [f"hidden_{number + 1}" for number in range(layers)] + ["output"]
    into = np.append(0.5, example[:-1])  # what enters each layer
    return {
        "layer": np.arange(1, layers + 2),
        "name": names,
        "type": ["Dense"] * (layers + 1),
        "activation": ["tanh"] * layers + ["softmax"],
        "signal_mean": rng.normal(0, 0.01, layers + 1),
        "signal_std": signal,
        "example_std": example,
        "preactivation_std": 1.2 * signal,
        "saturated": np.append(rng.uniform(0, 0.2, layers), np.nan),
        "dead": np.append(np.zeros(layers), np.nan),
        "weight_mean": rng.normal(0, 0.001, layers + 1),
        "weight_std": rng.uniform(0.05, 0.2, layers + 1),
        "gradient_std": back,
        "weight_gradient_std": into * back / 20,
        "weight_gradient_norm": into * back * 2.5,
    }


def _diagnose_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    tables = [_table(rng, ranges) for ranges in _NETWORKS]
    return {"tables": [tables[number] for number in rng.permutation(len(tables))]}


def _diagnose_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    import pandas as pd

    return {
        f"diagnose(table {number})": attempt(answer, pd.DataFrame(columns))
        for number, columns in enumerate(inputs["tables"], start=1)
    }


def _findings(columns: dict[str, Any]) -> tuple[str, float, float]:
    """Returns the diagnosis, the ratio of the gradients, and the share between examples."""
    gradient, example, signal = (
        np.asarray(columns[name], float)[:-1]
        for name in ("gradient_std", "example_std", "signal_std")
    )
    ratio, share = float(gradient[0] / gradient[-1]), float(example[-1] / signal[-1])
    if share < 0.01:
        return "signal lost", ratio, share
    if not np.isfinite(gradient).all():
        return "exploding", np.nan, share
    if ratio < 0.01:
        return "vanishing", ratio, share
    return ("exploding" if ratio > 100 else "healthy"), ratio, share


def _diagnose_hint(wanted: str, said: str, ratio: float) -> str:
    if {wanted, said} == {"vanishing", "exploding"}:
        return "Is the ratio upside down? The gradient runs from the last layer to the first."
    hints = {
        ("signal lost", "vanishing"): "If both hold, which of the two is to be named?",
        ("signal lost", "exploding"): "If both hold, which of the two is to be named?",
        ("signal lost", "healthy"): "Which column tells how much the examples differ?",
    }
    if said == "signal lost":
        return (
            "The examples still differ: compare example_std with signal_std of the same layer. "
            "Is the output layer left out?"
        )
    if wanted == "exploding" and np.isnan(ratio):
        return "Some gradients in this table are NaN, and NaN > 100 is False."
    if wanted == "healthy":
        return "Is the output layer left out, and are ratios of gradient_std compared?"
    otherwise = "Which column did you look at, in which layers, and is the output layer left out?"
    return hints.get((wanted, said), otherwise)


def _diagnose_wrong(wanted: str, said: str, ratio: float, share: float) -> str:
    if said not in _DIAGNOSES:
        return f"{said[:40]!r} is none of the four diagnoses in the task."
    gradient = "is not finite" if np.isnan(ratio) else f"is {ratio:.2g} times that at the last"
    return (
        f"You call a network {said!r} in which the gradient at the first hidden layer {gradient} "
        f"and in which {share:.2g} of the spread at the last hidden layer is between examples. "
        + _diagnose_hint(wanted, said, ratio)
    )


def _diagnose_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    said = [
        answer.text(f"diagnose(table {number})").strip()
        for number in range(1, len(inputs["tables"]) + 1)
    ]
    found = [_findings(columns) for columns in inputs["tables"]]
    both = list(zip(said, found, strict=True))
    # One answer for everything recognizes a kind by accident only.
    tells_apart = len({word for word in said if word in _DIAGNOSES}) > 1
    groups: dict[str, Callable[[str, float], bool]] = {
        "Healthy networks": lambda kind, ratio: kind == "healthy",
        "Vanishing gradients": lambda kind, ratio: kind == "vanishing",
        "Exploding gradients": lambda kind, ratio: kind == "exploding" and not np.isnan(ratio),
        "Gradients that are not finite": lambda kind, ratio: (
            kind == "exploding" and bool(np.isnan(ratio))
        ),
        "Lost signals": lambda kind, ratio: kind == "signal lost",
    }
    for points, (title, belongs) in zip((1, 1, 0.5, 0.5, 1), groups.items(), strict=True):
        wrong = [
            _diagnose_wrong(wanted, word, ratio, share)
            for word, (wanted, ratio, share) in sorted(both, key=lambda pair: pair[0] != "healthy")
            if belongs(wanted, ratio) and word != wanted
        ]
        if not wrong and not tells_apart:
            wrong = [f"Every network is {said[0]!r} to you."]
        yield part(
            points,
            not wrong,
            right=f"{title} are recognized.",
            wrong=f"{title} are not recognized. {' '.join(wrong[:1])}",
        )


DIAGNOSE = Exercise(
    id="ch04-diagnose",
    title="A diagnosis function",
    difficulty="core",
    points=4,
    minutes=20,
    objective="tell from the statistics of the layers what is wrong with a network",
    name="diagnose",
    inputs=_diagnose_inputs,
    probe=_diagnose_probe,
    judge=_diagnose_judge,
)


# 4.3 Other initializers

_KINDS = ("better", "worse", "unclear", "guessing")
_NAMES = ("orthogonal", "lecun_normal", "he_normal", "random_normal", "glorot_normal", "he_uniform")


def _interval(differences: Floats) -> tuple[float, float]:
    """Returns the mean and half the width of its 95 % interval."""
    error = float(stats.sem(differences))
    return float(np.mean(differences)), float(stats.t.ppf(0.975, len(differences) - 1)) * error


def _differences(rng: np.random.Generator, kind: str, seeds: int) -> Floats:
    """Returns differences to the first initializer whose mean and spread are just as wanted."""
    noise = rng.normal(size=seeds)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    mean, spread = {
        "better": (rng.uniform(0.012, 0.016), 0.003),
        "worse": (-rng.uniform(0.012, 0.016), 0.003),
        "unclear": (rng.uniform(0.018, 0.022), 0.07),
        "guessing": (-0.7, 0.01),
    }[kind]
    differences: Floats = mean + spread * noise
    return differences


def _trainings(rng: np.random.Generator, seeds: int) -> dict[str, Any]:
    """Returns initializers, seeds and what trainings from them give, each ``(5, seeds)``."""
    kinds = rng.permutation(_KINDS)
    # Some seeds start better than others, whatever the initializer: that is why they are paired.
    luck = rng.permutation(np.linspace(-0.04, 0.04, seeds)) + rng.normal(0, 0.004, seeds)
    first = rng.uniform(0.74, 0.78) + luck
    rows = [first] + [first + _differences(rng, kind, seeds) for kind in kinds]
    opposite = {"better": "worse", "worse": "better", "unclear": "better", "guessing": "guessing"}
    others = [
        [first + lift] + [first + lift + _differences(rng, opposite[kind], seeds) for kind in kinds]
        for lift in (0.05, -0.02)
    ]
    return {
        "initializers": ["glorot_uniform", *rng.permutation(_NAMES)[: len(_KINDS)].tolist()],
        "seeds": rng.choice(10_000, seeds, replace=False).tolist(),
        "val_accuracy": np.round(rows, 5),
        "accuracy": np.round(others[0], 5),
        "test_accuracy": np.round(others[1], 5),
    }


def _compare_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"comparisons": [_trainings(rng, seeds) for seeds in (5, 8)]}


def _compare_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for case in inputs["comparisons"]:
        calls: list[list[Any]] = []
        train = _recorded_training(case, calls)
        count = len(case["seeds"])
        result = attempt(answer, train, list(case["initializers"]), list(case["seeds"]))
        found[f"compare_initializers(..., {count} seeds)"] = result
        found[f"trainings with {count} seeds"] = calls
    return found


def _recorded_training(case: dict[str, Any], calls: list[list[Any]]) -> Callable[..., Any]:
    def train(initializer: str, seed: int) -> dict[str, float]:
        calls.append([str(initializer), int(seed)])
        if initializer not in case["initializers"]:
            raise ValueError(f"{initializer!r} is not in the list of initializers")
        if seed not in case["seeds"]:
            raise ValueError(f"{seed!r} is not in the list of seeds")
        place = case["initializers"].index(initializer), case["seeds"].index(seed)
        return {
            name: float(case[name][place]) for name in ("accuracy", "val_accuracy", "test_accuracy")
        }

    return train


def _compare_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    cases = inputs["comparisons"]
    yield _paired(answer, cases)
    tables = [_comparison(answer, case) for case in cases]
    found = list(zip(cases, tables, strict=True))
    yield _judged_differences(found)
    yield _judged_intervals(found)
    yield _judged_words(found)


def _paired(answer: Answer, cases: list[dict[str, Any]]) -> Part:
    hint = ""
    for case in cases:
        calls = answer.items(f"trainings with {len(case['seeds'])} seeds")
        done = set()
        for name in calls.names():
            call = calls.items(name)
            done.add((call.text("0"), call.number("1")))
        wanted = {(name, float(seed)) for name in case["initializers"] for seed in case["seeds"]}
        if done - wanted:
            hint = hint or "Some training used a seed or an initializer that was not asked for."
        elif wanted - done:
            hint = hint or (
                f"{len(wanted & done)} of {len(wanted)} combinations of initializer and seed were "
                "trained. A fair comparison gives the same luck to all."
            )
    return part(
        1,
        not hint,
        right="Every initializer is trained with the same seeds.",
        wrong=f"The trainings are not paired. {hint}",
    )


def _comparison(answer: Answer, case: dict[str, Any]) -> list[tuple[float, float, float, str]]:
    """Returns difference, low, high and verdict of all initializers but the first."""
    name = f"compare_initializers(..., {len(case['seeds'])} seeds)"
    result = answer.items(name)
    missing = [key for key in case["initializers"][1:] if key not in result.names()]
    if missing:
        raise WrongForm(
            f"`{name}` should be a dict with an entry for every initializer but the first, but "
            f"{missing[0]!r} is not in it."
        )
    rows = []
    for key in case["initializers"][1:]:
        row = result.items(key)
        lost = {"difference", "low", "high", "verdict"} - set(row.names())
        if lost:
            raise WrongForm(f"The entry for {key!r} has no {', '.join(sorted(lost))}.")
        numbers = (row.number("difference"), row.number("low"), row.number("high"))
        rows.append((*numbers, row.text("verdict").strip()))
    return rows


def _judged_differences(found: list[tuple[dict[str, Any], Any]]) -> Part:
    case, rows = found[0]
    given = [row[0] for row in rows]
    mean = {
        name: (case[name] - case[name][0]).mean(axis=1)[1:]
        for name in ("val_accuracy", "accuracy", "test_accuracy")
    }
    accuracy = case["val_accuracy"]
    mistakes = {
        "These are differences of training accuracies: a network that learns by heart wins.": mean[
            "accuracy"
        ],
        "These are differences of test accuracies. A comparison that leads to a choice must not "
        "see the test images.": mean["test_accuracy"],
        "The sign is turned around: the difference is this initializer minus the first.": -mean[
            "val_accuracy"
        ],
        "These are mean accuracies, not yet differences to the first initializer.": accuracy.mean(
            axis=1
        )[1:],
        "These compare the best seed of each: luck is what they measure.": (
            accuracy.max(axis=1) - accuracy[0].max()
        )[1:],
        "These are medians; means are asked for.": np.median(accuracy - accuracy[0], axis=1)[1:],
        "These come from a single seed.": (accuracy - accuracy[0])[1:, 0],
    }
    hint = likely_mistake(given, mistakes, otherwise="Which accuracy is compared?", atol=3e-4)
    right = all(
        close(
            [row[0] for row in rows],
            (case["val_accuracy"] - case["val_accuracy"][0]).mean(axis=1)[1:],
            rtol=0,
            atol=3e-4,
        )
        for case, rows in found
    )
    wrong = f"The differences are wrong. {hint}"
    return part(1, right, right="The differences are right.", wrong=wrong)


def _judged_intervals(found: list[tuple[dict[str, Any], Any]]) -> Part:
    rows = [
        (others - case["val_accuracy"][0], others, case["val_accuracy"][0], row)
        for case, table in found
        for others, row in zip(case["val_accuracy"][1:], table, strict=True)
    ]
    given = [(high - low) / 2 for *_, (_, low, high, _) in rows]
    halves = [_interval(differences)[1] for differences, *_ in rows]
    middles = [(high + low) / 2 for *_, (_, low, high, _) in rows]
    hint = "The difference should lie in the middle between `low` and `high`."
    is_centered = close(middles, [mean for *_, (mean, *_) in rows], rtol=0, atol=3e-4)
    passed = is_centered and close(given, halves, rtol=0, atol=3e-4)
    if is_centered and not passed:
        hint = _interval_hint(given, [(first, others) for _, others, first, _ in rows])
        if not hint:
            is_right = close(middles, [d.mean() for d, *_ in rows], rtol=0, atol=3e-4)
            hint = (
                "Take the 95 % interval of Student's t for the mean of the paired differences."
                if is_right
                else "They belong to wrong differences: correct those first."
            )
    return part(
        1,
        passed,
        right="The intervals are right.",
        wrong=f"The intervals are wrong. {hint}",
    )


def _interval_hint(given: list[float], pairs: list[tuple[Floats, Floats]]) -> str:
    """Names the mistake that fits all intervals, or none: one of them may fit by accident."""
    mistakes = [_interval_mistakes(*pair) for pair in pairs]
    for same_mistake in zip(*mistakes, strict=True):
        if close(given, [half for _, half in same_mistake], rtol=0, atol=3e-4):
            return str(same_mistake[0][0])
    return ""


def _interval_mistakes(first: Floats, others: Floats) -> list[tuple[str, float]]:
    """Returns hints, each with half the width that an interval gets by this mistake."""
    differences, count = others - first, len(first)
    error, spread = float(stats.sem(differences)), float(np.std(differences, ddof=1))
    t, normal = float(stats.t.ppf(0.975, count - 1)), 1.96
    unpaired = float(np.sqrt(stats.sem(first) ** 2 + stats.sem(others) ** 2))
    groups = (
        "These intervals are for independent groups. The same seeds were used for both, so the "
        "differences come pair by pair."
    )
    single = (
        "These intervals show how far single replicates scatter, not how well their mean is known."
    )
    narrow = "These intervals use the normal distribution: too narrow for so few replicates."
    ddof = "The replicates scatter around their own mean: a degree of freedom is lost (ddof=1)."
    return [
        (groups, unpaired * t),
        (groups, unpaired * normal),
        (groups, unpaired * float(stats.t.ppf(0.975, 2 * count - 2))),
        (
            groups,
            float(stats.ttest_ind(others, first, equal_var=False).confidence_interval().high)
            - float(np.mean(differences)),
        ),
        (single, spread),
        (single, spread * normal),
        (single, spread * t),
        (single, float(np.std(differences))),
        (narrow, error * normal),
        ("These intervals are one standard error wide on each side: that is not 95 %.", error),
        (ddof, error * t * np.sqrt(1 - 1 / count)),
        (ddof, error * normal * np.sqrt(1 - 1 / count)),
        (
            "These intervals leave out 5 % on each side, so they hold 90 %.",
            error * float(stats.t.ppf(0.95, count - 1)),
        ),
    ]


def _judged_words(found: list[tuple[dict[str, Any], Any]]) -> Part:
    hint = ""
    for case, rows in found:
        accuracy = case["val_accuracy"]
        for others, row in zip(accuracy[1:], rows, strict=True):
            mean, half = _interval(others - accuracy[0])
            wanted = "no clear difference" if abs(mean) < half else "worse"
            wanted = "better" if mean > half else wanted
            if row[3] != wanted and not hint:
                hint = _words_hint(row[3], wanted)
    return part(1, not hint, right="The verdicts are right.", wrong=f"Wrong verdicts. {hint}")


def _words_hint(said: str, wanted: str) -> str:
    if said not in ("better", "worse", "no clear difference"):
        return f"{said[:40]!r} is none of the three verdicts in the task."
    if wanted == "no clear difference":
        return f"An initializer whose paired interval holds zero is called {said!r}."
    if said == "no clear difference":
        return "A small difference that is there with every seed is overlooked: is it paired?"
    return f"An initializer that is {wanted} is called {said!r}."


COMPARE_INITIALIZERS = Exercise(
    id="ch04-compare-initializers",
    title="Other initializers",
    difficulty="core",
    points=4,
    minutes=30,
    objective="compare initializers fairly and say only what the replicates support",
    name="compare_initializers",
    inputs=_compare_inputs,
    probe=_compare_probe,
    judge=_compare_judge,
)


# 4.4 An activation with a fixed point


def _fixed_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    # The last one's fixed point repels.
    ranges = (((0.8, 1.2), (0.3, 0.6)), ((1.5, 2.0), (0.7, 1.1)), ((0.5, 0.7), (1.5, 1.8)))
    cases = [[round(float(rng.uniform(*limits)), 2) for limits in pair] for pair in ranges]
    for case, sign in zip(cases, rng.permutation([-1, 1, -1]), strict=True):
        case[1] *= int(sign)
    return {"cases": [cases[number] for number in rng.permutation(3)]}


def _fixed_call(case: list[float]) -> str:
    return f"fixed_point({case[0]}, {case[1]})"


def _fixed_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {_fixed_call(case): attempt(answer, *case) for case in inputs["cases"]}


def _normal_mean(function: Callable[[Floats], Floats]) -> float:
    """Returns the mean of a function of a normal variable, by Gauss and Hermite's rule."""
    z, weights = _nodes()
    return float(weights @ function(z) / weights.sum())


@functools.cache
def _nodes() -> tuple[Floats, Floats]:
    z, weights = np.polynomial.hermite_e.hermegauss(120)
    return z, weights


def _square(variance: float, slope: float, offset: float, scale: float, shift: float) -> float:
    """Returns the mean square of f(z) when z has mean 0 and this variance."""
    return _normal_mean(
        lambda z: (scale * (np.tanh(slope * np.sqrt(variance) * z + offset) + shift)) ** 2
    )


def _rate(slope: float, offset: float, scale: float, shift: float) -> float:
    above, below = (_square(q, slope, offset, scale, shift) for q in (1.001, 0.999))
    return (above - below) / 0.002


def _fixed(slope: float, offset: float) -> dict[str, float]:
    """Returns the constants, and what typical mistakes give in their place."""
    mean = _normal_mean(lambda z: np.tanh(slope * z + offset))
    square = _normal_mean(lambda z: np.tanh(slope * z + offset) ** 2)
    scale = 1 / np.sqrt(square - mean**2)

    def steepness(z: Floats) -> Floats:
        result: Floats = scale * slope / np.cosh(slope * z + offset) ** 2
        return result

    return {
        "scale": scale,
        "shift": -mean,
        "rate": _rate(slope, offset, scale, -mean),
        "variance": scale**2,
        "spread": 1 / scale,
        "uncentered": 1 / np.sqrt(square),
        "at zero": -np.tanh(offset),
        "large step": (_square(1.5, slope, offset, scale, -mean) - 1) / 0.5,
        "next": _square(1.5, slope, offset, scale, -mean),
        "slope squared": _normal_mean(lambda z: steepness(z) ** 2),
        "slope at zero": float(steepness(np.zeros(1))[0]),
    }


def _shift_mistakes(true: dict[str, float]) -> dict[str, float]:
    return {
        "The mean does not go away but doubles: look at the sign.": -true["shift"],
        "This moves the value at z = 0 to zero. The mean over all z is meant.": true["at zero"],
        "The shift stands inside the bracket, so the scale must not be in it.": true["shift"]
        * true["scale"],
        "Without the offset tanh is odd and its mean 0; with it, it is not.": 0.0,
    }


def _scale_mistakes(true: dict[str, float]) -> dict[str, float]:
    return {
        "The scale is squared in the variance: is a root missing?": true["variance"],
        "This is the spread of the shifted tanh. What must it be multiplied by to become 1?": true[
            "spread"
        ],
        "The mean square of tanh is not its variance as long as its mean is not 0.": true[
            "uncentered"
        ],
        "A negative scale turns the activation upside down; take the positive one.": -true["scale"],
        "The two constants stand in the other order: the scale comes first.": true["shift"],
    }


def _rate_mistakes(true: dict[str, float]) -> dict[str, float]:
    return {
        "Measured from 1 to 1.5 the map already bends: take a much smaller step.": true[
            "large step"
        ],
        "This is the mean square that follows 1.5. What is left of the deviation from 1, "
        "and for a small one?": true["next"],
        "This is the mean squared slope, by which gradients and small differences between "
        "examples grow. The rate asked for is that of the variance.": true["slope squared"],
        "The slope at 0 is that of the activation, not that of the map of variances.": true[
            "slope at zero"
        ],
        "The fraction is upside down: output over input.": 1 / true["rate"],
        "This is the change of the rate: by how much is a deviation multiplied?": true["rate"] - 1,
    }


_FIXED_POINT_PARTS: dict[str, tuple[Callable[[dict[str, float]], dict[str, float]], str]] = {
    "scale": (_scale_mistakes, "The variance of f(z) is not 1 with it."),
    "shift": (_shift_mistakes, "The mean of f(z) is not 0 with it."),
    "rate": (
        _rate_mistakes,
        "Send a variance a little above 1 through f, and compare the deviations from 1.",
    ),
}


def _fixed_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    cases = inputs["cases"]
    given = [answer.array(_fixed_call(case), (3,)) for case in cases]
    truths = [_fixed(*case) for case in cases]
    is_right: list[bool] = []
    for column, (name, (mistakes, otherwise)) in enumerate(_FIXED_POINT_PARTS.items()):
        tolerances = {"rtol": 0.0, "atol": 0.03} if name == "rate" else {"rtol": 0.01}
        hints = []
        for case, values, true in zip(cases, given, truths, strict=True):
            accepted = [true[name]]
            if name == "rate" and any(is_right) and np.abs(values).max() < 1e3:
                # A wrong constant has lost its points already.
                accepted.append(_rate(*case, *values[:2]))
            if not any(close(values[column], wanted, **tolerances) for wanted in accepted):
                hint = likely_mistake(
                    values[column], mistakes(true), otherwise=otherwise, rtol=0.003
                )
                hints.append(f"For {_fixed_call(case)} the {name} is wrong. {hint}")
        is_right.append(not hints)
        yield part(2, not hints, right=f"The {name} is right.", wrong=" ".join(hints[:1]))


FIXED_POINT = Exercise(
    id="ch04-fixed-point",
    title="An activation with a fixed point",
    difficulty="stretch",
    points=6,
    minutes=40,
    objective="derive the constants that make mean 0 and variance 1 reproduce themselves",
    name="fixed_point",
    inputs=_fixed_inputs,
    probe=_fixed_probe,
    judge=_fixed_judge,
)

EXERCISES = [CRITICAL_SPREAD, DIAGNOSE, COMPARE_INITIALIZERS, FIXED_POINT]
