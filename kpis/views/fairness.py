"""How fairly leads are offered: for each partner, what it was asked for and could have been."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from kpis.periods import Period
from kpis.selectors import Fairness, fairness_visible_to
from kpis.views.asked import DAYS, PERIODS
from leadhub.core import clock
from leadhub.core.csv_cells import write_lines
from leadhub.core.pages.answers import show
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.selectors import product_lines_visible_to

PER_PAGE = 50
USUAL = "90"
BYTE_ORDER_MARK = "\ufeff"
COLUMNS = ("partner", "leads_eligible", "leads_offered", "share_of_eligibility", "share_of_offers")


@desk_page(Capability.SEE_FIGURES)
@require_GET
def show_fairness(request: PersonRequest) -> HttpResponse:
    """Show the partners, those asked most first."""
    asked = _asked(request)
    fairness = _fairness(request, asked)
    page = Paginator(fairness.shares, PER_PAGE).get_page(request.GET.get("page"))
    largest = max((max(one.of_offers, one.of_eligibility) for one in fairness.shares), default=0.0)
    context = {
        "place": "set-up",
        "fairness": fairness,
        "page": page,
        "largest": largest,
        "lines": product_lines_visible_to(request.person.at_desk).order_by("name", "code"),
        "periods": PERIODS,
        **asked,
    }
    return show(request, "kpis/fairness.html", context)


@desk_page(Capability.SEE_FIGURES)
@require_GET
def export_fairness(request: PersonRequest) -> HttpResponse:
    """Write the same partners as CSV, all of them."""
    fairness = _fairness(request, _asked(request))
    lines: list[tuple[Any, ...]] = [
        (
            one.exposure.name,
            one.exposure.eligible,
            one.exposure.offered,
            round(one.of_eligibility, 5),
            round(one.of_offers, 5),
        )
        for one in fairness.shares
    ]
    response = HttpResponse(
        BYTE_ORDER_MARK + write_lines([COLUMNS, *lines]), content_type="text/csv; charset=utf-8"
    )
    name = f"fairness-{timezone.localdate(clock.now()):%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(request: PersonRequest) -> dict[str, str]:
    """Read what is asked for; what is unknown is the usual."""
    chosen = request.GET.get("period", USUAL)
    codes = product_lines_visible_to(request.person.at_desk).values_list("code", flat=True)
    line = request.GET.get("line", "")
    return {
        "chosen": chosen if chosen in PERIODS else USUAL,
        "line": line if line in set(codes) else "",
    }


def _fairness(request: PersonRequest, asked: dict[str, str]) -> Fairness:
    today = timezone.localdate(clock.now())
    period = Period(today - timedelta(days=DAYS[asked["chosen"]] - 1), today + timedelta(days=1))
    return fairness_visible_to(
        request.person.at_desk, period=period, product_line=asked["line"] or None
    )
