"""The story of each lead up to its acceptance, told by the product's own functions."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from leadhub.core.actors import Actor
from leadhub.core.errors import Refusal
from leadhub.demo.cases import Case
from leadhub.demo.chance import dice
from leadhub.demo.conduct import SILENT, answer_to_offer, days_later
from leadhub.demo.customers import Enquiry, Fate
from leadhub.demo.network import Member, Network
from leadhub.demo.timeline import Timeline
from leadhub.demo.work import Work
from leads.dispatch import (
    assign_lead,
    extend_wave,
    reject_lead,
    release_lead,
    reroute_lead,
    withdraw_lead,
)
from leads.intake import receive_lead
from leads.models import Assignment, Lead, LeadOffer
from leads.models.leads import LeadStatus
from leads.routing import accept_offer, decline_offer, end_wave, pick_lead
from partners.models import Partner
from partners.network import save_partner

ENTERED_BY_HAND = ("phone", "fair")
EXTENDED = 0.015
MOST_ROUNDS = 3
# What happens to a lead on the pick list.
ON_PICK_LIST = (
    ("pick", 0.34),
    ("assign", 0.36),
    ("reroute", 0.06),
    ("withdraw", 0.07),
    ("leave", 0.17),
)
HELD = (("release", 0.45), ("reject", 0.40), ("leave", 0.15))


class DispatcherAct(Protocol):
    """Something a dispatcher does to a lead without saying more."""

    def __call__(self, *, lead: Lead, by: Actor, at: datetime) -> Lead:
        """Do it."""


class Story:
    """What customers, partners and dispatchers of one network do until now."""

    def __init__(self, network: Network, timeline: Timeline) -> None:
        self._network = network
        self._timeline = timeline
        self._members = {m.partner.id: m for m in network.members}
        self._work = Work(network, timeline, self._look)

    def expect(self, enquiry: Enquiry) -> None:
        """Let a customer enquire."""
        self._timeline.at(enquiry.at, partial(self._receive, enquiry))

    def expect_pause(self, member: Member, at: datetime) -> None:
        """Let a partner stop taking leads."""
        self._timeline.at(at, partial(self._pause, member))

    def _look(self, case: Case, at: datetime, lead: Lead | None = None) -> None:
        """See where a lead stands, and let those whose turn it is decide what they will do."""
        lead = lead or Lead.objects.get(id=case.lead.id)
        case.lead, case.holding = lead, None
        if lead.status == LeadStatus.OFFERED and lead.wave != case.wave:
            case.wave = lead.wave
            self._expect_answers(case)
        elif lead.status == LeadStatus.OPEN:
            self._expect_rescue(case, at)
        elif lead.status == LeadStatus.HELD:
            self._expect_review(case, at)

    def _hand_over(self, case: Case, assignment: Assignment, at: datetime) -> None:
        """Let the partner that has the lead now work on it."""
        case.holding = assignment
        self._work.begin(case, assignment, self._members[assignment.partner_id], at=at)

    def _receive(self, enquiry: Enquiry, at: datetime) -> None:
        by_hand = enquiry.new.source in ENTERED_BY_HAND
        by = self._network.dispatcher if by_hand else self._network.api
        lead = receive_lead(new=enquiry.new, by=by, at=at).lead
        throw = dice(self._network.trade.slug, "lead", enquiry.number)
        self._look(Case(enquiry, throw, lead), at, lead)

    def _pause(self, member: Member, at: datetime) -> None:
        member.details = replace(member.details, status=Partner.Status.PAUSED)
        by = self._network.staff[0].actor
        member.partner, _ = save_partner(details=member.details, by=by, at=at)

    # Offers

    def _expect_answers(self, case: Case) -> None:
        lead = case.lead
        offers = LeadOffer.objects.open().filter(manufacturer=lead.manufacturer_id, lead=lead)
        for offer in offers.order_by("rank"):
            member = self._members[offer.partner_id]
            case.asked[offer.partner_id] = member
            self._expect_answer(case, offer, member)
        if lead.respond_by is not None:
            self._expect_end(case, lead.respond_by)
            if case.throw.happens(EXTENDED):
                shortly_before = lead.respond_by - timedelta(minutes=20)
                self._timeline.at(shortly_before, partial(self._extend, case, lead.wave))

    def _expect_answer(self, case: Case, offer: LeadOffer, member: Member) -> None:
        fate, throw, wait = case.enquiry.fate, case.throw, self._timeline.at
        minutes = timedelta(minutes=throw.uniform(1.5, 9))
        if fate is Fate.REFUSED_BY_ALL:
            decline = partial(self._decline, case, offer, "NO_CAPACITY")
            wait(offer.available_from + minutes, decline)
        elif fate in (Fate.JUST_ACCEPTED, Fate.WAITS_FOR_CONTACT):
            wait(offer.available_from + minutes, partial(self._accept, case, offer))
        elif fate is not Fate.UNANSWERED:
            answer = answer_to_offer(
                throw,
                member.habits,
                available_from=offer.available_from,
                temperature=case.lead.temperature,
            )
            if answer is None:
                return
            if answer.decline_reason is None:
                wait(answer.at, partial(self._accept, case, offer))
            else:
                wait(answer.at, partial(self._decline, case, offer, answer.decline_reason))

    def _expect_end(self, case: Case, deadline: datetime) -> None:
        swept_at = deadline + timedelta(seconds=case.throw.uniform(0.05, 1))
        self._timeline.at(swept_at, partial(self._end_wave, case, case.wave))

    def _accept(self, case: Case, offer: LeadOffer, at: datetime) -> None:
        if case.holding is not None:
            return
        by = self._somebody_of(case, self._members[offer.partner_id])
        try:
            assignment = accept_offer(offer=offer, by=by, at=at)
        except Refusal:
            return
        self._hand_over(case, assignment, at)

    def _decline(self, case: Case, offer: LeadOffer, reason: str, at: datetime) -> None:
        if case.holding is not None or at >= offer.respond_by:
            return
        by = self._somebody_of(case, self._members[offer.partner_id])
        try:
            decline_offer(offer=offer, reason=reason, by=by, at=at)
        except Refusal:
            return
        case.refused.add(offer.partner_id)
        self._look(case, at)

    def _end_wave(self, case: Case, wave: int, at: datetime) -> None:
        is_current = case.holding is None and case.wave == wave
        if is_current and end_wave(lead=case.lead, at=at):
            self._look(case, at)

    def _extend(self, case: Case, wave: int, at: datetime) -> None:
        if case.holding is not None or case.wave != wave or case.lead.respond_by is None:
            return
        respond_by = case.lead.respond_by + timedelta(hours=2)
        try:
            case.lead = extend_wave(
                lead=case.lead, respond_by=respond_by, by=self._network.dispatcher, at=at
            )
        except Refusal:
            return
        self._expect_end(case, respond_by)

    # Nobody took it

    def _expect_rescue(self, case: Case, at: datetime) -> None:
        case.rounds += 1
        if case.enquiry.fate is not Fate.CHANCE or case.rounds > MOST_ROUNDS:
            return
        what = case.throw.one_of(ON_PICK_LIST)
        if what == "pick":
            self._expect_pick(case, at)
        elif what == "assign":
            self._expect_assignment(case, at)
        elif what != "leave":
            act = {"reroute": self._reroute, "withdraw": self._withdraw}[what]
            self._timeline.at(days_later(case.throw, at, 1.5), partial(act, case))

    def _expect_pick(self, case: Case, at: datetime) -> None:
        """Let a partner come back to an offer that ran out, more likely a diligent one."""
        shares = [
            (member, 0.2 if member.habits is SILENT else 1.0)
            for partner_id, member in case.asked.items()
            if partner_id not in case.refused
        ]
        if shares:
            member = case.throw.one_of(shares)
            picked_at = days_later(case.throw, at, 0.5, 0.9)
            self._timeline.at(picked_at, partial(self._pick, case, member))
        else:
            self._expect_assignment(case, at)

    def _expect_assignment(self, case: Case, at: datetime) -> None:
        self._timeline.at(days_later(case.throw, at, 0.6, 0.8), partial(self._assign, case))

    def _pick(self, case: Case, member: Member, at: datetime) -> None:
        if case.holding is not None:
            return
        try:
            assignment = pick_lead(lead=case.lead, by=self._somebody_of(case, member), at=at)
        except Refusal:
            return
        self._hand_over(case, assignment, at)

    def _assign(self, case: Case, at: datetime) -> None:
        if case.holding is not None:
            return
        partner = self._nearest(case).partner
        try:
            assignment = assign_lead(
                lead=case.lead, partner=partner, by=self._network.dispatcher, at=at
            )
        except Refusal:
            return
        self._hand_over(case, assignment, at)

    def _nearest(self, case: Case) -> Member:
        """Find who is nearest, sells the main thing wanted and did not refuse."""
        lead, wanted = case.lead, case.enquiry.new.product_lines[0]
        fitting = [
            member
            for member in self._network.members
            if wanted in member.details.product_lines
            and member.details.status == Partner.Status.ACTIVE
            and member.partner.id not in case.refused
        ]
        if lead.latitude is None or lead.longitude is None:
            return case.enquiry.home or case.throw.choice(fitting)
        north, east = lead.latitude, lead.longitude
        fitting.sort(
            key=lambda m: (m.spot.latitude - north) ** 2 + ((m.spot.longitude - east) * 0.65) ** 2
        )
        return case.throw.choice(fitting[:2])

    def _reroute(self, case: Case, at: datetime) -> None:
        self._dispatch(case, reroute_lead, at)

    def _withdraw(self, case: Case, at: datetime) -> None:
        self._dispatch(case, withdraw_lead, at)

    def _release(self, case: Case, at: datetime) -> None:
        self._dispatch(case, release_lead, at)

    def _reject(self, case: Case, at: datetime) -> None:
        self._dispatch(case, reject_lead, at)

    def _dispatch(self, case: Case, act: DispatcherAct, at: datetime) -> None:
        if case.holding is not None:
            return
        try:
            lead = act(lead=case.lead, by=self._network.dispatcher, at=at)
        except Refusal:
            return
        self._look(case, at, lead)

    def _expect_review(self, case: Case, at: datetime) -> None:
        if case.enquiry.fate is Fate.LEFT_HELD:
            return
        what = case.throw.one_of(HELD)
        if what != "leave":
            act = self._release if what == "release" else self._reject
            self._timeline.at(days_later(case.throw, at, 0.4), partial(act, case))

    def _somebody_of(self, case: Case, member: Member) -> Actor:
        """Act as one of a partner's people."""
        return case.throw.choice(member.people).actor
