"""Addresses of routing policies, below ``/set-up/policies/``."""

from django.urls import path

from leads.views import policies

urlpatterns = [
    path("", policies.show_policies, name="desk-policies"),
    path("new/", policies.add_policy, name="desk-policy-add"),
    path("<uuid:policy_id>/", policies.change_policy, name="desk-policy"),
    path("<uuid:policy_id>/off/", policies.switch_policy, {"to": "off"}, name="desk-policy-off"),
    path("<uuid:policy_id>/on/", policies.switch_policy, {"to": "on"}, name="desk-policy-on"),
]
