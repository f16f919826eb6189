"""Why these partners: every wave with its ranking, those left out, and a map of the same."""

from typing import Any

import pytest

from leadhub.core import clock
from leads.models import Lead
from tests.acting import HOUR, MINUTE, accepted_lead, run_out
from tests.factories import NOBODYS, NOON, Network
from tests.pages.desks import at_desk, queries_of
from tests.pages.reading import words

pytestmark = pytest.mark.django_db


def test_it_explains_the_ranking_with_every_term_its_weight_and_its_points(
    network: Network,
) -> None:
    network.partner(name="Huber", weight=80)
    network.partner(name="Meier", postal_code="85221", weight=50)

    page = words(_open(network, network.lead()))

    assert (
        "Nearness weight 35 % Performance weight 20 % Capacity weight 15 % Rest weight 15 %" in page
    )
    assert "1. Huber München, 0.0 km asked: Open +35 100 of 100" in page
    assert "2. Meier Dachau, 18 km asked: Open +20.6 59 of 100" in page


def test_the_points_of_a_partner_make_its_score(network: Network) -> None:
    network.partners(3, weight=30)
    network.partner(postal_code="85221", weight=90, cap_open=4)

    (wave,) = _open(network, network.lead()).context["waves"]

    for one in wave["ranked"]:
        points = sum(term["points"] for term in one["terms"])
        assert points == pytest.approx(one["score"], abs=0.04)  # six terms are rounded


def test_it_names_the_policy_that_decided_and_leads_to_it(network: Network) -> None:
    network.policy({"partners": 1, "radius_km": 30})
    network.partner()

    response = _open(network, network.lead(), role="ADMIN")

    (wave,) = response.context["waves"]
    assert wave["policy"].endswith(", version 2")
    assert f"Decided by {wave['policy']}" in words(response)
    assert f'href="/set-up/policies/{wave["policy_id"]}/"' in response.content.decode()
    assert "within 30 km" in words(response)


def test_each_wave_keeps_the_radius_it_had(network: Network) -> None:
    network.policy({"radius_km": 30}, {"radius_km": 90})
    network.partner(name="Near")
    network.partner(name="Far", postal_code="86150", radius_km=100.0)
    lead = network.lead()
    run_out(lead)

    second, first = _open(network, lead, at=NOON + HOUR + MINUTE).context["waves"]

    assert (second["radius_km"], first["radius_km"]) == (90, 30)
    assert first["excluded"][0]["partners"][0]["reasons"] == ["57 km away, the wave reached 30 km"]


@pytest.mark.parametrize(
    ("details", "group", "reason"),
    [
        ({"postal_code": "90402"}, "Outside the service area", "150 km away, works within 50 km"),
        (
            {"product_lines": ("boilers",)},
            "Does not sell what is asked for",
            "Does not sell what is asked for",
        ),
        (
            {"postal_code": "90402", "product_lines": ("boilers",)},
            "Does not sell what is asked for",
            "150 km away, works within 50 km; Does not sell what is asked for",
        ),
        (
            {"certifications": ()},
            "Not certified for it",
            "Certification: none, required: Gold",
        ),
        ({"status": "PAUSED"}, "Not taking part", "Paused, or has left the network"),
        ({"email": ""}, "Not taking part", "Nobody to tell: no person and no e-mail address"),
    ],
)
def test_it_says_why_a_partner_was_left_out(
    network: Network, details: dict[str, Any], group: str, reason: str
) -> None:
    network.partner(name="Elsewhere", **details)
    asks: dict[str, Any] = {"required_certification": "gold"} if "certifications" in details else {}

    page = words(_open(network, network.lead(**asks)))

    assert "Nobody could be asked" in page
    assert f"{group} 1" in page
    assert f"{group} the nearest of 1" in page
    assert (
        reason
        in page.partition("Elsewhere München" if "postal_code" not in details else "Elsewhere")[2]
    )


def test_every_gate_that_a_partner_failed_is_told(network: Network) -> None:
    network.partner(name="Elsewhere", postal_code="90402", status="PAUSED")

    (wave,) = _open(network, network.lead()).context["waves"]

    ((one,),) = [group["partners"] for group in wave["excluded"]]
    assert one["reasons"] == [
        "150 km away, works within 50 km",
        "Paused, or has left the network",
    ]


def test_what_the_map_shows_stands_on_the_page_as_well(network: Network) -> None:
    network.policy({"partners": 1, "radius_km": 40})
    network.partner(name="Huber", weight=90)
    network.partner(name="Wagner", weight=10)
    network.partner(name="Meier", product_lines=("boilers",))
    network.partner(name="Hamburger", postal_code="20095")
    assignment = accepted_lead(network)

    response = _open(network, _lead_of(network, assignment))
    picture = response.context["waves"][0]["picture"]

    assert [(one.sign.shape, one.sign.tone, one.sign.label) for one in picture.signs] == [
        ("square", "open", "Meier: Does not sell what is asked for"),
        ("dot", "primary", "2. Wagner"),
        ("disc", "success", "1. Huber"),
        ("star", "accent", "80331 München"),
    ]
    assert picture.beyond == 1
    page = words(response)
    for name in ("Huber", "Wagner", "Meier", "Hamburger", "1 partner lies beyond the map's edge."):
        assert name in page


def test_a_lead_without_a_place_has_no_map_and_all_the_rest(network: Network) -> None:
    network.partner(name="Huber", regions=("DE-BY",))
    lead = network.lead(postal_code="99999")

    response = _open(network, lead)

    assert response.context["waves"] == []
    assert "Not routed yet" in words(response)


def test_many_partners_and_waves_cost_as_many_queries_as_few(network: Network) -> None:
    network.policy({"partners": 1}, {"partners": 1})
    network.partners(2)
    client = at_desk(network)
    little = network.lead()
    with clock.set_to(NOON):
        few = queries_of(client, f"/leads/{little.id}/routing/")
    network.partners(9)
    network.partners(5, postal_code="20095")
    much = network.lead()
    run_out(much)

    with clock.set_to(NOON + HOUR):
        assert queries_of(client, f"/leads/{much.id}/routing/") == few
    assert few <= 20


@pytest.mark.parametrize("lead_id", ["nonsense", NOBODYS])
def test_a_lead_that_is_not_there_is_not_found(network: Network, lead_id: str) -> None:
    assert at_desk(network).get(f"/leads/{lead_id}/routing/").status_code == 404


def test_a_lead_of_another_manufacturer_is_not_found(
    network: Network, other_network: Network
) -> None:
    other = other_network.lead()

    assert at_desk(network).get(f"/leads/{other.id}/routing/").status_code == 404


def test_it_names_no_customer(network: Network) -> None:
    network.partner()
    lead = network.lead()

    assert "Erika" not in words(_open(network, lead))


def _lead_of(network: Network, assignment: Any) -> Lead:
    return network.again(Lead(id=assignment.lead_id))


def _open(
    network: Network, lead: Lead, *, at: Any = NOON + 2 * MINUTE, role: str = "DISPATCHER"
) -> Any:
    with clock.set_to(at):
        response = at_desk(network, role).get(f"/leads/{lead.id}/routing/")
    assert response.status_code == 200
    return response
