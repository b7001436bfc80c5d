"""Exercises of chapter 10: transfer."""

from collections.abc import Iterator, Mapping
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from course_utils.exercises._answer import Answer, WrongForm, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]

Floats = NDArray[np.float64]


# 10.1 Reuse without sharing


def _reuse_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    sizes = [int(size) for size in rng.permutation([3, 4, 5, 6])] + [int(rng.integers(2, 5))]
    names = [str(name) for name in rng.permutation(["relu", "tanh", "sigmoid"])]
    return {
        "activations": [*names, "softmax"],
        "weights": _random_weights(rng, sizes),
        "later": _random_weights(rng, sizes),
        "counts": [int(rng.integers(1, 3)), 3],
        "x": rng.normal(size=(5, sizes[0])),
    }


def _random_weights(rng: np.random.Generator, sizes: list[int]) -> list[Floats]:
    shapes = [shape for n, m in zip(sizes, sizes[1:], strict=False) for shape in ((n, m), (m,))]
    return [rng.normal(size=shape) for shape in shapes]


def _keras_model(inputs: Mapping[str, Any]) -> Any:
    import keras

    layers = [
        keras.layers.Dense(len(bias), activation)
        for bias, activation in zip(inputs["weights"][1::2], inputs["activations"], strict=True)
    ]
    model = keras.Sequential([keras.layers.Input((inputs["x"].shape[1],)), *layers])
    model.set_weights(inputs["weights"])
    return model


def _reuse_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for count in inputs["counts"]:
        model_a = _keras_model(inputs)
        model_b = attempt(answer, model_a, count)
        call = f"reuse(model_a, {count})"
        found[call] = _kind(model_b)
        found[f"weights of {call}"] = attempt(_weights, model_b)
        found[f"predictions of {call}"] = _outputs(model_b, inputs)
        found[f"predictions of model_a after {call}"] = _outputs(model_a, inputs)
        attempt(model_a.set_weights, inputs["later"])
        found[f"predictions of {call} after model_a was changed"] = _outputs(model_b, inputs)
        attempt(_clear, model_b)
        found[f"predictions of model_a after {call} was changed"] = _outputs(model_a, inputs)
    return found


def _weights(model: Any) -> Any:
    return model.get_weights()


def _clear(model: Any) -> None:
    model.set_weights([0 * weights for weights in model.get_weights()])


def _kind(model: Any) -> Any:
    import keras

    if model is None or (isinstance(model, dict) and "raised" in model):
        return model
    return (
        "model" if isinstance(model, keras.Model) else f"an object of type {type(model).__name__}"
    )


def _outputs(model: Any, inputs: Mapping[str, Any]) -> Any:
    return attempt(lambda: np.array(model(inputs["x"].astype(np.float32))))


def _predicted(
    x: NDArray[Any], weights: list[NDArray[Any]], activations: list[str]
) -> NDArray[Any]:
    """Computes in NumPy what a network predicts, outside of Keras and of student code."""
    signal = x
    for kernel, bias, name in zip(weights[::2], weights[1::2], activations, strict=True):
        z = signal @ kernel + bias
        if name == "relu":
            signal = np.maximum(z, 0)
        elif name == "tanh":
            signal = np.tanh(z)
        elif name == "sigmoid":
            signal = 1 / (1 + np.exp(-np.clip(z, -50, 50)))
        else:
            powers = np.exp(z - z.max(axis=1, keepdims=True))
            signal = powers / powers.sum(axis=1, keepdims=True)
    return np.asarray(signal)


def _reuse_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    weights = [_read_weights(answer, inputs, count) for count in inputs["counts"]]
    yield _judged_copies(weights, inputs)
    yield _judged_output(answer, weights, inputs)
    yield _judged_independence(answer, weights, inputs)


def _read_weights(answer: Answer, inputs: dict[str, Any], count: int) -> list[Floats]:
    """Returns kernels and biases of a network B, which has the right shapes."""
    call = f"reuse(model_a, {count})"
    kind = answer.text(call)
    if kind != "model":
        raise WrongForm(f"`{call}` should be a Keras model, but it is {kind}.")
    reused = inputs["weights"][: 2 * count]
    shapes = [array.shape for array in reused] + [(len(reused[-1]), 1), (1,)]
    given = answer.items(f"weights of {call}")
    if len(given.names()) != len(shapes):
        raise WrongForm(
            f"`{call}` should have {count + 1} layers of weights, {count} of them reused and a new "
            f"one, but it has {len(given.names())} arrays of weights in place of {len(shapes)}."
        )
    return [given.array(str(number), shape) for number, shape in enumerate(shapes)]


def _judged_copies(weights: list[list[Floats]], inputs: dict[str, Any]) -> Part:
    hint = ""
    for arrays, count in zip(weights, inputs["counts"], strict=True):
        pairs = list(zip(arrays, inputs["weights"][: 2 * count], strict=False))
        equal = [close(array, wanted, rtol=1e-4) for array, wanted in pairs]
        if not any(equal[::2]):
            hint = hint or (
                "The layers have the right shapes, but the first weights of a new network."
            )
        elif not all(equal):
            hint = hint or f"Of the {count} reused layers only some have the weights of A."
    return part(
        1,
        not hint,
        right="The reused layers have the weights of A.",
        wrong=f"The reused layers do not have the weights of A. {hint}",
    )


def _judged_output(answer: Answer, weights: list[list[Floats]], inputs: dict[str, Any]) -> Part:
    x, hint = inputs["x"], ""
    for arrays, count in zip(weights, inputs["counts"], strict=True):
        name = f"predictions of reuse(model_a, {count})"
        given = answer.array(name, (len(x), 1))
        names = inputs["activations"][:count]
        mistakes = {
            "The new unit has no sigmoid.": None,
            "The new unit has a softmax: over a single unit that is always 1.": "softmax",
            "The new unit has a ReLU.": "relu",
            "The new unit has a tanh.": "tanh",
        }
        if not close(given, _predicted(x, arrays, [*names, "sigmoid"]), atol=1e-4):
            signal = _predicted(x, arrays[:-2], names)
            score = signal @ arrays[-2] + arrays[-1]
            outputs = {
                text: score if last is None else _predicted(x, arrays, [*names, last])
                for text, last in mistakes.items()
            }
            hint = hint or likely_mistake(
                given, outputs, otherwise="Do the reused layers keep their activations?", atol=1e-4
            )
    return part(
        1,
        not hint,
        right="The new unit gives a probability from the reused features.",
        wrong=f"The predictions are not those of the reused layers and a sigmoid. {hint}",
    )


def _judged_independence(
    answer: Answer, weights: list[list[Floats]], inputs: dict[str, Any]
) -> Part:
    x, hint = inputs["x"], ""
    before, later = (
        _predicted(x, inputs[which], inputs["activations"]) for which in ("weights", "later")
    )
    for count in inputs["counts"]:
        call = f"reuse(model_a, {count})"
        untouched = answer.array(f"predictions of model_a after {call}", (len(x), None))
        of_a = answer.array(f"predictions of model_a after {call} was changed", (len(x), None))
        first = answer.array(f"predictions of {call}", (len(x), 1))
        of_b = answer.array(f"predictions of {call} after model_a was changed", (len(x), 1))
        if not close(untouched, before, atol=1e-4):
            hint = hint or "After the call `model_a` is no longer what it was."
        elif not close(of_b, first, atol=1e-4):
            hint = hint or "When `model_a` is changed, B changes: they have the same variables."
        elif not close(of_a, later, atol=1e-4):
            hint = hint or "When B is changed, `model_a` changes: they have the same variables."
    return part(
        1,
        not hint,
        right="The two networks are independent.",
        wrong=f"The two networks are not independent. {hint}",
    )


REUSE = Exercise(
    id="ch10-reuse",
    title="Reuse without sharing",
    difficulty="warm-up",
    points=3,
    minutes=10,
    objective="build a network on the layers of another one and leave that one alone",
    name="reuse",
    inputs=_reuse_inputs,
    probe=_reuse_probe,
    judge=_reuse_judge,
)


# 10.2 Freeze, then unfreeze


def _tune_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    width, first, second = (int(size) for size in rng.permutation([3, 4, 5, 6, 7])[:3])
    epochs = rng.choice(np.arange(2, 30), 2, replace=False)
    rates = [float(f"{10**power:.2e}") for power in (rng.uniform(-1.5, -0.5), rng.uniform(-4, -2))]
    return {
        "sizes": [width, first, second],
        "x": rng.normal(size=(6, width)),
        "y": rng.integers(0, 2, 6),
        "epochs": [int(number) for number in epochs],
        "rates": rates,
    }


def _tune_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    fits: list[dict[str, Any]] = []
    model = _recording_model(inputs["sizes"], fits)
    result = attempt(
        answer,
        model,
        inputs["x"].copy(),
        inputs["y"].copy(),
        tuple(inputs["epochs"]),
        tuple(inputs["rates"]),
    )
    return {"fine_tune(...)": result, "calls of fit": fits[:20]}


def _recording_model(sizes: list[int], fits: list[dict[str, Any]]) -> Any:
    """Builds a network whose `fit` writes down what it would train, and trains nothing."""
    import keras

    layers = keras.layers
    traced: dict[str, Any] = {}

    class Recording(keras.Sequential):  # type: ignore[misc]
        def compile(self, *arguments: Any, **settings: Any) -> None:
            super().compile(*arguments, **settings)
            traced.clear()

        def fit(
            self, x: Any = None, y: Any = None, batch_size: Any = None, epochs: Any = 1, **more: Any
        ) -> Any:
            if getattr(self, "optimizer", None) is None:
                raise ValueError("You must call `compile()` before calling `fit()`.")
            # As in Keras, the first fit after compile settles which layers are trained.
            traced.setdefault("layers", _trained_layers(self))
            fits.append(
                {
                    "layers": list(traced["layers"]),
                    "flags": _trained_layers(self),
                    "rate": float(np.asarray(self.optimizer.learning_rate)),
                    "epochs": int(epochs) - int(more.get("initial_epoch", 0)),
                    "images": 0 if x is None else len(x),
                    "same optimizer": bool(used) and used[-1] is self.optimizer,
                }
            )
            used.append(self.optimizer)
            return keras.callbacks.History()

    used: list[Any] = []
    return Recording(
        [
            layers.Input((sizes[0],)),
            layers.Dense(sizes[1], "relu"),
            layers.BatchNormalization(),
            layers.Dense(sizes[2], "relu"),
            layers.Dense(1, "sigmoid"),
        ]
    )


def _trained_layers(model: Any) -> list[bool]:
    """Returns for each layer whether training would change anything in it."""
    trained = {id(variable) for variable in model.trainable_weights}
    # A normalization that is trainable moves its means even where the optimizer leaves it alone.
    return [
        any(id(v) in trained for v in layer.trainable_weights)
        or (type(layer).__name__ == "BatchNormalization" and bool(layer.trainable))
        for layer in model.layers
    ]


_NORM, _LAST = 1, 3  # places of the normalization and of the new layer


def _tune_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    result = answer.raised("fine_tune(...)")
    if result is not None:
        raise WrongForm(f"`fine_tune(...)` raises an error: {result}")
    calls = answer.items("calls of fit")
    phases = [_phase(calls.items(name)) for name in calls.names()]
    if len(phases) != 2:
        raise WrongForm(
            f"`model.fit` should be called twice, once for each phase; it was called "
            f"{len(phases)} times."
        )
    first, second = phases
    yield _judged_first(first)
    yield _judged_second(first, second)
    frozen = not first["layers"][_NORM] and not second["layers"][_NORM]
    yield part(
        1,
        frozen and any(first["layers"]),
        right="The batch normalization is frozen in both phases.",
        wrong="The batch normalization is not frozen all the time: its means and variances would "
        "move away from those of task A."
        if not frozen
        else "Whether the batch normalization is frozen can be seen only when something trains.",
    )
    yield _judged_settings(phases, inputs)
    counts = answer.array("fine_tune(...)", (2,))
    yield _judged_counts(counts, inputs["sizes"])


def _phase(call: Answer) -> dict[str, Any]:
    layers, flags = call.items("layers"), call.items("flags")
    return {
        "layers": [layers.flag(str(place)) for place in range(4)],
        "flags": [flags.flag(str(place)) for place in range(4)],
        "rate": call.number("rate"),
        "epochs": call.number("epochs"),
        "same optimizer": call.flag("same optimizer"),
    }


def _judged_first(phase: dict[str, Any]) -> Part:
    trained = phase["layers"]
    hint = "Which layers should train, and which should not?"
    if not any(trained):
        hint = "Nothing trains. A model that is frozen as a whole freezes its last layer too."
    elif all(trained):
        hint = "All layers train: when were they frozen?"
    elif not trained[_LAST]:
        hint = "The new layer is frozen."
    return part(
        1,
        trained == [False, False, False, True],
        right="In the first phase the new layer trains alone.",
        wrong=f"Wrong in the first phase. {hint}",
    )


def _judged_second(first: dict[str, Any], second: dict[str, Any]) -> Part:
    trained, flags = second["layers"], second["flags"]
    is_right = trained[0] and trained[2] and trained[_LAST]
    hint = "All dense layers should train."
    if not is_right and flags[0] and flags[2] and flags[_LAST]:
        hint = "`trainable` says so, but the compiled training step does not know it yet."
    elif trained == first["layers"]:
        hint = "The same layers train as in the first phase."
    elif second["same optimizer"] and is_right:
        hint = "The optimizer of the first phase knows only the weights of that phase."
    return part(
        1,
        is_right and not second["same optimizer"],
        right="In the second phase all dense layers train.",
        wrong=f"Wrong in the second phase. {hint}",
    )


def _judged_settings(phases: list[dict[str, Any]], inputs: dict[str, Any]) -> Part:
    hint = ""
    epochs = [phase["epochs"] for phase in phases]
    rates = [phase["rate"] for phase in phases]
    if not close(epochs, inputs["epochs"]):
        hint = f"The phases should last {inputs['epochs']} epochs, not {[int(e) for e in epochs]}."
    elif not close(np.array(rates) / inputs["rates"], np.ones(2), rtol=1e-3):
        hint = likely_mistake(
            rates,
            {
                "Both phases have the rate of the first one.": [inputs["rates"][0]] * 2,
                "Both phases have the rate of the second one.": [inputs["rates"][1]] * 2,
                "The rates of the phases are exchanged.": inputs["rates"][::-1],
            },
            otherwise="The learning rates are not those of `rates`.",
            rtol=1e-3,
        )
    return part(
        1,
        not hint,
        right="Epochs and learning rates are right.",
        wrong=f"Epochs or learning rates are wrong. {hint}",
    )


def _judged_counts(counts: Floats, sizes: list[int]) -> Part:
    width, first, second = sizes
    dense = [width * first + first, first * second + second, second + 1]
    right = [dense[2], sum(dense)]
    hint = likely_mistake(
        counts,
        {
            "The scale and shift of the normalization are frozen, so they do not count.": [
                dense[2],
                sum(dense) + 2 * first,
            ],
            "These are counts of arrays, not of numbers.": [2, 6],
            "These are all weights of the network, trained or not.": [sum(dense) + 4 * first] * 2,
            "These are the numbers of layers.": [1, 3],
            "These are the weights that are frozen.": [
                sum(dense) + 4 * first - right[0],
                sum(dense) + 4 * first - right[1],
            ],
            "The biases are weights as well.": [
                second,
                width * first + first * second + second,
            ],
        },
        otherwise="How many numbers does the optimizer change in each phase?",
    )
    return part(
        1,
        close(counts, right),
        right="The numbers of trainable weights are right.",
        wrong=f"The numbers of trainable weights are wrong. {hint}",
    )


FINE_TUNE = Exercise(
    id="ch10-fine-tune",
    title="Freeze, then unfreeze",
    difficulty="core",
    points=5,
    minutes=25,
    objective="train a new layer first and the reused ones afterwards, without the usual traps",
    name="fine_tune",
    inputs=_tune_inputs,
    probe=_tune_probe,
    judge=_tune_judge,
)


# 10.3 Does it help, and what would a search have claimed?

_ENTRIES = ("gain", "low", "high", "wins", "searched")


def _splits_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"cases": [_splits(rng, level) for level in (0.004, -0.003)]}


def _splits(rng: np.random.Generator, level: float) -> dict[str, Any]:
    """Draws accuracies of splits and seeds, such that mistakes are seen."""
    while True:
        splits, seeds = int(rng.integers(12, 21)), int(rng.integers(3, 6))
        difficulty = rng.normal(0, 0.03, (splits, 1))
        alone = 0.93 + difficulty + rng.normal(0, 0.006, (splits, seeds))
        gain = level + rng.normal(0, 0.008, (splits, 1)) + rng.normal(0, 0.010, (splits, seeds))
        tries = int(rng.integers(4, 11))
        case: dict[str, Any] = {"alone": alone, "reused": alone + gain, "tries": tries}
        right, mistakes = _splits_right(**case), _splits_mistakes(**case)
        is_seen = (
            all(abs(wrong - right[2]) > 0.02 * right[2] for _, wrong in mistakes["half"])
            and all(abs(wrong - right[3]) > 0.02 for _, wrong in mistakes["wins"])
            and all(abs(wrong - right[4]) > 0.2 * gain.std() for _, wrong in mistakes["searched"])
        )
        if is_seen:
            return case


def _largest_of(values: NDArray[Any], tries: int) -> float:
    """Returns the expected largest of some values that are drawn without putting them back."""
    ordered, size = np.sort(np.ravel(values)), np.size(values)
    chances = [comb(place, tries - 1) / comb(size, tries) for place in range(size)]
    return float(ordered @ chances)


def _splits_right(
    alone: Floats, reused: Floats, tries: int
) -> tuple[float, float, float, float, float]:
    """Returns mean gain, its middle again, half the width of its interval, wins, searched."""
    gains = (reused - alone).mean(axis=1)
    mean = float(gains.mean())
    half = float(stats.sem(gains) * stats.t.ppf(0.975, len(gains) - 1))
    return mean, mean, half, float((gains > 0).mean()), _largest_of(reused - alone, tries)


def _splits_mistakes(alone: Floats, reused: Floats, tries: int) -> dict[str, Any]:
    return {
        "half": [*_half_by_runs(reused - alone), *_half_by_splits(alone, reused)],
        "wins": _wins_mistakes(alone, reused),
        "searched": _searched_mistakes(alone, reused, tries),
    }


def _half_by_runs(runs: Floats) -> list[tuple[str, float]]:
    """Half-widths that take something else than a split for the unit."""
    error, seeds = float(stats.sem(runs, axis=None)), runs.mean(axis=0)
    return [
        (
            "Here every run counts as a split of its own. Seeds of the same split share its "
            "images, so they are no new evidence about other images.",
            float(error * stats.t.ppf(0.975, runs.size - 1)),
        ),
        (
            "Here every run counts as a split of its own, with the normal distribution.",
            error * 1.96,
        ),
        (
            "This is an interval over seeds. The splits are what was drawn at random here.",
            float(stats.sem(seeds) * stats.t.ppf(0.975, len(seeds) - 1)),
        ),
    ]


def _half_by_splits(alone: Floats, reused: Floats) -> list[tuple[str, float]]:
    """Half-widths that take the splits, and then the wrong formula."""
    gains = (reused - alone).mean(axis=1)
    count, error, spread = len(gains), float(stats.sem(gains)), float(np.std(gains, ddof=1))
    t, both = float(stats.t.ppf(0.975, count - 1)), [s.mean(axis=1) for s in (alone, reused)]
    unpaired = float(np.hypot(*(stats.sem(side) for side in both)))
    normal = "This interval uses the normal distribution: too narrow for so few splits."
    groups = "This interval is for independent groups, but each split was used for both."
    single = "This interval shows how far single splits scatter, not how well the mean is known."
    return [
        (normal, error * 1.96),
        (groups, unpaired * t),
        (groups, unpaired * float(stats.t.ppf(0.975, 2 * count - 2))),
        (single, spread * t),
        (single, spread * 1.96),
        (single, spread),
        ("This interval is one standard error wide on each side: that is not 95 %.", error),
        (
            "The splits scatter around their own mean: a degree of freedom is lost (ddof=1).",
            error * t * np.sqrt(1 - 1 / count),
        ),
    ]


def _wins_mistakes(alone: Floats, reused: Floats) -> list[tuple[str, float]]:
    runs = reused - alone
    best = reused.max(axis=1) > alone.max(axis=1)
    return [
        ("These are wins of single runs, not of splits.", float((runs > 0).mean())),
        ("Only the first seed of each split counts here.", float((runs[:, 0] > 0).mean())),
        ("These are splits that lose.", float((runs.mean(axis=1) < 0).mean())),
        ("These are splits in which every seed wins.", float((runs > 0).all(axis=1).mean())),
        ("The best seeds of both are compared here.", float(best.mean())),
    ]


def _searched_mistakes(alone: Floats, reused: Floats, tries: int) -> list[tuple[str, float]]:
    runs = reused - alone
    gains = runs.mean(axis=1)
    return [
        ("This is the largest gain of all: would a search always find it?", float(runs.max())),
        (
            "This searches among means of splits. Who tries a split runs it once.",
            _largest_of(gains, tries) if tries <= len(gains) else float(gains.max()),
        ),
        ("This is the mean gain of a run: the searcher shows the best.", float(runs.mean())),
        ("This is the smallest gain that a search shows.", -_largest_of(-runs, tries)),
        (
            "Here the largest accuracies of both are compared, not the gains.",
            _largest_of(reused, tries) - _largest_of(alone, tries),
        ),
    ]


def _splits_call(case: Mapping[str, Any]) -> str:
    return f"compare_splits(alone, reused, {case['tries']}) with {len(case['alone'])} splits"


def _splits_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{_splits_call(case)}, case {number}": attempt(
            answer, case["alone"].copy(), case["reused"].copy(), case["tries"]
        )
        for number, case in enumerate(inputs["cases"], 1)
    }


def _splits_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    found = []
    for number, case in enumerate(inputs["cases"], 1):
        name = f"{_splits_call(case)}, case {number}"
        result = answer.items(name)
        lost = sorted(set(_ENTRIES) - set(result.names()))
        if lost:
            raise WrongForm(f"`{name}` should be a dict; it has no {', '.join(lost)}.")
        found.append((case, {entry: result.number(entry) for entry in _ENTRIES}))
    yield _judged_gain(found)
    yield _judged_interval(found)
    yield _judged_wins(found)
    yield _judged_search(found)


def _judged_gain(found: list[tuple[dict[str, Any], dict[str, float]]]) -> Part:
    hint = ""
    for case, given in found:
        right = _splits_right(**case)[0]
        if not close(given["gain"], right, rtol=0, atol=1e-4):
            runs = case["reused"] - case["alone"]
            hint = hint or likely_mistake(
                given["gain"],
                {
                    "The sign is turned around: reused minus alone.": -right,
                    "This is the median.": float(np.median(runs.mean(axis=1))),
                    "This is the gain of the first seed alone.": float(runs[:, 0].mean()),
                    "This compares the best seed of each split.": float(
                        (case["reused"].max(axis=1) - case["alone"].max(axis=1)).mean()
                    ),
                    "This is in percentage points; return a difference of shares.": 100 * right,
                },
                otherwise="It is the mean over splits of reused minus alone.",
                rtol=0,
                atol=1e-4,
            )
    return part(
        1, not hint, right="The mean gain is right.", wrong=f"The mean gain is wrong. {hint}"
    )


def _judged_interval(found: list[tuple[dict[str, Any], dict[str, float]]]) -> Part:
    hint, given, right, mistakes = "", [], [], []
    for case, result in found:
        mean, _, half, _, _ = _splits_right(**case)
        middle = (result["low"] + result["high"]) / 2
        given.append((result["high"] - result["low"]) / 2)
        right.append(half)
        mistakes.append(_splits_mistakes(**case)["half"])
        if not close(middle, mean, rtol=0, atol=1e-4):
            hint = "The mean gain should lie in the middle between `low` and `high`."
    if not hint and not close(np.array(given) / right, np.ones(len(right)), rtol=0.005):
        hint = "Take Student's 95 % interval for the mean gain of a split."
        for same in zip(*mistakes, strict=True):
            wrong = np.array([half for _, half in same])
            if close(np.array(given) / wrong, np.ones(len(wrong)), rtol=0.005):
                hint = same[0][0]
                break
    return part(2, not hint, right="The interval is right.", wrong=f"The interval is wrong. {hint}")


def _judged_wins(found: list[tuple[dict[str, Any], dict[str, float]]]) -> Part:
    hint = ""
    for case, given in found:
        right = _splits_right(**case)[3]
        if not close(given["wins"], right, rtol=0, atol=1e-3):
            mistakes = dict(_splits_mistakes(**case)["wins"])
            mistakes["This is a number of splits, not a share."] = right * len(case["alone"])
            mistakes["This is a percentage, not a share."] = right * 100
            hint = hint or likely_mistake(
                given["wins"],
                mistakes,
                otherwise="In which share of the splits is the mean gain over its seeds positive?",
                rtol=0,
                atol=1e-3,
            )
    return part(
        1,
        not hint,
        right="The share of wins is right.",
        wrong=f"The share of wins is wrong. {hint}",
    )


def _judged_search(found: list[tuple[dict[str, Any], dict[str, float]]]) -> Part:
    hint = ""
    for case, given in found:
        right = _splits_right(**case)[4]
        tolerance = 0.05 * float(np.std(case["reused"] - case["alone"]))
        if not close(given["searched"], right, rtol=0, atol=tolerance):
            hint = hint or likely_mistake(
                given["searched"],
                dict(_splits_mistakes(**case)["searched"]),
                otherwise=f"It is the largest gain among {case['tries']} runs, on average over all "
                "ways to draw them.",
                rtol=0,
                atol=tolerance,
            )
    return part(
        2,
        not hint,
        right="What a search shows is right.",
        wrong=f"What a search shows is wrong. {hint}",
    )


COMPARE_SPLITS = Exercise(
    id="ch10-compare-splits",
    title="How much, how often, and after a search",
    difficulty="stretch",
    points=6,
    minutes=40,
    objective="say what splits show about a gain, and what a search among them would have shown",
    name="compare_splits",
    inputs=_splits_inputs,
    probe=_splits_probe,
    judge=_splits_judge,
)

EXERCISES = [REUSE, FINE_TUNE, COMPARE_SPLITS]
