"""Sphinx extension of the book: how to cite it, from CITATION.cff, so that no copy is kept.

Gives the pages two substitutions: `citation`, a sentence, and `bibtex`, a code block.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx
from sphinx.config import Config

CFF = Path(__file__).resolve().parents[2] / "CITATION.cff"


def sentence(cff: dict[str, Any]) -> str:
    """Return the reference as a list of references has it."""
    authors = ", ".join(author["name"] for author in cff["authors"])
    return (
        f"{authors} ({cff['date-released'].year}). *{cff['title']}* "
        f"(version {cff['version']}). <{cff['url']}>"
    )


def bibtex(cff: dict[str, Any]) -> str:
    """Return the reference as an entry for BibTeX."""
    key = re.sub(r"[^a-z]+", "", cff["title"].lower().split()[-1]) + str(cff["date-released"].year)
    authors = " and ".join(f"{{{author['name']}}}" for author in cff["authors"])
    return (
        f"@misc{{{key},\n"
        f"  title  = {{{cff['title']}}},\n"
        f"  author = {{{authors}}},\n"
        f"  year   = {{{cff['date-released'].year}}},\n"
        f"  note   = {{Version {cff['version']}}},\n"
        f"  url    = {{{cff['url']}}},\n"
        "}"
    )


def give_substitutions(app: Sphinx, config: Config) -> None:
    """Make the reference known to the pages."""
    cff = yaml.safe_load(CFF.read_text(encoding="utf-8"))
    config.myst_substitutions = {
        **config.myst_substitutions,
        "citation": sentence(cff),
        "bibtex": f"```bibtex\n{bibtex(cff)}\n```",
    }


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the reading, ahead of MyST, which looks at the substitutions next."""
    app.connect("config-inited", give_substitutions, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
