"""Before a partner has accepted a lead, nothing tells it who the customer is; afterwards it knows.

Customers whose every word about themselves stands nowhere else are offered to a partner, taken by
another one, declined, put on the pick list, held. Then the partner asks every address there is, as
a person and as a program, about everything; and its mails, the logs, the shared cache, what is
counted and the broker are searched.
"""

import logging
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.test import Client

from leadhub.core.rate_limits import Limit
from leads.messages import deliver_due
from leads.models import Lead
from tests.acting import member
from tests.api.calling import Api, lead_body
from tests.contracts.traces import (
    PERSONAL,
    PLACE,
    TRACES,
    all_of,
    broker,
    publish_everything,
    read,
    sessions,
)
from tests.factories import Network
from tests.leaks.addresses import addresses, things_of
from tests.mail_server import MailServer, mail_server
from tests.pages.acting import logged_in

# What a partner may be told of the enquiry; all else is the customer's own.
TOLD = {"city": "München", "evidence": "Asked for a quote", "wish_summary": "Heat pump"}
ENQUIRY = {**PERSONAL, **TOLD, **PLACE}
NOWHERE = {"latitude": ..., "longitude": ...}
# Addresses by which the partner would become the one who is to know.
ACCEPTING = {
    "api-offer-accept",
    "api-pick-list-pick",
    "partner-offer-accept",
    "partner-pick-list-pick",
}
AS_TABLE = {"Accept": "text/csv"}


class Answer(NamedTuple):
    """What somebody was answered, and where."""

    where: str
    status: int
    text: str


class Asked:
    """A partner that was asked for some leads and has accepted none."""

    def __init__(self) -> None:
        self.network = Network()
        self.network.policy({"partners": 2, "response_window": 86_400})
        self.partner, rival = self.network.partners(2)
        self.own = Api(self.network.api_key)
        self.program = Api(self.network.key_for(self.partner))
        boss = member(self.network, "boss@asked.example", "PARTNER_MANAGER", self.partner)
        self.phone = logged_in(Client(raise_request_exception=False), boss)
        self.lead = self.push("on-offer")
        taken = self.offers_of(self.push("taken"))[rival.id]
        declined = self.offers_of(self.push("declined"))[self.partner.id]
        self.others = [
            self.push("open", postal_code="20095", city="Hamburg", **NOWHERE).id,
            self.push("held", postal_code="XX99", **NOWHERE).id,
        ]
        assert Api(self.network.key_for(rival)).post(f"offers/{taken}/accept/").status == 200
        assert self.program.post(f"offers/{declined}/decline/", {"reason": "OTHER"}).status == 200

    def push(self, name: str, **changes: Any) -> Lead:
        """Push a customer."""
        answer = self.own.post("leads/", lead_body(**{**ENQUIRY, "external_id": name, **changes}))
        assert answer.status == 201, answer.body
        return Lead(id=answer.json["id"], manufacturer=self.network.manufacturer)

    def offers_of(self, lead: Lead) -> dict[Any, Any]:
        """Partner -> its offer of a lead."""
        return {offer.partner_id: offer.id for offer in self.network.offers(lead)}

    def ask_everywhere(self) -> Iterator[Answer]:
        """Ask every address about everything, as a person or a program; nothing of it stays."""
        for address in addresses():
            if address.name in ACCEPTING:
                continue
            values: list[str | None] = [None]
            if address.parameter is not None:
                values = [thing.value for thing in things_of(address.kind)]
            for value in values:
                for method in address.methods:
                    yield self.ask(method, address.of(value))

    def ask(self, method: str, path: str) -> Answer:
        """Make one request and undo what it did."""
        is_api = path.startswith("/api/")
        client = self.program.client if is_api else self.phone
        headers: Mapping[str, str] = {**self.program.headers, **AS_TABLE} if is_api else {}
        kept = deepcopy(client.cookies)
        with transaction.atomic():
            response = client.generic(
                method, path, b"{}" if is_api else b"", "application/json", headers=headers
            )
            body = b"".join(response) if response.streaming else response.content
            transaction.set_rollback(True)
        client.cookies = kept
        text = f"{response.headers}\n{body.decode(errors='replace')}"
        return Answer(f"{method} {path}", response.status_code, text)


def leaking(answers: list[Answer]) -> set[str]:
    """Where a trace of a customer is told."""
    return {
        f"{answer.where}: {found[0]}" for answer in answers if (found := TRACES.search(answer.text))
    }


def mails_of(server: MailServer) -> str:
    """Send what is due; everything that was mailed, as it arrived and as it is read."""
    while deliver_due():
        pass
    return " ".join(f"{mail.as_string()} {read(mail)}" for mail in server.received)


@pytest.fixture
def server(settings: LazySettings) -> Iterator[MailServer]:
    """A mail server."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with mail_server() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def store(settings: LazySettings, tmp_path: Path) -> Iterator[tuple[Any, str]]:
    """A broker that also counts requests and attempts, and its address."""
    with broker(tmp_path) as (client, url):
        settings.RATE_LIMIT_URL = url
        settings.RATE_LIMITS = {kind: Limit(1e6, 10**6) for kind in ("key", "tenant", "account")}
        settings.CACHES = {
            "default": {
                "BACKEND": "leadhub.core.caching.PatientCache",
                "LOCATION": url,
                "OPTIONS": {"socket_timeout": 5, "socket_connect_timeout": 5},
            }
        }
        yield client, url


@pytest.mark.usefixtures("committed")
def test_tells_a_partner_nothing_of_a_customer_before_it_accepts(
    server: MailServer, store: tuple[Any, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = Asked()
    client, url = store

    answers = list(asked.ask_everywhere())
    mails = mails_of(server)
    publish_everything(url)

    assert leaking(answers) == set()
    assert TRACES.findall(mails) == []
    assert TRACES.findall(caplog.text) == []
    assert TRACES.findall(all_of(client)) == []
    assert TRACES.findall(sessions()) == []
    # The controls: all of this was asked, answered, sent, logged and counted.
    offer = asked.offers_of(asked.lead)[asked.partner.id]
    answered = {answer.where for answer in answers if answer.status == 200}
    assert answered >= {f"GET /offers/{offer}/", f"GET /api/v1/offers/{offer}/", "GET /inbox/"}
    assert mails.count("New enquiry") + mails.count("Neue Anfrage") >= 3
    assert b"allauth:rl" in b" ".join(client.keys("*"))
    assert "django.request" in caplog.text
    # After it has accepted, and only about that lead, it is told.
    taken = asked.program.post(f"offers/{offer}/accept/")
    assert len(set(TRACES.findall(taken.body.decode()))) >= 2
    (work,) = asked.program.get("assignments/").json["results"]
    known = {where.partition(": ")[0] for where in leaking(list(asked.ask_everywhere()))}
    assert {f"GET /assignments/{work['id']}/", f"GET /api/v1/leads/{asked.lead.id}/"} <= known
    about_others = {str(one) for one in asked.others}
    assert not [where for where in known if any(one in where for one in about_others)]
