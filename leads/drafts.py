"""Drafts of routing policies: changed as often as one likes, then published or thrown away.

A draft is a version that was never published: it holds for nothing. Once published it never
changes again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import StateConflict
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.turns import wait_for_turn
from leads.models import RoutingPolicy
from leads.policies import (
    PolicyChanged,
    check_rules,
    holding_for,
    last_version,
    recorded_rules,
)
from partners.changes import record_change

# What a draft says besides its name, its waves and what it is for.
OPTIONS = (
    "strategy", "weights", "any_product_line", "clock", "late_answers", "max_overdue_feedback",
    "contact_window", "take_back", "feedback_due", "feedback_repeat",
)  # fmt: skip


class NotADraft(StateConflict):
    """It was published or thrown away."""

    code = "not_a_draft"
    message = gettext_noop("This draft has been published or discarded meanwhile.")


class DraftChanged(StateConflict):
    """Somebody else saved the draft since it was read."""

    code = "draft_changed"
    message = gettext_noop(
        "Somebody else changed this draft while you did. Look at it once more; if you save again, "
        "what you wrote counts."
    )


@in_tenant_of("policy")
def change_draft(
    *,
    policy: RoutingPolicy,
    name: str,
    waves: Sequence[dict[str, Any]],
    by: Actor,
    at: datetime,
    seen: datetime | None = None,
    **options: Any,
) -> RoutingPolicy:
    """Write a draft anew; its reach stays.

    :param seen: ``created_at`` of the draft as it was read; ``None`` replaces it as it is.
    :param options: those of ``OPTIONS`` that are not as every new policy has them.
    :raises InvalidInput: if a rule contradicts itself.
    :raises NotADraft: if it is none any more.
    :raises DraftChanged: if it is not as it was read.
    """
    check_rules(waves, options.get("weights") or {})
    draft = _take_turn_with(policy)
    if seen is not None and draft.created_at != seen:
        raise DraftChanged
    before = recorded_rules(draft)
    if draft.name != name:
        draft.version = last_version(draft.manufacturer_id, name) + 1
    draft.name, draft.waves, draft.created_at = name, list(waves), at
    usual = RoutingPolicy()
    for field in OPTIONS:
        setattr(draft, field, options.get(field, getattr(usual, field)))
    draft.save(update_fields=["name", "version", "waves", "created_at", *OPTIONS])
    _record(draft, before=before, after=recorded_rules(draft), by=by)
    return draft


@in_tenant_of("policy")
def publish_draft(
    *,
    policy: RoutingPolicy,
    by: Actor,
    at: datetime,
    expected: UUID | None = None,
    seen: datetime | None = None,
) -> RoutingPolicy:
    """Let a draft hold in place of the version with its reach; done again, it changes nothing.

    Waves that are open keep the version they began with.

    :param expected: id of the version that is to be replaced; ``None`` replaces whichever holds.
    :param seen: ``created_at`` of the draft as it was judged; ``None`` publishes it as it is.
    :raises NotADraft: if it was thrown away, or published and replaced since.
    :raises DraftChanged: if it is not as it was judged.
    :raises PolicyChanged: if another version than the expected one holds.
    """
    wait_for_turn("policies", policy.manufacturer_id)
    draft = RoutingPolicy.objects.filter(id=policy.id).first()
    if draft is not None and draft.is_active:
        return draft
    draft = _draft(policy)
    if seen is not None and draft.created_at != seen:
        raise DraftChanged
    holding = holding_for(draft.manufacturer_id, draft.product_line_id, draft.source)
    held = holding.first()
    if expected is not None and (held is None or held.id != expected):
        raise PolicyChanged
    last = last_version(draft.manufacturer_id, draft.name)
    draft.version = draft.version if draft.version == last else last + 1
    draft.is_active, draft.published_at = True, at
    holding.update(is_active=False)
    draft.save(update_fields=["version", "is_active", "published_at"])
    _record(
        draft,
        before=recorded_rules(held) | {"is_active": False} if held else None,
        after=recorded_rules(draft) | {"is_active": True},
        by=by,
    )
    return draft


@in_tenant_of("policy")
def discard_draft(*, policy: RoutingPolicy, by: Actor) -> bool:
    """Throw a draft away, and what was tried out with it.

    :returns: ``False`` if it was gone already.
    :raises NotADraft: if it was published.
    """
    wait_for_turn("policies", policy.manufacturer_id)
    if not RoutingPolicy.objects.filter(id=policy.id).exists():
        return False
    draft = _draft(policy)
    before, key = recorded_rules(draft), draft.id
    draft.delete()
    record_change(by=by, kind="policy", key=key, name=str(policy), before=before, after=None)
    return True


def _take_turn_with(policy: RoutingPolicy) -> RoutingPolicy:
    """Wait until nobody else changes policies, and read this draft as it is then."""
    wait_for_turn("policies", policy.manufacturer_id)
    return _draft(policy)


def _draft(policy: RoutingPolicy) -> RoutingPolicy:
    draft = RoutingPolicy.objects.filter(id=policy.id, published_at__isnull=True).first()
    if draft is None:
        raise NotADraft
    return draft


def _record(
    draft: RoutingPolicy,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    by: Actor,
) -> None:
    record_change(by=by, kind="policy", key=draft.id, name=str(draft), before=before, after=after)
