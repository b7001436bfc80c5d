"""Finds what a class has handed in, in a folder or a zip, and whose work it is."""

import stat
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from course_utils.grading._filenames import Origin, origin
from course_utils.grading.errors import InstructorError
from course_utils.grading.notebooks import LARGEST, NotebookError
from course_utils.grading.roster import Student, name_forms, normal

__all__ = ["Collected", "File", "Submission", "SubmissionsError", "collect"]

_MOST_FILES = 20_000
_SHORTEST_ID = 5  # characters of an id that is looked for within a name


class SubmissionsError(InstructorError):
    """There are no submissions, or they cannot be read."""


@dataclass(frozen=True)
class File:
    """A file that somebody has handed in.

    Attributes:
        name: With its folders, as handed in.
        origin: What the name tells.
        modified: When it was changed, to order files; its unit depends on where it came from.
        read: Returns its content, at most ``LARGEST`` bytes and one; raises `NotebookError`.
    """

    name: str
    origin: Origin
    modified: tuple[float, ...]
    read: Callable[[], bytes]

    @property
    def is_notebook(self) -> bool:
        """Whether its name is that of a notebook."""
        return self.name.lower().endswith(".ipynb")


@dataclass(frozen=True)
class Submission:
    """What a student has handed in.

    Attributes:
        student: Whose it is; without a roster, what the name of the file says.
        files: The notebooks, the latest one first; if there are none, another file; none at all
            if nothing was handed in.
    """

    student: Student
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Collected:
    """What a class has handed in.

    Attributes:
        submissions: One for each student, in the order of the roster or of the names.
        unmatched: Files that belong to nobody in the roster.
        ambiguous: Files that may belong to several students, and to whom.
    """

    submissions: tuple[Submission, ...]
    unmatched: tuple[str, ...] = ()
    ambiguous: tuple[tuple[str, tuple[str, ...]], ...] = ()


def collect(source: Path, roster: Sequence[Student] | None = None) -> Collected:
    """Finds the submissions and matches them to the students.

    Args:
        source: A folder or a zip, as a learning platform gives it out; or a single notebook.
        roster: The class. Without it, every name is a student.

    Raises:
        SubmissionsError: There is nothing, or it cannot be read.
    """
    files = list(_files(source))
    if not any(file.is_notebook for file in files):
        found = f"{len(files)} other files" if files else "no files"
        raise SubmissionsError(f"There are no notebooks (.ipynb) in {source}, but {found}.")
    if roster is None:
        return Collected(tuple(_by_name(files)))
    return _by_roster(files, roster)


# Files of a folder or a zip


def _files(source: Path) -> Iterator[File]:
    if source.is_dir():
        found = _of_folder(source)
    elif source.suffix.lower() == ".ipynb" and source.is_file():
        found = iter([_on_disk(source, source.parent)])
    elif source.exists():
        found = _of_zip(source)
    else:
        raise SubmissionsError(f"There is no {source}.")
    for number, file in enumerate(found):
        if number >= _MOST_FILES:
            raise SubmissionsError(f"{source} has more than {_MOST_FILES:,} files.")
        yield file


def _is_ours(path: PurePosixPath) -> bool:
    """Says whether it is no file that a computer has added by itself."""
    return not any(part.startswith((".", "__MACOSX")) for part in path.parts) and (
        path.name not in ("Thumbs.db", "desktop.ini")
    )


def _of_folder(folder: Path) -> Iterator[File]:
    for path in sorted(folder.rglob("*")):
        inside = PurePosixPath(path.relative_to(folder).as_posix())
        # A link could lead to any file of the instructor.
        if _is_ours(inside) and path.is_file() and not path.is_symlink():
            yield _on_disk(path, folder)


def _on_disk(path: Path, folder: Path) -> File:
    def read() -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(LARGEST + 1)
        except OSError as error:
            raise NotebookError(f"The file cannot be read: {error.strerror}.") from None

    inside = PurePosixPath(path.relative_to(folder).as_posix())
    return File(str(inside), origin(inside), (path.stat().st_mtime,), read)


def _of_zip(path: Path) -> Iterator[File]:
    """Yields the members of a zip. They are read in memory: no name becomes a path on disk."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SubmissionsError(f"{path} is neither a folder nor a zip: {error}.") from None
    for member in members:
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        parts = [part for part in inside.parts if part not in ("/", "..")]
        if member.is_dir() or is_link or not parts or not _is_ours(PurePosixPath(*parts)):
            continue
        named = PurePosixPath(*parts)
        modified = tuple(float(part) for part in member.date_time)
        yield File(str(named), origin(named), modified, _reader(path, member))


def _reader(path: Path, member: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            # The size that a zip states may be a lie: no more than this is unpacked.
            with zipfile.ZipFile(path) as archive, archive.open(member) as file:
                return file.read(LARGEST + 1)
        except Exception as error:  # encrypted, damaged, an unknown compression, ...
            raise NotebookError(f"The file cannot be read from the zip: {error}.") from None

    return read


# Whose they are


def _by_name(files: Sequence[File]) -> Iterator[Submission]:
    """Takes each name for a student: of a folder, or of a file if there is no folder."""
    shared = _shared_folders(files)
    stems = {normal(PurePosixPath(file.name).stem) for file in files}
    groups: dict[tuple[str, str], list[File]] = defaultdict(list)
    shown: dict[tuple[str, str], Student] = {}
    for file in files:
        told = file.origin
        if told.kind == "plain":
            *folders, stem, bare = told.names[shared:]
            # "anna (1)" is a copy of "anna"; "s-12" may be the id itself.
            is_copy = stem.endswith(")") or normal(bare) in stems
            id = folders[0] if folders else bare if is_copy else stem
        else:
            id = told.canvas_id or told.names[0]
        key = (told.kind, id.casefold())
        name = told.names[0] if told.kind != "plain" else ""
        groups[key].append(file)
        shown.setdefault(key, Student(id, name, canvas_id=told.canvas_id))
    for key in sorted(groups):
        yield _submission(shown[key], groups[key])


def _shared_folders(files: Sequence[File]) -> int:
    """Counts the folders around everything, such as that of the zip itself."""
    parents = [PurePosixPath(file.name).parent.parts for file in files]
    shared = 0
    for parts in zip(*parents, strict=False):
        if len(set(parts)) > 1:
            break
        shared += 1
    # A single folder with one notebook is a student's, not one around a class.
    return 0 if len(files) == 1 else shared


def _by_roster(files: Sequence[File], roster: Sequence[Student]) -> Collected:
    match = _Matcher(roster)
    groups: dict[str, list[File]] = defaultdict(list)
    unmatched, ambiguous = [], []
    for file in files:
        found = match.students(file)
        if len(found) == 1:
            groups[found[0].id].append(file)
        elif found:
            ambiguous.append((file.name, tuple(student.id for student in found)))
        else:
            unmatched.append(file.name)
    submissions = tuple(_submission(student, groups[student.id]) for student in roster)
    return Collected(submissions, tuple(unmatched), tuple(ambiguous))


class _Matcher:
    """Finds the students to whom a file may belong: by number, then by id, then by name."""

    def __init__(self, roster: Sequence[Student]) -> None:
        self._by_canvas_id = {s.canvas_id: s for s in roster if s.canvas_id}
        self._by_id: dict[str, list[Student]] = defaultdict(list)
        self._by_name: dict[str, list[Student]] = defaultdict(list)
        for student in roster:
            local = student.email.partition("@")[0]
            for id in {normal(t) for t in (student.id, student.login, student.email, local)}:
                self._by_id[id].append(student)
            for form in name_forms(student.name):
                self._by_name[form].append(student)

    def students(self, file: File) -> list[Student]:
        told = file.origin
        if told.canvas_id in self._by_canvas_id:
            return [self._by_canvas_id[told.canvas_id]]
        for known in (self._by_id, self._by_name):
            found = self._found(known, map(normal, told.names))
            if found:
                return found
        return self._within(told.names) if told.kind == "plain" else []

    def _within(self, names: Iterable[str]) -> list[Student]:
        """Looks for ids as parts of names, as in ``04-exercises_s1234567``."""
        pieces = [normal(piece) for name in names for piece in _pieces(name)]
        return self._found(self._by_id, (p for p in pieces if len(p) >= _SHORTEST_ID))

    @staticmethod
    def _found(known: dict[str, list[Student]], texts: Iterable[str]) -> list[Student]:
        found = [student for text in texts if text for student in known.get(text, ())]
        return list({student.id: student for student in found}.values())


def _pieces(name: str) -> list[str]:
    return name.replace("-", "_").replace(" ", "_").replace(".", "_").split("_")


def _submission(student: Student, files: Iterable[File]) -> Submission:
    def order(file: File) -> tuple[object, ...]:
        return (file.is_notebook, file.origin.again, file.modified, file.name)

    latest = sorted(files, key=order, reverse=True)
    notebooks = [file for file in latest if file.is_notebook]
    return Submission(student, tuple(notebooks or latest[:1]))
