"""What may be done to a lead by hand: each with its words, its form, and the one call it makes."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import (
    gettext,
    gettext_lazy as _,
    gettext_noop,
    ngettext,
    pgettext_lazy,
)

from leadhub.core.actors import Actor
from leadhub.core.errors import StateConflict
from leads.action_forms import (
    AssignForm,
    CloseForm,
    EraseForm,
    ExtendForm,
    MergeForm,
    ReleaseForm,
    UnmovedForm,
    VerdictForm,
)
from leads.dispatch import (
    assign_lead,
    extend_wave,
    judge_return,
    partner_to_assign,
    reject_lead,
    release_lead,
    reroute_lead,
    withdraw_lead,
)
from leads.dossier import read_dossier
from leads.erasure import erase_lead
from leads.feedback import close_lead, reopen_lead
from leads.locks import lock_lead
from leads.merging import merge_lead
from leads.selectors import offers_of_lead


class MovedOn(StateConflict):
    """Something else became of the lead since its page was made."""

    code = "lead_moved_on"
    message = gettext_noop(
        "This lead has moved on since you opened the page. Here it is as of now."
    )


class Order(NamedTuple):
    """What a dispatcher wants done.

    :ivar form: what was sent, found valid.
    """

    lead: Any
    form: Any
    by: Actor
    at: datetime

    @property
    def given(self) -> dict[str, Any]:
        """What the form holds."""
        cleaned: dict[str, Any] = self.form.cleaned_data
        return cleaned

    @property
    def how(self) -> dict[str, Any]:
        """Which lead, by whom and when, as every call of the domain asks."""
        return {"lead": self.lead, "by": self.by, "at": self.at}


class Action(NamedTuple):
    """Something that may be done by hand.

    :ivar do: does it, and says in a sentence what came of it.
    """

    verb: str
    label: Any
    icon: str
    form: type[forms.Form]
    do: Callable[[Order], str]

    @property
    def template(self) -> str:
        """Name the template of its form."""
        return f"leads/desk/forms/{self.verb}.html"

    def carry_out(self, order: Order) -> str:
        """Do it to the lead as it was seen: a form made for an earlier wave does nothing.

        :raises MovedOn: if another wave was opened since.
        """
        if isinstance(order.form, UnmovedForm):
            _refuse_moved(order)
        return self.do(order)


def _release(order: Order) -> str:
    lead = release_lead(**order.how, correction=order.form.correction())
    return what_became_of(lead, order.by)


def _reject(order: Order) -> str:
    reject_lead(**order.how)
    return gettext("The lead was rejected.")


def _merge(order: Order) -> str:
    merge_lead(**order.how, into_id=order.given["into"])
    return gettext("The lead was merged: the other one goes on for both.")


def _extend(order: Order) -> str:
    deadline = order.given["respond_by"]
    if lock_lead(order.lead.id).respond_by != deadline:
        extend_wave(**order.how, respond_by=deadline)
    return gettext("Partners have more time to answer.")


def _assign(order: Order) -> str:
    partner = partner_to_assign(
        partner_id=order.given["partner"], manufacturer_id=order.by.manufacturer_id
    )
    assign_lead(**order.how, partner=partner)
    return gettext("%(partner)s has the lead now.") % {"partner": partner.name}


def _reroute(order: Order) -> str:
    return what_became_of(reroute_lead(**order.how), order.by)


def _withdraw(order: Order) -> str:
    withdraw_lead(**order.how)
    return gettext("The lead was withdrawn from the network.")


def _close(order: Order) -> str:
    close_lead(**order.how, **order.given)
    return gettext("The lead is closed.")


def _reopen(order: Order) -> str:
    reopen_lead(**order.how)
    return gettext("The lead is in progress again.")


def _erase(order: Order) -> str:
    erase_lead(**order.how)
    return gettext("The customer's personal data was erased.")


def _judge(order: Order) -> str:
    _refuse_other_return(order)
    is_at_fault = order.given["lead_at_fault"]
    judge_return(**order.how, is_lead_at_fault=is_at_fault)
    if is_at_fault:
        return gettext("Noted: the lead was at fault. The return does not count against anybody.")
    return gettext("Noted: the lead was fine. The return counts against the partner.")


ACTIONS: Mapping[str, Action] = {
    action.verb: action
    for action in (
        Action("release", _("Release"), "circle-check", ReleaseForm, _release),
        Action("merge", _("Merge"), "merge", MergeForm, _merge),
        Action("reject", _("Reject"), "circle-x", forms.Form, _reject),
        Action("extend", _("More time"), "timer-reset", ExtendForm, _extend),
        Action("assign", _("Assign"), "user-round-check", AssignForm, _assign),
        Action("reroute", _("Re-route"), "route", UnmovedForm, _reroute),
        Action("withdraw", _("Withdraw"), "ban", UnmovedForm, _withdraw),
        Action("close", pgettext_lazy("a lead", "Close"), "flag", CloseForm, _close),
        Action("reopen", _("Reopen"), "rotate-ccw", forms.Form, _reopen),
        Action("return-verdict", _("Judge the return"), "scale", VerdictForm, _judge),
        Action("erase", _("Erase personal data"), "eraser", EraseForm, _erase),
    )
}


# Status -> what may be done by hand, the likeliest first.
POSSIBLE: Mapping[str, tuple[str, ...]] = {
    "HELD": ("merge", "release", "reject"),
    "OFFERED": ("extend", "assign", "reroute", "withdraw"),
    "OPEN": ("assign", "reroute", "withdraw"),
    "ACCEPTED": ("close", "reroute"),
    "CONTACTED": ("close", "reroute"),
    "IN_PROGRESS": ("close", "reroute"),
    "WON": ("reopen",),
    "LOST": ("reopen",),
}
# What of it may still be done when the customer's personal data was erased.
POSSIBLE_WITHOUT_CONTACT = ("close",)


def verbs_possible(lead: Any) -> list[str]:
    """List what may be done by hand to a lead as it stands, the likeliest first."""
    possible = list(POSSIBLE.get(lead.status, ()))
    if lead.is_imported and "reroute" in possible:
        possible.remove("reroute")
    if lead.hold_reason == "UNKNOWN_POSTAL_CODE":
        possible.remove("merge")
    if lead.erased_at is not None:
        possible = [verb for verb in possible if verb in POSSIBLE_WITHOUT_CONTACT]
    return possible


def what_became_of(lead: Any, actor: Actor) -> str:
    """Say in a sentence where routing has brought a lead."""
    if lead.status == "OFFERED":
        asked = offers_of_lead(actor, lead=lead).filter(wave=lead.wave).count()
        return ngettext(
            "The lead is on offer to %(count)s partner.",
            "The lead is on offer to %(count)s partners.",
            asked,
        ) % {"count": asked}
    if lead.status == "HELD":
        return gettext("The lead is held for review: %(reason)s.") % {
            "reason": lead.get_hold_reason_display()
        }
    return gettext("No partner fits right now: the lead is on the pick list.")


def _refuse_moved(order: Order) -> None:
    """Refuse what was meant for an earlier wave; it may have been done already."""
    if lock_lead(order.lead.id).wave != order.given["wave"]:
        raise MovedOn


def _refuse_other_return(order: Order) -> None:
    """Refuse a verdict on a return that was judged since, differently or by the same form."""
    lock_lead(order.lead.id)
    waiting = read_dossier(order.lead.id, actor=order.by).return_to_judge
    if waiting is None or waiting.id != order.given["assignment"]:
        raise MovedOn
