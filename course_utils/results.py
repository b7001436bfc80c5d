"""What the experiments that take too long for a chapter have found: stored, to be read again.

``make reproduce`` trains the experiments of the source documents at full scale and stores every
replicate. A chapter reads from there what it shows, so that no figure is typed by hand.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["path", "reproduced"]

# In a checkout the results lie beside the package; the wheel that Colab installs carries them.
_PLACES = (
    Path(__file__).resolve().parents[1] / "results",
    Path(__file__).resolve().parent / "_results",
)


def path(name: str) -> Path:
    """Returns where a file with stored results is.

    Args:
        name: The name of the file, for example ``"reproduction.json"``.

    Raises:
        FileNotFoundError: There is no such file; the message says how to get it.
    """
    for place in _PLACES:
        if (place / name).is_file():
            return place / name
    raise FileNotFoundError(
        f"There are no stored results {name!r} in {_PLACES[0]}. They are in the repository of the "
        "course and in the wheel of its site; a package built in another way has none."
    )


def reproduced(source: str, name: str) -> dict[str, Any]:
    """Returns what the full-scale run found for one experiment of the source documents.

    Args:
        source: The letter of the source document, ``"A"`` to ``"D"``.
        name: The name of the experiment, as on the page "Reproduction".

    Returns:
        A dict. ``values`` has the value of each replicate for each figure, ``mean`` and ``std``
        their mean and standard deviation, ``reported`` what the source states. Of a comparison,
        ``summary`` has the columns of :func:`course_utils.experiments.summarize` for each of its
        variants. ``environment`` says when and on what machine it ran.

    Raises:
        KeyError: There is no such experiment; the message lists those of the source.
        FileNotFoundError: The results are not there.
    """
    records = _read(path("reproduction.json"))
    if (source, name) in records:
        return records[source, name]
    names = [known for letter, known in records if letter == source]
    if not names:
        sources = ", ".join(sorted({letter for letter, _ in records}))
        raise KeyError(f"There is no source {source!r}; there are {sources}.")
    raise KeyError(f"Source {source} has no experiment {name!r}; it has: {'; '.join(names)}.")


@cache
def _read(file: Path) -> dict[tuple[str, str], dict[str, Any]]:
    records = json.loads(file.read_text(encoding="utf-8"))
    return {(record["source"], record["name"]): record for record in records}
