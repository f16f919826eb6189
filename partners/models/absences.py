"""When a partner is away, and whose leads it is not to get."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class Absence(TenantModel):
    """Days on which a partner is asked for nothing, in the manufacturer's time zone.

    Why it is away is nobody's business and not kept.

    :ivar first_day: and ``last_day``, both included.
    """

    partner = tenant_foreign_key(
        "partners.Partner", related_name="absences", on_delete=models.CASCADE
    )
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "partner", "first_day", "last_day"],
                name="one_absence_per_days",
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="an_absence_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} to {self.last_day}"


class ExclusionKind(models.TextChoices):
    """By what of a lead it is kept from a partner."""

    SOURCE = "SOURCE", _("Source")
    EMAIL = "EMAIL", _("Customer's e-mail address")
    EMAIL_DOMAIN = "EMAIL_DOMAIN", _("Domain of the customer's e-mail address")
    COMPANY = "COMPANY", _("Customer's company")


class Exclusion(TenantModel):
    """A source or customer whose leads a partner is never asked about.

    :ivar key: what a lead is compared by, see ``partners.conflicts``; of an e-mail address only a
        digest.
    :ivar shown: the entry as people may read it; of an e-mail address its beginning and domain.
    """

    Kind = ExclusionKind

    partner = tenant_foreign_key(
        "partners.Partner", related_name="exclusions", on_delete=models.CASCADE
    )
    kind = models.CharField(max_length=12, choices=ExclusionKind.choices)
    key = models.CharField(max_length=280)
    shown = models.CharField(max_length=260)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Its reader: the partners that one of a lead's keys is on the list of.
            models.UniqueConstraint(
                fields=["manufacturer", "key", "partner"], name="one_exclusion_per_key"
            )
        ]
        indexes = [models.Index(fields=["manufacturer", "partner"], name="exclusion_of_partner")]

    def __str__(self) -> str:
        return self.kind
