"""Every change of the set-up and of rights leaves a record, whichever way it is made.

Every changing call of the API and every form of a page is sent; what it made of the tables of the
set-up is compared with what it recorded. An address that is not listed fails, and so does a table.
What no address reaches is found in the code: whoever writes such a table has to record it.
"""

from datetime import datetime

import pytest
from django.db import DatabaseError, transaction

from leadhub.core import clock
from leadhub.core.actors import system_actor
from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import system_context, tenant_context
from partners.changes import record_change
from partners.invitations import accept_as_new, invite
from partners.single_sign_on import save_connection
from tests.acting import member
from tests.api.calling import Api
from tests.api.calls import CALLS, Call, World, path_of
from tests.contracts.catalogue import ask, tell, tenant_tables
from tests.contracts.set_up import NOT_SET_UP, PROVIDER, SET_UP, Effect, connected, effect_of
from tests.factories import Network
from tests.people.letters import letters_to, link_in

pytestmark = pytest.mark.django_db

# Calls of the API that change the set-up: the control that a change is seen at all.
CHANGING_CALLS = {
    ("api-partners", "post"),
    ("api-partner", "patch"),
    ("api-partner-by-external-id", "put"),
    ("api-partner-absences", "post"),
    ("api-partner-absence", "delete"),
    ("api-partner-exclusions", "post"),
    ("api-partner-exclusion", "delete"),
    ("api-partner-invitations", "post"),
    ("api-partner-keys", "post"),
    ("api-users", "post"),
    ("api-user", "patch"),
    ("api-user", "delete"),
    ("api-user-invited", "delete"),
    ("api-keys", "post"),
    ("api-key", "delete"),
    ("api-key-rotate", "post"),
    ("api-materials", "post"),
    ("api-material", "patch"),
    ("api-material", "delete"),
    ("api-material-versions", "post"),
    ("api-material-version", "patch"),
    ("api-product-line", "put"),
    ("api-level", "put"),
    ("api-policies", "post"),
    ("api-policy", "put"),
    ("api-policy", "delete"),
    ("api-policy-publish", "post"),
    ("api-policies-simulate", "post"),
    ("api-webhooks", "post"),
    ("api-webhook", "patch"),
    ("api-webhook", "delete"),
    ("api-webhook-rotate", "post"),
}


def test_sorts_every_table() -> None:
    assert set(tenant_tables()) | {"partners_manufacturer", "partners_user"} == SET_UP | NOT_SET_UP
    assert set() == SET_UP & NOT_SET_UP


CHANGING = [call for call in CALLS if call.method != "get"]


@pytest.mark.parametrize("call", CHANGING, ids=lambda call: f"{call.method} {call.url}")
def test_records_what_a_program_changes(call: Call, network: Network, now: datetime) -> None:
    world = World(network, now)
    call.arrange(world)
    path, _ = path_of(call, world.ids)
    is_manufacturer = "manufacturer" in call.callers
    api = Api(network.api_key if is_manufacturer else network.key_for(world.partner))

    effect = effect_of(lambda: api.call(call.method.upper(), path, call.body(world)))

    assert bool(effect.tables) == ((call.url, call.method) in CHANGING_CALLS)
    assert bool(effect.changes) == bool(effect.tables)
    assert {change.actor.partition(":")[0] for change in effect.changes} <= {"key"}
    assert {change.manufacturer_id for change in effect.changes} <= {network.manufacturer.id}


def test_records_how_a_tenant_begins(db: None) -> None:
    effect = effect_of(lambda: Network("acme"))

    kinds = {change.kind for change in effect.changes}
    assert kinds >= {"manufacturer", "membership", "policy", "api_key", "product_line", "level"}


def test_records_whom_somebody_lets_act(network: Network) -> None:
    effect = effect_of(lambda: member(network, "new@acme.example", "ANALYST"))
    again = effect_of(lambda: member(network, "new@acme.example", "ADMIN"))
    same = effect_of(lambda: member(network, "new@acme.example", "ADMIN"))

    assert [change.after for change in effect.changes] == [
        {"role": "ANALYST", "email": "new@acme.example"}
    ]
    assert [(c.before, c.after) for c in again.changes] == [
        ({"role": "ANALYST"}, {"role": "ADMIN"})
    ]
    assert same == Effect(set(), [])


def test_records_only_what_differs(network: Network) -> None:
    partner = network.partner(name="Meier", regions=("DE-BY", "DE-HH"))

    same = effect_of(
        lambda: network.partner(
            external_id=partner.external_id,
            name="Meier",
            regions=("DE-HH", "DE-BY"),
            email=partner.email,
        )
    )
    other = effect_of(
        lambda: network.partner(
            external_id=partner.external_id, name="Maier", email=partner.email, radius_km=60.0
        )
    )

    assert same.changes == []
    (change,) = other.changes
    assert change.before == {"name": "Meier", "radius_km": 50.0, "regions": ["DE-BY", "DE-HH"]}
    assert change.after == {"name": "Maier", "radius_km": 60.0, "regions": []}


def test_leaves_no_record_of_what_was_rolled_back(network: Network) -> None:
    def undo() -> None:
        with transaction.atomic():
            network.partner()
            transaction.set_rollback(True)

    assert effect_of(undo) == Effect(set(), [])


def test_refuses_to_record_a_secret(network: Network) -> None:
    by = system_actor(network.manufacturer.id, "test")
    for name in ("secret", "api_token", "Password", "secret_digest"):
        with pytest.raises(ValueError, match="secret"):
            record_change(by=by, kind="api_key", key=new_id(), name="x", after={name: "x"})


def test_records_that_somebody_accepted_themselves(network: Network) -> None:
    invite(email="new@acme.example", role="ANALYST", by=network.by, at=clock.now())
    (letter,) = letters_to("new@acme.example")
    token = link_in(letter).strip("/").rpartition("/")[2]

    effect = effect_of(
        lambda: accept_as_new(token=token, name="New", password="a-long-one", at=clock.now())
    )

    known = {change.kind: change for change in effect.changes}
    assert known.keys() == {"membership", "invitation"}
    assert len({change.actor for change in effect.changes}) == 1
    assert effect.changes[0].actor.startswith("user:")
    assert known["invitation"].before == {"accepted_at": None}


def test_records_that_a_provider_has_another_secret_but_not_which(network: Network) -> None:
    connected(network)

    same = effect_of(
        lambda: save_connection(**PROVIDER | {"secret": ""}, by=network.by, at=clock.now())
    )
    other = effect_of(
        lambda: save_connection(**PROVIDER | {"secret": "newer"}, by=network.by, at=clock.now())
    )

    assert same.changes == []
    assert [set(change.after or {}) for change in other.changes] == [{"renewed_at"}]


def test_never_holds_a_key_or_a_password(network: Network) -> None:
    key = network.key_for(network.partner())
    connected(network)

    with system_context("test"):
        told = str(ask("SELECT string_agg(t::text, ' ') FROM partners_setupchange t"))

    assert key.rpartition("_")[2] not in told
    assert PROVIDER["secret"] not in told
    assert "digest" not in told


@pytest.mark.parametrize(
    "change",
    ["UPDATE partners_setupchange SET actor = 'x'", "DELETE FROM partners_setupchange"],
)
def test_refuses_to_change_what_was_recorded(network: Network, change: str) -> None:
    with (
        tenant_context(network.manufacturer.id),
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
    ):
        tell(change)
