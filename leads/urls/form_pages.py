"""Addresses of forms for a manufacturer's own sites, below ``/set-up/forms/``."""

from django.urls import path

from leads.views import web_forms

urlpatterns = [
    path("", web_forms.show_forms, name="desk-forms"),
    path("new/", web_forms.add_form, name="desk-form-add"),
    path("<uuid:form_id>/", web_forms.show_form, name="desk-form"),
    path("<uuid:form_id>/close/", web_forms.switch_form, {"to": "close"}, name="desk-form-close"),
    path("<uuid:form_id>/open/", web_forms.switch_form, {"to": "open"}, name="desk-form-open"),
]
