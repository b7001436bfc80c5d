"""Change the code of the judge or of the trainer, a spot at a time, and see whether a test notices.

    make mutation                       # all; goes on where an interrupted run stood
    make mutation CORE=judge SAMPLE=50  # 50 changes of the judge's core, other ones each week

A change that no test notices is a survivor: either a test is missing, or the change changes
nothing that counts. The latter are listed in tools/mutation.toml, with the reason. The exit status
is 1 if there is another one.

cosmic-ray does the work, in an environment of its own (make mutation makes it); the tests run in
the project's .venv, on a copy of the tree in _build/mutation.
"""

# mypy: ignore-errors
# (cosmic-ray is not in .venv, where mypy looks)

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "_build" / "mutation"
COPIED = ("course_utils", "tests", "solutions", "results", "conftest.py", "pyproject.toml")
SETTINGS = tomllib.loads((ROOT / "tools" / "mutation.toml").read_text(encoding="utf-8"))
CHANGED = re.compile(r"\+(?!\+\+)|-(?!--)")  # lines of a difference, without its headers
CONFIGURATION = """\
[cosmic-ray]
module-path = {modules}
timeout = 900.0
excluded-modules = []
test-command = {command}
[cosmic-ray.distributor]
name = "local"
[cosmic-ray.filters.operators-filter]
exclude-operators = {left_out}
"""


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cores", nargs="*", metavar="CORE", help=", ".join(SETTINGS["core"]))
    parser.add_argument("--sample", type=int, help="so many changes, other ones each week")
    options = parser.parse_args()
    names = options.cores or [*SETTINGS["core"]]
    if unknown := {*names} - {*SETTINGS["core"]}:
        print(f"There is no core {', '.join(unknown)}; there are {', '.join(SETTINGS['core'])}.")
        return 2
    return max(examine(name, options.sample) for name in names)


def examine(name: str, sample: int | None) -> int:
    """Try the changes of one core; return 1 if one survives that is not listed."""
    core, tree = SETTINGS["core"][name], PLACE / name
    copy_tree(tree)
    state = hashlib.sha256(b"".join((tree / path).read_bytes() for path in core["modules"]))
    config, session = tree.with_suffix(".toml"), PLACE / f"{name}-{state.hexdigest()[:12]}.sqlite"
    if not session.exists():
        command = f"{ROOT}/.venv/bin/python -m pytest -q -x -m 'not slow' "
        command += " ".join(core["tests"])
        config.write_text(
            CONFIGURATION.format(
                modules=json.dumps(core["modules"]),
                command=json.dumps(command),
                left_out=json.dumps(SETTINGS["operators"]["left_out"]),
            ),
            encoding="utf-8",
        )
        print(f"{name}: the tests without any change", flush=True)
        run(tree, "cosmic-ray", "baseline", config)
        partly = session.with_suffix(".part")
        partly.unlink(missing_ok=True)
        run(tree, "cosmic-ray", "init", config, partly)
        run(tree, "cr-filter-operators", partly, config)
        keep_a_sample(partly, sample)
        partly.replace(session)
    with use_db(str(session), WorkDB.Mode.open) as work:
        print(f"{name}: {len([*work.pending_work_items])} changes to try", flush=True)
    run(tree, "cosmic-ray", "exec", config, session)
    survivors = report(name, session)
    session.unlink()
    return int(bool(survivors))


def copy_tree(tree: Path) -> None:
    """Copy what the tests need: an interrupted run may have left a change behind."""
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for path in map(ROOT.joinpath, COPIED):
        if path.is_dir():
            shutil.copytree(path, tree / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(path, tree)
    (tree / "data").symlink_to(ROOT / "data")


def run(tree: Path, *command: object) -> None:
    """Run a command of cosmic-ray; end with what it says if it fails."""
    done = subprocess.run([*map(str, command)], cwd=tree, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")


def keep_a_sample(session: Path, size: int | None) -> None:
    """Mark all changes but a sample as skipped; the week draws it."""
    with use_db(str(session), WorkDB.Mode.open) as work:
        pending = sorted(work.pending_work_items, key=lambda item: repr(item.mutations))
        random.Random(datetime.date.today().strftime("%G-%V")).shuffle(pending)
        for item in pending[size:] if size else []:
            work.set_result(item.job_id, WorkResult(WorkerOutcome.SKIPPED))


def report(name: str, session: Path) -> list[str]:
    """Print how many changes were noticed, and each survivor that is not listed."""
    allowed = {entry["line"] for entry in SETTINGS.get("equivalent", [])}
    tried, known, survivors = 0, 0, []
    with use_db(str(session), WorkDB.Mode.open) as work:
        specs = {item.job_id: item.mutations[0] for item in work.work_items}
        for job_id, result in work.results:
            tried += result.worker_outcome != WorkerOutcome.SKIPPED
            if result.test_outcome != TestOutcome.SURVIVED:
                continue
            lines = [line for line in result.diff.split("\n") if CHANGED.match(line)]
            if any(line[1:].strip() in allowed for line in lines):
                known += 1
            else:
                place = f"{specs[job_id].module_path}:{specs[job_id].start_pos[0]}"
                survivors.append("\n".join([place, *lines]))
    for survivor in sorted(survivors):
        print(survivor)
    print(f"{name}: {tried} changes tried, {len(survivors)} survived, {known} more may")
    return survivors


if __name__ == "__main__":
    raise SystemExit(main())
