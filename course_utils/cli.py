"""The ``course`` command of instructors: exercises, keys, release, grading, export.

Exit codes: 0 fine, 1 a mistake in the course itself, 2 something to put right, 130 interrupted.
"""

import argparse
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import course_utils
from course_utils.grading.errors import InstructorError

__all__ = ["main"]

_EPILOG = """\
from a key to marks:
  course key private.key                        once a term; keep it, and keep it to yourself
  course release 04 --out handout               notebooks for students
  course grade submissions.zip --key private.key --roster class.csv --out marks
  course grade submissions.zip --key private.key --roster class.csv --out marks \\
               --export canvas gradebook.csv    what is graded already is not graded again
"""
_NO_SANDBOX = """\
WARNING: --no-sandbox: the code of students runs as yours does.
  NOT protected: your files (also the key and other submissions) can be read, changed and deleted;
  the network can be used; processes can stay behind.
  Limits of time and memory still hold. Do this only on a computer that you could throw away.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code.

    Args:
        arguments: Those of the command line if not given.
    """
    parser = _parser()
    try:
        given = parser.parse_args(arguments)
    except SystemExit as end:  # help, or a usage error
        return int(end.code or 0)
    if given.run is None:
        _say(parser.format_help())
        return 2
    try:
        given.run(given)
    except SystemExit as end:  # of a tool
        return int(end.code or 0)
    except KeyboardInterrupt:
        _complain("Interrupted. What is done is kept: give the same command again to go on.")
        return 130
    except Exception as error:
        return _explain(error)
    return 0


def _explain(error: Exception) -> int:
    """Says in a line what is wrong: what the instructor can do, or where the course is wrong."""
    if isinstance(error, InstructorError):
        _complain(str(error))
        return 2
    if isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        _complain(f"{name}{error.strerror or error}")
        return 2
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    _complain(
        f"this is a mistake in course_utils {course_utils.__version__}, please report it: "
        f"{type(error).__name__}: {error} ({where})"
    )
    return 1


def _say(text: str) -> None:
    sys.stdout.write(text.rstrip("\n") + "\n")


def _complain(text: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"course: {text.rstrip()}\n")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, not the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="course",
        description="The instructor's kit: release exercises, grade what comes back, export marks.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"course_utils {course_utils.__version__}"
    )
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    for add in (
        _add_exercises,
        _add_key,
        _add_release,
        _add_grade,
        _add_gradescope,
        _add_adopt,
        _add_doctor,
    ):
        add(commands)
    return parser


_Commands = argparse._SubParsersAction  # its public name is the function that makes it


def _command(
    commands: "_Commands[_Parser]",
    name: str,
    run: Callable[[argparse.Namespace], None],
    summary: str,
    more: str = "",
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}. {more}".strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def _chapter(text: str) -> str:
    """Returns ``"04"`` for ``4``, ``04`` and ``04-vanishing-gradients``."""
    number = text.partition("-")[0]
    if not number.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of a chapter, such as 04")
    return f"{int(number):02d}"


def _chapter_or_all(text: str) -> str:
    return text if text == "all" else _chapter(text)


# The commands


def _add_exercises(commands: "_Commands[_Parser]") -> None:
    parser = _command(commands, "exercises", _exercises, "list the exercises with their points")
    parser.add_argument("chapter", nargs="?", type=_chapter, help="only those of this chapter")


def _exercises(given: argparse.Namespace) -> None:
    from course_utils.exercises import all_exercises
    from course_utils.grading.errors import InstructorError

    known = [e for e in all_exercises() if given.chapter in (None, e.chapter)]
    if not known:
        raise InstructorError(
            f"Chapter {given.chapter} has no exercises. List all: course exercises"
        )
    width = max(len(exercise.id) for exercise in known)
    lines = [f"{'id':{width}}  points  minutes  difficulty  title"]
    lines += [
        f"{e.id:{width}}  {e.points:6}  {e.minutes:7}  {e.difficulty:10}  {e.title}" for e in known
    ]
    points, minutes = sum(e.points for e in known), sum(e.minutes for e in known)
    _say("\n".join([*lines, f"{'in all':{width}}  {points:6}  {minutes:7}"]))


def _add_key(commands: "_Commands[_Parser]") -> None:
    parser = _command(
        commands,
        "key",
        _key,
        "make a key: the private seed of grading",
        "Whoever has it knows the inputs of\ngrading. Keep it out of repositories and folders that "
        "students can see, and keep it:\nwith another key the same notebook may get other marks.",
    )
    parser.add_argument("file", type=Path, help="where to write it; there must be no such file")


def _key(given: argparse.Namespace) -> None:
    from course_utils.grading.keys import make_key

    make_key(given.file)
    _say(
        f"{given.file} is made; only you can read it. Keep a copy, and keep it out of "
        f"repositories.\nNext: course release CHAPTER --out handout"
    )


def _add_release(commands: "_Commands[_Parser]") -> None:
    parser = _command(
        commands,
        "release",
        _release,
        "write the notebooks for students",
        "They hold the tasks and the checks, and no\nsolution; the same bytes each time. "
        "Refuses if a solution would leak.",
    )
    parser.add_argument("chapter", type=_chapter_or_all, help="such as 04, or all")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for them")
    parser.add_argument(
        *("--key",),
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a key that must not be in them (may be repeated)",
    )


def _release(given: argparse.Namespace) -> None:
    from course_utils.grading.release import release

    for path in release(given.chapter, given.out, keys=given.key):
        _say(str(path))


def _add_gradescope(commands: "_Commands[_Parser]") -> None:
    parser = _command(
        commands,
        "gradescope",
        _gradescope,
        "build an autograder zip for Gradescope",
        "Upload it as the autograder of a\nprogramming assignment. It holds a key derived for "
        "this chapter: give it to nobody else.",
    )
    parser.add_argument("chapter", type=_chapter, help="such as 04")
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="from course key")
    parser.add_argument("--out", type=Path, required=True, metavar="ZIP", help="file to write")


def _gradescope(given: argparse.Namespace) -> None:
    from course_utils.grading.gradescope import build

    _say(f"{build(given.chapter, given.out, key=given.key)}: upload it in Gradescope.")


def _add_adopt(commands: "_Commands[_Parser]") -> None:
    parser = _command(
        commands,
        "adopt",
        lambda given: _run_tool("adopt", given),
        "make a fork of the course your own: address, title, author",
        "Give it in the folder of your clone.\nWhat is not given stays as it is. "
        "The last line of what it says undoes it.",
    )
    parser.add_argument("--repo", metavar="URL", help="https://github.com/OWNER/NAME")
    parser.add_argument("--title", help="title of the course")
    parser.add_argument("--author", help="who stands on the cover and in the citation")


def _add_doctor(commands: "_Commands[_Parser]") -> None:
    _command(
        commands,
        "doctor",
        lambda given: _run_tool("doctor", given),
        "look whether a clone of the course has all that it needs",
        "Give it in the folder of your clone.",
    )


def _run_tool(name: str, given: argparse.Namespace) -> None:
    """Runs a tool of the clone that the command was given in; ends as the tool ends."""
    from course_utils.grading.errors import InstructorError

    here = Path.cwd()
    clones = [f for f in (here, *here.parents) if (f / "tools" / f"{name}.py").is_file()]
    if not clones:
        raise InstructorError("this is about a clone of the course: go into its folder first.")
    options = {key: value for key, value in vars(given).items() if key != "run" and value}
    arguments = [part for key, value in options.items() for part in (f"--{key}", value)]
    tool = clones[0] / "tools" / f"{name}.py"
    done = subprocess.run([sys.executable, str(tool), *arguments], check=False)
    raise SystemExit(done.returncode)


def _add_grade(commands: "_Commands[_Parser]") -> None:
    parser = _command(
        commands,
        "grade",
        _grade,
        "grade what a class has handed in",
        "Results are kept in DIR/rows as they come:\nafter an interruption, or with one more "
        "notebook, the same command grades only what is new.",
    )
    parser.add_argument(
        "submissions",
        type=Path,
        help="folder or zip: as Canvas or Moodle give it out, or ID.ipynb, or ID/any.ipynb",
    )
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="from course key")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the results")
    parser.add_argument(
        "--chapter", type=_chapter, help="such as 04 (default: what the notebooks have checks of)"
    )
    parser.add_argument(
        "--roster",
        type=Path,
        metavar="CSV",
        help="the class: columns id, name, and perhaps email, login, canvas id; a gradebook of "
        "Canvas does too. Everybody in it gets a row",
    )
    _add_ways(parser)
    _add_exports(parser)


def _add_ways(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say how to run the notebooks."""
    parser.add_argument(
        "--jobs",
        type=_positive_int,
        metavar="N",
        help="notebooks at a time (default: one for each core)",
    )
    parser.add_argument(
        "--seconds",
        type=_positive,
        default=120.0,
        metavar="S",
        help="wall clock for a notebook (default: 120)",
    )
    parser.add_argument(
        "--no-sandbox",
        action="store_true",
        help="go on where students' code cannot be isolated: it can then read and delete files",
    )


def _add_exports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--export",
        nargs="+",
        action="append",
        default=[],
        metavar=("FORMAT", "TEMPLATE"),
        help="canvas GRADEBOOK.csv: fill the gradebook that Canvas has exported. csv, json: are "
        "always written",
    )
    parser.add_argument(
        "--assignment",
        metavar="NAME",
        help="with --export canvas: the column, such as 'Homework 4 (12345)'",
    )


def _positive_int(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 1 <= number <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 1 to 86400")
    return number


def _template(given: argparse.Namespace) -> Path | None:
    """Returns the gradebook to fill, if one is asked for."""
    from course_utils.grading.canvas import assignment_in
    from course_utils.grading.errors import InstructorError

    template = None
    for kind, *rest in given.export:
        if kind == "canvas" and len(rest) == 1:
            template = Path(rest[0])
        elif kind == "canvas":
            raise InstructorError("Say which gradebook to fill: --export canvas GRADEBOOK.csv")
        elif kind not in ("csv", "json") or rest:
            raise InstructorError(
                f"There is no export {' '.join([kind, *rest])!r}: csv, json, canvas GRADEBOOK.csv"
            )
    if template is not None and not template.is_file():
        raise InstructorError(f"There is no {template}. In Canvas: Grades, Export.")
    if template is not None:
        assignment_in(template, given.assignment)
    return template


def _grade(given: argparse.Namespace) -> None:
    from course_utils.grading import batch, export
    from course_utils.grading.errors import InstructorError
    from course_utils.grading.keys import read_key
    from course_utils.grading.roster import read_roster
    from course_utils.grading.sandbox import Limits
    from course_utils.grading.submissions import collect

    template = _template(given)  # all that may be wrong is found before hours of grading
    if given.out.exists() and not given.out.is_dir():
        raise InstructorError(f"{given.out} is no folder. Choose another one for --out.")
    if given.submissions.resolve() in (given.out.resolve(), *given.out.resolve().parents):
        raise InstructorError(f"{given.out} lies within the submissions. Choose another --out.")
    key = read_key(given.key)
    roster = read_roster(given.roster) if given.roster else None
    collected = collect(given.submissions, roster)
    chapter = given.chapter or batch.chapter_of(collected)
    if given.no_sandbox:
        _complain(_NO_SANDBOX)
    graded = batch.grade(
        collected,
        chapter,
        key=key,
        out=given.out,
        n_jobs=given.jobs or -1,
        limits=Limits(seconds=given.seconds),
        isolated=not given.no_sandbox,
    )
    export.write_all(graded, given.out)
    _say(f"\nChapter {chapter}, {len(graded.rows)} students: {export.summary(graded, given.out)}")
    if template is not None:
        _export_canvas(graded.rows, template, given)


def _export_canvas(rows: Sequence[object], template: Path, given: argparse.Namespace) -> None:
    from course_utils.grading.canvas import export_canvas

    out = given.out / "canvas.csv"
    filled = export_canvas(rows, template, out, given.assignment)  # type: ignore[arg-type]
    lines = [f"Canvas:   {out}: {filled.filled} students in {filled.assignment!r}. Next: Import."]
    maximum = rows[0].result.maximum if rows else None  # type: ignore[attr-defined]
    if filled.possible is not None and filled.possible != maximum:
        lines.append(f"Canvas has {filled.possible:g} points possible, the chapter {maximum:g}.")
    if filled.left:
        lines.append(f"Left as they were, without marks: {', '.join(filled.left[:20])}.")
    if filled.not_found:
        lines.append(f"Not found in the gradebook: {', '.join(filled.not_found[:20])}.")
    _say("\n".join(lines))
