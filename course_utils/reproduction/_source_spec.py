"""What an experiment of a source is: the data classes, and the hash of what determines a result."""

import ast
import functools
import hashlib
import inspect
import json
import textwrap
import types
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

from course_utils.experiments import Variant

Measure = Callable[[Any, Any], Mapping[str, float]]

# Keras numbers its layers as it makes them, and a name changes no result.
_NAMES = {"name", "shared_object_id", "registered_name", "build_config"}


@dataclass(frozen=True)
class Figure:
    """Where a figure stands in the results of the training.

    Attributes:
        variants: Names of the variants; of several, such as the folds of a cross-validation, the
            mean counts.
        metric: Name of the metric.
        epoch: Number of the epoch; None takes the last one, ``"best"`` the largest value of all.
    """

    variants: tuple[str, ...]
    metric: str
    epoch: int | str | None = None


@dataclass(frozen=True)
class Experiment:
    """One experiment of a source, as written there: trained, measured, compared with its figures.

    Attributes:
        source: Letter of the source.
        name: Name of the experiment.
        variants: What is trained, by name; more than one for the folds of a cross-validation.
        reported: The figures that the source reports, by name.
        figures: Where ours stand, by the same names.
        what_was_wrong: What is wrong with the experiment as a piece of evidence.
        measure: Measures a trained model. See :func:`course_utils.experiments.run`.
        replicates: Number of trainings, each with seeds of its own.
        controls: Names of the comparisons that show what the reported figure does not.
        step_ms: Rough milliseconds a step, from which a run estimates the time left.
    """

    source: str
    name: str
    variants: Mapping[str, Variant]
    reported: Mapping[str, float]
    figures: Mapping[str, Figure]
    what_was_wrong: str
    measure: Measure | None = None
    replicates: int = 5
    controls: tuple[str, ...] = ()
    step_ms: float = 0.2


@dataclass(frozen=True)
class Comparison:
    """A controlled comparison: what the figure of a source does not show.

    Attributes:
        source: Letter of the source.
        name: Name of the comparison.
        question: What it asks.
        variants: What is trained, by name. Those of an experiment may be among them.
        rows: What is compared, by label: where the figures stand.
        baseline: Label that the others are compared with.
        measure: As for an experiment.
        replicates: As for an experiment.
        step_ms: As for an experiment.
    """

    source: str
    name: str
    question: str
    variants: Mapping[str, Variant]
    rows: Mapping[str, Figure]
    baseline: str
    measure: Measure | None = None
    replicates: int = 5
    step_ms: float = 0.2


@dataclass(frozen=True)
class Calculation:
    """Something a source reports that needs no training.

    Attributes:
        source: Letter of the source.
        name: Name of the calculation.
        compute: Returns the figures by name, from the number of the replicate.
        reported: The figures that the source reports; empty where it shows a plot only.
        what_was_wrong: As for an experiment; empty if nothing was.
        replicates: More than one where chance plays a part.
    """

    source: str
    name: str
    compute: Callable[[int], Mapping[str, float]]
    reported: Mapping[str, float]
    what_was_wrong: str = ""
    replicates: int = 1


Trained = Experiment | Comparison


def spec(entry: Trained | Calculation) -> dict[str, Any]:
    """Returns all that determines the results of an entry, as JSON has it.

    Models are built and serialized; the names of their layers are left out, and so are settings
    that are None, which newer versions of Keras add.
    """
    if isinstance(entry, Calculation):
        return {"compute": _described(entry.compute), "replicates": entry.replicates}
    places = entry.figures if isinstance(entry, Experiment) else entry.rows
    return {
        "variants": {name: _variant(v) for name, v in entry.variants.items()},
        "places": {label: asdict(place) for label, place in places.items()},
        "measure": None if entry.measure is None else _described(entry.measure),
        "replicates": entry.replicates,
    }


def spec_hash(entry: Trained | Calculation) -> str:
    """Returns the SHA-256 of :func:`spec`, as 64 hexadecimal digits."""
    text = json.dumps(spec(entry), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _variant(variant: Variant) -> dict[str, Any]:
    model = variant.build()
    config = {"model": json.loads(model.to_json()), "compile": model.get_compile_config()}
    return {
        "network": _without_names(config),
        "epochs": variant.epochs,
        "batch_size": variant.batch_size,
        "data": _described(variant.data),
        "callbacks": None if variant.callbacks is None else _described(variant.callbacks),
        "fit": dict(variant.fit),
    }


def _without_names(config: Any) -> Any:
    if isinstance(config, Mapping):
        return {
            str(key): _without_names(value)
            for key, value in config.items()
            if key not in _NAMES and value is not None
        }
    if isinstance(config, list | tuple):
        return [_without_names(value) for value in config]
    return float(f"{config:.6g}") if isinstance(config, float) else config


def _described(thing: Any) -> Any:
    """Describes data by their recipe and a function by its code."""
    if is_dataclass(thing) and not isinstance(thing, type):
        return {"type": type(thing).__name__, **asdict(thing)}
    if isinstance(thing, functools.partial):
        arguments = {key: _described(value) for key, value in thing.keywords.items()}
        return [_described(thing.func), [_described(value) for value in thing.args], arguments]
    return _code(thing) if inspect.isfunction(thing) else thing


def _code(function: types.FunctionType) -> dict[str, str]:
    """Returns the code of a function and of those beside it that it calls, by their names.

    Comments, layout and documentation are left out: they determine nothing.
    """
    found: dict[str, str] = {}
    waiting = [function]
    while waiting:
        one = waiting.pop()
        if one.__name__ in found:
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(one)))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
                node.body = node.body[1:] or [ast.Pass()]
        found[one.__name__] = ast.unparse(tree)
        called = [one.__globals__.get(name) for name in sorted(names)]
        waiting += [
            other
            for other in called
            if inspect.isfunction(other) and other.__module__ == one.__module__
        ]
    return found
