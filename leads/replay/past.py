"""What happened: past leads with their first decision, and the facts around them, in order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from leads.candidates import Search, coverage_codes
from leads.replay.books import CAPS_LOOK_BACK, Books, Fact, Kind
from leads.replay.odds import Answers
from partners.conflicts import conflict_keys

SAMPLED_AT_ONCE = 5_000

# Leads that were routed by a policy, the last ones first; their first wave is what is replayed.
_SAMPLE = """
    SELECT l.id::text, w.opened_at, l.source,
           ARRAY(SELECT p.product_line_id::text FROM leads_leadproductline p
                 WHERE p.manufacturer_id = l.manufacturer_id AND p.lead_id = l.id
                 ORDER BY p.position)
    FROM leads_wave w JOIN leads_lead l ON l.id = w.lead_id
    WHERE w.manufacturer_id = %(manufacturer)s AND w.number = 1
      AND (w.opened_at, l.id) < (%(before)s, %(before_id)s)
      AND l.manufacturer_id = %(manufacturer)s
      AND NOT l.is_test AND NOT l.is_imported AND l.erased_at IS NULL
      AND (%(since)s IS NULL OR w.opened_at >= %(since)s)
      AND l.source = ALL (%(sources)s::text[])
      AND l.region = ALL (%(regions)s::text[])
      AND (cardinality(%(numbers)s::text[]) = 0 OR l.external_id = ANY (%(numbers)s::text[]))
      AND NOT EXISTS (
          SELECT FROM unnest(%(lines)s::uuid[]) AS wanted(id) WHERE NOT EXISTS (
              SELECT FROM leads_leadproductline p
              WHERE p.manufacturer_id = %(manufacturer)s AND p.lead_id = l.id
                AND p.product_line_id = wanted.id))
    ORDER BY w.opened_at DESC, l.id DESC
    LIMIT %(limit)s
"""
_LEADS = """
    SELECT l.id::text, w.opened_at, l.source, l.country, l.postal_code, l.region,
           l.latitude, l.longitude, c.rank,
           ARRAY(SELECT p.product_line_id FROM leads_leadproductline p
                 WHERE p.manufacturer_id = l.manufacturer_id AND p.lead_id = l.id
                 ORDER BY p.position),
           ARRAY(SELECT o.partner_id::text FROM leads_leadoffer o
                 WHERE o.manufacturer_id = l.manufacturer_id AND o.lead_id = l.id AND o.wave = 1
                 ORDER BY o.rank),
           ARRAY(SELECT o.partner_id::text FROM leads_leadoffer o
                 WHERE o.manufacturer_id = l.manufacturer_id AND o.lead_id = l.id AND o.wave > 1),
           (SELECT o.distance_km FROM leads_leadoffer o
            WHERE o.manufacturer_id = l.manufacturer_id AND o.lead_id = l.id AND o.wave = 1
              AND o.rank = 1),
           a.partner_id::text, a.accepted_at, coalesce(k.email, ''), coalesce(k.company, '')
    FROM leads_lead l
    JOIN leads_wave w
      ON w.manufacturer_id = l.manufacturer_id AND w.lead_id = l.id AND w.number = 1
    LEFT JOIN partners_certificationlevel c ON c.id = l.required_certification_id
    LEFT JOIN leads_leadcontact k ON k.lead_id = l.id
    LEFT JOIN LATERAL (
        SELECT s.partner_id, s.accepted_at FROM leads_assignment s
        WHERE s.manufacturer_id = l.manufacturer_id AND s.lead_id = l.id
        ORDER BY s.accepted_at, s.id LIMIT 1
    ) a ON true
    WHERE l.manufacturer_id = %(manufacturer)s AND l.id = ANY (%(ids)s::uuid[])
"""
_REAL = "(SELECT NOT l.is_imported FROM leads_lead l WHERE l.id = {row}.lead_id)"
_FACTS = f"""
    SELECT o.offered_at + (o.rank - 1) * interval '1 microsecond', 'offered',
           o.lead_id::text, o.partner_id::text, o.wave
    FROM leads_leadoffer o
    WHERE o.manufacturer_id = %(manufacturer)s
      AND o.offered_at > %(after)s AND o.offered_at <= %(until)s AND {_REAL.format(row="o")}
    UNION ALL
    SELECT a.accepted_at, 'taken', a.lead_id::text, a.partner_id::text, 0
    FROM leads_assignment a
    WHERE a.manufacturer_id = %(manufacturer)s
      AND a.accepted_at > %(after)s AND a.accepted_at <= %(until)s AND {_REAL.format(row="a")}
    UNION ALL
    SELECT coalesce(a.closed_at, a.returned_at), 'ended', a.lead_id::text, a.partner_id::text, 0
    FROM leads_assignment a
    WHERE a.manufacturer_id = %(manufacturer)s
      AND coalesce(a.closed_at, a.returned_at) > %(after)s
      AND coalesce(a.closed_at, a.returned_at) <= %(until)s AND {_REAL.format(row="a")}
"""
_BUSY = f"""
    SELECT a.partner_id::text, count(*) FROM leads_assignment a
    WHERE a.manufacturer_id = %(manufacturer)s AND a.accepted_at <= %(at)s
      AND (coalesce(a.closed_at, a.returned_at) IS NULL
           OR coalesce(a.closed_at, a.returned_at) > %(at)s)
      AND {_REAL.format(row="a")}
    GROUP BY a.partner_id
"""
_ASKED_LAST = f"""
    SELECT o.partner_id::text,
           max((extract(epoch FROM o.offered_at) * 1000000)::bigint + o.rank - 1)
    FROM leads_leadoffer o
    WHERE o.manufacturer_id = %(manufacturer)s AND o.offered_at <= %(at)s
      AND {_REAL.format(row="o")}
    GROUP BY o.partner_id
"""
_ASKED_LATELY = f"""
    SELECT p.id::text, coalesce(array_agg((extract(epoch FROM o.offered_at) * 1000000)::bigint
                                          ORDER BY o.offered_at)
                                FILTER (WHERE o.id IS NOT NULL), '{{}}')
    FROM partners_partner p
    LEFT JOIN leads_leadoffer o
      ON o.manufacturer_id = p.manufacturer_id AND o.partner_id = p.id
     AND o.offered_at > %(since)s AND o.offered_at <= %(at)s AND {_REAL.format(row="o")}
    WHERE p.manufacturer_id = %(manufacturer)s
      AND coalesce(p.cap_per_day, p.cap_per_week, p.cap_per_month) IS NOT NULL
    GROUP BY p.id
"""
# What an offer that another partner was faster with says of a partner: nothing.
_ANSWERS = """
    SELECT o.partner_id::text, count(*),
           count(*) FILTER (WHERE o.status IN ('ACCEPTED', 'RETURNED')),
           coalesce(sum(extract(epoch FROM o.answered_at - o.available_from))
                    FILTER (WHERE o.status IN ('ACCEPTED', 'RETURNED')), 0)::float8
    FROM leads_leadoffer o
    WHERE o.manufacturer_id = %(manufacturer)s
      AND o.status IN ('ACCEPTED', 'RETURNED', 'DECLINED', 'EXPIRED')
      AND (SELECT NOT l.is_imported AND NOT l.is_test FROM leads_lead l WHERE l.id = o.lead_id)
    GROUP BY o.partner_id
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which past leads are meant: those that fit all that is named here.

    :ivar lines: ids of product lines, each asked for.
    :ivar numbers: external ids, one of which is the lead's; without any, it may have any.
    :ivar since: when its first wave opened, at the earliest; ``until`` is later than that.
    """

    lines: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def within(self, *, line: str | None, source: str | None) -> "Choice":
        """Keep only those within the reach of a policy."""
        return replace(
            self,
            lines=(*self.lines, *((line,) if line else ())),
            sources=(*self.sources, *((source,) if source is not None else ())),
        )


EVERY_LEAD = Choice()


@dataclass(frozen=True, slots=True)
class Sampled:
    """A lead that may be replayed, and by what its policy is chosen."""

    id: str
    opened_at: datetime
    source: str
    product_lines: list[str]


@dataclass(frozen=True, slots=True)
class PastLead:
    """A lead as it came, and what was decided then.

    :ivar asked: partners of its first wave, best first; ``asked_later`` those of further waves.
    :ivar taker: who took it first, at ``taken_at``.
    :ivar email: whose it is; it may be on an exclusion list, as may ``company`` and ``source``.
    """

    id: str
    opened_at: datetime
    source: str
    country: str
    postal_code: str
    region: str
    latitude: float | None
    longitude: float | None
    required_rank: int | None
    product_lines: list[UUID]
    asked: list[str]
    asked_later: list[str]
    distance_km: float | None
    taker: str | None
    taken_at: datetime | None
    email: str
    company: str

    def search(self, manufacturer_id: UUID, time_zone: str, *, any_line: bool) -> Search:
        """Tell what the lead looked for, before anybody was asked."""
        return Search(
            manufacturer_id=manufacturer_id,
            time_zone=time_zone,
            product_lines=tuple(self.product_lines),
            any_line=any_line,
            latitude=self.latitude,
            longitude=self.longitude,
            codes=coverage_codes(self.country, self.postal_code, self.region),
            required_rank=self.required_rank,
            asked=(),
            at=self.opened_at,
            conflicts=conflict_keys(
                manufacturer_id=manufacturer_id,
                source=self.source,
                email=self.email,
                company=self.company,
            ),
        )


def sample_backwards(manufacturer_id: UUID, choice: Choice, *, at: datetime) -> Iterator[Sampled]:
    """Go through the leads of a choice that were routed before an instant, the last ones first."""
    before, before_id = at, str(UUID(int=(1 << 128) - 1))
    if choice.until is not None and choice.until < at:
        before, before_id = choice.until, str(UUID(int=0))
    wanted = {
        "since": choice.since,
        "lines": list(choice.lines),
        "sources": list(choice.sources),
        "regions": list(choice.regions),
        "numbers": list(choice.numbers),
    }
    while True:
        rows = _ask(
            _SAMPLE,
            manufacturer=manufacturer_id,
            before=before,
            before_id=before_id,
            limit=SAMPLED_AT_ONCE,
            **wanted,
        )
        yield from (Sampled(*row) for row in rows)
        if len(rows) < SAMPLED_AT_ONCE:
            return
        before_id, before = rows[-1][0], rows[-1][1]


def past_leads(manufacturer_id: UUID, ids: Sequence[str]) -> list[PastLead]:
    """Read leads in the order in which they are named; those erased meanwhile are left out."""
    rows = _ask(_LEADS, manufacturer=manufacturer_id, ids=list(ids))
    by_id = {row[0]: PastLead(*row) for row in rows}
    return [by_id[lead_id] for lead_id in ids if lead_id in by_id]


def facts_between(
    manufacturer_id: UUID, *, after: datetime, until: datetime, without_first_of: Iterable[str]
) -> list[Fact]:
    """Read what happened to all leads after an instant, in order.

    :param without_first_of: leads whose first wave is decided anew, and is no fact therefore.
    """
    decided = frozenset(without_first_of)
    rows = _ask(_FACTS, manufacturer=manufacturer_id, after=after, until=until)
    facts = [
        Fact(at, Kind(kind), lead_id, partner_id)
        for at, kind, lead_id, partner_id, wave in rows
        if not (wave == 1 and lead_id in decided)
    ]
    facts.sort()
    return facts


def books_at(manufacturer_id: UUID, at: datetime) -> Books:
    """Open books as they stood at an instant, what happened at it included."""
    asked = {"manufacturer": manufacturer_id, "at": at}
    books = Books(
        asked_at=dict(_ask(_ASKED_LAST, **asked)),
        made=dict(_ask(_ASKED_LATELY, since=at - CAPS_LOOK_BACK, **asked)),
    )
    books.open.update(_ask(_BUSY, **asked))
    return books


def answers_of(manufacturer_id: UUID) -> dict[str, Answers]:
    """Read how the partners answered their offers so far."""
    rows = _ask(_ANSWERS, manufacturer=manufacturer_id)
    return {partner: Answers(*figures) for partner, *figures in rows}


def _ask(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
