"""Small worlds of leads and facts, as values for the oracle and as rows for the SQL."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import system_context
from leads.models import Assignment, Lead, LeadEvent, LeadOffer, LeadProductLine
from leads.models.leads import LeadStatus
from partners.models import (
    Certification,
    CertificationLevel,
    Manufacturer,
    Partner,
    ProductLine,
    User,
)

PARTNERS = ("A", "B", "C")
LINES = ("doors", "heating", "windows")
PEOPLE = ("Kim", "Robin")
# Rank of each level, and who holds which until when.
LEVELS = {"bronze": 1, "gold": 3}
HELD: dict[str, tuple[tuple[str, date | None], ...]] = {
    "A": (("bronze", None), ("gold", None)),
    "B": (("gold", date(2026, 9, 1)), ("bronze", None)),
    "C": (),
}
EARLY = datetime(2020, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    """Read an instant such as ``2026-03-02 08:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Enquiry:
    """What figures need to know of a lead."""

    name: str
    lines: tuple[str, ...] = ("heating",)
    source: str = "website"
    campaign: str = ""
    country: str = "DE"
    postal_code: str = ""
    region: str = "DE-BY"
    temperature: str = "WARM"
    is_test: bool = False
    status: str = "WITHDRAWN"


@dataclass(frozen=True)
class Fact:
    """One event; ``pick`` names the assignment it belongs to."""

    lead: str
    sequence: int
    type: str
    at: datetime
    partner: str | None
    pick: str | None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class World:
    """Leads and their logs; ``workers`` says who works which pick."""

    enquiries: dict[str, Enquiry] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    workers: dict[str, str] = field(default_factory=dict)

    def add_lead(self, name: str, **what: Any) -> None:
        self.enquiries[name] = Enquiry(name, **what)

    def log(
        self,
        lead: str,
        type_: str,
        at: datetime,
        pick: str = "",
        *,
        partner: str | None = None,
        **data: Any,
    ) -> None:
        """Append a fact; ``pick`` is written as ``partner`` or ``partner/which``."""
        sequence = 1 + sum(fact.lead == lead for fact in self.facts)
        partner = partner or pick.partition("/")[0] or None
        name = f"{lead}/{pick}" if pick else None
        self.facts.append(Fact(lead, sequence, type_, at, partner, name, data))


@dataclass(frozen=True)
class Tenant:
    """A manufacturer with partners and product lines, by name."""

    manufacturer: Manufacturer
    partners: dict[str, UUID]
    lines: dict[str, ProductLine]
    people: dict[str, UUID]


def make_tenant(slug: str, **fields: Any) -> Tenant:
    """Store a manufacturer with three partners and two people, ids in order, and three lines."""
    with system_context("test"):
        manufacturer = Manufacturer.objects.create(slug=slug, name=slug, created_at=EARLY, **fields)
        ids = sorted(new_id() for _ in PARTNERS)
        partners = [
            Partner(
                id=partner_id,
                manufacturer=manufacturer,
                external_id=name,
                name=f"Partner {name}",
                country="DE",
                postal_code="80331",
                latitude=48.1,
                longitude=11.6,
                created_at=EARLY,
            )
            for name, partner_id in zip(PARTNERS, ids, strict=True)
        ]
        lines = [
            ProductLine(manufacturer=manufacturer, code=code, name=code.title()) for code in LINES
        ]
        Partner.objects.bulk_create(partners)
        ProductLine.objects.bulk_create(lines)
        people = [
            User.objects.create(id=user_id, email=f"{user_id}@example.com", name=name)
            for name, user_id in zip(PEOPLE, sorted(new_id() for _ in PEOPLE), strict=True)
        ]
        levels = {
            code: CertificationLevel.objects.create(
                manufacturer=manufacturer, code=code, name=code, rank=rank
            )
            for code, rank in LEVELS.items()
        }
        Certification.objects.bulk_create(
            Certification(
                manufacturer=manufacturer, partner=partner, level=levels[code], valid_until=until
            )
            for partner in partners
            for code, until in HELD[partner.external_id]
        )
    return Tenant(
        manufacturer,
        {partner.external_id: partner.id for partner in partners},
        {line.code: line for line in lines},
        {person.name: person.id for person in people},
    )


def store(world: World, tenant: Tenant) -> None:
    """Write a world as rows. Assignments say nothing true but whose they are: the log does."""
    received = {fact.lead: fact.at for fact in world.facts if fact.type == "lead.received"}
    leads = {
        name: _lead(enquiry, tenant, received_at=received.get(name, EARLY))
        for name, enquiry in world.enquiries.items()
    }
    picks = {
        fact.pick: Assignment(
            manufacturer=tenant.manufacturer,
            lead=leads[fact.lead],
            partner_id=tenant.partners[fact.partner],
            user_id=tenant.people.get(world.workers.get(fact.pick, "")),
            accepted_at=EARLY,
            returned_at=EARLY,
            outcome=Assignment.Outcome.RETURNED,
        )
        for fact in world.facts
        if fact.pick and fact.partner
    }
    with system_context("test"):
        Lead.objects.bulk_create(leads.values())
        LeadProductLine.objects.bulk_create(_asked(world, leads, tenant))
        Assignment.objects.bulk_create(picks.values())
        LeadOffer.objects.bulk_create(_offers(world, leads, tenant))
        LeadEvent.objects.bulk_create(
            LeadEvent(
                manufacturer=tenant.manufacturer,
                lead=leads[fact.lead],
                sequence=fact.sequence,
                type=fact.type,
                partner_id=tenant.partners[fact.partner] if fact.partner else None,
                assignment_id=picks[fact.pick].id if fact.pick else None,
                at=fact.at,
                data=fact.data,
            )
            for fact in world.facts
        )


def _lead(enquiry: Enquiry, tenant: Tenant, *, received_at: datetime) -> Lead:
    lead = Lead(
        manufacturer=tenant.manufacturer,
        external_id=f"{enquiry.name}-{new_id()}",
        source=enquiry.source,
        temperature=enquiry.temperature,
        campaign=enquiry.campaign,
        country=enquiry.country,
        postal_code=enquiry.postal_code,
        region=enquiry.region,
        wish_summary="",
        currency="EUR",
        is_test=enquiry.is_test,
        status=enquiry.status,
        received_at=received_at,
    )
    if enquiry.status == LeadStatus.MERGED:
        lead.merged_into = lead  # into which is all the same to figures
    return lead


def _asked(world: World, leads: dict[str, Lead], tenant: Tenant) -> Iterable[LeadProductLine]:
    for enquiry in world.enquiries.values():
        for position, code in enumerate(enquiry.lines):
            yield LeadProductLine(
                manufacturer=tenant.manufacturer,
                lead=leads[enquiry.name],
                product_line=tenant.lines[code],
                position=position,
            )


def _offers(world: World, leads: dict[str, Lead], tenant: Tenant) -> Iterable[LeadOffer]:
    """Make the offers that the log tells of; as rows they say nothing else that is true."""
    for fact in world.facts:
        if fact.type == "lead.offered" and fact.partner:
            yield LeadOffer(
                manufacturer=tenant.manufacturer,
                lead=leads[fact.lead],
                partner_id=tenant.partners[fact.partner],
                wave=fact.sequence,
                rank=1,
                status=LeadOffer.Status.EXPIRED,
                offered_at=fact.at,
                available_from=fact.at,
                respond_by=fact.at + timedelta(hours=1),
            )
