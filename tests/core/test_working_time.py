"""Working time: hours, holidays and nights in which the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from leadhub.core.working_time import (
    OFFICE_HOURS,
    HoursRefused,
    NoWorkingTime,
    Span,
    WorkCalendar,
    add_working_seconds,
    hours_from,
    is_holiday,
    parse_spans,
    turn_at,
    working_seconds_between,
    write_spans,
)

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3_600
OFFICE = WorkCalendar("Europe/Berlin", OFFICE_HOURS, "DE-BY")
ROUND_THE_CLOCK = WorkCalendar("Europe/Berlin", hours_from(["0-24"] * 7))
STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=200)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-02 09:00", 2, "2026-03-02 11:00"),
        ("2026-03-02 06:00", 2, "2026-03-02 10:00"),  # before work
        ("2026-03-02 16:00", 1, "2026-03-02 17:00"),  # to the minute work ends
        ("2026-03-02 16:00", 2, "2026-03-03 09:00"),
        ("2026-03-02 22:00", 1, "2026-03-03 09:00"),
        ("2026-03-06 16:30", 1, "2026-03-09 08:30"),  # Friday to Monday
        ("2026-03-07 12:00", 1, "2026-03-09 09:00"),  # on a Saturday
        ("2026-03-02 08:00", 54, "2026-03-09 17:00"),  # longer than a week
        ("2026-03-02 08:00", 9 * 22, "2026-03-31 17:00"),  # a month of 22 working days
        ("2026-01-05 16:00", 2, "2026-01-07 09:00"),  # Epiphany, a holiday in Bavaria
        ("2026-04-02 16:00", 2, "2026-04-07 09:00"),  # Good Friday to Easter Monday
    ],
)
def test_tells_when_working_time_has_gone_by(start: str, hours: int, end: str) -> None:
    assert add_working_seconds(at(start), hours * HOUR, OFFICE) == at(end)
    assert working_seconds_between(at(start), at(end), OFFICE) == hours * HOUR


def test_knows_the_holidays_of_one_region_and_of_a_whole_country() -> None:
    epiphany = at("2026-01-06 12:00").date()

    known = {
        region: is_holiday(epiphany, region)
        for region in ("DE-BY", "DE-BE", "DE", "AT-9", "CH-ZH", "")
    }

    assert known == {
        "DE-BY": True, "DE-BE": False, "DE": False, "AT-9": True, "CH-ZH": False, "": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("night", "hours"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2026-03-28", 24)],
    ids=["forward", "back", "usual"],
)
def test_counts_a_night_in_which_the_clocks_change_as_long_as_it_lasts(
    night: str, hours: int
) -> None:
    begin = at(f"{night} 00:00")
    next_day = begin + timedelta(days=1)  # on the wall clock

    assert working_seconds_between(begin, next_day, ROUND_THE_CLOCK) == hours * HOUR
    assert add_working_seconds(begin, hours * HOUR, ROUND_THE_CLOCK) == next_day


@pytest.mark.parametrize(
    ("night", "hours"), [("2026-03-29", 3), ("2026-10-25", 5)], ids=["forward", "back"]
)
def test_works_a_night_shift_through_the_change(night: str, hours: int) -> None:
    shift = WorkCalendar("Europe/Berlin", hours_from(["0-4"] * 7))

    worked = working_seconds_between(at(f"{night} 00:00"), at(f"{night} 12:00"), shift)

    assert worked == hours * HOUR


def test_has_no_deadline_where_nobody_works() -> None:
    with pytest.raises(NoWorkingTime):
        add_working_seconds(at("2026-03-02 09:00"), HOUR, WorkCalendar("Europe/Berlin", ((),) * 7))


AROUND_MIDNIGHT = WorkCalendar(
    "Europe/Berlin", hours_from(["", "", "", "", "20-24", "0-3, 20-24", "0-3"])
)
WITH_BREAK = WorkCalendar("Europe/Berlin", hours_from(["7-12, 13-17"] * 5 + ["", ""]), "DE-BY")


@pytest.mark.parametrize(
    ("calendar", "now", "is_working", "until"),
    [
        (WITH_BREAK, "2026-03-02 06:59", False, "2026-03-02 07:00"),
        (WITH_BREAK, "2026-03-02 07:00", True, "2026-03-02 12:00"),
        (WITH_BREAK, "2026-03-02 12:00", False, "2026-03-02 13:00"),
        (WITH_BREAK, "2026-03-02 16:59", True, "2026-03-02 17:00"),
        (WITH_BREAK, "2026-03-06 17:00", False, "2026-03-09 07:00"),  # Friday to Monday
        (WITH_BREAK, "2026-01-05 17:30", False, "2026-01-07 07:00"),  # Epiphany
        (WITH_BREAK, "2026-04-02 17:30", False, "2026-04-07 07:00"),  # over Easter
        (WITH_BREAK, "2026-03-28 12:00", False, "2026-03-30 07:00"),  # the clocks change
        (AROUND_MIDNIGHT, "2026-03-06 21:00", True, "2026-03-07 03:00"),
        (AROUND_MIDNIGHT, "2026-03-07 00:00", True, "2026-03-07 03:00"),
        (AROUND_MIDNIGHT, "2026-03-29 01:30", True, "2026-03-29 03:00"),  # 30 minutes later
        (AROUND_MIDNIGHT, "2026-10-25 01:30", True, "2026-10-25 03:00"),  # 150 minutes later
        (AROUND_MIDNIGHT, "2026-03-08 12:00", False, "2026-03-13 20:00"),
    ],
)
def test_tells_whether_somebody_works_and_until_when(
    *, calendar: WorkCalendar, now: str, is_working: bool, until: str
) -> None:
    assert turn_at(at(now), calendar) == (is_working, at(until))


def test_tells_no_end_of_what_has_none() -> None:
    never = WorkCalendar("Europe/Berlin", ((),) * 7)

    assert turn_at(at("2026-03-28 12:00"), ROUND_THE_CLOCK) == (True, None)
    assert turn_at(at("2026-03-28 12:00"), never) == (False, None)


def test_leaves_out_a_span_that_the_change_of_the_clocks_swallows() -> None:
    calendar = WorkCalendar("Europe/Berlin", hours_from([""] * 6 + ["2-3, 9-14"]))

    assert turn_at(at("2026-03-29 01:59"), calendar).until == at("2026-03-29 09:00")


def test_counts_nothing_backwards() -> None:
    assert working_seconds_between(at("2026-03-03 09:00"), at("2026-03-02 09:00"), OFFICE) == 0


instants = st.integers(min_value=0, max_value=2 * 365 * 86_400).map(
    lambda second: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
)
calendars = st.builds(
    WorkCalendar,
    time_zone=st.sampled_from(["Europe/Berlin", "Europe/Zurich", "America/New_York", "UTC"]),
    hours=st.sampled_from(
        [
            OFFICE_HOURS,
            hours_from(["0-24"] * 7),
            hours_from(["0-4, 22-24"] * 7),
            hours_from(["8-12, 13-17:30", "", "8:15-9", "", "10-20", "9-13", "2-3"]),
        ]
    ),
    holiday_region=st.sampled_from(["", "DE-BY", "AT-9", "CH-ZH"]),
)


@STEADY
@given(start=instants, seconds=st.integers(min_value=1, max_value=400 * HOUR), calendar=calendars)
def test_counts_back_what_it_added(start: datetime, seconds: int, calendar: WorkCalendar) -> None:
    end = add_working_seconds(start, seconds, calendar)

    assert working_seconds_between(start, end, calendar) == seconds


@STEADY
@given(times=st.tuples(instants, instants, instants), calendar=calendars)
def test_adds_up(times: tuple[datetime, ...], calendar: WorkCalendar) -> None:
    first, middle, last = sorted(times)

    whole = working_seconds_between(first, last, calendar)

    assert whole == sum(
        working_seconds_between(one, other, calendar)
        for one, other in ((first, middle), (middle, last))
    )
    assert whole <= (last - first).total_seconds()


@pytest.mark.parametrize(
    ("written", "spans"),
    [
        ("", ()),
        ("8-17", (Span(480, 1020),)),
        ("08:00\u201312:00, 13:00\u201317:30", (Span(480, 720), Span(780, 1050))),
        ("13.00 - 17.30; 8 bis 12", (Span(480, 720), Span(780, 1050))),
        ("0-24", (Span(0, 1440),)),
    ],
)
def test_reads_hours_as_people_write_them(written: str, spans: tuple[Span, ...]) -> None:
    assert parse_spans(written) == spans
    assert parse_spans(write_spans(spans)) == spans


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("22-6", "over_midnight"),
        ("17:00-17:00", "over_midnight"),
        ("8-12, 11-17", "overlapping"),
        ("8", "malformed"),
        ("8-25", "malformed"),
        ("8:75-9", "malformed"),
        ("all day", "malformed"),
    ],
)
def test_refuses_hours_that_make_no_sense(written: str, code: str) -> None:
    with pytest.raises(HoursRefused) as refused:
        parse_spans(written)

    assert refused.value.code == code


def test_refuses_a_week_in_which_hardly_anybody_works() -> None:
    with pytest.raises(HoursRefused) as refused:
        hours_from(["8:00-12:59", *[""] * 6])

    assert refused.value.code == "too_few"
