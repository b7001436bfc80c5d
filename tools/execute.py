"""Run chapters and store what they show.

    python tools/execute.py [CHAPTER ...]             # bring up to date with the text, run, store
    python tools/execute.py --check [CHAPTER ...]     # run a copy; report what would come out new
    python tools/execute.py --times [CHAPTER ...]     # write the line "Time: about ..." from the
                                                      # last run (runs what was not run yet)

A run that fails leaves the stored notebook as it was. Running an unchanged chapter again changes
nothing but images, and those only with another version of matplotlib.
"""

# mypy: allow-untyped-calls
# (nbformat and nbclient are not typed)

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pairs
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

MEASURED = pairs.ROOT / "_build" / "seconds.json"
TIME_LINE = re.compile(
    r"^\*\*Time:\*\* about \d+ minutes? to read, about \d+ seconds to run on two CPU cores\.$",
    re.MULTILINE,
)
WORDS_A_MINUTE = 200
SECONDS_A_CODE_LINE = 5
NUMBER = re.compile(r"≈\s*([-+]?\d[\d,_]*(?:\.\d*)?(?:[eE][-+]?\d+)?)")
MARGIN = 0.2  # how far a number after "≈" may move, relative to the larger of old and new
IMAGES = {"image/png", "image/jpeg", "image/svg+xml"}


def run(notebook: NotebookNode, folder: Path, name: str) -> float:
    """Execute a notebook in place, in the folder its chapter lives in; return the seconds it took.

    Raises:
        CellExecutionError: if a cell fails; the message has the cell and the traceback.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=None,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
        on_cell_executed=lambda **event: progress(name, notebook, event["cell_index"]),
    )
    started = time.perf_counter()
    client.execute(env=kernel_environment())
    return time.perf_counter() - started


def kernel_environment() -> dict[str, str]:
    """Return the environment of a kernel: this checkout, no progress bars, nothing remembered."""
    path = os.pathsep.join(filter(None, [str(pairs.ROOT), os.environ.get("PYTHONPATH")]))
    fixed = {"TQDM_DISABLE": "1", "PYTHONHASHSEED": "0", "JUPYTER_PREFER_ENV_PATH": "1"}
    fixed["COURSE_CACHE"] = ""  # results of experiments come out of this run
    return {**os.environ, **fixed, "PYTHONPATH": path}


def progress(name: str, notebook: NotebookNode, index: int) -> None:
    """Show how far a chapter is: on a terminal only, on one line."""
    if sys.stderr.isatty():
        end = "\n" if index == len(notebook.cells) - 1 else ""
        print(f"\r{name}: cell {index + 1} of {len(notebook.cells)}", end=end, file=sys.stderr)


def tidy_outputs(notebook: NotebookNode) -> None:
    """Drop what differs from run to run, and carry alternative texts to the images."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs = [output for output in cell.outputs if not is_noise(output)]
        for output in cell.outputs:
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})
            images = IMAGES & set(output.get("data", {}))
            if images and (alt := alternative_text(cell)):
                output.metadata = nbformat.from_dict(
                    {kind: {"alt": alt} for kind in sorted(images)}
                )


def is_noise(output: NotebookNode) -> bool:
    """Return whether an output only makes sense in the session that made it (widgets, clearing)."""
    return "application/vnd.jupyter.widget-view+json" in output.get("data", {})


def alternative_text(cell: NotebookNode) -> str:
    """Return the alternative text that a cell's metadata gives to its figure ('' if none)."""
    return str(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", ""))


def fresh_run(text_path: Path) -> tuple[NotebookNode, float]:
    """Run a chapter's text; return the notebook with its new outputs, and the seconds."""
    notebook = pairs.notebook_from_text(pairs.read_text(text_path), None)
    seconds = run(notebook, text_path.parent, text_path.stem)
    tidy_outputs(notebook)
    return pairs.tidy(notebook), seconds


def store(text_path: Path) -> str:
    """Run a chapter and store its outputs; return what to tell."""
    notebook_path = text_path.with_suffix(".ipynb")
    if notebook_path.exists():  # before a long run: is the notebook free to be overwritten?
        stored = pairs.read_notebook(notebook_path)
        pairs.refuse_to_lose_edits(
            text_path, pairs.read_text(text_path), stored, from_notebook=False
        )
    notebook, seconds = fresh_run(text_path)
    changed = pairs.write_notebook(notebook_path, notebook)
    remember_seconds(text_path, seconds)
    return f"{seconds:.0f} s, {'outputs stored' if changed else 'nothing new'}"


def remember_seconds(text_path: Path, seconds: float) -> None:
    """Note how long the code of a chapter took here, for --times."""
    known = json.loads(MEASURED.read_text()) if MEASURED.exists() else {}
    known[text_path.stem] = {"seconds": round(seconds, 1), "code": code_fingerprint(text_path)}
    MEASURED.parent.mkdir(exist_ok=True)
    pairs.write_atomically(MEASURED, json.dumps(known, indent=1))


def known_seconds(text_path: Path) -> float | None:
    """Return how long the code of a chapter took here, or None if it changed or never ran."""
    known = json.loads(MEASURED.read_text()) if MEASURED.exists() else {}
    entry = known.get(text_path.stem)
    if not isinstance(entry, dict) or entry["code"] != code_fingerprint(text_path):
        return None
    return float(entry["seconds"])


def code_fingerprint(text_path: Path) -> str:
    """Return a hash of the code of a chapter."""
    cells = pairs.read_text(text_path).cells
    return pairs.fingerprint("\n\n".join(c.source for c in cells if c.cell_type == "code"))


def check(text_path: Path) -> list[str]:
    """Run a chapter, store nothing; return how its outputs differ from the stored ones."""
    stored = pairs.read_notebook(text_path.with_suffix(".ipynb"))
    fresh, _ = fresh_run(text_path)
    if [cell.source for cell in stored.cells] != [cell.source for cell in fresh.cells]:
        return ["text and notebook drifted apart. Type: python tools/pairs.py check"]
    return [
        f"cell {number}: {finding}\n{cell.source}"
        for number, (cell, again) in enumerate(zip(stored.cells, fresh.cells, strict=True), 1)
        if cell.cell_type == "code" and (finding := compare(cell.outputs, again.outputs))
    ]


def compare(stored: list[NotebookNode], fresh: list[NotebookNode]) -> str:
    """Return how two lists of outputs differ ('' if they do not, up to images and ≈ numbers)."""
    old, new = list(pieces(stored)), list(pieces(fresh))
    if [kind for kind, _ in old] != [kind for kind, _ in new]:
        return f"shows {[k for k, _ in new]} where {[k for k, _ in old]} is stored"
    for (kind, before), (_, after) in zip(old, new, strict=True):
        if kind not in IMAGES and not same_text(before, after):
            return f"{kind} was\n{before}\nand is now\n{after}"
    return ""


def pieces(outputs: list[NotebookNode]) -> Iterator[tuple[str, str]]:
    """Yield every shown thing of a list of outputs: its kind and its text."""
    for output in outputs:
        if output.output_type == "stream":
            yield output.name, output.text
        elif output.output_type == "error":
            yield "error", f"{output.ename}: {output.evalue}"
        else:
            for kind, value in sorted(output.data.items()):
                yield kind, value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def same_text(before: str, after: str) -> bool:
    """Return whether two texts agree; numbers after "≈" may move by MARGIN, nothing else may."""
    if NUMBER.sub("≈#", before) != NUMBER.sub("≈#", after):
        return False
    both = zip(NUMBER.findall(before), NUMBER.findall(after), strict=True)
    return all(close(*(float(x.replace(",", "").replace("_", "")) for x in pair)) for pair in both)


def close(before: float, after: float) -> bool:
    """Return whether two numbers lie within MARGIN of the larger one."""
    return abs(before - after) <= MARGIN * max(abs(before), abs(after))


def reading_minutes(notebook: NotebookNode) -> int:
    """Return the minutes a chapter takes to read: its words, and a while for each line of code."""
    words = sum(len(c.source.split()) for c in notebook.cells if c.cell_type == "markdown")
    code = [line for c in notebook.cells if c.cell_type == "code" for line in c.source.splitlines()]
    lines = sum(1 for line in code if line.strip())
    return max(1, math.ceil(words / WORDS_A_MINUTE + lines * SECONDS_A_CODE_LINE / 60))


def time_line(notebook: NotebookNode, seconds: float) -> str:
    """Return the line that tells a reader what a chapter costs (seconds in steps of 5)."""
    minutes, rounded = reading_minutes(notebook), max(5, math.ceil(seconds / 5) * 5)
    unit = "minute" if minutes == 1 else "minutes"
    return (
        f"**Time:** about {minutes} {unit} to read, "
        f"about {rounded} seconds to run on two CPU cores."
    )


def write_time_line(text_path: Path) -> str:
    """Write the time line of a chapter into its text and its notebook; return what to tell."""
    seconds = known_seconds(text_path)
    if seconds is None:
        store(text_path)
        seconds = known_seconds(text_path) or 0.0
    content = text_path.read_text(encoding="utf-8")
    if len(TIME_LINE.findall(content)) != 1:
        raise pairs.PairError(
            f"{pairs.show(text_path)} needs exactly one line of this form:\n"
            "**Time:** about 1 minutes to read, about 5 seconds to run on two CPU cores."
        )
    pairs.sync(text_path)
    line = time_line(pairs.read_text(text_path), seconds)
    if not pairs.write_atomically(text_path, TIME_LINE.sub(line, content)):
        return "time line is right"
    pairs.sync(text_path)
    return line


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help="such as 01 (default: all)")
    parser.add_argument("--check", action="store_true", help="store nothing, report differences")
    parser.add_argument("--times", action="store_true", help="write the time lines")
    options = parser.parse_args(arguments)
    failed = False
    try:
        for path in pairs.chapters(options.chapters):
            print(f"{path.stem}: ", end="", flush=True)
            try:
                if options.check:
                    findings = check(path)
                    failed = failed or bool(findings)
                    print("\n".join(findings) or "same outputs")
                else:
                    print(write_time_line(path) if options.times else store(path))
            except (CellExecutionError, DeadKernelError) as error:
                failed = True
                print(f"failed; {path.stem}.ipynb is as it was.\n{error}")
    except pairs.PairError as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
