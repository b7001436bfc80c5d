"""Exercises of chapter 9: regularization."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from course_utils.exercises._answer import Answer, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]

Floats = NDArray[np.float64]


# 9.1 Max-norm by hand

_KERNEL = "max_norm(kernel, limit)"
_SILENT = "max_norm(kernel with a silent unit, limit)"


def _max_norm_inputs(seed: int) -> dict[str, Any]:
    """Returns kernels whose units are clearly longer or clearly shorter than the limit."""
    rng = np.random.default_rng(seed)
    n_in, units = int(rng.integers(12, 20)), 8
    limit = round(float(rng.uniform(1.2, 3.0)), 2)
    lengths = limit * np.concatenate([rng.uniform(0.3, 0.8, 4), rng.uniform(1.4, 3.0, 4)])
    kernels = []
    for _ in range(2):
        kernel = rng.normal(size=(n_in, units))
        kernel *= rng.permutation(lengths) / np.linalg.norm(kernel, axis=0)
        kernels.append(kernel)
    kernels[1][:, int(rng.integers(units))] = 0
    return {"kernel": kernels[0], "silent": kernels[1], "limit": limit}


def _max_norm_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    kernel, silent = (np.array(inputs[name]) for name in ("kernel", "silent"))
    with np.errstate(all="ignore"):
        given = attempt(answer, kernel, inputs["limit"])
        of_silent = attempt(answer, silent, inputs["limit"])
    return {
        _KERNEL: given,
        "kernel is as it was": bool(np.array_equal(kernel, inputs["kernel"])),
        _SILENT: of_silent,
    }


def _max_normed(kernel: Floats, limit: float, axis: int | None = 0) -> Floats:
    lengths = np.linalg.norm(kernel, axis=axis, keepdims=True)
    values: Floats = kernel * np.minimum(1, limit / np.maximum(lengths, 1e-12))
    return values


def _max_norm_hint(given: Floats, kernel: Floats, limit: float) -> str:
    lengths = np.linalg.norm(kernel, axis=0)
    unit = kernel / lengths
    mistakes = {
        "Nothing is changed.": kernel,
        "Here the rows are limited: all weights that leave an input. The weights of a unit are a "
        "column.": _max_normed(kernel, limit, axis=1),
        "The kernel is limited as a whole; each unit has a limit of its own.": _max_normed(
            kernel, limit, axis=None
        ),
        "Single weights are cut off, which turns the direction of a unit.": np.clip(
            kernel, -limit, limit
        ),
        "Long units end with the length 1: where is the limit?": np.where(
            lengths > limit, unit, kernel
        ),
        "Every unit gets the length of the limit, the short ones as well.": unit * limit,
        "Long units are divided by the limit; their length must become the limit.": np.where(
            lengths > limit, kernel / limit, kernel
        ),
        "The length is the root of the sum of squares.": kernel * np.minimum(1, limit / lengths**2),
        "Long units are set to zero, not shortened.": np.where(lengths > limit, 0, kernel),
    }
    otherwise = "A long unit keeps its direction, and gets the length of the limit."
    return likely_mistake(given, mistakes, otherwise=otherwise, rtol=1e-4)


def _max_norm_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    kernel, limit = inputs["kernel"], inputs["limit"]
    given = answer.array(_KERNEL, kernel.shape)
    is_long = np.linalg.norm(kernel, axis=0) > limit
    wanted = _max_normed(kernel, limit)
    changes = not close(given, kernel, rtol=1e-4)
    yield part(
        1,
        close(given[:, is_long], wanted[:, is_long], rtol=1e-4),
        right="Long units are shortened to the limit.",
        wrong=f"Long units are wrong. {_max_norm_hint(given, kernel, limit)}",
    )
    short = close(given[:, ~is_long], kernel[:, ~is_long], rtol=1e-4)
    untouched = answer.flag("kernel is as it was")
    hint = _max_norm_hint(given, kernel, limit)
    if not changes:
        hint = "That they are unchanged counts only when the long ones are not."
    elif short and not untouched:
        hint = "The array `kernel` of the caller is changed as well: work on a new one."
    yield part(
        1,
        short and untouched and changes,
        right="Short units stay as they are.",
        wrong=f"Short units should stay as they are. {hint}",
    )
    silent = answer.array(_SILENT, kernel.shape)
    yield part(
        1,
        changes and close(silent, _max_normed(inputs["silent"], limit), rtol=1e-4),
        right="A unit whose weights are all zero does no harm.",
        wrong="The kernel with a unit of zeros comes out wrong.",
    )


MAX_NORM = Exercise(
    id="ch09-max-norm",
    title="Max-norm by hand",
    difficulty="warm-up",
    points=3,
    minutes=10,
    objective="limit the weights of each unit, as a max-norm constraint does after a step",
    name="max_norm",
    inputs=_max_norm_inputs,
    probe=_max_norm_probe,
    judge=_max_norm_judge,
)


# 9.2 Dropout by hand

_INFERENCE = "dropout(x, rate, rng, training=False)"
_EXAMPLES, _UNITS = 300, 40


def _dropout_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.5, 2.0, (_EXAMPLES, _UNITS)) * rng.choice([-1, 1], (_EXAMPLES, _UNITS))
    rates = [rng.uniform(0.15, 0.35), rng.uniform(0.6, 0.8)]
    return {
        "x": x,
        "rates": [round(float(rate), 3) for rate in rng.permutation(rates)],
        "seed": int(rng.integers(2**31)),
    }


def _dropout_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    kept_as_it_was = True
    for rate in inputs["rates"]:
        rng = np.random.default_rng(inputs["seed"])
        for name, generator in {
            f"dropout(x, {rate}, rng, training=True)": rng,
            f"the second dropout(x, {rate}, rng, training=True)": rng,
            f"dropout(x, {rate}, rng, training=True) from the same seed": np.random.default_rng(
                inputs["seed"]
            ),
        }.items():
            x = np.array(inputs["x"])
            found[name] = attempt(answer, x, rate, generator, True)
            kept_as_it_was &= bool(np.array_equal(x, inputs["x"]))
    x = np.array(inputs["x"])
    rng = np.random.default_rng(inputs["seed"])
    found[_INFERENCE] = attempt(answer, x, inputs["rates"][0], rng, False)
    return {**found, "x is as it was": kept_as_it_was and np.array_equal(x, inputs["x"])}


def _dropout_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    x, rates = inputs["x"], inputs["rates"]
    given = [answer.array(f"dropout(x, {rate}, rng, training=True)", x.shape) for rate in rates]
    both = list(zip(rates, given, strict=True))
    yield _judged_fraction(both)
    yield _judged_scale(x, both, answer.flag("x is as it was"))
    yield _judged_independence(answer, both)
    drops = any((h == 0).any() for h in given)
    yield _judged_inference(x, answer.array(_INFERENCE, x.shape), rates[0], drops)


def _judged_fraction(both: list[tuple[float, Floats]]) -> Part:
    wrong = [
        f"With rate {rate} a share of {np.mean(h == 0):.3f} is dropped. "
        + likely_mistake(
            float(np.mean(h == 0)),
            {
                "The rate is the share to drop, not the share to keep.": 1 - rate,
                "Nothing is dropped: are the numbers that fall out set to 0?": 0.0,
                "Everything is dropped.": 1.0,
            },
            otherwise="Each number should be dropped with the probability `rate`.",
            rtol=0,
            atol=0.03,
        )
        for rate, h in both
        if abs(np.mean(h == 0) - rate) > 0.01 + 5 * _error_of_share(h == 0)
    ]
    return part(
        1,
        not wrong,
        right="The right share is dropped.",
        wrong="The wrong share is dropped. " + " ".join(wrong[:1]),
    )


def _error_of_share(dropped: NDArray[np.bool_]) -> float:
    """Returns the standard error; units or examples that fall together make it larger."""
    errors = [np.std(dropped.mean(axis=axis)) / np.sqrt(dropped.shape[1 - axis]) for axis in (0, 1)]
    return float(max(errors))


def _judged_scale(x: Floats, both: list[tuple[float, Floats]], is_untouched: bool) -> Part:
    hint = ""
    for rate, h in both:
        kept = h != 0
        factors = (h / x)[kept]
        wanted = np.full(factors.shape, 1 / (1 - rate))
        if (kept.all() or not kept.any()) and not hint:
            hint = "It cannot be judged as long as nothing or everything is dropped."
        elif not close(factors, wanted, rtol=1e-4) and not hint:
            hint = _scale_hint(factors, rate)
    if not hint and not is_untouched:
        hint = "The array `x` of the caller is changed as well: work on a new one."
    return part(
        1,
        not hint,
        right="What is kept is scaled so that its mean stays.",
        wrong=f"The numbers that are kept are wrong. {hint}",
    )


def _scale_hint(factors: Floats, rate: float) -> str:
    if np.ptp(factors) > 1e-3:
        return "They are not `x` times one factor: is it `x` that is kept?"
    return likely_mistake(
        float(np.mean(factors)),
        {
            "They are not scaled at all, so that the mean of the signal shrinks.": 1.0,
            "They are divided by the share that is dropped.": 1 / rate,
            "They are made smaller, though fewer are left.": 1 - rate,
            "The rate is turned around.": rate,
        },
        otherwise=f"They are multiplied by {np.mean(factors):.3g}. Which factor keeps the mean?",
        rtol=1e-3,
    )


def _judged_independence(answer: Answer, both: list[tuple[float, Floats]]) -> Part:
    hint = ""
    for rate, h in both:
        name = f"dropout(x, {rate}, rng, training=True)"
        second = answer.array(f"the second {name}", h.shape)
        again = answer.array(f"{name} from the same seed", h.shape)
        hint = hint or _independence_hint(rate, h == 0, second == 0, again == 0)
    return part(
        1,
        not hint,
        right="Every number is dropped by a chance of its own.",
        wrong=f"Chance is not used as it should be. {hint}",
    )


def _independence_hint(rate: float, dropped: Any, second: Any, again: Any) -> str:
    """Compares numbers of dropped units with those of independent draws, far from their spread."""
    if dropped.all() or not dropped.any():
        return "It cannot be judged as long as nothing or everything is dropped."
    if not np.array_equal(dropped, again):
        return "The same seed drops other units: take all chance from `rng`."
    if np.array_equal(dropped, second):
        return "A second call drops the same units: do not start a new generator in the function."
    variance = rate * (1 - rate)
    by_unit = dropped.sum(axis=0).var() / (_EXAMPLES * variance)
    by_example = dropped.sum(axis=1).var() / (_UNITS * variance)
    if by_unit > 5:
        return "The same units are dropped for every example of the batch."
    if by_example > 5:
        return "Whole examples are dropped, rather than single units."
    if by_example < 0.5 or by_unit < 0.2:
        return "The number of dropped units is always the same: each one falls by its own chance."
    return ""


def _judged_inference(x: Floats, given: Floats, rate: float, drops: bool) -> Part:
    hint = likely_mistake(
        float(np.median(given / x)),
        {
            "The signal is scaled by the share that is kept. With the scaling done in training "
            "nothing is left to do here.": 1 - rate,
            "The signal is scaled as in training.": 1 / (1 - rate),
            "The signal is scaled by the rate.": rate,
        },
        otherwise="Nothing may be changed here.",
        rtol=1e-4,
    )
    if np.any(given == 0):
        hint = "Units are dropped here as well: is `training` looked at?"
    if not drops:
        hint = "It does the same as in training: nothing."
    return part(
        1,
        drops and close(given, x),
        right="At inference the signal passes unchanged.",
        wrong=f"Wrong at inference. {hint}",
    )


DROPOUT = Exercise(
    id="ch09-dropout",
    title="Dropout by hand",
    difficulty="core",
    points=4,
    minutes=20,
    objective="write what dropout does in training and at inference",
    name="dropout",
    inputs=_dropout_inputs,
    probe=_dropout_probe,
    judge=_dropout_judge,
)


# 9.3 Which rate?

_REPLICATES = 8


def _column(rng: np.random.Generator, mean: float, error: float) -> Floats:
    """Returns accuracies of the replicates with this mean and standard error."""
    noise = rng.normal(size=_REPLICATES)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    values: Floats = mean + error * np.sqrt(_REPLICATES) * noise
    return values


def _rates_table(rng: np.random.Generator, is_clear: bool) -> dict[str, Any]:
    """Returns columns: a row for each rate and replicate, in any order.

    Distances between means are chosen in standard errors, far from the limits of the rule.
    """
    rates = np.sort(rng.choice(np.arange(0, 17), 7, replace=False)) / 20
    top, error = rng.uniform(0.85, 0.88), rng.uniform(0.0018, 0.0025)
    best = int(rng.integers(2, 4)) if is_clear else 2
    below = 8.0 + 4.0 * np.abs(np.arange(rates.size) - best)
    below[best] = 0
    lucky = best + 1
    if not is_clear:
        # Within one standard error: one rate weaker and one stronger than the best. The next
        # stronger one is within a standard deviation, which is 2.8 standard errors.
        below[[best - 1, best + 1, best + 2]] = rng.uniform(0.3, 0.5), rng.uniform(0.3, 0.6), 2.1
        lucky = best
    validation = np.array([_column(rng, top - error * b, error) for b in below])
    # The best single run belongs to a rate that the rule does not choose.
    spike = np.full(_REPLICATES, -1.0)
    spike[rng.integers(_REPLICATES)] = _REPLICATES - 1
    spread = (3 * error if is_clear else error) * np.sqrt(_REPLICATES)
    validation[lucky] = validation[lucky].mean() + spike * spread / spike.std(ddof=1)
    training = np.array(
        [_column(rng, 0.98 - 0.015 * number, error) for number in range(rates.size)]
    )
    test = np.array([_column(rng, top - 0.03, error) for _ in rates])
    test[1 if is_clear else -2] += 0.02
    order = rng.permutation(rates.size * _REPLICATES)
    columns = {
        "rate": np.repeat(rates, _REPLICATES),
        "replicate": np.tile(np.arange(_REPLICATES), rates.size),
        "accuracy": np.round(training.ravel(), 5),
        "val_accuracy": np.round(validation.ravel(), 5),
        "test_accuracy": np.round(test.ravel(), 5),
    }
    return {name: column[order] for name, column in columns.items()}


def _rates_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"tables": [_rates_table(rng, is_clear) for is_clear in (True, True, False, False)]}


def _rates_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    import pandas as pd

    return {
        f"choose_rate(table {number})": attempt(answer, pd.DataFrame(columns))
        for number, columns in enumerate(inputs["tables"], start=1)
    }


def _by_rate(table: dict[str, Any], name: str) -> tuple[Floats, Floats]:
    """Returns the rates, and the accuracies of a column: a row for each rate."""
    rates = np.unique(table["rate"])
    return rates, np.array([np.asarray(table[name])[table["rate"] == rate] for rate in rates])


def _chosen(table: dict[str, Any], name: str, errors: float) -> float:
    """Returns the largest rate whose mean is at most so many standard errors below the best."""
    rates, values = _by_rate(table, name)
    means = values.mean(axis=1)
    best = int(means.argmax())
    error = values[best].std(ddof=1) / np.sqrt(values.shape[1])
    return float(rates[means >= means[best] - errors * error].max())


def _rate_hint(rate: float, table: dict[str, Any]) -> str:
    rates, values = _by_rate(table, "val_accuracy")
    means = values.mean(axis=1)
    best = int(means.argmax())
    error = values[best].std(ddof=1) / np.sqrt(values.shape[1])
    within = rates[means >= means[best] - error]
    mistakes: dict[str, Any] = {
        "This rate has the best mean, but is it the strongest one of those that the data "
        "cannot tell from the best?": rates[best],
        "This is the weakest rate within one standard error; the strongest is asked for.": (
            within.min()
        ),
        "Training accuracy says how well the network knows its training images: no dropout "
        "always looks best.": _chosen(table, "accuracy", 0),
        "The rate was chosen on the test images. After that they cannot judge it any more.": (
            _chosen(table, "test_accuracy", 0)
        ),
        "One lucky replicate has decided; take the mean over the replicates.": rates[
            int(values.max(axis=1).argmax())
        ],
        "One standard deviation was allowed; the standard error of a mean is smaller.": _chosen(
            table, "val_accuracy", np.sqrt(_REPLICATES)
        ),
        "This is the strongest rate of all, though some rates are clearly worse.": rates[-1],
        "This is an accuracy, not a rate.": means[best],
    }
    if not np.any(np.isclose(rates, rate)):
        mistakes["This is a position in the list of rates, not a rate."] = float(best)
        return likely_mistake(rate, mistakes, otherwise="This rate is not in the table.", atol=1e-3)
    otherwise = "It is not what the rule says: look at the means and at the standard error."
    return likely_mistake(rate, mistakes, otherwise=otherwise, atol=1e-9)


def _rates_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    tables = inputs["tables"]
    given = [answer.number(f"choose_rate(table {number})") for number in range(1, len(tables) + 1)]
    groups = {
        "one rate is clearly best": slice(0, 2),
        "several rates are about as good": slice(2, 4),
    }
    for points, (title, group) in zip((1, 3), groups.items(), strict=True):
        wrong = [
            f"You choose {rate:g}. {_rate_hint(rate, table)}"
            for rate, table in zip(given[group], tables[group], strict=True)
            if not close(rate, _chosen(table, "val_accuracy", 1), rtol=1e-6, atol=1e-9)
        ]
        yield part(
            points,
            not wrong,
            right=f"Right where {title}.",
            wrong=f"Wrong where {title}. {' '.join(wrong[:1])}",
        )


DROPOUT_RATES = Exercise(
    id="ch09-dropout-rates",
    title="Which rate?",
    difficulty="core",
    points=4,
    minutes=20,
    objective="choose a setting from replicates by a rule that was fixed before",
    name="choose_rate",
    inputs=_rates_inputs,
    probe=_rates_probe,
    judge=_rates_judge,
)


# 9.4 A temperature

_CASES = {
    "a network that is too sure": (2.0, 4.0),
    "a network that is not sure enough": (0.3, 0.6),
    "large logits": (300.0, 600.0),
}
_PICTURES, _CLASSES = 400, 6


def _temperature_inputs(seed: int) -> dict[str, Any]:
    """Returns logits of which a division by about the given temperature makes honest ones."""
    rng = np.random.default_rng(seed)
    cases = {}
    for name, limits in _CASES.items():
        honest = rng.normal(0, 1.6, (_PICTURES, _CLASSES))
        labels = (honest + rng.gumbel(size=honest.shape)).argmax(axis=1)
        logits = honest * rng.uniform(*limits) + rng.normal(0, 2, (_PICTURES, 1))
        cases[name] = {"logits": logits, "labels": labels}
    return {"cases": cases}


def _temperature_call(name: str) -> str:
    return f"temperature(logits, labels) for {name}"


def _temperature_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    with np.errstate(all="ignore"):
        return {
            _temperature_call(name): attempt(
                answer, np.array(case["logits"]), np.array(case["labels"])
            )
            for name, case in inputs["cases"].items()
        }


def _loss_at(temperature: float, logits: Floats, labels: NDArray[np.int64]) -> float:
    scaled = special.log_softmax(logits / temperature, axis=1)
    return -float(np.mean(scaled[np.arange(len(labels)), labels]))


def _best_temperature(logits: Floats, labels: NDArray[np.int64]) -> float:
    # The loss is convex in 1 / temperature.
    found = optimize.minimize_scalar(
        lambda log: _loss_at(float(np.exp(log)), logits, labels),
        bounds=(-5.0, 9.0),
        method="bounded",
        options={"xatol": 1e-5},
    )
    return float(np.exp(found.x))


def _temperature_hint(given: float, best: float, logits: Floats, labels: NDArray[np.int64]) -> str:
    if given <= 0:
        return "A temperature is positive."
    mistakes = {
        "The logits are multiplied by this number, rather than divided.": 1 / best,
        "This is the logarithm of the temperature.": np.log(best),
        "This is the loss at the best temperature, not the temperature.": _loss_at(
            best, logits, labels
        ),
        "This is the loss of the network as it is.": _loss_at(1.0, logits, labels),
        "This is the accuracy. No temperature changes it: which label is likeliest stays.": float(
            np.mean(logits.argmax(axis=1) == labels)
        ),
        "Nothing is changed with a temperature of 1.": 1.0,
    }
    otherwise = "It is too high." if given > best else "It is too low."
    return likely_mistake(given, mistakes, otherwise=otherwise, rtol=0.01)


def _temperature_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    for points, (name, case) in zip((2, 2, 1), inputs["cases"].items(), strict=True):
        given = answer.number(_temperature_call(name))
        best = _best_temperature(case["logits"], case["labels"])
        hint = _temperature_hint(given, best, case["logits"], case["labels"])
        yield part(
            points,
            close(given, best, rtol=0.01),
            right=f"Right for {name}.",
            wrong=f"Wrong for {name}: {given:.4g}. {hint}",
        )


TEMPERATURE = Exercise(
    id="ch09-temperature",
    title="A temperature",
    difficulty="stretch",
    points=5,
    minutes=30,
    objective="make the confidence of a trained network honest with a single number",
    name="temperature",
    inputs=_temperature_inputs,
    probe=_temperature_probe,
    judge=_temperature_judge,
)

EXERCISES = [MAX_NORM, DROPOUT, DROPOUT_RATES, TEMPERATURE]
