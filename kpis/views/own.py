"""A partner's own figures on its phone: beside their targets, before, and its network."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from kpis.comparing import LATELY
from kpis.periods import Period
from kpis.selectors import Filters, figures_visible_to
from kpis.values import Row
from kpis.views.stats import Stat, direction_of, length, percent, stats_of, value_of
from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible
from leadhub.core.pages.answers import show
from leads.owing import debts_of
from leads.pickable import count_missed, open_leads_for, owed_by_takers
from leads.selectors import comparisons_visible_to
from partners.decorators import PersonRequest, partner_page
from partners.people import firms_of
from partners.roles import Capability

DAYS = LATELY // timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStat:
    """One of the five as a partner sees it.

    :ivar trend: ``better``, ``worse``, ``same``, or empty where there is nothing to compare.
    :ivar before: what it was in the ninety days before.
    :ivar network: the median of the network, empty where it would say too much.
    :ivar place: among how many, empty unless the manufacturer lets it be seen.
    """

    stat: Stat
    trend: str
    before: str
    network: str
    place: str


@partner_page(Capability.SEE_OWN_FIGURES)
@require_safe
def show_own(request: PersonRequest) -> HttpResponse:
    """Show somebody how one of their partners does."""
    firms = firms_of(request.person)
    wanted = _partner_id(request) or firms[0].membership.partner_id
    firm = next((one for one in firms if one.membership.partner_id == wanted), None)
    if firm is None or wanted is None:
        raise NotVisible
    at, actor = clock.now(), request.person.as_partner(wanted)
    open_leads = open_leads_for([actor], at=at)
    owed = owed_by_takers(open_leads, at=at)
    debts = debts_of([wanted], at=at)
    context = {
        "place": "figures",
        "now": at,
        "firm": firm,
        "firms": firms if len(firms) > 1 else [],
        "days": DAYS,
        "stats": _stats(actor, is_ranked=firm.membership.manufacturer.shows_rank, at=at),
        "debts": debts,
        "open_leads": len(open_leads),
        "locked": count_missed(open_leads, owed=owed),
    }
    return show(request, "kpis/own.html", context)


def _stats(actor: Actor, *, is_ranked: bool, at: datetime) -> list[OwnStat]:
    now, before = (_row(actor, ends_at=at - back, at=at) for back in (timedelta(0), LATELY))
    beside = comparisons_visible_to(actor).filter(partner=actor.partner_id).first()
    compared: dict[str, Any] = beside.figures if beside else {}
    earlier = {stat.code: stat for stat in stats_of(before)}
    return [
        OwnStat(
            stat=stat,
            trend=direction_of(stat.code, value_of(now, stat.code), value_of(before, stat.code)),
            before=earlier[stat.code].value if value_of(before, stat.code) is not None else "",
            network=_network(stat.code, compared.get(stat.code, {})),
            place=_place(compared.get(stat.code, {})) if is_ranked else "",
        )
        for stat in stats_of(now)
    ]


def _row(actor: Actor, *, ends_at: datetime, at: datetime) -> Row:
    return figures_visible_to(
        actor,
        period=Period(ends_at - LATELY, ends_at),
        filters=Filters(partner_id=actor.partner_id),
        is_whole=True,
        at=at,
    ).total


def _network(code: str, told: dict[str, Any]) -> str:
    value = told.get("median")
    if value is None:
        return ""
    return length(value) if code.endswith("_time") else percent(value)


def _place(told: dict[str, Any]) -> str:
    if told.get("rank") is None:
        return ""
    words = gettext("Place %(rank)s of %(partners)s")
    return words % {"rank": told["rank"], "partners": told["partners"]}


def _partner_id(request: HttpRequest) -> UUID | None:
    """Read for which partner somebody asks.

    :raises NotVisible: if what stands there names none.
    """
    sent = request.GET.get("partner", "")
    try:
        return UUID(sent) if sent else None
    except ValueError as error:
        raise NotVisible from error
