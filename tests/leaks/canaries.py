"""A canary in every free text of every row: a word that names the row and stands nowhere else."""

from uuid import UUID

from leadhub.core.tenancy.context import system_context
from tests.contracts.catalogue import ask, tell

# Long texts with a form of their own that code or constraints read; a canary would break them.
CODED = frozenset({"actor", "code", "dedupe", "key", "password", "recipient", "slug", "time_zone"})
# A shorter column holds a code: a status, a country, a number.
FREE_FROM = 40
CANARY = r"zq[0-9a-f]{12}"
_FREE_TEXTS = """
    SELECT c.relname, k.attname, a.attname, coalesce(nullif(a.atttypmod, -1) - 4, 200) AS length
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid AND t.typname IN ('text', 'varchar')
    JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = i.indkey[0]
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND k.atttypid = 'uuid'::regtype AND a.attname <> ALL (%s)
      AND (a.atttypmod = -1 OR a.atttypmod - 4 >= %s)
      AND NOT EXISTS (
          SELECT FROM pg_trigger g JOIN pg_proc f ON f.oid = g.tgfoid
          WHERE g.tgrelid = c.oid AND f.proname = 'leadhub_refuse_change')
    ORDER BY 1, 3
"""


def canary_of(row: UUID | str) -> str:
    """The word that stands in every free text of a row."""
    return f"zq{str(row).replace('-', '')[-12:]}"


def sow() -> list[str]:
    """Put a canary into every free text there is; names the columns that took one.

    It comes first in the text, for what is cut is cut behind; an e-mail address stays one.
    """
    sown = []
    with system_context("test.sow"):
        for table, key, column, length in ask(_FREE_TEXTS, sorted(CODED), FREE_FROM):
            canary = f"'zq' || right(replace({key}::text, '-', ''), 12)"
            gap = "''" if "email" in column else "' '"
            tell(f"UPDATE {table} SET {column} = left({canary} || {gap} || {column}, {length})")
            sown.append(f"{table}.{column}")
    return sown
