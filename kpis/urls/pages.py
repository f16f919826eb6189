"""Addresses of pages of figures."""

from django.urls import path

from kpis.views import cockpit

urlpatterns = [path("cockpit/", cockpit.show_cockpit, name="desk-cockpit")]
