"""Build the book to _build/html: the wheel of the companion package, then every page.

    python tools/site.py            # build what changed
    python tools/site.py --fresh    # build everything again
    python tools/site.py --wheel    # only the wheel, to _build/extra/wheels
    python tools/site.py --one-page # all pages in one, to _build/singlehtml: tools/pdf.py prints it

The site carries the wheel it was built with, so that a notebook opened in Colab installs exactly
that package and none of the data. A warning of Sphinx is an error.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
WHEELS = BUILD / "extra" / "wheels"
PACKAGE = ROOT / "course_utils"
# What chapters read of the stored results travels in the wheel, where course_utils.results looks.
RESULTS = ("results/reproduction.json", "course_utils/_results/reproduction.json")
# Every wheel of the same source is the same file, whenever and wherever it is built.
EPOCH = "1577836800"
BUILD_WHEEL = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"

# Without the grammar of internationalized addresses, which jsonschema takes three seconds to build
# where it is installed, and nothing here asks for.
START = """
import sys
sys.modules["rfc3987_syntax"] = None
from jupyter_book.cli.main import main
main()
"""
BOOK = [sys.executable, "-c", START, "build", "."]


class BuildError(Exception):
    """A build that failed; the message says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fresh", action="store_true", help="build everything again")
    parser.add_argument("--wheel", action="store_true", help="build only the wheel")
    parser.add_argument("--one-page", action="store_true", help="build all pages as one")
    options = parser.parse_args(arguments)
    try:
        wheel = build_wheel()
        if options.wheel:
            print(wheel.relative_to(ROOT))
        elif options.one_page:
            print(build_one_page().relative_to(ROOT))
        else:
            print(build_pages(fresh=options.fresh).relative_to(ROOT))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def build_wheel() -> Path:
    """Build the wheel of course_utils into the site's extra files, unless it is there already.

    Raises:
        BuildError: if setuptools fails.
    """
    results, carried = RESULTS
    sources = [ROOT / "pyproject.toml", ROOT / "LICENSE", ROOT / results, *package_files()]
    stamp, state = BUILD / "wheel.stamp", fingerprint(sources)
    present = sorted(WHEELS.glob("*.whl"))
    if len(present) == 1 and stamp.exists() and stamp.read_text() == state:
        return present[0]
    with tempfile.TemporaryDirectory() as name:
        # In a copy, because setuptools leaves folders beside what it builds.
        copy, out = Path(name, "source"), Path(name, "out")
        out.mkdir()
        for file in sources:
            name_there = file.relative_to(ROOT).as_posix()
            target = copy / (carried if name_there == results else name_there)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            target.chmod(0o644)
        env = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
        run([sys.executable, "-c", BUILD_WHEEL, str(out)], "The wheel cannot be built.", copy, env)
        shutil.rmtree(WHEELS, ignore_errors=True)
        WHEELS.mkdir(parents=True)
        wheel = next(out.glob("*.whl"))
        shutil.move(wheel, WHEELS / wheel.name)
    stamp.write_text(state)
    return WHEELS / wheel.name


def package_files() -> list[Path]:
    """Return the files of the companion package, without what Python leaves there."""
    files = (p for p in sorted(PACKAGE.rglob("*")) if p.is_file())
    return [p for p in files if "__pycache__" not in p.parts and p.suffix != ".pyc"]


def build_pages(*, fresh: bool = False) -> Path:
    """Run Jupyter Book; return the path of index.html.

    Raises:
        BuildError: if Sphinx fails or warns; nothing half-made is left for the next build to trust.
    """
    settings = [ROOT / "_config.yml", ROOT / "_toc.yml", *sorted((ROOT / "book/_ext").glob("*.py"))]
    # Sphinx brings a new style sheet only along with a page that has changed.
    settings += sorted(path for path in (ROOT / "book/_static").iterdir() if path.is_file())
    stamp, state = BUILD / "site.stamp", fingerprint(settings)
    if fresh or not stamp.exists() or stamp.read_text() != state:
        forget_pages()
    try:
        run([*BOOK, "-W", "-n", "--keep-going"], "The book cannot be built.", ROOT)
    except BaseException:
        # Sphinx warns about a page only when it reads it: the next build must read them all.
        forget_pages()
        raise
    (BUILD / "html" / ".nojekyll").touch()  # GitHub Pages would leave out _static otherwise
    stamp.write_text(state)
    return BUILD / "html" / "index.html"


def build_one_page() -> Path:
    """Run Jupyter Book for one page that holds all; return its path.

    Warnings count in `build_pages`: here Sphinx also warns about what one page cannot have.

    Raises:
        BuildError: if Sphinx fails.
    """
    forget_pages()  # what Sphinx remembers of one kind of build misleads the other
    run(
        [*BOOK, "--builder", "custom", "--custom-builder", "singlehtml"],
        "The pages cannot be put into one.",
        ROOT,
    )
    shutil.rmtree(BUILD / ".doctrees", ignore_errors=True)
    # Its paths to pictures and styles are those of a page at the top.
    return (BUILD / "singlehtml/book/intro.html").rename(BUILD / "singlehtml/book.html")


def forget_pages() -> None:
    """Remove every built page and what Sphinx remembers of them."""
    (BUILD / "site.stamp").unlink(missing_ok=True)
    for folder in ("html", ".doctrees", "jupyter_execute"):
        shutil.rmtree(BUILD / folder, ignore_errors=True)


def fingerprint(files: Iterable[Path]) -> str:
    """Return a hash of the names and contents of files."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def run(command: list[str], failure: str, folder: Path, env: dict[str, str] | None = None) -> None:
    """Run a command; raise BuildError with what it complained about if it fails."""
    done = subprocess.run(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
        telling = [line for line in output.splitlines() if re.search("WARNING|ERROR|Error", line)]
        shown = telling or output.splitlines()[-30:]
        raise BuildError("\n".join([failure, *dict.fromkeys(shown)]))


if __name__ == "__main__":
    raise SystemExit(main())
