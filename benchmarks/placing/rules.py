"""Two ways to place leads: our default policy, and the rule of the best-known open-source peer."""

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.placing.world import (
    Answer,
    Grid,
    Lead,
    Partner,
    World,
    answer_of,
    can_have,
    distance_between,
    work_of,
)
from leads.matching import STRATEGIES, Match, PartnerProfile, Rules, match_partners
from leads.policies import DEFAULT_WAVES

FARTHEST_KM = 125.0
WAVES_AT_MOST = 30
# The peer takes the first box around the lead that holds anybody: degrees of latitude, longitude.
BOXES = ((2.0, 1.5), (4.0, 3.0), (8.0, 8.0))


@dataclass
class Placed:
    """What became of a lead: who took it, how far away, how soon, when the customer was called."""

    lead: Lead
    had_eligible: bool = False
    partner: Partner | None = None
    km: float | None = None
    seconds: float | None = None
    contact_seconds: float | None = None


@dataclass
class Outcome:
    """All leads under one way, and all partners, which know how often they were asked."""

    placed: Sequence[Placed]
    partners: Sequence[Partner]


@dataclass(order=True)
class _Event:
    at: float
    number: int
    act: Callable[[], None] = field(compare=False)


class Clock:
    """Lets things happen in their order."""

    def __init__(self) -> None:
        self._events: list[_Event] = []
        self._count = 0

    def at(self, moment: float, act: Callable[[], None]) -> None:
        """Plan something."""
        self._count += 1
        heapq.heappush(self._events, _Event(moment, self._count, act))

    def run(self) -> None:
        """Let everything happen that is planned, and what is planned by it."""
        while self._events:
            heapq.heappop(self._events).act()


class OurDefault:
    """Waves of our default policy over ``match_partners``, as routing opens them."""

    def __init__(self, world: World) -> None:
        self.world, self.clock, self.grid = world, Clock(), Grid(world.partners)
        self.by_id = {str(partner.number): partner for partner in world.partners}
        self.weights = STRATEGIES["BALANCED"]

    def run(self) -> Outcome:
        """Place all leads."""
        placed = [Placed(lead) for lead in self.world.leads]
        for one in placed:
            self.clock.at(one.lead.at, lambda one=one: self._begin(one))  # type: ignore[misc]
        self.clock.run()
        return Outcome(placed, self.world.partners)

    def _begin(self, one: Placed) -> None:
        near = self.grid.around(one.lead, km=FARTHEST_KM)
        reach = [(p, km) for p, km in near if km <= p.radius_km and one.lead.line in p.lines]
        one.had_eligible = _note_eligible(one.lead, reach)
        self._open(one, reach, step=0, number=1, asked=set(), at=one.lead.at)

    def _open(
        self,
        one: Placed,
        reach: Sequence[tuple[Partner, float]],
        *,
        step: int,
        number: int,
        asked: set[int],
        at: float,
    ) -> None:
        if one.partner is not None:
            return
        last = len(DEFAULT_WAVES) - 1
        while True:
            rule = DEFAULT_WAVES[min(step, last)]
            decision = match_partners(
                partners=[self._profile(one.lead, p, km, asked, at) for p, km in reach],
                rules=Rules(one.lead.rank, rule["radius_km"], self.weights),
            )
            if decision.matches or step >= last:
                break
            step += 1
        chosen = self._order(decision.matches)[: rule["partners"]]
        if not chosen or number > WAVES_AT_MOST:
            return
        window = float(rule["response_window"] or 0)
        answers = [
            self._ask(one, self.by_id[m.partner_id], m.distance_km or 0.0, at) for m in chosen
        ]
        asked.update(int(match.partner_id) for match in chosen)
        in_time = [a.seconds for a in answers if a.seconds is not None and a.seconds <= window]
        all_declined = len(in_time) == len(chosen) and not any(a.accepts for a in answers)
        end = at + (max(in_time) if all_declined else window)
        self.clock.at(
            end,
            lambda: self._open(one, reach, step=step + 1, number=number + 1, asked=asked, at=end),
        )

    def _order(self, matches: Sequence[Match]) -> Sequence[Match]:
        return matches

    def _ask(self, one: Placed, partner: Partner, km: float, at: float) -> Answer:
        partner.offers += 1
        partner.last_offered_at = at
        answer = answer_of(self.world, one.lead, partner, at=at, km=km)
        if answer.accepts and answer.seconds is not None:
            moment = at + answer.seconds
            # A late answer counts as long as nobody has the lead, as the default policy says.
            self.clock.at(moment, lambda: _take(self.world, one, partner, at=moment, answer=answer))
        return answer

    def _profile(
        self, lead: Lead, partner: Partner, km: float, asked: set[int], at: float
    ) -> PartnerProfile:
        rested = None if partner.last_offered_at is None else at - partner.last_offered_at
        return PartnerProfile(
            id=str(partner.number),
            is_active=True,
            is_reachable=True,
            distance_km=km,
            radius_km=partner.radius_km,
            covers_by_code=False,
            carries=lead.line in partner.lines,
            certification_rank=partner.rank,
            cap_open=partner.cap_open,
            cap_per_day=None,
            cap_per_week=None,
            cap_per_month=None,
            weight=partner.weight,
            was_asked=partner.number in asked,
            open_assignments=partner.open_leads(at),
            rested_seconds=rested,
        )


class AskedLeastFirst(OurDefault):
    """The same gates and waves, but whoever was asked least comes first, however far away.

    It shows about how evenly offers can be spread at all, given the gates; a score has to look at
    other things too.
    """

    def _order(self, matches: Sequence[Match]) -> Sequence[Match]:
        return sorted(matches, key=lambda match: self.by_id[match.partner_id].offers)


class PeersRule:
    """One partner, drawn by weight from the first box around the lead that holds anybody.

    Without any, from the lead's country; without any there, the nearest. No product, certificate,
    load or history is looked at, and nothing is given to another afterwards.
    """

    def __init__(self, world: World) -> None:
        self.world, self.clock = world, Clock()
        self.grid = Grid(world.partners)
        self.chance = random.Random(world.seed + 1)

    def run(self) -> Outcome:
        """Place all leads."""
        placed = [Placed(lead) for lead in self.world.leads]
        for one in placed:
            self.clock.at(one.lead.at, lambda one=one: self._give(one))  # type: ignore[misc]
        self.clock.run()
        return Outcome(placed, self.world.partners)

    def _give(self, one: Placed) -> None:
        lead = one.lead
        near = self.grid.around(lead, km=FARTHEST_KM)
        one.had_eligible = _note_eligible(lead, near)
        found = self._found(lead)
        partner = self.chance.choices(found, [found_one.weight for found_one in found])[0]
        km = distance_between(lead, partner)
        partner.offers += 1
        # It is given the lead, whether it wants and can or not; how it acts on it is its own way.
        one.partner, one.km = partner, km
        answer = answer_of(self.world, lead, partner, at=lead.at, km=km)
        if answer.accepts and answer.seconds is not None:
            moment = lead.at + answer.seconds
            self.clock.at(moment, lambda: _take(self.world, one, partner, at=moment, answer=answer))

    def _found(self, lead: Lead) -> list[Partner]:
        for tall, wide in BOXES:
            inside = [
                partner
                for partner in self.world.partners
                if abs(partner.latitude - lead.latitude) <= tall
                and abs(partner.longitude - lead.longitude) <= wide
            ]
            if inside:
                return inside
        at_home = [one for one in self.world.partners if one.country == lead.country]
        return at_home or [min(self.world.partners, key=lambda p: distance_between(lead, p))]


def _note_eligible(lead: Lead, near: Sequence[tuple[Partner, float]]) -> bool:
    """Count the lead for every partner that could have it, and tell whether there is any."""
    eligible = [partner for partner, km in near if can_have(lead, partner, km)]
    for partner in eligible:
        partner.eligible += 1
    return bool(eligible)


def _take(world: World, one: Placed, partner: Partner, *, at: float, answer: Answer) -> None:
    """Give the lead to a partner unless another was first."""
    if one.seconds is not None:
        return
    one.partner, one.km = partner, distance_between(one.lead, partner)
    one.seconds = at - one.lead.at
    one.contact_seconds = one.seconds + answer.contact_seconds
    partner.busy_until.append(at + work_of(world, one.lead, partner))
