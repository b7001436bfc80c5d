"""Exercises of chapter 3: networks in Keras."""

import json
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercises._answer import Answer, WrongForm, close, likely_mistake
from course_utils.exercises._data import DataError
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt

__all__ = ["EXERCISES"]


def _softmax(scores: NDArray[Any]) -> NDArray[Any]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


# 3.1 Which model was evaluated?

_NAMES = ("baseline", "he_normal", "dropout", "nadam", "adagrad", "deep", "wide", "glorot")


class _LinearClassifier:
    """Looks from outside like a compiled Keras model, and costs nothing to evaluate."""

    def __init__(self, weights: NDArray[Any]) -> None:
        self._weights = weights
        self.metrics_names = ["loss", "accuracy"]

    def __call__(self, x: Any, training: bool = False) -> NDArray[Any]:
        return _softmax(np.asarray(x) @ self._weights)

    def predict(self, x: Any, batch_size: Any = None, verbose: Any = "auto") -> NDArray[Any]:
        return self(x)

    def evaluate(
        self,
        x: Any,
        y: Any,
        batch_size: Any = None,
        verbose: Any = "auto",
        return_dict: bool = False,
    ) -> Any:
        loss, accuracy = _loss_and_accuracy(self._weights, np.asarray(x), np.asarray(y))
        return {"loss": loss, "accuracy": accuracy} if return_dict else [loss, accuracy]


def _loss_and_accuracy(
    weights: NDArray[Any], x: NDArray[Any], y: NDArray[Any]
) -> tuple[float, float]:
    chances = _softmax(x @ weights)
    loss = -np.log(chances[np.arange(len(y)), y]).mean()
    return float(loss), float((chances.argmax(axis=1) == y).mean())


def _which_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    while True:
        truth = rng.normal(size=(6, 4))
        tests = []
        for size in rng.integers(60, 100, 2):
            x = rng.normal(size=(size, 6))
            tests.append({"x": x, "y": (x @ truth).argmax(axis=1)})
        weights = [truth + noise * rng.normal(size=truth.shape) for noise in (0.3, 0.7, 1.2, 2)]
        names = [str(name) for name in rng.permutation(_NAMES)[:4]]
        found = [
            {_loss_and_accuracy(w, test["x"], test["y"])[1] for w in weights} for test in tests
        ]
        # Another model must have another accuracy, and another order must be seen.
        if all(len(accuracies) == 4 for accuracies in found) and names != sorted(names):
            order = rng.permutation(4)
            return {"names": names, "weights": [weights[i] for i in order], "tests": tests}


def _which_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for number, test in enumerate(inputs["tests"], 1):
        pairs = zip(inputs["names"], inputs["weights"], strict=True)
        models = {name: _LinearClassifier(weights) for name, weights in pairs}
        found[f"test_accuracies(...), test set {number}"] = attempt(
            answer, models, test["x"].copy(), test["y"].copy()
        )
    return found


def _which_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    names = inputs["names"]
    for number, test in enumerate(inputs["tests"], 1):
        values = answer.items(f"test_accuracies(...), test set {number}")
        if set(values.names()) != set(names):
            raise WrongForm(
                f"The keys of the dict should be the names of the models, {', '.join(names)}; "
                f"they are {', '.join(values.names())[:200] or 'none'}."
            )
        accuracies = np.array([values.number(name) for name in names])
        figures = [_loss_and_accuracy(w, test["x"], test["y"]) for w in inputs["weights"]]
        losses, right = np.array(figures).T
        yield part(
            1,
            close(accuracies, right, atol=1e-4),
            right=f"Each name has the accuracy of its own model on test set {number}.",
            wrong=f"Wrong on test set {number}. "
            f"{_which_hint(names, accuracies, losses, right, len(test['y']))}",
        )


def _which_hint(
    names: list[str],
    accuracies: NDArray[Any],
    losses: NDArray[Any],
    right: NDArray[Any],
    size: int,
) -> str:
    return likely_mistake(
        accuracies,
        {
            "These are the losses, not the accuracies.": losses,
            "These are the shares of wrong predictions.": 1 - right,
            "These are percentages; return shares between 0 and 1.": 100 * right,
            "These are counts of right predictions, not shares.": right * size,
        },
        otherwise=_mixed_up(names, accuracies, right),
        atol=1e-4,
    )


def _mixed_up(names: list[str], accuracies: NDArray[Any], right: NDArray[Any]) -> str:
    """Says whose accuracy stands under another model's name."""
    gaps = np.abs(accuracies[:, None] - right)
    owners = [
        names[i] if gap < 1e-4 else "" for i, gap in zip(gaps.argmin(1), gaps.min(1), strict=True)
    ]
    if owners[0] and len(set(owners)) == 1:
        return f"Every name has the accuracy of `{owners[0]}`: which model is evaluated each time?"
    for name, owner in zip(names, owners, strict=True):
        if owner not in ("", name):
            return f"Under `{name}` stands the accuracy of `{owner}`."
    return "Which share of all the test examples does each model classify correctly?"


WHICH_MODEL = Exercise(
    id="ch03-which-model",
    title="Which model was evaluated?",
    difficulty="warm-up",
    points=2,
    minutes=10,
    objective="evaluate several models without mixing them up",
    name="test_accuracies",
    inputs=_which_inputs,
    probe=_which_probe,
    judge=_which_judge,
)


# 3.2 Save and load

_PLACES = ("its folder", "the folder that was moved")


def _saving_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    models = []
    # The same inputs, so that one model taken for the other runs and is found out.
    width, outputs = int(rng.integers(3, 7)), rng.permutation([2, 3, 4, 5])
    for depth in rng.permutation([0, 1]):  # small, because Keras takes 10 ms a layer
        sizes = [width, *(int(size) for size in rng.integers(2, 7, depth)), int(outputs[depth])]
        names = rng.choice(["relu", "tanh", "sigmoid", "softmax"], depth + 1, replace=False)
        models.append(
            {
                "activations": [str(name) for name in names],
                "saved": _random_weights(rng, sizes),
                "later": _random_weights(rng, sizes),
                "x": rng.normal(size=(5, sizes[0])),
            }
        )
    return {"models": models}


def _random_weights(rng: np.random.Generator, sizes: list[int]) -> list[NDArray[Any]]:
    shapes = [shape for n, m in zip(sizes, sizes[1:], strict=False) for shape in ((n, m), (m,))]
    return [rng.normal(size=shape) for shape in shapes]


def _keras_model(spec: Mapping[str, Any]) -> Any:
    import keras

    layers = [
        keras.layers.Dense(len(bias), activation)
        for bias, activation in zip(spec["saved"][1::2], spec["activations"], strict=True)
    ]
    model = keras.Sequential([keras.layers.Input((spec["x"].shape[1],)), *layers])
    model.set_weights(spec["saved"])
    return model


def _predicted(spec: Mapping[str, Any], which: str) -> NDArray[Any]:
    """Computes in NumPy what the network predicts, outside of Keras and of student code."""
    functions: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
        "relu": lambda z: np.maximum(z, 0),
        "tanh": np.tanh,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "softmax": _softmax,
    }
    signal, weights = spec["x"], spec[which]
    for kernel, bias, name in zip(weights[::2], weights[1::2], spec["activations"], strict=True):
        signal = functions[name](signal @ kernel + bias)
    return np.asarray(signal)


def _saving_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    try:
        save, load = answer
    except (TypeError, ValueError):
        raise DataError("`save_and_load` should be a tuple of the two functions.") from None
    with warnings.catch_warnings():
        # Keras saves variables in a way that NumPy will not take for ever.
        warnings.simplefilter("ignore", DeprecationWarning)
        return _saved_and_loaded(save, load, inputs["models"])


def _saved_and_loaded(
    save: Callable[..., Any], load: Callable[..., Any], specs: list[dict[str, Any]]
) -> dict[str, Any]:
    models = [_keras_model(spec) for spec in specs]
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place, name) for name in ("first", "second")]
        for folder in folders:
            folder.mkdir()
        saved = [attempt(save, *both) for both in zip(models, folders, strict=True)]
        found = {
            "save(model, folder)": next((done for done in saved if _is_error(done)), "done"),
            "files": _files(folders[0]),
        }
        folders[1] = folders[1].rename(Path(place, "moved"))
        for model, spec in zip(models, specs, strict=True):
            model.set_weights(spec["later"])
        loaded = [attempt(load, folder) for folder in folders]
    pairs = list(zip(loaded, specs, strict=True))
    for number, (model, spec) in enumerate(pairs, 1):
        found[f"load(folder {number})"] = _kind(model)
        found[f"predictions of loaded model {number}"] = _outputs(model, spec)
    for model, spec in pairs:
        attempt(_change, model, spec)
    found["predictions of the saved model"] = _outputs(models[0], specs[0])
    return found


def _change(model: Any, spec: Mapping[str, Any]) -> None:
    model.set_weights([0 * weights for weights in spec["saved"]])


def _is_error(value: Any) -> bool:
    return isinstance(value, dict) and "raised" in value


def _kind(model: Any) -> Any:
    import keras

    if model is None or _is_error(model):
        return model
    return (
        "model" if isinstance(model, keras.Model) else f"an object of type {type(model).__name__}"
    )


def _outputs(model: Any, spec: Mapping[str, Any]) -> Any:
    return attempt(lambda: np.array(model(spec["x"].astype(np.float32))))


def _files(folder: Path) -> dict[str, bool]:
    """Returns for each file whether it describes layers as JSON."""
    found = {}
    for path in sorted(folder.rglob("*"))[:20]:
        if path.is_file():
            try:
                text = path.read_text(encoding="utf-8") if path.stat().st_size < 100_000 else ""
                found[path.name] = "layers" in text and bool(json.loads(text))
            except ValueError:
                found[path.name] = False
    return found


def _saving_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    answer.text("save(model, folder)")
    yield _judged_files(answer.items("files"))
    specs, are_right = inputs["models"], []
    for number, (spec, where) in enumerate(zip(specs, _PLACES, strict=True), 1):
        kind = answer.text(f"load(folder {number})")
        if kind != "model":
            raise WrongForm(f"`load(folder)` should return a Keras model, but it returns {kind}.")
        shape = (len(spec["x"]), None)
        predictions = answer.array(f"predictions of loaded model {number}", shape)
        are_right.append(close(predictions, _predicted(spec, "saved"), atol=1e-4))
        yield part(
            1,
            are_right[-1],
            right=f"Model {number}, loaded from {where}, predicts what the saved one did.",
            wrong=f"Model {number}, loaded from {where}, predicts something else than the saved "
            f"one did. {_loading_hint(predictions, spec)}",
        )
    first, shape = specs[0], (len(specs[0]["x"]), None)
    kept = answer.array("predictions of the saved model", shape)
    yield part(
        1,
        all(are_right) and close(kept, _predicted(first, "later"), atol=1e-4),
        right="The loaded models are models of their own: changing them leaves the saved ones.",
        wrong="Changing what `load` returns changes the saved model: they are one and the same."
        if all(are_right)
        else "Are the loaded models independent of the saved ones? To be seen when they are equal.",
    )


def _loading_hint(predictions: NDArray[Any], spec: dict[str, Any]) -> str:
    if close(predictions, _predicted(spec, "later"), atol=1e-4):
        return (
            "It has the weights that the saved model got after the saving: is it a new model, "
            "with the weights from the file?"
        )
    if predictions.shape != _predicted(spec, "saved").shape:
        return "It has another number of outputs: does `load` read the files in `folder`?"
    return "Are its weights those of the file, or those that a new model starts with?"


def _judged_files(files: Answer) -> Part:
    names = files.names()
    described = [name for name in names if files.flag(name)]
    if not names:
        wrong = "No file was found in `folder` after saving."
    elif not described:
        wrong = f"None of the files {', '.join(names)} describes the layers as JSON."
    else:
        wrong = f"There is only {', '.join(names)}: where are the weights?"
    return part(
        1,
        described and len(names) > 1,
        right="The folder has the architecture as JSON, and a second file.",
        wrong=wrong[:300],
    )


SAVE_AND_LOAD = Exercise(
    id="ch03-save-and-load",
    title="Save and load",
    difficulty="core",
    points=4,
    minutes=20,
    objective="store a network as architecture and weights, and get it back elsewhere",
    name="save_and_load",
    inputs=_saving_inputs,
    probe=_saving_probe,
    judge=_saving_judge,
)


# 3.3 A split that leaks nothing


def _split_inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    size, test_size = int(rng.integers(36, 49)), 12
    y = np.sort(rng.choice(np.arange(100, 1000), size, replace=False)).astype(float)
    # Whole numbers, so that the mean of the column that never changes is exact.
    x = rng.normal(size=(size, 4)) * [1, 20, 0.1, 0] + rng.integers(2, 9, 4)
    x[:, 0] += y / 200  # sorted data are not alike at their two ends
    x_test = rng.normal(size=(test_size, 4)) * [3, 30, 0.2, 0] + x.mean(axis=0)
    seeds = [int(number) for number in rng.choice(1000, 2, replace=False)]
    validation = int(rng.integers(8, 13))
    return {"x": x, "y": y, "x_test": x_test, "validation": validation, "seeds": seeds}


def _split_probe(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    first, other = inputs["seeds"]
    found: dict[str, Any] = {}
    for name, seed in (("first", first), ("again", first), ("other", other)):
        # Copies, because scaling in place is allowed.
        arrays = (inputs[array].copy() for array in ("x", "y", "x_test"))
        parts = attempt(answer, *arrays, inputs["validation"], seed)
        is_known = name == "first" or not isinstance(parts, Mapping) or _is_error(parts)
        found[name] = parts if is_known else {"y_valid": parts.get("y_valid")}
    return {"split_and_scale(...)": found.pop("first"), **found}


def _split_judge(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
    x, y, validation = inputs["x"], inputs["y"], inputs["validation"]
    parts = answer.items("split_and_scale(...)")
    shapes = {"train": len(y) - validation, "valid": validation}
    rows = {name: _rows(parts, f"y_{name}", y, size) for name, size in shapes.items()}
    used = np.concatenate(list(rows.values()))
    yield part(
        1,
        len(set(used)) == len(y),
        right="Every example is in exactly one part.",
        wrong="Some examples are in both parts, or twice in one of them, and others in none.",
    )
    yield _judged_shuffle(answer, rows["valid"], y, validation)
    train = parts.array("x_train", (shapes["train"], x.shape[1]))
    is_train_right = _is_scaled(train, x[rows["train"]], x[rows["train"]])
    yield part(
        2,
        is_train_right,
        right="The training part has mean 0 and standard deviation 1 in each column.",
        wrong=f"`x_train` is scaled wrongly. {_train_hint(train, rows['train'], inputs)}",
    )
    originals = {"x_valid": x[rows["valid"]], "x_test": inputs["x_test"]}
    for name, original in originals.items():
        scaled = parts.array(name, original.shape)
        yield part(
            1,
            _is_scaled(scaled, original, x[rows["train"]]),
            right=f"`{name}` is scaled with the statistics of the training part.",
            wrong=f"`{name}` is scaled wrongly. {_other_hint(scaled, original, inputs)}",
        )


def _rows(parts: Answer, name: str, y: NDArray[Any], size: int) -> NDArray[Any]:
    """Returns which examples a part has: each has a target of its own."""
    claimed = parts.array(name, (size,))
    distances = np.abs(claimed[:, None] - y)
    if distances.min(axis=1, initial=np.inf).max() > 0.01:
        raise WrongForm(f"`{name}` has values that are not in `y`: leave the targets as they are.")
    return np.asarray(distances.argmin(axis=1))


def _judged_shuffle(answer: Answer, rows: NDArray[Any], y: NDArray[Any], size: int) -> Part:
    again, other = (
        set(_rows(answer.items(name), "y_valid", y, size)) for name in ("again", "other")
    )
    if np.ptp(rows) == len(rows) - 1:
        wrong = "The validation part is one block of neighbors, but the data are sorted by `y`."
    elif again != set(rows):
        wrong = "The same `seed` gives another split each time."
    else:
        wrong = "Every `seed` gives the same split."
    return part(
        1,
        np.ptp(rows) > len(rows) - 1 and again == set(rows) != other,
        right="The split is random, and its seed repeats it.",
        wrong=wrong,
    )


def _scaled(x: NDArray[Any], reference: NDArray[Any], ddof: int = 0) -> NDArray[Any]:
    width = reference.std(axis=0, ddof=ddof)
    return np.asarray((x - reference.mean(axis=0)) / np.where(width < 1e-9, 1, width))


def _is_scaled(scaled: NDArray[Any], x: NDArray[Any], reference: NDArray[Any]) -> bool:
    """Says whether x was scaled; dividing by n or by n - 1 in the variance are both right."""
    return any(close(scaled, _scaled(x, reference, ddof), rtol=0, atol=2e-3) for ddof in (0, 1))


def _train_hint(scaled: NDArray[Any], rows: NDArray[Any], inputs: dict[str, Any]) -> str:
    x = inputs["x"][rows]
    both = np.concatenate([inputs["x"], inputs["x_test"]])
    if _is_scaled(scaled, x, inputs["x"]):
        return "The validation examples have taken part in its statistics: what came first?"
    if _is_scaled(scaled, x, both):
        return "The test data have taken part in its statistics."
    changing = scaled[:, :-1]
    if close(changing.mean(axis=0), np.zeros(3), atol=1e-3) and np.ptp(changing.std(axis=0)) < 2e-3:
        return "Its rows are no longer in the order of the targets: were both shuffled alike?"
    return likely_mistake(
        scaled,
        {
            "It is not scaled at all.": x,
            "One mean and one standard deviation for all columns: which axis?": (x - x.mean())
            / x.std(),
            "This standardizes each example, not each column: which axis?": _scaled(x.T, x.T).T,
            "It is centered, but its spread is not 1.": x - x.mean(axis=0),
        },
        otherwise="Mean and standard deviation belong to each column of the training part.",
        atol=2e-3,
    )


def _other_hint(scaled: NDArray[Any], original: NDArray[Any], inputs: dict[str, Any]) -> str:
    if _is_scaled(scaled, original, original):
        return "It was scaled with its own mean and standard deviation."
    if _is_scaled(scaled, original, inputs["x"]):
        return "The statistics are those of all examples: what came first, scaling or the split?"
    if close(scaled, original, atol=1e-3):
        return "It is not scaled at all."
    return "A network that was trained on `x_train` has to see all data on the same scale."


VALIDATION_SPLIT = Exercise(
    id="ch03-validation-split",
    title="A split that leaks nothing",
    difficulty="stretch",
    points=6,
    minutes=30,
    objective="split off validation data and scale without using what must stay unseen",
    name="split_and_scale",
    inputs=_split_inputs,
    probe=_split_probe,
    judge=_split_judge,
)

EXERCISES = [WHICH_MODEL, SAVE_AND_LOAD, VALIDATION_SPLIT]
