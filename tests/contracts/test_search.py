"""The search finds by an index under row level security, and nothing that is not the reader's."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from django.db import DatabaseError, transaction

from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import (
    partner_context,
    system_context,
    tenant_context,
    user_context,
)
from tests.contracts.catalogue import World, ask, key_presented, unguarded

FIND = "SELECT leads_found(%s, 100)"
# What every lead of both worlds has in it.
COMMON = ["crm"]


def readers(acme: World, globex: World) -> Iterator[tuple[str, AbstractContextManager[None]]]:
    """Everybody but a manufacturer; the system searches for nobody."""
    yield "nobody", unguarded()
    yield "holder", partner_context([acme.holder.id])
    yield "partner of both", partner_context([acme.holder.id, globex.asked.id])
    yield "person", user_context(new_id())
    yield "key", key_presented(acme.network.api_key.split("_")[1])
    yield "system", system_context("test")


def test_finds_a_tenants_own_leads_only(acme: World, globex: World) -> None:
    for world, other in ((acme, globex), (globex, acme)):
        with tenant_context(world.tenant):
            found = {lead for (lead,) in ask(FIND, COMMON)}
            own = {lead for (lead,) in ask("SELECT id FROM leads_lead")}

        assert world.held.id in own
        assert found == own
        assert other.held.id not in found


def test_finds_nothing_for_anybody_else(acme: World, globex: World) -> None:
    found = {}
    for name, inside in readers(acme, globex):
        with inside:
            found[name] = len(ask(FIND, COMMON))

    assert found == dict.fromkeys(found, 0)
    assert len(found) == 6


def test_shows_partners_no_words_even_of_a_lead_that_they_hold(acme: World) -> None:
    with partner_context([acme.holder.id, acme.asked.id]):
        assert ask("SELECT words FROM leads_leadsearch") == []


def test_takes_no_tenant_from_who_asks(acme: World) -> None:
    """The control of the two above: the functions have no parameter that could name a tenant."""
    parameters = ask(
        "SELECT proname, pg_get_function_identity_arguments(oid) FROM pg_proc"
        " WHERE proname IN ('leads_found', 'leads_sought') ORDER BY 1"
    )

    assert parameters == [("leads_found", "words text[], at_most integer"), ("leads_sought", "")]


@pytest.mark.parametrize("sought", ["%", "%%", "% crm%"])
def test_shows_no_more_by_whatever_is_sought(acme: World, globex: World, sought: str) -> None:
    """A restrictive policy takes rows away; the setting that it reads is anybody's to set."""
    with tenant_context(acme.tenant):
        ask("SELECT set_config('leadhub.sought', %s, true)", sought)
        tenants = ask("SELECT DISTINCT manufacturer_id FROM leads_leadsearch")
        ask("SELECT set_config('leadhub.sought', '', true)")

    assert tenants == [(acme.tenant,)]


def test_restricts_by_what_is_sought_nowhere_else(acme: World) -> None:
    restrictive = ask(
        "SELECT tablename, policyname, cmd FROM pg_policies WHERE permissive = 'RESTRICTIVE'"
    )

    assert restrictive == [("leads_leadsearch", "sought", "SELECT")]


def test_leaves_nothing_sought_behind(acme: World) -> None:
    with tenant_context(acme.tenant):
        ask(FIND, COMMON)
        with pytest.raises(DatabaseError), transaction.atomic():
            ask("SELECT leads_found(%s, -1)", COMMON)

        assert ask("SELECT current_setting('leadhub.sought', true)") == [("",)]


def test_renews_words_whatever_is_sought(acme: World) -> None:
    with tenant_context(acme.tenant):
        ask("SELECT set_config('leadhub.sought', 'nothing like this', true)")
        ask("DELETE FROM leads_leadcontact RETURNING 1")
        ask("SELECT set_config('leadhub.sought', '', true)")

        assert ask("SELECT words FROM leads_leadsearch WHERE words LIKE '%%erika%%'") == []


def test_is_served_by_its_index_as_the_role_that_row_level_security_binds(acme: World) -> None:
    with tenant_context(acme.tenant):
        ask("SELECT set_config('enable_seqscan', 'off', true)")
        plan = "\n".join(
            line
            for (line,) in ask(
                "EXPLAIN SELECT lead_id FROM leads_leadsearch"
                " WHERE manufacturer_id = (SELECT leadhub_manufacturer())"
            )
        )

    (condition,) = [line for line in plan.splitlines() if "Index Cond" in line]
    assert "leads_by_words" in plan
    assert "manufacturer_id = " in condition
    assert "words ~~ " in condition
