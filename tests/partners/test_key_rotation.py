"""Keys in pairs: made beside each other, rotated without a gap, revoked at once."""

from datetime import datetime, timedelta

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from partners.keys import (
    KeyIsOver,
    MoreThanOwn,
    TooManyKeys,
    find_key_holder,
    issue_key,
    prefix_of,
    revoke_key,
    rotate_key,
)
from partners.models import ApiKey
from tests.acting import MANUFACTURER_SCOPES, PARTNER_SCOPES
from tests.factories import NOON, Network

DAY = timedelta(days=1)


def row_of(network: Network, token: str) -> ApiKey:
    with tenant_context(network.manufacturer.id):
        return ApiKey.objects.get(prefix=prefix_of(token))


def make(network: Network, *, at: datetime = NOON, **options: object) -> str:
    return issue_key(name="CRM", by=network.by, at=at, **options)  # type: ignore[arg-type]


def opens(token: str, at: datetime) -> bool:
    return find_key_holder(token, at=at) is not None


def test_lets_two_of_a_name_live_and_no_third(network: Network) -> None:
    make(network), make(network)

    with pytest.raises(TooManyKeys):
        make(network)


def test_counts_neither_other_names_nor_other_sides(network: Network) -> None:
    make(network), make(network)

    assert issue_key(name="Website", by=network.by, at=NOON)
    for partner in network.partners(2):
        assert make(network, partner=partner)


def test_counts_no_key_that_is_over(network: Network) -> None:
    expired, revoked = make(network, expires_at=NOON + DAY), make(network)
    revoke_key(key=row_of(network, revoked), by=network.by, at=NOON)

    assert make(network)
    assert make(network, at=NOON + DAY)
    assert not opens(expired, NOON + DAY)


def test_a_rotated_key_and_its_successor_both_open_for_the_overlap(network: Network) -> None:
    old = make(network, scopes=["leads:read", "kpis:read"])

    new = rotate_key(key=row_of(network, old), by=network.by, at=NOON, overlap=2 * DAY)

    assert [opens(old, NOON + days * DAY) for days in (0, 1, 2)] == [True, True, False]
    assert opens(new, NOON + 400 * DAY)
    successor = row_of(network, new)
    assert (successor.name, successor.scopes) == ("CRM", ["leads:read", "kpis:read"])


def test_a_partners_key_is_rotated_to_the_same_partner(network: Network) -> None:
    partner = network.partner()
    old = make(network, partner=partner)

    new = rotate_key(key=row_of(network, old), by=network.by, at=NOON, within=MANUFACTURER_SCOPES)

    holder = find_key_holder(new, at=NOON)
    assert holder is not None
    assert holder.actor.partner_id == partner.id
    assert holder.scopes == set(PARTNER_SCOPES)


def test_a_key_with_an_end_hands_on_its_length_of_life(network: Network) -> None:
    old = make(network, expires_at=NOON + 90 * DAY)

    new = rotate_key(key=row_of(network, old), by=network.by, at=NOON + 88 * DAY)

    assert row_of(network, old).expires_at == NOON + 90 * DAY
    assert row_of(network, new).expires_at == NOON + 178 * DAY


def test_without_overlap_the_old_key_ends_at_once(network: Network) -> None:
    old = make(network)

    rotate_key(key=row_of(network, old), by=network.by, at=NOON, overlap=timedelta())

    assert not opens(old, NOON)


def test_a_key_is_rotated_once_at_a_time(network: Network) -> None:
    old = make(network)
    key = row_of(network, old)
    rotate_key(key=key, by=network.by, at=NOON)

    with pytest.raises(TooManyKeys):
        rotate_key(key=key, by=network.by, at=NOON)


def test_a_key_that_is_over_has_no_successor(network: Network) -> None:
    expired, revoked = make(network, expires_at=NOON + DAY), make(network)
    revoke_key(key=row_of(network, revoked), by=network.by, at=NOON)

    for token in (expired, revoked):
        with pytest.raises(KeyIsOver):
            rotate_key(key=row_of(network, token), by=network.by, at=NOON + DAY)


def test_revoking_ends_a_key_at_once_and_says_so_once(network: Network) -> None:
    key = row_of(network, network.api_key)

    first = revoke_key(key=key, by=network.by, at=NOON)
    second = revoke_key(key=key, by=network.by, at=NOON + DAY)

    assert (first, second) == (True, False)
    assert not opens(network.api_key, NOON)
    assert row_of(network, network.api_key).revoked_at == NOON


def test_a_key_hands_on_no_scope_that_it_lacks(network: Network) -> None:
    strong, own = make(network), ["partners:write", "leads:read"]

    with pytest.raises(MoreThanOwn):
        make(network, scopes=["leads:read", "leads:write"], within=own)
    with pytest.raises(MoreThanOwn):
        rotate_key(key=row_of(network, strong), by=network.by, at=NOON, within=own)
    weak = make(network, within=own)

    assert sorted(row_of(network, weak).scopes) == sorted(own)
    assert opens(strong, NOON + 400 * DAY)


@pytest.mark.parametrize("scopes", [[], ["leads:everything"], ["offers:act"]])
def test_has_only_scopes_of_its_kind(network: Network, scopes: list[str]) -> None:
    with pytest.raises(InvalidInput, match="leads:write") as refusal:
        make(network, scopes=scopes)

    assert refusal.value.field == "scopes"


def test_ends_no_earlier_than_it_begins(network: Network) -> None:
    with pytest.raises(InvalidInput) as refusal:
        make(network, expires_at=NOON)

    assert refusal.value.field == "expires_at"
