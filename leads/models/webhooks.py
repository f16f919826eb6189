"""Webhooks: which events are told to which address, how far that came, what was answered."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class OffReason(models.TextChoices):
    """Why nothing is sent to a webhook."""

    SWITCHED_OFF = "SWITCHED_OFF", _("Switched off by hand")
    GONE = "GONE", _("It answered 410: nobody is there any more")
    FAILING = "FAILING", _("It took nothing for three days")


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Named conditions on webhooks."""

    def kept(self) -> "WebhookQuerySet":
        """Not removed."""
        return self.filter(removed_at__isnull=True)

    def on(self) -> "WebhookQuerySet":
        """Told of events."""
        return self.kept().filter(off_since__isnull=True)


class Webhook(TenantModel):
    """An address of a tenant's that is told of events of some types.

    :ivar secret_sealed: what messages are signed by; ``previous_sealed`` too, until
        ``previous_until``, while programs change over.
    :ivar off_since: when it was switched off, ``off_because`` of what.
    :ivar removed_at: it is gone for its owner; the row goes when nothing is kept about it any more.
    """

    name = models.CharField(max_length=120)
    url = models.CharField(max_length=2_000)
    event_types = ArrayField(models.CharField(max_length=24))
    secret_sealed = models.TextField()
    previous_sealed = models.TextField(default="")
    previous_until = models.DateTimeField(null=True)
    off_since = models.DateTimeField(null=True)
    off_because = models.CharField(max_length=12, choices=OffReason.choices, default="")
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(off_since__isnull=True, off_because="")
                | (Q(off_since__isnull=False) & ~Q(off_because="")),
                name="a_webhook_that_is_off_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(event_types=[]), name="a_webhook_is_told_of_something"
            ),
        ]
        indexes = [
            # Those of a tenant: subscriptions.webhooks_visible_to.
            models.Index(
                fields=["manufacturer", "-id"],
                name="webhooks_of_tenant",
                condition=Q(removed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.name


class WebhookStanding(TenantModel):
    """How a webhook stands; kept by whoever sends to it.

    :ivar read_up_to: of the facts recorded before this instant each has its message, or is none of
        the webhook's business.
    :ivar failing_since: when the first attempt failed of those that nothing got through after.
    :ivar held_until: nothing is sent before, for it asked for that, or hangs.
    """

    webhook = tenant_foreign_key("leads.Webhook", related_name="standings")
    read_up_to = models.DateTimeField(db_default=Now())
    failing_since = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "webhook"], name="one_standing_per_webhook"
            )
        ]

    def __str__(self) -> str:
        return f"read up to {self.read_up_to}"


class WebhookAttempt(TenantModel):
    """One attempt to tell a webhook something: what was answered, and how quickly.

    :ivar message: id of the message (``core.Delivery``), which is the same at every attempt.
    :ivar lead: what it told of; ``None`` for a test.
    :ivar status: of HTTP; ``None`` if there was no answer, with the reason in ``problem``.
    :ivar answer: the beginning of the answer's body. Ours holds nothing personal, somebody else's
        may: it is forgotten with the lead.
    """

    webhook = tenant_foreign_key("leads.Webhook", related_name="attempts")
    message = models.UUIDField()
    lead = tenant_foreign_key("leads.Lead", null=True)
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    problem = models.CharField(max_length=30, default="")
    answer = models.CharField(max_length=500, default="")

    class Meta:
        indexes = [
            # The attempts of a message: webhooks.log.attempts_of.
            models.Index(fields=["manufacturer", "message"], name="attempts_of_message"),
            # What is forgotten with a lead: webhooks.log.forget_answers_about.
            models.Index(
                fields=["manufacturer", "lead"],
                name="answers_about_lead",
                condition=~Q(answer=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status or self.problem}"
