"""The importer of past leads: rows of files that somebody uploads, in the form of the interface."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from kpis.history.checking import COLUMNS, Reason
from kpis.history.importing import (
    Dealt,
    Refusal,
    check_rows,
    mark_contradictions,
    store_rows,
)
from kpis.history.reading import RawRow, UnreadableHistory, read_csv, read_json
from leadhub.core.actors import Actor
from leadhub.core.tables import decode
from partners.models import Import, ImportRow
from partners.models.imports import RowVerdict

ROWS_AT_MOST = 200_000
ROWS_A_PART = 1_000
# With what a JSON file can begin.
_JSON = ("[", "{")


class HistoryImporter:
    """Past leads, whose columns are fixed."""

    rows_a_part = ROWS_A_PART
    asks_for_columns = False

    def read(self, content: bytes, *, at: datetime) -> tuple[list[str], list[Any]]:
        """Read CSV or JSON; a row is its line, its cells in the order of ``COLUMNS``, a problem.

        :raises InvalidInput: if it is neither, or too much.
        """
        text = decode(content).lstrip("\ufeff")
        is_json = text.lstrip().startswith(_JSON)
        rows = (read_json if is_json else read_csv)(text.encode())
        if len(rows) > ROWS_AT_MOST:
            raise UnreadableHistory(
                gettext_noop("There are more than %(most)s rows. Divide them into several files."),
                {"most": ROWS_AT_MOST},
            )
        if not rows:
            raise UnreadableHistory(gettext_noop("The file has no rows below its heading."))
        marked = mark_contradictions(rows, at=at)
        return list(COLUMNS), [_packed(row) for row in marked]

    def check(self, job: Import, rows: Sequence[Any], *, by: Actor, at: datetime) -> None:
        """Count what would be stored or is known already, and note what is refused."""
        self._note(job, rows, check_rows(rows=_unpacked(rows), by=by, at=at))

    def store(self, job: Import, rows: Sequence[Any], *, by: Actor, at: datetime) -> None:
        """Store past leads; those that are known already change nothing."""
        ImportRow.objects.filter(job=job, line__in=[line for line, _, _ in rows]).delete()
        self._note(job, rows, store_rows(rows=_unpacked(rows), by=by, at=at))

    def undo(self, job: Import, *, by: Actor, at: datetime) -> int:
        """Take nothing back: the log only grows."""
        return 0

    @staticmethod
    def _note(job: Import, rows: Sequence[Any], dealt: Dealt) -> None:
        cells = {line: cells for line, cells, _ in rows}
        ImportRow.objects.bulk_create(_refused(job, one, cells[one.line]) for one in dealt.refused)
        verdicts = {
            RowVerdict.NEW: dealt.stored,
            RowVerdict.UNCHANGED: dealt.known,
            RowVerdict.REFUSED: len(dealt.refused),
        }
        job.counts = dict(
            Counter(job.counts) + Counter({str(name): count for name, count in verdicts.items()})
        )


def _refused(job: Import, refusal: Refusal, cells: list[str]) -> ImportRow:
    return ImportRow(
        manufacturer_id=job.manufacturer_id,
        job=job,
        line=refusal.line,
        key=cells[0][:120],
        verdict=RowVerdict.REFUSED,
        problems=[
            {"field": "", "text": reason.text, "params": dict(reason.params)}
            for reason in refusal.reasons
        ],
        cells=cells,
    )


def _packed(row: RawRow) -> list[Any]:
    problem = None if row.problem is None else [row.problem.text, dict(row.problem.params)]
    return [row.line, [row.values.get(name, "") for name in COLUMNS], problem]


def _unpacked(rows: Iterable[Any]) -> list[RawRow]:
    return [
        RawRow(
            line,
            {name: cell for name, cell in zip(COLUMNS, cells, strict=True) if cell},
            None if problem is None else Reason(problem[0], problem[1]),
        )
        for line, cells, problem in rows
    ]


HISTORY = HistoryImporter()
