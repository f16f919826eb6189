"""Addresses of routing policies, below ``/set-up/policies/``."""

from django.urls import path

from leads.views import drafts, policies, replays

urlpatterns = [
    path("", policies.show_policies, name="desk-policies"),
    path("new/", policies.add_policy, name="desk-policy-add"),
    path("drafts/<uuid:policy_id>/", drafts.show_draft, name="desk-draft"),
    path("drafts/<uuid:policy_id>/edit/", drafts.edit_draft, name="desk-draft-edit"),
    path("drafts/<uuid:policy_id>/preview/", drafts.preview_draft, name="desk-draft-preview"),
    path("drafts/<uuid:policy_id>/publish/", drafts.publish, name="desk-draft-publish"),
    path("drafts/<uuid:policy_id>/discard/", drafts.discard, name="desk-draft-discard"),
    path("drafts/<uuid:policy_id>/try-out/", replays.begin_replay, name="desk-draft-replay"),
    path("replays/<uuid:replay_id>/", replays.show_replay, name="desk-replay"),
    path("<uuid:policy_id>/", policies.change_policy, name="desk-policy"),
    path("<uuid:policy_id>/off/", policies.switch_policy, {"to": "off"}, name="desk-policy-off"),
    path("<uuid:policy_id>/on/", policies.switch_policy, {"to": "on"}, name="desk-policy-on"),
]
