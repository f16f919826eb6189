"""Files on a lead: added and taken back from a phone, looked at there and at the desk."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible, Refusal
from leadhub.core.pages.answers import go_to, is_partial
from leadhub.core.pages.downloads import hand_out
from leadhub.core.uploads import FORMATS
from leads.attachments import (
    LARGEST_PICTURE,
    add_attachment,
    assignment_of,
    attachments_visible_to,
    remove_attachment,
)
from leads.disclosures import note_disclosures
from leads.views.work import show_work
from leads.worklist import find_assignment
from partners.decorators import PersonRequest, desk_page, partner_page
from partners.roles import Capability

# A form has one field for the camera and one for what is on the phone already.
FIELDS = ("photo", "file")
MOST_AT_ONCE = 10
PICTURE = FORMATS["JPEG"]


@partner_page(Capability.REPORT_WORK)
@require_POST
def attach(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Add what was photographed or chosen to a lead in hands; each file stands for itself."""
    assignment = find_assignment(request.person.partner_ids, assignment_id)
    if assignment is None:
        raise NotVisible
    by, at = request.person.as_partner(assignment.partner_id), clock.now()
    sent = [one for field in FIELDS for one in request.FILES.getlist(field)][:MOST_AT_ONCE]
    if not sent:
        messages.error(request, gettext("Take a photo or choose a file first."))
    added = 0
    for one in sent:
        try:
            add_attachment(
                assignment=assignment, content=_read(one), file_name=one.name or "", by=by, at=at
            )
        except Refusal as refusal:
            messages.error(request, f"{one.name}: {refusal.in_words()}")
        else:
            added += 1
    if added:
        messages.success(request, gettext("Stored with the lead."))
    if not is_partial(request):
        return go_to(request, "partner-lead", assignment_id)
    status = HTTPStatus.OK if added else HTTPStatus.UNPROCESSABLE_ENTITY
    return show_work(request, assignment_id, at=at, part="answer", status=status)


@partner_page(Capability.SEE_WORK)
@require_safe
def open_own(request: PersonRequest, attachment_id: UUID) -> HttpResponse:
    """Hand out a file to the partner that added it and holds the lead."""
    for actor in request.person.as_partners:
        found = attachments_visible_to(actor).filter(id=attachment_id).first()
        if found is not None:
            return _hand_out(request, found, by=actor)
    raise NotVisible


@partner_page(Capability.REPORT_WORK)
@require_POST
def take_back(request: PersonRequest, attachment_id: UUID) -> HttpResponse:
    """Take a file back from a lead."""
    for actor in request.person.as_partners:
        found = attachments_visible_to(actor).filter(id=attachment_id).first()
        if found is not None:
            return _remove(request, found, by=actor)
    raise NotVisible


@desk_page(Capability.SEE_LEADS)
@require_safe
def open_at_desk(request: PersonRequest, attachment_id: UUID) -> HttpResponse:
    """Hand out a file to the manufacturer's people."""
    actor = request.person.at_desk
    found = attachments_visible_to(actor).filter(id=attachment_id).first()
    if found is None:
        raise NotVisible
    return _hand_out(request, found, by=actor)


def _read(sent: Any) -> bytes:
    """Read a file; of one that is too large no more than tells so."""
    content: bytes = sent.read(LARGEST_PICTURE + 1)
    return content


def _hand_out(request: PersonRequest, found: Any, *, by: Actor) -> HttpResponse:
    """Answer with the file or, asked for, with its small picture; that it was seen is noted."""
    note_disclosures([found.lead_id], by=by, at=clock.now())
    if "preview" in request.GET:
        return hand_out(bytes(found.preview), media_type=PICTURE.media_type, name="preview.jpg")
    media_type = FORMATS[found.format].media_type
    return hand_out(bytes(found.content), media_type=media_type, name=found.file_name)


def _remove(request: PersonRequest, found: Any, *, by: Actor) -> HttpResponse:
    """Remove a file and lead back to its lead."""
    assignment = assignment_of(found)
    remove_attachment(attachment=found, by=by)
    messages.success(request, gettext("The file was removed."))
    return go_to(request, "partner-lead", assignment.id)
