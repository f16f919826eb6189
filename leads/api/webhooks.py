"""Calls about webhooks: set up, tried out, their log, and sending again."""

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.webhook_shapes import (
    MESSAGE,
    WEBHOOK,
    ChangeWebhookInput,
    MessageOutput,
    MessageQuery,
    RotateSecretInput,
    ShownWebhookOutput,
    WebhookInput,
    WebhookOutput,
)
from leads.webhooks.log import complete_messages, messages_visible_to, send_again, send_test
from leads.webhooks.subscriptions import (
    OVERLAP,
    add_webhook,
    change_webhook,
    remove_webhook,
    rotate_secret,
    webhooks_visible_to,
)
from partners.api.views import ApiView
from partners.roles import Capability

NEW, CHANGE, ROTATION, QUERY = (
    WebhookInput(),
    ChangeWebhookInput(),
    RotateSecretInput(),
    MessageQuery(),
)


class WebhookView(ApiView):
    """What calls about webhooks share."""

    needs: ClassVar[dict[str, Capability]] = dict.fromkeys(
        ("GET", "POST", "PATCH", "DELETE"), Capability.MANAGE_WEBHOOKS
    )

    def find_webhook(self, webhook_id: str) -> Any:
        """Find one of the manufacturer's webhooks.

        :raises NotVisible: if there is none.
        """
        return self.find(webhooks_visible_to(self.actor), webhook_id)

    def answer_webhook(self, webhook_id: UUID) -> dict[str, Any]:
        """Show a webhook as it is now."""
        return WEBHOOK.to_representation(webhooks_visible_to(self.actor).get(id=webhook_id))

    def answer_message(self, message: Any, *, status: int = 200) -> Response:
        """Answer one message with its attempts."""
        complete_messages([message])
        return Response(MESSAGE.to_representation(message), status=status)


class WebhooksView(WebhookView):
    """``/webhooks/``."""

    secrets = ("secret",)

    @extend_schema(operation_id="list_webhooks", responses=WebhookOutput(many=True))
    def get(self, request: Request) -> Response:
        """List webhooks, the newest first."""
        return self.answer_page(webhooks_visible_to(self.actor), WEBHOOK)

    @extend_schema(
        operation_id="create_webhook", request=WebhookInput, responses={201: ShownWebhookOutput}
    )
    def post(self, request: Request) -> Response:
        """Have an address told of what is recorded from now on; the secret is shown this once.

        :raises TooManyWebhooks: if there are 20.
        """
        sent = self.read(NEW)
        webhook, secret = add_webhook(
            name=sent.get("name", ""),
            url=sent["url"],
            event_types=sent.get("event_types"),
            by=self.actor,
            at=self.at,
        )
        if sent.get("is_active") is False:
            change_webhook(webhook=webhook, is_on=False, by=self.actor, at=self.at)
        return Response({**self.answer_webhook(webhook.id), "secret": secret}, status=201)


class WebhookDetailView(WebhookView):
    """``/webhooks/{id}/``."""

    @extend_schema(operation_id="get_webhook", responses=WebhookOutput)
    def get(self, request: Request, webhook_id: str) -> Response:
        """Show a webhook."""
        return Response(WEBHOOK.to_representation(self.find_webhook(webhook_id)))

    @extend_schema(
        operation_id="change_webhook", request=ChangeWebhookInput, responses=WebhookOutput
    )
    def patch(self, request: Request, webhook_id: str) -> Response:
        """Change a webhook, or switch it on or off."""
        webhook = self.find_webhook(webhook_id)
        sent = self.read(CHANGE)
        change_webhook(
            webhook=webhook,
            name=sent.get("name"),
            url=sent.get("url"),
            event_types=sent.get("event_types"),
            is_on=sent.get("is_active"),
            by=self.actor,
            at=self.at,
        )
        return Response(self.answer_webhook(webhook.id))

    @extend_schema(operation_id="remove_webhook", responses={204: None})
    def delete(self, request: Request, webhook_id: str) -> Response:
        """Remove a webhook, with all that waits for it."""
        remove_webhook(webhook=self.find_webhook(webhook_id), by=self.actor, at=self.at)
        return Response(status=204)


class RotateWebhookSecretView(WebhookView):
    """``/webhooks/{id}/rotate/``."""

    secrets = ("secret",)

    @extend_schema(
        operation_id="rotate_webhook_secret",
        request=RotateSecretInput,
        responses={201: ShownWebhookOutput},
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        """Give a webhook a new secret, shown this once.

        Until the overlap is over every message carries both signatures; 0 ends what is valid now.

        :raises StillChangingOver: if two secrets are valid and neither is to end at once.
        """
        webhook = self.find_webhook(webhook_id)
        seconds = self.read(ROTATION).get("overlap", OVERLAP.total_seconds())
        secret = rotate_secret(
            webhook=webhook, overlap=timedelta(seconds=seconds), by=self.actor, at=self.at
        )
        return Response({**self.answer_webhook(webhook.id), "secret": secret}, status=201)


class TestWebhookView(WebhookView):
    """``/webhooks/{id}/test/``."""

    @extend_schema(operation_id="test_webhook", request=None, responses={202: MessageOutput})
    def post(self, request: Request, webhook_id: str) -> Response:
        """Send a test of the type `webhook.test`, once, as soon as may be.

        The answer is the message: ask for it until it is no longer `WAITING`.
        """
        webhook = self.find_webhook(webhook_id)
        return self.answer_message(
            send_test(webhook=webhook, by=self.actor, at=self.at), status=202
        )


class WebhookMessagesView(WebhookView):
    """``/webhooks/{id}/deliveries/``."""

    @extend_schema(
        operation_id="list_webhook_deliveries",
        parameters=[MessageQuery],
        responses=MessageOutput(many=True),
    )
    def get(self, request: Request, webhook_id: str) -> Response:
        """List what went to a webhook in the last 30 days with every attempt, the newest first."""
        webhook = self.find_webhook(webhook_id)
        status = self.read_query(QUERY).get("status")
        messages = messages_visible_to(self.actor, webhook=webhook, status=status)
        return self.answer_page(messages, MESSAGE, complete=complete_messages)


class WebhookMessageView(WebhookView):
    """``/webhooks/{id}/deliveries/{id}/``."""

    @extend_schema(operation_id="get_webhook_delivery", responses=MessageOutput)
    def get(self, request: Request, webhook_id: str, message_id: str) -> Response:
        """Show one message with every attempt."""
        webhook = self.find_webhook(webhook_id)
        return self.answer_message(
            self.find(messages_visible_to(self.actor, webhook=webhook), message_id)
        )


class ReplayWebhookMessageView(WebhookView):
    """``/webhooks/{id}/deliveries/{id}/replay/``."""

    @extend_schema(
        operation_id="replay_webhook_delivery", request=None, responses={202: MessageOutput}
    )
    def post(self, request: Request, webhook_id: str, message_id: str) -> Response:
        """Send a message again now, under its old id, with ten attempts before it.

        :raises WebhookIsOff: if the webhook is told nothing.
        """
        message = send_again(
            webhook=self.find_webhook(webhook_id),
            message_id=self.as_id(message_id),
            by=self.actor,
            at=self.at,
        )
        return self.answer_message(message, status=202)
