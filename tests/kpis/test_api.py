"""The calls of figures and history, as clients see them."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from kpis.declared import CATALOGUE
from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from partners.keys import issue_key, prefix_of
from partners.models import ApiKey
from tests.factories import NOON, Network
from tests.kpis.test_history import FIRST_EXAMPLE

MARCH = "from=2026-03-01&to=2026-04-01"
HISTORY = FIRST_EXAMPLE.replace("heating", "heat-pumps")
DURATION = {"count", "mean", "median", "p90", "within_target", "target", "open_count"}
RATIO = {"numerator", "denominator", "value", "target"}


@pytest.fixture(autouse=True)
def april() -> Any:
    """Let every call happen on 1 April 2026."""
    with clock.set_to(datetime(2026, 4, 1, tzinfo=UTC)):
        yield


def client_with(key: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def manufacturer(network: Network) -> Client:
    """A client with the manufacturer's key, whose partners are A and B."""
    network.partner(external_id="A")
    network.partner(external_id="B")
    return client_with(network.api_key)


@pytest.fixture
def loaded(manufacturer: Client) -> Client:
    """The same, with the picks of the first worked example."""
    answer = manufacturer.post("/api/v1/history/", HISTORY, content_type="text/csv")
    assert answer.json() == {"stored": 4, "known": 0, "refused": []}
    return manufacturer


def test_figures_count_in_working_hours(loaded: Client) -> None:
    """Half a lead's ten days from pick to closing is nights and a weekend; the rest is work."""
    wall, working = (
        loaded.get(f"/api/v1/kpis/?{MARCH}&clock={name}").json() for name in ("wall", "working")
    )

    assert (wall["clock"], working["clock"]) == ("wall", "working")
    assert wall["total"]["acceptance_time"]["mean"] == 4_200
    assert working["total"]["acceptance_time"]["mean"] == 4_200
    # 2 March, 9:20 to 12 March, 9:20, and 11:30 to 5 March, 11:30: eight and three days of 9 h.
    assert wall["total"]["processing_time"]["mean"] == (10 + 3) * 86_400 / 2
    assert working["total"]["processing_time"]["mean"] == (8 + 3) * 9 * 3_600 / 2


def test_figures_have_the_shape_that_is_promised(loaded: Client) -> None:
    answer = loaded.get(f"/api/v1/kpis/?{MARCH}&group_by=partner&clock=wall").json()

    assert {name: answer[name] for name in ("from", "to", "clock", "group_by")} == {
        "from": "2026-02-28T23:00:00Z",
        "to": "2026-03-31T22:00:00Z",
        "clock": "wall",
        "group_by": ["partner"],
    }
    first = answer["rows"][0]
    assert first["picks"] == 2
    assert first["acceptance_time"] == {
        "count": 2,
        "mean": 1_800,
        "median": 1_800,
        "p90": 2_280,
        "within_target": 1.0,
        "target": 3_600,
        "open_count": 0,
    }
    assert first["processing_time"]["within_target"] is None
    assert first["processing_time"]["open_count"] == 1
    assert first["feedback_rate"] == {
        "numerator": 1,
        "denominator": 2,
        "value": 0.5,
        "target": 0.75,
    }
    assert first["revenue"]["value"] == "4800.00"
    assert set(first["contact_time"]) == DURATION
    assert set(first["conversion_rate"]) == RATIO
    assert set(answer["total"]) == set(first)
    assert first["beside"]["contact_time"] == {"censored_median": 2_700, "is_few": True}
    low, high = first["beside"]["feedback_rate"]["interval"]
    assert (round(low, 3), round(high, 3)) == (0.095, 0.905)


@pytest.mark.parametrize("query", ["group_by=week,product_line", "group_by=week&group_by=source"])
def test_figures_are_grouped_by_two_dimensions(loaded: Client, query: str) -> None:
    answer = loaded.get(f"/api/v1/kpis/?{MARCH}&{query}").json()

    assert [set(row["group"]) for row in answer["rows"]] == [set(answer["group_by"])]
    assert answer["rows"][0]["group"]["week"] == "2026-W10"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("to=2026-04-01", "from"),
        ("from=2026-03-01", "to"),
        ("from=yesterday&to=2026-04-01", "from"),
        ("from=2026-03-01&to=2026-04-01T00:00:00", "to"),
        ("from=2026-04-01&to=2026-03-01", "to"),
        ("from=0001-01-01&to=2026-04-01", "from"),
        (f"{MARCH}&clock=sun", "clock"),
        (f"{MARCH}&group_by=colour", "group_by"),
        (f"{MARCH}&group_by=week,month,partner", "group_by"),
        (f"{MARCH}&partner=me", "partner"),
        (f"{MARCH}&partner=01890000-0000-7000-8000-000000000000", "partner"),
        (f"{MARCH}&product_line=boats", "product_line"),
        (f"{MARCH}&source=%00", "source"),
        (f"{MARCH}&certification=platinum", "certification"),
        (f"{MARCH}&temperature=MILD", "temperature"),
        (f"{MARCH}&user=me", "user"),
        (f"{MARCH}&compare=tomorrow", "compare"),
        (f"{MARCH}&include=everything", "include"),
        ("from=1970-01-01&to=2970-01-01&group_by=day", "group_by"),
        ("from=1970-01-01&to=1970-02-01&compare=previous", "from"),
    ],
)
def test_a_wrong_parameter_is_named(manufacturer: Client, query: str, field: str) -> None:
    answer = manufacturer.get(f"/api/v1/kpis/?{query}", headers={"Accept": "text/csv"})

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_figures_stand_beside_those_of_the_month_before(loaded: Client) -> None:
    answer = loaded.get("/api/v1/kpis/?from=2026-04-01&to=2026-05-01&compare=previous").json()

    assert answer["total"]["picks"] == 0
    assert (answer["compared"]["from"], answer["compared"]["to"]) == (
        "2026-02-28T23:00:00Z",
        "2026-03-31T22:00:00Z",
    )
    assert answer["compared"]["total"]["picks"] == 4
    assert "compared" not in answer["compared"]


def test_figures_of_the_network_are_told_to_its_manufacturer_only(
    loaded: Client, network: Network
) -> None:
    network.lead(at=datetime(2026, 3, 2, 12, tzinfo=UTC))
    partner = network.partner(external_id="B")
    query = f"/api/v1/kpis/?{MARCH}&group_by=source&include=network"

    answer = loaded.get(query).json()["network"]
    refused = client_with(network.key_for(partner)).get(query)

    assert answer["leads"]["new_leads"] == 1
    assert [row["group"] for row in answer["lead_rows"]] == [{"source": "website"}]
    assert answer["offers"]["offer_response_rate"]["value"] is None
    assert answer["prospects"]["currency"] == "EUR"
    assert [error["field"] for error in refused.json()["errors"]] == ["include"]


@pytest.mark.parametrize(
    ("query", "picks"),
    [
        ("region=DE-BY", 4),
        ("region=DE-BE", 0),
        ("postal_area=DE-80", 4),
        ("postal_area=DE-10", 0),
        ("temperature=HOT", 1),
        ("source=fair", 4),
        ("campaign=spring", 0),
    ],
)
def test_figures_are_filtered_by_what_describes_the_lead(
    loaded: Client, query: str, picks: int
) -> None:
    answer = loaded.get(f"/api/v1/kpis/?{MARCH}&{query}").json()

    assert answer["total"]["picks"] == picks


def test_a_partner_sees_its_own_figures(loaded: Client, network: Network) -> None:
    answer = loaded.get(f"/api/v1/kpis/?{MARCH}&group_by=partner").json()
    names = [row["group"]["partner"] for row in answer["rows"]]
    partner = network.partner(external_id="B")

    own = client_with(network.key_for(partner)).get(f"/api/v1/kpis/?{MARCH}&group_by=partner")

    assert str(partner.id) in names
    assert [row["group"]["partner"] for row in own.json()["rows"]] == [str(partner.id)]
    assert own.json()["total"]["picks"] == 2


def test_figures_come_as_csv_in_which_no_cell_is_a_formula(manufacturer: Client) -> None:
    sly = HISTORY.replace(",fair,", ",=1+1,")
    manufacturer.post("/api/v1/history/", sly, content_type="text/csv")

    answer = manufacturer.get(
        f"/api/v1/kpis/?{MARCH}&group_by=source", headers={"Accept": "text/csv"}
    )

    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [(line["row"], line["source"], line["picks"]) for line in lines] == [
        ("group", "'=1+1", "4"),
        ("total", "", "4"),
    ]
    assert lines[1]["contact_time_mean"] == "4700"
    assert lines[1]["contact_time_censored_median"] == "2700"
    assert lines[1]["feedback_rate_low"] < lines[1]["feedback_rate_high"]


def test_the_catalogue_lists_every_figure(manufacturer: Client) -> None:
    answer = manufacturer.get("/api/v1/kpis/catalogue/").json()

    assert [figure["code"] for figure in answer["results"]] == [figure.code for figure in CATALOGUE]
    assert all(figure["formula"] and figure["label"] for figure in answer["results"])


def test_history_in_json_is_the_same_as_in_csv(loaded: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(HISTORY)))

    answer = loaded.post("/api/v1/history/", rows, content_type="application/json")

    assert answer.json() == {"stored": 0, "known": 4, "refused": []}


def test_history_reports_refused_rows_by_line(manufacturer: Client) -> None:
    bad = HISTORY.replace("\n2,A", "\n2,Z")

    answer = manufacturer.post("/api/v1/history/", bad, content_type="text/csv")

    assert answer.status_code == 200
    assert answer.json() == {
        "stored": 3,
        "known": 0,
        "refused": ["line 3: no partner has the external id 'Z'"],
    }


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("text/csv", "colour\nred"), ("application/json", '{"a": 1}'), ("application/json", "{")],
)
def test_history_that_cannot_be_read_is_refused_whole(
    manufacturer: Client, content_type: str, body: str
) -> None:
    answer = manufacturer.post("/api/v1/history/", body, content_type=content_type)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"]


def test_history_is_not_for_partners(manufacturer: Client, network: Network) -> None:
    partner = network.partner(external_id="A")
    strong = network.key_for(partner)
    with tenant_context(network.manufacturer.id):
        ApiKey.objects.filter(prefix=prefix_of(strong)).update(scopes=["leads:write"])

    for key in (network.key_for(partner), strong):
        answer = client_with(key).post("/api/v1/history/", HISTORY, content_type="text/csv")
        assert answer.status_code == 403


@pytest.mark.parametrize("path", ["kpis/", "kpis/catalogue/"])
def test_figures_need_their_scope(manufacturer: Client, network: Network, path: str) -> None:
    weak = issue_key(name="weak", by=network.by, at=NOON, scopes=("leads:read",))

    assert client_with(weak).get(f"/api/v1/{path}?{MARCH}").status_code == 403
    assert Client().get(f"/api/v1/{path}?{MARCH}").status_code == 401
