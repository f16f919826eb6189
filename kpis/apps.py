"""Registers the app with Django."""

from django.apps import AppConfig


class KpisConfig(AppConfig):
    """Definitions of figures and their calculation."""

    name = "kpis"
