"""A lead and its partners, driven at random through every function that changes a status."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from leadhub.core.errors import Refusal
from leads import dispatch, erasure, escalation, feedback, merging, routing
from leads.invariants.checking import broken_invariants
from leads.models import Assignment, Lead, LeadOffer
from leads.models.assignments import FeedbackStatus, LostReason, ReturnReason
from leads.models.leads import LeadStatus as S
from leads.models.offers import DeclineReason
from partners.models import Partner
from tests.acting import holder_of
from tests.factories import NOON, Network
from tests.lifecycle.rules import CLOSED, IN_HANDS, State, complaints

NOBODY_KNOWS = "00000"
WAIT = st.sampled_from(
    [timedelta(0), timedelta(minutes=1), timedelta(minutes=50), timedelta(hours=3)]
)
ANY = st.integers(min_value=0, max_value=7)
SELDOM = st.integers(min_value=0, max_value=5).map(lambda number: number == 5)
# What ends a lead's life for good.
HARDLY_EVER = st.integers(0, 40).map(lambda number: number == 17)
BY_HAND = (
    dispatch.reroute_lead,
    dispatch.release_lead,
    dispatch.reject_lead,
    dispatch.withdraw_lead,
    feedback.reopen_lead,
)


def on(*states: str) -> Callable[["LifeOfALead"], bool]:
    """The lead stands in one of these states."""
    return lambda life: life.now.status in states


class LifeOfALead(RuleBasedStateMachine):
    """Each step is one call of the domain, by anybody, at an instant that never goes back.

    Refusals are answers: a step that is refused must have changed nothing.

    :cvar network: four partners in Munich, two of which sell boilers too.
    :cvar went: from which state into which state leads went in one step, over all runs.
    """

    network: ClassVar[Network]
    partners: ClassVar[list[Partner]]
    went: ClassVar[set[tuple[str, str]]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.at: datetime = NOON

    def teardown(self) -> None:
        try:
            still = {"with_timers": False, "with_catalogue": False}
            assert broken_invariants(at=self.at, **still) == []
        finally:
            transaction.set_rollback(True)
            self.run.__exit__(None, None, None)

    @initialize(
        postal_code=st.sampled_from(["80331", "20095", NOBODY_KNOWS]),
        line=st.sampled_from(["heat-pumps", "boilers"]),
        sizes=st.lists(st.integers(min_value=1, max_value=3), min_size=1, max_size=2),
        late_answers=st.booleans(),
        head_start=st.sampled_from([0, 600]),
        take_back=st.booleans(),
        is_asked_twice=SELDOM,
    )
    def receive(
        self,
        postal_code: str,
        line: str,
        sizes: list[int],
        head_start: int,
        *,
        late_answers: bool,
        take_back: bool,
        is_asked_twice: bool,
    ) -> None:
        waves = [{"partners": size, "head_start": head_start} for size in sizes]
        self.network.policy(*waves, late_answers=late_answers, take_back=take_back)
        self.other = self.network.lead(postal_code="80331", external_id="another")
        self.network.compare_within(30 if is_asked_twice else 0)
        self.lead: Lead = self.network.lead(
            postal_code=postal_code, product_lines=(line,), external_id="the one"
        )
        self.before: State | None = None
        self.now = State.of(self.lead)

    def step(self, act: Callable[..., Any], wait: timedelta, **arguments: Any) -> None:
        self.at += wait
        is_refused = False
        try:
            act(at=self.at, **arguments)
        except Refusal:
            is_refused = True
        self.before, self.now = self.now, State.of(self.lead)
        assert not is_refused or self.now == self.before, "a refused step changed something"
        self.went.add((self.before.status, self.now.status))

    def offer(self, number: int) -> LeadOffer:
        """Mostly one of the last wave."""
        offers = self.network.offers(self.lead)
        last = [offer for offer in offers if offer.wave == offers[-1].wave]
        chosen = last if number > 1 else offers
        return chosen[number % len(chosen)]

    def assignment(self, number: int) -> Assignment:
        """Mostly the last one, which may be in hands."""
        return self.network.assignments(self.lead)[-1 if number else 0]

    def partner(self, number: int) -> Partner:
        return self.partners[number % len(self.partners)]

    def has_offers(self) -> bool:
        return bool(self.now.offers)

    def has_assignments(self) -> bool:
        return bool(self.now.assignments)

    def has_ended_assignments(self) -> bool:
        return len(self.now.assignments) > len(self.now.in_hands)

    @precondition(has_offers)
    @rule(number=ANY, wait=WAIT)
    def accept(self, number: int, wait: timedelta) -> None:
        offer = self.offer(number)
        self.step(routing.accept_offer, wait, offer=offer, by=holder_of(offer))

    @precondition(on(S.OFFERED))
    @rule(number=ANY, reason=st.sampled_from(DeclineReason.values), wait=WAIT)
    def decline(self, number: int, reason: str, wait: timedelta) -> None:
        offer = self.offer(number)
        self.step(routing.decline_offer, wait, offer=offer, reason=reason, by=holder_of(offer))

    @precondition(on(S.OFFERED, *IN_HANDS))
    @rule(wait=WAIT)
    def sweep(self, wait: timedelta) -> None:
        """Time passes; whatever falls due is done, also while a partner has the lead."""
        self.step(escalation.sweep, wait)

    @precondition(on(S.HELD))
    @rule(wait=WAIT)
    def merge(self, wait: timedelta) -> None:
        into = {"into_id": self.other.id, "by": self.network.by}
        self.step(merging.merge_lead, wait, lead=self.lead, **into)

    @precondition(on(S.OPEN))
    @rule(number=ANY, wait=WAIT)
    def pick(self, number: int, wait: timedelta) -> None:
        by = self.network.actor_for(self.partner(number))
        self.step(routing.pick_lead, wait, lead=self.lead, by=by)

    @precondition(on(S.OFFERED, S.OPEN, S.HELD))
    @rule(number=ANY, wait=WAIT)
    def assign(self, number: int, wait: timedelta) -> None:
        self.step(
            dispatch.assign_lead,
            wait,
            lead=self.lead,
            partner=self.partner(number),
            by=self.network.by,
        )

    @precondition(on(S.HELD))
    @rule(wait=WAIT)
    def release(self, wait: timedelta) -> None:
        self.step(dispatch.release_lead, wait, lead=self.lead, by=self.network.by)

    @precondition(on(S.HELD))
    @rule(wait=WAIT)
    def reject(self, wait: timedelta) -> None:
        self.step(dispatch.reject_lead, wait, lead=self.lead, by=self.network.by)

    @precondition(on(S.OPEN))
    @rule(wait=WAIT)
    def find_another_partner(self, wait: timedelta) -> None:
        """Let somebody join the network who can be asked, and route the lead anew."""
        self.network.partner(postal_code="20095", product_lines=("heat-pumps", "boilers"))
        self.step(dispatch.reroute_lead, wait, lead=self.lead, by=self.network.by)

    @precondition(on(S.OFFERED, S.OPEN))
    @rule(wait=WAIT, is_done=st.booleans())
    def withdraw(self, wait: timedelta, *, is_done: bool) -> None:
        act = dispatch.withdraw_lead if is_done else dispatch.reroute_lead
        self.step(act, wait, lead=self.lead, by=self.network.by)

    @precondition(on(*CLOSED))
    @rule(wait=WAIT)
    def reopen(self, wait: timedelta) -> None:
        self.step(feedback.reopen_lead, wait, lead=self.lead, by=self.network.by)

    @rule(act=st.sampled_from(BY_HAND), wait=WAIT, is_done=SELDOM)
    def meddle(self, act: Callable[..., Any], wait: timedelta, *, is_done: bool) -> None:
        """Do by hand whatever comes to mind; some of it ends the lead's life, so not too often."""
        if is_done:
            self.step(act, wait, lead=self.lead, by=self.network.by)

    @rule(wait=WAIT, is_done=HARDLY_EVER)
    def erase(self, wait: timedelta, *, is_done: bool) -> None:
        """Remove what is personal, in whatever state; what comes after has to do without."""
        if is_done:
            self.step(erasure.erase_lead, wait, lead=self.lead, by=self.network.by)

    @precondition(on(S.OFFERED))
    @rule(minutes=st.sampled_from([-10, 5, 30, 600]), wait=WAIT)
    def extend(self, minutes: int, wait: timedelta) -> None:
        respond_by = self.at + wait + timedelta(minutes=minutes)
        self.step(
            dispatch.extend_wave, wait, lead=self.lead, respond_by=respond_by, by=self.network.by
        )

    @precondition(on(*IN_HANDS))
    @rule(number=ANY, is_reached=st.booleans(), ago=WAIT, wait=WAIT)
    def contact(self, number: int, ago: timedelta, wait: timedelta, *, is_reached: bool) -> None:
        assignment = self.assignment(number)
        self.step(
            feedback.record_contact,
            wait,
            assignment=assignment,
            is_reached=is_reached,
            contacted_at=self.at + wait - ago,
            by=holder_of(assignment),
        )

    @precondition(has_assignments)
    @rule(
        number=ANY,
        status=st.sampled_from([*FeedbackStatus.values, *["APPOINTMENT"] * 3]),
        wait=WAIT,
    )
    def give_feedback(self, number: int, status: str, wait: timedelta) -> None:
        assignment = self.assignment(number)
        self.step(
            feedback.give_feedback,
            wait,
            assignment=assignment,
            status=status,
            value=Decimal(100),
            reason=LostReason.PRICE,
            by=holder_of(assignment),
        )

    @precondition(on(*IN_HANDS))
    @rule(end=st.sampled_from([*["return"] * 4, "take back", "WON", "LOST"]), wait=WAIT)
    def end(self, end: str, wait: timedelta) -> None:
        by = self.network.by
        if end == "take back":
            self.step(dispatch.reroute_lead, wait, lead=self.lead, by=by)
        elif end == "return":
            assignment = self.assignment(1)
            act, reason = feedback.return_lead, ReturnReason.WRONG_DATA
            self.step(act, wait, assignment=assignment, reason=reason, by=holder_of(assignment))
        else:
            answers = {"value": Decimal(100), "reason": LostReason.PRICE}
            self.step(feedback.close_lead, wait, lead=self.lead, outcome=end, by=by, **answers)

    @precondition(has_ended_assignments)
    @rule(wait=WAIT)
    def return_once_more(self, wait: timedelta) -> None:
        assignment = self.assignment(0)
        self.step(
            feedback.return_lead,
            wait,
            assignment=assignment,
            reason=ReturnReason.OTHER,
            by=holder_of(assignment),
        )

    @precondition(has_ended_assignments)
    @rule(is_lead_at_fault=st.booleans(), wait=WAIT)
    def judge(self, wait: timedelta, *, is_lead_at_fault: bool) -> None:
        self.step(
            dispatch.judge_return,
            wait,
            lead=self.lead,
            is_lead_at_fault=is_lead_at_fault,
            by=self.network.by,
        )

    @invariant()
    def holds_what_must_hold(self) -> None:
        assert complaints(self.before, self.now) == []
