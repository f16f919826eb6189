"""Registers the app with Django."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Manufacturers, their partner networks, accounts."""

    name = "partners"
