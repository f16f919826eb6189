"""Mails that people get, as they read them."""

import re

from django.core import mail as sent
from django.core.mail import EmailMessage

from leadhub.core import mail


def letters_to(address: str) -> list[EmailMessage]:
    """What was sent to somebody, oldest first."""
    while mail.send_due():
        pass
    return [letter for letter in sent.outbox if letter.to == [address]]


def link_in(letter: EmailMessage) -> str:
    """The path of the link in a mail."""
    found = re.search(r"https?://[^/\s]+(/\S+)", str(letter.body))
    assert found is not None, letter.body
    return found[1]


def code_in(letter: EmailMessage) -> str:
    """The code in a mail."""
    found = re.search(r"^    (\S+)$", str(letter.body), re.MULTILINE)
    assert found is not None, letter.body
    return found[1]
