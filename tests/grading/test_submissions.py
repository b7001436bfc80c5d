"""Whose work a file is: as Canvas, Moodle and people name files, in folders and in zips."""

import os
import struct
import zipfile
from pathlib import Path

import pytest

from course_utils.grading.notebooks import LARGEST, NotebookError
from course_utils.grading.roster import RosterError, Student, name_forms, read_roster
from course_utils.grading.submissions import Collected, SubmissionsError, collect
from tests.grading.standin import notebook

RAW = notebook(["x = 1"])
CLASS = [
    Student("s1001", "Anna Maria Müller", "anna@uni.edu", "501", "am001"),
    Student("s1002", "Ben Okafor", "b.okafor@uni.edu", "502", "bo002"),
    Student("s1003", "李 Wei", "w.li@uni.edu", "503"),
    Student("s1004", "Kim Lee", "kim1@uni.edu", "504"),
    Student("s1005", "Kim Lee", "kim2@uni.edu", "505"),
]


def folder(path: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(RAW)
        os.utime(file, (1_700_000_000 + number, 1_700_000_000 + number))
    return path


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, RAW)
    return path


def owners(collected: Collected) -> dict[str, list[str]]:
    return {s.student.id: [f.name for f in s.files] for s in collected.submissions if s.files}


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("mulleranna_501_9001_04-exercises.ipynb", "s1001"),
        ("whoever_LATE_502_9001_file.ipynb", "s1002"),
        ("okaforben_99_9001_file-1.ipynb", "s1002"),
        ("mülleranna maria_99_9001_a_b_c.ipynb", "s1001"),
        ("Anna Maria Müller_77_assignsubmission_file_/file.ipynb", "s1001"),
        ("Ben Okafor_77_assignsubmission_file/deep/file.ipynb", "s1002"),
        ("Ben Okafor_77_assignsubmission_file_file.ipynb", "s1002"),
        ("s1003.ipynb", "s1003"),
        ("S1003.IPYNB", "s1003"),
        ("s1003 (2).ipynb", "s1003"),
        ("s1003-2.ipynb", "s1003"),
        ("s1003/any name.ipynb", "s1003"),
        ("handed in/s1003/Untitled-1.ipynb", "s1003"),
        ("am001.ipynb", "s1001"),
        ("kim2@uni.edu.ipynb", "s1005"),
        ("kim2.ipynb", "s1005"),
        ("b.okafor/x.ipynb", "s1002"),
        ("Okafor, Ben.ipynb", "s1002"),
        ("ANNA_MARIA_MULLER.ipynb", "s1001"),
        ("李Wei.ipynb", "s1003"),
        ("04-exercises_s1002.ipynb", "s1002"),
        ("s1002 homework final.ipynb", "s1002"),
    ],
)
def test_names_are_matched(tmp_path, name: str, student: str) -> None:
    for source in (folder(tmp_path / "a", name), zipped(tmp_path / "a.zip", name)):
        collected = collect(source, CLASS)
        assert owners(collected) == {student: [name]}
        assert not collected.unmatched
        assert not collected.ambiguous


@pytest.mark.parametrize(
    "name",
    ["nobody.ipynb", "s100.ipynb", "xs1002.ipynb", "Ben.ipynb", "Wei.ipynb", "a_9_9_s1002.ipynb"],
)
def test_who_is_unknown_is_reported_and_not_guessed(tmp_path, name: str) -> None:
    collected = collect(folder(tmp_path, name), CLASS)
    assert collected.unmatched == (name,)
    assert owners(collected) == {}
    assert [s.student for s in collected.submissions] == CLASS


@pytest.mark.parametrize(
    ("name", "students"),
    [
        ("leekim_99_1_file.ipynb", ("s1004", "s1005")),
        ("Kim Lee_9_assignsubmission_file_/x.ipynb", ("s1004", "s1005")),
        ("s1001/s1002.ipynb", ("s1001", "s1002")),
        ("s1001_s1002.ipynb", ("s1001", "s1002")),
    ],
)
def test_what_may_be_of_several_is_reported_and_not_guessed(tmp_path, name, students) -> None:
    collected = collect(folder(tmp_path, name), CLASS)
    assert collected.ambiguous == ((name, students),)
    assert owners(collected) == {}


def test_the_number_of_canvas_settles_equal_names(tmp_path) -> None:
    names = ["leekim_504_1_file.ipynb", "leekim_505_2_file.ipynb"]
    found = owners(collect(folder(tmp_path, *names), CLASS))
    assert found == {"s1004": names[:1], "s1005": names[1:]}


def test_late_is_told_by_canvas(tmp_path) -> None:
    collected = collect(folder(tmp_path, "a_LATE_501_1_f.ipynb", "b_502_1_f.ipynb"), CLASS)
    late = {s.student.id: s.files[0].origin.is_late for s in collected.submissions if s.files}
    assert late == {"s1001": True, "s1002": False}


@pytest.mark.parametrize(
    ("names", "latest"),
    [
        (["a_501_7_f.ipynb", "a_501_7_f-1.ipynb", "a_501_7_f-2.ipynb"], "a_501_7_f-2.ipynb"),
        (["a_501_7_f-10.ipynb", "a_501_7_f-9.ipynb", "a_501_7_f.ipynb"], "a_501_7_f-10.ipynb"),
        (["a_501_8_f.ipynb", "a_501_7_f-3.ipynb"], "a_501_8_f.ipynb"),
        (["s1001 (2).ipynb", "s1001 (1).ipynb", "s1001.ipynb"], "s1001 (2).ipynb"),
        (["s1001/b.ipynb", "s1001/a.ipynb"], "s1001/a.ipynb"),  # by time
        (["s1001/a.ipynb", "s1001/b.pdf"], "s1001/a.ipynb"),
    ],
)
def test_the_latest_notebook_comes_first(tmp_path, names: list[str], latest: str) -> None:
    files = owners(collect(folder(tmp_path, *names), CLASS))["s1001"]
    assert files[0] == latest
    assert len(files) == sum(name.endswith("ipynb") for name in names)


def test_another_file_is_kept_where_there_is_no_notebook(tmp_path) -> None:
    found = owners(collect(folder(tmp_path, "s1001.pdf", "s1002.ipynb"), CLASS))
    assert found == {"s1001": ["s1001.pdf"], "s1002": ["s1002.ipynb"]}


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["anna.ipynb", "ben.ipynb"], ["anna", "ben"]),
        (["top/anna.ipynb", "top/ben.ipynb"], ["anna", "ben"]),
        (["top/anna/x.ipynb", "top/ben/y.ipynb"], ["anna", "ben"]),
        (["anna/x.ipynb", "anna/y.ipynb", "ben/x.ipynb"], ["anna", "ben"]),
        (["anna.ipynb", "anna (1).ipynb", "anna-1.ipynb"], ["anna"]),
        (["group-1.ipynb", "group-2.ipynb"], ["group-1", "group-2"]),
        (["a_501_1_x.ipynb", "a_501_1_x-1.ipynb", "b_502_2_x.ipynb"], ["501", "502"]),
        (["A B_7_assignsubmission_file_/x.ipynb"], ["A B"]),
        (["anna/x.ipynb"], ["anna"]),
    ],
)
def test_without_a_roster_every_name_is_a_student(tmp_path, names, students) -> None:
    found = collect(folder(tmp_path, *names))
    assert [s.student.id for s in found.submissions] == students
    assert sum(len(s.files) for s in found.submissions) == len(names)


def test_a_single_notebook_is_a_class_of_one(tmp_path) -> None:
    source = folder(tmp_path, "anna.ipynb", "ben.ipynb") / "anna.ipynb"
    assert owners(collect(source)) == {"anna": ["anna.ipynb"]}


def test_what_computers_add_is_left_out(tmp_path) -> None:
    names = ["__MACOSX/._s1001.ipynb", ".ipynb_checkpoints/s1001-checkpoint.ipynb", "Thumbs.db"]
    collected = collect(zipped(tmp_path / "a.zip", "s1001.ipynb", *names), CLASS)
    assert owners(collected) == {"s1001": ["s1001.ipynb"]}
    assert not collected.unmatched


def test_links_lead_nowhere(tmp_path) -> None:
    secret = tmp_path / "secret.key"
    secret.write_text("secret")
    source = folder(tmp_path / "in", "s1001.ipynb")
    (source / "s1002.ipynb").symlink_to(secret)
    assert owners(collect(source, CLASS)) == {"s1001": ["s1001.ipynb"]}
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("s1001.ipynb", RAW)
        link = zipfile.ZipInfo("s1002.ipynb")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(secret))
    assert owners(collect(tmp_path / "a.zip", CLASS)) == {"s1001": ["s1001.ipynb"]}


def test_names_in_a_zip_become_no_paths(tmp_path, monkeypatch) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    names = ["../../s1001.ipynb", "/tmp/s1002.ipynb", "..\\s1003.ipynb"]
    collected = collect(zipped(tmp_path / "a.zip", *names), CLASS)
    assert [file.read() for s in collected.submissions for file in s.files] == [RAW] * 3
    assert all(".." not in n and n[0] != "/" for (n,) in owners(collected).values())
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.zip", "inside"]


def test_a_zip_bomb_is_not_unpacked(tmp_path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("s1001.ipynb", b" " * (LARGEST + 5_000_000))
    data = bytearray(path.read_bytes())  # and lies about its size, in both places
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + offset, 2**31 - 1)
    path.write_bytes(data)
    (file,) = collect(path, CLASS).submissions[0].files
    assert len(file.read()) == LARGEST + 1


def test_a_damaged_member_is_told_when_it_is_read(tmp_path) -> None:
    path = zipped(tmp_path / "a.zip", "s1001.ipynb")
    data = bytearray(path.read_bytes())
    data[50:60] = bytes(10)
    path.write_bytes(data)
    (file,) = collect(path, CLASS).submissions[0].files
    with pytest.raises(NotebookError, match="cannot be read"):
        file.read()


def test_what_is_no_collection_is_told(tmp_path) -> None:
    (tmp_path / "a.zip").write_text("no zip")
    (tmp_path / "empty").mkdir()
    folder(tmp_path / "pdf", "a.pdf")
    for name, says in {
        "none": "There is no",
        "a.zip": "neither a folder nor a zip",
        "empty": "no notebooks",
        "pdf": "1 other files",
    }.items():
        with pytest.raises(SubmissionsError, match=says):
            collect(tmp_path / name, CLASS)


# --- rosters ------------------------------------------------------------------------------------


def roster(path: Path, text: str, encoding: str = "utf-8") -> list[Student]:
    (path / "class.csv").write_bytes(text.encode(encoding))
    return read_roster(path / "class.csv")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("id,name,email\n1,Zoë Ng,z@u\n2,Al Bo,a@u\n", "utf-8"),
        ("ID;Name;E-Mail\r\n1;Zoë Ng;z@u\r\n2;Al Bo;a@u\r\n", "utf-8-sig"),
        ("Student ID\tFull name\tEmail address\n1\tZoë Ng\tz@u\n\n2\tAl Bo\ta@u", "utf-16"),
        ('"Student_Number"|"student"|"mail"\n" 1 "|Zoë Ng|z@u\n2|Al Bo|a@u\n|||\n', "utf-8"),
        ("first name,Last Name,id,mail,tutor\nZoë,Ng,1,z@u,x\nAl,Bo,2,a@u,x\n", "utf-8"),
    ],
)
def test_rosters_of_any_spreadsheet(tmp_path, text: str, encoding: str) -> None:
    expected = [Student("1", "Zoë Ng", "z@u"), Student("2", "Al Bo", "a@u")]
    assert roster(tmp_path, text, encoding) == expected


def test_names_may_hold_the_other_delimiter(tmp_path) -> None:
    text = 'id,"name; or what",name\n1,x;y;z,"Ng, Zoë"\n'
    assert roster(tmp_path, text) == [Student("1", "Ng, Zoë")]


def test_a_gradebook_of_canvas_is_a_roster(tmp_path) -> None:
    text = (
        "Student,ID,SIS User ID,SIS Login ID,Section,HW (77)\n"
        "    Points Possible,,,,,10\n"
        '"Ng, Zoë",501,s1,zng,A,\n"Bo, Al",502,s2,abo,A,3\n'
    )
    assert roster(tmp_path, text) == [
        Student("s1", "Ng, Zoë", "", "501", "zng"),
        Student("s2", "Bo, Al", "", "502", "abo"),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("id,name\n", "no students"),
        ("number,who\n1,a\n", "column id and a column name.*'number', 'who'"),
        ("id\n1\n", "a column name"),
        ("id,name,ID\n1,a,2\n", "two columns for the id"),
        ("id,name\n1,a\n,b\n", "row 3: there is no id"),
        ("id,name\nX,a\n2,b\nx,c\n", "id 'x' stands in the rows 2 and 4"),
        ("id,name,email\n1,a,M@u\n2,b,m@U\n", "email 'm@u' stands in the rows 2 and 3"),
    ],
)
def test_what_is_wrong_with_a_roster_is_told(tmp_path, text: str, says: str) -> None:
    with pytest.raises(RosterError, match=says):
        roster(tmp_path, text)


def test_files_that_are_no_rosters(tmp_path) -> None:
    with pytest.raises(RosterError, match="not in UTF-8"):
        roster(tmp_path, "id,name\n1,Zoë\n", "latin-1")
    zipped(tmp_path / "class.xlsx", "sheet.xml")
    with pytest.raises(RosterError, match="CSV"):
        read_roster(tmp_path / "class.xlsx")
    with pytest.raises(RosterError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")


@pytest.mark.parametrize("empty", ["", "  ", ",", "李"])
def test_short_names_have_no_forms_that_fit_everybody(empty: str) -> None:
    assert "" not in name_forms(empty)
    assert name_forms("李 A") == {"李a", "a李"}
