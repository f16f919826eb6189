"""A partner's leads: by what is due, and one to work on."""

from decimal import Decimal
from typing import Any

import pytest

from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import tenant_context
from leads.dispatch import reroute_lead
from leads.feedback import give_feedback, record_contact, return_lead
from leads.models import Assignment, LeadFeedback
from partners.models import Partner
from tests.acting import DAY, HOUR, MINUTE, accept, again, facts_of, holder_of
from tests.factories import NOON, Network
from tests.pages.phones import (
    SOON,
    Phone,
    counted,
    hold,
    is_whole,
    path_of,
    person_of,
    phone_of,
    read,
)


@pytest.fixture
def partner(network: Network) -> Partner:
    """A partner that holds leads."""
    return network.partner(name="Alpha Heating")


@pytest.fixture
def phone(network: Network, partner: Partner) -> Phone:
    """The phone of somebody of the partner."""
    return phone_of(network, partner)


@pytest.fixture
def held(network: Network, partner: Partner) -> Assignment:
    """A lead that the partner accepted a minute ago."""
    return hold(network)


def reports_on(assignment: Assignment) -> list[LeadFeedback]:
    """What was reported on a lead, oldest first."""
    with tenant_context(assignment.manufacturer_id):
        return list(LeadFeedback.objects.filter(assignment=assignment).order_by("given_at"))


def test_shows_everything_about_the_customer_to_who_holds_the_lead(
    network: Network, partner: Partner, phone: Phone
) -> None:
    held = hold(network, wish="We freeze.", evidence="Asked for a quote", temperature="HOT")

    page = phone.open(path_of(held))

    for fact in (
        *("Erika Beispiel", 'href="tel:+498999998123"', 'href="mailto:erika@example.com"'),
        *("We freeze.", "Asked for a quote", "Hot", "Heat pumps", "Hauptstraße 7, 80331 München"),
        "geo:48.13450,11.57100?q=Hauptstra%C3%9Fe%207%2C%2080331%20M%C3%BCnchen",
    ):
        assert fact in page
    assert "http://maps" not in page


@pytest.mark.parametrize("act", ["", "contact", "feedback", "return"])
def test_hides_leads_of_others(network: Network, held: Assignment, act: str) -> None:
    stranger = phone_of(network, network.partner())

    for whose in (held.id, new_id(), "nonsense"):
        path = f"/assignments/{whose}/" + (f"{act}/" if act else "")
        if act:
            response = stranger.send(path, is_reached="yes", status="REACHED", reason="OTHER")
        else:
            response = stranger.ask(path)
        assert response.status_code == 404
    assert again(held).contacted_at is None


def test_does_nothing_when_an_address_is_only_opened(held: Assignment, phone: Phone) -> None:
    for act in ("contact", "feedback", "return"):
        assert phone.ask(path_of(held, act)).status_code == 405


@pytest.mark.parametrize(("said", "fact"), [("no", "contact.attempted"), ("yes", "contact.made")])
def test_notes_whether_the_customer_was_reached(
    network: Network, held: Assignment, phone: Phone, said: str, fact: str
) -> None:
    response = phone.tap(path_of(held, "contact"), is_reached=said)

    assert response.status_code == 200
    assert not is_whole(read(response))
    assert "Noted:" in read(response)
    assert facts_of(network, held.lead)[-1] == fact
    assert (again(held).contacted_at is not None) == (said == "yes")


def test_goes_on_without_scripts(held: Assignment, phone: Phone) -> None:
    response = phone.send(path_of(held, "contact"), is_reached="yes")

    assert response.headers["Location"] == path_of(held)
    assert "Noted: reached." in phone.open(path_of(held))


@pytest.mark.parametrize("status", ["REACHED", "NOT_REACHABLE", "APPOINTMENT", "QUOTE_SENT"])
def test_reports_in_one_tap(held: Assignment, phone: Phone, status: str) -> None:
    response = phone.tap(path_of(held, "feedback"), status=status)

    assert response.status_code == 200
    (report,) = reports_on(held)
    assert (report.status, report.note, report.is_as_described) == (status, "", None)


def test_takes_a_note_and_whether_it_was_as_described(held: Assignment, phone: Phone) -> None:
    before = phone.open(path_of(held))
    response = phone.tap(
        path_of(held, "feedback"), status="APPOINTMENT", note="Tuesday at ten", is_as_described="no"
    )

    (report,) = reports_on(held)
    assert (report.note, report.is_as_described) == ("Tuesday at ten", False)
    assert "Tuesday at ten" in read(response)
    assert "Was the enquiry as described?" in before
    assert "Was the enquiry as described?" not in read(response)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(("12500", "12500"), ("12.500,50", "12500.50"), ("12,500.50", "12500.50")),
        *(("12.500", "12500"), ("€ 1.234.567,-", "1234567"), ("12'500", "12500")),
    ],
)
def test_closes_a_lead_as_won_for_an_amount_however_written(
    held: Assignment, phone: Phone, written: str, value: str
) -> None:
    response = phone.tap(path_of(held, "feedback"), status="WON", value=written)

    assert response.status_code == 200
    assert (again(held).outcome, again(held).value) == ("WON", Decimal(value))
    assert "Congratulations" in read(response)


@pytest.mark.parametrize("written", ["", "much", "0", "-5", "12.34.56", "99999999999", "1e9"])
def test_asks_for_the_amount_again_in_the_sheet(
    held: Assignment, phone: Phone, written: str
) -> None:
    response = phone.tap(path_of(held, "feedback"), status="WON", value=written)
    without_scripts = phone.send(path_of(held, "feedback"), status="WON", value=written)

    assert response.status_code == without_scripts.status_code == 422
    assert response.headers["HX-Retarget"] == "#won-form"
    assert "won-form" in read(response)
    assert "error" in read(response)
    assert read(without_scripts).count('id="won-form"') == 1
    assert again(held).outcome is None


def test_closes_a_lead_as_lost_with_a_reason_in_one_tap(held: Assignment, phone: Phone) -> None:
    response = phone.tap(path_of(held, "feedback"), status="LOST", reason="COMPETITOR")

    assert (again(held).outcome, again(held).lost_reason) == ("LOST", "COMPETITOR")
    assert "Reason: Bought elsewhere." in read(response)


def test_gives_a_lead_back_and_sees_the_customer_no_more(
    network: Network, held: Assignment, phone: Phone
) -> None:
    response = phone.tap(path_of(held, "return"), reason="WRONG_DATA")

    page = read(response)
    assert "Returned" in page
    assert "Contact data is wrong" in page
    for path in (path_of(held), "/assignments/"):
        assert "Beispiel" not in phone.open(path)
    assert "+498999998123" not in page
    assert again(held.lead).status in ("OFFERED", "OPEN")


@pytest.mark.parametrize(
    ("act", "sent"),
    [
        ("contact", {}),
        ("contact", {"is_reached": "perhaps"}),
        ("feedback", {"status": "SOLD"}),
        ("feedback", {"status": "LOST", "reason": "BORED"}),
        ("feedback", {"status": "REACHED", "note": "x" * 2_001}),
        ("return", {"reason": ""}),
    ],
)
def test_changes_nothing_that_it_does_not_understand(
    held: Assignment, phone: Phone, act: str, sent: dict[str, Any]
) -> None:
    response = phone.tap(path_of(held, act), **sent)

    assert response.status_code == 422
    assert "Nothing was changed" in read(response)
    assert (again(held).outcome, again(held).contacted_at, reports_on(held)) == (None, None, [])


def test_refuses_lost_without_a_reason_in_place(held: Assignment, phone: Phone) -> None:
    response = phone.tap(path_of(held, "feedback"), status="LOST")

    assert response.status_code == 422
    assert "Say why the customer did not buy." in read(response)
    assert again(held).outcome is None


def test_repeats_a_closing_without_harm(network: Network, held: Assignment, phone: Phone) -> None:
    for _ in range(2):
        response = phone.tap(path_of(held, "feedback"), status="WON", value="500")
        assert response.status_code == 200

    assert facts_of(network, held.lead).count("lead.won") == 1


@pytest.mark.parametrize("how", ["returned", "taken back", "lost"])
def test_offers_nothing_to_do_with_a_lead_that_ended(
    network: Network, held: Assignment, phone: Phone, how: str
) -> None:
    by = holder_of(held)
    if how == "returned":
        return_lead(assignment=held, reason="OTHER", by=by, at=SOON)
    elif how == "taken back":
        reroute_lead(lead=held.lead, by=network.by, at=SOON)
    else:
        give_feedback(assignment=held, status="LOST", reason="PRICE", by=by, at=SOON)

    page = phone.open(path_of(held))
    response = phone.tap(path_of(held, "contact"), is_reached="yes")

    assert "<form" not in page.partition('id="main"')[2]
    assert response.status_code == 409
    assert "This lead is closed or was returned" in read(response)
    assert "<form" not in read(response)


def test_says_nothing_of_whoever_has_the_lead_now(
    network: Network, held: Assignment, phone: Phone
) -> None:
    rival = network.partner(name="Rival Heating")
    return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=SOON)
    offer = next(o for o in network.offers(held.lead) if o.partner_id == rival.id)
    accept(offer, at=SOON)
    rivals = phone_of(network, rival)
    won = network.assignments(held.lead)[-1]
    rivals.tap(path_of(won, "feedback"), status="WON", value="4321", note="Canary")

    for page in (phone.open(path_of(held)), phone.open("/assignments/")):
        for secret in ("Rival", "4,321", "Canary", "Won", "Beispiel", str(rival.id)):
            assert secret not in page


def test_shows_the_customer_only_where_the_lead_is_in_hands(
    network: Network, partner: Partner, held: Assignment
) -> None:
    """Somebody works for both: for the one that gave the lead back, and the one that has it now."""
    second = network.partner(name="Beta Heating")
    person_of(network, partner, "robin@both.example")
    both = phone_of(network, second, "robin@both.example")
    return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=SOON)
    offer = next(o for o in network.offers(held.lead) if o.partner_id == second.id)
    now_held = accept(offer, at=SOON)

    assert "Erika Beispiel" in both.open(path_of(now_held))
    assert "Beispiel" not in both.open(path_of(held))


def test_tells_what_happened_once(network: Network, held: Assignment, phone: Phone) -> None:
    by = holder_of(held)
    for minutes in (1, 2):
        at = NOON + minutes * MINUTE
        record_contact(assignment=held, is_reached=False, contacted_at=at, by=by, at=at)
    give_feedback(assignment=held, status="APPOINTMENT", note="At ten", by=by, at=NOON + HOUR)
    give_feedback(
        assignment=held, status="WON", value=Decimal(900), note="Done", by=by, at=NOON + DAY
    )

    page = phone.open(path_of(held), at=NOON + 2 * DAY).partition("timeline-list")[2]

    assert page.count("Tried to reach") == 1
    assert page.count("Appointment made") == 1
    assert page.count("timeline-mark") == 4
    assert page.index("Done") < page.index("At ten") < page.index("You accepted the lead")


def test_shows_times_where_the_manufacturer_is(held: Assignment, phone: Phone) -> None:
    # noon in UTC is one o'clock in Berlin in March
    assert "today, 13:00" in phone.open(path_of(held))


def test_asks_the_database_as_often_for_a_long_past_as_for_a_short_one(
    held: Assignment, phone: Phone
) -> None:
    with counted() as for_short:
        phone.open(path_of(held))
    for hours in range(1, 10):
        at = NOON + hours * HOUR
        give_feedback(assignment=held, status="REACHED", note="x", by=holder_of(held), at=at)
    with counted() as for_long:
        phone.open(path_of(held), at=NOON + DAY)

    assert len(for_long) == len(for_short)
