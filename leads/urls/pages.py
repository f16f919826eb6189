"""Addresses of pages about leads."""

from django.urls import include, path

from leads.views import missed

urlpatterns = [
    path("", include("leads.urls.partner_pages")),
    path("", include("leads.urls.link_pages")),
    path("", include("leads.urls.public_pages")),
    path(
        "partners/<uuid:partner_id>/missed-leads/",
        missed.show_of_partner,
        name="desk-partner-missed-leads",
    ),
    path("leads/", include("leads.urls.desk_pages")),
    path("set-up/messages/", include("leads.urls.message_pages")),
    path("set-up/webhooks/", include("leads.urls.webhook_pages")),
    path("set-up/forms/", include("leads.urls.form_pages")),
    path("set-up/policies/", include("leads.urls.policy_pages")),
]
