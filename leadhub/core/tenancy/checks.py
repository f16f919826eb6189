"""The system check of the database's role: ``bin/manage check --database default``."""

from collections.abc import Collection
from typing import Any

from django.core import checks
from django.db import connection

from leadhub.core.tenancy.roles import UnsafeDatabase


@checks.register(checks.Tags.database)
def check_role(
    app_configs: object, databases: Collection[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Find what speaks against the role that the product works as."""
    if connection.alias not in (databases or ()):
        return []
    try:
        connection.ensure_connection()
    except UnsafeDatabase as refusal:
        return [
            checks.Error(fault.message, hint=fault.hint, id=fault.id) for fault in refusal.faults
        ]
    return []
