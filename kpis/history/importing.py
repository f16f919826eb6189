"""Imports rows of history, a part at a time; what is known already stays as it is."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext_noop

from kpis.history.checking import DEFAULT_SOURCE, PastLead, Reason, RowRefused, check_row
from kpis.history.reading import RawRow
from kpis.history.storing import Network, known_leads, store_leads
from leadhub.core.actors import Actor
from leadhub.core.tenancy.context import in_tenant_of
from partners.models import Manufacturer, Partner, ProductLine

ROWS_PER_TRANSACTION = 1_000

# Source and external id -> where they stood first, and what was told of the lead there.
Seen = dict[tuple[str, str], tuple[int, PastLead]]


class Refusal(NamedTuple):
    """A row that was not stored, and every reason why."""

    line: int
    reasons: tuple[Reason, ...]

    def __str__(self) -> str:
        return f"line {self.line}: {'; '.join(map(str, self.reasons))}"


@dataclass(slots=True)
class Imported:
    """What became of the rows.

    :ivar known: rows whose ``(source, external_id)`` is a lead already; it is left unchanged.
    :ivar refused: one ``line N: reason`` for each row that was not stored.
    """

    stored: int = 0
    known: int = 0
    refused: list[str] = field(default_factory=list)


def import_history(
    *,
    rows: Iterable[RawRow],
    by: Actor,
    at: datetime,
    report_progress: Callable[[int], None] = lambda rows_done: None,
) -> Imported:
    """Store past leads as events, in steps of up to 1,000 rows.

    This function will start no timer, send no message, and count for no cap or gate. A row that is
    refused leaves the others alone.

    :param by: the manufacturer's side.
    :param at: the present; nothing in a row can be later.
    :param report_progress: told how many rows are done, after each part.
    """
    seen: Seen = {}
    result, done = Imported(), 0
    for part in _parts(rows):
        dealt = store_rows(rows=part, by=by, at=at, seen=seen)
        result.stored += dealt.stored
        result.known += dealt.known
        result.refused += map(str, dealt.refused)
        done += len(part)
        report_progress(done)
    return result


class Dealt(NamedTuple):
    """What became, or would become, of some rows."""

    stored: int
    known: int
    refused: list[Refusal]


@in_tenant_of("by")
def store_rows(
    *, rows: Sequence[RawRow], by: Actor, at: datetime, seen: Seen | None = None
) -> Dealt:
    """Store the sound ones of some rows, in one transaction.

    :param seen: what earlier rows of the file said of which lead; goes on being filled.
    """
    sound, network, refusals = _sift(rows, by, at, {} if seen is None else seen)
    stored = store_leads(sound, network=network, by=by)
    return Dealt(stored, len(sound) - stored, refusals)


@in_tenant_of("by")
def check_rows(*, rows: Sequence[RawRow], by: Actor, at: datetime) -> Dealt:
    """Tell what storing these rows would do."""
    sound, network, refusals = _sift(rows, by, at, {})
    known = known_leads(sound, network)
    new = {(past.source, past.external_id) for past in sound} - known
    return Dealt(len(new), len(sound) - len(new), refusals)


def _sift(
    rows: Sequence[RawRow], by: Actor, at: datetime, seen: Seen
) -> tuple[list[PastLead], Network, list[Refusal]]:
    """Part sound rows from the others, whose reasons are told in the order of their lines."""
    checked: list[tuple[int, PastLead]] = []
    refusals: list[Refusal] = []
    for row in rows:
        try:
            checked.append((row.line, _check(row, at=at)))
        except RowRefused as refusal:
            refusals.append(Refusal(row.line, refusal.reasons))
    network = _network(by.manufacturer_id, [past for _, past in checked])
    sound: list[PastLead] = []
    for line, past in checked:
        try:
            _refuse_strangers(past, network)
            refuse_contradiction(line, past, seen)
            sound.append(past)
        except RowRefused as refusal:
            refusals.append(Refusal(line, refusal.reasons))
    return sound, network, sorted(refusals, key=lambda refusal: refusal.line)


def mark_contradictions(rows: Sequence[RawRow], *, at: datetime) -> list[RawRow]:
    """Give rows that tell a lead otherwise than an earlier one of the file a problem.

    For rows that are stored in parts which know nothing of each other; only leads that are named
    more than once are looked at.
    """
    named = Counter(map(_lead_named, rows))
    seen: Seen = {}
    marked = []
    for row in rows:
        if named[_lead_named(row)] > 1 and not row.problem:
            try:
                refuse_contradiction(row.line, _check(row, at=at), seen)
            except Contradiction as refusal:
                (problem,) = refusal.reasons
                marked.append(RawRow(row.line, row.values, problem))
                continue
            except RowRefused:
                pass
        marked.append(row)
    return marked


def _lead_named(row: RawRow) -> tuple[str, str]:
    return row.values.get("source") or DEFAULT_SOURCE, row.values.get("external_id", "")


def _parts(rows: Iterable[RawRow]) -> Iterator[list[RawRow]]:
    remaining = iter(rows)
    while part := list(islice(remaining, ROWS_PER_TRANSACTION)):
        yield part


def _check(row: RawRow, *, at: datetime) -> PastLead:
    if row.problem:
        raise RowRefused([row.problem])
    return check_row(row.values, at=at)


def _network(manufacturer_id: UUID, leads: list[PastLead]) -> Network:
    """Read those partners and product lines that the rows name."""
    partners = Partner.objects.filter(
        manufacturer_id=manufacturer_id,
        external_id__in={past.partner_external_id for past in leads if past.partner_external_id},
    )
    lines = ProductLine.objects.filter(
        manufacturer_id=manufacturer_id, code__in={past.product_line for past in leads}
    )
    return Network(
        manufacturer=Manufacturer.objects.get(id=manufacturer_id),
        partners=dict(partners.values_list("external_id", "id")),
        product_lines={line.code: line for line in lines},
    )


def _refuse_strangers(past: PastLead, network: Network) -> None:
    problems = []
    if past.partner_external_id and past.partner_external_id not in network.partners:
        problems.append(
            Reason(
                gettext_noop("no partner has the external id %(text)r"),
                {"text": past.partner_external_id},
            )
        )
    if past.product_line not in network.product_lines:
        problems.append(
            Reason(
                gettext_noop("no product line has the code %(text)r"), {"text": past.product_line}
            )
        )
    if problems:
        raise RowRefused(problems)


class Contradiction(RowRefused):
    """An earlier row tells the same lead otherwise."""


def refuse_contradiction(line: int, past: PastLead, seen: Seen) -> None:
    """Refuse a lead that an earlier row tells otherwise; the same row again is no harm."""
    before, known = seen.setdefault((past.source, past.external_id), (line, past))
    if known != past:
        raise Contradiction(
            [
                Reason(
                    gettext_noop(
                        "external_id %(number)r of source %(source)r stands in line %(line)s with "
                        "other values"
                    ),
                    {"number": past.external_id, "source": past.source, "line": before},
                )
            ]
        )
