"""The people of these tests: dealers with phones and a dispatcher at a desk, one network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadhub.core import clock
from leadhub.core.tenancy.context import system_context
from partners.memberships import Person, add_member
from partners.models import User
from tests.factors import give_app

if TYPE_CHECKING:
    from leads.models import Lead
    from partners.models import Partner
    from tests.factories import Network

PASSWORD = "kiesel-farn-igel-646"  # noqa: S105 - of people who do not exist


@dataclass(frozen=True)
class Dealer:
    """Somebody of a partner, who logs in by e-mail address."""

    email: str
    partner: Partner


def dealer(network: Network, name: str, *, language: str = "en", **details: Any) -> Dealer:
    """Add a partner in Munich with one person."""
    partner = network.partner(name=name, **details)
    email = f"{name.partition(' ')[0].lower()}@partners.example"
    person = Person(email=email, name=f"Kim {name}", password=PASSWORD, language=language)
    add_member(
        manufacturer=network.manufacturer, person=person, role="PARTNER_MANAGER", partner=partner
    )
    return Dealer(email, partner)


def colleague(network: Network, of: Dealer, name: str, *, language: str = "en") -> str:
    """Add somebody to a dealer; the e-mail address."""
    person = Person(
        email=f"{name.lower()}@partners.example", name=name, password=PASSWORD, language=language
    )
    add_member(
        manufacturer=network.manufacturer, person=person, role="PARTNER_REP", partner=of.partner
    )
    return person.email


def dispatcher(network: Network, *, language: str = "en") -> str:
    """Add somebody who may do everything at the manufacturer's desk; the e-mail address."""
    person = Person(
        email="dana@acme.example", name="Dana Desk", password=PASSWORD, language=language
    )
    membership = add_member(manufacturer=network.manufacturer, person=person, role="ADMIN")
    with system_context("test"):
        give_app(User.objects.get(id=membership.user_id))
    return person.email


def hot_lead(network: Network, **fields: Any) -> Lead:
    """Receive a lead now that is worth a call."""
    described = {
        "temperature": "HOT",
        "evidence": "Configured a heat pump and asked for a visit",
        "wish_summary": "Heat pump, 12 kW, detached house",
        "expected_value": "18000",
        "currency": "EUR",
    }
    return network.lead(at=clock.now(), **{**described, **fields})
