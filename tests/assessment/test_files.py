"""Files: types by content, sizes, names; a set of hostile ones."""

from __future__ import annotations

import io
import zipfile
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.files import LARGEST, LONGEST_NAME, TYPES, checked_file, safe_name, type_of
from courseware.assessment.kinds.upload import Ending, Upload
from courseware.assessment.questions import parse_question
from courseware.errors import Invalid
from tests.assessment.sample_files import GOOD, office

ALL = tuple(TYPES)


@pytest.mark.parametrize("name", GOOD)
def test_a_file_of_each_type_is_taken(name: str) -> None:
    file = checked_file(name, GOOD[name], ALL)
    assert (file.name, file.size) == (name, len(GOOD[name]))
    assert TYPES[file.type].media


@pytest.mark.parametrize("name", [name for name in GOOD if name.rpartition(".")[2] in ("pdf", "docx", "xlsx", "png", "jpg", "jpeg")])
@pytest.mark.parametrize("content", [b"<!doctype html><script>alert(1)</script>", b"\x00" * 64, b"PK\x03\x04 an archive of something else", b"MZ\x90\x00 a program"])
def test_what_is_in_it_must_be_what_its_name_says(name: str, content: bytes) -> None:
    with pytest.raises(Invalid, match="what is in it is none"):
        checked_file(name, content, ALL)


@pytest.mark.parametrize("content", [b"a\x00b", b"\x1b\x07", b"\x80\x81\xff\xff", "no text".encode("utf-16")])
def test_a_text_holds_text(content: bytes) -> None:
    with pytest.raises(Invalid, match="what is in it is none"):
        checked_file("notes.txt", content, ALL)


def test_a_table_written_by_a_chinese_spreadsheet_is_a_text() -> None:
    assert checked_file("calls.csv", "客户,日期\n蓝桥,3月\n".encode("gb18030"), ALL).type == "csv"


@pytest.mark.parametrize("name", ["run.exe", "page.html", "report.pdf.exe", "macro.xlsm", "archive.zip", "noending", ".pdf", "image.svg"])
def test_another_type_is_refused_and_the_types_are_named(name: str) -> None:
    with pytest.raises(Invalid, match=r"not of a type asked for here: pdf, docx"):
        checked_file(name, b"%PDF-1.7", ("pdf", "docx"))


def test_only_the_last_ending_counts() -> None:
    assert checked_file("plan.exe.pdf", b"%PDF-1.7", ALL).type == "pdf", "it is served as a PDF and as nothing else"
    assert type_of("PHOTO.JPEG") == "jpg"


def test_an_empty_file_is_told_from_a_wrong_one() -> None:
    with pytest.raises(Invalid, match="0 bytes"):
        checked_file("plan.pdf", b"", ALL)


def test_the_limit_is_ten_megabytes() -> None:
    assert checked_file("a.txt", b"x" * LARGEST, ALL).size == 10 * 1024 * 1024
    with pytest.raises(Invalid, match="at most 10 MB"):
        checked_file("a.txt", b"x" * (LARGEST + 1), ALL)


def test_an_archive_that_would_grow_is_looked_at_and_never_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"0" * 50_000_000)
    with pytest.raises(Invalid, match="none"):
        checked_file("bomb.docx", packed.getvalue(), ALL)
    assert checked_file("large.xlsx", office("xl/workbook.xml", b"0" * 20_000_000), ALL).size < 100_000


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\lin\\plan.pdf", "plan.pdf"),
        ("客户回访记录 第3周.docx", "客户回访记录 第3周.docx"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "abSet-Cookie_ x.pdf"),
        ("annual\u202efdp.exe", "annualfdp.exe"),
        (".htaccess", "htaccess"),
        ("a<b>|c?.txt", "a_b__c_.txt"),
        ("", "file"),
        ("...", "file"),
        ("/", "file"),
        ("e\u0301tude.txt", "étude.txt"),
        ("\ud800.txt", "?.txt".replace("?", "_")),
    ],
)
def test_a_name_is_no_path_and_no_trick_and_stays_readable(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


def test_a_long_name_keeps_its_ending() -> None:
    name = safe_name("报" * 400 + ".xlsx")
    assert len(name) == LONGEST_NAME
    assert name.endswith(".xlsx")


@given(st.text(max_size=300))
def test_any_name_becomes_a_plain_one(name: str) -> None:
    kept = safe_name(name)
    assert 0 < len(kept) <= LONGEST_NAME
    assert not set(kept) & set('/\\<>:"|?*\x00\n\r')
    assert not kept.startswith(".")
    assert safe_name(kept) == kept


# The kind


QUESTION: Any = parse_question(Upload.example()[0])
ENTRY = {"sha256": "a" * 64, "name": "plan.pdf", "size": 9}


def test_the_kind_knows_the_types_that_files_are_checked_for() -> None:
    assert get_args(Ending) == ALL


@pytest.mark.parametrize(
    "entry",
    [
        {**ENTRY, "sha256": "A" * 64}, {**ENTRY, "sha256": "../" + "a" * 61}, {**ENTRY, "size": "9"}, {**ENTRY, "size": True}, {**ENTRY, "size": -1}, {**ENTRY, "name": ""},
        {**ENTRY, "name": "x" * 500}, {"sha256": "a" * 64}, "plan.pdf", None, ["a"],
    ],
)  # fmt: skip
def test_an_entry_that_is_none_falls_out(entry: Any) -> None:
    assert QUESTION.clean([entry]) is None
    assert QUESTION.clean([entry, ENTRY]) == [ENTRY]


def test_an_answer_holds_a_file_once_and_no_more_than_asked() -> None:
    others = [{**ENTRY, "sha256": f"{n:064x}"} for n in range(9)]
    assert QUESTION.clean([ENTRY, {**ENTRY, "extra": 1}]) == [ENTRY]
    assert len(QUESTION.clean(others)) == QUESTION.most == 3


@pytest.mark.parametrize("value", ["[" * 1_999, "{", '{"sha256": 1}', "x" * 3_000, "null"])
def test_a_broken_field_of_a_form_gives_no_file(value: str) -> None:
    assert QUESTION.read({"q": [value]}, "q") is None
