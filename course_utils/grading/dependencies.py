"""Finds the cells of a notebook that its answers need.

A whole chapter trains for minutes; its answers need a few cells of it. What is found is a guess
on the safe side: a cell too many costs time, and where one is missing the whole notebook is run.
"""

from collections.abc import Iterable, Sequence

from course_utils.exercises import Exercise
from course_utils.grading._names import facts

__all__ = ["needed"]


def needed(cells: Sequence[str], exercises: Sequence[Exercise]) -> list[int]:
    """Returns the numbers of the cells that the answers to exercises need, in order.

    These are the cells with a check, those that leave the name of an answer as it is at the end,
    and then, again and again, those that define or change what such cells use.

    Args:
        cells: Sources of the code cells.
        exercises: Whose answers are wanted.
    """
    try:
        return _Search(cells, exercises).found()
    except (RecursionError, MemoryError):  # code nested too deep to be read
        return list(range(len(cells)))


class _Search:
    """One search. A use of a name is followed to the cells that may have set its value."""

    def __init__(self, cells: Sequence[str], exercises: Sequence[Exercise]) -> None:
        self._facts = [facts(cell) for cell in cells]
        self._ids = {exercise.id for exercise in exercises}
        self._names = {exercise.name for exercise in exercises}
        self._wanted = self._names | self._ids
        known = [name for fact in self._facts for name in fact.modules]
        self._modules = frozenset(known)  # `np.sort(x)` changes no module
        self._taken: set[int] = set()

    def found(self) -> list[int]:
        last = len(self._facts)
        checks = [n for n, fact in enumerate(self._facts) if fact.texts & self._ids]
        self._calls = [*checks, last]
        broken = [n for n, fact in enumerate(self._facts) if fact.words & self._wanted]
        answers = [number for name in self._names for number in self._setters(name, last)]
        waiting = [*checks, *broken, *answers]
        if waiting:
            waiting += [n for n, fact in enumerate(self._facts) if fact.always]
        while waiting:
            number = waiting.pop()
            if number not in self._taken:
                self._taken.add(number)
                waiting += self._sources_of(number)
        return sorted(self._taken)

    def _sources_of(self, number: int) -> Iterable[int]:
        fact = self._facts[number]
        for name in fact.uses:
            yield from self._setters(name, number)
        for name in fact.uses_later:  # in functions: what holds when they are called
            for at in (number, *self._calls):
                yield from self._setters(name, at)

    def _setters(self, name: str, at: int) -> list[int]:
        """Returns the cells that may set what a name means at the start of a cell."""
        found = []
        for number in range(at - 1, -1, -1):
            fact = self._facts[number]
            if name in fact.binds or (name in fact.changes and name not in self._modules):
                found.append(number)
            if name in fact.replaces:
                return found
        # Nothing above settles it: the cells may stand in another order than they were run.
        return found + [n for n in range(at, len(self._facts)) if name in self._facts[n].binds]
