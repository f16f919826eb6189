"""Routing policies: which hold, what they were before, and publishing new versions."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, refuse, show
from leads.policies import (
    PolicyChanged,
    PolicyReplaced,
    ReachTaken,
    first_policy,
    publish_policy,
    switch_policy_off,
    switch_policy_on,
)
from leads.selectors import policies_visible_to
from leads.views.policies_shown import in_words
from leads.views.policy_writing import Writing
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

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
    drafts = [policy for policy in versions if policy.is_draft]
    rest = (policy for policy in versions if not policy.is_active and not policy.is_draft)
    past = [policy for policy in rest if policy not in off]
    context = {"place": "set-up"} | {
        name: [in_words(policy) for policy in policies]
        for name, policies in (("active", active), ("off", off), ("past", past), ("drafts", drafts))
    }
    return show(request, "leads/policies/list.html", context)


@desk_page(Capability.CHANGE_POLICIES)
@require_http_methods(["GET", "POST"])
def add_policy(request: PersonRequest) -> HttpResponse:
    """Publish a policy for leads of one product line or source, or keep it as a draft."""
    writing = Writing(request, first_policy(), has_reach=False)
    if writing.changes_rows:
        writing.change_rows()
    elif request.method == "POST" and writing.is_valid():
        reach = writing.form.reach()
        try:
            if writing.wants_draft:
                return _keep_draft(writing, **reach)
            return _publish(writing, is_new=True, **reach)
        except InvalidInput as refusal:
            writing.note(refusal)
        except ReachTaken as refusal:
            writing.form.add_error(
                "product_line" if reach["product_line_id"] else "source", refusal.in_words()
            )
            return writing.ask(holding=refusal.holding)
    return writing.ask()


@desk_page(Capability.CHANGE_POLICIES)
@require_http_methods(["GET", "POST"])
def change_policy(request: PersonRequest, policy_id: UUID) -> HttpResponse:
    """Publish a new version of a policy, and tell whoever does that somebody else was faster."""
    actor = request.person.at_desk
    known = policies_visible_to(actor).filter(id=policy_id, published_at__isnull=False).first()
    if known is None:
        raise NotVisible
    if request.method == "GET":
        policy = _holding_instead_of(known, actor)
        return Writing(request, policy, has_reach=True).ask(policy=policy, action=_page_of(policy))
    writing = Writing(request, known, has_reach=True)
    if writing.changes_rows:
        writing.change_rows()
    # Who has something to correct has not been told yet that somebody else was faster.
    elif writing.is_valid():
        return _publish_in_place_of(known, writing)
    return writing.ask(policy=known)


def _publish_in_place_of(known: Any, writing: Writing) -> HttpResponse:
    reach = {"product_line_id": known.product_line_id, "source": known.source}
    try:
        if writing.wants_draft:
            return _keep_draft(writing, **reach)
        return _publish(writing, expected=known.id, **reach)
    except InvalidInput as refusal:
        writing.note(refusal)
        return writing.ask(policy=known)
    except PolicyChanged as refusal:
        holding = _holding_like(known, writing.actor)
        if holding is None:
            return refuse(writing.request, PolicyReplaced(), "desk-policies")
        writing.form.add_error(None, refusal.in_words())
        return writing.ask(policy=holding, action=_page_of(holding))


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


def _page_of(policy: Any) -> str:
    return reverse("desk-policy", args=[policy.id])


def _publish(writing: Writing, **bounds: Any) -> HttpResponse:
    policy = publish_policy(by=writing.actor, at=clock.now(), **bounds, **writing.rules())
    words = gettext("Version %(version)s of “%(name)s” holds for leads from now on.")
    messages.success(writing.request, words % {"version": policy.version, "name": policy.name})
    return go_to(writing.request, "desk-policies")


def _keep_draft(writing: Writing, **reach: Any) -> HttpResponse:
    draft = publish_policy(
        by=writing.actor, at=clock.now(), is_draft=True, **reach, **writing.rules()
    )
    messages.success(writing.request, gettext("The draft is kept. Nothing has changed for leads."))
    return go_to(writing.request, "desk-draft", draft.id)
