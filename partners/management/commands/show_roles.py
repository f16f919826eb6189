"""Shows who may do what, as ``docs/roles.md`` has it."""

from typing import Any

from django.core.management.base import BaseCommand

from partners.roles import table_of_rights


class Command(BaseCommand):
    """Writes the table of roles and scopes."""

    help = "Show which roles and which scopes of keys let somebody do what, in Markdown."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the table."""
        self.stdout.write(table_of_rights())
