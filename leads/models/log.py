"""The append-only log: one fact a row, and every figure derives from it."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key
from leadhub.core.transactions import TransactionNumber


class EventType(models.TextChoices):
    """Every kind of fact; its value is its name in the API, dotted and in the past tense."""

    LEAD_RECEIVED = "lead.received"
    LEAD_HELD = "lead.held"
    LEAD_RELEASED = "lead.released"
    LEAD_MERGED = "lead.merged"
    LEAD_REJECTED = "lead.rejected"
    WAVE_OPENED = "lead.wave_opened"
    LEAD_OFFERED = "lead.offered"
    OFFER_VIEWED = "offer.viewed"
    OFFER_ACCEPTED = "offer.accepted"
    OFFER_DECLINED = "offer.declined"
    OFFER_EXPIRED = "offer.expired"
    OFFER_WITHDRAWN = "offer.withdrawn"
    OFFER_EXTENDED = "offer.extended"
    LEAD_ASSIGNED = "lead.assigned"
    LEAD_PICKED = "lead.picked"
    LEAD_UNPLACED = "lead.unplaced"
    LEAD_ESCALATED = "lead.escalated"
    LEAD_WITHDRAWN = "lead.withdrawn"
    LEAD_REROUTED = "lead.rerouted"
    LEAD_TAKEN_BACK = "lead.taken_back"
    CONTACT_ATTEMPTED = "contact.attempted"
    CONTACT_MADE = "contact.made"
    CONTACT_OVERDUE = "contact.overdue"
    FEEDBACK_GIVEN = "feedback.given"
    FEEDBACK_OVERDUE = "feedback.overdue"
    LEAD_HANDED_OVER = "lead.handed_over"
    STAGE_SET = "lead.stage_set"
    NOTE_ADDED = "note.added"
    REMINDER_SET = "reminder.set"
    REMINDER_DONE = "reminder.done"
    REMINDER_CANCELLED = "reminder.cancelled"
    LEAD_RETURNED = "lead.returned"
    RETURN_CONFIRMED = "return.confirmed"
    RETURN_REFUSED = "return.refused"
    LEAD_WON = "lead.won"
    LEAD_LOST = "lead.lost"
    LEAD_REOPENED = "lead.reopened"
    LEAD_ERASED = "lead.erased"


class LeadEvent(TenantModel):
    """One fact about a lead: written once, never changed, never deleted.

    :ivar sequence: 1, 2, 3 ... within the lead, without gaps.
    :ivar assignment_id: the pick that the fact belongs to, if any; figures group by it.
    :ivar actor: ``user:<id>``, ``key:<id>`` or ``system:<name>``; ``None`` if nobody acted.
    :ivar at: when it was true; ``recorded_at`` is when it was written.
    :ivar data: ids, codes and figures only: nothing personal.
    :ivar digest: of this fact and those before it (see ``leads.chain``).
    :ivar transaction: the number of the one that wrote it, by which feeds read.
    """

    lead = tenant_foreign_key("leads.Lead", related_name="events")
    sequence = models.PositiveIntegerField()
    type = models.CharField(max_length=24, choices=EventType.choices)
    partner = tenant_foreign_key("partners.Partner", null=True)
    assignment_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=60, null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    data = models.JSONField(default=dict)
    digest = models.BinaryField(max_length=32, default=b"")
    transaction = models.BigIntegerField(db_default=TransactionNumber())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "lead", "sequence"], name="one_event_per_sequence"
            )
        ]
        indexes = [
            # Figures: the picks of a period, then what followed each of them.
            models.Index(
                fields=["manufacturer", "at"],
                name="picks_of_period",
                condition=models.Q(type__in=("offer.accepted", "lead.assigned", "lead.picked")),
            ),
            models.Index(
                fields=["assignment_id"],
                name="events_of_pick",
                condition=models.Q(assignment_id__isnull=False),
            ),
            # The feed of a tenant.
            models.Index(
                fields=["manufacturer", "transaction", "lead", "sequence"], name="events_in_order"
            ),
            # What was recorded since the last checkpoint; rows lie in about that order.
            BrinIndex(fields=["recorded_at"], name="events_by_recording", autosummarize=True),
        ]

    def __str__(self) -> str:
        return self.type


class LogCheckpoint(TenantModel):
    """What a tenant's log was at an instant: written once a day, never changed, never deleted.

    :ivar number: 1, 2, 3 ... within the tenant.
    :ivar up_to: the facts recorded before this instant, and since the checkpoint before, are meant.
    :ivar events: how many these are.
    :ivar digest: over the last of these facts of every lead, and the checkpoint before.
    """

    number = models.PositiveIntegerField()
    taken_at = models.DateTimeField()
    up_to = models.DateTimeField()
    events = models.PositiveBigIntegerField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "number"], name="one_checkpoint_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"checkpoint {self.number}"
