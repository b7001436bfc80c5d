"""Grades a made-up class and says what that costs: results/grading.json.

    python tools/grading_load.py                    300 students, chapter 3 (it uses Keras)
    python tools/grading_load.py --students 20 --chapter 04 --output /tmp/grading.json

Each student hands in right and wrong answers at random, from the folder of solutions. The sandbox
is on, as for a real class.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from course_utils import cli, reproduction
from course_utils.exercises import of_chapter
from course_utils.grading import solutions

ROOT = Path(__file__).resolve().parents[1]
SETUP = "import keras\nimport tensorflow as tf\nfrom course_utils.exercises import check\n"


def notebook(chapter: str, rng: random.Random) -> str:
    """Returns a notebook with an answer to each exercise of a chapter."""
    cells = [SETUP]
    for exercise in of_chapter(chapter):
        chosen = rng.choice(solutions.read(exercise.id))
        cells += [f"{chosen.setup}\n{chosen.code}", f'check("{exercise.id}", {exercise.name})']
    written = [
        {"cell_type": "code", "metadata": {}, "source": cell, "outputs": []} for cell in cells
    ]
    return json.dumps({"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


class Memory(threading.Thread):
    """Looks every second at how much memory each worker takes with its sandbox.

    Args:
        process: Whose children are the workers.
    """

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.peak = 0
        self.over = threading.Event()

    def run(self) -> None:
        """Looks until `over` is set."""
        while not self.over.wait(1.0):
            for worker in self.process.children():
                self.peak = max(self.peak, family_memory(worker))


def family_memory(process: psutil.Process) -> int:
    """Returns the bytes of a process and all below it, each shared page counted once."""
    total = 0
    try:
        for one in [process, *process.children(recursive=True)]:
            total += one.memory_full_info().pss
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
    return total


def measure(folder: Path, chapter: str, students: int, jobs: int) -> dict[str, Any]:
    """Grades a class of made-up students, and returns the costs."""
    rng = random.Random(1)
    (folder / "submissions").mkdir()
    for number in range(students):
        text = notebook(chapter, rng)
        (folder / "submissions" / f"student{number:03}.ipynb").write_text(text, encoding="utf-8")
    key, out = folder / "private.key", folder / "marks"
    if cli.main(["key", str(key)]):
        sys.exit(1)
    memory = Memory(psutil.Process())
    memory.start()
    begin = time.monotonic()
    command = ["grade", str(folder / "submissions"), "--chapter", chapter, "--key", str(key)]
    if cli.main([*command, "--out", str(out), "--jobs", str(jobs)]):
        sys.exit(1)
    seconds = time.monotonic() - begin
    memory.over.set()
    memory.join()
    rows = json.loads((out / "grades.json").read_text(encoding="utf-8"))["students"]
    return {
        "chapter": chapter,
        "submissions": students,
        "processes": jobs,
        "seconds": round(seconds, 1),
        "seconds_per_submission": round(seconds / students, 3),
        "median_seconds_in_the_sandbox": statistics.median(row["seconds"] for row in rows),
        "peak_memory_of_a_worker": memory.peak,
        "statuses": {
            status: sum(row["status"] == status for row in rows)
            for status in sorted({row["status"] for row in rows})
        },
        "environment": reproduction.environment(),
    }


def main() -> None:
    """Measures and stores."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--chapter", default="03")
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path, default=ROOT / "results/grading.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), options.chapter, options.students, options.jobs)
    options.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
