"""Messages as they leave: in the recipient's language, at least once, never naming the customer."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadhub.core.models import Delivery
from leadhub.core.outbox import pause_after
from leadhub.core.tenancy.context import system_context
from leads.dispatch import assign_lead, withdraw_lead
from leads.messages import compose
from leads.models import Lead
from partners.models import Partner, User
from tests.acting import HOUR, MINUTE, accept, again, member
from tests.factories import NOON, ContactFactory, Network
from tests.mail_server import MailServer, mail_server
from tests.messaging import deliver, letters, mail_of, note_of, notices, spread

CANARY = "Zanderbach"
KINDS = ("offer_new", "offer_taken", "offer_withdrawn", "lead_assigned", "lead_escalated")


def secret_lead(network: Network, **fields: Any) -> Lead:
    """A lead whose every personal detail says the canary's name."""
    contact = ContactFactory(
        first_name=CANARY,
        last_name=CANARY,
        company=CANARY,
        street=CANARY,
        email=f"{CANARY}@example.com",
        phone="+498912345678",
    )
    return network.lead(contact=contact, wish=CANARY, **fields)


def cause(kind: str, network: Network, language: str) -> Delivery:
    """Let something happen that a message of this kind tells of."""
    network.policy({"partners": 2})
    partner, _ = network.partners(2, language=language)
    if kind == "lead_escalated":
        secret_lead(network, postal_code="20095")
        with system_context("test"):
            User.objects.update(language=language)
        return spread(network, kind)[0]
    lead = secret_lead(network)
    if kind == "offer_taken":
        accept(network.offers(lead)[0])
    elif kind == "offer_withdrawn":
        withdraw_lead(lead=lead, by=network.by, at=NOON + MINUTE)
    elif kind == "lead_assigned":
        assign_lead(lead=lead, partner=partner, by=network.by, at=NOON + MINUTE)
    return spread(network, kind, at=NOON + MINUTE)[0]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_writes_each_kind_in_each_language_without_naming_the_customer(
    network: Network, kind: str, language: str
) -> None:
    message = mail_of(cause(kind, network, language))

    whole = f"{message.subject}\n{message.body}"
    ((html, _),) = message.alternatives
    assert ("Guten Tag" in whole) is (language == "de")
    assert ("Hello" in whole) is (language == "en")
    assert "Heat pumps in 80331 München" in whole or "20095 Hamburg" in whole
    assert CANARY.lower() not in (whole + html).lower()
    assert "12345678" not in whole + html
    assert "\n" not in message.subject
    assert message.to


@pytest.mark.parametrize("kind", ["offer_new", "lead_assigned", "lead_escalated"])
def test_links_to_the_page_where_one_can_act(
    network: Network, settings: LazySettings, kind: str
) -> None:
    settings.LEADHUB_BASE_URL = "https://leads.example"

    delivery = cause(kind, network, "de")

    page = {"offer_new": "offers", "lead_assigned": "assignments", "lead_escalated": "leads"}[kind]
    assert f"https://leads.example/{page}/{delivery.subject_id}/\n" in mail_of(delivery).body


def test_says_the_deadline_in_the_manufacturers_time(network: Network) -> None:
    network.partner(language="de")
    network.lead()

    assert "02.03.2026, 14:00" in mail_of(spread(network)[0]).body


def test_writes_in_english_to_whoever_has_another_language(network: Network) -> None:
    network.partner(language="fr")
    network.lead()

    assert "Hello" in mail_of(spread(network)[0]).body


def test_announces_no_offer_that_is_closed_by_now(network: Network) -> None:
    network.partner()
    lead = network.lead()
    announcement = spread(network, "offer_new")[0]
    accept(network.offers(lead)[0])

    assert note_of(announcement).reason == "offer_closed"


def people_of(network: Network, partner: Partner, *emails: str) -> None:
    for email in emails:
        member(network, email, "PARTNER_REP", partner)


def test_tells_all_people_of_a_partner_and_not_its_own_address(network: Network) -> None:
    partner = network.partner(email="office@example.com")
    people_of(network, partner, "b@example.com", "a@example.com")
    network.lead()

    recipients = [to for m in spread(network, "offer_new") for to in mail_of(m).to]

    assert sorted(recipients) == ["a@example.com", "b@example.com"]


def test_tells_a_partner_without_people_by_its_own_address(network: Network) -> None:
    network.partner(email="office@example.com")
    network.lead()

    assert mail_of(spread(network)[0]).to == ["office@example.com"]


def test_tells_nobody_who_may_no_longer_log_in(network: Network) -> None:
    network.lead()
    (alarm,) = spread(network, "lead_escalated")
    with system_context("test"):
        User.objects.update(is_active=False)

    assert note_of(alarm).reason == "nobody"


def test_tells_nobody_who_has_left_meanwhile(network: Network) -> None:
    partner = network.partner()
    rep = member(network, "rep@example.com", "PARTNER_REP", partner)
    network.lead()
    (announcement,) = spread(network, "offer_new")
    with system_context("test"):
        rep.delete()

    assert note_of(announcement).reason == "no_longer_concerned"


def test_sends_what_is_due_and_notes_it(network: Network) -> None:
    network.policy({"partners": 2, "head_start": 600})
    network.partners(2)
    network.lead()

    sent = deliver(NOON)
    sent_again = deliver(NOON)

    assert (sent, sent_again) == (1, 0)
    assert [message.done_at for message in notices(network)] == [NOON, None]
    assert [message.done_at for message in letters(network)] == [NOON]
    assert len(mail.outbox) == 1


def test_notes_a_message_that_is_needed_no_more_as_skipped_and_why(network: Network) -> None:
    network.partner()
    accept(network.offers(network.lead())[0])

    deliver(NOON + HOUR)

    assert mail.outbox == []
    (message,) = letters(network)
    assert (message.done_at, message.skipped) == (NOON + HOUR, "offer_closed")


@pytest.fixture
def server(settings: LazySettings) -> Iterator[MailServer]:
    """A mail server that the product sends to."""
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_TIMEOUT = 5
        yield running


def test_hands_a_message_to_the_mail_server(network: Network, server: MailServer) -> None:
    network.partner(email="office@example.com")
    network.lead(wish_summary="Wärmepumpe, 12 kW")

    deliver()

    (received,) = server.received
    assert received["To"] == "office@example.com"
    assert received["From"] == "Acme <leads@leadhub.example>"
    assert received["Message-ID"] == f"<{letters(network)[0].id}@127.0.0.1>"
    parts = [part.get_content_type() for part in received.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]


def test_tries_again_later_when_the_server_refuses(network: Network, server: MailServer) -> None:
    network.partner()
    network.lead()
    server.refusals = 1

    refused = deliver(NOON)
    too_early = deliver(NOON)
    (put_off,) = letters(network)
    sent = deliver(NOON + MINUTE)

    assert (refused, too_early, sent) == (0, 0, 1)
    assert (put_off.due_at, put_off.claimed_until) == (NOON + pause_after(put_off.id, 1), None)
    assert put_off.last_error == "recipient_refused:451"
    assert len(server.received) == 1
    assert (again(put_off).attempts, again(put_off).last_error) == (2, "")


@pytest.mark.parametrize(
    ("at", "reason"), [("RCPT", "recipient_refused"), ("DATA", "message_refused")]
)
def test_gives_a_message_up_at_once_that_the_server_refuses_for_good(
    network: Network, server: MailServer, at: str, reason: str
) -> None:
    network.partners(2)
    network.lead()
    server.final_refusals = {at: 1}

    sent = deliver(NOON)

    assert sent == 1
    (given_up,) = [message for message in letters(network) if message.failed_at]
    assert (given_up.failed_at, given_up.last_error) == (NOON, f"{reason}:550")
    assert deliver(NOON + 24 * HOUR) == 0


def test_repeats_a_message_with_the_same_id_if_its_arrival_is_unknown(
    network: Network, server: MailServer
) -> None:
    network.partner()
    network.lead()
    server.hang_ups = 1

    deliver(NOON)
    deliver(NOON + MINUTE)

    first, second = server.received
    assert first["Message-ID"] == second["Message-ID"]
    assert letters(network)[0].done_at == NOON + MINUTE


def test_waits_once_for_a_server_that_is_away_and_puts_all_messages_off(
    network: Network, server: MailServer
) -> None:
    network.partners(2)
    network.lead()
    server.hang_ups = 1

    sent = deliver(NOON)

    assert sent == 0
    assert server.hang_ups == 0
    assert len(server.received) <= 1
    put_off = {message.id: message.due_at for message in letters(network)}
    assert put_off == {id_: NOON + pause_after(id_, 1) for id_ in put_off}


def test_waits_once_for_a_server_that_hangs(
    network: Network, server: MailServer, settings: LazySettings
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    network.partners(3)
    network.lead()
    server.is_hung = True

    assert deliver(NOON) == 0
    assert server.connections == 1
    assert {message.last_error for message in letters(network)} == {"server_away"}


def test_takes_a_log_in_that_is_refused_for_a_fault_of_the_set_up(
    network: Network, server: MailServer, settings: LazySettings
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "nobody", "wrong"
    network.partners(2)
    network.lead()

    deliver(NOON)

    assert {message.failed_at for message in letters(network)} == {None}
    assert all("server" in message.last_error for message in letters(network))


def test_sends_to_others_although_one_recipient_is_refused(
    network: Network, server: MailServer
) -> None:
    network.partners(2)
    network.lead()
    server.refusals = 1

    sent = deliver(NOON)

    assert sent == 1
    assert sorted(message.done_at is None for message in letters(network)) == [False, True]


def test_sends_many_over_one_connection(network: Network, server: MailServer) -> None:
    network.policy({"partners": 5})
    network.partners(5)
    network.lead()

    assert deliver(NOON) == 5
    assert server.connections == 1


@pytest.mark.parametrize("space", ["\r", "\n", "\r\n", "\t"])
def test_keeps_the_title_on_one_line(network: Network, space: str) -> None:
    network.partner()
    network.lead(wish_summary=f"Heat pump{space}12 kW")

    sent = deliver(NOON)

    assert sent == 1
    assert mail.outbox[0].subject.startswith("Neue Anfrage: Heat pump")


def test_lets_no_unknown_kind_of_message_hold_up_the_others(network: Network) -> None:
    network.partner()
    network.lead()
    network.lead()
    first = spread(network)[0]
    with system_context("test"):
        Delivery.objects.filter(id=first.id).update(kind="carrier_pigeon")

    sent = deliver(NOON)

    assert sent == 1
    assert again(first).last_error == "broken:LookupError"


def test_reads_as_often_for_ten_messages_as_for_one(network: Network) -> None:
    network.policy({"partners": 10})
    network.partners(10)
    network.lead()
    messages = spread(network, "offer_new")

    with system_context("test"):
        one, ten = (queries_of(messages[:count]) for count in (1, 10))

    assert one == ten


def test_reads_what_was_tried_as_often_for_ten_leads_as_for_one(network: Network) -> None:
    for _ in range(10):
        network.lead(postal_code="20095")
    alarms = spread(network, "lead_escalated")

    with system_context("test"):
        one, ten = (queries_of(alarms[:count]) for count in (1, 10))

    assert len({alarm.subject_id for alarm in alarms[:10]}) == 10
    assert one == ten


def queries_of(deliveries: list[Delivery]) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert len(list(compose(deliveries, at=NOON))) == len(deliveries)
    return len(queries)


def test_says_how_to_get_rid_of_notices_that_one_may_do_without(network: Network) -> None:
    network.policy({"partners": 2})
    for partner in network.partners(2):
        people_of(network, partner, f"rep@{partner.external_id}.example")
    lead = network.lead()
    announcement = mail_of(spread(network, "offer_new")[0])
    accept(network.offers(lead)[0])
    taken = mail_of(spread(network, "offer_taken", at=NOON + MINUTE)[0])

    assert taken.extra_headers["List-Unsubscribe"] == "<http://127.0.0.1:8000/account/notices/>"
    assert "List-Unsubscribe" not in announcement.extra_headers
