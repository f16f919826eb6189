"""Why a partner was asked or not, in the reader's language: score terms and gates, with figures.

For programs ``leads.explanations`` says the same in English.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy

from leadhub.core.templatetags.shown import day, km
from leads.matching import ABSENT, UNREACHABLE, Gate

TERM_NAMES: Mapping[str, Any] = {
    "proximity": _("Nearness"),
    "performance": _("Performance"),
    "load": _("Capacity"),
    "rotation": pgettext_lazy("time since the last offer", "Rest"),
    "tier": _("Preference"),
    "certification": _("Qualification"),
}
GATE_NAMES: Mapping[str, Any] = {
    "inactive": _("Not taking part"),
    "outside_area": _("Outside the service area"),
    "not_in_portfolio": _("Does not sell what is asked for"),
    "not_certified": _("Not certified for it"),
    "at_capacity": _("No capacity"),
    "already_asked": _("Already asked about this lead"),
    "feedback_overdue": _("Feedback overdue"),
    "conflict": _("On the exclusion list"),
}
SPANS: Mapping[str, Any] = {
    "open": _("%(used)s leads in hand, %(cap)s at most"),
    "today": _("%(used)s offers today, %(cap)s at most"),
    "this week": _("%(used)s offers this week, %(cap)s at most"),
    "this month": _("%(used)s offers this month, %(cap)s at most"),
}
CONFLICTS: Mapping[str, Any] = {
    "source": _("Leads of this source are on its exclusion list"),
    "email": _("The customer is on its exclusion list"),
    "email_domain": _("The customer's e-mail domain is on its exclusion list"),
    "company": _("The customer's company is on its exclusion list"),
}
NO_LEVEL = pgettext_lazy("certification", "none")


def name_of_gate(code: str) -> str:
    """Name what keeps a partner from being asked."""
    return str(GATE_NAMES.get(code, _("Another reason")))


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
    return gettext("Feedback overdue on %(count)s leads, %(allowed)s allowed") % {
        "count": gate.measure,
        "allowed": gate.limit,
    }


def _conflict(gate: Gate, level_names: Mapping[int, str]) -> str:
    return str(CONFLICTS.get(str(gate.measure), GATE_NAMES["conflict"]))


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
