"""Row level security: whose rows the database shows, and to whom it lets nothing be written."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction

from leadhub.core.ids import new_id
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import (
    partner_context,
    system_context,
    tenant_context,
    user_context,
)
from leads.models import LeadEvent
from partners.models import ApiKey, Manufacturer, Membership, Partner, User
from tests.contracts.catalogue import (
    World,
    ask,
    key_presented,
    make_world,
    tell,
    tenant_tables,
    tenants_seen,
    unguarded,
)

APPEND_ONLY = {
    "leads_consenttext",
    "leads_leadevent",
    "leads_leadnote",
    "leads_logcheckpoint",
    "partners_materialopening",
    "partners_setupchange",
}
# By its schema: partners find a mask in front of some tables.
INSERT = "INSERT INTO public.{} (manufacturer_id) VALUES (%s)"


@pytest.mark.usefixtures("acme")
def test_shows_nothing_without_a_context() -> None:
    with unguarded():
        seen = {table: tenants_seen(table) for table in tenant_tables()}
        manufacturers, people = Manufacturer.objects.count(), User.objects.count()

    assert seen == {table: set() for table in tenant_tables()}
    assert (manufacturers, people) == (0, 0)


def test_shows_a_tenant_its_own_rows_only(acme: World, globex: World) -> None:
    for world in (acme, globex):
        with tenant_context(world.tenant):
            seen = {table: tenants_seen(table) for table in tenant_tables()}
            manufacturers = list(Manufacturer.objects.all())

        assert seen == {table: {world.tenant} for table in tenant_tables()}
        assert [manufacturer.id for manufacturer in manufacturers] == [world.tenant]


def test_shows_the_named_system_every_row(acme: World, globex: World) -> None:
    with system_context("test"):
        seen = {table: tenants_seen(table) for table in tenant_tables()}

    assert seen == {table: {acme.tenant, globex.tenant} for table in tenant_tables()}


def test_shows_a_tenant_the_people_it_works_with(acme: World, globex: World) -> None:
    with tenant_context(acme.tenant):
        emails = set(User.objects.values_list("email", flat=True))

    assert emails == {"admin@acme.example", "desk@acme.example", "rep@acme.example"}


def contexts(world: World) -> Iterator[tuple[str, AbstractContextManager[None]]]:
    """Everybody who may read something, and nobody."""
    yield "nobody", unguarded()
    yield "partner", partner_context([world.holder.id])
    yield "person", user_context(new_id())
    yield "key", key_presented(world.network.api_key.split("_")[1])


def refused(statement: str, *parameters: Any) -> bool:
    """Whether row level security refuses a statement."""
    try:
        with transaction.atomic():
            tell(statement, *parameters)
    except ProgrammingError as error:
        return "row-level security" in str(error)
    return False


def test_lets_nobody_insert_but_the_tenant(acme: World) -> None:
    accepted = []
    for name, context in contexts(acme):
        with context:
            accepted += [
                (name, table)
                for table in tenant_tables()
                if not refused(
                    f"INSERT INTO public.{table} (manufacturer_id) VALUES (%s)", acme.tenant
                )
            ]

    assert accepted == []


def test_lets_no_tenant_insert_for_another(acme: World, globex: World) -> None:
    with tenant_context(globex.tenant):
        accepted = [
            table for table in tenant_tables() if not refused(INSERT.format(table), acme.tenant)
        ]

    assert accepted == []


def test_lets_nobody_change_or_delete_a_row_of_a_tenant(acme: World, globex: World) -> None:
    changed = []
    others = [*contexts(acme), ("other tenant", tenant_context(globex.tenant))]
    for name, context in others:
        with context:
            for table in tenant_tables():
                update = f"UPDATE public.{table} SET manufacturer_id = manufacturer_id"
                delete = f"DELETE FROM public.{table}"
                for statement in (update, delete):
                    if tell(f"{statement} WHERE manufacturer_id = %s", acme.tenant):
                        changed.append((name, statement))  # noqa: PERF401 - reads as it runs

    assert changed == []


def test_lets_a_tenant_change_its_own_rows(acme: World) -> None:
    """The control: the statements that change nothing for others do change something."""
    with tenant_context(acme.tenant):
        unchanged = [
            table
            for table in tenant_tables()
            if table not in APPEND_ONLY
            and not tell(f"UPDATE {table} SET manufacturer_id = manufacturer_id")
        ]

    assert unchanged == []


def test_lets_no_tenant_give_a_row_away(acme: World, globex: World) -> None:
    with tenant_context(acme.tenant):
        accepted = [
            table
            for table in tenant_tables()
            if table not in APPEND_ONLY
            and not refused(f"UPDATE {table} SET manufacturer_id = %s", globex.tenant)
        ]

    assert accepted == []


def test_lets_nobody_make_a_person_but_the_system(acme: World) -> None:
    with tenant_context(acme.tenant):
        assert refused("INSERT INTO partners_user (id) VALUES (%s)", new_id())
    with unguarded():
        assert refused("INSERT INTO partners_user (id) VALUES (%s)", new_id())


def test_shows_a_key_by_its_prefix_and_nothing_else(acme: World, globex: World) -> None:
    prefix = acme.network.api_key.split("_")[1]

    with key_presented(prefix):
        keys = list(ApiKey.objects.values_list("prefix", flat=True))
        others = {table for table in tenant_tables() if tenants_seen(table)}

    assert keys == [prefix]
    assert others == {"partners_apikey"}


def test_shows_a_person_their_own_memberships_and_account(acme: World, globex: World) -> None:
    with system_context("test"):
        user_id = Membership.objects.get(partner=acme.holder).user_id

    with user_context(user_id):
        memberships = list(Membership.objects.values_list("partner_id", flat=True))
        people = list(User.objects.values_list("id", flat=True))
        others = {table for table in tenant_tables() if tenants_seen(table)}

    assert memberships == [acme.holder.id]
    assert people == [user_id]
    assert others == {"partners_membership"}


def test_refuses_to_change_or_delete_an_event(acme: World) -> None:
    for context in (tenant_context(acme.tenant), system_context("test")):
        with context:
            for change in ("UPDATE leads_leadevent SET at = now()", "DELETE FROM leads_leadevent"):
                with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                    tell(change)

    assert len(acme.network.events(acme.held)) == acme.network.again(acme.held).last_sequence


def test_refuses_to_empty_the_log(acme: World) -> None:
    with (
        system_context("test"),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
    ):
        tell("TRUNCATE leads_leadevent CASCADE")


@pytest.mark.parametrize(
    "attempt",
    [
        "ALTER TABLE leads_leadevent DISABLE TRIGGER append_only",
        "ALTER TABLE leads_leadevent NO FORCE ROW LEVEL SECURITY",
        "DROP TRIGGER append_only ON leads_leadevent",
        "SET LOCAL session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION leadhub_refuse_change() RETURNS trigger LANGUAGE sql AS ''",
    ],
)
def test_refuses_to_take_the_guard_of_the_log_away(acme: World, attempt: str) -> None:
    with (
        system_context("test"),
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
    ):
        tell(attempt)


def test_lets_add_an_event_to_ones_own_log(acme: World) -> None:
    """The control: it is changing that is refused, not writing."""
    with tenant_context(acme.tenant):
        LeadEvent.objects.create(
            manufacturer_id=acme.tenant,
            lead=acme.held,
            sequence=99,
            type="offer.viewed",
            at=acme.held.received_at,
        )


def test_leaves_nothing_of_a_context_to_the_next_transaction(committed: None) -> None:
    world = make_world("acme")

    with tenant_context(world.tenant):
        inside = Partner.objects.count()
    with transaction.atomic(), unguarded():
        setting = ask("SELECT current_setting('leadhub.manufacturer', true)")
        outside = Partner.objects.count()

    assert (inside, outside) == (2, 0)
    assert setting in ([("",)], [(None,)])


def test_leaves_nothing_of_a_context_that_failed(committed: None) -> None:
    world = make_world("acme")

    with pytest.raises(LookupError), tenant_context(world.tenant):
        raise LookupError

    assert not connection.in_atomic_block
    with unguarded():
        assert Partner.objects.count() == 0


def test_hides_messages_from_everybody_but_the_tenant(acme: World, globex: World) -> None:
    with tenant_context(acme.tenant):
        own = Delivery.objects.count()
    with partner_context([acme.asked.id, acme.holder.id]):
        of_partners = Delivery.objects.count()

    assert own > 0
    assert of_partners == 0
