"""The package as a whole: what its import does, who imports whom, and how it is documented."""

import ast
import inspect
import os
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import course_utils

FOLDER = Path(course_utils.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))
MODULES = sorted(module.name for module in pkgutil.walk_packages([str(FOLDER)], "course_utils."))
SETTINGS = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
EXPERIMENT = [
    f"_experiment_{part}"
    for part in (
        *("cache", "code", "task", "statistics", "summary", "spec", "models", "replicate", "key"),
        *("memory", "spread"),
    )
]
# A module may import modules of lower floors and, on its own floor, those listed before it.
FLOORS = {
    "_data_files": 0,
    "_fast_random": 0,
    "_training_data": 0,
    "results": 0,
    "_compiled_epochs": 1,
    "datasets": 1,
    "functions": 1,
    "networks": 1,
    "claims": 1,
    "plots": 1,
    "_explorer_numbers": 1,
    "_explorer_still": 1,
    "explorers": 1,
    "training": 2,
    "diagnostics": 2,
    "descent": 2,
    **dict.fromkeys(EXPERIMENT, 3),
    "experiments": 3,
    "reproduction": 3,
    "exercises": 4,
    "grading": 4,
    "cli": 5,
    "__main__": 5,
}
PRIVATE_TO = {
    "_data_files": {"datasets"},
    "_fast_random": {"_compiled_epochs"},
    "_training_data": {"training"},
    "_compiled_epochs": {"training"},
    "_explorer_numbers": {"_explorer_still", "explorers"},
    "_explorer_still": {"explorers"},
    **{name: {*EXPERIMENT, "experiments"} for name in EXPERIMENT},
}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    """The modules of the course that a file imports, by their first name under course_utils."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno}: a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("course_utils.")}


def module_of(path: Path) -> str:
    return path.relative_to(FOLDER).with_suffix("").parts[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_imports_run_downward(path: Path) -> None:
    name = module_of(path)
    if name == "__init__":
        assert imported(path) == set(), "importing the package must stay cheap"
        return
    assert name in FLOORS, f"give {name} its floor in this test"
    order = list(FLOORS)
    for other in imported(path) - {name}:
        assert FLOORS[other] <= FLOORS[name], f"{name} imports {other} from a floor above"
        if FLOORS[other] == FLOORS[name]:
            assert order.index(other) < order.index(name), f"{name} and {other}: list the order"
        if other in PRIVATE_TO:
            assert name in PRIVATE_TO[other], f"{other} is private, {name} imports it"


def test_nothing_prints() -> None:
    # A command speaks, and a notebook that is newer than the package is told so.
    for path in set(FILES) - {FOLDER / "cli.py", FOLDER / "__init__.py"}:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"print", "pprint"}, f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                written = (node.value.id, node.attr)
                assert written not in {("sys", "stdout"), ("sys", "stderr")}, path.name


def run_python(code: str, **environment: str) -> str:
    kept = {key: value for key, value in os.environ.items() if key not in SETTINGS}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=kept | {"PYTHONPATH": str(FOLDER.parent)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_import_is_cheap_and_quiet() -> None:
    code = (
        "import course_utils, sys; "
        "print(*(set(sys.modules) & {'tensorflow', 'keras', 'numpy', 'matplotlib', 'pandas'}))"
    )
    assert run_python(code).strip() == ""


def test_no_module_imports_tensorflow_or_keras_at_once() -> None:
    """TensorFlow takes seconds to start: only what cannot do without it imports it."""
    trains = {"training", "_training_data", "_compiled_epochs", "_fast_random"}
    parts = ("key", "memory", "models", "replicate", "spec", "spread")
    trains |= {f"_experiment_{part}" for part in parts}
    code = f"""
import sys
from importlib import import_module
for name in {[m for m in MODULES if m.split(".")[-1] not in trains]!r}:
    import_module(name)
print(*sorted(set(sys.modules) & {{'tensorflow', 'keras'}}))
"""
    assert run_python(code, MPLBACKEND="agg").strip() == ""


@pytest.mark.parametrize("own", [{}, dict.fromkeys(SETTINGS, "own")])
def test_environment_is_set_only_where_the_reader_has_not(own: dict[str, str]) -> None:
    code = f"import course_utils, os; print(*(os.environ[name] for name in {list(SETTINGS)}))"
    assert run_python(code, **own).split() == list((SETTINGS | own).values())


def test_import_changes_no_other_variable() -> None:
    code = """
import os
before = dict(os.environ)
import course_utils
print(*sorted(name for name in os.environ if os.environ[name] != before.get(name)))
print(*sorted(set(before) - set(os.environ)))
"""
    assert run_python(code).split() == sorted(SETTINGS)


def test_version_is_one() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", course_utils.__version__)


# --- documentation ------------------------------------------------------------------------------


def public(module: ModuleType) -> list[tuple[str, object]]:
    """Everything public that a module defines: functions, classes, and their methods."""
    found = []
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(thing):
            found.append((name, thing))
        elif inspect.isclass(thing):
            found.append((name, thing))
            for member, value in vars(thing).items():
                plain = value.__func__ if isinstance(value, classmethod | staticmethod) else value
                plain = plain.fget if isinstance(plain, property) else plain
                own = inspect.isfunction(plain) and plain.__module__ == module.__name__
                if own and (member == "__call__" or not member.startswith("_")):
                    found.append((f"{name}.{member}", plain))
    return found


PUBLIC = [
    pytest.param(thing, id=f"{module.removeprefix('course_utils.')}.{name}")
    for module in MODULES
    if not re.match(r"course_utils\.(reproduction\.)?_", module)
    for name, thing in public(import_module(module))
]


@pytest.mark.parametrize("module", ["course_utils", *MODULES])
def test_modules_have_a_docstring(module: str) -> None:
    doc = import_module(module).__doc__
    assert doc
    assert doc.splitlines()[0].endswith(".")


def test_public_things_are_found() -> None:
    names = {param.id for param in PUBLIC}
    assert {
        "functions.get",
        "functions.BenchmarkFunction.gradient",
        "descent.Trajectory.from_points",
        "descent.Trajectory.diverged_at",
        "descent.run_optimizer",
        "claims.check",
        "plots.contours",
    } <= names


@pytest.mark.parametrize("thing", PUBLIC)
def test_docstrings_say_what_every_argument_is(thing: object) -> None:
    doc = inspect.getdoc(thing) or ""
    assert len(doc) > 20, "no docstring"
    first = doc.splitlines()[0]
    assert first[0].isupper(), first
    assert first.endswith("."), first
    if inspect.isclass(thing):
        return
    arguments = set(inspect.signature(thing).parameters) - {"self", "cls"}
    section = doc.partition("\nArgs:\n")[2]
    if section:
        described = {
            name for name in arguments if re.search(rf"^ +\*{{0,2}}{name}:", section, re.M)
        }
    else:  # a short function says it in its sentences, in the plural perhaps
        described = {name for name in arguments if re.search(rf"\b{name}s?\b", doc)}
    assert described == arguments


@pytest.mark.parametrize("thing", PUBLIC)
def test_docstrings_list_what_is_raised(thing: object) -> None:
    if inspect.isclass(thing):
        return
    body = ast.parse(inspect.cleandoc("\n" + inspect.getsource(thing)))
    doc = inspect.getdoc(thing) or ""
    for node in ast.walk(body):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            name = ast.unparse(node.exc.func).split(".")[-1]
            if not name.startswith("_"):
                assert f"{name}:" in doc.partition("Raises:")[2], f"raises {name}"


@pytest.mark.parametrize("thing", PUBLIC)
def test_public_things_are_typed(thing: object) -> None:
    if inspect.isclass(thing):
        return
    signature = inspect.signature(thing)
    for name, parameter in signature.parameters.items():
        if name not in {"self", "cls"}:
            assert parameter.annotation is not inspect.Parameter.empty, name
    assert signature.return_annotation is not inspect.Signature.empty


def test_functions_fit_a_screen() -> None:
    """Statements and their comments; the docstring does not count."""
    for path in FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef):
                has_doc = ast.get_docstring(node) is not None
                first = node.body[1] if has_doc and len(node.body) > 1 else node.body[0]
                lines = (node.end_lineno or 0) - first.lineno + 1
                assert lines <= 40, f"{path.name}: {node.name} has {lines} lines"


@pytest.mark.parametrize("version", ["0.0.9", course_utils.__version__])
def test_a_notebook_of_this_version_or_an_older_one_says_nothing(
    version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    course_utils.needs(version)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("version", ["0.1.1", "0.10.0", "1.0"])
def test_a_newer_notebook_says_so_in_one_line(
    version: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course_utils, "__version__", "0.1.0")
    course_utils.needs(version)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"version {version} of the course, but course_utils 0.1.0 is installed" in said
