"""The connection of the runtime role: bound by row level security, and never used without context.

Django loads ``DatabaseWrapper`` from here, as the settings name this package as the engine.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import debug_transaction
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from leadhub.core.tenancy.context import refuse_without_context
from leadhub.core.tenancy.roles import refuse_unsafe

BEGIN = "BEGIN"


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that looks at its role once, and at the context with every statement.

    A transaction begins with its first statement, in the same message: the driver would send a
    message of its own for ``BEGIN``, and the context one more. What never says anything to the
    database costs nothing there. In the same way a statement whose answer nobody waits for goes
    with the one after it, or with the ``COMMIT``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: list[str] = []
        self.execute_wrappers += [refuse_without_context, self._send_waiting]

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

    def say_along(self, sql: str, values: Sequence[Any]) -> None:
        """Run a statement whose answer nobody needs, within the transaction that is open.

        It goes in one message with the next statement or the end of the transaction, which then
        raise what speaks against it.
        """
        self.ensure_connection()
        with self.connection.cursor() as cursor:
            self._waiting.append(cursor.mogrify(sql, values).decode())

    def _send_waiting(
        self,
        execute: Callable[..., Any],
        sql: Any,
        params: Any,
        many: bool,  # noqa: FBT001 - as Django calls it
        context: Any,
    ) -> Any:
        """Let what waits go ahead of this statement, in the same message where that can be."""
        if not self._waiting:
            return execute(sql, params, many, context)
        waiting, self._waiting = self._waiting, []
        first = "; ".join(waiting)
        try:
            if many or type(sql) is not str or getattr(context["cursor"].cursor, "name", None):
                self._send(first)
                return execute(sql, params, many, context)
            first = first if params is None else first.replace("%", "%%")
            return execute(f"{first}; {sql}", params, many, context)
        except BaseException:
            # A message that was never understood has not begun the transaction either.
            if waiting[0] == BEGIN and self._is_idle():
                self._waiting = waiting
            raise

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 - as Django calls it
        """Begin a transaction with the next statement; the driver is told nothing of it."""
        if not self.connection.autocommit:
            with self.wrap_database_errors:
                self.connection.autocommit = True
        self._waiting = [] if autocommit else [BEGIN]

    def _savepoint_rollback(self, sid: str) -> None:
        """Forget what waits: the savepoint was a statement of its own, so this came after it."""
        self._waiting = []
        super()._savepoint_rollback(sid)  # type: ignore[misc]

    def _commit(self) -> None:
        """Send what waits and the end; a transaction that has not begun has none.

        Django leaves a connection without autocommit in a transaction at all times.
        """
        waiting, self._waiting = self._waiting, []
        if waiting != [BEGIN] and (waiting or not self._is_idle()):
            self._end(*waiting, "COMMIT")
        self._waiting = [BEGIN]

    def _rollback(self) -> None:
        """End what has begun, and forget what waits."""
        waiting, self._waiting = self._waiting, []
        if waiting[:1] != [BEGIN] and not self._is_idle():
            self._end("ROLLBACK")
        self._waiting = [BEGIN]

    def _end(self, *statements: str) -> None:
        with debug_transaction(self, statements[-1]), self.wrap_database_errors:
            self._send("; ".join(statements))

    def _send(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)

    def _is_idle(self) -> bool:
        """Ask the driver, which knows without asking the database."""
        connected = self.connection
        return connected is None or connected.get_transaction_status() == TRANSACTION_STATUS_IDLE
