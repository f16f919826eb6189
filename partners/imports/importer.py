"""The importer of partners: what rows of a file mean, and how what was stored is taken back."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import ManyToOneRel

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.tables import read_table
from leadhub.core.turns import wait_for_turns, wait_with_others
from partners.imports.judging import Deal, judge_rows
from partners.imports.stored import pack_details, pack_reason, unpack_details
from partners.many import Entry, check_partners, remove_partners, save_partners
from partners.models import (
    Certification,
    CoverageCode,
    Import,
    ImportRow,
    Partner,
    PortfolioItem,
    ServiceArea,
)
from partners.models.imports import RowVerdict
from partners.network import details_of_each

ROWS_AT_MOST = 50_000
ROWS_A_PART = 250
UNDONE_AT_ONCE = 250
STORED = (RowVerdict.NEW, RowVerdict.CHANGED)
# What belongs to a partner alone, and goes with it.
OWN_PARTS = frozenset({ServiceArea, CoverageCode, Certification, PortfolioItem})
# The database looks through all that may point at a partner before it lets one go; where this is
# more than so many rows, partners are left where they are, as such that left the network.
LOOKED_THROUGH_AT_MOST = 20_000
Undone = ImportRow.Undone


class PartnerImporter:
    """Partners from tables whose columns somebody assigned to fields."""

    rows_a_part = ROWS_A_PART
    asks_for_columns = True

    def read(self, content: bytes, *, at: datetime) -> tuple[list[str], list[Any]]:
        """Read CSV or XLSX; a row is its line and its cells.

        :raises InvalidInput: if it is neither, or too much.
        """
        table = read_table(content, rows_at_most=ROWS_AT_MOST)
        return list(table.headings), [[row.line, list(row.cells)] for row in table.rows]

    def check(self, job: Import, rows: Sequence[Any], *, by: Actor, at: datetime) -> None:
        """Note of each row whether it is a new partner, changes one, or is refused, and why."""
        _deal(job, rows, check_partners, by=by, at=at)

    def store(self, job: Import, rows: Sequence[Any], *, by: Actor, at: datetime) -> None:
        """Save the partners of these rows, each by the rules of one; those refused are left out."""
        ImportRow.objects.filter(job=job, line__in=[line for line, _ in rows]).delete()
        _deal(job, rows, save_partners, by=by, at=at)

    def undo(self, job: Import, *, by: Actor, at: datetime) -> int:
        """Give partners the details they had; those that are new go, unless something came of them.

        A partner that somebody changed since stays as it is.
        """
        rows = list(
            ImportRow.objects.filter(job=job, verdict__in=STORED, undone="").order_by("-line")[
                :UNDONE_AT_ONCE
            ]
        )
        if rows:
            _undo(job, rows, by=by, at=at)
        return len(rows)


def _deal(job: Import, rows: Sequence[Any], deal: Deal, *, by: Actor, at: datetime) -> None:
    verdicts = judge_rows(job, rows, deal, by=by, at=at)
    ImportRow.objects.bulk_create(verdicts)
    counts = Counter(job.counts) + Counter(str(verdict.verdict) for verdict in verdicts)
    job.counts = dict(counts)


def _undo(job: Import, rows: list[ImportRow], *, by: Actor, at: datetime) -> None:
    wait_with_others("ranks", by.manufacturer_id)
    wait_for_turns(("partner", by.manufacturer_id, row.key) for row in rows)
    partners = {
        partner.id: partner
        for partner in Partner.objects.select_for_update(no_key=True)
        .filter(manufacturer=job.manufacturer_id, id__in=[row.partner_key for row in rows])
        .order_by("id")
    }
    now = details_of_each(list(partners.values()))
    as_left: list[ImportRow] = []
    for row in rows:
        is_there = row.partner_key is not None and row.partner_key in now
        if is_there and pack_details(now[row.partner_key]) == row.after:  # type: ignore[index]
            as_left.append(row)
        else:
            row.undone = Undone.KEPT
    _restore([row for row in as_left if row.before is not None], by=by, at=at)
    _take_away([row for row in as_left if row.before is None], partners, by=by, at=at)
    ImportRow.objects.bulk_update(rows, ["undone", "problems"])


def _restore(rows: list[ImportRow], *, by: Actor, at: datetime) -> None:
    _save(
        rows,
        [
            {name: value for name, value in _details(row).items() if name != "external_id"}
            for row in rows
        ],
        Undone.RESTORED,
        by=by,
        at=at,
    )


def _details(row: ImportRow) -> dict[str, Any]:
    details = unpack_details(row.before)  # type: ignore[arg-type]
    return {field.name: getattr(details, field.name) for field in fields(details)}


def _take_away(
    rows: list[ImportRow], partners: dict[UUID, Partner], *, by: Actor, at: datetime
) -> None:
    used = _used({row.partner_key for row in rows if row.partner_key}, by)
    stay = [row for row in rows if row.partner_key in used]
    go = [row for row in rows if row.partner_key not in used]
    if go:
        remove_partners(partners=[partners[row.partner_key] for row in go], by=by)  # type: ignore[index]
    for row in go:
        row.undone = Undone.REMOVED
    _save(stay, [{"status": Partner.Status.LEFT} for _ in stay], Undone.LEFT, by=by, at=at)


def _save(
    rows: list[ImportRow],
    changes: Iterable[dict[str, Any]],
    undone: ImportRow.Undone,
    *,
    by: Actor,
    at: datetime,
) -> None:
    entries = [Entry(row.key, change) for row, change in zip(rows, changes, strict=True)]
    outcomes = save_partners(entries=entries, for_new={}, by=by, at=at)
    for row, outcome in zip(rows, outcomes, strict=True):
        row.undone = undone
        if isinstance(outcome, InvalidInput):
            row.undone, row.problems = Undone.KEPT, [pack_reason(outcome)]


def _used(partner_ids: set[UUID], by: Actor) -> set[UUID]:
    """Find the partners that rows other than their own parts point at, or may."""
    used: set[UUID] = set()
    for relation in Partner._meta.get_fields(include_hidden=True):  # noqa: SLF001 - the documented name
        if not isinstance(relation, ManyToOneRel) or relation.related_model in OWN_PARTS:
            continue
        column = relation.field.attname
        rows = relation.related_model._default_manager.filter(manufacturer=by.manufacturer_id)  # noqa: SLF001
        if rows.order_by()[: LOOKED_THROUGH_AT_MOST + 1].count() > LOOKED_THROUGH_AT_MOST:
            return partner_ids
        used |= set(rows.filter(**{f"{column}__in": partner_ids}).values_list(column, flat=True))
    return used


PARTNERS = PartnerImporter()
