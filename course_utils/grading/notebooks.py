"""Reads the code cells of notebooks, from whatever editor they come and whatever happened to them.

Nothing is validated that grading does not need: nbformat would refuse notebooks in which
an id or a metadata field is missing, and such notebooks run all the same.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from course_utils.grading.dependencies import needed
from course_utils.grading.errors import InstructorError

__all__ = ["LARGEST", "NotebookError", "code_cells", "needed"]

LARGEST = 20_000_000
"""Bytes of the largest notebook that is read, pictures in its outputs included."""

_LARGEST_CODE = 1_000_000
_MOST_CELLS = 5_000
_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive (or an Office document)"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"Rar!", "a rar archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
)
_HAND_IN = "Hand in the .ipynb file itself (in Colab: File, Download, Download .ipynb)."


class NotebookError(InstructorError):
    """A file is no notebook that can be graded; the message is for the student's row."""


def code_cells(raw: bytes) -> list[str]:
    """Returns the sources of the code cells of a notebook, in their order.

    Args:
        raw: Content of the file: nbformat 3 or 4, with or without a byte order mark, with any
            line ends.

    Raises:
        NotebookError: It is something else, or too large, or has no code.
    """
    if len(raw) > LARGEST:
        raise NotebookError(
            f"The file is larger than {LARGEST // 1_000_000} MB. Clear the outputs and save it."
        )
    if not raw.strip():
        raise NotebookError("The file is empty.")
    for signature, what in _SIGNATURES:
        if raw.startswith(signature):
            raise NotebookError(f"The file is {what}, not a notebook. {_HAND_IN}")
    cells = [_lines(source) for source in _sources(_document(_decoded(raw)))]
    cells = [cell for cell in cells if cell.strip()]
    if not cells:
        raise NotebookError("The notebook has no code cells.")
    if len(cells) > _MOST_CELLS or sum(map(len, cells)) > _LARGEST_CODE:
        raise NotebookError("The notebook has more code than can be graded.")
    return cells


def _decoded(raw: bytes) -> str:
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeError:
        raise NotebookError(f"The file is not a notebook: it is no text. {_HAND_IN}") from None


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        start = text.lstrip()[:100].lower()
        if start.startswith("<"):
            what = "The file is a web page, not a notebook."
        elif start.startswith("{"):
            what = "The notebook is damaged: it is no complete JSON."
        else:
            what = "The file is not a notebook but text, such as a script."
        raise NotebookError(f"{what} {_HAND_IN}") from None
    if not isinstance(document, dict):
        raise NotebookError(f"The file is not a notebook: it has no cells. {_HAND_IN}")
    return document


def _sources(document: dict[str, Any]) -> Iterator[str]:
    """Yields what stands in the code cells."""
    if isinstance(document.get("cells"), list):
        cells, field = document["cells"], "source"
    elif isinstance(document.get("worksheets"), list):  # nbformat 3
        sheets = [sheet for sheet in document["worksheets"] if isinstance(sheet, dict)]
        lists = [sheet["cells"] for sheet in sheets if isinstance(sheet.get("cells"), list)]
        cells, field = [cell for cells in lists for cell in cells], "input"
    else:
        raise NotebookError(f"The file is not a notebook: it has no cells. {_HAND_IN}")
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code" and _is_python(cell):
            source = cell.get(field, cell.get("source", ""))
            if isinstance(source, list):
                source = "".join(line for line in source if isinstance(line, str))
            if isinstance(source, str):
                yield source


def _is_python(cell: dict[str, Any]) -> bool:
    """Says whether a cell is one of Python; VS Code keeps others as code cells too."""
    metadata = cell.get("metadata")
    code = metadata.get("vscode") if isinstance(metadata, dict) else None
    language = code.get("languageId") if isinstance(code, dict) else cell.get("language")
    return not isinstance(language, str) or language.lower() in ("", "python", "ipython", "python3")


def _lines(source: str) -> str:
    """Returns a source with plain line ends, and without what no Python can read."""
    source = re.sub(r"\r\n?", "\n", source).replace("\0", "").removeprefix("\ufeff")
    return source.encode("utf-8", "replace").decode("utf-8")
