"""Routing policies: which hold, what they were before, and publishing new versions."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, refuse, show
from leadhub.core.pages.mistakes import focus_first_mistake
from leads.policies import (
    PolicyChanged,
    PolicyReplaced,
    ReachTaken,
    WaveRule,
    first_policy,
    name_of_policy,
    publish_policy,
    switch_policy_off,
    switch_policy_on,
    wave_rule,
)
from leads.policy_forms import (
    BaseWaves,
    PolicyForm,
    as_typed,
    note_refusal,
    waves_form,
    with_one_more,
)
from leads.selectors import policies_visible_to
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.selectors import product_lines_visible_to

# What the form does not ask for goes on as it is.
KEPT = ("weights",)
# The button that asks for a row more.
WANTS_MORE = "add_round"
SWITCHES = {
    "off": (switch_policy_off, gettext_noop("“%(name)s” is switched off from now on.")),
    "on": (switch_policy_on, gettext_noop("“%(name)s” holds for leads from now on.")),
}


@desk_page(Capability.SEE_POLICIES)
@require_GET
def show_policies(request: PersonRequest) -> HttpResponse:
    """Show the policies that hold, the default first, those switched off, and what was before."""
    versions = policies_visible_to(request.person.at_desk).select_related("product_line")
    active = [policy for policy in versions if policy.is_active]
    active.sort(key=lambda policy: not policy.is_default)
    off = _switched_off(versions, {_reach(policy) for policy in active})
    past = [policy for policy in versions if not policy.is_active and policy not in off]
    context = {"place": "set-up"} | {
        name: [_shown(policy) for policy in policies]
        for name, policies in (("active", active), ("off", off), ("past", past))
    }
    return show(request, "leads/policies/list.html", context)


@desk_page(Capability.CHANGE_POLICIES)
@require_http_methods(["GET", "POST"])
def add_policy(request: PersonRequest) -> HttpResponse:
    """Publish a policy for leads of one product line or source."""
    actor = request.person.at_desk
    basis = first_policy()
    form, waves = _forms(request, actor, basis, has_reach=False)
    if WANTS_MORE in request.POST:
        return _ask(request, *_with_one_more(actor, basis, form, waves, has_reach=False))
    if request.method == "POST" and _are_valid(form, waves):
        reach = form.reach()
        try:
            return _publish(request, form, waves, basis, is_new=True, **reach)
        except ReachTaken as refusal:
            form.add_error(
                "product_line" if reach["product_line_id"] else "source", refusal.in_words()
            )
            return _ask(request, form, waves, holding=refusal.holding)
    return _ask(request, form, waves)


@desk_page(Capability.CHANGE_POLICIES)
@require_http_methods(["GET", "POST"])
def change_policy(request: PersonRequest, policy_id: UUID) -> HttpResponse:
    """Publish a new version of a policy, and tell whoever does that somebody else was faster."""
    actor = request.person.at_desk
    known = policies_visible_to(actor).filter(id=policy_id).first()
    if known is None:
        raise NotVisible
    if request.method == "GET":
        policy = _holding_instead_of(known, actor)
        return _ask(request, *_forms(request, actor, policy, has_reach=True), policy=policy)
    form, waves = _forms(request, actor, known, has_reach=True)
    if WANTS_MORE in request.POST:
        more = _with_one_more(actor, known, form, waves, has_reach=True)
        return _ask(request, *more, policy=known)
    if not _are_valid(form, waves):
        # Who has something to correct has not been told yet that somebody else was faster.
        return _ask(request, form, waves, policy=known)
    reach = {"product_line_id": known.product_line_id, "source": known.source}
    try:
        return _publish(request, form, waves, known, expected=known.id, **reach)
    except PolicyChanged as refusal:
        holding = _holding_like(known, actor)
        if holding is None:
            return refuse(request, PolicyReplaced(), "desk-policies")
        form.add_error(None, refusal.in_words())
        return _ask(request, form, waves, policy=holding)


@desk_page(Capability.CHANGE_POLICIES)
@require_POST
def switch_policy(request: PersonRequest, policy_id: UUID, to: str) -> HttpResponse:
    """Switch a policy off, or on again."""
    actor = request.person.at_desk
    policy = policies_visible_to(actor).filter(id=policy_id).first()
    if policy is None:
        raise NotVisible
    switch, words = SWITCHES[to]
    try:
        switch(policy=policy, by=actor, at=clock.now())
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-policies")
    messages.success(request, gettext(words) % {"name": policy.name})
    return go_to(request, "desk-policies")


def _switched_off(versions: Iterable[Any], holding: set[tuple[Any, Any]]) -> list[Any]:
    """Find what was switched off last for leads that no other policy is for."""
    off: dict[tuple[Any, Any], Any] = {}
    for policy in versions:
        if policy.is_active or policy.switched_at is None or _reach(policy) in holding:
            continue
        known = off.get(_reach(policy))
        if known is None or known.switched_at < policy.switched_at:
            off[_reach(policy)] = policy
    return list(off.values())


def _reach(policy: Any) -> tuple[Any, Any]:
    return policy.product_line_id, policy.source


def _holding_instead_of(known: Any, actor: Actor) -> Any:
    holding = _holding_like(known, actor)
    if holding is None:
        raise NotVisible
    return holding


def _holding_like(known: Any, actor: Actor) -> Any:
    policies = policies_visible_to(actor).select_related("product_line")
    reach = {"product_line": known.product_line_id, "source": known.source}
    return policies.filter(**reach, is_active=True).first()


def _publish(
    request: PersonRequest, form: PolicyForm, waves: BaseWaves, basis: Any, **bounds: Any
) -> HttpResponse:
    kept = {name: getattr(basis, name) for name in KEPT}
    try:
        policy = publish_policy(
            waves=waves.rules(),
            by=request.person.at_desk,
            at=clock.now(),
            **bounds,
            **kept,
            **form.options(),
        )
    except InvalidInput as refusal:
        note_refusal(form, waves, refusal)
        return _ask(request, form, waves, policy=basis if basis.version else None)
    words = gettext("Version %(version)s of “%(name)s” holds for leads from now on.")
    messages.success(request, words % {"version": policy.version, "name": policy.name})
    return go_to(request, "desk-policies")


def _forms(
    request: PersonRequest, actor: Actor, basis: Any, *, has_reach: bool
) -> tuple[PolicyForm, BaseWaves]:
    sent = request.POST if request.method == "POST" else None
    lines = product_lines_visible_to(actor).order_by("name", "code")
    form = PolicyForm(sent, product_lines=lines, policy=basis, has_reach=has_reach)
    return form, waves_form(sent, waves=basis.waves)


def _with_one_more(
    actor: Actor, basis: Any, form: PolicyForm, waves: BaseWaves, *, has_reach: bool
) -> tuple[PolicyForm, BaseWaves]:
    """Show what was typed so far with a row more; nothing is looked at yet."""
    lines = product_lines_visible_to(actor).order_by("name", "code")
    again = PolicyForm(product_lines=lines, policy=basis, has_reach=has_reach, typed=as_typed(form))
    return again, with_one_more(waves)


def _are_valid(form: PolicyForm, waves: BaseWaves) -> bool:
    are_valid = [form.is_valid(), waves.is_valid()]
    return all(are_valid)


def _ask(
    request: PersonRequest,
    form: PolicyForm,
    waves: BaseWaves,
    policy: Any = None,
    holding: Any = None,
) -> HttpResponse:
    focus_first_mistake(form, *waves)
    is_wrong = bool(form.errors) or (waves.is_bound and waves.total_error_count() > 0)
    context = {
        "place": "set-up",
        "form": form,
        "waves": waves,
        "policy": policy,
        "holding": holding,
    }
    return show(request, "leads/policies/form.html", context, status=422 if is_wrong else 200)


def _shown(policy: Any) -> dict[str, Any]:
    steps: list[WaveRule] = [wave_rule(policy, step) for step in range(len(policy.waves))]
    return {"policy": policy, "name": name_of_policy(policy), "waves": steps}
