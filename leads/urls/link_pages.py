"""Addresses that open without a log-in: links in messages, and what they lead to."""

from django.urls import path

from leads.views import linked, links

urlpatterns = [
    path("l/<str:token>/", linked.open_link, name="link-open"),
    path("linked/code/", links.type_code, name="link-code"),
    path("linked/offers/<uuid:offer_id>/", links.show_offer, name="link-offer"),
    path("linked/offers/<uuid:offer_id>/accept/", links.accept, name="link-offer-accept"),
    path("linked/offers/<uuid:offer_id>/decline/", links.decline, name="link-offer-decline"),
    path("linked/leads/<uuid:assignment_id>/", links.show_lead, name="link-lead"),
    path(
        "linked/leads/<uuid:assignment_id>/contact/",
        links.ask_for_contact,
        name="link-lead-contact",
    ),
    path("linked/leads/<uuid:assignment_id>/feedback/", links.report, name="link-lead-feedback"),
]
