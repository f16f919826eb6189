"""Who has seen a customer's contact: noted once a day for each person or program and lead.

A list that names customers shows them as the page of a lead does, and is noted for each lead in it.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Min

from leadhub.core.actors import Actor
from leadhub.core.tenancy.context import current_scope, tenant_context
from leads.models import Lead, LeadDisclosure
from partners.models import Partner
from partners.selectors import names_of_actors


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Somebody who has seen the contact of a lead.

    :ivar by: a person's or a program's name; empty if there is no such account any more.
    :ivar partner: name of the partner they saw it for, empty for the manufacturer's own.
    :ivar days: on how many days.
    """

    by: str
    is_program: bool
    partner: str
    first_at: datetime
    last_at: datetime
    days: int


def note_disclosures(lead_ids: Iterable[UUID], *, by: Actor, at: datetime) -> int:
    """Note that somebody is shown the contacts of these leads; once a day is enough.

    Days are the manufacturer's. Who looks again on the same day costs one look at an index; the
    first look one insert that another one of the same moment does not disturb.

    :returns: how many were not known yet.
    """
    wanted = sorted(set(lead_ids))
    if not wanted:
        return 0
    day, known = _known(wanted, by=by, at=at)
    new = [
        LeadDisclosure(
            manufacturer_id=by.manufacturer_id,
            lead_id=lead_id,
            partner_id=by.partner_id,
            actor=by.label,
            day=day,
            seen_at=at,
        )
        for lead_id in wanted
        if lead_id not in known
    ]
    if new:
        is_tenants = current_scope().manufacturer == str(by.manufacturer_id)
        with nullcontext() if is_tenants else tenant_context(by.manufacturer_id):
            LeadDisclosure.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _known(lead_ids: list[UUID], *, by: Actor, at: datetime) -> tuple[date, set[UUID]]:
    """Tell which day it is for the manufacturer, and which of the leads are noted for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            _KNOWN,
            {
                "manufacturer": by.manufacturer_id,
                "actor": by.label,
                "at": at,
                "leads": [str(lead_id) for lead_id in lead_ids],
            },
        )
        rows: list[tuple[date, UUID | None]] = cursor.fetchall()
    return rows[0][0], {lead_id for _, lead_id in rows if lead_id is not None}


_KNOWN = """
    SELECT today.day, d.lead_id
    FROM partners_manufacturer m
    CROSS JOIN LATERAL (SELECT (%(at)s AT TIME ZONE m.time_zone)::date AS day) today
    LEFT JOIN leads_leaddisclosure d ON d.manufacturer_id = m.id AND d.actor = %(actor)s
        AND d.day = today.day AND d.lead_id = ANY (%(leads)s::uuid[])
    WHERE m.id = %(manufacturer)s
"""


def leads_with_contact(rows: Iterable[Any]) -> list[UUID]:
    """Pick those leads whose contact was read along and is there."""
    return [row.id for row in rows if getattr(row, "contact", None) is not None]


def leads_shown_to_holder(assignments: Iterable[Any]) -> list[UUID]:
    """Pick the leads, still in these hands, whose contact was read along and is there."""
    return leads_with_contact(
        one.lead for one in assignments if one.lead.partner_id == one.partner_id
    )


def disclosures_of(lead: Lead) -> list[Disclosure]:
    """Tell who has seen the contact of a lead, whoever saw it last first; for the manufacturer."""
    rows: list[Any] = list(
        LeadDisclosure.objects.filter(manufacturer=lead.manufacturer_id, lead=lead)
        .values("actor", "partner_id")
        .annotate(first_at=Min("seen_at"), last_at=Max("seen_at"), days=Count("id"))
        .order_by("-last_at", "actor")
    )
    names = names_of_actors(row["actor"] for row in rows)
    ids = {row["partner_id"] for row in rows} - {None}
    partners = Partner.objects.in_bulk(ids)
    return [
        Disclosure(
            by=names.get(row["actor"], ""),
            is_program=row["actor"].startswith("key:"),
            partner=_name_of(partners.get(row["partner_id"])),
            first_at=row["first_at"],
            last_at=row["last_at"],
            days=row["days"],
        )
        for row in rows
    ]


def _name_of(partner: Partner | None) -> str:
    return "" if partner is None else partner.name
