"""Writes the feedback page of a student. Nothing that a student has written becomes HTML."""

import hashlib
import html
import re

from course_utils.grading.batch import Row

__all__ = ["feedback_name", "page"]

_STATUS = {
    "ok": "All answers were judged.",
    "partial": "Some answers are missing or raise errors.",
    "timeout": "The notebook took too long. Answers before that count.",
    "crashed": "The notebook broke off. Answers before that count.",
    "invalid": "What was handed in could not be graded.",
    "missing": "Nothing was handed in.",
}
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin: 1.8rem 0 .3rem; }
p { margin: .3rem 0; } ul { list-style: none; padding: 0; margin: 0; }
li { padding-left: 1.6rem; text-indent: -1.6rem; margin: .25rem 0; unicode-bidi: isolate; }
.right { color: #1b6e3c; } .wrong { color: #a3341f; } .small { color: #555; font-size: .9rem; }
code { font: .92em ui-monospace, monospace; background: #f2f2f2; padding: 0 .2em;
  border-radius: 3px; }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #161616; }
  code { background: #2b2b2b; } .right { color: #7ccf9a; } .wrong { color: #f0937e; }
  .small { color: #aaa; } }
"""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def feedback_name(id: str) -> str:
    """Returns the name of the file for a student: safe on every system, and no two alike.

    Args:
        id: Of the student.
    """
    safe = re.sub(r"[^a-z0-9_@-]", "_", id)[:60]
    if safe == id and safe[:1] not in ("", "_") and id not in ("con", "prn", "aux", "nul"):
        return f"{safe}.html"
    return f"{safe}-{hashlib.sha256(id.encode('utf-8', 'replace')).hexdigest()[:8]}.html"


def page(row: Row, chapter: str) -> str:
    """Returns the feedback page of a student as HTML that needs no other file.

    Args:
        row: What the student gets.
        chapter: Such as ``"04"``.
    """
    result = row.result
    who = row.student.name or row.student.id
    lines = [
        f"<h1>{_escaped(who)}</h1>",
        f"<p>Chapter {_escaped(chapter.lstrip('0'))}: "
        f"<strong>{result.points:g} of {result.maximum:g} points</strong></p>",
        f"<p>{_STATUS[result.status]}</p>",
    ]
    if row.file:
        late = " (late)" if row.is_late else ""
        lines.append(f'<p class="small">Graded: {_escaped(row.file)}{late}</p>')
    for mark in result.marks:
        lines.append(f"<h2>{_escaped(mark.title)}: {mark.points:g} of {mark.maximum:g} points</h2>")
        lines.append("<ul>")
        for is_right, message in mark.messages:
            kind, sign = ("right", "✓") if is_right else ("wrong", "✗")
            lines.append(f'<li><span class="{kind}">{sign}</span> {_with_code(message)}</li>')
        lines.append("</ul>")
    notes = (*row.notes, *result.notes)
    if notes:
        items = "".join(f"<li>{_with_code(note)}</li>" for note in notes)
        lines.append(f"<h2>Notes</h2>\n<ul>{items}</ul>")
    title = f"{_escaped(who)}: chapter {_escaped(chapter.lstrip('0'))}"
    return _PAGE.format(title=title, style=_STYLE, body="\n".join(lines))


def _escaped(text: str) -> str:
    """Returns a text as HTML shows it, without what could hide or turn around other text."""
    visible = "".join(c if c.isprintable() else " " for c in text)
    return html.escape(visible, quote=True)


def _with_code(text: str) -> str:
    """Returns a text with what stands between back ticks set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _escaped(text))
