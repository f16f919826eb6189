"""Who has seen a customer's contact: everybody it was shown to, once a day."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.disclosures import disclosures_of, note_disclosures
from leads.feedback import give_feedback
from leads.models import Lead, LeadDisclosure
from tests.acting import DAY, HOUR, accepted_lead, holder_of, member
from tests.api.calling import Api
from tests.factories import NOON, Network
from tests.pages.acting import logged_in
from tests.pages.desks import at_desk

pytestmark = pytest.mark.django_db

ADDRESS = "erika@example.com"
LOST = {"outcome": "LOST", "reason": "PRICE"}


def seen(network: Network, lead: Lead) -> list[tuple[str, str, int]]:
    """Who saw the contact: name, for which partner, on how many days."""
    with tenant_context(network.manufacturer.id):
        return [(one.by, one.partner, one.days) for one in disclosures_of(lead)]


def test_notes_who_opens_the_page_of_a_lead_at_the_desk(network: Network) -> None:
    lead = network.lead()
    client = at_desk(network, "ANALYST")

    with clock.set_to(NOON):
        page = client.get(f"/leads/{lead.id}/").content.decode()
        client.get(f"/leads/{lead.id}/")
    with clock.set_to(NOON + DAY):
        client.get(f"/leads/{lead.id}/")

    assert ADDRESS in page
    assert "Who has seen the contact" in page
    assert seen(network, lead) == [("Analyst", "", 2)]


def test_notes_the_partners_person_who_opens_a_lead_or_the_list_of_leads(network: Network) -> None:
    partner = network.partner(name="Meier")
    assignment = accepted_lead(network)
    first = member(network, "first@meier.example", "PARTNER_REP", partner)
    second = member(network, "second@meier.example", "PARTNER_REP", partner)

    with clock.set_to(NOON + HOUR):
        logged_in(Client(), first).get(f"/assignments/{assignment.id}/")
        logged_in(Client(), second).get("/assignments/")

    lead = network.again(assignment.lead)
    assert sorted(seen(network, lead)) == [("First", "Meier", 1), ("Second", "Meier", 1)]


def test_notes_whoever_sees_names_on_the_board(network: Network) -> None:
    leads = [network.lead() for _ in range(3)]
    client = at_desk(network, "ANALYST")

    with clock.set_to(NOON):
        page = client.get("/leads/", {"status": "OPEN"}).content.decode()
        client.get("/leads/", {"external_id": "nothing-like-it"})

    assert page.count("Erika Beispiel") >= len(leads)
    assert [seen(network, lead) for lead in leads] == [[("Analyst", "", 1)]] * len(leads)


def test_notes_no_lead_that_the_board_does_not_list(network: Network) -> None:
    lead = network.lead()

    at_desk(network).get("/leads/", {"external_id": "nothing-like-it"})

    assert seen(network, lead) == []


def test_notes_who_sees_the_leads_that_ended(network: Network) -> None:
    partner = network.partner(name="Meier")
    assignment = accepted_lead(network)
    give_feedback(
        assignment=assignment, status="LOST", reason="PRICE", by=holder_of(assignment), at=NOON
    )
    rep = member(network, "rep@meier.example", "PARTNER_REP", partner)

    with clock.set_to(NOON + HOUR):
        page = logged_in(Client(), rep).get("/assignments/").content.decode()

    assert "Erika Beispiel" in page
    assert seen(network, assignment.lead) == [("Rep", "Meier", 1)]


def test_counts_the_manufacturers_days(network: Network) -> None:
    lead = network.lead()
    late, midnight = NOON + 10 * HOUR, NOON + 11 * HOUR

    with tenant_context(network.manufacturer.id):
        added = [
            note_disclosures([lead.id], by=network.by, at=at)
            # In March it is 23:30 and 0:30 in Berlin, both of one day in UTC.
            for at in (late + HOUR / 2, midnight + HOUR / 2, midnight + 12 * HOUR)
        ]

    assert added == [1, 1, 0]


def test_notes_nobody_who_is_not_shown_the_contact(network: Network) -> None:
    partner = network.partner()
    rep = member(network, "rep@meier.example", "PARTNER_REP", partner)
    lead = network.lead()
    (offer,) = network.offers(lead)

    with clock.set_to(NOON):
        page = logged_in(Client(), rep).get(f"/offers/{offer.id}/")

    assert page.status_code == 200
    assert seen(network, lead) == []


def test_notes_each_program_that_reads_a_contact(network: Network) -> None:
    """Every call of the API whose answer holds the contact leaves a note of its key."""
    partner = network.partner(name="Meier")
    program, own = Api(network.key_for(partner)), Api(network.api_key)
    calls = {
        "get": lambda a: own.get(f"leads/{a.lead_id}/"),
        "list": lambda a: own.get("leads/"),
        "act": lambda a: own.post(
            f"leads/{a.lead_id}/close/", {"outcome": "LOST", "reason": "PRICE"}
        ),
        "partner's leads": lambda a: program.get("assignments/"),
        "partner's lead": lambda a: program.get(f"assignments/{a.id}/"),
        "partner's lead as a lead": lambda a: program.get(f"leads/{a.lead_id}/"),
        "work": lambda a: program.post(f"assignments/{a.id}/feedback/", {"status": "REACHED"}),
        "export": lambda a: own.post("customer-data/", {"email": ADDRESS}),
    }
    silent = []
    for name, call in calls.items():
        assignment = accepted_lead(network, at=clock.now())
        answer = call(assignment)
        assert ADDRESS.encode() in answer.body, (name, answer.status, answer.body)
        if not seen(network, assignment.lead):
            silent.append(name)

    assert silent == []


def test_notes_the_program_that_accepts_or_picks(network: Network) -> None:
    lead = network.lead(at=clock.now())
    partner = network.partner(name="Meier")
    program = Api(network.key_for(partner))
    offered = network.lead(at=clock.now())
    (offer,) = network.offers(offered)

    accepted = program.post(f"offers/{offer.id}/accept/")
    picked = program.post(f"pick-list/{lead.id}/pick/")

    assert ADDRESS.encode() in accepted.body
    assert ADDRESS.encode() in picked.body
    ((key, firm, looks),) = seen(network, offered)
    assert seen(network, lead) == [(key, firm, looks)]
    assert (key.partition(" ")[0], firm, looks) == ("test", "Meier", 1)


def test_does_not_note_that_a_program_is_shown_what_it_has_just_sent(network: Network) -> None:
    lead = network.lead()

    assert seen(network, lead) == []


def test_costs_one_look_when_it_is_known(network: Network) -> None:
    leads = [network.lead() for _ in range(10)]
    ids = [lead.id for lead in leads]

    with tenant_context(network.manufacturer.id):
        with CaptureQueriesContext(connection) as first:
            added = note_disclosures(ids, by=network.by, at=NOON)
        with CaptureQueriesContext(connection) as again:
            known = note_disclosures(ids, by=network.by, at=NOON + HOUR)
        times = set(LeadDisclosure.objects.values_list("seen_at", flat=True))

    assert (added, known) == (10, 0)
    assert (len(first), len(again)) == (2, 1)
    assert times == {NOON}


def test_is_undisturbed_by_another_look_of_the_same_moment(network: Network) -> None:
    lead = network.lead()
    with tenant_context(network.manufacturer.id):
        note_disclosures([lead.id], by=network.by, at=NOON)
        row = LeadDisclosure.objects.get()
        LeadDisclosure.objects.bulk_create(
            [
                LeadDisclosure(
                    manufacturer_id=row.manufacturer_id,
                    lead=lead,
                    actor=row.actor,
                    day=row.day,
                    seen_at=NOON + timedelta(seconds=1),
                )
            ],
            ignore_conflicts=True,
        )

        assert LeadDisclosure.objects.count() == 1


def test_shows_a_partner_nothing_of_who_else_has_seen(network: Network) -> None:
    partner = network.partner()
    assignment = accepted_lead(network)
    rep = member(network, "rep@meier.example", "PARTNER_REP", partner)

    page = logged_in(Client(), rep).get(f"/assignments/{assignment.id}/")

    assert b"Who has seen" not in page.content


def test_is_kept_when_the_contact_is_erased(network: Network) -> None:
    lead = network.lead()
    with tenant_context(network.manufacturer.id):
        note_disclosures([lead.id], by=network.by, at=NOON)

    answer = Api(network.api_key).post(f"leads/{lead.id}/erase/")

    assert json.loads(answer.body)["contact"] is None
    assert len(seen(network, lead)) == 1
