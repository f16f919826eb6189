"""Files on a lead: a partner adds what it photographed at the customer's, and takes it back."""

from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible, StateConflict
from leadhub.core.pictures import draw_anew
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.uploads import MEGABYTE, PICTURES, check_upload, clean_name
from leads.locks import lock_lead
from leads.models import Assignment, LeadAttachment
from leads.models.leads import Lead

ALLOWED = PICTURES | {"PDF"}
# A phone's picture, before it is drawn anew; a document stays as it is.
LARGEST_PICTURE, LARGEST_DOCUMENT = 20 * MEGABYTE, 8 * MEGABYTE
MOST_ON_A_LEAD = 30


class TooManyAttachments(StateConflict):
    """A lead has as many files as it may have."""

    code = "too_many_attachments"
    message = gettext_noop("This lead has 30 files already; remove some before you add another.")


class NotInHands(StateConflict):
    """The lead is in these hands no more, or its customer's data was erased."""

    code = "lead_not_in_hands"
    message = gettext_noop("This lead is no longer yours, or the customer's data was erased.")


def attachments_visible_to(actor: Actor, *, lead: Lead | None = None) -> QuerySet[LeadAttachment]:
    """Find files on leads, the oldest first, without what is in them.

    A partner finds its own, on leads that it holds or closed; the manufacturer all.
    """
    attachments = LeadAttachment.objects.filter(manufacturer=actor.manufacturer_id)
    if actor.is_partner:
        attachments = attachments.filter(partner=actor.partner_id, lead__partner=actor.partner_id)
    if lead is not None:
        attachments = attachments.filter(lead=lead)
    return attachments.defer("content", "preview").order_by("id")


def attachments_of(assignment: Assignment) -> list[LeadAttachment]:
    """List what the holder added to its lead; once it is in other hands, nothing."""
    return list(
        LeadAttachment.objects.filter(
            manufacturer=assignment.manufacturer_id,
            lead=assignment.lead_id,
            partner=assignment.partner_id,
            lead__partner=assignment.partner_id,
        )
        .annotate(preview_size=Length("preview"))
        .defer("content", "preview")
        .order_by("id")
    )


def assignment_of(attachment: LeadAttachment) -> Assignment:
    """Find the last time that whoever added a file took its lead."""
    own = Assignment.objects.filter(
        manufacturer=attachment.manufacturer_id,
        lead=attachment.lead_id,
        partner=attachment.partner_id,
    )
    return own.order_by("-accepted_at", "-id")[0]


@in_tenant_of("assignment")
def add_attachment(
    *, assignment: Assignment, content: bytes, file_name: str, by: Actor, at: datetime
) -> LeadAttachment:
    """Add a photograph or a document to a lead in hands; the same file again changes nothing.

    A photograph is drawn anew, so that nothing tells where and when it was taken. What a document
    says of itself stays in it.

    :raises InvalidInput: if it is no picture or PDF, damaged or too large.
    :raises NotInHands: if the lead went to somebody else, was closed or returned, or erased.
    :raises TooManyAttachments: if there are thirty on the lead.
    """
    found = check_upload(content, allowed=ALLOWED, at_most=LARGEST_PICTURE)
    preview = b""
    if found.code in PICTURES:
        content, preview = draw_anew(content)
        found = check_upload(content, allowed=ALLOWED, at_most=LARGEST_PICTURE)
    else:
        check_upload(content, allowed=ALLOWED, at_most=LARGEST_DOCUMENT)
    lead = lock_lead(assignment.lead_id)
    is_held = Assignment.objects.in_hands().filter(id=assignment.id, partner=by.partner_id)
    # Imported history has no customer whose data would be erased with it.
    if lead.erased_at is not None or lead.is_imported or not is_held.exists():
        raise NotInHands
    known = _same(lead, content, by)
    if known is not None:
        return known
    if LeadAttachment.objects.filter(lead=lead).count() >= MOST_ON_A_LEAD:
        raise TooManyAttachments
    return LeadAttachment.objects.create(
        manufacturer_id=lead.manufacturer_id,
        lead=lead,
        partner=lead.partner,
        actor=by.label,
        added_at=at,
        file_name=clean_name(file_name, of=found, otherwise="file"),
        format=found.code,
        size=len(content),
        preview=preview,
        content=content,
    )


@in_tenant_of("attachment")
def remove_attachment(*, attachment: LeadAttachment, by: Actor) -> bool:
    """Take back a file from a lead; it is gone.

    :returns: ``False`` if it was gone already.
    :raises NotVisible: if it is somebody else's.
    """
    if attachment.partner_id != by.partner_id:
        raise NotVisible
    lock_lead(attachment.lead_id)
    removed, _ = LeadAttachment.objects.filter(id=attachment.id).delete()
    return bool(removed)


def forget_attachments(lead: Lead) -> int:
    """Remove every file from a lead that is erased.

    :returns: how many there were.
    """
    removed, _ = LeadAttachment.objects.filter(
        manufacturer=lead.manufacturer_id, lead=lead
    ).delete()
    return removed


def _same(lead: Lead, content: bytes, by: Actor) -> LeadAttachment | None:
    """Find the same file on the lead: a bad network lets people send one twice."""
    alike = LeadAttachment.objects.filter(
        lead=lead, partner=by.partner_id, size=len(content)
    ).order_by("id")
    return next((one for one in alike if bytes(one.content) == content), None)
