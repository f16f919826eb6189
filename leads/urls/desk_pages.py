"""Addresses of a manufacturer's pages about leads, below ``/leads/``."""

from django.urls import path

from leads.views import actions, board, export, lead, new_lead

urlpatterns = [
    path("", board.show_board, name="desk-leads"),
    path("export/", export.export_leads, name="desk-leads-export"),
    path("new/", new_lead.add_lead, name="desk-lead-add"),
    path("<uuid:lead_id>/", lead.show_lead, name="desk-lead"),
    path("<uuid:lead_id>/assign/", actions.assign, name="desk-lead-assign"),
    path("<uuid:lead_id>/withdraw/", actions.withdraw, name="desk-lead-withdraw"),
    path("<uuid:lead_id>/reroute/", actions.reroute, name="desk-lead-reroute"),
    path("<uuid:lead_id>/release/", actions.release, name="desk-lead-release"),
    path("<uuid:lead_id>/reject/", actions.reject, name="desk-lead-reject"),
    path("<uuid:lead_id>/extend/", actions.extend, name="desk-lead-extend"),
    path("<uuid:lead_id>/close/", actions.close, name="desk-lead-close"),
    path("<uuid:lead_id>/reopen/", actions.reopen, name="desk-lead-reopen"),
    path("<uuid:lead_id>/return-verdict/", actions.judge, name="desk-lead-return-verdict"),
]
