"""Sphinx extension of the book: self-hosted MathJax, no foreign assets, and the right edit links.

Loaded by `_config.yml` (sphinx: local_extensions). It keeps the promise that reading a page asks
no other host for anything, and sends "Suggest edit" to the text of a chapter, not to its notebook.
"""

from __future__ import annotations

import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:  # autodoc documents the package of this checkout
    sys.path.insert(0, str(ROOT))

MATHJAX_SCRIPT = "tex-chtml-full.js"
MATHJAX_FONTS = "output/chtml/fonts/woff-v2"


def mathjax_source() -> Path:
    """Return the folder of the installed MathJax (PyPI: django-static-mathjax)."""
    spec = find_spec("mathjax")
    if spec is None or spec.origin is None:
        raise ExtensionError("MathJax is missing. Type: make environment")
    return Path(spec.origin).parent / "static" / "mathjax" / "es5"


def stage_mathjax(app: Sphinx) -> None:
    """Copy MathJax's one script and its fonts into the site; pages then need no CDN."""
    if app.builder.format != "html":
        return
    source, target = mathjax_source(), Path(app.outdir) / "_static" / "mathjax"
    for file in [source / MATHJAX_SCRIPT, *sorted((source / MATHJAX_FONTS).glob("*.woff"))]:
        copy = target / file.relative_to(source)
        if not copy.exists() or copy.stat().st_size != file.stat().st_size:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def derive_address(app: Sphinx, config: Config) -> None:
    """Derive the address of the site from that of the repository, so that no copy of it is kept."""
    owner, name = config.html_theme_options["repository_url"].rstrip("/").split("/")[-2:]
    host = f"{owner.lower()}.github.io"
    folder = "/" if name.lower() == host else f"/{name}/"
    config.html_baseurl = config.ogp_site_url = f"https://{host}{folder}"
    config.notfound_urls_prefix = folder


def carry_title(app: Sphinx, config: Config) -> None:
    """Put the title of the book beside its mark and on its cards."""
    config.html_theme_options["logo"] = {"text": config.html_title, "alt_text": ""}
    config.ogp_site_name = config.html_title


def drop_foreign_assets(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Leave out every script and stylesheet that lies on another host."""
    for key in ("script_files", "css_files"):
        context[key] = [file for file in context.get(key, []) if not is_foreign(file)]


def is_foreign(file: object) -> bool:
    """Return whether a script or stylesheet (a string or Sphinx's object) is on another host."""
    name = str(getattr(file, "filename", None) or file or "")
    body = str((getattr(file, "attributes", None) or {}).get("body") or "")
    return "://" in name or name.startswith("//") or "://" in body


def edit_the_text(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Point "Suggest edit" of a chapter at its Markdown text: that is what people edit."""
    if not (Path(app.srcdir) / f"{pagename}.md").exists():
        return
    for button in context.get("header_buttons", []):
        for entry in button.get("buttons", []):
            if entry.get("label") == "source-edit-button":
                entry["url"] = entry["url"].removesuffix(".ipynb").removesuffix(".md") + ".md"


def let_chapters_link_terms(app: Sphinx, doctree: nodes.document) -> None:
    """Make `[Hessian](../appendix/glossary.md#term-Hessian)` a checked link to a glossary term.

    Chapters must read right outside of the book, so they cannot use the `{term}` role; MyST knows
    only headings as targets of plain links. Here it learns the terms of a page's glossary.
    """
    slugs = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for term in doctree.findall(nodes.term):
        for name in term["ids"]:
            slugs.setdefault(name, (term.line, name, term.astext()))


def keep_commas(app: Sphinx, doctree: nodes.document) -> None:
    """Keep a formula in a sentence and the comma behind it on one line."""
    for formula in list(doctree.findall(nodes.math)):
        parent, place = formula.parent, formula.parent.index(formula)
        behind = parent[place + 1] if place + 1 < len(parent) else None
        if isinstance(behind, nodes.Text) and (commas := re.match(r"[.,;:!?)]+", behind)):
            kept = nodes.inline("", "", formula, nodes.Text(commas[0]), classes=["formula"])
            parent[place : place + 2] = [kept, nodes.Text(behind[commas.end() :])]


def skip_noise(
    app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any
) -> bool | None:
    """Leave the sentence that Python itself writes for a field of a named tuple out of the API."""
    text = getattr(obj, "__doc__", None) or ""
    return True if text.startswith("Alias for field number") else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the functions above; the numbers put them after the theme's own handlers."""
    app.connect("config-inited", derive_address)
    app.connect("config-inited", carry_title)
    app.connect("builder-inited", stage_mathjax)
    app.connect("autodoc-skip-member", skip_noise)
    app.connect("doctree-read", let_chapters_link_terms)
    app.connect("doctree-read", keep_commas)
    app.connect("html-page-context", drop_foreign_assets, priority=900)
    app.connect("html-page-context", edit_the_text, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
