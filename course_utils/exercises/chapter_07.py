"""Exercises of chapter 7: learning rates."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercises._answer import Answer, WrongForm, close, likely_mistake
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]


def _each(function: Callable[..., Any], steps: Sequence[int], *rest: Any) -> Any:
    """Calls a schedule of the student for each step; None if it returns nothing."""

    def values() -> Any:
        found = [function(step, *rest) for step in steps]
        return None if any(value is None or value is ... for value in found) else found

    return attempt(values)


# 7.1 Step decay


def _step_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    settings = [
        {
            "initial_rate": round(10 ** rng.uniform(-3, -1), 5),
            "factor": round(rng.uniform(0.2, 0.8), 3),
            "every": int(every),
        }
        for every in rng.choice(np.arange(3, 9), 2, replace=False)
    ]
    return {"settings": settings}


def _step_epochs(every: int) -> list[int]:
    return list(range(3 * every + 2))


def _step_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        f"step_decay(..., every={s['every']})": _each(
            answer, _step_epochs(s["every"]), s["initial_rate"], s["factor"], s["every"]
        )
        for s in inputs["settings"]
    }


def _step_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    for setting in inputs["settings"]:
        rate, factor, every = (setting[name] for name in ("initial_rate", "factor", "every"))
        t = np.array(_step_epochs(every))
        rates = answer.array(f"step_decay(..., every={every})", t.shape)
        right = rate * factor ** (t // every)
        hint = likely_mistake(
            rates,
            {
                "The first drop comes an epoch too early: epochs count from 0.": rate
                * factor ** ((t + 1) // every),
                "The first drop comes an epoch too late.": rate
                * factor ** (np.maximum(t - 1, 0) // every),
                "It falls a little in every epoch; it should be a staircase.": rate
                * factor ** (t / every),
                "It drops in every epoch: where does `every` come in?": rate * factor**t,
                "It drops once and then stays.": rate * np.where(t < every, 1, factor),
                "It drops along a line: each drop multiplies the rate by the factor.": rate
                * factor
                * (t // every),
                "It starts at 1, not at the initial rate.": factor ** (t // every),
                "It grows.": rate * factor ** -(t // every),
                "Each drop multiplies by 1 - factor, not by the factor.": rate
                * (1 - factor) ** (t // every),
                "It never drops.": rate + 0 * t,
                "The factor counts in the first epochs already.": rate * factor ** (t // every + 1),
            },
            otherwise="Compute the rates of the first epochs on paper and compare.",
            atol=1e-9,
        )
        yield part(
            1,
            close(rates, right, rtol=1e-4),
            right=f"Right for drops every {every} epochs.",
            wrong=f"Wrong for drops every {every} epochs. {hint}",
        )


STEP_DECAY = Exercise(
    id="ch07-step-decay",
    title="A staircase",
    difficulty="warm-up",
    points=2,
    minutes=5,
    objective="write a schedule as a function of the epoch",
    name="step_decay",
    inputs=_step_inputs,
    probe=_step_probe,
    judge=_step_judge,
)


# 7.2 Exponential decay

_BATCHES = 3


def _decay_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "settings": [
            {"initial_rate": float(rate), "k": round(float(rng.uniform(low, low + 0.2)), 4)}
            for rate, low in zip(np.round(rng.uniform(0.01, 0.2, 2), 4), (0.1, 0.4), strict=True)
        ],
        # Models are compiled with other rates than those that the callback starts from.
        "compiled_rates": [round(float(rate), 4) for rate in rng.uniform(0.3, 0.9, 3)],
        "epochs": int(rng.integers(6, 10)),
        "resumed": int(rng.integers(3, 12)),
    }


def _decay_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    import keras

    first, second = inputs["settings"]
    epochs, resumed = inputs["epochs"], inputs["resumed"]
    callback = attempt(answer, first["initial_rate"], first["k"])
    if not isinstance(callback, keras.callbacks.Callback):
        is_told = callback is None or isinstance(callback, dict)
        kind = f"an object of type {type(callback).__name__}"
        return {"exponential_decay(...)": callback if is_told else kind}
    runs = {
        "rates": (callback, range(epochs)),
        "rates of another decay": (attempt(answer, *second.values()), range(epochs)),
        "rates after resuming": (
            attempt(answer, *first.values()),
            range(resumed, resumed + 4),
        ),
    }
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    found: dict[str, Any] = {"exponential_decay(...)": "callback"}
    for rate, (name, (run, numbers)) in zip(inputs["compiled_rates"], runs.items(), strict=True):
        model.compile(keras.optimizers.SGD(rate), "mse")
        with warnings.catch_warnings():
            # Keras reads variables in a way that NumPy will not take for ever.
            warnings.simplefilter("ignore", DeprecationWarning)
            found[name] = attempt(_rates, model, run, numbers)
    return found


def _rates(model: Any, callback: Any, epochs: range) -> list[list[float]]:
    """Calls a callback as model.fit does, and reads the learning rate of each update."""
    import keras

    callbacks = keras.callbacks.CallbackList([callback], model=model, epochs=epochs.stop)
    rates: list[list[float]] = []
    callbacks.on_train_begin()
    for epoch in epochs:
        callbacks.on_epoch_begin(epoch)
        rates.append([])
        for batch in range(_BATCHES):
            callbacks.on_train_batch_begin(batch)
            rates[-1].append(float(model.optimizer.learning_rate))
            callbacks.on_train_batch_end(batch, {"loss": 1.0})
        callbacks.on_epoch_end(epoch, {"loss": 1.0})
    callbacks.on_train_end()
    return rates


def _decay_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    kind = answer.text("exponential_decay(...)")
    if kind != "callback":
        raise WrongForm(
            f"`exponential_decay(...)` should return a Keras callback, but it returns {kind}."
        )
    (first, second), epochs = inputs["settings"], np.arange(inputs["epochs"])
    resumed = inputs["resumed"] + np.arange(4)
    runs = {
        "rates": (2, first, epochs, "Training from epoch 0"),
        "rates of another decay": (1, second, epochs, "Another initial rate and `k`"),
        "rates after resuming": (1, first, resumed, f"Resumed with initial_epoch={resumed[0]}"),
    }
    for compiled, (name, run) in zip(inputs["compiled_rates"], runs.items(), strict=True):
        points, setting, t, what = run
        rate, k = setting["initial_rate"], setting["k"]
        rates = answer.array(name, (len(t), _BATCHES))
        right = rate * np.exp(-k * t)
        yield part(
            points,
            close(
                rates, right[:, None].repeat(_BATCHES, 1), rtol=0, atol=1e-6 + 1e-3 * right.min()
            ),
            right=f"{what}: the rate is right in every epoch.",
            wrong=f"{what}: wrong. {_decay_hint(rates, rate, k, t, compiled)}",
        )


def _decay_hint(
    rates: NDArray[Any], rate: float, k: float, t: NDArray[Any], compiled: float
) -> str:
    if np.ptp(rates, axis=1).max() > 1e-4 * np.abs(rates).max():
        return "The rate changes within an epoch: `t` counts epochs, not updates."
    again = "The rate that an earlier epoch has left is decayed once more."
    steps = np.arange(len(t))
    return likely_mistake(
        rates[:, 0],
        {
            "The rate stays at what the model was compiled with.": compiled + 0 * t,
            "An epoch too early: the first epoch has t = 0.": rate * np.exp(-k * (t + 1)),
            "An epoch too late.": rate * np.exp(-k * np.maximum(t - 1, 0)),
            "An epoch too late: t starts at -1.": rate * np.exp(-k * (t - 1)),
            "It grows: look at the sign.": rate * np.exp(k * t),
            again: rate * np.exp(-k * t * (t + 1) / 2),
            f"{again} It even starts from the rate that the model was compiled with.": compiled
            * np.exp(-k * np.cumsum(t)),
            "The rate of the model is decayed, not the initial rate; it may be any number when "
            "training resumes.": compiled * np.exp(-k * (steps + 1)),
            "The decay starts from the rate of the model, not from the initial rate.": compiled
            * np.exp(-k * t),
            "Counting starts anew when training resumes.": rate * np.exp(-k * steps),
            "The base is 10, but the exponential function has another one.": rate * 10 ** (-k * t),
            "The base is 2, but the exponential function has another one.": rate * 2 ** (-k * t),
            "The initial rate is missing.": np.exp(-k * t),
            "Where is the exponential function?": -rate * k * t,
            "This falls along a line; where is the exponential function?": rate * (1 - k * t),
            "This is 1 / (1 + kt), another schedule.": rate / (1 + k * t),
            "This drops by the factor 1 - k; the exponential function has another one.": rate
            * (1 - k) ** t,
            "`k` multiplies the time, it does not divide it.": rate * np.exp(-t / k),
        },
        otherwise="Compute the rates of the first three epochs on paper and compare.",
        atol=1e-6,
        rtol=1e-4,
    )


EXPONENTIAL_DECAY = Exercise(
    id="ch07-exponential-decay",
    title="Exponential decay",
    difficulty="core",
    points=4,
    minutes=15,
    objective="set the learning rate of each epoch with a callback",
    name="exponential_decay",
    inputs=_decay_inputs,
    probe=_decay_probe,
    judge=_decay_judge,
)


# 7.3 Warm-up and cosine


def _cosine_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    peak = round(rng.uniform(0.05, 0.5), 4)
    warm_up = int(rng.integers(5, 12))
    return {
        "peak": peak,
        "final": round(peak * rng.uniform(0.05, 0.2), 5),
        "warm_up": warm_up,
        "total": warm_up + 2 * int(rng.integers(8, 15)),  # a whole middle step
    }


def _cosine_ranges(inputs: dict[str, Any]) -> dict[str, list[int]]:
    warm_up, total = inputs["warm_up"], inputs["total"]
    return {
        "rates while warming up": list(range(warm_up)),
        "rates from the peak to the end": list(range(warm_up, total + 1)),
        "rates after the end": list(range(total + 1, 2 * total + 5)),
    }


def _cosine_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    total, rates = inputs["total"], (inputs["peak"], inputs["final"])
    found = {
        name: _each(answer, steps, *rates, inputs["warm_up"], total)
        for name, steps in _cosine_ranges(inputs).items()
    }
    found["rates without warm-up"] = _each(answer, range(total + 1), *rates, 0, total)
    return found


def _cosine(
    t: NDArray[Any], peak: float, final: float, warm_up: int, total: int
) -> NDArray[np.float64]:
    progress = np.clip((t - warm_up) / (total - warm_up), 0, 1)
    falling = final + (peak - final) * (1 + np.cos(np.pi * progress)) / 2
    return np.where(t < warm_up, peak * t / max(warm_up, 1), falling)


def _cosine_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    peak, final, warm_up, total = (inputs[k] for k in ("peak", "final", "warm_up", "total"))
    hints = {
        "rates while warming up": _warming_hints,
        "rates from the peak to the end": _falling_hints,
        "rates after the end": _after_hints,
    }
    heads = ("Warming up", "From the peak to the end", "After the end")
    for head, (name, steps) in zip(heads, _cosine_ranges(inputs).items(), strict=True):
        t = np.array(steps)
        rates = answer.array(name, t.shape)
        mistakes, otherwise = hints[name](t, peak, final, warm_up, total)
        hint = likely_mistake(rates, mistakes, otherwise=otherwise, rtol=1e-4)
        yield part(
            1,
            close(rates, _cosine(t, peak, final, warm_up, total), rtol=1e-4),
            right=f"{head}: right.",
            wrong=f"{head}: wrong. {hint}",
        )
    t = np.arange(total + 1)
    rates = answer.array("rates without warm-up", t.shape)
    mistakes, _ = _falling_hints(t, peak, final, 0, total)
    hint = likely_mistake(rates, mistakes, otherwise="The peak is at step 0 then.", rtol=1e-4)
    yield part(
        1,
        close(rates, _cosine(t, peak, final, 0, total), rtol=1e-4),
        right="Without warm-up: right.",
        wrong=f"Without warm-up, `warm_up_steps=0`: wrong. {hint}",
    )


def _warming_hints(
    t: NDArray[Any], peak: float, final: float, warm_up: int, total: int
) -> tuple[dict[str, NDArray[Any]], str]:
    mistakes = {
        "A step too early: step 0 has rate 0, and the peak comes at step `warm_up_steps`.": peak
        * (t + 1)
        / warm_up,
        "It starts from the final rate, not from 0.": final + (peak - final) * t / warm_up,
        "The peak is reached too early: how many steps lead from step 0 to it?": peak
        * t
        / (warm_up - 1),
        "There is no warm-up.": _cosine(t, peak, final, 0, total),
        "It stays at the peak.": peak + 0 * t,
        "The rise is measured by the total number of steps.": peak * t / total,
        "It falls where it should rise.": peak * (1 - t / warm_up),
    }
    return mistakes, "It should be a straight line through 0 at step 0."


def _falling_hints(
    t: NDArray[Any], peak: float, final: float, warm_up: int, total: int
) -> tuple[dict[str, NDArray[Any]], str]:
    progress = (t - warm_up) / (total - warm_up)
    wave = np.cos(np.pi * progress)
    mistakes = {
        "The progress is counted from step 0, so that the rate jumps after the peak.": final
        + (peak - final) * (1 + np.cos(np.pi * t / total)) / 2,
        "The progress reaches 1 too late: how many steps does the fall have?": final
        + (peak - final) * (1 + np.cos(np.pi * (t - warm_up) / total)) / 2,
        "It falls to 0, not to the final rate.": peak * (1 + wave) / 2,
        "It ends above the final rate: what is the height of the fall?": final
        + peak * (1 + wave) / 2,
        "It becomes negative: the cosine itself lies between -1 and 1.": peak * wave,
        "The cosine goes through a whole period and comes back up.": final
        + (peak - final) * (1 + np.cos(2 * np.pi * progress)) / 2,
        "Only a quarter of the period: it should leave the peak flat and arrive flat.": final
        + (peak - final) * np.cos(np.pi * progress / 2),
        "This is a straight line.": peak + (final - peak) * progress,
        "The angle is not in radians.": final
        + (peak - final) * (1 + np.cos(np.deg2rad(np.pi * progress))) / 2,
        "It rises: look at the sign before the cosine.": final + (peak - final) * (1 - wave) / 2,
    }
    return mistakes, "Half a period of the cosine leads from the peak to the final rate."


def _after_hints(
    t: NDArray[Any], peak: float, final: float, warm_up: int, total: int
) -> tuple[dict[str, NDArray[Any]], str]:
    wave = np.cos(np.pi * (t - warm_up) / (total - warm_up))
    mistakes = {
        "The cosine rises again; the rate should stay.": final + (peak - final) * (1 + wave) / 2,
        "It falls to 0; the rate should stay.": 0 * t,
    }
    return mistakes, "The rate should stay at the final rate."


WARM_UP_COSINE = Exercise(
    id="ch07-warm-up-cosine",
    title="Warm-up and cosine",
    difficulty="stretch",
    points=4,
    minutes=25,
    objective="join two schedules without a jump, and treat their edges",
    name="warm_up_cosine",
    inputs=_cosine_inputs,
    probe=_cosine_probe,
    judge=_cosine_judge,
)

EXERCISES = [STEP_DECAY, EXPONENTIAL_DECAY, WARM_UP_COSINE]
