"""The connection of the runtime role: bound by row level security, and never used without context.

Django loads ``DatabaseWrapper`` from here, as the settings name this package as the engine.
"""

from typing import Any

from django.db.backends.postgresql import base

from leadhub.core.tenancy.context import refuse_without_context
from leadhub.core.tenancy.roles import refuse_unsafe


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that looks at its role once, and at the context with every statement."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(refuse_without_context)

    def connect(self) -> None:
        """Connect, unless row level security would not bind this role.

        :raises UnsafeDatabase: if it would not; the connection is closed again.
        """
        super().connect()
        try:
            refuse_unsafe(self.connection)
        except BaseException:
            self.close()
            raise
