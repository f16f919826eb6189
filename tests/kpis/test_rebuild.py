"""The command that makes what figures are counted from anew, or proves that it equals the log."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from leadhub.core.tenancy.context import tenant_context
from leads.models import Pick
from tests.kpis.test_history import FIRST_EXAMPLE, load
from tests.kpis.worlds import Tenant


def rebuild(**options: Any) -> str:
    out = StringIO()
    call_command("rebuild_figures", stdout=out, **options)
    return out.getvalue()


def test_an_imported_history_is_what_the_log_says(acme: Tenant) -> None:
    load(acme, FIRST_EXAMPLE)

    with tenant_context(acme.manufacturer.id):
        assert Pick.objects.count() == 4
    assert rebuild(check=True) == "All picks are what the log says.\n"


def test_check_names_what_differs_and_changes_nothing(acme: Tenant) -> None:
    load(acme, FIRST_EXAMPLE)
    with tenant_context(acme.manufacturer.id):
        Pick.objects.filter(ending="WON").update(ending="LOST", value=None, currency=None)
    out = StringIO()

    for _ in range(2):
        with pytest.raises(CommandError, match="1 picks are not what the log says"):
            call_command("rebuild_figures", check=True, stdout=out)

    first, second = out.getvalue().splitlines()
    assert first == second
    assert first.startswith("acme: pick ")
    assert "ending is LOST, by the log WON" in first


def test_without_check_it_is_made_right(acme: Tenant, stranger: Tenant) -> None:
    for tenant in (acme, stranger):
        load(tenant, FIRST_EXAMPLE)
        with tenant_context(tenant.manufacturer.id):
            Pick.objects.all().delete()

    assert rebuild(manufacturer="acme").startswith("4 picks were not")
    with pytest.raises(CommandError, match="4 picks are not"):
        rebuild(check=True)
    assert rebuild().startswith("4 picks were not")
    assert rebuild(check=True) == "All picks are what the log says.\n"


def test_a_manufacturer_that_is_not_there_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="There is no manufacturer 'nobody'"):
        rebuild(manufacturer="nobody")
