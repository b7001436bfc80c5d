"""Companion package of the course *Training Neural Networks Properly*.

Import it before TensorFlow and SciPy: it asks TensorFlow for quiet logs and for the same rounding
on every processor, and SciPy for one thread, which is enough for problems as small as those of this
course. Both read that only once, at their import.
"""

import os
import sys

__all__ = ["needs"]
__version__ = "0.1.0"

for _name, _value in {
    "KERAS_BACKEND": "tensorflow",
    # With two, every tiny product of L-BFGS-B waits for the other thread: with another program
    # beside it, ten times slower.
    "OPENBLAS_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}.items():
    os.environ.setdefault(_name, _value)


def needs(version: str) -> None:
    """Says in one line if this package is older than a notebook that uses it.

    Args:
        version: Version of the course that the notebook belongs to, such as ``"0.1.0"``.
    """
    if _numbers(version) > _numbers(__version__):
        sys.stderr.write(
            f"This notebook belongs to version {version} of the course, but course_utils "
            f"{__version__} is installed: install it anew, then restart the kernel.\n"
        )


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]
