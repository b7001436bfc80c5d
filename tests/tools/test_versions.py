"""The table of versions that were tried, and the lists to try."""

from __future__ import annotations

from pathlib import Path

import pytest
import versions

RECORD = {
    "date": "2026-11-22",
    "python": "3.11",
    "versions": {"tensorflow": "2.19.0", "keras": "3.8.0", "numpy": "2.0.0"},
    "failed": 0,
}


def test_the_readme_has_the_table_of_what_is_recorded() -> None:
    readme = versions.README.read_text(encoding="utf-8")
    assert versions.with_table(readme, versions.read_records()) == readme


def test_lists_stand_in_their_order_with_what_came_out() -> None:
    failing = {**RECORD, "failed": 2}
    lines = versions.table({"newest": failing, "oldest": RECORD}).splitlines()
    assert lines[2].startswith("| oldest | 2026-11-22 | 3.11 | 2.19.0 | 3.8.0 | 2.0.0 |")
    assert lines[2].endswith("| all run |")
    assert lines[3].endswith("| 2 failed |")
    assert {line.count("|") for line in lines} == {lines[0].count("|")}


def test_a_rehearsal_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "RECORDS", tmp_path / "versions.json")
    monkeypatch.setattr(versions, "README", tmp_path / "README.md")
    versions.README.write_text(f"a\n{versions.BEGIN}\nold\n{versions.END}\nb\n", encoding="utf-8")
    found = {"tensorflow-cpu": "2.20.0", "keras": "3.13.2", "six": "1"}
    versions.record("Colab", (3, 13), found, failed=0)
    record = versions.read_records()["Colab"]
    assert record["versions"] == {"tensorflow": "2.20.0", "keras": "3.13.2"}
    readme = versions.README.read_text(encoding="utf-8")
    assert "| Colab |" in readme
    assert "old" not in readme
    assert readme.startswith("a\n")
    assert readme.endswith("\nb\n")


def test_lost_marks_are_told() -> None:
    with pytest.raises(versions.VersionsError, match="marks"):
        versions.with_table("no marks", {})


def test_lists_ask_for_what_a_notebook_needs() -> None:
    asked = " ".join(versions.requirements())
    for name in ("keras", "tensorflow", "ipykernel", "scikit-learn"):
        assert name in asked
    assert "jupyterlab" not in asked


def test_an_unknown_list_is_answered_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert versions.main(["middle"]) == 2
    assert "oldest" in capsys.readouterr().err
