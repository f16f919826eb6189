"""What happened to a lead, in words: facts of the log as people tell them, the latest first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop, ngettext

from leadhub.core.templatetags.shown import money
from leads.dossier import Dossier
from leads.models import EventType, LeadEvent, LeadFeedback
from leads.models.assignments import ClosingChance, FeedbackStatus, LostReason, ReturnReason
from leads.models.leads import HoldReason
from leads.models.offers import DeclineReason
from leads.sources import name_of_source
from partners.selectors import names_of_actors

# Said of one partner or of none.
SENTENCES: Mapping[str, str] = {
    EventType.LEAD_RECEIVED: gettext_noop("Received via %(source)s"),
    EventType.LEAD_HELD: gettext_noop("Held for review: %(reason)s"),
    EventType.LEAD_RELEASED: gettext_noop("Released to the network"),
    EventType.LEAD_MERGED: gettext_noop("Merged into another lead as its duplicate"),
    EventType.LEAD_REJECTED: gettext_noop("Rejected"),
    EventType.WAVE_OPENED: gettext_noop("Wave %(wave)s opened"),
    EventType.OFFER_VIEWED: gettext_noop("%(partner)s opened the offer"),
    EventType.OFFER_ACCEPTED: gettext_noop("%(partner)s accepted the lead"),
    EventType.OFFER_DECLINED: gettext_noop("%(partner)s declined: %(reason)s"),
    EventType.OFFER_EXTENDED: gettext_noop("The deadline of wave %(wave)s was moved"),
    EventType.LEAD_ASSIGNED: gettext_noop("Assigned by hand to %(partner)s"),
    EventType.LEAD_PICKED: gettext_noop("%(partner)s took the lead from the pick list"),
    EventType.LEAD_UNPLACED: gettext_noop("Nobody was left to ask: it is on the pick list"),
    EventType.LEAD_ESCALATED: gettext_noop("Dispatchers were alerted"),
    EventType.LEAD_WITHDRAWN: gettext_noop("Withdrawn from the network"),
    EventType.LEAD_REROUTED: gettext_noop("Re-routed: the waves begin anew"),
    EventType.LEAD_TAKEN_BACK: gettext_noop("Taken back from %(partner)s"),
    EventType.CONTACT_ATTEMPTED: gettext_noop("%(partner)s tried to reach the customer"),
    EventType.CONTACT_MADE: gettext_noop("%(partner)s reached the customer"),
    EventType.CONTACT_OVERDUE: gettext_noop("%(partner)s let the time for the first call pass"),
    EventType.FEEDBACK_OVERDUE: gettext_noop("%(partner)s owes feedback"),
    EventType.FEEDBACK_GIVEN: gettext_noop("%(partner)s reported: %(status)s"),
    EventType.LEAD_HANDED_OVER: gettext_noop("%(partner)s handed the lead over to a colleague"),
    EventType.STAGE_SET: gettext_noop("%(partner)s put the chance of a sale at: %(chance)s"),
    EventType.NOTE_ADDED: gettext_noop("%(partner)s wrote a note"),
    EventType.REMINDER_SET: gettext_noop("%(partner)s set a reminder"),
    EventType.REMINDER_DONE: gettext_noop("%(partner)s did what the reminder was for"),
    EventType.REMINDER_CANCELLED: gettext_noop("%(partner)s cancelled the reminder"),
    EventType.LEAD_RETURNED: gettext_noop("%(partner)s gave the lead back: %(reason)s"),
    EventType.RETURN_CONFIRMED: gettext_noop(
        "The return by %(partner)s was confirmed: the lead was at fault"
    ),
    EventType.RETURN_REFUSED: gettext_noop(
        "The return by %(partner)s was refused: the lead was not at fault"
    ),
    EventType.LEAD_WON: gettext_noop("Won by %(partner)s for %(value)s"),
    EventType.LEAD_LOST: gettext_noop("Not won by %(partner)s: %(reason)s"),
    EventType.LEAD_REOPENED: gettext_noop("Opened again, in the hands of %(partner)s"),
}
# What happens to several partners at once is told once.
TOGETHER: Mapping[str, Callable[[int], str]] = {
    EventType.LEAD_OFFERED: lambda count: ngettext(
        "Wave %(wave)s: offered to %(partner)s",
        "Wave %(wave)s: offered to %(count)s partners",
        count,
    ),
    EventType.OFFER_EXPIRED: lambda count: ngettext(
        "%(partner)s did not answer in time", "%(count)s partners did not answer in time", count
    ),
    EventType.OFFER_WITHDRAWN: lambda count: ngettext(
        "The offer to %(partner)s was withdrawn", "%(count)s offers were withdrawn", count
    ),
    # The fact itself comes first, then one for each partner that was told.
    EventType.LEAD_ERASED: lambda count: gettext("The customer's personal data was erased"),
}
# (before, after): of two facts of one moment the first, or else the second, needs no telling.
FIRST_GOES_WITHOUT_SAYING = (
    (EventType.WAVE_OPENED, EventType.LEAD_OFFERED),
    (EventType.CONTACT_MADE, EventType.FEEDBACK_GIVEN),
    (EventType.FEEDBACK_GIVEN, EventType.LEAD_WON),
    (EventType.FEEDBACK_GIVEN, EventType.LEAD_LOST),
)
SECOND_GOES_WITHOUT_SAYING = ((EventType.LEAD_UNPLACED, EventType.LEAD_ESCALATED),)
REASONS: Mapping[str, Any] = {
    EventType.LEAD_HELD: HoldReason,
    EventType.OFFER_DECLINED: DeclineReason,
    EventType.LEAD_RETURNED: ReturnReason,
    EventType.LEAD_LOST: LostReason,
}
# Facts that a partner's report may stand behind.
REPORTED = (EventType.FEEDBACK_GIVEN, EventType.LEAD_WON, EventType.LEAD_LOST)
# What follows by itself from what somebody did before it.
CONSEQUENCES = frozenset(
    {
        EventType.LEAD_OFFERED,
        EventType.OFFER_EXPIRED,
        EventType.OFFER_WITHDRAWN,
        EventType.LEAD_UNPLACED,
        EventType.LEAD_ESCALATED,
        EventType.CONTACT_OVERDUE,
        EventType.FEEDBACK_OVERDUE,
    }
)
UNKNOWN = gettext_noop("Something else happened")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened, as it is told.

    :ivar kind: the event's type, for its icon.
    :ivar by: who did it, empty if nobody or nothing in particular.
    :ivar notes: what else there is to say, each a sentence or somebody's own words.
    :ivar until: the deadline that came of it, if one did.
    """

    kind: str
    at: datetime
    title: str
    by: str
    notes: Sequence[str]
    until: datetime | None = None


def tell(dossier: Dossier) -> list[Fact]:
    """Tell what happened to a lead, the latest first."""
    groups = [list(group) for _key, group in groupby(dossier.events, key=_moment)]
    told = [group for before, group, after in _between(groups) if _is_told(before, group, after)]
    actors = names_of_actors(event.actor for group in told for event in group if event.actor)
    return [_fact(group, dossier, actors) for group in reversed(told)]


def _moment(event: LeadEvent) -> tuple[Any, ...]:
    """Tell by what consecutive facts belong together; only some kinds do."""
    own = None if event.type in TOGETHER else event.sequence
    return (event.type, event.at, event.data.get("because"), own)


Group = list[LeadEvent]


def _between(groups: Sequence[Group]) -> Iterator[tuple[Group | None, Group, Group | None]]:
    """Give each group with its neighbours."""
    return zip([None, *groups], groups, [*groups[1:], None], strict=False)


def _is_told(before: Group | None, group: Group, after: Group | None) -> bool:
    """Leave out what a neighbour of the same moment says as well."""
    type_, at = group[0].type, group[0].at
    if after and after[0].at == at and (type_, after[0].type) in FIRST_GOES_WITHOUT_SAYING:
        return False
    is_second = before and (before[0].type, type_) in SECOND_GOES_WITHOUT_SAYING
    return not (is_second and before and before[0].at == at)


def _fact(group: Group, dossier: Dossier, actors: Mapping[str, str]) -> Fact:
    event = group[0]
    names = [_name_of(one, dossier) for one in group]
    return Fact(
        kind=event.type,
        at=event.at,
        title=_sentence(event.type, len(group)) % _particulars(event, names),
        by="" if event.type in CONSEQUENCES else _by(event.actor, actors),
        notes=list(_notes(event, names, dossier)),
        until=_deadline(event),
    )


def _sentence(type_: str, count: int) -> str:
    together = TOGETHER.get(type_)
    return together(count) if together else gettext(SENTENCES.get(type_, UNKNOWN))


def _particulars(event: LeadEvent, names: Sequence[str]) -> dict[str, Any]:
    """Find every word that a sentence may ask for."""
    data = event.data
    return {
        "partner": names[0],
        "count": len(names),
        "wave": data.get("wave", ""),
        "source": name_of_source(data.get("source", "")),
        "reason": _reason(event.type, data.get("reason")),
        "status": _label(FeedbackStatus, data.get("status")),
        "chance": _label(ClosingChance, data.get("chance")),
        "value": money(Decimal(data.get("value") or 0), data.get("currency", "EUR")),
    }


def _reason(type_: str, code: str | None) -> str:
    choices = REASONS.get(type_)
    return _label(choices, code) if choices else ""


def _label(choices: Any, code: str | None) -> str:
    """Say a code in words; one that no longer exists is another reason."""
    return str(choices(code).label) if code in choices.values else gettext("another reason")


def _name_of(event: LeadEvent, dossier: Dossier) -> str:
    if event.partner_id is None:
        return ""
    partner = dossier.partners.get(event.partner_id)
    return partner.name if partner else gettext("A partner")


def _by(label: str | None, actors: Mapping[str, str]) -> str:
    kind = (label or "").partition(":")[0]
    if label is not None and label in actors:
        named = gettext("by %(name)s") if kind == "user" else gettext("by the program “%(name)s”")
        return named % {"name": actors[label]}
    return gettext("automatically") if kind == "system" else ""


def _notes(event: LeadEvent, names: Sequence[str], dossier: Dossier) -> Iterator[str]:
    if event.type == EventType.LEAD_ERASED:
        yield from _notes_of_erasure(event, [name for name in names if name])
    elif len(names) > 1:
        yield ", ".join(names)
    yield from _marks(event)
    if event.type == EventType.LEAD_RELEASED and "before" in event.data:
        yield _correction(event)
    if event.data.get("because") == "no_contact":
        yield gettext("Nothing had happened with the lead.")
    if event.type == EventType.LEAD_UNPLACED:
        yield gettext("Dispatchers were alerted.")
    report = _report(event, dossier)
    if report is not None and report.is_as_described is not None:
        yield (
            gettext("The lead was as described.")
            if report.is_as_described
            else gettext("The lead was not as described.")
        )
    yield from _expectation(event)
    own_words = report.note if report is not None else _own_words(event, dossier)
    if own_words:
        yield own_words


def _marks(event: LeadEvent) -> Iterator[str]:
    if event.data.get("is_test"):
        yield gettext("Marked as a test: it counts in no figure.")
    if event.data.get("is_late"):
        yield gettext("After the deadline.")


def _correction(event: LeadEvent) -> str:
    before, after = (
        f"{place['country']} {place['postal_code']}".strip()
        for place in (event.data["before"], event.data["after"])
    )
    return gettext("Place corrected: %(before)s became %(after)s.") % {
        "before": before,
        "after": after,
    }


def _notes_of_erasure(event: LeadEvent, told: Sequence[str]) -> Iterator[str]:
    if event.data.get("because") == "retention":
        yield gettext("The time for which it is kept was over.")
    if told:
        yield gettext("Asked to delete it as well: %(partners)s") % {"partners": ", ".join(told)}


def _report(event: LeadEvent, dossier: Dossier) -> LeadFeedback | None:
    """Find what the partner sent; the log itself holds nobody's words."""
    if event.type not in REPORTED:
        return None
    reports = (
        report
        for assignment in dossier.assignments
        if assignment.id == event.assignment_id
        for report in assignment.feedback.all()
    )
    return next((report for report in reports if report.given_at == event.at), None)


def _expectation(event: LeadEvent) -> Iterator[str]:
    if event.type != EventType.STAGE_SET:
        return
    data = event.data
    if "month" in data:
        month = date_format(date.fromisoformat(f"{data['month']}-01"), "YEAR_MONTH_FORMAT")
        yield gettext("Expected to close in %(month)s.") % {"month": month}
    if "value" in data:
        value = money(Decimal(data["value"]), data["currency"])
        yield gettext("Expected value: %(value)s.") % {"value": value}


def _own_words(event: LeadEvent, dossier: Dossier) -> str:
    if event.type != EventType.NOTE_ADDED:
        return _words_of_answer(event, dossier)
    notes = (note for assignment in dossier.assignments for note in assignment.notes.all())
    return next((note.text for note in notes if str(note.id) == event.data["note"]), "")


def _words_of_answer(event: LeadEvent, dossier: Dossier) -> str:
    if event.type != EventType.OFFER_DECLINED:
        return ""
    offers = (offer for round_ in dossier.rounds for offer in round_.offers)
    return next((o.note for o in offers if str(o.id) == event.data.get("offer")), "")


def _deadline(event: LeadEvent) -> datetime | None:
    sent = event.data.get("respond_by")
    return parse_datetime(sent) if sent else None
