"""Mails as the people of these tests get them: delivered now, and opened by their link or code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leads.messages import deliver_due
from tests.pages.linking import LINK, opened_by
from tests.people.letters import code_in, letters_to, link_in

if TYPE_CHECKING:
    from leads.models import LeadOffer


def last_link_to(email: str) -> str:
    """The path of the link in the last mail to somebody."""
    while deliver_due():
        pass
    return link_in(letters_to(email)[-1])


def link_to_offer(email: str, offer: LeadOffer) -> str:
    """The path of the link in the mail that told somebody of an offer."""
    while deliver_due():
        pass
    paths: list[str] = [
        path for letter in letters_to(email) for path in LINK.findall(str(letter.body))
    ]
    return next(path for path in paths if opened_by(path) == f"/linked/offers/{offer.id}/")


def last_code_to(email: str) -> str:
    """The code in the last mail to somebody."""
    return code_in(letters_to(email)[-1])
