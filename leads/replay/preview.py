"""What would happen now to a few past leads, and where a policy leads nowhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, pairwise
from typing import NamedTuple

from leads.candidates import find_covering
from leads.models import RoutingPolicy
from leads.policies import choose_policy
from leads.replay.past import (
    EVERY_LEAD,
    Choice,
    PastLead,
    Sampled,
    past_leads,
    sample_backwards,
)
from leads.replay.rounds import (
    PolicyRules,
    Round,
    in_its_place,
    read_rules,
    rounds_of,
    rules_of,
)
from partners.models import Certification, CertificationLevel, Manufacturer, PortfolioItem

# So many past leads tell whether a policy's gates are too strict.
LOOKED_AT = 100
# From this share on of leads for which nobody is found, somebody is to be told.
WORTH_SAYING = 0.02


class Preview(NamedTuple):
    """A past lead: who was asked first then, and who would be now, best first.

    :ivar policy_id: of the policy that holds for it instead, in which case nobody is said to be
        asked now.
    """

    lead_id: str
    opened_at: datetime
    then: Sequence[str]
    now: Sequence[str]
    policy_id: str | None


class DeadEnd(NamedTuple):
    """Something that leads nowhere: a code, and figures for the words.

    :ivar round: number of the round that is meant, from 1; 0 for the policy as a whole.
    """

    code: str
    round: int = 0
    leads: int = 0
    of: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a policy would do now."""

    previews: list[Preview]
    warnings: list[DeadEnd]


def look_ahead(
    *, policy: RoutingPolicy, leads: int, at: datetime, choice: Choice = EVERY_LEAD
) -> Outlook:
    """Route past leads as if they came now.

    Runs inside the tenant's context. Nothing is written.

    :param leads: how many at most, the last ones of the choice that the policy would hold for; of
        leads that are chosen by number also those that another policy holds for.
    """
    rules = read_rules(rules_of(policy))
    manufacturer = Manufacturer.objects.get(id=policy.manufacturer_id)
    active = RoutingPolicy.objects.filter(manufacturer=manufacturer, is_active=True)
    holding = [read_rules(rules_of(one)) for one in active.order_by("id")]
    look = _Look(rules, in_its_place(rules, holding), manufacturer, at)
    lately = look.at_leads(EVERY_LEAD, LOOKED_AT)
    chosen = lately[:leads] if choice == EVERY_LEAD else look.at_leads(choice, leads)
    warnings = [*_plain_warnings(policy, at), *_dead_ends(lately, rules)]
    return Outlook([_preview(one) for one in chosen], warnings)


class Seen(NamedTuple):
    """A past lead, and the rounds that would find partners for it.

    :ivar other: the policy that holds for it, if it is not the one that is looked at.
    """

    lead: PastLead
    rounds: Sequence[Round]
    other: str | None


@dataclass(frozen=True, slots=True)
class _Look:
    """The policy that is looked at, among those that would hold beside it."""

    rules: PolicyRules
    policies: Sequence[PolicyRules]
    manufacturer: Manufacturer
    at: datetime

    def at_leads(self, choice: Choice, leads: int) -> list[Seen]:
        """Look at the last leads of a choice."""
        rules = self.rules
        if not choice.numbers:
            choice = choice.within(line=rules.product_line_id, source=rules.source)
        sample = sample_backwards(self.manufacturer.id, choice, at=self.at)
        held_by = ((lead.id, self._other_for(lead)) for lead in sample)
        meant = dict(islice((one for one in held_by if choice.numbers or one[1] is None), leads))
        return [
            Seen(lead, [] if meant[lead.id] else self._rounds(lead), meant[lead.id])
            for lead in past_leads(self.manufacturer.id, list(meant))
        ]

    def _other_for(self, lead: Sampled) -> str | None:
        held = choose_policy(self.policies, product_lines=lead.product_lines, source=lead.source)
        return None if held is self.rules else held.id

    def _rounds(self, lead: PastLead) -> list[Round]:
        search = lead.search(
            self.manufacturer.id,
            self.manufacturer.time_zone,
            any_line=self.rules.any_product_line,
        )
        profiles = find_covering(replace(search, at=self.at))
        return list(rounds_of(profiles, self.rules, lead.required_rank))


def _preview(seen: Seen) -> Preview:
    lead, rounds = seen.lead, seen.rounds
    now = [match.partner_id for match in rounds[0].asked] if rounds else ()
    return Preview(lead.id, lead.opened_at, lead.asked, now, seen.other)


def _plain_warnings(policy: RoutingPolicy, at: datetime) -> Iterable[DeadEnd]:
    """Warn of what the rules and the network say without any lead."""
    waves = policy.waves
    if len(waves) == 1 and waves[0]["partners"] == 1:
        yield DeadEnd("one_at_a_time", 1)
    for number, (before, after) in enumerate(pairwise(waves), 2):
        reach, further = before.get("radius_km"), after.get("radius_km")
        if further is not None and (reach is None or further < reach):
            yield DeadEnd("shrinks", number)
    sellers = PortfolioItem.objects.filter(manufacturer=policy.manufacturer_id, is_active=True)
    line = policy.product_line
    if line is not None and not sellers.filter(product_line=line).exists():
        yield DeadEnd("nobody_sells", name=line.name)
    if policy.feedback_due and min(policy.feedback_due) < policy.contact_window.total_seconds():
        yield DeadEnd("feedback_before_contact")
    yield from _missing_ranks(policy, at)


def _missing_ranks(policy: RoutingPolicy, at: datetime) -> Iterable[DeadEnd]:
    """Warn of levels above the highest that somebody holds."""
    held = Certification.objects.filter(manufacturer=policy.manufacturer_id).exclude(
        valid_until__lt=at.date()
    )
    highest = max(held.values_list("level__rank", flat=True), default=-1)
    levels = CertificationLevel.objects.filter(
        manufacturer=policy.manufacturer_id, rank__gt=highest
    )
    for name in levels.order_by("rank", "code").values_list("name", flat=True):
        yield DeadEnd("nobody_certified", name=name)


def _dead_ends(found: Sequence[Seen], rules: PolicyRules) -> Iterable[DeadEnd]:
    """Warn of rounds, or of a whole policy, that reach nobody for leads as they came lately."""
    nobody = sum(not seen.rounds for seen in found)
    if found and nobody / len(found) >= WORTH_SAYING:
        yield DeadEnd("nobody_found", leads=nobody, of=len(found))
    for number, step in enumerate(rules.steps[:-1], 1):
        empty = sum(
            bool(seen.rounds) and all(one.step is not step for one in seen.rounds) for seen in found
        )
        if found and empty / len(found) >= WORTH_SAYING:
            yield DeadEnd("empty_round", number, empty, len(found))
