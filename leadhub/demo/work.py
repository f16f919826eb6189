"""What partners do with a lead they hold: calls, reports, sales, and leads given back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from leadhub.core.actors import Actor
from leadhub.demo.cases import Case, Look
from leadhub.demo.conduct import LOST_REASONS, RETURN_REASONS, call_customer, days_later
from leadhub.demo.customers import Fate
from leadhub.demo.network import Member, Network
from leadhub.demo.timeline import Timeline
from leadhub.demo.trades import NOTES
from leads.dispatch import judge_return, reroute_lead
from leads.feedback import (
    close_lead,
    give_feedback,
    record_contact,
    reopen_lead,
    return_lead,
)
from leads.models import Assignment
from leads.pipeline import set_stage

GIVEN_BACK = 0.055
ENGAGED_FIRST_TIME = 0.22
NEVER_REACHED = 0.10
TAKEN_BACK = 0.45
JUDGED = 0.75
BELIEVED = {"NOT_REACHABLE": 0.6, "WRONG_DATA": 0.85, "NOT_OUR_PRODUCT": 0.5, "OTHER": 0.2}
QUOTED = 0.72
REOPENED = 0.05
CLOSED_BY_DISPATCHER = 0.35
EAGERNESS = {"HOT": 1.3, "WARM": 1.0, "COLD": 0.55}
SAYS_AS_DESCRIBED = 0.45
IS_AS_DESCRIBED = 0.84
SAYS_HOW_LIKELY = {"APPOINTMENT": 0.6, "QUOTE_SENT": 0.85}
CHANCES = {
    "APPOINTMENT": (("LOW", 0.3), ("MEDIUM", 0.5), ("HIGH", 0.2)),
    "QUOTE_SENT": (("LOW", 0.2), ("MEDIUM", 0.45), ("HIGH", 0.35)),
}
UNTIL_SALE = 28.0  # days
PUT_OFF = 3.0  # days until whoever owes feedback thinks of it again


@dataclass(slots=True)
class Job:
    """A partner's work on one lead.

    :ivar is_over: won, lost, or no longer the partner's.
    """

    case: Case
    assignment: Assignment
    member: Member
    by: Actor
    is_over: bool = False


Act = Callable[[Job, datetime], None]


class Work:
    """What becomes of leads in partners' hands."""

    def __init__(self, network: Network, timeline: Timeline, look: Look) -> None:
        self._network = network
        self._timeline = timeline
        self._look = look

    def begin(self, case: Case, assignment: Assignment, member: Member, *, at: datetime) -> None:
        """Let a partner that has a lead now decide how to go about it."""
        throw, habits = case.throw, member.habits
        job = Job(case, assignment, member, throw.choice(member.people).actor)
        if case.enquiry.fate is not Fate.CHANCE:
            return
        if not throw.happens(habits.calls):
            if throw.happens(TAKEN_BACK):
                self._expect(job, days_later(throw, at, 3), self._take_back)
            return
        first = call_customer(throw, habits, accepted_at=at)
        if throw.happens(NEVER_REACHED):
            self._expect(job, first, self._call_in_vain)
            self._expect(job, days_later(throw, first, 1), self._call_in_vain)
            self._expect(job, days_later(throw, first, 3), self._give_up)
            return
        if throw.happens(ENGAGED_FIRST_TIME):
            self._expect(job, first, self._call_in_vain)
            first = days_later(throw, first, 0.25, 0.9)
        self._expect(job, first, self._reach)
        self._expect_reminder(job)
        if throw.happens(GIVEN_BACK):
            self._expect(job, days_later(throw, first, 0.8), self._give_back)

    def _expect(self, job: Job, at: datetime, act: Act) -> None:
        self._timeline.at(at, partial(self._go_on, job, act))

    def _go_on(self, job: Job, act: Act, at: datetime) -> None:
        holding = job.case.holding
        if not job.is_over and holding is not None and holding.id == job.assignment.id:
            act(job, at)

    # Calls

    def _call_in_vain(self, job: Job, at: datetime) -> None:
        record_contact(
            assignment=job.assignment, is_reached=False, contacted_at=at, by=job.by, at=at
        )

    def _reach(self, job: Job, at: datetime) -> None:
        throw, reports = job.case.throw, job.member.habits.reports
        record_contact(
            assignment=job.assignment, is_reached=True, contacted_at=at, by=job.by, at=at
        )
        if throw.happens(reports):
            status = throw.one_of((("APPOINTMENT", 0.58), ("REACHED", 0.42)))
            soon = at + timedelta(minutes=min(600, throw.around(12, 1.0)))
            self._expect_report(job, soon, status)
        if throw.happens(QUOTED) and throw.happens(reports):
            self._expect_report(job, days_later(throw, at, 4.5), "QUOTE_SENT")
        closes = (1 + reports) / 2
        if throw.happens(closes):
            self._expect(job, days_later(throw, at, 15, 0.6), self._conclude)
        elif throw.happens(CLOSED_BY_DISPATCHER):
            self._expect(job, days_later(throw, at, 32, 0.3), self._close_for_partner)

    # Reports

    def _expect_report(self, job: Job, at: datetime, status: str) -> None:
        self._expect(job, at, partial(self._report, status))

    def _expect_reminder(self, job: Job) -> None:
        """Let a partner be reminded when its feedback falls due."""
        due_at = job.assignment.feedback_due_at
        if due_at is not None:
            self._expect(job, days_later(job.case.throw, due_at, 0.3), self._catch_up)

    def _catch_up(self, job: Job, at: datetime) -> None:
        """Give the feedback that is due, if the customer was spoken to; then wait for the next."""
        held, habits = job.assignment, job.member.habits
        held.refresh_from_db(fields=["feedback_due_at", "contacted_at"])
        if held.feedback_due_at is not None and held.feedback_due_at <= at:
            if held.contacted_at is None or not job.case.throw.happens(habits.catches_up):
                self._expect(job, days_later(job.case.throw, at, PUT_OFF), self._catch_up)
                return
            self._tell(job, "REACHED", at)
            held.refresh_from_db(fields=["feedback_due_at"])
        self._expect_reminder(job)

    def _report(self, status: str, job: Job, at: datetime) -> None:
        self._tell(job, status, at)
        if job.case.throw.happens(SAYS_HOW_LIKELY.get(status, 0.0)):
            self._say_how_likely(job, status, at)

    def _say_how_likely(self, job: Job, status: str, at: datetime) -> None:
        throw = job.case.throw
        set_stage(
            assignment=job.assignment,
            chance=throw.one_of(CHANCES[status]),
            month=days_later(throw, at, UNTIL_SALE, 0.8).date(),
            value=self._price(job.case) if throw.happens(0.5) else None,
            by=job.by,
            at=at,
        )

    def _tell(
        self,
        job: Job,
        status: str,
        at: datetime,
        *,
        value: Decimal | None = None,
        reason: str | None = None,
    ) -> None:
        throw = job.case.throw
        note = throw.choice(NOTES[status]) if throw.happens(0.4) else ""
        is_asked = throw.happens(SAYS_AS_DESCRIBED)
        give_feedback(
            assignment=job.assignment,
            status=status,
            note=note,
            is_as_described=throw.happens(IS_AS_DESCRIBED) if is_asked else None,
            value=value,
            reason=reason,
            by=job.by,
            at=at,
        )

    # The end

    def _conclude(self, job: Job, at: datetime) -> None:
        case = job.case
        job.is_over = True
        if case.throw.happens(job.member.habits.wins * EAGERNESS[case.lead.temperature]):
            self._tell(job, "WON", at, value=self._price(case))
            return
        self._tell(job, "LOST", at, reason=case.throw.one_of(LOST_REASONS))
        if case.throw.happens(REOPENED):
            reopened_at = days_later(case.throw, at, 6)
            self._timeline.at(reopened_at, partial(self._reopen, job))

    def _reopen(self, job: Job, at: datetime) -> None:
        reopen_lead(lead=job.case.lead, by=self._network.dispatcher, at=at)
        job.is_over = False
        self._expect(job, days_later(job.case.throw, at, 5), self._conclude)

    def _close_for_partner(self, job: Job, at: datetime) -> None:
        case = job.case
        job.is_over = True
        close_lead(
            lead=case.lead,
            outcome="LOST",
            reason=case.throw.one_of(LOST_REASONS),
            by=self._network.dispatcher,
            at=at,
        )

    def _price(self, case: Case) -> Decimal:
        typical = self._network.trade.line(case.enquiry.new.product_lines[0]).value
        expected = float(case.enquiry.new.expected_value or typical)
        return Decimal(round(expected * case.throw.uniform(0.65, 1.2) / 10) * 10)

    # Leads given back

    def _give_up(self, job: Job, at: datetime) -> None:
        throw = job.case.throw
        if throw.happens(0.45):
            self._return(job, "NOT_REACHABLE", at)
        elif throw.happens(job.member.habits.reports):
            self._report("NOT_REACHABLE", job, at)
            self._expect(job, days_later(throw, at, 14), self._close_for_partner)

    def _give_back(self, job: Job, at: datetime) -> None:
        self._return(job, job.case.throw.one_of(RETURN_REASONS), at)

    def _return(self, job: Job, reason: str, at: datetime) -> None:
        case = job.case
        job.is_over = True
        return_lead(assignment=job.assignment, reason=reason, by=job.by, at=at)
        case.refused.add(job.member.partner.id)
        if case.throw.happens(JUDGED):
            judged_at = days_later(case.throw, at, 0.9)
            self._timeline.at(judged_at, partial(self._judge, job, reason))
        self._look(case, at, None)

    def _judge(self, job: Job, reason: str, at: datetime) -> None:
        judge_return(
            lead=job.case.lead,
            is_lead_at_fault=job.case.throw.happens(BELIEVED[reason]),
            by=self._network.dispatcher,
            at=at,
        )

    def _take_back(self, job: Job, at: datetime) -> None:
        job.is_over = True
        job.case.refused.add(job.member.partner.id)
        lead = reroute_lead(lead=job.case.lead, by=self._network.dispatcher, at=at)
        self._look(job.case, at, lead)
