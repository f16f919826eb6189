"""API keys: made, shown once, found again only by whoever presents the whole key."""

from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from leadhub.core.tenancy.context import tenant_context
from partners.keys import (
    USE_IS_NOTED_EVERY,
    find_key_holder,
    issue_key,
)
from partners.models import ApiKey
from tests.acting import MANUFACTURER_SCOPES, PARTNER_SCOPES
from tests.factories import NOON, Network

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def key_row(network: Network) -> ApiKey:
    with tenant_context(network.manufacturer.id):
        return ApiKey.objects.get()


def change_key(network: Network, **fields: object) -> None:
    with tenant_context(network.manufacturer.id):
        ApiKey.objects.update(**fields)


def test_finds_the_manufacturer_behind_its_key(network: Network, other_network: Network) -> None:
    holder = find_key_holder(network.api_key, at=NOON)

    assert holder is not None
    assert holder.actor.manufacturer_id == network.manufacturer.id
    assert holder.actor.label == f"key:{holder.key_id}"
    assert (holder.kind, holder.actor.partner_id) == ("manufacturer", None)
    assert holder.scopes == set(MANUFACTURER_SCOPES)


def test_finds_the_partner_behind_its_key(network: Network) -> None:
    partner = network.partner()

    holder = find_key_holder(network.key_for(partner), at=NOON)

    assert holder is not None
    assert (holder.kind, holder.actor.partner_id) == ("partner", partner.id)
    assert holder.scopes == set(PARTNER_SCOPES)


def test_gives_a_key_the_scopes_asked_for(network: Network) -> None:
    token = issue_key(name="reader", by=network.by, at=NOON, scopes=["leads:read"])

    holder = find_key_holder(token, at=NOON)

    assert holder is not None
    assert holder.scopes == {"leads:read"}


def broken_keys(key: str, other: str) -> list[str]:
    mark, prefix, secret = key.split("_", 2)
    return [
        "",
        "lh",
        "lh_",
        f"{mark}_{prefix}",
        f"{mark}_{prefix}_",
        f"{mark}__{secret}",
        f"xx_{prefix}_{secret}",
        f"{mark}_{prefix}_{secret}x",
        f"{mark}_{prefix}_{secret[:-1]}",
        f"{mark}_{prefix}_{secret.swapcase()}",
        f"{mark}_{prefix}x_{secret}",
        f"{mark}_{prefix}_{other.split('_', 2)[2]}",
        f"{key}\0",
        f"{mark}_{prefix}\0_{secret}",
        f"{mark}_' OR true --_{secret}",
        f"{mark}_{prefix}_ü{secret}",
    ]


def test_finds_nobody_behind_a_wrong_key(network: Network, other_network: Network) -> None:
    wrong = broken_keys(network.api_key, other_network.api_key)

    assert [find_key_holder(token, at=NOON) for token in wrong] == [None] * len(wrong)


@pytest.mark.parametrize(("minutes", "is_known"), [(-1, True), (0, False), (1, False)])
def test_ends_with_its_expiry(network: Network, minutes: int, *, is_known: bool) -> None:
    change_key(network, expires_at=NOON)

    holder = find_key_holder(network.api_key, at=NOON + minutes * MINUTE)

    assert (holder is not None) is is_known


def test_is_worth_nothing_once_revoked(network: Network) -> None:
    change_key(network, revoked_at=NOON)

    assert find_key_holder(network.api_key, at=NOON) is None


def test_keeps_no_secret(network: Network) -> None:
    secret = network.api_key.split("_", 2)[2]

    row = key_row(network)

    assert secret not in repr(row.__dict__)
    assert len(bytes(row.secret_digest)) == 32


def test_notes_its_use_now_and_then(network: Network) -> None:
    noted = []
    for at in (NOON, NOON + USE_IS_NOTED_EVERY - SECOND, NOON + USE_IS_NOTED_EVERY):
        find_key_holder(network.api_key, at=at)
        noted.append(key_row(network).last_used_at)

    assert noted == [NOON, NOON, NOON + USE_IS_NOTED_EVERY]


def test_asks_the_database_once_for_a_key_in_use(network: Network) -> None:
    find_key_holder(network.api_key, at=NOON)

    with CaptureQueriesContext(connection) as queries:
        find_key_holder(network.api_key, at=NOON + SECOND)

    assert len(queries) == 1


@pytest.mark.usefixtures("committed")
def test_waits_for_nobody_to_note_its_use() -> None:
    network = Network()
    find_key_holder(network.api_key, at=NOON)

    with connections["owner"].cursor() as cursor, transaction.atomic("owner"):
        cursor.execute("SELECT set_config('leadhub.system', 'test', true)")
        cursor.execute("SELECT id FROM partners_apikey FOR UPDATE")
        held = cursor.rowcount
        with connection.cursor() as own:
            own.execute("SET lock_timeout = '2s'")
        holder = find_key_holder(network.api_key, at=NOON + HOUR)

    assert held == 1
    assert holder is not None
    assert key_row(network).last_used_at == NOON


def test_makes_no_two_keys_alike(network: Network) -> None:
    keys = {issue_key(name=f"k{n}", by=network.by, at=NOON) for n in range(20)}

    assert len(keys) == 20
