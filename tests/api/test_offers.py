"""Offers, acceptance and work, as a partner's program does them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from leadhub.core import clock
from tests.api.calling import Api, lead_body
from tests.factories import Network
from tests.leaks.layers import without_row_security

# What of the customer no partner may see before acceptance.
PERSONAL = (b"Erika", b"Beispiel", b"erika@example.com", b"998123", b"Musterweg", b"afternoon")


@pytest.fixture
def partners(network: Network, api: Api) -> list[Api]:
    """Programs of three partners in Munich."""
    return [Api(network.key_for(partner)) for partner in network.partners(3)]


def offer_to(partner: Api, lead_id: str) -> Any:
    """The newest offer of a lead to a partner."""
    offers = partner.get("offers/").json["results"]
    return next(offer for offer in offers if offer["lead"] == lead_id)


def accept(partner: Api, lead_id: str) -> Any:
    """Accept an offer, and read the assignment that it made."""
    partner.post(f"offers/{offer_to(partner, lead_id)['id']}/accept/")
    return next(a for a in partner.get("assignments/").json["results"] if a["lead"] == lead_id)


def test_an_offer_shows_what_is_needed_to_decide(api: Api, partners: list[Api]) -> None:
    lead_id = api.post("leads/", lead_body()).json["id"]

    offer = offer_to(partners[0], lead_id)

    assert offer["status"] == "OPEN"
    assert offer["product_lines"] == ["heat-pumps"]
    assert offer["wish_summary"] == "Heat pump, 12 kW"
    assert (offer["city"], offer["postal_code"]) == ("München", "80331")
    assert offer["distance_km"] == 0.0
    assert offer["temperature"] == "HOT"
    assert offer["evidence"] == "Asked for a quote"
    assert offer["expected_value"] == "18000.00"
    assert partners[0].get(f"offers/{offer['id']}/").json == offer


def test_no_contact_data_before_acceptance(api: Api, partners: list[Api]) -> None:
    lead_id = api.post("leads/", lead_body()).json["id"]
    before = partners[0]
    offer_id = offer_to(before, lead_id)["id"]

    pages = [
        before.get(path).body
        for path in (
            "offers/",
            f"offers/{offer_id}/",
            "leads/",
            "assignments/",
            "pick-list/",
            f"leads/{lead_id}/",
            f"leads/{lead_id}/events/",
        )
    ]
    after = before.post(f"offers/{offer_id}/accept/").body

    assert [word for word in PERSONAL for page in pages if word in page] == []
    assert [word for word in PERSONAL if word not in after] == []


def test_the_first_partner_gets_the_lead_and_its_repeat_the_same_answer(
    api: Api, partners: list[Api]
) -> None:
    lead_id = api.post("leads/", lead_body()).json["id"]
    winner, loser, _ = partners
    won, lost = offer_to(winner, lead_id)["id"], offer_to(loser, lead_id)["id"]

    first = winner.post(f"offers/{won}/accept/")
    repeat = winner.post(f"offers/{won}/accept/")
    late = loser.post(f"offers/{lost}/accept/")

    assert first.status == 200
    assert first.json["status"] == "ACCEPTED"
    assert first.json["contact"]["phone"] == "+498999998123"
    assert first.json["wish"] == "12 kW, visit in the afternoon"
    assert (repeat.status, repeat.body) == (200, first.body)
    assert (late.status, late.code) == (409, "offer_taken")
    assert loser.get(f"offers/{lost}/").json["status"] == "WITHDRAWN"


def test_a_partner_sees_nothing_of_the_others(
    api: Api, partners: list[Api], network: Network
) -> None:
    lead_id = api.post("leads/", lead_body()).json["id"]
    others = {offer["partner"] for offer in api.get(f"leads/{lead_id}/").json["offers"]}
    offers = {offer["id"] for offer in api.get(f"leads/{lead_id}/").json["offers"]}
    mine = offer_to(partners[0], lead_id)["id"]

    lead = partners[0].post(f"offers/{mine}/accept/")
    own = lead.json["assignment"]["partner"]
    pages = [lead.body] + [
        partners[0].get(path).body
        for path in (f"leads/{lead_id}/", f"leads/{lead_id}/events/", "offers/", "assignments/")
    ]

    foreign = (others - {own}) | (offers - {mine})
    assert len(foreign) == 4
    assert [name for name in foreign for page in pages if name.encode() in page] == []
    assert [offer["id"] for offer in lead.json["offers"]] == [mine]


def test_a_lead_is_not_there_for_a_partner_that_was_offered_it_in_vain(
    api: Api, partners: list[Api]
) -> None:
    lead_id = api.post("leads/", lead_body()).json["id"]
    accept(partners[0], lead_id)
    paths = (f"leads/{lead_id}/", f"leads/{lead_id}/events/")

    assert [partners[0].get(path).status for path in paths] == [200, 200]
    assert [partners[1].get(path).status for path in paths] == [404, 404]


def test_who_acted_for_others_is_hidden_in_the_facts(api: Api, partners: list[Api]) -> None:
    lead_id = api.post("leads/", lead_body()).json["id"]
    first = accept(partners[0], lead_id)
    partners[0].post(f"assignments/{first['id']}/return/", {"reason": "WRONG_DATA"})
    accept(partners[1], lead_id)

    seen = {event["actor"] for event in partners[1].get(f"leads/{lead_id}/events/").json["results"]}
    all_actors = {event["actor"] for event in api.get(f"leads/{lead_id}/events/").json["results"]}

    assert len(seen) == 2
    assert None in seen
    assert len(all_actors) == 3


def test_who_acted_for_others_is_hidden_even_where_the_database_shows_it(
    api: Api, partners: list[Api]
) -> None:
    lead_id = api.post("leads/", lead_body()).json["id"]
    accept(partners[0], lead_id)
    path = f"leads/{lead_id}/events/"

    with without_row_security():
        seen = {event["actor"] for event in partners[0].get(path).json["results"]}
        received = api.get(path).json["results"][0]["actor"]

    assert received is not None
    assert received not in seen
    assert len(seen) == 2


def test_a_contact_is_gone_with_the_lead_even_where_the_database_shows_it(
    api: Api, partners: list[Api]
) -> None:
    assignment = accept(partners[0], api.post("leads/", lead_body()).json["id"])
    path = f"assignments/{assignment['id']}/"

    with without_row_security():
        held = partners[0].get(path).json
        partners[0].post(f"{path}return/", {"reason": "WRONG_DATA"})
        returned = partners[0].get(path).json

    assert held["contact"]["email"] == "erika@example.com"
    assert (returned["contact"], returned["wish"]) == (None, None)


def test_declining_takes_a_reason_and_closes_the_offer(api: Api, partners: list[Api]) -> None:
    lead_id = api.post("leads/", lead_body()).json["id"]
    offer_id = offer_to(partners[0], lead_id)["id"]

    declined = partners[0].post(f"offers/{offer_id}/decline/", {"reason": "TOO_FAR", "note": "x"})

    assert (declined.status, declined.json["status"]) == (200, "DECLINED")
    assert partners[0].post(f"offers/{offer_id}/accept/").code == "offer_closed"
    assert partners[0].get("offers/?status=OPEN").json["results"] == []


def test_a_head_start_hides_an_offer_until_it_is_over(
    api: Api, network: Network, now: datetime
) -> None:
    network.policy({"partners": 2, "head_start": 600})
    programs = [Api(network.key_for(partner)) for partner in network.partners(2)]
    lead = api.post("leads/", lead_body()).json
    late = lead["offers"][1]

    seen = [len(program.get("offers/").json["results"]) for program in programs]
    hidden = [program.get(f"offers/{late['id']}/").status for program in programs]
    hidden += [program.post(f"offers/{late['id']}/accept/").status for program in programs]

    assert sorted(seen) == [0, 1]
    assert hidden == [404] * 4


def test_a_partner_works_a_lead_to_its_end(api: Api, partners: list[Api], now: datetime) -> None:
    lead_id = api.post("leads/", lead_body()).json["id"]
    partner = partners[0]
    assignment = accept(partner, lead_id)
    path = f"assignments/{assignment['id']}"

    attempted = partner.post(f"{path}/contact/", {"reached": False})
    with clock.set_to(now + timedelta(minutes=30)):
        reached = partner.post(f"{path}/contact/", {"reached": True})
        quoted = partner.post(f"{path}/feedback/", {"status": "QUOTE_SENT", "as_described": True})
        closed = partner.post(f"{path}/close/", {"outcome": "WON", "value": "4800.00"})
        repeat = partner.post(f"{path}/close/", {"outcome": "WON", "value": 4800})
        late = partner.post(f"{path}/feedback/", {"status": "REACHED"})

    assert assignment["contact"]["last_name"] == "Beispiel"
    assert attempted.json["contacted_at"] is None
    assert reached.json["contacted_at"] is not None
    assert (reached.json["status"], quoted.json["status"]) == ("CONTACTED", "IN_PROGRESS")
    assert (closed.json["outcome"], closed.json["value"]) == ("WON", "4800.00")
    assert (repeat.status, repeat.body) == (200, closed.body)
    assert late.code == "assignment_ended"
    assert api.get(f"leads/{lead_id}/").json["assignment"]["value"] == "4800.00"


def test_a_returned_lead_goes_on_and_its_contact_is_gone(api: Api, partners: list[Api]) -> None:
    lead_id = api.post("leads/", lead_body()).json["id"]
    assignment = accept(partners[0], lead_id)

    answer = partners[0].post(f"assignments/{assignment['id']}/return/", {"reason": "WRONG_DATA"})

    assert (answer.status, answer.json["outcome"]) == (200, "RETURNED")
    assert answer.json["status"] == "RETURNED"
    assert answer.json["contact"] is None
    assert answer.json["wish"] is None
    assert partners[0].get(f"leads/{lead_id}/").status == 404
    assert api.get(f"leads/{lead_id}/").json["status"] in ("OFFERED", "OPEN")
    verdict = api.post(f"leads/{lead_id}/return-verdict/", {"lead_at_fault": True})
    assert verdict.status == 200


def test_an_open_lead_is_picked_once(api: Api, network: Network) -> None:
    lead_id = api.post("leads/", lead_body()).json["id"]
    programs = [Api(network.key_for(partner)) for partner in network.partners(2)]
    far = Api(network.key_for(network.partner(postal_code="20095")))

    (shown,) = programs[0].get("pick-list/").json["results"]
    first = programs[0].post(f"pick-list/{lead_id}/pick/")
    repeat = programs[0].post(f"pick-list/{lead_id}/pick/")
    second = programs[1].post(f"pick-list/{lead_id}/pick/")

    assert (shown["lead"], shown["distance_km"]) == (lead_id, 0.0)
    assert not [word for word in PERSONAL if word in str(shown).encode()]
    assert (first.status, first.json["lead"]) == (200, lead_id)
    assert first.json["contact"]["first_name"] == "Erika"
    assert first.json["offered_at"] is None
    assert (repeat.status, repeat.body) == (200, first.body)
    assert (second.status, second.code) == (409, "offer_taken")
    assert far.post(f"pick-list/{lead_id}/pick/").status == 404
    assert programs[1].get("pick-list/").json["results"] == []
