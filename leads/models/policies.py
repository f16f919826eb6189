"""How leads are offered: waves, windows, weights. A version once used never changes."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class Strategy(models.TextChoices):
    """A preset of score weights."""

    NEAREST = "NEAREST"
    BALANCED = "BALANCED"
    BEST_PERFORMER = "BEST_PERFORMER"
    ROUND_ROBIN = "ROUND_ROBIN"
    WEIGHTED = "WEIGHTED"


class PolicyClock(models.TextChoices):
    """In which time response windows run."""

    WALL = "wall"
    WORKING = "working"


def one_day() -> list[int]:
    """Feedback falls due a day after acceptance, in seconds."""
    return [86_400]


class RoutingPolicy(TenantModel):
    """One version of a policy; the most specific active one holds for a lead.

    :ivar clock: whether response windows and head starts run around the clock or in the
        manufacturer's working time.
    :ivar waves: list of ``{"partners", "response_window", "radius_km", "head_start"}``, windows in
        seconds; the last one repeats while eligible partners remain.
    :ivar weights: score term -> weight.
    :ivar take_back: a lead whose customer nobody called in spite of the reminders is taken back
        from its partner and offered to others.
    :ivar created_at: when it was written; of a draft, when it was last changed.
    :ivar published_at: since when it may hold; a draft has none and may still be changed.
    :ivar switched_at: when it was last switched off or on by hand, by the actor ``switched_by``.
    """

    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    product_line = tenant_foreign_key("partners.ProductLine", null=True)
    source = models.CharField(max_length=60, null=True)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    waves = models.JSONField()
    strategy = models.CharField(max_length=20, choices=Strategy.choices, default=Strategy.BALANCED)
    weights = models.JSONField(default=dict)
    any_product_line = models.BooleanField(default=False)
    clock = models.CharField(max_length=8, choices=PolicyClock.choices, default=PolicyClock.WALL)
    late_answers = models.BooleanField(default=True)
    max_overdue_feedback = models.PositiveSmallIntegerField(default=0)
    contact_window = models.DurationField(default=timedelta(hours=1))
    take_back = models.BooleanField(default=False)
    feedback_due = ArrayField(models.PositiveIntegerField(), default=one_day)
    feedback_repeat = models.DurationField(default=timedelta(days=7))
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    switched_at = models.DateTimeField(null=True)
    switched_by = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        verbose_name_plural = "routing policies"
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "name", "version"], name="one_policy_per_version"
            ),
            models.UniqueConstraint(
                fields=["manufacturer", "product_line", "source"],
                condition=Q(is_active=True),
                name="one_active_policy_per_reach",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(published_at__isnull=False),
                name="a_draft_holds_for_nothing",
            ),
            models.CheckConstraint(
                condition=Q(is_default=True, product_line__isnull=True, source__isnull=True)
                | Q(is_default=False, product_line__isnull=False)
                | Q(is_default=False, source__isnull=False),
                name="only_the_default_holds_for_everything",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @property
    def is_draft(self) -> bool:
        """Tell whether it was never published."""
        return self.published_at is None
