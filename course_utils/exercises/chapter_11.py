"""Exercises of chapter 11: ensembles."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercises._answer import Answer, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]

Floats = NDArray[np.float64]
Classes = NDArray[np.int64]


# 11.1 A vote with ties

_NETWORKS, _CLASSES = 4, 5
# How often the classes are named on an image; a tie where two of them are named most often.
_CLEAR = ((4,), (3, 1), (2, 1, 1))
_TIED = ((2, 2), (1, 1, 1, 1))


def _vote_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    while True:
        patterns = [*_CLEAR * 4, *_TIED * 8]
        images = [_image(rng, patterns[n]) for n in rng.permutation(len(patterns))]
        p = np.concatenate(images, axis=1)
        tied, right = _is_tied(p), _vote(p)
        mistakes = _vote_mistakes(p)
        # Every mistake shows on two ties at least, and the first one, if it can, without a tie.
        shown = min(int((wrong != right)[tied].sum()) for wrong in mistakes.values())
        if shown >= 2 and ((_soft(p) != right) & ~tied).sum() >= 2:
            return {"p": p}


def _image(rng: np.random.Generator, ballots: tuple[int, ...]) -> Floats:
    """Draws what the networks say of one image, shape (networks, 1, classes), no close race."""
    order = rng.permutation(_CLASSES)
    named, unnamed = order[: len(ballots)], order[len(ballots)]
    labels = rng.permutation(np.repeat(named, ballots))
    while True:
        p = rng.dirichlet(np.full(_CLASSES, 0.8), size=_NETWORKS)
        p[:, unnamed] += rng.uniform(0, 0.6)  # thought likely by many, and named by none
        for row, label in zip(p, labels, strict=True):
            row[label] = row.max() + rng.uniform(0.02, 0.3)
        p /= p.sum(axis=1, keepdims=True)
        if _lead(p[:, None]) > 0.01:
            return np.asarray(p[:, None])


def _ballots(p: Floats) -> Classes:
    """Counts how often each class is named: (images, classes)."""
    return np.asarray(np.eye(p.shape[-1], dtype=np.int64)[p.argmax(axis=-1)].sum(axis=0))


def _is_tied(p: Floats) -> NDArray[np.bool_]:
    ballots = _ballots(p)
    return np.asarray((ballots == ballots.max(axis=1, keepdims=True)).sum(axis=1) > 1)


def _soft(p: Floats) -> Classes:
    return np.asarray(p.mean(axis=0).argmax(axis=-1))


def _vote(p: Floats) -> Classes:
    ballots = _ballots(p)
    most = ballots == ballots.max(axis=1, keepdims=True)
    return np.asarray(np.where(most, p.mean(axis=0), -1).argmax(axis=1))


def _lead(p: Floats) -> float:
    """Returns the smallest lead in the mean, of any class and of those named most often."""
    ballots, mean = _ballots(p), p.mean(axis=0)
    most = ballots == ballots.max(axis=1, keepdims=True)
    leads = [np.diff(np.sort(of, axis=1))[:, -1].min() for of in (mean, np.where(most, mean, -1))]
    return float(min(leads))


def _vote_mistakes(p: Floats) -> dict[str, Classes]:
    """Returns the classes that each mistake gives, under its hint."""
    ballots, mean = _ballots(p), p.mean(axis=0)
    most = ballots == ballots.max(axis=1, keepdims=True)
    surest = p.max(axis=0)
    return {
        "This is a soft vote, ties or not.": _soft(p),
        "A tie goes to the class with the lower number.": ballots.argmax(axis=1),
        "On a tie, only the classes that are tied may win.": np.where(
            _is_tied(p), _soft(p), ballots.argmax(axis=1)
        ),
        "On a tie, the surest single network decides here, not the mean.": np.where(
            most, surest, -1
        ).argmax(axis=1),
        "On a tie, the less probable class wins here.": np.where(most, mean, 2).argmin(axis=1),
        "A tie goes to the class with the higher number.": p.shape[-1]
        - 1
        - ballots[:, ::-1].argmax(axis=1),
    }


def _vote_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"vote(p)": attempt(answer, np.array(inputs["p"]))}


def _vote_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    p = inputs["p"]
    given = answer.array("vote(p)", (p.shape[1],))
    right, tied = _vote(p), _is_tied(p)
    hint = likely_mistake(
        given,
        _vote_mistakes(p),
        otherwise="Which classes were named most often, and which of them is most probable?",
        rtol=0,
    )
    for points, these, where in ((1, ~tied, "without a tie"), (2, tied, "with a tie")):
        yield part(
            points,
            np.array_equal(given[these], right[these]),
            right=f"Images {where} are right.",
            wrong=f"Images {where} are wrong. {hint}",
        )


VOTE = Exercise(
    id="ch11-vote",
    title="A vote with ties",
    difficulty="warm-up",
    points=3,
    minutes=10,
    objective="combine what networks say by counting heads, and by probabilities where that fails",
    name="vote",
    inputs=_vote_inputs,
    probe=_vote_probe,
    judge=_vote_judge,
)


# 11.2 Choosing members

_POOL, _PICKS = 7, 6


def _select_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"pools": [_pool(rng) for _ in range(2)]}


def _pool(rng: np.random.Generator) -> dict[str, Any]:
    """Draws what a pool says of labeled images, such that mistakes are seen."""
    images, classes = 60, 4
    while True:
        y = rng.integers(classes, size=images)
        hard = rng.normal(0, 1.2, size=(images, classes))
        own = rng.normal(0, 1.0, size=(_POOL, images, classes))
        skill = rng.uniform(1.0, 3.0, size=(_POOL, 1, 1))
        z = skill * np.eye(classes)[y] + hard + own
        p = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
        p = np.round(p, 6) + 1e-6
        p /= p.sum(axis=-1, keepdims=True)
        picks, lead = _greedy(p, y, _of_mean)
        if lead < 2e-4:
            continue
        all_picks = [picks, sorted(picks), *_select_mistakes(p, y).values()]
        if len({tuple(one) for one in all_picks}) == len(all_picks):
            return {"p": p, "y": y}


def _of_mean(chosen: Floats, y: Classes) -> float:
    """Returns the cross-entropy of the mean probabilities."""
    return float(-np.log(chosen.mean(axis=0)[np.arange(len(y)), y]).mean())


def _mean_of_losses(chosen: Floats, y: Classes) -> float:
    return float(-np.log(chosen[:, np.arange(len(y)), y]).mean())


def _errors_of_mean(chosen: Floats, y: Classes) -> float:
    return float(np.mean(chosen.mean(axis=0).argmax(axis=1) != y))


def _greedy(
    p: Floats,
    y: Classes,
    loss: Callable[[Floats, Classes], float],
    *,
    again: bool = True,
    sign: int = 1,
) -> tuple[list[int], float]:
    """Returns what is chosen one by one, and by how much the closest choice was decided."""
    picks: list[int] = []
    lead = np.inf
    while len(picks) < _PICKS:
        losses = np.array([sign * loss(p[[*picks, k]], y) for k in range(len(p))])
        if not again:
            losses[picks] = np.inf
        ordered = np.sort(losses)
        lead = min(lead, float(ordered[1] - ordered[0]))
        picks.append(int(losses.argmin()))
    return picks, lead


def _select_mistakes(p: Floats, y: Classes) -> dict[str, list[int]]:
    """Returns what each mistake chooses, under its hint."""
    alone = np.array([_of_mean(one[None], y) for one in p])
    accuracy = np.array([_errors_of_mean(one[None], y) for one in p])
    return {
        "A network may be chosen more than once.": _greedy(p, y, _of_mean, again=False)[0],
        "These are the networks that are best alone: what is each worth to the others?": [
            int(k) for k in np.argsort(alone, kind="stable")[:_PICKS]
        ],
        "This is the best single network each time: is the mean taken before the logarithm?": [
            int(alone.argmin())
        ]
        * _PICKS,
        "The accuracy of the vote decides here, not its cross-entropy.": _greedy(
            p, y, _errors_of_mean
        )[0],
        "These have the highest accuracy alone.": [
            int(k) for k in np.argsort(accuracy, kind="stable")[:_PICKS]
        ],
        "These are the worst choices: a low cross-entropy is good.": _greedy(
            p, y, _of_mean, sign=-1
        )[0],
        "Each choice should look at the mean of all that were chosen, not at the last one.": (
            _greedy_by_pairs(p, y)
        ),
    }


def _greedy_by_pairs(p: Floats, y: Classes) -> list[int]:
    picks: list[int] = []
    while len(picks) < _PICKS:
        last = picks[-1:]
        picks.append(int(np.argmin([_of_mean(p[[*last, k]], y) for k in range(len(p))])))
    return picks


def _select_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        f"select(...), pool {number}": attempt(
            answer, np.array(pool["p"]), np.array(pool["y"]), _PICKS
        )
        for number, pool in enumerate(inputs["pools"], 1)
    }


def _select_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    for number, pool in enumerate(inputs["pools"], 1):
        given = answer.array(f"select(...), pool {number}", (_PICKS,))
        right = np.array(_greedy(pool["p"], pool["y"], _of_mean)[0])
        yield part(
            0.5,
            given[0] == right[0],
            right=f"Pool {number}: the first choice is right.",
            wrong=f"Pool {number}: the first choice is wrong. Which network has the lowest "
            "cross-entropy by itself?",
        )
        hints = {
            hint: np.array(picks) for hint, picks in _select_mistakes(pool["p"], pool["y"]).items()
        }
        # The same networks in another order: not what was asked for, but nearly.
        hints["The right networks, but not in the order in which they were chosen."] = np.sort(
            right
        )
        yield part(
            1.5,
            np.array_equal(given, right),
            right=f"Pool {number}: all choices are right.",
            wrong=f"Pool {number}: the choices are wrong. "
            + likely_mistake(
                given,
                hints,
                otherwise="At each step: which network makes the mean of all chosen ones best?",
                rtol=0,
            ),
        )


SELECT = Exercise(
    id="ch11-select",
    title="Choosing members",
    difficulty="core",
    points=4,
    minutes=20,
    objective="build an ensemble step by step from a pool, by what each network adds",
    name="select",
    inputs=_select_inputs,
    probe=_select_probe,
    judge=_select_judge,
)


# 11.3 The best weights


def _weights_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"errors": [_errors(rng, shared=False), _errors(rng, shared=True)]}


def _errors(rng: np.random.Generator, *, shared: bool) -> Floats:
    """Draws errors of four predictors: with a bias each, or with a large part in common."""
    members, examples = 4, 50
    while True:
        spread = rng.uniform(0.6, 2.0, size=(members, 1))
        errors = spread * rng.normal(size=(members, examples))
        if shared:
            errors = 0.5 * errors + spread * rng.normal(size=examples)
        else:
            errors = errors + rng.uniform(-1.5, 1.5, size=(members, 1))
        right = _best_weights(errors)
        some = np.array([right, *_weight_mistakes(errors).values()])
        gaps = np.abs(some[:, None] - some).max(axis=2) + np.eye(len(some))
        biased = np.abs(_centered_weights(errors) - right).max() > 0.05
        as_wanted = right.min() < -0.1 if shared else biased and right.min() > 0
        if as_wanted and gaps.min() > 0.02 and np.abs(right).max() < 3:
            return errors


def _normed(w: Floats) -> Floats:
    return np.asarray(w / w.sum())


def _best_weights(errors: Floats) -> Floats:
    products = errors @ errors.T / errors.shape[1]
    return _normed(np.linalg.solve(products, np.ones(len(errors))))


def _centered_weights(errors: Floats) -> Floats:
    return _best_weights(errors - errors.mean(axis=1, keepdims=True))


def _weight_mistakes(errors: Floats) -> dict[str, Floats]:
    """Returns the weights that each mistake gives, under its hint; those that cannot show go."""
    squares = np.mean(errors**2, axis=1)
    right = _best_weights(errors)
    found = {
        "These are equal weights.": np.full(len(errors), 1 / len(errors)),
        "These use only how large the errors are: who errs together with whom?": _normed(
            1 / squares
        ),
        "These use the root of the mean squares, and not who errs together with whom.": _normed(
            1 / np.sqrt(squares)
        ),
        "The best predictor alone: can the others not help?": np.eye(len(errors))[squares.argmin()],
        "Here larger errors get larger weights.": _normed(squares),
    }
    beyond = {
        "The mean of the errors has been subtracted: a bias is an error as well.": (
            _centered_weights(errors)
        ),
        "Negative weights are allowed.": _normed(np.maximum(right, 0)),
    }
    return found | {k: w for k, w in beyond.items() if np.abs(w - right).max() > 0.02}


def _weights_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        f"best_weights(errors), set {number}": attempt(answer, np.array(errors))
        for number, errors in enumerate(inputs["errors"], 1)
    }


def _weights_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    numbered = list(enumerate(inputs["errors"], 1))
    given = [
        answer.array(f"best_weights(errors), set {number}", (len(errors),))
        for number, errors in numbered
    ]
    right = [_best_weights(errors) for _, errors in numbered]
    sums = [float(w.sum()) for w in given]
    equal = all(np.ptp(w) < 1e-3 for w in given)
    yield part(
        1,
        all(abs(total - 1) < 2e-3 for total in sums) and not equal,
        right="The weights add up to 1.",
        wrong="Equal weights need no errors to be computed from."
        if equal and abs(sums[0] - 1) < 2e-3
        else f"The weights add up to {sums[0]:.4g}, not to 1.",
    )
    for (number, errors), w, best in zip(numbered, given, right, strict=True):
        unscaled = np.linalg.solve(errors @ errors.T / errors.shape[1], np.ones(len(errors)))
        hint = likely_mistake(
            w,
            {
                **_weight_mistakes(errors),
                "They have the right proportions, but they do not add up to 1.": unscaled,
                "They have the right proportions and the length 1; it is the sum that should be "
                "1.": best / np.linalg.norm(best),
            },
            otherwise=f"With them the mean squared error is {_error_of(w, errors):.4g}; "
            f"{_error_of(best, errors):.4g} is possible.",
            rtol=0,
            atol=2e-3,
        )
        yield part(
            2,
            close(w, best, rtol=0, atol=2e-3),
            right=f"Set {number}: the best weights.",
            wrong=f"Set {number}: other weights are better. {hint}",
        )


def _error_of(w: Floats, errors: Floats) -> float:
    return float(np.mean((w @ errors) ** 2))


BEST_WEIGHTS = Exercise(
    id="ch11-best-weights",
    title="The best weights",
    difficulty="stretch",
    points=5,
    minutes=30,
    objective="derive the weights of a weighted mean that make its error smallest",
    name="best_weights",
    inputs=_weights_inputs,
    probe=_weights_probe,
    judge=_weights_judge,
)

EXERCISES = [VOTE, SELECT, BEST_WEIGHTS]
