"""Runs the computing half of the explorers under node, and hands its results to Python."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright._impl._driver import compute_driver_executable

import course_utils

SOURCES = Path(course_utils.__file__).parent / "_explorers"

# JSON has no NaN and no infinity; Python's reader knows these words for them.
HARNESS = """
const [shared, descent, signals, schedules] =
  ["shared", "descent", "signals", "schedules"].map((name) => require(`${SOURCES}/${name}.js`));
const number = (value) => {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "Infinity" : "-Infinity";
};
const plain = (value) => {
  if (typeof value === "number") return number(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  if (isList) return `[${Array.from(value, plain).join()}]`;
  const field = ([name, part]) => `${JSON.stringify(name)}:${plain(part)}`;
  return `{${Object.entries(value).map(field).join()}}`;
};
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const compute = (given) => { BODY };
process.stdout.write(plain(compute(given)));
"""


@pytest.fixture(scope="session")
def javascript() -> Callable[..., Any]:
    """A function that runs the body of a JavaScript function and returns what that returns.

    The body sees the four modules by their names, and the argument as ``given``.
    """
    node = str(compute_driver_executable()[0])  # Playwright brings a node of its own

    def run(body: str, given: Any = None) -> Any:
        code = HARNESS.replace("${SOURCES}", str(SOURCES)).replace("BODY", body)
        done = subprocess.run(
            [node, "-e", code],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
