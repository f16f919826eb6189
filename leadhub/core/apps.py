"""Registers the shared kernel with Django."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Tables and commands that belong to no single app."""

    name = "leadhub.core"
    label = "core"

    def ready(self) -> None:
        """Bind shared tasks to the application, wherever they are published from."""
        from leadhub import celery  # noqa: F401, PLC0415 - commands that need no tasks start sooner
