"""Mails as HTML, made of the same text that stands beside it as plain text.

A mail is written once, as text: its first line is the title, blank lines part paragraphs, a
paragraph that ends in an address becomes a button, an indented line stands out as a code. So both
parts always say the same. The frame is MJML, compiled once for each process, in the colours of the
manufacturer, and in those of the night where the reader has it dark.
"""

from collections.abc import Iterator
from email.utils import formataddr, parseaddr
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Template
from django.template.base import Template as Compiled
from django.utils import translation
from django.utils.translation import gettext
from mjml import mjml2html

FRAME = settings.BASE_DIR / "templates" / "emails" / "layout.mjml"
INDENTED = "    "
OURSELVES = "leadhub"


class Brand(NamedTuple):
    """Whose mail it is: the name at its head, the colour behind it, and that of text on it."""

    text: str = OURSELVES
    color: str = "#1e3a5f"
    ink: str = "#ffffff"


class Letter(NamedTuple):
    """A mail before it is packed.

    :ivar text: what follows the title.
    :ivar choose: where its reader chooses which notices to get; empty if there is no choice.
    :ivar is_optional: one may well do without; programs that read mail are told where.
    """

    title: str
    text: str
    language: str
    brand: Brand = Brand()
    choose: str = ""
    is_optional: bool = False


class Block(NamedTuple):
    """A piece of a mail: ``text``, ``code`` or ``button``."""

    kind: str
    text: str
    href: str = ""


def split_text(written: str) -> tuple[str, str]:
    """Part a template's outcome into the title, on one line whatever it holds, and the text."""
    title, _, text = written.strip().partition("\n")
    return " ".join(title.split()), text.strip() + "\n"


def pack(letter: Letter, *, to: str, message_id: str) -> EmailMultiAlternatives:
    """Make a mail with both parts.

    :param message_id: as it stands between the angle brackets; the same at every attempt.
    """
    headers = {"Message-ID": f"<{message_id}>", "Auto-Submitted": "auto-generated"}
    if letter.is_optional:
        headers["List-Unsubscribe"] = f"<{letter.choose}>"
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message = EmailMultiAlternatives(
        subject=letter.title,
        body=letter.text,
        from_email=formataddr((letter.brand.text, address)),
        to=[to],
        headers=headers,
    )
    message.attach_alternative(as_html(letter), "text/html")
    return message


def as_html(letter: Letter) -> str:
    """Write a mail as HTML; everything in it is escaped."""
    with translation.override(letter.language):
        blocks = list(blocks_of(letter.text))
        context = {
            "language": letter.language,
            "title": letter.title,
            "preview": next((block.text for block in blocks[1:] if block.kind == "text"), ""),
            "brand": letter.brand,
            "blocks": blocks,
            "sender": _sender(letter.brand),
            "choose": letter.choose,
            "choose_words": gettext("Choose what you are told, and how"),
        }
        return _frame().render(Context(context))


def blocks_of(text: str) -> Iterator[Block]:
    """Take a text apart; an address that stands alone on the last line is what to press."""
    for paragraph in text.strip("\n").split("\n\n"):
        lines = paragraph.rstrip().splitlines()
        if not lines:
            continue
        if lines[-1].startswith(("https://", "http://")) and " " not in lines[-1]:
            label = " ".join(lines[:-1]).strip().rstrip(":")
            yield Block("button", label or gettext("Open"), lines[-1])
        elif all(line.startswith(INDENTED) for line in lines):
            yield Block("code", paragraph.strip())
        else:
            yield Block("text", paragraph.strip())


def _sender(brand: Brand) -> str:
    if brand.text == OURSELVES:
        return gettext("Sent by leadhub.")
    return gettext("Sent by leadhub for %(name)s.") % {"name": brand.text}


@cache
def _frame() -> Compiled:
    return Template(mjml2html(FRAME.read_text(encoding="utf-8")))
