"""A partner, where it works, what it sells and how well qualified it is."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Cast, Floor, Greatest
from django.utils.translation import gettext_lazy as _

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key

# No box that partners are searched in reaches less far.
SMALLEST_BOX_KM = 50
# A box is cut into bands of latitude: so high, in degrees, for each kilometre that it reaches.
BAND_DEGREES_PER_KM = 0.004


class Status(models.TextChoices):
    """Whether a partner takes part."""

    ACTIVE = "ACTIVE", _("Active")
    PAUSED = "PAUSED", _("Paused")
    LEFT = "LEFT", _("Left the network")


class Partner(TenantModel):
    """A dealer, installer or reseller in one manufacturer's network.

    :ivar weight: the manufacturer's preference among equals, 0 to 100.
    :ivar cap_open: most open assignments at a time; the other caps count offers made in the
        manufacturer's calendar day, week and month. ``None`` is no cap.
    :ivar opening_hours: when the business is open: one text a day, Monday first, as
        ``leadhub.core.working_time`` reads it, in the manufacturer's zone; ``None`` if it has not
        said. No deadline and no figure goes by them.
    """

    Status = Status

    external_id = models.CharField(max_length=120)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")
    language = models.CharField(max_length=2, default="de")
    country = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=12)
    city = models.CharField(max_length=120, blank=True, default="")
    street = models.CharField(max_length=200, blank=True, default="")
    latitude = models.FloatField()
    longitude = models.FloatField()
    weight = models.PositiveSmallIntegerField(default=50)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    cap_open = models.PositiveIntegerField(null=True)
    cap_per_day = models.PositiveIntegerField(null=True)
    cap_per_week = models.PositiveIntegerField(null=True)
    cap_per_month = models.PositiveIntegerField(null=True)
    opening_hours = ArrayField(models.CharField(max_length=80), null=True, size=7)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "external_id"], name="one_partner_per_external_id"
            ),
            models.CheckConstraint(condition=Q(weight__lte=100), name="weight_up_to_100"),
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="partner_is_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(opening_hours__isnull=True) | Q(opening_hours__len=7),
                name="opening_hours_are_of_a_week",
            ),
        ]
        indexes = [
            # The nearest partners that do not carry what a lead asks for, for its explanation.
            GistIndex(
                F("manufacturer_id"),
                Func("latitude", "longitude", function="leadhub_on_earth"),
                name="partner_by_place",
            )
        ]

    def __str__(self) -> str:
        return self.name


class AreaKind(models.TextChoices):
    """How a service area is described."""

    RADIUS = "RADIUS"
    POSTAL_CODE = "POSTAL_CODE"
    REGION = "REGION"


class ServiceArea(TenantModel):
    """One area where a partner works, as it was entered; a partner works in the union of its areas.

    :ivar text: for POSTAL_CODE a prefix or a range (``80``, ``80331-80339``), for REGION an
        ISO 3166-2 code (``DE-BY``).
    """

    Kind = AreaKind

    partner = tenant_foreign_key(
        "partners.Partner", related_name="service_areas", on_delete=models.CASCADE
    )
    kind = models.CharField(max_length=12, choices=AreaKind.choices)
    radius_km = models.FloatField(null=True)
    text = models.CharField(max_length=30, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="RADIUS", radius_km__isnull=False, radius_km__gt=0)
                | (~Q(kind="RADIUS") & Q(radius_km__isnull=True)),
                name="only_a_radius_has_kilometres",
            ),
            models.UniqueConstraint(
                fields=["manufacturer", "partner", "kind", "text"], name="one_area_per_text"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.radius_km} km" if self.kind == AreaKind.RADIUS else self.text


class CoverageCode(TenantModel):
    """A code by which a partner covers a lead wherever it lies: ``DE:8033`` or ``DE-BY``.

    Made from service areas; a range of postal codes becomes the few prefixes it consists of, so
    that one look-up by the lead's own prefixes finds prefixes and ranges alike.
    """

    partner = tenant_foreign_key("partners.Partner", on_delete=models.CASCADE)
    code = models.CharField(max_length=20)

    class Meta:
        constraints = [
            # Its reader: candidates that cover a lead by postal code or region.
            models.UniqueConstraint(
                fields=["manufacturer", "code", "partner"], name="one_coverage_per_code"
            )
        ]
        indexes = [models.Index(fields=["manufacturer", "partner"], name="coverage_of_partner")]

    def __str__(self) -> str:
        return self.code


class Certification(TenantModel):
    """A level a partner holds, for one product line or for all, until a date or without end."""

    partner = tenant_foreign_key(
        "partners.Partner", related_name="certifications", on_delete=models.CASCADE
    )
    level = tenant_foreign_key("partners.CertificationLevel")
    product_line = tenant_foreign_key("partners.ProductLine", null=True)
    valid_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "partner", "level", "product_line"],
                name="one_certification_per_level_and_line",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.level_id} until {self.valid_until}"


class PortfolioItem(TenantModel):
    """A product line that a partner can sell, with all of the partner that matching needs.

    Carries the partner's place, reach, certification, caps and weight, so that one index answers
    "who sells this, near there, and may be asked"; ``partners.network`` writes it with the
    partner. A certification that ends splits the item in time: on any day exactly one row of a
    partner and product line holds.

    :ivar certification_rank: the highest rank held in that span, ``None`` without any.
    :ivar away_until: the last day of the partner's last absence, now or to come, if any.
    :ivar performance: in [0, 1], 0.5 as the network; ``leads.performance`` works it out and writes
        it here where it has changed.
    :ivar reach_km: the radius rounded up to the next of a few sizes, so that each size is searched
        in a box of its own; 0 without a radius.
    :ivar latitude_band: which band around the Earth it lies in; a box has about five, however large
        it is.
    """

    partner = tenant_foreign_key("partners.Partner", on_delete=models.CASCADE)
    product_line = tenant_foreign_key("partners.ProductLine")
    holds_from = models.DateField()
    holds_until = models.DateField()
    certification_rank = models.SmallIntegerField(null=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    radius_km = models.FloatField(null=True)
    reach_km = models.IntegerField()
    latitude_band = models.GeneratedField(
        expression=Cast(
            Floor(F("latitude") / (Greatest(F("reach_km"), SMALLEST_BOX_KM) * BAND_DEGREES_PER_KM)),
            models.SmallIntegerField(),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    is_active = models.BooleanField()
    has_email = models.BooleanField()
    away_until = models.DateField(null=True)
    performance = models.FloatField(db_default=0.5)
    weight = models.PositiveSmallIntegerField()
    cap_open = models.PositiveIntegerField(null=True)
    cap_per_day = models.PositiveIntegerField(null=True)
    cap_per_week = models.PositiveIntegerField(null=True)
    cap_per_month = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "partner", "product_line", "holds_until"],
                name="one_portfolio_item_at_a_time",
            )
        ]
        indexes = [
            # Who covers a place by radius: leads.candidates.
            models.Index(
                fields=["manufacturer", "product_line", "reach_km", "latitude_band", "longitude"],
                include=[
                    "latitude",
                    "partner",
                    "holds_from",
                    "holds_until",
                    "certification_rank",
                    "radius_km",
                    "is_active",
                    "has_email",
                    "away_until",
                    "performance",
                    "weight",
                    "cap_open",
                    "cap_per_day",
                    "cap_per_week",
                    "cap_per_month",
                ],
                name="portfolio_by_reach",
            ),
            # Who of those that sell it comes nearest: leads.candidates.
            GistIndex(
                F("manufacturer_id"),
                F("product_line_id"),
                Func("latitude", "longitude", function="leadhub_on_earth"),
                name="portfolio_by_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} sells {self.product_line_id}"


class PortfolioTally(TenantModel):
    """How many partners carry exactly this set of product lines.

    A network has few different sets, so "how many of 100,000 partners do not carry it" is a sum
    over a handful of rows.
    """

    product_lines = ArrayField(models.UUIDField())
    partners = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "product_lines"], name="one_tally_per_set"
            ),
            models.CheckConstraint(condition=Q(partners__gte=0), name="tally_not_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.partners} partners"
