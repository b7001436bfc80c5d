"""requirements.txt against pyproject.toml, without a network."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PINNED = (ROOT / "requirements.txt").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MACHINES = [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64")]
PYTHONS = ["3.11", "3.12", "3.13"]


def entries() -> Iterator[tuple[Requirement, list[str]]]:
    """Every pin with its hashes."""
    for entry in re.split(r"\n(?=\S)", PINNED):
        if not entry.startswith("#"):
            line, *rest = entry.split("--hash=")
            yield Requirement(line.replace("\\", "").strip()), [item.split()[0] for item in rest]


def wanted() -> list[Requirement]:
    """What pyproject.toml asks for: the package, its extra and the tool chain."""
    groups = [
        PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    ]
    return [Requirement(line) for group in groups for line in group]


def surroundings(python: str, system: str, machine: str) -> dict[str, str]:
    """The environment of markers for another machine."""
    facts = {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": system,
        "platform_machine": machine,
        "platform_system": {"linux": "Linux", "darwin": "Darwin"}[system],
        "os_name": "posix",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    return {**{key: str(value) for key, value in default_environment().items()}, **facts}


def test_every_pin_is_exact_and_has_a_hash() -> None:
    pins = list(entries())
    assert len(pins) > 100
    for requirement, hashes in pins:
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), requirement


def test_it_names_the_command_that_made_it_and_no_registry() -> None:
    header = "".join(line for line in PINNED.splitlines(True) if line.startswith("#"))
    command = header.split("\n#    ")[1].split("\n")[0]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    recipe = next(line for line in makefile.splitlines() if line.startswith("\t$(UV) pip compile"))
    for option in command.removeprefix("uv pip compile ").split():
        assert option in recipe.split(), option
    for index in ("--index-url", "--extra-index-url", "--find-links", "http:", "https:", " @ "):
        assert index not in PINNED, index


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(("system", "machine"), MACHINES)
def test_it_satisfies_pyproject_on(python: str, system: str, machine: str) -> None:
    here = surroundings(python, system, machine)
    pins: dict[str, str] = {}
    for requirement, _ in entries():
        if requirement.marker is None or requirement.marker.evaluate(here):
            name = canonicalize_name(requirement.name)
            assert name not in pins, f"{name} is pinned twice"
            pins[name] = str(requirement.specifier).removeprefix("==")
    for requirement in wanted():
        if requirement.marker is None or requirement.marker.evaluate(here):
            name = canonicalize_name(requirement.name)
            assert name in pins, f"{name} is not pinned: make requirements"
            assert requirement.specifier.contains(pins[name]), f"{name}: make requirements"
    flavors = {name for name in pins if name in ("tensorflow", "tensorflow-cpu")}
    linux = (system, machine) == ("linux", "x86_64")
    assert flavors == ({"tensorflow-cpu"} if linux else {"tensorflow"})


def test_it_is_complete() -> None:
    """make installs the pins and resolves nothing: no package here may miss another."""
    check = [sys.executable, "-m", "pip", "check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_package_asks_for_nothing_that_neither_it_nor_a_chapter_imports() -> None:
    files = [*(ROOT / "course_utils").rglob("*.py"), *(ROOT / "book/chapters").glob("*.md")]
    sources = "\n".join(file.read_text(encoding="utf-8") for file in files)
    imported = set(re.findall(r"^\s*(?:import|from)\s+(\w+)", sources, re.MULTILINE))
    for line in PROJECT["project"]["dependencies"]:
        name = Requirement(line).name
        assert {"scikit-learn": "sklearn"}.get(name, name) in imported, line
