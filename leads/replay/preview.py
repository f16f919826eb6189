"""What would happen now to the last few leads, and where a policy leads nowhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, pairwise
from typing import NamedTuple

from leads.candidates import find_covering
from leads.models import RoutingPolicy
from leads.replay.past import PastLead, past_leads, sample_backwards
from leads.replay.rounds import PolicyRules, Round, read_rules, rounds_of, rules_of
from partners.models import Certification, CertificationLevel, Manufacturer, PortfolioItem

# So many past leads tell whether a policy's gates are too strict.
LOOKED_AT = 100
# From this share on of leads for which nobody is found, somebody is to be told.
WORTH_SAYING = 0.02


class Preview(NamedTuple):
    """A past lead: who was asked first then, and who would be now, best first."""

    lead_id: str
    opened_at: datetime
    then: Sequence[str]
    now: Sequence[str]


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


def look_ahead(*, policy: RoutingPolicy, leads: int, at: datetime) -> Outlook:
    """Route the last leads that a policy would hold for, as if they came now.

    Runs inside the tenant's context. Nothing is written.
    """
    rules = read_rules(rules_of(policy))
    manufacturer = Manufacturer.objects.get(id=policy.manufacturer_id)
    sample = sample_backwards(
        manufacturer.id, line=rules.product_line_id, source=rules.source, until=at
    )
    ids = [lead.id for lead in islice(sample, LOOKED_AT)]
    found = [
        (lead, _rounds(lead, rules, manufacturer, at)) for lead in past_leads(manufacturer.id, ids)
    ]
    previews = [
        Preview(
            lead.id,
            lead.opened_at,
            lead.asked,
            [match.partner_id for match in rounds[0].asked] if rounds else (),
        )
        for lead, rounds in found[:leads]
    ]
    return Outlook(previews, [*_plain_warnings(policy, at), *_dead_ends(found, rules)])


def _rounds(
    lead: PastLead, rules: PolicyRules, manufacturer: Manufacturer, at: datetime
) -> list[Round]:
    search = lead.search(manufacturer.id, manufacturer.time_zone, any_line=rules.any_product_line)
    profiles = find_covering(replace(search, at=at))
    return list(rounds_of(profiles, rules, lead.required_rank))


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


def _dead_ends(
    found: Sequence[tuple[PastLead, Sequence[Round]]], rules: PolicyRules
) -> Iterable[DeadEnd]:
    """Warn of rounds, or of a whole policy, that reach nobody for leads as they came lately."""
    nobody = sum(not rounds for _, rounds in found)
    if found and nobody / len(found) >= WORTH_SAYING:
        yield DeadEnd("nobody_found", leads=nobody, of=len(found))
    for number, step in enumerate(rules.steps[:-1], 1):
        empty = sum(
            bool(rounds) and all(one.step is not step for one in rounds) for _, rounds in found
        )
        if found and empty / len(found) >= WORTH_SAYING:
            yield DeadEnd("empty_round", number, empty, len(found))
