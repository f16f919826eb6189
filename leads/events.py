"""The log of a lead: facts are appended here and nowhere else, and their replay gives the state."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Model

from leadhub.core.actors import Actor
from leadhub.core.bulk import insert_together, new_row
from leads.chain import Fact, digest_after
from leads.models import Assignment, EventType, Lead, LeadEvent
from leads.models.leads import LeadStatus

# What a fact makes of the lead's state; facts not named leave it as it is.
STATUS_AFTER: Mapping[str, LeadStatus] = {
    EventType.LEAD_RECEIVED: LeadStatus.RECEIVED,
    EventType.LEAD_HELD: LeadStatus.HELD,
    EventType.LEAD_RELEASED: LeadStatus.RECEIVED,
    EventType.LEAD_MERGED: LeadStatus.MERGED,
    EventType.LEAD_REJECTED: LeadStatus.REJECTED,
    EventType.WAVE_OPENED: LeadStatus.OFFERED,
    EventType.LEAD_UNPLACED: LeadStatus.OPEN,
    EventType.LEAD_WITHDRAWN: LeadStatus.WITHDRAWN,
    EventType.OFFER_ACCEPTED: LeadStatus.ACCEPTED,
    EventType.LEAD_ASSIGNED: LeadStatus.ACCEPTED,
    EventType.LEAD_PICKED: LeadStatus.ACCEPTED,
    EventType.LEAD_TAKEN_BACK: LeadStatus.RETURNED,
    EventType.LEAD_RETURNED: LeadStatus.RETURNED,
    EventType.LEAD_WON: LeadStatus.WON,
    EventType.LEAD_LOST: LeadStatus.LOST,
    EventType.LEAD_REOPENED: LeadStatus.IN_PROGRESS,
}
# What a partner's report makes of it, as long as the lead is in hands.
STATUS_AFTER_FEEDBACK: Mapping[str, LeadStatus] = {
    "REACHED": LeadStatus.CONTACTED,
    "APPOINTMENT": LeadStatus.IN_PROGRESS,
    "QUOTE_SENT": LeadStatus.IN_PROGRESS,
}
# The facts that ``replay`` looks at.
CHANGE_STATUS = frozenset({*STATUS_AFTER, EventType.CONTACT_MADE, EventType.FEEDBACK_GIVEN})

# Of what a fact's digest is made, in that order.
_COVERED = attrgetter(*Fact._fields)


class LeadLog:
    """Collects what one transaction adds about one locked or new lead, and writes it at once."""

    def __init__(self, lead: Lead, *, by: Actor) -> None:
        self.lead = lead
        self.by = by
        self.entries: list[LeadEvent] = []
        self.rows: list[Model] = []
        self.offered_at: dict[UUID, datetime] = {}
        self.assignments: dict[UUID, int] = {}

    def add(
        self,
        type_: EventType,
        *,
        at: datetime,
        partner_id: UUID | None = None,
        assignment_id: UUID | None = None,
        **data: Any,
    ) -> LeadEvent:
        """Note one fact. ``data`` holds ids, codes and figures, never anything personal."""
        self.lead.last_sequence += 1
        event = new_row(
            LeadEvent,
            manufacturer_id=self.lead.manufacturer_id,
            lead_id=self.lead.id,
            sequence=self.lead.last_sequence,
            type=type_,
            partner_id=partner_id,
            assignment_id=assignment_id,
            actor=self.by.label,
            at=at,
            data=data,
        )
        self.entries.append(event)
        return event

    def add_of(
        self, assignment: Assignment, type_: EventType, *, at: datetime, **data: Any
    ) -> LeadEvent:
        """Note one fact about a pick."""
        return self.add(
            type_, at=at, partner_id=assignment.partner_id, assignment_id=assignment.id, **data
        )

    def store(self, *rows: Model) -> None:
        """Keep new rows of any table until the facts are written."""
        self.rows += rows

    def note_offered(self, partner_id: UUID, *, at: datetime) -> None:
        """Keep that a partner was asked."""
        self.offered_at[partner_id] = at

    def count_assignment(self, partner_id: UUID, change: int) -> None:
        """Keep that a partner holds one lead more, or one less; imported ones burden nobody."""
        if self.lead.is_imported:
            return
        self.assignments[partner_id] = self.assignments.get(partner_id, 0) + change

    def close(self, *fields: str) -> None:
        """Write the facts and all that was kept, and save these fields of the lead.

        A lead that is new is written whole, with everything else, in one statement. Nobody waits
        for it: it goes with the next statement, or with the end of the transaction.
        """
        self.seal()
        is_new = self.lead._state.adding  # noqa: SLF001 - as Django's own documentation uses it
        rows = [self.lead, *self.rows] if is_new else self.rows
        insert_together([*rows, *self.entries], also=self._standings(), is_along=True)
        self.entries, self.rows = [], []
        if not is_new:
            self.lead.save(update_fields=[*fields, "last_sequence", "log_digest"])

    def seal(self) -> None:
        """Let each fact carry a digest of itself and of those before it."""
        digest = bytes(self.lead.log_digest)
        for event in self.entries:
            digest = event.digest = digest_after(digest, Fact(*_COVERED(event)))
        self.lead.log_digest = digest

    def _standings(self) -> list[tuple[str, list[Any]]]:
        """Change what partners' standings say, in one statement and in the order of their ids.

        Two transactions that touch the same partners then wait for each other instead of locking
        each other out.
        """
        partners = sorted({*self.offered_at, *self.assignments})
        if not partners:
            return []
        changes = [self.assignments.get(partner, 0) for partner in partners]
        offered = [self.offered_at.get(partner) for partner in partners]
        self.offered_at, self.assignments = {}, {}
        return [(_CHANGE_STANDINGS, [self.lead.manufacturer_id, partners, changes, offered])]


_CHANGE_STANDINGS = """
    WITH c AS (
        SELECT %s::uuid AS manufacturer_id, *
        FROM unnest(%s::uuid[], %s::int[], %s::timestamptz[]) AS c (partner_id, change, offered_at)
    )
    INSERT INTO leads_partnerstanding
        (partner_id, manufacturer_id, open_assignments, last_offered_at)
    SELECT partner_id, manufacturer_id, greatest(change, 0), offered_at FROM c
    ORDER BY partner_id
    ON CONFLICT (partner_id) DO UPDATE
    SET open_assignments = leads_partnerstanding.open_assignments
            + (SELECT change FROM c WHERE c.partner_id = excluded.partner_id),
        last_offered_at = greatest(leads_partnerstanding.last_offered_at, excluded.last_offered_at)
"""


def status_after_feedback(status: str, feedback: str) -> str:
    """Tell what a report makes of a lead in hands: it goes on, never back."""
    reported = STATUS_AFTER_FEEDBACK.get(feedback)
    if reported is None or status == LeadStatus.IN_PROGRESS:
        return status
    return reported


def replay(facts: Iterable[tuple[str, Mapping[str, Any]]]) -> str | None:
    """Fold facts, oldest first, into the lead's state; ``None`` without any.

    :param facts: pairs of event type and data.
    """
    status: str | None = None
    for type_, data in facts:
        if type_ in STATUS_AFTER:
            status = STATUS_AFTER[type_]
        elif type_ == EventType.CONTACT_MADE and status == LeadStatus.ACCEPTED:
            status = LeadStatus.CONTACTED
        elif type_ == EventType.FEEDBACK_GIVEN and status is not None:
            status = status_after_feedback(status, data["status"])
    return status
