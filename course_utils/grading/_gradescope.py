"""Grades a submission inside Gradescope's container; ``run_autograder`` starts it.

python -m course_utils.grading._gradescope /autograder [--try]
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course_utils.exercises import Exercise, of_chapter
from course_utils.grading._isolation import can_change_user
from course_utils.grading._worker import OwnSandbox, Task, close_sandboxes, work
from course_utils.grading.errors import InstructorError
from course_utils.grading.keys import read_key, seed_of
from course_utils.grading.notebooks import LARGEST
from course_utils.grading.sandbox import Limits, why_not
from course_utils.grading.submission import Result, without_answers

__all__ = ["main", "results"]


def main(arguments: list[str]) -> str:
    """Grades the submission and writes the results; returns what went wrong, or nothing.

    If the grading itself fails, there are no results: Gradescope then tells the student that the
    autograder failed, and gives no points that would have to be taken back.

    Args:
        arguments: Folder of the autograder; ``--try`` only looks whether grading is possible.
    """
    root = Path(arguments[0])
    try:
        if "--try" in arguments:
            _may_grade()
            read_key(root / "source" / "key")
            return ""
        written = results(grade(root))
    except InstructorError as error:
        return str(error)
    finally:
        close_sandboxes()
    folder = root / "results"
    folder.mkdir(exist_ok=True)
    (folder / "results.json").write_text(json.dumps(written, indent=1), encoding="utf-8")
    return ""


def grade(root: Path) -> Result:
    """Grades what lies in the folder of the submission.

    Args:
        root: Folder of the autograder.

    Raises:
        InstructorError: It cannot be graded here.
    """
    exercises = of_chapter((root / "source" / "chapter").read_text(encoding="utf-8").strip())
    key = read_key(root / "source" / "key")
    submission = _id_of_submission(root / "submission_metadata.json")
    seeds = tuple((one.id, seed_of(key, f"{one.id}:{submission}")) for one in exercises)
    raw = _notebook(root / "submission", exercises)
    if isinstance(raw, Result):
        return raw
    result = work(Task(raw, seeds, OwnSandbox(Limits(), _may_grade())))
    if result.trouble:
        raise InstructorError(result.trouble)
    return result


def _may_grade() -> bool:
    """Says whether submissions can be isolated; if not, they run as a user without rights."""
    problem = why_not()
    if problem and not can_change_user():
        raise InstructorError(
            f"{problem} Without it the autograder must run as root, with a Python that all users "
            "can read, so that it can run the code of students as another user."
        )
    return not problem


def _id_of_submission(path: Path) -> str:
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["id"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _notebook(folder: Path, exercises: list[Exercise]) -> bytes | Result:
    """Returns the notebook that was handed in, or why there is none."""
    # A link could lead to the key.
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    inside = {path: path.relative_to(folder) for path in files}
    notebooks = [
        path
        for path, name in inside.items()
        if name.suffix.lower() == ".ipynb"
        and not any(part.startswith((".", "__MACOSX")) for part in name.parts)
    ]
    if len(notebooks) != 1:
        found = ", ".join(str(inside[path])[:100] for path in (notebooks or files)[:5]) or "nothing"
        return without_answers(
            exercises, "missing", f"Hand in one notebook (.ipynb). You have handed in: {found}."
        )
    with notebooks[0].open("rb") as file:
        return file.read(LARGEST + 1)


def results(result: Result) -> Mapping[str, Any]:
    """Returns a result as Gradescope reads it.

    Args:
        result: Of a submission.
    """
    return {
        "score": result.points,
        "execution_time": round(result.seconds, 1),
        "output": "\n".join(result.notes),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [
            {
                "name": mark.title,
                "number": f"{int(mark.id[2:4])}.{place}",
                "score": mark.points,
                "max_score": mark.maximum,
                "status": "passed" if mark.points == mark.maximum else "failed",
                "output": "\n".join(f"{'✓' if ok else '✗'} {text}" for ok, text in mark.messages),
                "output_format": "text",
                "visibility": "visible",
            }
            for place, mark in enumerate(result.marks, 1)
        ],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) or 0)
