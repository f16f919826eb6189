"""The record of changes as it is read: the newest first, by object, person and time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from leadhub.core.actors import Actor
from partners.models import SetUpChange
from partners.selectors import names_of_actors


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes; what is empty narrows nothing.

    :ivar text: part of what was changed is called so.
    :ivar until: changes before this instant.
    """

    kind: str = ""
    text: str = ""
    actor: str = ""
    object_key: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def changes_visible_to(actor: Actor, wanted: Wanted | None = None) -> QuerySet[SetUpChange]:
    """Find changes of a manufacturer's set-up, the newest first; partners see none."""
    wanted = wanted or Wanted()
    conditions = {
        "kind": wanted.kind,
        "name__icontains": wanted.text,
        "actor": wanted.actor,
        "object_key": wanted.object_key,
        "recorded_at__gte": wanted.since,
        "recorded_at__lt": wanted.until,
    }
    changes = SetUpChange.objects.filter(
        manufacturer=actor.manufacturer_id,
        **{name: value for name, value in conditions.items() if value},
    )
    return changes.none() if actor.is_partner else changes.order_by("-recorded_at", "-id")


def who_changed(actor: Actor) -> dict[str, str]:
    """List everybody who changed something, by label; jobs of the system without a name."""
    changes = changes_visible_to(actor).order_by("actor")
    labels = list(changes.values_list("actor", flat=True).distinct())
    names = names_of_actors(labels)
    return {label: names.get(label, "") for label in labels}
