"""What stood in the books when a past lead came: who was busy, who was asked when. Pure.

Each side of a replay keeps books of its own. They begin as they were at the first lead; then the
facts of the time are entered in their order. A lead that a side sends to others than were asked
in truth changes its books: who is asked there has been asked, and who would have taken the lead
has the work with it, from when and for as long as somebody had it in truth.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from leads.matching import PartnerProfile, has_offer_cap

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Longer than any month: what caps count.
CAPS_LOOK_BACK = timedelta(days=32)


class Kind(StrEnum):
    """What happened between a lead and a partner."""

    OFFERED = "offered"
    TAKEN = "taken"
    ENDED = "ended"


class Fact(NamedTuple):
    """Something that happened."""

    at: datetime
    kind: Kind
    lead_id: str
    partner_id: str


@dataclass
class Books:
    """Who is busy and when each was asked, at the instant that was entered last.

    :ivar open: partner -> open assignments.
    :ivar asked_at: partner -> microseconds since 1970 of the last offer.
    :ivar made: partner with a cap on offers -> when it was asked lately, in the same unit.
    :ivar takers: lead that went to others than in truth -> who has it here, or nobody.
    """

    open: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    asked_at: dict[str, int] = field(default_factory=dict)
    made: dict[str, list[int]] = field(default_factory=dict)
    takers: dict[str, str | None] = field(default_factory=dict)

    def enter(self, facts: Iterable[Fact]) -> None:
        """Enter what happened, in the order given."""
        for fact in facts:
            partner: str | None = fact.partner_id
            if fact.lead_id in self.takers:
                partner = None if fact.kind is Kind.OFFERED else self.takers[fact.lead_id]
            if partner is None:
                continue
            if fact.kind is Kind.OFFERED:
                self._note_asked(partner, fact.at)
            else:
                change = 1 if fact.kind is Kind.TAKEN else -1
                self.open[partner] = max(self.open[partner] + change, 0)

    def enter_wave(
        self,
        *,
        lead_id: str,
        asked: Collection[str],
        at: datetime,
        taker: str | None,
        is_true: bool,
    ) -> None:
        """Enter a first wave as this side decided it.

        :param is_true: the same partners were asked in truth.
        :param taker: who takes the lead, if other partners were asked.
        """
        for position, partner in enumerate(asked):
            # as live: of those asked together the first is the one asked longest ago
            self._note_asked(partner, at + position * MICROSECOND)
        if not is_true:
            self.takers[lead_id] = taker

    def as_of_then(
        self, profiles: Iterable[PartnerProfile], *, at: datetime, zone: ZoneInfo
    ) -> list[PartnerProfile]:
        """Give partners the load, rest and offers that they have in these books."""
        now = _microseconds(at)
        starts = _starts(at, zone)
        return [self._as_of_then(profile, now, starts) for profile in profiles]

    def _as_of_then(
        self, profile: PartnerProfile, now: int, starts: tuple[int, int, int]
    ) -> PartnerProfile:
        asked_at = self.asked_at.get(profile.id)
        then = profile._replace(
            open_assignments=self.open.get(profile.id, 0),
            rested_seconds=None if asked_at is None else (now - asked_at) / 1_000_000,
        )
        if not has_offer_cap(profile):
            return then
        made = self.made.get(profile.id, [])
        today, week, month = (sum(instant >= start for instant in made) for start in starts)
        return then._replace(offers_today=today, offers_this_week=week, offers_this_month=month)

    def _note_asked(self, partner: str, at: datetime) -> None:
        instant = _microseconds(at)
        self.asked_at[partner] = max(self.asked_at.get(partner, instant), instant)
        if partner in self.made:
            self.made[partner].append(instant)

    def forget_before(self, at: datetime) -> None:
        """Forget offers that no cap counts any more."""
        oldest = _microseconds(at - CAPS_LOOK_BACK)
        for partner, made in self.made.items():
            self.made[partner] = [instant for instant in made if instant >= oldest]

    def pack(self) -> dict[str, Any]:
        """Write the books so that they can be stored."""
        return {
            "open": {partner: count for partner, count in self.open.items() if count},
            "asked_at": self.asked_at,
            "made": self.made,
            "takers": self.takers,
        }

    @classmethod
    def unpack(cls, stored: dict[str, Any]) -> "Books":
        """Read books that ``pack`` wrote."""
        return cls(
            defaultdict(int, stored["open"]), stored["asked_at"], stored["made"], stored["takers"]
        )


def _starts(at: datetime, zone: ZoneInfo) -> tuple[int, int, int]:
    """Find the beginnings of the manufacturer's day, week and month."""
    day = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    week, month = day - timedelta(days=day.weekday()), day.replace(day=1)
    return _microseconds(day), _microseconds(week), _microseconds(month)


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND
