"""The signals explorer computes what NumPy computes, and draws what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from course_utils import networks
from course_utils._explorer_numbers import ACTIVATIONS, passes, spreads
from course_utils.explorers import DEFAULTS

Javascript = Callable[..., Any]

# The weights that the explorer drew, and what it made of them.
BODY = """
const numbers = signals.pool(given.seed);
const { depth, width, batch } = given;
const row = (all, j) => {
  const first = j * signals.MAX_WIDTH;
  return Array.from(all.subarray(first, first + width));
};
const corner = (all) => Array.from({ length: width }, (_, j) => row(all, j));
return {
  found: signals.allSpreads(given, numbers),
  weights: Array.from({ length: depth }, (_, k) => corner(numbers.weights(k + 1, width))),
  inputs: numbers.inputs.subarray(0, batch * width),
  gradients: numbers.gradients.subarray(0, batch * width),
};
"""


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("initializer", ["glorot_normal", "he_normal", "lecun_normal", 0.3])
def test_a_pass_is_that_of_numpy(
    javascript: Javascript, activation: str, initializer: str | float
) -> None:
    depth, width, batch = 6, 10, 8
    found = javascript(
        BODY,
        {
            "depth": depth,
            "width": width,
            "batch": batch,
            "activation": activation,
            "initializer": initializer,
            "seed": 3,
        },
    )
    scale = np.sqrt(networks.variance(initializer, width, width))
    weights = [scale * np.transpose(matrix) for matrix in found["weights"]]
    inputs, gradients = (
        np.reshape(found[name], (batch, width)) for name in ("inputs", "gradients")
    )
    expected = passes(weights, inputs, gradients, activation)
    for name, column in expected.items():
        np.testing.assert_allclose(found["found"][name], column, rtol=1e-4, err_msg=name)


def test_numbers_are_standard_normal(javascript: Javascript) -> None:
    body = """
    const numbers = signals.pool(given);
    return [1, 2, 50].flatMap((layer) => Array.from(numbers.weights(layer, 50).subarray(0, 10000)));
    """
    for seed in (0, 1, 999):
        numbers = np.array(javascript(body, seed))
        assert stats.kstest(numbers, "norm").pvalue > 1e-4
        assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.03
        layers = numbers.reshape(3, -1)
        assert np.abs(np.corrcoef(layers) - np.eye(3)).max() < 0.05


@pytest.mark.parametrize(
    ("activation", "initializer"),
    [("sigmoid", "glorot_normal"), ("relu", "he_normal"), ("selu", "lecun_normal"), ("tanh", 0.2)],
)
def test_statistics_are_distributed_as_in_numpy(
    javascript: Javascript, activation: str, initializer: str | float
) -> None:
    """Twenty networks each: logarithms of the spread in the first, middle and last layer."""
    setting: dict[str, Any] = {
        "depth": 9,
        "width": 40,
        "batch": 32,
        "activation": activation,
        "initializer": initializer,
    }
    body = """
    return Array.from({ length: 20 }, (_, seed) => signals.allSpreads(given, signals.pool(seed)));
    """
    theirs = javascript(body, setting)
    ours = [spreads(**setting, seed=seed) for seed in range(20)]
    for name in ("signal", "example", "gradient"):
        for layer in (0, 4, 8):
            a = np.log([one[name][layer] for one in theirs])
            b = np.log([one[name][layer] for one in ours])
            assert stats.ks_2samp(a, b).pvalue > 1e-3, (name, layer)


def test_a_narrower_network_is_a_corner_of_a_wider_one(javascript: Javascript) -> None:
    """Dragging the width must not throw all weights away."""
    body = """
    const numbers = signals.pool(1);
    const before = Array.from(numbers.weights(1, 10).subarray(0, 10));
    numbers.weights(1, 200);
    return [before, numbers.weights(1, 10).subarray(0, 10)];
    """
    before, after = javascript(body)
    assert before == after


def test_signals_are_those_of_keras(javascript: Javascript) -> None:
    """A Keras network with the explorer's weights, seen by `layer_statistics`."""
    from course_utils.diagnostics import layer_statistics

    depth, width, batch = 5, 20, 16
    setting = {
        "depth": depth,
        "width": width,
        "batch": batch,
        "activation": "gelu",
        "initializer": "he_normal",
        "seed": 2,
    }
    found = javascript(BODY, setting)
    model = networks.dense_network([width] * depth, inputs=width, activation="gelu")
    scale = np.sqrt(networks.variance("he_normal", width, width))
    for layer, matrix in zip(model.layers[:depth], found["weights"], strict=True):
        layer.set_weights([scale * np.transpose(matrix), np.zeros(width)])
    table = layer_statistics(model, np.reshape(found["inputs"], (batch, width)))[:depth]
    np.testing.assert_allclose(found["found"]["signal"], table["signal_std"], rtol=1e-4)
    np.testing.assert_allclose(found["found"]["example"], table["example_std"], rtol=1e-4)


@pytest.mark.parametrize("name", ["glorot_normal", "he_normal", "lecun_normal", 0.07])
def test_variances_are_those_of_the_course(javascript: Javascript, name: str | float) -> None:
    found = javascript("return signals.variance(given, 300, 200);", name)
    assert found == pytest.approx(networks.variance(name, 300, 200))


def test_words_say_what_happens(javascript: Javascript) -> None:
    body = "return given.map(([a, b]) => signals.inWords('signal', a, b, 11, shared.format));"
    kept, gone, blown, nothing, over = javascript(
        body.replace("given.map", "[[1, 1], [1, 1e-10], [1, 1e10], [1, 0], [1, Infinity]].map")
    )
    assert kept.endswith("keeps its size")
    assert gone == "signal: times 0.1 a layer, times 1e-10 in all; vanishes"
    assert blown.endswith("explodes")
    assert "nothing left" in nothing
    assert "overflows" in over


def test_defaults_are_the_same(javascript: Javascript) -> None:
    assert javascript("return signals.DEFAULTS;") == DEFAULTS["signals"]
    assert javascript("return Object.keys(signals.ACTIVATIONS);") == list(ACTIVATIONS)
