"""The parts of the Colab rehearsal that need no Colab."""

from __future__ import annotations

import gzip
import os
import sys
import urllib.request
from pathlib import Path

import colab
import environment
import nbformat
import numpy as np
import pytest
import server
from nbformat import NotebookNode

WHEEL = "course_utils-0.1.0-py3-none-any.whl"
SETUP = f"""import importlib.util

if importlib.util.find_spec("course_utils") is None:  # a fresh Colab session
    %pip install --quiet https://owner.github.io/course/wheels/{WHEEL}"""


def notebook(*sources: str) -> NotebookNode:
    cells = [nbformat.v4.new_markdown_cell("# A title")]
    cells += [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=cells)


def test_only_the_address_in_the_setup_cell_is_replaced() -> None:
    chapter = notebook(SETUP, "x = 1")
    colab.redirect(chapter, "http://127.0.0.1:1234", WHEEL)
    assert chapter.cells[1].source == SETUP.replace(
        "https://owner.github.io/course", "http://127.0.0.1:1234"
    )
    assert chapter.cells[2].source == "x = 1"


@pytest.mark.parametrize(
    "sources", [("x = 1",), ("x = 1", SETUP), (SETUP, SETUP), (SETUP.replace("wheels/", ""),)]
)
def test_a_notebook_without_one_setup_cell_at_its_top_is_refused(sources: tuple[str, ...]) -> None:
    with pytest.raises(colab.RehearsalError, match="first code cell, and no other"):
        colab.redirect(notebook(*sources), "http://127.0.0.1:1234", WHEEL)


def test_a_setup_cell_that_asks_for_another_wheel_is_refused() -> None:
    with pytest.raises(colab.RehearsalError, match=r"asks for course_utils-0\.1\.0.*make address"):
        colab.redirect(notebook(SETUP), "http://127.0.0.1", WHEEL.replace("0.1.0", "0.2.0"))


def test_changes_are_named_and_course_utils_is_none() -> None:
    before = {"numpy": "2.1.3", "keras": "3.13.2", "six": "1.0"}
    after = {"numpy": "2.4.0", "keras": "3.13.2", "course-utils": "0.1.0", "new": "1"}
    assert colab.changes(before, {**before, "course-utils": "0.1.0"}) == []
    assert colab.changes(before, after) == [
        "new: absent became 1",
        "numpy: 2.1.3 became 2.4.0",
        "six: 1.0 became absent",
    ]


def test_the_list_of_a_runtime_keeps_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "# Colab\nnumpy==2.1.3  # pinned\n\ntensorflow==2.20.0\ntensorflow-hub==0.16\n"
    monkeypatch.setattr(colab.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    assert colab.runtime_packages(text) == (
        "numpy==2.1.3\ntensorflow-cpu==2.20.0\ntensorflow-hub==0.16\n"
    )
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "tensorflow==2.20.0\n" in colab.runtime_packages(text)


def test_idx_files_are_the_published_format(tmp_path: Path) -> None:
    images = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    colab.write_idx(tmp_path / "images.gz", images)
    content = gzip.decompress((tmp_path / "images.gz").read_bytes())
    assert content[:4] == bytes([0, 0, 8, 3])  # IDX3, unsigned bytes
    assert np.frombuffer(content, ">u4", count=3, offset=4).tolist() == [2, 3, 4]
    assert content[16:] == images.tobytes()


def test_a_session_has_nothing_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_DATA", "/somewhere")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("KERAS_HOME", "/somewhere")
    env = colab.session_environment(tmp_path / "venv", tmp_path / "home")
    assert not {"COURSE_DATA", "PYTHONPATH", "KERAS_HOME"} & set(env)
    assert env["HOME"] == str(tmp_path / "home")
    assert env["PATH"].startswith(str(tmp_path / "venv" / "bin") + ":")
    assert env["PIP_NO_INDEX"] == "1"


def test_the_server_notes_what_was_fetched(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / WHEEL).write_bytes(b"wheel")
    served: list[str] = []
    with server.served(tmp_path, served) as address:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{address}wheels/{WHEEL}") as answer:
            assert answer.read() == b"wheel"
    assert served == [f"/wheels/{WHEEL}"]


def test_chapters_by_name_by_path_and_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colab, "CHAPTERS", tmp_path)
    with pytest.raises(colab.RehearsalError, match="no chapter in"):
        colab.find_chapters([])
    one, two = tmp_path / "01-one.ipynb", tmp_path / "02-two.ipynb"
    one.touch()
    two.touch()
    assert colab.find_chapters([]) == [one, two]
    assert colab.find_chapters(["02-two"]) == [two]
    assert colab.find_chapters(["book/chapters/01-one.ipynb"]) == [one]
    with pytest.raises(colab.RehearsalError, match=r"no chapter 03.*01-one, 02-two"):
        colab.find_chapters(["03"])


def test_without_a_list_it_says_how_to_get_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert colab.main([]) == 2
    assert "make colab CONSTRAINTS=FILE" in capsys.readouterr().err
    assert colab.main(["--constraints", str(tmp_path / "none.txt")]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_colabs_python_is_preferred_and_the_projects_own_will_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {
        "old": environment.Interpreter("old", (3, 11), True),
        "new": environment.Interpreter("new", (3, 13), True),
    }
    monkeypatch.setattr(environment, "probe", known.get)
    monkeypatch.setattr(environment, "candidates", lambda: iter(["dead", "old", "new"]))
    assert colab.choose_python(None, colab.COLAB_PYTHON).path == "new"
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(environment, "candidates", lambda: iter(["dead", "old"]))
    assert colab.choose_python(None, colab.COLAB_PYTHON).path == "old"
    assert "no Python 3.13 here" in capsys.readouterr().err


def test_the_kernel_is_the_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_client.kernelspec import KernelSpecManager

    colab.write_kernel(tmp_path / "jupyter", "01-one", tmp_path / "venv")
    monkeypatch.setenv("JUPYTER_PATH", os.fspath(tmp_path / "jupyter"))
    spec = KernelSpecManager().get_kernel_spec("01-one")
    assert spec.argv[0] == str(tmp_path / "venv" / "bin" / "python")


def test_what_a_session_installs_is_its_own(tmp_path: Path) -> None:
    """It has all that the runtime has, and leaves the runtime as it is."""
    runtime = Path(sys.prefix)
    one, two = (colab.fresh_session(runtime, tmp_path / name) for name in ("one", "two"))
    there = colab.installed(runtime)
    assert colab.installed(one) == there
    packages = environment.site_packages(one)
    assert packages is not None
    (packages / "new-1.0.dist-info").mkdir()
    (packages / "new-1.0.dist-info" / "METADATA").write_text("Name: new\nVersion: 1.0\n")
    assert colab.installed(one) == {**there, "new": "1.0"}
    assert colab.installed(two) == colab.installed(runtime) == there
