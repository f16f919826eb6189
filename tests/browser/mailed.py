"""Mails as the people of these tests get them: delivered now, and opened by their link or code."""

from __future__ import annotations

from leads.messages import deliver_due
from tests.people.letters import code_in, letters_to, link_in


def last_link_to(email: str) -> str:
    """The path of the link in the last mail to somebody."""
    while deliver_due():
        pass
    return link_in(letters_to(email)[-1])


def last_code_to(email: str) -> str:
    """The code in the last mail to somebody."""
    return code_in(letters_to(email)[-1])
