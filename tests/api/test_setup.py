"""Product lines, levels, partners, their keys, and policies."""

from datetime import timedelta
from typing import Any

import pytest

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.replay.jobs import go_on_with_replays
from partners.models import Partner
from partners.opening_hours import state_opening_hours
from tests.api.calling import Api, lead_body
from tests.factories import NOON, Network
from tests.people.letters import letters_to

QUICK = {"partners": 1, "response_window": 3}
WHOLE: dict[str, Any] = {
    "name": "Huber Haustechnik",
    "email": "Info@huber.example",
    "phone": "089 99998124",
    "language": "de",
    "country": "DE",
    "postal_code": "80331",
    "street": "Werkstr. 2",
    "radius_km": 60,
    "postal_code_areas": ["86", "85221-85229"],
    "regions": ["DE-BY"],
    "product_lines": ["boilers", "heat-pumps"],
    "certifications": [
        {"level": "silver"},
        {"level": "gold", "product_line": "heat-pumps", "valid_until": "2030-12-31"},
    ],
    "caps": {"open": 5, "per_week": 20},
    "weight": 70,
    "status": "ACTIVE",
}


def test_product_lines_and_levels_are_put_by_code(api: Api) -> None:
    created = api.put("product-lines/solar/", {"name": "Solar"})
    renamed = api.put("product-lines/solar/", {"name": "Solar power"})
    level = api.put("certification-levels/platinum/", {"name": "Platinum", "rank": 3})
    api.put("certification-levels/platinum/", {"name": "Platinum", "rank": 4})

    assert (created.status, renamed.status, level.status) == (201, 200, 201)
    assert renamed.json == {**created.json, "name": "Solar power"}
    lines = [line["code"] for line in api.get("product-lines/").json["results"]]
    assert lines == ["boilers", "heat-pumps", "solar"]
    levels = {row["code"]: row["rank"] for row in api.get("certification-levels/").json["results"]}
    assert levels == {"gold": 2, "platinum": 4, "silver": 1}


def test_a_partner_is_put_whole_by_its_external_id(api: Api) -> None:
    created = api.put("partners/by-external-id/H-1/", WHOLE)
    same = api.put("partners/by-external-id/H-1/", WHOLE)

    assert (created.status, same.status) == (201, 200)
    assert same.body == created.body
    shown = created.json
    assert shown["external_id"] == "H-1"
    assert shown["phone"] == "+498999998124"
    assert shown["city"] == "München"
    assert shown["caps"] == {"open": 5, "per_day": None, "per_week": 20, "per_month": None}
    assert shown["certifications"] == [
        {"level": "silver", "product_line": None, "valid_until": None},
        {"level": "gold", "product_line": "heat-pumps", "valid_until": "2030-12-31"},
    ]
    plain = ("radius_km", "postal_code_areas", "regions", "product_lines", "weight", "status")
    assert {name: shown[name] for name in plain} | {"postal_code_areas": None} == {
        name: WHOLE[name] for name in plain
    } | {"postal_code_areas": None}
    assert sorted(shown["postal_code_areas"]) == ["85221-85229", "86"]


def test_what_is_left_out_of_a_put_is_gone(api: Api) -> None:
    api.put("partners/by-external-id/H-1/", WHOLE)

    bare = api.put(
        "partners/by-external-id/H-1/", {"name": "Huber", "country": "DE", "postal_code": "86150"}
    )

    assert bare.status == 200
    assert bare.json["caps"] == dict.fromkeys(("open", "per_day", "per_week", "per_month"))
    assert bare.json["product_lines"] == []
    assert bare.json["radius_km"] is None
    assert bare.json["city"] == "Augsburg"


def test_the_opening_hours_that_a_partner_stated_are_read_and_left_alone(
    api: Api, network: Network
) -> None:
    before = api.put("partners/by-external-id/H-1/", WHOLE).json
    with tenant_context(network.manufacturer.id):
        partner = Partner.objects.get(id=before["id"])
    by = network.actor_for(partner)
    state_opening_hours(partner=partner, days=["7-12, 13-24"] + [""] * 6, by=by)

    after = api.put("partners/by-external-id/H-1/", {**WHOLE, "opening_hours": []}).json

    assert before["opening_hours"] is None
    assert after["opening_hours"] == [
        [{"opens": "07:00", "closes": "12:00"}, {"opens": "13:00", "closes": "24:00"}],
        *([] for _ in range(6)),
    ]


def test_an_external_id_may_hold_a_slash(api: Api) -> None:
    answer = api.put("partners/by-external-id/AT/100/", WHOLE)

    assert (answer.status, answer.json["external_id"]) == (201, "AT/100")


def test_a_patch_changes_what_is_named_and_clears_what_is_null(api: Api) -> None:
    before = api.put("partners/by-external-id/H-1/", WHOLE).json

    after = api.patch(
        f"partners/{before['id']}/",
        {"status": "PAUSED", "caps": {"per_day": 2}, "radius_km": None, "street": ""},
    )

    assert after.status == 200
    assert after.json == {
        **before,
        "status": "PAUSED",
        "caps": {"open": None, "per_day": 2, "per_week": None, "per_month": None},
        "radius_km": None,
        "street": "",
    }


def test_a_patched_postal_code_moves_the_partner(api: Api) -> None:
    before = api.put("partners/by-external-id/H-1/", WHOLE).json

    after = api.patch(f"partners/{before['id']}/", {"postal_code": "86150"}).json

    assert after["city"] == "Augsburg"
    assert after["latitude"] != before["latitude"]


def test_a_number_in_use_is_not_created_again(api: Api) -> None:
    first = api.post("partners/", {**WHOLE, "external_id": "H-1"})
    second = api.post("partners/", {**WHOLE, "external_id": "H-1"})

    assert (first.status, second.status, second.code) == (201, 409, "partner_exists")


def test_a_new_key_acts_as_the_partner(api: Api, network: Network) -> None:
    partner = network.partner()

    answer = api.post(f"partners/{partner.id}/api-keys/", {"name": "ERP"})
    program = Api(answer.json["key"])
    api.post("leads/", lead_body())

    assert answer.status == 201
    assert [offer["status"] for offer in program.get("offers/").json["results"]] == ["OPEN"]
    assert program.get("partners/").status == 403


def test_a_new_policy_holds_for_the_next_lead(api: Api, network: Network) -> None:
    network.partners(3)
    before = api.post("leads/", lead_body()).json
    policy = {
        "name": "Heat pumps",
        "product_line": "heat-pumps",
        "waves": [{"partners": 1, "response_window": 3}],
        "strategy": "NEAREST",
        "weights": {"proximity": 1, "load": 0.5},
        "late_answers": False,
        "contact_window": 60,
        "feedback_due": [60, 120],
        "feedback_repeat": 30,
    }

    answer = api.post("policies/", policy)
    after = api.post("leads/", lead_body(external_id="2")).json

    assert answer.status == 201
    assert {name: answer.json[name] for name in policy if name != "waves"} == {
        name: policy[name] for name in policy if name != "waves"
    }
    assert answer.json["waves"] == [
        {"partners": 1, "response_window": 3, "radius_km": None, "head_start": 0}
    ]
    assert (answer.json["version"], answer.json["is_active"]) == (1, True)
    assert (len(before["offers"]), len(after["offers"])) == (3, 1)
    listed = api.get("policies/").json["results"]
    assert {row["name"] for row in listed} == {"Default", "Heat pumps"}


def test_a_draft_changes_nothing_yet(api: Api, network: Network) -> None:
    network.partners(3)

    answer = api.post(
        "policies/",
        {
            "name": "Quick",
            "is_default": True,
            "draft": True,
            "waves": [{"partners": 1, "response_window": 3}],
        },
    )

    assert answer.json["is_active"] is False
    assert len(api.post("leads/", lead_body()).json["offers"]) == 3


def test_a_version_replaces_the_one_before(api: Api) -> None:
    policy = {"name": "P", "is_default": True, "waves": [{"partners": 1, "response_window": 3}]}

    first, second = api.post("policies/", policy).json, api.post("policies/", policy).json

    active = [row["id"] for row in api.get("policies/").json["results"] if row["is_active"]]
    assert (first["version"], second["version"]) == (1, 2)
    assert active == [second["id"]]


def test_invites_a_person_to_a_partner(api: Api, network: Network) -> None:
    partner = network.partner(language="en")
    path = f"partners/{partner.id}/invitations/"

    answer = api.post(path, {"email": "Kim@Partner.example", "role": "PARTNER_MANAGER"})

    assert answer.status == 201
    assert answer.json["email"] == "kim@partner.example"
    assert answer.json["partner"] == str(partner.id)
    (letter,) = letters_to("kim@partner.example")
    assert letter.subject == "Acme invites you to leadhub"
    again = api.post(path, {"email": "kim@partner.example", "role": "PARTNER_REP"})
    assert (again.status, again.json["code"]) == (409, "already_invited")


@pytest.mark.parametrize("role", ["ADMIN", "", "OWNER"])
def test_invites_nobody_of_a_partner_to_the_manufacturers_desk(
    api: Api, network: Network, role: str
) -> None:
    path = f"partners/{network.partner().id}/invitations/"

    answer = api.post(path, {"email": "kim@partner.example", "role": role})

    assert answer.status == 400
    assert [error["field"] for error in answer.json["errors"]] == ["role"]


def test_a_draft_is_read_published_and_discarded(api: Api) -> None:
    rules = {"name": "P", "is_default": True, "waves": [{"partners": 1, "response_window": 3}]}
    first, second = (api.post("policies/", {**rules, "draft": True}).json for _ in range(2))

    published = api.post(f"policies/{first['id']}/publish/")
    gone = api.call("DELETE", f"policies/{second['id']}/")

    assert (first["is_draft"], first["is_active"]) == (True, False)
    assert (published.json["is_draft"], published.json["is_active"]) == (False, True)
    assert api.get(f"policies/{first['id']}/").json == published.json
    assert gone.status == 204
    assert api.get(f"policies/{second['id']}/").status == 404
    refused = api.call("DELETE", f"policies/{first['id']}/")
    assert (refused.status, refused.json["code"]) == (409, "not_a_draft")


def drafted(api: Api, **rules: Any) -> dict[str, Any]:
    """Store a draft for leads of a trade fair."""
    body = {"name": "P", "source": "fair", "draft": True, "waves": [QUICK], **rules}
    return dict(api.post("policies/", body).json)


def test_a_draft_is_written_anew(api: Api, network: Network) -> None:
    draft = drafted(api, strategy="NEAREST", weights={"tier": 2.0}, max_overdue_feedback=4)
    path = f"policies/{draft['id']}/"
    body = {"name": "P", "waves": [{**QUICK, "partners": 7}], "contact_window": 60}

    answer = api.put(path, body)

    changed = answer.json
    assert answer.status == 200
    assert api.get(path).json == changed
    assert (changed["is_draft"], changed["version"]) == (True, draft["version"])
    assert (changed["source"], changed["is_default"]) == ("fair", False)
    assert [wave["partners"] for wave in changed["waves"]] == [7]
    assert changed["contact_window"] == 60
    assert (changed["strategy"], changed["weights"]) == ("BALANCED", {})
    assert changed["max_overdue_feedback"] == 0


def test_a_draft_is_written_as_it_was_read(api: Api) -> None:
    read = drafted(api)
    path = f"policies/{read['id']}/"

    with clock.set_to(NOON + timedelta(minutes=1)):
        first = api.put(path, {**read, "name": "First"})
    second = api.put(path, {**read, "name": "Second"})

    assert (first.status, first.json["name"]) == (200, "First")
    assert (second.status, second.json["code"]) == (409, "draft_changed")
    assert api.get(path).json["name"] == "First"


def test_what_was_published_is_not_written_anew(api: Api) -> None:
    draft = drafted(api)
    before = api.post(f"policies/{draft['id']}/publish/").json

    refused = api.put(f"policies/{draft['id']}/", {"name": "P", "waves": [QUICK]})

    assert (refused.status, refused.json["code"]) == (409, "not_a_draft")
    assert api.get(f"policies/{draft['id']}/").json == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"source": "web"}, "source"),
        ({"is_default": True}, "is_default"),
        ({"product_line": "solar"}, "product_line"),
        ({"draft": False}, "draft"),
        ({"name": ""}, "name"),
        ({"waves": []}, "waves"),
        ({"waves": [{**QUICK, "head_start": 9}]}, "waves.0.head_start"),
        ({"weights": {"beauty": 1}}, "weights.beauty"),
    ],
)
def test_a_draft_is_refused_with_the_field(api: Api, wrong: dict[str, Any], field: str) -> None:
    draft = drafted(api)
    path = f"policies/{draft['id']}/"

    refused = api.put(path, {"name": "Q", "waves": [QUICK], **wrong})

    assert refused.status == 400
    assert [error["field"] for error in refused.json["errors"]] == [field]
    assert api.get(path).json == draft


def test_a_policy_is_tried_out_on_past_leads(api: Api, network: Network) -> None:
    network.partners(2)
    network.lead()
    rules = {"name": "P", "is_default": True, "waves": [{"partners": 1, "response_window": 3}]}

    asked = api.post("policies/simulate/", {**rules, "leads": 10})
    while go_on_with_replays(at=NOON):
        pass
    told = api.get(f"policies/simulations/{asked.json['id']}/").json

    assert (asked.status, asked.json["status"], asked.json["leads"]) == (202, "WAITING", 10)
    assert (told["status"], told["done"], told["total"]) == ("DONE", 1, 1)
    assert told["result"]["sides"]["policy"]["partners_asked"] >= 1
    draft = api.get(f"policies/{told['policy']}/").json
    assert (draft["name"], draft["is_draft"]) == ("P", True)
    again = api.post("policies/simulate/", {"policy": draft["id"], "against": draft["id"]})
    assert (again.status, again.json["against"]) == (202, draft["id"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"policy": "7" * 8 + "-0000-7000-8000-000000000000"}, "policy"),
        ({"name": "P", "is_default": True}, "waves"),
        ({"leads": 10_001, "name": "P", "is_default": True, "waves": []}, "leads"),
        ({"policy": "7" * 8 + "-0000-7000-8000-000000000000", "name": "P"}, "policy"),
    ],
)
def test_a_simulation_says_what_it_needs(api: Api, body: dict[str, Any], field: str) -> None:
    answer = api.post("policies/simulate/", body)

    assert answer.status == 400
    assert field in {error["field"] for error in answer.json["errors"]}
