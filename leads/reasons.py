"""Why a partner was asked or not, in the reader's language: score terms and gates, with figures.

Everything that is said of a gate stands in one row of ``GATES``: its name and its sign on a map
for the dispatcher, and for the partner what kept a lead away and what would have changed it. For
programs ``leads.explanations`` says why in English.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext, gettext_lazy as _, ngettext, pgettext_lazy

from leadhub.core.templatetags.shown import day, km
from leads.matching import ABSENT, UNREACHABLE, WAVE, Gate
from leads.missed_leads import Change


@dataclass(frozen=True, slots=True)
class TermWords:
    """What is said of a term of the score.

    :ivar name: the head of its column.
    :ivar meaning: what a high value says of a partner.
    """

    name: Any
    meaning: Any


@dataclass(frozen=True, slots=True)
class GateWords:
    """What is said of a gate.

    :ivar name: what keeps a partner out, for the dispatcher.
    :ivar to_partner: the same, for the partner itself.
    :ivar change: what would have opened it, for the partner; with figures see ``change_in_words``.
    :ivar shape: its sign on the map, of ``leadhub.core.maps``.
    """

    name: Any
    to_partner: Any
    change: Any
    shape: str


TERMS: Mapping[str, TermWords] = {
    "proximity": TermWords(_("Nearness"), _("close to the customer")),
    "performance": TermWords(_("Performance"), _("converts, answers and reports well")),
    "load": TermWords(_("Capacity"), _("has few leads in hand")),
    "rotation": TermWords(
        pgettext_lazy("time since the last offer", "Rest"), _("was not asked for long")
    ),
    "tier": TermWords(_("Preference"), _("preferred by the manufacturer")),
    "certification": TermWords(_("Qualification"), _("qualified above what is required")),
}
GATES: Mapping[str, GateWords] = {
    "inactive": GateWords(
        _("Not taking part"),
        _("You were paused or absent, or nobody could be told"),
        _("Taking part without a pause, with somebody who can be told"),
        "bar",
    ),
    "outside_area": GateWords(
        _("Outside the service area"),
        _("Outside your service area"),
        _("A wider service area"),
        "diamond",
    ),
    "outside_round": GateWords(
        _("Beyond the wave's own radius"),
        _("In your service area, but nearer partners were asked first"),
        _("Nothing of yours: the manufacturer asks the nearest first"),
        "ring",
    ),
    "not_in_portfolio": GateWords(
        _("Does not sell what is asked for"),
        _("Product lines that you do not sell"),
        _("A portfolio with every product line asked for"),
        "square",
    ),
    "not_certified": GateWords(
        _("Not certified for it"),
        _("You lacked the certificate required"),
        _("The certificate required"),
        "triangle",
    ),
    "at_capacity": GateWords(
        _("No capacity"),
        _("You had as many leads or offers as you wanted at most"),
        _("A higher limit"),
        "hourglass",
    ),
    "feedback_overdue": GateWords(
        _("Feedback overdue"),
        _("Your feedback was overdue"),
        _("Feedback given in time"),
        "wedge",
    ),
    "already_asked": GateWords(
        _("Already asked about this lead"),
        _("You had been asked before and declined, gave it back or did not answer"),
        _("Answering: a lead is not offered to you twice"),
        "hexagon",
    ),
    "conflict": GateWords(
        _("On the exclusion list"),
        _("The customer or the source is on your exclusion list"),
        _("Without the entry on the exclusion list"),
        "saltire",
    ),
}
ANOTHER = GateWords(_("Another reason"), _("Another reason"), _("Another reason"), "plus")
SPANS: Mapping[str, Any] = {
    "open": _("%(used)s leads in hand, %(cap)s at most"),
    "today": _("%(used)s offers today, %(cap)s at most"),
    "this week": _("%(used)s offers this week, %(cap)s at most"),
    "this month": _("%(used)s offers this month, %(cap)s at most"),
}
HIGHER_CAPS: Mapping[str, Any] = {
    "open": _("More than %(cap)s leads in hand at a time"),
    "today": _("More than %(cap)s offers a day"),
    "this week": _("More than %(cap)s offers a week"),
    "this month": _("More than %(cap)s offers a month"),
}
CONFLICTS: Mapping[str, Any] = {
    "source": _("Leads of this source are on its exclusion list"),
    "email": _("The customer is on its exclusion list"),
    "email_domain": _("The customer's e-mail domain is on its exclusion list"),
    "company": _("The customer's company is on its exclusion list"),
}
NO_LEVEL = pgettext_lazy("certification", "none")


def words_of_term(code: str) -> TermWords:
    """Find what is said of a term; an old wave may know one that is no more."""
    return TERMS.get(code) or TermWords(code, "")


def words_of_gate(code: str) -> GateWords:
    """Find what is said of a gate."""
    return GATES.get(code, ANOTHER)


def name_of_gate(code: str) -> str:
    """Name what keeps a partner from being asked."""
    return str(words_of_gate(code).name)


def reasons_in_words(gates: Iterable[Gate], *, level_names: Mapping[int, str]) -> Sequence[str]:
    """Say for every gate that a partner failed why, with the figures that decided."""
    return [_DESCRIBE.get(gate.code, _named)(gate, level_names) for gate in gates]


def _outside_area(gate: Gate, level_names: Mapping[int, str]) -> str:
    if gate.measure is None:
        return gettext("The lead's place is unknown, and no postal code or region covers it")
    distance = km(float(gate.measure))
    if gate.limit is None:
        return gettext("%(distance)s away, and no postal code or region covers the lead") % {
            "distance": distance
        }
    if gate.limit_of == WAVE:
        return gettext("%(distance)s away, the wave reached %(limit)s") % {
            "distance": distance,
            "limit": km(float(gate.limit)),
        }
    return gettext("%(distance)s away, works within %(limit)s") % {
        "distance": distance,
        "limit": km(float(gate.limit)),
    }


def _not_certified(gate: Gate, level_names: Mapping[int, str]) -> str:
    return gettext("Certification: %(held)s, required: %(required)s") % {
        "held": _level(gate.measure, level_names),
        "required": _level(gate.limit, level_names),
    }


def _level(rank: float | str | None, level_names: Mapping[int, str]) -> str:
    return str(NO_LEVEL) if rank is None else level_names.get(int(rank), str(rank))


def _at_capacity(gate: Gate, level_names: Mapping[int, str]) -> str:
    used, _space, span = str(gate.measure).partition(" ")
    sentence = SPANS.get(span)
    return str(sentence % {"used": used, "cap": gate.limit}) if sentence else _named(gate, {})


def _inactive(gate: Gate, level_names: Mapping[int, str]) -> str:
    if gate.measure == ABSENT:
        return gettext("Absent until %(day)s") % {"day": day(date.fromisoformat(str(gate.limit)))}
    if gate.measure == UNREACHABLE:
        return gettext("Nobody to tell: no person and no e-mail address")
    return gettext("Paused, or has left the network")


def _feedback_overdue(gate: Gate, level_names: Mapping[int, str]) -> str:
    if gate.measure is None:
        return _named(gate, {})
    return gettext("Feedback overdue on %(count)s leads, %(allowed)s allowed") % {
        "count": gate.measure,
        "allowed": gate.limit,
    }


def _conflict(gate: Gate, level_names: Mapping[int, str]) -> str:
    return str(CONFLICTS.get(str(gate.measure), GATES["conflict"].name))


def _named(gate: Gate, level_names: Mapping[int, str]) -> str:
    return name_of_gate(gate.code)


_DESCRIBE: Mapping[str, Callable[[Gate, Mapping[int, str]], str]] = {
    "inactive": _inactive,
    "outside_area": _outside_area,
    "not_certified": _not_certified,
    "at_capacity": _at_capacity,
    "feedback_overdue": _feedback_overdue,
    "conflict": _conflict,
}


def change_in_words(change: Change, *, level_names: Mapping[int, str]) -> str:
    """Say to a partner what would have opened a gate, with the figures that decided."""
    say = _SAY_CHANGE.get(change.code)
    return (say(change, level_names) if say else None) or str(words_of_gate(change.code).change)


def _wider(change: Change, level_names: Mapping[int, str]) -> str | None:
    if change.held is None or change.needed is None:
        return None
    return gettext("Radius of %(needed)s instead of %(held)s") % {
        "needed": km(float(change.needed)),
        "held": km(float(change.held)),
    }


def _certified(change: Change, level_names: Mapping[int, str]) -> str | None:
    if change.needed is None:
        return None
    return gettext("Certificate %(level)s") % {"level": _level(change.needed, level_names)}


def _more_room(change: Change, level_names: Mapping[int, str]) -> str | None:
    sentence = HIGHER_CAPS.get(str(change.held))
    return str(sentence % {"cap": change.needed}) if sentence else None


def _reported(change: Change, level_names: Mapping[int, str]) -> str | None:
    if change.needed is None:
        return None
    count = int(change.needed)
    return ngettext(
        "Feedback given on %(count)s lead that it was overdue for",
        "Feedback given on the %(count)s leads that it was overdue for",
        count,
    ) % {"count": count}


_SAY_CHANGE: Mapping[str, Callable[[Change, Mapping[int, str]], str | None]] = {
    "outside_area": _wider,
    "not_certified": _certified,
    "at_capacity": _more_room,
    "feedback_overdue": _reported,
}
