"""Migration operations that make a table belong to tenants: policies and composite keys."""

from typing import Any

from django.db.migrations.operations import RunSQL

TENANT = "{column} = (SELECT leadhub_manufacturer())"
SYSTEM = "(SELECT leadhub_system())"

SCOPE_FUNCTIONS = """
CREATE FUNCTION leadhub_manufacturer() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('leadhub.manufacturer', true), '')::uuid $$;
CREATE FUNCTION leadhub_partners() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(nullif(current_setting('leadhub.partners', true), ''), '{}')::uuid[] $$;
CREATE FUNCTION leadhub_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('leadhub.user', true), '')::uuid $$;
CREATE FUNCTION leadhub_key_prefix() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('leadhub.key_prefix', true), '') $$;
CREATE FUNCTION leadhub_system() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('leadhub.system', true), '') <> '' $$;
"""
# Rows that are written once: the runtime role may not switch triggers off.
REFUSE_CHANGE = """
CREATE FUNCTION leadhub_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""
# Partners look through this schema at tables of which they may see the rows but not every column;
# ``partner_context`` puts it in front. What lies in it runs with the reader's own rights.
MASKS = "leadhub_masks"
CREATE_MASKS = f"""
CREATE SCHEMA {MASKS};
GRANT USAGE ON SCHEMA {MASKS} TO PUBLIC;
"""
DROP_MASKS = f"DROP SCHEMA {MASKS};"
DROP_SCOPE_FUNCTIONS = """
DROP FUNCTION leadhub_refuse_change();
DROP FUNCTION leadhub_manufacturer();
DROP FUNCTION leadhub_partners();
DROP FUNCTION leadhub_user();
DROP FUNCTION leadhub_key_prefix();
DROP FUNCTION leadhub_system();
"""


class CreateScopeFunctions(RunSQL):
    """The functions by which policies read the context (see ``context.Scope``)."""

    def __init__(self) -> None:
        super().__init__(
            SCOPE_FUNCTIONS + REFUSE_CHANGE + CREATE_MASKS, DROP_MASKS + DROP_SCOPE_FUNCTIONS
        )

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        """Write the operation into a migration without its SQL."""
        return (type(self).__name__, [], {})


class SecureRows(RunSQL):
    """Force row level security on a table.

    The tenant and the named system context may read and write; each further condition in
    ``readable_if`` lets others read, never write. The owner of the table is bound as well.

    :param table: the table's name.
    :param column: the column that holds the tenant's id.
    :param readable_if: name of a policy -> SQL condition.
    """

    def __init__(
        self,
        table: str,
        *,
        column: str = "manufacturer_id",
        readable_if: dict[str, str] | None = None,
    ) -> None:
        self._arguments = (table, column, readable_if or {})
        tenant = TENANT.format(column=f"{table}.{column}")
        create: list[Any] = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} USING ({tenant}) WITH CHECK ({tenant})",
            f"CREATE POLICY system ON {table} USING ({SYSTEM}) WITH CHECK ({SYSTEM})",
        ]
        drop: list[Any] = [
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            f"DROP POLICY tenant ON {table}",
            f"DROP POLICY system ON {table}",
        ]
        for name, condition in (readable_if or {}).items():
            create.append(f"CREATE POLICY {name} ON {table} FOR SELECT USING ({condition})")
            drop.append(f"DROP POLICY {name} ON {table}")
        super().__init__(create, drop)

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        """Write the operation into a migration by its arguments."""
        table, column, readable_if = self._arguments
        return (type(self).__name__, [table], {"column": column, "readable_if": readable_if})


class MaskColumn(RunSQL):
    """Blank a column for partners in the rows in which it concerns somebody else.

    Row level security shows a row whole or not at all. So a view of the table's name stands in
    front of it for partners (see ``context.Scope.schemas``), with the reader's own rights. No
    index serves a search by the masked column: whoever searches by it starts elsewhere.

    :param table: the table's name, without a schema.
    :param column: the column to blank.
    :param unless: SQL condition under which it is shown as it is.
    """

    def __init__(self, table: str, column: str, *, unless: str) -> None:
        self._arguments = (table, column, unless)
        super().__init__(
            _MASK.format(table=table, column=column, unless=unless, masks=MASKS),
            f"DROP VIEW {MASKS}.{table}",
        )

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        """Write the operation into a migration by its arguments."""
        table, column, unless = self._arguments
        return (type(self).__name__, [table, column], {"unless": unless})


# The columns are read from the catalogue: a view keeps those that its table had when it was made.
# One plain SELECT, which the planner takes apart; two halves with UNION ALL it would not, and read
# the whole table for every row that is joined to it.
_MASK = """
DO $do$
DECLARE masked text;
BEGIN
    SELECT string_agg(CASE WHEN attname = '{column}'
                           THEN '(CASE WHEN ' || $if${unless}$if$ || ' THEN {column} END)::'
                                || format_type(atttypid, atttypmod) || ' AS {column}'
                           ELSE quote_ident(attname) END, ', ' ORDER BY attnum)
    INTO masked FROM pg_attribute
    WHERE attrelid = 'public.{table}'::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE 'CREATE VIEW {masks}.{table} WITH (security_invoker = true) AS'
        || ' SELECT ' || masked || ' FROM public.{table}';
END $do$
"""


class AppendOnly(RunSQL):
    """Refuse to change or delete rows of a table, whoever asks.

    :param but_for: the column of people's own words, if there is one: it may be emptied.
    """

    def __init__(self, table: str, *, but_for: str = "") -> None:
        self._arguments = (table, but_for)
        if but_for:
            create = _EMPTY_ONLY.format(table=table, column=but_for)
        else:
            create = _REFUSE.format(table=table, name="append_only", deeds="UPDATE OR DELETE")
        drop = f"DROP TRIGGER append_only ON {table};"
        drop += f"DROP TRIGGER keep_rows ON {table};" if but_for else ""
        super().__init__(create, drop)

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        """Write the operation into a migration by its arguments."""
        table, but_for = self._arguments
        return (type(self).__name__, [table], {"but_for": but_for} if but_for else {})


_REFUSE = """
CREATE TRIGGER {name} BEFORE {deeds} ON {table}
    FOR EACH ROW EXECUTE FUNCTION leadhub_refuse_change();
"""
_EMPTY_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE ON {table} FOR EACH ROW
    WHEN (NEW.{column} <> '' OR to_jsonb(NEW) - '{column}' <> to_jsonb(OLD) - '{column}')
    EXECUTE FUNCTION leadhub_refuse_change();
""" + _REFUSE.replace("{name}", "keep_rows").replace("{deeds}", "DELETE")


class TenantRoot(RunSQL):
    """Tie a table to its tenant whose rows point at no other row of the tenant."""

    def __init__(self, table: str) -> None:
        self._table = table
        name = f"{table}_has_tenant"
        super().__init__(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (manufacturer_id)"
            " REFERENCES partners_manufacturer (id)",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        """Write the operation into a migration by its argument."""
        return (type(self).__name__, [self._table], {})


class TenantKey(RunSQL):
    """Let other tables point at a row of this one together with its tenant."""

    def __init__(self, table: str) -> None:
        self._table = table
        name = f"{table}_of_one_tenant"
        super().__init__(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE (manufacturer_id, id)",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        """Write the operation into a migration by its argument."""
        return (type(self).__name__, [self._table], {})


class TenantForeignKey(RunSQL):
    """A foreign key over (tenant, id), so that no row can point into another tenant.

    :param table: the table that points.
    :param column: the column that holds the id pointed at; a NULL points nowhere.
    :param target: the table pointed at; needs a ``TenantKey``.
    """

    def __init__(self, table: str, column: str, target: str) -> None:
        self._arguments = (table, column, target)
        name = f"{table}_{column}_in_same_tenant"
        super().__init__(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (manufacturer_id, {column})"
            f" REFERENCES {target} (manufacturer_id, id)",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        """Write the operation into a migration by its arguments."""
        return (type(self).__name__, list(self._arguments), {})
