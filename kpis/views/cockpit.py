"""The cockpit: how well the network does, how far leads come, and what needs somebody now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy as _
from django.views.decorators.http import require_GET

from kpis.definitions import Dimension
from kpis.network import Placement, placement_visible_to
from kpis.selectors import Figures, figures_visible_to, funnel_visible_to
from kpis.views.asked import Asked, frame_of
from kpis.views.cards import cards_of
from kpis.views.stats import FIVE, label_of
from kpis.views.trends import chart_of, trend_of
from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.pages.answers import is_partial, show
from leads.attention import Attention, attention_counts
from leads.selectors import leads_visible_to
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.selectors import partners_visible_to, product_lines_visible_to

# Waves after these are told together.
WAVES_TOLD = 3


@dataclass(frozen=True, slots=True)
class Concern:
    """Leads that need somebody, and what is to be done about them."""

    kind: str
    icon: str
    title: str | Promise
    remedy: str | Promise
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveStep:
    """The leads placed in one wave, or in all from one on.

    :ivar so_far: the share of the leads distributed that was placed up to here.
    :ivar median: seconds; ``None`` where several waves are told together.
    """

    wave: int
    is_and_later: bool
    leads: int
    so_far: float
    median: int | None


# In the order of urgency: kind, icon, what is to be done.
REMEDIES = (
    (
        Attention.OVERDUE_CONTACT,
        "phone-missed",
        _("Accepted, but the customer still waits. Ask the partner or pass the lead on."),
    ),
    (
        Attention.PICK_LIST,
        "hand",
        _("Nobody took them in the rounds. Assign a partner or offer them again."),
    ),
    (
        Attention.FEEDBACK,
        "message-square-warning",
        _("Partners owe feedback on these. They get no new leads until they give it."),
    ),
    (
        Attention.HELD,
        "shield-question-mark",
        _("They wait until somebody has looked. Release or reject them."),
    ),
    (
        Attention.DUPLICATE,
        "copy-check",
        _("They resemble other leads. Merge, release or reject them."),
    ),
    (
        Attention.RETURNED,
        "undo-2",
        _("A partner gave them back. Say whether the lead was at fault."),
    ),
)


@desk_page(Capability.SEE_FIGURES)
@require_GET
def show_cockpit(request: PersonRequest) -> HttpResponse:
    """Show the figures of a period, and what needs attention now."""
    actor, at = request.person.at_desk, clock.now()
    if not leads_visible_to(actor).exists():
        return show(request, "kpis/first_steps.html", {"place": "cockpit", **_first_steps(actor)})
    sent = request.GET.get("figure", "")
    code = sent if sent in FIVE else FIVE[0]
    beside = {"figure": code} if code != FIVE[0] else {}
    asked = Asked(request.GET, actor=actor, at=at, beside=beside)
    figures = figures_visible_to(
        actor, period=asked.period, group_by=(Dimension.WEEK,), filters=asked.filters, at=at
    )
    context = {
        **frame_of(asked, screen="overview", at=at),
        **_trend(figures, asked, code),
    }
    if is_partial(request):
        return show(request, "kpis/cockpit.html", context, part="trend")
    placement = placement_visible_to(actor, period=asked.period, filters=asked.filters, at=at)
    context |= {
        "cards": cards_of(figures, asked, actor=actor, at=at),
        "steps": _funnel(actor, asked),
        "placement": placement.total.numbers["time_to_placement"],
        "placed": placement.total.ratios["placement_rate"],
        "waves": waves_of(placement),
        "concerns": _concerns(actor, at),
    }
    return show(request, "kpis/cockpit.html", context)


def waves_of(placement: Placement) -> list[WaveStep]:
    """Add up wave by wave how many of the leads distributed have found a partner."""
    routed = placement.total.ratios["placement_rate"].denominator
    told = [row for row in placement.waves if row.wave <= WAVES_TOLD]
    later = [row for row in placement.waves if row.wave > WAVES_TOLD]
    steps, placed = [], 0
    for row in told:
        placed += row.leads
        steps.append(
            WaveStep(
                wave=row.wave,
                is_and_later=False,
                leads=row.leads,
                so_far=placed / routed,
                median=row.median,
            )
        )
    if later:
        leads = sum(row.leads for row in later)
        steps.append(
            WaveStep(
                wave=WAVES_TOLD + 1,
                is_and_later=True,
                leads=leads,
                so_far=(placed + leads) / routed,
                median=None,
            )
        )
    return steps


def _trend(figures: Figures, asked: Asked, code: str) -> Mapping[str, Any]:
    trend = trend_of(
        figures.rows,
        code=code,
        starts=asked.period.starts,
        ends=asked.period.ends,
    )
    choices = [(one, label_of(one), asked.address(figure=one)) for one in FIVE]
    return {"trend": trend, "chart": chart_of(trend), "choices": choices}


def _funnel(actor: Actor, asked: Asked) -> list[dict[str, Any]]:
    language = get_language() or "en"
    return [
        {
            "label": reached.step.label.in_language(language),
            "meaning": reached.step.meaning.in_language(language),
            "count": reached.count,
            "of_before": reached.of_before,
            "of_all": reached.of_all,
        }
        for reached in funnel_visible_to(actor, period=asked.period, filters=asked.filters)
    ]


def _concerns(actor: Actor, at: datetime) -> list[Concern]:
    counts = attention_counts(actor, at=at)
    return [
        Concern(kind.value, icon, kind.label, remedy, counts[kind])
        for kind, icon, remedy in REMEDIES
        if counts.get(kind)
    ]


def _first_steps(actor: Actor) -> dict[str, bool]:
    return {
        "has_lines": product_lines_visible_to(actor).exists(),
        "has_partners": partners_visible_to(actor).exists(),
    }
