"""Whether replaying each lead's facts gives the state that its row says.

Leads are many, ways through life are few: the database writes out what each lead went through,
counts the leads of each way and state, and every way is replayed once, by the very function that
says what a fact makes of a state.
"""

from collections.abc import Mapping
from typing import Any

from leads.events import CHANGE_STATUS, replay
from leads.invariants.statements import Invariant
from leads.models import EventType

REPLAYED = Invariant(
    "state_as_told",
    "lead whose replayed facts give another state",
    """
    SELECT coalesce(e.history, ''), l.status, count(*), (array_agg(l.id::text))[:%(examples)s]
    FROM leads_lead l
    LEFT JOIN (
        SELECT lead_id, string_agg(CASE WHEN type = %(feedback)s
            THEN type || '=' || (data ->> 'status') ELSE type END, ' ' ORDER BY sequence) AS history
        FROM leads_leadevent WHERE type = ANY (%(change_status)s) GROUP BY lead_id
    ) e ON e.lead_id = l.id
    GROUP BY 1, 2
    """,
)

WORDS: Mapping[str, Any] = {
    "feedback": EventType.FEEDBACK_GIVEN,
    "change_status": sorted(CHANGE_STATUS),
}


def state_after(history: str) -> str | None:
    """Replay a way through life as the statement writes it out."""
    facts = (fact.partition("=") for fact in history.split())
    return replay((type_, {"status": status}) for type_, _, status in facts)
