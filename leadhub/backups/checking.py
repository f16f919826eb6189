"""Says what a directory of backups is worth just now, for people and for what watches them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from leadhub.backups.receiving import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leadhub.backups.server import Server
    from leadhub.backups.store import Store

# What may be lost with the server; promised is that no more is.
LOST_AT_MOST = timedelta(minutes=5)
# Two files of the log: as much as may be on its way at a time of much writing.
BEHIND_AT_MOST = 32 * 1024 * 1024
LATE = 1.5  # times the pause between two base backups


def shortcomings(
    store: Store, server: Server, *, every: timedelta, say: Callable[[str], None]
) -> list[str]:
    """Say what there is, and return what is wrong with it.

    :raises BackupFailed: if the server cannot be asked.
    """
    backups = store.backups()
    for backup in backups:
        say(describe(backup))
    found = [] if backups else ["There is no base backup."]
    if backups and server.identify().now - backups[-1].started_at > every * LATE:
        found.append(f"The newest base backup is older than {every * LATE}.")
    return found + list(_about_log(server, say))


def _about_log(server: Server, say: Callable[[str], None]) -> Iterator[str]:
    slot = server.slot()
    if slot is None or slot.is_lost:
        yield "The log is not received: `backup DIR --stay` does so."
        return
    say(f"Log: {slot.behind:,} bytes behind the server.")
    if slot.away > LOST_AT_MOST:
        yield f"Nobody has received the log for {slot.away}."
    elif slot.behind > BEHIND_AT_MOST:
        yield f"The log is {slot.behind / 1e6:,.0f} MB behind the server: is the disk too slow?"
