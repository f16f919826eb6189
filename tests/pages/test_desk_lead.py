"""The page of a lead: what stands on it, for whom, and that it never grows with the network."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.dispatch import withdraw_lead
from leads.feedback import close_lead, give_feedback, return_lead
from leads.intake import Consent, Contact
from leads.models import Lead, LeadContact
from tests.acting import HOUR, MINUTE, accept, accepted_lead, decline, holder_of, member, run_out
from tests.factories import NOBODYS, NOON, Network
from tests.pages.acting import logged_in
from tests.pages.desks import at_desk
from tests.pages.reading import words

pytestmark = pytest.mark.django_db

ERIKA = Contact(
    first_name="Erika",
    last_name="Muster",
    company="Muster KG",
    email="erika@example.com",
    phone="+49 89 1234567",
    street="Marienplatz 1",
)


def test_it_shows_the_enquiry_whole(network: Network) -> None:
    lead = network.lead(
        contact=ERIKA,
        wish="A quiet heat pump, please.",
        wish_summary="Heat pump for a new house",
        required_certification="gold",
        expected_value=12_500,
        evidence="asked for a quote",
        campaign="spring",
        consent=Consent("v3", given_at=NOON, source="form"),
        is_test=True,
    )

    page = words(_open(network, lead))

    for part in (
        "Erika Muster", "Muster KG", "Marienplatz 1", "80331 München, DE", "+49 89 1234567",
        "erika@example.com", "A quiet heat pump, please.", "Heat pump for a new house", "Gold",
        "€12,500", "Warm: asked for a quote", "Website · spring", "v3", "Test",
    ):  # fmt: skip
        assert part in page


def test_it_tells_what_happened_in_words_the_latest_first(network: Network) -> None:
    network.policy({"partners": 3}, {"partners": 3})
    huber, meier, _ = (network.partner(name=name) for name in ("Huber", "Meier", "Schmidt"))
    lead = network.lead()
    offers = {offer.partner_id: offer for offer in network.offers(lead)}
    decline(offers[meier.id], reason="NO_CAPACITY", at=NOON + MINUTE)
    assignment = accept(offers[huber.id], at=NOON + 2 * MINUTE)
    give_feedback(
        assignment=assignment,
        status="LOST",
        reason="PRICE",
        note="Too expensive for them.",
        is_as_described=False,
        by=holder_of(assignment),
        at=NOON + HOUR,
    )

    page = words(_open(network, lead, at=NOON + 2 * HOUR)).partition("What happened")[2]

    told = [
        "Not won by Huber: Price",
        "The lead was not as described. Too expensive for them.",
        "The offer to Schmidt was withdrawn",
        "Huber accepted the lead",
        "Meier declined: No capacity right now",
        "Wave 1: offered to 3 partners",
        "Received via Website",
        "automatically",
    ]
    places = [page.find(sentence) for sentence in told]
    assert -1 not in places
    assert places == sorted(places)
    assert "feedback.given" not in page
    assert "NO_CAPACITY" not in page


def test_it_names_people_and_programs_that_acted(network: Network) -> None:
    network.partner(name="Huber")
    client = at_desk(network, "DISPATCHER")
    lead = network.lead()

    with clock.set_to(NOON + MINUTE):
        client.post(f"/leads/{lead.id}/withdraw/", {"wave": "1"})

    page = words(_open(network, lead))
    assert "Withdrawn from the network 2 Mar 2026, 13:01 by Dispatcher" in page


def test_each_wave_says_who_was_asked_and_what_they_answered(network: Network) -> None:
    network.policy({"partners": 1}, {"partners": 2, "response_window": 7_200})
    for name, weight in (("Huber", 90), ("Meier", 50), ("Schmidt", 10)):
        network.partner(name=name, weight=weight)
    lead = network.lead()
    run_out(lead)

    page = words(_open(network, lead, at=NOON + HOUR + MINUTE))
    second, first = page.partition("Waves and partners")[2].split("Wave 1 Opened")

    assert "Wave 2" in second
    assert "1 h 59 min left" in second
    assert "Meier München, 0.0 km Open" in second
    assert "Huber München, 0.0 km Ran out" in first


def test_the_map_shows_the_lead_and_whom_its_latest_wave_asked(network: Network) -> None:
    network.policy({"partners": 1, "radius_km": 40})
    network.partner(name="Huber")
    network.partner(name="Meier", postal_code="90402")
    assignment = accepted_lead(network)

    response = _open(network, _lead_of(network, assignment))
    picture = response.context["picture"]

    shown = [(one.sign.shape, one.sign.tone, one.sign.label) for one in picture.signs]
    assert shown == [
        ("disc", "success", "1. Huber"),
        ("star", "accent", "80331 München"),
    ]
    assert len(picture.circles) == 1
    assert "Huber" in words(response)


def test_each_wave_leads_to_its_explanation(network: Network) -> None:
    network.partner()
    lead = network.lead()

    page = _open(network, lead).content.decode()

    assert f'href="/leads/{lead.id}/routing/#wave-1"' in page


def test_it_shows_whose_hands_a_lead_is_and_was_in(network: Network) -> None:
    network.policy({}, {})
    network.partner(name="Huber")
    network.partner(name="Meier")
    assignment = accepted_lead(network)
    return_lead(
        assignment=assignment, reason="WRONG_DATA", by=holder_of(assignment), at=NOON + HOUR
    )
    lead = _lead_of(network, assignment)
    accept(network.offers(lead)[-1], at=NOON + 2 * HOUR)

    page = words(_open(network, lead, at=NOON + 4 * HOUR))
    hands = page.partition("In whose hands")[2].partition("Waves and partners")[0]

    assert hands.count("Has the lead") == 1
    assert "Overdue since" in hands.partition("Given back")[0]
    assert "Contact data is wrong" in hands.partition("Given back")[2]
    assert "Nobody has judged yet whether the lead was at fault" in page


@pytest.mark.parametrize(
    ("role", "buttons"),
    [
        ("ADMIN", ["extend", "assign", "reroute", "withdraw"]),
        ("DISPATCHER", ["extend", "assign", "reroute", "withdraw"]),
        ("ANALYST", []),
    ],
)
def test_it_offers_what_the_role_may_do(network: Network, role: str, buttons: list[str]) -> None:
    network.partner()

    response = _open(network, network.lead(), role=role)

    assert [action.verb for action in response.context["actions"]] == buttons
    assert ("More time" in words(response)) == bool(buttons)


@pytest.mark.parametrize("kind", ["open", "held", "in_hands", "closed", "withdrawn"])
def test_it_offers_what_the_lead_allows(network: Network, kind: str) -> None:
    lead = _lead_that_is(network, kind)

    response = _open(network, lead)

    assert [action.verb for action in response.context["actions"]] == {
        "open": ["assign", "reroute", "withdraw"],
        "held": ["release", "reject"],
        "in_hands": ["close", "reroute"],
        "closed": ["reopen"],
        "withdrawn": [],
    }[kind]


def test_personal_data_that_was_erased_is_missed_by_nobody(network: Network) -> None:
    lead = network.lead(contact=ERIKA)
    with tenant_context(network.manufacturer.id):
        LeadContact.objects.filter(lead=lead).delete()

    page = words(_open(network, lead))
    board = words(at_desk(network).get("/leads/"))

    assert "Contact erased" in page
    assert "Contact erased" in board
    assert "Erika" not in page


@pytest.mark.parametrize("lead_id", ["nonsense", "new-lead", "1", NOBODYS])
def test_a_lead_that_is_not_there_is_not_found(network: Network, lead_id: str) -> None:
    assert at_desk(network).get(f"/leads/{lead_id}/").status_code == 404


def test_a_lead_of_another_manufacturer_is_not_found(
    network: Network, other_network: Network
) -> None:
    lead = other_network.lead()

    assert at_desk(network).get(f"/leads/{lead.id}/").status_code == 404


def test_a_partner_finds_no_desk(network: Network) -> None:
    partner = network.partner()
    lead = network.lead()
    client = logged_in(Client(), member(network, "rep@example.com", "PARTNER_REP", partner))

    assert client.get("/leads/").status_code == 404
    assert client.get(f"/leads/{lead.id}/").status_code == 404
    assert client.post(f"/leads/{lead.id}/withdraw/", {"wave": "1"}).status_code == 404
    assert network.again(lead).status == "OFFERED"


def test_much_that_happened_costs_as_many_queries_as_little(network: Network) -> None:
    network.policy({"partners": 2}, {"partners": 2})
    network.partner()
    client = at_desk(network)
    little = accepted_lead(network)
    _report(little, at=NOON + 2 * MINUTE)
    few = _count_queries(client, _lead_of(network, little))
    network.partners(9)
    much = _lead_of(network, little)
    for turn in range(3):
        at = NOON + (turn + 1) * 10 * MINUTE
        assignment = network.assignments(much)[-1]
        _report(assignment, at=at)
        return_lead(assignment=assignment, reason="WRONG_DATA", by=holder_of(assignment), at=at)
        accept(network.offers(much)[-1], at=at)

    assert _count_queries(client, much) == few
    assert few <= 31


def _report(assignment: Any, *, at: datetime) -> None:
    give_feedback(
        assignment=assignment, status="REACHED", note="Nice.", by=holder_of(assignment), at=at
    )


def _open(
    network: Network, lead: Lead, *, at: datetime = NOON + 2 * MINUTE, role: str = "DISPATCHER"
) -> Any:
    with clock.set_to(at):
        response = at_desk(network, role).get(f"/leads/{lead.id}/")
    assert response.status_code == 200
    return response


def _lead_of(network: Network, assignment: Any) -> Lead:
    with tenant_context(network.manufacturer.id):
        return Lead.objects.get(id=assignment.lead_id)


def _lead_that_is(network: Network, kind: str) -> Lead:
    if kind == "open":
        return network.lead()
    if kind == "held":
        return network.lead(postal_code="99999")
    if kind == "withdrawn":
        return withdraw_lead(lead=network.lead(), by=network.by, at=NOON)
    network.partner()
    lead = _lead_of(network, accepted_lead(network))
    if kind == "closed":
        close_lead(lead=lead, outcome="LOST", reason="PRICE", by=network.by, at=NOON + HOUR)
    return lead


def _count_queries(client: Client, lead: Lead) -> int:
    with clock.set_to(NOON):
        # That somebody has seen the contact is noted once a day.
        assert client.get(f"/leads/{lead.id}/").status_code == 200
    with clock.set_to(NOON), CaptureQueriesContext(connection) as queries:
        assert client.get(f"/leads/{lead.id}/").status_code == 200
    return len(queries)
