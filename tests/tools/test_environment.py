"""The environment tool against a tiny project, with real virtual environments and a real pip."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import environment
import pytest

TOOL = Path(environment.__file__)

# A build backend of the project itself: no setuptools, nothing from a registry.
BACKEND = """
import zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "course_utils-0.1.0-py3-none-any.whl"
    info = "course_utils-0.1.0.dist-info"
    metadata = ["Metadata-Version: 2.1", "Name: course_utils", "Version: 0.1.0", ""]
    kind = ["Wheel-Version: 1.0", "Root-Is-Purelib: true", "Tag: py3-none-any", ""]
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        wheel.writestr("course_utils.pth", "")
        wheel.writestr(info + "/METADATA", chr(10).join(metadata))
        wheel.writestr(info + "/WHEEL", chr(10).join(kind))
        wheel.writestr(info + "/RECORD", "")
    return name

build_editable = build_wheel
"""

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "course_utils"
version = "0.1.0"
dependencies = ["alpha"]

[tool.ruff]
line-length = 100
"""


def make_wheel(folder: Path, name: str, version: str = "1.0", metadata: str = "") -> str:
    """Write a tiny wheel; return its line for requirements.txt."""
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    files = {f"{name}/__init__.py": f"version = {version!r}\n", f"{name}/data.txt": "some data\n"}
    with zipfile.ZipFile(path, "w") as wheel:
        for file, content in files.items():
            wheel.writestr(file, content)
        wheel.writestr(
            f"{info}/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}",
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(
            f"{info}/RECORD",
            "".join(f"{file},,{len(content)}\n" for file, content in files.items()),
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{name}=={version} --hash=sha256:{digest}\n"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of wheels in place of a package registry, and no settings of the machine's."""
    folder = tmp_path_factory.mktemp("registry")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("PIP_", "PYTHON"))]:
            patch.delenv(name)
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        patch.setenv("PIP_NO_CACHE_DIR", "1")
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(folder))
        patch.setattr(environment, "SPACE_NEEDED", 0)
        yield folder


def make_checkout(root: Path, registry: Path) -> None:
    lines = make_wheel(registry, "alpha") + make_wheel(registry, "beta")
    (root / "requirements.txt").write_text(lines)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)


@pytest.fixture(scope="module")
def checkout(registry: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a healthy environment, which takes seconds to make."""
    root = tmp_path_factory.mktemp("checkout") / "course"
    root.mkdir()
    make_checkout(root, registry)
    environment.ensure(root)
    shutil.copytree(root, root.with_name("pristine"), symlinks=True)
    return root


def restore(checkout: Path) -> Path:
    shutil.rmtree(checkout)
    shutil.copytree(checkout.with_name("pristine"), checkout, symlinks=True)
    return checkout


@pytest.fixture
def project(checkout: Path) -> Path:
    """The checkout as it was when it was made."""
    return restore(checkout)


@pytest.fixture(scope="module")
def light_checkout(registry: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without pip and its thousand files, where nothing is installed."""
    root = tmp_path_factory.mktemp("light") / "course"
    root.mkdir()
    make_checkout(root, registry)
    python = environment.find_python()
    subprocess.run([python.path, "-m", "venv", "--without-pip", root / ".venv"], check=True)
    folder = packages(root)
    for wheel in registry.glob("*-1.0-*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    environment.write_stamp(root / ".venv", wanted_by(root))
    shutil.copytree(root, root.with_name("pristine"), symlinks=True)
    return root


@pytest.fixture
def light(light_checkout: Path) -> Path:
    """The light checkout as it was when it was made."""
    return restore(light_checkout)


def packages(root: Path) -> Path:
    folder = environment.site_packages(root / ".venv")
    assert folder is not None
    return folder


def assert_works(root: Path) -> None:
    """The environment imports both packages and its pip script runs."""
    venv = root / ".venv"
    out = subprocess.run(
        [venv / "bin" / "python", "-c", "import alpha, beta; print(alpha.version, beta.version)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert out == "1.0 1.0\n"
    subprocess.run([venv / "bin" / "pip", "--version"], capture_output=True, check=True)
    assert (venv / environment.STAMP).exists()
    assert environment.damaged(venv) == []


def wanted_by(root: Path) -> str:
    return environment.fingerprint(
        (root / "requirements.txt").read_text(), environment.project_metadata(root)
    )


def forbid(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError(f"{name} was called")

    monkeypatch.setattr(module, name, refuse)


# ----------------------------------------------------------------------------
# Healthy


def test_a_healthy_environment_is_left_alone(
    light: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    forbid(monkeypatch, environment, "build")
    capsys.readouterr()
    assert environment.main(["--root", str(light)]) == 0
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_editing_the_table_of_a_tool_costs_nothing(
    light: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(monkeypatch, environment, "build")
    (light / "pyproject.toml").write_text(PYPROJECT.replace("= 100", "= 90"))
    environment.ensure(light)


def test_deleted_byte_code_is_no_damage(light: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid(monkeypatch, environment, "build")
    with open(packages(light) / "alpha-1.0.dist-info" / "RECORD", "a") as record:
        record.write("alpha/__pycache__/__init__.cpython-311.pyc,,\n")
    environment.ensure(light)


# ----------------------------------------------------------------------------
# Repaired in place


def delete_file(root: Path) -> None:
    (packages(root) / "alpha" / "__init__.py").unlink()


def truncate_file(root: Path) -> None:
    (packages(root) / "alpha" / "data.txt").write_text("some")


def delete_package(root: Path) -> None:
    shutil.rmtree(packages(root) / "alpha")


def delete_package_and_metadata(root: Path) -> None:
    shutil.rmtree(packages(root) / "beta")
    shutil.rmtree(packages(root) / "beta-1.0.dist-info")


def delete_record(root: Path) -> None:
    (packages(root) / "beta-1.0.dist-info" / "RECORD").unlink()


def garble_record(root: Path) -> None:
    (packages(root) / "beta-1.0.dist-info" / "RECORD").write_bytes(b"\xff\xfe garbage")


def delete_pip(root: Path) -> None:
    shutil.rmtree(packages(root) / "pip")


def delete_script(root: Path) -> None:
    (root / ".venv" / "bin" / "pip").unlink()


def delete_stamp(root: Path) -> None:
    (root / ".venv" / environment.STAMP).unlink()


def garble_stamp(root: Path) -> None:
    (root / ".venv" / environment.STAMP).write_text("{")


def interrupted_upgrade(root: Path) -> None:
    delete_stamp(root)
    old = packages(root) / "alpha-0.9.dist-info"
    shutil.copytree(packages(root) / "alpha-1.0.dist-info", old)
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: alpha\nVersion: 0.9\n")


DAMAGE = [
    delete_file,
    truncate_file,
    delete_package,
    delete_package_and_metadata,
    delete_record,
    garble_record,
    delete_stamp,
    garble_stamp,
    interrupted_upgrade,
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_seen_and_is_no_reason_to_start_afresh(light: Path, damage: Any) -> None:
    wanted = wanted_by(light)
    assert environment.is_healthy(light / ".venv", wanted)
    damage(light)
    assert not environment.is_healthy(light / ".venv", wanted)
    assert environment.is_usable(light / ".venv")


@pytest.mark.parametrize(
    "damages",
    [
        (delete_record, truncate_file, delete_pip, delete_script, garble_stamp),
        (delete_package_and_metadata, interrupted_upgrade),
    ],
)
def test_damage_is_repaired_in_place(
    project: Path, monkeypatch: pytest.MonkeyPatch, damages: Any
) -> None:
    for damage in damages:
        damage(project)
    forbid(monkeypatch, environment, "create")
    environment.ensure(project)
    assert_works(project)
    assert not (packages(project) / "alpha-0.9.dist-info").exists()


def test_new_requirements_are_installed_beside_a_repair(project: Path, registry: Path) -> None:
    garble_record(project)
    delete_file(project)
    with open(project / "requirements.txt", "a") as requirements:
        requirements.write(make_wheel(registry, "gamma"))
    environment.ensure(project)
    assert (packages(project) / "gamma").is_dir()
    assert_works(project)


def test_a_newer_release_changes_nothing(project: Path, registry: Path) -> None:
    """pip 23 takes it for a package with an extra, and then misses its hash."""
    pins = make_wheel(registry, "delta", metadata="Provides-Extra: extra\n")
    pins += make_wheel(registry, "epsilon", metadata="Requires-Dist: delta[extra]\n")
    make_wheel(registry, "delta", "1.1", "Provides-Extra: extra\n")
    with open(project / "requirements.txt", "a") as requirements:
        requirements.write(pins)
    environment.ensure(project)
    assert (packages(project) / "delta-1.0.dist-info").is_dir()


def test_new_metadata_of_the_project_is_noticed(light: Path) -> None:
    before = wanted_by(light)
    (light / "pyproject.toml").write_text(PYPROJECT.replace('["alpha"]', '["alpha", "beta"]'))
    assert wanted_by(light) != before


def test_an_interrupted_installation_leaves_no_stamp(
    light: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    delete_package(light)

    def interrupt(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(environment, "ensure_pip", lambda venv: True)
        patch.setattr(environment, "run_pip", interrupt)
        assert environment.main(["--root", str(light)]) == 130
    assert "goes on from here" in capsys.readouterr().err
    assert not (light / ".venv" / environment.STAMP).exists()


# ----------------------------------------------------------------------------
# Built again


def kill_interpreter(root: Path) -> None:
    python = root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.11")


def empty_folder(root: Path) -> None:
    shutil.rmtree(root / ".venv")
    (root / ".venv").mkdir()


def a_file(root: Path) -> None:
    shutil.rmtree(root / ".venv")
    (root / ".venv").write_text("")


def no_packages(root: Path) -> None:
    shutil.rmtree(packages(root))


@pytest.mark.parametrize("damage", [kill_interpreter, empty_folder, a_file, no_packages])
def test_what_cannot_be_repaired_is_seen(light: Path, damage: Any) -> None:
    assert environment.is_usable(light / ".venv")
    damage(light)
    assert not environment.is_usable(light / ".venv")


def test_a_moved_checkout_gets_a_new_environment_once(project: Path, tmp_path: Path) -> None:
    """Scripts name the folder in which they were made. Two makes at once: one builds."""
    moved = project.with_name("moved")
    shutil.copytree(project, moved, symlinks=True)
    assert not environment.is_usable(moved / ".venv")
    logs = [tmp_path / "one", tmp_path / "two"]
    code = (
        f"import sys; sys.path.insert(0, {str(TOOL.parent)!r}); import environment;"
        f"environment.SPACE_NEEDED = 0; sys.exit(environment.main(['--root', {str(moved)!r}]))"
    )
    running = []
    for log in logs:
        with open(log, "w") as stream:
            running.append(subprocess.Popen([sys.executable, "-c", code], stderr=stream))
    assert [process.wait() for process in running] == [0, 0]
    text = "".join(log.read_text() for log in logs)
    assert text.count("Creating") == 1
    assert text.count("waiting for it") == 1
    assert_works(moved)
    assert str(moved) in (moved / ".venv" / "bin" / "pip").read_text()


@pytest.mark.parametrize("damage", [empty_folder, a_file])
def test_whatever_stands_in_its_place_is_discarded(light: Path, damage: Any) -> None:
    damage(light)
    environment.discard(light / ".venv")
    assert not (light / ".venv").exists()


def test_a_killed_installation_leaves_no_stamp(light: Path) -> None:
    """SIGKILL while pip runs: no clean-up of any kind takes place."""
    delete_package(light)
    code = (
        f"import sys, time; sys.path.insert(0, {str(TOOL.parent)!r}); import environment;"
        "environment.ensure_pip = lambda venv: True;"
        "environment.run_pip = lambda *a, **k: (print('in pip', flush=True), time.sleep(60));"
        f"environment.main(['--root', {str(light)!r}])"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as lines:
        assert lines.readline() == "in pip\n"
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (light / ".venv" / environment.STAMP).exists()
    with environment.locked(light / ".venv.lock"):  # the lock died with its holder
        pass


# ----------------------------------------------------------------------------
# Failures say what is wrong and what to type


def failure(root: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert environment.main(["--root", str(root)]) == 1
    text = capsys.readouterr().err
    assert "What to do:" in text
    assert not (root / ".venv" / environment.STAMP).exists()
    return text


def test_a_wrong_hash_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    requirements = project / "requirements.txt"
    alpha, beta = requirements.read_text().splitlines()
    requirements.write_text(f"{alpha.rsplit(':', 1)[0]}:{'0' * 64}\n{beta}\n")
    delete_package(project)
    text = failure(project, capsys)
    assert "hash mismatch" in text
    assert "(alpha==1.0)" in text
    assert "pip cache purge" in text


def test_a_registry_out_of_reach_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    delete_package(project)
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    assert "registry cannot be reached" in failure(project, capsys)


def test_a_package_that_the_registry_lacks_is_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    requirements = project / "requirements.txt"
    requirements.write_text(requirements.read_text().replace("alpha==1.0", "alpha==2.0"))
    assert "no alpha==2.0 for this Python" in failure(project, capsys)


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    problem = environment.explain("OSError: [Errno 28] No space left on device", tmp_path)
    assert "disk is full" in str(problem)
    with pytest.raises(environment.Problem, match="needs 1000000"):
        environment.check_space(tmp_path, needed=10**18)


def test_an_unknown_failure_shows_the_last_lines(tmp_path: Path) -> None:
    problem = environment.explain("first\n\nsomething odd\n", tmp_path)
    assert "something odd" in str(problem)
    assert "make distclean" in problem.remedy
    assert not problem.hopeless


def test_no_room_is_said_before_anything_is_deleted(
    light: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kill_interpreter(light)
    monkeypatch.setattr(environment.check_space, "__defaults__", (10**18,))
    assert environment.main(["--root", str(light)]) == 1
    assert "GB free" in capsys.readouterr().err
    assert packages(light).is_dir()


# ----------------------------------------------------------------------------
# Which Python


def fake_python(folder: Path, name: str, version: tuple[int, int], complete: bool = True) -> str:
    path = folder / name
    facts = (
        f'{{"version": [{version[0]}, {version[1]}], "executable": "{path}", '
        f'"complete": {str(complete).lower()}}}'
    )
    path.write_text(f"#!/bin/sh\necho '{facts}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def dead_python(folder: Path) -> str:
    path = folder / "shim"
    path.write_text("#!/bin/sh\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n")
    path.chmod(0o755)
    return str(path)


def test_the_first_python_that_will_do_is_taken(tmp_path: Path) -> None:
    old = fake_python(tmp_path, "old", (3, 9))
    new = fake_python(tmp_path, "new", (3, 14))
    bare = fake_python(tmp_path, "bare", (3, 13), complete=False)
    good = fake_python(tmp_path, "good", (3, 12))
    found = environment.find_python(names=[dead_python(tmp_path), old, new, bare, good])
    assert found == environment.Interpreter(good, (3, 12), True)


def test_no_python_of_the_right_version(tmp_path: Path) -> None:
    old = fake_python(tmp_path, "old", (3, 9))
    with pytest.raises(environment.Problem, match=r"3\.11, 3\.12 or 3\.13 is needed.*old \(3\.9\)"):
        environment.find_python(names=[old])


def test_a_python_without_venv(tmp_path: Path) -> None:
    bare = fake_python(tmp_path, "bare", (3, 11), complete=False)
    with pytest.raises(environment.Problem, match="no ensurepip") as caught:
        environment.find_python(names=[bare])
    assert "3.11" in caught.value.remedy


@pytest.mark.parametrize(
    ("version", "complete", "message"),
    [((3, 10), True, "is Python 3.10"), ((3, 12), False, "no ensurepip")],
)
def test_a_requested_python_that_will_not_do(
    tmp_path: Path, version: tuple[int, int], complete: bool, message: str
) -> None:
    path = fake_python(tmp_path, "python", version, complete)
    with pytest.raises(environment.Problem, match=message):
        environment.find_python(path)


def test_a_requested_python_that_is_missing() -> None:
    with pytest.raises(environment.Problem, match="does not start"):
        environment.find_python("/nowhere/python3.12")


def test_a_requested_python_of_another_version_means_a_new_environment(light: Path) -> None:
    venv = light / ".venv"
    have = sys.version_info[:2]
    other = next(version for version in environment.SUPPORTED if version != have)
    assert environment.is_usable(venv, have)
    assert not environment.is_usable(venv, other)


def test_the_python_of_an_environment_is_traced_to_its_base(light: Path) -> None:
    found = environment.probe(str(light / ".venv" / "bin" / "python"))
    assert found is not None
    assert str(light) not in found.path


# ----------------------------------------------------------------------------
# Make


ROOT = TOOL.parent.parent


def test_make_without_any_python_says_so(tmp_path: Path) -> None:
    make = shutil.which("make")
    assert make is not None
    done = subprocess.run(
        [make, "-C", str(ROOT), "environment", "PYTHON="],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "No Python found" in done.stdout
    assert "apt-get install python3" in done.stdout


def test_make_help_has_a_line_for_every_target() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = text.split(".PHONY:")[1].split("\n.DEFAULT")[0].replace("\\\n", " ").split()
    shown = subprocess.run(
        ["make", "-C", str(ROOT), "--no-print-directory"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    listed = [line.split()[0] for line in shown.splitlines() if line.startswith("  ")]
    assert set(listed) | {"lint", "unit"} == set(phony)
    assert len(listed) == len(set(listed))
