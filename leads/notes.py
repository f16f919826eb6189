"""Notes on a lead: written once by who works on it, read by the partner and the manufacturer."""

from datetime import datetime

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import in_tenant_of
from leads.events import LeadLog
from leads.feedback import LeadErased, lock_in_hands
from leads.models import Assignment, EventType, LeadNote

NOTE_AT_MOST = 2_000


@in_tenant_of("assignment")
def add_note(*, assignment: Assignment, text: str, by: Actor, at: datetime) -> LeadNote:
    """Keep what a partner writes about a lead in its hands; the log only says that there is a note.

    The last note once more, by the same person, is a repeat and changes nothing.

    :raises AssignmentEnded: if the lead is closed or was returned.
    :raises InvalidInput: if there is nothing in it, or too much.
    :raises LeadErased: if the customer's data was erased; words about a customer are personal.
    """
    text = text.strip()
    _check(text)
    lead, assignment = lock_in_hands(assignment)
    if lead.erased_at is not None:
        raise LeadErased
    own = LeadNote.objects.filter(manufacturer=lead.manufacturer_id, assignment=assignment)
    last = own.order_by("-written_at", "-id").first()
    if last is not None and (last.text, last.user_id) == (text, by.user_id):
        return last
    note = LeadNote.objects.create(
        id=new_id(),
        manufacturer_id=lead.manufacturer_id,
        assignment=assignment,
        user_id=by.user_id,
        text=text,
        written_at=at,
    )
    log = LeadLog(lead, by=by)
    log.add_of(assignment, EventType.NOTE_ADDED, at=at, note=str(note.id))
    log.close()
    return note


def _check(text: str) -> None:
    if not text:
        raise InvalidInput(
            field="text", message=gettext_noop("Write something first."), code="required"
        )
    if len(text) > NOTE_AT_MOST:
        raise InvalidInput(
            field="text",
            message=gettext_noop("A note has at most %(most)s characters."),
            code="too_long",
            params={"most": NOTE_AT_MOST},
        )
