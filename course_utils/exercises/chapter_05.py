"""Exercises of chapter 5: activation functions."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx

from course_utils.exercises._answer import Answer, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]

Floats = NDArray[np.float64]


# 5.1 An activation without an exponential


def _swish_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    width = round(float(rng.uniform(1.5, 4.0)), 2)
    below, above = -rng.uniform(1.1, 3.0, 4), rng.uniform(1.1, 3.0, 4)
    between = np.concatenate([-rng.uniform(0.1, 0.9, 3), rng.uniform(0.1, 0.9, 3)])
    return {"z": width * rng.permutation(np.concatenate([below, between, above])), "width": width}


def _swish_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"hard_swish(z, width)": attempt(answer, inputs["z"], inputs["width"])}


def _swish_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    z, width = inputs["z"], inputs["width"]
    value, slope = answer.array("hard_swish(z, width)", (2, len(z)))
    ramp = z / (2 * width) + 0.5
    gate = np.clip(ramp, 0, 1)
    inside = np.abs(z) < width
    hints = {
        "This is the gate alone. By what is it multiplied?": gate,
        "The gate is not cut off at 0 and 1.": z * ramp,
        "The gate is cut off at 0 only, so that large signals grow as a square.": z
        * np.maximum(ramp, 0),
        "The ramp is half as wide as asked for: it runs from -width to width.": z
        * np.clip(z / width + 0.5, 0, 1),
    }
    yield part(
        1,
        close(value, z * gate),
        right="The values are right.",
        wrong="The values are wrong. "
        + likely_mistake(value, hints, otherwise="Look at the three ranges one by one."),
    )
    expected = np.where(inside, gate + z / (2 * width), gate)
    hints = {
        "The gate changes with z too: what does the product rule say?": gate,
        "That is the derivative of the gate. The product rule has two terms.": np.where(
            inside, 1 / (2 * width), 0
        ),
        "Outside of the ramp the gate is flat: which term is left there?": gate + z / (2 * width),
        "Outside of the ramp on the right the function is the identity. Is its slope 0?": np.where(
            inside, gate + z / (2 * width), 0
        ),
    }
    yield part(
        2,
        close(slope, expected, rtol=1e-4),
        right="The slopes are right.",
        wrong="The slopes are wrong. "
        + likely_mistake(
            slope, hints, otherwise="Compare them with finite differences of your values."
        ),
    )


HARD_SWISH = Exercise(
    id="ch05-hard-swish",
    title="An activation without an exponential",
    difficulty="warm-up",
    points=3,
    minutes=10,
    objective="write an activation with its derivative and check one by the other",
    name="hard_swish",
    inputs=_swish_inputs,
    probe=_swish_probe,
    judge=_swish_judge,
)


# 5.2 Dead or only asleep?

_SIZES = (32, 32, 32, 9)  # of the batches: the last one is what is left
# What becomes of a unit, and the fewest and the most units of which that is true.
_FATES = {
    ("alive", "alive"): (2, 5),
    ("alive", "dead"): (2, 4),
    ("alive", "rare"): (1, 3),
    ("rare", "dead"): (1, 2),
    ("rare", "alive"): (1, 2),
    ("dead", "dead"): (2, 4),
    ("dead", "zero"): (1, 2),
    ("zero", "dead"): (1, 2),
    ("dead", "alive"): (1, 3),
    ("dead", "rare"): (1, 3),
}


def _signals(rng: np.random.Generator, kind: str) -> list[Floats]:
    """Returns the pre-activations of one unit in every batch."""
    batches = [-rng.uniform(0.1, 3.0, size) for size in _SIZES]
    if kind == "alive":  # positive somewhere in every batch
        for batch in batches:
            batch[rng.permutation(len(batch))[: len(batch) // 2]] *= -1
    elif kind == "rare":  # positive for one example of all
        batch = batches[int(rng.integers(len(batches)))]
        batch[int(rng.integers(len(batch)))] = rng.uniform(0.5, 2.0)
    elif kind == "zero":  # exactly zero for some examples, where ReLU's slope is zero as well
        for batch in batches:
            batch[0] = 0.0
    return batches


def _fates_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    fates = [
        fate for fate, (least, most) in _FATES.items() for _ in range(rng.integers(least, most + 1))
    ]
    fates = [fates[number] for number in rng.permutation(len(fates))]
    found = {}
    for place, name in enumerate(("before", "after")):
        units = [_signals(rng, fate[place]) for fate in fates]
        found[name] = [np.stack(batch, axis=1) for batch in zip(*units, strict=True)]
    return found


def _fates_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"count_dead(before, after)": attempt(answer, inputs["before"], inputs["after"])}


def _is_dead(batches: list[Floats]) -> NDArray[np.bool_]:
    return np.asarray((np.concatenate(batches) <= 0).all(axis=0))


def _count_hints(batches: list[Floats]) -> dict[str, float]:
    everything = np.concatenate(batches)
    silent = np.array([(batch <= 0).all(axis=0) for batch in batches])
    return {
        "A unit that is silent in one batch may speak in another.": silent.any(axis=0).sum(),
        "Only the first batch was looked at.": silent[0].sum(),
        "Only the last batch was looked at.": silent[-1].sum(),
        "This counts the units that are negative on average.": (everything.mean(axis=0) < 0).sum(),
        "At exactly 0 ReLU's slope is 0 too, as in Keras.": (everything < 0).all(axis=0).sum(),
        "This counts examples in place of units.": (everything <= 0).all(axis=1).sum(),
        "This counts the units that are alive.": (everything > 0).any(axis=0).sum(),
        "This adds up the batches, and counts a unit several times.": silent.sum(),
    }


def _fates_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    counts = answer.array("count_dead(before, after)", (3,))
    dead = {name: _is_dead(inputs[name]) for name in ("before", "after")}
    for count, (name, mask) in zip(counts, dead.items(), strict=False):
        hint = likely_mistake(
            count,
            _count_hints(inputs[name]),
            otherwise="A unit is dead if no example of any batch makes it positive.",
        )
        yield part(
            1,
            close(count, mask.sum()),
            right=f"The count of dead units {name} is right.",
            wrong=f"The count of dead units {name} is wrong. {hint}",
        )
    before, after = dead.values()
    hints = {
        "Between the two counts some units have also died: a difference of counts hides both.": (
            before.sum() - after.sum()
        ),
        "These are the units that died in between.": (after & ~before).sum(),
        "These are the units that stayed dead.": (before & after).sum(),
        "These are all units that are alive at the end.": (~after).sum(),
    }
    yield part(
        2,
        close(counts[2], (before & ~after).sum()),
        right="The count of units that came back is right.",
        wrong="The count of units that came back is wrong. "
        + likely_mistake(
            counts[2], hints, otherwise="It asks of each unit what it was before and what after."
        ),
    )


DEAD_UNITS = Exercise(
    id="ch05-dead-units",
    title="Dead, or only silent?",
    difficulty="core",
    points=4,
    minutes=15,
    objective="count dead units over a data set, and tell those that come back",
    name="count_dead",
    inputs=_fates_inputs,
    probe=_fates_probe,
    judge=_fates_judge,
)


# 5.3 Moments in closed form


def _moments_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    ordinary = [
        [round(float(rng.uniform(0.4, 0.8)), 3), round(float(rng.uniform(1.4, 2.2)), 3)],
        [round(float(rng.uniform(1.2, 2.5)), 3), round(float(rng.uniform(0.4, 0.8)), 3)],
    ]
    large = [round(float(rng.uniform(1.2, 2.5)), 3), round(float(rng.uniform(60, 100)), 2)]
    return {"ordinary": ordinary, "large": large}


def _moments_call(case: list[float]) -> str:
    return f"elu_moments({case[0]}, {case[1]})"


def _moments_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    cases = [*inputs["ordinary"], inputs["large"]]
    return {_moments_call(case): attempt(answer, *case) for case in cases}


def _moments(alpha: float, sigma: float) -> tuple[float, float]:
    """Returns mean and mean square of ELU for normal inputs of mean 0."""
    once, twice = (0.5 * float(erfcx(k * sigma / np.sqrt(2))) for k in (1, 2))
    mean = sigma / np.sqrt(2 * np.pi) + alpha * (once - 0.5)
    square = sigma**2 / 2 + alpha**2 * (twice - 2 * once + 0.5)
    return float(mean), float(square)


def _moments_hint(place: int, value: float, alpha: float, sigma: float) -> str:
    mean, square = _moments(alpha, sigma)
    hints = {
        "Is sigma taken for the variance?": _moments(alpha, sigma**0.5)[place],
        "Is sigma squared once too often?": _moments(alpha, sigma**2)[place],
        "Where is alpha?": _moments(1.0, sigma)[place],
        "The inputs have the spread sigma, not 1.": _moments(alpha, 1.0)[place],
    }
    if place == 1:
        hints["This is the variance. The mean square is asked for."] = square - mean**2
        hints["The square of ELU has the square of alpha."] = (
            sigma**2 / 2 + (square - sigma**2 / 2) / alpha
        )
    otherwise = "Split the integral at 0. On the left, complete the square in the exponent."
    if close(value, (mean, square)[place], rtol=0.05, atol=0.01):
        otherwise = "It is near, but not exact to six digits: a simulation is not enough."
    return likely_mistake(value, hints, otherwise=otherwise)


def _moments_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    cases = inputs["ordinary"]
    given = [answer.array(_moments_call(case), (2,)) for case in cases]
    for place, name in enumerate(("mean", "mean square")):
        hint, passed = "", True
        for case, values in zip(cases, given, strict=True):
            if passed and not close(values[place], _moments(*case)[place], atol=1e-8):
                hint, passed = _moments_hint(place, float(values[place]), *case), False
        yield part(
            1.5,
            passed,
            right=f"The {name} is right.",
            wrong=f"The {name} is wrong. {hint}",
        )
    values = answer.array(_moments_call(inputs["large"]), (2,))
    right = all(
        close(value, wanted)
        for value, wanted in zip(values, _moments(*inputs["large"]), strict=True)
    )
    yield part(
        2,
        right,
        right="Both are right for a large spread too.",
        wrong="For a large spread they are wrong: there a huge number is multiplied by a tiny one, "
        "or a grid is too coarse or too short.",
    )


ELU_MOMENTS = Exercise(
    id="ch05-elu-moments",
    title="Moments in closed form",
    difficulty="stretch",
    points=5,
    minutes=35,
    objective="derive how an activation transforms mean and variance, and compute it safely",
    name="elu_moments",
    inputs=_moments_inputs,
    probe=_moments_probe,
    judge=_moments_judge,
)

EXERCISES = [HARD_SWISH, DEAD_UNITS, ELU_MOMENTS]
