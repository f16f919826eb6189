"""Tables that people upload: read in any usual encoding, or refused with what to do."""

from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from hypothesis import example, given, settings, strategies as st

from leadhub.core.csv_cells import write_lines
from leadhub.core.sheets import UNPACKED_AT_MOST, UnreadableTable
from leadhub.core.tables import COLUMNS_AT_MOST, UploadedTable, read_table
from tests.workbooks import raw_workbook, text_cell, workbook

# As a spreadsheet has it: without a zone.
HALF_PAST_EIGHT = datetime.combine(date(2027, 1, 2), time(8, 30))
HEAD = "Nummer;Firma;Straße\n"


def table(content: bytes, *, rows_at_most: int = 100) -> UploadedTable:
    return read_table(content, rows_at_most=rows_at_most)


def cells(content: bytes) -> list[list[str]]:
    found = table(content)
    return [list(found.headings), *(list(row.cells) for row in found.rows)]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850", "mac_roman"],
)
def test_reads_umlauts_in_every_usual_encoding(encoding: str) -> None:
    content = f"{HEAD}1;Müller & Söhne;Äußere Straße 5\n".encode(encoding)

    assert cells(content) == [
        ["Nummer", "Firma", "Straße"],
        ["1", "Müller & Söhne", "Äußere Straße 5"],
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_reads_every_usual_separator_and_end_of_line(delimiter: str, ending: str) -> None:
    lines = [["number", "name"], ["1", 'Huber "Heizung"; GmbH, Sohn'], ["2", ""]]
    text = ending.join(
        delimiter.join(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in one) for one in lines
    )

    assert cells(text.encode()) == [["number", "name"], lines[1], ["2"]]


def test_takes_line_breaks_in_quotes_for_a_part_of_the_cell() -> None:
    found = table(b'number,name\n1,"Huber\nHeizung"\n2,Meier\n')

    assert [(row.line, list(row.cells)) for row in found.rows] == [
        (2, ["1", "Huber\nHeizung"]),
        (4, ["2", "Meier"]),
    ]


def test_knows_the_line_that_tells_excel_the_separator() -> None:
    found = table(b"sep=;\nnumber;name\n1;a,b,c\n")

    assert list(found.headings) == ["number", "name"]
    assert found.rows[0].line == 3


def test_leaves_out_blank_rows_and_columns_at_the_end() -> None:
    found = table(b"\n;;\nnumber;name;;\n\n1;Huber;;;\n;;;\n")

    assert list(found.headings) == ["number", "name"]
    assert [(row.line, list(row.cells)) for row in found.rows] == [(5, ["1", "Huber"])]


def test_reads_back_what_was_kept_from_being_a_formula() -> None:
    line = ["1", "+49 89 1", "=1+1", "-", "@x", "'quoted"]
    content = write_lines([["a", "b", "c", "d", "e", "f"], line]).encode()

    assert cells(content)[1] == line


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "neither CSV nor XLSX"),
        (b"\n\n", "no rows"),
        (b"number;name\n", "no rows"),
        (b"%PDF-1.7\n", "neither CSV nor XLSX"),
        (b"\x89PNG\r\n\x1a\nxxxx", "neither CSV nor XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Excel file of the old kind"),
        (b"\xff\xfea", "neither CSV nor XLSX"),
        (b'number;name\n1;"Huber\n2;Meier\n', "Line 2"),
        (b'number;name\n1;Huber\n2;"Me"ier\n', "Line 3"),
        (b"number\n" + b"1\n" * 101, "more than 100 rows"),
        (b";".join([b"x"] * (COLUMNS_AT_MOST + 1)) + b"\n1\n", "more than 100 columns"),
        (b"number;name\n1;" + b"x" * 200_000, "Line 2"),
    ],
)
def test_says_why_a_file_cannot_be_read(content: bytes, message: str) -> None:
    with pytest.raises(UnreadableTable, match=message):
        table(content)


def test_reads_a_sheet_with_what_its_cells_mean() -> None:
    content = workbook(
        [
            ["Nummer", "Firma", "PLZ", "Umkreis", "gültig bis", "um", "aktiv", "leer"],
            [],
            [1001, "Müller", "01067", 47.5, date(2027, 12, 31), HALF_PAST_EIGHT, True],
            [1002.0, " Huber ", 1067, 50.0, None, None, False],
        ]
    )

    assert cells(content) == [
        ["Nummer", "Firma", "PLZ", "Umkreis", "gültig bis", "um", "aktiv", "leer"],
        ["1001", "Müller", "01067", "47.5", "2027-12-31", "2027-01-02T08:30:00", "true"],
        ["1002", "Huber", "1067", "50", "", "", "false"],
    ]
    assert [row.line for row in table(content).rows] == [3, 4]


def test_takes_the_value_of_a_formula_and_never_the_formula() -> None:
    row = '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2"><f>HYPERLINK("x")</f></c></row>'
    head = f'<row r="1">{text_cell("A1", "number")}{text_cell("B1", "name")}</row>'

    assert cells(raw_workbook(head + row)) == [["number", "name"], ["2"]]


def test_reads_the_first_sheet_in_which_anything_stands() -> None:
    content = workbook([["number"], ["1"]], sheet="Zweites")

    assert cells(content) == [["number"], ["1"]]


def test_ignores_macros() -> None:
    head = f'<row r="1">{text_cell("A1", "number")}</row><row r="2"><c r="A2"><v>7</v></c></row>'

    assert cells(raw_workbook(head, {"xl/vbaProject.bin": b"\0" * 10})) == [["number"], ["7"]]


FAR = (
    f'<row r="1">{text_cell("A1", "number")}</row><row r="2"><c r="A2"><v>1</v></c></row>'
    f'<row r="1048576">{text_cell("XFD1048576", "far")}</row>'
)


def test_is_not_stretched_by_a_cell_far_away() -> None:
    assert cells(raw_workbook(FAR)) == [["number"], ["1"]]


def zeros() -> bytes:
    return raw_workbook("", {"xl/media/x.bin": b"\0" * (UNPACKED_AT_MOST + 1)})


def lying() -> bytes:
    """Say of a part that it is small: the list of parts and the part itself are changed."""
    content = raw_workbook("<row/>", {"xl/big.xml": b"0" * 4_000_000})
    return content.replace((4_000_000).to_bytes(4, "little"), (400).to_bytes(4, "little"))


def growing() -> bytes:
    entity = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    return raw_workbook('<row r="1"><c t="str"><v>&b;</v></c></row>', before=entity)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (zeros, "too much"),
        (lying, "damaged"),
        (growing, "damaged"),
        (lambda: workbook([["number"], ["1"]])[:-100], "damaged"),
        (lambda: workbook([["number"], ["1"]])[:200], "damaged"),
        (lambda: raw_workbook("<row><c"), "damaged"),
        (
            lambda: raw_workbook('<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'),
            "damaged|no rows",
        ),
        (lambda: b"PK\x03\x04" + b"x" * 100, "damaged"),
        (lambda: workbook([["number"]]), "no rows"),
    ],
    ids=[
        "zeros",
        "lying",
        "growing",
        "cut",
        "short",
        "no XML",
        "no such row",
        "no archive",
        "bare",
    ],
)
def test_refuses_a_workbook_that_is_broken_or_a_trap(
    make: Callable[[], bytes], message: str
) -> None:
    with pytest.raises(UnreadableTable, match=message):
        table(make())


def read_or_refused(content: bytes) -> None:
    """Read it; no failure but the declared one may come."""
    try:
        found = table(content)
    except UnreadableTable:
        return
    assert found.rows
    assert all(isinstance(cell, str) for row in found.rows for cell in row.cells)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400))
@example(b"\xff\xfe")
@example(b'"')
@example(b"sep=\n1")
@example(b"sep=\x0a\n")
def test_reads_or_refuses_any_bytes(content: bytes) -> None:
    read_or_refused(content)


@settings(deadline=None, max_examples=200)
@given(
    st.text(alphabet="a1;,\t|\"\n\r='é€\0\ufeff", max_size=120),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
)
def test_reads_or_refuses_any_text(text: str, encoding: str) -> None:
    read_or_refused(text.encode(encoding, "replace"))


BOOK = workbook([["number", "name"], [1, "a"], ["2", date(2027, 1, 1)]])


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, len(BOOK) - 1), st.integers(0, 255)), min_size=1, max_size=12)
)
def test_reads_or_refuses_a_workbook_with_any_bytes_changed(changes: list[tuple[int, int]]) -> None:
    content = bytearray(BOOK)
    for place, byte in changes:
        content[place] = byte

    read_or_refused(bytes(content))


XML = st.lists(
    st.sampled_from(
        [
            *('<row r="1">', "<row>", "</row>", '<row r="0">', '<row r="-3">', "&#0;"),
            *('<c r="A1">', '<c r="ZZZ1" t="s">', '<c t="d">', "</c>", "<f>1</f>"),
            *("<v>1</v>", "<v>x</v>", "<v>-1e9</v>", "<is><t>a</t></is>"),
            *('<c r="A1" t="b"><v>2</v></c>', '<c r="B2" s="99"><v>1e400</v></c>'),
        ]
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=150)
@given(XML)
def test_reads_or_refuses_any_sheet(parts: list[str]) -> None:
    read_or_refused(raw_workbook("".join(parts)))
