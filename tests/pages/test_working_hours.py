"""The page on which administrators say when they work."""

import pytest

from leadhub.core.tenancy.context import tenant_context
from partners.models import Manufacturer
from tests.factories import Network
from tests.pages.desks import at_desk, form_of, read, text_of

PAGE = "/set-up/working-hours/"


def test_keeps_the_hours_of_the_week(network: Network) -> None:
    client = at_desk(network)
    sent = form_of(read(client, PAGE))

    response = client.post(
        PAGE, {**sent, "friday": "8 - 12:30", "saturday": "9-12", "holiday_region": "DE-BY"}
    )

    assert response.status_code == 302
    with tenant_context(network.manufacturer.id):
        manufacturer = Manufacturer.objects.get()
    week = ["08:00-17:00"] * 4
    assert manufacturer.working_hours == [*week, "08:00-12:30", "09:00-12:00", ""]
    assert manufacturer.holiday_region == "DE-BY"
    assert 'value="08:00-12:30"' in read(client, PAGE)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ({"monday": "22-6"}, "do not run over midnight: give 22:00-24:00 here and 00:00-06:00"),
        ({"monday": "8-12, 11-14"}, "These hours overlap"),
        ({"monday": "morning"}, "Give hours such as 08:00-17:00"),
        ({"holiday_region": "DE-XX"}, "Select a valid choice"),
        (
            dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), ""),
            "Give five hours a week at least",
        ),
    ],
)
def test_says_what_is_wrong_and_keeps_what_was_typed(
    network: Network, typed: dict[str, str], answer: str
) -> None:
    client = at_desk(network)
    sent = form_of(read(client, PAGE))

    response = client.post(PAGE, {**sent, **typed})

    assert response.status_code == 422
    assert answer in text_of(response)


def test_is_no_page_for_dispatchers(network: Network) -> None:
    assert at_desk(network, "DISPATCHER").get(PAGE).status_code == 404
