"""Registers the shared kernel with Django."""

from django.apps import AppConfig

from leadhub.core.logs import quote_nothing_in_logs


class CoreConfig(AppConfig):
    """Tables and commands that belong to no single app."""

    name = "leadhub.core"
    label = "core"

    def ready(self) -> None:
        """Bind tasks, register checks, say in our words what forms lack, and keep logs clean."""
        from leadhub import celery  # noqa: F401, PLC0415 - commands that need no tasks start sooner
        from leadhub.core.pages.forms import ask_kindly_for_what_is_missing  # noqa: PLC0415 - as above
        from leadhub.core.tenancy import checks  # noqa: F401, PLC0415 - registers itself

        ask_kindly_for_what_is_missing()
        quote_nothing_in_logs()
