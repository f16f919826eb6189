"""The figures once more, in plain Python: folds the log pick by pick, without any SQL.

Written from the definitions, not from the SQL, so that the two can disagree.
"""

import math
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from leadhub.core.working_time import WorkCalendar, working_seconds_between
from tests.kpis.worlds import HELD, LEVELS, Enquiry, Fact, World

PICKED = {"offer.accepted", "lead.assigned", "lead.picked"}
ENDED_WITHOUT_OUTCOME = {"lead.returned", "lead.taken_back"}
Answer = dict[str, Any]


@dataclass
class Pick:
    """What the facts about one pick add up to."""

    name: str
    partner: str
    enquiry: Enquiry
    accepted_at: datetime
    offered_at: datetime | None
    contacted_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None
    win: dict[str, Any] = field(default_factory=dict)
    is_over: bool = False
    is_returned: bool = False
    is_confirmed: bool = False
    feedback: int = 0
    attempts: int = 0
    reports: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return not self.is_over and self.outcome is None

    def learn(self, fact: Fact) -> None:
        """Take in the next fact."""
        if fact.type == "contact.made" and self.contacted_at is None:
            self.contacted_at = fact.at
        if fact.type in {"contact.made", "contact.attempted"}:
            self.attempts += 1
        if fact.type in {"feedback.given", "lead.returned"}:
            self.feedback += 1
            self.reports.append(fact.data.get("status", ""))
        if fact.type in {"lead.won", "lead.lost"}:
            self.outcome, self.closed_at = fact.type, fact.at
            self.win = fact.data if fact.type == "lead.won" else {}
        if fact.type == "lead.reopened":
            self.outcome = self.closed_at = None
            self.win = {}
        if fact.type in ENDED_WITHOUT_OUTCOME:
            self.is_over = True
            self.is_returned = fact.type == "lead.returned"
        if fact.type in {"return.confirmed", "return.refused"}:
            self.is_confirmed = fact.type == "return.confirmed"


@dataclass(frozen=True)
class Question:
    """What is asked of a world."""

    starts_at: datetime
    ends_at: datetime
    at: datetime
    time_zone: str = "Europe/Berlin"
    group_by: tuple[str, ...] = ()
    partner: str | None = None
    user: str | None = None
    product_line: str | None = None
    region: str | None = None
    postal_area: str | None = None
    source: str | None = None
    campaign: str | None = None
    temperature: str | None = None
    certification: str | None = None
    matures_after: timedelta | None = None
    targets: dict[str, timedelta | float | None] = field(default_factory=dict)
    currency: str = "EUR"
    calendar: WorkCalendar | None = None


def fold(world: World, question: Question) -> tuple[list[Answer], Answer]:
    """Answer a question: the rows of the groups in order, and the total."""
    picks = [pick for pick in _picks(world) if _is_asked_for(pick, world, question)]
    groups: dict[tuple[str | None, ...], list[Pick]] = {}
    for pick in picks:
        for names in _groups_of(pick, world, question):
            groups.setdefault(names, []).append(pick)
    ordered = sorted(groups, key=lambda names: [(name is None, name or "") for name in names])
    rows = [
        {"group": dict(zip(question.group_by, names, strict=True)), **_sum(groups[names], question)}
        for names in ordered
        if question.group_by
    ]
    return rows, {"group": {}, **_sum(picks, question)}


def _picks(world: World) -> list[Pick]:
    picks: dict[str, Pick] = {}
    for fact in world.facts:
        if fact.type in PICKED and fact.pick and fact.partner:
            offered = fact.data.get("offered_at") if fact.type == "offer.accepted" else None
            picks[fact.pick] = Pick(
                fact.pick,
                fact.partner,
                world.enquiries[fact.lead],
                fact.at,
                datetime.fromisoformat(offered) if offered else None,
            )
        elif fact.pick:
            picks[fact.pick].learn(fact)
    return list(picks.values())


def _is_asked_for(pick: Pick, world: World, question: Question) -> bool:
    described = _described(pick, world, question)
    return (
        question.starts_at <= pick.accepted_at < question.ends_at
        and not pick.enquiry.is_test
        and (question.product_line is None or question.product_line in pick.enquiry.lines)
        and all(
            getattr(question, name) in {None, described[name]}
            for name in (
                "partner", "user", "region", "postal_area", "source", "campaign", "temperature",
                "certification",
            )
        )
    )  # fmt: skip


def _groups_of(pick: Pick, world: World, question: Question) -> set[tuple[str | None, ...]]:
    names: set[tuple[str | None, ...]] = {()}
    for dimension in question.group_by:
        found = (
            [code for code in pick.enquiry.lines if question.product_line in {None, code}]
            if dimension == "product_line"
            else [_described(pick, world, question)[dimension]]
        )
        names = {(*before, name) for before in names for name in found}
    return names


def _described(pick: Pick, world: World, question: Question) -> dict[str, str | None]:
    zone = ZoneInfo(question.time_zone)
    day = pick.accepted_at.astimezone(zone).date()
    year, week, _ = day.isocalendar()
    lead = pick.enquiry
    return {
        "partner": pick.partner,
        "user": world.workers.get(pick.name),
        "source": lead.source,
        "campaign": lead.campaign or None,
        "region": lead.region or None,
        "postal_area": f"{lead.country}-{lead.postal_code[:2]}" if lead.postal_code else None,
        "temperature": lead.temperature,
        "certification": _level_of(pick.partner, question.at.astimezone(zone).date()),
        "day": f"{day:%Y-%m-%d}",
        "week": f"{year}-W{week:02}",
        "month": f"{day.year}-{day.month:02}",
        "quarter": f"{day.year}-Q{math.ceil(day.month / 3)}",
    }


def _level_of(partner: str, today: date) -> str | None:
    """The highest level that is valid on a day."""
    valid = [code for code, until in HELD[partner] if until is None or until >= today]
    return max(valid, key=LEVELS.__getitem__, default=None)


def _sum(picks: list[Pick], question: Question) -> Answer:
    closed = [pick for pick in picks if pick.outcome and not pick.is_over]
    won = [pick for pick in closed if pick.outcome == "lead.won"]
    at_fault = [pick for pick in picks if pick.is_returned and pick.is_confirmed]
    ripe = [
        pick
        for pick in picks
        if question.matures_after is not None
        and question.at - pick.accepted_at >= question.matures_after
    ]
    attempts = sum(pick.attempts for pick in picks)
    reports = [report for pick in picks for report in pick.reports]
    counted = [
        Decimal(pick.win["value"])
        for pick in won
        if "value" in pick.win and pick.win["currency"] == question.currency
    ]
    revenue, missing = sum(counted, Decimal(0)), len(won) - len(counted)
    mean = _cents(revenue / len(counted)) if counted else None
    return {
        "picks": len(picks),
        "acceptance_time": _duration(
            "acceptance_time", _acceptances(picks, question), [], question
        ),
        "contact_time": _duration(
            "contact_time",
            [
                _seconds(pick.accepted_at, pick.contacted_at, question)
                for pick in picks
                if pick.contacted_at
            ],
            [
                _seconds(pick.accepted_at, question.at, question)
                for pick in picks
                if pick.is_open and not pick.contacted_at
            ],
            question,
        ),
        "processing_time": _duration(
            "processing_time",
            [
                _seconds(pick.accepted_at, pick.closed_at, question)
                for pick in closed
                if pick.closed_at
            ],
            [_seconds(pick.accepted_at, question.at, question) for pick in picks if pick.is_open],
            question,
        ),
        "feedback_rate": _ratio(
            "feedback_rate", len([p for p in picks if p.feedback]), len(picks), question
        ),
        "feedback_rate_completed": _ratio(
            "feedback_rate_completed",
            len([p for p in closed if p.feedback]),
            len(closed),
            question,
        ),
        "conversion_rate": _ratio(
            "conversion_rate", len(won), len(picks) - len(at_fault), question
        ),
        "conversion_rate_matured": _ratio(
            "conversion_rate_matured",
            len([pick for pick in won if pick in ripe]),
            len([pick for pick in ripe if pick not in at_fault]),
            question,
        ),
        "win_rate": _ratio("win_rate", len(won), len(closed), question),
        "return_rate": _ratio(
            "return_rate", len([pick for pick in picks if pick.is_returned]), len(picks), question
        ),
        "hit_rate": _ratio("hit_rate", len(won), attempts, question),
        "deals": _tally(len(won), picks),
        "contact_attempts": _tally(attempts, picks),
        "appointments": _tally(reports.count("APPOINTMENT"), picks),
        "quotes_sent": _tally(reports.count("QUOTE_SENT"), picks),
        "revenue": (len(counted), _cents(revenue), question.currency, missing),
        "average_order_value": (len(counted), mean, question.currency, missing),
    }


def _acceptances(picks: list[Pick], question: Question) -> list[int]:
    return [
        _seconds(pick.offered_at, pick.accepted_at, question) for pick in picks if pick.offered_at
    ]


def _duration(code: str, ended: list[int], waiting: list[int], question: Question) -> Answer:
    target = question.targets.get(code)
    limit = int(target.total_seconds()) if isinstance(target, timedelta) else None
    judged = ended + [seconds for seconds in waiting if limit is not None and seconds > limit]
    in_time = [seconds for seconds in ended if limit is not None and seconds <= limit]
    return {
        "count": len(ended),
        "mean": math.floor(sum(ended) / len(ended) + 0.5) if ended else None,
        "median": _percentile(ended, 0.5),
        "p90": _percentile(ended, 0.9),
        "within_target": len(in_time) / len(judged) if judged and limit is not None else None,
        "target": limit,
        "open_count": len(waiting),
        "censored_median": None if code == "acceptance_time" else half_done(ended, waiting),
    }


def half_done(ended: list[int], waiting: list[int]) -> int | None:
    """The first time until which half of all are done, by exact fractions (Kaplan-Meier)."""
    left = Fraction(1)
    for time in sorted(set(ended)):
        at_risk = sum(max(seconds, 0) >= time for seconds in (*ended, *waiting))
        left *= 1 - Fraction(ended.count(time), at_risk)
        if left <= Fraction(1, 2):
            return time
    return None


def _tally(count: int, picks: list[Pick]) -> tuple[int, float | None]:
    return count, count / len(picks) if picks else None


def _ratio(code: str, numerator: int, denominator: int, question: Question) -> Answer:
    return {
        "numerator": numerator,
        "denominator": denominator,
        "value": numerator / denominator if denominator else None,
        "target": question.targets.get(code),
    }


def _percentile(values: list[int], share: float) -> int | None:
    """Interpolate linearly between the two nearest ranks."""
    if not values:
        return None
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    low, high = ordered[math.floor(rank)], ordered[math.ceil(rank)]
    return math.floor(low + (rank - math.floor(rank)) * (high - low) + 0.5)


def _seconds(start: datetime, end: datetime, question: Question) -> int:
    if question.calendar is not None:
        return working_seconds_between(start, end, question.calendar)
    return (end - start) // timedelta(seconds=1)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
