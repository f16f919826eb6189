"""Where leads come from, where they find partners, and which product sells best where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _, ngettext
from django.views.decorators.http import require_GET

from kpis.definitions import Dimension
from kpis.network import placement_visible_to
from kpis.placement import LeadRow
from kpis.selectors import figures_visible_to
from kpis.values import Ratio, Row
from kpis.views.asked import Asked, frame_of
from kpis.views.shading import ends_of_steps, largest_of, step_of
from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.maps import Picture, Sign, draw_map, middle_of
from leadhub.core.pages.answers import show
from leadhub.core.regions import region_name
from leadhub.core.templatetags.shown import money, number, share
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

ON_MAP: Mapping[str, Promise] = {
    "leads": _("Leads received"),
    "placement": _("Found a partner"),
    "conversion": _("Conversion rate"),
}
SOLD: Mapping[str, Promise] = {
    "revenue": _("Turnover"),
    "won": _("Leads won"),
    "conversion": _("Conversion rate"),
}
SIGN_AT_MOST = 99
REGION, LINE = Dimension.REGION, Dimension.PRODUCT_LINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One region: what came from it, and what became of it.

    :ivar code: ``None`` for leads whose region nobody knows.
    :ivar leads: received there; ``None`` with picks of the period only.
    :ivar picks: accepted in the period, whenever they were received.
    """

    code: str | None
    name: str
    leads: LeadRow | None
    picks: Row | None
    links: Mapping[str, str]

    @property
    def received(self) -> int:
        """Count the leads received."""
        return self.leads.counts["new_leads"] if self.leads else 0

    @property
    def unserved(self) -> int:
        """Count the leads that nobody could be asked for."""
        return self.leads.counts["unserved_leads"] if self.leads else 0

    @property
    def placed(self) -> Ratio | None:
        """How many of those distributed found a partner."""
        return self.leads.ratios["placement_rate"] if self.leads else None

    @property
    def conversion(self) -> Ratio | None:
        """How many of those accepted were won."""
        return self.picks.ratios["conversion_rate"] if self.picks else None

    def value(self, measure: str) -> float | None:
        """Read what the map shades by; too few leads are no rate."""
        if measure == "leads":
            return self.received
        ratio = self.placed if measure == "placement" else self.conversion
        return ratio.value if ratio and not ratio.is_few else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A product line in a region.

    :ivar beside: what stands behind it, smaller.
    :ivar is_best: of the lines with enough leads it sells best there.
    """

    line: str
    shown: str
    beside: str
    step: int
    is_best: bool
    href: str


@desk_page(Capability.SEE_FIGURES)
@require_GET
def show_regions(request: PersonRequest) -> HttpResponse:
    """Show regions on a map and in a table, and what sells best where."""
    actor, at = request.person.at_desk, clock.now()
    on_map = _known(request.GET.get("map", ""), ON_MAP)
    sold = _known(request.GET.get("sold", ""), SOLD)
    beside = {"map": on_map, "sold": sold}
    asked = Asked(request.GET, actor=actor, at=at, beside=beside)
    regions = regions_in(asked, actor=actor, at=at)
    picture, steps = _draw(regions, on_map)
    lines, table = best_sellers(asked, sold, regions, actor=actor, at=at)
    context = {
        **frame_of(asked, screen="regions", at=at),
        "on_map": on_map,
        "on_map_label": ON_MAP[on_map],
        "map_choices": [(code, words, asked.address(map=code)) for code, words in ON_MAP.items()],
        "sold": sold,
        "sold_label": SOLD[sold],
        "sold_choices": [(code, words, asked.address(sold=code)) for code, words in SOLD.items()],
        "regions": regions,
        "picture": picture,
        "shade_steps": steps,
        "lines": lines,
        "table": table,
    }
    return show(request, "kpis/cockpit/regions.html", context)


def regions_in(asked: Asked, *, actor: Actor, at: datetime) -> list[Region]:
    """Put together what became of leads in each region, most leads first."""
    options: dict[str, Any] = {"period": asked.period, "filters": asked.filters, "at": at}
    placed = placement_visible_to(actor, group_by=(REGION,), **options).rows
    picked = figures_visible_to(actor, group_by=(REGION,), **options).rows
    leads = {row.group[REGION]: row for row in placed}
    picks = {row.group[REGION]: row for row in picked}
    regions = [
        Region(
            code=code,
            name=name_of(code),
            leads=leads.get(code),
            picks=picks.get(code),
            links=_links(asked, code),
        )
        for code in {**leads, **picks}
    ]
    return sorted(regions, key=lambda one: (one.code is None, -one.received, one.name))


def best_sellers(
    asked: Asked, measure: str, regions: Sequence[Region], *, actor: Actor, at: datetime
) -> tuple[list[str], list[tuple[Region, list[Cell]]]]:
    """Cross product lines with regions: the lines' names, and for each region its cells."""
    rows = figures_visible_to(
        actor, period=asked.period, group_by=(LINE, REGION), filters=asked.filters, at=at
    ).rows
    found = {(row.group[LINE], row.group[REGION]): row for row in rows}
    sold_lines = {line for line, _region in found}
    lines = [(code, name) for code, name in asked.lines.items() if code in sold_lines]
    values = {key: value_of_sales(row, measure) for key, row in found.items()}
    largest = largest_of(values.values())
    table = []
    for region in regions:
        told = [code for code, _name in lines if _is_telling(found.get((code, region.code)))]
        best = largest_of(values.get((code, region.code)) for code in told)
        cells = []
        for code, name in lines:
            row, value = found.get((code, region.code)), values.get((code, region.code))
            shown, basis = _words_of_sales(row, measure)
            changes = {"product_line": code, **({"region": region.code} if region.code else {})}
            cells.append(
                Cell(
                    line=name,
                    shown=shown,
                    beside=basis,
                    step=step_of(value, largest),
                    is_best=code in told and bool(value) and value == best and len(lines) > 1,
                    href=asked.leads_behind("conversion_rate", **changes)
                    if row and region.code
                    else "",
                )
            )
        if any(cell.href or cell.beside for cell in cells):
            table.append((region, cells))
    return [name for _code, name in lines], table


def value_of_sales(row: Row, measure: str) -> float | None:
    """Read what was sold; a rate of too few leads is none."""
    if measure == "revenue":
        return float(row.amounts["revenue"].value or 0)
    ratio = row.ratios["conversion_rate"]
    if measure == "won":
        return ratio.numerator
    return None if ratio.is_few else ratio.value


def _is_telling(row: Row | None) -> bool:
    return row is not None and not row.ratios["conversion_rate"].is_few


def name_of(code: str | None) -> str:
    """Name a region; leads abroad may have none."""
    return region_name(code) if code else gettext("Region not known")


def _words_of_sales(row: Row | None, measure: str) -> tuple[str, str]:
    if row is None:
        return number(None), ""
    ratio, revenue = row.ratios["conversion_rate"], row.amounts["revenue"]
    of = gettext("%(part)s of %(whole)s won")
    basis = of % {"part": number(ratio.numerator), "whole": number(ratio.denominator)}
    if measure == "revenue":
        return money(revenue.value or 0, revenue.currency), basis
    if measure == "won":
        return number(ratio.numerator), basis
    return (gettext("too few") if ratio.is_few else share(ratio.value)), basis


def _draw(regions: Sequence[Region], measure: str) -> tuple[Picture, list[str]]:
    values = {one.code: one.value(measure) for one in regions if one.code}
    largest = largest_of(values.values())
    signs = []
    for one in regions:
        middle = middle_of(one.code) if one.code and one.unserved else None
        if middle is None:
            continue
        words = ngettext(
            "%(region)s: nobody could be asked for %(count)s lead",
            "%(region)s: nobody could be asked for %(count)s leads",
            one.unserved,
        )
        label = words % {"region": one.name, "count": number(one.unserved)}
        text = str(one.unserved) if one.unserved <= SIGN_AT_MOST else "!"
        signs.append(Sign(*middle, "disc", "accent", label, text, is_aim=False))
    picture = draw_map(
        signs, shades={code: step_of(value, largest) for code, value in values.items()}
    )
    is_count = measure == "leads"
    ends = ends_of_steps(largest) if largest else []
    return picture, [number(round(end)) if is_count else share(end) for end in ends]


def _links(asked: Asked, code: str | None) -> Mapping[str, str]:
    if code is None:
        return dict.fromkeys(("received", "unserved", "picks"), "")
    return {
        "received": asked.leads_behind("received", region=code),
        "unserved": asked.leads_behind("unserved", region=code),
        "picks": asked.leads_behind("conversion_rate", region=code),
    }


def _known(sent: str, choices: Mapping[str, Any]) -> str:
    return sent if sent in choices else next(iter(choices))
