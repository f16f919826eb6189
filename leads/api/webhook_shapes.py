"""What callers send and are answered about webhooks."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from leadhub.core.api.fields import Choice, Input, Instant, Integer, Output, Query, Text, Truth
from leads.webhooks.log import STATUSES
from leads.webhooks.posts import TEST
from leads.webhooks.subscriptions import EVENT_TYPES, LONGEST_NAME, LONGEST_OVERLAP, OFF_REASONS

LONGEST_URL = 2_000
MESSAGE_TYPES = (*EVENT_TYPES, TEST)


class ChangeWebhookInput(Input):
    """What is to change; what is not named stays."""

    name = Text(required=False, max_length=LONGEST_NAME, help_text="Its host unless said.")
    url = Text(
        required=False,
        max_length=LONGEST_URL,
        help_text="An https address on the public internet; it is checked at every attempt.",
    )
    event_types = serializers.ListField(
        child=Choice(EVENT_TYPES),
        required=False,
        min_length=1,
        max_length=len(EVENT_TYPES),
        help_text="Of what it is told; all of them unless said.",
    )
    is_active = Truth(
        required=False,
        help_text="False tells it nothing; true tells it of what is recorded from then on.",
    )


class WebhookInput(ChangeWebhookInput):
    """A new webhook."""

    url = Text(
        max_length=LONGEST_URL,
        help_text="An https address on the public internet; it is checked at every attempt.",
    )


class RotateSecretInput(Input):
    """How long the secret so far signs beside its successor, in seconds; a day unless said."""

    overlap = Integer(required=False, max_value=int(LONGEST_OVERLAP.total_seconds()))


class MessageQuery(Query):
    """Which messages to a webhook."""

    status = Choice(STATUSES, required=False)


class WebhookOutput(Output):
    """A webhook, without its secret."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    url = serializers.CharField()
    event_types = serializers.ListField(child=serializers.ChoiceField(EVENT_TYPES))
    is_active = serializers.SerializerMethodField()
    off_since = Instant(allow_null=True)
    off_because = serializers.SerializerMethodField()
    failing_since = Instant(allow_null=True, help_text="Since when nothing got through to it.")
    created_at = Instant()
    previous_secret_until = Instant(
        source="previous_until",
        allow_null=True,
        help_text="Until when the secret before this one signs as well.",
    )

    def get_is_active(self, webhook: Any) -> bool:
        """Tell whether it is told of events."""
        return webhook.off_since is None

    @extend_schema_field(serializers.ChoiceField(OFF_REASONS, allow_null=True))
    def get_off_because(self, webhook: Any) -> str | None:
        """Tell why it is told nothing."""
        return webhook.off_because or None


class ShownWebhookOutput(WebhookOutput):
    """A webhook with its new secret, which is shown once: in a repeated answer it is null."""

    secret = serializers.CharField(allow_null=True)


class AttemptOutput(Output):
    """One attempt, and what was answered."""

    at = Instant()
    status = serializers.IntegerField(allow_null=True, help_text="Of HTTP; null without an answer.")
    took_ms = serializers.IntegerField()
    problem = serializers.CharField(help_text="A code; empty if all went well.")
    answer = serializers.CharField(help_text="The beginning of the answer.")


class MessageOutput(Output):
    """One message to a webhook; its `id` is the `webhook-id` of every attempt."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(MESSAGE_TYPES, source="kind")
    event = serializers.UUIDField(source="event_id", allow_null=True)
    lead = serializers.UUIDField(source="lead_id", allow_null=True)
    status = serializers.ChoiceField(STATUSES)
    next_attempt_at = Instant(allow_null=True)
    attempts = serializers.ListField(child=AttemptOutput(), source="log")


WEBHOOK = WebhookOutput()
MESSAGE = MessageOutput()
