"""Stores past leads in bulk: the rows as they are now, and the events that led there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model

from kpis.history.checking import PastLead
from leadhub.core.actors import Actor
from leadhub.core.bulk import insert_together, new_row
from leadhub.core.geo import Place, find_places, normalise_postal_code
from leads.asked_lines import digest_of_lines
from leads.events import LeadLog, replay
from leads.models import Assignment, EventType, Lead, LeadOffer, LeadProductLine
from leads.models.assignments import FeedbackStatus
from leads.models.leads import CLOSED, IN_HANDS
from partners.models import Manufacturer, ProductLine

# An offer needs a deadline after its beginning; what it was is not part of history.
LEAST_WINDOW = timedelta(seconds=1)
FIRST_WAVE = 1

# So often rows are told anew because somebody else was faster with one of the leads.
TRIES = 5

Places = Mapping[tuple[str, str], Place]


@dataclass(frozen=True, slots=True)
class Network:
    """What the rows name: partners by external id, product lines by code."""

    manufacturer: Manufacturer
    partners: dict[str, UUID]
    product_lines: dict[str, ProductLine]


class TooManyAtOnce(RuntimeError):
    """Others keep storing the same leads in the same moment."""


def store_leads(leads: Sequence[PastLead], *, network: Network, by: Actor) -> int:
    """Insert those leads that are not known by source and external id; tell how many were not.

    Runs inside the caller's transaction. All rows go with one statement. Two imports at once, or a
    push of the same lead in the same moment, end with one lead each: who comes second waits, is
    refused by the database, and then finds it known.
    """
    faster: IntegrityError | None = None
    for _ in range(TRIES):
        known = known_leads(leads, network)
        new = {key: past for past in leads if (key := (past.source, past.external_id)) not in known}
        places = _places(new.values())
        # In an order that is the same for all, so that none wait in a ring.
        rows = [row for key in sorted(new) for row in _tell(new[key], network, places, by)]
        try:
            with transaction.atomic():
                insert_together(rows)
        except IntegrityError as error:
            faster = error
        else:
            return len(new)
    raise TooManyAtOnce from faster


def known_leads(leads: Sequence[PastLead], network: Network) -> set[tuple[str, str]]:
    """Find which of the leads are there already, by source and external id."""
    found = Lead.objects.filter(
        manufacturer=network.manufacturer,
        source__in={past.source for past in leads},
        external_id__in={past.external_id for past in leads},
    )
    return set(found.values_list("source", "external_id"))


def _places(leads: Iterable[PastLead]) -> Places:
    """Look all postal codes up at once."""
    return find_places({(past.country, normalise_postal_code(past.postal_code)) for past in leads})


def _tell(past: PastLead, network: Network, places: Places, by: Actor) -> list[Model]:
    """Write one past lead as rows to insert."""
    line = network.product_lines[past.product_line]
    partner_id = network.partners.get(past.partner_external_id or "")
    place = places.get((past.country, normalise_postal_code(past.postal_code)))
    lead = _lead(past, network.manufacturer, line, place)
    log = LeadLog(lead, by=by)
    log.add(EventType.LEAD_RECEIVED, at=past.received_at, imported=True)
    offer = _offer(past, lead, partner_id)
    if offer:
        _log_offer(log, offer)
    assignment = _assignment(past, lead, partner_id, offer)
    if assignment:
        _log_pick(log, past, assignment)
    else:
        _log_withdrawal(log, past, offer)
    lead.status = replay((event.type, event.data) for event in log.entries) or lead.status
    if lead.status in (*IN_HANDS, *CLOSED):
        lead.partner_id = partner_id
    log.seal()
    asked = new_row(
        LeadProductLine,
        manufacturer_id=lead.manufacturer_id,
        lead_id=lead.id,
        product_line_id=line.id,
        position=0,
    )
    return [row for row in (lead, asked, offer, assignment, *log.entries) if row is not None]


def _lead(
    past: PastLead, manufacturer: Manufacturer, line: ProductLine, place: Place | None
) -> Lead:
    return new_row(
        Lead,
        manufacturer_id=manufacturer.id,
        external_id=past.external_id,
        source=past.source,
        temperature=past.temperature,
        country=past.country,
        postal_code=normalise_postal_code(past.postal_code),
        city=place.name if place else "",
        region=place.region if place else "",
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        wish_summary=line.name,
        lines_digest=digest_of_lines([line.id]),
        currency=manufacturer.currency,
        is_imported=True,
        status=Lead.Status.RECEIVED,
        received_at=past.received_at,
        wave=FIRST_WAVE if past.offered_at else 0,
    )


def _offer(past: PastLead, lead: Lead, partner_id: UUID | None) -> LeadOffer | None:
    if past.offered_at is None or partner_id is None:
        return None
    is_accepted = past.accepted_at is not None
    return new_row(
        LeadOffer,
        manufacturer_id=lead.manufacturer_id,
        lead_id=lead.id,
        partner_id=partner_id,
        wave=FIRST_WAVE,
        rank=1,
        status=LeadOffer.Status.ACCEPTED if is_accepted else LeadOffer.Status.WITHDRAWN,
        offered_at=past.offered_at,
        available_from=past.offered_at,
        respond_by=max(past.accepted_at or past.offered_at, past.offered_at + LEAST_WINDOW),
        answered_at=past.accepted_at,
    )


def _assignment(
    past: PastLead, lead: Lead, partner_id: UUID | None, offer: LeadOffer | None
) -> Assignment | None:
    if past.accepted_at is None or partner_id is None:
        return None
    return new_row(
        Assignment,
        manufacturer_id=lead.manufacturer_id,
        lead_id=lead.id,
        partner_id=partner_id,
        offer_id=offer.id if offer else None,
        offered_at=past.offered_at,
        accepted_at=past.accepted_at,
        contacted_at=past.contacted_at,
        first_feedback_at=past.first_feedback_at,
        closed_at=past.closed_at,
        outcome=past.outcome,
        value=past.value,
    )


def _log_offer(log: LeadLog, offer: LeadOffer) -> None:
    log.add(EventType.WAVE_OPENED, at=offer.offered_at, wave=offer.wave)
    log.add(
        EventType.LEAD_OFFERED,
        at=offer.offered_at,
        partner_id=offer.partner_id,
        offer=str(offer.id),
        wave=offer.wave,
    )


def _log_withdrawal(log: LeadLog, past: PastLead, offer: LeadOffer | None) -> None:
    """End a lead that nobody took: it is past, and does not come back onto the pick list."""
    at = past.offered_at or past.received_at
    if offer:
        log.add(
            EventType.OFFER_WITHDRAWN,
            at=at,
            partner_id=offer.partner_id,
            offer=str(offer.id),
            because="imported",
        )
    log.add(EventType.LEAD_WITHDRAWN, at=at, because="imported")


def _log_pick(log: LeadLog, past: PastLead, pick: Assignment) -> None:
    """Note the acceptance and what followed it by time; at one instant in the order below."""
    if past.offered_at:
        log.add_of(
            pick,
            EventType.OFFER_ACCEPTED,
            at=pick.accepted_at,
            offer=str(pick.offer_id),
            wave=FIRST_WAVE,
            offered_at=past.offered_at.isoformat(),
        )
    else:
        log.add_of(pick, EventType.LEAD_ASSIGNED, at=pick.accepted_at)
    facts: list[tuple[datetime | None, EventType, dict[str, str]]] = [
        (past.contacted_at, EventType.CONTACT_MADE, {}),
        (past.first_feedback_at, EventType.FEEDBACK_GIVEN, {"status": _reported(past)}),
        (past.closed_at, _closing(past), _order_of(past, log.lead)),
    ]
    told = [(at, type_, data) for at, type_, data in facts if at]
    for at, type_, data in sorted(told, key=itemgetter(0)):
        log.add_of(pick, type_, at=at, **data)


def _reported(past: PastLead) -> str:
    """Tell what the first feedback must have said, given what else is known by then.

    Every other report would have meant a contact or a closing.
    """
    if past.outcome and past.closed_at == past.first_feedback_at:
        return past.outcome
    if past.contacted_at and past.first_feedback_at and past.contacted_at <= past.first_feedback_at:
        return FeedbackStatus.REACHED
    return FeedbackStatus.NOT_REACHABLE


def _closing(past: PastLead) -> EventType:
    is_won = past.outcome == Assignment.Outcome.WON
    return EventType.LEAD_WON if is_won else EventType.LEAD_LOST


def _order_of(past: PastLead, lead: Lead) -> dict[str, str]:
    if past.value is None:
        return {}
    return {"value": f"{past.value:.2f}", "currency": lead.currency}
