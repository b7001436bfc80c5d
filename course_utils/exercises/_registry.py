"""Finds the exercises: one module for each chapter, ``chapter_NN``, with a list EXERCISES."""

import functools
import pkgutil
from importlib import import_module

import course_utils.exercises
from course_utils.exercises._definition import Exercise

__all__ = ["all_exercises", "get", "of_chapter"]


def get(id: str) -> Exercise:
    """Returns the exercise of this id.

    Raises:
        KeyError: There is none of this id.
    """
    known = _by_id()
    if id not in known:
        chapter = [name for name in known if name[:4] == id[:4]] or list(known)
        raise KeyError(f"There is no exercise {id!r}. There are {', '.join(chapter)}.")
    return known[id]


def of_chapter(number: str) -> list[Exercise]:
    """Returns the exercises of the chapter with this number (``"01"``), in the book's order."""
    return [exercise for exercise in all_exercises() if exercise.chapter == number]


def all_exercises() -> list[Exercise]:
    """Returns all exercises in the order of the book."""
    return list(_by_id().values())


@functools.cache
def _by_id() -> dict[str, Exercise]:
    modules = sorted(
        module.name for module in pkgutil.iter_modules(course_utils.exercises.__path__)
    )
    chapters = [
        import_module(f"course_utils.exercises.{name}")
        for name in modules
        if name.startswith("chapter_")
    ]
    return {exercise.id: exercise for module in chapters for exercise in module.EXERCISES}
