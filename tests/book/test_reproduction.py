"""The stored results belong to today's experiments, and the page of the book shows them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import reproduce
import reproduction_page

from course_utils import reproduction

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = {f"{e.source}/{e.name}": e for e in reproduction.entries()}


@pytest.fixture(scope="module")
def stored() -> dict[str, dict[str, Any]]:
    return {f"{r['source']}/{r['name']}": r for r in reproduce.read(reproduce.RESULTS)}


# --- the stored results -----------------------------------------------------------------------


def test_every_entry_has_a_result_and_every_result_an_entry(stored: dict[str, Any]) -> None:
    missing = sorted(ENTRIES.keys() - stored.keys())
    assert not missing, f"run: make reproduce, for {missing}"
    assert stored.keys() == ENTRIES.keys()


@pytest.mark.parametrize("name", ENTRIES)
def test_result_is_that_of_todays_spec(name: str, stored: dict[str, Any]) -> None:
    record = stored[name]
    assert record["spec_hash"] == reproduction.spec_hash(ENTRIES[name]), (
        f'{name} has changed since its result was stored; run: make reproduce ONLY="{name}"'
    )


@pytest.mark.parametrize("name", ENTRIES)
def test_results_are_whole(name: str, stored: dict[str, Any]) -> None:
    record, entry = stored[name], ENTRIES[name]
    assert record["replicates"] == entry.replicates
    assert record["reported"] == getattr(entry, "reported", {})
    assert set(record["reported"]) <= set(record["values"])
    for label, values in record["values"].items():
        assert len(values) == entry.replicates, label
        if None not in values:
            assert record["mean"][label] == pytest.approx(sum(values) / len(values)), label
    assert {"date", "processor", "cores", "keras", "tensorflow"} <= record["environment"].keys()
    if isinstance(entry, reproduction.Comparison):
        assert list(record["summary"]) == list(entry.rows)
        assert record["baseline"] == entry.baseline


def test_outside_figures_are_explained_and_no_others(stored: dict[str, Any]) -> None:
    outside = {
        (record["source"], record["name"], label)
        for record in stored.values()
        for label, figure in record["reported"].items()
        if not reproduction.lies_in_range(figure, record["values"][label])
    }
    explained = set(reproduction.WHY_NOT)
    assert outside - explained == set(), (
        "write in reproduction/_source_why.py why these lie outside"
    )
    assert explained - outside == set(), "these lie in the range: take the text away"
    assert all(text.endswith(".") for text in reproduction.WHY_NOT.values())


# --- the page ---------------------------------------------------------------------------------


def test_page_shows_the_stored_results(stored: dict[str, Any]) -> None:
    bench = reproduction_page.BENCH
    times = json.loads(bench.read_text(encoding="utf-8")) if bench.exists() else None
    expected = reproduction_page.page(list(stored.values()), times)
    written = reproduction_page.PAGE.read_text(encoding="utf-8")
    assert written == expected, "run: .venv/bin/python tools/reproduce.py --page"


def made_up() -> list[dict[str, Any]]:
    environment = {
        "date": "2026-01-02", "processor": "P", "cores": 2, "system": "Linux", "python": "3.12",
        "numpy": "2", "scipy": "1", "keras": "3", "tensorflow": "2",
    }  # fmt: skip
    common = {"environment": environment, "seconds": 3600.0}
    low = {"mean": 0.5, "low": 0.4, "high": 0.6, "verdict": ""}
    low |= dict.fromkeys(("difference", "difference_low", "difference_high"))
    other = {"mean": 0.75, "low": 0.7, "high": 0.8, "difference": 0.25, "difference_low": 0.1}
    other |= {"difference_high": 0.4, "verdict": "better"}
    return [
        {
            **common,
            "source": "A",
            "name": "dropout",
            "kind": "as written",
            "mean": {"test accuracy": 0.4},
            "values": {"test accuracy": [0.3, 0.5, None]},
            "replicates": 3,
        },
        {
            **common,
            "source": "C",
            "name": "the right model",
            "kind": "controlled",
            "baseline": "model 2 (as evaluated)",
            "summary": {"model 2 (as evaluated)": low, "model 3 (as meant)": other},
            "replicates": 5,
        },
    ]


def test_page_is_made_of_the_results() -> None:
    page = reproduction_page.page(made_up())
    row = next(line for line in page.splitlines() if line.startswith("| A | dropout |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[2:] == [
        "test accuracy",
        "0.4226",
        "0.4000 (0.3000 to 0.5000, 1 not finite; 3 replicates)",
        "no",  # a replicate that was not finite has no place in a range
    ]
    assert "- **A, dropout, test accuracy**: Within what chance does" in page
    assert re.search(r"- \*\*A, dropout\*\*: .*underfits", page)
    better = next(line for line in page.splitlines() if line.startswith("| model 3"))
    assert better == (
        "| model 3 (as meant) | 0.7500 (0.7000 to 0.8000) | +0.2500 (+0.1000 to +0.4000) | better |"
    )
    assert "Made on 2026-01-02 by `make reproduce` on: P (2 cores, Linux)" in page
    assert "How fast" not in page


def test_page_shows_the_benchmark() -> None:
    one = {
        "batch_size": 32,
        "seconds_per_epoch": {"model.fit": 4.0, "training.fit": 0.5},
        "times_faster": {"model.fit": 7.5, "training.fit": 1.0},
        "multiple_of_bare_products": 1.25,
    }
    environment = made_up()[0]["environment"] | {"devices": ["CPU"]}
    bench = {
        "networks": {"n": one},
        "batch_size": {"16": one},
        "width": {"50": one},
        "geometric_mean": {"model.fit": 7.5, "training.fit": 1.0},
        "peak_megabytes": {"model.fit": 1500.0, "training.fit": 1400.0},
        "environment": environment,
    }
    page = reproduction_page.page([], bench)
    assert "| n | 32 | 4.00 (7.5) | 0.50 (1.0) | 1.2 |" in page
    assert "| geometric mean |  | (7.5) | (1.0) |  |" in page
    assert "model.fit 1,500, training.fit 1,400" in page


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0.1134, 4, "0.1134"),
        (1.0, 4, "1.0000"),
        (101_770.0, 4, "101,770"),
        (68891.203125, 6, "68891.203125"),
        (2.068e-12, 15, "2.068e-12"),
        (0.0, 4, "0.0000"),
        (None, 4, "not finite"),
    ],
)
def test_numbers(value: float | None, places: int, text: str) -> None:
    assert reproduction_page.number(value, places) == text


# --- the tool ---------------------------------------------------------------------------------


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "tools/reproduce.py"), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_list_names_everything() -> None:
    done = run("--list")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == list(ENTRIES)


def test_unknown_names_and_tiny_results_are_refused() -> None:
    done = run("--only", "D/drop")
    assert done.returncode == 1
    assert "no 'D/drop'" in done.stderr
    before = reproduce.RESULTS.read_bytes() if reproduce.RESULTS.exists() else None
    done = run("--scale", "tiny", "--only", "C/model 1")
    assert done.returncode == 1
    assert "--output" in done.stderr
    assert before == (reproduce.RESULTS.read_bytes() if reproduce.RESULTS.exists() else None)


def test_store_keeps_other_results_and_their_order(tmp_path: Path) -> None:
    path = tmp_path / "new" / "results.json"
    one = {"source": "C", "name": "model 1", "mean": 1}
    two = {"source": "A", "name": "dropout", "mean": 2}
    gone = {"source": "A", "name": "no longer there", "mean": 3}
    reproduce.store(path, [one, gone])
    reproduce.store(path, [two])
    reproduce.store(path, [one | {"mean": 4}])
    assert reproduce.read(path) == [two, one | {"mean": 4}]
    assert [file.name for file in path.parent.iterdir()] == ["results.json"]


def test_interrupted_store_leaves_the_old_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results.json"
    record = {"source": "C", "name": "model 1", "mean": 1}
    reproduce.store(path, [record])

    def fail(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reproduce.os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        reproduce.store(path, [record | {"mean": 2}])
    assert reproduce.read(path) == [record]


def test_choice() -> None:
    everything = reproduce.chosen([])
    assert everything == list(reproduction.entries())
    assert {entry.source for entry in reproduce.chosen(["B", "C/model 1"])} == {"B", "C"}
    assert [entry.name for entry in reproduce.chosen(["C/model 1"])] == ["model 1"]


@pytest.mark.parametrize(
    ("done", "elapsed", "minutes"),
    [(0, 0, 10), (0, 999, 10), (600, 600, 8), (1200, 300, 0)],
)
def test_time_left(done: float, elapsed: float, minutes: int) -> None:
    assert reproduce.time_left(done, 1200, elapsed, 2) == minutes


SMALL = ["A/one network or three", "B/which epoch", "C/model 3", "D/shared layers"]


@pytest.mark.parametrize("name", SMALL)
def test_trial_run(name: str) -> None:
    (entry,) = reproduction.tiny([ENTRIES[name]])
    check_trial(entry)


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in ENTRIES if n not in SMALL])
def test_trial_run_of_the_others(name: str) -> None:
    (entry,) = reproduction.tiny([ENTRIES[name]])
    check_trial(entry)


def check_trial(entry: Any) -> None:
    if isinstance(entry, reproduction.Calculation):
        record = reproduction.calculate(entry)
    else:
        (record,) = reproduction.run([entry], progress=False, cache=None)
    assert set(entry.reported if hasattr(entry, "reported") else entry.rows) <= set(
        record["values"]
    )
    assert all(len(values) == entry.replicates for values in record["values"].values())
    assert json.loads(json.dumps(record, allow_nan=False)) == record
