"""Rounds of offers: who is asked next, and what happens when nobody is left.

Every function here works on a locked lead and writes to its log; ``leads.routing`` and
``leads.dispatch`` call them from within their transactions.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from leadhub.core.bulk import new_row
from leadhub.core.ids import new_id
from leadhub.core.turns import wait_for_turn
from leads import notifications
from leads.candidates import Candidates, Search, coverage_codes, find_candidates
from leads.events import LeadLog
from leads.explanations import pack_exclusions, pack_matches
from leads.matching import (
    Decision,
    Match,
    Rules,
    has_offer_cap,
    match_partners,
    weights_of,
)
from leads.models import EventType, Lead, LeadOffer, Wave
from leads.models.leads import LeadStatus
from leads.models.offers import OfferStatus
from leads.pending import Pending
from leads.policies import WaveRule, wave_rule
from leads.setups import Need, further_need_of

A_TRICE = timedelta(microseconds=1)
ROUTING_FIELDS = ("status", "wave", "step", "respond_by", "due_at", "policy", "partner")


def begin_waves(lead: Lead, log: LeadLog, *, need: Need, at: datetime) -> None:
    """Route a lead from the first wave of the policy that holds for it now."""
    _open_wave(lead, log, need=need, step=0, at=at)


def continue_waves(
    lead: Lead,
    log: LeadLog,
    *,
    at: datetime,
    need: Need | None = None,
    pending: Pending | None = None,
) -> None:
    """Open the next wave of the policy version the lead began with.

    :param need: what it asks of the network, if that was read.
    :param pending: what the same transaction has decided before and not written yet.
    """
    need = need or further_need_of(lead)
    _open_wave(lead, log, need=need, step=lead.step + 1, at=at, pending=pending)


def withdraw_open_offers(
    lead: Lead,
    log: LeadLog,
    *,
    at: datetime,
    kind: str,
    because: str,
    winner_id: UUID | None = None,
    only_to: UUID | None = None,
) -> None:
    """Withdraw every offer still open and tell its partner why it is gone, but not the winner.

    :param only_to: the one partner whose offers are meant; ``None`` means everybody's.
    """
    still_open = LeadOffer.objects.open().filter(manufacturer=lead.manufacturer_id, lead=lead)
    if only_to is not None:
        still_open = still_open.filter(partner=only_to)
    offers = list(still_open.order_by("id"))
    LeadOffer.objects.filter(id__in=[offer.id for offer in offers]).update(
        status=OfferStatus.WITHDRAWN
    )
    for offer in offers:
        event = log.add(
            EventType.OFFER_WITHDRAWN,
            at=at,
            partner_id=offer.partner_id,
            offer=str(offer.id),
            because=because,
        )
        if offer.available_from <= at and offer.partner_id != winner_id:
            notifications.tell_partner(kind, log=log, event=event, offer=offer, at=at)


def _open_wave(
    lead: Lead,
    log: LeadLog,
    *,
    need: Need,
    step: int,
    at: datetime,
    pending: Pending | None = None,
) -> None:
    """Offer the lead to the next partners, skipping waves without any; else hand it to people."""
    search = _search(lead, need, at, pending)
    choice = _choose(find_candidates(search), need, step)
    if choice.is_capped and not (pending and pending.has_turn):
        # Offers that others are just making count towards a cap: one after the other, and anew.
        wait_for_turn("caps", lead.manufacturer_id)
        choice = _choose(find_candidates(search), need, step)
        if pending:
            pending.has_turn = True
    policy, decision = need.policy, choice.decision
    rule, step = choice.rule, choice.step
    lead.policy_id, lead.step, lead.wave = policy.id, step, lead.wave + 1
    if decision.matches:
        times = _times(need, rule, at=at)
        _record_wave(lead, log, choice, respond_by=times.respond_by, at=at)
        _offer(lead, log, rule=rule, times=times, decision=decision, at=at)
    else:
        _record_wave(lead, log, choice, respond_by=None, at=at)
        _put_on_pick_list(lead, log, at=at)


class _Times(NamedTuple):
    """When a wave's offers are made, when the second best and the others see them, and the end."""

    offered_at: datetime
    others_from: datetime
    respond_by: datetime


def _times(need: Need, rule: WaveRule, *, at: datetime) -> _Times:
    return _Times(at, need.after(at, rule.head_start), need.after(at, rule.response_window))


class _Choice(NamedTuple):
    """The first wave that somebody can be asked in, or the last one with nobody to ask."""

    step: int
    rule: WaveRule
    candidates: Candidates
    decision: Decision

    @property
    def is_capped(self) -> bool:
        """Some partner that would be asked has a cap on the offers made to it."""
        chosen = {match.partner_id for match in self.decision.matches[: self.rule.partners]}
        return any(
            partner.id in chosen and has_offer_cap(partner) for partner in self.candidates.partners
        )


def _choose(candidates: Candidates, need: Need, step: int) -> _Choice:
    policy = need.policy
    weights = weights_of(policy.strategy, policy.weights)
    last = len(policy.waves) - 1
    while True:
        rule = wave_rule(policy, step)
        decision = match_partners(
            partners=candidates.partners,
            rules=Rules(need.required_rank, rule.radius_km, weights, policy.max_overdue_feedback),
        )
        if decision.matches or step >= last:
            return _Choice(step, rule, candidates, decision)
        step += 1


def _search(lead: Lead, need: Need, at: datetime, pending: Pending | None) -> Search:
    return Search(
        manufacturer_id=lead.manufacturer_id,
        time_zone=need.time_zone,
        product_lines=need.product_lines,
        any_line=need.policy.any_product_line,
        latitude=lead.latitude,
        longitude=lead.longitude,
        codes=coverage_codes(lead.country, lead.postal_code, lead.region),
        required_rank=need.required_rank,
        asked=need.asked,
        at=at,
        max_overdue_feedback=need.policy.max_overdue_feedback,
        conflicts=need.conflicts,
        pending=pending,
    )


def _offer(
    lead: Lead,
    log: LeadLog,
    *,
    rule: WaveRule,
    times: _Times,
    decision: Decision,
    at: datetime,
) -> None:
    respond_by = times.respond_by
    lead.status = LeadStatus.OFFERED
    lead.respond_by = lead.due_at = respond_by
    chosen = decision.matches[: rule.partners]
    log.add(
        EventType.WAVE_OPENED,
        at=at,
        wave=lead.wave,
        step=lead.step,
        policy=str(lead.policy_id),
        respond_by=respond_by.isoformat(),
        partners=len(chosen),
    )
    for rank, match in enumerate(chosen, start=1):
        offer = _make_offer(lead, match, rank=rank, times=times)
        log.store(offer)
        # Of those asked together the first has rested the longest the next time; otherwise their
        # ids would decide every time, and one of three alike be asked each time that two are.
        log.note_offered(offer.partner_id, at=at + (rank - 1) * A_TRICE)
        event = log.add(
            EventType.LEAD_OFFERED,
            at=at,
            partner_id=offer.partner_id,
            offer=str(offer.id),
            wave=lead.wave,
            rank=offer.rank,
            available_from=offer.available_from.isoformat(),
            respond_by=respond_by.isoformat(),
        )
        notifications.tell_partner(
            notifications.OFFER_NEW, log=log, event=event, offer=offer, at=at
        )


def _make_offer(lead: Lead, match: Match, *, rank: int, times: _Times) -> LeadOffer:
    return new_row(
        LeadOffer,
        id=new_id(),
        manufacturer_id=lead.manufacturer_id,
        lead_id=lead.id,
        partner_id=UUID(match.partner_id),
        wave=lead.wave,
        rank=rank,
        offered_at=times.offered_at,
        available_from=times.offered_at if rank == 1 else times.others_from,
        respond_by=times.respond_by,
        distance_km=match.distance_km,
    )


def _record_wave(
    lead: Lead,
    log: LeadLog,
    choice: _Choice,
    *,
    respond_by: datetime | None,
    at: datetime,
) -> None:
    """Keep the decision; the wave's own radius moves partners from matched to outside."""
    candidates, decision = choice.candidates, choice.decision
    counts = dict(candidates.excluded_counts)
    too_far = len(candidates.survivors) - len(decision.matches)
    if too_far:
        counts["outside_area"] = counts.get("outside_area", 0) + too_far
    log.store(
        new_row(
            Wave,
            manufacturer_id=lead.manufacturer_id,
            lead_id=lead.id,
            number=lead.wave,
            policy_id=lead.policy_id,
            opened_at=at,
            respond_by=respond_by,
            radius_km=choice.rule.radius_km,
            matches=pack_matches(decision.matches),
            excluded=pack_exclusions(decision.exclusions),
            excluded_counts=counts,
            is_cut=candidates.is_cut,
        )
    )


def _put_on_pick_list(lead: Lead, log: LeadLog, *, at: datetime) -> None:
    lead.status = LeadStatus.OPEN
    lead.respond_by = lead.due_at = None
    log.add(EventType.LEAD_UNPLACED, at=at, wave=lead.wave)
    alarm = log.add(EventType.LEAD_ESCALATED, at=at, wave=lead.wave)
    notifications.tell_dispatchers(notifications.LEAD_ESCALATED, log=log, event=alarm, at=at)
