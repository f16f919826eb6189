"""Sifting a manufacturer's leads: the first page of whatever is asked for, however many there are.

A page is read from where few leads lie: those that a search found, those of a partner, those that
assignments name, or those of each kind (product lines, source, temperature) in each status, which
an index holds together with the newest in front. Each of these ways is exact; they differ in cost
alone. How many leads there are is counted up to a bound and no further.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from leads import sifting_sql as sql
from leads.models import Lead
from leads.models.leads import LeadStatus
from leads.wanted import WAITS, Wanted

# Looked through before anything else: what is frequent fills a page from these.
LOOKED_THROUGH_FIRST = 2_000
# If assignments name more, the leads are asked in their order instead.
SET_AT_MOST = 25_000
COUNTED_AT_MOST = 1_000
COUNTED_IN_A_TAB = 100
# Of how many candidates tabs are counted where these are found otherwise than by their status.
TALLIED_AT_MOST = 5_000
# More are listed in the order in which they came in, whatever is asked for.
SORTED_AT_MOST = 5_000
USUAL_SORTING = "newest"
BY_TIME: Mapping[str, str] = {USUAL_SORTING: sql.NEWEST, "oldest": sql.OLDEST}
KINDS = frozenset({"product_line", "source", "temperature"})


class Page(NamedTuple):
    """A stretch of a list.

    :ivar sorting: how it is sorted: not as asked for, if there are too many for that.
    """

    ids: Sequence[UUID]
    has_previous: bool
    has_next: bool
    sorting: str


class Count(NamedTuple):
    """How many leads there are: just so many, or more."""

    leads: int
    is_more: bool = False

    def __str__(self) -> str:
        return f"{self.leads}+" if self.is_more else str(self.leads)


NONE = Count(0)


class Mark(NamedTuple):
    """A lead behind which a page begins, in the order of the page."""

    id: UUID
    received_at: datetime


class Way(NamedTuple):
    """Where a statement begins to read.

    :ivar body: reads leads.
    :ivar met: conditions that the body has no need to ask for.
    :ivar parts: what is read before.
    :ivar bounded: the name of a part, and how many rows of it are too many to rely on.
    """

    body: str
    met: frozenset[str] = frozenset()
    parts: tuple[str, ...] = ()
    bounded: tuple[str, int] | None = None


def read_page(
    wanted: Wanted,
    *,
    sorting: str,
    limit: int,
    after: UUID | None = None,
    before: UUID | None = None,
) -> Page:
    """Find the leads that a page lists.

    :param sorting: ``newest``, ``oldest`` or one of ``sifting_sql.KEYS``.
    :param after: the page begins behind this lead; or it ends before ``before``. If there is no
        such lead, it begins at the top.
    """
    if not wanted.is_possible:
        return Page((), has_previous=False, has_next=False, sorting=sorting)
    if sorting not in BY_TIME:
        everything = _sorted_by_key(wanted, sorting)
        if everything is not None:
            return _cut(everything, sorting, limit, after, before)
        sorting = USUAL_SORTING
    mark = _mark_of(wanted, after or before)
    is_backwards = mark is not None and after is None
    order = BY_TIME[sorting]
    if is_backwards:
        order = sql.OLDEST if order == sql.NEWEST else sql.NEWEST
    found = _ask(wanted, _IDS, order=order, limit=limit + 1, mark=mark)
    ids, has_more = found[:limit], len(found) > limit
    if is_backwards:
        return Page(ids[::-1], has_previous=has_more, has_next=True, sorting=sorting)
    return Page(ids, has_previous=mark is not None, has_next=has_more, sorting=sorting)


def count_leads(wanted: Wanted, *, at_most: int) -> Count:
    """Count leads, up to a bound."""
    if not wanted.is_possible:
        return NONE
    leads = _ask(wanted, _COUNT, limit=at_most + 1)
    return Count(min(leads, at_most), leads > at_most)


def count_by_status(wanted: Wanted, *, at_most: int = COUNTED_IN_A_TAB) -> dict[str, Count]:
    """Count leads by status, up to a bound each; and those held as ``DUPLICATE`` for themselves.

    A count may be below the bound and yet not be all: then so many candidates were looked through.
    """
    if not wanted.is_possible:
        return {}
    *_, way = _ways(wanted)
    if way.body not in _COUNTED or wanted.conditions & {"postal_code", "closed"}:
        return _tally(wanted, at_most)
    counting = way._replace(body=_COUNTED[way.body], met=way.met | {"statuses"})
    rows = _run(wanted, counting, "{body}", limit=at_most + 1)
    return {state: Count(min(leads, at_most), leads > at_most) for state, leads in rows}


def count_waiting(wanted: Wanted, *, at_most: int = COUNTED_IN_A_TAB) -> dict[str, Count]:
    """Count leads by what somebody waits for, up to a bound each."""
    return {name: count_leads(replace(wanted, waits_for=name), at_most=at_most) for name in WAITS}


def sources_of(manufacturer_id: UUID) -> list[str]:
    """List where a manufacturer's leads have come from, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE {sql.SOURCES} SELECT source FROM source",  # noqa: S608 - our own text
            {"manufacturer": manufacturer_id},
        )
        return [source for (source,) in cursor]


_IDS = "ARRAY(SELECT id FROM ({body}) found)"
_COUNT = "(SELECT count(*) FROM ({body}) found)"
# How the leads that a body reads are counted by status.
_COUNTED = {
    sql.ALL: sql.COUNT_BY_STATUS,
    sql.OF_STATUSES: sql.COUNT_BY_STATUS,
    sql.OF_KINDS: sql.COUNT_BY_KIND,
}


def _ways(wanted: Wanted) -> Iterator[Way]:
    """Name the ways to what is wanted, the cheapest first; the last one always gets there."""
    asked = wanted.conditions
    if "found" in asked:
        yield _among("found", wanted)._replace(bounded=None)
        return
    if "external_id" in asked:
        yield Way(sql.ALL) if "source" in asked else Way(sql.OF_NUMBER, parts=(sql.SOURCES,))
        return
    yield from (_among(name, wanted) for name in (*WAITS, "closed") if name in asked)
    if "partners" in asked:
        yield Way(sql.OF_PARTNERS, met=frozenset({"partners"}))
    elif "postal_code" in asked:
        yield Way(sql.ALL)
    else:
        yield from _by_kind_or_status(asked)


def _by_kind_or_status(asked: frozenset[str]) -> Iterator[Way]:
    if asked & KINDS:
        yield Way(sql.AMONG_FEW, parts=(sql.FEW,), bounded=("few", LOOKED_THROUGH_FIRST - 1))
        yield Way(sql.OF_KINDS, met=KINDS | {"statuses"}, parts=(sql.KINDS,))
    elif "statuses" in asked:
        yield Way(sql.OF_STATUSES, met=frozenset({"statuses"}))
    else:
        yield Way(sql.ALL)


def _among(name: str, wanted: Wanted) -> Way:
    narrower = sql.BY_HOLDER if name in sql.OF_HOLDER and wanted.partners else ""
    few = "" if name == "found" else " LIMIT %(set_at_most)s + 1"
    part = f"among AS MATERIALIZED ({sql.SETS[name]}{narrower}{few})"
    met = frozenset({name}) & sql.EXACT
    return Way(sql.AMONG, met=met, parts=(part,), bounded=("among", SET_AT_MOST))


def _ask(
    wanted: Wanted, select: str, *, limit: int, order: str = "", mark: Mark | None = None
) -> Any:
    """Ask one way after the other until one of them gets there.

    :param select: reads one value, a number or a list, from the ``body`` of a way.
    """
    for way in _ways(wanted):
        seen = f"(SELECT count(*) FROM {way.bounded[0]})" if way.bounded else "0"  # noqa: S608
        ((value, rows),) = _run(
            wanted, way, f"SELECT {select}, {seen}", limit=limit, order=order, mark=mark
        )
        if way.bounded is None or rows <= way.bounded[1]:
            return value
        if way.body == sql.AMONG_FEW and _size(value) >= limit:
            return value
    msg = "No way leads to these leads."
    raise AssertionError(msg)


def _size(value: Any) -> int:
    return value if isinstance(value, int) else len(value or ())


def _run(
    wanted: Wanted,
    way: Way,
    select: str,
    *,
    limit: int,
    order: str = "",
    mark: Mark | None = None,
) -> list[tuple[Any, ...]]:
    asked = wanted.conditions
    behind = f" AND {sql.BEHIND[order]}" if mark else ""
    sorts = f"ORDER BY {order} " if order else ""
    filled = {
        "where": _all_of(asked - way.met) + behind,
        "kinds": _all_of(asked & KINDS) or "true",
        "few_where": _all_of(asked & sql.OF_FEW) + behind,
        "order": sorts,
        "limit": limit,
    }
    parts = ", ".join(part.format(**filled) for part in way.parts)
    body = select.format(body=way.body.format(**filled))
    bounds = {
        "few": LOOKED_THROUGH_FIRST,
        "set_at_most": SET_AT_MOST,
        "sorted_at_most": SORTED_AT_MOST,
    }
    asked_for = {**wanted.parameters, **bounds}
    if mark is not None:
        asked_for |= {"mark_at": mark.received_at, "mark_id": mark.id}
    with connection.cursor() as cursor:
        cursor.execute(f"WITH RECURSIVE {parts} {body}" if parts else body, asked_for)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _all_of(names: frozenset[str]) -> str:
    return " AND ".join(sql.CONDITIONS[name] for name in sql.CONDITIONS if name in names)


def _mark_of(wanted: Wanted, lead_id: UUID | None) -> Mark | None:
    if lead_id is None:
        return None
    leads = Lead.objects.filter(manufacturer=wanted.manufacturer_id, id=lead_id)
    received_at = leads.values_list("received_at", flat=True).first()
    return None if received_at is None else Mark(lead_id, received_at)


def _tally(wanted: Wanted, at_most: int) -> dict[str, Count]:
    """Count by status the candidates that are found first."""
    counted: dict[str, int] = orjson.loads(_ask(wanted, sql.TALLY, limit=TALLIED_AT_MOST + 1))
    is_cut = sum(counted.get(status, 0) for status in LeadStatus.values) > TALLIED_AT_MOST
    return {
        state: Count(min(leads, at_most), is_cut or leads > at_most)
        for state, leads in counted.items()
    }


def _sorted_by_key(wanted: Wanted, sorting: str) -> list[UUID] | None:
    """Put all leads that are wanted in order; ``None`` if they are too many for that."""
    keys = {"key": sql.KEYS[sorting], "also": sql.ALSO.get(sorting, "")}
    select = sql.SORTED.format(body="{body}", **keys)
    found: list[UUID] | None = _ask(wanted, select, limit=SORTED_AT_MOST + 1)
    return found


def _cut(
    ids: Sequence[UUID], sorting: str, limit: int, after: UUID | None, before: UUID | None
) -> Page:
    """Cut a page out of all that there are."""
    place = {lead_id: number for number, lead_id in enumerate(ids)}
    if after in place:
        start = place[after] + 1
    elif before in place:
        start = max(place[before] - limit, 0)
    else:
        start = 0
    end = min(start + limit, place[before]) if after is None and before in place else start + limit
    return Page(ids[start:end], has_previous=start > 0, has_next=end < len(ids), sorting=sorting)
