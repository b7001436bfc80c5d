"""Plain data: what may leave the place where student code runs, and how it is written down.

Nothing here ever runs what it reads: no pickle, no object arrays, no class names.
"""

import io
import json
import math
import numbers
import reprlib
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["LIMIT", "Data", "DataError", "NotPlain", "pack", "plain", "unpack"]

Data: TypeAlias = (
    "None | bool | int | float | str | NDArray[Any] | list[Data] | dict[str, Data] | NotPlain"
)
LIMIT = 8_000_000
_DEPTH = 8
_ARRAY, _NOT_PLAIN = "\0array", "\0type"  # keys that no dict of plain data has


class DataError(ValueError):
    """Bytes or values that are no plain data, or too many of them."""


class NotPlain:
    """Stands for a value that is no plain data, and keeps only how it looks.

    Args:
        description: Such as ``"a Sequential"``.
    """

    def __init__(self, description: str) -> None:
        self.description = description


def plain(value: Any, depth: int = 0) -> Data:
    """Turns a value into plain data.

    Numbers, texts and arrays of any library become Python's and NumPy's own, so that a class
    which lies about equality is gone. What cannot be turned becomes :class:`NotPlain`.

    Args:
        value: Anything; also what student code has made.
        depth: How deep in lists and dicts the value lies.

    Raises:
        DataError: Lists and dicts are nested too deep.
    """
    if depth > _DEPTH:
        raise DataError("The answer is nested too deep.")
    if value is None or type(value) in (bool, int, float, str):
        return value  # type: ignore[no-any-return]
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, Mapping):
        return {str(name): plain(item, depth + 1) for name, item in value.items()}
    if hasattr(value, "__array__"):
        return _plain_array(value, depth)
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes | bytearray):
        return [plain(item, depth + 1) for item in value]
    return NotPlain(f"an object of type {type(value).__name__}")


def _plain_array(value: Any, depth: int) -> Data:
    array = np.array(value, subok=False)
    if array.dtype.kind in "biuf":
        return array
    if array.dtype.kind in "US" or (array.dtype.kind == "O" and array.size < 10_000):
        return plain(array.tolist(), depth)
    return NotPlain(f"an array of {array.dtype}")


def pack(data: Data) -> bytes:
    """Writes plain data as bytes: an uncompressed ``.npz`` file without pickle.

    Raises:
        DataError: They take more than :data:`LIMIT` bytes.
    """
    arrays: list[NDArray[Any]] = []
    text = json.dumps(_without_arrays(data, arrays))
    if sum(array.nbytes for array in arrays) + len(text) > LIMIT:
        raise DataError(f"The answer is larger than {LIMIT // 1_000_000} MB.")
    file = io.BytesIO()
    named = {f"array{number}": array for number, array in enumerate(arrays)}
    np.savez(file, text=np.frombuffer(text.encode(), np.uint8), **named)  # type: ignore[arg-type]
    return file.getvalue()


def _without_arrays(data: Data, arrays: list[NDArray[Any]]) -> Any:
    if isinstance(data, NotPlain):
        return {_NOT_PLAIN: data.description}
    if isinstance(data, np.ndarray):
        arrays.append(data)
        return {_ARRAY: len(arrays) - 1}
    if isinstance(data, dict):
        return {name.replace("\0", ""): _without_arrays(v, arrays) for name, v in data.items()}
    if isinstance(data, list):
        return [_without_arrays(item, arrays) for item in data]
    return data


def unpack(packed: bytes) -> Data:
    """Reads packed data, as :func:`pack` has written them; the bytes may come from anybody.

    Raises:
        DataError: The bytes are not such data, or are too many.
    """
    if len(packed) > 2 * LIMIT:
        raise DataError(f"The answer is larger than {LIMIT // 1_000_000} MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as file:
            parts = {item.filename: _member(file, item) for item in file.infolist()}
        text = bytes(parts.pop("text.npy")).decode()
        return _with_arrays(json.loads(text), parts)
    except DataError:
        raise
    except Exception as error:
        # Whatever else is wrong with foreign bytes: there are too many ways to list.
        raise DataError(f"The answer cannot be read: {reprlib.repr(str(error))}") from None


def _member(file: zipfile.ZipFile, item: zipfile.ZipInfo) -> NDArray[Any]:
    """Reads an array, whose size is checked before any memory is taken for it."""
    if item.compress_type != zipfile.ZIP_STORED or item.file_size > 2 * LIMIT:
        raise DataError("The answer is compressed or too large.")
    content = io.BytesIO(file.read(item))
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[np.lib.format.read_magic(content)]
    shape, is_fortran, dtype = read_header(content, max_header_size=1000)
    rest = content.read()
    if dtype.kind not in "biuf" or len(rest) != math.prod(shape) * dtype.itemsize:
        raise DataError("The answer has an array that is not one of numbers.")
    array = np.frombuffer(bytearray(rest), dtype)  # students may change what they are given
    return array.reshape(shape, order="F" if is_fortran else "C")


def _with_arrays(value: Any, arrays: dict[str, NDArray[Any]]) -> Data:
    if isinstance(value, dict):
        if _ARRAY in value:
            return arrays[f"array{int(value[_ARRAY])}.npy"]
        if _NOT_PLAIN in value:
            return NotPlain(str(value[_NOT_PLAIN])[:200])
        return {name: _with_arrays(item, arrays) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_arrays(item, arrays) for item in value]
    return value  # type: ignore[no-any-return]
