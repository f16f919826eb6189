"""Rounds of offers, and each offer in them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class Wave(TenantModel):
    """One round of offers of one lead, with the decision who was asked and who was not, and why.

    :ivar radius_km: the wave's own cap on distance, ``None`` for none.
    :ivar matches: the ranked partners, best first, as ``leads.explanations`` packs them.
    :ivar excluded: the nearest excluded partners with every gate they fail.
    :ivar excluded_counts: gate code -> how many partners of the network stop at it first.
    :ivar is_cut: more partners qualified than are ranked.
    """

    lead = tenant_foreign_key("leads.Lead", on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    policy = tenant_foreign_key("leads.RoutingPolicy")
    opened_at = models.DateTimeField()
    respond_by = models.DateTimeField(null=True)
    radius_km = models.FloatField(null=True)
    matches = models.JSONField()
    excluded = models.JSONField()
    excluded_counts = models.JSONField()
    is_cut = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "lead", "number"], name="one_wave_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"wave {self.number}"


class OfferStatus(models.TextChoices):
    """Where an offer stands."""

    OPEN = "OPEN", _("Open")
    ACCEPTED = "ACCEPTED", _("Accepted")
    DECLINED = "DECLINED", _("Declined")
    EXPIRED = "EXPIRED", _("Ran out")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    RETURNED = "RETURNED", _("Returned")


class DeclineReason(models.TextChoices):
    """Why a partner does not want a lead."""

    TOO_FAR = "TOO_FAR", _("Too far away")
    NO_CAPACITY = "NO_CAPACITY", _("No capacity right now")
    NOT_OUR_PRODUCT = "NOT_OUR_PRODUCT", _("Not our product")
    CUSTOMER_KNOWN = "CUSTOMER_KNOWN", _("We already know this customer")
    OTHER = "OTHER", _("Another reason")


class OfferQuerySet(models.QuerySet["LeadOffer"]):
    """Named conditions on offers."""

    def open(self) -> "OfferQuerySet":
        """Neither answered, expired nor withdrawn."""
        return self.filter(status=OfferStatus.OPEN)

    def available(self, at: object) -> "OfferQuerySet":
        """Shown to their partner: a head start of others has run out."""
        return self.filter(available_from__lte=at)


class LeadOffer(TenantModel):
    """A lead held out to one partner in one wave.

    :ivar available_from: later than ``offered_at`` only by a head start of better matches.
    :ivar answered_at: when it was accepted or declined.
    """

    Status = OfferStatus

    lead = tenant_foreign_key("leads.Lead", related_name="offers", on_delete=models.CASCADE)
    partner = tenant_foreign_key("partners.Partner")
    wave = models.PositiveIntegerField()
    rank = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=OfferStatus.choices, default=OfferStatus.OPEN)
    offered_at = models.DateTimeField()
    available_from = models.DateTimeField()
    respond_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    distance_km = models.FloatField(null=True)
    decline_reason = models.CharField(max_length=20, choices=DeclineReason.choices, null=True)
    note = models.CharField(max_length=500, blank=True, default="")

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "lead", "partner", "wave"],
                name="one_offer_per_partner_and_wave",
            ),
            models.UniqueConstraint(
                fields=["lead"],
                condition=Q(status=OfferStatus.ACCEPTED),
                name="one_accepted_offer_per_lead",
            ),
            models.CheckConstraint(
                condition=Q(available_from__gte=models.F("offered_at"))
                & Q(respond_by__gt=models.F("available_from")),
                name="an_offer_leaves_time_to_answer",
            ),
        ]
        indexes = [
            # A partner's inbox, and the offers made to it in a day, week or month (caps).
            models.Index(
                fields=["partner", "-offered_at", "-id"], name="offer_of_partner_newest_first"
            ),
            models.Index(
                fields=["partner", "status", "-offered_at", "-id"], name="offer_of_partner_status"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} to {self.partner_id}"
