"""Random numbers that are cheap inside XLA: counters through a block cipher, no state to carry.

On a CPU, XLA's default generator needs 8 ms for what one dropout layer draws for a batch of images.
Threefry encrypts the numbers 0, 1, 2, ... under a key, and the key is the state of the layer's
``SeedGenerator``: its seed and the number of draws so far. So layers and steps share no draws.

Source: Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3".
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

__all__ = ["cheap_under_xla", "dropout", "normal", "threefry", "uniform"]

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA
_tracing = threading.RLock()


def threefry(key: tuple[Any, Any], counter: tuple[Any, Any]) -> tuple[Any, Any]:
    """Encrypts counters with Threefry-2x32, 20 rounds.

    Args:
        key: Two scalar ``uint32`` tensors.
        counter: Two ``uint32`` tensors of one shape.

    Returns:
        Two ``uint32`` tensors of that shape, which look random.
    """
    keys = (*key, tf.bitwise.bitwise_xor(tf.bitwise.bitwise_xor(*key), _word(_PARITY)))
    a, b = counter[0] + keys[0], counter[1] + keys[1]
    for group in range(5):
        for turn in _ROTATIONS[group % 2]:
            a = a + b
            left = tf.bitwise.left_shift(b, _word(turn))
            b = tf.bitwise.bitwise_or(left, tf.bitwise.right_shift(b, _word(32 - turn)))
            b = tf.bitwise.bitwise_xor(a, b)
        a = a + keys[(group + 1) % 3]
        b = b + keys[(group + 2) % 3] + _word(group + 1)
    return a, b


def dropout(
    x: Any,
    rate: Any,
    seed: Any,
    rng_alg: Any = None,
    noise_shape: Any = None,
    name: str | None = None,
) -> Any:
    """Does what ``tf.nn.experimental.stateless_dropout`` does.

    Args:
        x: Float tensor.
        rate: Probability of dropping, a number of at least 0 and below 1.
        seed: ``int32`` tensor, ``(2,)``. Another seed gives another mask.
        rng_alg: Not used.
        noise_shape: Shape of the mask, broadcast against `x`. None: one decision for each number.
        name: Not used.

    Returns:
        `x` with about a share of `rate` set to zero and the rest divided by ``1 - rate``.
    """
    shape = _static(tf.shape(x) if noise_shape is None else noise_shape)
    if shape is None:
        plain = _originals["stateless_dropout"]
        return plain(x, rate=rate, seed=seed, rng_alg="philox", noise_shape=noise_shape)
    keep = _words(seed, shape) >= _word(round(float(rate) * 2**32))
    return tf.where(keep, x * tf.cast(1 / (1 - float(rate)), x.dtype), tf.zeros((), x.dtype))


def uniform(
    shape: Any,
    seed: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = tf.float32,
    name: str | None = None,
    alg: Any = None,
) -> Any:
    """Does what ``tf.random.stateless_uniform`` does; see there. `name` and `alg` are not used."""
    size = _static(shape)
    if size is None or tf.as_dtype(dtype) != tf.float32:
        plain = _originals["stateless_uniform"]
        return plain(shape, seed, minval=minval, maxval=maxval, dtype=dtype, alg="philox")
    low, high = tf.cast(minval, dtype), tf.cast(1 if maxval is None else maxval, dtype)
    return low + (high - low) * _fractions(seed, size)


def normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = tf.float32,
    name: str | None = None,
    alg: Any = None,
) -> Any:
    """Does what ``tf.random.stateless_normal`` does; see there. `name` and `alg` are not used."""
    size = _static(shape)
    if size is None or tf.as_dtype(dtype) != tf.float32:
        plain = _originals["stateless_normal"]
        return plain(shape, seed, mean=mean, stddev=stddev, dtype=dtype, alg="philox")
    # Half a step up: neither end of (0, 1) has a finite quantile.
    standard = tf.math.ndtri(_fractions(seed, size) + 2.0**-25)
    return tf.cast(mean, dtype) + tf.cast(stddev, dtype) * standard


@contextlib.contextmanager
def cheap_under_xla() -> Iterator[None]:
    """Makes dropout, uniform and normal draws by Threefry in what is traced inside.

    The change is to TensorFlow's functions, where Keras's layers look them up, and is undone at
    the end. Other threads that come here meanwhile wait.
    """
    with _tracing, contextlib.ExitStack() as stack:
        for name, draw in (("stateless_uniform", uniform), ("stateless_normal", normal)):
            stack.enter_context(_replaced(tf.random, name, draw))
        stack.enter_context(_replaced(tf.nn.experimental, "stateless_dropout", dropout))
        yield


_originals: dict[str, Callable[..., Any]] = {
    "stateless_dropout": tf.nn.experimental.stateless_dropout,
    "stateless_uniform": tf.random.stateless_uniform,
    "stateless_normal": tf.random.stateless_normal,
}


@contextlib.contextmanager
def _replaced(module: Any, name: str, function: Callable[..., Any]) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, function)
    try:
        yield
    finally:
        setattr(module, name, before)


def _static(shape: Any) -> Any:
    """Returns a shape as numbers, or None where tracing does not know them."""
    return tf.get_static_value(tf.convert_to_tensor(shape, tf.int32))


def _words(seed: Any, shape: Any) -> Any:
    """Draws a random 32-bit word for each number; the second word of a block stays unused.

    To use it, the halves would have to be joined, which costs XLA more than the cipher does.
    """
    key = tf.bitcast(tf.cast(seed, tf.int32), tf.uint32)
    blocks = tf.cast(tf.range(int(tf.TensorShape(shape).num_elements())), tf.uint32)
    return tf.reshape(threefry((key[0], key[1]), (blocks, tf.zeros_like(blocks)))[0], shape)


def _fractions(seed: Any, shape: Any) -> Any:
    """Draws multiples of 2**-24 in [0, 1)."""
    return tf.cast(tf.bitwise.right_shift(_words(seed, shape), _word(8)), tf.float32) * 2.0**-24


def _word(value: int) -> Any:
    return tf.constant(value, tf.uint32)
