"""Addresses of a manufacturer's pages about its network; those with figures stand in ``kpis``."""

from django.urls import path

from partners.views import (
    availability,
    brand,
    changes,
    data_protection,
    imports,
    keys,
    materials,
    own_settings,
    partner,
    people,
    set_up,
    single_sign_on,
    working_hours,
)

urlpatterns = [
    path("partners/import/", imports.show_imports, name="desk-imports"),
    path("partners/import/template/", imports.hand_out_template, name="desk-import-template"),
    path("partners/imports/<uuid:import_id>/", imports.show_import, name="desk-import"),
    path("partners/imports/<uuid:import_id>/columns/", imports.check, name="desk-import-check"),
    path("partners/imports/<uuid:import_id>/store/", imports.store, name="desk-import-store"),
    path("partners/imports/<uuid:import_id>/undo/", imports.undo, name="desk-import-undo"),
    path("partners/imports/<uuid:import_id>/discard/", imports.discard, name="desk-import-discard"),
    path(
        "partners/imports/<uuid:import_id>/refused/",
        imports.hand_out_refused,
        name="desk-import-refused",
    ),
    path("partners/new/", partner.add_partner, name="desk-partner-add"),
    path("partners/<uuid:partner_id>/edit/", partner.edit_partner, name="desk-partner-edit"),
    path("partners/<uuid:partner_id>/status/", partner.set_status, name="desk-partner-status"),
    path(
        "partners/<uuid:partner_id>/availability/",
        availability.show_availability,
        name="desk-partner-availability",
    ),
    path(
        "partners/<uuid:partner_id>/opening-hours/",
        availability.set_partner_hours,
        name="desk-partner-hours",
    ),
    path(
        "partners/<uuid:partner_id>/absences/add/",
        availability.add_partner_absence,
        name="desk-partner-absence-add",
    ),
    path(
        "absences/<uuid:absence_id>/end/",
        availability.end_partner_absence,
        name="desk-partner-absence-end",
    ),
    path(
        "partners/<uuid:partner_id>/exclusions/add/",
        availability.add_partner_exclusion,
        name="desk-partner-exclusion-add",
    ),
    path(
        "exclusions/<uuid:exclusion_id>/remove/",
        availability.remove_partner_exclusion,
        name="desk-partner-exclusion-remove",
    ),
    path("people/", people.show_people, name="desk-people"),
    path("people/invite/", people.invite_to_team, name="desk-invite"),
    path("people/invite-partner/", people.invite_for_partner, name="desk-invite-partner"),
    path("people/<uuid:membership_id>/role/", people.set_role, name="desk-person-role"),
    path("people/<uuid:membership_id>/remove/", people.remove, name="desk-person-remove"),
    path(
        "people/invitations/<uuid:invitation_id>/again/",
        people.invitation_again,
        name="desk-invitation-again",
    ),
    path(
        "people/invitations/<uuid:invitation_id>/withdraw/",
        people.invitation_withdraw,
        name="desk-invitation-withdraw",
    ),
    path("set-up/single-sign-on/", single_sign_on.set_up, name="desk-single-sign-on"),
    path("set-up/single-sign-on/remove/", single_sign_on.remove, name="desk-single-sign-on-remove"),
    path("set-up/", set_up.show_set_up, name="desk-set-up"),
    path(
        "set-up/data-protection/",
        data_protection.show_data_protection,
        name="desk-data-protection",
    ),
    path(
        "set-up/left-to-partners/",
        own_settings.show_left_to_partners,
        name="desk-left-to-partners",
    ),
    path("set-up/working-hours/", working_hours.show_working_hours, name="desk-working-hours"),
    path("set-up/brand/", brand.show_brand, name="desk-brand"),
    path("set-up/changes/", changes.show_changes, name="desk-changes"),
    path("set-up/add-product-line/", set_up.add_word, {"kind": "line"}, name="desk-line-add"),
    path(
        "set-up/product-lines/<str:code>/", set_up.change_word, {"kind": "line"}, name="desk-line"
    ),
    path("set-up/add-level/", set_up.add_word, {"kind": "level"}, name="desk-level-add"),
    path("set-up/levels/<str:code>/", set_up.change_word, {"kind": "level"}, name="desk-level"),
    path("set-up/materials/", materials.show_materials, name="desk-materials"),
    path("set-up/materials/new/", materials.publish, name="desk-material-add"),
    path("set-up/materials/<uuid:material_id>/", materials.show_material, name="desk-material"),
    path(
        "set-up/materials/<uuid:material_id>/edit/",
        materials.describe,
        name="desk-material-edit",
    ),
    path(
        "set-up/materials/<uuid:material_id>/replace/",
        materials.replace,
        name="desk-material-replace",
    ),
    path(
        "set-up/materials/<uuid:material_id>/withdraw/",
        materials.withdraw,
        name="desk-material-withdraw",
    ),
    path(
        "set-up/materials/versions/<uuid:version_id>/",
        materials.look_into,
        name="desk-material-file",
    ),
    path(
        "set-up/materials/versions/<uuid:version_id>/end/",
        materials.end,
        name="desk-material-version-end",
    ),
    path("set-up/keys/", keys.show_keys, name="desk-keys"),
    path("set-up/keys/new/", keys.add_key, name="desk-key-add"),
    path("set-up/keys/<uuid:key_id>/", keys.show_key, name="desk-key"),
    path("set-up/keys/<uuid:key_id>/rotate/", keys.rotate, name="desk-key-rotate"),
    path("set-up/keys/<uuid:key_id>/revoke/", keys.revoke, name="desk-key-revoke"),
]
