"""Which policy holds for a lead, and what a policy may say."""

from typing import Any

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from leads.drafts import (
    DraftChanged,
    NotADraft,
    change_draft,
    discard_draft,
    publish_draft,
)
from leads.models import RoutingPolicy
from leads.policies import (
    DefaultHolds,
    PolicyChanged,
    PolicyReplaced,
    ReachTaken,
    publish_policy,
    switch_policy_off,
    switch_policy_on,
)
from partners.models import ProductLine, SetUpChange
from tests.acting import HOUR, run_out
from tests.factories import NOON, Network

RULE = {"partners": 1, "response_window": 60, "radius_km": None, "head_start": 0}


def line_of(network: Network, code: str | None) -> ProductLine | None:
    with tenant_context(network.manufacturer.id):
        return ProductLine.objects.get(code=code) if code else None


def publish(
    network: Network,
    name: str,
    *,
    line: str | None = None,
    source: str | None = None,
    **options: Any,
) -> RoutingPolicy:
    product_line = line_of(network, line)
    return publish_policy(
        name=name,
        waves=options.pop("waves", [RULE]),
        by=network.by,
        at=NOON,
        product_line_id=product_line.id if product_line else None,
        source=source,
        **options,
    )


def policy_name(network: Network, **lead: Any) -> str:
    policy = network.again(network.lead(**lead)).policy
    assert policy is not None
    name: str = policy.name
    return name


@pytest.mark.parametrize(
    ("lead", "name"),
    [
        ({"product_lines": ("heat-pumps",), "source": "fair"}, "line and source"),
        ({"product_lines": ("heat-pumps",), "source": "website"}, "line"),
        ({"product_lines": ("boilers",), "source": "fair"}, "source"),
        ({"product_lines": ("boilers",), "source": "website"}, "Default"),
        ({"product_lines": ("boilers", "heat-pumps"), "source": "website"}, "line"),
        ({"product_lines": ("boilers", "heat-pumps"), "source": "fair"}, "line and source"),
    ],
    ids=str,
)
def test_takes_the_most_specific_policy(network: Network, lead: dict[str, Any], name: str) -> None:
    publish(network, "source", source="fair")
    publish(network, "line", line="heat-pumps")
    publish(network, "line and source", line="heat-pumps", source="fair")

    assert policy_name(network, **lead) == name


def test_adds_a_policy_beside_those_that_hold_only(network: Network) -> None:
    held = publish(network, "held", source="fair")

    with pytest.raises(InvalidInput) as nobody:
        publish(network, "late", is_new=True)
    with pytest.raises(ReachTaken) as taken:
        publish(network, "late", source="fair", is_new=True)
    added = publish(network, "added", line="boilers", source="fair", is_new=True)

    assert nobody.value.field == "product_line"
    assert taken.value.holding == held
    assert added.is_active
    assert policy_name(network, product_lines=("heat-pumps",), source="fair") == "held"


def test_takes_the_policy_of_a_line_before_that_of_a_source(network: Network) -> None:
    publish(network, "source", source="fair")
    publish(network, "line", line="boilers")

    assert policy_name(network, product_lines=("heat-pumps", "boilers"), source="fair") == "line"


@pytest.mark.parametrize("first", ["heat-pumps", "boilers"])
def test_takes_the_policy_of_the_line_named_first(network: Network, first: str) -> None:
    publish(network, "heat-pumps", line="heat-pumps")
    publish(network, "boilers", line="boilers")
    other = {"heat-pumps": "boilers", "boilers": "heat-pumps"}[first]

    assert policy_name(network, product_lines=(first, other)) == first


def test_replaces_the_policy_with_the_same_reach(network: Network) -> None:
    publish(network, "old", source="fair")
    publish(network, "new", source="fair")

    assert policy_name(network, source="fair") == "new"


def test_counts_versions_by_name(network: Network) -> None:
    versions = [publish(network, "fairs", source="fair").version for _ in range(3)]

    assert versions == [1, 2, 3]


def test_lets_a_draft_hold_for_nothing(network: Network) -> None:
    draft = publish(network, "draft", source="fair", is_draft=True)

    assert not draft.is_active
    assert policy_name(network, source="fair") == "Default"


def test_marks_as_default_what_holds_for_everything(network: Network) -> None:
    assert publish(network, "everything").is_default
    assert not publish(network, "fairs", source="fair").is_default


def test_lets_leads_follow_the_next_wider_policy_while_one_is_switched_off(
    network: Network,
) -> None:
    network.partners(2)
    fair = publish(network, "fair", source="fair")
    on_offer = network.lead(source="fair")

    off = switch_policy_off(policy=fair, by=network.by, at=NOON)
    again = switch_policy_off(policy=fair, by=network.by, at=NOON + HOUR)
    name = policy_name(network, source="fair")
    on = switch_policy_on(policy=fair, by=network.by, at=NOON + HOUR)

    assert (off.switched_at, off.switched_by) == (NOON, network.by.label)
    assert again.switched_at == NOON
    assert name == "Default"
    assert (on.is_active, on.switched_at) == (True, NOON + HOUR)
    assert policy_name(network, source="fair") == "fair"
    assert network.again(on_offer).policy == fair
    assert [offer.status for offer in network.offers(on_offer)] == ["OPEN"]


def test_never_switches_the_default_off(network: Network) -> None:
    default = publish(network, "everything")

    with pytest.raises(DefaultHolds):
        switch_policy_off(policy=default, by=network.by, at=NOON)


def test_switches_on_only_what_was_switched_off_and_nothing_replaced(network: Network) -> None:
    off = publish(network, "off", source="fair")
    switch_policy_off(policy=off, by=network.by, at=NOON)
    draft = publish(network, "draft", source="letter", is_draft=True)
    old = publish(network, "old", source="radio")
    publish(network, "new", source="radio")
    holding = publish(network, "holding", source="fair")

    with pytest.raises(ReachTaken) as taken:
        switch_policy_on(policy=off, by=network.by, at=NOON)
    with pytest.raises(PolicyReplaced):
        switch_policy_on(policy=draft, by=network.by, at=NOON)
    with pytest.raises(PolicyReplaced):
        switch_policy_off(policy=old, by=network.by, at=NOON)

    assert taken.value.holding == holding


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"waves": []}, "waves"),
        ({"waves": [RULE, {**RULE, "head_start": 60}]}, "waves.1.head_start"),
        ({"weights": {"proximity": 1, "beauty": 1}}, "weights.beauty"),
        ({"weights": {"proximity": 0}}, "weights"),
    ],
    ids=["no wave", "head start as long as the window", "unknown term", "nothing weighs"],
)
def test_refuses_a_policy_that_contradicts_itself(
    network: Network, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        publish(network, "odd", **options)

    assert refusal.value.field == field
    assert policy_name(network) == "Default"


def test_ranks_by_the_weights_of_the_policy(network: Network) -> None:
    near = network.partner(weight=0)
    preferred = network.partner(postal_code="85221", weight=100)
    publish(network, "near", source="near", strategy="NEAREST")
    publish(network, "tier", source="tier", weights={"tier": 1.0})

    by_source = {
        source: network.offers(network.lead(source=source))[0].partner_id
        for source in ("near", "tier")
    }

    assert by_source == {"near": near.id, "tier": preferred.id}


def test_writes_a_draft_as_often_as_one_likes(network: Network) -> None:
    draft = publish(network, "draft", source="fair", is_draft=True)

    changed = change_draft(
        policy=draft, name="fair", waves=[{**RULE, "partners": 4}], by=network.by, at=NOON + HOUR
    )

    assert (changed.name, changed.version, changed.is_draft) == ("fair", 1, True)
    assert changed.waves[0]["partners"] == 4
    assert policy_name(network, source="fair") == "Default"


def test_lets_a_published_draft_hold_from_then_on(network: Network) -> None:
    old = publish(network, "fair", source="fair")
    draft = publish(network, "fair", source="fair", is_draft=True)
    publish(network, "fair", source="fair")

    published = publish_draft(policy=draft, by=network.by, at=NOON + HOUR)
    again = publish_draft(policy=draft, by=network.by, at=NOON + 2 * HOUR)

    assert (published.version, published.published_at) == (4, NOON + HOUR)
    assert again == published
    assert again.published_at == NOON + HOUR
    with tenant_context(network.manufacturer.id):
        holding = RoutingPolicy.objects.filter(source="fair", is_active=True)
        assert [policy.id for policy in holding] == [published.id]
    assert old.id != published.id


def test_leaves_a_lead_on_offer_with_the_version_it_began_with(network: Network) -> None:
    network.partners(4)
    network.policy({"partners": 2, "response_window": 600})
    lead = network.lead()
    draft = publish(network, "Default", is_draft=True)

    publish_draft(policy=draft, by=network.by, at=NOON)
    run_out(network.again(lead))

    waves = [offer.wave for offer in network.offers(lead)]
    assert waves == [1, 1, 2, 2]
    assert network.again(lead).policy != draft
    assert network.again(network.lead()).policy == draft


def test_publishes_a_draft_as_it_was_judged_only(network: Network) -> None:
    holding = publish(network, "fair", source="fair")
    draft = publish(network, "fair", source="fair", is_draft=True)
    seen = draft.created_at
    change_draft(policy=draft, name="fair", waves=[RULE], by=network.by, at=NOON + HOUR)

    with pytest.raises(DraftChanged):
        publish_draft(policy=draft, seen=seen, by=network.by, at=NOON)
    with pytest.raises(DraftChanged):
        change_draft(policy=draft, seen=seen, name="x", waves=[RULE], by=network.by, at=NOON)
    newer = publish(network, "fair", source="fair")
    with pytest.raises(PolicyChanged):
        publish_draft(policy=draft, expected=holding.id, by=network.by, at=NOON)

    assert policy_name(network, source="fair") == "fair"
    assert newer.is_active


def test_throws_only_drafts_away(network: Network) -> None:
    holding = publish(network, "fair", source="fair")
    draft = publish(network, "fair", source="fair", is_draft=True)

    gone, again = (discard_draft(policy=draft, by=network.by) for _ in range(2))
    with pytest.raises(NotADraft):
        discard_draft(policy=holding, by=network.by)
    with pytest.raises(NotADraft):
        change_draft(policy=draft, name="late", waves=[RULE], by=network.by, at=NOON)

    assert (gone, again) == (True, False)


def test_records_what_becomes_of_a_draft(network: Network) -> None:
    draft = publish(network, "fair", source="fair", is_draft=True)
    change_draft(
        policy=draft, name="fair", waves=[RULE], take_back=True, by=network.by, at=NOON + HOUR
    )
    publish_draft(policy=draft, by=network.by, at=NOON + HOUR)

    with tenant_context(network.manufacturer.id):
        changes = SetUpChange.objects.filter(object_key=draft.id).order_by("id")
        recorded = [(change.before, change.after) for change in changes]

    assert recorded[0][0] is None
    assert recorded[1] == ({"take_back": False}, {"take_back": True})
    assert recorded[2][1] is not None
    assert recorded[2][1]["is_active"] is True
