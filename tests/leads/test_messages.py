"""Messages as they leave: in the recipient's language, at least once, never naming the customer."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import EmailMessage

from leadhub.core import clock
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context
from leads.dispatch import assign_lead, withdraw_lead
from leads.messages import compose, deliver_due
from leads.models import Lead
from partners.models import Partner, User
from tests.acting import HOUR, MINUTE, accept, again, member, messages
from tests.factories import NOON, ContactFactory, Network
from tests.mail_server import MailServer, mail_server

SECOND = timedelta(seconds=1)
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
        return messages(network, kind)[0]
    lead = secret_lead(network)
    if kind == "offer_taken":
        accept(network.offers(lead)[0])
    elif kind == "offer_withdrawn":
        withdraw_lead(lead=lead, by=network.by, at=NOON + MINUTE)
    elif kind == "lead_assigned":
        assign_lead(lead=lead, partner=partner, by=network.by, at=NOON + MINUTE)
    return messages(network, kind)[0]


def written(delivery: Delivery) -> EmailMessage | None:
    with system_context("test"):
        return compose(delivery)


def text_of(delivery: Delivery) -> EmailMessage:
    message = written(delivery)
    assert message is not None
    return message


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_writes_each_kind_in_each_language_without_naming_the_customer(
    network: Network, kind: str, language: str
) -> None:
    message = text_of(cause(kind, network, language))

    whole = f"{message.subject}\n{message.body}"
    assert ("Guten Tag" in whole) is (language == "de")
    assert ("Hello" in whole) is (language == "en")
    assert "Heat pumps in 80331 München" in whole or "20095 Hamburg" in whole
    assert CANARY.lower() not in whole.lower()
    assert "12345678" not in whole
    assert "\n" not in message.subject
    assert message.to


@pytest.mark.parametrize("kind", ["offer_new", "lead_assigned", "lead_escalated"])
def test_links_to_the_page_where_one_can_act(
    network: Network, settings: LazySettings, kind: str
) -> None:
    settings.LEADHUB_BASE_URL = "https://leads.example"

    delivery = cause(kind, network, "de")

    page = {"offer_new": "offers", "lead_assigned": "assignments", "lead_escalated": "leads"}[kind]
    assert f"https://leads.example/{page}/{delivery.subject_id}/\n" in text_of(delivery).body


def test_says_the_deadline_in_the_manufacturers_time(network: Network) -> None:
    network.partner(language="de")
    network.lead()

    assert "02.03.2026, 14:00" in text_of(messages(network)[0]).body


def test_writes_in_english_to_whoever_has_another_language(network: Network) -> None:
    network.partner(language="fr")
    network.lead()

    assert "Hello" in text_of(messages(network)[0]).body


def test_announces_no_offer_that_is_closed_by_now(network: Network) -> None:
    network.partner()
    lead = network.lead()
    announcement = messages(network, "offer_new")[0]
    accept(network.offers(lead)[0])

    assert written(announcement) is None


def people_of(network: Network, partner: Partner, *emails: str) -> None:
    for email in emails:
        member(network, email, "PARTNER_REP", partner)


def test_tells_all_people_of_a_partner_and_not_its_own_address(network: Network) -> None:
    partner = network.partner(email="office@example.com")
    people_of(network, partner, "b@example.com", "a@example.com")
    network.lead()

    recipients = [to for m in messages(network, "offer_new") for to in text_of(m).to]

    assert sorted(recipients) == ["a@example.com", "b@example.com"]


def test_tells_a_partner_without_people_by_its_own_address(network: Network) -> None:
    network.partner(email="office@example.com")
    network.lead()

    assert text_of(messages(network)[0]).to == ["office@example.com"]


def test_tells_nobody_who_may_no_longer_log_in(network: Network) -> None:
    network.lead()
    with system_context("test"):
        User.objects.update(is_active=False)

    assert written(messages(network, "lead_escalated")[0]) is None


def test_sends_what_is_due_and_notes_it(network: Network) -> None:
    network.policy({"partners": 2, "head_start": 600})
    network.partners(2)
    network.lead()

    with clock.set_to(NOON):
        sent = deliver_due()
        sent_again = deliver_due()

    done = [message.done_at for message in messages(network)]
    assert (sent, sent_again) == (1, 0)
    assert done == [NOON, None]
    assert len(mail.outbox) == 1


def test_notes_a_message_that_is_needed_no_more_as_done(network: Network) -> None:
    network.partner()
    accept(network.offers(network.lead())[0])

    with clock.set_to(NOON + HOUR):
        deliver_due()

    assert mail.outbox == []
    assert [message.done_at for message in messages(network)] == [NOON + HOUR]


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

    deliver_due()

    (received,) = server.received
    assert received["To"] == "office@example.com"
    assert received["Message-ID"] == f"<{messages(network)[0].id}@127.0.0.1>"


def test_tries_again_later_when_the_server_refuses(network: Network, server: MailServer) -> None:
    network.partner()
    network.lead()
    server.refusals = 1

    with clock.set_to(NOON):
        refused = deliver_due()
        too_early = deliver_due()
    put_off = messages(network)[0]
    with clock.set_to(NOON + 10 * SECOND):
        sent = deliver_due()

    assert (refused, too_early, sent) == (0, 0, 1)
    assert (put_off.due_at, put_off.claimed_until) == (NOON + 10 * SECOND, None)
    assert put_off.last_error == "SMTPRecipientsRefused"
    assert len(server.received) == 1
    assert (again(put_off).attempts, again(put_off).last_error) == (2, "")


def test_repeats_a_message_with_the_same_id_if_its_arrival_is_unknown(
    network: Network, server: MailServer
) -> None:
    network.partner()
    network.lead()
    server.hang_ups = 1

    with clock.set_to(NOON):
        deliver_due()
    with clock.set_to(NOON + MINUTE):
        deliver_due()

    first, second = server.received
    assert first["Message-ID"] == second["Message-ID"]
    assert messages(network)[0].done_at == NOON + MINUTE


def test_waits_once_for_a_server_that_is_away_and_puts_all_messages_off(
    network: Network, server: MailServer
) -> None:
    network.partners(2)
    network.lead()
    server.hang_ups = 1

    with clock.set_to(NOON):
        sent = deliver_due()

    assert sent == 0
    assert server.hang_ups == 0
    assert len(server.received) <= 1
    assert {message.due_at for message in messages(network)} == {NOON + 10 * SECOND}


def test_sends_to_others_although_one_recipient_is_refused(
    network: Network, server: MailServer
) -> None:
    network.partners(2)
    network.lead()
    server.refusals = 1

    with clock.set_to(NOON):
        sent = deliver_due()

    assert sent == 1
    assert sorted(message.done_at is None for message in messages(network)) == [False, True]


def test_waits_longer_after_each_failure(network: Network, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    network.partner()
    network.lead()
    at, pauses = NOON, []

    for _ in range(5):
        with clock.set_to(at):
            deliver_due()
        pauses.append((messages(network)[0].due_at - at).total_seconds())
        at = messages(network)[0].due_at

    assert pauses == [10, 20, 40, 80, 160]
    assert messages(network)[0].done_at is None


@pytest.mark.parametrize("space", ["\r", "\n", "\r\n", "\t"])
def test_keeps_the_title_on_one_line(network: Network, space: str) -> None:
    network.partner()
    network.lead(wish_summary=f"Heat pump{space}12 kW")

    with clock.set_to(NOON):
        sent = deliver_due()

    assert sent == 1
    assert mail.outbox[0].subject.startswith("Neue Anfrage: Heat pump")


def test_lets_no_unknown_kind_of_message_hold_up_the_others(network: Network) -> None:
    network.partner()
    network.lead()
    network.lead()
    first = messages(network)[0]
    with system_context("test"):
        Delivery.objects.filter(id=first.id).update(kind="carrier_pigeon")

    with clock.set_to(NOON):
        sent = deliver_due()

    assert sent == 1
    assert again(first).due_at == NOON + 10 * SECOND
