"""The board of leads: views, tabs that count, filters, columns, an order, and pages."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext, gettext_lazy as _
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from leadhub.core import clock
from leadhub.core.pages.answers import is_partial, show
from leads.asking import CLOSED_WORDS, GROUPS, ROWS, SORT_WORDS, TABS, Asked
from leads.attention import Attention
from leads.columns import Column
from leads.disclosures import leads_with_contact, note_disclosures
from leads.models.leads import HoldReason
from leads.overview import rows_in_order, rows_of, with_returns_to_judge
from leads.selectors import leads_visible_to
from leads.sifting import (
    COUNTED_AT_MOST,
    COUNTED_IN_A_TAB,
    NONE,
    Count,
    Page,
    count_by_status,
    count_leads,
    count_waiting,
    read_page,
)
from leads.views.bulk_deeds import BULK
from leads.views.view_menu import Shown, menu_of, shown_by
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.selectors import partners_visible_to

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
EVERY_TAB = ("", "")
# Tabs by another name, for those who write an address by hand.
SAME_TAB = {
    ("status", "OPEN"): ("attention", "pick_list"),
    ("status", "HELD"): ("attention", "held"),
}
# What may come with a link or a view and is in no control.
BY_LINK = (
    ("partner", _("Partner")),
    ("closed", _("Won or lost")),
    ("received_after", _("Received from")),
    ("received_before", _("Received before")),
    ("postal_code", _("Postal code")),
    ("external_id", _("Number")),
)
HELD_BECAUSE = frozenset(HoldReason.values)
# How a column is sorted already -> what it says of itself, and what its head asks for next.
HEADS = {
    "newest": ("descending", "oldest"),
    "oldest": ("ascending", "newest"),
    "value": ("descending", "value"),
    "town": ("ascending", "town"),
    "deadline": ("ascending", "deadline"),
}


class Tab(NamedTuple):
    """One choice above the list.

    :ivar leads: how many it lists.
    :ivar waits: somebody has to do something about these leads.
    """

    key: str
    label: Any
    href: str
    leads: Count
    is_current: bool
    waits: bool


class Head(NamedTuple):
    """The head of a column.

    :ivar href: what sorts the list by it, if anything does.
    :ivar sorted: how it is sorted already, as ``aria-sort`` says it.
    """

    column: Column
    href: str
    sorted: str


@require_safe
@desk_page(Capability.SEE_LEADS)
def show_board(request: PersonRequest) -> HttpResponse:
    """List the manufacturer's leads as asked for; to a script, the list without what is around."""
    at, person = clock.now(), request.person
    shown = shown_by(request, at=at)
    asked = shown.asked
    place = {name: _lead_in(request, name) for name in ("after", "before")}
    page = read_page(asked.wanted, sorting=asked.sorting, limit=asked.rows, **place)
    leads = _rows(request, asked, page, at=at)
    counts = _counts(asked)
    context = {
        "place": "leads",
        "now": at,
        "is_part": is_partial(request),
        "shown": shown,
        "asked": asked,
        "controls": [asked.form[name] for name in CONTROLS],
        "sortings": SORT_WORDS,
        "row_choices": ROWS,
        "heads": list(_heads(shown, page)),
        "leads": leads,
        "shows_returns": asked.chosen.get("attention") == Attention.RETURNED,
        "found": count_leads(asked.wanted, at_most=COUNTED_AT_MOST),
        "is_sorted_otherwise": page.sorting != asked.sorting,
        **_steps(shown, page),
        "tabs": list(_tabs(shown, counts)),
        "by_link": list(_by_link(shown)),
        "narrowed_by": len(asked.narrowing - {"q"}),
        "is_narrowed": bool(asked.narrowing),
        "is_first_lead": not (leads or asked.narrowing or asked.chosen.keys() & {*TABS}),
        "reset_href": shown.address(without=(*asked.chosen,)),
        "query": asked.query(),
        "back": shown.query(),
        "menu": None
        if is_partial(request)
        else menu_of(shown, person, counted={} if asked.narrowing else counts),
        "deeds": BULK.values() if person.may_dispatch else (),
    }
    response = show(request, "leads/desk/board.html", context, part="board")
    if is_partial(request):
        kept = {name: str(lead_id) for name, lead_id in place.items() if lead_id}
        push_url(response, shown.address(**kept))
    return response


def _rows(request: PersonRequest, asked: Asked, page: Page, *, at: datetime) -> list[Any]:
    actor = request.person.at_desk
    rows = rows_of(leads_visible_to(actor))
    if asked.chosen.get("attention") == Attention.RETURNED:
        rows = with_returns_to_judge(rows)
    leads = rows_in_order(rows, page.ids)
    note_disclosures(leads_with_contact(leads), by=actor, at=at)
    return leads


def _lead_in(request: PersonRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None


def _steps(shown: Shown, page: Page) -> dict[str, str]:
    """Lead to the pages before and behind this one."""
    before = after = ""
    if page.has_previous and page.ids:
        before = shown.address(before=str(page.ids[0]))
    if page.has_next and page.ids:
        after = shown.address(after=str(page.ids[-1]))
    return {"previous_href": before, "next_href": after}


def _heads(shown: Shown, page: Page) -> Iterator[Head]:
    for column in shown.asked.columns:
        if not column.sorting:
            yield Head(column, "", "")
            continue
        is_of_time = column.sorting == "newest"
        is_sorted = page.sorting == column.sorting or (is_of_time and page.sorting == "oldest")
        direction, following = HEADS[page.sorting] if is_sorted else ("none", column.sorting)
        yield Head(column, _sorted_address(shown, following), direction)


def _sorted_address(shown: Shown, sorting: str) -> str:
    return shown.address(without=("sort",), **({} if sorting == "newest" else {"sort": sorting}))


def _counts(asked: Asked) -> dict[tuple[str, str], Count]:
    """Count what each tab would list, whatever tab is chosen now."""
    by_status = count_by_status(asked.wanted_of_all_tabs)
    counts = {("status", status): count for status, count in by_status.items()}
    for group, statuses in GROUPS.items():
        counts["status", group] = _sum(by_status.get(status, NONE) for status in statuses)
    for kind, count in count_waiting(asked.wanted_of_all_tabs).items():
        counts["attention", kind] = count
    counts["attention", "pick_list"] = by_status.get("OPEN", NONE)
    counts["attention", "held"] = by_status.get("HELD", NONE)
    counts["attention", "duplicate"] = by_status.get("DUPLICATE", NONE)
    counts[EVERY_TAB] = _sum(
        count for state, count in by_status.items() if state not in HELD_BECAUSE
    )
    return counts


def _tabs(shown: Shown, counts: Mapping[tuple[str, str], Count]) -> Iterator[Tab]:
    asked = shown.asked
    chosen = [(name, asked.chosen[name]) for name in TABS if name in asked.chosen]
    current = {SAME_TAB.get(tab, tab) for tab in chosen}
    everything = shown.address(without=TABS)
    yield Tab("all", _("All"), everything, counts[EVERY_TAB], not current, waits=False)
    for name, value, label in TAB_WORDS:
        yield Tab(
            key=value.lower().replace("_", "-"),
            label=label,
            href=shown.address(without=TABS, **{name: value}),
            leads=counts.get((name, value), NONE),
            is_current=(name, value) in current,
            waits=name == "attention",
        )


def _sum(counts: Any) -> Count:
    """Add counts up, to the bound of each."""
    counted = list(counts)
    total = sum(count.leads for count in counted)
    is_more = total > COUNTED_IN_A_TAB or any(count.is_more for count in counted)
    return Count(min(total, COUNTED_IN_A_TAB), is_more)


def _by_link(shown: Shown) -> Iterator[dict[str, Any]]:
    """Show what a link or a view brought along, each with the way out of it."""
    for name, label in BY_LINK:
        value = shown.asked.chosen.get(name)
        if value is None:
            continue
        if name == "partner":
            partners = partners_visible_to(shown.asked.actor).filter(id=value)
            value = partners.values_list("name", flat=True).first() or gettext("unknown")
        yield {
            "name": name,
            "sent": shown.asked.data[name],
            "label": label,
            "value": dict(CLOSED_WORDS)[value] if name == "closed" else value,
            "is_instant": isinstance(value, datetime),
            "href": shown.address(without=(name,)),
        }
