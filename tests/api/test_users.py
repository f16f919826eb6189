"""People by the interface: who may act, who is invited, roles changed and people removed."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadhub.core.tenancy.context import tenant_context
from partners.keys import issue_key
from partners.models import Invitation, Membership
from tests.acting import member, memberships_of
from tests.api.calling import Api
from tests.factories import NOON, Network
from tests.people.letters import letters_to, link_in

NEW = "new@acme.example"


def administrator(network: Network) -> Membership:
    with tenant_context(network.manufacturer.id):
        return Membership.objects.get(role="ADMIN")


def test_lists_people_with_their_roles(api: Api, network: Network) -> None:
    partner = network.partner()
    rep = member(network, "rep@partner.example", "PARTNER_REP", partner)

    found = api.get("users/").json["results"]

    assert [(one["email"], one["role"], one["partner"]) for one in found] == [
        ("admin@acme.example", "ADMIN", None),
        ("rep@partner.example", "PARTNER_REP", str(partner.id)),
    ]
    assert found[1] == api.get(f"users/{rep.id}/").json
    assert found[1]["user"] == str(rep.user_id)


def test_asks_the_same_for_one_person_and_for_ten(api: Api, network: Network) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert api.get("users/").status == 200
        return len(asked)

    queries()  # counts the use of the key, once a minute
    few = queries()
    for number in range(9):
        member(network, f"rep{number}@partner.example", "PARTNER_REP", network.partner())

    assert queries() == few


def test_invites_by_mail_and_lists_who_is_invited(api: Api) -> None:
    invited = api.post("users/", {"email": NEW, "role": "DISPATCHER", "language": "en"})

    assert invited.status == 201
    assert link_in(letters_to(NEW)[0]).startswith("/invitations/")
    assert api.get("users/invitations/").json["results"] == [invited.json]
    assert NEW not in str(api.get("users/").json)


def test_invites_for_a_partner_in_its_language(api: Api, network: Network) -> None:
    partner = network.partner(language="en")

    body = {"email": NEW, "role": "PARTNER_REP", "partner": str(partner.id)}
    assert api.post("users/", body).json["partner"] == str(partner.id)

    with tenant_context(network.manufacturer.id):
        assert Invitation.objects.get().language == "en"


def test_says_what_speaks_against_an_invitation(
    api: Api, network: Network, other_network: Network
) -> None:
    member(network, "rep@acme.example", "ANALYST")
    foreign = str(other_network.partner().id)
    api.post("users/", {"email": NEW, "role": "ANALYST"})

    answers = [
        api.post("users/", {"email": NEW, "role": "ANALYST"}),
        api.post("users/", {"email": "rep@acme.example", "role": "ADMIN"}),
        api.post("users/", {"email": "x@acme.example", "role": "PARTNER_REP"}),
        api.post("users/", {"email": "x", "role": "OWNER"}),
        api.post("users/", {"email": "x@a.example", "role": "PARTNER_REP", "partner": foreign}),
    ]

    assert [(answer.status, answer.code) for answer in answers] == [
        (409, "already_invited"),
        (409, "already_member"),
        (400, "invalid"),
        (400, "invalid"),
        (400, "invalid"),
    ]
    assert [answer.fields for answer in answers[2:]] == [["role"], ["email", "role"], ["partner"]]


def test_withdraws_an_invitation(api: Api) -> None:
    invited = api.post("users/", {"email": NEW, "role": "ANALYST"}).json["id"]

    assert api.call("DELETE", f"users/invitations/{invited}/").status == 204

    assert api.get("users/invitations/").json["results"] == []
    assert api.call("DELETE", f"users/invitations/{invited}/").status == 404


def test_changes_a_role_and_removes_a_person(api: Api, network: Network) -> None:
    colleague = member(network, NEW, "ANALYST")

    changed = api.patch(f"users/{colleague.id}/", {"role": "DISPATCHER"})
    refused = api.patch(f"users/{colleague.id}/", {"role": "PARTNER_REP"})
    removed = api.call("DELETE", f"users/{colleague.id}/")

    assert (changed.status, changed.json["role"]) == (200, "DISPATCHER")
    assert (refused.status, refused.code) == (409, "role_of_the_other_side")
    assert removed.status == 204
    assert list(memberships_of(colleague.user_id)) == []


def test_keeps_the_last_administrator(api: Api, network: Network) -> None:
    last = administrator(network)

    answers = [
        api.call("DELETE", f"users/{last.id}/"),
        api.patch(f"users/{last.id}/", {"role": "ANALYST"}),
    ]

    assert [(answer.status, answer.code) for answer in answers] == [
        (409, "last_administrator"),
        (409, "last_administrator"),
    ]
    assert administrator(network) == last


def test_hides_people_and_invitations_of_others(
    api: Api, network: Network, other_api: Api, other_network: Network
) -> None:
    person = administrator(network)
    invited = api.post("users/", {"email": NEW, "role": "ANALYST"}).json["id"]

    answers = [
        other_api.get(f"users/{person.id}/"),
        other_api.patch(f"users/{person.id}/", {"role": "ANALYST"}),
        other_api.call("DELETE", f"users/{person.id}/"),
        other_api.call("DELETE", f"users/invitations/{invited}/"),
    ]

    assert [answer.status for answer in answers] == [404] * 4
    assert "acme" not in str(other_api.get("users/").json)
    assert len(api.get("users/invitations/").json["results"]) == 1


def test_lets_no_key_make_somebody_who_may_do_more_than_it_may(api: Api, network: Network) -> None:
    scopes = ["partners:write", "partners:read", "leads:read", "kpis:read"]
    weak = Api(issue_key(name="weak", by=network.by, at=NOON, scopes=scopes))
    colleague = member(network, "kim@acme.example", "ANALYST")

    answers = [
        weak.post("users/", {"email": NEW, "role": "ADMIN"}),
        weak.patch(f"users/{colleague.id}/", {"role": "DISPATCHER"}),
        weak.post("users/", {"email": NEW, "role": "ANALYST"}),
    ]

    assert [answer.status for answer in answers] == [403, 403, 201]
    assert answers[0].code == "more_than_own_scopes"
    assert api.post("users/", {"email": "boss@acme.example", "role": "ADMIN"}).status == 201
