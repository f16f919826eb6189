"""How partners behave: who answers fast, who reports, who stays silent."""

from datetime import datetime, timedelta
from typing import NamedTuple

from leadhub.demo.chance import Dice
from leadhub.demo.hours import at_work


class Diligence(NamedTuple):
    """A partner's habits; probabilities, and medians in minutes.

    :ivar accepts: takes an offer; ``declines``: says no; else it lets the offer run out.
    :ivar calls: calls the customer at all without being reminded.
    :ivar reports: gives feedback at each step; ``catches_up``: once reminded that some is due.
    :ivar wins: sells to the customer, of those it stays in touch with.
    """

    name: str
    accepts: float
    declines: float
    answer_minutes: float
    calls: float
    call_minutes: float
    reports: float
    catches_up: float
    wins: float


FAST = Diligence("fast", 0.84, 0.11, 11, 0.99, 22, 0.95, 0.97, 0.46)
STEADY = Diligence("steady", 0.72, 0.14, 38, 0.95, 75, 0.82, 0.92, 0.36)
SLOW = Diligence("slow", 0.58, 0.14, 150, 0.86, 420, 0.58, 0.75, 0.25)
SILENT = Diligence("silent", 0.26, 0.03, 420, 0.55, 1_700, 0.20, 0.3, 0.14)
SHARES = ((FAST, 0.24), (STEADY, 0.42), (SLOW, 0.23), (SILENT, 0.11))

DECLINE_REASONS = (
    ("NO_CAPACITY", 0.42),
    ("TOO_FAR", 0.24),
    ("NOT_OUR_PRODUCT", 0.14),
    ("CUSTOMER_KNOWN", 0.12),
    ("OTHER", 0.08),
)
LOST_REASONS = (
    ("PRICE", 0.36),
    ("COMPETITOR", 0.26),
    ("TIMING", 0.16),
    ("NO_NEED", 0.14),
    ("OTHER", 0.08),
)
RETURN_REASONS = (
    ("NOT_REACHABLE", 0.42),
    ("WRONG_DATA", 0.30),
    ("NOT_OUR_PRODUCT", 0.20),
    ("OTHER", 0.08),
)


class Answer(NamedTuple):
    """What a partner will say to an offer, and when; no reason means yes."""

    at: datetime
    decline_reason: str | None


def answer_to_offer(
    dice: Dice, habits: Diligence, *, available_from: datetime, temperature: str
) -> Answer | None:
    """Decide what a partner says; ``None`` if it says nothing. Hot leads are taken more often."""
    minutes = min(3 * 24 * 60, dice.around(habits.answer_minutes, 0.9))
    at = at_work(dice, available_from + timedelta(minutes=max(0.4, minutes)))
    keenness = {"HOT": 1.12, "WARM": 1.0, "COLD": 0.72}[temperature]
    drawn = dice.random()
    if drawn < habits.accepts * keenness:
        return Answer(at, None)
    if drawn < habits.accepts * keenness + habits.declines:
        return Answer(at, dice.one_of(DECLINE_REASONS))
    return None


def call_customer(dice: Dice, habits: Diligence, *, accepted_at: datetime) -> datetime:
    """Decide when a partner first calls the customer."""
    minutes = max(1.0, dice.around(habits.call_minutes, 0.85))
    return at_work(dice, accepted_at + timedelta(minutes=minutes))


def days_later(dice: Dice, at: datetime, median: float, spread: float = 0.5) -> datetime:
    """Move on by some days, into working hours."""
    days = max(0.02, dice.around(median, spread))
    return at_work(dice, at + timedelta(days=days))
