"""Addresses of pages about people and networks."""

from django.urls import include, path

from partners.views import accounts, gallery, library, notices, own_settings, team

urlpatterns = [
    path("", include("partners.urls.desk_pages")),
    path("", include("partners.urls.identity")),
    path("", accounts.home, name="home"),
    path("log-out/", accounts.log_out, name="person-log-out"),
    path("account/", accounts.show_account, name="person-account"),
    path("account/manufacturer/", accounts.choose_manufacturer, name="person-choose-manufacturer"),
    path("account/notices/", notices.show_notices, name="person-notices"),
    path("account/notices/quiet/", notices.set_quiet, name="person-quiet"),
    path("account/notices/devices/", notices.own_devices, name="person-devices"),
    path(
        "account/notices/devices/<uuid:device_id>/remove/",
        notices.forget_device,
        name="person-device-forget",
    ),
    path("materials/", library.show_library, name="partner-materials"),
    path("materials/<uuid:version_id>/", library.open_material, name="partner-material"),
    path("settings/", own_settings.show_settings, name="partner-settings"),
    path("settings/area/", own_settings.set_area, name="partner-area"),
    path("settings/lines/", own_settings.set_lines, name="partner-lines"),
    path("settings/caps/", own_settings.set_caps, name="partner-caps"),
    path("settings/hours/", own_settings.set_hours, name="partner-hours"),
    path("settings/absences/add/", own_settings.add_days, name="partner-absence-add"),
    path(
        "settings/absences/<uuid:absence_id>/end/",
        own_settings.end_days,
        name="partner-absence-end",
    ),
    path("team/", team.show_team, name="partner-team"),
    path("team/invite/", team.invite_colleague, name="partner-invite"),
    path("team/<uuid:membership_id>/remove/", team.remove_colleague, name="partner-person-remove"),
    path(
        "team/invitations/<uuid:invitation_id>/again/",
        team.colleague_again,
        name="partner-invitation-again",
    ),
    path(
        "team/invitations/<uuid:invitation_id>/withdraw/",
        team.colleague_withdraw,
        name="partner-invitation-withdraw",
    ),
    path("gallery/", gallery.show_gallery, name="person-gallery"),
]
