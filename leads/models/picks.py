"""What the log says of a pick, added up: one narrow row, from which figures are counted."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Extract, Floor


def whole_seconds(starts_at: str, ends_at: str) -> models.GeneratedField:
    """Let the database keep the seconds between two columns, rounded down."""
    seconds = Floor(Extract(F(ends_at) - F(starts_at), "epoch"))
    return models.GeneratedField(
        expression=Cast(seconds, models.BigIntegerField()),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )


class Ending(models.TextChoices):
    """How a pick ended; one that was reopened has not."""

    WON = "WON"
    LOST = "LOST"
    RETURNED = "RETURNED"
    TAKEN_BACK = "TAKEN_BACK"


class Pick(models.Model):
    """A pick as figures count it; the picks of test leads have no row.

    Nobody writes this table: triggers on the log and on leads do, in the transaction that appends
    the fact (``leads/migrations/0004_picks.py``). ``leads.picks`` makes it anew and compares it.

    :ivar offered_at: when the accepted offer was available; ``None`` without an offer.
    :ivar closed_at: when it was won or lost, if it is.
    :ivar is_lead_at_fault: the last verdict on its return.
    :ivar value: what the customer bought for, in ``currency``; kept while it is won.
    :ivar source: of the lead, as everything after it.
    """

    assignment = models.OneToOneField(
        "leads.Assignment",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="pick",
        db_constraint=False,
    )
    manufacturer = models.ForeignKey(
        "partners.Manufacturer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    lead = models.ForeignKey(
        "leads.Lead",
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    partner = models.ForeignKey(
        "partners.Partner",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    offered_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField()
    contacted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    acceptance_time = whole_seconds("offered_at", "accepted_at")
    contact_time = whole_seconds("accepted_at", "contacted_at")
    processing_time = whole_seconds("accepted_at", "closed_at")
    has_feedback = models.BooleanField(default=False)
    ending = models.CharField(max_length=10, choices=Ending.choices, null=True)
    is_lead_at_fault = models.BooleanField(default=False)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, null=True)
    attempts = models.IntegerField(default=0)
    appointments = models.IntegerField(default=0)
    quotes = models.IntegerField(default=0)
    source = models.CharField(max_length=60)
    campaign = models.CharField(max_length=60)
    temperature = models.CharField(max_length=4)
    country = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=12)
    region = models.CharField(max_length=6)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                | Q(ending__isnull=False, ending__in=("WON", "LOST")),
                name="only_a_closed_pick_says_when",
            ),
        ]
        indexes = [
            # Figures by partner and over all, which need nothing but this index.
            models.Index(
                fields=["manufacturer", "partner", "accepted_at"],
                include=[
                    "acceptance_time",
                    "contact_time",
                    "processing_time",
                    "has_feedback",
                    "ending",
                    "is_lead_at_fault",
                    "value",
                    "currency",
                ],
                name="figures_of_partners",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ending or 'open'} of {self.partner_id}"
