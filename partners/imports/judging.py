"""Rows of a partner file: what each would do, or did, and why some are refused."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from partners.imports.cells import RowRefused, read_details
from partners.imports.fields import NEEDED, fields_of_row
from partners.imports.stored import pack_details, pack_reason
from partners.imports.words import Vocabulary, read_vocabulary
from partners.many import Entry, Outcome
from partners.models import CertificationLevel, Import, ImportRow, Partner, ProductLine
from partners.models.imports import RowVerdict

# What ``many.check_partners`` and ``many.save_partners`` are called with.
Deal = Callable[..., list[Outcome | InvalidInput]]


class SentRow(NamedTuple):
    """A row as it was read.

    :ivar line: where it stands in the file.
    """

    line: int
    cells: list[str]


class _Read(NamedTuple):
    row: SentRow
    texts: Mapping[str, str]
    entry: Entry


def judge_rows(
    job: Import, rows: Iterable[Sequence[Any]], deal: Deal, *, by: Actor, at: datetime
) -> list[ImportRow]:
    """Tell of each row what ``deal`` makes of it.

    :param rows: pairs of line and cells.
    :param deal: checks, or saves, partners; a row that it refuses leaves the others.
    :returns: a verdict for each row, not stored.
    """
    sent = [SentRow(*row) for row in rows]
    seen = _lines_of_numbers(job, sent)
    countries = _countries_of(job, sent)
    vocabulary = _vocabulary(job)
    verdicts: list[ImportRow] = []
    read: list[_Read] = []
    for row in sent:
        texts = fields_of_row(row.cells, job.mapping["columns"])
        try:
            entry = _entry(job, row, texts, vocabulary, countries)
            _refuse_repeated(row, entry, seen)
        except RowRefused as refused:
            verdicts.append(_refused(job, row, texts, refused.reasons))
        else:
            read.append(_Read(row, texts, entry))
    outcomes = _dealt([one.entry for one in read], deal, job, by=by, at=at)
    verdicts += [_verdict(job, one, found) for one, found in zip(read, outcomes, strict=True)]
    return sorted(verdicts, key=lambda verdict: verdict.line)


def _dealt(
    entries: list[Entry], deal: Deal, job: Import, *, by: Actor, at: datetime
) -> list[Outcome | InvalidInput]:
    """Deal with all at once; if the database refuses that, with each alone to find which."""
    if not entries:
        return []
    for_new = {"country": job.mapping["country"]}
    try:
        with transaction.atomic():
            return deal(entries=entries, for_new=for_new, by=by, at=at)
    except (DataError, IntegrityError):
        if len(entries) == 1:
            return [
                InvalidInput(
                    field=NEEDED, message=gettext_noop("This row could not be stored as it is.")
                )
            ]
    return [one for entry in entries for one in _dealt([entry], deal, job, by=by, at=at)]


def _entry(
    job: Import,
    row: SentRow,
    texts: Mapping[str, str],
    vocabulary: Vocabulary,
    countries: Mapping[str, str],
) -> Entry:
    if len(row.cells) > len(job.columns):
        raise RowRefused(
            [
                InvalidInput(
                    field="",
                    message=gettext_noop(
                        "There are %(cells)s cells, but only %(columns)s columns have a name."
                    ),
                    params={"cells": len(row.cells), "columns": len(job.columns)},
                )
            ]
        )
    country = countries.get(texts.get(NEEDED, ""), job.mapping["country"])
    return Entry(*read_details(texts, vocabulary=vocabulary, country=country))


def _refuse_repeated(row: SentRow, entry: Entry, seen: dict[str, int]) -> None:
    line = seen.setdefault(entry.external_id, row.line)
    if line != row.line:
        raise RowRefused(
            [
                InvalidInput(
                    field=NEEDED,
                    message=gettext_noop("“%(number)s” stands in line %(line)s already."),
                    params={"number": entry.external_id, "line": line},
                )
            ]
        )


def _numbers_in(job: Import, sent: Iterable[SentRow]) -> set[str]:
    texts = (fields_of_row(row.cells, job.mapping["columns"]) for row in sent)
    return {" ".join(one[NEEDED].split()) for one in texts if NEEDED in one}


def _lines_of_numbers(job: Import, sent: list[SentRow]) -> dict[str, int]:
    """Find which of the numbers stand in rows of parts before."""
    if not sent:
        return {}
    earlier = ImportRow.objects.filter(
        job=job, key__in=_numbers_in(job, sent), line__lt=sent[0].line
    ).exclude(verdict=RowVerdict.REFUSED)
    return dict(earlier.values_list("key", "line"))


def _countries_of(job: Import, sent: list[SentRow]) -> dict[str, str]:
    """Read where the partners are that are there already."""
    known = Partner.objects.filter(
        manufacturer=job.manufacturer_id, external_id__in=_numbers_in(job, sent)
    )
    return dict(known.values_list("external_id", "country"))


def _vocabulary(job: Import) -> Vocabulary:
    own = {"manufacturer": job.manufacturer_id}
    return read_vocabulary(
        ProductLine.objects.filter(**own), CertificationLevel.objects.filter(**own)
    )


def _verdict(job: Import, read: _Read, found: Outcome | InvalidInput) -> ImportRow:
    if isinstance(found, InvalidInput):
        return _refused(job, read.row, read.texts, [found])
    verdict = RowVerdict.NEW if found.before is None else RowVerdict.CHANGED
    if not found.differs:
        verdict = RowVerdict.UNCHANGED
    return ImportRow(
        manufacturer_id=job.manufacturer_id,
        job=job,
        line=read.row.line,
        key=read.entry.external_id,
        name=found.after.name[:200],
        verdict=verdict,
        before=pack_details(found.before) if found.before and found.differs else None,
        after=pack_details(found.after) if found.differs else None,
        partner_key=found.partner.id,
    )


def _refused(
    job: Import, row: SentRow, texts: Mapping[str, str], reasons: Iterable[InvalidInput]
) -> ImportRow:
    return ImportRow(
        manufacturer_id=job.manufacturer_id,
        job=job,
        line=row.line,
        key=texts.get(NEEDED, "")[:120],
        name=texts.get("name", "")[:200],
        verdict=RowVerdict.REFUSED,
        problems=[pack_reason(reason) for reason in reasons],
        cells=row.cells,
    )
