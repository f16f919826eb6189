"""The day at a glance: one mail a day to each dispatcher at their hour, if there is anything."""

from datetime import UTC, datetime, timedelta

from django.core import mail

from leadhub.core.tenancy.context import system_context
from leads.digests import write_digests
from partners.models import User
from tests.acting import DAY, HOUR, accept, member, messages
from tests.factories import NOON, Network
from tests.messaging import deliver, letters, wishing

# In Berlin, in winter.
SEVEN = datetime(2026, 3, 3, 6, tzinfo=UTC)


def digests(network: Network) -> list[str]:
    return sorted(one.recipient for one in messages(network, "digest"))


def test_comes_once_a_day_from_the_hour_on(network: Network) -> None:
    before = write_digests(at=SEVEN - timedelta(seconds=1))
    first = write_digests(at=SEVEN)
    again = [write_digests(at=SEVEN + hours * HOUR) for hours in (0, 1, 12)]
    tomorrow = write_digests(at=SEVEN + DAY)

    # Yesterday's hour has come before today's: that one is there as well.
    assert (before, first, again, tomorrow) == (0, 1, [0, 0, 0], 1)
    assert len(digests(network)) == 2


def test_goes_to_those_who_dispatch_and_to_nobody_else(network: Network) -> None:
    member(network, "anna@acme.example", "ANALYST")
    member(network, "rep@acme.example", "PARTNER_REP", network.partner())
    dora = member(network, "dora@acme.example", "DISPATCHER")
    gone = member(network, "gone@acme.example", "DISPATCHER")
    unwilling = wishing(member(network, "no@acme.example", "DISPATCHER"), channels={"DIGEST": []})
    with system_context("test"):
        User.objects.filter(id=gone.user_id).update(is_active=False)

    write_digests(at=SEVEN)

    assert len(digests(network)) == 2
    assert f"user:{dora.user_id}" in digests(network)
    assert f"user:{unwilling.user_id}" not in digests(network)


def test_comes_at_the_hour_and_in_the_zone_of_the_person(network: Network) -> None:
    dora = member(network, "dora@acme.example", "DISPATCHER")
    wishing(dora, digest_hour=9, time_zone="America/New_York")

    write_digests(at=SEVEN)
    too_early = f"user:{dora.user_id}" in digests(network)
    write_digests(at=SEVEN + 8 * HOUR)

    assert not too_early
    assert f"user:{dora.user_id}" in digests(network)


def test_tells_what_waits_for_somebody(network: Network) -> None:
    network.partner()
    accept(network.offers(network.lead())[0])
    network.lead(postal_code="20095")
    network.lead(postal_code="99999")
    deliver(NOON + HOUR)
    mail.outbox.clear()

    write_digests(at=SEVEN)
    deliver(SEVEN)

    (sent,) = mail.outbox
    assert sent.subject == "Der Tag auf einen Blick: 3 Leads brauchen jemanden"
    for words in ("1 in der Pickliste", "1 zurückgehalten", "1 angenommen, aber"):
        assert words in sent.body
    assert "zu beurteilen" not in sent.body
    assert "http://127.0.0.1:8000/leads/\n" in sent.body


def test_is_not_sent_on_a_day_without_anything(network: Network) -> None:
    write_digests(at=SEVEN)

    deliver(SEVEN)

    assert mail.outbox == []
    assert [one.skipped for one in letters(network, "digest")] == ["nothing_to_say"]


def test_counts_the_leads_of_no_other_network(network: Network, other_network: Network) -> None:
    other_network.lead()
    write_digests(at=SEVEN)

    deliver(SEVEN)

    sent = [one for one in mail.outbox if "Blick" in one.subject]
    assert [one.to for one in sent] == [["admin@globex.example"]]
