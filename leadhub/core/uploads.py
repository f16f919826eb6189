"""What may be uploaded: a short list of formats, recognised by their content, never by a name."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from io import BytesIO
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext_noop

from leadhub.core.errors import InvalidInput

MEGABYTE = 1024 * 1024
LONGEST_NAME = 120


class Format(NamedTuple):
    """A format of files.

    :ivar code: how rows and programs name it.
    :ivar extension: with which a file of it is saved, whatever it was called.
    """

    code: str
    media_type: str
    extension: str


FORMATS: Mapping[str, Format] = {
    one.code: one
    for one in (
        Format("PDF", "application/pdf", "pdf"),
        Format("JPEG", "image/jpeg", "jpg"),
        Format("PNG", "image/png", "png"),
        Format("WEBP", "image/webp", "webp"),
        Format("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        Format(
            "DOCX",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "docx",
        ),
    )
}
PICTURES = frozenset({"JPEG", "PNG", "WEBP"})
# The first bytes of a format (the media types' registrations; RIFF of WebP names its kind later).
_BEGINNINGS = (
    ("PDF", re.compile(rb"%PDF-\d")),
    ("JPEG", re.compile(rb"\xff\xd8\xff")),
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("WEBP", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
)
# Of an archive, the part that makes it a document (ECMA-376); macros are not taken.
_MAIN_PARTS = {"xl/workbook.xml": "XLSX", "word/document.xml": "DOCX"}
_MACROS = "vbaproject.bin"
_OF_AN_ARCHIVE = b"PK\x03\x04"


def check_upload(
    content: bytes, *, allowed: Collection[str], at_most: int, field: str = "file"
) -> Format:
    """Tell which format a file has, if it is one that is taken.

    :param allowed: codes of formats.
    :param at_most: bytes.
    :raises InvalidInput: if it is empty, too large, or in none of these formats.
    """
    if not content:
        raise InvalidInput(
            field=field, message=gettext_noop("The file is empty; choose another."), code="empty"
        )
    if len(content) > at_most:
        raise too_large(field=field, at_most=at_most)
    code = recognise(content)
    if code not in allowed:
        names = ", ".join(one for one in FORMATS if one in allowed)
        raise InvalidInput(
            field=field,
            message=gettext_noop("This is none of the formats that are taken: %(formats)s."),
            params={"formats": names},
            code="format",
        )
    return FORMATS[code]


def too_large(*, field: str, at_most: int) -> InvalidInput:
    """Say that a file is larger than what is taken."""
    return InvalidInput(
        field=field,
        message=gettext_noop("The file is too large: at most %(size)s MB."),
        params={"size": at_most // MEGABYTE},
        code="too_large",
    )


def recognise(content: bytes) -> str:
    """Tell the format of a file by what is in it; empty if it is none of ours."""
    for code, beginning in _BEGINNINGS:
        if beginning.match(content):
            return code
    return _kind_of_archive(content) if content.startswith(_OF_AN_ARCHIVE) else ""


def _kind_of_archive(content: bytes) -> str:
    """Look into the list of an archive's parts; nothing of it is unpacked."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (BadZipFile, ValueError, NotImplementedError):
        return ""
    if "[content_types].xml" not in names or any(name.endswith(_MACROS) for name in names):
        return ""
    found = [code for part, code in _MAIN_PARTS.items() if part in names]
    return found[0] if len(found) == 1 else ""


def clean_name(name: str, *, of: Format, otherwise: str) -> str:
    """Name a file so that any system can save it, with the extension of its format.

    :param otherwise: what it is called if nothing of the name is left.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem = last.rpartition(".")[0] or last
    stem = re.sub(r"[^\w ().,+&-]", "_", stem).strip(" .")[:LONGEST_NAME].strip(" .")
    return f"{stem or otherwise}.{of.extension}"
