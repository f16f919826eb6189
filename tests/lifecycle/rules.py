"""What must hold after every step of a lead's life, whatever the step was."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db import connection

from leadhub.core.tenancy.context import system_context
from leads.events import replay
from leads.models import EventType, Lead
from leads.models.leads import LeadStatus as S
from leads.models.offers import OfferStatus as Offer

IN_HANDS = {S.ACCEPTED, S.CONTACTED, S.IN_PROGRESS}
CLOSED = {S.WON, S.LOST}

# Which state may follow which, one fact at a time; every state may follow itself.
FOLLOWS: dict[S | None, set[S]] = {
    None: {S.RECEIVED},
    S.RECEIVED: {S.HELD, S.OFFERED, S.OPEN, S.ACCEPTED},
    # released: received once more, and routed in the same step
    S.HELD: {S.RECEIVED, S.OFFERED, S.OPEN, S.MERGED, S.REJECTED},
    S.OFFERED: {S.ACCEPTED, S.OPEN, S.WITHDRAWN},
    S.OPEN: {S.ACCEPTED, S.OFFERED, S.WITHDRAWN},
    S.ACCEPTED: {S.CONTACTED, S.IN_PROGRESS, S.WON, S.LOST, S.RETURNED},
    S.CONTACTED: {S.IN_PROGRESS, S.WON, S.LOST, S.RETURNED},
    S.IN_PROGRESS: {S.WON, S.LOST, S.RETURNED},
    # withdrawn: nobody can be asked to call a customer whose data was erased
    S.RETURNED: {S.OFFERED, S.OPEN, S.WITHDRAWN},
    S.WON: {S.IN_PROGRESS},
    S.LOST: {S.IN_PROGRESS},
    S.WITHDRAWN: set(),
    S.MERGED: set(),
    S.REJECTED: set(),
}
# States that last only within one step.
PASSING = {S.RECEIVED, S.RETURNED}

OFFER_FOLLOWS: dict[Offer, set[Offer]] = {
    Offer.OPEN: {Offer.ACCEPTED, Offer.DECLINED, Offer.EXPIRED, Offer.WITHDRAWN},
    Offer.EXPIRED: {Offer.ACCEPTED},
    Offer.ACCEPTED: {Offer.RETURNED},
    Offer.DECLINED: set(),
    Offer.WITHDRAWN: set(),
    Offer.RETURNED: set(),
}
# Facts by which a partner comes to hold a lead, and by which it ceases to.
PICKS = {EventType.OFFER_ACCEPTED, EventType.LEAD_ASSIGNED, EventType.LEAD_PICKED}


# One statement, for it is asked before and after every step. Instants and ids are texts in it.
STATE = """
    SELECT to_jsonb(l),
        (SELECT coalesce(jsonb_object_agg(o.id, to_jsonb(o)), '{}')
            FROM leads_leadoffer o WHERE o.lead_id = l.id),
        (SELECT coalesce(jsonb_object_agg(a.id, to_jsonb(a)), '{}')
            FROM leads_assignment a WHERE a.lead_id = l.id),
        (SELECT coalesce(jsonb_agg(w.number ORDER BY w.number), '[]')
            FROM leads_wave w WHERE w.lead_id = l.id),
        (SELECT coalesce(jsonb_agg(to_jsonb(e) ORDER BY e.sequence), '[]')
            FROM leads_leadevent e WHERE e.lead_id = l.id),
        (SELECT coalesce(jsonb_object_agg(s.partner_id, s.open_assignments), '{}')
            FROM leads_partnerstanding s),
        (SELECT count(*) FROM core_delivery)
    FROM leads_lead l WHERE l.id = %s
"""


@dataclass(frozen=True)
class State:
    """Everything about a lead that a step can change, as the database has it."""

    lead: dict[str, Any]
    offers: dict[str, dict[str, Any]]
    assignments: dict[str, dict[str, Any]]
    waves: list[int]
    events: list[dict[str, Any]]
    standings: dict[str, int]
    deliveries: int

    @classmethod
    def of(cls, lead: Lead) -> "State":
        """Read a lead as it is now."""
        with system_context("test.state"), connection.cursor() as cursor:
            cursor.execute(STATE, [lead.id])
            *parts, deliveries = cursor.fetchone()
        lead_row, offers, assignments, waves, events, standings = map(json.loads, parts)
        return cls(lead_row, offers, assignments, waves, events, standings, deliveries)

    @property
    def status(self) -> str:
        """Where the lead stands."""
        status: str = self.lead["status"]
        return status

    @property
    def in_hands(self) -> list[dict[str, Any]]:
        """Assignments that are neither closed nor returned."""
        return [row for row in self.assignments.values() if row["outcome"] is None]


def complaints(before: State | None, now: State) -> list[str]:
    """Everything that is not as it must be, in words."""
    found = [*_of_the_lead(now), *_of_offers(now), *_of_the_log(now), *_of_standings(now)]
    found += _of_what_follows(now)
    if before is not None:
        found += _of_the_step(before, now)
    return found


def _of_the_lead(now: State) -> Iterator[str]:
    holder, deadline = now.lead["partner_id"], now.lead["respond_by"]
    if now.status in PASSING:
        yield f"it rests in {now.status}"
    if len(now.in_hands) != (now.status in IN_HANDS):
        yield f"{now.status} with {len(now.in_hands)} open assignments"
    if (holder is not None) != (now.status in IN_HANDS | CLOSED):
        yield f"{now.status} with holder {holder}"
    if any(row["partner_id"] != holder for row in now.in_hands):
        yield "the open assignment is not the holder's"
    if (deadline is not None) != (now.status == S.OFFERED):
        yield f"{now.status} with deadline {deadline}"
    if now.lead["erased_at"] is not None and now.status in (S.HELD, S.OFFERED, S.OPEN):
        yield f"erased, and {now.status}"
    if now.waves != list(range(1, now.lead["wave"] + 1)):
        yield f"waves {now.waves}, the last one being {now.lead['wave']}"


def _of_what_follows(now: State) -> Iterator[str]:
    """What a partner is reminded of, and nothing else, waits for the sweep."""
    facts = Counter(event["type"] for event in now.events)
    for row in now.assignments.values():
        due = [row["contact_due_at"], _untold(row)]
        if row["follow_up_at"] != min(filter(None, due), default=None):
            yield "the sweep looks at another moment"
        if row["contact_due_at"] and (row["contacted_at"] or row["first_feedback_at"]):
            yield "a first call is awaited although something has happened"
        if row["outcome"] is None and now.lead["erased_at"] is None and not row["feedback_due_at"]:
            yield "no feedback is awaited of a lead in hands"
    picks = sum(facts[pick] for pick in PICKS)
    if facts[EventType.CONTACT_OVERDUE] > picks:
        yield "a partner was reminded of the first call twice"


def _untold(row: dict[str, Any]) -> str | None:
    due_at: str | None = row["feedback_due_at"]
    told_at: str | None = row["feedback_told_at"]
    return due_at if due_at and (told_at is None or told_at < due_at) else None


def _of_offers(now: State) -> Iterator[str]:
    by_status: dict[str, list[dict[str, Any]]] = {status: [] for status in Offer}
    for row in now.offers.values():
        by_status[row["status"]].append(row)
    still_open, accepted = by_status[Offer.OPEN], by_status[Offer.ACCEPTED]
    if len(accepted) > 1:
        yield f"{len(accepted)} accepted offers"
    if any(row["partner_id"] != now.lead["partner_id"] for row in accepted):
        yield "the accepted offer is not the holder's"
    if bool(still_open) != (now.status == S.OFFERED):
        yield f"{now.status} with {len(still_open)} open offers"
    current = (now.lead["wave"], now.lead["respond_by"])
    if any((row["wave"], row["respond_by"]) != current for row in still_open):
        yield "an open offer of another wave or deadline"
    if len({row["partner_id"] for row in still_open}) != len(still_open):
        yield "a partner was asked twice at once"


def _of_the_log(now: State) -> Iterator[str]:
    facts = [(event["type"], event["data"]) for event in now.events]
    if [event["sequence"] for event in now.events] != list(range(1, len(facts) + 1)):
        yield "the log has a gap"
    if now.lead["last_sequence"] != len(facts):
        yield "the lead counts other facts than its log"
    if replay(facts) != now.status:
        yield f"the log says {replay(facts)}, the lead {now.status}"
    for state, following in pairwise(states_in(now)):
        if following != state and following not in FOLLOWS[state]:
            yield f"{state} became {following}"
    if sum(type_ in PICKS for type_, _ in facts) != len(now.assignments):
        yield f"{len(now.assignments)} assignments, and other picks in the log"
    told = {data["offer"] for type_, data in facts if type_ == EventType.LEAD_OFFERED}
    if told != {str(offer_id) for offer_id in now.offers}:
        yield "the log tells of other offers"


def states_in(now: State) -> list[S | None]:
    """The states that a lead went through, as its log tells."""
    facts = [(event["type"], event["data"]) for event in now.events]
    states = (replay(facts[:count]) for count in range(1, len(facts) + 1))
    return [None, *(S(state) for state in states if state is not None)]


def _of_standings(now: State) -> Iterator[str]:
    held = Counter(row["partner_id"] for row in now.in_hands)
    for partner_id in now.standings.keys() | held.keys():
        if now.standings.get(partner_id, 0) != held[partner_id]:
            yield f"{now.standings.get(partner_id)} open assignments noted, {held[partner_id]} held"


def _of_the_step(before: State, now: State) -> Iterator[str]:
    for offer_id, row in before.offers.items():
        status, following = Offer(row["status"]), Offer(now.offers[offer_id]["status"])
        if following != status and following not in OFFER_FOLLOWS[status]:
            yield f"an offer {status} became {following}"
    for assignment_id, row in before.assignments.items():
        changed = now.assignments[assignment_id]
        if row["outcome"] == "RETURNED" and changed["outcome"] != "RETURNED":
            yield "a returned assignment came back to life"
        for first in ("contacted_at", "first_feedback_at"):
            if row[first] not in (None, changed[first]):
                yield f"{first} changed"
    yield from _of_what_stays(before, now)


def _of_what_stays(before: State, now: State) -> Iterator[str]:
    if before.lead["erased_at"] not in (None, now.lead["erased_at"]):
        yield "it was erased twice, or came back"
    if now.events[: len(before.events)] != before.events:
        yield "the log was changed"
