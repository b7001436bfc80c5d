"""Run the claims of chapters on other seeds, to see whether they have a margin.

    python tools/seeds.py book/chapters/01-beale.md --seeds 20

Each chapter sets ``seed = 1`` in its second code cell. This tool runs all its
cells with another seed in that place, once for each seed, and lists the claims
that failed. A claim that fails on any seed is not a finding. At the end it
shows between which values the figures of each claim lay, so that one can see
how far they stay from the bounds.
"""

import argparse
import os
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.update(MPLBACKEND="agg", TQDM_DISABLE="1")

import jupytext
import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from course_utils import claims  # quiet logs: before TensorFlow

Ranges = dict[str, dict[str, list[float]]]  # sentence of a claim, name of a figure, its values

SEED_LINE = re.compile(r"^seed = 1$", re.MULTILINE)


def failures(chapter: Path, seed: int) -> list[str]:
    """The messages of all cells that raise when the chapter runs with that seed."""
    cells = [cell for cell in jupytext.read(chapter).cells if cell.cell_type == "code"]
    if sum(bool(SEED_LINE.search(cell.source)) for cell in cells) != 1:
        raise SystemExit(f"{chapter}: expected exactly one line `seed = 1` in a code cell")
    shell: Any = InteractiveShell.instance()
    shell.reset(new_session=False)
    messages = []
    for cell in cells:
        with capture_output():
            result = shell.run_cell(SEED_LINE.sub(f"seed = {seed}", cell.source))
        error = result.error_before_exec or result.error_in_exec
        if error is not None and "raises-exception" not in cell.metadata.get("tags", []):
            messages.append(f"{type(error).__name__}: {error}")
    shell.run_cell("import matplotlib.pyplot; matplotlib.pyplot.close('all')")
    return messages


def numbers(name: str, value: object) -> Iterator[tuple[str, float]]:
    """Every number in a figure of a claim, with a name."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from numbers(f"{name}, {key}", part)
    elif isinstance(value, list | tuple | np.ndarray):
        for place, part in enumerate(value, 1):
            yield from numbers(f"{name} {place}", part)
    elif isinstance(value, int | float | np.number):
        yield name, float(value)


def noting(ranges: Ranges) -> Any:
    """`claims.check`, which also notes the figures."""
    check = claims.check

    def check_and_note(sentence: str, condition: Any, **figures: Any) -> Any:
        for name, value in figures.items():
            for label, number in numbers(name.replace("_", " "), value):
                ranges[sentence][label].append(number)
        return check(sentence, condition, **figures)

    return mock.patch.object(claims, "check", check_and_note)


def show(ranges: Ranges) -> None:
    """Print between which values each figure lay."""
    for sentence, figures in ranges.items():
        print(f"\n{sentence}")
        for name, values in figures.items():
            print(f"    {name}: {min(values):.4g} to {max(values):.4g}")


def main() -> int:
    """Run each chapter on each seed; the exit status tells whether a claim failed."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("chapters", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=20, help="how many (default 20)")
    parser.add_argument("--first", type=int, default=100, help="the first seed (default 100)")
    arguments = parser.parse_args()
    failed = 0
    for chapter in arguments.chapters:
        ranges: Ranges = defaultdict(lambda: defaultdict(list))
        for seed in range(arguments.first, arguments.first + arguments.seeds):
            start = time.perf_counter()
            with noting(ranges):
                messages = failures(chapter, seed)
            failed += bool(messages)
            seconds = time.perf_counter() - start
            summary = f"{chapter.stem} seed {seed}: {len(messages)} failed, {seconds:.0f} s"
            print(summary, flush=True)
            for message in messages:
                print(f"    {message}")
        show(ranges)
    print(f"{failed} runs with a failed claim" if failed else "all claims hold on all seeds")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
