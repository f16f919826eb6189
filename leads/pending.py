"""What one transaction has decided and not written yet, for decisions in it that come later.

A batch of leads is decided one after the other and written at once. So that nobody is asked beyond
its cap, or twice while others rest, each decision counts those before it as if they were written.
"""

from dataclasses import dataclass, field
from datetime import datetime

from leads.events import LeadLog
from leads.matching import PartnerProfile, has_offer_cap


@dataclass(slots=True)
class Pending:
    """Changes of partners' standings and offers made to them, by the partner's id.

    :ivar offers: how many offers were made that count towards caps.
    :ivar offered_at: when the partner was last asked.
    :ivar assignments: how many leads it holds more, or less.
    :ivar has_turn: the transaction waited for its turn with caps, and has it until its end.
    """

    offers: dict[str, int] = field(default_factory=dict)
    offered_at: dict[str, datetime] = field(default_factory=dict)
    assignments: dict[str, int] = field(default_factory=dict)
    has_turn: bool = False

    def note(self, log: LeadLog) -> None:
        """Add what a log holds that is not written yet."""
        for partner_id, at in log.offered_at.items():
            partner = str(partner_id)
            self.offered_at[partner] = max(at, self.offered_at.get(partner, at))
            if not log.lead.is_imported:
                self.offers[partner] = self.offers.get(partner, 0) + 1
        for partner_id, change in log.assignments.items():
            partner = str(partner_id)
            self.assignments[partner] = self.assignments.get(partner, 0) + change

    def counted_in(self, profiles: list[PartnerProfile], *, at: datetime) -> list[PartnerProfile]:
        """Bring profiles that were read from the database up to date."""
        if not self.offered_at and not self.assignments:
            return profiles
        return [self._counted_in(profile, at) for profile in profiles]

    def _counted_in(self, profile: PartnerProfile, at: datetime) -> PartnerProfile:
        offered_at = self.offered_at.get(profile.id)
        if offered_at is not None:
            rested = (at - offered_at).total_seconds()
            known = profile.rested_seconds
            profile = profile._replace(
                rested_seconds=rested if known is None else min(known, rested)
            )
        made = self.offers.get(profile.id, 0)
        if made and has_offer_cap(profile):
            profile = profile._replace(
                offers_today=profile.offers_today + made,
                offers_this_week=profile.offers_this_week + made,
                offers_this_month=profile.offers_this_month + made,
            )
        change = self.assignments.get(profile.id, 0)
        return profile._replace(open_assignments=profile.open_assignments + change)
