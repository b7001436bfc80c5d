"""Sphinx extension of the book: folded solutions below the check cells, for self-study.

Off unless `_config.yml` says `course_solutions: true` (sphinx: config:). The solutions are those
of the instructor's folder `solutions/`; a page shows its reference, and the files of the chapter
that can be downloaded stay without it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:  # the package of this checkout
    sys.path.insert(0, str(ROOT))

FOLDED = """\
<details class="solution">
<summary>A solution</summary>

```python
{code}
```

</details>"""


def show_solutions(app: Sphinx, docname: str, content: list[str]) -> None:
    """Put the reference solution, folded, below each check cell of a chapter."""
    if not app.config.course_solutions or not docname.startswith("book/chapters/"):
        return
    notebook = json.loads(content[0])
    notebook["cells"] = [new for cell in notebook["cells"] for new in with_solution(app, cell)]
    content[0] = json.dumps(notebook)


def with_solution(app: Sphinx, cell: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a cell, and after a check cell the solution of its exercise."""
    from course_utils.grading import solutions
    from course_utils.grading._chapter import CHECK

    checks = cell["cell_type"] == "code" and "check" in cell["metadata"].get("tags", [])
    ids = [id for id, _ in CHECK.findall("".join(cell["source"]))] if checks else []
    try:
        texts = [FOLDED.format(code=solutions.read(id)[0].code.strip()) for id in ids]
    except (FileNotFoundError, ValueError) as error:
        raise ExtensionError(f"course_solutions: {error}") from None
    for id in ids:
        app.env.note_dependency(str(solutions.FOLDER / f"{id}.py"))
    return [cell, *(markdown(text) for text in texts)]


def markdown(text: str) -> dict[str, Any]:
    """Return a Markdown cell of a notebook."""
    id = hashlib.sha256(text.encode()).hexdigest()[:10]
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": text}


def setup(app: Sphinx) -> dict[str, bool]:
    """Declare the setting; a change of it reads every page again."""
    app.add_config_value("course_solutions", False, "env", [bool])
    app.connect("source-read", show_solutions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
