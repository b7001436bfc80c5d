"""Optimizers against hand-computed steps, closed forms and loops written here from the papers."""

import math
from collections.abc import Iterator

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from course_utils import functions
from course_utils.descent import FAR_AWAY, Trajectory, gradient_descent, run_optimizer
from course_utils.functions import beale, booth, himmelblau

ELEMENTWISE = [
    "SGD",
    "RMSprop",
    "Adam",
    "AdamW",
    "Adadelta",
    "Adagrad",
    "Adamax",
    "Nadam",
    "Ftrl",
    "Lion",
]
WHOLE_VARIABLE = ["Adafactor", "Lamb"]


def single(rate: float) -> float:
    """What Keras makes of a learning rate."""
    return float(np.float32(rate))


# --- gradient_descent ---------------------------------------------------------------------------


def test_three_steps_on_booth_computed_by_hand() -> None:
    # gradient (10x + 8y - 34, 8x + 10y - 38); learning rate 0.1 from the origin:
    run = gradient_descent(booth, [0, 0], learning_rate=0.1, steps=3)
    by_hand = [
        [0, 0],
        [3.4, 3.8],  # gradient (-34, -38)
        [0.36, 1.08],  # gradient (30.4, 27.2)
        [2.536, 3.512],  # gradient (-21.76, -24.32)
    ]
    np.testing.assert_allclose(run.points, by_hand, atol=1e-12)
    np.testing.assert_allclose(run.values[:2], [74, 4**2 + 5.6**2], atol=1e-12)


def test_two_steps_with_momentum_computed_by_hand() -> None:
    run = gradient_descent(booth, [0, 0], learning_rate=0.01, momentum=0.5, steps=2)
    # v1 = -0.01 (-34, -38) = (0.34, 0.38); gradient there (-27.56, -31.48);
    # v2 = (0.17, 0.19) + (0.2756, 0.3148) = (0.4456, 0.5048).
    np.testing.assert_allclose(run.points, [[0, 0], [0.34, 0.38], [0.7856, 0.8848]], atol=1e-14)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.1, 0.11])
def test_booth_follows_the_closed_form(rate: float) -> None:
    """Along an eigenvector each step multiplies the error by 1 - rate * curvature."""
    steps = np.arange(31)
    for direction, curvature in (([1, 1], 18), ([1, -1], 2)):
        start = np.array([1, 3]) + np.array(direction)
        run = gradient_descent(booth, start, learning_rate=rate, steps=30)
        error = (1 - rate * curvature) ** steps[:, None] * direction
        np.testing.assert_allclose(run.points - [1, 3], error, atol=1e-12)
        expected = np.abs(1 - rate * curvature) ** steps * math.sqrt(2)
        np.testing.assert_allclose(run.distance, expected, atol=1e-12)


@given(st.floats(-4, 4), st.floats(-4, 4), st.floats(1e-5, 1e-3), st.floats(0, 0.95))
@settings(max_examples=30, deadline=None)
def test_momentum_follows_a_loop_over_plain_numbers(
    x: float, y: float, rate: float, momentum: float
) -> None:
    """Polyak's two-term form, p_{k+1} = p_k - rate * g_k + momentum * (p_k - p_{k-1})."""
    run = gradient_descent(himmelblau, [x, y], learning_rate=rate, momentum=momentum, steps=20)
    before = (x, y)
    for step in range(1, 21):
        a, b = x * x + y - 11, x + y * y - 7
        g_x, g_y = 4 * x * a + 2 * b, 2 * a + 4 * y * b
        after = (
            x - rate * g_x + momentum * (x - before[0]),
            y - rate * g_y + momentum * (y - before[1]),
        )
        before, (x, y) = (x, y), after
        np.testing.assert_allclose(run.points[step], (x, y), rtol=1e-8, atol=1e-10)


def test_many_starts_are_the_same_as_one_by_one() -> None:
    starts = np.random.default_rng(1).uniform(-4, 4, size=(2, 3, 2))  # some of them diverge
    together = gradient_descent(beale, starts, learning_rate=0.002, momentum=0.5, steps=50)
    assert together.points.shape == (51, 2, 3, 2)
    assert together.values.shape == together.distance.shape == (51, 2, 3)
    assert together.end.shape == (2, 3, 2)
    assert together.steps == 50
    assert 0 < together.diverged.sum() < 6
    for index in np.ndindex(2, 3):
        alone = gradient_descent(beale, starts[index], learning_rate=0.002, momentum=0.5, steps=50)
        np.testing.assert_array_equal(together.points[:, *index], alone.points)
        np.testing.assert_array_equal(together.values[:, *index], alone.values)
        assert together.diverged[index] == alone.diverged
        assert together.diverged_at[index] == alone.diverged_at
        assert together.steps_to(0.5)[index] == alone.steps_to(0.5)


def test_the_start_is_not_changed() -> None:
    start = np.array([4.0, 4.0])
    gradient_descent(beale, start, learning_rate=0.1, steps=3)
    run_optimizer("sgd", beale, start, steps=3)
    np.testing.assert_array_equal(start, [4, 4])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"learning_rate": 0}, "learning_rate must be positive"),
        ({"learning_rate": -0.1}, "learning_rate must be positive"),
        ({"learning_rate": math.nan}, "learning_rate must be positive"),
        ({"learning_rate": math.inf}, "learning_rate must be positive"),
        ({"momentum": -0.1}, r"momentum must lie in \[0, 1\)"),
        ({"momentum": 1}, r"momentum must lie in \[0, 1\)"),
        ({"momentum": math.nan}, r"momentum must lie in \[0, 1\)"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"start": [1, 2, 3]}, r"start must have shape \(\.\.\., 2\), got \(3,\)"),
        ({"start": 1}, r"start must have shape \(\.\.\., 2\), got \(\)"),
        ({"start": [math.nan, 0]}, "start must be finite"),
        ({"start": [[0, 0], [0, math.inf]]}, "start must be finite"),
        ({"start": [0, 1e7]}, "start must lie within 1,000,000"),
    ],
)
def test_arguments_out_of_range(changed: dict, message: str) -> None:
    arguments = {"start": [0, 0], "learning_rate": 0.1, "steps": 3} | changed
    with pytest.raises(ValueError, match=message):
        gradient_descent(booth, **arguments)


# --- divergence ---------------------------------------------------------------------------------


def test_divergence_is_reported_at_its_step() -> None:
    # From (2, 4) with rate 1 each step multiplies the error (1, 1) by 1 - 18 = -17.
    run = gradient_descent(booth, [2, 4], learning_rate=1, steps=9)
    assert 17**4 + 3 < FAR_AWAY < 17**5 - 3
    assert bool(run.diverged)
    assert int(run.diverged_at) == 5
    np.testing.assert_allclose(run.points[4], [1 + 17**4, 3 + 17**4])
    assert np.isfinite(run.points[:5]).all()
    assert np.isnan(run.points[5:]).all()
    assert np.isnan(run.values[5:]).all()
    assert np.isnan(run.distance[5:]).all()
    assert np.isnan(run.end).all()
    assert f"lost at step {run.diverged_at}" == "lost at step 5"


@pytest.mark.parametrize("rate", [1e-2, 1.0, 1e100, 1e308])
@pytest.mark.parametrize("function", functions.ALL.values(), ids=functions.ALL)
def test_divergence_makes_no_warning(
    function: functions.BenchmarkFunction, rate: float, recwarn: pytest.WarningsRecorder
) -> None:
    low, high = np.transpose(function.bounds)
    run = gradient_descent(function, [low, high], learning_rate=rate, momentum=0.9, steps=60)
    assert not recwarn.list
    assert run.diverged.all() or rate <= 1
    lost = np.isnan(run.points).any(-1)
    np.testing.assert_array_equal(lost, np.logical_or.accumulate(lost, axis=0))
    np.testing.assert_array_equal(lost, np.isnan(run.points).all(-1))


def test_one_lost_start_leaves_the_others_alone() -> None:
    starts = [[4.0, 4.0], [2.9, 0.45]]
    rate = 0.002
    run = gradient_descent(beale, starts, learning_rate=rate, steps=30)
    np.testing.assert_array_equal(run.diverged, [True, False])
    assert run.diverged_at[0] > 0
    assert run.diverged_at[1] == -1
    by_keras = run_optimizer(keras.optimizers.SGD(rate), beale, starts, steps=30)
    np.testing.assert_array_equal(by_keras.diverged, [True, False])
    np.testing.assert_array_equal(by_keras.diverged_at, run.diverged_at)
    np.testing.assert_allclose(by_keras.points[:, 1], run.points[:, 1], rtol=1e-6)


def test_keras_divergence_is_reported_and_makes_no_warning(
    recwarn: pytest.WarningsRecorder,
) -> None:
    run = run_optimizer(keras.optimizers.SGD(1.0, momentum=0.9), beale, [4, 4], steps=20)
    assert np.isfinite(run.points[1]).all()  # (4, 4) less a gradient of 100,000
    assert int(run.diverged_at) == 2
    assert np.isnan(run.points[2:]).all()
    assert not [entry for entry in recwarn.list if entry.category is RuntimeWarning]


# --- Trajectory ---------------------------------------------------------------------------------


def along_x(*gaps: float) -> Trajectory:
    """A path that comes by at these distances from Booth's minimum (1, 3)."""
    return Trajectory.from_points(booth, [[1 + gap, 3] for gap in gaps])


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ((0, 0, 0), 0),  # there from the start
        ((2, 0.5, 0.2), 1),
        ((2, 0.5, 2, 0.5), 3),  # left and came back
        ((2, 0.5, 2), -1),  # came by, ends outside
        ((0.5, 2, 2), -1),
        ((2, 2, 2), -1),
        ((2, 1, 1), -1),  # exactly at the distance is outside
        ((0.5,), 0),  # no step at all
        ((2,), -1),
        ((0.5, math.nan, 0.5), -1),  # once lost, always lost
        ((2, 2 * FAR_AWAY, 0.5), -1),
    ],
)
def test_steps_to(gaps: tuple, expected: int) -> None:
    assert int(along_x(*gaps).steps_to(1)) == expected


def test_steps_to_of_many_paths() -> None:
    points = np.stack([along_x(2, 0.5, 0.2).points, along_x(2, 2, 2).points], axis=1)
    steps = Trajectory.from_points(booth, points).steps_to(1)
    np.testing.assert_array_equal(steps, [1, -1])
    assert np.issubdtype(steps.dtype, np.integer)


@pytest.mark.parametrize("distance", [0, -1, math.nan])
def test_steps_to_refuses_a_distance_that_is_not_positive(distance: float) -> None:
    with pytest.raises(ValueError, match="distance must be positive"):
        along_x(1, 0).steps_to(distance)


def test_distance_is_to_the_nearest_global_minimum() -> None:
    run = Trajectory.from_points(himmelblau, [[3, 5], [-2.805118, 3.131312], [-3.779310, -3.0]])
    np.testing.assert_allclose(run.distance, [3, 0, 0.283186], atol=1e-5)
    rastrigin = Trajectory.from_points(functions.rastrigin, [[3, 4]])  # beside a local minimum
    np.testing.assert_allclose(rastrigin.distance, [5], atol=1e-12)


def test_from_points_of_a_scipy_callback() -> None:
    points = [np.array([4.0, 4.0])]
    result = optimize.minimize(
        beale, points[0], jac=beale.gradient, bounds=beale.bounds, callback=points.append
    )
    run = Trajectory.from_points(beale, points)
    assert run.steps == result.nit
    np.testing.assert_array_equal(run.points[0], [4, 4])
    np.testing.assert_array_equal(run.end, result.x)
    assert run.values[0] == 68891.203125
    assert run.values[-1] == result.fun < 1e-10
    assert 0 < run.steps_to(0.01) <= result.nit
    assert not run.diverged
    assert run.diverged_at == -1


def test_from_points_keeps_its_own_copy() -> None:
    points = np.array([[0.0, 0.0], [1e9, 0.0], [1.0, 3.0]])
    run = Trajectory.from_points(booth, points)
    np.testing.assert_array_equal(points[1], [1e9, 0])
    assert np.isnan(run.points[1:]).all()
    points[0] = 5
    np.testing.assert_array_equal(run.points[0], [0, 0])


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan, FAR_AWAY, -2 * FAR_AWAY])
@pytest.mark.parametrize("axis", [0, 1])
def test_from_points_marks_what_is_lost(bad: float, axis: int) -> None:
    points = np.zeros((3, 2))
    points[1, axis] = bad
    run = Trajectory.from_points(beale, points)
    assert bool(run.diverged)
    assert int(run.diverged_at) == 1
    assert np.isnan(run.points[1:]).all()


@pytest.mark.parametrize("bad", [[], [1.0, 2.0], 3.0, [[1, 2, 3]], np.zeros((0, 2))])
def test_from_points_refuses_other_shapes(bad: object) -> None:
    with pytest.raises(ValueError, match=r"shape \(steps \+ 1, \.\.\., 2\), got shape"):
        Trajectory.from_points(beale, bad)


# --- run_optimizer: against loops from the papers ------------------------------------------------

RATE = 0.05


def sgd(g: np.ndarray, memory: dict, step: int) -> np.ndarray:
    return -single(RATE) * g


def heavy_ball(g: np.ndarray, memory: dict, step: int) -> np.ndarray:
    memory["v"] = 0.8 * memory.get("v", 0) - single(RATE) * g
    return memory["v"]


def nesterov(g: np.ndarray, memory: dict, step: int) -> np.ndarray:
    memory["v"] = 0.8 * memory.get("v", 0) - single(RATE) * g
    return 0.8 * memory["v"] - single(RATE) * g


def adagrad(g: np.ndarray, memory: dict, step: int) -> np.ndarray:
    memory["sum"] = memory.get("sum", 0.1) + g**2
    return -single(RATE) * g / np.sqrt(memory["sum"] + 1e-7)


def rmsprop(g: np.ndarray, memory: dict, step: int) -> np.ndarray:
    memory["mean"] = 0.9 * memory.get("mean", 0) + 0.1 * g**2
    return -single(RATE) * g / np.sqrt(memory["mean"] + 1e-7)


def adam(g: np.ndarray, memory: dict, step: int) -> np.ndarray:
    memory["m"] = 0.9 * memory.get("m", 0) + 0.1 * g
    memory["v"] = 0.999 * memory.get("v", 0) + 0.001 * g**2
    rate = single(RATE) * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    return -rate * memory["m"] / (np.sqrt(memory["v"]) + 1e-7)


@pytest.mark.parametrize(
    ("optimizer", "rule"),
    [
        (keras.optimizers.SGD(RATE), sgd),
        (keras.optimizers.SGD(RATE, momentum=0.8), heavy_ball),
        (keras.optimizers.SGD(RATE, momentum=0.8, nesterov=True), nesterov),
        (keras.optimizers.Adagrad(RATE), adagrad),
        (keras.optimizers.RMSprop(RATE), rmsprop),
        (keras.optimizers.Adam(RATE), adam),
        (keras.optimizers.SGD(RATE, clipvalue=2.0), lambda g, m, t: sgd(g.clip(-2, 2), m, t)),
        (
            keras.optimizers.SGD(RATE, clipnorm=2.0),
            lambda g, m, t: sgd(g * min(1, 2 / np.linalg.norm(g)), m, t),
        ),
        (
            keras.optimizers.SGD(RATE, global_clipnorm=2.0),
            lambda g, m, t: sgd(g * min(1, 2 / np.linalg.norm(g)), m, t),
        ),
    ],
    ids=["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "value", "norm", "global"],
)
def test_keras_optimizer_follows_the_published_rule(optimizer: object, rule: object) -> None:
    run = run_optimizer(optimizer, booth, [-2.0, 1.0], steps=25)
    point, memory = np.array([-2.0, 1.0]), {}
    for step in range(1, 26):
        x, y = point
        point = point + rule(np.array([10 * x + 8 * y - 34, 8 * x + 10 * y - 38]), memory, step)
        # Keras holds momentum and its like in single precision, too.
        np.testing.assert_allclose(run.points[step], point, rtol=2e-5, err_msg=f"step {step}")


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd_of_keras_and_gradient_descent_agree(momentum: float) -> None:
    optimizer = keras.optimizers.SGD(0.001, momentum=momentum)
    by_keras = run_optimizer(optimizer, beale, [1.0, 1.5], steps=100)
    ours = gradient_descent(
        beale, [1, 1.5], learning_rate=single(0.001), momentum=momentum, steps=100
    )
    precision = 1e-5 if momentum else 1e-12  # Keras holds the momentum in single precision
    np.testing.assert_allclose(by_keras.points, ours.points, rtol=precision)
    np.testing.assert_allclose(by_keras.values, ours.values, rtol=10 * precision)


# --- run_optimizer: every optimizer --------------------------------------------------------------


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_optimizer_goes_downhill_and_many_starts_at_once(name: str) -> None:
    # Adadelta takes its step from past steps and so starts slowly.
    optimizer = getattr(keras.optimizers, name)(0.5 if name == "Adadelta" else 0.01)
    starts = np.array([[0.0, 0.5], [2.0, 2.0], [1.5, 0.0]])
    together = run_optimizer(optimizer, booth, starts, steps=15)
    assert together.points.shape == (16, 3, 2)
    if name != "Ftrl":  # the first step of Ftrl goes next to the origin from wherever it starts
        assert (together.values[-1] < together.values[0]).all()
    assert not together.diverged.any()
    alone = run_optimizer(optimizer, booth, starts[1], steps=15)
    np.testing.assert_array_equal(together.points[:, 1], alone.points)


@pytest.mark.parametrize("name", WHOLE_VARIABLE)
def test_optimizers_that_see_the_whole_variable_run_alone_only(name: str) -> None:
    optimizer = getattr(keras.optimizers, name)(0.01)
    run = run_optimizer(optimizer, booth, [2.0, 2.0], steps=10)
    assert run.values[-1] < run.values[0]
    with pytest.raises(ValueError, match=f"{name} mixes several starts: run them one by one"):
        run_optimizer(optimizer, booth, [[2.0, 2.0], [0.0, 0.0]], steps=10)


@pytest.mark.parametrize("option", ["clipnorm", "global_clipnorm"])
def test_clipping_by_norm_with_many_starts_is_refused(option: str) -> None:
    optimizer = keras.optimizers.SGD(0.1, **{option: 1.0})
    with pytest.raises(ValueError, match="clipnorm mixes several starts"):
        run_optimizer(optimizer, booth, [[0, 0], [1, 1]], steps=2)
    run = run_optimizer(optimizer, booth, [[0, 0]], steps=1)  # one start, whatever its shape
    assert np.linalg.norm(run.points[1, 0]) == pytest.approx(0.1, rel=1e-6)


def test_clipping_by_value_works_on_many_starts() -> None:
    optimizer = keras.optimizers.SGD(0.1, clipvalue=1.0)
    run = run_optimizer(optimizer, booth, [[0, 0], [5, 5]], steps=1)
    np.testing.assert_allclose(run.points[1], [[0.1, 0.1], [4.9, 4.9]], rtol=1e-7)


@pytest.mark.parametrize(
    "optimizer", ["adam", {"class_name": "Adam", "config": {"learning_rate": 0.001}}]
)
def test_name_and_configuration_stand_for_the_optimizer(optimizer: object) -> None:
    run = run_optimizer(optimizer, booth, [0, 0], steps=5)
    expected = run_optimizer(keras.optimizers.Adam(0.001), booth, [0, 0], steps=5)
    np.testing.assert_array_equal(run.points, expected.points)


def test_unknown_optimizer_is_refused() -> None:
    with pytest.raises(ValueError, match="adamm"):
        run_optimizer("adamm", booth, [0, 0], steps=5)


def test_the_optimizer_is_not_changed() -> None:
    optimizer = keras.optimizers.Adam(0.1)
    before = optimizer.get_config()
    first = run_optimizer(optimizer, booth, [0, 0], steps=5)
    assert optimizer.get_config() == before
    assert not optimizer.built
    assert int(optimizer.iterations) == 0
    again = run_optimizer(optimizer, booth, [0, 0], steps=5)
    np.testing.assert_array_equal(first.points, again.points)


def test_an_optimizer_that_has_trained_starts_afresh_and_keeps_its_memory() -> None:
    weight = keras.Variable([1.0, 2.0, 3.0])
    used = keras.optimizers.Adam(0.1)
    used.build([weight])
    used.apply([keras.ops.convert_to_tensor([1.0, 1.0, 1.0])])
    used.learning_rate = 0.05
    memory = [variable.numpy().copy() for variable in used.variables]
    run = run_optimizer(used, booth, [0, 0], steps=5)
    fresh = run_optimizer(keras.optimizers.Adam(0.05), booth, [0, 0], steps=5)
    np.testing.assert_array_equal(run.points, fresh.points)
    for variable, value in zip(used.variables, memory, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"start": [1, 2, 3]}, r"start must have shape"),
        ({"start": [math.nan, 0]}, "start must be finite"),
        ({"start": [1e300, 0]}, "start must lie within"),
        ({"steps": 0}, "steps must be at least 1"),
    ],
)
def test_run_optimizer_checks_its_arguments(changed: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run_optimizer("sgd", booth, **({"start": [0, 0], "steps": 3} | changed))


# --- learning-rate schedules ---------------------------------------------------------------------


class Harmonic(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule as a reader writes it in a notebook, unknown to Keras."""

    def __init__(self, first: float) -> None:
        self.first = first

    def __call__(self, step: object) -> object:
        return self.first / (1 + keras.ops.cast(step, "float32"))

    def get_config(self) -> dict:
        return {"first": self.first}


def rates(kind: str) -> Iterator[float]:
    step = 0
    while True:
        yield 0.05 * 0.5 ** (step / 4) if kind == "exponential" else 0.05 / (1 + step)
        step += 1


@pytest.mark.parametrize(
    ("kind", "schedule"),
    [
        ("exponential", keras.optimizers.schedules.ExponentialDecay(0.05, 4, 0.5)),
        ("harmonic", Harmonic(0.05)),
    ],
)
def test_learning_rate_schedules_count_the_steps(kind: str, schedule: object) -> None:
    run = run_optimizer(keras.optimizers.SGD(schedule), booth, [0, 0], steps=12)
    x = y = 0.0
    for step, rate in zip(range(1, 13), rates(kind), strict=False):
        g_x, g_y = 10 * x + 8 * y - 34, 8 * x + 10 * y - 38
        x, y = x - rate * g_x, y - rate * g_y
        np.testing.assert_allclose(run.points[step], (x, y), rtol=1e-5)


def test_double_precision_reaches_far_below_single() -> None:
    run = run_optimizer(keras.optimizers.SGD(0.1), booth, [0, 0], steps=200)
    assert run.distance[-1] < 1e-12
