"""Addresses of messages that could not be delivered, below ``/set-up/messages/``."""

from django.urls import path

from leads.views import undelivered

urlpatterns = [
    path("", undelivered.show_undelivered, name="desk-messages"),
    path("again/", undelivered.send_all_again, name="desk-messages-again"),
    path("<uuid:message_id>/again/", undelivered.send_one_again, name="desk-message-again"),
]
