"""What a partner keeps with a lead in its hands: notes, and when to look at it again."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class LeadNote(TenantModel):
    """What somebody wrote about a lead: read by the partner and the manufacturer, never changed.

    :ivar text: free text, possibly personal; stays out of the log, and is blanked by an erasure,
        which is the only change that the database allows.
    """

    assignment = tenant_foreign_key(
        "leads.Assignment", related_name="notes", on_delete=models.CASCADE
    )
    user = models.ForeignKey(
        "partners.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The notes on a lead, in the order in which they were written.
            models.Index(
                fields=["manufacturer", "assignment", "written_at"], name="notes_of_assignment"
            )
        ]

    def __str__(self) -> str:
        return f"note on {self.assignment_id}"


class ReminderEnd(models.TextChoices):
    """How a reminder came to an end."""

    DONE = "DONE", _("Done")
    CANCELLED = "CANCELLED", _("Cancelled")
    MOVED = "MOVED", _("Moved")


class Reminder(TenantModel):
    """When somebody wants to look at a lead again; a lead in hands has one at the most.

    :ivar user: who is told; ``None`` is everybody of the partner.
    :ivar due_at: when the lead stands in front and the message leaves.
    :ivar text: what for, in a few words, possibly personal; blanked by an erasure.
    :ivar ended_at: when it was done, cancelled, or moved to another time or another person.
    """

    End = ReminderEnd

    assignment = tenant_foreign_key(
        "leads.Assignment", related_name="reminders", on_delete=models.CASCADE
    )
    user = models.ForeignKey(
        "partners.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    due_at = models.DateTimeField()
    text = models.CharField(max_length=200, blank=True, default="")
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=10, choices=ReminderEnd.choices, null=True)

    class Meta:
        constraints = [
            # Also serves the look-up of the reminders of leads in hands.
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(ended_at__isnull=True),
                name="one_open_reminder_per_assignment",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_as__isnull=True)
                | Q(ended_at__isnull=False, ended_as__isnull=False),
                name="an_ended_reminder_says_how",
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=models.F("set_at")), name="a_reminder_lies_ahead"
            ),
        ]
        indexes = [
            # Everything that was kept with a lead, for its erasure.
            models.Index(fields=["manufacturer", "assignment"], name="reminders_of_assignment")
        ]

    def __str__(self) -> str:
        return f"reminder for {self.due_at}"
