"""The board of leads: tabs that count, filters, an order, and pages."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.pages.answers import is_partial, show
from leads.attention import Attention, count_by_attention
from leads.disclosures import leads_with_contact, note_disclosures
from leads.filters import GROUPS, SORT_WORDS, TABS, USUAL_ORDER, BoardFilter
from leads.overview import count_by_status, rows_of, sources_of, with_returns_to_judge
from leads.selectors import leads_visible_to
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.selectors import partners_visible_to, product_lines_visible_to

ROWS_A_PAGE = 25
CONTROLS = ("product_line", "source", "temperature", "period", "partner_name")
# Name in the address, its value, how it is called; the first six are what waits for somebody.
TAB_WORDS = (
    ("attention", "pick_list", _("Pick list")),
    ("attention", "overdue_contact", _("Contact overdue")),
    ("attention", "feedback", _("Feedback overdue")),
    ("attention", "held", _("Held for review")),
    ("attention", "duplicate", _("Possible duplicates")),
    ("attention", "returned", _("Returns to judge")),
    ("status", "OFFERED", _("On offer")),
    ("status", "IN_HANDS", _("In hands")),
    ("status", "WON", _("Won")),
    ("status", "LOST", _("Lost")),
    ("status", "ENDED", _("Withdrawn or rejected")),
)


# Tabs by another name, for those who write an address by hand.
SAME_TAB = {
    ("status", "OPEN"): ("attention", "pick_list"),
    ("status", "HELD"): ("attention", "held"),
}
# What may come with a link from another page and is in no control of this one.
BY_LINK = (
    ("partner", _("Partner")),
    ("received_after", _("Received from")),
    ("received_before", _("Received before")),
    ("country", _("Country")),
    ("postal_code", _("Postal code")),
    ("external_id", _("Number")),
)


class Tab(NamedTuple):
    """One choice above the list.

    :ivar leads: how many it lists.
    :ivar waits: somebody has to do something about these leads.
    """

    key: str
    label: Any
    href: str
    leads: int
    is_current: bool
    waits: bool


@require_safe
@desk_page(Capability.SEE_LEADS)
def show_board(request: PersonRequest) -> HttpResponse:
    """List the manufacturer's leads as asked for; to a script, the list without what is around."""
    at, actor = clock.now(), request.person.at_desk
    asked = leads_asked_for(request, at=at)
    shows_returns = asked.chosen.get("attention") == Attention.RETURNED
    rows = rows_of(asked.qs)
    if shows_returns:
        rows = with_returns_to_judge(rows)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    note_disclosures(leads_with_contact(page), by=actor, at=at)
    context = {
        "place": "leads",
        "now": at,
        "is_part": is_partial(request),
        "asked": asked,
        "controls": [asked.form[name] for name in CONTROLS],
        "sortings": SORT_WORDS,
        "shows_returns": shows_returns,
        "page": page,
        "tabs": list(_tabs(asked, at=at)),
        "by_link": list(_by_link(asked, actor)),
        "narrowed_by": len(asked.chosen.keys() - {*TABS, "sort", "q"}),
        "is_narrowed": bool(asked.chosen.keys() - {*TABS, "sort"}),
        "is_first_lead": page.paginator.count == 0 and not asked.chosen.keys() - {"sort"},
        "query": f"{query}&" if (query := _query(asked)) else "",
    }
    response = show(request, "leads/desk/board.html", context, part="board")
    if is_partial(request):
        number = {"page": str(page.number)} if page.number > 1 else {}
        push_url(response, _address(asked, **number))
    return response


def leads_asked_for(request: PersonRequest, *, at: datetime) -> BoardFilter:
    """Read from the address which leads are asked for, among those of the manufacturer."""
    actor = request.person.at_desk
    lines = product_lines_visible_to(actor).order_by("name", "code")
    return BoardFilter(
        request.GET,
        queryset=leads_visible_to(actor),
        at=at,
        product_lines=list(lines.values_list("code", "name")),
        sources=sources_of(actor),
    )


def _tabs(asked: BoardFilter, *, at: datetime) -> Iterator[Tab]:
    """Count what each tab would list, whatever tab is chosen now."""
    by_status = count_by_status(asked.of_all_tabs)
    counts = {("status", status): count for status, count in by_status.items()}
    for group, statuses in GROUPS.items():
        counts["status", group] = sum(by_status.get(status, 0) for status in statuses)
    for kind, count in count_by_attention(asked.of_all_tabs, at=at).items():
        counts["attention", kind] = count
    chosen = [(name, asked.chosen[name]) for name in TABS if name in asked.chosen]
    current = {SAME_TAB.get(tab, tab) for tab in chosen}
    everything = sum(by_status.values())
    yield Tab("all", _("All"), _address(asked, without=TABS), everything, not current, waits=False)
    for name, value, label in TAB_WORDS:
        yield Tab(
            key=value.lower().replace("_", "-"),
            label=label,
            href=_address(asked, without=TABS, **{name: value}),
            leads=counts.get((name, value), 0),
            is_current=(name, value) in current,
            waits=name == "attention",
        )


def _by_link(asked: BoardFilter, actor: Actor) -> Iterator[dict[str, Any]]:
    """Show what a link from another page brought along, each with the way out of it."""
    for name, label in BY_LINK:
        value = asked.chosen.get(name)
        if value is None:
            continue
        if name == "partner":
            found = partners_visible_to(actor).filter(id=value).values_list("name", flat=True)
            value = found.first() or gettext("unknown")
        yield {
            "name": name,
            "sent": asked.data[name],
            "label": label,
            "value": value,
            "is_instant": isinstance(value, datetime),
            "href": _address(asked, without=(name,)),
        }


def _address(asked: BoardFilter, *, without: Sequence[str] = (), **changes: str) -> str:
    query = _query(asked, without=without, **changes)
    return reverse("desk-leads") + (f"?{query}" if query else "")


def _query(asked: BoardFilter, *, without: Sequence[str] = (), **changes: str) -> str:
    """Write what was asked for and understood, so that a link shows the same again."""
    left_out = {*without, "sort"} if asked.sorting == USUAL_ORDER else {*without}
    kept = {name: asked.data[name] for name in asked.chosen if name not in left_out}
    return urlencode({**kept, **changes})
