"""Registers the shared kernel with Django."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Tables and commands that belong to no single app."""

    name = "leadhub.core"
    label = "core"

    def ready(self) -> None:
        """Bind shared tasks to the application, and register the checks."""
        from leadhub import celery  # noqa: F401, PLC0415 - commands that need no tasks start sooner
        from leadhub.core.tenancy import checks  # noqa: F401, PLC0415 - registers itself
