"""Addresses of a manufacturer's pages about leads, below ``/leads/``."""

from django.urls import path

from leads.views import (
    actions,
    attachments,
    board,
    customer_data,
    duplicates,
    export,
    lead,
    leaving,
    new_lead,
    owed,
    routing_explained,
)
from leads.views.deeds import ACTIONS

urlpatterns = [
    path("", board.show_board, name="desk-leads"),
    path("export/", export.export_leads, name="desk-leads-export"),
    path("new/", new_lead.add_lead, name="desk-lead-add"),
    path("duplicates/", duplicates.show_duplicates, name="desk-duplicates"),
    path("duplicates/compared/", duplicates.change_compared, name="desk-duplicates-compared"),
    path(
        "of-partner/<uuid:partner_id>/move/",
        leaving.move_from_partner,
        name="desk-partner-move",
    ),
    path("feedback-owed/", owed.show_owed, name="desk-feedback-owed"),
    path("customer-data/", customer_data.show_customer_data, name="desk-customer-data"),
    path("files/<uuid:attachment_id>/", attachments.open_at_desk, name="desk-attachment"),
    path("<uuid:lead_id>/", lead.show_lead, name="desk-lead"),
    path("<uuid:lead_id>/routing/", routing_explained.show_routing, name="desk-lead-routing"),
    path("<uuid:lead_id>/assign/", actions.assign, name="desk-lead-assign"),
    *(
        path(f"<uuid:lead_id>/{verb}/", actions.act, {"verb": verb}, name=f"desk-lead-{verb}")
        for verb in ACTIONS
        if verb != "assign"
    ),
]
