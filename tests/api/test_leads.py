"""Pushing, finding and following leads."""

from datetime import datetime, timedelta

from leadhub.core.ids import new_id
from tests.api.calling import Api, lead_body
from tests.factories import Network


def test_a_pushed_lead_is_routed_before_the_answer(api: Api, network: Network) -> None:
    near = network.partner()
    network.partner(postal_code="20095")

    answer = api.post("leads/", lead_body())

    assert answer.status == 201
    lead = answer.json
    assert lead["status"] == "OFFERED"
    assert [offer["partner"] for offer in lead["offers"]] == [str(near.id)]
    assert lead["wave"] == 1
    assert lead["respond_by"].endswith("Z")
    assert lead["contact"]["phone"] == "+498999998123"
    assert lead["contact"]["email"] == "erika@example.com"
    assert lead["expected_value"] == "18000.00"
    assert lead["currency"] == "EUR"
    assert lead["assignment"] is None


def test_the_same_push_finds_the_lead_unchanged(api: Api) -> None:
    first = api.post("leads/", lead_body())

    second = api.post("leads/", lead_body(city="Elsewhere"))

    assert (first.status, second.status) == (201, 200)
    assert second.body == first.body


def test_an_unknown_postal_code_holds_the_lead(api: Api) -> None:
    answer = api.post("leads/", lead_body(postal_code="00000"))

    assert answer.status == 201
    assert answer.json["status"] == "HELD"
    assert answer.json["hold_reason"] == "UNKNOWN_POSTAL_CODE"


def test_a_lead_for_which_nobody_is_left_is_open(api: Api) -> None:
    assert api.post("leads/", lead_body()).json["status"] == "OPEN"


def test_optional_fields_may_be_null_or_empty(api: Api) -> None:
    optional = ("campaign", "temperature", "evidence", "city", "wish", "wish_summary", "currency")
    absent = dict.fromkeys((*optional, "latitude", "longitude", "expected_value", "consent"))

    answer = api.post("leads/", lead_body(**absent, required_certification="  "))

    assert answer.status == 201
    assert answer.json["temperature"] == "WARM"
    assert answer.json["wish_summary"] == "Heat pumps"
    assert answer.json["expected_value"] is None


def test_consent_and_coordinates_are_taken(api: Api) -> None:
    consent = {"text_version": "1", "given_at": "2026-03-02T09:00:00+01:00", "source": "form"}

    answer = api.post(
        "leads/", lead_body(postal_code=..., latitude=48, longitude=11.5, consent=consent)
    )

    assert answer.status == 201
    assert answer.json["status"] == "OPEN"


def test_unknown_fields_of_a_sender_are_ignored(api: Api) -> None:
    assert api.post("leads/", lead_body(crm_colour="blue")).status == 201


def test_leads_are_found_by_every_filter(api: Api, network: Network, now: datetime) -> None:
    partner = network.partner()
    lead_id = api.post("leads/", lead_body()).json["id"]
    api.post(f"leads/{lead_id}/assign/", {"partner": str(partner.id)})
    api.post(
        "leads/",
        lead_body(
            external_id="CRM-2",
            source="fair",
            temperature="COLD",
            product_lines=["boilers"],
            country="AT",
            postal_code="1010",
            contact={"email": "max@example.org"},
        ),
    )
    hour = timedelta(hours=1)
    early, late = f"{now - hour:%Y-%m-%dT%H:%M:%SZ}", f"{now + hour:%Y-%m-%dT%H:%M:%SZ}"

    queries = (
        "status=ACCEPTED",
        "product_line=heat-pumps",
        f"partner={partner.id}",
        "source=website",
        "temperature=HOT",
        "country=DE",
        "postal_code=80331",
        "external_id=CRM-1001",
        "q=beispiel",
        "q=erika+example",
        "q=99998123",
        f"received_after={early}&q=CRM-1001",
        f"received_before={late}&source=website",
    )
    found = {
        query: [lead["id"] for lead in api.get(f"leads/?{query}").json["results"]]
        for query in queries
    }

    assert found == {query: [lead_id] for query in queries}
    assert api.get(f"leads/?received_after={late}").json["results"] == []
    assert len(api.get("leads/").json["results"]) == 2


def test_a_partners_key_does_not_search(network: Network) -> None:
    key = Api(network.key_for(network.partner()))

    answer = key.get("leads/?q=erika")

    assert answer.status == 400
    assert [error["field"] for error in answer.json["errors"]] == ["q"]


def test_a_leads_facts_come_oldest_first(api: Api, network: Network) -> None:
    partner = network.partner()
    lead_id = api.post("leads/", lead_body()).json["id"]

    events = api.get(f"leads/{lead_id}/events/").json["results"]

    assert [event["type"] for event in events] == [
        "lead.received",
        "lead.wave_opened",
        "lead.offered",
    ]
    assert events[2]["partner"] == str(partner.id)
    assert set(events[0]) == {"id", "type", "at", "recorded_at", "partner", "actor", "data"}


def test_routing_is_explained_wave_by_wave(api: Api, network: Network) -> None:
    near, far = network.partner(), network.partner(postal_code="20095")
    lead_id = api.post("leads/", lead_body()).json["id"]

    (wave,) = api.get(f"leads/{lead_id}/routing/").json["waves"]

    assert wave["wave"] == 1
    assert [match["partner"] for match in wave["matches"]] == [str(near.id)]
    assert wave["matches"][0]["rank"] == 1
    assert set(wave["matches"][0]["terms"]) >= {"proximity", "load", "rotation"}
    (excluded,) = wave["excluded"]
    assert excluded["partner"] == str(far.id)
    assert [gate["code"] for gate in excluded["gates"]] == ["outside_area"]
    assert wave["excluded_counts"] == {"outside_area": 1}


def test_dispatchers_release_and_reject_held_leads(api: Api, network: Network) -> None:
    network.partner(regions=("DE-BY",), radius_km=None)
    first = api.post("leads/", lead_body(postal_code="00000")).json["id"]
    second = api.post("leads/", lead_body(postal_code="00000", external_id="CRM-2")).json["id"]

    assert api.post(f"leads/{first}/release/").json["status"] == "OPEN"
    assert api.post(f"leads/{second}/reject/").json["status"] == "REJECTED"
    assert api.post(f"leads/{second}/release/").code == "lead_not_held"


def test_dispatchers_merge_a_likely_duplicate(api: Api, network: Network) -> None:
    network.partner()
    network.compare_within(30)
    first = api.post("leads/", lead_body()).json["id"]
    second = api.post("leads/", lead_body(external_id="CRM-2")).json
    unknown, itself = {"into": str(new_id())}, {"into": second["id"]}

    refused = [api.post(f"leads/{second['id']}/merge/", body).status for body in (unknown, itself)]
    merged = api.post(f"leads/{second['id']}/merge/", {"into": first})
    repeated = api.post(f"leads/{second['id']}/merge/", {"into": first})

    assert (second["status"], second["hold_reason"]) == ("HELD", "DUPLICATE")
    assert refused == [400, 400]
    assert (merged.status, merged.json["status"]) == (200, "MERGED")
    assert repeated.json == merged.json
    assert api.post(f"leads/{first}/merge/", {"into": second["id"]}).code == "lead_not_held"


def test_dispatchers_assign_close_and_reopen(api: Api, network: Network) -> None:
    partner = network.partner()
    lead_id = api.post("leads/", lead_body()).json["id"]

    assigned = api.post(f"leads/{lead_id}/assign/", {"partner": str(partner.id)})
    closed = api.post(f"leads/{lead_id}/close/", {"outcome": "WON", "value": 4800})
    reopened = api.post(f"leads/{lead_id}/reopen/")

    assert assigned.json["status"] == "ACCEPTED"
    assert assigned.json["assignment"]["partner"] == str(partner.id)
    assert assigned.json["assignment"]["offered_at"] is None
    assert closed.json["status"] == "WON"
    assert closed.json["assignment"]["value"] == "4800.00"
    assert reopened.json["status"] == "IN_PROGRESS"
    assert reopened.json["assignment"]["outcome"] is None


def test_dispatchers_extend_withdraw_and_reroute(api: Api, network: Network, now: datetime) -> None:
    network.partner()
    lead_id = api.post("leads/", lead_body()).json["id"]
    later = f"{now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"

    extended = api.post(f"leads/{lead_id}/extend/", {"respond_by": later})
    rerouted = api.post(f"leads/{lead_id}/reroute/")
    withdrawn = api.post(f"leads/{lead_id}/withdraw/")

    assert extended.json["respond_by"] == later
    assert extended.json["offers"][0]["respond_by"] == later
    assert rerouted.json["wave"] == 2
    assert [offer["status"] for offer in rerouted.json["offers"]] == ["WITHDRAWN", "OPEN"]
    assert withdrawn.json["status"] == "WITHDRAWN"
    assert api.post(f"leads/{lead_id}/extend/", {"respond_by": later}).code == "lead_not_on_offer"


def test_a_new_lead_is_answered_as_it_is_read_again(api: Api, network: Network) -> None:
    network.partners(2)
    body = lead_body(required_certification="gold", product_lines=["heat-pumps", "heat-pumps"])

    routed, uncertified = (
        api.post("leads/", lead_body()),
        api.post("leads/", {**body, "external_id": "2"}),
    )

    assert api.get(f"leads/{routed.json['id']}/").body == routed.body
    assert api.get(f"leads/{uncertified.json['id']}/").body == uncertified.body
