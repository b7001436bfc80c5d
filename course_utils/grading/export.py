"""Writes the marks of a class: tables, feedback pages, and a summary for the terminal."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from course_utils.grading._tables import harmless, table_text, write_file
from course_utils.grading.batch import Batch, Row
from course_utils.grading.feedback import feedback_name, page

__all__ = ["as_csv", "as_json", "summary", "write_all"]

_LONGEST_MESSAGE = 2000
_MOST_NAMED = 10


def write_all(batch: Batch, out: Path) -> None:
    """Writes ``grades.csv``, ``grades.json`` and ``feedback/ID.html`` for each student.

    Args:
        batch: What the class gets.
        out: Folder for it.
    """
    # The mark at the start tells Excel that names are in UTF-8.
    write_file(out / "grades.csv", as_csv(batch), "utf-8-sig")
    write_file(out / "grades.json", as_json(batch))
    chapter = batch.exercises[0].chapter
    for row in batch.rows:
        write_file(out / "feedback" / feedback_name(row.student.id), page(row, chapter))


def as_csv(batch: Batch) -> str:
    """Returns the marks as a table: a row for each student, a column for each exercise.

    No cell with words of a student begins like a formula.

    Args:
        batch: What the class gets.
    """
    headers = ["id", "name", "status", "points", "maximum"]
    headers += [exercise.id for exercise in batch.exercises]
    headers += ["late", "file", "seconds", "peak_memory_mb", "notes", "messages"]
    return table_text([headers, *(_cells(row) for row in batch.rows)])


def _cells(row: Row) -> list[str]:
    result = row.result
    numbers = [f"{points:g}" for points in (result.points, result.maximum)]
    numbers += [f"{mark.points:g}" for mark in result.marks]
    wrong = [
        f"{mark.id}: {message}"
        for mark in result.marks
        for is_right, message in mark.messages
        if not is_right and message not in result.notes
    ]
    texts = [row.student.id, row.student.name, result.status]
    after = ["yes" if row.is_late else "", row.file, f"{result.seconds:.1f}"]
    after += [f"{result.peak_memory / 1e6:.0f}", " | ".join((*row.notes, *result.notes))]
    after += [" | ".join(wrong)]
    return [
        *map(harmless, texts),
        *numbers,
        *(harmless(text)[:_LONGEST_MESSAGE] for text in after),
    ]


def as_json(batch: Batch) -> str:
    """Returns the marks with all messages.

    Args:
        batch: What the class gets.
    """
    content = {
        "chapter": batch.exercises[0].chapter,
        "exercises": [
            {"id": e.id, "title": e.title, "points": e.points, "difficulty": e.difficulty}
            for e in batch.exercises
        ],
        "students": [_student(row) for row in batch.rows],
        "unmatched": list(batch.collected.unmatched),
        "ambiguous": {name: list(ids) for name, ids in batch.collected.ambiguous},
    }
    return json.dumps(content, indent=1) + "\n"


def _student(row: Row) -> dict[str, Any]:
    result = row.result
    return {
        "id": row.student.id,
        "name": row.student.name,
        "status": result.status,
        "points": result.points,
        "maximum": result.maximum,
        "exercises": {
            mark.id: {
                "points": mark.points,
                "state": mark.state,
                "messages": [{"right": right, "text": text} for right, text in mark.messages],
            }
            for mark in result.marks
        },
        "late": row.is_late,
        "file": row.file,
        "seconds": result.seconds,
        "peak_memory": result.peak_memory,
        "notes": [*row.notes, *result.notes],
    }


def summary(batch: Batch, out: Path) -> str:
    """Returns what an instructor should read on the terminal after grading.

    Args:
        batch: What the class gets.
        out: Where the results are.
    """
    counts: Counter[str] = Counter(row.result.status for row in batch.rows)
    order = ("ok", "partial", "timeout", "crashed", "invalid", "missing")
    lines = [", ".join(f"{counts[status]} {status}" for status in order if counts[status])]
    graded = [row.result for row in batch.rows if row.result.status not in ("missing", "invalid")]
    if graded:
        mean = sum(result.points for result in graded) / len(graded)
        lines.append(f"Mean of those graded: {mean:.1f} of {graded[0].maximum:g} points.")
    new = sum(bool(row.file) for row in batch.rows) - batch.reused
    if batch.reused:
        lines.append(f"{batch.reused} results are from before, {max(0, new)} are new.")
    lines += _of_the_sandbox(graded, batch.seconds, new)
    lines += _to_do(batch)
    lines += [
        f"Marks:    {out / 'grades.csv'} (and grades.json with all messages)",
        f"Feedback: {out / 'feedback'}, a page for each student",
    ]
    return "\n".join(lines)


def _of_the_sandbox(graded: Sequence[Any], seconds: float, new: int) -> Iterator[str]:
    if new > 0 and graded:
        peak = max(result.peak_memory for result in graded) / 1e6
        memory = f", at most {peak:,.0f} MB each" if peak else ""
        yield f"{seconds:.0f} s in all, {seconds / new:.2f} s a notebook{memory}."


def _to_do(batch: Batch) -> Iterator[str]:
    """Yields what the instructor should look at."""
    for status, why in (
        ("crashed", "see the notes in grades.csv"),
        ("timeout", "more time with --seconds, if they deserve it"),
        ("invalid", "ask for the notebook"),
    ):
        ids = [row.student.id for row in batch.rows if row.result.status == status]
        if ids:
            yield f"Look at {status}: {_some(ids)} ({why})."
    if batch.collected.unmatched:
        files = batch.collected.unmatched
        yield (
            f"{len(files)} files belong to nobody in the roster: {_some(files)}. "
            "Rename them to ID.ipynb and grade again."
        )
    for name, students in batch.collected.ambiguous[:_MOST_NAMED]:
        yield f"{harmless(name)} may belong to {' or '.join(students)}: rename it to ID.ipynb."


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(map(harmless, names[:_MOST_NAMED]))
    more = len(names) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
