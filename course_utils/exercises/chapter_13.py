"""Exercises of chapter 13: all together."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from course_utils.exercises._answer import Answer, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]

Array = NDArray[np.float64]


# 13.1 Two factors from a list of runs


def _runs_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"lists": [_runs(rng) for _ in range(2)]}


def _runs(rng: np.random.Generator) -> dict[str, Any]:
    """Draws runs in cells of different sizes, such that mistakes are seen."""
    while True:
        sizes = rng.permutation([1, 2, 3, 5])
        a, b = np.repeat([-1, 1, -1, 1], sizes), np.repeat([-1, -1, 1, 1], sizes)
        order = rng.permutation(sizes.sum())
        cells = rng.uniform(0.5, 0.9, 4)
        y = np.round(np.repeat(cells, sizes) + rng.normal(0, 0.02, sizes.sum()), 4)[order]
        runs = {"a": a[order], "b": b[order], "y": y}
        values = np.array([_two_factors(**runs), *_runs_mistakes(**runs).values()])
        gaps = np.abs(values[1:] - values[0])
        if np.abs(values[0]).min() > 0.02 and gaps.max(axis=1).min() > 0.01:
            return runs


def _two_factors(a: Array, b: Array, y: Array) -> Array:
    cell = {(i, j): y[(a == i) & (b == j)].mean() for i in (-1, 1) for j in (-1, 1)}
    signs = np.array([[i, j, i * j] for i, j in cell])
    found: Array = np.array(list(cell.values())) @ signs / 2
    return found


def _weighted(a: Array, b: Array, y: Array) -> Array:
    return np.array([y[c > 0].mean() - y[c < 0].mean() for c in (a, b, a * b)])


def _runs_mistakes(a: Array, b: Array, y: Array) -> dict[str, Array]:
    right = _two_factors(a, b, y)
    return {
        "Here every run counts the same, so settings with many runs count more.": _weighted(
            a, b, y
        ),
        "These are the coefficients: going from -1 to +1 is a step of two.": right / 2,
        "These are twice the effects.": 2 * right,
        "The signs are turned round: which level is +1?": -right,
        "The effects of `a` and `b` are exchanged.": right[[1, 0, 2]],
    }


def _runs_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        f"two_factors(a, b, y) of list {number}": attempt(
            answer, *(np.array(runs[name]) for name in "aby")
        )
        for number, runs in enumerate(inputs["lists"], 1)
    }


def _runs_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    found = np.array(
        [answer.array(f"two_factors(a, b, y) of list {number}", (3,)) for number in (1, 2)]
    )
    right = np.array([_two_factors(**runs) for runs in inputs["lists"]])
    mistakes = [_runs_mistakes(**runs) for runs in inputs["lists"]]
    whole = {hint: np.array([one[hint] for one in mistakes]) for hint in mistakes[0]}
    hint = likely_mistake(found, whole, otherwise="", rtol=1e-4)
    yield part(
        2,
        close(found[:, :2], right[:, :2], rtol=1e-4),
        right="Both main effects are right.",
        wrong="The main effects are wrong. "
        + (hint or "Start from the means of the four settings."),
    )
    interactions = {
        "This is the whole difference of two effects, not half of it.": 2 * right[:, 2],
        "This is a coefficient, half of the interaction.": right[:, 2] / 2,
        "The sign is turned round: start from the effect where the other factor is on.": -right[
            :, 2
        ],
        "Here every run counts the same, so settings with many runs count more.": np.array(
            [_weighted(**runs)[2] for runs in inputs["lists"]]
        ),
    }
    yield part(
        1,
        close(found[:, 2], right[:, 2], rtol=1e-4),
        right="The interaction is right.",
        wrong="The interaction is wrong. "
        + likely_mistake(
            found[:, 2],
            interactions,
            otherwise="What is the effect of `a` where `b` is on, and where it is off?",
            rtol=1e-4,
        ),
    )


TWO_FACTORS = Exercise(
    id="ch13-two-factors",
    title="Two factors from a list of runs",
    difficulty="warm-up",
    points=3,
    minutes=10,
    objective="compute main effects and an interaction from runs that are not balanced",
    name="two_factors",
    inputs=_runs_inputs,
    probe=_runs_probe,
    judge=_runs_judge,
)


# 13.2 Aliases from generators


def _aliases_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"cases": [_case(rng, basic, added) for basic, added in ((4, 1), (4, 2), (5, 3))]}


def _case(rng: np.random.Generator, basic: int, added: int) -> dict[str, Any]:
    """Draws generators, some with a minus, and an effect with aliases of both signs."""
    letters = "ABCDEFGH"[: basic + added]
    products = ["".join(p) for n in (3, 4) for p in combinations(letters[:basic], n)]
    while True:
        chosen = [products[n] for n in rng.permutation(len(products))[:added]]
        # Two with a minus, so that minus times minus occurs.
        signs = ["-", "-", *rng.choice(["", "-"], added)][:added]
        generators = {
            letter: sign + product
            for letter, sign, product in zip(letters[basic:], signs, chosen, strict=True)
        }
        size = int(rng.integers(1, 3))
        effect = "".join(sorted(rng.choice(list(letters), size, replace=False)))
        found = _aliases(generators, effect)
        both = {word.startswith("-") for word in found} == {True, False}
        of_words = {word.lstrip("-") for word in _first_words(generators, effect)}
        several = {word.lstrip("-") for word in found} - of_words
        if "" not in {word.lstrip("-") for word in found} and (added == 1 or (both and several)):
            return {"generators": generators, "effect": effect}


def _times(one: str, other: str) -> str:
    sign = "-" if one.startswith("-") != other.startswith("-") else ""
    return sign + "".join(sorted(set(one.lstrip("-")) ^ set(other.lstrip("-"))))


def _aliases(generators: dict[str, str], effect: str) -> set[str]:
    words = [""]
    for letter, product in generators.items():
        words += [_times(word, _times(product, letter)) for word in words]
    return {_times(effect, word) for word in words[1:]}


def _first_words(generators: dict[str, str], effect: str) -> set[str]:
    """Returns the aliases by the generators alone, without those by their products."""
    return {_times(effect, _times(product, letter)) for letter, product in generators.items()}


def _aliases_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for number, case in enumerate(inputs["cases"], 1):
        result = attempt(answer, dict(case["generators"]), case["effect"])
        if isinstance(result, set | frozenset | tuple):
            result = sorted(result, key=str)
        found[f"aliases(...) with {number} generator{'s' * (number > 1)}"] = result
    return found


def _aliases_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    signs_right = True
    for number, case in enumerate(inputs["cases"], 1):
        name = f"aliases(...) with {number} generator{'s' * (number > 1)}"
        items = answer.items(name)
        found = [items.text(key).strip() for key in items.names()]
        expected = _aliases(**case)
        plain = sorted(word.lstrip("-") for word in expected)
        signs_right &= sorted(found) == sorted(expected)
        yield part(
            1,
            sorted(word.lstrip("-") for word in found) == plain,
            right=f"The aliases with {number} generator{'s' * (number > 1)} are right, but for "
            "their signs perhaps.",
            wrong=f"`{name}` is wrong for {case['generators']} and the effect "
            f"{case['effect']!r}. {_aliases_hint(found, case)}",
        )
    yield part(
        1,
        signs_right,
        right="The signs are right.",
        wrong="Some sign is wrong: which words have a minus, and what is minus times minus?",
    )


def _aliases_hint(found: list[str], case: dict[str, Any]) -> str:
    expected = {word.lstrip("-") for word in _aliases(**case)}
    words = [word.lstrip("-") for word in found]
    some = set(words)
    if "" in some:
        return "An empty text is among them: that is a constant, not an effect."
    if any(len(set(word)) < len(word) for word in some):
        return "A letter stands twice in a word: its square is 1 in every run."
    if any(list(word) != sorted(word) for word in some):
        return "The letters of a word should be in alphabetical order."
    if case["effect"] in some:
        return "The effect itself is among them."
    if len(words) > len(some):
        return "The same word stands there twice."
    if some == {word.lstrip("-") for word in _first_words(**case)}:
        return "Products of two defining words are constant as well."
    if some and some < expected:
        return "Some are missing: interactions of any number of factors count."
    if {_times(word, case["effect"]) for word in expected} == some:
        return "These are the defining words: they still have to be multiplied by the effect."
    return "Is the column of each of them the same as that of the effect, in every run?"


ALIASES = Exercise(
    id="ch13-aliases",
    title="Aliases from generators",
    difficulty="core",
    points=4,
    minutes=25,
    objective="say which effects a fractional design cannot tell apart",
    name="aliases",
    inputs=_aliases_inputs,
    probe=_aliases_probe,
    judge=_aliases_judge,
)


# 13.3 Several comparisons, by Holm's rule

# What the p-values are, as multiples of alpha, for five variants. Thresholds: 1/5, 1/4, ..., 1.
_ALL_FOUND = (0.1, 0.23, 0.31, 0.45, 0.85)
_STOPS = (0.12, 0.27, 0.32, 0.7, 1.3)
_CLEAR = (0.001, 0.002, 5.0, 6.0, 8.0)
_RIGHT, _NONE = {1: "better", -1: "worse"}, "no clear difference"


def _holm_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    alpha = float(rng.choice([0.05, 0.08, 0.1]))
    return {
        "alpha": alpha,
        "tables": [_scores(rng, p, alpha) for p in (_CLEAR, _ALL_FOUND, _STOPS)],
    }


def _scores(rng: np.random.Generator, shares: tuple[float, ...], alpha: float) -> Array:
    """Draws paired scores whose t tests have given p-values, in an order by chance."""
    replicates = int(rng.integers(6, 9))
    # Of a seed, the same for all variants. Where it is small, an unpaired test finds something too.
    luck = rng.normal(0.8, 0.003 if shares is _CLEAR else 0.03, replicates)
    signs = rng.permutation([1, -1, 1, -1, 1])
    columns = []
    for share, sign in zip(rng.permutation(shares), signs, strict=True):
        t = stats.t.ppf(1 - min(share * alpha, 0.9) / 2, replicates - 1)
        noise = rng.normal(size=replicates)
        noise = (noise - noise.mean()) / noise.std(ddof=1)
        differences = noise + sign * t / np.sqrt(replicates)
        columns.append(luck + rng.uniform(0.002, 0.004) * differences)
    return np.column_stack([luck, *columns])


def _p_values(scores: Array) -> tuple[Array, Array]:
    differences = scores[:, 1:] - scores[:, :1]
    p = stats.ttest_1samp(differences, 0).pvalue
    return np.asarray(p), np.sign(differences.mean(axis=0))


def _verdicts(found: Any, signs: Array) -> list[str]:
    return [_RIGHT[int(s)] if yes else _NONE for yes, s in zip(found, signs, strict=True)]


def _step_down(p: Array, alpha: float, *, stops: bool = True) -> NDArray[np.bool_]:
    order = np.argsort(p)
    passed = p[order] < alpha / np.arange(len(p), 0, -1)
    if stops:
        passed = np.logical_and.accumulate(passed)
    found = np.zeros(len(p), bool)
    found[order] = passed
    return found


def _step_up(p: Array, alpha: float) -> NDArray[np.bool_]:
    order = np.argsort(p)
    passed = np.logical_or.accumulate((p[order] < alpha / np.arange(len(p), 0, -1))[::-1])[::-1]
    found = np.zeros(len(p), bool)
    found[order] = passed
    return found


def _holm(scores: Array, alpha: float) -> list[str]:
    p, signs = _p_values(scores)
    return _verdicts(_step_down(p, alpha), signs)


def _not_paired(scores: Array, alpha: float) -> list[str]:
    _, signs = _p_values(scores)
    p = np.asarray(stats.ttest_ind(scores[:, 1:], scores[:, :1]).pvalue)
    return _verdicts(_step_down(p, alpha), signs)


_HOLM_MISTAKES: dict[str, Callable[[Array, float], list[str]]] = {
    "This looks like an unpaired test: compare seed by seed.": _not_paired,
    "Better and worse are exchanged: higher scores are better.": lambda scores, alpha: _verdicts(
        _step_down(_p_values(scores)[0], alpha), -_p_values(scores)[1]
    ),
    "Here nothing is corrected: each p-value is compared with alpha.": lambda scores, alpha: (
        _verdicts(_p_values(scores)[0] < alpha, _p_values(scores)[1])
    ),
    "This is Bonferroni's correction: Holm's later thresholds are larger.": lambda scores, alpha: (
        _verdicts(_p_values(scores)[0] < alpha / 5, _p_values(scores)[1])
    ),
    "The rule stops at the first p-value that fails; later ones do not count.": (
        lambda scores, alpha: _verdicts(
            _step_down(_p_values(scores)[0], alpha, stops=False), _p_values(scores)[1]
        )
    ),
    "This starts from the largest p-value: begin with the smallest.": lambda scores, alpha: (
        _verdicts(_step_up(_p_values(scores)[0], alpha), _p_values(scores)[1])
    ),
    "These look like one-sided p-values, which are half as large.": lambda scores, alpha: _verdicts(
        _step_down(_p_values(scores)[0] / 2, alpha), _p_values(scores)[1]
    ),
}

_HOLM_TABLES = {
    "clear ones": (1, "Clear differences and none at all are told apart."),
    "p-values that all pass": (2, "Later comparisons get their larger thresholds."),
    "a p-value in the middle that fails": (2, "The rule stops where it should."),
}


def _holm_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        f"holm(scores, alpha) on {name}": attempt(answer, np.array(scores), inputs["alpha"])
        for name, scores in zip(_HOLM_TABLES, inputs["tables"], strict=True)
    }


def _holm_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    tables = dict(zip(_HOLM_TABLES, map(np.asarray, inputs["tables"]), strict=True))
    found = {}
    for name in tables:
        items = answer.items(f"holm(scores, alpha) on {name}")
        found[name] = [items.text(key) for key in items.names()]
    hint = _holm_hint(list(found.values()), list(tables.values()), inputs["alpha"])
    for name, (points, right) in _HOLM_TABLES.items():
        yield part(
            points,
            found[name] == _holm(tables[name], inputs["alpha"]),
            right=right,
            wrong=f"Wrong on {name}. {hint}",
        )


def _holm_hint(found: list[list[str]], tables: list[Array], alpha: float) -> str:
    if any(len(texts) != table.shape[1] - 1 for texts, table in zip(found, tables, strict=True)):
        return "There should be a text for each variant but the baseline."
    if {text for texts in found for text in texts} - {*_RIGHT.values(), _NONE}:
        return "A text is none of the three."
    for hint, wrong in _HOLM_MISTAKES.items():
        if found == [wrong(table, alpha) for table in tables]:
            return hint
    if any(
        sorted(texts) == sorted(_holm(table, alpha)) != texts
        for texts, table in zip(found, tables, strict=True)
    ):
        return "Are the verdicts in the order of the columns, not of the p-values?"
    return "Write down the sorted p-values of a small table and the number each is compared with."


HOLM = Exercise(
    id="ch13-holm",
    title="Several comparisons, by Holm's rule",
    difficulty="stretch",
    points=5,
    minutes=30,
    objective="compare several variants with a baseline and keep the probability of a false "
    "finding in all of them together",
    name="holm",
    inputs=_holm_inputs,
    probe=_holm_probe,
    judge=_holm_judge,
)

EXERCISES = [TWO_FACTORS, ALIASES, HOLM]
