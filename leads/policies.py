"""Routing policies: which one holds for a lead, and new versions of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils.translation import gettext, gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, StateConflict
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.turns import wait_for_turn
from leads.matching import TERMS
from leads.models import RoutingPolicy
from partners.changes import fields_of, record_change

DEFAULT_NAME = "Default"
# Three near partners for an hour, then five further ones for two, then again.
DEFAULT_WAVES = [
    {"partners": 3, "response_window": 3_600, "radius_km": 50, "head_start": 0},
    {"partners": 5, "response_window": 7_200, "radius_km": 100, "head_start": 0},
]


@dataclass(frozen=True, slots=True)
class WaveRule:
    """How one wave asks.

    :ivar partners: how many at the same time.
    :ivar radius_km: a further cap on distance, ``None`` for none.
    :ivar head_start: how long the best match sees the offer before the others.
    """

    partners: int
    response_window: timedelta
    radius_km: float | None
    head_start: timedelta


def wave_rule(policy: RoutingPolicy, step: int) -> WaveRule:
    """Read the rule of a wave; beyond the end of the list the last one repeats."""
    rule = policy.waves[min(step, len(policy.waves) - 1)]
    return WaveRule(
        partners=rule["partners"],
        response_window=timedelta(seconds=rule["response_window"]),
        radius_km=rule.get("radius_km"),
        head_start=timedelta(seconds=rule.get("head_start", 0)),
    )


def name_of_version(policy: RoutingPolicy) -> str:
    """Name a version of a policy as people speak of it."""
    words = gettext("%(name)s, version %(version)s")
    return words % {"name": name_of_policy(policy), "version": policy.version}


def name_of_policy(policy: RoutingPolicy) -> str:
    """Name a policy; the default that nobody named has a name in every language."""
    is_unnamed = policy.is_default and policy.name == DEFAULT_NAME
    return gettext("Default rule") if is_unnamed else policy.name


def first_policy() -> RoutingPolicy:
    """Sketch a policy that is not stored, with the rules that every manufacturer begins with."""
    return RoutingPolicy(name="", version=0, waves=DEFAULT_WAVES)


def choose_policy(
    policies: Iterable[RoutingPolicy], *, product_lines: Sequence[UUID], source: str
) -> RoutingPolicy:
    """Choose the most specific of the active policies.

    Product line and source goes before product line, that before source, that before the default;
    of several product lines the first, in the lead's order, that has one decides.
    """
    by_reach = {(policy.product_line_id, policy.source): policy for policy in policies}
    reaches: list[tuple[UUID | None, str | None]] = [(line, source) for line in product_lines]
    reaches += [(line, None) for line in product_lines]
    reaches += [(None, source), (None, None)]
    return next(by_reach[reach] for reach in reaches if reach in by_reach)


RECORDED = (
    "name", "version", "source", "waves", "strategy", "weights", "any_product_line", "clock",
    "late_answers", "max_overdue_feedback", "contact_window", "take_back", "feedback_due",
    "feedback_repeat",
)  # fmt: skip


class PolicyChanged(StateConflict):
    """The policy that was to be replaced holds no more."""

    code = "policy_changed"
    message = gettext_noop(
        "Somebody else published a version while you wrote this one. Look at it once more; "
        "if you publish again, what you wrote counts."
    )


class ReachTaken(StateConflict):
    """There is a policy for these leads already.

    :ivar holding: that policy.
    """

    code = "reach_taken"
    message = gettext_noop(
        "There is a rule for these leads already: “%(name)s”. Change that one instead."
    )

    def __init__(self, holding: RoutingPolicy) -> None:
        self.holding = holding
        super().__init__(params={"name": holding.name})


class DefaultHolds(StateConflict):
    """Leads that no other policy is for need the default."""

    code = "default_holds"
    message = gettext_noop(
        "The default cannot be switched off: leads without a narrower rule follow it."
    )


class PolicyReplaced(StateConflict):
    """This version holds no more, for another reason than having been switched off."""

    code = "policy_replaced"
    message = gettext_noop(
        "This rule has been replaced or switched off meanwhile. Here are the rules as of now."
    )


@in_tenant_of("policy")
def switch_policy_off(*, policy: RoutingPolicy, by: Actor, at: datetime) -> RoutingPolicy:
    """Let leads that come in from now on follow the next wider policy; again, it changes nothing.

    Leads on offer keep the version they began with.

    :raises DefaultHolds: if it is the default.
    :raises PolicyReplaced: if a newer version holds in its place.
    """
    policy = _take_turn_with(policy)
    if policy.is_default:
        raise DefaultHolds
    if not policy.is_active:
        return _switched_off(policy)
    return _switch(policy, is_active=False, by=by, at=at)


@in_tenant_of("policy")
def switch_policy_on(*, policy: RoutingPolicy, by: Actor, at: datetime) -> RoutingPolicy:
    """Let a policy that was switched off hold again; again, it changes nothing.

    :raises PolicyReplaced: if it was never switched off.
    :raises ReachTaken: if another holds for these leads by now.
    """
    policy = _take_turn_with(policy)
    if policy.is_active:
        return policy
    held = _holding(policy.manufacturer_id, policy.product_line_id, policy.source).first()
    if held is not None:
        raise ReachTaken(held)
    return _switch(_switched_off(policy), is_active=True, by=by, at=at)


def _take_turn_with(policy: RoutingPolicy) -> RoutingPolicy:
    """Wait until nobody else changes policies, and read this one as it is then."""
    wait_for_turn("policies", policy.manufacturer_id)
    return RoutingPolicy.objects.get(id=policy.id)


def _switched_off(policy: RoutingPolicy) -> RoutingPolicy:
    """Tell a policy that was switched off from a draft and from one that a newer one replaced."""
    if policy.switched_at is None:
        raise PolicyReplaced
    return policy


def _switch(policy: RoutingPolicy, *, is_active: bool, by: Actor, at: datetime) -> RoutingPolicy:
    policy.is_active, policy.switched_at, policy.switched_by = is_active, at, by.label
    policy.save(update_fields=["is_active", "switched_at", "switched_by"])
    record_change(
        by=by,
        kind="policy",
        key=policy.id,
        name=str(policy),
        before={"is_active": not is_active},
        after={"is_active": is_active},
    )
    return policy


def _holding(
    manufacturer_id: UUID, product_line_id: UUID | None, source: str | None
) -> QuerySet[RoutingPolicy]:
    return RoutingPolicy.objects.filter(
        manufacturer=manufacturer_id, product_line=product_line_id, source=source, is_active=True
    )


@in_tenant_of("by")
def publish_policy(
    *,
    name: str,
    waves: Sequence[dict[str, Any]],
    by: Actor,
    at: datetime,
    product_line_id: UUID | None = None,
    source: str | None = None,
    is_draft: bool = False,
    expected: UUID | None = None,
    is_new: bool = False,
    **options: Any,
) -> RoutingPolicy:
    """Store a new version of a policy; unless a draft, it replaces the one with the same reach.

    Waves that are open keep the version they began with.

    :param waves: wave rules as ``RoutingPolicy.waves`` holds them.
    :param expected: id of the version that this one was written from; ``None`` replaces whichever
        holds.
    :param is_new: it is to stand beside those that hold, and to replace none.
    :param options: further fields of ``RoutingPolicy``.
    :raises InvalidInput: if a rule contradicts itself, or a new one would be for every lead.
    :raises ReachTaken: if a new one would replace another.
    :raises PolicyChanged: if another version than the expected one holds for this reach.
    """
    _check_waves(waves)
    _check_weights(options.get("weights") or {})
    if is_new and product_line_id is None and source is None:
        raise InvalidInput(
            field="product_line",
            message=gettext_noop(
                "Choose a product line or name a source. For all other leads there is the "
                "default; to have it otherwise, change that one."
            ),
            code="required",
        )
    wait_for_turn("policies", by.manufacturer_id)
    versions = RoutingPolicy.objects.filter(manufacturer=by.manufacturer_id, name=name)
    last = versions.aggregate(last=Max("version"))["last"] or 0
    holding = _holding(by.manufacturer_id, product_line_id, source)
    if expected is not None and not holding.filter(id=expected).exists():
        raise PolicyChanged
    if is_new and (held := holding.first()) is not None:
        raise ReachTaken(held)
    before = None if is_draft else holding.first()
    if not is_draft:
        holding.update(is_active=False)
    policy = RoutingPolicy.objects.create(
        manufacturer_id=by.manufacturer_id,
        name=name,
        version=last + 1,
        product_line_id=product_line_id,
        source=source,
        is_default=product_line_id is None and source is None,
        is_active=not is_draft,
        waves=list(waves),
        created_at=at,
        **options,
    )
    record_change(
        by=by,
        kind="policy",
        key=policy.id,
        name=str(policy),
        before=_recorded(before) if before else None,
        after=_recorded(policy),
    )
    return policy


def _recorded(policy: RoutingPolicy) -> dict[str, Any]:
    line = policy.product_line
    return fields_of(policy, *RECORDED) | {"product_line": line.code if line else None}


def _check_waves(waves: Sequence[dict[str, Any]]) -> None:
    if not waves:
        raise InvalidInput(
            field="waves", message=gettext_noop("A policy needs at least one wave."), code="empty"
        )
    for number, wave in enumerate(waves):
        if wave.get("head_start", 0) >= wave["response_window"]:
            raise InvalidInput(
                field=f"waves.{number}.head_start",
                message=gettext_noop("The head start must be shorter than the response window."),
                code="too_long",
            )


def _check_weights(weights: dict[str, float]) -> None:
    unknown = sorted(set(weights) - set(TERMS))
    if unknown:
        raise InvalidInput(
            field=f"weights.{unknown[0]}",
            message=gettext_noop("Unknown score term; known are %(terms)s."),
            params={"terms": ", ".join(TERMS)},
            code="unknown",
        )
    if weights and sum(weights.values()) <= 0:
        raise InvalidInput(
            field="weights",
            message=gettext_noop("At least one weight must be above 0."),
            code="too_small",
        )
