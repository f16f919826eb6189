"""Addresses of a partner's pages."""

from django.urls import path

from leads.views import inbox

urlpatterns = [
    path("inbox/", inbox.show_inbox, name="partner-inbox"),
    path("assignments/", inbox.show_inbox, name="partner-leads"),
    path("pick-list/", inbox.show_inbox, name="partner-pick-list"),
]
