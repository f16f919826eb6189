"""Documents for selling: what they are, their versions, and who opened which."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class MaterialKind(models.TextChoices):
    """What a document is for."""

    PRICE_LIST = "PRICE_LIST", _("Price list")
    BROCHURE = "BROCHURE", _("Brochure")
    DATA_SHEET = "DATA_SHEET", _("Data sheet")
    MANUAL = "MANUAL", _("Manual")
    CONFIGURATION = "CONFIGURATION", _("Configurator result")
    OTHER = "OTHER", _("Other document")


class MaterialLanguage(models.TextChoices):
    """In which language a document is written."""

    DE = "de", _("German")
    EN = "en", _("English")
    FR = "fr", _("French")
    IT = "it", _("Italian")


class Material(TenantModel):
    """A document for selling, whichever version and language of it.

    Without product lines it is about all of them.

    :ivar withdrawn_at: since when no partner finds or opens any version of it.
    """

    Kind = MaterialKind

    title = models.CharField(max_length=150)
    kind = models.CharField(max_length=15, choices=MaterialKind.choices)
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The manufacturer's list, the newest first.
            models.Index(fields=["manufacturer", "-id"], name="material_newest_first")
        ]

    def __str__(self) -> str:
        return self.title


class MaterialProductLine(TenantModel):
    """A product line that a document is about."""

    material = tenant_foreign_key(
        "partners.Material", related_name="lines", on_delete=models.CASCADE
    )
    product_line = tenant_foreign_key("partners.ProductLine")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "material", "product_line"],
                name="one_line_of_a_material",
            )
        ]

    def __str__(self) -> str:
        return str(self.product_line_id)


class MaterialVersion(TenantModel):
    """One edition of a document in one language; the latest that has begun stands for it.

    Never changed once it is there, but for the day on which it ends.

    :ivar number: counts the editions in this language, from 1.
    :ivar valid_from: and ``valid_until``, both included, in the manufacturer's time zone.
    :ivar format: as ``leadhub.core.uploads`` names it; ``size`` is in bytes.
    :ivar digest: by which ``leadhub.core.files`` reads it.
    """

    Language = MaterialLanguage

    material = tenant_foreign_key(
        "partners.Material", related_name="versions", on_delete=models.CASCADE
    )
    language = models.CharField(max_length=2, choices=MaterialLanguage.choices)
    number = models.PositiveIntegerField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    file_name = models.CharField(max_length=130)
    format = models.CharField(max_length=5)
    size = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Also serves the latest version of each document.
            models.UniqueConstraint(
                fields=["manufacturer", "material", "language", "number"],
                name="one_version_per_number",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="a_version_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material_id} {self.language} {self.number}"


class OpenedFrom(models.TextChoices):
    """Where somebody found a document."""

    LEAD = "LEAD"
    LIBRARY = "LIBRARY"
    API = "API"


class MaterialOpening(TenantModel):
    """A partner opened a document: one row each time, for figures; never changed.

    :ivar actor: ``user:<id>`` or ``key:<id>``, as in the log.
    """

    version = tenant_foreign_key("partners.MaterialVersion")
    partner = tenant_foreign_key("partners.Partner")
    actor = models.CharField(max_length=60)
    found = models.CharField(max_length=10, choices=OpenedFrom.choices)
    opened_at = models.DateTimeField()

    class Meta:
        indexes = [
            # How often a version was opened, by how many partners.
            models.Index(fields=["manufacturer", "version", "partner"], name="opening_of_version"),
            # Figures of a period, by partner.
            models.Index(fields=["manufacturer", "opened_at"], name="opening_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} by {self.partner_id}"
