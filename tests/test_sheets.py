"""Spreadsheets from outside: read as they show themselves, refused in a sentence, and never a danger."""

import datetime as dt
import io
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from django.core import signing
from openpyxl import Workbook

from recommendations.data import sheets
from recommendations.data.sheets import Row, Sheet, Unreadable, opened, read_sheet
from tests.effort import effort

COLUMNS = ["reference", "text", "retired_on"]


def read(content, name="plan.csv"):
    return read_sheet(content, name=name, columns=COLUMNS)


def packed(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(*rows, title="recommendations", before=()):
    book = Workbook()
    book.remove(book.active)
    for name in before:
        book.create_sheet(name).append(["As at", "2020-06-30"])
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    return book


def with_part(content, name, part, compression=ZIP_DEFLATED):
    """The workbook with one part replaced or added."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(file, "w", compression) as new:
        for one in old.namelist():
            if one != name:
                new.writestr(one, old.read(one))
        new.writestr(name, part)
    return file.getvalue()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_with_and_without_a_mark_whatever_separates_it(mark, delimiter):
    text = f'reference{delimiter}text\r\n1.1{delimiter}"X̱wməθkwəy̓əm, and; more\ttext"\r\n'

    sheet = read(mark + text.encode())

    assert sheet.heading == ("reference", "text")
    assert sheet.rows == (Row(2, ("1.1", "X̱wməθkwəy̓əm, and; more\ttext")),)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("first", "delimiter"),
    [
        ("sep=;", ";"),
        ("sep=,", ","),
        ("sep=\t", "\t"),
        ("SEP=\\t", "\t"),
        ('"sep=;"', ";"),
        ("sep=|", "|"),
        ("sep=;;;", ";"),
    ],
)
def test_a_first_line_that_tells_what_separates_cells_is_no_row(mark, first, delimiter):
    text = f"{mark}{first}\r\nreference{delimiter}text\r\n1.1{delimiter}one\r\n"

    assert read(text.encode()) == Sheet("plan.csv", ("reference", "text"), (Row(2, ("1.1", "one")),))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_the_unicode_text_of_excel_is_read(encoding):
    text = "reference\ttext\r\n1.1\tX̱wməθkwəy̓əm; “two”, three\r\n"

    sheet = read((text if encoding == "utf-16" else f"\ufeff{text}").encode(encoding))

    assert sheet == Sheet("plan.csv", ("reference", "text"), (Row(2, ("1.1", "X̱wməθkwəy̓əm; “two”, three")),))


@pytest.mark.parametrize(("encoding", "name"), [("cp1252", "Windows-1252"), ("mac_roman", "Mac OS Roman")])
@pytest.mark.parametrize("words", ["La santé publique à l’œuvre – « été »", "The Mayor’s “café”", "José"])
def test_an_old_encoding_is_told_by_its_accents_and_named(encoding, name, words):
    sheet = read(f"reference;text\r\n1.1;{words}\r\n".encode(encoding))

    assert (sheet.rows, sheet.encoding) == ((Row(2, ("1.1", words)),), name)
    assert opened(sheet.sealed()) == sheet


def test_rows_are_counted_as_spreadsheet_programs_show_them():
    sheet = read(b'reference,text\r\n\r\n1.1,"one\ntwo\nthree"\r\n,,\r\n1.2,x\r\n')

    assert [row.number for row in sheet.rows] == [3, 5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("reference,text\n1.1,Žižek, médecin".encode("cp1252"), "not in UTF-8"),
        ("reference,text\n1.1,привет".encode("cp1251"), "not in UTF-8"),
        ("reference,text".encode("utf-16")[:-1], "not in UTF-8"),
        (b'reference,text\n1.1,"never ends', "Row 2 has a quotation mark"),
        (b'reference,text\n1.1,"a"b', "Row 2 has a quotation mark"),
        (b"", "first row must name the columns"),
        (b"\n\nreference,text\n", "first row must name the columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old workbook"),
        (b"PK\x03\x04 and then nothing", "can’t be read"),
        (b"x" * (sheets.LARGEST + 1), "larger than 2 MB"),
        (b"reference\n" + b"1.1\n" * 1_001, "more than 1000 rows"),
        (b"reference\n" + b"\n" * 20_000 + b"1.1\n", "beyond row 20000"),
        (b"reference\n" + b"x," * 60 + b"x\n", "Row 2 has more than 60 columns"),
    ],
)
def test_what_is_no_sheet_is_refused_in_a_sentence(content, words):
    with pytest.raises(Unreadable, match=words):
        read(content)


def test_a_workbook_is_read_from_the_sheet_that_has_the_columns():
    book = workbook(
        ["Reference ", "TEXT", "Retired on"],
        ["1.1", "=1+1", dt.datetime(2020, 6, 30)],  # noqa: DTZ001 (a workbook knows no time zone)
        [2.1, 7, dt.date(2020, 7, 1)],
        before=["about", "chart"],
    )
    book["recommendations"]["B2"].data_type = "s"

    sheet = read(packed(book), name="plan.xlsx")

    assert sheet.heading == ("Reference ", "TEXT", "Retired on")
    assert sheet.rows == (Row(2, ("1.1", "=1+1", "2020-06-30")), Row(3, ("2.1", "7", "2020-07-01")))
    assert sheet.decimals == (0,)


def test_no_formula_is_run():
    book = workbook(["reference", "text"], ["1.1", '=HYPERLINK("https://evil.example/")'])

    assert read(packed(book)).rows == (Row(2, ("1.1",)),)


def test_a_cell_far_away_costs_nothing():
    book = workbook(["reference", "text"], ["1.1", "x"])
    book["recommendations"]["XFD2"] = "far"
    book["recommendations"]["A1048576"] = "low"
    content = packed(book)

    def refused():
        with pytest.raises(Unreadable, match="beyond row"):
            read(content)

    assert effort(refused, limit=5) < 5


def test_a_bomb_is_refused_before_it_is_unpacked():
    bomb = with_part(packed(workbook(["reference"], ["1.1"])), "xl/media/bomb.xml", b"0" * 50_000_000)
    assert len(bomb) < 100_000

    with pytest.raises(Unreadable, match="unpacks to more than 20 MB"):
        read(bomb)


def test_one_text_shown_a_thousand_times_is_refused():
    book = workbook(["reference", "text"], *[["1.1", "x" * 30_000]] * 100)

    with pytest.raises(Unreadable, match="more than two million characters"):
        read(packed(book))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % a SYSTEM "http://evil.example/">',
    ],
)
def test_xml_that_declares_what_expands_is_refused(declared, encoding):
    part = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [{declared}]><sst/>'.encode(encoding)
    content = with_part(packed(workbook(["reference", "text"], ["1.1", "x"])), "xl/sharedStrings.xml", part)

    with pytest.raises(Unreadable, match="document type"):
        read(content)


def test_broken_xml_is_refused():
    content = with_part(packed(workbook(["reference"], ["1.1"])), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData>")

    with pytest.raises(Unreadable, match="can’t be read"):
        read(content)


def test_a_workbook_packed_as_no_program_packs_one_is_refused():
    # Such a part may ask for gigabytes to be unpacked in, and fails in ways of its own where it is broken.
    content = bytearray(with_part(packed(workbook(["reference"], ["1.1"])), "x.xml", b"<x/>" * 1000, ZIP_LZMA))
    broken = content.replace(b"x.xml\x09\x04\x05\x00]", b"x.xml\x09\x04\x05\x00\xff")
    assert broken != content

    for hostile in (content, broken):
        with pytest.raises(Unreadable, match="can’t be read"):
            read(bytes(hostile))


def test_a_line_ending_that_excel_spells_out_is_one():
    book = workbook(["reference", "text"], ["1.1", "one_x000D_\ntwo"])

    assert read(packed(book)).rows == (Row(2, ("1.1", "one\r\ntwo")),)


def test_a_sheet_is_carried_by_a_page_and_nothing_else_is_taken_for_one():
    sheet = read(b"reference,text\n1.1,one\n\n1.2,two\n")

    assert opened(sheet.sealed()) == sheet
    assert opened(sheet.sealed()[:-1]) is None
    assert opened(signing.dumps(["x"], salt="another")) is None
    assert opened("") is None
