"""What somebody at the desk asks the board for: read, understood, and written back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadhub.core.actors import Actor
from leads.attention import Attention
from leads.columns import Column, columns_in, name_columns
from leads.filters import InstantField
from leads.models.leads import IN_HANDS, HoldReason, LeadStatus, Temperature
from leads.overview import sources_of
from leads.searching import find_leads, words_in
from leads.sifting import USUAL_SORTING
from leads.sources import name_of_source
from leads.wanted import Wanted
from partners.selectors import partners_called, product_lines_visible_to

# Statuses that somebody at the desk looks at together.
GROUPS: Mapping[str, Sequence[str]] = {
    "IN_HANDS": IN_HANDS,
    "ENDED": (LeadStatus.WITHDRAWN, LeadStatus.MERGED, LeadStatus.REJECTED),
}
STANDINGS = [
    *LeadStatus.choices,
    ("IN_HANDS", _("In hands")),
    ("ENDED", _("Withdrawn or rejected")),
]
# What is waited for, as conditions on leads.
WAITING: Mapping[str, Mapping[str, Any]] = {
    Attention.PICK_LIST: {"statuses": (LeadStatus.OPEN,)},
    Attention.OVERDUE_CONTACT: {"waits_for": "overdue_contact"},
    Attention.FEEDBACK: {"waits_for": "feedback"},
    Attention.HELD: {"statuses": (LeadStatus.HELD,)},
    Attention.DUPLICATE: {
        "statuses": (LeadStatus.HELD,), "hold_reason": HoldReason.DUPLICATE
    },
    Attention.RETURNED: {"waits_for": "returned"},
}  # fmt: skip
# So many days back, today included.
PERIODS: Mapping[str, int] = {"today": 1, "week": 7, "month": 30, "quarter": 90}
PERIOD_WORDS = [
    ("today", _("Today")),
    ("week", _("The last 7 days")),
    ("month", _("The last 30 days")),
    ("quarter", _("The last 90 days")),
]
CLOSED_WORDS = [("this_month", _("This month")), ("last_month", _("Last month"))]
SORT_WORDS = [
    ("newest", _("Newest first")),
    ("oldest", _("Oldest first")),
    ("deadline", _("Next deadline first")),
    ("value", _("Highest value first")),
    ("town", _("By town")),
]
ROWS_A_PAGE = 25
ROWS = (ROWS_A_PAGE, 50, 100, 200)
# Who is called alike beyond these is left out, and that is said.
PARTNERS_AT_MOST = 50
# What the tabs above the list choose; everything else narrows what the tabs count.
TABS = ("status", "attention")
# What is no condition on leads.
SHOWN_BY = ("sort", "rows", "columns")


class BoardForm(forms.Form):
    """What may be asked for; what nobody understands narrows nothing."""

    status = forms.ChoiceField(choices=STANDINGS, required=False)
    attention = forms.ChoiceField(choices=Attention.choices, required=False)
    product_line = forms.ChoiceField(label=_("Product line"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)
    temperature = forms.ChoiceField(
        label=_("Temperature"), required=False, choices=[("", _("All")), *Temperature.choices]
    )
    period = forms.ChoiceField(
        label=_("Received"), required=False, choices=[("", _("At any time")), *PERIOD_WORDS]
    )
    partner_name = forms.CharField(
        label=_("Partner"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"placeholder": _("Any partner"), "autocomplete": "off"}),
    )
    closed = forms.ChoiceField(choices=CLOSED_WORDS, required=False)
    partner = forms.UUIDField(required=False)
    received_after = InstantField(required=False)
    received_before = InstantField(required=False)
    postal_code = forms.CharField(required=False, max_length=12)
    external_id = forms.CharField(required=False, max_length=120)
    q = forms.CharField(label=_("Search"), required=False, max_length=120)
    sort = forms.ChoiceField(label=_("Sort by"), required=False, choices=SORT_WORDS)
    rows = forms.TypedChoiceField(
        label=_("Rows"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[(number, number) for number in ROWS],
    )
    columns = forms.CharField(required=False, max_length=400)


class Line(NamedTuple):
    """A product line that may be asked for."""

    id: UUID
    code: str
    name: str


class Asked:
    """What was asked for and understood.

    :ivar data: as it was sent: name -> text.
    :ivar is_cut: more leads were found by the words than are looked through.
    :ivar are_partners_cut: more partners are called like this than are meant.
    """

    def __init__(
        self,
        data: Mapping[str, str],
        *,
        actor: Actor,
        at: datetime,
        lines: Sequence[Line],
        sources: Sequence[str],
    ) -> None:
        """Offer the manufacturer's own product lines and sources."""
        self.data, self.actor, self.at = data, actor, at
        self.lines, self.sources = lines, sources
        self.is_cut = self.are_partners_cut = False
        self.form = BoardForm(data)
        lines_offered = [(line.code, line.name) for line in lines]
        sources_offered = [(source, name_of_source(source)) for source in sources]
        for name, offered in (("product_line", lines_offered), ("source", sources_offered)):
            self.form.fields[name].choices = [("", _("All")), *offered]  # type: ignore[attr-defined]

    def instead(self, data: Mapping[str, str]) -> "Asked":
        """Ask for something else of the same manufacturer."""
        return Asked(data, actor=self.actor, at=self.at, lines=self.lines, sources=self.sources)

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """Tell what was asked for and understood."""
        self.form.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    @property
    def sorting(self) -> str:
        """Tell in which order leads are listed."""
        return str(self.chosen.get("sort", USUAL_SORTING))

    @property
    def rows(self) -> int:
        """Tell how many leads a page lists."""
        return int(self.chosen.get("rows", ROWS_A_PAGE))

    @cached_property
    def columns(self) -> list[Column]:
        """List the columns that are shown."""
        return columns_in(self.chosen.get("columns", ""))

    @property
    def narrowing(self) -> set[str]:
        """Name what narrows the list, but for the tabs."""
        return set(self.chosen) - {*TABS, *SHOWN_BY}

    @cached_property
    def wanted_of_all_tabs(self) -> Wanted:
        """Say which leads are wanted, whatever tab is chosen."""
        chosen = self.chosen
        lines = {line.code: line.id for line in self.lines}
        return Wanted(
            manufacturer_id=self.actor.manufacturer_id,
            at=self.at,
            source=chosen.get("source", ""),
            temperature=chosen.get("temperature", ""),
            product_line=lines.get(chosen.get("product_line", "")),
            received_from=self._received_from(),
            received_before=chosen.get("received_before"),
            postal_code=chosen.get("postal_code", ""),
            external_id=chosen.get("external_id", ""),
            partners=self._partners(),
            found=self._found(),
            **self._closed(),
        )

    @cached_property
    def wanted(self) -> Wanted:
        """Say which leads are wanted."""
        told: dict[str, Any] = dict(WAITING.get(self.chosen.get("attention", ""), {}))
        status = self.chosen.get("status")
        if status:
            statuses = GROUPS.get(status, [status])
            told["statuses"] = tuple(set(statuses) & set(told.get("statuses", statuses)))
        return replace(self.wanted_of_all_tabs, **told)

    def query(self, *, without: Sequence[str] = (), **changes: str) -> str:
        """Write what was asked for and understood, so that an address shows the same again."""
        left_out = {*without, *(name for name, is_usual in self._usual.items() if is_usual)}
        kept = {name: self.data[name] for name in self.chosen if name not in left_out}
        return urlencode({**kept, **changes})

    @property
    def kept(self) -> dict[str, str]:
        """Give what a view keeps of it: conditions, order and columns, in no order of their own."""
        usual = [name for name, is_usual in self._usual.items() if is_usual]
        return {name: self.data[name] for name in sorted(self.chosen) if name not in usual}

    @property
    def _usual(self) -> dict[str, bool]:
        """Tell what goes without saying."""
        codes = (column.code for column in self.columns)
        return {
            "sort": self.sorting == USUAL_SORTING,
            "rows": self.rows == ROWS_A_PAGE,
            "columns": not name_columns(codes),
        }

    def _received_from(self) -> datetime | None:
        """Begin with the day so many days ago, as days begin where the manufacturer is."""
        named: datetime | None = self.chosen.get("received_after")
        period = self.chosen.get("period")
        if period is None:
            return named
        since = _midnight(self.at) - timedelta(days=PERIODS[period] - 1)
        return since if named is None else max(since, named)

    def _closed(self) -> dict[str, Any]:
        """Tell from when until when leads were won or lost."""
        closed = self.chosen.get("closed")
        if closed is None:
            return {}
        first = _midnight(self.at).replace(day=1)
        if closed == "this_month":
            return {"closed_from": first, "closed_before": _month_after(first)}
        last = _midnight(first - timedelta(days=1)).replace(day=1)
        return {"closed_from": last, "closed_before": first}

    def _partners(self) -> tuple[UUID, ...] | None:
        named: UUID | None = self.chosen.get("partner")
        text = self.chosen.get("partner_name")
        if text is None:
            return None if named is None else (named,)
        found = partners_called(text, actor=self.actor, at_most=PARTNERS_AT_MOST + 1)
        self.are_partners_cut = len(found) > PARTNERS_AT_MOST
        return tuple(one for one in found[:PARTNERS_AT_MOST] if named is None or one == named)

    def _found(self) -> str | None:
        words = words_in(self.chosen.get("q", ""))
        if not words:
            return None
        found = find_leads(words)
        self.is_cut = found.is_cut
        return found.ids


def ask(data: Mapping[str, str], *, actor: Actor, at: datetime) -> Asked:
    """Read what is asked for, and what may be asked for among a manufacturer's leads.

    :param data: as it was sent: name -> text.
    """
    found = product_lines_visible_to(actor).order_by("name", "code")
    lines = [Line(*row) for row in found.values_list("id", "code", "name")]
    return Asked(data, actor=actor, at=at, lines=lines, sources=sources_of(actor))


def _midnight(at: datetime) -> datetime:
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


def _month_after(first: datetime) -> datetime:
    return _midnight(first + timedelta(days=32)).replace(day=1)
