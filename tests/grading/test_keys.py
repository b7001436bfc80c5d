"""Keys: made once, read with clear errors, and seeds that tell nothing about each other."""

import os
import re
import stat

import pytest

from course_utils.exercises import all_exercises
from course_utils.grading.keys import KeyFileError, fingerprint, make_key, read_key, seed_of

KEY = bytes(range(32))


def test_a_new_key_is_read_back_and_differs_from_the_next(tmp_path) -> None:
    make_key(tmp_path / "a.key")
    make_key(tmp_path / "b.key")
    first, second = read_key(tmp_path / "a.key"), read_key(tmp_path / "b.key")
    assert len(first) == 32
    assert first != second


@pytest.mark.skipif(os.name != "posix", reason="Windows has other permissions")
def test_only_its_owner_can_read_a_key(tmp_path) -> None:
    mask = os.umask(0)
    try:
        make_key(tmp_path / "a.key")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a.key").stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(tmp_path) -> None:
    path = tmp_path / "a.key"
    make_key(path)
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match="exists already"):
        make_key(path)
    assert path.read_bytes() == before
    with pytest.raises(KeyFileError, match="cannot be written"):
        make_key(tmp_path / "no" / "folder.key")


@pytest.mark.parametrize("content", [b"", b"secret", b"\xff\xfe\x00", b"0" * 63, b"0" * 66])
def test_something_else_is_no_key(tmp_path, content: bytes) -> None:
    (tmp_path / "a.key").write_bytes(content)
    with pytest.raises(KeyFileError, match="is not a key"):
        read_key(tmp_path / "a.key")


def test_a_missing_key_says_how_to_make_one(tmp_path) -> None:
    with pytest.raises(KeyFileError, match="course key"):
        read_key(tmp_path / "a.key")
    with pytest.raises(KeyFileError, match="cannot be read"):
        read_key(tmp_path)


def test_editors_may_add_a_mark_and_line_ends(tmp_path) -> None:
    (tmp_path / "a.key").write_bytes(b"\xef\xbb\xbf" + KEY.hex().upper().encode() + b"\r\n\r\n")
    assert read_key(tmp_path / "a.key") == KEY


def test_seeds_depend_on_key_and_exercise() -> None:
    ids = [exercise.id for exercise in all_exercises()]
    seeds = {seed_of(key, id) for key in (KEY, KEY[::-1]) for id in ids}
    assert len(seeds) == 2 * len(ids)
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert max(seeds) > 2**60
    # Changing how seeds are made would change the marks of a term.
    assert seed_of(KEY, "ch01-stable-limit") == 7053105013293573510


def test_a_fingerprint_does_not_tell_the_key() -> None:
    assert re.fullmatch("[0-9a-f]{16}", fingerprint(KEY))
    assert fingerprint(KEY) not in KEY.hex()
    assert fingerprint(KEY) != fingerprint(KEY[::-1])
