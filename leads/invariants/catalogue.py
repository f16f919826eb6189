"""What the database's catalogue says must hold: parents of the same tenant, and guards in force.

A row points at another one of its tenant by a key over both columns. The database refuses anything
else as long as the key is there, validated and not switched off, as some ways to restore a copy
switch it off; so both the rows and the guards are looked at.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model

from leads.invariants.statements import Invariant

SAME_TENANT = "same_tenant_as_parent"
TENANT = "manufacturer_id"
APPEND_ONLY = (
    "leads_consenttext", "leads_leadevent", "leads_leadnote", "leads_logcheckpoint",
    "partners_materialopening", "partners_setupchange",
)  # fmt: skip

_TENANT_KEYS = """
    SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,
        array(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k (n, place)
              JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY place),
        array(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k (n, place)
              JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY place),
        (SELECT a.attname::text FROM pg_index i
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = c.conrelid AND i.indisprimary)
    FROM pg_constraint c
    WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
        AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid
                    AND a.attnum = ANY (c.conkey) AND a.attname = 'manufacturer_id')
    ORDER BY 1, 3
"""

GUARDS = Invariant(
    "guards_in_force",
    "constraint, index, trigger or policy that is missing, switched off or not validated",
    """
    SELECT 'constraint ' || conname FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND NOT convalidated
    UNION ALL
    SELECT 'index ' || indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT (indisvalid AND indisready)
    UNION ALL
    SELECT 'trigger ' || tgname || ' of ' || tgrelid::regclass
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND t.tgenabled NOT IN ('O', 'A')
    UNION ALL
    SELECT 'row security of ' || c.relname FROM pg_class c JOIN pg_attribute a
        ON a.attrelid = c.oid AND a.attname = 'manufacturer_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
    UNION ALL
    SELECT 'append-only trigger of ' || name FROM unnest(%(append_only)s) name
    WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = name::regclass
                      AND tgname = 'append_only')
    UNION ALL
    SELECT 'key of ' || declared.child || ' over ' || declared.name
    FROM unnest(%(children)s, %(columns)s) AS declared (child, name)
    WHERE NOT EXISTS (
        SELECT FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid
            AND a.attnum = ANY (c.conkey) AND a.attname = declared.name
        WHERE c.contype = 'f' AND c.conrelid = declared.child::regclass
            AND cardinality(c.conkey) = 2)
    """,
)


def keys_to_parents(cursor: CursorWrapper) -> Iterator[Invariant]:
    """Read every key that carries the tenant, as a statement that finds the rows that break it."""
    cursor.execute(_TENANT_KEYS)
    for child, parent, columns, targets, key in cursor.fetchall():
        pairs = list(zip(columns, targets, strict=True))
        matching = " AND ".join(f'p."{target}" = c."{column}"' for column, target in pairs)
        there = " AND ".join(f'c."{column}" IS NOT NULL' for column in columns)
        last = columns[-1]
        yield Invariant(
            SAME_TENANT,
            "row whose tenant differs from its parent's, or whose parent is not there",
            f"SELECT '{child}.{last} of ' || c.\"{key}\" FROM {child} c WHERE {there}"
            f" AND NOT EXISTS (SELECT FROM {parent} p WHERE {matching})",
        )


def declared_guards() -> dict[str, list[str]]:
    """Name what the models say there must be: keys to parents, and tables that only grow."""
    declared = [
        (model._meta.db_table, str(field.column))  # noqa: SLF001 - the documented name
        for model in apps.get_models()
        for field in model._meta.concrete_fields  # noqa: SLF001
        if _is_tenants(model) and _names_a_row_of_a_tenant(field)
    ]
    return {
        "append_only": list(APPEND_ONLY),
        "children": [child for child, _ in declared],
        "columns": [column for _, column in declared],
    }


def _is_tenants(model: type[Model]) -> bool:
    return any(field.attname == TENANT for field in model._meta.concrete_fields)  # noqa: SLF001


def _names_a_row_of_a_tenant(field: "Field[Any, Any]") -> bool:
    model = field.related_model
    return isinstance(model, type) and _is_tenants(model)
