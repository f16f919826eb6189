"""Imports rows of history, a part at a time; what is known already stays as it is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from uuid import UUID

from kpis.history.checking import PastLead, RowRefused, check_row
from kpis.history.reading import RawRow
from kpis.history.storing import Network, store_leads
from leadhub.core.actors import Actor
from leadhub.core.tenancy.context import tenant_context
from partners.models import Manufacturer, Partner, ProductLine

ROWS_PER_TRANSACTION = 1_000


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
    seen: dict[tuple[str, str], tuple[int, PastLead]] = {}
    result, done = Imported(), 0
    for part in _parts(rows):
        with tenant_context(by.manufacturer_id):
            _import_part(part, seen, result, by=by, at=at)
        done += len(part)
        report_progress(done)
    return result


def _import_part(
    rows: Iterable[RawRow],
    seen: dict[tuple[str, str], tuple[int, PastLead]],
    result: Imported,
    *,
    by: Actor,
    at: datetime,
) -> None:
    checked: list[tuple[int, PastLead]] = []
    refused: list[tuple[int, str]] = []
    for row in rows:
        try:
            checked.append((row.line, _check(row, at=at)))
        except RowRefused as reason:
            refused.append((row.line, str(reason)))
    network = _network(by.manufacturer_id, [past for _, past in checked])
    sound: list[PastLead] = []
    for line, past in checked:
        try:
            _refuse_strangers(past, network)
            _refuse_contradiction(line, past, seen)
            sound.append(past)
        except RowRefused as reason:
            refused.append((line, str(reason)))
    stored = store_leads(sound, network=network, by=by)
    result.stored += stored
    result.known += len(sound) - stored
    result.refused += [f"line {line}: {reason}" for line, reason in sorted(refused)]


def _parts(rows: Iterable[RawRow]) -> Iterator[list[RawRow]]:
    remaining = iter(rows)
    while part := list(islice(remaining, ROWS_PER_TRANSACTION)):
        yield part


def _check(row: RawRow, *, at: datetime) -> PastLead:
    if row.problem:
        raise RowRefused(row.problem)
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
        problems.append(f"no partner has the external id {past.partner_external_id!r}")
    if past.product_line not in network.product_lines:
        problems.append(f"no product line has the code {past.product_line!r}")
    if problems:
        raise RowRefused("; ".join(problems))


def _refuse_contradiction(
    line: int, past: PastLead, seen: dict[tuple[str, str], tuple[int, PastLead]]
) -> None:
    """Refuse a lead that an earlier row tells otherwise; the same row again is no harm."""
    before, known = seen.setdefault((past.source, past.external_id), (line, past))
    if known != past:
        message = (
            f"external_id {past.external_id!r} of source {past.source!r} stands in line {before} "
            "with other values"
        )
        raise RowRefused(message)
