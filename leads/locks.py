"""The one way to lock: a lead first, then whatever belongs to it.

What is scarce is the lead. Every change of a lead, its offers or its assignments begins by taking
the lead's row lock, so that changes of one lead happen one after the other; rows read before the
lock are read again after it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from leadhub.core.bulk import read_row
from leadhub.core.log_context import note_lead
from leadhub.core.prepared import execute_prepared
from leads.models import Lead


class Place(NamedTuple):
    """Where somebody stands among what is due, in the order in which it falls due."""

    due_at: datetime
    id: UUID


FIRST = Place(datetime.min.replace(tzinfo=UTC), UUID(int=0))


class Claimed(NamedTuple):
    """A lead, or a pick, that a sweep has taken.

    :ivar place: where it stood among what is due.
    :ivar tenant: whose it is, where that matters.
    """

    place: Place
    tenant: UUID | None = None


def lock_lead(lead_id: UUID) -> Lead:
    """Take the lead's lock and read the lead as it is now.

    The lock lets others add rows that point at the lead, which needs no more than its key.
    """
    return _noted(Lead.objects.select_for_update(no_key=True).get(id=lead_id))


def claim_lead(lead_id: UUID) -> Lead | None:
    """Take a lead's lock unless somebody else has it."""
    lead: Lead | None = (
        Lead.objects.filter(id=lead_id).select_for_update(skip_locked=True, no_key=True).first()
    )
    return lead and _noted(lead)


def claim_overdue_leads(
    *, at: datetime, limit: int, after: Place = FIRST, but_of: Sequence[UUID] = ()
) -> list[Claimed]:
    """Lock the leads that have been overdue the longest, passing over those others work on.

    Their rows are read by ``read_claimed_leads``.

    :param after: where to begin. What lies before may be dead rows by the thousand, which a long
        report keeps from being cleared away, and to go through them takes its time.
    :param but_of: tenants whose leads are left alone.
    """
    values = {
        "at": at,
        "after": after.due_at,
        "after_id": after.id,
        "but_of": list(but_of),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        execute_prepared(cursor, _CLAIM, values, _CLAIM_TYPES)
        return [Claimed(Place(*place), tenant) for *place, tenant in cursor.fetchall()]


def read_claimed_leads(lead_ids: Sequence[UUID]) -> list[Lead]:
    """Read leads that the same transaction has locked, the longest overdue first."""
    with connection.cursor() as cursor:
        execute_prepared(cursor, _READ, {"leads": list(lead_ids)}, {"leads": "uuid[]"})
        return [read_row(Lead, _COLUMNS, row) for row in cursor.fetchall()]


def claim_to_follow_up(*, at: datetime, limit: int, after: Place = FIRST) -> list[Place]:
    """Lock the leads of the picks that should have been looked at the longest ago.

    Passes over leads that others work on. The picks were read before the lock: whoever acts on them
    reads them again.

    :returns: the place of each pick, with its id.
    """
    values = {"at": at, "after": after.due_at, "after_id": after.id, "limit": limit}
    with connection.cursor() as cursor:
        execute_prepared(cursor, _CLAIM_TO_FOLLOW_UP, values, _CLAIM_TYPES)
        return [Place(*row) for row in cursor.fetchall()]


_CLAIM = """
    SELECT due_at, id, manufacturer_id FROM leads_lead
    WHERE status = 'OFFERED' AND due_at <= %(at)s AND (due_at, id) > (%(after)s, %(after_id)s)
        AND manufacturer_id <> ALL (%(but_of)s)
    ORDER BY due_at, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
"""
_COLUMNS = [field.attname for field in Lead._meta.concrete_fields]  # noqa: SLF001 - documented
_READ = f"""
    SELECT {", ".join(_COLUMNS)} FROM leads_lead
    WHERE id = ANY (%(leads)s) ORDER BY due_at, id
"""  # noqa: S608 - the columns are the model's
_CLAIM_TO_FOLLOW_UP = """
    SELECT a.follow_up_at, a.id FROM leads_assignment a JOIN leads_lead l ON l.id = a.lead_id
    WHERE a.follow_up_at <= %(at)s AND (a.follow_up_at, a.id) > (%(after)s, %(after_id)s)
    ORDER BY a.follow_up_at, a.id LIMIT %(limit)s FOR NO KEY UPDATE OF l SKIP LOCKED
"""
_CLAIM_TYPES = {
    "at": "timestamptz",
    "after": "timestamptz",
    "after_id": "uuid",
    "but_of": "uuid[]",
    "limit": "int",
}


def _noted(lead: Lead) -> Lead:
    """Let whatever is logged from here on name the lead."""
    note_lead(lead.manufacturer_id, lead.id)
    return lead
