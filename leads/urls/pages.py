"""Addresses of pages about leads."""

from django.urls import include, path

urlpatterns = [
    path("", include("leads.urls.partner_pages")),
    path("leads/", include("leads.urls.desk_pages")),
    path("set-up/messages/", include("leads.urls.message_pages")),
    path("set-up/policies/", include("leads.urls.policy_pages")),
]
