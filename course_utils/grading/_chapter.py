"""Reads a chapter of the book as an instructor sees it: setup cells and exercises."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from course_utils.exercises import Exercise, of_chapter
from course_utils.grading.errors import InstructorError

__all__ = [
    "CHECK",
    "COURSE",
    "Address",
    "Chapter",
    "ChapterError",
    "address",
    "chapters",
    "disagreements",
    "read_chapter",
]

COURSE = Path(__file__).resolve().parents[2]
CHECK = re.compile(r"^check\(\s*[\"']([\w-]+)[\"']\s*,\s*(\w+)\s*,?\s*\)", re.M)
_FENCE = re.compile(r"^\s*(?:`{3,}|~{3,})")


class ChapterError(InstructorError):
    """There is no such chapter, or it is not as a chapter must be; the message says what is not."""


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook, without what it has put out.

    Attributes:
        kind: ``"markdown"`` or ``"code"``.
        source: Its text.
        tags: Such as ``exercise`` (a stub) and ``check``.
    """

    kind: str
    source: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """What of a chapter a student gets.

    Attributes:
        name: Of its file, such as ``"01-beale"``.
        title: Its heading.
        setup: The code cells at its top.
        exercises: The cells of its section "Exercises", without that heading.
        others: All other cells.
    """

    name: str
    title: str
    setup: tuple[Cell, ...]
    exercises: tuple[Cell, ...]
    others: tuple[Cell, ...]

    @property
    def number(self) -> str:
        """Number of the chapter, such as ``"01"``."""
        return self.name.partition("-")[0]


@dataclass(frozen=True)
class Address:
    """Where the course lives.

    Attributes:
        repository: Such as ``"https://github.com/OWNER/NAME"``.
        branch: That is published.
        colab: Address of Colab.
    """

    repository: str
    branch: str
    colab: str

    @property
    def site(self) -> str:
        """Address of the book, without a slash at the end."""
        owner, name = self.repository.rstrip("/").split("/")[-2:]
        host = f"{owner.lower()}.github.io"
        return f"https://{host}" + ("" if name.lower() == host else f"/{name}")

    def colab_link(self, path: str) -> str:
        """Returns the address at which Colab opens a notebook of the repository.

        Args:
            path: Of the notebook, from the root of the repository.
        """
        owner, name = self.repository.rstrip("/").split("/")[-2:]
        return f"{self.colab}/github/{owner}/{name}/blob/{self.branch}/{path}"


def address(course: Path = COURSE) -> Address:
    """Reads from the book's settings where the course lives.

    Args:
        course: Folder of the checkout.

    Raises:
        ChapterError: This is no checkout of the course, or its settings lack the address.
    """
    path = course / "_config.yml"
    if not path.is_file():
        raise ChapterError(
            f"{path} is missing. This command needs a checkout of the course: clone the "
            "repository and use .venv/bin/course there."
        )
    text = path.read_text(encoding="utf-8")
    return Address(
        _setting(text, "repository", "url").rstrip("/"),
        _setting(text, "repository", "branch"),
        _setting(text, "launch_buttons", "colab_url").rstrip("/"),
    )


def _setting(text: str, section: str, name: str) -> str:
    """Returns a value of a section; Colab has no need for a YAML reader because of three."""
    lines = re.search(rf"^{section}:\n((?:[ \t#].*\n|\n)*)", text, re.M)
    found = re.search(rf"^\s+{name}:\s*[\"']?([^\s\"'#]+)", lines[1] if lines else "", re.M)
    if found is None:
        raise ChapterError(f"_config.yml has no {section}: {name}:")
    return found[1]


def chapters(name: str, course: Path = COURSE) -> list[Chapter]:
    """Returns the chapters of a name that have exercises.

    Args:
        name: Such as ``"01"``, ``"1"``, ``"01-beale"``, or ``"all"``.
        course: Folder of the checkout.

    Raises:
        ChapterError: There is none.
    """
    paths = sorted((course / "book" / "chapters").glob("[0-9][0-9]-*.ipynb"))
    if name != "all":
        wanted = name.zfill(2) if name.isdecimal() else name
        paths = [path for path in paths if wanted in (path.stem, path.stem[:2])]
    read = [read_chapter(path) for path in paths]
    if name == "all":
        read = [chapter for chapter in read if of_chapter(chapter.number)]
    if not read:
        known = sorted(p.stem for p in (course / "book" / "chapters").glob("[0-9]*.ipynb"))
        raise ChapterError(
            f"There is no chapter {name!r} in {course}. There are: {', '.join(known) or 'none'}."
        )
    return read


def read_chapter(path: Path) -> Chapter:
    """Reads the notebook of a chapter.

    Args:
        path: Of the notebook.

    Raises:
        ChapterError: It has no title, setup or exercises.
    """
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    cells = list(_pieces(notebook.cells))
    title = re.match(r"# +(.+)", cells[0].source) if cells else None
    setup = []
    for cell in cells[1:]:
        if cell.kind != "code":
            break
        setup.append(cell)
    starts = [number for number, cell in enumerate(cells) if cell.source.startswith("## Exercises")]
    if title is None or not setup or len(starts) != 1:
        raise ChapterError(
            f"{path.name}: a chapter begins with a title and setup cells, and has one section "
            '"## Exercises".'
        )
    (start,) = starts
    end = next((n for n in range(start + 1, len(cells)) if _level(cells[n]) in (1, 2)), len(cells))
    intro = Cell("markdown", cells[start].source.partition("\n")[2].strip())
    exercises = [cell for cell in (intro, *cells[start + 1 : end]) if cell.source]
    others = cells[len(setup) + 1 : start] + cells[end:]
    return Chapter(path.stem, title[1].strip(), tuple(setup), tuple(exercises), tuple(others))


def _pieces(cells: Any) -> Iterator[Cell]:
    """Yields the cells; a Markdown cell is cut in front of each heading."""
    for cell in cells:
        if cell.cell_type == "code":
            yield Cell("code", cell.source, tuple(cell.metadata.get("tags", ())))
        elif cell.cell_type == "markdown":
            yield from (Cell("markdown", text) for text in _cut_at_headings(cell.source))


def _cut_at_headings(text: str) -> Iterator[str]:
    piece: list[str] = []
    fenced = False
    for line in text.splitlines():
        fenced ^= bool(_FENCE.match(line))
        if re.match(r"#{1,3} ", line) and not fenced:
            if "".join(piece).strip():
                yield "\n".join(piece).strip()
            piece = []
        piece.append(line)
    if "".join(piece).strip():
        yield "\n".join(piece).strip()


def _level(cell: Cell) -> int:
    """Returns the level of the heading that a cell begins with, or 0."""
    heading = re.match(r"(#+) ", cell.source) if cell.kind == "markdown" else None
    return len(heading[1]) if heading else 0


def disagreements(chapter: Chapter) -> list[str]:
    """Lists where the text of a chapter differs from the definitions of its exercises.

    Args:
        chapter: To look at.
    """
    exercises = of_chapter(chapter.number)
    found = []
    sections: list[list[Cell]] = []
    for cell in chapter.exercises:
        if _level(cell) == 3:
            sections.append([cell])
        elif sections:
            sections[-1].append(cell)
        elif cell.kind == "code":
            found.append("A code cell stands in front of the first exercise.")
    if len(sections) != len(exercises):
        found.append(
            f"{chapter.name} has {len(sections)} exercises, but "
            f"course_utils/exercises defines {len(exercises)} for it."
        )
    for place, (section, exercise) in enumerate(zip(sections, exercises, strict=False), 1):
        number = f"{int(chapter.number)}.{place}"
        found += [f"{exercise.id}: {wrong}" for wrong in _wrong(number, section, exercise)]
    return found


def _wrong(number: str, section: list[Cell], exercise: Exercise) -> Iterator[str]:
    heading = section[0].source.splitlines()[0]
    points = f"{exercise.points} point{'s' * (exercise.points != 1)}"
    minutes = f"{exercise.minutes} minute{'s' * (exercise.minutes != 1)}"
    title = exercise.title[0].lower() + exercise.title[1:]
    expected = f"### {number} {exercise.difficulty.capitalize()}: {title} ({points}, {minutes})"
    same = re.sub(r"(?<=: )\w", lambda first: first[0].lower(), heading, count=1)
    if same != expected:
        yield f"the heading is {heading!r}, but the definition says {expected!r}."
    stubs = [cell for cell in section if "exercise" in cell.tags]
    checks = [cell for cell in section if "check" in cell.tags]
    if len(stubs) != 1 or exercise.name not in _bound(stubs[0].source):
        yield f"one cell with the tag `exercise` must hold the stub of `{exercise.name}`."
    called = [call for cell in checks for call in CHECK.findall(cell.source)]
    if len(checks) != 1 or called != [(exercise.id, exercise.name)]:
        yield f'one cell with the tag `check` must be check("{exercise.id}", {exercise.name}).'
    if stubs and checks and section.index(stubs[0]) > section.index(checks[0]):
        yield "the check cell stands in front of the stub."


def _bound(source: str) -> set[str]:
    """Returns the names that a cell defines or assigns."""
    nodes = list(ast.walk(ast.parse(source)))
    defined = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return defined | {
        n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
