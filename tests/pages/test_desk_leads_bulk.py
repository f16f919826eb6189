"""Many leads at once: each is answered by itself, in words, and nothing is done to it twice."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads import bulk
from leads.bulk import DEEDS_KEPT, LEADS_AT_MOST
from leads.dispatch import reroute_lead, withdraw_lead
from leads.models import BulkDeed, Lead, LeadDisclosure
from leads.views import bulk_deeds
from tests.acting import HOUR, MINUTE, accepted_lead, facts_of
from tests.factories import NOBODYS, NOON, Network
from tests.pages.desks import at_desk, queries_of
from tests.pages.reading import field, words

pytestmark = pytest.mark.django_db

SOON = NOON + 10 * MINUTE


@pytest.fixture(autouse=True)
def soon() -> Any:
    """Act ten minutes after noon."""
    with clock.set_to(SOON):
        yield


def seen(*leads: Lead) -> list[str]:
    """Name leads as the board's boxes do."""
    return [f"{lead.id}.{lead.wave}" for lead in leads]


def do(client: Client, verb: str, leads: Sequence[str], **sent: str) -> Any:
    """Send the form with the chosen leads, and go where it leads."""
    form = {"lead": leads, "deed": str(uuid4()), "back": "source=website", **sent}
    return client.post(f"/leads/bulk/{verb}/", form, follow=True)


def told(response: Any) -> dict[str, str]:
    """What the page says of each lead: its number -> the words."""
    page = response.content.decode()
    found = re.findall(
        r'text-xs">(?P<number>[^<]+)</span></span>\s*<span class="min-w-0 text-pretty">([^<]*)<',
        page,
    )
    return dict(found)


def test_each_lead_is_answered_by_itself(network: Network) -> None:
    network.partner()
    offered = network.lead(external_id="offered")
    held = network.lead(external_id="held", postal_code="99999")
    gone = network.lead(external_id="gone")
    withdraw_lead(lead=gone, by=network.by, at=NOON)

    response = do(at_desk(network, "DISPATCHER"), "withdraw", seen(offered, held, gone))

    assert told(response) == {
        "offered": "The lead was withdrawn from the network.",
        "held": "This lead is neither on offer nor on the pick list.",
        "gone": "The lead was withdrawn from the network.",
    }
    assert "Withdraw: done for 2 of 3 leads" in words(response)
    assert network.again(offered).status == "WITHDRAWN"
    assert network.again(held).status == "HELD"


@pytest.mark.parametrize(
    ("verb", "sent", "status"),
    [
        ("reroute", {}, "OFFERED"),
        ("extend", {"seconds": "14400"}, "OFFERED"),
        ("withdraw", {}, "WITHDRAWN"),
        ("assign", {"partner": "near"}, "ACCEPTED"),
    ],
)
def test_what_is_on_offer_is_moved(
    network: Network, verb: str, sent: dict[str, str], status: str
) -> None:
    network.policy({}, {})
    near, _ = network.partner(), network.partner()
    leads = [network.lead(), network.lead()]
    sent = {name: str(near.id) if value == "near" else value for name, value in sent.items()}

    do(at_desk(network, "DISPATCHER"), verb, seen(*leads), **sent)

    after = [network.again(lead) for lead in leads]
    assert [lead.status for lead in after] == [status, status]
    if verb == "extend":
        assert {lead.respond_by for lead in after} == {NOON + 5 * HOUR}
    if verb == "assign":
        assert {lead.partner_id for lead in after} == {near.id}


@pytest.mark.parametrize(("verb", "status"), [("release", "OPEN"), ("reject", "REJECTED")])
def test_what_is_held_is_decided(network: Network, verb: str, status: str) -> None:
    leads = [network.lead(postal_code="99999") for _ in range(2)]

    do(at_desk(network, "DISPATCHER"), verb, seen(*leads), as_it_is="on")

    assert [network.again(lead).status for lead in leads] == [status, status]


def test_a_lead_in_an_unknown_place_is_released_knowingly(network: Network) -> None:
    lead = network.lead(external_id="nowhere", postal_code="99999")

    response = do(at_desk(network, "DISPATCHER"), "release", seen(lead))

    assert "Nobody knows where its postal code is." in told(response)["nowhere"]
    assert network.again(lead).status == "HELD"


def test_what_is_in_hands_is_closed_alike(network: Network) -> None:
    network.partner()
    leads = [network.again(accepted_lead(network).lead) for _ in range(2)]

    do(at_desk(network), "close", seen(*leads), outcome="LOST", reason="PRICE")

    assert [network.again(lead).status for lead in leads] == ["LOST", "LOST"]


@pytest.mark.parametrize(
    ("verb", "sent", "problem"),
    [
        ("assign", {}, "Choose a partner."),
        ("assign", {"partner": NOBODYS}, "There is no such partner in your network."),
        ("assign", {"partner": "foreign"}, "There is no such partner in your network."),
        ("extend", {}, "Choose how much more time."),
        ("close", {}, "Choose won or lost."),
        ("close", {"outcome": "WON"}, "Say what the customer bought for."),
        ("close", {"outcome": "LOST"}, "Say why the customer did not buy."),
    ],
)
def test_what_is_missing_is_said_before_a_lead_is_touched(
    network: Network, other_network: Network, verb: str, sent: dict[str, str], problem: str
) -> None:
    network.partner()
    lead = network.lead()
    foreign = str(other_network.partner().id)
    sent = {name: foreign if value == "foreign" else value for name, value in sent.items()}

    response = do(at_desk(network), verb, seen(lead), **sent)

    assert response.status_code == 422
    assert problem in words(response)
    assert network.again(lead).last_sequence == lead.last_sequence
    with tenant_context(network.manufacturer.id):
        assert BulkDeed.objects.count() == 0


def test_the_same_form_sent_twice_is_one_deed(network: Network) -> None:
    network.policy({}, {})
    network.partners(3)
    leads = [network.lead(), network.lead()]
    client, deed = at_desk(network), str(uuid4())

    first = do(client, "reroute", seen(*leads), deed=deed)
    second = do(client, "reroute", seen(*leads), deed=deed)

    assert told(first) == told(second)
    assert first.redirect_chain == second.redirect_chain
    assert [facts_of(network, lead).count("lead.rerouted") for lead in leads] == [1, 1]


def test_the_same_leads_in_a_form_of_before_are_left_alone(network: Network) -> None:
    network.policy({}, {})
    network.partners(2)
    lead = network.lead(external_id="moved")
    reroute_lead(lead=lead, by=network.by, at=NOON)

    response = do(at_desk(network), "reroute", seen(lead))

    assert told(response) == {"moved": "This lead has moved on since you chose it."}
    assert facts_of(network, lead).count("lead.rerouted") == 1


def test_what_fails_for_one_lead_is_undone_and_the_others_go_on(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.partner()
    leads = [network.lead(external_id=f"L{number}") for number in range(3)]
    reject = bulk_deeds.BULK["withdraw"].do

    def fail(order: Any) -> str:
        words = reject(order)
        if order.lead.external_id == "L1":
            raise RuntimeError(order.lead.external_id)
        return words

    broken = bulk_deeds.BULK["withdraw"]._replace(do=fail)
    monkeypatch.setitem(bulk_deeds.BULK, "withdraw", broken)

    response = do(at_desk(network), "withdraw", seen(*leads))

    assert told(response)["L1"] == "That did not work. Nothing was changed; please try again."
    assert [network.again(lead).status for lead in leads] == ["WITHDRAWN", "OFFERED", "WITHDRAWN"]


def test_what_was_broken_off_is_gone_on_with(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.partner()
    leads = [network.lead() for _ in range(2)]
    client, deed = at_desk(network), str(uuid4())
    with monkeypatch.context() as patch:
        patch.setattr(bulk, "_answer", lambda **_: None)
        broken_off = do(client, "withdraw", seen(*leads), deed=deed)

    whole = do(client, "withdraw", seen(*leads), deed=deed)

    assert "Not begun" in words(broken_off)
    assert "Withdraw: done for 2 of 2 leads" in words(whole)


def test_leads_of_others_are_not_there(network: Network, other_network: Network) -> None:
    other_network.partner()
    theirs = other_network.lead(external_id="theirs")

    response = do(at_desk(network), "withdraw", seen(theirs))

    assert "theirs" not in response.content.decode()
    assert other_network.again(theirs).status == "OFFERED"


def test_only_who_did_it_and_their_colleagues_see_what_was_done(
    network: Network, other_network: Network
) -> None:
    network.partner()
    response = do(at_desk(network, "DISPATCHER"), "withdraw", seen(network.lead()))
    (address, _) = response.redirect_chain[-1]

    assert at_desk(network, "ADMIN").get(address).status_code == 200
    assert at_desk(network, "ANALYST").get(address).status_code == 404
    assert at_desk(other_network).get(address).status_code == 404


def test_the_id_of_somebody_elses_deed_opens_nothing(
    network: Network, other_network: Network
) -> None:
    network.partner()
    lead, deed = network.lead(), str(uuid4())
    other_network.partner()
    do(at_desk(other_network), "withdraw", seen(other_network.lead()), deed=deed)

    response = do(at_desk(network), "withdraw", seen(lead), deed=deed)

    assert response.status_code == 404
    assert network.again(lead).status == "OFFERED"


def test_leads_are_chosen_looked_at_and_sent_on(network: Network) -> None:
    network.partner()
    offered, held = network.lead(), network.lead(postal_code="99999")
    client = at_desk(network, "DISPATCHER")
    sent = {"lead": seen(offered, held), "do": "extend", "back": "source=website"}

    response = client.post("/leads/bulk/", sent)

    assert "More time: 2 leads" in words(response)
    assert "As things stand this is possible for 1 of 2 leads." in words(response)
    assert str(UUID(field(response, "deed"))) == field(response, "deed")
    with tenant_context(network.manufacturer.id):
        assert LeadDisclosure.objects.filter(lead__in=[offered.id, held.id]).count() == 2


def test_all_on_the_page_are_chosen_without_scripts(network: Network) -> None:
    leads = [network.lead(), network.lead()]
    sent = {"all": "yes", "listed": seen(*leads), "do": "withdraw"}

    response = at_desk(network).post("/leads/bulk/", sent)

    assert "Withdraw: 2 leads" in words(response)


@pytest.mark.parametrize("sent", [{}, {"do": "withdraw"}, {"do": "erase", "lead": "x.1"}])
def test_who_chose_nothing_is_told(network: Network, sent: dict[str, str]) -> None:
    response = at_desk(network).post("/leads/bulk/", {**sent, "back": "source=fair"}, follow=True)

    assert response.redirect_chain == [("/leads/?source=fair", 302)]
    assert "Choose leads first, then what to do with them." in words(response)


def test_there_are_not_too_many_at_once(network: Network) -> None:
    many = [f"{uuid4()}.1" for _ in range(LEADS_AT_MOST + 1)]

    response = at_desk(network).post("/leads/bulk/", {"lead": many, "do": "withdraw"}, follow=True)

    assert "Choose 200 leads at most." in words(response)


def test_partners_are_found_by_name_to_be_given_the_leads(network: Network) -> None:
    partner = network.partner(name="Huber Heating")
    network.partner(name="Huber gone", status="LEFT")
    sent = {"lead": seen(network.lead()), "do": "assign", "find": "hub münchen"}

    page = at_desk(network).post("/leads/bulk/", sent)

    assert str(partner.id) in page.content.decode()
    assert "Huber gone" not in words(page)


def test_an_analyst_finds_nothing_to_choose_with(network: Network) -> None:
    lead = network.lead()
    analyst = at_desk(network, "ANALYST")

    assert b'name="lead"' not in analyst.get("/leads/").content
    assert analyst.post("/leads/bulk/", {"lead": seen(lead), "do": "reject"}).status_code == 404
    assert analyst.post("/leads/bulk/reject/", {"lead": seen(lead)}).status_code == 404


def test_what_was_done_is_forgotten_after_a_time(network: Network) -> None:
    network.partner()
    client = at_desk(network)
    do(client, "withdraw", seen(network.lead()))
    with clock.set_to(SOON + DEEDS_KEPT + MINUTE):
        do(client, "withdraw", seen(network.lead()))

    with tenant_context(network.manufacturer.id):
        assert BulkDeed.objects.count() == 1


def test_one_lead_costs_as_many_queries_to_look_at_as_ten(network: Network) -> None:
    network.partner()
    client = at_desk(network)
    few, many = ([network.lead() for _ in range(count)] for count in (1, 10))
    addresses = [
        do(client, "withdraw", seen(*leads)).redirect_chain[-1][0] for leads in (few, many)
    ]

    one, ten = (queries_of(client, address) for address in addresses)

    assert one == ten
