"""Addresses of the REST interface. Ids are any text here: what is no id is not found either."""

from django.urls import path

from partners.api import availability, invitations, keys, materials, partners, setup, users

urlpatterns = [
    path("partners/", partners.PartnersView.as_view(), name="api-partners"),
    path(
        "partners/by-external-id/<path:external_id>/",
        partners.PartnerByExternalIdView.as_view(),
        name="api-partner-by-external-id",
    ),
    path("partners/<str:partner_id>/", partners.PartnerDetailView.as_view(), name="api-partner"),
    path(
        "partners/<str:partner_id>/api-keys/",
        partners.PartnerKeysView.as_view(),
        name="api-partner-keys",
    ),
    path(
        "partners/<str:partner_id>/invitations/",
        invitations.PartnerInvitationsView.as_view(),
        name="api-partner-invitations",
    ),
    path("users/", users.UsersView.as_view(), name="api-users"),
    path("users/invitations/", users.InvitedUsersView.as_view(), name="api-users-invited"),
    path(
        "users/invitations/<str:invitation_id>/",
        users.InvitedUserView.as_view(),
        name="api-user-invited",
    ),
    path("users/<str:membership_id>/", users.UserDetailView.as_view(), name="api-user"),
    path(
        "partners/<str:partner_id>/absences/",
        availability.AbsencesView.as_view(),
        name="api-partner-absences",
    ),
    path(
        "absences/<str:absence_id>/",
        availability.AbsenceView.as_view(),
        name="api-partner-absence",
    ),
    path(
        "partners/<str:partner_id>/exclusions/",
        availability.ExclusionsView.as_view(),
        name="api-partner-exclusions",
    ),
    path(
        "exclusions/<str:exclusion_id>/",
        availability.ExclusionView.as_view(),
        name="api-partner-exclusion",
    ),
    path("keys/", keys.KeysView.as_view(), name="api-keys"),
    path("keys/<str:key_id>/", keys.KeyDetailView.as_view(), name="api-key"),
    path("keys/<str:key_id>/rotate/", keys.RotateKeyView.as_view(), name="api-key-rotate"),
    path("materials/", materials.MaterialsView.as_view(), name="api-materials"),
    path(
        "materials/versions/<str:version_id>/",
        materials.MaterialVersionView.as_view(),
        name="api-material-version",
    ),
    path(
        "materials/<str:material_id>/", materials.MaterialDetailView.as_view(), name="api-material"
    ),
    path(
        "materials/<str:material_id>/versions/",
        materials.MaterialVersionsView.as_view(),
        name="api-material-versions",
    ),
    path("product-lines/", setup.ProductLinesView.as_view(), name="api-product-lines"),
    path("product-lines/<str:code>/", setup.ProductLineView.as_view(), name="api-product-line"),
    path("certification-levels/", setup.LevelsView.as_view(), name="api-levels"),
    path("certification-levels/<str:code>/", setup.LevelView.as_view(), name="api-level"),
]
