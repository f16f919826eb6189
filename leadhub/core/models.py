"""Tables that belong to no single app: places, messages and letters to send, stored answers."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from leadhub.core.ids import new_id


class PostalCode(models.Model):
    """A postal code's name, federal state and centre (GeoNames, CC BY 4.0)."""

    country = models.CharField(max_length=2)
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    region = models.CharField(max_length=6, help_text="ISO 3166-2 code of the federal state.")
    latitude = models.FloatField()
    longitude = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["country", "code"], name="one_centre_per_postal_code")
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.code} {self.name}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Named conditions on messages to send."""

    def pending(self) -> "DeliveryQuerySet":
        """Still to be sent, whatever the hour."""
        return self.unsent().filter(failed_at__isnull=True)

    def unsent(self) -> "DeliveryQuerySet":
        """Not sent: still to be, or given up."""
        return self.filter(done_at__isnull=True)

    def given_up(self) -> "DeliveryQuerySet":
        """Given up: nothing more happens unless somebody says so."""
        return self.unsent().filter(failed_at__isnull=False)


class Delivery(models.Model):
    """One message to one recipient: written with the event it tells of, sent after the commit.

    A notice is written with its event and names a side; when it is due it becomes a message for
    each person of that side and each of their channels.

    :ivar event_id: the fact it tells of; ``None`` for what sums up many, such as a digest.
    :ivar recipient: ``partner:<id>``, ``dispatchers``, ``user:<id>``, ``device:<id>`` or
        ``webhook:<id>``; the address is looked up when sending, so that none is stored twice.
    :ivar subject_id: what the message is about: an offer or a lead, as ``kind`` says.
    :ivar dedupe: what makes the message one of a kind within its tenant.
    :ivar claimed_until: whoever sends it has it until then; ``None`` if nobody does.
    :ivar attempts: how often somebody has set about sending it.
    :ivar skipped: why it was not sent although it is done; empty if it was.
    :ivar failed_at: when it was given up, with the reason in ``last_error``.
    """

    class Channel(models.TextChoices):
        NOTICE = "NOTICE"
        EMAIL = "EMAIL"
        PUSH = "PUSH"
        SMS = "SMS"
        WEBHOOK = "WEBHOOK"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    manufacturer_id = models.UUIDField()
    event_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    kind = models.CharField(max_length=30)
    recipient = models.CharField(max_length=50)
    subject_id = models.UUIDField()
    dedupe = models.CharField(max_length=130)
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    skipped = models.CharField(max_length=30, default="")
    failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer_id", "dedupe"], name="one_delivery_per_message"
            ),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True) | models.Q(failed_at__isnull=True),
                name="sent_or_given_up",
            ),
        ]
        indexes = [
            # Its one reader: outbox.claim_due.
            models.Index(
                fields=["channel", "due_at", "id"],
                name="delivery_due",
                condition=models.Q(done_at__isnull=True, failed_at__isnull=True),
            ),
            # What a manufacturer is shown to have failed: core.undelivered.
            models.Index(
                fields=["manufacturer_id", "-failed_at", "-id"],
                name="delivery_given_up",
                condition=models.Q(failed_at__isnull=False),
            ),
            # What went to one webhook, the last first: leads.webhooks.log.
            models.Index(
                fields=["manufacturer_id", "recipient", "-id"],
                name="deliveries_to_webhook",
                condition=models.Q(channel="WEBHOOK"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}"


class Letter(models.Model):
    """A mail with a secret in it, from when it is written until it has left: then the row is gone.

    It belongs to no tenant, and only the named jobs that write and send letters see any.

    :ivar sealed: recipient, subject and words, encrypted (``core.sealed``).
    :ivar expires_at: when what it says is good for nothing any more.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sealed = models.TextField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.id)


class IdempotentAnswer(models.Model):
    """The first answer to a request that carried an ``Idempotency-Key``, kept to be replayed.

    :ivar subjects: ids of what the answer tells of, so that it can be forgotten with them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    manufacturer_id = models.UUIDField()
    api_key_id = models.UUIDField()
    key = models.CharField(max_length=255)
    request_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    subjects = ArrayField(models.UUIDField(), default=list)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer_id", "api_key_id", "key"], name="one_answer_per_key"
            )
        ]
        indexes = [
            # What is to be forgotten with a lead: core.answers.forget_answers.
            GinIndex(fields=["subjects"], name="answers_about"),
            # What is past its time: core.answers.purge_answers.
            models.Index(fields=["created_at"], name="answers_by_age"),
        ]

    def __str__(self) -> str:
        return self.key
