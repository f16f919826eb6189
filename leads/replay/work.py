"""A replay in the middle: both sides judge past leads, one after the other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from leads.candidates import find_covering
from leads.models import Replay
from leads.replay.books import Books, Fact
from leads.replay.odds import judge_network
from leads.replay.past import PastLead, answers_of, books_at, facts_between
from leads.replay.rounds import read_rules
from leads.replay.sides import (
    AGAINST,
    NAMES,
    THEN,
    TRIED,
    Comparison,
    Side,
    Verdict,
    count_truth,
)
from leads.replay.tallies import Tally, spread
from partners.models import Manufacturer

if TYPE_CHECKING:
    from leads.matching import PartnerProfile

MOMENT = timedelta(microseconds=1)


class Work:
    """A replay in the middle: the sides with their books, and what came out so far."""

    def __init__(
        self,
        replay: Replay,
        sides: dict[str, Side],
        truth: Tally,
        comparison: Comparison,
        last_at: datetime | None,
    ) -> None:
        manufacturer = Manufacturer.objects.get(id=replay.manufacturer_id)
        self.manufacturer_id, self.time_zone = manufacturer.id, manufacturer.time_zone
        self.zone = ZoneInfo(manufacturer.time_zone)
        self.sampled = frozenset(replay.plan["sample"])
        self.network = judge_network(answers_of(manufacturer.id))
        self.sides, self.truth, self.comparison = sides, truth, comparison
        self.last_at = last_at

    @classmethod
    def unpack(cls, replay: Replay) -> "Work":
        """Go on from the row."""
        state = replay.state
        sides = {
            name: Side(
                [read_rules(rules) for rules in replay.plan[name]],
                Books.unpack(state["books"][name]) if state else Books(),
                Tally.unpack(state["tallies"][name]) if state else Tally(),
            )
            for name in (AGAINST, TRIED)
        }
        truth = Tally.unpack(state["tallies"][THEN]) if state else Tally()
        kept = dict(state["comparison"]) if state else {}
        comparison = Comparison(
            moved=kept.get("moved", 0),
            moved_first=kept.get("moved_first", 0),
            moved_then=kept.get("moved_then", 0),
            eligible=set(kept.get("eligible", ())),
            examples=kept.get("examples", []),
        )
        last_at = datetime.fromisoformat(state["last_at"]) if state else None
        return cls(replay, sides, truth, comparison, last_at)

    def judge(self, leads: list[PastLead]) -> None:
        """Let both sides decide about leads, in the order in which they came."""
        if not leads:
            return
        if self.last_at is None:
            self._open_books(leads[0].opened_at)
        assert self.last_at is not None  # noqa: S101 - the books are open
        facts = facts_between(
            self.manufacturer_id,
            after=self.last_at,
            until=leads[-1].opened_at,
            without_first_of=self.sampled,
        )
        position = 0
        for lead in leads:
            begun = position
            while position < len(facts) and facts[position].at < lead.opened_at:
                position += 1
            self._judge_one(lead, facts[begun:position])
        self.last_at = leads[-1].opened_at
        for side in self.sides.values():
            side.books.enter(facts[position:])
            side.books.forget_before(self.last_at)

    def _open_books(self, at: datetime) -> None:
        """Begin a moment before the first lead."""
        self.last_at = at - MOMENT
        for side in self.sides.values():
            side.books = books_at(self.manufacturer_id, self.last_at)

    def _judge_one(self, lead: PastLead, facts: Sequence[Fact]) -> None:
        found: dict[bool, list[PartnerProfile]] = {}
        verdicts: dict[str, Verdict] = {}
        for name, side in self.sides.items():
            side.books.enter(facts)
            any_line = side.policy_for(lead).any_product_line
            if any_line not in found:
                found[any_line] = find_covering(
                    lead.search(self.manufacturer_id, self.time_zone, any_line=any_line)
                )
                self.comparison.note_eligible(found[any_line], lead)
            verdicts[name] = side.decide(
                lead, found[any_line], network=self.network, zone=self.zone
            )
        self.comparison.eligible.update(lead.asked, lead.asked_later)
        count_truth(self.truth, lead)
        self.comparison.compare(lead, verdicts)

    def pack(self) -> dict[str, Any]:
        """Write all of it so that it can be stored."""
        assert self.last_at is not None  # noqa: S101 - something was judged
        compared = self.comparison
        return {
            "last_at": self.last_at.isoformat(),
            "books": {name: side.books.pack() for name, side in self.sides.items()},
            "tallies": {name: tally.pack() for name, tally in self._tallies().items()},
            "comparison": {
                "moved": compared.moved,
                "moved_first": compared.moved_first,
                "moved_then": compared.moved_then,
                "eligible": sorted(compared.eligible),
                "examples": compared.examples,
            },
        }

    def tell(self) -> dict[str, Any]:
        """Tell the figures of all sides, and how they differ."""
        tallies, compared = self._tallies(), self.comparison
        return {
            "leads": self.truth.leads,
            "moved": compared.moved,
            "moved_first": compared.moved_first,
            "moved_then": compared.moved_then,
            "partners": len(compared.eligible),
            "sides": {name: tallies[name].tell(compared.eligible) for name in NAMES},
            "spread": {name: spread(tallies[name].offers, compared.eligible) for name in NAMES},
            "examples": compared.examples,
        }

    def _tallies(self) -> dict[str, Tally]:
        return {THEN: self.truth} | {name: side.tally for name, side in self.sides.items()}
