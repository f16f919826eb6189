"""What a dispatcher does by hand: done once, said in a toast, refused on the lead as it is now."""

import re
from datetime import datetime
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils.dateparse import parse_datetime

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.dispatch import withdraw_lead
from leads.feedback import return_lead
from leads.models import Lead, LeadOffer
from tests.acting import HOUR, MINUTE, accept, accepted_lead, again, facts_of, holder_of, run_out
from tests.factories import NOBODYS, NOON, Network
from tests.pages.acting import by_script
from tests.pages.desks import at_desk
from tests.pages.reading import field, words

pytestmark = pytest.mark.django_db

SOON = NOON + 10 * MINUTE
VERBS = (
    "assign", "withdraw", "reroute", "release", "merge", "reject", "extend", "close", "reopen",
    "return-verdict", "erase",
)  # fmt: skip


def test_more_time_is_given_once_however_often_it_is_sent(network: Network) -> None:
    network.partner()
    lead = network.lead()
    deadline = NOON + 5 * HOUR

    first = _do(network, lead, "extend", respond_by=deadline.isoformat())
    second = _do(network, lead, "extend", respond_by=deadline.isoformat())

    assert _said(first) == _said(second) == ["Partners have more time to answer."]
    assert network.again(lead).respond_by == deadline
    assert facts_of(network, lead).count("offer.extended") == 1


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({}, "Choose a deadline."),
        ({"respond_by": "soon"}, "Enter a valid date/time."),
        ({"respond_by": NOON.isoformat()}, "The new deadline must lie in the future."),
    ],
)
def test_more_time_needs_a_deadline_to_come(
    network: Network, sent: dict[str, Any], problem: str
) -> None:
    network.partner()
    lead = network.lead()

    response = _do(network, lead, "extend", status=422, **sent)

    assert problem in words(response)
    assert network.again(lead).respond_by == lead.respond_by


def test_a_lead_is_assigned_to_a_partner_that_no_wave_would_ask(network: Network) -> None:
    far = network.partner(name="Far away", postal_code="20095")
    lead = network.lead()

    response = _do(network, lead, "assign", partner=str(far.id))

    assert _said(response) == ["Far away has the lead now."]
    assert network.again(lead).partner_id == far.id


def test_the_best_matches_are_offered_first_and_others_found_by_name(network: Network) -> None:
    network.partner(name="Near")
    network.partner(name="Huber Nord", postal_code="20095")
    network.partner(name="Huber gone", status="LEFT")
    lead = network.lead()
    client = at_desk(network, "DISPATCHER")

    whole = client.get(f"/leads/{lead.id}/assign/", {"find": "hub 20095"})
    part = client.get(f"/leads/{lead.id}/assign/", {"find": "huber"}, headers=by_script("/"))
    nothing = client.get(f"/leads/{lead.id}/assign/", {"find": "zzz\0"}, headers=by_script("/"))

    assert "Near München, 0.0 km" in words(whole)
    assert "Huber Nord Hamburg, 612 km" in words(whole)
    assert words(part) == "Huber Nord Hamburg, 612 km"
    assert words(nothing) == "No partner is called like this."


@pytest.mark.parametrize("partner", ["", "nonsense", NOBODYS, "foreign"])
def test_a_lead_is_assigned_to_nobody_unknown(
    network: Network, other_network: Network, partner: str
) -> None:
    lead = network.lead()
    foreign = str(other_network.partner().id)

    response = _do(
        network, lead, "assign", status=422, partner=foreign if partner == "foreign" else partner
    )

    assert response.context["errors"]["partner"]
    assert network.again(lead).partner_id is None


def test_a_held_lead_is_released_or_rejected(network: Network) -> None:
    network.partner(postal_code_areas=("9",))
    released, rejected = (network.lead(postal_code="99999") for _ in range(2))

    first = _do(network, released, "release", as_it_is="on")
    second = _do(network, rejected, "reject")

    assert _said(first) == ["The lead is on offer to 1 partner."]
    assert _said(second) == ["The lead was rejected."]
    assert network.again(released).status == "OFFERED"
    assert network.again(rejected).status == "REJECTED"


def test_a_lead_is_rerouted_once_however_often_it_is_sent(network: Network) -> None:
    network.partners(2)
    lead = network.lead()

    first = _do(network, lead, "reroute")
    second = _do(network, lead, "reroute")

    assert _said(first) == ["The lead is on offer to 2 partners."]
    assert _said(second) == [
        "This lead has moved on since you opened the page. Here it is as of now."
    ]
    assert facts_of(network, lead).count("lead.rerouted") == 1


@pytest.mark.parametrize(
    ("verb", "sent"),
    [
        ("extend", {"respond_by": (NOON + 5 * HOUR).isoformat()}),
        ("assign", {"partner": "any"}),
        ("reroute", {}),
        ("withdraw", {}),
    ],
)
def test_a_form_made_for_an_earlier_wave_does_nothing_and_shows_how_things_stand(
    network: Network, verb: str, sent: dict[str, str]
) -> None:
    network.policy({}, {})
    partner, *_ = network.partners(3)
    seen = network.lead()
    run_out(seen)
    facts = facts_of(network, seen)
    if "partner" in sent:
        sent = {"partner": str(partner.id)}

    response = _post(
        at_desk(network, "DISPATCHER"), seen, verb, {**_seen(seen), **sent}, script=True
    )

    assert response.status_code == 409
    assert "This lead has moved on since you opened the page." in words(response)
    assert "Wave 2" in words(response)
    assert facts_of(network, seen) == facts


def test_a_held_lead_is_put_right_and_released_once(network: Network) -> None:
    partner = network.partner()
    lead = network.lead(postal_code="99999")

    first = _do(network, lead, "release", postal_code=" 80331 ")
    second = _do(network, lead, "release", postal_code="80331")

    now = network.again(lead)
    assert _said(first) == ["The lead is on offer to 1 partner."]
    assert _said(second) == ["This lead is not held for review."]
    assert (now.postal_code, now.city, now.region) == ("80331", "München", "DE-BY")
    assert [offer.partner_id for offer in network.offers(lead)] == [partner.id]
    assert facts_of(network, lead).count("lead.released") == 1
    page = words(at_desk(network).get(f"/leads/{lead.id}/"))
    assert "Place corrected: DE 99999 became DE 80331." in page


@pytest.mark.parametrize(
    ("sent", "field_", "problem"),
    [
        ({}, "postal_code", "The postal code “99999” is not known in this country."),
        ({"postal_code": "1"}, "postal_code", "The postal code “1” is not known in this country."),
        ({"postal_code": " "}, "postal_code", "Give the postal code."),
        ({"postal_code": "8" * 21}, "postal_code", "at most 20 characters"),
        ({"postal_code": "80331", "country": "ZZ"}, "country", "Select a valid choice."),
    ],
)
def test_a_place_that_nobody_knows_is_said_at_its_field(
    network: Network, sent: dict[str, str], field_: str, problem: str
) -> None:
    network.partner()
    lead = network.lead(postal_code="99999")

    response = _do(network, lead, "release", status=422, **sent)

    error = response.content.decode().partition(f'id="id_{field_}_error"')[2].partition("</p>")[0]
    assert problem in unescape(error)
    assert network.again(lead).status == "HELD"
    assert facts_of(network, lead)[-1] == "lead.held"


def test_the_place_of_a_lead_that_was_found_is_filled_in_and_may_stay(network: Network) -> None:
    network.partner()
    lead = held_duplicate(network)

    page = at_desk(network, "DISPATCHER").get(f"/leads/{lead.id}/")
    filled_in = {name: field(page, name) for name in ("postal_code", "city")}
    _do(network, lead, "release")

    assert filled_in == {"postal_code": "80331", "city": "München"}
    assert network.again(lead).status == "OFFERED"
    assert network.events(lead)[-1].type != "lead.held"
    released = next(e for e in network.events(lead) if e.type == "lead.released")
    assert released.data == {}


def test_more_time_is_four_hours_unless_somebody_chooses_otherwise(network: Network) -> None:
    network.partner()
    lead = network.lead()

    with clock.set_to(SOON):
        page = at_desk(network, "DISPATCHER").get(f"/leads/{lead.id}/").content.decode()

    chosen = re.findall(r'name="respond_by" value="([^"]+)" required checked', page)
    assert lead.respond_by is not None
    assert [parse_datetime(value) for value in chosen] == [lead.respond_by + 4 * HOUR]


def test_a_lead_in_hands_is_taken_back_and_rerouted(network: Network) -> None:
    network.partners(2)
    assignment = accepted_lead(network)
    lead = _lead(network, assignment.lead_id)

    response = _do(network, lead, "reroute", wave="1")

    assert _said(response) == ["The lead is on offer to 1 partner."]
    assert again(assignment).outcome == "RETURNED"


def test_a_lead_that_nobody_can_have_goes_to_the_pick_list(network: Network) -> None:
    network.policy({})
    network.partner()
    assignment = accepted_lead(network)

    response = _do(network, _lead(network, assignment.lead_id), "reroute", wave="1")

    assert _said(response) == ["No partner fits right now: the lead is on the pick list."]


@pytest.mark.parametrize(
    ("sent", "status", "value"),
    [
        ({"outcome": "WON", "value": "12.500,50"}, "WON", "12500.50"),
        ({"outcome": "LOST", "reason": "PRICE", "value": "12"}, "LOST", "None"),
    ],
)
def test_a_lead_is_closed_for_its_partner_and_opened_again(
    network: Network, sent: dict[str, Any], status: str, value: str
) -> None:
    network.partner()
    assignment = accepted_lead(network)
    lead = _lead(network, assignment.lead_id)

    closed = _do(network, lead, "close", **sent)
    after = network.again(lead).status, str(again(assignment).value)
    opened = _do(network, lead, "reopen")

    assert _said(closed) == ["The lead is closed."]
    assert after == (status, value)
    assert _said(opened) == ["The lead is in progress again."]
    assert network.again(lead).status == "IN_PROGRESS"


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({}, "Choose won or lost."),
        ({"outcome": "WON"}, "Say what the customer bought for."),
        ({"outcome": "WON", "value": "much"}, "Write the amount in figures"),
        ({"outcome": "LOST"}, "Say why the customer did not buy."),
        ({"outcome": "LOST", "reason": "NONSENSE"}, "Select a valid choice."),
    ],
)
def test_closing_says_at_its_fields_what_is_missing(
    network: Network, sent: dict[str, Any], problem: str
) -> None:
    network.partner()
    lead = _lead(network, accepted_lead(network).lead_id)

    response = _do(network, lead, "close", status=422, **sent)

    assert problem in words(response)
    assert network.again(lead).status == "ACCEPTED"


@pytest.mark.parametrize(
    ("answer", "verdict", "said"),
    [
        (
            "yes",
            "CONFIRMED",
            "Noted: the lead was at fault. The return does not count against anybody.",
        ),
        ("no", "REFUSED", "Noted: the lead was fine. The return counts against the partner."),
    ],
)
def test_a_return_is_judged_once(network: Network, answer: str, verdict: str, said: str) -> None:
    network.partners(2)
    older, newer = _two_returns(network)
    lead = _lead(network, newer.lead_id)
    page = at_desk(network, "DISPATCHER").get(f"/leads/{lead.id}/")
    sent: dict[str, Any] = {"assignment": field(page, "assignment"), "lead_at_fault": answer}

    first = _do(network, lead, "return-verdict", **sent)
    _do(network, lead, "return-verdict", **sent)

    assert _said(first) == [said]
    assert again(newer).return_verdict == verdict
    assert again(older).return_verdict is None


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "erase"])
def test_what_the_state_does_not_allow_is_said_on_the_lead_as_it_is_now(
    network: Network, verb: str
) -> None:
    partner = network.partner()
    lead = network.lead()
    withdraw_lead(lead=lead, by=network.by, at=NOON + MINUTE)
    sent = {
        "wave": "1", "partner": str(partner.id), "respond_by": (NOON + HOUR).isoformat(),
        "outcome": "LOST", "reason": "PRICE", "assignment": str(uuid4()), "lead_at_fault": "yes",
    }  # fmt: skip
    client = at_desk(network, "DISPATCHER")

    whole = _post(client, lead, verb, sent)
    part = _post(client, lead, verb, sent, script=True)

    facts = facts_of(network, lead)
    if verb == "withdraw":  # it is withdrawn, as wanted
        assert part.status_code == 200
        assert facts.count("lead.withdrawn") == 1
        return
    assert whole.status_code == 302
    assert whole.headers["Location"] == f"/leads/{lead.id}/"
    assert [str(message.level_tag) for message in get_messages(whole.wsgi_request)] == ["error"]
    assert part.status_code == 409
    assert part.headers["HX-Retarget"] == "#lead"
    assert 'id="lead"' in part.content.decode()
    assert "Withdrawn" in words(part)
    assert facts[-1] in ("lead.withdrawn", "offer.withdrawn")


def test_a_script_gets_the_lead_as_it_is_now_and_the_toast(network: Network) -> None:
    network.partner()
    lead = network.lead()

    response = _post(at_desk(network, "DISPATCHER"), lead, "withdraw", _seen(lead), script=True)

    page = words(response)
    assert response.headers["HX-Retarget"] == "#lead"
    assert b"<html" not in response.content
    assert "The lead was withdrawn from the network." in page
    assert "Withdraw " not in page.partition("Enquiry")[0]


def test_a_form_that_lacks_something_comes_back_alone_to_a_script(network: Network) -> None:
    network.partner()
    lead = network.lead()

    response = _post(at_desk(network, "DISPATCHER"), lead, "extend", {}, script=True)

    assert response.status_code == 422
    assert "HX-Retarget" not in response.headers
    assert response.content.strip().startswith(b"<form")


@pytest.mark.parametrize("verb", VERBS)
def test_an_analyst_changes_nothing(network: Network, verb: str) -> None:
    network.partner()
    lead = network.lead()
    before = facts_of(network, lead)

    response = _post(at_desk(network, "ANALYST"), lead, verb, {"wave": "1"})

    assert response.status_code == 404
    assert facts_of(network, lead) == before


@pytest.mark.parametrize("verb", VERBS)
def test_leads_of_others_and_of_nobody_are_not_found(
    network: Network, other_network: Network, verb: str
) -> None:
    client = at_desk(network, "DISPATCHER")
    foreign = other_network.lead()

    assert _post(client, foreign, verb, {"wave": "0"}).status_code == 404
    assert client.post(f"/leads/{uuid4()}/{verb}/", {"wave": "0"}).status_code == 404
    assert client.post(f"/leads/nonsense/{verb}/").status_code == 404


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "assign"])
def test_looking_changes_nothing(network: Network, verb: str) -> None:
    lead = network.lead()

    assert at_desk(network).get(f"/leads/{lead.id}/{verb}/").status_code == 405


def test_who_is_logged_out_is_asked_to_log_in(network: Network) -> None:
    lead = network.lead()

    whole = Client().post(f"/leads/{lead.id}/withdraw/")
    part = Client().post(f"/leads/{lead.id}/withdraw/", headers=by_script(f"/leads/{lead.id}/"))

    assert whole.headers["Location"].startswith("/log-in/")
    assert part.headers["HX-Redirect"] == f"/log-in/?next=%2Fleads%2F{lead.id}%2F"


def _do(network: Network, lead: Lead, verb: str, *, status: int = 302, **sent: str) -> Any:
    response = _post(at_desk(network, "DISPATCHER"), lead, verb, {**_seen(lead), **sent})
    assert response.status_code == status, words(response)[:300]
    return response


def _seen(lead: Lead) -> dict[str, str]:
    """What stands in the forms on a lead's page, whatever somebody enters."""
    return {
        "wave": str(lead.wave),
        "country": lead.country,
        "postal_code": lead.postal_code,
        "city": lead.city,
    }


def _post(
    client: Client,
    lead: Lead,
    verb: str,
    sent: dict[str, str],
    *,
    script: bool = False,
    at: datetime = SOON,
) -> Any:
    headers = by_script(f"/leads/{lead.id}/") if script else {}
    with clock.set_to(at):
        return client.post(f"/leads/{lead.id}/{verb}/", sent, headers=headers)


def _said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def held_duplicate(network: Network) -> Lead:
    """A lead held although everybody knows where it is."""
    lead = network.lead()
    with tenant_context(network.manufacturer.id):
        LeadOffer.objects.filter(lead=lead).update(status="WITHDRAWN")
        Lead.objects.filter(id=lead.id).update(
            status="HELD", hold_reason="DUPLICATE", respond_by=None, due_at=None
        )
    return network.again(lead)


def _lead(network: Network, lead_id: UUID) -> Lead:
    with tenant_context(network.manufacturer.id):
        return Lead.objects.select_related("policy").get(id=lead_id)


def _two_returns(network: Network) -> tuple[Any, Any]:
    network.policy({}, {})
    first = accepted_lead(network)
    _give_back(first, at=NOON + 2 * MINUTE)
    lead = _lead(network, first.lead_id)
    second = accept(network.offers(lead)[-1], at=NOON + 3 * MINUTE)
    _give_back(second, at=NOON + 4 * MINUTE)
    return first, second


def _give_back(assignment: Any, *, at: datetime) -> None:
    return_lead(assignment=assignment, reason="WRONG_DATA", by=holder_of(assignment), at=at)
