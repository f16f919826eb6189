"""What a webhook can be told, in plain words, as somebody chooses it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _, pgettext_lazy

from leadhub.core.channels import webhook as channel
from leads.models import EventType
from leads.webhooks.posts import TEST


class Group(NamedTuple):
    """Event types that are chosen beside each other."""

    title: Any
    types: Mapping[str, Any]


GROUPS: Sequence[Group] = (
    Group(
        _("A lead arrives"),
        {
            EventType.LEAD_RECEIVED: _("A lead came in"),
            EventType.LEAD_HELD: _("It waits for review"),
            EventType.LEAD_RELEASED: _("It was released after review"),
            EventType.LEAD_MERGED: _("It was merged as a duplicate"),
            EventType.LEAD_REJECTED: _("It was rejected"),
        },
    ),
    Group(
        _("It is offered"),
        {
            EventType.WAVE_OPENED: _("A round of offers began"),
            EventType.LEAD_OFFERED: _("A partner was asked"),
            EventType.OFFER_VIEWED: _("A partner opened the offer"),
            EventType.OFFER_ACCEPTED: _("A partner accepted"),
            EventType.OFFER_DECLINED: _("A partner declined"),
            EventType.OFFER_EXPIRED: _("A partner did not answer in time"),
            EventType.OFFER_WITHDRAWN: _("An offer was withdrawn"),
            EventType.OFFER_EXTENDED: _("A deadline was moved"),
        },
    ),
    Group(
        _("It is placed"),
        {
            EventType.LEAD_ASSIGNED: _("Assigned by hand"),
            EventType.LEAD_PICKED: _("Taken from the pick list"),
            EventType.LEAD_UNPLACED: _("Nobody is left to ask"),
            EventType.LEAD_ESCALATED: _("Dispatchers were alarmed"),
            EventType.LEAD_REROUTED: _("Routed again"),
            EventType.LEAD_WITHDRAWN: _("Withdrawn from the network"),
            EventType.LEAD_TAKEN_BACK: _("Taken back from a partner"),
        },
    ),
    Group(
        _("A partner works on it"),
        {
            EventType.CONTACT_ATTEMPTED: _("A partner tried to reach the customer"),
            EventType.CONTACT_MADE: _("A partner reached the customer"),
            EventType.CONTACT_OVERDUE: _("The first call is overdue"),
            EventType.FEEDBACK_GIVEN: _("A partner gave feedback"),
            EventType.FEEDBACK_OVERDUE: _("Feedback is overdue"),
            EventType.LEAD_HANDED_OVER: _("Handed over to a colleague"),
            EventType.STAGE_SET: _("The chance of a sale was estimated"),
            EventType.NOTE_ADDED: _("A note was written"),
            EventType.REMINDER_SET: _("A reminder was set"),
            EventType.REMINDER_DONE: _("What a reminder was for was done"),
            EventType.REMINDER_CANCELLED: _("A reminder was cancelled"),
        },
    ),
    Group(
        _("How it ends"),
        {
            EventType.LEAD_WON: pgettext_lazy("an event", "Won"),
            EventType.LEAD_LOST: pgettext_lazy("an event", "Lost"),
            EventType.LEAD_RETURNED: _("A partner gave it back"),
            EventType.RETURN_CONFIRMED: _("A return was confirmed"),
            EventType.RETURN_REFUSED: _("A return was refused"),
            EventType.LEAD_REOPENED: _("Opened again"),
            EventType.LEAD_ERASED: _("Personal data was erased"),
        },
    ),
)
TYPE_WORDS: Mapping[str, Any] = {
    **{type_: words for group in GROUPS for type_, words in group.types.items()},
    TEST: _("Test"),
}
# What most programs want to know.
USUAL_TYPES: Sequence[str] = (
    EventType.LEAD_RECEIVED,
    EventType.OFFER_ACCEPTED,
    EventType.LEAD_ASSIGNED,
    EventType.LEAD_PICKED,
    EventType.LEAD_UNPLACED,
    EventType.LEAD_RETURNED,
    EventType.LEAD_WON,
    EventType.LEAD_LOST,
    EventType.LEAD_ERASED,
)
PROBLEM_WORDS: Mapping[str, Any] = {
    "": pgettext_lazy("by a program", "Taken"),
    channel.GONE: _("Nobody is there any more"),
    channel.TIMED_OUT: _("No whole answer within 10 seconds"),
    channel.NO_ANSWER: _("No connection, or no answer that could be read"),
    channel.REDIRECTED: _("A redirect, which is not followed"),
    channel.REFUSED: _("Not taken"),
    channel.ADDRESS_REFUSED: _("The address cannot be found on the public internet"),
    channel.BROKEN: _("It could not be sent"),
}


def type_in_words(type_: str) -> str:
    """Say what a message tells of; one without words by its name."""
    return str(TYPE_WORDS.get(type_, type_))


def problem_in_words(problem: str) -> str:
    """Say how an attempt went."""
    return str(PROBLEM_WORDS.get(problem, problem))
