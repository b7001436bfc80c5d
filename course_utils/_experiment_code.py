"""Describes Python values and code so that what computes something else reads differently.

A cache of results needs that: a changed function must never be answered with an old result.
Functions count by their bytecode and by what they refer to, so comments and layout do not matter.
Libraries count by name and version.
"""

import dataclasses
import dis
import functools
import hashlib
import inspect
import os
import sys
import types
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import joblib
import numpy as np

__all__ = ["CannotDescribeError", "describe", "fingerprint", "is_library"]

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...))


class CannotDescribeError(Exception):
    """A value holds something whose content cannot be told, such as an open file."""


def fingerprint(value: Any) -> str:
    """Returns the SHA-256 of the description of a value, in hexadecimal.

    Raises:
        CannotDescribeError: The value cannot be described.
    """
    return hashlib.sha256(repr(describe(value)).encode()).hexdigest()


def describe(value: Any) -> Any:
    """Returns a nested tuple of strings, the same in every process for what computes the same.

    Args:
        value: Numbers, text, arrays, containers, data classes, functions, classes, their
            instances, modules; anything else that can be pickled.

    Raises:
        CannotDescribeError: It is none of these.
    """
    return _Description().of(value)


@functools.cache
def is_library(module: str | None) -> bool:
    """Says whether a module is installed and so changes only with its version.

    Args:
        module: Its full name; None counts as one's own code.
    """
    name = module or "__main__"
    top = name.partition(".")[0]
    if top in {"__main__", "__mp_main__"}:
        return False
    if top in sys.stdlib_module_names:
        return True
    for known in (sys.modules.get(name), sys.modules.get(top)):
        file = getattr(known, "__file__", None) or next(iter(getattr(known, "__path__", ())), None)
        if file is not None:
            return not {"site-packages", "dist-packages"}.isdisjoint(Path(file).parts)
    return False


class _Description:
    """One walk through a value; what it has met already it names by its number."""

    def __init__(self) -> None:
        self._met: dict[int, int] = {}
        self._alive: list[Any] = []  # an object that dies would give its id to another one

    def of(self, value: Any) -> Any:
        if isinstance(value, _PLAIN):
            return (type(value).__name__, repr(value))
        if isinstance(value, np.ndarray | np.generic):
            return _array(np.asarray(value))
        if id(value) in self._met:
            return ("again", str(self._met[id(value)]))
        self._met[id(value)] = len(self._met)
        self._alive.append(value)
        return self._of_object(value)

    def _of_object(self, value: Any) -> Any:
        if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
            return (type(value).__name__, *map(self.of, value))
        if isinstance(value, set | frozenset):
            return ("set", *sorted(map(describe, value)))
        if isinstance(value, types.MappingProxyType | Mapping):
            items = sorted((repr(describe(k)), k) for k in value)
            return ("map", *((text, self.of(value[key])) for text, key in items))
        if isinstance(value, os.PathLike):
            return ("path", os.fspath(value))
        if isinstance(value, types.ModuleType):
            return self._module(value)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, types.MethodType):
            return ("method", self.of(value.__func__), self.of(value.__self__))
        if isinstance(value, functools.partial):
            return ("partial", *map(self.of, (value.func, value.args, value.keywords)))
        if isinstance(value, types.BuiltinFunctionType | np.ufunc):
            return ("builtin", str(getattr(value, "__module__", "")), value.__name__)
        return self._instance(value)

    def _function(self, function: types.FunctionType) -> Any:
        head = ("function", _library(function.__module__), _code(function.__code__))
        defaults = self.of((function.__defaults__, function.__kwdefaults__))
        cells = [_content(cell) for cell in function.__closure__ or ()]
        if is_library(function.__module__):
            return (*head, function.__qualname__, defaults, *map(self.of, cells))
        names = sorted(set(_global_names(function.__code__)) & set(function.__globals__))
        used = [(name, self.of(function.__globals__[name])) for name in names]
        return (*head, defaults, *map(self.of, cells), *used)

    def _class(self, cls: type) -> Any:
        if is_library(cls.__module__):
            return ("class", _library(cls.__module__), cls.__qualname__)
        hidden = {"__dict__", "__weakref__", "__module__", "__doc__", "__firstlineno__"}
        hidden |= {"__annotations__", "__annotate__", "__static_attributes__", "__qualname__"}
        hidden |= {"_abc_impl", "__abstractmethods__", "__dataclass_fields__"}
        members = {k: _plain_member(v) for k, v in vars(cls).items() if k not in hidden}
        return ("class", self.of(cls.__bases__), self.of(members))

    def _module(self, module: types.ModuleType) -> Any:
        if is_library(module.__name__):
            return ("module", _library(module.__name__), module.__name__)
        file = getattr(module, "__file__", None)
        if file is None or not Path(file).is_file():
            raise CannotDescribeError(f"the module {module.__name__}, which has no file")
        content = hashlib.sha256(Path(file).read_bytes()).hexdigest()
        return ("module", module.__name__, content, *map(self.of, _own_imports(module)))

    def _instance(self, value: Any) -> Any:
        if isinstance(value, tuple):  # a named tuple
            return ("fields", self.of(type(value)), *map(self.of, value))
        if dataclasses.is_dataclass(value):
            names = [field.name for field in dataclasses.fields(value)]
            state = {name: getattr(value, name) for name in names}
            return ("fields", self.of(type(value)), self.of(state))
        kind = self.of(type(value))
        if is_library(type(value).__module__) and hasattr(value, "get_config"):
            variables = [_array(v.numpy()) for v in getattr(value, "variables", ())]
            return ("configured", kind, self.of(value.get_config()), *variables)
        if hasattr(value, "__array__") and hasattr(value, "shape"):
            return ("array", kind, _array(np.asarray(value)))
        if hasattr(value, "__dict__") and not is_library(type(value).__module__):
            return ("instance", kind, self.of(vars(value)))
        try:
            return ("pickled", kind, joblib.hash(value))
        except Exception as error:  # pickling raises whatever it likes
            if hasattr(value, "__dict__"):
                return ("instance", kind, self.of(vars(value)))
            name = f"{type(value).__module__}.{type(value).__qualname__}"
            raise CannotDescribeError(f"an object of type {name}") from error


def _own_imports(module: types.ModuleType) -> list[types.ModuleType]:
    """Returns the modules of one's own that a module imports, or imports something from."""
    values = list(vars(module).values())
    names = {v.__name__ for v in values if isinstance(v, types.ModuleType)}
    names |= {str(getattr(v, "__module__", "")) for v in values if callable(v)}
    names -= {module.__name__, ""}
    return [sys.modules[n] for n in sorted(names) if n in sys.modules and not is_library(n)]


def _array(array: np.ndarray[Any, Any]) -> Any:
    if array.dtype.hasobject:
        return ("objects", str(array.shape), *map(describe, array.ravel().tolist()))
    content = hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
    return ("array", array.dtype.str, str(array.shape), content)


def _code(code: types.CodeType) -> Any:
    """Describes bytecode without names of files, numbers of lines, and documentation."""
    constants = tuple(
        _code(c) if isinstance(c, types.CodeType) else describe(c) for c in code.co_consts
    )
    shape = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return (code.co_code.hex(), constants, str(shape), str(names))


def _global_names(code: types.CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_GLOBAL", "LOAD_NAME"}:
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _global_names(constant)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return "an empty cell"


def _plain_member(member: Any) -> Any:
    """Returns the function behind a property, a class method or a static method."""
    if isinstance(member, classmethod | staticmethod):
        return (type(member).__name__, member.__func__)
    if isinstance(member, property):
        return ("property", member.fget, member.fset, member.fdel)
    if inspect.isdatadescriptor(member):  # a slot
        return "descriptor"
    return member


def _version(top: str) -> str:
    module = sys.modules.get(top)
    return str(getattr(module, "__version__", None) or _installed_version(top))


@functools.cache
def _installed_version(top: str) -> str:
    try:
        return metadata.version(top)
    except metadata.PackageNotFoundError:
        return ""


def _library(module: str | None) -> str:
    """Returns name and version of a library's module, and nothing of one's own."""
    if not is_library(module):
        return ""
    return f"{module} {_version((module or '').partition('.')[0])}"
