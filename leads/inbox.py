"""A person's offers over all networks: what is open now, and what just became of the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.fields.json import KT

from leads.models import Assignment, EventType, LeadEvent, LeadOffer
from leads.models.leads import CLOSED, IN_HANDS, LeadStatus
from leads.models.offers import OfferQuerySet, OfferStatus
from leads.selectors import line_names
from leads.terms import Terms, terms_of

# How long it is told that an offer was lost or ran out.
TOLD_FOR = timedelta(minutes=10)
# How long an offer that ran out is kept in sight while nobody has the lead.
FREE_FOR = timedelta(days=1)
# Older offers are not even looked at, for there may be thousands that ended.
LOOKED_BACK = timedelta(days=30)
ENDED = (OfferStatus.EXPIRED, OfferStatus.WITHDRAWN, OfferStatus.ACCEPTED)
STILL_FREE = (LeadStatus.OFFERED, LeadStatus.OPEN)
# Why an offer was withdrawn when somebody else has got the lead.
TAKEN_BECAUSE = ("taken", "assigned")


class Standing(StrEnum):
    """How an offer stands for the partner it was made to."""

    OPEN = "open"
    FREE = "free"
    OVER = "over"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    MINE = "mine"
    RETURNED = "returned"


class Whereabouts(StrEnum):
    """Who has a lead, as far as it is anybody's business."""

    FREE = "free"
    MINE = "mine"
    OTHERS = "others"
    GONE = "gone"


class Glance(NamedTuple):
    """What of an offer may change while somebody looks at it.

    :ivar lead_is: mine even if the person has it through another partner of theirs.
    :ivar over_at: when the offer was answered, withdrawn or ran out; ``None`` while it is open.
    """

    offer_id: UUID
    lead_id: UUID
    partner_id: UUID
    wave: int
    status: str
    respond_by: datetime
    lead_is: Whereabouts
    over_at: datetime | None
    because: str | None


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """An offer with all that a partner decides by, and how it stands.

    :ivar offer: with its lead, its manufacturer, its partner, ``line_names`` and the
        ``assignment_id`` of whoever accepted it.
    """

    offer: LeadOffer
    standing: Standing
    over_at: datetime | None

    @property
    def is_answerable(self) -> bool:
        """Tell whether it may still be accepted."""
        return self.standing in (Standing.OPEN, Standing.FREE)


def glance_at_offers(partner_ids: Sequence[UUID], *, at: datetime) -> list[Glance]:
    """See in one query which offers a person's inbox shows, and how they stand."""
    waiting = Q(status=OfferStatus.OPEN, respond_by__gt=at - FREE_FOR)
    ended = (
        Q(status=OfferStatus.EXPIRED, respond_by__gt=at - FREE_FOR)
        | Q(status=OfferStatus.WITHDRAWN, respond_by__gt=at - TOLD_FOR)
        | Q(status=OfferStatus.ACCEPTED, answered_at__gt=at - TOLD_FOR)
    )
    lately = Q(status__in=ENDED, offered_at__gt=at - LOOKED_BACK)
    offers = _offers_to(partner_ids, at=at).filter(waiting | lately & ended)
    glances = _glances(offers, partner_ids, at)
    told = [glance for glance in glances if _is_told(glance, at)]
    return _one_per_lead(told)


def glance_at_offer(partner_ids: Sequence[UUID], offer_id: UUID, *, at: datetime) -> Glance | None:
    """See how one offer to a person stands; ``None`` if there is no such offer."""
    found = _glances(_offers_to(partner_ids, at=at).filter(id=offer_id), partner_ids, at)
    return found[0] if found else None


def show_offers(glances: Iterable[Glance]) -> list[ShownOffer]:
    """Read the offers of these glances with all that they are shown with, in the same order."""
    glances = list(glances)
    own = Assignment.objects.filter(offer=OuterRef("id"), lead=OuterRef("lead"))
    offers = (
        LeadOffer.objects.filter(id__in=[glance.offer_id for glance in glances])
        .select_related("lead", "manufacturer", "partner")
        .annotate(line_names=line_names("lead"), assignment_id=Subquery(own.values("id")[:1]))
        .in_bulk()
    )
    late = [offers[glance.offer_id].lead for glance in glances if _is_late(glance)]
    terms = terms_of(late) if late else {}
    return [
        ShownOffer(
            offer=offers[glance.offer_id],
            standing=_standing(glance, terms.get(offers[glance.offer_id].lead.policy_id)),
            over_at=glance.over_at,
        )
        for glance in glances
    ]


def open_first(shown: Iterable[ShownOffer], *, since: datetime) -> list[ShownOffer]:
    """Put open offers by deadline, the soonest first, then what became of the others.

    What was open when the page was opened keeps its place, so that nothing moves from under a
    thumb: whoever aims at an offer must not hit the next one.

    :param since: when the page was opened.
    """

    def place(one: ShownOffer) -> tuple[bool, float, str]:
        is_below = one.over_at is not None and one.over_at < since
        moment = one.over_at if is_below and one.over_at else one.offer.respond_by
        return is_below, (-1 if is_below else 1) * moment.timestamp(), str(one.offer.id)

    return sorted(shown, key=place)


def find_offer_to(partner_ids: Sequence[UUID], offer_id: UUID, *, at: datetime) -> LeadOffer | None:
    """Find an offer made to one of a person's partners."""
    return _offers_to(partner_ids, at=at).filter(id=offer_id).first()


def find_own_assignment(partner_ids: Sequence[UUID], lead_id: UUID) -> Assignment | None:
    """Find the last assignment of a lead to one of a person's partners."""
    own = Assignment.objects.filter(partner_id__in=partner_ids, lead_id=lead_id)
    return own.order_by("-accepted_at", "-id").first()


def _offers_to(partner_ids: Sequence[UUID], *, at: datetime) -> OfferQuerySet:
    return LeadOffer.objects.filter(partner_id__in=partner_ids).available(at)


def _glances(offers: OfferQuerySet, partner_ids: Sequence[UUID], at: datetime) -> list[Glance]:
    withdrawal = LeadEvent.objects.filter(
        manufacturer=OuterRef("manufacturer"),
        lead=OuterRef("lead"),
        partner=OuterRef("partner"),
        type=EventType.OFFER_WITHDRAWN,
    ).order_by("-sequence")
    rows = (
        offers.annotate(
            withdrawn_at=Subquery(withdrawal.values("at")[:1]),
            because=Subquery(withdrawal.values(reason=KT("data__because"))[:1]),
            lead_status=F("lead__status"),
            holder_id=F("lead__partner_id"),
        )
        .order_by("respond_by", "id")
        .values_list(
            "id", "lead_id", "partner_id", "wave", "status", "respond_by", "answered_at",
            "lead_status", "holder_id", "withdrawn_at", "because",
            named=True,
        )
    )  # fmt: skip
    return [
        Glance(
            offer_id=row.id,
            lead_id=row.lead_id,
            partner_id=row.partner_id,
            wave=row.wave,
            status=row.status,
            respond_by=row.respond_by,
            lead_is=_whereabouts(row.holder_id, row.lead_status, partner_ids),
            over_at=_over_at(row, at),
            because=row.because if row.status == OfferStatus.WITHDRAWN else None,
        )
        for row in rows
    ]


def _whereabouts(holder_id: UUID | None, status: str, partner_ids: Sequence[UUID]) -> Whereabouts:
    """Tell whose a lead is; who the others are, no partner is shown, not even here."""
    if holder_id in partner_ids:
        return Whereabouts.MINE
    if status in (*IN_HANDS, *CLOSED):
        return Whereabouts.OTHERS
    return Whereabouts.FREE if status in STILL_FREE else Whereabouts.GONE


def _over_at(row: Any, at: datetime) -> datetime | None:
    if row.status in (OfferStatus.OPEN, OfferStatus.EXPIRED):
        is_over = row.respond_by <= at or row.status == OfferStatus.EXPIRED
        return row.respond_by if is_over else None
    over_at: datetime | None = row.answered_at
    return (row.withdrawn_at if row.status == OfferStatus.WITHDRAWN else over_at) or row.respond_by


def _is_told(glance: Glance, at: datetime) -> bool:
    if glance.lead_is == Whereabouts.MINE:
        return glance.status == OfferStatus.ACCEPTED
    if glance.over_at is None or glance.over_at > at - TOLD_FOR:
        return True
    return glance.lead_is == Whereabouts.FREE and glance.status != OfferStatus.WITHDRAWN


def _one_per_lead(glances: Sequence[Glance]) -> list[Glance]:
    """Leave out what became of an offer where the same partner has a newer one of the lead."""
    by_wave = sorted(glances, key=lambda glance: glance.wave)
    newest = {(glance.lead_id, glance.partner_id): glance.offer_id for glance in by_wave}
    return [g for g in glances if newest[g.lead_id, g.partner_id] == g.offer_id]


def _is_late(glance: Glance) -> bool:
    return glance.over_at is not None and glance.status != OfferStatus.WITHDRAWN


def _standing(glance: Glance, terms: Terms | None) -> Standing:
    if glance.lead_is == Whereabouts.MINE:
        return Standing.MINE
    if glance.status in _SETTLED:
        return _SETTLED[glance.status]
    if glance.status == OfferStatus.WITHDRAWN:
        return Standing.TAKEN if glance.because in TAKEN_BECAUSE else Standing.WITHDRAWN
    if glance.over_at is None:
        return Standing.OPEN
    if glance.lead_is == Whereabouts.FREE and terms is not None and not terms.late_answers:
        return Standing.OVER
    return _LATE[glance.lead_is]


_SETTLED: Mapping[str, Standing] = {
    OfferStatus.ACCEPTED: Standing.MINE,
    OfferStatus.DECLINED: Standing.DECLINED,
    OfferStatus.RETURNED: Standing.RETURNED,
}
# What became of an offer that ran out.
_LATE: Mapping[Whereabouts, Standing] = {
    Whereabouts.FREE: Standing.FREE,
    Whereabouts.OTHERS: Standing.TAKEN,
    Whereabouts.GONE: Standing.WITHDRAWN,
}
