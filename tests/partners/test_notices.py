"""How a person is told: by the channels they chose that lead somewhere, and not in quiet hours."""

from datetime import UTC, datetime, time

import pytest
from django.conf import LazySettings

from leadhub.core.working_time import WorkCalendar, calendar_of
from partners.models import Topic
from partners.notices import (
    EMAIL,
    PUSH,
    SMS,
    USUAL,
    Quiet,
    Wishes,
    channels_for,
    not_before,
    quiet_of,
)

BERLIN = "Europe/Berlin"
NIGHT = Wishes(quiet_from=time(22), quiet_until=time(7))


def utc(day: int, hour: int, minute: int = 0, month: int = 1) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_tells_by_mail_and_push_unless_something_else_was_chosen() -> None:
    assert channels_for(Wishes(), Topic.OFFERS, has_device=True) == (EMAIL, PUSH)


def test_tells_by_what_was_chosen_for_the_topic_alone(settings: LazySettings) -> None:
    settings.SMS_URL = "log:"
    wishes = Wishes(phone="+498912345", channels={Topic.OFFERS: ["SMS"]})

    assert channels_for(wishes, Topic.OFFERS, has_device=True) == (SMS,)
    assert channels_for(wishes, Topic.WORK, has_device=True) == tuple(USUAL[Topic.WORK])


@pytest.mark.parametrize(
    ("channels", "reached"), [(["PUSH", "SMS"], ("EMAIL",)), (["EMAIL", "PUSH"], ("EMAIL",))]
)
def test_takes_mail_where_what_was_chosen_leads_nowhere(
    channels: list[str], reached: tuple[str, ...]
) -> None:
    wishes = Wishes(channels={Topic.OFFERS: channels})

    assert channels_for(wishes, Topic.OFFERS, has_device=False) == reached


def test_tells_nothing_of_what_nobody_wants_to_know() -> None:
    assert channels_for(Wishes(channels={Topic.CHANGES: []}), Topic.CHANGES, has_device=True) == ()


@pytest.mark.parametrize("topic", [Topic.OFFERS, Topic.WORK])
def test_tells_of_offers_and_work_whatever_was_chosen(topic: Topic) -> None:
    assert channels_for(Wishes(channels={topic: []}), topic, has_device=True) == (EMAIL,)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (utc(10, 20, 59), utc(10, 20, 59)),  # 21:59 in Berlin
        (utc(10, 21), utc(11, 6)),  # 22:00
        (utc(10, 23, 30), utc(11, 6)),  # 00:30
        (utc(11, 5, 59), utc(11, 6)),  # 06:59
        (utc(11, 6), utc(11, 6)),  # 07:00
    ],
)
def test_waits_until_quiet_hours_over_midnight_end(at: datetime, due: datetime) -> None:
    assert not_before(NIGHT, Topic.WORK, at=at, zone=BERLIN) == due


@pytest.mark.parametrize(("hour", "due"), [(11, 11), (12, 14), (13, 14), (14, 14)])
def test_waits_until_quiet_hours_of_a_day_end(hour: int, due: int) -> None:
    wishes = Wishes(quiet_from=time(13), quiet_until=time(15))

    assert not_before(wishes, Topic.WORK, at=utc(10, hour), zone=BERLIN) == utc(10, due)


def test_goes_by_the_persons_zone_before_the_manufacturers() -> None:
    wishes = NIGHT._replace(time_zone="America/New_York")

    assert not_before(wishes, Topic.WORK, at=utc(10, 22), zone=BERLIN) == utc(10, 22)


def test_lets_new_offers_through_for_those_who_want_them_at_any_hour() -> None:
    wishes = NIGHT._replace(offers_anytime=True)

    assert not_before(wishes, Topic.OFFERS, at=utc(10, 23), zone=BERLIN) == utc(10, 23)
    assert not_before(wishes, Topic.WORK, at=utc(10, 23), zone=BERLIN) == utc(11, 6)


def test_ends_quiet_hours_by_the_clock_in_the_night_it_is_changed() -> None:
    # On 29 March 2026 clocks in Berlin go from 2:00 to 3:00: 7:00 is 5:00 UTC then.
    assert not_before(NIGHT, Topic.WORK, at=utc(28, 22, month=3), zone=BERLIN) == utc(
        29, 5, month=3
    )


MONDAY_TO_FRIDAY = calendar_of(BERLIN, ("07:00-12:00, 13:00-17:00",) * 5 + ("", ""), "DE-BY")


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (utc(12, 5, 59), utc(12, 6)),  # 06:59 on a Monday in Berlin
        (utc(12, 6), utc(12, 6)),
        (utc(12, 11), utc(12, 12)),  # at noon
        (utc(12, 15, 59), utc(12, 15, 59)),
        (utc(16, 16), utc(19, 6)),  # Friday evening
        (utc(5, 16), utc(7, 6)),  # before Epiphany
        (utc(27, 17, month=3), utc(30, 5, month=3)),  # over the night the clocks change
    ],
)
@pytest.mark.parametrize("topic", [Topic.OFFERS, Topic.WORK, Topic.CHANGES])
def test_waits_until_the_business_opens_for_those_who_chose_nothing(
    at: datetime, due: datetime, topic: str
) -> None:
    assert not_before(Wishes(), topic, at=at, zone=BERLIN, business=MONDAY_TO_FRIDAY) == due


def test_goes_by_what_somebody_chose_before_the_hours_of_the_business() -> None:
    evening, night = utc(12, 18), utc(12, 22)
    anytime = Wishes(rings_anytime=True)

    def due(wishes: Wishes, topic: str, at: datetime) -> datetime:
        return not_before(wishes, topic, at=at, zone=BERLIN, business=MONDAY_TO_FRIDAY)

    assert due(NIGHT, Topic.WORK, evening) == evening
    assert due(NIGHT, Topic.WORK, night) == utc(13, 6)
    assert due(anytime, Topic.WORK, night) == night
    assert due(Wishes(offers_anytime=True), Topic.OFFERS, night) == night
    assert due(Wishes(offers_anytime=True), Topic.WORK, night) == utc(13, 6)


def test_holds_nothing_back_for_a_business_that_does_not_open_again() -> None:
    never = WorkCalendar(BERLIN, ((),) * 7)

    assert not_before(Wishes(), Topic.WORK, at=utc(12, 3), zone=BERLIN, business=never) == utc(
        12, 3
    )


@pytest.mark.parametrize(
    ("wishes", "has_hours", "quiet"),
    [
        (Wishes(), False, Quiet.NONE),
        (Wishes(), True, Quiet.BUSINESS),
        (NIGHT, True, Quiet.OWN),
        (NIGHT, False, Quiet.OWN),
        (Wishes(rings_anytime=True), True, Quiet.NONE),
    ],
)
def test_tells_where_quiet_time_comes_from(
    *, wishes: Wishes, has_hours: bool, quiet: Quiet
) -> None:
    assert quiet_of(wishes, has_hours=has_hours) == quiet


def test_ends_quiet_hours_at_an_hour_that_does_not_exist_that_night() -> None:
    wishes = Wishes(quiet_from=time(22), quiet_until=time(2, 30))

    due = not_before(wishes, Topic.WORK, at=utc(28, 22, month=3), zone=BERLIN)

    assert utc(29, 1, month=3) <= due <= utc(29, 2, month=3)
