"""Notices become messages: each person, each channel they chose, once."""

from datetime import time
from typing import Any
from uuid import UUID

from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context
from leads.spreading import spread_due
from partners.models import PushDevice, User
from partners.opening_hours import state_opening_hours
from tests.acting import HOUR, MINUTE, accept, again, member
from tests.factories import NOON, Network
from tests.messaging import letters, notices, spread, wishing

# 22:00 in Berlin, where the network is, on the day of NOON.
NIGHT = NOON.replace(hour=21)


def told(deliveries: list[Delivery]) -> list[tuple[str, str]]:
    return sorted((one.channel, one.recipient) for one in deliveries)


def device_of(user_id: UUID, name: str) -> PushDevice:
    with system_context("test"):
        return PushDevice.objects.create(
            user_id=user_id,
            endpoint=f"https://push.example/{name}",
            endpoint_digest=name.encode().ljust(32),
            public_key="",
            secret="",
            added_at=NOON,
        )


def test_makes_a_message_for_each_person_channel_and_device(
    network: Network, settings: LazySettings
) -> None:
    settings.SMS_URL = "log:"
    partner = network.partner()
    ann = member(network, "ann@example.com", "PARTNER_MANAGER", partner)
    bob = member(network, "bob@example.com", "PARTNER_REP", partner)
    devices = [device_of(ann.user_id, name) for name in ("phone", "desk")]
    wishing(bob, phone="+498912345", channels={"OFFERS": ["SMS"]})
    network.lead()

    made = spread(network, "offer_new")

    assert told(made) == sorted(
        [
            ("EMAIL", f"user:{ann.user_id}"),
            *(("PUSH", f"device:{device.id}") for device in devices),
            ("SMS", f"user:{bob.user_id}"),
        ]
    )
    assert {one.event_id for one in made} == {notices(network, "offer_new")[0].event_id}


def test_spreads_a_notice_once(network: Network) -> None:
    network.partner()
    network.lead()

    assert (spread_due(at=NOON), spread_due(at=NOON + HOUR)) == (1, 0)
    assert len(letters(network)) == 1


def test_writes_to_the_mailbox_of_a_partner_without_people(network: Network) -> None:
    partner = network.partner(email="office@example.com")
    network.lead()

    assert told(spread(network)) == [("EMAIL", f"partner:{partner.id}")]


def test_tells_dispatchers_and_administrators_and_no_analyst(network: Network) -> None:
    dora = member(network, "dora@acme.example", "DISPATCHER")
    member(network, "anna@acme.example", "ANALYST")
    network.lead()

    recipients = {one.recipient for one in spread(network, "lead_escalated")}

    assert f"user:{dora.user_id}" in recipients
    assert len(recipients) == 2


def test_reads_no_people_when_a_lead_comes_in(network: Network) -> None:
    with CaptureQueriesContext(connection) as queries:
        network.lead()

    assert not [one for one in queries if "partners_membership" in one["sql"]]


def test_notes_a_notice_for_nobody_as_such(network: Network) -> None:
    network.lead()
    with system_context("test"):
        User.objects.update(is_active=False)

    spread(network)

    assert [one.skipped for one in notices(network)] == ["nobody"]


def test_holds_messages_back_until_quiet_hours_end(network: Network) -> None:
    partner = network.partner()
    ann = wishing(
        member(network, "ann@example.com", "PARTNER_REP", partner),
        quiet_from=time(22),
        quiet_until=time(7),
    )
    owl = wishing(
        member(network, "owl@example.com", "PARTNER_REP", partner),
        quiet_from=time(22),
        quiet_until=time(7),
        offers_anytime=True,
    )
    network.lead(at=NIGHT)

    made = {one.recipient: one.due_at for one in spread(network, at=NIGHT)}

    assert made == {f"user:{ann.user_id}": NIGHT + 9 * HOUR, f"user:{owl.user_id}": NIGHT}


def test_holds_messages_back_until_the_business_of_the_person_opens(
    network: Network, settings: LazySettings
) -> None:
    settings.SMS_URL = "log:"
    network.policy({"partners": 3})
    stated, silent = network.partner(), network.partner()
    by = network.actor_for(stated)
    state_opening_hours(partner=stated, days=["7-12, 13-17"] * 5 + ["", ""], by=by)
    people: dict[str, dict[str, Any]] = {
        "nothing": {"phone": "+498912345", "channels": {"OFFERS": ["PUSH", "SMS"]}},
        "own": {"quiet_from": time(23), "quiet_until": time(7)},
        "anytime": {"rings_anytime": True},
        "offers": {"offers_anytime": True},
    }
    ids = {
        name: wishing(
            member(network, f"{name}@example.com", "PARTNER_REP", stated), **wishes
        ).user_id
        for name, wishes in people.items()
    }
    elsewhere = member(network, "elsewhere@example.com", "PARTNER_REP", silent).user_id
    phone = device_of(ids["nothing"], "phone")
    network.lead(at=NIGHT)

    made = {(one.channel, one.recipient): one.due_at for one in spread(network, at=NIGHT)}

    assert made == {
        ("PUSH", f"device:{phone.id}"): NIGHT + 9 * HOUR,
        ("SMS", f"user:{ids['nothing']}"): NIGHT + 9 * HOUR,
        ("EMAIL", f"user:{ids['own']}"): NIGHT,
        ("EMAIL", f"user:{ids['anytime']}"): NIGHT,
        ("EMAIL", f"user:{ids['offers']}"): NIGHT,
        ("EMAIL", f"user:{elsewhere}"): NIGHT,
    }


def test_asks_for_copies_to_be_deleted_by_mail_whatever_was_chosen(network: Network) -> None:
    from leads.erasure import erase_lead  # noqa: PLC0415

    partner = network.partner()
    ann = member(network, "ann@example.com", "PARTNER_REP", partner)
    wishing(ann, channels={topic: [] for topic in ("OFFERS", "CHANGES", "WORK")})
    lead = network.lead()
    accept(network.offers(lead)[0])

    erase_lead(lead=lead, by=network.by, at=NOON + HOUR)

    assert told(spread(network, "lead_erased", at=NOON + HOUR)) == [
        ("EMAIL", f"user:{ann.user_id}")
    ]


def test_lets_one_broken_notice_hold_up_no_other(network: Network) -> None:
    network.partner()
    network.lead()
    network.lead()
    broken, _ = notices(network)
    with system_context("test"):
        Delivery.objects.filter(id=broken.id).update(recipient="partner:nobody's")

    spread_due(at=NOON)

    assert len(letters(network)) == 1
    assert again(broken).last_error == "broken:ValidationError"


def test_reads_as_often_for_ten_notices_as_for_one(network: Network) -> None:
    network.policy({"partners": 1})
    for number in range(11):
        partner = network.partner()
        member(network, f"rep-{number}@example.com", "PARTNER_REP", partner)
    network.lead()
    with CaptureQueriesContext(connection) as one:
        assert spread_due(at=NOON) == 1
    for number in range(10):
        network.lead(at=NOON + number * MINUTE / 10)
    with CaptureQueriesContext(connection) as ten:
        assert spread_due(at=NOON + MINUTE) == 10

    assert len(ten) == len(one)
