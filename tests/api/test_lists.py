"""Lists: pages that neither repeat nor lose rows, and a fixed number of queries."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.calling import Api, lead_body
from tests.factories import Network


def walk(api: Api, path: str, link: str = "next") -> list[str]:
    """Follow a list page by page."""
    ids: list[str] = []
    while path:
        page = api.get(path.partition("/api/v1/")[2] or path).json
        ids += [row["id"] for row in page["results"]]
        path = page[link]
    return ids


def test_pages_show_every_row_once_though_all_came_at_the_same_instant(
    api: Api, network: Network
) -> None:
    pushed = [api.post("leads/", lead_body(external_id=str(n))).json["id"] for n in range(7)]

    assert walk(api, "leads/?page_size=3") == sorted(pushed, reverse=True)


def test_pages_stay_stable_while_leads_arrive(api: Api) -> None:
    for number in range(4):
        api.post("leads/", lead_body(external_id=str(number)))
    whole = walk(api, "leads/")
    first = api.get("leads/?page_size=2").json

    api.post("leads/", lead_body(external_id="late"))
    second = api.get(first["next"].partition("/api/v1/")[2]).json
    back = api.get(second["previous"].partition("/api/v1/")[2]).json

    assert [row["id"] for row in second["results"]] == whole[2:]
    assert [row["id"] for row in back["results"]] == whole[:2]
    assert second["next"] is None
    assert back["previous"] is not None
    assert first["previous"] is None


def test_a_filter_stays_with_the_next_page(api: Api) -> None:
    for number in range(3):
        api.post("leads/", lead_body(external_id=str(number)))
        api.post("leads/", lead_body(external_id=str(number), source="fair"))

    assert len(walk(api, "leads/?page_size=1&source=fair")) == 3


def test_a_cursor_of_another_list_is_refused(api: Api, network: Network) -> None:
    network.partners(2)
    cursor = api.get("partners/?page_size=1").json["next"].partition("cursor=")[2]

    assert api.get(f"leads/?cursor={cursor.partition('&')[0]}").fields == ["cursor"]


def test_a_page_holds_at_most_two_hundred_rows(api: Api) -> None:
    assert api.get("leads/?page_size=5000").status == 200


def leads(network: Network, count: int) -> Api:
    for number in range(count):
        network.lead(external_id=f"{count}-{number}")
    return Api(network.api_key)


def offers(network: Network, count: int) -> Api:
    partner = network.partner()
    leads(network, count)
    return Api(network.key_for(partner))


def assignments(network: Network, count: int) -> Api:
    program = offers(network, count)
    for offer in program.get("offers/?status=OPEN").json["results"]:
        program.post(f"offers/{offer['id']}/accept/")
    return program


def open_leads(network: Network, count: int) -> Api:
    leads(network, count)
    return Api(network.key_for(network.partner()))


def partners(network: Network, count: int) -> Api:
    network.partners(
        count, regions=("DE-BY",), postal_code_areas=("80",), product_lines=("boilers",)
    )
    return Api(network.api_key)


def policies(network: Network, count: int) -> Api:
    for _ in range(count - 1):
        network.policy({})
    return Api(network.api_key)


@pytest.mark.parametrize(
    ("path", "fill"),
    [
        ("leads/", leads),
        ("leads/", assignments),
        ("offers/", offers),
        ("assignments/", assignments),
        ("pick-list/", open_leads),
        ("partners/", partners),
        ("policies/", policies),
    ],
)
def test_ten_rows_take_as_many_queries_as_one(
    network: Network, other_network: Network, path: str, fill: Callable[[Network, int], Api]
) -> None:
    counts, rows = [], []
    for tenant, count in ((network, 1), (other_network, 10)):
        program = fill(tenant, count)
        program.get(path)
        with CaptureQueriesContext(connection) as queries:
            answer = program.get(path)
        rows.append(len(answer.json["results"]))
        counts.append(len(queries))

    assert rows == [1, 10]
    assert counts[0] == counts[1]
