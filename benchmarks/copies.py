"""Many leads from few: each row of a lead written again under new ids, keys and all."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

# Tables of a lead -> the columns that name what is copied as well.
COPIED: Mapping[str, tuple[str, ...]] = {
    "leads_lead": ("id", "merged_into_id"),
    "leads_leadproductline": ("id", "lead_id"),
    "leads_leadcontact": ("lead_id",),
    "leads_leadsearch": ("lead_id",),
    "leads_leadconsent": ("id", "lead_id"),
    "leads_leaddisclosure": ("id", "lead_id"),
    "leads_wave": ("id", "lead_id"),
    "leads_leadoffer": ("id", "lead_id"),
    "leads_assignment": ("id", "lead_id", "offer_id"),
    "leads_leadfeedback": ("id", "assignment_id"),
    "leads_leadnote": ("id", "assignment_id"),
    "leads_reminder": ("id", "assignment_id"),
    "leads_leadevent": ("id", "lead_id", "assignment_id"),
    "core_delivery": ("id", "event_id"),
}
# Four digits in the middle of an id's chance become the number of the copy, so that copies lie
# beside one another, as ids that follow each other in time do; the "e" is in no id of version 7.
FRESH = (
    "(substr({0}::text, 1, 19) || 'e' || substr({0}::text, 21, 4) || lpad(to_hex(n), 4, '0')"
    " || substr({0}::text, 29))::uuid"
)
# Columns that are written in another way.
WRITTEN = {
    "external_id": "external_id || '-' || n",
    "dedupe": "dedupe || ':' || n",
    "subject_id": "CASE WHEN event_id IS NULL THEN subject_id ELSE "
    + FRESH.format("subject_id")
    + " END",
    "data": "CASE WHEN data ? 'offer' THEN data || jsonb_build_object('offer', "
    + FRESH.format("(data ->> 'offer')")
    + ") ELSE data END",
}
KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND conrelid::regclass::text = ANY (%s)
"""


def copy_leads(copies: int) -> None:
    """Write every lead there is so many times more, as the owner of the tables.

    Keys are taken away meanwhile and put back at the end, which checks them all.
    """
    from django.db import connections, transaction  # noqa: PLC0415 - Django is set up by now

    with transaction.atomic(using="owner"), closing(connections["owner"].cursor()) as cursor:
        cursor.execute("SELECT set_config('leadhub.system', 'benchmark', true)")
        cursor.execute(KEYS, [list(COPIED)])
        keys = cursor.fetchall()
        for table, name, _ in keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for table in COPIED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table, ids in COPIED.items():
            _copy(cursor, table, ids, copies)
        cursor.execute(
            "UPDATE leads_partnerstanding SET open_assignments = open_assignments * %s",
            [copies + 1],
        )
        for table in COPIED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for table, name, definition in keys:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    with closing(connections["owner"].cursor()) as cursor:
        cursor.execute("VACUUM ANALYZE")


def _copy(cursor: Any, table: str, ids: tuple[str, ...], copies: int) -> None:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
        " AND table_schema = 'public' AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    columns = [name for (name,) in cursor.fetchall()]
    written = [FRESH.format(c) if c in ids else WRITTEN.get(c, c) for c in columns]
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(written)}"
        f" FROM (SELECT * FROM {table} ORDER BY 1) AS rows"
        f" CROSS JOIN generate_series(1, {copies:d}) AS n"
    )
