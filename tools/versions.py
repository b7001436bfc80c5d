"""Which versions the chapters were tried with: lists to try, what came out, the README's table.

    python tools/versions.py oldest     # print what pyproject.toml admits at least, as a list
    python tools/versions.py newest     # print what the registry serves today, as a list
    python tools/versions.py table      # write the table into the README

tools/colab.py rehearses the chapters with such a list and records here what came out.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RECORDS = ROOT / "results" / "versions.json"
README = ROOT / "README.md"
BEGIN, END = "<!-- versions: written by make colab -->", "<!-- end of versions -->"
# For the oldest Python that the course supports, and the newest.
PYTHONS = {"oldest": (3, 11), "newest": (3, 13)}
RESOLUTIONS = {"oldest": "lowest-direct", "newest": "highest"}
ORDER = ("oldest", "Colab", "newest")
SHOWN = ("tensorflow", "keras", "numpy", "scipy", "pandas", "matplotlib", "scikit-learn")

Record = dict[str, Any]


class VersionsError(Exception):
    """A list that cannot be made; the message says why."""


def requirements() -> list[str]:
    """Return what a notebook with the companion package needs, with bounds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    kernel = [line for line in project["dependency-groups"]["notebooks"] if "ipykernel" in line]
    extra = project["project"]["optional-dependencies"]["tensorflow"]
    return [*project["project"]["dependencies"], *extra, *kernel]


def resolve(which: str) -> str:
    """Return a list of exact versions, a line `name==version` each.

    Raises:
        VersionsError: if the registry does not answer, or has no such versions.
    """
    python = ".".join(map(str, PYTHONS[which]))
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "compile", "-", "--python-version", python, "--quiet"]
    command += ["--resolution", RESOLUTIONS[which], "--no-header", "--no-annotate"]
    text = "\n".join(requirements())
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise VersionsError(f"The {which} versions cannot be told:\n{done.stderr}")
    return done.stdout


def record(name: str, python: tuple[int, int], versions: Mapping[str, str], failed: int) -> None:
    """Keep what a rehearsal of all chapters has found, and renew the README's table."""
    records = read_records()
    found = {one: versions[one] for one in SHOWN if one in versions}
    if "tensorflow" not in found:  # the same library without CUDA
        found["tensorflow"] = versions["tensorflow-cpu"]
    records[name] = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": ".".join(map(str, python)),
        "versions": found,
        "failed": failed,
    }
    text = json.dumps(records, indent=1, sort_keys=True) + "\n"
    partly = RECORDS.with_suffix(".part")
    partly.write_text(text, encoding="utf-8")
    partly.replace(RECORDS)
    write_table()


def read_records() -> dict[str, Record]:
    """Return what was tried so far, by the name of the list."""
    if not RECORDS.exists():
        return {}
    records: dict[str, Record] = json.loads(RECORDS.read_text(encoding="utf-8"))
    return records


def table(records: Mapping[str, Record]) -> str:
    """Return the README's table of what was tried."""
    names = [name for name in ORDER if name in records]
    if not names:
        return "Nothing is recorded yet: `make colab` with all chapters writes a row."
    lines = [
        "| versions | tried on | Python | " + " | ".join(SHOWN) + " | chapters |",
        "|---" * (len(SHOWN) + 4) + "|",
    ]
    for name in names:
        one = records[name]
        versions = " | ".join(one["versions"].get(package, "") for package in SHOWN)
        outcome = f"{one['failed']} failed" if one["failed"] else "all run"
        lines.append(f"| {name} | {one['date']} | {one['python']} | {versions} | {outcome} |")
    return "\n".join(lines)


def with_table(readme: str, records: Mapping[str, Record]) -> str:
    """Return the text of the README with the table between its marks.

    Raises:
        VersionsError: if the marks are missing.
    """
    place = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.S)
    if not place.search(readme):
        raise VersionsError(f"README.md has lost the marks {BEGIN} and {END}.")
    return place.sub(lambda _: f"{BEGIN}\n{table(records)}\n{END}", readme)


def write_table() -> None:
    """Write the table of what was tried into the README."""
    readme = README.read_text(encoding="utf-8")
    README.write_text(with_table(readme, read_records()), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run the command line; return the exit status."""
    if arguments not in ([name] for name in (*PYTHONS, "table")):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        if arguments == ["table"]:
            write_table()
        else:
            print(resolve(*arguments), end="")
    except VersionsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
