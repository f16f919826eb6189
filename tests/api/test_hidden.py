"""What is somebody else's is not there, byte for byte as what never was."""

from datetime import datetime

from partners.keys import issue_key
from tests.api.calling import Api, lead_body
from tests.factories import NOON, Network

UNKNOWN = "019585f0-0000-7000-8000-000000000000"
NO_IDS = ("x", "0", "%00", UNKNOWN[:-1], UNKNOWN + "0", f"{{{UNKNOWN}}}", UNKNOWN.replace("-", ""))
CALLS = (
    ("GET", "leads/{lead}/"),
    ("GET", "leads/{lead}/events/"),
    ("GET", "leads/{lead}/routing/"),
    ("POST", "leads/{lead}/assign/"),
    ("POST", "leads/{lead}/withdraw/"),
    ("POST", "leads/{lead}/close/"),
    ("GET", "partners/{partner}/"),
    ("PATCH", "partners/{partner}/"),
    ("POST", "partners/{partner}/api-keys/"),
    ("POST", "partners/{partner}/invitations/"),
)
PARTNER_CALLS = (
    ("GET", "leads/{lead}/"),
    ("GET", "offers/{offer}/"),
    ("POST", "offers/{offer}/accept/"),
    ("POST", "offers/{offer}/decline/"),
    ("GET", "assignments/{assignment}/"),
    ("POST", "assignments/{assignment}/feedback/"),
    ("POST", "pick-list/{lead}/pick/"),
)
NAMES = ("lead", "offer", "assignment", "partner")


def answers(program: Api, calls: tuple[tuple[str, str], ...], ids: dict[str, str]) -> set[bytes]:
    """Call everything with a body that is wrong, which must not matter."""
    answered = [program.call(method, path.format(**ids), b"{") for method, path in calls]
    assert {answer.status for answer in answered} == {404}
    return {answer.body for answer in answered}


def test_foreign_unknown_and_malformed_ids_are_one_and_the_same_404(
    api: Api, other_api: Api, network: Network, other_network: Network
) -> None:
    mine = network.partner()
    lead = api.post("leads/", lead_body()).json
    holder, rival = Api(network.key_for(mine)), Api(network.key_for(network.partner()))
    holder.post(f"offers/{lead['offers'][0]['id']}/accept/")
    ids = {
        "lead": lead["id"],
        "offer": lead["offers"][0]["id"],
        "assignment": holder.get("assignments/").json["results"][0]["id"],
        "partner": str(mine.id),
    }
    stranger = Api(other_network.key_for(other_network.partner()))

    bodies = answers(other_api, CALLS, ids)
    for program in (rival, stranger):
        bodies |= answers(program, PARTNER_CALLS, ids)
    for wrong in (UNKNOWN, *NO_IDS):
        bodies |= answers(api, CALLS, dict.fromkeys(NAMES, wrong))
        bodies |= answers(holder, PARTNER_CALLS, dict.fromkeys(NAMES, wrong))
    bodies.add(api.get("no/such/address/").body)

    assert len(bodies) == 1


def test_an_id_may_be_written_in_capitals(api: Api) -> None:
    lead_id = api.post("leads/", lead_body()).json["id"]

    assert api.get(f"leads/{lead_id.upper()}/").json["id"] == lead_id


def test_checks_come_in_order(api: Api, network: Network) -> None:
    network.partner()
    lead = api.post("leads/", lead_body()).json
    path = f"leads/{lead['id']}/close/"
    weak = Api(issue_key(name="", by=network.by, at=NOON, scopes=["leads:read"]))

    assert Api().post(f"leads/{UNKNOWN}/close/", b"{").status == 401
    assert weak.post(f"leads/{UNKNOWN}/close/", b"{").status == 403
    assert api.post(f"leads/{UNKNOWN}/close/", b"{").status == 404
    assert api.post(path, b"{").status == 400
    assert api.post(path, {"outcome": "WON", "value": 1}).status == 409


def test_a_key_is_asked_for_by_challenge(now: datetime) -> None:
    answer = Api().get("leads/")

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_lists_show_nothing_of_another_manufacturer(
    api: Api, other_api: Api, network: Network
) -> None:
    network.partner()
    api.post("leads/", lead_body())

    lists = ("leads/", "partners/")
    shown = [len(other_api.get(path).json["results"]) for path in lists]
    own = [len(api.get(path).json["results"]) for path in lists]

    assert (shown, own) == ([0, 0], [1, 1])


def test_the_same_push_to_two_manufacturers_is_two_leads(api: Api, other_api: Api) -> None:
    first, second = api.post("leads/", lead_body()), other_api.post("leads/", lead_body())

    assert (first.status, second.status) == (201, 201)
    assert first.json["id"] != second.json["id"]
