"""What every chapter must be, as functions that return what is wrong with one.

Kept apart from the tests, so that another test can break a chapter and see a rule find it.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import execute
import pairs
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "book" / "appendix" / "glossary.md"

SETUP = """\
import importlib.util

if importlib.util.find_spec("course_utils") is None:  # a fresh Colab session
    %pip install --quiet https://{site}/wheels/{wheel}
importlib.import_module("course_utils").needs("{version}")"""
CLOSING = ["Check yourself", "In practice", "Exercises", "Takeaways", "References"]
MOST_LINES = 15  # of a cell: one thought
MOST_COLUMNS = 79  # of a line: what the page shows without scrolling
MOST_SECONDS = {"11-ensembles": 120, "12-tuning": 120}  # to run; the others have 90
MOST_BYTES = 3_000_000

FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1`*\s*$", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
DISPLAY_MATH = re.compile(r"\$\$.+?\$\$", re.DOTALL)
FREE_CODE_SPAN = re.compile(r"(?<![}`])(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)  # of no role
INLINE_MATH = re.compile(r"(?<![\\$])\$[^$\n]+(?:\n[^$\n]+)*?(?<!\\)\$")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)")
DIRECTIVES = {
    "directive": re.compile(r"^\s*(?:`{3,}|~{3,}|:{3,})\s*\{", re.MULTILINE),
    "fence of colons": re.compile(r"^\s*:{3,}", re.MULTILINE),
    "target": re.compile(r"^\([\w:. -]+\)=\s*$", re.MULTILINE),
    "cell break": re.compile(r"^\+\+\+", re.MULTILINE),
}
ROLES = {"role": re.compile(r"\{[\w:+-]+\}`")}
# These read right in some of the four places only. Looked for outside of code and formulas.
NOT_EVERYWHERE = {
    "substitution": re.compile(r"\{\{.*?\}\}"),
    "footnote": re.compile(r"\[\^[^\]]+\]"),
    "image": re.compile(r"!\[|<img\b", re.IGNORECASE),
    "HTML": re.compile(r"</?(?!(?:details|summary|code)\b)[A-Za-z][\w-]*(?:\s[^<>]*)?/?>|<!--"),
    "formula outside of $$": re.compile(r"\\begin\{|\\\[|\\\("),
}
ABSOLUTE_PATH = re.compile(
    r"(?<![\w.:/])/(?:home|Users|root|tmp|work|content|mnt|media|usr|var|opt|private)/"
    r"|\b[A-Z]:\\\\?\w|file://"
)
ADDRESS_IN_MEMORY = re.compile(r"\b0x[0-9a-fA-F]{6,}")


def markdown(notebook: NotebookNode) -> Iterator[tuple[int, str]]:
    """Yield number and text of every Markdown cell."""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "markdown":
            yield number, cell.source


def code(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(text: str) -> str:
    """Return Markdown without its code and its formulas."""
    for pattern in (FENCED, CODE_SPAN, DISPLAY_MATH, INLINE_MATH):
        text = pattern.sub(" ", text)
    return text


def first_words(text: str, position: int) -> str:
    """Return the line around a position, for a message."""
    start = text.rfind("\n", 0, position) + 1
    return text[start:].split("\n", 1)[0].strip()[:80]


# -- reads right in the book, in Colab, in JupyterLab and on GitHub


def foreign_markdown(notebook: NotebookNode) -> list[str]:
    """Find Markdown that only some of the four places understand."""
    found = []
    for number, text in markdown(notebook):
        unfenced = FREE_CODE_SPAN.sub(" ", FENCED.sub(" ", text))
        for searched, patterns in (
            (text, DIRECTIVES),
            (unfenced, ROLES),
            (prose(text), NOT_EVERYWHERE),
        ):
            for name, pattern in patterns.items():
                if match := pattern.search(searched):
                    found.append(f"cell {number}: {name}: {first_words(searched, match.start())}")
    return found


def absolute_paths(notebook: NotebookNode) -> list[str]:
    """Find paths of one machine, in what was typed and in what was printed."""
    found = []
    for number, cell in enumerate(notebook.cells, 1):
        texts = [cell.source]
        if cell.cell_type == "code":
            texts += [text for kind, text in execute.pieces(cell.outputs) if "image" not in kind]
        for text in texts:
            if match := ABSOLUTE_PATH.search(text):
                found.append(f"cell {number}: {first_words(text, match.start())}")
    return found


def broken_links(notebook: NotebookNode, folder: Path) -> list[str]:
    """Find relative links to nothing, to the text of a chapter, or to no term of the glossary."""
    found = []
    for number, text in markdown(notebook):
        for target in LINK.findall(CODE_SPAN.sub(" ", FENCED.sub(" ", text))):
            if re.match(r"https?://|mailto:", target):
                continue
            name, _, anchor = target.partition("#")
            path = (folder / name).resolve()
            if not name or not path.is_file():
                found.append(f"cell {number}: {target} leads nowhere")
            elif path.parent == folder and path.suffix != ".ipynb":
                found.append(f"cell {number}: {target} must link to the .ipynb of the chapter")
            elif path == GLOSSARY and anchor and anchor not in glossary_anchors():
                found.append(f"cell {number}: the glossary has no {anchor}")
    return found


def glossary_anchors() -> set[str]:
    """Return the anchors of the terms as Sphinx makes them, such as term-learning-rate."""
    text = GLOSSARY.read_text(encoding="utf-8")
    terms = [
        line
        for block in re.findall(r"^```\{glossary\}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
        if line and not line.startswith((" ", ":"))
    ]
    return {"term-" + re.sub(r"[^A-Za-z0-9._]+", "-", term).strip("-") for term in terms}


# -- has the parts of a chapter


def sections(notebook: NotebookNode, level: int = 2) -> dict[str, list[NotebookNode]]:
    """Return the cells under each heading of a level; a cell with two headings counts for both."""
    found: dict[str, list[NotebookNode]] = {}
    current: list[NotebookNode] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts = re.split(rf"^#{{{level}}} +(.+)$", FENCED.sub("", cell.source), flags=re.M)
            if parts[0].strip():
                current.append(NotebookNode(cell_type="markdown", source=parts[0]))
            for title, body in zip(parts[1::2], parts[2::2], strict=True):
                current = found.setdefault(title.strip(), [])
                current.append(NotebookNode(cell_type="markdown", source=body))
        else:
            current.append(cell)
    return found


def missing_parts(notebook: NotebookNode, site: str, wheel: str) -> list[str]:
    """Find parts of a chapter that are missing or out of order."""
    found = []
    opening = notebook.cells[0].source if notebook.cells else ""
    texts = [FENCED.sub("", text) for _, text in markdown(notebook)]
    titles = [title for text in texts for title in re.findall(r"^# .+", text, re.M)]
    if len(titles) != 1 or not opening.startswith("# "):
        found.append(f"one title, at the very top; found {titles}")
    if "After this chapter you can" not in opening or len(re.findall(r"^- ", opening, re.M)) < 2:
        found.append('objectives: "After this chapter you can" and a list, in the first cell')
    if len(execute.TIME_LINE.findall(opening)) != 1:
        found.append("the time line, in the first cell (see tools/execute.py --times)")
    cells = code(notebook)
    setup = SETUP.format(site=site, wheel=wheel, version=wheel.split("-")[1])
    if not cells or cells[0].source.strip() != setup:
        found.append("the setup cell, as the first code cell, in the form of every chapter")
    if len(cells) > 1:
        found += imports_out_of_order(cells[1].source)
    closing = [title for title in sections(notebook) if title in CLOSING]
    if list(sections(notebook))[-len(CLOSING) :] != CLOSING:
        found.append(f"the closing sections {CLOSING}, in this order, at the end; found {closing}")
    if not any("**Predict" in text for _, text in markdown(notebook)):
        found.append("a question to the reader before a result: > **Predict.** ...")
    return found


def imports_out_of_order(source: str) -> list[str]:
    """Find what is wrong with the second code cell: course_utils comes first, a seed is set."""
    modules = []
    for node in ast.walk(ast.parse(re.sub(r"^\s*[%!].*$", "", source, flags=re.M))):
        if isinstance(node, ast.Import):
            modules += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules.append((node.lineno, node.module or ""))
    names = [name.split(".")[0] for _, name in sorted(modules)]
    others = [name for name in names if name not in sys.stdlib_module_names]
    found = []
    if not others or others[0] != "course_utils":
        found.append("the second code cell imports course_utils before other packages")
    if "seed" not in source and "default_rng" not in source:
        found.append("the second code cell sets the seed")
    return found


def poor_sections(notebook: NotebookNode) -> list[str]:
    """Find closing sections that lack what a reader or an instructor needs of them."""
    parts = sections(notebook)
    text = {name: "\n".join(c.source for c in cells) for name, cells in parts.items()}
    found = []
    answers = re.findall(r"<details>.*?</details>", text.get("Check yourself", ""), re.S)
    if not 2 <= len(answers) <= 4:
        found.append(f"Check yourself: 2 to 4 questions with folded answers, found {len(answers)}")
    for answer in answers:
        if not re.match(r"<details>\s*<summary>.+?</summary>\s*\n\n.*\n\n</details>", answer, re.S):
            found.append("Check yourself: an empty line after </summary> and before </details>")
    if not text.get("In practice", "").strip():
        found.append("In practice: is empty")
    exercises = text.get("Exercises", "")
    for word in ("warm-up", "core", "stretch"):
        if word not in exercises.lower():
            found.append(f"Exercises: none is called {word}")
    tasks = re.split(r"^### ", exercises, flags=re.M)[1:]
    for task in tasks:
        if not re.search(r"\d+ points?\b", task) or not re.search(r"\d+ minutes?\b", task):
            found.append(f"Exercises: points and minutes of: {task.splitlines()[0]}")
    stubs = [c for c in parts.get("Exercises", []) if "exercise" in tags(c) and "..." in c.source]
    if len(stubs) < max(3, len(tasks)):
        found.append(f"Exercises: a stub cell each, tagged exercise; found {len(stubs)}")
    if len([c for c in parts.get("Takeaways", []) if is_claim(c)]) < 2:
        found.append("Takeaways: at least two claims")
    if not re.search(r"doi\.org|arxiv\.org", text.get("References", ""), re.I):
        found.append("References: papers with a DOI or an arXiv link")
    for name, cells in parts.items():
        if name not in CLOSING and not any(cell.cell_type == "code" for cell in cells):
            found.append(f"{name}: a section shows code")
    return found


def long_cells(notebook: NotebookNode) -> list[str]:
    """Find code cells with more than one thought."""
    return [
        f"cell {number}: {lines} lines"
        for number, cell in enumerate(notebook.cells, 1)
        if cell.cell_type == "code"
        and (lines := sum(1 for x in cell.source.splitlines() if x.strip())) > MOST_LINES
    ]


def wide_lines(notebook: NotebookNode) -> list[str]:
    """Find lines of code that a reader has to scroll sideways; an address cannot be broken."""
    return [
        f"cell {number}: {len(line)} columns: {line.strip()[:60]}"
        for number, cell in enumerate(notebook.cells, 1)
        if cell.cell_type == "code"
        for line in cell.source.splitlines()
        if len(line) > MOST_COLUMNS and "%pip install" not in line
    ]


def wrong_time(notebook: NotebookNode, chapter: str) -> list[str]:
    """Find a time line that is not what was measured and counted."""
    match = re.search(
        r"about (\d+) minutes? to read, about (\d+) seconds", notebook.cells[0].source
    )
    if match is None:
        return ["no time line"]
    minutes, seconds, counted = int(match[1]), int(match[2]), execute.reading_minutes(notebook)
    found = []
    if abs(minutes - counted) > max(2, 0.2 * counted):
        found.append(f"{minutes} minutes to read, but {counted} counted: tools/execute.py --times")
    most = MOST_SECONDS.get(chapter, 90)
    if not 0 < seconds <= most:
        found.append(f"{seconds} seconds to run; this chapter has {most}")
    return found


def tags(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.get("metadata", {}).get("tags", []))


def is_claim(cell: NotebookNode) -> bool:
    """Return whether a cell states a claim."""
    return cell.cell_type == "code" and bool(re.search(r"\bclaims\.check\(", cell.source))


# -- stores what a reader sees


def poor_outputs(notebook: NotebookNode) -> list[str]:
    """Find code that was not run, errors, figures without words, and what changes with each run."""
    found = []
    counts = [cell.execution_count for cell in code(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        found.append("cells that were not run, in order, from a fresh start: make execute")
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        shown = list(execute.pieces(cell.outputs))
        kinds = {kind for kind, _ in shown}
        if kinds & {"error", "stderr"}:
            found.append(f"cell {number}: an error or a warning is stored")
        if any("widget" in kind or "javascript" in kind for kind in kinds):
            found.append(f"cell {number}: an output that needs a running session")
        words = [t for kind, t in shown if "image" not in kind and "data-explorer=" not in t]
        if any(ADDRESS_IN_MEMORY.search(text) for text in words):
            found.append(f"cell {number}: an object's address; end the line with a semicolon")
        if kinds & execute.IMAGES:
            found += [f"cell {number}: {problem}" for problem in silent_figures(cell)]
        if is_claim(cell) and not any("✓" in text for _, text in shown):
            found.append(f"cell {number}: a claim that is not shown")
    return found


def silent_figures(cell: NotebookNode) -> list[str]:
    """Find what is wrong with the alternative text of a cell that shows a figure."""
    alt = execute.alternative_text(cell)
    if len(alt) < 30:
        return [f"a figure without alternative text that says what it shows: {alt!r}"]
    stored = [
        output.metadata.get(kind, {}).get("alt")
        for output in cell.outputs
        for kind in execute.IMAGES & set(output.get("data", {}))
    ]
    return [] if all(text == alt for text in stored) else ["its alternative text: make execute"]


def untidy_file(path: Path) -> list[str]:
    """Find metadata that a chapter's file should not carry, and files too large to load."""
    content = path.read_text(encoding="utf-8")
    notebook = pairs.read_notebook(path)
    found = []
    expected = {**pairs.NOTEBOOK_METADATA, "language_info": pairs.LANGUAGE_INFO}
    if {k: v for k, v in json.loads(content)["metadata"].items() if k != "course"} != expected:
        found.append("metadata beyond kernel and pairing")
    if pairs.tidy(notebook) != notebook:
        found.append("cell metadata of an editor, or ids that are not derived: make sync")
    if len(content.encode()) > MOST_BYTES:
        found.append(f"{len(content.encode()) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f}")
    return found
