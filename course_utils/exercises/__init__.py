"""Exercises: data go in, data come out, and a judge that never ran student code gives points.

A student calls :func:`check`. An instructor writes an :class:`Exercise` with the rest.
"""

from course_utils.exercises._answer import Answer, WrongForm, close, likely_mistake
from course_utils.exercises._check import PUBLIC_SEED, check
from course_utils.exercises._data import DataError, NotPlain, pack, plain, unpack
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt, error_message, probe
from course_utils.exercises._registry import all_exercises, get, of_chapter
from course_utils.exercises._verdict import Verdict, failed, judge

__all__ = [
    "PUBLIC_SEED",
    "Answer",
    "DataError",
    "Exercise",
    "NotPlain",
    "Part",
    "Verdict",
    "WrongForm",
    "all_exercises",
    "attempt",
    "check",
    "close",
    "error_message",
    "failed",
    "get",
    "judge",
    "likely_mistake",
    "of_chapter",
    "pack",
    "part",
    "plain",
    "probe",
    "unpack",
]
