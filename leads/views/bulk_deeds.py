"""What may be done to many leads at once: the same calls as for one, made for each by itself."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext, gettext_lazy as _, gettext_noop, pgettext_lazy

from leadhub.core.errors import StateConflict
from leads.bulk_forms import ManyAssignForm, ManyCloseForm, ManyExtendForm, ManyReleaseForm
from leads.dispatch import extend_wave, release_lead
from leads.views.deeds import ACTIONS, Order, what_became_of


class PlaceUnknown(StateConflict):
    """A lead whose place nobody knows is released by itself, or knowingly."""

    code = "place_unknown"
    message = gettext_noop(
        "Nobody knows where its postal code is. Correct it on the page of the lead."
    )


class BulkAction(NamedTuple):
    """Something that may be done to many leads.

    :ivar verb: as the one for a single lead is called, whose rules hold.
    :ivar warning: what is to be known before.
    :ivar is_grave: it cannot be taken back.
    :ivar do: does it to one lead, and says in a sentence what came of it.
    """

    verb: str
    label: Any
    warning: Any
    form: type[forms.Form]
    do: Callable[[Order], str]
    is_grave: bool = False

    @property
    def icon(self) -> str:
        """Name its icon."""
        return ACTIONS[self.verb].icon


def _as_for_one(verb: str) -> Callable[[Order], str]:
    return ACTIONS[verb].do


def _extend(order: Order) -> str:
    lead, more = order.lead, order.given["seconds"]
    until = max(lead.respond_by or order.at, order.at) + more
    extend_wave(**order.how, respond_by=until)
    return gettext("Partners have more time to answer.")


def _release(order: Order) -> str:
    if order.lead.hold_reason == "UNKNOWN_POSTAL_CODE" and not order.given["as_it_is"]:
        raise PlaceUnknown
    return what_became_of(release_lead(**order.how), order.by)


BULK: Mapping[str, BulkAction] = {
    action.verb: action
    for action in (
        BulkAction(
            "assign",
            _("Assign"),
            _("The partner has the leads at once, whatever the policy says."),
            ManyAssignForm,
            _as_for_one("assign"),
        ),
        BulkAction(
            "reroute",
            _("Re-route"),
            _("Leads in hands are taken back. The waves begin anew by the policy that holds now."),
            forms.Form,
            _as_for_one("reroute"),
        ),
        BulkAction(
            "extend",
            _("More time"),
            _("The deadline is moved for every partner of the waves that are open."),
            ManyExtendForm,
            _extend,
        ),
        BulkAction(
            "release",
            _("Release"),
            _("The leads are offered to the partners that fit best, as if they had just come in."),
            ManyReleaseForm,
            _release,
        ),
        BulkAction(
            "close",
            pgettext_lazy("a lead", "Close"),
            _("You close the leads for their partners. In the figures this is no feedback."),
            ManyCloseForm,
            _as_for_one("close"),
        ),
        BulkAction(
            "withdraw",
            _("Withdraw"),
            _("The leads are taken off the network for good, and nobody is asked any more."),
            forms.Form,
            _as_for_one("withdraw"),
            is_grave=True,
        ),
        BulkAction(
            "reject",
            _("Reject"),
            _("The leads go to nobody. This cannot be undone."),
            forms.Form,
            _as_for_one("reject"),
            is_grave=True,
        ),
    )
}
