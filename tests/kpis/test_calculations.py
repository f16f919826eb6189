"""The SQL agrees with a plain fold of the log, whatever happened."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from kpis.definitions import Dimension
from leadhub.core.ids import new_id
from leadhub.core.working_time import OFFICE_HOURS, WorkCalendar, hours_from
from tests.kpis.asking import ask
from tests.kpis.generated import BORDERS, worlds
from tests.kpis.oracle import Question, fold
from tests.kpis.worlds import (
    LEVELS,
    LINES,
    PARTNERS,
    PEOPLE,
    Tenant,
    World,
    make_tenant,
    store,
    utc,
)

CALENDARS = (
    WorkCalendar("Europe/Berlin", OFFICE_HOURS, "DE-BY"),
    WorkCalendar("America/New_York", hours_from(["0-4, 13-24"] * 7)),
)
DIMENSIONS = tuple(dimension.value for dimension in Dimension)


# Of many filters at once nothing would be left.
FILTERS = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {},
        optional={
            "partner": st.sampled_from(PARTNERS),
            "product_line": st.sampled_from(LINES),
        },
    ),
    *(
        st.fixed_dictionaries({name: st.sampled_from(values)})
        for name, values in {
            "user": PEOPLE,
            "region": ("DE-BY",),
            "postal_area": ("DE-80",),
            "source": ("fair",),
            "campaign": ("spring",),
            "temperature": ("HOT",),
            "certification": tuple(LEVELS),
        }.items()
    ),
)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """A period, dimensions, few filters and targets."""
    first, second = sorted(
        draw(st.lists(st.sampled_from(BORDERS), min_size=2, max_size=2, unique=True))
    )
    hour = st.none() | st.just(timedelta(hours=1))
    return Question(
        starts_at=first,
        ends_at=second,
        at=datetime(2026, 12, 1, tzinfo=UTC) - draw(st.timedeltas(timedelta(0), timedelta(200))),
        time_zone=draw(st.sampled_from(("Europe/Berlin", "America/New_York"))),
        group_by=tuple(draw(st.lists(st.sampled_from(DIMENSIONS), max_size=2, unique=True))),
        **draw(FILTERS),
        matures_after=draw(st.none() | st.timedeltas(timedelta(0), timedelta(days=200))),
        calendar=draw(st.none() | st.sampled_from(CALENDARS)),
        targets={
            "acceptance_time": draw(hour),
            "contact_time": draw(hour),
            "processing_time": draw(st.none() | st.just(timedelta(days=4))),
            "feedback_rate": 0.75,
            "conversion_rate": draw(st.none() | st.just(0.2)),
        },
    )


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=worlds(), asked=st.lists(questions(), min_size=1, max_size=4))
def test_it_agrees_with_a_plain_fold_of_the_log(
    db: None, world: World, asked: list[Question]
) -> None:
    acme = make_tenant(f"made-{new_id()}")
    store(world, acme)

    for question in asked:
        assert ask(acme, question) == fold(world, question)


def test_it_gives_the_same_without_what_costs_more(acme: Tenant) -> None:
    world = World()
    for name, partner in (("1", "A"), ("2", "A"), ("3", "B")):
        world.add_lead(name)
        world.log(name, "lead.picked", utc("2026-03-02 08:00"), partner)
    world.log("1", "contact.made", utc("2026-03-02 09:00"), "A")
    store(world, acme)
    question = _of_the_day(at=utc("2026-04-01 00:00"))

    rows, total = ask(acme, question)
    brief_rows, brief_total = ask(acme, question, is_whole=False)

    left_out = {"hit_rate", "contact_attempts", "appointments", "quotes_sent"}
    for whole, brief in zip([*rows, total], [*brief_rows, brief_total], strict=True):
        assert whole.keys() - brief.keys() == left_out
        for code, figure in brief.items():
            if code.endswith("_time"):
                assert figure["censored_median"] is None
                figure["censored_median"] = whole[code]["censored_median"]
            assert figure == whole[code]


def test_half_of_three_that_wait_long_are_not_done(acme: Tenant) -> None:
    """The plain median would call a partner fast that reached one customer and left two waiting."""
    world = World()
    for name in ("1", "2", "3"):
        world.add_lead(name)
        world.log(name, "lead.picked", utc("2026-03-02 08:00"), "A")
    world.log("1", "contact.made", utc("2026-03-02 08:10"), "A")
    store(world, acme)

    _, total = ask(acme, _of_the_day(at=utc("2026-03-05 08:00")))

    assert (total["contact_time"]["median"], total["contact_time"]["open_count"]) == (600, 2)
    assert total["contact_time"]["censored_median"] is None


def test_it_gives_the_first_worked_example(acme: Tenant) -> None:
    world = World()
    day, later = "2026-03-02", utc("2026-04-01 00:00")
    for name in ("1", "2", "3", "4"):
        world.add_lead(name)
    accepted = {"1": ("A", "08:00", "08:20"), "2": ("A", "09:00", "09:40")}
    accepted["3"] = ("B", "08:00", "10:30")
    for name, (partner, offered, at) in accepted.items():
        offered_at = utc(f"{day} {offered}").isoformat()
        world.log(name, "offer.accepted", utc(f"{day} {at}"), partner, offered_at=offered_at)
    world.log("4", "lead.assigned", utc(f"{day} 11:00"), "B")
    world.log("1", "contact.made", utc(f"{day} 09:05"), "A")
    world.log("1", "feedback.given", utc(f"{day} 09:10"), "A", status="REACHED")
    world.log("1", "lead.won", utc("2026-03-12 08:20"), "A", value="4800.00", currency="EUR")
    world.log("2", "contact.made", utc(f"{day} 12:40"), "A")
    world.log("3", "contact.made", utc(f"{day} 10:40"), "B")
    world.log("3", "feedback.given", utc(f"{day} 11:00"), "B", status="REACHED")
    world.log("3", "lead.lost", utc("2026-03-05 10:30"), "B", reason="PRICE")
    store(world, acme)

    rows, total = ask(acme, _of_the_day(at=later))

    assert [row["group"]["partner"] for row in rows] == ["A", "B"]
    assert {
        row["group"]["partner"]: {
            code: (row[code]["mean"], row[code]["count"])
            for code in ("acceptance_time", "contact_time", "processing_time")
        }
        for row in rows
    } == {
        "A": {
            "acceptance_time": (1_800, 2),
            "contact_time": (6_750, 2),
            "processing_time": (864_000, 1),
        },
        "B": {
            "acceptance_time": (9_000, 1),
            "contact_time": (600, 1),
            "processing_time": (259_200, 1),
        },
    }
    assert [_share(row, "feedback_rate") for row in rows] == [(1, 2), (1, 2)]
    assert [_share(row, "conversion_rate") for row in rows] == [(1, 2), (0, 2)]
    assert (rows[0]["acceptance_time"]["p90"], rows[0]["contact_time"]["p90"]) == (2_280, 9_990)
    assert (total["acceptance_time"]["mean"], total["acceptance_time"]["count"]) == (4_200, 3)
    assert total["acceptance_time"]["within_target"] == 2 / 3
    assert (total["contact_time"]["mean"], total["contact_time"]["count"]) == (4_700, 3)
    assert (total["feedback_rate"]["value"], total["conversion_rate"]["value"]) == (0.5, 0.25)
    assert _share(total, "win_rate") == (1, 2)
    assert total["revenue"] == total["average_order_value"] == (1, Decimal("4800.00"), "EUR", 0)


def test_it_gives_the_second_worked_example(acme: Tenant) -> None:
    world = World()
    day = "2026-03-02"
    world.add_lead("W1", lines=("windows",))
    world.add_lead("W2", lines=("windows",))
    for partner, offered, accepted in (("A", "08:00", "08:10"), ("B", "09:00", "09:30")):
        world.log(
            "W1",
            "offer.accepted",
            utc(f"{day} {accepted}"),
            partner,
            offered_at=utc(f"{day} {offered}").isoformat(),
        )
        if partner == "A":
            world.log("W1", "lead.returned", utc(f"{day} 09:00"), "A", reason="WRONG_DATA")
            world.log("W1", "return.confirmed", utc(f"{day} 09:05"), "A")
    world.log("W1", "contact.made", utc(f"{day} 09:40"), "B")
    world.log("W1", "feedback.given", utc("2026-03-04 09:30"), "B", status="WON")
    world.log("W1", "lead.won", utc("2026-03-04 09:30"), "B", value="2000.00", currency="EUR")
    world.log("W1", "lead.reopened", utc("2026-03-05 09:00"), "B")
    world.log("W1", "lead.lost", utc("2026-03-06 09:30"), "B", reason="PRICE")
    world.log("W2", "lead.picked", utc(f"{day} 12:00"), "A")
    world.log("W2", "contact.made", utc(f"{day} 12:15"), "A")
    world.log("W2", "feedback.given", utc(f"{day} 12:15"), "A", status="REACHED")
    store(world, acme)

    (a, b), total = ask(acme, _of_the_day(at=utc("2026-04-01 00:00")))

    assert (a["picks"], b["picks"]) == (2, 1)
    assert (a["acceptance_time"]["mean"], a["acceptance_time"]["count"]) == (600, 1)
    assert (a["contact_time"]["mean"], a["contact_time"]["count"]) == (900, 1)
    assert a["contact_time"]["open_count"] == 0
    assert (_share(a, "feedback_rate"), _share(a, "conversion_rate")) == ((2, 2), (0, 1))
    assert (b["acceptance_time"]["mean"], b["contact_time"]["mean"]) == (1_800, 600)
    assert (b["processing_time"]["mean"], b["processing_time"]["count"]) == (345_600, 1)
    assert (_share(b, "feedback_rate"), _share(b, "conversion_rate")) == ((1, 1), (0, 1))
    assert _share(total, "conversion_rate") == (0, 2)
    assert total["revenue"] == (0, Decimal("0.00"), "EUR", 0)


def test_it_takes_picks_from_the_first_moment_up_to_but_not_including_the_last(
    acme: Tenant,
) -> None:
    world = World()
    for at in ("2026-03-02 00:00", "2026-03-02 23:59:59.999999", "2026-03-03 00:00"):
        world.add_lead(at)
        world.log(at, "lead.picked", utc(at), "A")
    store(world, acme)

    _, total = ask(acme, _of_the_day(at=utc("2026-04-01 00:00")))

    assert total["picks"] == 2


@pytest.mark.parametrize(
    ("verdicts", "denominator"),
    [
        ((), 1),
        (("return.refused",), 1),
        (("return.confirmed",), 0),
        (("return.confirmed", "return.refused"), 1),
        (("return.refused", "return.confirmed"), 0),
    ],
)
def test_the_last_verdict_on_a_return_counts(
    acme: Tenant, verdicts: tuple[str, ...], denominator: int
) -> None:
    world = World()
    world.add_lead("L")
    for type_ in ("lead.picked", "lead.returned", *verdicts):
        world.log("L", type_, utc("2026-03-02 08:00"), "A")
    store(world, acme)

    _, total = ask(acme, _of_the_day(at=utc("2026-04-01 00:00")))

    assert _share(total, "conversion_rate") == (0, denominator)


@pytest.mark.parametrize(
    ("now", "within_target"), [("09:00:00.999999", 1.0), ("09:00:01", 0.5), ("08:10", 1.0)]
)
def test_an_open_pick_is_late_once_it_waits_longer_than_the_target(
    acme: Tenant, now: str, within_target: float
) -> None:
    world = World()
    for name in ("contacted", "waiting"):
        world.add_lead(name)
        world.log(name, "lead.picked", utc("2026-03-02 08:00"), "A")
    world.log("contacted", "contact.made", utc("2026-03-02 08:10"), "A")
    store(world, acme)

    _, total = ask(acme, _of_the_day(at=utc(f"2026-03-02 {now}")))

    assert total["contact_time"]["within_target"] == within_target
    assert (total["contact_time"]["count"], total["contact_time"]["open_count"]) == (1, 1)


def test_it_rounds_halves_of_seconds_upwards(acme: Tenant) -> None:
    world = World()
    for seconds in (1, 2):
        world.add_lead(str(seconds))
        world.log(str(seconds), "lead.picked", utc("2026-03-02 08:00"), "A")
        at = utc(f"2026-03-02 08:00:0{seconds}.9")
        world.log(str(seconds), "contact.made", at, "A")
    store(world, acme)

    _, total = ask(acme, _of_the_day(at=utc("2026-04-01 00:00")))

    assert (total["contact_time"]["mean"], total["contact_time"]["median"]) == (2, 2)


def test_it_has_no_value_where_there_is_no_data(acme: Tenant) -> None:
    rows, total = ask(acme, _of_the_day(at=utc("2026-04-01 00:00")))

    assert rows == []
    assert total["picks"] == 0
    assert total["feedback_rate"]["value"] is None
    assert total["acceptance_time"]["within_target"] is None
    assert total["acceptance_time"]["mean"] is None


@pytest.mark.parametrize(
    ("accepted_at", "week", "month"),
    [
        ("2026-03-01 22:59:59.999999", "2026-W09", "2026-03"),
        ("2026-03-01 23:00", "2026-W10", "2026-03"),
        ("2026-03-29 21:59:59", "2026-W13", "2026-03"),
        ("2026-03-29 22:00", "2026-W14", "2026-03"),
        ("2026-10-25 22:59:59", "2026-W43", "2026-10"),
        ("2026-10-25 23:00", "2026-W44", "2026-10"),
        ("2025-12-28 23:00", "2026-W01", "2025-12"),
        ("2026-12-31 23:00", "2026-W53", "2027-01"),
    ],
)
def test_it_begins_weeks_and_months_in_the_zone_of_the_manufacturer(
    acme: Tenant, accepted_at: str, week: str, month: str
) -> None:
    world = World()
    world.add_lead("L")
    world.log("L", "lead.picked", utc(accepted_at), "A")
    store(world, acme)
    question = Question(
        starts_at=utc("2025-01-01 00:00"),
        ends_at=utc("2028-01-01 00:00"),
        at=utc("2028-01-01 00:00"),
        group_by=("week", "month"),
    )

    rows, _ = ask(acme, question)

    assert [row["group"] for row in rows] == [{"week": week, "month": month}]


def _of_the_day(*, at: datetime) -> Question:
    return Question(
        starts_at=utc("2026-03-02 00:00"),
        ends_at=utc("2026-03-03 00:00"),
        at=at,
        group_by=("partner",),
        targets={"acceptance_time": timedelta(hours=1), "contact_time": timedelta(hours=1)},
    )


def _share(row: dict[str, Any], code: str) -> tuple[int, int]:
    return row[code]["numerator"], row[code]["denominator"]
