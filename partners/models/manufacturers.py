"""The tenant, and the words it has for its products and its partners' qualification."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from leadhub.core.ids import new_id
from leadhub.core.tenancy.models import TenantModel
from leadhub.core.working_time import office_hours


class OwnSetting(models.TextChoices):
    """What a manufacturer may leave to its partners."""

    AREA = "AREA", _("Where they work")
    LINES = "LINES", _("Which product lines they are asked for")
    CAPS = "CAPS", _("How many leads they take at a time")
    ABSENCES = "ABSENCES", _("When they are away")


class Manufacturer(models.Model):
    """A tenant: owns a partner network, leads, routing policies and targets.

    :ivar time_zone: the IANA zone in which its days, weeks and months begin.
    :ivar processing_target: ``None`` until set, for industries differ; so ``conversion_target``.
    :ivar working_hours: one text a day, Monday first, as ``leadhub.core.working_time`` reads it,
        for deadlines and figures in working time.
    :ivar holiday_region: whose holidays nobody works on: a federal state (``DE-BY``), a country
        (``DE``), or empty for none. One for the manufacturer, for the partners of a wave share its
        deadline.
    :ivar brand_text: what stands at the head of mails; empty is the name.
    :ivar brand_color: behind it, as ``#rrggbb``; ``brand_ink`` is the colour of text on it.
    :ivar retention_months: so long after a lead has ended its customer's personal data is kept.
    :ivar shows_rank: partners see their place among the others.
    :ivar partners_may: what partners change of themselves without asking.
    :ivar own_radius_most: so many kilometres they may work around, if they choose themselves;
        ``own_open_least`` and ``own_open_most`` bound how many leads they take at a time.
    :ivar duplicate_days: so far back a new lead is compared with others; 0 compares with none.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=2, default="de")
    time_zone = models.CharField(max_length=40, default="Europe/Berlin")
    currency = models.CharField(max_length=3, default="EUR")
    acceptance_target = models.DurationField(default=timedelta(hours=1))
    contact_target = models.DurationField(default=timedelta(hours=1))
    processing_target = models.DurationField(null=True)
    feedback_target = models.FloatField(default=0.75)
    conversion_target = models.FloatField(null=True)
    working_hours = ArrayField(models.CharField(max_length=80), default=office_hours, size=7)
    holiday_region = models.CharField(max_length=6, blank=True, default="DE")
    retention_months = models.PositiveSmallIntegerField(default=24)
    duplicate_days = models.PositiveSmallIntegerField(default=30)
    brand_text = models.CharField(max_length=60, default="", blank=True)
    brand_color = models.CharField(max_length=7, default="#1e3a5f")
    brand_ink = models.CharField(max_length=7, default="#ffffff")
    shows_rank = models.BooleanField(default=False)
    partners_may = ArrayField(
        models.CharField(max_length=10, choices=OwnSetting.choices), default=list, blank=True
    )
    own_radius_most = models.PositiveSmallIntegerField(default=100)
    own_open_least = models.PositiveSmallIntegerField(default=1)
    own_open_most = models.PositiveSmallIntegerField(default=50)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ProductLine(TenantModel):
    """A product division; a lead asks for one or more."""

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "code"], name="one_product_line_per_code"
            )
        ]

    def __str__(self) -> str:
        return self.name


class CertificationLevel(TenantModel):
    """A qualification a partner may hold; a higher rank is the higher qualification."""

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    rank = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer", "code"], name="one_level_per_code")
        ]

    def __str__(self) -> str:
        return self.name
