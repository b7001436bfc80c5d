"""Sphinx extension of the book: types and signatures of the API as people write them.

Autodoc writes out what `ArrayLike` stands for, which takes six lines, and names modules and fields
that no reader imports.
"""

from __future__ import annotations

import re
from collections.abc import MutableSequence
from typing import Any

from numpy.typing import ArrayLike
from sphinx.application import Sphinx
from sphinx.util.typing import stringify_annotation

WRITTEN_OUT = {
    stringify_annotation(ArrayLike, mode): "ArrayLike"
    for mode in ("smart", "fully-qualified-except-typing")
}
PRIVATE_MODULES = re.compile(r"~?\b(course_utils(?:\.\w+)*?)\._\w+\.(?=\w)")
PRIVATE_FIELDS = re.compile(r",? _\w+(?:=[^,)]+)?(?=[,)])")
SHOWN = {"=<factory>": "={}", "=Ellipsis": "=..."}


def short(text: str) -> str:
    """Return a type as it is written in the code, from the package that people import it from."""
    for long, name in WRITTEN_OUT.items():
        text = text.replace(long, name)
    return PRIVATE_MODULES.sub(r"~\1.", text)


def shorten_signature(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str, returns: str
) -> tuple[str, str] | None:
    """Shorten what autodoc has noted of the types, and leave private fields out of a signature."""
    noted = app.env.temp_data.get("annotations", {}).get(name, {})
    noted.update({parameter: short(text) for parameter, text in noted.items()})
    if signature is None:
        return None
    signature = PRIVATE_FIELDS.sub("", signature)
    for long, plain in SHOWN.items():
        signature = signature.replace(long, plain)
    if getattr(obj, "_is_protocol", False):  # nobody makes one
        signature = ""
    return signature, returns


def shorten_types(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: MutableSequence[str]
) -> None:
    """Shorten the types of attributes."""
    lines[:] = [short(line) if line.startswith(":vartype") else line for line in lines]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the functions above, behind those of autodoc and napoleon."""
    app.connect("autodoc-process-signature", shorten_signature, priority=900)
    app.connect("autodoc-process-docstring", shorten_types, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
