"""The core that every judge stands on: plain data, their forms, and what a verdict says."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course_utils.exercises import _data, _registry, _verdict, check, get
from course_utils.exercises._answer import Answer, WrongForm, close, likely_mistake
from course_utils.exercises._data import LIMIT, DataError, NotPlain, pack, plain, unpack
from course_utils.exercises._definition import Exercise, Part, part
from course_utils.exercises._probe import attempt, probe
from course_utils.exercises._verdict import judge

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
    | arrays.arrays(st.sampled_from(["f4", "f8", "i8", "u1", "?"]), arrays.array_shapes())
)
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)


def same(one: Any, other: Any) -> bool:
    """Say whether plain data are equal, types of arrays and order of dicts included."""
    if isinstance(one, np.ndarray):
        return (
            isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
        )
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return [*one] == [*other] and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


# --- plain data ---------------------------------------------------------------------------------


@given(TREES)
def test_plain_data_survive_packing(data: Any) -> None:
    assert same(plain(data), data)
    assert same(unpack(pack(data)), data)


class Liar(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


class Word(str):
    def __str__(self) -> str:
        return "something else"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5),
        (np.int16(7), 7),
        (np.bool_(True), True),
        (Liar(2.0), 2.0),
        (Word("true"), "true"),
        ((1, 2), [1, 2]),
        ({3}, [3]),
        (frozenset({4}), [4]),
        ({1: (2,)}, {"1": [2]}),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([b"a"]), [None]),  # bytes are no plain data
        (np.array([1, "a"], dtype=object), [1, "a"]),
        (np.full(9_999, 1, dtype=object), [1] * 9_999),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_values_of_other_libraries_become_plain(value: Any, expected: Any) -> None:
    found = plain(value)
    if expected == [None]:
        assert [type(item) for item in found] == [NotPlain]
    else:
        assert same(found, expected)


def test_an_array_of_a_subclass_becomes_an_array() -> None:
    masked = np.ma.masked_array([1.0, 2.0], mask=[True, False])
    assert type(plain(masked)) is np.ndarray


@pytest.mark.parametrize(
    ("value", "description"),
    [
        (object(), "an object of type object"),
        (b"bytes", "an object of type bytes"),
        (bytearray(3), "an object of type bytearray"),
        (np.array(["2020-01-01"], "M8[D]"), "an array of datetime64[D]"),
        (np.array([1j]), "an array of complex128"),
        (np.full(10_000, None), "an array of object"),
        (np.full(20_000, None), "an array of object"),
    ],
    ids=["object", "bytes", "bytearray", "dates", "complex", "many objects", "even more"],
)
def test_what_is_not_plain_keeps_only_its_looks(value: Any, description: str) -> None:
    (sent,) = unpack(pack([plain(value)]))
    assert isinstance(sent, NotPlain)
    assert sent.description == description


def nested(depth: int, value: Any = 7) -> Any:
    for _ in range(depth):
        value = [value]
    return value


def test_nesting_has_an_end() -> None:
    mixed = np.array([7, "a"], dtype=object)  # is a list for this purpose
    assert same(plain(nested(8)), nested(8))
    assert same(plain(nested(7, mixed)), nested(7, [7, "a"]))
    assert same(plain({"a": nested(7)}), {"a": nested(7)})
    for endless in (nested(9), {"a": nested(8)}, nested(8, mixed)):
        with pytest.raises(DataError, match="nested too deep"):
            plain(endless)
    of_itself = np.empty(1, object)
    of_itself[0] = of_itself
    with pytest.raises(DataError, match="nested too deep"):
        plain(of_itself)


def test_a_name_cannot_pass_for_a_mark() -> None:
    """Marks of arrays begin with a null character, which no name keeps."""
    for mark in (_data._ARRAY, _data._NOT_PLAIN):
        assert same(unpack(pack({mark: 0})), {mark[1:]: 0})


def test_as_much_as_the_limit_and_no_more() -> None:
    assert LIMIT == 8_000_000, "the messages say so"
    text = len(json.dumps({_data._ARRAY: 0}))
    fits = np.zeros(LIMIT - text, np.uint8)
    assert len(unpack(pack(fits))) == len(fits)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="larger than 8 MB"):
        pack(np.zeros(LIMIT - text + 1, np.uint8))
    with pytest.raises(DataError, match="larger than 8 MB"):
        unpack(bytes(2 * LIMIT + 1))
    with pytest.raises(DataError, match="cannot be read"):
        unpack(bytes(2 * LIMIT))


def archive(compression: int = zipfile.ZIP_STORED, **members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as written:
        for name, content in members.items():
            written.writestr(f"{name}.npy", content)
    return file.getvalue()


def member(array: np.ndarray, version: tuple[int, int] | None = None, **more: Any) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version, **more)
    return file.getvalue()


TEXT = member(np.frombuffer(b"7", np.uint8))


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_both_versions_of_the_format_are_read(version: tuple[int, int]) -> None:
    text = np.frombuffer(json.dumps({_data._ARRAY: 0}).encode(), np.uint8)
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    found = unpack(archive(text=member(text), array0=member(array, version)))
    assert same(found, np.ascontiguousarray(array))
    assert found.flags.writeable  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("packed", "complaint"),
    [
        (b"", "cannot be read"),
        (archive(), "cannot be read"),
        (archive(text=b"no array"), "cannot be read"),
        (archive(zipfile.ZIP_DEFLATED, text=TEXT), "compressed or too large"),
        (archive(text=TEXT, more=bytes(2 * LIMIT + 1)), "too large|larger than 8 MB"),
        (archive(text=TEXT + b"1"), "not one of numbers"),
        (archive(text=TEXT[:-1]), "not one of numbers"),
        (archive(text=TEXT, more=member(np.array([1j]))), "not one of numbers"),
        (archive(text=TEXT, more=member(np.array(["a"]))), "not one of numbers"),
        (archive(text=member(np.frombuffer(b"{", np.uint8))), "cannot be read"),
        (archive(text=member(np.frombuffer(b'{"\\u0000array": 5}', np.uint8))), "cannot be read"),
    ],
)
def test_foreign_bytes_are_refused(packed: bytes, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        unpack(packed)


def test_pickled_objects_are_never_loaded() -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return pytest.fail, ("a foreign object was loaded",)

    trap = member(np.array([Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="not one of numbers"):
        unpack(archive(text=TEXT, array0=trap))


def test_a_description_from_outside_is_cut() -> None:
    assert len(unpack(pack(NotPlain("x" * 1000))).description) == 200  # type: ignore[union-attr]


# --- the form of an answer ----------------------------------------------------------------------

ANSWER = Answer(
    {
        "seven": 7,
        "half": np.array([0.5]),
        "yes": True,
        "word": "seven",
        "pair": np.array([[1.0, 2.0]]),
        "holes": [1.0, None],
        "ragged": [[1.0], [1.0, 2.0]],
        "endless": np.array([1.0, np.inf]),
        "huge": 10**400,
        "nan": float("nan"),
        "nothing": None,
        "thing": NotPlain("an object of type Sequential"),
        "inside": {"word": "seven", "list": [1.0, "two"]},
        "failed": {"raised": "ZeroDivisionError: division by zero"},
        "point": np.array(3.0),
        "empty": np.zeros(0),
    }
)


def test_values_of_the_right_form_are_given_out() -> None:
    assert (ANSWER.number("seven"), ANSWER.number("half"), ANSWER.number("point")) == (7, 0.5, 3)
    assert type(ANSWER.number("seven")) is float
    assert ANSWER.text("word") == "seven"
    assert ANSWER.flag("yes") is True
    assert np.array_equal(ANSWER.array("pair", (1, 2)), [[1, 2]])
    assert np.array_equal(ANSWER.array("pair", (None, 2)), [[1, 2]])
    assert ANSWER.array("point", ()) == 3
    assert ANSWER.array("seven", ()).dtype == np.float64
    assert ANSWER.items("inside").items("list").number("0") == 1
    assert ANSWER.items("pair").names() == ["0"]
    assert ANSWER.items("inside").names() == ["word", "list"]
    assert ANSWER.raised("failed") == "ZeroDivisionError: division by zero"
    assert ANSWER.raised("inside") is None
    assert ANSWER.raised("seven") is None


@pytest.mark.parametrize(
    ("method", "name", "arguments", "message"),
    [
        ("number", "word", (), "`word` should be a number, but it is the text 'seven'."),
        ("number", "yes", (), "`yes` should be a number, but it is True."),
        ("number", "pair", (), "`pair` should be a number, but it is an array of shape (1, 2)."),
        ("number", "empty", (), "`empty` should be a number, but it is an array of shape (0,)."),
        (
            "array",
            "endless",
            ((2, 3),),
            "`endless` should have the shape (2, 3), but it has (2,).",
        ),
        ("number", "huge", (), "`huge` should be a finite number, but it is inf."),
        ("number", "nan", (), "`nan` should be a finite number, but it is nan."),
        ("number", "inside", (), "`inside` should be a number, but it is a dict."),
        ("number", "holes", (), "`holes` should be a number, but it is the list [1.0, None]."),
        (
            "number",
            "thing",
            (),
            "`thing` should be a number, but it is an object of type Sequential.",
        ),
        (
            "number",
            "nothing",
            (),
            "`nothing` is missing or None: is there a `return`, or is the stub still there?",
        ),
        (
            "number",
            "absent",
            (),
            "`absent` is missing or None: is there a `return`, or is the stub still there?",
        ),
        (
            "number",
            "failed",
            (),
            "`failed` raises an error: ZeroDivisionError: division by zero",
        ),
        (
            "array",
            "holes",
            ((2,),),
            "`holes` has entries that are None: is there a `return`?",
        ),
        (
            "array",
            "ragged",
            ((2,),),
            "`ragged` should be an array of numbers, but it is the list [[1.0], [1.0, 2.0]].",
        ),
        (
            "array",
            "word",
            ((),),
            "`word` should be an array of numbers, but it is the text 'seven'.",
        ),
        (
            "array",
            "pair",
            ((None, 3),),
            "`pair` should have the shape (any, 3), but it has (1, 2).",
        ),
        ("array", "pair", ((2,),), "`pair` should have the shape (2,), but it has (1, 2)."),
        ("array", "pair", ((1, 1),), "`pair` should have the shape (1, 1), but it has (1, 2)."),
        ("array", "half", ((),), "`half` should have the shape (), but it has (1,)."),
        (
            "array",
            "endless",
            ((2,),),
            "`endless` has values that are not finite (NaN or infinity).",
        ),
        ("text", "seven", (), "`seven` should be a text, but it is 7."),
        ("flag", "seven", (), "`seven` should be True or False, but it is 7."),
        ("items", "seven", (), "`seven` should be a dict or a list, but it is 7."),
        (
            "items",
            "point",
            (),
            "`point` should be a dict or a list, but it is an array of shape ().",
        ),
    ],
)
def test_another_form_is_told(method: str, name: str, arguments: Any, message: str) -> None:
    with pytest.raises(WrongForm) as told:
        getattr(ANSWER, method)(name, *arguments)
    assert str(told.value) == message


def test_a_place_inside_is_named_with_its_path() -> None:
    with pytest.raises(WrongForm, match=r"^`inside\['list'\]\['1'\]` should be a number"):
        ANSWER.items("inside").items("list").number("1")


@pytest.mark.parametrize(
    ("value", "expected", "tolerances", "verdict"),
    [
        (1.0, 1.0, {}, True),
        (1.0 + 0.9e-6, 1.0, {}, True),
        (1.0 + 1.1e-6, 1.0, {}, False),
        (-1.0, 1.0, {}, False),
        ([1e-9, 1.0], [0.0, 1.0], {}, True),  # relative to the largest
        ([0.0, -2.0 - 1.9e-6], [0.0, -2.0], {}, True),
        (0.0, 0.0, {}, True),
        (1e-12, 0.0, {}, False),
        (0.09, 0.0, {"atol": 0.1}, True),
        (0.11, 0.0, {"atol": 0.1}, False),
        (1.25, 1.0, {"atol": 0.125, "rtol": 0.125}, True),
        (1.26, 1.0, {"atol": 0.125, "rtol": 0.125}, False),
        ([1.0], 1.0, {}, False),
        (1.0, [1.0, 1.0], {}, False),  # they would all be equal
        ([1.0], [1.0, 1.0], {}, False),
        ([1.0, 1.0], [1.0], {}, False),
        (np.nan, 1.0, {}, False),
        (1.0, np.nan, {}, False),
        (np.inf, np.inf, {}, False),
        (5.0, np.inf, {}, False),
        ([], [], {}, True),
    ],
)
def test_close(value: Any, expected: Any, tolerances: dict[str, float], verdict: bool) -> None:
    assert close(value, expected, **tolerances) is verdict


def test_the_first_mistake_that_fits_is_named() -> None:
    mistakes = {"doubled": 2.0, "twice": 2.0, "halved": 0.5}
    assert likely_mistake(2.0, mistakes, otherwise="unknown") == "doubled"
    assert likely_mistake(0.5, mistakes, otherwise="unknown") == "halved"
    assert likely_mistake(0.6, mistakes, otherwise="unknown") == "unknown"
    assert likely_mistake(0.6, mistakes, otherwise="unknown", rtol=0.3) == "halved"


def test_what_can_be_mixed_up_is_given_by_name() -> None:
    with pytest.raises(TypeError):
        close(1.0, 1.0, 0.5)
    with pytest.raises(TypeError):
        likely_mistake(1.0, {}, "unknown")
    with pytest.raises(TypeError):
        part(1, True, "right", "wrong")


# --- the probe ----------------------------------------------------------------------------------


def exercise(**changes: Any) -> Exercise:
    """Return a small exercise: double a number (2 points) and name it (1 point)."""

    def judged(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
        twice = answer.number("twice") == 2 * inputs["number"]
        yield part(2, twice, right="Doubled.", wrong="Not doubled.")
        yield part(1, answer.text("name") == "two", right="Named.", wrong="Not named.")

    settings: dict[str, Any] = {
        "id": "ch77-twice",
        "title": "Twice",
        "difficulty": "core",
        "points": 3,
        "minutes": 5,
        "objective": "double a number",
        "name": "twice",
        "inputs": lambda seed: {"number": float(seed)},
        "probe": lambda answer, inputs: {"twice": answer(inputs["number"]), "name": "two"},
        "judge": judged,
    }
    return Exercise(**{**settings, **changes})


def stub(number: float) -> float: ...


def passing(number: float) -> float:
    pass


@pytest.mark.parametrize("answer", [None, ..., (None, ...), stub, passing, (stub, None), ()])
def test_a_stub_is_told_from_an_answer(answer: Any) -> None:
    assert probe(exercise(), answer, {"number": 1.0}) == {
        "problem": "stub",
        "message": "`twice` is still the stub.",
    }


def test_a_pair_with_one_answer_in_it_is_no_stub() -> None:
    taken = exercise(probe=lambda answer, inputs: {"first": answer[0]})
    assert probe(taken, (7, None), {}) == {"first": 7}


def test_an_answer_with_an_equality_of_its_own_is_no_stub() -> None:
    """An array compares entry by entry, and that is neither true nor false."""
    taken = exercise(probe=lambda answer, inputs: {"sum": answer.sum()})
    assert probe(taken, np.ones(3), {}) == {"sum": 3.0}


def fails(number: float) -> float:
    return number / 0


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("I say nothing")


def test_an_error_is_told_with_the_line_of_the_student() -> None:
    found = probe(exercise(), fails, {"number": 1.0})
    assert found["problem"] == "raised"
    assert found["message"] == "ZeroDivisionError: float division by zero (in `return number / 0`)"


def test_what_an_error_says_is_one_short_line() -> None:
    def shouts() -> None:
        raise ValueError("a\n  b\t" + "x" * 1000)

    told = attempt(shouts)["raised"]
    assert told.startswith("ValueError: a b xxx")
    assert len(told) == 500

    def is_mute() -> None:
        raise Mute

    assert attempt(is_mute)["raised"].startswith("Mute (in `raise Mute`)")


def test_the_line_is_cut_and_is_not_one_of_the_course() -> None:
    def calls(first: Any, second: Any) -> Any:
        return pack({"the first of them": first, "the second of them": second, "third": None})

    told = attempt(calls, object(), object())["raised"]
    line = told.partition("(in `")[2].removesuffix("`)")
    assert line.startswith("return pack({")
    assert len(line) == 80


def test_attempt_hands_on_what_is_returned() -> None:
    assert attempt(max, 3, 5) == 5


def test_what_is_nested_too_deep_is_a_matter_of_form() -> None:
    found = probe(exercise(), lambda number: nested(20), {"number": 1.0})
    assert found == {"problem": "form", "message": "The answer is nested too deep."}


def test_a_probe_that_returns_no_dict_returns_nothing() -> None:
    assert probe(exercise(probe=lambda answer, inputs: [1, 2]), fails, {}) == {}


# --- the verdict --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "state", "points", "messages"),
    [
        ({"twice": 6.0, "name": "two"}, "right", 3, ["Doubled.", "Named."]),
        ({"twice": 6.0, "name": "to"}, "partly", 2, ["Doubled.", "Not named."]),
        ({"twice": 7.0, "name": "two"}, "partly", 1, ["Not doubled.", "Named."]),
        ({"twice": 7.0, "name": "to"}, "wrong", 0, ["Not doubled.", "Not named."]),
        (
            {"twice": 6.0},
            "partly",
            2,
            [
                "Doubled.",
                "`name` is missing or None: is there a `return`, or is the stub still there?",
            ],
        ),
        ({"problem": "stub", "message": "Not yet."}, "stub", 0, ["Not yet."]),
        ({"problem": "raised", "message": "y" * 600}, "raised", 0, ["y" * 500]),
        ({"problem": "form", "message": "z" * 600}, "invalid", 0, ["z" * 500]),
        ({"problem": 7}, "invalid", 0, [""]),
        ({"problem": "right"}, "invalid", 0, [""]),
        ([1], "invalid", 0, ["The answer is not what the exercise hands over."]),
        (None, "invalid", 0, ["The answer is not what the exercise hands over."]),
    ],
)
def test_verdicts(data: Any, state: str, points: float, messages: list[str]) -> None:
    verdict = judge(exercise(), data, {"number": 3.0})
    assert (verdict.state, verdict.points) == (state, points)
    assert [part.message for part in verdict.parts] == messages
    assert sum(part.points for part in verdict.parts) == 3


@pytest.mark.parametrize(
    "error", [ZeroDivisionError, TypeError, ValueError, KeyError, MemoryError, IndexError]
)
def test_a_judge_that_stumbles_keeps_the_points_so_far(error: type[Exception]) -> None:
    def stumbles(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
        yield part(1, True, right="One.", wrong="None.")
        raise error("w" * 600)

    verdict = judge(exercise(judge=stumbles), {}, {})
    assert (verdict.state, verdict.points) == ("partly", 1)
    one, left = verdict.parts
    assert (left.points, left.passed) == (2, False)
    assert left.message.startswith("The answer could not be judged: ")
    assert len(left.message) == 500


def test_a_fault_of_the_judge_itself_is_not_hidden() -> None:
    def broken(answer: Answer, inputs: dict[str, Any]) -> Iterator[Part]:
        yield part(1, True, right="One.", wrong="None.")
        raise NameError("undefined")

    with pytest.raises(NameError):
        judge(exercise(judge=broken), {}, {})


def test_what_a_reader_sees() -> None:
    verdict = judge(exercise(), {"twice": 6.0, "name": "to"}, {"number": 3.0})
    assert repr(verdict) == "Twice: 2 of 3 points.\n✓ Doubled.\n✗ Not named."
    assert verdict._repr_markdown_() == (
        "**Twice: 2 of 3 points.**\n\n- ✓ Doubled.\n- ✗ Not named."
    )
    asks = judge(exercise(title="Twice?"), {"problem": "stub", "message": "Go."}, {})
    assert asks.heading == "Twice? 0 of 3 points. Not solved yet."
    raised = judge(exercise(), {"problem": "raised", "message": "E"}, {})
    assert raised.heading == "Twice: 0 of 3 points. Your code raises an error."
    missing = _verdict.failed(exercise(), "missing", "Nothing there.")
    assert missing.heading == "Twice: 0 of 3 points. No answer was found."


@pytest.mark.parametrize("passed", [1, np.True_, "yes"])
def test_a_part_is_passed_or_not(passed: Any) -> None:
    assert part(1, passed, right="r", wrong="w") == Part(1, True, "r")
    assert part(1, not passed, right="r", wrong="w") == Part(1, False, "w")


def test_what_was_judged_stays() -> None:
    verdict = judge(exercise(), {"twice": 6.0, "name": "to"}, {"number": 3.0})
    for judged, name in ((verdict, "parts"), (verdict.parts[0], "points"), (exercise(), "points")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(judged, name, 100)


# --- the check cell and the list of exercises ---------------------------------------------------


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Exercise:
    small = exercise()
    monkeypatch.setattr(_registry, "_by_id", lambda: {small.id: small})
    return small


def test_a_check_takes_the_public_seed(listed: Exercise) -> None:
    seen = []

    def doubled(number: float) -> float:
        seen.append(number)
        return 2 * number

    assert check(listed.id, doubled).state == "right"
    assert seen == [2026]


def test_an_answer_that_changes_its_inputs_does_not_change_those_of_the_judge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def changes(answer: Any, inputs: dict[str, Any]) -> dict[str, Any]:
        inputs["number"] = 0.0
        return {"twice": 0.0, "name": "two"}

    small = exercise(probe=changes)
    monkeypatch.setattr(_registry, "_by_id", lambda: {small.id: small})
    assert check(small.id, fails).points == 1


def test_an_answer_that_is_too_large_is_told(listed: Exercise) -> None:
    verdict = check(listed.id, lambda number: np.zeros(2_000_000))
    assert (verdict.state, verdict.points) == ("invalid", 0)
    assert "larger than 8 MB" in repr(verdict)


def test_an_unknown_exercise_is_told_with_those_of_its_chapter() -> None:
    with pytest.raises(KeyError, match="There is no exercise 'ch02-x'") as told:
        get("ch02-x")
    listed = str(told.value).partition("There are ")[2].rstrip('."')
    assert {name[:4] for name in listed.split(", ")} == {"ch02"}
    with pytest.raises(KeyError, match="ch01-.*ch13-"):
        get("nonsense")


def test_exercises_of_a_chapter_keep_the_order_of_the_book() -> None:
    ids = [exercise.id for exercise in _registry.all_exercises()]
    of_seven = [exercise.id for exercise in _registry.of_chapter("07")]
    assert of_seven == [id for id in ids if id.startswith("ch07")]
    assert len(of_seven) >= 3
    assert [id[:4] for id in ids] == sorted(id[:4] for id in ids)
