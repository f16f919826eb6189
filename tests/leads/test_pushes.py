"""Web Push: readable by the one browser alone, signed as ours, and forgotten when it is gone."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import LazySettings

from leadhub.core.channels import vapid
from leadhub.core.errors import InvalidInput
from leadhub.core.outbox import pause_after
from leadhub.core.tenancy.context import system_context
from partners.devices import add_device, devices_of, remove_device
from partners.models import Membership, PushDevice
from tests.acting import HOUR, MINUTE, accept, member
from tests.factories import NOON, Network
from tests.leads.test_messages import CANARY, secret_lead
from tests.messaging import deliver, letters, wishing
from tests.pages.linking import opened_by
from tests.push_service import Browser, PushService, in_base64url, push_service


@pytest.fixture
def place(settings: LazySettings, tmp_path: Path) -> Path:
    """An installation that has no key yet, and may reach this machine."""
    settings.OUTGOING_MAY_REACH_LOOPBACK = True
    settings.VAPID_KEY_FILE = str(tmp_path / "vapid.pem")
    return tmp_path / "vapid.pem"


@pytest.fixture
def service(place: Path) -> Iterator[PushService]:
    with push_service() as running:
        yield running


@pytest.fixture
def rep(network: Network) -> Membership:
    """Somebody of a partner, who wants to know by push alone."""
    membership = member(network, "rep@example.com", "PARTNER_REP", network.partner())
    return wishing(membership, channels={"OFFERS": ["PUSH"]})


def subscribe(membership: Membership, service: PushService, path: str = "/one") -> Browser:
    browser = Browser()
    add_device(
        user_id=membership.user_id,
        endpoint=f"{service.origin}{path}",
        public_key=browser.keys["p256dh"],
        secret=browser.keys["auth"],
        name="Phone",
        at=NOON,
    )
    return browser


def test_tells_the_browser_and_nobody_on_the_way(
    network: Network, rep: Membership, service: PushService
) -> None:
    browser = subscribe(rep, service)
    lead = secret_lead(network, wish_summary="Heat pump, 12 kW")

    assert deliver() == 1

    (request,) = service.requests
    (message,) = letters(network)
    assert request.path == "/one"
    told = browser.read(request.body)
    assert opened_by(told.pop("url")) == f"/linked/offers/{network.offers(lead)[0].id}/"
    assert told == {
        "id": str(message.id),
        "kind": "offer_new",
        "title": "Acme",
        "body": "Neue Anfrage: Heat pump, 12 kW, 80331 München. Antwort bis 2.3., 14:00 Uhr.",
        "language": "de",
        "waiting": 1,
    }
    assert b"Heat pump" not in request.body
    assert CANARY not in str(browser.read(request.body))


def test_signs_who_we_are_for_this_push_service(
    network: Network, rep: Membership, service: PushService
) -> None:
    subscribe(rep, service)
    network.lead()

    deliver()

    (request,) = service.requests
    written = request.headers["authorization"]
    found = re.fullmatch(r"vapid t=([^.]+\.[^.]+)\.([^,]+),\s*k=(.+)", written)
    assert found is not None
    signed, signature, key = found.groups()
    assert key == vapid.public_key()
    raw = read(signature)
    EllipticCurvePublicKey.from_encoded_point(SECP256R1(), read(key)).verify(
        encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")),
        signed.encode(),
        ECDSA(SHA256()),
    )
    claims = json.loads(read(signed.partition(".")[2]))
    assert claims["aud"] == service.origin
    assert claims["sub"] == "mailto:leads@leadhub.example"


def read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_repeats_take_the_place_of_what_they_repeat(
    network: Network, rep: Membership, service: PushService
) -> None:
    service.statuses = [503, 201]
    subscribe(rep, service)
    network.lead()

    deliver()
    (put_off,) = letters(network)
    deliver(NOON + MINUTE)

    first, second = service.requests
    assert put_off.last_error == "push_refused:503"
    assert put_off.due_at == NOON + pause_after(put_off.id, 1)
    assert first.headers["topic"] == second.headers["topic"] == in_base64url(put_off.id.bytes)
    assert letters(network)[0].done_at == NOON + MINUTE


@pytest.mark.parametrize("status", [404, 410])
def test_forgets_a_browser_that_is_gone(
    network: Network, rep: Membership, service: PushService, status: int
) -> None:
    service.statuses = [status]
    subscribe(rep, service)
    network.lead()

    deliver()

    assert devices_of(rep.user_id) == []
    assert [(one.skipped, one.failed_at) for one in letters(network)] == [("device_gone", None)]


@pytest.mark.parametrize(
    ("status", "is_final"), [(400, True), (403, True), (413, True), (429, False)]
)
def test_gives_up_what_is_refused_for_good(
    network: Network,
    rep: Membership,
    service: PushService,
    status: int,
    is_final: bool,  # noqa: FBT001 - a case of the table
) -> None:
    service.statuses = [status]
    subscribe(rep, service)
    network.lead()

    deliver()

    (message,) = letters(network)
    assert (message.failed_at is not None) is is_final
    assert message.last_error == f"push_refused:{status}"


def test_announces_no_offer_that_is_taken(
    network: Network, rep: Membership, service: PushService
) -> None:
    subscribe(rep, service)
    accept(network.offers(network.lead())[0])

    deliver(NOON + HOUR)

    assert service.requests == []


@pytest.mark.usefixtures("place")
def test_waits_for_a_push_service_that_is_away(network: Network, rep: Membership) -> None:
    keys = Browser().keys
    add_device(
        user_id=rep.user_id,
        endpoint="http://127.0.0.1:1/",
        public_key=keys["p256dh"],
        secret=keys["auth"],
        name="",
        at=NOON,
    )
    network.lead()

    deliver()

    assert letters(network)[0].last_error == "push_service_away"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://127.0.0.1/x",
        "http://push.example.com/x",
        "https://localhost/x",
        "https://10.0.0.1/",
    ],
)
def test_takes_no_address_that_leads_inside(rep: Membership, endpoint: str) -> None:
    keys = Browser().keys

    with pytest.raises(InvalidInput):
        add_device(
            user_id=rep.user_id,
            endpoint=endpoint,
            public_key=keys["p256dh"],
            secret=keys["auth"],
            name="",
            at=NOON,
        )


@pytest.mark.parametrize(
    "wrong", [{"public_key": "AAAA"}, {"public_key": "ä"}, {"secret": "AAAA"}, {"secret": ""}]
)
def test_takes_no_key_that_is_none(rep: Membership, wrong: dict[str, str]) -> None:
    keys = Browser().keys
    sent = {"public_key": keys["p256dh"], "secret": keys["auth"], **wrong}

    with pytest.raises(InvalidInput):
        add_device(
            user_id=rep.user_id, endpoint="https://push.example.com/x", name="", at=NOON, **sent
        )


def test_lets_a_browser_belong_to_whoever_uses_it_now(
    network: Network, rep: Membership, service: PushService
) -> None:
    other = member(network, "other@example.com", "PARTNER_REP", network.partner())
    subscribe(rep, service)

    subscribe(other, service)

    assert devices_of(rep.user_id) == []
    assert len(devices_of(other.user_id)) == 1


def test_keeps_ten_browsers_of_a_person(rep: Membership, service: PushService) -> None:
    for number in range(12):
        subscribe(rep, service, f"/{number}")

    assert len(devices_of(rep.user_id)) == 10


def test_removes_nobody_elses_browser(
    network: Network, rep: Membership, service: PushService
) -> None:
    other = member(network, "other@example.com", "PARTNER_REP", network.partner())
    subscribe(rep, service)
    (device,) = devices_of(rep.user_id)

    assert not remove_device(user_id=other.user_id, endpoint=device.endpoint)
    assert not remove_device(user_id=other.user_id, device_id=device.id)
    assert remove_device(user_id=rep.user_id, device_id=device.id)
    with system_context("test"):
        assert not PushDevice.objects.exists()


def test_makes_one_key_and_keeps_it_to_itself(place: Path) -> None:
    first = vapid.public_key()
    vapid._key.cache_clear()

    assert vapid.public_key() == first
    assert place.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in place.parent.iterdir()] == ["vapid.pem"]
