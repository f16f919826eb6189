"""Windows and head starts that run in the manufacturer's working time."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from leads.models import LeadOffer, Wave
from partners.models import Manufacturer
from partners.tenants import change_working_hours
from tests.acting import HOUR, run_out
from tests.factories import Network

OFFICE = ["8-17"] * 5 + ["", ""]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


def working(network: Network, *waves: dict[str, int], region: str = "DE-BY") -> None:
    network.policy(*waves, clock="working")
    change_working_hours(days=OFFICE, holiday_region=region, by=network.by)


@pytest.mark.parametrize(
    ("received", "region", "deadline"),
    [
        ("2026-03-02 09:00", "DE-BY", "2026-03-02 10:00"),
        ("2026-03-06 16:30", "DE-BY", "2026-03-09 08:30"),
        ("2026-01-05 16:30", "DE-BY", "2026-01-07 08:30"),
        ("2026-01-05 16:30", "DE-BE", "2026-01-06 08:30"),
        ("2026-01-05 16:30", "", "2026-01-06 08:30"),
        ("2026-03-28 12:00", "DE-BY", "2026-03-30 09:00"),  # the clocks change that night
    ],
)
def test_ends_a_wave_in_working_time(
    network: Network, received: str, region: str, deadline: str
) -> None:
    working(network, {"response_window": 3_600}, region=region)
    network.partner()

    lead = network.lead(at=at(received))

    with tenant_context(network.manufacturer.id):
        wave = Wave.objects.get(lead=lead)
    (offer,) = network.offers(lead)
    assert lead.respond_by == wave.respond_by == offer.respond_by == at(deadline)


def test_counts_later_waves_in_working_time_as_well(network: Network) -> None:
    working(network, {"response_window": 3_600}, {"response_window": 7_200})
    network.partners(2)
    lead = network.lead(at=at("2026-03-06 15:30"))

    run_out(lead)

    assert network.again(lead).respond_by == at("2026-03-09 09:30")


def test_lets_a_head_start_run_in_working_time(network: Network) -> None:
    working(network, {"partners": 2, "response_window": 7_200, "head_start": 3_600})
    network.partners(2)

    ahead, behind = network.offers(network.lead(at=at("2026-03-06 16:30")))

    assert ahead.available_from == at("2026-03-06 16:30")
    assert behind.available_from == at("2026-03-09 08:30")
    assert ahead.respond_by == behind.respond_by == at("2026-03-09 09:30")


def test_keeps_deadlines_that_are_set_when_hours_change(network: Network) -> None:
    working(network, {"response_window": 3_600})
    network.partner()
    lead = network.lead(at=at("2026-03-02 09:00"))

    change_working_hours(days=["10-12"] * 7, holiday_region="", by=network.by)

    assert network.again(lead).respond_by == at("2026-03-02 10:00")


def test_runs_around_the_clock_unless_the_policy_says_otherwise(network: Network) -> None:
    network.policy({"response_window": 3_600})
    network.partner()

    lead = network.lead(at=at("2026-03-07 23:30"))

    assert lead.respond_by == at("2026-03-07 23:30") + HOUR
    with tenant_context(network.manufacturer.id):
        assert LeadOffer.objects.count() == 1


@pytest.mark.parametrize(
    ("days", "region", "field", "code"),
    [
        (["22-6", *OFFICE[1:]], "", "days.0", "over_midnight"),
        ([*OFFICE[:6], "8-12, 11-13"], "", "days.6", "overlapping"),
        ([*OFFICE[:6], "early"], "", "days.6", "malformed"),
        (OFFICE[:5], "", "days", "malformed"),
        ([""] * 7, "", "days", "too_few"),
        (OFFICE, "DE-XX", "holiday_region", "unknown"),
    ],
    ids=str,
)
def test_refuses_hours_and_says_what_to_do(
    network: Network, days: list[str], region: str, field: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        change_working_hours(days=days, holiday_region=region, by=network.by)

    assert (refused.value.field, refused.value.code) == (field, code)
    with tenant_context(network.manufacturer.id):
        assert Manufacturer.objects.get().holiday_region == "DE"
