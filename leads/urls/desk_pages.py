"""Addresses of a manufacturer's pages about leads, below ``/leads/``."""

from django.urls import path

from leads.views import (
    actions,
    attachments,
    board,
    bulk,
    customer_data,
    duplicates,
    export,
    lead,
    leaving,
    new_lead,
    owed,
    routing_explained,
    saved_views,
)
from leads.views.bulk_deeds import BULK
from leads.views.deeds import ACTIONS

urlpatterns = [
    path("", board.show_board, name="desk-leads"),
    path("export/", export.export_leads, name="desk-leads-export"),
    path("columns/", saved_views.choose_columns, name="desk-leads-columns"),
    path("views/new/", saved_views.add_view, name="desk-leads-view-add"),
    path("views/open-with/", saved_views.choose_opening, name="desk-leads-open-with"),
    path("views/<uuid:view_id>/", saved_views.edit_view, name="desk-leads-view"),
    path("views/<uuid:view_id>/replace/", saved_views.put_in_view, name="desk-leads-view-replace"),
    path("views/<uuid:view_id>/remove/", saved_views.drop_view, name="desk-leads-view-remove"),
    path("bulk/", bulk.choose, name="desk-leads-bulk"),
    *(
        path(f"bulk/{verb}/", bulk.act, {"verb": verb}, name=f"desk-leads-bulk-{verb}")
        for verb in BULK
    ),
    path("bulk/<uuid:deed_id>/", bulk.show_done, name="desk-leads-bulk-done"),
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
