"""Files that imports hand out: a template to fill in, and refused rows to correct."""

from collections.abc import Iterable, Sequence
from io import BytesIO

from django.utils.translation import gettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from leadhub.core.csv_cells import write_lines
from partners.imports.fields import FIELDS
from partners.imports.stored import say_reasons
from partners.models import ImportRow

# Tells spreadsheets that the file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"
_WIDTH = 24


def template_as_csv() -> bytes:
    """Write the headings in the reader's language, with nothing below them."""
    return (BYTE_ORDER_MARK + write_lines([_headings()])).encode()


def template_as_xlsx() -> bytes:
    """Write the headings, and on a second sheet what belongs below each of them."""
    book = Workbook(write_only=True)
    book.properties.creator = "leadhub"
    partners = book.create_sheet(gettext("Partners"))
    for number in range(1, len(FIELDS) + 1):
        partners.column_dimensions[_letter(number)].width = _WIDTH
    partners.append([_bold(partners, heading) for heading in _headings()])
    meanings = book.create_sheet(gettext("What belongs where"))
    for column, width in (("A", 32), ("B", 80), ("C", 28)):
        meanings.column_dimensions[column].width = width
    heads = (gettext("Column"), gettext("What belongs there"), gettext("Example"))
    meanings.append([_bold(meanings, head) for head in heads])
    for field in FIELDS.values():
        meanings.append([str(field.label), str(field.meaning), field.example])
    meanings.append([])
    meanings.append(["", gettext("A blank cell leaves what is there; - empties it.")])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _headings() -> list[str]:
    return [str(field.label) for field in FIELDS.values()]


def _bold(sheet: object, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _letter(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def refused_as_csv(columns: Sequence[str], rows: Iterable[ImportRow], *, heading: str = "") -> str:
    """Write refused rows as they were sent, with the reason, to be corrected and sent again.

    :param heading: of the column with the reason, where it has to be the same in every language.
    """
    head = [heading or gettext("reason"), *columns]
    lines = ([f"{row.line}: {say_reasons(row.problems)}", *row.cells] for row in rows)
    return BYTE_ORDER_MARK + write_lines([head, *lines])
