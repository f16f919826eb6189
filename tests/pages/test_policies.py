"""Rules of distribution: shown in words, and published as new versions in plain forms."""

import re
from datetime import timedelta
from typing import Any

import pytest

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.models import RoutingPolicy
from leads.policies import publish_policy
from partners.models import ProductLine
from tests.acting import run_out
from tests.factories import NOON, Network
from tests.pages.desks import at_desk, form_of, queries_of, read, text_of


@pytest.fixture(autouse=True)
def noon() -> Any:
    """Look at noon."""
    with clock.set_to(NOON):
        yield


def active(network: Network, **reach: Any) -> RoutingPolicy:
    with tenant_context(network.manufacturer.id):
        return RoutingPolicy.objects.get(
            is_active=True, **(reach or {"product_line": None, "source": None})
        )


def line(network: Network, code: str) -> ProductLine:
    with tenant_context(network.manufacturer.id):
        return ProductLine.objects.get(code=code)


def test_the_rules_that_hold_are_said_in_words(network: Network) -> None:
    network.policy(
        {"partners": 1, "response_window": 1_800, "radius_km": 40, "head_start": 0},
        {"partners": 3, "response_window": 7_200, "head_start": 900},
    )

    page = read(at_desk(network), "/set-up/policies/")

    assert "1 partner, 30 min to answer, within 40 km" in page
    assert "3 partners, 2 h to answer, the best match 15 min ahead" in page
    assert "Version 2, since 2 Mar 2026" in page
    assert "Default rule, version 1" in page[page.index("Earlier versions") :]


def test_publishing_a_form_as_it_is_repeats_the_rules(network: Network) -> None:
    network.policy(
        {"partners": 1, "response_window": 90, "radius_km": 40.5, "head_start": 15},
        strategy="NEAREST",
        any_product_line=True,
        late_answers=False,
        contact_window=timedelta(minutes=90),
        take_back=True,
        feedback_due=[3_600, 129_600],
        feedback_repeat=timedelta(days=3),
        max_overdue_feedback=2,
        weights={"proximity": 1.0, "tier": 0.5},
    )
    before = active(network)
    client = at_desk(network)

    sent = form_of(read(client, f"/set-up/policies/{before.id}/"))
    response = client.post(f"/set-up/policies/{before.id}/", sent)

    assert response.status_code == 302, text_of(response)
    after = active(network)
    assert (after.version, before.version) == (3, 2)
    for field in (
        "name",
        "waves",
        "strategy",
        "any_product_line",
        "late_answers",
        "contact_window",
        "take_back",
        "feedback_due",
        "feedback_repeat",
        "max_overdue_feedback",
        "weights",
        "clock",
    ):
        assert getattr(after, field) == getattr(before, field), field


def test_rounds_are_added_and_taken_away_in_rows(network: Network) -> None:
    policy = active(network)
    client = at_desk(network)

    sent = form_of(read(client, f"/set-up/policies/{policy.id}/"))
    changed = {
        "waves-0-partners": "",
        "waves-2-partners": "8",
        "waves-2-window": "30 s",
        "waves-2-radius_km": "",
        "waves-2-head_start": "",
        "waves-TOTAL_FORMS": "3",
    }
    client.post(f"/set-up/policies/{policy.id}/", {**sent, **changed})

    assert active(network).waves == [
        {"partners": 5, "response_window": 7_200, "radius_km": 100, "head_start": 0},
        {"partners": 8, "response_window": 30, "radius_km": None, "head_start": 0},
    ]


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": " "}, "id_name", "fill this in"),
        ({"waves-1-window": ""}, "id_waves-1-window", "How long"),
        (
            {"waves-TOTAL_FORMS": "3", "waves-2-window": "5 min"},
            "id_waves-2-partners",
            "How many",
        ),
        ({"waves-0-partners": "", "waves-1-head_start": "2 h"}, "id_waves-1-head_start", "shorter"),
        ({"waves-0-partners": "0"}, "id_waves-0-partners", "greater than or equal to 1"),
        ({"feedback_due": "soon"}, "id_feedback_due", "with their units"),
        ({"feedback_due": "24"}, "id_feedback_due", "with their units"),
        ({"feedback_due": "0"}, "id_feedback_due", "too short"),
        ({"feedback_repeat": "11 y"}, "id_feedback_repeat", "with its unit"),
        ({"feedback_repeat": "4000 days"}, "id_feedback_repeat", "3650 days at most"),
        ({"waves-0-window": "60"}, "id_waves-0-window", "with its unit"),
        ({"contact_window": "0"}, "id_contact_window", "too short"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    network: Network, wrong: dict[str, str], field: str, words: str
) -> None:
    policy = active(network)
    client = at_desk(network)
    sent = {**form_of(read(client, f"/set-up/policies/{policy.id}/")), "max_overdue_feedback": "7"}

    response = client.post(f"/set-up/policies/{policy.id}/", {**sent, **wrong})

    page = text_of(response)
    assert response.status_code == 422
    assert re.search(rf'id="{field}_error".{{0,600}}{words}', page), words
    assert form_of(page)["max_overdue_feedback"] == "7"
    assert active(network).id == policy.id


def test_times_are_read_and_written_as_people_say_them(network: Network) -> None:
    policy = active(network)
    client = at_desk(network)
    sent = form_of(read(client, f"/set-up/policies/{policy.id}/"))
    words = {
        "waves-0-window": "1,5 h",
        "waves-0-head_start": "10 Minuten",
        "contact_window": "90 min",
        "feedback_due": "1 Tag, 3 days und 1,5 h",
        "feedback_repeat": "1 week",
    }

    client.post(f"/set-up/policies/{policy.id}/", {**sent, **words})

    now = active(network)
    shown = form_of(read(client, f"/set-up/policies/{now.id}/"))
    assert (now.waves[0]["response_window"], now.waves[0]["head_start"]) == (5_400, 600)
    assert now.feedback_due == [86_400, 259_200, 5_400]
    assert {name: shown[name] for name in words} == {
        "waves-0-window": "1 h 30 min",
        "waves-0-head_start": "10 min",
        "contact_window": "1 h 30 min",
        "feedback_due": "1 day, 3 days, 1 h 30 min",
        "feedback_repeat": "7 days",
    }


@pytest.mark.parametrize("path", ["new/", "{policy}/"])
def test_a_row_is_added_and_nothing_typed_is_lost_or_looked_at(network: Network, path: str) -> None:
    policy = active(network)
    address = f"/set-up/policies/{path.format(policy=policy.id)}"
    client = at_desk(network)
    sent = form_of(read(client, address)) | {"name": "", "waves-1-window": "soon"}

    response = client.post(address, {**sent, "add_round": "1"})

    page = text_of(response)
    assert response.status_code == 200
    assert "_error" not in page
    shown = form_of(page)
    assert shown["waves-TOTAL_FORMS"] == "3"
    assert (shown["name"], shown["waves-1-window"]) == ("", "soon")
    assert shown["waves-2-partners"] == ""
    assert active(network).id == policy.id


def test_a_rule_is_switched_off_and_on_again(network: Network) -> None:
    network.partner()
    rule = {"partners": 1, "response_window": 60, "radius_km": None, "head_start": 0}
    fair = publish_policy(name="Fair", waves=[rule], source="fair", by=network.by, at=NOON)
    client = at_desk(network)

    off = client.post(f"/set-up/policies/{fair.id}/off/", follow=True)
    page = text_of(off)
    meanwhile = network.again(network.lead(source="fair")).policy
    on = text_of(client.post(f"/set-up/policies/{fair.id}/on/", follow=True))

    assert "“Fair” is switched off from now on." in page
    assert "off since 2 Mar 2026" in page
    assert f'action="/set-up/policies/{fair.id}/on/"' in page
    assert meanwhile is not None
    assert meanwhile.is_default
    assert "“Fair” holds for leads from now on." in on
    assert active(network, source="fair").id == fair.id


def test_the_default_has_no_switch_and_refuses_to_be_switched_off(network: Network) -> None:
    policy = active(network)
    client = at_desk(network)

    response = client.post(f"/set-up/policies/{policy.id}/off/", follow=True)

    assert "The default cannot be switched off" in text_of(response)
    assert f"{policy.id}/off/" not in text_of(response)
    assert active(network).id == policy.id


def test_a_form_for_a_rule_that_was_switched_off_meanwhile_leads_back_to_the_rules(
    network: Network,
) -> None:
    fair = publish_policy(
        name="Fair", waves=active(network).waves, source="fair", by=network.by, at=NOON
    )
    client = at_desk(network)
    sent = form_of(read(client, f"/set-up/policies/{fair.id}/"))
    client.post(f"/set-up/policies/{fair.id}/off/")

    response = client.post(f"/set-up/policies/{fair.id}/", sent, follow=True)

    assert "replaced or switched off meanwhile" in text_of(response)


def test_a_rule_without_rounds_is_refused(network: Network) -> None:
    policy = active(network)
    client = at_desk(network)
    sent = form_of(read(client, f"/set-up/policies/{policy.id}/"))

    response = client.post(
        f"/set-up/policies/{policy.id}/",
        {**sent, "waves-0-partners": "", "waves-1-partners": ""},
    )

    assert response.status_code == 422
    assert "A rule needs at least one round." in text_of(response)


def test_a_rule_for_one_product_line_and_source_is_added(network: Network) -> None:
    boilers = line(network, "boilers")
    client = at_desk(network)
    sent = form_of(read(client, "/set-up/policies/new/"))

    client.post(
        "/set-up/policies/new/",
        {**sent, "name": "Boilers", "product_line": str(boilers.id), "source": "fair"},
    )

    page = read(client, "/set-up/policies/")
    added = active(network, product_line=boilers, source="fair")
    assert (added.name, added.version, len(added.waves)) == ("Boilers", 1, 2)
    assert "For Boilers from Trade fair" in page
    assert page.index("The default") < page.index("For Boilers from Trade fair")
    assert active(network).version == 1


def test_a_rule_that_is_added_for_every_lead_does_not_replace_the_default(
    network: Network,
) -> None:
    client = at_desk(network)
    sent = form_of(read(client, "/set-up/policies/new/"))

    response = client.post("/set-up/policies/new/", {**sent, "name": "All", "source": " "})

    assert response.status_code == 422
    page = text_of(response)
    assert re.search(r'id="id_product_line_error".{0,600}Choose a product line or name', page)
    assert (active(network).name, active(network).version) == ("Default", 1)


@pytest.mark.parametrize(
    ("code", "source", "field"),
    [
        ("boilers", "", "product_line"),
        ("", "fair", "source"),
        ("boilers", "fair", "product_line"),
    ],
)
def test_a_rule_is_not_added_where_one_holds_already(
    network: Network, code: str, source: str, field: str
) -> None:
    product_line = line(network, code) if code else None
    held = publish_policy(
        name="Held",
        waves=active(network).waves,
        by=network.by,
        at=NOON,
        product_line_id=product_line.id if product_line else None,
        source=source or None,
    )
    client = at_desk(network)
    sent = form_of(read(client, "/set-up/policies/new/"))
    reach = {"product_line": str(product_line.id) if product_line else "", "source": source}

    response = client.post("/set-up/policies/new/", {**sent, **reach, "name": "Late"})

    page = text_of(response)
    assert response.status_code == 422
    assert re.search(rf'id="id_{field}_error".{{0,600}}already: “Held”', page)
    assert f'href="/set-up/policies/{held.id}/"' in page
    assert active(network, product_line=product_line, source=source or None).id == held.id


def test_a_changed_rule_keeps_whom_it_is_for(network: Network) -> None:
    boilers = line(network, "boilers")
    policy = publish_policy(
        name="Boilers",
        waves=active(network).waves,
        by=network.by,
        at=NOON,
        product_line_id=boilers.id,
    )
    client = at_desk(network)

    sent = form_of(read(client, f"/set-up/policies/{policy.id}/"))
    client.post(f"/set-up/policies/{policy.id}/", {**sent, "name": "Boilers only"})

    assert active(network, product_line=boilers).name == "Boilers only"
    assert active(network).name == "Default"


def test_leads_on_offer_keep_the_version_they_began_with(network: Network) -> None:
    network.partners(6)
    lead = network.lead()
    deadline = lead.respond_by
    policy = active(network)
    client = at_desk(network)

    sent = form_of(read(client, f"/set-up/policies/{policy.id}/"))
    client.post(
        f"/set-up/policies/{policy.id}/",
        {**sent, "waves-0-window": "5 min", "waves-1-partners": "1"},
    )

    assert network.again(lead).respond_by == deadline
    assert len(network.offers(lead)) == 3
    run_out(network.again(lead))
    assert len([offer for offer in network.offers(lead) if offer.wave == 2]) == 3


def test_who_publishes_second_is_told_and_nothing_is_lost_unseen(network: Network) -> None:
    address = f"/set-up/policies/{active(network).id}/"
    client = at_desk(network)
    sent = form_of(read(client, address))

    client.post(address, {**sent, "waves-0-partners": "2"})
    late = client.post(address, {**sent, "waves-0-partners": "9"})

    assert late.status_code == 422
    assert "Somebody else published a version" in text_of(late)
    current = active(network)
    assert (current.version, current.waves[0]["partners"]) == (2, 2)
    client.post(f"/set-up/policies/{current.id}/", form_of(text_of(late)))
    assert (active(network).version, active(network).waves[0]["partners"]) == (3, 9)


def test_who_corrects_a_field_first_is_told_all_the_same(network: Network) -> None:
    address = f"/set-up/policies/{active(network).id}/"
    client = at_desk(network)
    sent = form_of(read(client, address))

    client.post(address, {**sent, "waves-0-partners": "2"})
    wrong = text_of(client.post(address, {**sent, "waves-0-partners": "0"}))
    (there,) = re.findall(r'<form method="post" novalidate action="([^"]+)"', wrong)
    late = client.post(there, {**form_of(wrong), "waves-0-partners": "9"})

    assert late.status_code == 422
    assert "Somebody else published a version" in text_of(late)
    assert active(network).waves[0]["partners"] == 2


def test_a_strangers_rule_is_not_found(network: Network, other_network: Network) -> None:
    address = f"/set-up/policies/{active(other_network).id}/"
    client = at_desk(network)

    assert client.get(address).status_code == 404
    assert [client.post(f"{address}{to}/").status_code for to in ("off", "on")] == [404, 404]


def test_a_draft_for_leads_without_a_rule_is_not_found(network: Network) -> None:
    waves = active(network).waves
    draft = publish_policy(
        name="Fair", waves=waves, source="fair", is_draft=True, by=network.by, at=NOON
    )

    assert at_desk(network).get(f"/set-up/policies/{draft.id}/").status_code == 404


@pytest.mark.parametrize("role", ["DISPATCHER", "ANALYST"])
def test_others_than_administrators_read_only(network: Network, role: str) -> None:
    policy = active(network)
    client = at_desk(network, role)

    page = read(client, "/set-up/policies/")

    assert f"/set-up/policies/{policy.id}/" not in page
    for path in (f"{policy.id}/off/", f"{policy.id}/on/"):
        assert client.post(f"/set-up/policies/{path}").status_code == 404
    for path in ("new/", f"{policy.id}/"):
        assert client.get(f"/set-up/policies/{path}").status_code == 404
        assert client.post(f"/set-up/policies/{path}", {"name": "x"}).status_code == 404
    assert active(network).id == policy.id


def test_ten_versions_take_no_more_queries_than_one(network: Network) -> None:
    client = at_desk(network)
    one = queries_of(client, "/set-up/policies/")
    for _ in range(9):
        network.policy({"partners": 2})

    assert queries_of(client, "/set-up/policies/") == one


@pytest.mark.parametrize("path", ["new/", "{policy}/"])
def test_a_form_asks_for_each_thing_once(network: Network, path: str) -> None:
    address = f"/set-up/policies/{path.format(policy=active(network).id)}"

    page = read(at_desk(network), address)

    asked = re.findall(r'<(?:input|select|textarea) [^>]*id="(id_[^"]+)"', page)
    assert len(asked) > 10
    assert len(asked) == len(set(asked))
