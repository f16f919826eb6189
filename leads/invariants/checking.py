"""Checks every invariant on one consistent snapshot, and tells what is broken."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from leadhub.core.tenancy.context import system_snapshot
from leads.invariants import histories, statements
from leads.invariants.catalogue import GUARDS, declared_guards, keys_to_parents
from leads.invariants.histories import REPLAYED, state_after
from leads.invariants.statements import OF_ROWS, OF_TIMERS, Invariant
from leads.lateness import LATE_AFTER

EXAMPLES = 5
READ_AT_ONCE = 2_000


class Finding(NamedTuple):
    """How an invariant stands.

    :ivar rows: how many break it; ``examples`` are the first few of them.
    """

    invariant: Invariant
    rows: int
    examples: Sequence[str]

    def __str__(self) -> str:
        return f"{self.invariant.name}: {self.rows} ({', '.join(self.examples)})"


def check_invariants(
    *,
    at: datetime,
    with_timers: bool = True,
    with_catalogue: bool = True,
    on_part: Callable[[str], None] | None = None,
) -> Iterator[Finding]:
    """Check one invariant after the other, all on the rows as they are when the first one is.

    This function will read only. In a transaction that is open already it sees what that sees.
    Messages that are done may have been purged after ``MESSAGES_KEPT``: of older facts nobody
    can tell whether they had any.

    :param at: the present, for what has to have been done by now.
    :param with_timers: whether timers run, so that nothing is late.
    :param with_catalogue: whether to go through all keys of all tables as well.
    :param on_part: told the name of each part before it is asked, for whoever waits.
    """
    chosen = (*OF_ROWS, *(OF_TIMERS if with_timers else ()), REPLAYED)
    with system_snapshot("invariants.check"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        yield from find_broken(
            cursor,
            among=(*chosen, GUARDS, *keys_to_parents(cursor)) if with_catalogue else chosen,
            at=at,
            on_part=on_part,
        )


def find_broken(
    cursor: CursorWrapper,
    *,
    among: Iterable[Invariant],
    at: datetime,
    on_part: Callable[[str], None] | None = None,
) -> Iterator[Finding]:
    """Ask one invariant after the other, by whoever's cursor and whatever it may see.

    Those of one name that follow one another are one invariant with several parts.
    """
    words = _words(at)
    for _, group in groupby(among, key=attrgetter("name")):
        found = []
        for number, part in enumerate(parts := list(group), start=1):
            if on_part is not None:
                on_part(f"{part.name}, {number} of {len(parts)}")
            ask = _replay_all if part is REPLAYED else _ask
            found.append(ask(cursor, part, words))
        examples = [example for finding in found for example in finding.examples]
        yield Finding(parts[0], sum(one.rows for one in found), examples[:EXAMPLES])


def broken_invariants(*, at: datetime, **options: Any) -> list[str]:
    """Tell in words which invariants are broken; takes what ``check_invariants`` takes."""
    return [str(finding) for finding in check_invariants(at=at, **options) if finding.rows]


def _words(at: datetime) -> dict[str, Any]:
    return {
        **statements.WORDS,
        **histories.WORDS,
        **declared_guards(),
        "told_to_partner": json.dumps(statements.TOLD_TO_PARTNER),
        "at": at,
        "kept": settings.MESSAGES_KEPT,
        "late": timedelta(seconds=LATE_AFTER),
        "examples": EXAMPLES,
    }


def _ask(cursor: CursorWrapper, invariant: Invariant, words: dict[str, Any]) -> Finding:
    cursor.execute(
        f"SELECT what, count(*) OVER () FROM ({invariant.sql}) AS broken (what) LIMIT %(examples)s",
        words,
    )
    rows = cursor.fetchall()
    return Finding(invariant, rows[0][1] if rows else 0, [what for what, _ in rows])


def _replay_all(cursor: CursorWrapper, replayed: Invariant, words: dict[str, Any]) -> Finding:
    count, examples = 0, list[str]()
    cursor.execute(replayed.sql, words)
    while rows := cursor.fetchmany(READ_AT_ONCE):
        for history, status, leads, some in rows:
            if state_after(history) != status:
                count += leads
                examples += some
    return Finding(replayed, count, examples[:EXAMPLES])
