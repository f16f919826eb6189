"""Partners in order of a figure, honest about small numbers, and what the best have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from kpis.definitions import FEWEST, BetterIs, Dimension
from kpis.selectors import Figures, figures_visible_to
from kpis.separating import FEWEST_PARTNERS, Difference, separate
from kpis.values import Row
from kpis.views.asked import Asked, frame_of
from kpis.views.stats import BY_CODE, FIVE, Stat, count_of, label_of, length, stats_of, value_of
from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.pages.answers import show
from leadhub.core.templatetags.shown import number, share
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

PER_PAGE = 25
USUAL = "conversion_rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A partner among the others.

    :ivar rank: ``None`` with too few leads; who is alike shares one.
    :ivar stats: the five figures in words.
    :ivar range: where the rate it is ranked by lies in 95 of 100 cases; ``None`` of a time.
    :ivar verdict: ``above`` or ``below`` the network beyond doubt, else empty.
    """

    partner_id: UUID
    name: str
    rank: int | None
    row: Row
    stats: list[Stat]
    range: tuple[float, float] | None
    verdict: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """One figure of the best quarter beside the rest, in words."""

    label: str
    best: str
    rest: str
    difference: str
    between: str
    is_clear: bool


@desk_page(Capability.SEE_FIGURES)
@require_GET
def show_leaderboard(request: PersonRequest) -> HttpResponse:
    """Show the partners that took leads in a period, the best first."""
    actor, at = request.person.at_desk, clock.now()
    sent = request.GET.get("by", "")
    by = sent if sent in FIVE else USUAL
    asked = Asked(request.GET, actor=actor, at=at, beside={"by": by})
    figures = figures_of_partners(asked, actor=actor, at=at)
    standings = standings_of(figures, by, asked)
    page = Paginator(standings, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **frame_of(asked, screen="partners", at=at),
        "by": by,
        "by_label": label_of(by),
        "choices": [(code, label_of(code), asked.address(by=code)) for code in FIVE],
        "labels": [label_of(code) for code in FIVE],
        "page": page,
        "total": stats_of(figures.total),
        "ranked": sum(1 for one in standings if one.rank is not None),
        "fewest": FEWEST,
        "fewest_partners": FEWEST_PARTNERS,
        "separations": separations_of(standings, by),
        "query": f"{asked.address()[1:]}&",
    }
    return show(request, "kpis/cockpit/partners.html", context)


def figures_of_partners(asked: Asked, *, actor: Actor, at: datetime) -> Figures:
    """Compute the figures of each partner."""
    return figures_visible_to(
        actor,
        period=asked.period,
        group_by=(Dimension.PARTNER,),
        filters=asked.filters,
        at=at,
    )


def standings_of(figures: Figures, by: str, asked: Asked) -> list[Standing]:
    """Rank the partners; those with too few leads follow without a rank, most leads first."""
    is_lower = BY_CODE[by].better_is == BetterIs.LOWER
    ranked = [row for row in figures.rows if count_of(row, by) >= FEWEST]
    others = [row for row in figures.rows if count_of(row, by) < FEWEST]
    ranked.sort(key=lambda row: (value_of(row, by) or 0.0) * (1 if is_lower else -1))
    others.sort(key=lambda row: -row.picks)
    values = [value_of(row, by) for row in ranked]
    network = value_of(figures.total, by)
    return [
        _standing(row, values.index(value_of(row, by)) + 1, by, network, asked) for row in ranked
    ] + [_standing(row, None, by, network, asked) for row in others]


def separations_of(standings: Sequence[Standing], by: str) -> list[Separation]:
    """Compare the best quarter of the ranked with the rest, what differs beyond doubt first."""
    ranked = [one for one in standings if one.rank is not None]
    figures: Mapping[str, Mapping[Any, float]] = {
        code: {
            one.partner_id: value
            for one in ranked
            if (value := value_of(one.row, code)) is not None and count_of(one.row, code) >= FEWEST
        }
        for code in FIVE
        if code != by
    }
    found = separate([one.partner_id for one in ranked], figures)
    return [_in_words(one) for one in sorted(found, key=lambda one: not one.is_clear)]


def _standing(row: Row, rank: int | None, by: str, network: float | None, asked: Asked) -> Standing:
    partner_id = UUID(str(row.group[Dimension.PARTNER]))
    between = row.ratios[by].interval if by in row.ratios else None
    return Standing(
        partner_id=partner_id,
        name=asked.partners[partner_id],
        rank=rank,
        row=row,
        stats=stats_of(row),
        range=between,
        verdict=_verdict(between, network) if rank is not None else "",
        href=asked.leads_behind(by, partner=str(partner_id)),
    )


def _verdict(between: tuple[float, float] | None, network: float | None) -> str:
    if between is None or network is None:
        return ""
    low, high = between
    return "above" if low > network else "below" if high < network else ""


def _in_words(one: Difference) -> Separation:
    is_time = one.code.endswith("_time")
    between = gettext("%(low)s to %(high)s")
    low, high = (_signed(value, is_time=is_time) for value in (one.low, one.high))
    return Separation(
        label=label_of(one.code),
        best=length(one.best) if is_time else share(one.best),
        rest=length(one.rest) if is_time else share(one.rest),
        difference=_signed(one.estimate, is_time=is_time),
        between=between % {"low": low, "high": high},
        is_clear=one.is_clear,
    )


def _signed(value: float, *, is_time: bool) -> str:
    """Write a difference with its sign; of rates in percentage points."""
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else "±"
    if is_time:
        return f"{sign}{length(abs(value))}"
    points = gettext("%(number)s points") % {"number": number(abs(value) * 100)}
    return f"{sign}{points}"
