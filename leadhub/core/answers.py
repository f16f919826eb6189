"""Answers kept to be replayed: forgotten with what they tell of, and purged when they are old."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leadhub.core.models import IdempotentAnswer

REPLAYED_FOR = timedelta(days=7)
# Fields of an answer that say what it is about.
_NAMING = ("id", "lead")


def subjects_of(answer: Any) -> list[UUID]:
    """List the ids of everything that an answer tells of, however deep."""
    return sorted(set(_ids_in(answer)))


def _ids_in(value: Any) -> Iterator[UUID]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name in _NAMING and (found := _as_id(part)) is not None:
                yield found
            else:
                yield from _ids_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _ids_in(part)


def _as_id(value: Any) -> UUID | None:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def forget_answers(*, manufacturer_id: UUID, about: UUID, keys: Any = None) -> int:
    """Forget the kept answers that tell of something; the same requests again act anew.

    :param keys: ids of the API keys whose answers are meant, or a query for them; ``None`` is
        everybody's.
    :returns: how many there were.
    """
    answers = IdempotentAnswer.objects.filter(
        manufacturer_id=manufacturer_id, subjects__contains=[about]
    )
    if keys is not None:
        answers = answers.filter(api_key_id__in=keys)
    forgotten, _ = answers.delete()
    return forgotten


def purge_answers(*, at: datetime, limit: int) -> int:
    """Delete answers that are replayed no more, passing over those that others delete.

    :returns: how many there were.
    """
    old = IdempotentAnswer.objects.filter(created_at__lt=at - REPLAYED_FOR)
    batch = old.order_by("created_at").select_for_update(skip_locked=True)
    ids = list(batch.values_list("id", flat=True)[:limit])
    purged, _ = IdempotentAnswer.objects.filter(id__in=ids).delete()
    return purged
