"""An end customer's enquiry, with the customer's personal data kept apart."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class LeadStatus(models.TextChoices):
    """Where a lead stands; ``leads.routing`` and its siblings alone change it."""

    RECEIVED = "RECEIVED", _("Received")
    HELD = "HELD", _("Held for review")
    OFFERED = "OFFERED", _("On offer")
    OPEN = "OPEN", _("On the pick list")
    ACCEPTED = "ACCEPTED", _("Accepted")
    CONTACTED = "CONTACTED", _("Contacted")
    IN_PROGRESS = "IN_PROGRESS", _("In progress")
    WON = "WON", _("Won")
    LOST = "LOST", _("Lost")
    RETURNED = "RETURNED", _("Returned")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    MERGED = "MERGED", _("Merged")
    REJECTED = "REJECTED", _("Rejected")


IN_HANDS = (LeadStatus.ACCEPTED, LeadStatus.CONTACTED, LeadStatus.IN_PROGRESS)
CLOSED = (LeadStatus.WON, LeadStatus.LOST)
# Nothing goes on by itself with these, nor does anybody wait for them.
ENDED = (*CLOSED, LeadStatus.WITHDRAWN, LeadStatus.MERGED, LeadStatus.REJECTED)


class Temperature(models.TextChoices):
    """How close to buying the customer is."""

    HOT = "HOT", _("Hot")
    WARM = "WARM", _("Warm")
    COLD = "COLD", _("Cold")


class HoldReason(models.TextChoices):
    """Why a lead waits for a person before it is routed."""

    UNKNOWN_POSTAL_CODE = "UNKNOWN_POSTAL_CODE", _("Unknown postal code")
    DUPLICATE = "DUPLICATE", _("Possible duplicate")


class LeadQuerySet(models.QuerySet["Lead"]):
    """Named conditions on leads."""

    def overdue(self, at: object) -> "LeadQuerySet":
        """On offer, and the wave's deadline has passed."""
        return self.filter(status=LeadStatus.OFFERED, due_at__lte=at)

    def on_pick_list(self) -> "LeadQuerySet":
        """Nobody took it in the waves."""
        return self.filter(status=LeadStatus.OPEN)


class Lead(TenantModel):
    """What is wanted, where, how warm; nothing here names the customer.

    :ivar wave: number of the last wave opened, 0 before the first.
    :ivar step: index of that wave in its policy's list.
    :ivar respond_by: the deadline of the wave that is open, else ``None``.
    :ivar due_at: when the sweep looks at it: the deadline, later only after a failure.
    :ivar partner: who holds the lead, or held it when it was closed.
    :ivar lines_digest: which product lines it asks for, as ``leads.asked_lines`` makes one number
        of them; written once, with the rows of the lines.
    :ivar merged_into: the lead that goes on for both, of one that was found to be its duplicate.
    :ivar erased_at: since when nothing of it is personal any more.
    :ivar last_sequence: number of the last event in this lead's log, and ``log_digest`` its digest.
    """

    Status = LeadStatus

    external_id = models.CharField(max_length=120)
    source = models.CharField(max_length=60)
    campaign = models.CharField(max_length=60, blank=True, default="")
    temperature = models.CharField(max_length=4, choices=Temperature.choices)
    evidence = models.CharField(max_length=500, blank=True, default="")
    country = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=12, blank=True, default="")
    city = models.CharField(max_length=120, blank=True, default="")
    region = models.CharField(max_length=6, blank=True, default="")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    required_certification = tenant_foreign_key("partners.CertificationLevel", null=True)
    wish_summary = models.CharField(max_length=500)
    lines_digest = models.BigIntegerField(default=0)
    expected_value = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)
    is_test = models.BooleanField(default=False)
    is_imported = models.BooleanField(default=False)
    status = models.CharField(max_length=12, choices=LeadStatus.choices)
    hold_reason = models.CharField(max_length=30, choices=HoldReason.choices, null=True)
    received_at = models.DateTimeField()
    wave = models.PositiveIntegerField(default=0)
    step = models.PositiveIntegerField(default=0)
    respond_by = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    policy = tenant_foreign_key("leads.RoutingPolicy", null=True)
    partner = tenant_foreign_key("partners.Partner", null=True)
    merged_into = tenant_foreign_key("leads.Lead", null=True)
    erased_at = models.DateTimeField(null=True)
    last_sequence = models.PositiveIntegerField(default=0)
    log_digest = models.BinaryField(max_length=32, default=b"")

    objects = LeadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "source", "external_id"], name="one_lead_per_push"
            ),
            models.CheckConstraint(
                condition=Q(
                    status=LeadStatus.OFFERED, respond_by__isnull=False, due_at__isnull=False
                )
                | (~Q(status=LeadStatus.OFFERED) & Q(respond_by__isnull=True, due_at__isnull=True)),
                name="an_offered_lead_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=Q(status__in=IN_HANDS + CLOSED, partner__isnull=False)
                | (~Q(status__in=IN_HANDS + CLOSED) & Q(partner__isnull=True)),
                name="a_lead_in_hands_has_a_holder",
            ),
            models.CheckConstraint(
                condition=Q(status=LeadStatus.HELD, hold_reason__isnull=False)
                | (~Q(status=LeadStatus.HELD) & Q(hold_reason__isnull=True)),
                name="a_held_lead_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status=LeadStatus.MERGED, merged_into__isnull=False)
                | (~Q(status=LeadStatus.MERGED) & Q(merged_into__isnull=True)),
                name="a_merged_lead_says_into_which",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="lead_is_on_earth",
            ),
        ]
        indexes = [
            # Its one reader: escalation.sweep.
            models.Index(
                fields=["due_at", "id"],
                name="wave_deadline",
                condition=Q(status=LeadStatus.OFFERED),
            ),
            # Lists of leads, newest first.
            models.Index(fields=["manufacturer", "-received_at", "-id"], name="lead_newest_first"),
            models.Index(
                fields=["manufacturer", "status", "-received_at", "-id"], name="lead_by_status"
            ),
            # The board narrowed by what leads are: those of the same product lines, source,
            # temperature and status lie together, newest first. Its one reader: sifting_sql.KINDS.
            models.Index(
                fields=[
                    "manufacturer",
                    "lines_digest",
                    "source",
                    "temperature",
                    "status",
                    "-received_at",
                    "-id",
                ],
                name="lead_by_kind",
            ),
            # Whose names a new lead's is compared with: duplicates.RESEMBLED.
            models.Index(
                fields=["manufacturer", "postal_code", "-received_at"],
                name="lead_by_place",
                condition=~Q(postal_code=""),
            ),
            # What a partner holds or held.
            models.Index(
                fields=["partner", "-received_at"],
                name="lead_by_holder",
                condition=Q(partner__isnull=False),
            ),
            # Whose time to be erased may have come: erasure.erase_overdue.
            models.Index(
                fields=["manufacturer", "received_at"],
                name="lead_to_erase",
                condition=Q(erased_at__isnull=True, is_imported=False, status__in=ENDED),
            ),
            # Of which answers kept meanwhile are to be forgotten: erasure.forget_late_answers.
            models.Index(
                fields=["erased_at"],
                name="lead_erased_lately",
                condition=Q(erased_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class LeadProductLine(TenantModel):
    """A product line that a lead asks for; ``position`` keeps the order in which it asked."""

    lead = tenant_foreign_key(
        "leads.Lead", related_name="product_line_rows", on_delete=models.CASCADE
    )
    product_line = tenant_foreign_key("partners.ProductLine")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "lead", "product_line"], name="one_row_per_line_asked_for"
            )
        ]
        indexes = [
            # Figures and lists by product line.
            models.Index(fields=["manufacturer", "product_line", "lead"], name="lead_by_line")
        ]

    def __str__(self) -> str:
        return str(self.product_line_id)


class LeadContact(models.Model):
    """Who the customer is: visible to the manufacturer and to the partner who holds the lead.

    :ivar email_as_sent: what was sent, before it was written in lower case; so ``phone_as_sent``
        before E.164.
    :ivar wish: the customer's own words, and therefore personal.
    :ivar additions: what leads merged into this one said beside it, as ``leads.duplicates`` keeps
        it; here, because it is seen, exported and erased with the contact.
    """

    lead = models.OneToOneField(
        "leads.Lead",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="contact",
        db_constraint=False,
    )
    manufacturer = models.ForeignKey(
        "partners.Manufacturer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    first_name = models.CharField(max_length=120, blank=True, default="")
    last_name = models.CharField(max_length=120, blank=True, default="")
    company = models.CharField(max_length=200, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    email_as_sent = models.CharField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=20, blank=True, default="")
    phone_as_sent = models.CharField(max_length=60, blank=True, default="")
    street = models.CharField(max_length=200, blank=True, default="")
    language = models.CharField(max_length=8, blank=True, default="")
    wish = models.TextField(blank=True, default="")
    additions = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(email="") | ~Q(phone=""), name="a_customer_can_be_reached"
            )
        ]
        indexes = [
            # What is held about one customer: customer_data; and the last leads of a customer, with
            # whom a new one is compared: duplicates.RESEMBLED.
            models.Index(
                fields=["manufacturer", "email", "lead"],
                name="contact_by_email",
                condition=~Q(email=""),
            ),
            models.Index(
                fields=["manufacturer", "phone", "lead"],
                name="contact_by_phone",
                condition=~Q(phone=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.lead_id)


class LeadConsent(TenantModel):
    """What the customer agreed to, when and where; outlives the erasure of everything else."""

    lead = tenant_foreign_key("leads.Lead")
    text_version = models.CharField(max_length=60)
    given_at = models.DateTimeField()
    source = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer", "lead"], name="one_consent_per_lead")
        ]

    def __str__(self) -> str:
        return self.text_version
