"""Keep the address of the course the same everywhere.

    python tools/address.py check     # list every copy that disagrees, as file:line
    python tools/address.py write     # mend them

`repository: url:` in _config.yml is the one place where the address is edited. From it follow the
address of the site and of the wheel that the chapters install; the version in the name of the
wheel is that of course_utils/__init__.py.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pairs

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "_config.yml"
# Where copies may stand. Tests are left out: they make up addresses of their own.
SUFFIXES = {".cff", ".ipynb", ".md", ".toml", ".yaml", ".yml"}
SKIPPED = {"_build", "build", "data", "node_modules", "results", "tests"}
HIDDEN = {".ci", ".github", ".pre-commit-config.yaml"}  # the hidden ones that are looked at

NAME = r"[A-Za-z0-9](?:[\w-]|\.(?=\w))*?"
END = r"(?![\w-]|\.(?!git\b)\w)"  # "course" ends here; in "course-two" and "course.io" it does not
# Forms that only the course's own address has: they reveal a former one that is still around.
OWN_FORMS = [
    re.compile(rf"^\s*(?:Repository|Source) = \"https://github\.com/({NAME})/({NAME}){END}"),
    re.compile(rf"https://({NAME})\.github\.io/(?:({NAME})/)?wheels/course_utils-"),
    re.compile(rf"colab\.research\.google\.com/github/({NAME})/({NAME})/blob/[^/\s]+/book/"),
    re.compile(rf"git clone (?:--\S+ )*https://github\.com/({NAME})/({NAME}){END}"),
    re.compile(
        rf"github\.com/({NAME})/({NAME})/(?:actions/workflows|blob/main/book|tree/main/book)"
    ),
]
NEEDED = re.compile(r"(course_utils\\?\"\)\.needs\(\\?\")[^\"\\]+(?=\\?\"\))")
WHEEL = re.compile(r"(?<=/wheels/)course_utils-[^/\s\"')]+?-py3-none-any\.whl")


@dataclass(frozen=True)
class Address:
    """Where a course lives: the owner and the name of its repository on GitHub."""

    owner: str
    name: str

    @classmethod
    def from_url(cls, url: str) -> Address:
        """Read an address off `https://github.com/OWNER/NAME`.

        Raises:
            ValueError: if the URL has another form.
        """
        match = re.fullmatch(rf"https://github\.com/({NAME})/({NAME})/?", url)
        if match is None:
            raise ValueError(
                f"{CONFIG.name}: repository.url is {url!r}; it must be https://github.com/OWNER/NAME"
            )
        return cls(*match.groups())

    @property
    def repository(self) -> str:
        """`OWNER/NAME`."""
        return f"{self.owner}/{self.name}"

    @property
    def site(self) -> str:
        """The address of the published book, without `https://` and the last slash."""
        host = f"{self.owner.lower()}.github.io"
        return host if self.name.lower() == host else f"{host}/{self.name}"


def current_address() -> Address:
    """Return the address that `_config.yml` states.

    Raises:
        ValueError: if it is missing or has another form than `https://github.com/OWNER/NAME`.
    """
    inside = False
    for line in CONFIG.read_text(encoding="utf-8").splitlines():
        if re.match(r"\S", line):
            inside = line.startswith("repository:")
        if inside and (match := re.match(r"\s+url:\s*[\"']?([^\s\"'#]+)", line)):
            return Address.from_url(match[1])
    raise ValueError(f"{CONFIG.name} has no repository: url:")


def current_wheel() -> str:
    """Return the file name of the wheel, with the version that course_utils/__init__.py states."""
    source = (ROOT / "course_utils" / "__init__.py").read_text(encoding="utf-8")
    match = re.search(r"^__version__(?:: \w+)? = \"([^\"]+)\"", source, re.MULTILINE)
    if match is None:
        raise ValueError('course_utils/__init__.py has no line __version__ = "..."')
    return f"course_utils-{match[1]}-py3-none-any.whl"


def files() -> Iterator[Path]:
    """Yield every file that may hold a copy of the address."""
    folders = [ROOT]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            hidden = path.name.startswith(".") and path.name not in HIDDEN
            if hidden or path.name in SKIPPED or path.is_symlink():
                continue
            if path.is_dir():
                folders.append(path)
            elif path.suffix in SUFFIXES or path.parent.name == ".ci":
                yield path


def former_addresses(texts: dict[Path, str], current: Address) -> set[Address]:
    """Return the other addresses that forms only the course itself uses still mention."""
    found = set()
    for text in texts.values():
        for line in text.splitlines():
            for form in OWN_FORMS:
                for owner, name in form.findall(line):
                    found.add(Address(owner, (name or f"{owner}.github.io").removesuffix(".git")))
    # A site's owner is in lower case; one that the repository's address names is the same course.
    known = {address.site for address in found if address.owner != address.owner.lower()}
    known.add(current.site)
    return {a for a in found if a != current and not (a.owner.islower() and a.site in known)}


def mend(text: str, former: set[Address], current: Address, wheel: str) -> str:
    """Return a text with every former address and wheel replaced by the current one."""
    for old in sorted(former, key=lambda address: -len(address.site)):
        text = re.sub(rf"(?<=[/:]){re.escape(old.repository)}{END}", current.repository, text)
        text = re.sub(rf"(?<![\w.-]){re.escape(old.site)}{END}", current.site, text, flags=re.I)
    text = NEEDED.sub(lambda match: match[1] + wheel.split("-")[1], text)
    return WHEEL.sub(wheel, text)


def disagreements() -> dict[Path, tuple[str, str]]:
    """Return every file with a wrong copy: its text, and the text it should have."""
    current, wheel = current_address(), current_wheel()
    texts = {path: path.read_bytes().decode("utf-8") for path in files()}
    former = former_addresses(texts, current)
    mended = {path: mend(text, former, current, wheel) for path, text in texts.items()}
    return {path: (texts[path], mended[path]) for path in texts if texts[path] != mended[path]}


def check() -> list[str]:
    """Return one line for each wrong copy: `file:line: what stands there`."""
    return [
        f"{path.relative_to(ROOT).as_posix()}:{number}: {line.strip()}"
        for path, (text, mended) in disagreements().items()
        for number, (line, right) in enumerate(
            zip(text.splitlines(), mended.splitlines(), strict=True), 1
        )
        if line != right
    ]


def write() -> list[str]:
    """Mend every wrong copy, keeping the outputs of notebooks; return the names of the files."""
    wrong = disagreements()
    in_step = {half.with_suffix(".md") for half in wrong if half.parent == pairs.CHAPTERS}
    in_step = {path for path in in_step if path.exists() and not pairs.check(path)}
    for path, (_, mended) in wrong.items():
        pairs.write_atomically(path, mended)
    for path in sorted(in_step):  # the notebook remembers its new text, and new ids of its cells
        notebook = path.with_suffix(".ipynb")
        pairs.write_notebook(notebook, pairs.read_notebook(notebook))
    return [path.relative_to(ROOT).as_posix() for path in wrong]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("command", choices=["check", "write"])
    options = parser.parse_args(arguments)
    try:
        if options.command == "write":
            changed = write()
            print("\n".join(changed) if changed else "Every copy of the address is right.")
            return 0
        wrong = check()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if wrong:
        print("\n".join(wrong))
        print("These differ from _config.yml. Type: python tools/address.py write", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
