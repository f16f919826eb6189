"""A policy over past leads: true to what was decided, and the same however often it is stopped."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from leads.drafts import discard_draft
from leads.feedback import close_lead
from leads.models import Replay, RoutingPolicy
from leads.models.offers import OfferStatus
from leads.policies import publish_policy
from leads.replay import jobs
from leads.replay.jobs import TooManyReplays, go_on_with_replays, request_replay
from partners.network import CertificationDetails
from tests.acting import accept, decline, run_out
from tests.factories import NOON, Network, count_rows

HOUR = timedelta(hours=1)
LATER = NOON + timedelta(days=60)
PLACES = ("80331", "85221", "86150", "90402")
WAVES = (
    {"partners": 2, "response_window": 1_800, "radius_km": 60, "head_start": 300},
    {"partners": 2, "response_window": 3_600},
)


def draft(network: Network, *waves: dict[str, Any], **options: Any) -> RoutingPolicy:
    whole = [
        {"partners": 1, "response_window": 3_600, "radius_km": None, "head_start": 0, **wave}
        for wave in waves
    ]
    return publish_policy(
        name=options.pop("name", "Draft"),
        waves=whole,
        is_draft=True,
        by=network.by,
        at=LATER,
        **options,
    )


def replayed(network: Network, policy: RoutingPolicy, **options: Any) -> Replay:
    asked = {"leads": 1_000, "at": LATER, **options}
    replay = request_replay(policy=policy, by=network.by, **asked)
    while go_on_with_replays(at=LATER):
        pass
    return again(network, replay)


def again(network: Network, replay: Replay) -> Replay:
    with tenant_context(network.manufacturer.id):
        return Replay.objects.get(id=replay.id)


def result_of(replay: Replay) -> dict[str, Any]:
    assert replay.status == "DONE", replay.failures
    assert replay.result is not None
    found: dict[str, Any] = replay.result
    return found


def live_through(network: Network, seed: int, *, leads: int = 25) -> None:
    """Make a history: leads come, are accepted, declined, run out, are lost, one after another."""
    chance = random.Random(seed)  # noqa: S311 - seeded, to be repeated
    for _ in range(14):
        network.partner(
            postal_code=chance.choice(PLACES),
            radius_km=chance.choice((30.0, 80.0, 200.0)),
            weight=chance.randrange(100),
            cap_open=chance.choice((None, None, 1, 3)),
            cap_per_day=chance.choice((None, None, 2)),
            cap_per_week=chance.choice((None, None, 4)),
            product_lines=chance.choice((("heat-pumps",), ("heat-pumps", "boilers"))),
            certifications=chance.choice(((), (CertificationDetails("gold"),))),
        )
    at = NOON
    for _ in range(leads):
        at += timedelta(minutes=chance.randrange(60, 900))
        lead = network.lead(
            at=at,
            postal_code=chance.choice(PLACES),
            product_lines=chance.choice((("heat-pumps",), ("heat-pumps", "boilers"))),
            required_certification=chance.choice((None, None, "gold")),
        )
        _answer(network, lead, chance, at)


def _answer(network: Network, lead: Any, chance: random.Random, at: datetime) -> None:
    for offer in network.offers(lead):
        deed = chance.choice(("accept", "accept", "decline", "silence"))
        at = max(at, offer.available_from) + timedelta(seconds=chance.randrange(1, 60))
        if deed == "accept":
            accept(offer, at=at)
            if chance.random() < 0.5:
                close_lead(
                    lead=network.again(lead),
                    outcome="LOST",
                    reason="PRICE",
                    by=network.by,
                    at=at + timedelta(seconds=1),
                )
            return
        if deed == "decline" and offer.status == OfferStatus.OPEN:
            decline(offer, at=at)
    if network.again(lead).status == "OFFERED":
        run_out(network.again(lead))


@pytest.mark.parametrize("seed", range(6))
def test_finds_for_its_own_history_what_was_decided(network: Network, seed: int) -> None:
    network.policy(*WAVES)
    live_through(network, seed)
    same = draft(network, *WAVES)

    result = result_of(replayed(network, same))

    assert result["leads"] == 25
    assert (result["moved"], result["moved_first"], result["moved_then"]) == (0, 0, 0)
    sides = result["sides"]
    assert sides["then"]["distance_median_km"] == sides["policy"]["distance_median_km"]
    assert sides["against"] == sides["policy"]


def test_comes_to_the_same_in_one_step_as_in_many(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.policy(*WAVES)
    live_through(network, seed=7)
    other = draft(network, {"partners": 3}, strategy="NEAREST")

    whole = result_of(replayed(network, other))
    monkeypatch.setattr(jobs, "LEADS_A_STEP", 3)
    parts = result_of(replayed(network, other))

    assert whole == parts
    assert whole["moved"] > 0


def test_tells_which_leads_go_elsewhere(network: Network) -> None:
    network.policy({"partners": 1, "radius_km": None}, strategy="NEAREST")
    near = network.partner(weight=0)
    preferred = network.partner(postal_code="85221", weight=100)
    lead = network.lead(at=NOON)
    tiered = draft(network, {"partners": 1}, weights={"tier": 1.0})

    result = result_of(replayed(network, tiered))

    assert (result["moved"], result["moved_first"]) == (1, 1)
    assert result["examples"] == [
        {
            "lead": str(lead.id),
            "then": [str(near.id)],
            "against": [str(near.id)],
            "policy": [str(preferred.id)],
        }
    ]
    assert result["sides"]["then"]["distance_median_km"] == 0
    assert result["sides"]["policy"]["distance_median_km"] == pytest.approx(17.5, abs=0.6)


def test_lets_a_lead_weigh_on_whoever_would_have_taken_it(network: Network) -> None:
    """The first lead goes elsewhere: the second finds another partner busy than in truth."""
    network.policy({"partners": 1}, weights={"tier": 1.0})
    usual = network.partner(weight=90)
    other = network.partner(weight=10, cap_open=1)
    for minutes in (0, 30):
        lead = network.lead(at=NOON + timedelta(minutes=minutes))
        accept(network.offers(lead)[0], at=NOON + timedelta(minutes=minutes + 1))
    reverse = draft(network, {"partners": 1}, weights={"certification": 1.0, "load": 0.01})
    with tenant_context(network.manufacturer.id):
        partners = {str(usual.id), str(other.id)}

    result = result_of(replayed(network, reverse))

    first, *rest = result["examples"]
    assert first["policy"][0] in partners
    taken = [example["policy"][0] for example in result["examples"]]
    assert taken.count(str(other.id)) <= 1, rest


def test_tries_only_leads_that_the_policy_would_hold_for(network: Network) -> None:
    network.partner(product_lines=("heat-pumps", "boilers"))
    for number, (line, source) in enumerate(
        (("boilers", "fair"), ("boilers", "web"), ("heat-pumps", "fair"))
    ):
        network.lead(at=NOON + number * HOUR, product_lines=(line,), source=source)
    network.lead(at=NOON, source="fair", is_test=True)

    fairs = result_of(replayed(network, draft(network, {}, source="fair")))
    everything = result_of(replayed(network, draft(network, {}, name="All")))
    publish_policy(name="Fair", waves=[WAVE], source="fair", by=network.by, at=LATER)
    rest = result_of(replayed(network, draft(network, {}, name="Rest")))

    assert [one["leads"] for one in (fairs, everything, rest)] == [2, 3, 1]


WAVE = {"partners": 1, "response_window": 60, "radius_km": None, "head_start": 0}


def test_takes_the_last_leads(network: Network) -> None:
    network.partner()
    leads = [network.lead(at=NOON + number * HOUR) for number in range(4)]
    nobody = draft(network, {"radius_km": None}, weights={"tier": 1.0})

    replay = replayed(network, nobody, leads=2)

    assert replay.plan["sample"] == [str(lead.id) for lead in leads[2:]]
    assert result_of(replay)["sides"]["policy"]["partners_asked"] == 1


def test_sets_two_drafts_against_each_other(network: Network) -> None:
    network.policy({"partners": 3})
    network.partners(4)
    network.lead()
    one, two = draft(network, {"partners": 1}), draft(network, {"partners": 2}, name="Two")

    result = result_of(replayed(network, one, against=two))

    example = result["examples"][0]
    assert [len(example[side]) for side in ("then", "against", "policy")] == [3, 2, 1]


def test_finds_nobody_where_a_policy_asks_nobody(network: Network) -> None:
    network.partner(postal_code="86150", radius_km=200)
    network.lead()

    result = result_of(replayed(network, draft(network, {"radius_km": 10})))

    assert result["sides"]["against"]["unplaced"] == 0
    assert result["sides"]["policy"]["unplaced"] == 1
    assert result["sides"]["policy"]["seconds_median"] is None


def test_has_a_result_without_any_lead(network: Network) -> None:
    result = result_of(replayed(network, draft(network, {})))

    assert result["leads"] == 0
    assert result["sides"]["policy"]["distance_median_km"] is None


def test_asked_twice_runs_once(network: Network) -> None:
    policy = draft(network, {})
    first, second = (
        request_replay(policy=policy, leads=10, by=network.by, at=LATER) for _ in range(2)
    )

    assert first == second


@pytest.mark.parametrize("leads", [0, 10_001])
def test_refuses_a_size_out_of_range(network: Network, leads: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        request_replay(policy=draft(network, {}), leads=leads, by=network.by, at=LATER)

    assert refusal.value.field == "leads"


def test_refuses_a_queue_without_end(network: Network) -> None:
    policy = draft(network, {})
    for leads in (1, 2, 3):
        request_replay(policy=policy, leads=leads, by=network.by, at=LATER)

    with pytest.raises(TooManyReplays):
        request_replay(policy=policy, leads=4, by=network.by, at=LATER)


def test_gives_a_replay_up_that_keeps_failing_and_does_the_others(
    network: Network, other_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = request_replay(policy=draft(network, {}), leads=5, by=network.by, at=LATER)
    fine = request_replay(
        policy=draft(other_network, {}), leads=5, by=other_network.by, at=LATER + HOUR
    )
    plan = jobs._plan

    def fail(replay: Replay) -> None:
        if replay.id == broken.id:
            raise ZeroDivisionError
        plan(replay)

    monkeypatch.setattr(jobs, "_plan", fail)
    while go_on_with_replays(at=LATER):
        pass

    assert again(network, broken).status == "FAILED"
    assert again(other_network, fine).status == "DONE"


def test_goes_with_its_draft(network: Network) -> None:
    policy = draft(network, {})
    replayed(network, policy)

    discard_draft(policy=policy, by=network.by)

    assert count_rows(Replay) == 0
