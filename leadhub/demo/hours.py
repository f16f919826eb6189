"""When customers write and when craftspeople answer: days, hours, weekends."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from leadhub.demo.chance import Dice

ZONE = ZoneInfo("Europe/Berlin")
# Monday to Sunday: enquiries of a day, against those of a Monday.
DAYS = (1.0, 0.95, 0.9, 0.9, 0.75, 0.45, 0.5)
# Enquiries of an hour: a peak before noon, another after work, little at night.
HOURS = (1, 0, 0, 0, 1, 2, 6, 12, 22, 30, 34, 30, 20, 22, 26, 26, 24, 22, 24, 27, 24, 15, 8, 3)
OPENS, CLOSES = time(7, 15), time(18, 15)
SATURDAY, SUNDAY = 5, 6


def arrivals(dice: Dice, *, since: datetime, until: datetime, count: int) -> list[datetime]:
    """Draw so many instants at which leads come in, oldest first."""
    first = since.astimezone(ZONE).date()
    days = [first + timedelta(days=n) for n in range((until - since).days + 2)]
    weights = [DAYS[day.weekday()] * dice.uniform(0.7, 1.3) for day in days]
    drawn: list[datetime] = []
    while len(drawn) < count:
        day = dice.choices(days, weights=weights)[0]
        hour = dice.choices(range(24), weights=HOURS)[0]
        at = datetime.combine(day, time(hour, dice.randrange(60), dice.randrange(60)), ZONE)
        if since <= at < until:
            drawn.append(at)
    return sorted(drawn)


def at_work(dice: Dice, at: datetime) -> datetime:
    """Move an instant outside working hours into the next ones, a little after they begin."""
    local = at.astimezone(ZONE)
    if _is_open(local):
        return at
    while True:
        if local.time() >= OPENS:
            local += timedelta(days=1)
        local = datetime.combine(local.date(), OPENS, ZONE)
        if _is_open(local):
            return local + timedelta(minutes=min(240, dice.around(35)))


def _is_open(local: datetime) -> bool:
    if local.weekday() == SUNDAY:
        return False
    closes = time(12, 30) if local.weekday() == SATURDAY else CLOSES
    return OPENS <= local.time() < closes
