"""Text messages: short, by the provider's own interface, and only where nobody can be harmed."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from partners.models import Membership
from tests.acting import member
from tests.factories import NOON, Network
from tests.leads.test_messages import CANARY, secret_lead
from tests.messaging import deliver, letters, wishing
from tests.pages.linking import opened_by
from tests.push_service import PushService, push_service

PHONE = "+4915112345678"


@pytest.fixture
def provider(settings: LazySettings) -> Iterator[PushService]:
    """A provider on this machine that wants its own JSON and a key."""
    settings.OUTGOING_MAY_REACH_LOOPBACK = True
    with push_service() as running:
        settings.SMS_URL = f"{running.origin}/send"
        settings.SMS_HEADERS = {"Authorization": "Bearer key"}
        settings.SMS_BODY = {"messages": [{"to": "{to}", "content": "leadhub {text}"}], "n": 1}
        yield running


@pytest.fixture
def rep(network: Network) -> Membership:
    membership = member(network, "rep@example.com", "PARTNER_REP", network.partner())
    return wishing(membership, phone=PHONE, channels={"OFFERS": ["SMS"]})


@pytest.mark.usefixtures("rep")
def test_asks_the_provider_in_its_own_words(network: Network, provider: PushService) -> None:
    lead = secret_lead(network, wish_summary="Wärmepumpe {id}")

    assert deliver() == 1

    (request,) = provider.requests
    (message,) = letters(network)
    (sent,) = json.loads(request.body)["messages"]
    assert request.headers["authorization"] == "Bearer key"
    assert request.headers["idempotency-key"] == str(message.id)
    assert sent["to"] == PHONE
    # What the text says is not taken for a placeholder.
    assert sent["content"].startswith("leadhub Acme: Neue Anfrage: Wärmepumpe {id}, 80331 München.")
    (link,) = re.findall(r"/l/\S+/$", sent["content"])
    assert opened_by(link).startswith(f"/linked/offers/{network.offers(lead)[0].id}/")
    assert CANARY not in sent["content"]


@pytest.mark.usefixtures("rep")
@pytest.mark.parametrize(
    ("status", "is_final"), [(400, True), (401, True), (429, False), (500, False), (302, False)]
)
def test_gives_up_what_the_provider_refuses_for_good(
    network: Network,
    provider: PushService,
    status: int,
    is_final: bool,  # noqa: FBT001 - a case of the table
) -> None:
    provider.statuses = [status]
    network.lead()

    deliver()

    (message,) = letters(network)
    assert (message.failed_at is not None) is is_final
    assert message.last_error == f"provider_refused:{status}"


@pytest.mark.usefixtures("rep")
def test_reaches_nothing_inside(
    network: Network, provider: PushService, settings: LazySettings
) -> None:
    settings.OUTGOING_MAY_REACH_LOOPBACK = False
    network.lead()

    deliver()

    assert provider.requests == []
    assert letters(network)[0].last_error == "provider_not_found"


def test_writes_to_the_log_neither_number_nor_text(
    network: Network, rep: Membership, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.SMS_URL = "log:"
    network.lead()

    assert deliver(NOON) == 1
    assert "text message" in caplog.text
    assert PHONE not in caplog.text
    assert "Heat pumps" not in caplog.text


def test_takes_mail_where_no_provider_is_set_up(
    network: Network, rep: Membership, settings: LazySettings
) -> None:
    settings.SMS_URL = ""
    network.lead()

    deliver()

    assert [one.channel for one in letters(network)] == ["EMAIL"]
