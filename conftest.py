"""Settings that every test run shares; above all, how chapters are compared with their outputs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from nbval.kernel import RunningKernel

ROOT = Path(__file__).resolve().parent

# Before any kernel or TensorFlow starts: the environment that tools/execute.py gives a chapter.
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])
)
os.environ.update(TQDM_DISABLE="1", PYTHONHASHSEED="0", JUPYTER_PREFER_ENV_PATH="1")
os.environ["COURSE_CACHE"] = ""  # no result of an earlier day
if "PYTEST_XDIST_WORKER" in os.environ:  # workers share the cores: more threads wait for each other
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


def pytest_configure(config: pytest.Config) -> None:
    """Make `pytest --nbval` strict: all is compared but images and numbers marked with "≈"."""
    if getattr(config.option, "nbval", False):
        RunningKernel.execute_cell_input = execute_as_jupyter_does
        if config.option.nbval_sanitize_with is None:
            config.option.nbval_sanitize_with = str(ROOT / "tests/book/nbval_sanitize.cfg")
        if config.option.nbval_kernel_name is None:
            config.option.nbval_current_env = True


def execute_as_jupyter_does(
    kernel: RunningKernel, cell_input: str, allow_stdin: bool | None = None
) -> str:
    """Replace nbval's own, which turns the history off; IPython then overlooks a final `;`."""
    message: str = kernel.kc.execute(
        cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
    )
    return message
