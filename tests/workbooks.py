"""Workbooks as spreadsheets write them, and as somebody with bad intent does."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats"
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="{_KIND}-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    f'ContentType="{_KIND}-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    f'ContentType="{_KIND}-officedocument.spreadsheetml.worksheet+xml"/>'
    "</Types>"
)
_RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_WORKBOOK = (
    f'<workbook xmlns="{_SPACE}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Partner" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_SHEETS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)


def workbook(rows: Sequence[Sequence[Any]], *, sheet: str = "Partner") -> bytes:
    """Write rows as a spreadsheet would."""
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(list(row))
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def raw_workbook(
    sheet_data: str, parts: Mapping[str, bytes] | None = None, *, before: str = ""
) -> bytes:
    """Write a workbook whose one sheet has this XML, by hand, with further parts."""
    sheet = f'{before}<worksheet xmlns="{_SPACE}"><sheetData>{sheet_data}</sheetData></worksheet>'
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS)
        archive.writestr("xl/workbook.xml", _WORKBOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _SHEETS)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, part in (parts or {}).items():
            archive.writestr(name, part)
    return content.getvalue()


def text_cell(place: str, text: str) -> str:
    """Write a cell with a text of its own."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
