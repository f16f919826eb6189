"""The one way in: every lead is received, checked and routed here, whatever brought it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Model
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.bulk import new_row
from leadhub.core.errors import InvalidInput
from leadhub.core.geo import normalise_postal_code
from leadhub.core.ids import new_id
from leadhub.core.phones import normalise_phone
from leadhub.core.tenancy.context import in_tenant_of
from leads.asked_lines import digest_of_lines
from leads.duplicates import customer_of
from leads.events import LeadLog
from leads.models import EventType, Lead, LeadConsent, LeadContact, LeadProductLine
from leads.models.leads import HoldReason, LeadStatus
from leads.policies import choose_policy
from leads.setups import Level, Line, Need, Push, Setup, read_setup
from leads.waves import begin_waves
from partners.conflicts import conflict_keys


@dataclass(frozen=True, slots=True)
class Contact:
    """Who the customer is, as sent; an empty string is absent."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the customer agreed to."""

    text_version: str
    given_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class NewLead:
    """An enquiry as it came in, before anything about it is known to be right.

    :ivar product_lines: codes, in the order of importance.
    :ivar required_certification: code of a level.
    :ivar latitude: degrees; with ``longitude``, goes before the postal code's centre.
    """

    external_id: str
    source: str
    product_lines: Sequence[str]
    country: str
    contact: Contact
    postal_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    city: str = ""
    campaign: str = ""
    temperature: str = "WARM"
    evidence: str = ""
    required_certification: str = ""
    wish: str = ""
    wish_summary: str = ""
    expected_value: Decimal | None = None
    currency: str = ""
    is_test: bool = False
    consent: Consent | None = field(default=None)


class Receipt(NamedTuple):
    """The lead that a push made, or found.

    :ivar stored: the rows written with a new lead: its contact, lines, offers.
    """

    lead: Lead
    is_new: bool
    stored: Sequence[Model] = ()


@in_tenant_of("by")
def receive_lead(*, new: NewLead, by: Actor, at: datetime) -> Receipt:
    """Store an enquiry and route it; it is OFFERED, OPEN or HELD afterwards.

    The same ``source`` and ``external_id`` again find the lead as it is, whatever else was sent.

    :raises InvalidInput: naming the first field that is missing, malformed or unknown.
    """
    contact, setup = _read_what_it_touches(new, by, at)
    if setup.known_lead is not None:
        return Receipt(Lead.objects.get(id=setup.known_lead), is_new=False)
    lead, log = _new_lead(new, contact, setup, by, at)
    stored = tuple(log.rows)
    log.close()
    return Receipt(lead, is_new=True, stored=stored)


def _read_what_it_touches(new: NewLead, by: Actor, at: datetime) -> tuple[LeadContact, Setup]:
    contact = _contact(new)
    push = Push(
        source=new.source,
        external_id=new.external_id,
        customer=customer_of(
            first_name=contact.first_name,
            last_name=contact.last_name,
            phone=contact.phone,
            email=contact.email,
        ),
        country=new.country,
        postal_code=normalise_postal_code(new.postal_code),
        codes=list(new.product_lines),
        level=new.required_certification,
        is_test=new.is_test,
    )
    return contact, read_setup(by.manufacturer_id, push, at=at)


def _new_lead(
    new: NewLead, contact: LeadContact, setup: Setup, by: Actor, at: datetime
) -> tuple[Lead, LeadLog]:
    """Check an enquiry and decide where it goes; nothing is written yet."""
    lines = _product_lines(new, setup)
    level = _required_certification(new, setup)
    _refuse_unreachable(new.contact, contact)
    _refuse_without_place(new)
    place = setup.place  # coordinates go before it; then only its region and name are used
    has_coordinates = new.latitude is not None
    lead = new_row(
        Lead,
        id=new_id(),
        manufacturer_id=by.manufacturer_id,
        external_id=new.external_id,
        source=new.source,
        campaign=new.campaign,
        temperature=new.temperature,
        evidence=new.evidence,
        country=new.country,
        postal_code=normalise_postal_code(new.postal_code),
        city=new.city or (place.name if place else ""),
        region=place.region if place else "",
        latitude=new.latitude if has_coordinates else (place.latitude if place else None),
        longitude=new.longitude if has_coordinates else (place.longitude if place else None),
        required_certification_id=level.id if level else None,
        wish_summary=(new.wish_summary or ", ".join(line.name for line in lines))[:500],
        lines_digest=digest_of_lines(line.id for line in lines),
        expected_value=new.expected_value,
        currency=new.currency or setup.currency,
        is_test=new.is_test,
        status=LeadStatus.RECEIVED,
        received_at=at,
    )
    log = LeadLog(lead, by=by)
    log.store(*_details(lead, new, contact, lines))
    log.add(EventType.LEAD_RECEIVED, at=at, source=new.source, is_test=new.is_test)
    if setup.alike:
        resembles = [likeness.as_data() for likeness in setup.alike]
        _hold(lead, log, HoldReason.DUPLICATE, at=at, resembles=resembles)
    elif lead.latitude is None:
        _hold(lead, log, HoldReason.UNKNOWN_POSTAL_CODE, at=at)
    else:
        begin_waves(lead, log, need=_need(new, setup, lines, level, contact), at=at)
    return lead, log


def _hold(lead: Lead, log: LeadLog, reason: HoldReason, *, at: datetime, **data: Any) -> None:
    """Let a lead wait for a person; the place of a duplicate is seen to when it is released."""
    lead.status, lead.hold_reason = LeadStatus.HELD, reason
    log.add(EventType.LEAD_HELD, at=at, reason=reason, **data)


def _need(
    new: NewLead,
    setup: Setup,
    lines: Sequence[Line],
    level: Level | None,
    contact: LeadContact,
) -> Need:
    line_ids = tuple(line.id for line in lines)
    policy = choose_policy(setup.policies, product_lines=line_ids, source=new.source)
    return Need(
        time_zone=setup.time_zone,
        product_lines=line_ids,
        required_rank=level.rank if level else None,
        asked=(),
        conflicts=conflict_keys(
            manufacturer_id=contact.manufacturer_id,
            source=new.source,
            email=contact.email,
            company=contact.company,
        ),
        policy=policy,
        calendar=setup.working_time.calendar_for(policy),
    )


def _refuse_without_place(new: NewLead) -> None:
    if (new.latitude is None) != (new.longitude is None):
        missing = "latitude" if new.latitude is None else "longitude"
        raise InvalidInput(
            field=missing, message=gettext_noop("Give both coordinates or none."), code="required"
        )
    if not new.postal_code and new.latitude is None:
        raise InvalidInput(
            field="postal_code",
            message=gettext_noop("Give a postal code or coordinates."),
            code="required",
        )


def _details(
    lead: Lead, new: NewLead, contact: LeadContact, lines: Sequence[Line]
) -> Iterator[Model]:
    contact.lead_id, contact.manufacturer_id = lead.id, lead.manufacturer_id
    yield contact
    for position, line in enumerate(lines):
        yield new_row(
            LeadProductLine,
            manufacturer_id=lead.manufacturer_id,
            lead_id=lead.id,
            product_line_id=line.id,
            position=position,
        )
    if new.consent is not None:
        yield new_row(
            LeadConsent,
            manufacturer_id=lead.manufacturer_id,
            lead_id=lead.id,
            text_version=new.consent.text_version,
            given_at=new.consent.given_at,
            source=new.consent.source,
        )


def _product_lines(new: NewLead, setup: Setup) -> list[Line]:
    if not new.product_lines:
        raise InvalidInput(
            field="product_lines",
            message=gettext_noop("Name at least one product line."),
            code="required",
        )
    for position, code in enumerate(new.product_lines):
        if code not in setup.lines:
            raise InvalidInput(
                field=f"product_lines.{position}",
                message=gettext_noop("There is no product line with the code “%(code)s”."),
                params={"code": code},
                code="unknown",
            )
    return [setup.lines[code] for code in dict.fromkeys(new.product_lines)]


def _required_certification(new: NewLead, setup: Setup) -> Level | None:
    code = new.required_certification
    if code and setup.level is None:
        raise InvalidInput(
            field="required_certification",
            message=gettext_noop("There is no certification level with the code “%(code)s”."),
            params={"code": code},
            code="unknown",
        )
    return setup.level


def refusals_of_contact(sent: Contact, *, country: str) -> list[InvalidInput]:
    """Find all that speaks against reaching a customer, at once."""
    return _refusals(sent, phone=_phone(sent, country))


def _refuse_unreachable(sent: Contact, contact: LeadContact) -> None:
    for refusal in _refusals(sent, phone=contact.phone):
        raise refusal


def _refusals(sent: Contact, *, phone: str) -> list[InvalidInput]:
    if not sent.email and not sent.phone:
        return [
            InvalidInput(
                field="contact",
                message=gettext_noop("Give an e-mail address or a phone number of the customer."),
                code="unreachable",
            )
        ]
    found = []
    if sent.phone and not phone:
        found.append(
            InvalidInput(
                field="contact.phone",
                message=gettext_noop("No phone can have this number; send it as +49 89 1234567."),
                code="malformed",
            )
        )
    if sent.email and not _is_address(_address(sent)):
        found.append(
            InvalidInput(
                field="contact.email",
                message=gettext_noop("This is not an e-mail address."),
                code="malformed",
            )
        )
    return found


def _contact(new: NewLead) -> LeadContact:
    """Write a contact as it is stored; whether the customer can be reached is not checked yet."""
    sent = new.contact
    return new_row(
        LeadContact,
        first_name=sent.first_name,
        last_name=sent.last_name,
        company=sent.company,
        email=_address(sent),
        email_as_sent=sent.email,
        phone=_phone(sent, new.country),
        phone_as_sent=sent.phone,
        street=sent.street,
        language=sent.language,
        wish=new.wish,
    )


def _phone(sent: Contact, country: str) -> str:
    """Write the number in E.164; empty if there is none, or no phone can have it."""
    return (normalise_phone(sent.phone, country) or "") if sent.phone else ""


def _address(sent: Contact) -> str:
    return sent.email.strip().lower()


def _is_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True
