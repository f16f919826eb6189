"""The audit log: who changed what, readable, the newest first, for administrators."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from leadhub.core import clock
from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import system_context, tenant_context
from partners.catalogue import save_product_line
from partners.changes import record_change
from partners.memberships import actor_of
from partners.models import SetUpChange
from partners.network import change_partner
from tests.acting import member
from tests.factories import NOON, Network
from tests.pages.acting import by_script, logged_in
from tests.pages.desks import at_desk, queries_of, read, text_of

pytestmark = pytest.mark.django_db

ADDRESS = "/set-up/changes/"


def change(network: Network, name: str = "Meier", **changes: Any) -> None:
    """Let somebody at the desk change a partner."""
    partner = network.partner(name=name)
    ada = member(network, "ada@acme.example", "ADMIN")
    changes = changes or {"status": "PAUSED"}
    change_partner(partner=partner, changes=changes, by=actor_of(ada), at=NOON)


def test_says_who_changed_what_from_what_to_what(network: Network) -> None:
    change(network, status="PAUSED", cap_open=1200)

    page = read(at_desk(network), f"{ADDRESS}?text=Meier")

    newest = page.partition('id="found"')[2].partition("</li>")[0]
    assert "Ada" in newest
    assert "Meier" in newest
    assert "Changed" in newest
    assert "before: </span>Active</del>" in newest
    assert "after: </span>Paused</ins>" in newest
    assert "Leads in hand" in newest
    assert "1,200" in newest


def test_tells_a_rule_of_distribution_as_people_read_it(network: Network) -> None:
    network.policy({"partners": 4, "response_window": 5_400, "radius_km": 60})

    page = read(at_desk(network), f"{ADDRESS}?kind=policy")

    newest = page.partition('id="found"')[2].partition("</li>")[0]
    assert "Radius in km: 60, Partners asked: 4, Time to answer: 1 h 30 min" in newest
    assert "Radius in km: 50, Partners asked: 3, Time to answer: 1 h" in newest
    assert newest.index("Version") < newest.index("Waves")


def test_reads_in_the_language_of_the_reader(network: Network) -> None:
    change(network)
    ada = member(network, "ada@acme.example", "ADMIN")

    page = text_of(logged_in(Client(), ada).get(ADDRESS))

    assert "Pausiert" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?kind=partner", True),
        ("?kind=policy", False),
        ("?text=mei", True),
        ("?text=%25", False),
        ("?kind=partner&text=huber", False),
        ("?object=nonsense", True),
        ("?first_day=2020-01-01", True),
        ("?first_day=2199-01-01", False),
        ("?last_day=2020-01-01", False),
        ("?last_day=2199-01-01", True),
        ("?page=99", True),
        ("?page=x", True),
        ("?kind=%00", True),
    ],
)
def test_shows_what_is_asked_for(network: Network, query: str, *, found: bool) -> None:
    change(network)

    page = read(at_desk(network), ADDRESS + query)

    assert ("Meier" in page.partition('id="found"')[2]) == found


def test_shows_what_one_person_changed(network: Network) -> None:
    change(network)
    ada = member(network, "ada@acme.example", "ADMIN")

    page = read(at_desk(network), f"{ADDRESS}?actor=user:{ada.user_id}")

    assert "1 change" in page
    assert f'value="user:{ada.user_id}" selected' in page


def test_shows_the_changes_of_one_thing(network: Network) -> None:
    change(network)
    with tenant_context(network.manufacturer.id):
        newest = SetUpChange.objects.order_by("-recorded_at", "-id").first()
    assert newest is not None

    page = read(at_desk(network), f"{ADDRESS}?object={newest.object_key}")

    assert "2 changes" in page


def test_goes_by_the_day_of_the_manufacturer(network: Network) -> None:
    change(network)
    with system_context("test"):
        today = clock.now()

    found = read(at_desk(network), f"{ADDRESS}?first_day={today - timedelta(days=1):%Y-%m-%d}")
    past = read(at_desk(network), f"{ADDRESS}?last_day={today - timedelta(days=2):%Y-%m-%d}")

    assert "Meier" in found
    assert "No such change" in past


def test_is_for_administrators_of_this_manufacturer(
    network: Network, other_network: Network
) -> None:
    change(other_network, name="Globex only")

    for role in ("DISPATCHER", "ANALYST"):
        assert at_desk(network, role).get(ADDRESS).status_code == 404
    assert "Globex only" not in read(at_desk(network), ADDRESS)
    assert Client().get(ADDRESS).status_code == 302


def test_comes_in_pages_and_costs_the_same_whatever_there_is(network: Network) -> None:
    client = at_desk(network)
    save_product_line(code="line-0", name="Line 0", by=network.by)
    few = queries_of(client, f"{ADDRESS}?text=Line")
    for number in range(1, 40):
        save_product_line(code=f"line-{number}", name=f"Line {number}", by=network.by)

    many = queries_of(client, f"{ADDRESS}?text=Line")
    second = read(client, f"{ADDRESS}?text=Line&page=2")

    assert many == few <= 18
    assert "Page 2 of 2" in second
    assert "?text=Line&page=1" in second


def test_answers_a_script_with_the_list_alone(network: Network) -> None:
    response = at_desk(network).get(f"{ADDRESS}?kind=policy", headers=by_script(ADDRESS))

    assert response.content.strip().startswith(b'<div id="found"')


def test_says_so_when_nothing_is_found(network: Network) -> None:
    assert "No such change" in read(at_desk(network), f"{ADDRESS}?text=nothing")


def test_shows_what_it_has_no_words_for(network: Network) -> None:
    """Kinds and fields of other parts of the product, and people who are gone, break nothing."""
    record_in(network, {"odd_field": [{"a": 1}, {"b": None}], "flag": False, "at": "x"})

    page = read(at_desk(network), ADDRESS)

    assert "something_else" in page
    assert "odd field" in page
    assert "Somebody without an account now" in page


def record_in(network: Network, after: dict[str, Any]) -> None:
    with tenant_context(network.manufacturer.id):
        by = replace(network.by, label=f"user:{new_id()}")
        record_change(by=by, kind="something_else", key=new_id(), name="Odd", after=after)


def test_keeps_how_long_data_is_kept(network: Network) -> None:
    client = at_desk(network)

    response = client.post("/set-up/data-protection/", {"months": "12"})
    page = read(client, "/set-up/data-protection/")

    assert response.status_code == 302
    assert 'value="12"' in page
    assert "The changes were saved." in page


@pytest.mark.parametrize("months", ["0", "121", "", "many", "-1"])
def test_refuses_a_time_that_makes_no_sense(network: Network, months: str) -> None:
    client = at_desk(network)

    response = client.post("/set-up/data-protection/", {"months": months})

    assert response.status_code == 422
    assert network.manufacturer.retention_months == 24


def test_lets_only_administrators_say_how_long_data_is_kept(network: Network) -> None:
    client = at_desk(network, "DISPATCHER")

    assert client.get("/set-up/data-protection/").status_code == 404
    assert client.post("/set-up/data-protection/", {"months": "1"}).status_code == 404
