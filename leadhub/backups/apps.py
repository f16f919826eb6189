"""Registers backups with Django, for their commands."""

from django.apps import AppConfig


class BackupsConfig(AppConfig):
    """Two commands, no tables."""

    name = "leadhub.backups"
    label = "backups"
