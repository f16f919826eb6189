"""What else a partner does with a lead in its hands, on the phone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import tenant_context
from leads.erasure import erase_lead
from leads.feedback import record_contact, return_lead
from leads.models import Assignment, LeadDisclosure, LeadNote, Reminder
from leads.reminders import set_reminder
from partners.models import Partner
from tests.acting import DAY, HOUR, MINUTE, again, facts_of, holder_of
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

TOMORROW = NOON + DAY
ACTS: dict[str, dict[str, Any]] = {
    "reminder": {"due_at": TOMORROW.isoformat()},
    "reminder/end": {"reminder": str(new_id()), "as_": "DONE"},
    "notes": {"text": "has a dog"},
    "hand-over": {"user": str(new_id())},
    "stage": {"chance": "HIGH"},
}


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


def reminders_of(held: Assignment) -> list[Reminder]:
    """What reminders a lead has and had."""
    with tenant_context(held.manufacturer_id):
        return list(Reminder.objects.filter(assignment=held).order_by("set_at", "id"))


def remind(held: Assignment, *, hours: int = 24, text: str = "") -> Reminder:
    """Set a reminder."""
    due_at = SOON + timedelta(hours=hours)
    return set_reminder(assignment=held, due_at=due_at, text=text, by=holder_of(held), at=SOON)


@pytest.mark.parametrize("act", ACTS)
def test_hides_leads_of_others(network: Network, held: Assignment, act: str) -> None:
    stranger = phone_of(network, network.partner())

    for whose in (held.id, new_id()):
        response = stranger.send(f"/assignments/{whose}/{act}/", **ACTS[act])
        assert response.status_code == 404
    assert len(facts_of(network, held.lead)) == len(facts_of(network, again(held.lead)))


@pytest.mark.parametrize("act", ACTS)
def test_does_nothing_when_an_address_is_only_opened(
    held: Assignment, phone: Phone, act: str
) -> None:
    assert phone.ask(path_of(held, act)).status_code == 405


@pytest.mark.parametrize("act", ACTS)
def test_says_so_when_the_lead_is_gone(held: Assignment, phone: Phone, act: str) -> None:
    return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=SOON)

    response = phone.tap(path_of(held, act), **ACTS[act])

    assert response.status_code == 409
    assert "nothing more can be reported on it" in read(response)


@pytest.mark.parametrize("act", [act for act in ACTS if act != "reminder/end"])
def test_says_what_is_missing(held: Assignment, phone: Phone, act: str) -> None:
    response = phone.tap(path_of(held, act))

    assert response.status_code == 422
    assert 'role="alert"' in read(response) or "toast" in read(response)


def test_reminds_at_a_suggested_time_in_one_tap(held: Assignment, phone: Phone) -> None:
    page = phone.open(path_of(held))
    times = re.findall(r'name="due_at" value="([^"]+)"', page) or re.findall(
        r'value="([^"]+)"[^>]*name="due_at"', page
    )

    # The factory's network is in Berlin, the test at 13:01 there on a Monday.
    assert times[:3] == [
        "2026-03-02T15:00:00+01:00", "2026-03-03T08:00:00+01:00", "2026-03-09T08:00:00+01:00",
    ]  # fmt: skip
    response = phone.tap(path_of(held, "reminder"), due_at=times[1])

    assert (response.status_code, is_whole(read(response))) == (200, False)
    assert "Reminder: " in read(response)
    (reminder,) = reminders_of(held)
    assert reminder.due_at.isoformat() == "2026-03-03T07:00:00+00:00"


def test_reminds_on_a_day_and_at_an_hour_of_the_partners_zone(
    held: Assignment, phone: Phone
) -> None:
    phone.send(path_of(held, "reminder"), day="2026-04-02", hour="14:30", text="the quote")

    (reminder,) = reminders_of(held)
    assert reminder.due_at.isoformat() == "2026-04-02T12:30:00+00:00"
    assert "the quote" in phone.open(path_of(held))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"day": "2026-04-02"}, "Choose a day and an hour."),
        ({"day": "2026-03-01", "hour": "08:00"}, "Choose a time that lies ahead."),
        ({"day": "2028-03-01", "hour": "08:00"}, "Choose a time within the next year."),
        ({"day": "2026-03-29", "hour": "02:30"}, "be interpreted in time zone"),
    ],
)
def test_says_why_a_time_is_none(
    held: Assignment, phone: Phone, sent: dict[str, Any], said: str
) -> None:
    response = phone.tap(path_of(held, "reminder"), **sent)

    assert response.status_code == 422
    assert said in read(response).replace("&#x27;", "'")
    assert reminders_of(held) == []


def test_puts_what_somebody_wanted_to_look_at_first(
    network: Network, held: Assignment, phone: Phone
) -> None:
    other = hold(network)
    remind(held, hours=1, text="the quote")

    before = phone.open("/assignments/")
    after = phone.open("/assignments/", at=SOON + HOUR)

    assert "Needs you now" not in before
    assert "Needs you now" in after
    assert after.index(path_of(held)) < after.index(path_of(other))
    assert "the quote" in after
    assert after.count(f'href="{path_of(held)}"') == 1


def test_is_done_in_one_tap_from_the_list(held: Assignment, phone: Phone) -> None:
    reminder = remind(held, hours=1)
    sent = {"reminder": str(reminder.id), "as_": "DONE"}

    response = phone.tap(path_of(held, "reminder/end"), target="work", at=SOON + HOUR, **sent)

    assert 'id="work"' in read(response)
    assert "Needs you now" not in read(response)
    assert again(reminder).ended_as == "DONE"


def test_leads_back_to_the_list_without_scripts(held: Assignment, phone: Phone) -> None:
    record_contact(assignment=held, is_reached=True, contacted_at=SOON, by=holder_of(held), at=SOON)
    page = phone.open("/assignments/", at=SOON + MINUTE)
    assert "Still working on it" in page

    response = phone.send(path_of(held, "feedback"), status="REACHED", back="list")

    assert response.headers["Location"] == "/assignments/"
    assert again(held).first_feedback_at == SOON


def test_does_not_ask_to_be_told_of_progress_where_nobody_was_reached(
    network: Network, held: Assignment, phone: Phone
) -> None:
    late = NOON + 2 * DAY
    record_contact(
        assignment=held, is_reached=False, contacted_at=SOON, by=holder_of(held), at=SOON
    )

    page = phone.open("/assignments/", at=late)

    assert "Still working on it" not in page
    assert 'value="NOT_REACHABLE"' in page
    assert 'value="APPOINTMENT"' in page


def test_keeps_a_note_and_shows_it(held: Assignment, phone: Phone) -> None:
    response = phone.tap(path_of(held, "notes"), text="has a <dog>")

    assert "has a &lt;dog&gt;" in read(response)
    with tenant_context(held.manufacturer_id):
        (note,) = LeadNote.objects.all()
    assert note.user_id is not None


def test_hands_a_lead_over_to_a_colleague(
    network: Network, partner: Partner, held: Assignment, phone: Phone
) -> None:
    colleague = person_of(network, partner, "colleague@partner.example")
    page = phone.open(path_of(held))
    assert str(colleague.user_id) in page

    response = phone.tap(path_of(held, "hand-over"), user=str(colleague.user_id))

    assert "Handed over to Robin Rep" in read(response)
    assert again(held).user_id == colleague.user_id


def test_keeps_what_is_expected(held: Assignment, phone: Phone) -> None:
    response = phone.tap(
        path_of(held, "stage"), chance="MEDIUM", month="2026-05-01", value="12,500"
    )

    assert "Medium · May 2026" in read(response)
    kept = again(held)
    assert (kept.closing_chance, kept.expected_value) == ("MEDIUM", 12_500)


def test_gives_an_entry_that_calendars_read(
    network: Network, held: Assignment, phone: Phone
) -> None:
    reminder = remind(held, text="Ärger, mit dem; Kessel")

    response = phone.ask(path_of(held, "calendar"))

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="lead.ics"'
    assert "no-store" in response.headers["Cache-Control"]
    assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
    calendar = Calendar.from_ical(response.content)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["version"], bool(calendar["prodid"])) == ("2.0", True)
    assert event.decoded("dtstart") == reminder.due_at
    assert event.decoded("dtend") - event.decoded("dtstart") == HOUR
    assert str(event["location"]) == "Hauptstraße 7, 80331 München"
    assert str(event["summary"]).startswith("Erika Beispiel: ")
    assert "Ärger, mit dem; Kessel\n+498999998123" in str(event["description"])
    assert str(event["uid"]).startswith(str(reminder.id))
    assert len(event.walk("VALARM")) == 1
    with tenant_context(network.manufacturer.id):
        assert LeadDisclosure.objects.filter(lead=held.lead).count() == 1


@pytest.mark.parametrize("why", ["no reminder", "stranger", "returned", "erased"])
def test_gives_no_entry_to_who_has_no_business_with_it(
    network: Network, held: Assignment, phone: Phone, why: str
) -> None:
    if why != "no reminder":
        remind(held)
    if why == "returned":
        return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=SOON)
    if why == "erased":
        erase_lead(lead=held.lead, by=network.by, at=SOON)
    asker = phone_of(network, network.partner()) if why == "stranger" else phone

    assert asker.ask(path_of(held, "calendar")).status_code == 404


def test_offers_neither_notes_nor_reminders_on_an_erased_lead(
    network: Network, held: Assignment, phone: Phone
) -> None:
    erase_lead(lead=held.lead, by=network.by, at=SOON)

    page = phone.open(path_of(held))

    assert 'name="due_at"' not in page
    assert 'id="new-note"' not in page


def test_asks_the_database_as_often_for_ten_as_for_one(
    network: Network, held: Assignment, phone: Phone
) -> None:
    def queries() -> int:
        with counted() as captured:
            phone.open("/assignments/", at=SOON + 2 * HOUR)
        return len(captured)

    remind(held, hours=1)
    queries()
    one = queries()
    for _ in range(9):
        remind(hold(network), hours=1)
    queries()

    assert queries() == one
