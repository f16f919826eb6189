"""Addresses of webhooks, below ``/set-up/webhooks/``."""

from django.urls import path

from leads.views import webhooks

urlpatterns = [
    path("", webhooks.show_webhooks, name="desk-webhooks"),
    path("new/", webhooks.add, name="desk-webhook-add"),
    path("<uuid:webhook_id>/", webhooks.show_webhook, name="desk-webhook"),
    path("<uuid:webhook_id>/edit/", webhooks.edit, name="desk-webhook-edit"),
    path("<uuid:webhook_id>/on/", webhooks.switch, {"to": "on"}, name="desk-webhook-on"),
    path("<uuid:webhook_id>/off/", webhooks.switch, {"to": "off"}, name="desk-webhook-off"),
    path("<uuid:webhook_id>/rotate/", webhooks.rotate, name="desk-webhook-rotate"),
    path("<uuid:webhook_id>/test/", webhooks.test, name="desk-webhook-test"),
    path("<uuid:webhook_id>/remove/", webhooks.remove, name="desk-webhook-remove"),
    path(
        "<uuid:webhook_id>/messages/<uuid:message_id>/",
        webhooks.show_message,
        name="desk-webhook-message",
    ),
    path(
        "<uuid:webhook_id>/messages/<uuid:message_id>/again/",
        webhooks.again,
        name="desk-webhook-message-again",
    ),
]
