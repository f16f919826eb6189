"""Working hours, arrivals, spelling: what the story is made of."""

from datetime import UTC, datetime, timedelta

import pytest

from leadhub.demo.chance import dice
from leadhub.demo.hours import ZONE, arrivals, at_work
from leadhub.demo.names import domain_of, spelled_for
from leadhub.demo.timeline import Timeline

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_lets_fewer_customers_write_at_night_and_at_weekends() -> None:
    instants = arrivals(dice("test"), since=MONDAY, until=MONDAY + timedelta(days=84), count=2_000)
    local = [at.astimezone(ZONE) for at in instants]

    assert instants == sorted(instants)
    assert sum(at.hour < 6 for at in local) < 60
    assert sum(at.weekday() >= 5 for at in local) < 500


@pytest.mark.parametrize(
    ("at", "earliest"),
    [
        (MONDAY, MONDAY),
        (MONDAY + timedelta(hours=14), MONDAY + timedelta(hours=21, minutes=15)),
        (MONDAY + timedelta(days=6), MONDAY + timedelta(days=6, hours=21, minutes=15)),
    ],
)
def test_answers_in_working_hours(at: datetime, earliest: datetime) -> None:
    answered_at = at_work(dice("test"), at)

    assert earliest <= answered_at <= earliest + timedelta(hours=4)


def test_never_comes_to_what_lies_ahead() -> None:
    timeline = Timeline(until=MONDAY)
    happened: list[datetime] = []
    for hours in (1, -1, 0, -2):
        timeline.at(MONDAY + timedelta(hours=hours), happened.append)

    timeline.run(lambda at: None)

    assert happened == [MONDAY - timedelta(hours=2), MONDAY - timedelta(hours=1), MONDAY]


def test_spells_as_the_country_does() -> None:
    assert spelled_for("CH", "ein Angebot, Hauptstraße") == "eine Offerte, Hauptstrasse"
    assert spelled_for("AT", "Hauptstraße") == "Hauptstraße"


def test_gives_companies_domains_that_cannot_exist() -> None:
    assert domain_of("Müller & Sohn Wärme GmbH & Co. KG") == "mueller-sohn-waerme.example"
