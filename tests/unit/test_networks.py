"""Dense networks, variances of initial weights, SELU's constants."""

import math

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from course_utils import networks
from course_utils.networks import SELU_ALPHA, SELU_SCALE, dense_network, variance


def kernels(model: keras.Model) -> list[np.ndarray]:
    return [layer.get_weights()[0] for layer in model.layers]


# --- SELU ----------------------------------------------------------------------------------------


def test_selu_constants_are_those_of_keras() -> None:
    selu = keras.activations.selu
    at_one, far_left = (float(selu(keras.ops.convert_to_tensor(z))) for z in (1.0, -50.0))
    assert pytest.approx(at_one, rel=1e-7) == SELU_SCALE
    assert pytest.approx(-far_left / at_one, rel=1e-6) == SELU_ALPHA
    assert (round(SELU_ALPHA, 4), round(SELU_SCALE, 4)) == (1.6733, 1.0507)


@pytest.mark.parametrize(("power", "moment"), [(1, 0.0), (2, 1.0)])
def test_selu_keeps_mean_0_and_variance_1(power: int, moment: float) -> None:
    def integrand(z: float) -> float:
        value = SELU_SCALE * (z if z > 0 else SELU_ALPHA * math.expm1(z))
        return float(value**power * stats.norm.pdf(z))

    parts = [integrate.quad(integrand, *ends, epsabs=1e-12)[0] for ends in ((-40, 0), (0, 40))]
    assert sum(parts) == pytest.approx(moment, abs=1e-10)


# --- variances -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*networks.INITIALIZERS, "uniform", "normal", "zero"])
@pytest.mark.parametrize("fans", [(784, 300), (100, 900)])
def test_variance_agrees_with_draws_of_keras(name: str, fans: tuple[int, int]) -> None:
    draw = keras.initializers.get(name)
    draw = type(draw).from_config({**draw.get_config(), "seed": 5}) if "zero" not in name else draw
    weights = np.asarray(draw(fans), dtype=np.float64)
    # 90,000 draws or more: the relative deviation of a variance is at most sqrt(2 / 90,000).
    assert weights.var() == pytest.approx(variance(name, *fans), rel=5 * math.sqrt(2 / 90_000))


@given(deviation=st.floats(0, 1e3), fan_in=st.integers(1, 10_000), fan_out=st.integers(1, 10_000))
def test_a_number_is_a_standard_deviation(deviation: float, fan_in: int, fan_out: int) -> None:
    assert variance(deviation, fan_in, fan_out) == deviation**2


@settings(deadline=None)
@given(fan_in=st.integers(1, 10_000), fan_out=st.integers(1, 10_000))
def test_glorot_lies_between_the_two_directions(fan_in: int, fan_out: int) -> None:
    glorot = variance("glorot_normal", fan_in, fan_out)
    forward, backward = 1 / fan_in, 1 / fan_out
    assert min(forward, backward) * (1 - 1e-12) <= glorot <= max(forward, backward) * (1 + 1e-12)
    # Harmonic mean: the fans are averaged, not the variances.
    assert glorot == pytest.approx(stats.hmean([forward, backward]))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("he_norml", 1, 1), "Did you mean 'he_normal'"),
        (("glorot_uniform", 0, 5), "at least 1"),
        ((-0.1, 5, 5), "at least 0"),
        ((math.nan, 5, 5), "at least 0"),
    ],
)
def test_variance_refuses(arguments: tuple[str | float, int, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        variance(*arguments)


# --- networks ------------------------------------------------------------------------------------


def test_a_network_computes_what_numpy_computes() -> None:
    model = dense_network([6, 5], inputs=4, outputs=3, activation="tanh", seed=1)
    x = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
    first, second, last = kernels(model)
    logits = np.tanh(np.tanh(x @ first) @ second) @ last
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-5)
    assert [layer.name for layer in model.layers] == ["hidden_1", "hidden_2", "output"]
    assert model.count_params() == 4 * 6 + 6 + 6 * 5 + 5 + 5 * 3 + 3
    assert all(np.all(layer.get_weights()[1] == 0) for layer in model.layers)


def test_default_is_the_network_of_the_course() -> None:
    assert dense_network([300, 100]).count_params() == 266_610


def test_layers_of_the_same_shape_differ_and_a_seed_repeats_them() -> None:
    first, again = (kernels(dense_network([20] * 4, inputs=20, seed=3)) for _ in range(2))
    other = kernels(dense_network([20] * 4, inputs=20, seed=4))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    for index, kernel in enumerate(first[:4]):
        for later in first[index + 1 : 4]:
            assert abs(np.corrcoef(kernel.ravel(), later.ravel())[0, 1]) < 0.2


def test_a_deeper_network_begins_with_the_same_layers() -> None:
    shallow = kernels(dense_network([8, 8], inputs=8, seed=3))
    deep = kernels(dense_network([8, 8, 8], inputs=8, seed=3))
    assert np.array_equal(shallow[0], deep[0])
    assert np.array_equal(shallow[1], deep[1])


def test_without_a_seed_keras_seed_decides() -> None:
    def build() -> list[np.ndarray]:
        keras.utils.set_random_seed(11)
        return kernels(dense_network([8, 8], inputs=8))

    first, second = build(), build()
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], kernels(dense_network([8, 8], inputs=8))[0])


@pytest.mark.parametrize(
    ("initializer", "deviation"),
    [
        ("he_normal", math.sqrt(2 / 400)),
        (0.3, 0.3),
        (0, 0.0),
        ("zeros", 0.0),
        (keras.initializers.RandomNormal(stddev=0.2, seed=1), 0.2),
        (keras.initializers.HeUniform, math.sqrt(2 / 400)),
    ],
)
def test_every_kind_of_initializer(initializer: object, deviation: float) -> None:
    model = dense_network([400, 400], inputs=400, initializer=initializer, seed=2)  # type: ignore[arg-type]
    first, second, last = kernels(model)
    for kernel in (first, second, last):
        assert kernel.std() == pytest.approx(deviation, rel=0.05)
    if deviation:
        assert not np.array_equal(first, second)
    else:
        assert not last.any()


def test_an_initializer_of_our_own_is_used_as_it_is() -> None:
    def halves(shape: tuple[int, ...], dtype: str | None = None) -> object:
        return keras.ops.full(shape, 0.5, dtype)

    assert all(np.all(k == 0.5) for k in kernels(dense_network([3], initializer=halves, seed=1)))


def test_an_initializer_without_a_seed_is_taken_too() -> None:
    identity = kernels(dense_network([5], inputs=5, initializer=keras.initializers.Identity()))
    assert np.array_equal(identity[0], np.eye(5))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"hidden": [5, 0]}, "at least 1"),
        ({"hidden": [5.5]}, "whole numbers"),
        ({"inputs": 0}, "at least 1"),
        ({"outputs": -2}, "at least 1"),
        ({"activation": "rellu"}, "no activation 'rellu'"),
        ({"output_activation": "rellu"}, "no activation 'rellu'"),
        ({"activation": keras.layers.PReLU()}, "would share it"),
        ({"initializer": "he"}, "no initializer 'he'"),
        ({"initializer": -1.0}, "at least 0"),
        ({"initializer": None}, "must be a name"),
        ({"hidden": [2] * 5000}, "too many for Keras"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        dense_network(**({"hidden": [5], "inputs": 3} | arguments))  # type: ignore[arg-type]
