"""Registers the shared kernel with Django."""

from django.apps import AppConfig

from leadhub.core.logs import quote_nothing_in_logs


class CoreConfig(AppConfig):
    """Tables and commands that belong to no single app."""

    name = "leadhub.core"
    label = "core"

    def ready(self) -> None:
        """Bind shared tasks to the application, register the checks, and keep logs clean."""
        from leadhub import celery  # noqa: F401, PLC0415 - commands that need no tasks start sooner
        from leadhub.core.tenancy import checks  # noqa: F401, PLC0415 - registers itself

        quote_nothing_in_logs()
