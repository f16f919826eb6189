"""Drafts of routing policies: written, looked at beside past leads, published or discarded."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext, gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, refuse, show
from leads.drafts import DraftChanged, change_draft, discard_draft, publish_draft
from leads.overview import regions_of, sources_of
from leads.policies import PolicyChanged, name_of_policy
from leads.preview_forms import PreviewForm
from leads.replay.preview import DeadEnd, Outlook, look_ahead
from leads.selectors import leads_visible_to, policies_visible_to, replays_visible_to
from leads.views.policies_shown import in_words
from leads.views.policy_writing import Writing
from leads.views.replays import ReplayForm
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.selectors import partners_visible_to, product_lines_visible_to

PREVIEWED = 10
REPLAYS_LISTED = 10
DEAD_ENDS = {
    "one_at_a_time": _("There is one round with one partner: each is asked alone, one by one."),
    "shrinks": _(
        "Round %(round)s reaches less far than the one before: it finds nobody who was not asked."
    ),
    "nobody_sells": _("No active partner sells %(name)s: no lead for it finds anybody."),
    "feedback_before_contact": _(
        "Feedback falls due before the time for the first contact is over."
    ),
    "nobody_certified": _(
        "No partner is certified as high as %(name)s: leads that ask for it find nobody."
    ),
    "nobody_found": _("For %(leads)s of the last %(of)s leads nobody would be found at all."),
    "empty_round": _("For %(leads)s of the last %(of)s leads round %(round)s would find nobody."),
}


@desk_page(Capability.CHANGE_POLICIES)
@require_GET
def show_draft(request: PersonRequest, policy_id: UUID) -> HttpResponse:
    """Show what a draft says, and what can be done with it."""
    actor = request.person.at_desk
    draft = _draft(actor, policy_id)
    context = {
        "place": "set-up",
        "one": in_words(draft),
        "policy": draft,
        "name": name_of_policy(draft),
        "holding": _holding(actor, draft),
        "form": ReplayForm(actor=actor, policy=draft),
        "replays": replays_visible_to(actor).filter(policy=draft)[:REPLAYS_LISTED],
    }
    return show(request, "leads/policies/draft.html", context)


@desk_page(Capability.CHANGE_POLICIES)
@require_GET
def preview_draft(request: PersonRequest, policy_id: UUID) -> HttpResponse:
    """Show whom the draft would ask for chosen past leads if they came now, and its dead ends."""
    actor = request.person.at_desk
    draft = _draft(actor, policy_id)
    form = _preview_form(request)
    context = {"place": "set-up", "policy": draft, "name": name_of_policy(draft), "form": form}
    if not form.is_valid():
        return show(request, "leads/policies/preview.html", context, part="preview", status=422)
    choice = form.choice()
    outlook = look_ahead(policy=draft, leads=PREVIEWED, choice=choice, at=clock.now())
    leads = leads_visible_to(actor).in_bulk([UUID(one.lead_id) for one in outlook.previews])
    found = {lead.external_id for lead in leads.values()}
    context |= {
        "is_narrowed": form.is_narrowed,
        "dead_ends": [_warning(one) for one in outlook.warnings],
        "previews": _previews(actor, outlook, leads),
        "not_found": [number for number in choice.numbers if number not in found],
    }
    return show(request, "leads/policies/preview.html", context, part="preview")


def _preview_form(request: PersonRequest) -> PreviewForm:
    actor = request.person.at_desk
    lines = product_lines_visible_to(actor).order_by("name", "code").values_list("id", "name")
    return PreviewForm(
        request.GET,
        product_lines=[(str(line), name) for line, name in lines],
        sources=sources_of(actor),
        regions=regions_of(actor),
    )


def _previews(actor: Actor, outlook: Outlook, leads: Mapping[UUID, Any]) -> list[dict[str, Any]]:
    partners = names_of(actor, (p for one in outlook.previews for p in (*one.then, *one.now)))
    others = {one.policy_id for one in outlook.previews if one.policy_id}
    policies = policies_visible_to(actor).in_bulk([UUID(other) for other in others])
    return [
        {
            "lead": leads[UUID(one.lead_id)],
            "opened_at": one.opened_at,
            "then": [partners[partner] for partner in one.then],
            "now": [partners[partner] for partner in one.now],
            "other": name_of_policy(policies[UUID(one.policy_id)]) if one.policy_id else None,
            "is_moved": one.policy_id is None and set(one.then) != set(one.now),
        }
        for one in outlook.previews
        if UUID(one.lead_id) in leads
    ]


@desk_page(Capability.CHANGE_POLICIES)
@require_http_methods(["GET", "POST"])
def edit_draft(request: PersonRequest, policy_id: UUID) -> HttpResponse:
    """Write a draft anew, and tell whoever does that somebody else was faster."""
    actor = request.person.at_desk
    draft = _draft(actor, policy_id)
    writing = Writing(request, draft, has_reach=True)
    if writing.changes_rows:
        writing.change_rows()
    elif request.method == "POST" and writing.is_valid():
        try:
            change_draft(
                policy=draft, by=actor, at=clock.now(), seen=_seen(request), **writing.rules()
            )
        except InvalidInput as refusal:
            writing.note(refusal)
        except DraftChanged as refusal:
            writing.form.add_error(None, refusal.in_words())
            return writing.ask(draft=_draft(actor, policy_id))
        except StateConflict as refusal:
            return refuse(request, refusal, "desk-policies")
        else:
            messages.success(request, gettext("The draft is kept. Nothing has changed for leads."))
            return go_to(request, "desk-draft", draft.id)
    return writing.ask(draft=draft)


@desk_page(Capability.CHANGE_POLICIES)
@require_POST
def publish(request: PersonRequest, policy_id: UUID) -> HttpResponse:
    """Let a draft hold, as it was shown and in place of what was shown beside it."""
    actor = request.person.at_desk
    draft = policies_visible_to(actor).filter(id=policy_id).first()
    if draft is None:
        raise NotVisible
    try:
        policy = publish_draft(
            policy=draft,
            by=actor,
            at=clock.now(),
            seen=_seen(request),
            expected=_expected(request),
        )
    except (DraftChanged, PolicyChanged) as refusal:
        return refuse(request, refusal, "desk-draft", draft.id)
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-policies")
    words = gettext("Version %(version)s of “%(name)s” holds for leads from now on.")
    messages.success(request, words % {"version": policy.version, "name": policy.name})
    return go_to(request, "desk-policies")


@desk_page(Capability.CHANGE_POLICIES)
@require_POST
def discard(request: PersonRequest, policy_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    draft = _draft(request.person.at_desk, policy_id)
    try:
        discard_draft(policy=draft, by=request.person.at_desk)
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-policies")
    messages.success(request, gettext("The draft “%(name)s” is gone.") % {"name": draft.name})
    return go_to(request, "desk-policies")


def names_of(actor: Actor, partner_ids: Iterable[str]) -> dict[str, str]:
    """Name partners by their ids, as texts."""
    partners = partners_visible_to(actor).filter(id__in=set(partner_ids))
    return {str(id_): name for id_, name in partners.values_list("id", "name")}


def _draft(actor: Actor, policy_id: UUID) -> Any:
    drafts = policies_visible_to(actor).select_related("product_line")
    draft = drafts.filter(id=policy_id, published_at__isnull=True).first()
    if draft is None:
        raise NotVisible
    return draft


def _holding(actor: Actor, draft: Any) -> Any:
    reach = {"product_line": draft.product_line_id, "source": draft.source}
    return policies_visible_to(actor).filter(**reach, is_active=True).first()


def _seen(request: PersonRequest) -> datetime | None:
    """Read as of when the draft was shown; what is no time says nothing."""
    try:
        return datetime.fromisoformat(request.POST.get("seen", ""))
    except ValueError:
        return None


def _expected(request: PersonRequest) -> UUID | None:
    """Read which version was shown as the one that is to be replaced, if any was."""
    try:
        return UUID(request.POST.get("holding", ""))
    except ValueError:
        return None


def _warning(dead_end: DeadEnd) -> str:
    return str(DEAD_ENDS[dead_end.code]) % dead_end._asdict()
