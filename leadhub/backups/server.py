"""The server that is backed up, as the role for backups reaches it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg2

from leadhub.backups.failures import BackupFailed
from leadhub.backups.tools import find_tool, tool_environment
from leadhub.embedded.roles import connected

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

SLOT = "leadhub_backup"

_IDENTITY = """
    SELECT (SELECT system_identifier FROM pg_control_system())::text,
           ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int,
           current_setting('server_version_num')::int / 10000,
           clock_timestamp()
"""
_SLOT = """
    SELECT wal_status = 'lost', active,
           CASE WHEN active THEN interval '0' ELSE clock_timestamp() - inactive_since END,
           pg_wal_lsn_diff(pg_current_wal_flush_lsn(), restart_lsn)::bigint
    FROM pg_replication_slots
    WHERE slot_name = %s
"""


class Identity(NamedTuple):
    """Which server it is.

    :ivar cluster: a number that the server and all copies of it share.
    :ivar timeline: which of its lives this is: a restored server begins another.
    :ivar now: the server's clock.
    """

    cluster: str
    timeline: int
    major: int
    now: datetime


class Slot(NamedTuple):
    """How far the receiver of the log is.

    :ivar is_lost: the server had to drop log that was not received yet.
    :ivar away: for how long nobody has received anything; zero while somebody does.
    :ivar behind: bytes of the log that are not received and on the disk of the backups yet.
    """

    is_lost: bool
    is_active: bool
    away: timedelta
    behind: int


@dataclass(frozen=True)
class Server:
    """A server by its address; the role needs LOGIN and REPLICATION, nothing else.

    :ivar is_embedded: leadhub runs it, and brings the programs for it.
    """

    url: str
    is_embedded: bool

    def identify(self) -> Identity:
        """Ask the server who it is.

        :raises BackupFailed: if it cannot be reached.
        """
        return Identity(*self._ask(_IDENTITY)[0])

    def slot(self) -> Slot | None:
        """Ask how far the receiver of the log is; ``None`` if there never was one.

        :raises BackupFailed: if the server cannot be reached.
        """
        rows = self._ask(_SLOT, [SLOT])
        return Slot(*rows[0]) if rows else None

    def tool(self, name: str, major: int) -> str:
        """Name a program of the server's version.

        :raises BackupFailed: if this machine has none.
        """
        return str(find_tool(name, major=major, prefers_own=self.is_embedded))

    @property
    def address(self) -> str:
        """The address as programs take it on their command line, without the password."""
        parts = urlsplit(self.url)
        user, host = parts.username or "", parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(scheme="postgresql", netloc=f"{user}@{host}"))

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment for such programs, the password in it."""
        return tool_environment(unquote(urlsplit(self.url).password or ""))

    def _ask(self, query: str, values: list[str] | None = None) -> list[Any]:
        try:
            with closing(connected(self.url)) as asked, asked.cursor() as cursor:
                cursor.execute(query, values)
                return cursor.fetchall()
        except psycopg2.Error as error:
            reason = str(error).strip().split("\n")[0]
            parts = urlsplit(self.url)
            where = f"{parts.hostname or 'localhost'}:{parts.port or 5432}"
            msg = (
                f"The database at {where} cannot be asked as {parts.username} ({reason}): start "
                "it, or correct DATABASE_BACKUP_URL (docs/operating.md, Backups)."
            )
            raise BackupFailed(msg) from error
