"""Make a fork of the course your own: its address, its title, its author.

    course adopt --repo https://github.com/OWNER/NAME --title "..." --author "..."

(The command `course` runs this file.) `_config.yml` and CITATION.cff state the three; every badge,
link, setup cell and heading follows from them. What is not given stays. Doing it twice changes
nothing more; the last line says which command undoes it.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import address
import pairs

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "_config.yml"
# The lines that state who this is: file, what the line begins with, and which of the three.
LINES = [
    ("_config.yml", "  url: ", "repo"),
    ("_config.yml", "title: ", "title"),
    ("_config.yml", "author: ", "author"),
    ("CITATION.cff", "title: ", "title"),
    ("CITATION.cff", "  - name: ", "author"),
    ("pyproject.toml", "authors = ", "author"),
    ("README.md", "# ", "title"),
    ("book/intro.md", "# ", "title"),
]


@dataclass(frozen=True)
class Identity:
    """What a fork changes."""

    repo: str
    title: str
    author: str

    def command(self) -> str:
        """Return the command that gives a course this identity."""
        return shlex.join(
            ["course", "adopt", "--repo", self.repo, "--title", self.title, "--author", self.author]
        )


def current() -> Identity:
    """Return the identity that `_config.yml` states.

    Raises:
        ValueError: if one of its three lines is missing.
    """
    lines = CONFIG.read_text(encoding="utf-8").splitlines()
    found = {}
    for file, start, what in LINES[:3]:
        line = next((line for line in lines if line.startswith(start)), None)
        if line is None:
            raise ValueError(f"{file} has no line that begins with {start.strip()}")
        found[what] = line.removeprefix(start).strip().strip("\"'")
    return Identity(**found)


def checked(identity: Identity) -> Identity:
    """Return an identity in the form in which it is written.

    Raises:
        ValueError: if the address is none of GitHub, or a name is empty or breaks its line.
    """
    address.Address.from_url(identity.repo)
    for name in (identity.title, identity.author):
        if not name.strip() or not name.isprintable() or set(name) & set('"\\{}<>'):
            raise ValueError(
                f"{name!r} cannot be a title or an author: letters and signs, one line"
            )
    return Identity(identity.repo.rstrip("/"), identity.title.strip(), identity.author.strip())


def rewritten(new: Identity) -> Iterator[tuple[Path, str]]:
    """Yield the files that state the identity, each with its new text.

    Raises:
        ValueError: if a file has no such line.
    """
    for file in dict.fromkeys(file for file, _, _ in LINES):
        lines = (ROOT / file).read_text(encoding="utf-8").split("\n")
        for _, start, what in (line for line in LINES if line[0] == file):
            place = next((i for i, line in enumerate(lines) if line.startswith(start)), None)
            if place is None:
                raise ValueError(f"{file} has no line that begins with {start.strip()}")
            lines[place] = start + shown(getattr(new, what), file)
        yield ROOT / file, "\n".join(lines)


def shown(name: str, file: str) -> str:
    """Return a name as the language of a file wants it."""
    if file.endswith(".toml"):
        return f'[{{ name = "{name}" }}]'
    if file.endswith(".md") or name.startswith("https://") or plain(name):
        return name
    return f'"{name}"'


def plain(name: str) -> bool:
    """Return whether YAML takes a name for a string without quotes."""
    return bool(re.fullmatch(r"[A-Za-z][\w ,.'()-]*", name)) and name.lower() not in {
        "yes", "no", "true", "false", "null", "on", "off",
    }  # fmt: skip


def adopt(new: Identity) -> list[str]:
    """Give the course a new identity; return the names of the files that changed.

    Raises:
        ValueError: if the identity is not a possible one, or the old one cannot be read.
    """
    old, new = current(), checked(new)
    changed = [
        path.relative_to(ROOT).as_posix()
        for path, text in list(rewritten(new))
        if pairs.write_atomically(path, text)
    ]
    changed += address.write()
    if new.title != old.title:
        subprocess.run([sys.executable, str(ROOT / "tools/identity.py")], check=True)
        changed.append("book/_static/card.png")
    return sorted(set(changed))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="course adopt", description=__doc__.split("\n")[0])
    parser.add_argument("--repo", help="address of the fork, https://github.com/OWNER/NAME")
    parser.add_argument("--title", help="title of the course")
    parser.add_argument("--author", help="who stands on the cover and in the citation")
    given = vars(parser.parse_args(arguments))
    try:
        old = current()
        new = Identity(**{key: given[key] or getattr(old, key) for key in given})
        changed = adopt(new)
    except ValueError as error:
        print(f"course adopt: {error}", file=sys.stderr)
        return 2
    print("\n".join(changed) if changed else "Nothing to change.")
    if changed:
        print(f"\nLook at it with git diff, then make book. To undo it:\n  {old.command()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
