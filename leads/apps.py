"""Registers the app with Django."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """Leads from their arrival to their outcome."""

    name = "leads"
