"""Keys by the interface: listed without secrets, made, rotated and revoked by programs."""

from datetime import datetime, timedelta

from partners.keys import issue_key
from tests.acting import PARTNER_SCOPES
from tests.api.calling import Api
from tests.factories import NOON, Network
from tests.leaks.layers import without_row_security

SEEN = {
    "id", "name", "partner", "prefix", "scopes",
    "created_at", "expires_at", "revoked_at", "last_used_at",
}  # fmt: skip


def weak(network: Network) -> Api:
    """A program that may manage keys and read leads."""
    scopes = ["partners:write", "leads:read"]
    return Api(issue_key(name="weak", by=network.by, at=NOON, scopes=scopes))


def test_a_key_is_made_and_works(api: Api, network: Network) -> None:
    made = api.post("keys/", {"name": "Website", "scopes": ["leads:write"]})

    assert made.status == 201
    assert made.json.keys() == {*SEEN, "key"}
    assert made.json["key"].startswith(f"lh_{made.json['prefix']}_")
    program = Api(made.json["key"])
    assert program.get("leads/").code == "missing_scope"
    assert program.post("leads/", {}).status == 400


def test_lists_keys_without_what_opens(api: Api, network: Network, now: datetime) -> None:
    made = api.post("keys/", {"name": "Website"}).json

    listed = api.get("keys/")

    assert [key["name"] for key in listed.json["results"]] == ["Website", "First key"]
    assert all(key.keys() == SEEN for key in listed.json["results"])
    assert made["key"].rpartition("_")[2].encode() not in listed.body
    assert listed.json["results"][1]["last_used_at"] is not None


def test_a_partners_key_gets_the_partners_scopes(api: Api, network: Network) -> None:
    partner = network.partner()

    made = api.post("keys/", {"name": "CRM", "partner": str(partner.id)})

    assert made.json["partner"] == str(partner.id)
    assert set(made.json["scopes"]) == set(PARTNER_SCOPES)
    assert Api(made.json["key"]).get("offers/").status == 200


def test_a_key_gives_no_more_than_it_has(network: Network) -> None:
    program = weak(network)

    more = program.post("keys/", {"name": "more", "scopes": ["leads:write"]})
    same = program.post("keys/", {"name": "same"})

    assert (more.status, more.code) == (403, "more_than_own_scopes")
    assert sorted(same.json["scopes"]) == ["leads:read", "partners:write"]


def test_a_weak_key_does_not_grow_by_rotating_a_strong_one(api: Api, network: Network) -> None:
    (strong,) = api.get("keys/").json["results"]

    answer = weak(network).post(f"keys/{strong['id']}/rotate/", {})

    assert (answer.status, answer.code) == (403, "more_than_own_scopes")


def test_a_program_rotates_its_own_key(api: Api, now: datetime) -> None:
    (own,) = api.get("keys/").json["results"]

    made = api.post(f"keys/{own['id']}/rotate/", {"overlap": 3600})

    assert made.status == 201
    assert Api(made.json["key"]).get("leads/").status == 200
    until = api.get(f"keys/{own['id']}/").json["expires_at"]
    assert datetime.fromisoformat(until) == now + timedelta(hours=1)
    assert api.post(f"keys/{own['id']}/rotate/", {}).code == "too_many_keys"


def test_a_revoked_key_opens_nothing(api: Api, network: Network) -> None:
    made = api.post("keys/", {"name": "CRM"}).json

    answers = [api.call("DELETE", f"keys/{made['id']}/").status for _ in range(2)]

    assert answers == [204, 204]
    assert Api(made["key"]).get("leads/").status == 401
    assert api.get(f"keys/{made['id']}/").json["revoked_at"] is not None


def test_says_what_is_wrong_with_a_key_to_make(api: Api, other_network: Network) -> None:
    foreign = str(other_network.partner().id)

    for body, field in (
        ({}, "name"),
        ({"name": "x", "scopes": ["leads"]}, "scopes.0"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["offers:act"]}, "scopes"),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "x", "partner": foreign}, "partner"),
    ):
        answer = api.post("keys/", body)
        assert (answer.status, answer.fields) == (400, [field]), body


def test_another_manufacturers_key_is_not_there(api: Api, other_network: Network) -> None:
    foreign = Api(other_network.api_key).get("keys/").json["results"][0]["id"]

    answers = {
        api.get(f"keys/{foreign}/").status,
        api.call("DELETE", f"keys/{foreign}/").status,
        api.post(f"keys/{foreign}/rotate/", {}).status,
    }

    assert answers == {404}
    assert Api(other_network.api_key).get("leads/").status == 200


def test_a_repeated_request_makes_one_key_and_shows_it_once(api: Api) -> None:
    headers = {"Idempotency-Key": "once"}

    first, second = (api.post("keys/", {"name": "CRM"}, **headers) for _ in range(2))

    assert second.json == {**first.json, "key": None}
    assert len(api.get("keys/").json["results"]) == 2


def test_a_foreign_key_is_not_there_even_where_the_database_shows_it(
    api: Api, other_api: Api
) -> None:
    key_id = api.get("keys/").json["results"][0]["id"]

    with without_row_security():
        own, foreign = api.get(f"keys/{key_id}/"), other_api.get(f"keys/{key_id}/")

    assert (own.status, foreign.status) == (200, 404)
