"""No row points into another tenant: the database refuses it, whoever writes."""

from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.invariants.catalogue import APPEND_ONLY
from leads.models import LeadContact, LeadEvent, LeadSearch, Pick
from tests.contracts.catalogue import World, ask, one_row, tell

COMPOSITE_KEYS = """
    SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text, a.attname
    FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2]
    WHERE c.contype = 'f' AND cardinality(c.conkey) = 2
      AND c.connamespace = 'public'::regnamespace ORDER BY 1
"""
LOG = "leads_leadevent"
# What else is to be set or chosen, so that nothing but the reference speaks against the change.
ALSO_SET = {
    "leads_routingpolicy": "is_default = false,",
    "merged_into_id": "status = 'MERGED', partner_id = NULL,",
}
WHICH = {
    "leads_lead": "AND partner_id IS NOT NULL",
    "partners_membership": "AND role = 'PARTNER_REP'",
}


def refusal_of(table: str, column: str, tenant: UUID, value: UUID) -> str:
    """Point one row of a tenant at a row elsewhere; give the message of the refusal, if any."""
    try:
        with system_context("test"), transaction.atomic():
            changed = tell(
                f"UPDATE {table} SET {ALSO_SET.get(column, ALSO_SET.get(table, ''))} {column} = %s"
                " WHERE ctid ="
                f" (SELECT ctid FROM {table} WHERE manufacturer_id = %s {WHICH.get(table, '')}"
                " LIMIT 1)",
                value,
                tenant,
            )
    except IntegrityError as error:
        return str(error)
    return f"{changed} rows changed"


def refusal_of_another(table: str, column: str, tenant: UUID, value: UUID) -> str:
    """The same of a row beside it: tables that only grow refuse every change, so one is added."""
    try:
        with system_context("test"), transaction.atomic():
            added = tell(
                f"INSERT INTO {table} SELECT (jsonb_populate_record(kept, jsonb_build_object("
                "'id', gen_random_uuid(), 'label', 'another', %s, %s))).*"
                f" FROM {table} kept WHERE manufacturer_id = %s LIMIT 1",
                column,
                str(value),
                tenant,
            )
    except IntegrityError as error:
        return str(error)
    return f"{added} rows added"


def target_of(table: str, target: str, globex: World) -> UUID:
    """A row of another tenant that no row of the table points at yet."""
    if table in ("leads_assignment", "leads_leadoffer") and target == "leads_lead":
        return globex.unplaced.id
    if table == "leads_reminder":
        return globex.direct.id
    if table == "leads_partnerstanding":
        return globex.network.partner().id
    if table == "leads_leadcontact":
        with tenant_context(globex.tenant):
            LeadContact.objects.filter(lead=globex.offered).delete()
        return globex.offered.id
    if table == "leads_leadsearch":
        with tenant_context(globex.tenant):
            LeadSearch.objects.filter(lead=globex.offered).delete()
        return globex.offered.id
    found: UUID = one_row(target, globex.tenant)
    if table == "leads_pick" and target == "leads_assignment":
        with tenant_context(globex.tenant):
            Pick.objects.filter(assignment=found).delete()
    return found


def test_refuses_every_row_that_points_into_another_tenant(acme: World, globex: World) -> None:
    keys = [key for key in ask(COMPOSITE_KEYS) if key[1] != LOG]

    answers = {
        name: (refusal_of_another if table in APPEND_ONLY else refusal_of)(
            table, column, acme.tenant, target_of(table, target, globex)
        )
        for name, table, target, column in keys
    }

    assert len(answers) > 25
    assert {name for name, answer in answers.items() if f'"{name}"' not in answer} == set()


def test_lets_a_row_point_at_another_of_its_own_tenant(acme: World) -> None:
    """The control: the statements above fail for the tenant's sake only."""
    answer = refusal_of("leads_leadoffer", "lead_id", acme.tenant, acme.unplaced.id)

    assert answer == "1 rows changed"


@pytest.mark.parametrize("column", ["lead_id", "partner_id", "assignment_id"])
def test_refuses_a_fact_about_another_tenant(acme: World, globex: World, column: str) -> None:
    foreign = {
        "lead_id": globex.held.id,
        "partner_id": globex.holder.id,
        "assignment_id": globex.assignment.id,
    }
    own = {"lead_id": acme.held.id, "partner_id": None, "assignment_id": None}
    event = LeadEvent(
        manufacturer_id=acme.tenant,
        sequence=99,
        type="offer.viewed",
        at=acme.held.received_at,
        **{**own, column: foreign[column]},
    )

    with (
        system_context("test"),
        pytest.raises(IntegrityError, match=f"{column}_in_same_tenant"),
        transaction.atomic(),
    ):
        event.save(force_insert=True)


def test_refuses_a_row_that_points_at_nothing(acme: World) -> None:
    answer = refusal_of("leads_assignment", "partner_id", acme.tenant, new_id())

    assert "in_same_tenant" in answer
