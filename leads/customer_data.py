"""All that is held about one customer, for whoever asks what is known of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.models import Delivery
from leadhub.core.phones import normalise_phone
from leads.disclosures import note_disclosures
from leads.models import (
    Assignment,
    Lead,
    LeadAttachment,
    LeadConsent,
    LeadContact,
    LeadDisclosure,
    LeadEvent,
    LeadFeedback,
    LeadNote,
    LeadOffer,
    LeadProductLine,
    Reminder,
)
from leads.models.leads import LeadQuerySet
from leads.selectors import leads_visible_to
from partners.directory import countries_of
from partners.models import Manufacturer, Partner

# Columns that tell nothing about a customer: whose row it is, and how the log is sealed.
UNTOLD = ("manufacturer_id", "digest", "log_digest", "dedupe", "claimed_until", "transaction")
Rows = Mapping[UUID, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Customer:
    """By what a customer is known; at least one of the two.

    :ivar email: in lower case; ``phone`` in E.164, more than one if the country is not known.
    """

    email: str
    phones: frozenset[str]

    @property
    def condition(self) -> Q:
        """Name the contacts that are this customer's, exactly."""
        condition = Q(phone__in=self.phones) if self.phones else Q()
        return condition | Q(email=self.email) if self.email else condition


def identify_customer(*, email: str, phone: str, actor: Actor) -> Customer:
    """Write what a customer is known by as it is stored.

    A phone number without a country is read as one of each country in which there are partners.

    :raises InvalidInput: if neither is given, or no phone can have the number.
    """
    address = email.strip().lower()
    if not address and not phone.strip():
        raise InvalidInput(
            field="email",
            message=gettext_noop("Give an e-mail address or a phone number."),
            code="required",
        )
    countries = countries_of(actor) or [""]
    numbers = {normalise_phone(phone, country) for country in countries} if phone.strip() else set()
    phones = frozenset(number for number in numbers if number is not None)
    if phone.strip() and not phones:
        raise InvalidInput(
            field="phone",
            message=gettext_noop("No phone can have this number; write it as +49 89 1234567."),
            code="malformed",
        )
    return Customer(address, phones)


def leads_of_customer(customer: Customer, *, actor: Actor) -> LeadQuerySet:
    """Find the leads of a customer, the newest first; a partner finds none."""
    contacts = LeadContact.objects.filter(customer.condition, manufacturer=actor.manufacturer_id)
    leads = leads_visible_to(actor).filter(id__in=contacts.values("lead_id"))
    return leads.none() if actor.is_partner else leads.order_by("-received_at", "-id")


def export_customer_data(customer: Customer, *, by: Actor, at: datetime) -> dict[str, Any]:
    """Read all that is held about a customer: every column of every row, and who received it.

    What comes of it may be written as JSON. Names of the manufacturer's people are not in it; of
    what people and programs did it says that they did it. That it was read is noted.
    """
    leads = list(leads_of_customer(customer, actor=by))
    note_disclosures([lead.id for lead in leads], by=by, at=at)
    found = _details(leads, by.manufacturer_id)
    return {
        "exported_at": at,
        "manufacturer": Manufacturer.objects.values_list("name", flat=True).get(
            id=by.manufacturer_id
        ),
        "asked_for": {"email": customer.email, "phones": sorted(customer.phones)},
        "leads": [
            _told(lead) | {name: rows.get(lead.id, []) for name, rows in found.items()}
            for lead in leads
        ],
    }


def _details(leads: list[Lead], manufacturer_id: UUID) -> dict[str, Rows]:
    """Read the rows of these leads from every table that has some, by the lead's id."""
    own = {"manufacturer": manufacturer_id, "lead__in": leads}
    offers = list(LeadOffer.objects.filter(**own).order_by("offered_at", "rank"))
    assignments = list(Assignment.objects.filter(**own).order_by("accepted_at", "id"))
    events = list(LeadEvent.objects.filter(**own).order_by("lead", "sequence"))
    disclosures = list(LeadDisclosure.objects.filter(**own).order_by("seen_at", "id"))
    lines = LeadProductLine.objects.filter(**own).select_related("product_line")
    feedback = LeadFeedback.objects.filter(
        manufacturer=manufacturer_id, assignment__in=assignments
    ).order_by("given_at", "id")
    of_picks = {"manufacturer": manufacturer_id, "assignment__in": assignments}
    partners = _names_of_partners([*offers, *assignments, *events, *disclosures])
    lead_of_pick = {assignment.id: assignment.lead_id for assignment in assignments}
    lead_of_fact = {event.id: event.lead_id for event in events}
    messages = Delivery.objects.filter(
        manufacturer_id=manufacturer_id, event_id__in=list(lead_of_fact)
    ).order_by("due_at", "id")

    def told(row: Any) -> dict[str, Any]:
        return _told(row) | {"partner": partners.get(row.partner_id)}

    return {
        "contact": _by_lead(LeadContact.objects.filter(**own), _told),
        "consent": _by_lead(LeadConsent.objects.filter(**own), _told),
        "product_lines": _by_lead(
            lines.order_by("position"), lambda row: {"name": row.product_line.name}
        ),
        "offers": _by_lead(offers, told),
        "assignments": _by_lead(assignments, told),
        "feedback": _by_lead(feedback, _told, of=lambda row: lead_of_pick[row.assignment_id]),
        "notes": _by_lead(
            LeadNote.objects.filter(**of_picks).order_by("written_at", "id"),
            _told,
            of=lambda row: lead_of_pick[row.assignment_id],
        ),
        "reminders": _by_lead(
            Reminder.objects.filter(**of_picks).order_by("set_at", "id"),
            _told,
            of=lambda row: lead_of_pick[row.assignment_id],
        ),
        "events": _by_lead(events, told),
        # What is in a file is handed out as a file, from the page of its lead.
        "attachments": _by_lead(
            LeadAttachment.objects.filter(**own).defer("content", "preview").order_by("id"), told
        ),
        "messages": _by_lead(messages, _told, of=lambda row: lead_of_fact[row.event_id]),
        "seen_by": _by_lead(disclosures, told),
    }


def _names_of_partners(rows: Iterable[Any]) -> dict[UUID | None, str]:
    ids = {row.partner_id for row in rows if row.partner_id is not None}
    return dict(Partner.objects.filter(id__in=ids).values_list("id", "name"))


def _by_lead(
    rows: Iterable[Model],
    tell: Callable[[Any], dict[str, Any]],
    *,
    of: Callable[[Any], UUID] = lambda row: row.lead_id,
) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[of(row)].append(tell(row))
    return found


def _told(row: Model) -> dict[str, Any]:
    """Tell every column of a row; of an actor or a recipient, what kind it is."""
    told = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields  # noqa: SLF001 - the documented name
        if field.attname not in UNTOLD and field.attname not in row.get_deferred_fields()
    }
    for name in ("actor", "recipient"):
        if told.get(name):
            told[name] = str(told[name]).partition(":")[0]
    told.pop("user_id", None)
    return told
