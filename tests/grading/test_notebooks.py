"""Notebooks as they really come: of any editor, damaged, cut, turned around, or none at all."""

import io
import json
import zipfile
from dataclasses import replace

import jupytext
import nbformat
import pytest

from course_utils.exercises import get, of_chapter
from course_utils.grading.notebooks import LARGEST, NotebookError, code_cells, needed
from tests.grading.standin import notebook

CELLS = ["import numpy as np\nx = 1", "def f(y):\n    return x + y", "check('ch01-a', f)"]


def document(**changed: object) -> dict[str, object]:
    return json.loads(notebook(CELLS)) | changed


def dumped(content: object) -> bytes:
    return json.dumps(content).encode()


def with_cells(change) -> bytes:
    content = document()
    for cell in content["cells"]:
        change(cell)
    return dumped(content)


def only(*names: str):
    def change(cell: dict[str, object]) -> None:
        for name in set(cell) - set(names):
            del cell[name]

    return change


def version_3() -> bytes:
    written = nbformat.convert(nbformat.reads(notebook(CELLS).decode(), 4), 3)
    return nbformat.writes(written, 3).encode()


def vs_code(cell: dict[str, object]) -> None:
    cell["metadata"] = {"vscode": {"languageId": "python"}, "dotnet_interactive": {"language": "x"}}
    cell.pop("id")


def colab(cell: dict[str, object]) -> None:
    cell["metadata"] = {"id": "Xy_1", "cellView": "form", "colab": {"height": 35}, "outputId": "7"}
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "out"}]
    cell.pop("id")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(notebook(CELLS), id="Jupyter"),
        pytest.param(with_cells(colab), id="Colab"),
        pytest.param(with_cells(vs_code), id="VS Code"),
        pytest.param(version_3(), id="nbformat 3"),
        pytest.param(with_cells(only("cell_type", "source")), id="all else cleared"),
        pytest.param(dumped({"cells": document()["cells"]}), id="no metadata, no version"),
        pytest.param(dumped(document(nbformat=4, nbformat_minor=99)), id="a newer version"),
        pytest.param(dumped(document(nbformat="4", metadata=None)), id="odd metadata"),
        pytest.param(b"\xef\xbb\xbf" + notebook(CELLS), id="byte order mark"),
        pytest.param(notebook(CELLS).decode().encode("utf-16"), id="UTF-16"),
        pytest.param(notebook([c.replace("\n", "\r\n") for c in CELLS]), id="Windows line ends"),
        pytest.param(
            json.dumps(document(), indent=1).replace("\n", "\r\n").encode(), id="Windows file"
        ),
        pytest.param(notebook([c.replace("\n", "\r") for c in CELLS]), id="old line ends"),
        pytest.param(notebook(["\ufeff" + CELLS[0], "  \n ", *CELLS[1:], ""]), id="empty cells"),
        pytest.param(
            with_cells(lambda cell: cell.update(source="".join(cell["source"]))), id="source a text"
        ),
    ],
)
def test_code_is_found_whoever_wrote_the_notebook(raw: bytes) -> None:
    assert code_cells(raw) == CELLS


def test_notebooks_of_jupytext_are_read() -> None:
    script = "# %% [markdown]\n# # Title\n\n# %%\nx = 1\n\n# %%\nprint(x)\n"
    written = jupytext.writes(jupytext.reads(script, fmt="py:percent"), fmt="ipynb")
    assert code_cells(written.encode()) == ["x = 1", "print(x)"]


def test_cells_of_other_languages_and_kinds_are_left_out() -> None:
    content = document()
    content["cells"][2]["metadata"] = {"vscode": {"languageId": "shellscript"}}
    content["cells"] += [{"cell_type": "raw", "source": "a"}, {"source": "b"}, 7, None, []]
    content["cells"] += [{"cell_type": "code"}, {"cell_type": "code", "source": 7}]
    assert code_cells(dumped(content)) == [CELLS[0], CELLS[2]]


def test_characters_that_python_cannot_read_are_replaced() -> None:
    assert code_cells(notebook(["x = '\ud800'\0", "y"])) == ["x = '?'", "y"]


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.ipynb", notebook(CELLS))
    return file.getvalue()


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (zipped(), "zip archive"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\x89PNG\r\n", "a picture"),
        (b"\x80\x81\x82", "no text"),
        (b"\xff\xfe\x00", "no text"),
        (b"import numpy as np\n", "such as a script"),
        (b"  <!DOCTYPE html><html>", "a web page"),
        (notebook(CELLS)[:-20], "damaged"),
        (b'{"cells": [' + b"[" * 200_000, "damaged"),
        (b'{"cells": [' + b"1" * 5000 + b"]}", "damaged"),
        (b"[1, 2]", "no cells"),
        (b'"text"', "no cells"),
        (b"{}", "no cells"),
        (b'{"cells": 7}', "no cells"),
        (b'{"worksheets": [7, {"cells": 7}]}', "no code cells"),
        (b'{"cells": []}', "no code cells"),
        (notebook([]), "no code cells"),
        (notebook(["", " \n"]), "no code cells"),
        (notebook(["x"] * 5001), "more code than"),
        (notebook(["x" * 1_000_001]), "more code than"),
        (b" " * (LARGEST + 1), "larger than 20 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_notebook_is_named(raw: bytes, says: str) -> None:
    with pytest.raises(NotebookError, match=says) as caught:
        code_cells(raw)
    assert "\n" not in str(caught.value)


# --- which cells the answers need ---------------------------------------------------------------

ONE = replace(get("ch01-stable-limit"), id="ch01-one", name="one")
TWO = replace(get("ch01-stable-limit"), id="ch01-two", name="two")
SETUP = "from course_utils.exercises import check\nimport numpy as np"
CHECK = "check('ch01-one', one)"


def picked(*cells: str) -> list[int]:
    return needed(cells, [ONE])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param([SETUP, "train()", "def one(): ...", CHECK], [0, 2, 3], id="usual"),
        pytest.param([SETUP, "train()", "def one(): ..."], [2], id="check deleted"),
        pytest.param(
            [SETUP, "def mine(): ...", "check('ch01-one', mine)"], [0, 1, 2], id="renamed"
        ),
        pytest.param(
            [SETUP, "mine = 3", "check(id='ch01-one', answer=mine)"], [0, 1, 2], id="named"
        ),
        pytest.param([CHECK, "one = 3", SETUP], [0, 1, 2], id="turned around"),
        pytest.param(["x = 1", "y = 2", "one = x", CHECK], [0, 2, 3], id="uses a name"),
        pytest.param(["x = 1", "y = x", "one = lambda: y", CHECK], [0, 1, 2, 3], id="two steps"),
        pytest.param(["x = 1", "x = 2", "one = x", CHECK], [1, 2, 3], id="replaced"),
        pytest.param(["x = 1", "x += 2", "one = x"], [0, 1, 2], id="augmented"),
        pytest.param(["x = []", "x.append(2)", "one = x"], [0, 1, 2], id="method"),
        pytest.param(["x = {}", "x['a'] = 2", "one = x"], [0, 1, 2], id="subscript"),
        pytest.param(["x = A()", "x.a.b = 2", "one = x"], [0, 1, 2], id="attribute"),
        pytest.param(["x = 1", "if a:\n    x = 2", "one = x"], [0, 1, 2], id="perhaps replaced"),
        pytest.param(["x = 1", "for x in range(3): pass", "one = x"], [0, 1, 2], id="loop"),
        pytest.param(["m = net()", "h = fit(m, x)", "one = m"], [0, 1, 2], id="trained by fit"),
        pytest.param(["m = net()", "h = m.fit(x)", "one = m"], [0, 1, 2], id="trained by method"),
        pytest.param(["m = net()", "print(m.mean())", "one = m"], [0, 2], id="only looked at"),
        pytest.param(["x = 1", "def one():\n    return x", "x = 3"], [0, 1, 2], id="defined later"),
        pytest.param(
            ["def one(x):\n    y = x\n    return [z for z in y]", "x = y = z = 1"], [0], id="locals"
        ),
        pytest.param(["z = 5", "y = [z for z in range(3)]\none = y"], [1], id="comprehension"),
        pytest.param(["k = 5", "one = [k for z in range(3)]"], [0, 1], id="in a comprehension"),
        pytest.param(["k = 5", "def one(a=k): ..."], [0, 1], id="default"),
        pytest.param(["k = 5", "@k\ndef one(): ..."], [0, 1], id="decorator"),
        pytest.param(["B = object", "class one(B): ..."], [0, 1], id="base class"),
        pytest.param(["def f():\n    global one\n    one = 2", "f()"], [0], id="global"),
        pytest.param(["from a import *", "x = 1", "one = 2"], [0, 2], id="star import"),
        pytest.param(["%run helpers.py", "x = 1", "one = 2"], [0, 2], id="magic with effects"),
        pytest.param(["!pip install x", "%matplotlib inline", "one = 2"], [2], id="shell, magic"),
        pytest.param(["k = 5", "%%time\none = k"], [0, 1], id="cell magic"),
        pytest.param(["%%html\n<b>one = 1</b>", "one = 2"], [1], id="other language"),
        pytest.param(["x = 1", "def one(:\n  pass", CHECK], [1, 2], id="syntax error"),
        pytest.param(["x = (", "return 5", "one = 2"], [2], id="other syntax errors"),
        pytest.param(["k = 1", "with open(k) as f:\n    one = f"], [0, 1], id="with"),
        pytest.param(["two = 2", "check('ch01-two', two)"], [], id="another exercise"),
        pytest.param(["print('hello')"], [], id="nothing of it"),
        pytest.param([], [], id="no cells"),
    ],
)
def test_needed_cells(cells: list[str], expected: list[int]) -> None:
    assert picked(*cells) == expected


def test_all_exercises_are_looked_for() -> None:
    assert needed(["one = 1", "x = 2", "two = x"], [ONE, TWO]) == [0, 1, 2]


def test_warnings_of_students_code_stay_theirs() -> None:
    assert picked("one = '\\d'\nassert (1, 2)") == [0]


def test_code_nested_too_deep_is_run_as_a_whole() -> None:
    deep = "one = " + "-" * 50_000 + "1"
    assert picked("x = 1", deep) in ([0, 1], [1])


def test_a_chapter_needs_few_of_its_cells(request) -> None:
    """Its answers must not wait for all the training that the chapter shows."""
    for path in sorted((request.config.rootpath / "book/chapters").glob("*.ipynb")):
        cells = code_cells(path.read_bytes())
        exercises = of_chapter(path.name[:2])
        if exercises:
            assert 0 < len(needed(cells, exercises)) < len(cells) / 2, path.name
