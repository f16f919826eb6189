"""Imports as jobs: a file sent, gone on with step by step, and kept in one row each.

The row is the whole memory. A step locks the row, reads, checks, stores or takes back some rows of
the file, and commits; whoever comes next goes on from there, be it a worker, the broker-free loop
or a process that started after the last one was killed. Imports of one manufacturer go one after
the other; those of several take turns. What a kind of rows means, its importer knows.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from time import monotonic
from typing import Any, Protocol
from uuid import UUID, uuid5

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.tenancy.context import in_tenant_of, system_context, tenant_context
from leadhub.core.turns import take_turn, wait_for_turn
from leadhub.core.uploads import MEGABYTE, too_large
from partners.models import Import, ImportFile, ImportPart, ImportRow
from partners.models.imports import ASKING, WORKING, ImportStatus

logger = logging.getLogger(__name__)

LARGEST_FILE = 20 * MEGABYTE
# So many imports of a manufacturer may be going on or wait for somebody at a time.
UNFINISHED_AT_MOST = 5
# A step that failed so often, one time after the other, is given up.
TRIES = 3
PROGRESS = (
    "status",
    "columns",
    "total",
    "done",
    "next_part",
    "counts",
    "problem",
    "failures",
    "queued_at",
    "worked_at",
    "finished_at",
)
# What has no place in JSON of PostgreSQL, and what stands for it: a sign that no text may have.
_NO_TEXT = {0: "\x1a", **dict.fromkeys(range(0xD800, 0xE000), "\x1a")}


class Importer(Protocol):
    """What a kind of rows means; each function does its part inside one transaction."""

    rows_a_part: int
    asks_for_columns: bool

    def read(self, content: bytes, *, at: datetime) -> tuple[list[str], list[Any]]:
        """Read a file into headings and rows that can be kept as JSON.

        :raises InvalidInput: if it cannot be read.
        """

    def check(self, job: Import, rows: Sequence[Any], *, by: Actor, at: datetime) -> None:
        """Note what storing these rows would do."""

    def store(self, job: Import, rows: Sequence[Any], *, by: Actor, at: datetime) -> None:
        """Store these rows, and note what came of it; those stored already change nothing."""

    def undo(self, job: Import, *, by: Actor, at: datetime) -> int:
        """Take some more of what was stored back; tell of how many rows."""


class TooManyImports(StateConflict):
    """Some are not finished."""

    code = "too_many_imports"
    message = gettext_noop(
        "Other imports are not finished. Finish or discard one of them, or wait until it is done."
    )


class ImportMovedOn(StateConflict):
    """The import is not in the state for this any more."""

    code = "import_moved_on"
    message = gettext_noop("This import has moved on since; see how it stands now.")


@in_tenant_of("by")
def start_import(
    *, kind: str, file_name: str, content: bytes, upload_key: UUID, by: Actor, at: datetime
) -> Import:
    """Take a file to import; the same file sent once more with the same key is the same import.

    :raises InvalidInput: if it is empty or larger than 20 MB.
    :raises TooManyImports: if there are some to be finished already.
    """
    wait_for_turn("import", by.manufacturer_id)
    own = Import.objects.filter(manufacturer=by.manufacturer_id)
    # Whoever goes back to the form and chooses another file may send the key again.
    key = uuid5(upload_key, blake2b(content).hexdigest())
    same = own.filter(upload_key=key).first()
    if same is not None:
        return same
    if not content:
        raise InvalidInput(
            field="file", message=gettext_noop("The file is empty; choose another."), code="empty"
        )
    if len(content) > LARGEST_FILE:
        raise too_large(field="file", at_most=LARGEST_FILE)
    if own.unfinished().count() >= UNFINISHED_AT_MOST:
        raise TooManyImports
    job = Import.objects.create(
        manufacturer_id=by.manufacturer_id,
        kind=kind,
        upload_key=key,
        file_name=_name(file_name),
        created_at=at,
        queued_at=at,
        ordered_by=by.label,
    )
    ImportFile.objects.create(manufacturer_id=by.manufacturer_id, job=job, content=content)
    return job


def _name(file_name: str) -> str:
    longest = 150
    plain = "".join(letter if letter.isprintable() else "_" for letter in file_name)
    return plain.strip()[-longest:] or "import"


@in_tenant_of("by")
def check_import(*, job: Import, mapping: Mapping[str, Any], by: Actor, at: datetime) -> Import:
    """Have every row checked with what the columns mean; what was checked before is forgotten.

    :raises ImportMovedOn: if rows are being stored, or were.
    """
    job = _in_state(job, *ASKING)
    ImportRow.objects.filter(job=job).delete()
    job.mapping = dict(mapping)
    return _order(job, ImportStatus.CHECKING, by=by, at=at)


@in_tenant_of("by")
def store_import(*, job: Import, by: Actor, at: datetime) -> Import:
    """Have the rows stored that were found sound; asked once more nothing else happens.

    :raises ImportMovedOn: if they are not checked, or taken back.
    """
    job = _in_state(job, ImportStatus.CHECKED, ImportStatus.STORING, ImportStatus.DONE)
    if job.status != ImportStatus.CHECKED:
        return job
    return _order(job, ImportStatus.STORING, by=by, at=at)


@in_tenant_of("by")
def undo_import(*, job: Import, by: Actor, at: datetime) -> Import:
    """Have what was stored taken back; asked once more nothing else happens.

    :raises ImportMovedOn: if nothing is stored.
    """
    job = _in_state(job, ImportStatus.DONE, ImportStatus.UNDOING, ImportStatus.UNDONE)
    if job.status != ImportStatus.DONE or job.kind != Import.Kind.PARTNERS:
        return job
    return _order(job, ImportStatus.UNDOING, by=by, at=at)


@in_tenant_of("by")
def discard_import(*, job: Import, by: Actor) -> None:
    """Forget a file of which nothing was stored.

    :raises ImportMovedOn: if something was, or is just being read.
    """
    forget_import(_in_state(job, *ASKING, ImportStatus.UNREADABLE))


def forget_import(job: Import) -> None:
    """Delete an import with all that is kept of it; what was stored stays."""
    for model in (ImportRow, ImportPart, ImportFile):
        model._default_manager.filter(job=job).delete()  # noqa: SLF001
    job.delete()


def _in_state(job: Import, *states: str) -> Import:
    found = Import.objects.select_for_update(no_key=True).filter(id=job.id).first()
    if found is None:
        raise NotVisible
    if found.status not in states:
        raise ImportMovedOn
    return found


def _order(job: Import, status: ImportStatus, *, by: Actor, at: datetime) -> Import:
    job.status, job.queued_at, job.ordered_by = status, at, by.label
    job.done, job.next_part, job.failures = 0, 0, 0
    if status != ImportStatus.UNDOING:
        job.counts = {}
    job.save()
    return job


def go_on_with_imports(*, at: datetime, seconds: float = 0.0) -> int:
    """Do steps of the imports that wait, one after the other.

    :param seconds: for how long new steps are begun; one step is done at least.
    :returns: how many steps were done; 0 is "nothing to do", or another is at it.
    """
    steps, end = 0, monotonic() + seconds
    while _do_step(at):
        steps += 1
        if monotonic() >= end:
            break
    return steps


def _do_step(at: datetime) -> bool:
    with system_context("imports.go_on"):
        if not take_turn("imports"):
            return False
        job = _next()
        if job is None:
            return False
        try:
            with transaction.atomic(), tenant_context(job.manufacturer_id):
                _advance(job, at=at)
        except Exception:
            if not connection.is_usable():
                raise
            logger.exception("import %s failed", job.id)
            _note_failure(job.id, at=at)
    return True


def _next() -> Import | None:
    """Choose whose turn it is: each manufacturer's first that came, then who waited longest."""
    first: dict[UUID, Import] = {}
    for job in Import.objects.working().order_by("queued_at", "id"):
        first.setdefault(job.manufacturer_id, job)
    if not first:
        return None
    chosen = min(first.values(), key=lambda job: (job.failures, job.worked_at or job.created_at))
    waiting = Import.objects.working().select_for_update(skip_locked=True, no_key=True)
    return waiting.filter(id=chosen.id).first()


def _note_failure(job_id: UUID, *, at: datetime) -> None:
    job = Import.objects.get(id=job_id)
    job.failures += 1
    job.worked_at = at
    if job.failures >= TRIES:
        job.status, job.queued_at, job.finished_at = ImportStatus.FAILED, None, at
        ImportFile.objects.filter(job=job).delete()
        ImportPart.objects.filter(job=job).delete()
    job.save(update_fields=PROGRESS)


def _advance(job: Import, *, at: datetime) -> None:
    importer = importer_of(job.kind)
    by = Actor(job.manufacturer_id, job.ordered_by)
    if job.status == ImportStatus.READING:
        _read(job, importer, at=at)
    elif job.status == ImportStatus.UNDOING:
        undone = importer.undo(job, by=by, at=at)
        job.done += undone
        if not undone:
            _end(job, ImportStatus.UNDONE, at=at)
    else:
        _deal_with_part(job, importer, by=by, at=at)
    job.failures, job.worked_at = 0, at
    job.save(update_fields=PROGRESS)


def importer_of(kind: str) -> Importer:
    """Find who knows what rows of a kind mean; apps above this one have their own."""
    importer: Importer = import_string(settings.IMPORTERS[kind])
    return importer


def _read(job: Import, importer: Importer, *, at: datetime) -> None:
    file = ImportFile.objects.get(job=job)
    try:
        columns, rows = importer.read(bytes(file.content), at=at)
    except InvalidInput as refusal:
        params = {name: str(value) for name, value in refusal.params.items()}
        job.problem = {"field": "", "text": refusal.text, "params": params}
        _end(job, ImportStatus.UNREADABLE, at=at)
    else:
        _keep_parts(job, rows, importer.rows_a_part)
        job.columns, job.total = _storable(columns), len(rows)
        job.status = ImportStatus.CHECKING
        if importer.asks_for_columns:
            job.status, job.queued_at = ImportStatus.MAPPING, None
    file.delete()


def _keep_parts(job: Import, rows: Sequence[Any], size: int) -> None:
    ImportPart.objects.bulk_create(
        (
            ImportPart(
                manufacturer_id=job.manufacturer_id,
                job=job,
                number=number,
                rows=_storable(list(rows[begin : begin + size])),
            )
            for number, begin in enumerate(range(0, len(rows), size))
        ),
        batch_size=50,
    )


def _storable(value: Any) -> Any:
    """Take out of texts what JSON of PostgreSQL has no place for."""
    match value:
        case str():
            return value.translate(_NO_TEXT) if not value.isprintable() else value
        case dict():
            return {_storable(name): _storable(part) for name, part in value.items()}
        case list() | tuple():
            return [_storable(part) for part in value]
        case _:
            return value


def _deal_with_part(job: Import, importer: Importer, *, by: Actor, at: datetime) -> None:
    part = ImportPart.objects.filter(job=job, number=job.next_part).first()
    is_checking = job.status == ImportStatus.CHECKING
    if part is not None:
        deal = importer.check if is_checking else importer.store
        deal(job, part.rows, by=by, at=at)
        job.done += len(part.rows)
        job.next_part += 1
    if part is None or job.done >= (job.total or 0):
        _end(job, ImportStatus.CHECKED if is_checking else ImportStatus.DONE, at=at)


def _end(job: Import, status: ImportStatus, *, at: datetime) -> None:
    job.status, job.queued_at = status, None
    if status not in (*WORKING, *ASKING):
        job.finished_at = at
        ImportPart.objects.filter(job=job).delete()
