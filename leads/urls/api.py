"""Addresses of the REST interface. Ids are any text here: what is no id is not found either."""

from django.urls import path

from leads.api import (
    assignments,
    customer_data,
    dispatch,
    events,
    leads,
    offers,
    policies,
    webhooks,
)

urlpatterns = [
    path("leads/", leads.LeadsView.as_view(), name="api-leads"),
    path("leads/bulk/", leads.LeadsBulkView.as_view(), name="api-leads-bulk"),
    path("leads/<str:lead_id>/", leads.LeadDetailView.as_view(), name="api-lead"),
    path("leads/<str:lead_id>/events/", leads.LeadEventsView.as_view(), name="api-lead-events"),
    path("leads/<str:lead_id>/routing/", leads.LeadRoutingView.as_view(), name="api-lead-routing"),
    path("leads/<str:lead_id>/assign/", dispatch.AssignView.as_view(), name="api-lead-assign"),
    path(
        "leads/<str:lead_id>/withdraw/", dispatch.WithdrawView.as_view(), name="api-lead-withdraw"
    ),
    path("leads/<str:lead_id>/reroute/", dispatch.RerouteView.as_view(), name="api-lead-reroute"),
    path("leads/<str:lead_id>/release/", dispatch.ReleaseView.as_view(), name="api-lead-release"),
    path("leads/<str:lead_id>/reject/", dispatch.RejectView.as_view(), name="api-lead-reject"),
    path("leads/<str:lead_id>/merge/", dispatch.MergeView.as_view(), name="api-lead-merge"),
    path("leads/<str:lead_id>/extend/", dispatch.ExtendView.as_view(), name="api-lead-extend"),
    path("leads/<str:lead_id>/reopen/", dispatch.ReopenView.as_view(), name="api-lead-reopen"),
    path("leads/<str:lead_id>/close/", dispatch.CloseView.as_view(), name="api-lead-close"),
    path(
        "leads/<str:lead_id>/return-verdict/",
        dispatch.VerdictView.as_view(),
        name="api-lead-return-verdict",
    ),
    path("leads/<str:lead_id>/erase/", dispatch.EraseView.as_view(), name="api-lead-erase"),
    path("events/", events.EventsView.as_view(), name="api-events"),
    path("customer-data/", customer_data.CustomerDataView.as_view(), name="api-customer-data"),
    path("offers/", offers.OffersView.as_view(), name="api-offers"),
    path("offers/<str:offer_id>/", offers.OfferView.as_view(), name="api-offer"),
    path("offers/<str:offer_id>/accept/", offers.AcceptView.as_view(), name="api-offer-accept"),
    path("offers/<str:offer_id>/decline/", offers.DeclineView.as_view(), name="api-offer-decline"),
    path("pick-list/", offers.PickListView.as_view(), name="api-pick-list"),
    path("pick-list/<str:lead_id>/pick/", offers.PickView.as_view(), name="api-pick-list-pick"),
    path("assignments/", assignments.AssignmentsView.as_view(), name="api-assignments"),
    path(
        "assignments/<str:assignment_id>/",
        assignments.AssignmentView.as_view(),
        name="api-assignment",
    ),
    path(
        "assignments/<str:assignment_id>/contact/",
        assignments.ContactView.as_view(),
        name="api-assignment-contact",
    ),
    path(
        "assignments/<str:assignment_id>/feedback/",
        assignments.FeedbackView.as_view(),
        name="api-assignment-feedback",
    ),
    path(
        "assignments/<str:assignment_id>/close/",
        assignments.CloseAssignmentView.as_view(),
        name="api-assignment-close",
    ),
    path(
        "assignments/<str:assignment_id>/hand-over/",
        assignments.HandOverView.as_view(),
        name="api-assignment-hand-over",
    ),
    path(
        "assignments/<str:assignment_id>/return/",
        assignments.ReturnView.as_view(),
        name="api-assignment-return",
    ),
    path("policies/", policies.PoliciesView.as_view(), name="api-policies"),
    path("policies/simulate/", policies.SimulateView.as_view(), name="api-policies-simulate"),
    path(
        "policies/simulations/<str:replay_id>/",
        policies.SimulationView.as_view(),
        name="api-policies-simulation",
    ),
    path("policies/<str:policy_id>/", policies.PolicyView.as_view(), name="api-policy"),
    path(
        "policies/<str:policy_id>/publish/",
        policies.PublishView.as_view(),
        name="api-policy-publish",
    ),
    path("webhooks/", webhooks.WebhooksView.as_view(), name="api-webhooks"),
    path("webhooks/<str:webhook_id>/", webhooks.WebhookDetailView.as_view(), name="api-webhook"),
    path(
        "webhooks/<str:webhook_id>/rotate/",
        webhooks.RotateWebhookSecretView.as_view(),
        name="api-webhook-rotate",
    ),
    path(
        "webhooks/<str:webhook_id>/test/",
        webhooks.TestWebhookView.as_view(),
        name="api-webhook-test",
    ),
    path(
        "webhooks/<str:webhook_id>/deliveries/",
        webhooks.WebhookMessagesView.as_view(),
        name="api-webhook-messages",
    ),
    path(
        "webhooks/<str:webhook_id>/deliveries/<str:message_id>/",
        webhooks.WebhookMessageView.as_view(),
        name="api-webhook-message",
    ),
    path(
        "webhooks/<str:webhook_id>/deliveries/<str:message_id>/replay/",
        webhooks.ReplayWebhookMessageView.as_view(),
        name="api-webhook-message-replay",
    ),
]
