"""Partners' people with their phones, at a moment of the test's choosing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadhub.core import clock
from leads.models import Assignment
from partners.memberships import Person, add_member
from partners.models import Membership, Partner
from tests.acting import MINUTE, accept
from tests.factories import NOON, ContactFactory, Network
from tests.pages.acting import by_script, logged_in

SOON = NOON + MINUTE
# A lead with everything that a partner decides by.
DESCRIBED: dict[str, Any] = {
    "temperature": "HOT",
    "evidence": "Asked for a quote",
    "wish_summary": "Heat pump for a farmhouse",
    "expected_value": "18000",
    "currency": "EUR",
}

CUSTOMER = {
    "first_name": "Erika",
    "last_name": "Beispiel",
    "email": "erika@example.com",
    "phone": "+498999998123",
    "street": "Hauptstraße 7",
}


class Phone:
    """A browser of one person; every request happens at ``at`` unless said otherwise."""

    def __init__(self, membership: Membership, *, at: datetime = SOON) -> None:
        self.client = logged_in(Client(), membership)
        self.at = at

    def open(self, path: str, *, at: datetime | None = None) -> str:
        """Open a page and read it."""
        response = self.ask(path, at=at)
        assert response.status_code == 200, response.status_code
        return read(response)

    def ask(self, path: str, *, at: datetime | None = None, method: str = "get") -> Any:
        """Ask for a page."""
        with clock.set_to(at or self.at):
            return getattr(self.client, method)(path)

    def poll(self, path: str, state: str, *, at: datetime | None = None, **query: str) -> Any:
        """Ask as a page does every other second: has anything changed."""
        headers = by_script(path, **{"If-None-Match": state})
        with clock.set_to(at or self.at):
            return self.client.get(path, query, headers=headers)

    def tap(self, path: str, *, at: datetime | None = None, target: str = "", **sent: Any) -> Any:
        """Press a button where scripts run.

        :param target: the element that the answer is for.
        """
        headers = by_script(path, **({"HX-Target": target} if target else {}))
        with clock.set_to(at or self.at):
            return self.client.post(path, sent, headers=headers)

    def send(self, path: str, *, at: datetime | None = None, **sent: Any) -> Any:
        """Press a button where no script runs."""
        with clock.set_to(at or self.at):
            return self.client.post(path, sent)


def person_of(network: Network, partner: Partner, email: str = "") -> Membership:
    """Let somebody who reads English act for a partner."""
    email = email or f"{partner.external_id}@{network.manufacturer.slug}.example"
    return add_member(
        manufacturer=network.manufacturer,
        person=Person(email=email, name="Robin Rep", password="x", language="en"),
        role="PARTNER_REP",
        partner=partner,
    )


def phone_of(network: Network, partner: Partner, email: str = "") -> Phone:
    """Give a partner somebody with a phone."""
    return Phone(person_of(network, partner, email))


def offer_to(world: Network, partner: Partner, **fields: Any) -> Any:
    """Offer a new lead; the offer to this partner."""
    lead = world.lead(**{**DESCRIBED, **fields})
    offer = next(offer for offer in world.offers(lead) if offer.partner_id == partner.id)
    offer.lead = lead
    return offer


def take(world: Network, offer: Any, rival: Partner, *, at: Any = SOON) -> None:
    """Let the rival accept the lead of an offer."""
    with_rival = [o for o in world.offers(offer.lead) if o.partner_id == rival.id]
    accept(with_rival[-1], at=at)


def hold(network: Network, *, at: Any = NOON, **fields: Any) -> Assignment:
    """Let a lead be accepted by the partner asked first."""
    contact = ContactFactory.build(**{**CUSTOMER, **fields.pop("contact", {})})
    lead = network.lead(at=at, contact=contact, **fields)
    assignment = accept(network.offers(lead)[0], at=at)
    assignment.lead = lead
    return assignment


def path_of(assignment: Assignment, act: str = "") -> str:
    """The address of a lead in hands, or of an act on it."""
    return f"/assignments/{assignment.id}/" + (f"{act}/" if act else "")


def read(response: Any) -> str:
    """Read an answer."""
    text: str = response.content.decode()
    return text


def state_in(page: str) -> str:
    """Read which state a page says it is in, to be sent with a poll."""
    watched = page.partition('data-state="&quot;')[2].partition("&quot;")[0]
    polled = page.partition("If-None-Match&quot;: &quot;\\&quot;")[2].partition("\\&quot;")[0]
    found = watched or polled
    assert found, "the page does not say what state it is in"
    return f'"{found}"'


def is_whole(page: str) -> bool:
    """Tell a whole page from a part of one."""
    return "<html" in page


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    """Count the statements that the block sends to the database."""
    with CaptureQueriesContext(connection) as captured:
        yield captured
