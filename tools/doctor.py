"""Look whether this clone of the course has all that it needs, and say what to do about the rest.

    course doctor
    python tools/doctor.py data secrets     # only these looks

(The command `course` runs this file.) Each line says `ok`, `look` (works, but you should know) or
`wrong`, and what to do. The exit status is 1 if something is wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import address
import environment
import identity
import pairs

ROOT = Path(__file__).resolve().parents[1]
OLD = timedelta(days=365)  # for results: libraries move on
PYTHON = ".venv/bin/python"


class Finding(NamedTuple):
    """What was looked at, how it is (`ok`, `look`, `wrong`), and what to do."""

    subject: str
    state: str = "ok"
    advice: str = ""


def programs() -> Iterator[Finding]:
    """Look for the programs that make and the tests call."""
    for names, state, purpose in (
        (["git"], "wrong", "the history of your fork"),
        (["make"], "wrong", "all commands"),
        (["bwrap"], "look", "grading in a sandbox"),
        (["chromium", "google-chrome"], "look", "tests of the pages and make pdf"),
    ):
        if any(map(shutil.which, names)):
            yield Finding(names[0])
        else:
            package = "bubblewrap" if names == ["bwrap"] else names[0]
            advice = f"missing; it is for {purpose}. Debian: sudo apt-get install {package}"
            yield Finding(names[0], state, advice)


def python() -> Iterator[Finding]:
    """Look at the environment that make has set up."""
    if not environment.installed(ROOT / ".venv"):
        yield Finding(".venv", "wrong", "not set up. Type: make environment")
    elif broken := environment.damaged(ROOT / ".venv"):
        yield Finding(".venv", "wrong", f"{broken[0]} is damaged. Type: make environment")
    else:
        yield Finding(".venv")


def addresses() -> Iterator[Finding]:
    """Look whether every copy of the address agrees, and whether it is that of this clone."""
    if wrong := address.check():
        advice = (
            f"{len(wrong)} copies differ, first {wrong[0]}. Type: {PYTHON} tools/address.py write"
        )
        yield Finding("addresses", "wrong", advice)
    else:
        yield Finding("addresses")
    asked = ["git", "remote", "get-url", "origin"]
    origin = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    match = re.search(r"github\.com[/:](.+?)(?:\.git)?\s*$", origin)
    stated = address.current_address().repository
    if match and match[1].lower() != stated.lower():
        advice = f"the address is still {stated}. Type: course adopt --repo https://github.com/{match[1]}"
        yield Finding("your fork", "look", advice)


def pictures() -> Iterator[Finding]:
    """Look whether mark and colors are those that the code draws."""
    if old := identity.stale():
        yield Finding(old[0], "wrong", f"is not as drawn. Type: {PYTHON} tools/identity.py")
    else:
        yield Finding("mark and colors")


def versions() -> Iterator[Finding]:
    """Look whether package, citation and list of changes have the same version."""
    version = address.current_wheel().split("-")[1]
    for name, line in (("CITATION.cff", "version: {}$"), ("CHANGELOG.md", r"## {}\b")):
        form, text = line.format(re.escape(version)), (ROOT / name).read_text(encoding="utf-8")
        if re.search(f"^{form}", text, re.MULTILINE):
            yield Finding(f"version in {name}")
        else:
            advice = f"has no {version}, which course_utils/__init__.py states. Write it there"
            yield Finding(f"version in {name}", "wrong", advice)


def chapters() -> Iterator[Finding]:
    """Look whether the two files of every chapter say the same."""
    apart = {path.stem: said for path in pairs.chapters() if (said := pairs.check(path))}
    for stem, said in apart.items():
        yield Finding(stem, "wrong", said.splitlines()[0])
    if not apart:
        yield Finding("chapters and their notebooks")


def data() -> Iterator[Finding]:
    """Look whether the data sets are those of the course."""
    table = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for name, digest in re.findall(r"^\| `(\w+\.npz)` .+ `([0-9a-f]{64})` \|$", table, re.M):
        path = ROOT / "data" / name
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest:
            yield Finding(f"data/{name}")
        else:
            advice = f"missing or changed. Type: git checkout -- data/{name}"
            yield Finding(f"data/{name}", "wrong", advice)


def results() -> Iterator[Finding]:
    """Look how old the stored results are."""
    records = json.loads((ROOT / "results" / "reproduction.json").read_text(encoding="utf-8"))
    oldest = min(date.fromisoformat(record["environment"]["date"]) for record in records)
    if date.today() - oldest > OLD:
        yield Finding("stored results", "look", f"some are of {oldest}. Anew: make reproduce")
    else:
        yield Finding("stored results")


def secrets() -> Iterator[Finding]:
    """Look whether a key of grading is in the repository."""
    listed = ["git", "ls-files", "*.key"]
    kept = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    for name in kept.split():
        advice = (
            "a key in the repository lets students foresee the inputs of grading: make a new one"
        )
        yield Finding(name, "wrong", advice)
    if not kept.split():
        yield Finding("no key in the repository")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    programs,
    python,
    addresses,
    pictures,
    versions,
    chapters,
    data,
    results,
    secrets,
)


def examine(names: Sequence[str] = ()) -> list[Finding]:
    """Return what all looks find, or those named; one that itself fails is a finding, too."""
    found: list[Finding] = []
    for check in (c for c in CHECKS if not names or c.__name__ in names):
        try:
            found += check()
        except (OSError, ValueError, KeyError) as error:
            found.append(Finding(check.__name__, "wrong", f"could not be looked at: {error}"))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="course doctor", description=__doc__.split("\n")[0])
    known = [check.__name__ for check in CHECKS]
    parser.add_argument("looks", nargs="*", help=f"only these of: {', '.join(known)}")
    named = parser.parse_args(arguments).looks
    if unknown := set(named) - set(known):
        parser.error(f"there is no look {min(unknown)!r}; there are {', '.join(known)}")
    found = examine(named)
    for subject, state, advice in found:
        print(f"{state:5}  {subject}{': ' if advice else ''}{advice}")
    wrong = sum(finding.state == "wrong" for finding in found)
    print(f"\n{wrong} wrong: see above what to do." if wrong else "\nNothing is wrong.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
