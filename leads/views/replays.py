"""Replays of policies over past leads: begun, followed, and read."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext, gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, refuse, show
from leads.policies import name_of_policy, name_of_version
from leads.replay.jobs import MOST_LEADS, request_replay
from leads.selectors import leads_visible_to, policies_visible_to, replays_visible_to
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.selectors import partners_visible_to

USUAL_LEADS = 1_000
EXAMPLES_SHOWN = 10
SIDES = ("then", "against", "policy")
ENDED = ("DONE", "FAILED")


class ReplayForm(forms.Form):
    """How many leads, and beside what."""

    leads = forms.IntegerField(
        label=_("The last leads"), min_value=1, max_value=MOST_LEADS, initial=USUAL_LEADS
    )
    against = forms.ChoiceField(label=_("Set against"), required=False)

    def __init__(self, data: Any = None, *, actor: Actor, policy: Any) -> None:
        super().__init__(data)
        drafts = policies_visible_to(actor).filter(published_at__isnull=True)
        others = drafts.exclude(id=policy.id).order_by("name", "-version")
        field = self.fields["against"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [
            ("", _("The rules that hold")),
            *((str(other.id), name_of_version(other)) for other in others),
        ]


@desk_page(Capability.CHANGE_POLICIES)
@require_POST
def begin_replay(request: PersonRequest, policy_id: UUID) -> HttpResponse:
    """Have a draft tried out on past leads."""
    actor = request.person.at_desk
    policies = policies_visible_to(actor)
    draft = policies.filter(id=policy_id, published_at__isnull=True).first()
    if draft is None:
        raise NotVisible
    form = ReplayForm(request.POST, actor=actor, policy=draft)
    if not form.is_valid():
        context = {"place": "set-up", "policy": draft, "form": form, "name": name_of_policy(draft)}
        return show(request, "leads/policies/try_out.html", context, status=422)
    chosen = form.cleaned_data["against"]
    try:
        replay = request_replay(
            policy=draft,
            against=policies.get(id=chosen) if chosen else None,
            leads=form.cleaned_data["leads"],
            by=actor,
            at=clock.now(),
        )
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-draft", draft.id)
    return go_to(request, "desk-replay", replay.id)


@desk_page(Capability.SEE_POLICIES)
@require_GET
def show_replay(request: PersonRequest, replay_id: UUID) -> HttpResponse:
    """Show how far a replay has come, or what came out; the page asks again until it is done."""
    actor = request.person.at_desk
    replays = replays_visible_to(actor).select_related("policy", "against")
    replay = replays.filter(id=replay_id).first()
    if replay is None:
        raise NotVisible
    context: dict[str, Any] = {
        "place": "set-up",
        "replay": replay,
        "policy": replay.policy,
        "name": name_of_version(replay.policy),
        "against": name_of_version(replay.against) if replay.against else None,
        "is_ended": replay.status in ENDED,
        "is_stale": replay.policy.is_draft and replay.policy.created_at > replay.created_at,
    }
    if replay.result is not None:
        against = context["against"] or gettext("Rules that held")
        context |= _result(actor, replay.result, names=(against, context["name"]))
    return show(request, "leads/policies/replay.html", context, part="replay")


def _result(actor: Actor, result: dict[str, Any], *, names: tuple[str, str]) -> dict[str, Any]:
    examples = result["examples"][:EXAMPLES_SHOWN]
    ids = {partner for example in examples for side in SIDES for partner in example[side]}
    partners = partners_visible_to(actor).filter(id__in=ids)
    partner_names = {str(id_): name for id_, name in partners.values_list("id", "name")}
    leads = leads_visible_to(actor).in_bulk([UUID(example["lead"]) for example in examples])
    sides = result["sides"]
    return {
        "result": result,
        "moved_share": result["moved"] / result["leads"] if result["leads"] else None,
        "columns": [sides[side] for side in SIDES],
        "chart": _chart(result["spread"], names=names),
        "examples": [
            {
                "lead": leads[UUID(example["lead"])],
                "sides": [
                    [partner_names[id_] for id_ in example[side] if id_ in partner_names]
                    for side in SIDES
                ],
            }
            for example in examples
            if UUID(example["lead"]) in leads
        ],
    }


def _chart(spread: dict[str, list[float]], *, names: tuple[str, str]) -> dict[str, Any]:
    """Draw which share of the offers each tenth of the partners gets, the least asked first."""
    sides = (("against", names[0], "accent"), ("policy", names[1], "primary"))
    return {
        "labels": [str(part) for part in range(1, 11)],
        "series": [
            {
                "name": name,
                "kind": "bar",
                "values": [round(share * 100, 1) for share in spread[side]],
                "tone": tone,
                "unit": "%",
            }
            for side, name, tone in sides
        ],
    }
