"""Erasure: nothing personal is left of a lead, whatever its state; all else is as it was."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from kpis.periods import Period
from kpis.selectors import figures_visible_to, funnel_visible_to
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.audit import verify_log
from leads.dispatch import LeadNotHeld, LeadNotRoutable, release_lead, reroute_lead, withdraw_lead
from leads.erasure import erase_lead
from leads.events import replay
from leads.feedback import LeadErased, give_feedback, reopen_lead, return_lead
from leads.intake import Consent, Contact
from leads.models import Lead, LeadConsent, LeadContact, LeadFeedback, LeadOffer, Wave
from leads.worklist import Duty, find_work
from tests.acting import (
    DAY,
    HOUR,
    MINUTE,
    accept,
    accepted_lead,
    again,
    decline,
    facts_of,
    holder_of,
    member,
    messages,
    run_out,
)
from tests.factories import NOON, Network
from tests.messaging import mail_of, spread
from tests.pages.acting import logged_in

pytestmark = pytest.mark.django_db

LATER = NOON + DAY
PERIOD = Period(starts=NOON - DAY, ends=NOON + 2 * DAY)
CONSENT = Consent("2026-01", NOON, "web form")
WORDS: dict[str, Any] = {
    "contact": Contact(
        "Canary", "Canary", "Canary", "canary@example.com", "+498912345", "Canary 1"
    ),
    "wish": "Canary",
    "wish_summary": "Canary",
    "evidence": "Canary",
    "city": "Canary",
}


def on_offer(network: Network) -> Lead:
    network.partner()
    return network.lead(**WORDS)


def on_pick_list(network: Network) -> Lead:
    lead = on_offer(network)
    run_out(lead)
    return lead


def held(network: Network) -> Lead:
    return network.lead(postal_code="99999", **WORDS)


def in_hands(network: Network) -> Lead:
    network.partner()
    return network.again(accepted_lead(network, **WORDS).lead)


def won(network: Network) -> Lead:
    return _closed(network, status="WON", value=100)


def lost(network: Network) -> Lead:
    return _closed(network, status="LOST", reason="PRICE")


def returned(network: Network) -> Lead:
    network.partner()
    assignment = accepted_lead(network, **WORDS)
    return_lead(
        assignment=assignment, reason="OTHER", by=holder_of(assignment), at=NOON + 2 * MINUTE
    )
    return network.again(assignment.lead)


def withdrawn(network: Network) -> Lead:
    return withdraw_lead(lead=on_offer(network), by=network.by, at=NOON)


def _closed(network: Network, **closing: Any) -> Lead:
    network.partner()
    assignment = accepted_lead(network, **WORDS)
    give_feedback(
        assignment=assignment, note="Canary", by=holder_of(assignment), at=NOON + HOUR, **closing
    )
    return network.again(assignment.lead)


STATES: dict[Callable[[Network], Lead], str] = {
    on_offer: "WITHDRAWN",
    on_pick_list: "WITHDRAWN",
    held: "REJECTED",
    in_hands: "ACCEPTED",
    won: "WON",
    lost: "LOST",
    returned: "WITHDRAWN",
    withdrawn: "WITHDRAWN",
}


def erase(network: Network, lead: Lead) -> Lead:
    return erase_lead(lead=lead, by=network.by, at=LATER)


def everything() -> str:
    """All that the database holds of tenants, as text."""
    with system_context("test.everything"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " AND a.attname = 'manufacturer_id' WHERE c.relkind = 'r'"
            " AND c.relnamespace = 'public'::regnamespace"
        )
        rows = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows += [f"{table}: {row}" for (row,) in cursor.fetchall()]
    return "\n".join(rows)


@pytest.mark.parametrize("arrange", STATES, ids=lambda arrange: arrange.__name__)
def test_leaves_nothing_personal_in_any_state(
    arrange: Callable[[Network], Lead], network: Network
) -> None:
    lead = arrange(network)
    assert "anary" in everything()

    erased = erase(network, lead)

    assert "anary" not in everything()
    assert "498912345" not in everything()
    assert erased.status == STATES[arrange]
    facts = [(event.type, event.data) for event in network.events(lead)]
    assert replay(facts) == erased.status
    assert facts[-1][0] == "lead.erased"
    assert verify_log(network.manufacturer.id).broken is None


@pytest.mark.parametrize("arrange", STATES, ids=lambda arrange: arrange.__name__)
def test_leaves_the_figures_as_they_were(
    arrange: Callable[[Network], Lead], network: Network
) -> None:
    lead = arrange(network)
    before = figures(network)

    erase(network, lead)

    assert figures(network) == before


def figures(network: Network) -> Any:
    """Every figure, whole and by partner."""
    with tenant_context(network.manufacturer.id):
        staff = replace(network.by, label="user:staff")
        return (
            figures_visible_to(staff, period=PERIOD, group_by=(), at=LATER),
            list(funnel_visible_to(staff, period=PERIOD)),
        )


def test_erases_once(network: Network) -> None:
    lead = won(network)

    first, second = erase(network, lead), erase(network, lead)

    assert second.erased_at == first.erased_at
    assert facts_of(network, lead).count("lead.erased") == 2
    assert len(messages(network, "lead_erased")) == 1


def test_keeps_the_proof_of_consent(network: Network) -> None:
    lead = network.lead(consent=CONSENT)

    erase(network, lead)

    with tenant_context(network.manufacturer.id):
        proof = LeadConsent.objects.get(lead=lead)
    assert (proof.text_version, proof.given_at, proof.source) == ("2026-01", NOON, "web form")


def test_tells_every_partner_that_had_the_contact_and_no_other(network: Network) -> None:
    network.policy({"partners": 3}, {"partners": 3})
    asked = network.partners(3)
    lead = network.lead()
    first, second, third = network.offers(lead)
    assignment = accept(first)
    return_lead(assignment=assignment, reason="OTHER", by=holder_of(first), at=NOON + 2 * MINUTE)
    with tenant_context(network.manufacturer.id):
        assert LeadOffer.objects.get(id=second.id).status == "WITHDRAWN"
    erase(network, lead)

    told = [message.recipient for message in messages(network, "lead_erased")]
    assert told == [f"partner:{first.partner_id}"]
    assert len(asked) == 3
    assert third.partner_id != first.partner_id


def test_writes_to_partners_what_to_delete_without_naming_the_customer(network: Network) -> None:
    lead = won(network)
    erase(network, lead)
    (message,) = spread(network, "lead_erased", at=LATER)

    mail = mail_of(message)

    assert lead.external_id in str(mail.body)
    assert "Heat pumps" in str(mail.subject)
    assert "anary" not in mail.message().as_string()


def test_withdraws_open_offers_and_asks_nobody_any_more(network: Network) -> None:
    lead = on_offer(network)

    erase(network, lead)

    (offer,) = network.offers(lead)
    assert offer.status == "WITHDRAWN"
    assert network.again(lead).respond_by is None
    waiting = [message.kind for message in messages(network) if message.done_at is None]
    assert waiting == ["offer_withdrawn"]


def test_routes_nothing_that_was_erased(network: Network) -> None:
    assignment = in_hands(network)
    erase(network, assignment)

    with pytest.raises(LeadNotRoutable):
        reroute_lead(lead=assignment, by=network.by, at=LATER)


def test_gives_a_lead_that_comes_back_without_contact_to_nobody_else(network: Network) -> None:
    network.policy({"partners": 1}, {"partners": 1})
    network.partners(2)
    assignment = accepted_lead(network)
    erase(network, assignment.lead)

    return_lead(assignment=assignment, reason="OTHER", by=holder_of(assignment), at=LATER)

    assert network.again(assignment.lead).status == "WITHDRAWN"
    assert len(network.offers(assignment.lead)) == 1


def test_lets_a_partner_close_without_bringing_words_back(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)
    erase(network, assignment.lead)

    give_feedback(
        assignment=assignment,
        status="LOST",
        reason="OTHER",
        note="Canary",
        by=holder_of(assignment),
        at=LATER,
    )

    assert network.again(assignment.lead).status == "LOST"
    with tenant_context(network.manufacturer.id):
        assert LeadFeedback.objects.get(assignment=assignment).note == ""


def test_tells_a_partner_on_its_page_and_asks_for_no_words(network: Network) -> None:
    partner = network.partner()
    assignment = accepted_lead(network)
    rep = logged_in(Client(), member(network, "rep@meier.example", "PARTNER_REP", partner))
    before = rep.get(f"/assignments/{assignment.id}/").content.decode()
    erase(network, assignment.lead)

    after = rep.get(f"/assignments/{assignment.id}/").content.decode()

    assert 'name="note"' in before
    assert 'name="note"' not in after
    assert "erika@example.com" in before
    assert "erika@example.com" not in after
    assert "tone-warning" in after


def test_demands_nothing_of_a_partner_without_the_contact(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)
    erase(network, assignment.lead)

    with tenant_context(network.manufacturer.id):
        work = find_work([assignment.partner_id], assignment.id, at=LATER)

    assert work is not None
    assert (work.duty, work.due_by, work.contact) == (Duty.GO_ON, None, None)


def test_opens_no_erased_lead_again(network: Network) -> None:
    lead = won(network)
    erase(network, lead)

    with pytest.raises(LeadErased):
        reopen_lead(lead=lead, by=network.by, at=LATER)


def test_keeps_of_a_place_no_more_than_its_postal_code(network: Network) -> None:
    network.partner()
    lead = network.lead(latitude=48.13, longitude=11.58, city="Canary")

    erased = erase(network, lead)

    assert (erased.postal_code, erased.city, erased.region) == ("80331", "München", "DE-BY")
    assert (erased.latitude, erased.longitude) == (48.1345, 11.5710)
    with tenant_context(network.manufacturer.id):
        assert LeadOffer.objects.get(lead=lead).distance_km is None
        wave = Wave.objects.get(lead=lead)
    assert (wave.matches["ranked"], wave.excluded) == ([], [])


def test_keeps_why_partners_were_asked_where_that_tells_a_postal_code_only(
    network: Network,
) -> None:
    network.partner()
    lead = network.lead()

    erase(network, lead)

    with tenant_context(network.manufacturer.id):
        assert len(Wave.objects.get(lead=lead).matches["ranked"]) == 1


def test_forgets_a_code_that_is_no_postal_code(network: Network) -> None:
    erased = erase(network, held(network))

    assert (erased.postal_code, erased.city, erased.latitude) == ("", "", None)


def test_forgets_what_a_partner_wrote_when_it_declined(network: Network) -> None:
    lead = on_offer(network)
    (offer,) = network.offers(lead)
    decline(offer)
    with tenant_context(network.manufacturer.id):
        LeadOffer.objects.filter(id=offer.id).update(note="Canary")

    erase(network, lead)

    assert again(offer).note == ""


def test_lets_a_repeated_push_bring_nothing_back(network: Network) -> None:
    lead = erase(network, network.lead(external_id="CRM-1"))

    repeated = network.lead(external_id="CRM-1", **WORDS)

    assert repeated.id == lead.id
    with tenant_context(network.manufacturer.id):
        assert not LeadContact.objects.filter(lead=lead).exists()


def test_stays_in_its_own_network(network: Network, other_network: Network) -> None:
    own, foreign = network.lead(), other_network.lead()

    erase(network, own)

    with tenant_context(other_network.manufacturer.id):
        assert LeadContact.objects.filter(lead=foreign).exists()


def test_routes_no_held_lead_after_it_was_erased(network: Network) -> None:
    lead = erase(network, held(network))

    with pytest.raises(LeadNotHeld):
        release_lead(lead=lead, by=network.by, at=LATER)
