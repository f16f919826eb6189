"""The cockpit: how well the network does, how far leads come, and what needs somebody now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy as _
from django.views.decorators.http import require_GET

from kpis.definitions import Dimension
from kpis.periods import Period
from kpis.selectors import figures_visible_to, funnel_visible_to
from kpis.views.stats import FIVE, label_of, stats_of
from kpis.views.trends import chart_of, trend_of
from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.pages.answers import is_partial, show
from leads.attention import Attention, attention_counts
from leads.selectors import leads_visible_to
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.selectors import partners_visible_to, product_lines_visible_to

DAYS: Mapping[str, int] = {"30": 30, "90": 90, "365": 365}
PERIODS: Mapping[str, Promise] = {"30": _("30 days"), "90": _("90 days"), "365": _("12 months")}
USUAL = "30"


@dataclass(frozen=True, slots=True)
class Concern:
    """Leads that need somebody, and what is to be done about them."""

    kind: str
    icon: str
    title: str | Promise
    remedy: str | Promise
    count: int


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
    chosen = request.GET.get("period", USUAL)
    chosen = chosen if chosen in PERIODS else USUAL
    context = {"place": "cockpit", "at": at, "chosen": chosen, **_figures(request, chosen, at)}
    if is_partial(request):
        return show(request, "kpis/cockpit.html", context, part="trend")
    if not leads_visible_to(actor).exists():
        return show(request, "kpis/first_steps.html", {"place": "cockpit", **_first_steps(actor)})
    context |= {
        "periods": PERIODS,
        "steps": _funnel(actor, context["period"]),
        "concerns": _concerns(actor, at),
    }
    return show(request, "kpis/cockpit.html", context)


def _figures(request: PersonRequest, chosen: str, at: datetime) -> dict[str, Any]:
    today = timezone.localdate(at)
    period = Period(today - timedelta(days=DAYS[chosen] - 1), today + timedelta(days=1))
    figures = figures_visible_to(
        request.person.at_desk, period=period, group_by=(Dimension.WEEK,), at=at
    )
    code = request.GET.get("figure", FIVE[0])
    trend = trend_of(
        figures.rows,
        code=code if code in FIVE else FIVE[0],
        starts=period.starts,
        ends=period.ends,
    )
    return {
        "period": period,
        "today": today,
        "stats": stats_of(figures.total),
        "picks": figures.total.picks,
        "trend": trend,
        "chart": chart_of(trend),
        "choices": [(code, label_of(code)) for code in FIVE],
    }


def _funnel(actor: Actor, period: Period) -> list[dict[str, Any]]:
    language = get_language() or "en"
    return [
        {
            "label": reached.step.label.in_language(language),
            "meaning": reached.step.meaning.in_language(language),
            "count": reached.count,
            "of_before": reached.of_before,
            "of_all": reached.of_all,
        }
        for reached in funnel_visible_to(actor, period=period)
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
