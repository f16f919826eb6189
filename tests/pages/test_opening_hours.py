"""Opening hours: a partner's manager states them, the desk sees them, notices go by them."""

import re
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import translation

from leadhub.core import clock
from leadhub.core.errors import InvalidInput
from leadhub.core.templatetags.shown import NOTHING
from leadhub.core.tenancy.context import system_context, tenant_context
from partners.change_words import fields_in_words
from partners.memberships import Person, add_member
from partners.models import Manufacturer, Membership, Partner, SetUpChange
from partners.notices import wishes_of
from partners.opening_hours import state_opening_hours
from partners.opening_words import opening_in_words, week_in_words
from tests.acting import HOUR, member
from tests.factories import NOON, Network
from tests.pages.acting import logged_in
from tests.pages.desks import at_desk, form_of, read, text_of
from tests.pages.phones import Phone, hold

PAGE, NOTICES = "/settings/hours/", "/account/notices/"
WEEK = ["07:00-12:00, 13:00-17:00"] * 5 + ["", ""]
ALIKE: dict[str, Any] = {
    "is_alike": "on",
    "monday_is_open": "on",
    "monday_opens": "07:00",
    "monday_closes": "12:00",
    "monday_opens_again": "13:00",
    "monday_closes_again": "17:00",
}
# 13:30 on a Monday in Berlin, and 19:00 on a Friday.
MONDAY, FRIDAY = NOON + HOUR / 2, NOON + 4 * 24 * HOUR + 6 * HOUR


@pytest.fixture
def partner(network: Network) -> Partner:
    return network.partner()


@pytest.fixture
def manager(network: Network, partner: Partner) -> Membership:
    person = Person(email="mara@partner.example", name="Mara", password="x", language="en")
    return add_member(
        manufacturer=network.manufacturer, person=person, role="PARTNER_MANAGER", partner=partner
    )


@pytest.fixture
def phone(manager: Membership) -> Phone:
    return Phone(manager)


def state(network: Network, partner: Partner, days: list[str] | None = None) -> None:
    by = network.actor_for(partner)
    state_opening_hours(partner=partner, days=WEEK if days is None else days, by=by)


def plain(text: str) -> str:
    """Leave the tags out, and write dashes as they are typed."""
    return re.sub(r"<[^>]*>", "", text).replace("\N{EN DASH}", "-")


def hours(partner: Partner) -> Any:
    with system_context("test"):
        return Partner.objects.get(id=partner.id).opening_hours


def test_states_one_day_for_all_workdays_in_one_go(
    network: Network, partner: Partner, phone: Phone
) -> None:
    empty = phone.open("/settings/")
    before = set(_changes(network))

    assert phone.send(PAGE, **ALIKE).status_code == 302

    assert "No opening hours are stated." in empty
    assert hours(partner) == WEEK
    page = phone.open("/settings/", at=MONDAY)
    assert WEEK[0] in plain(page)
    assert "Open until 17:00" in page
    (change,) = set(_changes(network)) - before
    with translation.override("en"):
        (field,) = fields_in_words(change)
    assert (change.kind, change.object_key, field.label, field.before) == (
        "partner", partner.id, "Opening hours", NOTHING,
    )  # fmt: skip
    assert plain(field.after) == "Mon-Fri 07:00-12:00, 13:00-17:00; Sat-Sun closed"


def test_suggests_usual_hours_and_shows_what_is_stated(
    network: Network, partner: Partner, phone: Phone
) -> None:
    suggested = _sent(phone)
    phone.send(PAGE, **suggested)
    first = hours(partner)
    state(network, partner, ["8-12"] * 4 + ["8-11", "9-24", ""])

    phone.send(PAGE, **_sent(phone))

    assert first == ["08:00-12:00, 13:00-17:00"] * 5 + ["", ""]
    assert hours(partner) == ["08:00-12:00"] * 4 + ["08:00-11:00", "09:00-24:00", ""]


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"monday_closes": ""}, "monday_closes", "Give both: when you open and when you close."),
        ({"monday_opens": ""}, "monday_opens", "Give both: when you open and when you close."),
        ({"monday_closes": "06:00"}, "monday_closes", "Close later than you open"),
        ({"monday_closes": "07:00"}, "monday_closes", "Close later than you open"),
        ({"monday_opens_again": "11:59"}, "monday_opens_again", "These hours overlap"),
        ({"monday_opens": "late"}, "monday_opens", "Enter a valid time."),
        (dict.fromkeys(list(ALIKE)[2:], ""), "monday_opens", "or mark the day as closed."),
        ({"sunday_is_open": "on"}, "sunday_opens", "or mark the day as closed."),
        ({"monday_is_open": ""}, "", "Give the hours of one day at least, or state none."),
    ],
)
def test_says_what_is_wrong_and_keeps_what_was(  # noqa: PLR0917
    network: Network, partner: Partner, phone: Phone, sent: dict[str, str], field: str, said: str
) -> None:
    state(network, partner, ["9-10"] + [""] * 6)

    given: dict[str, Any] = {
        name: value for name, value in {**ALIKE, **sent}.items() if value or "_is" not in name
    }
    answer = phone.send(PAGE, **given)

    assert answer.status_code == 422
    page = text_of(answer)
    assert said in page
    if field:
        assert said in page[page.index(f'id="id_{field}"') :]
    assert hours(partner) == ["09:00-10:00"] + [""] * 6


def test_ends_a_day_at_midnight_and_goes_on_the_next(partner: Partner, phone: Phone) -> None:
    night: dict[str, Any] = {
        "friday_is_open": "on", "friday_opens": "20:00", "friday_closes": "00:00",
        "saturday_is_open": "on", "saturday_opens": "00:00", "saturday_closes": "03:00",
    }  # fmt: skip

    assert phone.send(PAGE, **night).status_code == 302

    assert hours(partner) == ["", "", "", "", "20:00-24:00", "00:00-03:00", ""]
    assert 'value="00:00"' in phone.open("/settings/")
    assert "Open until Saturday 03:00" in phone.open("/settings/", at=FRIDAY + 2 * HOUR)


def test_states_nothing_any_more(network: Network, partner: Partner, phone: Phone) -> None:
    state(network, partner)

    assert phone.send(PAGE, forget="1", **ALIKE).status_code == 302

    assert hours(partner) is None


def test_is_nothing_of_representatives_nor_of_other_partners(
    network: Network, other_network: Network, partner: Partner, phone: Phone
) -> None:
    rep = Phone(member(network, "rep@partner.example", "PARTNER_REP", partner))
    rivals = [network.partner(), other_network.partner()]

    answers = [rep.send(PAGE, **ALIKE).status_code]
    answers += [phone.send(PAGE, partner=str(one.id), **ALIKE).status_code for one in rivals]

    assert answers == [404, 404, 404]
    assert [hours(one) for one in (partner, *rivals)] == [None, None, None]


def test_needs_nobodys_leave_and_moves_no_deadline(
    network: Network, partner: Partner, phone: Phone
) -> None:
    """The manufacturer's working hours decide, whatever a partner says of its own."""
    with system_context("test"):
        Manufacturer.objects.filter(id=network.manufacturer.id).update(partners_may=[])
    network.policy({"partners": 1, "response_window": 3_600}, clock="working")
    before = network.lead().respond_by

    assert phone.send(PAGE, **{**ALIKE, "monday_closes_again": "13:05"}).status_code == 302

    assert network.lead().respond_by == before


def test_the_desk_states_them_for_a_partner(
    network: Network, other_network: Network, partner: Partner
) -> None:
    address = f"/partners/{partner.id}/opening-hours/"
    desk, onlooker = at_desk(network), at_desk(network, "DISPATCHER")

    wrong = desk.post(address, {**ALIKE, "monday_closes": "06:00"})
    done = desk.post(address, ALIKE)
    refused = [onlooker.post(address, {}).status_code]
    refused.append(at_desk(other_network).post(address, {}).status_code)

    assert (wrong.status_code, done.status_code, refused) == (422, 302, [404, 404])
    assert "Close later than you open" in text_of(wrong)
    assert hours(partner) == WEEK
    page = read(onlooker, f"/partners/{partner.id}/availability/")
    assert WEEK[0] in plain(page)
    assert "opening-form" not in page


@pytest.mark.parametrize(
    ("at", "said"),
    [(MONDAY, "Open until 17:00"), (FRIDAY, "Closed, opens Monday 07:00")],
    ids=["open", "closed"],
)
def test_the_desk_sees_who_is_open_where_it_calls_and_decides(
    network: Network, partner: Partner, at: datetime, said: str
) -> None:
    state(network, partner)
    with tenant_context(network.manufacturer.id):
        Partner.objects.update(phone="+498999998124")
    assignment = hold(network)
    waiting = network.lead()
    desk = at_desk(network)
    late = f"/leads/{assignment.lead_id}/"

    with clock.set_to(at):
        pages = {
            "partner": read(desk, f"/partners/{partner.id}/"),
            "hands": read(desk, late),
            "assign": read(desk, f"/leads/{waiting.id}/assign/"),
            "found": read(desk, f"/leads/{waiting.id}/assign/?find=Partner"),
        }
    with clock.set_to(FRIDAY):
        owed = read(desk, "/leads/feedback-owed/")

    assert {name for name, page in pages.items() if said not in page} == set()
    assert pages["found"].count(said) > pages["assign"].count(said)
    assert pages["hands"].count(said) >= (2 if at == FRIDAY else 1)
    assert "Closed, opens Monday 07:00" in owed


def test_says_nothing_of_hours_that_nobody_stated(network: Network, partner: Partner) -> None:
    page = read(at_desk(network), f"/partners/{partner.id}/")

    assert "The partner has stated none." in page
    assert "Open until" not in page
    assert "Closed" not in page


@pytest.mark.parametrize(
    ("region", "said"),
    [("DE-BY", "Closed, opens Wednesday 07:00"), ("DE-BE", "Open until 17:00")],
)
def test_is_closed_on_holidays_of_the_manufacturers_region(
    network: Network, partner: Partner, region: str, said: str
) -> None:
    state(network, partner)
    with system_context("test"):
        Manufacturer.objects.filter(id=network.manufacturer.id).update(holiday_region=region)
    desk = at_desk(network)

    with clock.set_to(datetime(2026, 1, 6, 14, tzinfo=ZoneInfo("Europe/Berlin"))):
        page = read(desk, f"/partners/{partner.id}/")

    assert said in page


@pytest.mark.parametrize(
    ("is_open", "until", "english", "german"),
    [
        (True, "2026-03-02 17:00", "Open until 17:00", "Geöffnet bis 17:00 Uhr"),
        (True, "2026-03-03 00:00", "Open until 24:00", "Geöffnet bis 24:00 Uhr"),
        (True, "2026-03-03 02:00", "Open until Tuesday 02:00", "Geöffnet bis Dienstag 02:00 Uhr"),
        (False, "2026-03-02 15:00", "Closed, opens at 15:00", "Geschlossen, öffnet um 15:00 Uhr"),
        (
            False,
            "2026-03-03 00:00",
            "Closed, opens Tuesday 00:00",
            "Geschlossen, öffnet Dienstag 00:00 Uhr",
        ),
        (
            False,
            "2026-03-09 07:00",
            "Closed, opens 9 Mar 2026 07:00",
            "Geschlossen, öffnet 09.03.2026 07:00 Uhr",
        ),
        (False, None, "Closed", "Geschlossen"),
        (True, None, "Open around the clock", "Rund um die Uhr geöffnet"),
    ],
)
def test_says_in_words_how_it_stands(
    *, is_open: bool, until: str | None, english: str, german: str
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    instant = until and datetime.fromisoformat(until).replace(tzinfo=zone)

    for language, words in (("en", english), ("de", german)):
        with translation.override(language):
            said = opening_in_words(is_open=is_open, until=instant or None, at=NOON)
        assert said == words


def test_writes_a_week_in_few_lines() -> None:
    week = ["8-12", "8-12", "", "0-24", "8-12", "", ""]

    with translation.override("de"):
        found = [(plain(one.days), plain(one.hours)) for one in week_in_words(week)]
        assert found == [
            ("Mo-Di", "08:00-12:00"),
            ("Mi", "geschlossen"),
            ("Do", "rund um die Uhr"),
            ("Fr", "08:00-12:00"),
            ("Sa-So", "geschlossen"),
        ]


@pytest.mark.parametrize(
    ("days", "field", "code"),
    [
        (["8-12"] * 6, "days", "malformed"),
        ([""] * 7, "days", "too_few"),
        (["8-12", "22-6"] + [""] * 5, "days.1", "over_midnight"),
        (["8-12, 11-14"] + [""] * 6, "days.0", "overlapping"),
        (["8-9, 10-11, 12-13"] + [""] * 6, "days.0", "too_many"),
    ],
)
def test_refuses_hours_that_make_no_sense(
    network: Network, partner: Partner, days: list[str], field: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        state(network, partner, days)

    assert (refused.value.field, refused.value.code) == (field, code)
    assert hours(partner) is None


def test_tells_a_person_where_quiet_time_comes_from_and_lets_them_choose_with_one_tap(
    network: Network, partner: Partner, manager: Membership
) -> None:
    client = logged_in(Client(), manager)
    said = {
        "nothing": "Now: no quiet hours; you are told at any hour.",
        "business": "Now: it is quiet while your business is closed",
        "own": "Now: quiet hours of your own, 20:00 to 07:00.",
    }
    unstated = read(client, NOTICES)
    state(network, partner)
    stated = read(client, NOTICES)
    pages = {}
    for quiet in ("none", "own", "business"):
        assert client.post(f"{NOTICES}quiet/", {"quiet": quiet}).status_code == 302
        pages[quiet] = read(client, NOTICES)

    assert said["nothing"] in unstated
    assert "Quiet while we are closed" not in unstated
    assert said["business"] in stated
    assert WEEK[0] in plain(stated)
    assert "New offers do not wait for you" in stated
    assert said["nothing"] in pages["none"]
    assert said["own"] in pages["own"]
    assert said["business"] in pages["business"]
    client.post(f"{NOTICES}quiet/", {"quiet": "loud"})
    assert "This cannot be chosen." in (page := read(client, NOTICES))
    assert said["business"] in page


def test_keeps_all_else_that_a_person_chose(manager: Membership) -> None:
    client = logged_in(Client(), manager)
    own = {"quiet_from": "21:00", "quiet_until": "06:00", "offers_anytime": "on"}
    client.post(f"{NOTICES}quiet/", {"quiet": "none"})

    kept = client.post(NOTICES, form_of(read(client, NOTICES)) | own)
    with_own = _wishes(manager)
    client.post(f"{NOTICES}quiet/", {"quiet": "none"})

    assert kept.status_code == 302
    assert (with_own.quiet_from, with_own.rings_anytime) == (time(21), False)
    now = _wishes(manager)
    assert (now.quiet_from, now.rings_anytime, now.offers_anytime) == (None, True, True)
    assert now.channels == with_own.channels


def _wishes(membership: Membership) -> Any:
    return wishes_of(membership.user_id)


def _changes(network: Network) -> list[SetUpChange]:
    with tenant_context(network.manufacturer.id):
        return list(SetUpChange.objects.order_by("recorded_at", "id"))


def _sent(phone: Phone) -> dict[str, Any]:
    """What the form for opening hours would send as it stands on the page."""
    page = " ".join(phone.open("/settings/").split())
    form = page[page.index('action="/settings/hours/"') :]
    form = '<form method="post" novalidate ' + form[: form.index("</form>")] + "</form>"
    return {name: value for name, value in form_of(form).items() if name != "partner"}
