"""Likely duplicates: which leads of late a new one resembles, and by what.

A lead resembles another with the same phone number or e-mail address, or with a similar full name
in the same postal code. Test leads are compared with test leads only, imported ones with none.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from leadhub.core.prepared import execute_prepared
from leadhub.core.turns import turn_number
from leads.models import Lead, LeadContact

# Share of trigrams that two names have in common (``similarity`` of pg_trgm). "Peter Schmidt" and
# "Peter Schmitt" have 0.65 in common, "Max Mustermann" and "Erika Mustermann" 0.55.
ALIKE = 0.6
# A reviewer needs to see a few; a number or postal code that thousands share costs no more.
FOUND_AT_MOST = 5
LOOKED_AT = 100


class Likeness(NamedTuple):
    """Another lead, and in what a new one resembles it.

    :ivar name: how similar the names are, up to 1; ``None`` if they are not, or not compared.
    """

    lead_id: UUID
    same_phone: bool
    same_email: bool
    name: float | None

    def as_data(self) -> dict[str, Any]:
        """Write it down for the log: an id, codes and a figure."""
        same = {"phone": self.same_phone, "email": self.same_email}
        data: dict[str, Any] = {
            "lead": str(self.lead_id),
            "same": [k for k, is_so in same.items() if is_so],
        }
        return data if self.name is None else data | {"name": self.name}


def likeness_from(data: Any) -> Likeness:
    """Read what ``as_data`` wrote."""
    same = data["same"]
    return Likeness(UUID(data["lead"]), "phone" in same, "email" in same, data.get("name"))


def find_duplicates(lead: Lead, contact: LeadContact, *, days: int, at: datetime) -> list[Likeness]:
    """Find the latest leads that a new one resembles, in one statement.

    Waits for a new lead of the same customer that is being received just now, so that of two that
    come at once the second finds the first. Names alone wait for nobody: that would be to let
    everybody in a postal code wait.

    :param days: how far back to look; with 0 nothing is compared.
    """
    if not days or lead.is_imported:
        return []
    parameters = {
        "manufacturer": lead.manufacturer_id,
        "phone": contact.phone,
        "email": contact.email,
        "name": _full_name(contact),
        "postal_code": lead.postal_code,
        "is_test": lead.is_test,
        "since": at - timedelta(days=days),
    }
    turns = _turns(lead.manufacturer_id, (contact.phone, contact.email))
    with connection.cursor() as cursor:
        execute_prepared(cursor, _FIND, parameters, _TYPES, after=(_WAIT_FOR_TURNS, [turns]))
        return [Likeness(*row) for row in cursor.fetchall()]


def _full_name(contact: LeadContact) -> str:
    """Give both names; one of them alone belongs to too many people."""
    names = (contact.first_name.strip(), contact.last_name.strip())
    return " ".join(names) if all(names) else ""


def _turns(manufacturer_id: UUID, known_by: Iterable[str]) -> list[int]:
    """Give the turns of a customer their numbers, in the order in which everybody waits."""
    return sorted(turn_number("customer", manufacturer_id, value) for value in known_by if value)


_WAIT_FOR_TURNS = "SELECT pg_advisory_xact_lock(turn) FROM unnest(%s::bigint[]) AS turn"

# Row security trusts no operator of text search before a row is known to be the tenant's, so
# equality narrows to a few rows first, by index, and only those are compared by name. "Müller" and
# "Mueller" are one name, as they are for ``leads_as_words``.
_FIND = f"""
    WITH found AS (
        (SELECT lead_id, true AS same_phone, false AS same_email, NULL::real AS name
         FROM leads_leadcontact
         WHERE manufacturer_id = %(manufacturer)s AND phone = %(phone)s AND phone <> ''
         ORDER BY lead_id DESC LIMIT {LOOKED_AT})
        UNION ALL
        (SELECT lead_id, false, true, NULL
         FROM leads_leadcontact
         WHERE manufacturer_id = %(manufacturer)s AND email = %(email)s AND email <> ''
         ORDER BY lead_id DESC LIMIT {LOOKED_AT})
        UNION ALL
        (SELECT near.id, false, false, alike.name
         FROM (SELECT id FROM leads_lead
               WHERE manufacturer_id = %(manufacturer)s AND postal_code = %(postal_code)s
                   AND postal_code <> '' AND received_at >= %(since)s AND %(name)s <> ''
               ORDER BY received_at DESC LIMIT {LOOKED_AT}) AS near
         JOIN leads_leadcontact AS c
             ON c.lead_id = near.id AND c.manufacturer_id = %(manufacturer)s
         CROSS JOIN LATERAL (SELECT similarity(
             leads_as_name(c.first_name || ' ' || c.last_name), leads_as_name(%(name)s)
         ) AS name) AS alike
         WHERE alike.name >= {ALIKE})
    )
    SELECT found.lead_id, bool_or(found.same_phone), bool_or(found.same_email),
        round(max(found.name)::numeric, 2)::float8
    FROM found JOIN leads_lead AS l
        ON l.id = found.lead_id AND l.manufacturer_id = %(manufacturer)s
    WHERE l.received_at >= %(since)s AND l.is_test = %(is_test)s AND NOT l.is_imported
    GROUP BY found.lead_id, l.received_at
    ORDER BY l.received_at DESC, found.lead_id DESC LIMIT {FOUND_AT_MOST}
"""
_TYPES = {
    "manufacturer": "uuid",
    "phone": "text",
    "email": "text",
    "name": "text",
    "postal_code": "text",
    "is_test": "boolean",
    "since": "timestamptz",
}
