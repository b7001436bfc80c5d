"""Stored results are found in a checkout, read as they are, and missed with a clear word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from course_utils import results

ROOT = Path(__file__).resolve().parents[2]


def test_a_record_is_what_the_file_says() -> None:
    records = json.loads((ROOT / "results/reproduction.json").read_text(encoding="utf-8"))
    for record in records:
        assert results.reproduced(record["source"], record["name"]) == record
    assert len(records) > 40


def test_a_name_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(KeyError, match="no experiment 'model 9'.*model 1; model 2; model 3"):
        results.reproduced("C", "model 9")
    with pytest.raises(KeyError, match="no source 'Z'; there are A, B, C, D"):
        results.reproduced("Z", "baseline")


def test_a_package_without_results_says_where_they_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(results, "_PLACES", (tmp_path / "results", tmp_path / "_results"))
    with pytest.raises(FileNotFoundError, match="in the repository of the course and in the wheel"):
        results.reproduced("C", "model 1")
    (tmp_path / "_results").mkdir()
    (tmp_path / "_results" / "other.json").write_text("[]", "utf-8")
    assert results.path("other.json") == tmp_path / "_results" / "other.json"
