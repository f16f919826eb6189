"""Picks added up from the log once more, set against set: to make them anew, and to compare.

The triggers of ``leads/migrations/0004_picks.py`` add facts up one after the other, as they are
appended. Here all facts of a pick are read at once, so that the two can disagree.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from leadhub.core.tenancy.context import tenant_context
from leads.models import Lead

LEADS_AT_ONCE = 1_000
FIRST = UUID(int=0)
# Told how many leads are done.
Progress = Callable[[int], None]


class Difference(NamedTuple):
    """A pick that is not what the log says.

    :ivar kept: column -> value of the row; ``None`` if it is missing.
    :ivar told: the same by the log; ``None`` if it tells of no such pick.
    """

    assignment_id: UUID
    kept: dict[str, Any] | None
    told: dict[str, Any] | None

    def __str__(self) -> str:
        if self.kept is None:
            return f"pick {self.assignment_id} is missing"
        if self.told is None:
            return f"pick {self.assignment_id} is not in the log"
        wrong = [
            f"{name} is {self.kept[name]}, by the log {told}"
            for name, told in self.told.items()
            if self.kept[name] != told
        ]
        return f"pick {self.assignment_id}: {'; '.join(wrong)}"


def compare_picks(manufacturer_id: UUID, *, on_progress: Progress) -> Iterator[Difference]:
    """Compare the picks of a manufacturer with its log; those that differ, by lead.

    Each statement sees facts and picks of one instant, so work may go on meanwhile.
    """
    for leads in _batches(manufacturer_id):
        with tenant_context(manufacturer_id), connection.cursor() as cursor:
            cursor.execute(_COMPARE, {"manufacturer": manufacturer_id, "leads": leads})
            found = [
                Difference(pick, kept and json.loads(kept), told and json.loads(told))
                for pick, kept, told in cursor.fetchall()
            ]
        yield from found
        on_progress(len(leads))


def rebuild_picks(manufacturer_id: UUID, *, on_progress: Progress) -> int:
    """Make the picks of a manufacturer anew from its log; how many were not what it says.

    The leads of each batch are locked, so nobody adds to their logs meanwhile, and for no longer.
    """
    changed = 0
    for leads in _batches(manufacturer_id):
        values: dict[str, Any] = {"manufacturer": manufacturer_id, "leads": leads}
        with tenant_context(manufacturer_id), connection.cursor() as cursor:
            cursor.execute(_LOCK, values)
            cursor.execute(_REMOVE, values)
            changed += cursor.rowcount
            cursor.execute(_WRITE, values)
            changed += cursor.rowcount
        on_progress(len(leads))
    return changed


def count_leads(manufacturer_id: UUID) -> int:
    """Tell how many leads a manufacturer has, to show how much is done."""
    with tenant_context(manufacturer_id):
        return Lead.objects.filter(manufacturer=manufacturer_id).count()


def _batches(manufacturer_id: UUID) -> Iterator[list[UUID]]:
    last = FIRST
    while True:
        with tenant_context(manufacturer_id):
            leads = list(
                Lead.objects.filter(manufacturer=manufacturer_id, id__gt=last)
                .order_by("id")
                .values_list("id", flat=True)[:LEADS_AT_ONCE]
            )
        if not leads:
            return
        yield leads
        last = leads[-1]


_COLUMNS = (
    "assignment_id", "manufacturer_id", "lead_id", "partner_id", "offered_at", "accepted_at",
    "contacted_at", "closed_at", "has_feedback", "ending", "is_lead_at_fault", "value", "currency",
    "attempts", "appointments", "quotes", "source", "campaign", "temperature", "country",
    "postal_code", "region",
)  # fmt: skip
_IS_PICK = "event.type IN ('offer.accepted', 'lead.assigned', 'lead.picked')"
_LAST = "(array_agg({what} ORDER BY event.sequence DESC) FILTER (WHERE event.type IN ({types})))[1]"
_TURNS = "'lead.won', 'lead.lost', 'lead.reopened', 'lead.returned', 'lead.taken_back'"
_REPORTED = "count(*) FILTER (WHERE event.type = 'feedback.given' AND event.data ->> 'status' = {})"


def told_picks(which: str) -> str:
    """Write what the log says of picks: those of the events of which a condition holds."""
    return _TOLD.replace("{which}", which)


_TOLD = f"""
    WITH facts AS (
        SELECT event.assignment_id, event.lead_id,
            (array_agg(event.partner_id) FILTER (WHERE {_IS_PICK}))[1] AS partner_id,
            min(event.data ->> 'offered_at') FILTER (WHERE event.type = 'offer.accepted')
                AS offered_at,
            min(event.at) FILTER (WHERE {_IS_PICK}) AS accepted_at,
            min(event.at) FILTER (WHERE event.type = 'contact.made') AS contacted_at,
            bool_or(event.type IN ('feedback.given', 'lead.returned')) AS has_feedback,
            {_LAST.format(what="event.type", types=_TURNS)} AS turn,
            {_LAST.format(what="event.at", types=_TURNS)} AS turned_at,
            {_LAST.format(what="event.data", types=_TURNS)} AS won,
            {_LAST.format(what="event.type", types="'return.confirmed', 'return.refused'")}
                AS verdict,
            count(*) FILTER (WHERE event.type IN ('contact.attempted', 'contact.made'))
                AS attempts,
            {_REPORTED.format("'APPOINTMENT'")} AS appointments,
            {_REPORTED.format("'QUOTE_SENT'")} AS quotes
        FROM leads_leadevent AS event
        WHERE {{which}} AND event.assignment_id IS NOT NULL
        GROUP BY event.assignment_id, event.lead_id
        HAVING bool_or({_IS_PICK})
    )
    SELECT facts.assignment_id, lead.manufacturer_id, facts.lead_id, facts.partner_id,
        facts.offered_at::timestamptz AS offered_at, facts.accepted_at, facts.contacted_at,
        CASE WHEN facts.turn IN ('lead.won', 'lead.lost') THEN facts.turned_at END AS closed_at,
        facts.has_feedback,
        CASE facts.turn WHEN 'lead.won' THEN 'WON' WHEN 'lead.lost' THEN 'LOST'
            WHEN 'lead.returned' THEN 'RETURNED' WHEN 'lead.taken_back' THEN 'TAKEN_BACK'
            END AS ending,
        facts.verdict IS NOT DISTINCT FROM 'return.confirmed' AS is_lead_at_fault,
        CASE WHEN facts.turn = 'lead.won' THEN (facts.won ->> 'value')::numeric(14, 2) END
            AS value,
        CASE WHEN facts.turn = 'lead.won' THEN facts.won ->> 'currency' END AS currency,
        facts.attempts, facts.appointments, facts.quotes, lead.source, lead.campaign,
        lead.temperature, lead.country, lead.postal_code, lead.region
    FROM facts JOIN leads_lead AS lead ON lead.id = facts.lead_id AND NOT lead.is_test
"""
_OF_LEADS = told_picks(
    "event.manufacturer_id = %(manufacturer)s AND event.lead_id = ANY (%(leads)s)"
)
_KEPT = f"""
    SELECT {", ".join(_COLUMNS)} FROM leads_pick
    WHERE manufacturer_id = %(manufacturer)s AND assignment_id = ANY (ARRAY(
        SELECT id FROM leads_assignment
        WHERE manufacturer_id = %(manufacturer)s AND lead_id = ANY (%(leads)s)))
"""
_COMPARE = f"""
    WITH told AS ({_OF_LEADS}), kept AS ({_KEPT})
    SELECT assignment_id, to_jsonb(kept), to_jsonb(told)
    FROM kept FULL JOIN told USING (assignment_id)
    WHERE to_jsonb(kept) IS DISTINCT FROM to_jsonb(told)
    ORDER BY coalesce(told.lead_id, kept.lead_id), assignment_id
"""
_LOCK = """
    SELECT id FROM leads_lead WHERE manufacturer_id = %(manufacturer)s AND id = ANY (%(leads)s)
    ORDER BY id FOR NO KEY UPDATE
"""
_REMOVE = f"""
    WITH told AS ({_OF_LEADS}), kept AS ({_KEPT})
    DELETE FROM leads_pick
    WHERE assignment_id IN (SELECT assignment_id FROM kept EXCEPT SELECT assignment_id FROM told)
"""
_WRITE = f"""
    INSERT INTO leads_pick AS pick ({", ".join(_COLUMNS)})
    SELECT {", ".join(f"told.{name}" for name in _COLUMNS)} FROM ({_OF_LEADS}) AS told
    ON CONFLICT (assignment_id) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])}
    WHERE ({", ".join(f"pick.{name}" for name in _COLUMNS)})
        IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _COLUMNS)})
"""
# The same of everybody at once, as ``leads.invariants`` asks.
DIFFERING = f"""
    SELECT coalesce(told.assignment_id, kept.assignment_id)::text
    FROM ({told_picks("true")}) AS told
    FULL JOIN (SELECT {", ".join(_COLUMNS)} FROM leads_pick) AS kept USING (assignment_id)
    WHERE to_jsonb(told) IS DISTINCT FROM to_jsonb(kept)
"""
