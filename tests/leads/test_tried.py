"""Before people are called it is told what was tried."""

import pytest

from tests.acting import HOUR, MINUTE, decline, run_out
from tests.factories import NOON, Network
from tests.messaging import mail_of, spread
from tests.pages.desks import at_desk, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def tried(network: Network) -> Network:
    """Two partners of which one declined and one said nothing, and one that is too far away."""
    network.partners(2)
    network.partner(postal_code="20095")
    network.policy({"partners": 2})
    lead = network.lead()
    decline(network.offers(lead)[0], at=NOON + MINUTE)
    run_out(network.again(lead), at=NOON + HOUR)
    network.lead_tried = lead  # type: ignore[attr-defined]
    return network


def test_the_alarm_says_what_was_tried(tried: Network) -> None:
    delivery = spread(tried, "lead_escalated", at=NOON + HOUR)[0]

    body = str(mail_of(delivery).body)

    for words in (
        "2 Partner gefragt (Runden: 1), 1 haben abgelehnt, 1 nicht geantwortet",
        "Nicht gefragt wurden:",
        ": 1",
    ):
        assert words in body, body


def test_the_page_of_the_lead_says_it_too(tried: Network) -> None:
    page = read(at_desk(tried, "DISPATCHER"), f"/leads/{tried.lead_tried.id}/")  # type: ignore[attr-defined]

    assert "2 partners asked in 1 waves: 1 declined, 1 without an answer, 0 gave it back." in page
    assert "Outside the service area 1" in page
