"""How far leads came: the SQL agrees with a plain fold of the log."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from kpis.funnel import calculate_funnel
from kpis.periods import Period
from kpis.selectors import funnel_visible_to
from kpis.values import Cohort
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible
from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import tenant_context
from tests.kpis.generated import worlds
from tests.kpis.worlds import Fact, Tenant, World, make_tenant, store, utc

STARTS, ENDS = utc("2026-03-01 23:00"), utc("2026-03-29 22:00")
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
STEPS = ("received", "offered", "accepted", "contacted", "advanced", "won")
STEP_OF = {
    ("lead.offered", None): "offered",
    ("offer.accepted", None): "accepted",
    ("lead.assigned", None): "accepted",
    ("lead.picked", None): "accepted",
    ("contact.made", None): "contacted",
    ("feedback.given", "APPOINTMENT"): "advanced",
    ("feedback.given", "QUOTE_SENT"): "advanced",
}


def fold(
    world: World, *, partner: str | None = None, line: str | None = None, source: str | None = None
) -> dict[str, int]:
    """Walk with each lead as far as it came; with a partner, those that it was offered or got."""
    counts = dict.fromkeys(STEPS, 0)
    for name, enquiry in world.enquiries.items():
        received, *facts = (fact for fact in world.facts if fact.lead == name)
        if enquiry.is_test or enquiry.status == "MERGED" or not STARTS <= received.at < ENDS:
            continue
        if (line and line not in enquiry.lines) or (source and source != enquiry.source):
            continue
        if partner:
            facts = [fact for fact in facts if fact.partner == partner]
            if not _furthest(facts):
                continue
        for step in STEPS[: _furthest(facts) + 1]:
            counts[step] += 1
    return counts


def _furthest(facts: list[Fact]) -> int:
    reached = [
        STEPS.index(STEP_OF.get((fact.type, fact.data.get("status")), "received")) for fact in facts
    ]
    turns = [fact.type for fact in facts if fact.type in {"lead.won", "lead.lost", "lead.reopened"}]
    if turns and turns[-1] == "lead.won":
        reached.append(STEPS.index("won"))
    return max(reached, default=0)


def ask(tenant: Tenant, **filters: Any) -> dict[str, int]:
    """Count by SQL, as the runtime role inside the tenant's context."""
    with tenant_context(tenant.manufacturer.id):
        return calculate_funnel(
            cohort=Cohort(
                manufacturer_id=tenant.manufacturer.id,
                starts_at=STARTS,
                ends_at=ENDS,
                time_zone="Europe/Berlin",
                **filters,
            )
        )


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=worlds())
def test_it_agrees_with_a_plain_fold_of_the_log(db: None, world: World) -> None:
    acme = make_tenant(f"made-{new_id()}")
    store(world, acme)

    assert ask(acme) == fold(world)
    assert ask(acme, product_line="heating") == fold(world, line="heating")
    assert ask(acme, source="website") == fold(world, source="website")
    assert ask(acme, partner_id=acme.partners["A"]) == fold(world, partner="A")


def test_a_step_is_compared_with_the_one_before_and_with_all(acme: Tenant) -> None:
    world = World()
    for name, facts in {
        "1": ("offer.accepted", "contact.made", "lead.won"),
        "2": ("offer.accepted",),
        "3": (),
        "4": (),
    }.items():
        world.add_lead(name)
        world.log(name, "lead.received", utc("2026-03-05 08:00"))
        if name != "4":
            world.log(name, "lead.offered", utc("2026-03-05 08:00"), partner="A")
        for hour, type_ in enumerate(facts):
            world.log(name, type_, utc("2026-03-05 08:00") + timedelta(hours=hour), "A")
    store(world, acme)

    with tenant_context(acme.manufacturer.id):
        steps = funnel_visible_to(Actor(acme.manufacturer.id, "user:1"), period=MARCH)

    assert [(step.step.code, step.count) for step in steps] == [
        ("received", 4),
        ("offered", 3),
        ("accepted", 2),
        ("contacted", 1),
        ("advanced", 1),
        ("won", 1),
    ]
    assert [step.of_before for step in steps] == [None, 3 / 4, 2 / 3, 1 / 2, 1.0, 1.0]
    assert [step.of_all for step in steps] == [1.0, 0.75, 0.5, 0.25, 0.25, 0.25]


def test_without_leads_no_share_is_made_up(acme: Tenant) -> None:
    with tenant_context(acme.manufacturer.id):
        steps = funnel_visible_to(Actor(acme.manufacturer.id, "user:1"), period=MARCH)

    assert {step.count for step in steps} == {0}
    assert {(step.of_before, step.of_all) for step in steps} == {(None, None)}


def test_the_leads_of_others_are_not_counted(acme: Tenant, stranger: Tenant) -> None:
    world = World()
    world.add_lead("A")
    world.log("A", "lead.received", utc("2026-03-05 08:00"))
    store(world, stranger)

    assert ask(acme)["received"] == 0
    assert ask(stranger)["received"] == 1


def test_a_partner_sees_no_funnel(acme: Tenant) -> None:
    partner = replace(Actor(acme.manufacturer.id, "key:1"), partner_id=acme.partners["A"])

    with tenant_context(acme.manufacturer.id), pytest.raises(NotVisible):
        funnel_visible_to(partner, period=MARCH)
