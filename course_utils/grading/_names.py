"""Reads from the source of a cell which names it sets, changes and uses, without running it."""

import ast
import re
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Facts", "facts"]

# Magics that run the Python below them, and those whose effect cannot be seen.
_TRANSPARENT = {"time", "timeit", "capture", "prun", "memit", "mprun"}
_EFFECTS = re.compile(r"^\s*%%?(run|load_ext|writefile|macro|cython)\b", re.M)
_TRAINS = re.compile(r"fit|train|adapt|shuffle|seed", re.I)
# Methods that leave what they belong to as it is, as far as the course's objects go.
_HARMLESS = {
    *("all", "any", "argmax", "argmin", "astype", "copy", "count", "describe", "dot", "evaluate"),
    *("format", "get", "groupby", "head", "items", "join", "keys", "max", "mean", "median", "min"),
    *("numpy", "plot", "predict", "ravel", "reshape", "round", "split", "std", "steps_to", "sum"),
    *("summary", "tail", "to_frame", "tolist", "values", "var", "get_weights", "imshow"),
}
_SHOWS = {"print", "display", "len", "help", "repr", "type"}
_CALLABLE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}


@dataclass
class Facts:
    """What a cell does with names.

    Attributes:
        binds: Names that it sets, perhaps.
        replaces: Of these, the ones it sets surely, whatever they were.
        changes: Names whose objects it may change, such as ``x`` in ``x[0] = 1``.
        uses: Names that it needs when it runs.
        uses_later: Names that its functions need when they are called.
        modules: Names that it imports.
        texts: Texts that stand in it, such as the id of an exercise.
        words: Words of a cell that cannot be read as Python.
        always: Whether it has effects that cannot be seen here.
        unreadable: Whether it is no Python.
    """

    binds: set[str] = field(default_factory=set)
    replaces: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)
    uses_later: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    always: bool = False
    unreadable: bool = False


def facts(source: str) -> Facts:
    """Returns what a cell does with names.

    Args:
        source: Of the cell, with IPython's magics or without.
    """
    found = Facts(always=bool(_EFFECTS.search(source)))
    tree = _parsed(source)
    if tree is None:
        found.unreadable = True
        found.words = set(re.findall(r"[\w-]+", source)) | set(re.findall(r"\w+", source))
        return found
    for statement in _in_order(tree.body):
        _add(statement, found)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.texts.add(node.value)
    return found


def _parsed(source: str) -> ast.Module | None:
    from IPython.core.inputtransformer2 import TransformerManager

    first, _, rest = source.lstrip().partition("\n")
    while first.startswith("%%") and first[2:].split()[:1] and first[2:].split()[0] in _TRANSPARENT:
        first, _, rest = (source := rest).lstrip().partition("\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the student's code, such as "\d"
            transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]
            return ast.parse(transform(source))
    except (RecursionError, MemoryError):
        raise
    except Exception:  # SyntaxError, and whatever IPython raises for half a statement
        return None


def _in_order(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yields statements; those of a `with` run for sure, so they count one by one."""
    for statement in body:
        if isinstance(statement, ast.With):
            yield ast.With(items=statement.items, body=[ast.Pass()])
            yield from _in_order(statement.body)
        else:
            yield statement


def _add(statement: ast.stmt, found: Facts) -> None:
    """Adds a statement; what the cell itself has set before is no use of something outside."""
    seen = _Seen()
    _read_scopes(statement, seen)
    found.uses |= seen.uses - found.replaces
    found.uses_later |= seen.uses_later
    found.changes |= set(_changed(statement))
    found.binds |= seen.binds
    found.modules |= seen.modules
    if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
        found.always = True
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        found.uses |= {statement.target.id} - found.replaces
    elif _is_plain(statement):
        found.replaces |= seen.binds


@dataclass
class _Seen:
    uses: set[str] = field(default_factory=set)
    uses_later: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)


def _read_scopes(statement: ast.stmt, seen: _Seen) -> None:
    code = ast.unparse(ast.fix_missing_locations(ast.Module([statement], [])))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _read_scope(symtable.symtable(code, "cell", "exec"), seen, at_once=True)
    except (SyntaxError, ValueError):  # such as `return` outside a function
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        seen.uses |= {name.id for name in names}
        seen.binds |= {name.id for name in names if isinstance(name.ctx, ast.Store)}


def _read_scope(table: symtable.SymbolTable, seen: _Seen, *, at_once: bool) -> None:
    is_module = table.get_type() == "module"
    for symbol in table.get_symbols():
        name = symbol.get_name()
        if not (is_module or symbol.is_global()):
            continue
        if symbol.is_referenced():
            (seen.uses if at_once else seen.uses_later).add(name)
        if symbol.is_assigned() or symbol.is_imported():
            seen.binds.add(name)
        if symbol.is_imported():
            seen.modules.add(name)
    for child in table.get_children():
        is_function = child.get_type() == "function" and child.get_name() not in _COMPREHENSIONS
        _read_scope(child, seen, at_once=at_once and not is_function)


def _is_plain(statement: ast.stmt) -> bool:
    """Says whether all that a statement sets is set for sure, and as a whole."""
    if isinstance(statement, ast.Assign):
        parts = [part for target in statement.targets for part in ast.walk(target)]
        stored = [part for part in parts if isinstance(getattr(part, "ctx", None), ast.Store)]
        return not any(isinstance(part, ast.Subscript | ast.Attribute) for part in stored)
    defines = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return isinstance(statement, defines) or (
        isinstance(statement, ast.AnnAssign) and statement.value is not None
    )


def _changed(statement: ast.stmt) -> Iterator[str]:
    """Yields names whose objects a statement may change as it runs."""
    for node in _now(statement):
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Name):
            written = isinstance(node.ctx, ast.Store | ast.Del)
            if written and (isinstance(node.ctx, ast.Del) or not isinstance(node, ast.Name)):
                yield from _root(node)
        elif isinstance(node, ast.Call):
            is_statement = isinstance(statement, ast.Expr) and statement.value is node
            yield from _changed_by(node, is_statement)


def _now(node: ast.AST) -> Iterator[ast.AST]:
    """Yields the nodes that run at once, so not those in the bodies of functions."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _CALLABLE) and not isinstance(node, _CALLABLE):
            yield from _now(child)


def _changed_by(call: ast.Call, is_statement: bool) -> Iterator[str]:
    function = call.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    if name in _SHOWS or name in _HARMLESS:
        return
    if isinstance(function, ast.Attribute):
        yield from _root(function.value)
    changed = call.args[:1] if _TRAINS.search(name) else call.args if is_statement else []
    for argument in changed:
        yield from _root(argument)


def _root(node: ast.AST) -> Iterator[str]:
    """Yields ``x`` for ``x``, ``x.a`` and ``x[0].a``."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
