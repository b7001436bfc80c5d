"""Exercises of chapter 12: tuning."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercises._answer import Answer, WrongForm, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]


# 12.1 Learning rates on a logarithmic scale


def _log_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    ranges = [
        [float(f"{10**low:.2e}"), float(f"{10 ** (low + width):.2e}")]
        for low, width in zip(rng.uniform(-5, -3, 2), rng.uniform(1.5, 3, 2), strict=True)
    ]
    return {"ranges": ranges, "u": np.concatenate([[0.0, 1.0], rng.uniform(0.05, 0.95, 6)])}


def _log_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    def rates(low: float, high: float) -> Any:
        found = [answer(float(u), low, high) for u in inputs["u"]]
        return None if any(rate is None or rate is ... for rate in found) else found

    return {
        f"log_uniform(u, {low:g}, {high:g})": attempt(rates, low, high)
        for low, high in inputs["ranges"]
    }


def _log_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    u = inputs["u"]
    for low, high in inputs["ranges"]:
        rates = answer.array(f"log_uniform(u, {low:g}, {high:g})", u.shape)
        right = low * (high / low) ** u
        exponents = np.log10(low) + u * np.log10(high / low)
        hint = likely_mistake(
            rates,
            {
                "This is uniform on the rates: almost all of them have the largest power of "
                "ten.": low + u * (high - low),
                "These are the powers of ten, not yet the rates.": exponents,
                "These are natural logarithms, not yet the rates.": np.log(right),
                "The logarithm has base 10, the power has base e.": np.exp(exponents),
                "The logarithm has base e, the power has base 10.": 10 ** np.log(right),
                "The two ends are exchanged: u = 0 belongs to the lower one.": high
                * (low / high) ** u,
                "Which rate belongs to u = 0? Where is the lower end?": (high / low) ** u,
                "Which rate belongs to u = 1?": high**u,
            },
            otherwise="Which rates belong to u = 0, to u = 1, and to u = 0.5?",
            rtol=1e-4,
        )
        yield part(
            1,
            # Relative to each rate, because the smallest ones count as much as the largest.
            close(rates / right, np.ones_like(u), rtol=1e-3),
            right=f"Right between {low:g} and {high:g}.",
            wrong=f"Wrong between {low:g} and {high:g}. {hint}",
        )


LOG_UNIFORM = Exercise(
    id="ch12-log-uniform",
    title="Learning rates on a logarithmic scale",
    difficulty="warm-up",
    points=2,
    minutes=5,
    objective="draw learning rates so that each power of ten is tried equally often",
    name="log_uniform",
    inputs=_log_inputs,
    probe=_log_probe,
    judge=_log_judge,
)


# 12.2 Grid search

_AXES = ("learning_rates", "momenta", "epochs")
_KINDS = ("accuracy", "val_accuracy", "test_accuracy")


def _grid_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    replicates = int(rng.integers(3, 5))
    grid = {
        "learning_rates": [float(f"{10**e:.2e}") for e in np.sort(rng.uniform(-4, 0, 3))],
        "momenta": [0.1, 0.3, 0.5, 0.7, 0.9],
        "epochs": sorted(int(n) for n in rng.choice(np.arange(3, 30), 2, replace=False)),
    }
    return {**grid, "replicates": replicates, **_accuracies(rng, replicates)}


def _accuracies(rng: np.random.Generator, replicates: int) -> dict[str, NDArray[np.float64]]:
    """Returns accuracies of each setting and seed, in which each mistake finds another winner."""
    shape = (3, 5, 2)
    noise = rng.normal(size=(*shape, replicates))
    noise -= noise.mean(axis=-1, keepdims=True)
    level = rng.uniform(0.80, 0.85, shape)
    # The best setting has the largest momentum; the others are where that is smaller.
    best = (int(rng.integers(3)), 4, int(rng.integers(2)))
    places = rng.permutation(3 * 4 * 2)[:5]
    lucky, first, fitted, tested, worst = (np.unravel_index(place, (3, 4, 2)) for place in places)
    level[best], level[worst] = 0.89, 0.75
    found = {"val_accuracy": level[..., None] + 0.01 * noise}
    swing = np.full(replicates, -0.12 / (replicates - 1))
    swing[1] = 0.12
    found["val_accuracy"][lucky] = 0.86 + swing
    found["val_accuracy"][first] = 0.85 + np.roll(swing, -1) * 0.7
    for kind, winner in (("accuracy", fitted), ("test_accuracy", tested)):
        other = level + rng.normal(0, 0.005, shape)
        other[winner] = 0.95
        found[kind] = other[..., None] + 0.01 * rng.permuted(noise, axis=-1)
    return found


def _grid_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    calls: list[list[float]] = []

    def train(learning_rate: Any, momentum: Any, epochs: Any, seed: Any) -> dict[str, float]:
        calls.append([float(value) for value in (learning_rate, momentum, epochs, seed)])
        setting = tuple(
            int(np.abs(np.array(inputs[axis]) - value).argmin())
            for axis, value in zip(_AXES, calls[-1], strict=False)
        )
        replicate = int(seed) % inputs["replicates"]
        return {kind: float(inputs[kind][setting][replicate]) for kind in _KINDS}

    grid = [list(inputs[axis]) for axis in _AXES]
    result = attempt(answer, train, *grid, inputs["replicates"])
    found: dict[str, Any] = {"calls of train": np.array(calls).reshape(-1, 4)[:10_000]}
    if isinstance(result, tuple | list) and len(result) == 2:
        return {**found, "grid_search(...)": "two values", "best": result[0], "table": result[1]}
    is_told = result is None or isinstance(result, Mapping)
    return {**found, "grid_search(...)": result if is_told else "another number of values"}


def _grid_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    if answer.text("grid_search(...)") != "two values":
        raise WrongForm("`grid_search(...)` should return two values, `best, table`.")
    calls = answer.array("calls of train", (None, 4))
    problem = _calls_problem(calls, inputs)
    yield part(
        1,
        not problem,
        right="Every setting was trained with every seed.",
        wrong=f"The calls of `train` are not those of a grid. {problem}",
    )
    means = inputs["val_accuracy"].mean(axis=-1).ravel()
    best = int(_settings(answer.array("best", (3,))[None], inputs)[0])
    yield part(
        2,
        best == means.argmax(),
        right="The best setting is found.",
        wrong=f"`best` is not the best setting. {_best_hint(best, calls, inputs)}",
    )
    table = answer.array("table", (means.size, 4))
    rows = _settings(table[:, :3], inputs)
    is_complete = np.array_equal(np.sort(rows), np.arange(means.size))
    column = table[np.argsort(rows), 3]
    yield part(
        2,
        is_complete and close(column, means, rtol=0, atol=1e-4),
        right="The table has the mean of every setting.",
        wrong=_table_hint(column, inputs)
        if is_complete
        else "`table` should have a row for each setting, which starts with its learning rate, "
        "momentum and number of epochs.",
    )


def _settings(rows: NDArray[Any], inputs: dict[str, Any]) -> NDArray[np.int64]:
    """Returns the numbers of settings in the grid, -1 for those that are not in it."""
    number, is_known = np.zeros(len(rows), np.int64), np.ones(len(rows), bool)
    for column, axis in zip(rows.T, _AXES, strict=True):
        values = np.array(inputs[axis], float)
        nearest = np.abs(column[:, None] - values).argmin(axis=1)
        is_known &= np.abs(column - values[nearest]) <= 1e-3 * values[nearest]
        number = number * len(values) + nearest
    return np.where(is_known, number, -1)


def _calls_problem(calls: NDArray[Any], inputs: dict[str, Any]) -> str:
    """Says what is wrong with the calls of train, nothing if they are right."""
    settings, seeds = _settings(calls[:, :3], inputs), calls[:, 3]
    size, replicates = inputs["val_accuracy"][..., 0].size, inputs["replicates"]
    tried = set(settings)
    if not tried:
        return "It was never called."
    largest = inputs["momenta"][-1]
    if -1 in tried:
        return "It was called with values that are not in the lists."
    if len(tried) < size and not np.any(np.abs(calls[:, 1] - largest) < 1e-3):
        return f"Momentum {largest} was never tried: where does the range end?"
    if len(tried) < size:
        return (
            f"{len(tried)} of {size} settings were tried; in a grid every value meets every "
            "other one."
        )
    found = {tuple(np.unique(seeds[settings == setting])) for setting in tried}
    if len(found) > 1:
        return "Each setting had seeds of its own, so luck is not the same for all."
    if len(next(iter(found))) != replicates:
        return f"Each setting needs {replicates} seeds, not {len(next(iter(found)))}."
    is_right = np.array_equal(next(iter(found)), np.arange(replicates))
    return "" if is_right else f"The seeds should be 0 to {replicates - 1}."


def _best_hint(best: int, calls: NDArray[Any], inputs: dict[str, Any]) -> str:
    if best == -1:
        return (
            "It should be learning rate, momentum and number of epochs, as they are in the lists."
        )
    valid = inputs["val_accuracy"]
    if len(set(_settings(calls[:, :3], inputs)) - {-1}) < valid[..., 0].size:
        return "Not all settings have taken part."
    winners = {
        "It owes its place to one lucky replicate: how does it do on average?": valid.max(axis=-1),
        "It is the best with the first seed alone.": valid[..., 0],
        "It is the best on the training data, so it may have learned them by heart.": inputs[
            "accuracy"
        ].mean(axis=-1),
        "It is the best on the test data, which must not be used for a choice.": inputs[
            "test_accuracy"
        ].mean(axis=-1),
        "It is the worst one.": -valid.mean(axis=-1),
        "It is the one with the smallest spread.": -valid.std(axis=-1),
    }
    for hint, scores in winners.items():
        if best == scores.argmax():
            return hint
    return "Which setting has the largest mean of `val_accuracy`?"


def _table_hint(column: NDArray[Any], inputs: dict[str, Any]) -> str:
    valid = inputs["val_accuracy"]
    wrong = {
        "It has the best replicates, not the means.": valid.max(axis=-1),
        "It has the sums, not the means.": valid.sum(axis=-1),
        "Only the first seed counts in it.": valid[..., 0],
        "Only the last seed counts in it.": valid[..., -1],
        "It has the accuracy on the training data.": inputs["accuracy"].mean(axis=-1),
        "It has the accuracy on the test data.": inputs["test_accuracy"].mean(axis=-1),
    }
    hint = likely_mistake(
        column,
        {text: values.ravel() for text, values in wrong.items()},
        otherwise="Its last column should be the mean of `val_accuracy` over the seeds.",
        atol=1e-4,
    )
    return f"`table` is wrong. {hint}"


GRID_SEARCH = Exercise(
    id="ch12-grid-search",
    title="Grid search",
    difficulty="core",
    points=5,
    minutes=25,
    objective="search a grid with replicates, and choose by their mean",
    name="grid_search",
    inputs=_grid_inputs,
    probe=_grid_probe,
    judge=_grid_judge,
)


# 12.3 What the winner is worth


def _winner_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    # In the first set no model is better than another one.
    return {"sets": [_correct(rng, spread) for spread in (0.0, 0.04)]}


def _correct(rng: np.random.Generator, spread: float) -> dict[str, Any]:
    """Draws which examples each model gets right, and splits, such that mistakes are seen."""
    models, size = 12, 100
    while True:
        level = np.clip(rng.uniform(0.6, 0.75) + spread * rng.normal(size=(models, 1)), 0, 1)
        correct = (rng.uniform(size=(models, size)) < level).astype(np.int64)
        splits: list[NDArray[np.int64]] = []
        while len(splits) < 8:
            rows = rng.permutation(size)[: size // 2]
            top = np.sort(correct[:, rows].sum(axis=1))
            if top[-1] > top[-2]:  # no ties: which of them wins would be a matter of taste
                splits.append(rows)
        right = _winner_scores(correct, splits)
        pairs = np.array([right, *_winner_mistakes(correct, splits).values()])
        gaps = np.abs(pairs[:, None] - pairs).max(axis=2) + np.eye(len(pairs))
        if gaps.min() > 0.002 and np.abs(pairs[1:, 1] - right[1]).min() > 0.002:
            return {"correct": correct, "splits": splits}


def _halves(correct: NDArray[Any], splits: list[NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Returns the accuracy of each model on both halves of each split: (splits, models)."""
    chosen = np.array([correct[:, rows].mean(axis=1) for rows in splits])
    fresh = np.array([np.delete(correct, rows, axis=1).mean(axis=1) for rows in splits])
    return chosen, fresh


def _of_winners(scores: NDArray[Any], winners: NDArray[Any]) -> float:
    return float(scores[np.arange(len(scores)), winners].mean())


def _winner_scores(correct: NDArray[Any], splits: list[NDArray[Any]]) -> tuple[float, float]:
    chosen, fresh = _halves(correct, splits)
    winners = chosen.argmax(axis=1)
    return _of_winners(chosen, winners), _of_winners(fresh, winners)


def _winner_mistakes(
    correct: NDArray[Any], splits: list[NDArray[Any]]
) -> dict[str, tuple[float, float]]:
    """Returns both scores for each mistake, under its hint."""
    chosen, fresh = _halves(correct, splits)
    winners = chosen.argmax(axis=1)
    others = {
        "The winner is chosen with the fresh examples too; they are not fresh any more.": np.full(
            len(splits), correct.mean(axis=1).argmax()
        ),
        "The winner is chosen on the fresh examples.": fresh.argmax(axis=1),
        "The winner of the first split is kept for all of them.": np.full(len(splits), winners[0]),
        "These are the scores of the worst model.": chosen.argmin(axis=1),
    }
    high, low = _of_winners(chosen, winners), _of_winners(fresh, winners)
    return {
        "The winner is scored on the examples that chose it.": (high, high),
        "The winner of all examples together is not fresh for any of them.": (
            high,
            float(correct.mean(axis=1).max()),
        ),
        "On the fresh examples, another model is taken: the best one there.": (
            high,
            float(fresh.max(axis=1).mean()),
        ),
        "These are means over all models, not the scores of the winners.": (
            float(chosen.mean()),
            float(fresh.mean()),
        ),
        "This is the first split alone.": (chosen[0, winners[0]], fresh[0, winners[0]]),
        "The two scores are exchanged.": (low, high),
        **{hint: (_of_winners(chosen, w), _of_winners(fresh, w)) for hint, w in others.items()},
    }


def _winner_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        f"winner_scores(...), set {number}": attempt(
            answer, data["correct"].copy(), [rows.copy() for rows in data["splits"]]
        )
        for number, data in enumerate(inputs["sets"], 1)
    }


def _winner_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    for number, data in enumerate(inputs["sets"], 1):
        scores = answer.array(f"winner_scores(...), set {number}", (2,))
        right = _winner_scores(**data)
        mistakes = _winner_mistakes(**data)
        if scores.max() > 1:
            hint = "Accuracies are shares between 0 and 1."
        else:
            hint = likely_mistake(
                scores,
                mistakes,
                otherwise="Who wins in each split, and on which examples is it scored?",
                atol=6e-4,
            )
        parts = {"on the examples that chose it": 1, "on fresh examples": 1.5}
        for score, expected, (where, points) in zip(scores, right, parts.items(), strict=True):
            yield part(
                points,
                close(score, expected, rtol=0, atol=6e-4),
                right=f"Set {number}: right {where}.",
                wrong=f"Set {number}: the score of the winner {where} is wrong. {hint}",
            )


UNBIASED_ESTIMATE = Exercise(
    id="ch12-unbiased-estimate",
    title="What the winner is worth",
    difficulty="stretch",
    points=5,
    minutes=30,
    objective="estimate the accuracy of a chosen model without the luck that chose it",
    name="winner_scores",
    inputs=_winner_inputs,
    probe=_winner_probe,
    judge=_winner_judge,
)

EXERCISES = [LOG_UNIFORM, GRID_SEARCH, UNBIASED_ESTIMATE]
