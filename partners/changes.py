"""The record of set-up and rights: every change, by whom, from what to what, in one small call.

``record_change`` is called by the domain function that makes the change, inside its transaction, so
that neither exists without the other. Rows are never changed nor deleted: the database refuses it.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from leadhub.core.actors import Actor
from partners.models import SetUpChange

LONGEST_NAME = 250
# Nothing by which somebody could get in may stand in the record, whatever it is called.
SECRETS = ("secret", "password", "digest", "token", "otp")

Fields = Mapping[str, Any]


class Change(NamedTuple):
    """What became of one thing of the set-up; as ``record_change`` takes it."""

    kind: str
    key: UUID
    name: str
    before: Fields | None = None
    after: Fields | None = None


def record_change(
    *,
    by: Actor,
    kind: str,
    key: UUID,
    name: str,
    before: Fields | None = None,
    after: Fields | None = None,
) -> bool:
    """Record that something was added (no ``before``), changed, or removed (no ``after``).

    Only fields that differ are kept; of something new or gone those that say anything. The time is
    that of the transaction.

    :param kind: ``partner``, ``policy``, ``api_key``, ...; ``partners.change_words`` names them.
    :param key: id of what was changed; ``name`` is what people call it now.
    :param before: field -> value; times, dates, amounts and ids are written as text.
    :returns: ``False`` if nothing differs; then nothing is recorded.
    :raises ValueError: if a field is called like a secret, or there are no fields at all.
    """
    return record_changes([Change(kind, key, name, before, after)], by=by) == 1


def record_changes(changes: Iterable[Change], *, by: Actor) -> int:
    """Record several changes at once, each as ``record_change`` does.

    :returns: how many there were in which something differs.
    """
    rows = [row for change in changes if (row := _row_of(change, by)) is not None]
    SetUpChange.objects.bulk_create(rows)
    return len(rows)


def _row_of(change: Change, by: Actor) -> SetUpChange | None:
    was, became = _plain_fields(change.before), _plain_fields(change.after)
    if was is None and became is None:
        msg = "A change needs what was before or what is after."
        raise ValueError(msg)
    if was is not None and became is not None:
        different = [field for field in {**was, **became} if was.get(field) != became.get(field)]
        if not different:
            return None
        was = {field: was.get(field) for field in different}
        became = {field: became.get(field) for field in different}
    return SetUpChange(
        manufacturer_id=by.manufacturer_id,
        actor=by.label,
        kind=change.kind,
        object_key=change.key,
        name=change.name[:LONGEST_NAME],
        before=was if was is None or became is not None else _saying(was),
        after=became if became is None or was is not None else _saying(became),
    )


def fields_of(row: Any, *names: str) -> dict[str, Any]:
    """Read some columns of a row, to record how they were or are."""
    return {name: getattr(row, name) for name in names}


def _saying(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _plain_fields(fields: Fields | None) -> dict[str, Any] | None:
    if fields is None:
        return None
    for name in fields:
        if any(word in name.lower() for word in SECRETS):
            msg = f"A secret must not be recorded: {name}."
            raise ValueError(msg)
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    """Write a value as JSON keeps it; lengths of time in seconds."""
    match value:
        case None | bool() | int() | float():
            return value
        case timedelta():
            return value.total_seconds()
        case datetime() | date():
            return value.isoformat()
        case UUID() | Decimal() | str():
            return str(value)
        case Mapping():
            return _plain_fields(value)
        case _:
            return [_plain(part) for part in value]
