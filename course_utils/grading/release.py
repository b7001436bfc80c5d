"""Makes the notebooks that students work in: setup, tasks, stubs and check cells, no solutions."""

import hashlib
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat

from course_utils.exercises import Exercise, all_exercises, of_chapter
from course_utils.grading._chapter import (
    COURSE,
    Address,
    Cell,
    Chapter,
    ChapterError,
    address,
    chapters,
    disagreements,
)
from course_utils.grading._leaks import leaks, telling_lines
from course_utils.grading.errors import InstructorError
from course_utils.grading.keys import KeyFileError, read_key, seed_of

__all__ = ["PUBLISHED", "ReleaseError", "release"]

PUBLISHED = "student"

_LINK = re.compile(r"(?<=\]\()(?!https?://|mailto:)([^)\s]+)(?=\))")
_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}
_INTRODUCTION = """\
# Exercises: {title}

[Open in Colab]({colab}) · [The chapter in the book]({page})

Run the setup cells first. Then replace each `...` by your answer and run the check cell below it:
it says what is right and what is not, as often as you like. Your answers are graded with other
inputs than those of the check cells, so write what works for any input.

To hand in, save this notebook (in Colab: *File*, *Download*, *Download .ipynb*) and give this one
file to your instructor. Leave the check cells and the names of the answers as they are; you may
add cells wherever you like."""


class ReleaseError(InstructorError):
    """Something would go to students that must not, or the chapter is not fit to be released."""


def release(
    chapter: str,
    out: Path,
    *,
    keys: Sequence[Path] = (),
    published: str = PUBLISHED,
    course: Path = COURSE,
) -> list[Path]:
    """Writes a student notebook for a chapter, the same bytes each time.

    Args:
        chapter: Such as ``"01"``, ``"1"``, ``"01-beale"``, or ``"all"``.
        out: Folder for the notebooks.
        keys: Files with private seeds, nothing of which may be in the notebooks.
        published: Folder of the repository where the notebooks are published: the Colab links
            lead to it.
        course: Folder of the checkout.

    Returns:
        The files, ``NN-name-exercises.ipynb``.

    Raises:
        ReleaseError: A solution or a key would leak, or a chapter disagrees with the definitions
            of its exercises. Nothing is written then.
        KeyFileError: A file of `keys` is no key.
    """
    answers = course / "solutions"
    _refuse_place(out, [*keys, answers, *_keys_within(out)])
    try:
        where, chosen = address(course), chapters(chapter, course)
    except ChapterError as error:
        raise ReleaseError(str(error)) from None
    folder = out.resolve()
    texts = {}
    for one in chosen:
        name = f"{one.name}-exercises.ipynb"
        notebook = _notebook(one, where, f"{published}/{name}")
        problems = [*disagreements(one), *_leaking(one, notebook, answers), *_told(notebook, keys)]
        if problems:
            raise ReleaseError("\n".join([f"{one.name} is not released:", *problems]))
        nbformat.validate(notebook)
        texts[folder / name] = nbformat.writes(notebook, version=4)  # type: ignore[no-untyped-call]
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        _write(path, text.rstrip("\n") + "\n")
    return list(texts)


def _refuse_place(out: Path, private: Iterable[Path]) -> None:
    """Refuses a folder for students in which, or above which, private files lie."""
    folder = out.resolve()
    for path in private:
        place = path.resolve()
        if place.is_relative_to(folder) or (place.is_dir() and folder.is_relative_to(place)):
            raise ReleaseError(
                f"{path} lies in the same folder as what students get, {out}. "
                "Choose another folder for --out."
            )


def _keys_within(folder: Path) -> Iterator[Path]:
    """Yields key files in a folder, whether or not anybody has named them."""
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_size < 1000:
            try:
                read_key(path)
            except KeyFileError:
                continue
            yield path


# What the notebook consists of


def _notebook(chapter: Chapter, where: Address, path: str) -> Any:
    page = f"{where.site}/book/chapters/{chapter.name}.html#exercises"
    colab = where.colab_link(path)
    introduction = _INTRODUCTION.format(title=chapter.title, colab=colab, page=page)
    cells = [Cell("markdown", introduction), *chapter.setup, *_with_links(chapter, where, page)]
    seen: Counter[str] = Counter()
    written = []
    for cell in cells:
        digest = hashlib.sha256(f"{cell.kind}\n{cell.source}".encode()).hexdigest()[:10]
        seen[digest] += 1
        id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        written.append(_cell(cell, id))
    return nbformat.from_dict(  # type: ignore[no-untyped-call]
        {"cells": written, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    )


def _cell(cell: Cell, id: str) -> dict[str, Any]:
    metadata = {"tags": list(cell.tags)} if cell.tags else {}
    common = {"cell_type": cell.kind, "id": id, "metadata": metadata, "source": cell.source}
    return common | ({"outputs": [], "execution_count": None} if cell.kind == "code" else {})


def _with_links(chapter: Chapter, where: Address, page: str) -> Iterator[Cell]:
    """Yields the exercises; links lead from anywhere to the book, not to files beside it."""
    base = f"{where.site}/book/chapters/"
    for cell in chapter.exercises:
        if cell.kind == "code":
            yield cell
            continue
        text = _LINK.sub(lambda link: _absolute(link[1], base, chapter.name), cell.source)
        if text.startswith("### "):
            text = f"##{text[3:]}\n\n[This exercise in the book]({page})"
        yield Cell("markdown", text, cell.tags)


def _absolute(link: str, base: str, name: str) -> str:
    path, hash, anchor = link.partition("#")
    parts = (base + (path or f"{name}.ipynb")).split("/")
    while ".." in parts:
        at = parts.index("..")
        del parts[at - 1 : at + 1]
    return re.sub(r"\.(ipynb|md)$", ".html", "/".join(parts)) + hash + anchor


# What must not be in it


def _sources(notebook: Any) -> str:
    return "\n".join(cell.source for cell in notebook.cells)


def _leaking(chapter: Chapter, notebook: Any, answers: Path) -> Iterator[str]:
    """Yields what of a solution is in the notebook, and was not elsewhere in the chapter."""
    public = [cell.source for cell in (*chapter.setup, *chapter.others)]
    text = _sources(notebook)
    for exercise in of_chapter(chapter.number):
        for line in _secret(exercise, public, answers):
            if leaks(text, [line]):
                yield f"A line of the solution of {exercise.id} is in the text: {line}"


def _secret(exercise: Exercise, public: list[str], answers: Path) -> list[str]:
    try:
        return telling_lines(exercise.id, public, answers)
    except FileNotFoundError:
        raise ReleaseError(
            f"{exercise.id} has no solution, {answers / exercise.id}.py, so nobody can tell "
            "whether the notebook gives it away."
        ) from None


def _told(notebook: Any, keys: Sequence[Path]) -> Iterator[str]:
    """Yields the lines that hold a piece of a key, or a private seed that comes from it."""
    for path in keys:
        key = read_key(path)
        digits = key.hex()
        secret = {digits[at : at + 16] for at in range(len(digits) - 15)}
        for exercise in all_exercises():
            seed = seed_of(key, exercise.id)
            secret |= {str(seed), f"{seed:x}"}
        for line in _sources(notebook).splitlines():
            if any(word in line.lower() for word in secret):
                yield f"Something of the key {path.name} is in the text: {line.strip()[:30]}..."


def _write(path: Path, text: str) -> None:
    """Writes a file in one step, so that a break leaves the old one whole."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
