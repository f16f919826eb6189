"""What routing needs to know beside the lead: the tenant's zone, its lines, its policies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from leadhub.core.geo import Place
from leadhub.core.prepared import execute_prepared
from leadhub.core.turns import WAIT_FOR_TURNS, turn_number
from leadhub.core.working_time import WorkCalendar, add_working_seconds, calendar_of
from leads import duplicates
from leads.duplicates import Customer, Likeness, likenesses_from, turns_of
from leads.models import Lead, LeadContact, RoutingPolicy
from leads.models.offers import OfferStatus
from leads.models.policies import PolicyClock
from leads.policies import choose_policy
from leads.selectors import ANSWERED, active_policies, partners_asked, product_lines_of
from partners.conflicts import conflict_keys
from partners.models import CertificationLevel, Manufacturer


class Line(NamedTuple):
    """A product line that was named by its code."""

    id: UUID
    name: str


class Level(NamedTuple):
    """A certification level that was named by its code."""

    id: UUID
    rank: int


class WorkingTime(NamedTuple):
    """A manufacturer's working time as it is stored.

    :ivar hours: one text a day, Monday first.
    """

    time_zone: str
    hours: tuple[str, ...]
    holiday_region: str

    def calendar_for(self, policy: RoutingPolicy) -> WorkCalendar | None:
        """Make the calendar that a policy's windows run by; ``None`` is around the clock."""
        if policy.clock != PolicyClock.WORKING:
            return None
        return calendar_of(self.time_zone, self.hours, self.holiday_region)


class Push(NamedTuple):
    """What a new lead names: itself, its customer and place, the codes of what it asks for."""

    source: str
    external_id: str
    customer: Customer
    country: str
    postal_code: str
    codes: list[str]
    level: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class Setup:
    """The part of a tenant's set-up that a new lead touches.

    :ivar known_lead: id of the lead that this push made before, if any.
    :ivar alike: other leads of late that the new one resembles.
    :ivar place: the centre of the postal code, if it is known.
    :ivar lines: code -> line, for those codes that exist.
    """

    time_zone: str
    working_time: WorkingTime
    currency: str
    known_lead: UUID | None
    alike: Sequence[Likeness]
    place: Place | None
    lines: Mapping[str, Line]
    level: Level | None
    policies: Sequence[RoutingPolicy]


@dataclass(frozen=True, slots=True)
class Need:
    """What a lead asks of the network.

    :ivar product_lines: in the lead's order.
    :ivar asked: partners not to be asked again.
    :ivar calendar: by which the policy's windows run; ``None`` is around the clock.
    :ivar conflicts: keys by which the lead may be on a partner's exclusion list.
    """

    time_zone: str
    product_lines: tuple[UUID, ...]
    required_rank: int | None
    asked: tuple[UUID, ...]
    conflicts: tuple[str, ...]
    policy: RoutingPolicy
    calendar: WorkCalendar | None = None

    def after(self, at: datetime, window: timedelta) -> datetime:
        """Tell when a window that begins now is over, by the policy's clock."""
        if self.calendar is None:
            return at + window
        return add_working_seconds(at, window.total_seconds(), self.calendar)


class Asked(NamedTuple):
    """An offer that speaks against asking its partner again, or that is still open."""

    id: UUID
    partner_id: UUID
    status: str
    wave: int


class Further(NamedTuple):
    """What a lead whose wave is over asks of the network, and its offers still open by rank."""

    need: Need
    going: list[Asked]


# In the order of the model's fields, as ``from_db`` wants them.
_POLICY_FIELDS = (
    "id",
    "manufacturer_id",
    "product_line_id",
    "source",
    "waves",
    "strategy",
    "weights",
    "any_product_line",
    "clock",
    "max_overdue_feedback",
)

_SETUP = f"""
    SELECT m.time_zone, m.working_hours, m.holiday_region, m.currency,
        (SELECT l.id FROM leads_lead l WHERE l.manufacturer_id = m.id
            AND l.source = %(source)s AND l.external_id = %(external_id)s),
        {duplicates.RESEMBLED},
        (SELECT jsonb_build_array(z.latitude, z.longitude, z.name, z.region)
            FROM core_postalcode z
            WHERE z.country = %(country)s AND z.code = %(postal_code)s),
        (SELECT jsonb_agg(jsonb_build_array(p.code, p.id, p.name)) FROM partners_productline p
            WHERE p.manufacturer_id = m.id AND p.code = ANY (%(codes)s)),
        (SELECT jsonb_build_array(c.id, c.rank) FROM partners_certificationlevel c
            WHERE c.manufacturer_id = m.id AND c.code = %(level)s),
        (SELECT jsonb_agg(jsonb_build_array({", ".join(f"r.{name}" for name in _POLICY_FIELDS)}))
            FROM leads_routingpolicy r
            WHERE r.manufacturer_id = m.id AND r.is_active
              AND (r.source IS NULL OR r.source = %(source)s))
    FROM partners_manufacturer m WHERE m.id = %(manufacturer)s
"""
_TYPES = duplicates.TYPES | {
    "source": "text",
    "external_id": "text",
    "codes": "text[]",
    "level": "text",
    "country": "text",
}

_NOT_AGAIN = ", ".join(f"'{status}'" for status in (*ANSWERED, OfferStatus.OPEN))
# The policy by which a lead goes on may hold no more for new ones.
_FURTHER = f"""
    SELECT l.id, m.time_zone, m.working_hours, m.holiday_region,
        ARRAY(SELECT p.product_line_id FROM leads_leadproductline p
            WHERE p.manufacturer_id = l.manufacturer_id AND p.lead_id = l.id ORDER BY p.position),
        (SELECT c.rank FROM partners_certificationlevel c
            WHERE c.id = l.required_certification_id),
        coalesce(t.email, ''), coalesce(t.company, ''),
        (SELECT jsonb_agg(jsonb_build_array(o.id, o.partner_id, o.status, o.wave)
                ORDER BY o.rank, o.id)
            FROM leads_leadoffer o
            WHERE o.manufacturer_id = l.manufacturer_id AND o.lead_id = l.id
              AND o.status IN ({_NOT_AGAIN})),
        (SELECT array_agg(a.partner_id) FROM leads_assignment a
            WHERE a.lead_id = l.id AND a.returned_at IS NOT NULL),
        (SELECT jsonb_build_array({", ".join(f"r.{name}" for name in _POLICY_FIELDS)})
            FROM leads_routingpolicy r WHERE r.id = l.policy_id)
    FROM leads_lead l
    JOIN partners_manufacturer m ON m.id = l.manufacturer_id
    LEFT JOIN leads_leadcontact t ON t.lead_id = l.id
    WHERE l.id = ANY (%(leads)s)
"""


def read_setup(manufacturer_id: UUID, push: Push, *, at: datetime) -> Setup:
    """Read in one statement all that a new lead touches: set-up, and leads that it resembles.

    Waits for the same push if it is being worked on, and then finds the lead that it made; and for
    new leads of the same customer.
    """
    turns = [
        turn_number(manufacturer_id, push.source, push.external_id),
        *turns_of(manufacturer_id, push.customer),
    ]
    parameters = {
        "manufacturer": manufacturer_id,
        "at": at,
        **push._asdict(),
        **push.customer._asdict(),
    }
    with connection.cursor() as cursor:
        execute_prepared(cursor, _SETUP, parameters, _TYPES, after=(WAIT_FOR_TURNS, [turns]))
        time_zone, hours, region, *rest = cursor.fetchone()
    currency, known_lead, alike, place, lines, level, policies = rest
    return Setup(
        time_zone=time_zone,
        working_time=WorkingTime(time_zone, tuple(hours), region),
        currency=currency,
        known_lead=known_lead,
        alike=likenesses_from(_loads(alike)),
        place=Place(*orjson.loads(place)) if place else None,
        lines={code: Line(UUID(line_id), name) for code, line_id, name in _loads(lines)},
        level=_level(_loads(level)),
        policies=[_policy(row) for row in _loads(policies)],
    )


def _level(row: list[Any]) -> Level | None:
    return Level(UUID(row[0]), row[1]) if row else None


def need_of(lead: Lead) -> Need:
    """Read what a stored lead asks of the network now, by the policy that holds now."""
    lines = product_lines_of(lead)
    policies = list(active_policies(lead.manufacturer_id, lead.source))
    return _need(lead, lines, choose_policy(policies, product_lines=lines, source=lead.source))


def further_need_of(lead: Lead) -> Need:
    """Read what a stored lead asks of the network, by the policy version it began with."""
    if lead.policy is None:
        return need_of(lead)
    return _need(lead, product_lines_of(lead), lead.policy)


def further_needs_of(leads: Sequence[Lead]) -> dict[UUID, Further]:
    """Read what ``further_need_of`` reads, and who is being asked, for any leads at once.

    Their waves are over: those that are still being asked count as asked.

    :returns: id of the lead -> its need and its open offers.
    """
    if not leads:
        return {}
    with connection.cursor() as cursor:
        execute_prepared(
            cursor, _FURTHER, {"leads": [lead.id for lead in leads]}, {"leads": "uuid[]"}
        )
        rows = cursor.fetchall()
    policies: dict[UUID, RoutingPolicy] = {}
    found = {}
    for lead_id, *rest, policy in rows:
        known = _policy(orjson.loads(policy)) if policy else None
        if known is not None:
            known = policies.setdefault(known.id, known)
        found[lead_id] = (known, rest)
    return {lead.id: _further(lead, *found[lead.id]) for lead in leads}


def _further(lead: Lead, policy: RoutingPolicy | None, row: Sequence[Any]) -> Further:
    time_zone, hours, region, lines, rank, email, company, offers, returned = row
    made = [Asked(UUID(id_), UUID(partner), *rest) for id_, partner, *rest in _loads(offers)]
    going = [offer for offer in made if offer.status == OfferStatus.OPEN]
    if policy is None:
        need = need_of(lead)
        return Further(replace(need, asked=(*need.asked, *(o.partner_id for o in going))), going)
    return Further(
        Need(
            time_zone=time_zone,
            product_lines=tuple(lines),
            required_rank=rank,
            asked=(*(offer.partner_id for offer in made), *(returned or ())),
            conflicts=conflict_keys(
                manufacturer_id=lead.manufacturer_id,
                source=lead.source,
                email=email,
                company=company,
            ),
            policy=policy,
            calendar=WorkingTime(time_zone, tuple(hours), region).calendar_for(policy),
        ),
        going,
    )


def _need(lead: Lead, lines: tuple[UUID, ...], policy: RoutingPolicy) -> Need:
    times = Manufacturer.objects.values_list("time_zone", "working_hours", "holiday_region")
    time_zone, hours, region = times.get(id=lead.manufacturer_id)
    return Need(
        time_zone=time_zone,
        product_lines=lines,
        required_rank=_required_rank(lead),
        asked=partners_asked(lead),
        conflicts=conflicts_of(lead),
        policy=policy,
        calendar=WorkingTime(time_zone, tuple(hours), region).calendar_for(policy),
    )


def conflicts_of(lead: Lead) -> tuple[str, ...]:
    """Read by which keys a stored lead may be on an exclusion list."""
    contact = LeadContact.objects.filter(manufacturer=lead.manufacturer_id, lead=lead)
    email, company = contact.values_list("email", "company").first() or ("", "")
    return conflict_keys(
        manufacturer_id=lead.manufacturer_id, source=lead.source, email=email, company=company
    )


def _required_rank(lead: Lead) -> int | None:
    if lead.required_certification_id is None:
        return None
    ranks = CertificationLevel.objects.values_list("rank", flat=True)
    return ranks.get(id=lead.required_certification_id)


def _loads(text: str | None) -> list[Any]:
    rows: list[Any] = orjson.loads(text) if text else []
    return rows


def _policy(row: list[Any]) -> RoutingPolicy:
    values = [
        UUID(value) if name.endswith("id") and value is not None else value
        for name, value in zip(_POLICY_FIELDS, row, strict=True)
    ]
    return RoutingPolicy.from_db("default", _POLICY_FIELDS, values)
