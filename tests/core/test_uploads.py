"""Files are taken by what is in them, and named so that any system can save them."""

from collections.abc import Iterable
from io import BytesIO
from zipfile import ZipFile, ZipInfo

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.uploads import FORMATS, check_upload, clean_name, recognise
from tests.core.pictures import photograph
from tests.factories import PDF


def archive(*names: str) -> bytes:
    """Write an archive with these parts in it, the same at any hour: it names a test."""
    written = BytesIO()
    with ZipFile(written, "w") as parts:
        for name in names:
            parts.writestr(ZipInfo(name), "x")
    return written.getvalue()


TYPES = "[Content_Types].xml"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (PDF, "PDF"),
        (photograph("JPEG"), "JPEG"),
        (photograph("PNG"), "PNG"),
        (photograph("WEBP"), "WEBP"),
        (archive(TYPES, "xl/workbook.xml"), "XLSX"),
        (archive(TYPES, "word/document.xml"), "DOCX"),
        (archive(TYPES, "xl/workbook.xml", "xl/vbaProject.bin"), ""),
        (archive(TYPES, "xl/workbook.xml", "word/document.xml"), ""),
        (archive("xl/workbook.xml"), ""),
        (archive("evil.exe"), ""),
        (b"PK\x03\x04 cut off", ""),
        (b"<html><script>alert(1)</script>", ""),
        (b" %PDF-1.7", ""),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
        (b"", ""),
    ],
)
def test_knows_a_file_by_what_is_in_it(content: bytes, code: str) -> None:
    assert recognise(content) == code


@pytest.mark.parametrize(
    ("content", "allowed", "code"),
    [
        (b"", FORMATS, "empty"),
        (PDF + b"x" * 100, FORMATS, "too_large"),
        (b"MZ executable", FORMATS, "format"),
        (PDF, ("PNG",), "format"),
    ],
)
def test_says_why_it_does_not_take_a_file(
    content: bytes, allowed: Iterable[str], code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_upload(content, allowed=tuple(allowed), at_most=100, field="content")

    assert (refused.value.field, refused.value.code) == ("content", code)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("Preisliste Wärmepumpen (2026).pdf", "Preisliste Wärmepumpen (2026).pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\prices.exe", "prices.pdf"),
        ('a"b\r\nc.pdf', "a_b__c.pdf"),
        ("..", "otherwise.pdf"),
        ("", "otherwise.pdf"),
        ("x" * 500 + ".pdf", "x" * 120 + ".pdf"),
    ],
)
def test_names_a_file_as_any_system_can_save_it(name: str, cleaned: str) -> None:
    assert clean_name(name, of=FORMATS["PDF"], otherwise="otherwise") == cleaned
