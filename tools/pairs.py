"""Keep the two files of a chapter the same: NN-name.md (the text) and NN-name.ipynb (the notebook).

    python tools/pairs.py check                        # say which pairs drifted apart, and where
    python tools/pairs.py sync [CHAPTER ...]           # bring the .ipynb up to date with the .md
    python tools/pairs.py sync --from-notebook ...     # the other way, for edits made in Jupyter

The text is what people edit. Outputs of cells that did not change are kept. A notebook remembers
the text it was last in step with, so an edit on the other side is noticed and never overwritten.
"""

# mypy: allow-untyped-calls
# (nbformat and jupytext are not typed)

from __future__ import annotations

import argparse
import difflib
import hashlib
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "book" / "chapters"
TEXT_FORMAT = {"extension": ".md", "format_name": "myst"}

# All that a chapter's notebook says about itself. The filter leaves the version of Jupytext out
# of the text's header, so that an update of Jupytext changes no chapter.
NOTEBOOK_METADATA: dict[str, Any] = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "jupytext": {
        "formats": "ipynb,md:myst",
        "notebook_metadata_filter": (
            "kernelspec,jupytext,-jupytext.text_representation.jupytext_version"
        ),
        "text_representation": {**TEXT_FORMAT, "format_version": 0.13},
    },
}
LANGUAGE_INFO = {"name": "python", "pygments_lexer": "ipython3"}  # to color the code; no versions
# Written by editors as people click and run; of no meaning to a reader.
VOLATILE_CELL_METADATA = {
    "ExecuteTime", "autoscroll", "collapsed", "colab", "editable", "execution", "executionInfo",
    "id", "lines_to_next_cell", "outputId", "scrolled", "trusted",
}  # fmt: skip


class PairError(Exception):
    """A pair of files that cannot be brought together without losing somebody's edit."""


def chapters(names: Iterable[str] = ()) -> list[Path]:
    """Return the .md files of the named chapters (`01`, `01-beale`, or a path), or of all.

    Raises:
        PairError: if a name fits no chapter.
    """
    found = sorted({p.with_suffix(".md") for p in CHAPTERS.glob("[0-9]*") if is_half(p)})
    names = [Path(name).stem for name in names]
    if not names:
        return found
    chosen = []
    for name in names:
        fitting = [p for p in found if p.stem == name or p.stem.split("-")[0] == name]
        if not fitting:
            known = ", ".join(p.stem for p in found) or "none yet"
            raise PairError(f"There is no chapter called {name!r}. Chapters: {known}.")
        chosen += fitting
    return sorted(set(chosen))


def is_half(path: Path) -> bool:
    """Return whether a file is one of the two files of a chapter."""
    return path.suffix in {".md", ".ipynb"} and not path.name.startswith(".")


def read_text(path: Path) -> NotebookNode:
    """Read a chapter's .md file as a notebook (without outputs)."""
    notebook: NotebookNode = jupytext.read(path, fmt=TEXT_FORMAT)
    return notebook


def read_notebook(path: Path) -> NotebookNode:
    """Read a chapter's .ipynb file as it is, outputs included."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def canonical_text(notebook: NotebookNode) -> str:
    """Return the one text that a chapter's inputs stand for, however they were stored."""
    cells = [
        nbformat.from_dict(
            {
                "cell_type": cell.cell_type,
                "id": str(number),
                "source": cell.source,
                "metadata": lasting_metadata(cell),
                **({"outputs": [], "execution_count": None} if cell.cell_type == "code" else {}),
            }
        )
        for number, cell in enumerate(notebook.cells)
    ]
    metadata = nbformat.from_dict({**NOTEBOOK_METADATA, "language_info": LANGUAGE_INFO})
    bare = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    text: str = jupytext.writes(bare, fmt=TEXT_FORMAT)
    return text


def lasting_metadata(cell: NotebookNode) -> dict[str, Any]:
    """Return a cell's metadata without what editors scatter there."""
    return {k: v for k, v in cell.metadata.items() if k not in VOLATILE_CELL_METADATA}


def has_standard_header(text: NotebookNode) -> bool:
    """Return whether the header of a text is the one that every chapter has."""
    metadata = nbformat.from_dict(text.metadata)
    metadata.get("jupytext", {}).pop("default_lexer", None)  # Jupytext's guess, not in the file
    return bool(metadata == NOTEBOOK_METADATA)


def fingerprint(text: str) -> str:
    """Return a short hash of a canonical text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def last_synced(notebook: NotebookNode) -> str:
    """Return the fingerprint of the text that a notebook was last in step with ('' if unknown)."""
    return str(notebook.metadata.get("course", {}).get("synced", ""))


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook with minimal metadata and cell ids that follow from the cells alone."""
    result: NotebookNode = nbformat.from_dict(notebook)
    result.nbformat, result.nbformat_minor = 4, 5
    result.metadata = nbformat.from_dict(
        {
            **NOTEBOOK_METADATA,
            "language_info": LANGUAGE_INFO,
            "course": {"synced": fingerprint(canonical_text(notebook))},
        }
    )
    seen: Counter[str] = Counter()
    for cell in result.cells:
        cell.metadata = nbformat.from_dict(lasting_metadata(cell))
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:10]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    return result


def notebook_from_text(text: NotebookNode, stored: NotebookNode | None) -> NotebookNode:
    """Return the notebook of a text; code cells that did not change keep their stored outputs."""
    result = nbformat.from_dict(text)
    old = stored.cells if stored is not None else []
    matcher = difflib.SequenceMatcher(
        None,
        [(cell.cell_type, cell.source) for cell in old],
        [(cell.cell_type, cell.source) for cell in result.cells],
        autojunk=False,
    )
    for block in matcher.get_matching_blocks():
        for offset in range(block.size):
            before, after = old[block.a + offset], result.cells[block.b + offset]
            if after.cell_type == "code":
                after.outputs = before.outputs
                after.execution_count = before.execution_count
    return tidy(result)


def write_atomically(path: Path, content: str) -> bool:
    """Write a file in one step, so that a break leaves the old one whole; say if it changed."""
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return False
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


def write_notebook(path: Path, notebook: NotebookNode) -> bool:
    """Store a tidied notebook; say if the file changed."""
    notebook = tidy(notebook)
    nbformat.validate(notebook)
    content: str = nbformat.writes(notebook, version=4)
    return write_atomically(path, content.rstrip("\n") + "\n")


def show(path: Path) -> str:
    """Return a path as people type it from the root of the course."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def difference(text: str, other: str, names: tuple[str, str]) -> str:
    """Return the first lines of what differs between two canonical texts."""
    lines = list(
        difflib.unified_diff(text.splitlines(), other.splitlines(), *names, lineterm="", n=1)
    )
    more = [f"... and {len(lines) - 20} more lines"] if len(lines) > 20 else []
    return "\n".join(lines[:20] + more)


def check(text_path: Path) -> str:
    """Return what is wrong with the pair of a chapter, or '' when its two files agree."""
    notebook_path = text_path.with_suffix(".ipynb")
    for path, remedy in ((text_path, "sync --from-notebook"), (notebook_path, "sync")):
        if not path.exists():
            return f"{show(path)} is missing. Type: python tools/pairs.py {remedy}"
    text, notebook = read_text(text_path), read_notebook(notebook_path)
    if not has_standard_header(text):
        return (
            f"{show(text_path)}: its header is not the one that every chapter has.\n"
            f"Type: python tools/pairs.py sync {text_path.stem}"
        )
    ours, theirs = canonical_text(text), canonical_text(notebook)
    if ours == theirs:
        return ""
    names = (show(text_path), show(notebook_path))
    return (
        f"{names[0]} and {names[1]} say different things:\n{difference(ours, theirs, names)}\n"
        f"Type: python tools/pairs.py sync {text_path.stem}"
    )


def sync(text_path: Path, *, from_notebook: bool = False, force: bool = False) -> str:
    """Bring the two files of a chapter together and return what was done ('' if nothing).

    Args:
        text_path: the .md file of the chapter (it need not exist yet with `from_notebook`).
        from_notebook: write the .md from the .ipynb instead of the .ipynb from the .md.
        force: give up the edits on the other side.

    Raises:
        PairError: if the file that would be overwritten holds edits that the other one lacks.
    """
    notebook_path = text_path.with_suffix(".ipynb")
    source = notebook_path if from_notebook else text_path
    if not source.exists():
        raise PairError(f"{show(source)} is missing, so there is nothing to copy from.")
    text = read_text(text_path) if text_path.exists() else None
    notebook = read_notebook(notebook_path) if notebook_path.exists() else None
    if text is not None and notebook is not None and not force:
        refuse_to_lose_edits(text_path, text, notebook, from_notebook=from_notebook)
    if from_notebook:
        assert notebook is not None
        changed = write_atomically(text_path, canonical_text(notebook))
        changed = write_notebook(notebook_path, notebook) or changed
        return "text written from the notebook" if changed else ""
    assert text is not None
    if not has_standard_header(text):
        write_atomically(text_path, canonical_text(text))
    changed = write_notebook(notebook_path, notebook_from_text(text, notebook))
    return "notebook written from the text" if changed else ""


def refuse_to_lose_edits(
    text_path: Path, text: NotebookNode, notebook: NotebookNode, *, from_notebook: bool
) -> None:
    """Raise PairError if the file about to be overwritten was edited since they last agreed."""
    ours, theirs = canonical_text(text), canonical_text(notebook)
    if ours == theirs:
        return
    base = last_synced(notebook)
    text_edited, notebook_edited = fingerprint(ours) != base, fingerprint(theirs) != base
    if not (text_edited if from_notebook else notebook_edited):
        return
    name, command = text_path.stem, f"python tools/pairs.py sync {text_path.stem}"
    if text_edited and notebook_edited:
        raise PairError(
            f"{name}: both {text_path.name} and {name}.ipynb were edited, differently:\n"
            f"{difference(ours, theirs, (text_path.name, f'{name}.ipynb'))}\n"
            f"Copy what you want to keep into one of them, then type one of\n"
            f"  {command} --force                    # keep the text\n"
            f"  {command} --from-notebook --force    # keep the notebook"
        )
    edited, flag = ("text", "") if from_notebook else ("notebook", " --from-notebook")
    raise PairError(
        f"{name}: only the {edited} was edited, and this would undo that. Type: {command}{flag}\n"
        f"(or add --force to drop the edits of the {edited})"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("command", choices=["check", "sync"])
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help="such as 01 (default: all)")
    parser.add_argument("--from-notebook", action="store_true", help="sync: the notebook is right")
    parser.add_argument("--force", action="store_true", help="sync: drop edits of the other file")
    options = parser.parse_args(arguments)
    problems = []
    try:
        for path in chapters(options.chapters):
            if options.command == "check":
                if problem := check(path):
                    problems.append(problem)
                continue
            try:
                done = sync(path, from_notebook=options.from_notebook, force=options.force)
            except PairError as error:
                problems.append(str(error))
            else:
                print(f"{path.stem}: {done or 'in step'}")
    except PairError as error:
        problems.append(str(error))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
