"""What somebody asks the cockpit for, read from the address and written back into one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _

from kpis.cockpit_forms import CockpitForm
from kpis.periods import Period
from kpis.selectors import Filters
from leadhub.core.actors import Actor
from leadhub.core.regions import region_name
from leadhub.core.templatetags.shown import day
from leads.overview import regions_of, sources_of
from leads.sources import name_of_source
from partners.selectors import partners_visible_to, product_lines_visible_to

DAYS: Mapping[str, int] = {"30": 30, "90": 90, "365": 365}
PERIODS: Mapping[str, Promise] = {"30": _("30 days"), "90": _("90 days"), "365": _("12 months")}
USUAL = "30"
OF_LEADS = ("product_line", "region", "source", "partner")
OF_DAYS = ("since", "until")
# In a larger network a partner comes with a link, for nobody looks through so long a list.
PARTNERS_AT_MOST = 400
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Narrowed:
    """One filter that is set, and the address without it."""

    label: str
    value: str
    href: str


class Asked:
    """A period and filters, as they were understood.

    :ivar chosen: one of ``PERIODS``, or empty for days of one's own.
    :ivar form: with what was not understood at its fields.
    :ivar beside: what else the address of this page asks for, by name.
    """

    def __init__(
        self, sent: QueryDict, *, actor: Actor, at: datetime, beside: Mapping[str, str] = NOTHING
    ) -> None:
        self.actor, self.today = actor, timezone.localdate(at)
        self._sent, self.beside = sent, beside
        self.form = CockpitForm(sent, today=self.today, **self._choices)
        self.form.is_valid()
        understood = self.form.cleaned_data
        self._kept = {name: str(understood[name]) for name in OF_LEADS if understood.get(name)}
        self._days = {
            name: f"{understood[name]:%Y-%m-%d}"
            for name in OF_DAYS
            if understood.get("since") and understood.get(name)
        }
        wanted = sent.get("period", USUAL)
        self.chosen = "" if self._days else wanted if wanted in PERIODS else USUAL

    @property
    def is_understood(self) -> bool:
        """Tell whether all of it was."""
        return not self.form.errors and not self.is_unknown_period

    @property
    def is_unknown_period(self) -> bool:
        """Tell whether a period was asked for that there is not."""
        return self._sent.get("period", USUAL) not in PERIODS

    @property
    def period(self) -> Period:
        """The days asked for."""
        if self.chosen:
            first = self.today - timedelta(days=DAYS[self.chosen] - 1)
            return Period(first, self.today + timedelta(days=1))
        first = date.fromisoformat(self._days["since"])
        last = date.fromisoformat(self._days["until"]) if "until" in self._days else self.today
        return Period(first, last + timedelta(days=1))

    @property
    def last_day(self) -> date:
        """The last day of the period."""
        return self.period.ends - timedelta(days=1)

    @property
    def filters(self) -> Filters:
        """Which leads are counted."""
        partner = self._kept.get("partner")
        return Filters(
            partner_id=UUID(partner) if partner else None,
            product_line=self._kept.get("product_line"),
            region=self._kept.get("region"),
            source=self._kept.get("source"),
        )

    @property
    def periods(self) -> list[tuple[str, Promise, str]]:
        """List the usual periods: code, words and the address that asks for it."""
        return [
            (code, words, self.address(without=OF_DAYS, period=code))
            for code, words in PERIODS.items()
        ]

    @property
    def narrowed(self) -> list[Narrowed]:
        """List what is left out, each with the way back."""
        found = [
            Narrowed(
                str(self.form.fields[name].label),
                dict(self._choices[name])[value],
                self.address(without=(name,)),
            )
            for name, value in self._kept.items()
        ]
        if self._days:
            days = f"{day(self.period.starts)} \N{EN DASH} {day(self.last_day)}"
            found.append(Narrowed(gettext("Days"), days, self.address(without=OF_DAYS)))
        return found

    @property
    def query(self) -> str:
        """Write all of it as it stands in the address of any screen."""
        return self.address(without=tuple(self.beside))[1:]

    def address(self, *, without: tuple[str, ...] = (), **changes: str) -> str:
        """Write an address of the same page that asks for something else."""
        period = {"period": self.chosen} if self.chosen else {}
        asked = {**period, **self._days, **self._kept, **self.beside}
        kept = {name: value for name, value in asked.items() if name not in without}
        return f"?{urlencode({**kept, **changes})}"

    def leads_behind(self, of: str, **changes: str) -> str:
        """Write the address of the leads behind a number.

        :param changes: filters that the number was counted with, besides those asked for.
        """
        query = self.address(without=tuple(self.beside), **changes, of=of)
        return f"{reverse('desk-cockpit-leads')}{query}"

    @cached_property
    def partners(self) -> dict[UUID, str]:
        """Name the partners of the network by their ids."""
        found = partners_visible_to(self.actor).order_by("name", "id")
        return dict(found.values_list("id", "name"))

    @cached_property
    def lines(self) -> dict[str, str]:
        """Name the product lines of the network by their codes."""
        found = product_lines_visible_to(self.actor).order_by("name", "code")
        return dict(found.values_list("code", "name"))

    @cached_property
    def _choices(self) -> dict[str, list[tuple[str, str]]]:
        regions = [(code, region_name(code)) for code in regions_of(self.actor)]
        sources = [(code, name_of_source(code)) for code in sources_of(self.actor)]
        partners = [(str(key), name) for key, name in self.partners.items()]
        wanted = self._sent.get("partner", "")
        if len(partners) > PARTNERS_AT_MOST:
            partners = [one for one in partners if one[0] == wanted]
        return {
            "product_line": list(self.lines.items()),
            "region": sorted(regions, key=lambda one: one[1]),
            "source": sorted(sources, key=lambda one: one[1]),
            "partner": partners,
        }


def frame_of(asked: Asked, *, screen: str, at: datetime) -> dict[str, Any]:
    """Gather what every screen of the cockpit shows around its figures."""
    return {"place": "cockpit", "screen": screen, "asked": asked, "at": at}
