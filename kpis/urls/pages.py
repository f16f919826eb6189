"""Addresses of pages of figures, and of partners with theirs."""

from django.urls import path

from kpis.views import (
    behind,
    cockpit,
    cockpit_files,
    described,
    directory,
    fairness,
    history,
    leaderboard,
    own,
    partner,
    regions,
    turnover,
)

urlpatterns = [
    path("cockpit/", cockpit.show_cockpit, name="desk-cockpit"),
    path("cockpit/regions/", regions.show_regions, name="desk-cockpit-regions"),
    path("cockpit/partners/", leaderboard.show_leaderboard, name="desk-cockpit-partners"),
    path("cockpit/turnover/", turnover.show_turnover, name="desk-cockpit-turnover"),
    path("cockpit/file/", cockpit_files.export_table, name="desk-cockpit-file"),
    path("cockpit/leads/", behind.show_leads_behind, name="desk-cockpit-leads"),
    path("cockpit/as-described/", described.show_described, name="desk-described"),
    path("cockpit/as-described/file/", described.export_described, name="desk-described-file"),
    path("fairness/", fairness.show_fairness, name="desk-fairness"),
    path("fairness/export/", fairness.export_fairness, name="desk-fairness-export"),
    path("set-up/history/", history.show_histories, name="desk-histories"),
    path("set-up/history/template/", history.hand_out_template, name="desk-history-template"),
    path("set-up/history/<uuid:history_id>/", history.show_history, name="desk-history"),
    path("set-up/history/<uuid:history_id>/store/", history.store, name="desk-history-store"),
    path("set-up/history/<uuid:history_id>/discard/", history.discard, name="desk-history-discard"),
    path(
        "set-up/history/<uuid:history_id>/refused/",
        history.hand_out_refused,
        name="desk-history-refused",
    ),
    path("figures/", own.show_own, name="partner-figures"),
    path("partners/", directory.show_directory, name="desk-partners"),
    path("partners/<uuid:partner_id>/", partner.show_partner, name="desk-partner"),
]
