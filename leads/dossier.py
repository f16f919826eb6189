"""One lead with all that happened to it: what its page at the manufacturer's desk shows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q

from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible
from leadhub.core.geo import distance_km
from leads.explanations import ExplainedMatch, excluded_partners, explain_matches
from leads.matching import Gate, weights_of
from leads.models import (
    Assignment,
    ConsentText,
    Lead,
    LeadConsent,
    LeadContact,
    LeadEvent,
    LeadOffer,
    Wave,
)
from leads.models.assignments import Outcome
from leads.overview import rows_of
from leads.policies import name_of_version
from leads.selectors import (
    assignments_visible_to,
    events_visible_to,
    leads_visible_to,
    offers_of_lead,
    waves_visible_to,
)
from leads.web_forms import consent_text_called
from partners.models import Partner
from partners.selectors import levels_visible_to, partners_visible_to

# Of those that could have been asked, so many of the best are listed.
RANKED_AT_MOST = 20
FOUND_AT_MOST = 20
SEARCHED = ("name", "external_id", "city", "postal_code")
WORDS_AT_MOST = 5


class Ranked(NamedTuple):
    """A partner that could be asked, with its score; and the offer, if it was."""

    partner: Partner
    match: ExplainedMatch
    offer: LeadOffer | None


class Excluded(NamedTuple):
    """A partner that was not asked, and every gate that it failed."""

    partner: Partner
    distance_km: float | None
    gates: Sequence[Gate]


class Nearby(NamedTuple):
    """A partner, and how far the lead is from it."""

    partner: Partner
    distance_km: float | None


@dataclass(frozen=True)
class Round:
    """One wave: what was decided, and what came of it.

    :ivar policy: name and version of the policy that decided.
    :ivar radius_km: the wave's cap on distance, ``None`` for none.
    :ivar weights: score term -> its share of the score.
    :ivar ranked: the best of those that could be asked; ``more`` counts the others.
    :ivar excluded: the gate that stopped them first -> the nearest of them.
    """

    wave: Wave
    policy: str
    radius_km: float | None
    weights: Mapping[str, float]
    offers: Sequence[LeadOffer]
    ranked: Sequence[Ranked]
    more: int
    excluded: Mapping[str, Sequence[Excluded]]


@dataclass(frozen=True)
class Routing:
    """A lead and how its waves were decided.

    :ivar rounds: the latest first.
    :ivar partners: all that a wave names.
    :ivar level_names: certification rank -> how the manufacturer calls it.
    """

    lead: Lead
    rounds: Sequence[Round]
    partners: Mapping[UUID, Partner]
    level_names: Mapping[int, str]

    def is_open(self, round_: Round) -> bool:
        """Tell whether the partners of a wave may still answer."""
        return self.lead.respond_by is not None and round_.wave.number == self.lead.wave


@dataclass(frozen=True)
class Dossier(Routing):
    """A lead and everything that belongs to it.

    :ivar lead: as ``leads.overview.rows_of`` reads it.
    :ivar contact: ``None`` once it was erased.
    :ivar consent_text: what the customer agreed to, if it was on a form of leadhub's.
    :ivar assignments: the latest first, each with its ``reports``.
    :ivar events: the oldest first.
    """

    contact: LeadContact | None
    consent: LeadConsent | None
    consent_text: ConsentText | None
    level: str
    assignments: Sequence[Assignment]
    events: Sequence[LeadEvent]

    @cached_property
    def holder(self) -> Assignment | None:
        """Find in whose hands the lead is, or was when it was closed."""
        for assignment in self.assignments:
            is_of_holder = assignment.partner_id == self.lead.partner_id
            if is_of_holder and assignment.outcome != Outcome.RETURNED:
                return assignment
        return None

    @cached_property
    def returns(self) -> Sequence[Assignment]:
        """List the times that a partner gave the lead back, the latest first."""
        returned = [one for one in self.assignments if one.return_reason is not None]
        return sorted(returned, key=lambda one: (one.returned_at, one.id), reverse=True)

    @cached_property
    def return_to_judge(self) -> Assignment | None:
        """Find the latest return without a verdict, the one that a verdict would be about."""
        return next((one for one in self.returns if one.return_verdict is None), None)


def read_dossier(lead_id: UUID, *, actor: Actor) -> Dossier:
    """Read a lead with all that belongs to it, in a fixed number of queries.

    :raises NotVisible: if there is no such lead for whoever asks.
    """
    leads = rows_of(leads_visible_to(actor)).select_related("policy", "required_certification")
    lead = leads.filter(id=lead_id).first()
    if lead is None:
        raise NotVisible
    assignments = list(
        assignments_visible_to(actor)
        .filter(lead=lead)
        .select_related("user")
        .prefetch_related("feedback", "notes")
        .order_by("-accepted_at", "-id")
    )
    events = list(events_visible_to(actor, lead=lead))
    waves = list(waves_visible_to(actor, lead=lead).select_related("policy").reverse())
    offers = list(offers_of_lead(actor, lead=lead))
    partners = _partners(actor, waves, chain(events, offers, assignments))
    for assignment in assignments:
        assignment.shown_partner = partners[assignment.partner_id]  # type: ignore[attr-defined]
    consent = None if actor.is_partner else LeadConsent.objects.filter(lead=lead).first()
    return Dossier(
        lead=lead,
        contact=_contact(lead),
        consent=consent,
        consent_text=consent_text_called(consent.text_version, actor=actor) if consent else None,
        level=lead.required_certification.name if lead.required_certification else "",
        assignments=assignments,
        rounds=[_round(wave, offers, partners) for wave in waves],
        events=events,
        partners=partners,
        level_names=level_names_of(actor),
    )


def read_routing(lead_id: UUID, *, actor: Actor) -> Routing:
    """Read how the waves of a lead were decided, in a fixed number of queries.

    :raises NotVisible: if there is no such lead for whoever asks.
    """
    lead = leads_visible_to(actor).filter(id=lead_id).first()
    if lead is None:
        raise NotVisible
    waves = list(waves_visible_to(actor, lead=lead).select_related("policy").reverse())
    offers = list(offers_of_lead(actor, lead=lead))
    partners = _partners(actor, waves, offers)
    return Routing(
        lead=lead,
        rounds=[_round(wave, offers, partners) for wave in waves],
        partners=partners,
        level_names=level_names_of(actor),
    )


def search_partners(text: str, *, lead: Lead, actor: Actor) -> list[Nearby]:
    """Find partners by name, number or place, with how far the lead is from them."""
    found = find_partners(text, actor=actor)
    return [Nearby(partner, _distance(lead, partner)) for partner in found]


def find_partners(text: str, *, actor: Actor) -> list[Partner]:
    """Find partners by name, number or place that a lead may be given to."""
    partners = partners_visible_to(actor).exclude(status=Partner.Status.LEFT)
    for word in text.split()[:WORDS_AT_MOST]:
        condition = Q()
        for column in SEARCHED:
            condition |= Q(**{f"{column}__icontains": word})
        partners = partners.filter(condition)
    return list(partners.order_by("name", "id")[:FOUND_AT_MOST])


def _distance(lead: Lead, partner: Partner) -> float | None:
    if lead.latitude is None or lead.longitude is None:
        return None
    return distance_km(lead.latitude, lead.longitude, partner.latitude, partner.longitude)


def _contact(lead: Lead) -> LeadContact | None:
    try:
        return lead.contact
    except ObjectDoesNotExist:
        return None


def _partners(
    actor: Actor, waves: Iterable[Wave], rows: Iterable[LeadEvent | LeadOffer | Assignment]
) -> dict[UUID, Partner]:
    """Read every partner that the page names, at once."""
    ids = {row.partner_id for row in rows if row.partner_id is not None}
    for wave in waves:
        ids.update(UUID(row[0]) for row in wave.matches["ranked"][:RANKED_AT_MOST])
        ids.update(UUID(partner_id) for partner_id, _distance, _gates in excluded_partners(wave))
    return partners_visible_to(actor).in_bulk(ids)


def _round(wave: Wave, offers: Iterable[LeadOffer], partners: Mapping[UUID, Partner]) -> Round:
    of_wave = [offer for offer in offers if offer.wave == wave.number]
    offer_to = {offer.partner_id: offer for offer in of_wave}
    matches = explain_matches(wave)
    ranked = [
        Ranked(partners[partner_id], match, offer_to.get(partner_id))
        for match in matches[:RANKED_AT_MOST]
        if (partner_id := UUID(match["partner"])) in partners
    ]
    return Round(
        wave=wave,
        policy=name_of_version(wave.policy),
        radius_km=wave.radius_km,
        weights=_shares(weights_of(wave.policy.strategy, wave.policy.weights)),
        offers=of_wave,
        ranked=ranked,
        more=max(len(matches) - len(ranked), 0),
        excluded=_by_first_gate(wave, partners),
    )


def _by_first_gate(wave: Wave, partners: Mapping[UUID, Partner]) -> dict[str, list[Excluded]]:
    groups: dict[str, list[Excluded]] = defaultdict(list)
    for partner_id, distance, gates in excluded_partners(wave):
        partner = partners.get(UUID(partner_id))
        if partner is not None:
            groups[counted_gate(gates).code].append(Excluded(partner, distance, gates))
    return dict(groups)


def counted_gate(gates: Sequence[Gate]) -> Gate:
    """Choose the gate that a partner is counted by: portfolio, then area, then the others."""
    first = {gate.code: gate for gate in reversed(gates)}
    return first.get("not_in_portfolio") or first.get("outside_area") or gates[0]


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    whole = sum(weights.values())
    return {term: weight / whole for term, weight in weights.items()}


def level_names_of(actor: Actor) -> dict[int, str]:
    """Read how a manufacturer calls each rank; several levels may share one."""
    names: dict[int, list[str]] = defaultdict(list)
    for level in levels_visible_to(actor).order_by("rank", "name"):
        names[level.rank].append(level.name)
    return {rank: " / ".join(alike) for rank, alike in names.items()}
