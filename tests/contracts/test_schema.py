"""What the schema promises, read from the database's own catalogue."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection

from tests.contracts.catalogue import ask, tenant_tables

pytestmark = pytest.mark.django_db

# Tables of the installation, with nothing of a tenant in them.
SHARED_TABLES = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "core_postalcode",
    "django_content_type",
    "django_migrations",
    "django_session",
}
# Tables that belong to no tenant as a whole and yet show a tenant its own rows only.
PERSONAL_TABLES = {"partners_manufacturer", "partners_user"}
# Tables of how people log in: they belong to persons, each of whom sees and changes their own.
LOG_IN_TABLES = {
    "account_emailaddress",
    "account_emailconfirmation",
    "core_letter",
    "mfa_authenticator",
    "socialaccount_socialaccount",
    "socialaccount_socialapp",
    "socialaccount_socialtoken",
    "usersessions_usersession",
}
# Tables of how people want to be told: each sees and changes their own.
NOTICE_TABLES = {"partners_noticesettings", "partners_pushdevice"}
# Columns that name something, yet cannot name another tenant's: (table, column) -> why.
POINTS_NOWHERE = {
    "user_id": "a person belongs to no tenant",
    "invited_by_id": "a person belongs to no tenant",
    "accepted_by_id": "a person belongs to no tenant",
    "subject_id": "an offer, an assignment or a lead, as the kind of the message says",
    "client_id": "the provider's own name for the installation",
    "external_id": "the manufacturer's own name for it",
    "api_key_id": "the key is read in the tenant's context before",
}
# Keys that are unique over all tenants on purpose.
UNIQUE_OVER_ALL = {
    "partners_apikey": [("prefix",)],
    # Whoever holds the token is asked for no tenant.
    "partners_invitation": [("token_digest",)],
    # A lead's id names the tenant.
    "leads_leadoffer": [("lead_id",)],
    "leads_assignment": [("lead_id",)],
    # So does an assignment's.
    "leads_reminder": [("assignment_id",)],
}

FOREIGN_KEYS = """
    SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,
        array(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(n, place)
              JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY place),
        array(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(n, place)
              JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY place)
    FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
"""


def test_knows_every_table() -> None:
    tables = {
        table
        for (table,) in ask(
            "SELECT relname FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
        )
    }

    assert tables == SHARED_TABLES | PERSONAL_TABLES | LOG_IN_TABLES | NOTICE_TABLES | set(
        tenant_tables()
    )


def test_has_the_tenant_in_every_table_of_partners_and_leads() -> None:
    tables = {
        model._meta.db_table
        for name in ("partners", "leads")
        for model in apps.get_app_config(name).get_models()
    }

    assert tables - set(tenant_tables()) == PERSONAL_TABLES | NOTICE_TABLES


def test_has_a_tenant_in_every_row() -> None:
    nullable = ask(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND column_name = 'manufacturer_id' AND is_nullable = 'YES'"
    )

    assert nullable == []


def test_forces_row_level_security_on_every_table_of_a_tenant() -> None:
    secured = ask(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND relrowsecurity AND relforcerowsecurity"
    )

    assert {table for (table,) in secured} == (
        PERSONAL_TABLES | LOG_IN_TABLES | NOTICE_TABLES | set(tenant_tables())
    )


def test_lets_write_the_tenant_the_person_and_the_named_system_only() -> None:
    policies = ask(
        "SELECT tablename, policyname, qual = with_check FROM pg_policies"
        " WHERE schemaname = 'public' AND cmd <> 'SELECT' AND permissive = 'PERMISSIVE'"
    )

    writable = {(table, name) for table, name, is_checked in policies if is_checked}
    assert len(writable) == len(policies)
    assert writable == {
        (table, name) for table in tenant_tables() for name in ("tenant", "system")
    } | {
        ("partners_manufacturer", "tenant"),
        ("partners_manufacturer", "system"),
        ("partners_user", "system"),
        ("partners_user", "self"),
    } | {
        (table, name)
        for table in LOG_IN_TABLES | NOTICE_TABLES
        for name in ("person", "system")
        if name == "system" or not table.startswith(("core_", "socialaccount_"))
    }


def test_grants_policies_to_everybody_so_that_none_is_forgotten() -> None:
    assert ask("SELECT policyname FROM pg_policies WHERE roles <> '{public}'") == []


def test_has_a_composite_foreign_key_for_every_column_that_names_a_tenants_row() -> None:
    keyed = {
        (table, columns[1])
        for table, _, columns, targets in ask(FOREIGN_KEYS)
        if columns[0] == "manufacturer_id" and targets == ["manufacturer_id", "id"]
    }

    naming = {
        (table, column)
        for table, column in ask(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name LIKE '%%\\_id'"
        )
        if table in tenant_tables() and column != "manufacturer_id" and column not in POINTS_NOWHERE
    }
    assert naming - keyed == set()


def test_has_no_foreign_key_that_leaves_the_tenant_out() -> None:
    tables = set(tenant_tables())

    loose = {
        (table, target, *columns)
        for table, target, columns, _ in ask(FOREIGN_KEYS)
        if table in tables and target in tables and columns[0] != "manufacturer_id"
    }

    assert loose == set()


def test_ties_every_table_of_a_tenant_to_the_tenant() -> None:
    tied = {table for table, _, columns, _ in ask(FOREIGN_KEYS) if columns[0] == "manufacturer_id"}

    assert set(tenant_tables()) - tied == set()


def test_has_keys_that_are_unique_per_tenant() -> None:
    keys = ask(
        """
        SELECT c.relname, array(
            SELECT a.attname::text FROM unnest(i.indkey) n
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = n)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE i.indisunique AND NOT i.indisprimary AND c.relname = ANY (%s)
        """,
        tenant_tables(),
    )

    over_all = {
        (table, tuple(columns)) for table, columns in keys if "manufacturer_id" not in columns
    }
    assert over_all == {
        (table, columns) for table, allowed in UNIQUE_OVER_ALL.items() for columns in allowed
    }


def test_is_used_by_a_role_that_row_level_security_binds() -> None:
    role = ask(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
        " WHERE rolname = current_user"
    )
    owned = ask("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = current_user")
    roles = ask(
        "SELECT rolname FROM pg_roles WHERE rolname <> current_user"
        " AND pg_has_role(current_user, oid, 'MEMBER')"
    )

    assert role == [(False, False, False, False)]
    assert owned == []
    assert roles == []


@pytest.mark.parametrize("privilege", ["TRUNCATE", "REFERENCES", "TRIGGER"])
def test_is_used_by_a_role_that_may_not_go_around_row_level_security(privilege: str) -> None:
    granted = ask(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND has_table_privilege(oid, %s)",
        privilege,
    )

    assert granted == []


def test_is_used_by_a_role_that_may_not_change_the_schema() -> None:
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.planted (id int)")


# Functions that run with their owner's rights: name -> why that opens nothing.
RUN_AS_OWNER: dict[str, str] = {}


def test_has_no_function_that_runs_with_its_owners_rights_but_those_listed() -> None:
    functions = ask(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE prosecdef"
        " AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
    )

    assert {name for (name,) in functions} == RUN_AS_OWNER.keys()


def test_has_no_function_that_row_level_security_trusts_with_rows_it_hides() -> None:
    """One that is said to leak nothing is called before the policies have been asked."""
    trusted = ask(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE proleakproof AND pronamespace <> 'pg_catalog'::regnamespace"
    )

    assert trusted == []
