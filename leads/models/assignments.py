"""An accepted lead in a partner's hands, and what the partner reports."""

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class Outcome(models.TextChoices):
    """What became of an assignment."""

    WON = "WON", _("Won")
    LOST = "LOST", _("Lost")
    RETURNED = "RETURNED", _("Returned")


class LostReason(models.TextChoices):
    """Why a customer did not buy."""

    PRICE = "PRICE", _("Price")
    COMPETITOR = "COMPETITOR", _("Bought elsewhere")
    NO_NEED = "NO_NEED", _("No need any more")
    TIMING = "TIMING", _("Wrong time")
    OTHER = "OTHER", _("Another reason")


class ReturnReason(models.TextChoices):
    """Why a partner gives a lead back."""

    WRONG_DATA = "WRONG_DATA", _("Contact data is wrong")
    NOT_REACHABLE = "NOT_REACHABLE", _("Not reachable")
    NOT_OUR_PRODUCT = "NOT_OUR_PRODUCT", _("Not our product")
    OTHER = "OTHER", _("Another reason")


class ReturnVerdict(models.TextChoices):
    """Whether the manufacturer takes a return as the lead's fault."""

    CONFIRMED = "CONFIRMED", _("Confirmed")
    REFUSED = "REFUSED", _("Refused")


class ClosingChance(models.TextChoices):
    """How likely a partner takes a sale to be: one of a few classes, never a free percentage."""

    LOW = "LOW", _("Low")
    MEDIUM = "MEDIUM", _("Medium")
    HIGH = "HIGH", _("High")


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Named conditions on assignments."""

    def in_hands(self) -> "AssignmentQuerySet":
        """Neither closed nor returned."""
        return self.filter(outcome__isnull=True)


def follow_up_at() -> Case:
    """Say when somebody has to look at an assignment: at what falls due first and is not told yet.

    The database computes it, so whoever changes what is due need not know who looks at it.
    """
    untold = Q(feedback_told_at__isnull=True) | Q(feedback_told_at__lt=F("feedback_due_at"))
    due_at = Least("contact_due_at", Case(When(untold, then=F("feedback_due_at"))))
    is_due = Q(contact_due_at__isnull=False) | (Q(feedback_due_at__isnull=False) & untold)
    return Case(When(is_due, then=Greatest(due_at, "put_off_until")))


class Assignment(TenantModel):
    """A lead picked: from its acceptance to its outcome.

    :ivar offer: ``None`` for a direct assignment and for a pick from the pick list.
    :ivar offered_at: when the accepted offer was available, ``None`` without an offer.
    :ivar closed_at: when it was won or lost; a return ends it without (``returned_at``).
    :ivar contact_due_at: when the next step follows if nothing happens with the lead; which one,
        ``contact_step`` says (see ``leads.follow_up``); ``None`` if nothing follows.
    :ivar feedback_told_at: which due feedback the partner was told of that it is overdue.
    :ivar put_off_until: set after a failure, to look at others first.
    :ivar follow_up_at: when the sweep looks at it.
    :ivar feedback_due_at: when the partner's next feedback is due; ``None`` when none is asked: the
        lead has ended, is imported, or was erased.
    :ivar closing_chance: how likely the partner takes a sale to be; with it go the first day of the
        month in which it expects to close, and the value it expects, in the lead's currency.
    """

    Outcome = Outcome

    lead = tenant_foreign_key("leads.Lead", related_name="assignments", on_delete=models.CASCADE)
    partner = tenant_foreign_key("partners.Partner")
    offer = tenant_foreign_key("leads.LeadOffer", null=True)
    user = models.ForeignKey(
        "partners.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    offered_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField()
    contacted_at = models.DateTimeField(null=True)
    first_feedback_at = models.DateTimeField(null=True)
    feedback_due_at = models.DateTimeField(null=True)
    feedback_told_at = models.DateTimeField(null=True)
    contact_due_at = models.DateTimeField(null=True)
    contact_step = models.PositiveSmallIntegerField(default=0)
    put_off_until = models.DateTimeField(null=True)
    follow_up_at = models.GeneratedField(
        expression=follow_up_at(), output_field=models.DateTimeField(null=True), db_persist=True
    )
    closed_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, null=True)
    value = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    lost_reason = models.CharField(max_length=20, choices=LostReason.choices, null=True)
    return_reason = models.CharField(max_length=20, choices=ReturnReason.choices, null=True)
    return_verdict = models.CharField(max_length=10, choices=ReturnVerdict.choices, null=True)
    closing_chance = models.CharField(max_length=10, choices=ClosingChance.choices, null=True)
    expected_month = models.DateField(null=True)
    expected_value = models.DecimalField(max_digits=12, decimal_places=2, null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead"],
                condition=Q(outcome__isnull=True),
                name="one_open_assignment_per_lead",
            ),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True, closed_at__isnull=True, returned_at__isnull=True)
                | Q(
                    outcome__isnull=False,
                    outcome__in=(Outcome.WON, Outcome.LOST),
                    closed_at__isnull=False,
                    returned_at__isnull=True,
                )
                | Q(
                    outcome__isnull=False,
                    outcome=Outcome.RETURNED,
                    closed_at__isnull=True,
                    returned_at__isnull=False,
                ),
                name="an_ended_assignment_says_when",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(outcome__isnull=False, outcome=Outcome.WON),
                name="only_a_won_assignment_has_a_value",
            ),
            models.CheckConstraint(
                condition=Q(feedback_due_at__isnull=True) | Q(outcome__isnull=True),
                name="only_a_lead_in_hands_awaits_feedback",
            ),
            models.CheckConstraint(
                condition=Q(contact_due_at__isnull=True)
                | Q(contacted_at__isnull=True, outcome__isnull=True),
                name="only_a_lead_without_contact_awaits_one",
            ),
            models.CheckConstraint(
                condition=Q(closing_chance__isnull=False)
                | Q(expected_month__isnull=True, expected_value__isnull=True),
                name="an_expectation_says_how_likely_it_is",
            ),
            models.CheckConstraint(
                condition=Q(expected_month__isnull=True) | Q(expected_month__day=1),
                name="an_expected_month_is_its_first_day",
            ),
            models.CheckConstraint(
                condition=Q(expected_value__isnull=True) | Q(expected_value__gte=0),
                name="an_expected_value_is_no_debt",
            ),
        ]
        indexes = [
            # A partner's leads, newest first.
            models.Index(fields=["partner", "-accepted_at", "-id"], name="assignment_of_partner"),
            # A lead with its assignments.
            models.Index(fields=["lead", "-accepted_at"], name="assignment_of_lead"),
            # A partner's overdue feedback, for the gate of that name.
            models.Index(
                fields=["partner", "feedback_due_at"],
                name="feedback_due_of_partner",
                condition=Q(feedback_due_at__isnull=False),
            ),
            # Its one reader: escalation.sweep.
            models.Index(
                fields=["follow_up_at", "id"],
                name="to_follow_up",
                condition=Q(follow_up_at__isnull=False),
            ),
            # Who has not been called yet, for the board: sifting_sql.SETS. A row leaves it with the
            # first contact or the end.
            models.Index(
                fields=["manufacturer", "accepted_at"],
                name="contact_awaited",
                condition=Q(contacted_at__isnull=True, outcome__isnull=True),
            ),
            # Of whom feedback is due, for the board: sifting_sql.SETS.
            models.Index(
                fields=["manufacturer", "feedback_due_at"],
                name="feedback_due",
                condition=Q(feedback_due_at__isnull=False),
            ),
            # What was won or lost in a month, for the board: sifting_sql.SETS.
            models.Index(
                fields=["manufacturer", "closed_at"],
                name="assignment_closed",
                condition=Q(closed_at__isnull=False),
            ),
            # What waits for a verdict: leads.attention, and sifting_sql.SETS.
            models.Index(
                fields=["manufacturer", "lead"],
                name="return_to_judge",
                condition=Q(return_reason__isnull=False, return_verdict__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome or 'open'} by {self.partner_id}"


class FeedbackStatus(models.TextChoices):
    """What a partner reports in one tap."""

    REACHED = "REACHED", _("Reached")
    NOT_REACHABLE = "NOT_REACHABLE", _("Not reachable")
    APPOINTMENT = "APPOINTMENT", _("Appointment made")
    QUOTE_SENT = "QUOTE_SENT", _("Quote sent")
    WON = "WON", _("Won")
    LOST = "LOST", _("Lost")


class LeadFeedback(TenantModel):
    """One report of a partner on a lead it holds.

    :ivar note: free text, possibly personal; stays out of the log.
    :ivar is_as_described: the partner's answer whether the lead was as described, if any.
    """

    Status = FeedbackStatus

    assignment = tenant_foreign_key(
        "leads.Assignment", related_name="feedback", on_delete=models.CASCADE
    )
    status = models.CharField(max_length=15, choices=FeedbackStatus.choices)
    note = models.TextField(blank=True, default="")
    is_as_described = models.BooleanField(null=True)
    given_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["manufacturer", "assignment", "given_at"], name="feedback_of_assignment"
            )
        ]

    def __str__(self) -> str:
        return self.status
