"""A context that was forgotten is noticed: the statement is refused instead of seeing nothing."""

from threading import Thread
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from leadhub.core.models import Delivery, PostalCode
from leadhub.core.prepared import execute_prepared, execute_prepared_in_order
from leadhub.core.tenancy.context import (
    NoContext,
    partner_context,
    system_context,
    tenant_context,
    tenant_table_in,
    user_context,
)
from leads import tasks
from leads.models import Lead
from partners.models import Manufacturer, User
from tests.factories import Network

pytestmark = pytest.mark.django_db

COUNT = "SELECT count(*) FROM leads_lead"


def run(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


@pytest.mark.parametrize(
    "forgetful",
    [
        Lead.objects.count,
        lambda: list(Manufacturer.objects.all()),
        User.objects.first,
        lambda: Delivery.objects.update(attempts=1),
        lambda: Lead.objects.all().delete(),
        lambda: Lead(external_id="x").save(force_insert=True),
        lambda: run(COUNT),
    ],
)
def test_refuses_a_statement_about_tenants_rows_without_a_context(forgetful: Any) -> None:
    with pytest.raises(NoContext, match="outside of every context"):
        forgetful()


def test_names_the_table() -> None:
    with pytest.raises(NoContext, match="leads_lead "):
        Lead.objects.exists()


def test_refuses_a_prepared_statement_without_a_context(network: Network) -> None:
    with tenant_context(network.manufacturer.id), connection.cursor() as cursor:
        execute_prepared_in_order(cursor, COUNT, [], [])

    with pytest.raises(NoContext), connection.cursor() as cursor:
        execute_prepared_in_order(cursor, COUNT, [], [])
    with pytest.raises(NoContext), connection.cursor() as cursor:
        execute_prepared(cursor, f"{COUNT} WHERE id = %(id)s", {"id": None}, {"id": "uuid"})


def test_lets_every_context_ask(network: Network) -> None:
    partner = network.partner()

    for context in (
        tenant_context(network.manufacturer.id),
        partner_context([partner.id]),
        user_context(partner.id),
        system_context("test"),
    ):
        with context:
            assert run(COUNT) == (0,)


def test_lets_ask_for_what_belongs_to_no_tenant() -> None:
    assert PostalCode.objects.exists()
    assert run("SELECT 1") == (1,)


def test_refuses_again_after_the_context(network: Network) -> None:
    with tenant_context(network.manufacturer.id):
        pass

    with pytest.raises(NoContext):
        Lead.objects.count()


def test_refuses_a_thread_that_a_context_was_not_handed_on_to(network: Network) -> None:
    seen: list[BaseException] = []

    def forgetful() -> None:
        try:
            Lead.objects.count()
        except NoContext as refusal:
            seen.append(refusal)
        finally:
            connection.close()

    with tenant_context(network.manufacturer.id):
        thread = Thread(target=forgetful)
        thread.start()
        thread.join()

    assert len(seen) == 1


def test_knows_every_table_under_row_level_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity"
            " AND relnamespace = 'public'::regnamespace"
        )
        secured = {name for (name,) in cursor.fetchall()}

    tables: set[str] = {
        model._meta.db_table for model in apps.get_models(include_auto_created=True)
    }
    assert {table for table in tables if tenant_table_in(f"SELECT FROM {table} x")} == secured


def test_finds_no_table_in_a_longer_name() -> None:
    assert tenant_table_in('SELECT FROM "leads_leads"') is None
    assert tenant_table_in('SELECT FROM "leads_lead" WHERE') == "leads_lead"


def test_does_not_hinder_the_tasks() -> None:
    """The control: what Celery calls enters its contexts by itself."""
    assert tasks.sweep() == 0
    assert tasks.spread() == 0
    assert tasks.deliver("EMAIL") == 0
    assert tasks.write_digests() == 0
