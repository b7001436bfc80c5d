"""Runs the experiments of the five source documents and writes their results.

    python tools/reproduce.py                    everything, into results/reproduction.json
    python tools/reproduce.py --only D/dropout   one experiment or comparison; D alone for a source
    python tools/reproduce.py --list             what there is
    python tools/reproduce.py --page             the page of the book, from the stored results

Two processes with one thread each keep two cores busy. Results are written after every group of
experiments; finished replicates are kept, so that an interrupted run goes on where it stood.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from course_utils import reproduction

import joblib  # isort: skip
from tqdm import tqdm  # isort: skip

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results/reproduction.json"
Record = dict[str, Any]


def chosen(only: list[str]) -> list[Any]:
    """Returns the entries that `only` names (SOURCE or SOURCE/NAME); all of them if it is empty."""
    entries = list(reproduction.entries())
    known = {f"{entry.source}/{entry.name}" for entry in entries} | {e.source for e in entries}
    for name in only:
        if name not in known:
            raise SystemExit(f"There is no {name!r}. --list shows what there is.")
    return [e for e in entries if not only or {e.source, f"{e.source}/{e.name}"} & set(only)]


def read(path: Path) -> list[Record]:
    """Returns the stored results, or none."""
    records: list[Record] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return records


def store(path: Path, new: Iterable[Record]) -> None:
    """Puts new results in the place of older ones of the same name; all or nothing."""
    place = {(e.source, e.name): at for at, e in enumerate(reproduction.entries())}
    kept = {(r["source"], r["name"]): r for r in [*read(path), *new]}
    records = [kept[key] for key in sorted(kept.keys() & place.keys(), key=place.__getitem__)]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    os.replace(draft, path)


def run(entries: list[Any], output: Path, processes: int) -> None:
    """Runs the entries group by group, and stores the results after each."""
    groups = reproduction.groups(entries)
    costs = reproduction.estimated_seconds(groups)
    total, begin = sum(costs), time.monotonic()
    with tqdm(total=total, bar_format="{l_bar}{bar}|{desc}", position=0) as bar:
        for group, cost in zip(groups, costs, strict=True):
            left = time_left(bar.n, total, time.monotonic() - begin, processes)
            bar.set_description_str(f" everything: about {left} min left")
            bar.write(", ".join(f"{entry.source}/{entry.name}" for entry in group) + " ...")
            store(output, records(group, processes))
            bar.update(cost)
        bar.set_description_str(f" everything: done in {(time.monotonic() - begin) / 60:.0f} min")


def time_left(done: float, total: float, elapsed: float, processes: int) -> int:
    """Returns how many minutes are left: as estimated, then more and more as the work has gone.

    What was found in the cache has gone fast, and says little about the rest.
    """
    estimated = (total - done) / processes
    share = done / total
    as_before = elapsed * (total - done) / done if done else 0.0
    return round(((1 - share) * estimated + share * as_before) / 60)


def records(group: list[Any], processes: int) -> list[Record]:
    """Runs one group."""
    if isinstance(group[0], reproduction.Calculation):
        return [reproduction.calculate(entry) for entry in group]
    with joblib.parallel_config("loky", n_jobs=processes):
        return reproduction.run(group, n_jobs=processes)


def main() -> None:
    """Reads the command line and does what it says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", default=[], metavar="SOURCE/NAME")
    parser.add_argument("--list", action="store_true", help="list the names and end")
    parser.add_argument("--page", action="store_true", help="write the page and end")
    parser.add_argument("--scale", choices=("full", "tiny"), default="full")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--output", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    if arguments.list:
        for entry in reproduction.entries():
            print(f"{entry.source}/{entry.name}")
        return
    if arguments.page:
        import reproduction_page

        reproduction_page.write(read(arguments.output))
        return
    entries = chosen(arguments.only)
    if arguments.scale == "tiny":
        if arguments.output.resolve().is_relative_to(ROOT / "results"):
            sys.exit("A tiny run shows that the code works, no more: give --output elsewhere.")
        entries = reproduction.tiny(entries)
    run(entries, arguments.output, arguments.processes)


if __name__ == "__main__":
    main()
