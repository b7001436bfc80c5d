"""Runs the ``course`` command as ``python -m course_utils``."""

from course_utils.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    raise SystemExit(main())
