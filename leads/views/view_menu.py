"""Which view the board shows, and the menu of those that there are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from leads.asking import Asked, BoardForm, ask
from leads.models import SavedView
from leads.saved_views import (
    BUILT_IN,
    EVERYTHING,
    NOT_KEPT,
    BuiltIn,
    opening_view_of,
    view_of_address,
    views_visible_to,
)
from leads.sifting import COUNTED_IN_A_TAB, Count, count_leads
from partners.decorators import PersonRequest
from partners.people import LoggedInPerson
from partners.roles import Capability

# What people may ask for, by its name in the address.
ASKED_FOR = frozenset(BoardForm.base_fields)


class Shown:
    """What the board shows: what was asked for, and the view that it began with.

    :ivar view: ``None`` if no view was named.
    :ivar opening: the code of the view with which the board opens for the person.
    """

    def __init__(
        self, asked: Asked, *, view: BuiltIn | SavedView | None, opening: str, may_share: bool
    ) -> None:
        self.asked, self.view, self.opening, self.may_share = asked, view, opening, may_share

    @property
    def code(self) -> str:
        """Name the view in addresses; nothing if none was named."""
        return code_of(self.view) if self.view else ""

    @property
    def is_named(self) -> bool:
        """Tell whether there is anything to say about a view."""
        return self.view is not None and {self.code, self.opening} != {EVERYTHING}

    @property
    def saved(self) -> SavedView | None:
        """Give the view if somebody saved it."""
        return self.view if isinstance(self.view, SavedView) else None

    @property
    def may_change(self) -> bool:
        """Tell whether the person may replace, rename and remove the view."""
        return self.saved is not None and (self.may_share or not self.saved.is_shared)

    @cached_property
    def is_changed(self) -> bool:
        """Tell whether something else is shown than the view says."""
        if self.view is None:
            return False
        kept = {name: text for name, text in self.asked.kept.items() if name not in NOT_KEPT}
        return kept != self.asked.instead(self.view.asked).kept

    def address(self, *, without: Sequence[str] = (), **changes: str) -> str:
        """Write the address that shows this again, but for what is changed of it."""
        query = self.query(without=without, **changes)
        return reverse("desk-leads") + (f"?{query}" if query else "")

    def query(self, *, without: Sequence[str] = (), **changes: str) -> str:
        """Write what stands in that address.

        Where nothing is asked for, the view of all leads is named if another would open.
        """
        asked = self.asked.query(without=without, **changes)
        if asked:
            code = "" if self.code == EVERYTHING else self.code
        else:
            code = "" if self.opening == EVERYTHING else EVERYTHING
        return "&".join(filter(None, (asked, code and urlencode({"view": code}))))


class Choice(NamedTuple):
    """A view in the menu.

    :ivar leads: how many it lists, of one that lists what waits for somebody.
    """

    code: str
    name: Any
    icon: str
    href: str
    leads: Count | None
    is_current: bool
    is_opening: bool


class Menu(NamedTuple):
    """The views that there are for somebody."""

    built_in: Sequence[Choice]
    own: Sequence[Choice]
    shared: Sequence[Choice]


def code_of(view: BuiltIn | SavedView) -> str:
    """Name a view in addresses."""
    return view.code if isinstance(view, BuiltIn) else str(view.id)


def data_in(sent: QueryDict) -> dict[str, str]:
    """Read what was sent of what may be asked for; columns may be sent one by one."""
    return {
        name: ",".join(map(str, sent.getlist(name))) if name == "columns" else str(sent[name])
        for name in sent
        if name in ASKED_FOR
    }


def shown_by(request: PersonRequest, *, at: datetime) -> Shown:
    """Read what the board is to show.

    An address that names nothing but a view means the view as it is now; one that names nothing at
    all means that with which the board opens for the person.
    """
    actor, data = request.person.at_desk, data_in(request.GET)
    opening = opening_view_of(actor)
    named = request.GET.get("view", "")
    view = view_of_address(named or ("" if data else opening), actor=actor)
    if view is not None and not data:
        data = dict(view.asked)
    return Shown(
        ask(data, actor=actor, at=at),
        view=view,
        opening=opening,
        may_share=request.person.may_at_desk(Capability.SHARE_VIEWS),
    )


def menu_of(
    shown: Shown, person: LoggedInPerson, *, counted: Mapping[tuple[str, str], Count]
) -> Menu:
    """List the views that a person may choose.

    :param counted: how many leads there are by what is asked for, as far as that is known: its
        name and value in the address -> their count.
    """
    views = list(views_visible_to(person.at_desk))
    return Menu(
        built_in=[
            _choice(shown, view, view.icon, _count(shown, view, counted))
            for view in BUILT_IN.values()
        ],
        own=[_choice(shown, view, "bookmark") for view in views if not view.is_shared],
        shared=[_choice(shown, view, "users") for view in views if view.is_shared],
    )


def _choice(
    shown: Shown, view: BuiltIn | SavedView, icon: str, leads: Count | None = None
) -> Choice:
    code = code_of(view)
    is_bare = code == EVERYTHING == shown.opening
    return Choice(
        code=code,
        name=view.name,
        icon=icon,
        href=reverse("desk-leads") + ("" if is_bare else f"?{urlencode({'view': code})}"),
        leads=leads,
        is_current=code == (shown.code or ("" if shown.asked.query() else EVERYTHING)),
        is_opening=code == shown.opening,
    )


def _count(shown: Shown, view: BuiltIn, counted: Mapping[tuple[str, str], Count]) -> Count | None:
    waits = "attention", view.asked.get("attention", "")
    if not waits[1] or waits in counted:
        return counted.get(waits)
    return count_leads(shown.asked.instead(view.asked).wanted, at_most=COUNTED_IN_A_TAB)
