"""Addresses that anybody may open: forms on a manufacturer's own sites."""

from django.urls import path

from leads.views import enquiries

urlpatterns = [
    path("forms/<uuid:form_id>/", enquiries.show_form, name="form-show"),
    path("forms/<uuid:form_id>/thanks/", enquiries.show_thanks, name="form-thanks"),
    path("forms/<uuid:form_id>/colors.css", enquiries.show_colors, name="form-colors"),
]
