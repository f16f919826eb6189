"""Likely duplicates: which leads of late a new one resembles, and by what.

A lead resembles another with the same phone number or e-mail address, or with a similar full name
in the same postal code. Test leads are compared with test leads only, imported ones with none.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from leadhub.core.turns import turn_number

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


def likenesses_from(rows: Iterable[Sequence[Any]]) -> list[Likeness]:
    """Read what a statement with ``RESEMBLED`` found."""
    return [Likeness(UUID(lead_id), *rest) for lead_id, *rest in rows]


def likeness_from(data: Any) -> Likeness:
    """Read what ``as_data`` wrote."""
    same = data["same"]
    return Likeness(UUID(data["lead"]), "phone" in same, "email" in same, data.get("name"))


class Customer(NamedTuple):
    """What of a new lead's customer is compared with the customers of other leads.

    :ivar phone: in E.164.
    :ivar name: first and last name; empty without one of them, which belongs to too many people.
    """

    phone: str
    email: str
    name: str


def customer_of(*, first_name: str, last_name: str, phone: str, email: str) -> Customer:
    """Tell by what a customer is known; whatever is empty is not compared."""
    names = (first_name.strip(), last_name.strip())
    return Customer(phone, email, " ".join(names) if all(names) else "")


def turns_of(manufacturer_id: UUID, customer: Customer) -> list[int]:
    """Give the turns of a customer their numbers, in the order in which everybody waits.

    A new lead waits for another one of the same customer that is being received just now, so that
    of two that come at once the second finds the first; also where nothing is compared, which is
    only known after. Names alone wait for nobody: that would be to let everybody in a postal code
    wait.
    """
    known_by = (customer.phone, customer.email)
    return sorted(turn_number("customer", manufacturer_id, value) for value in known_by if value)


_SINCE = "%(at)s - m.duplicate_days * interval '24 hours'"
# Row security trusts no operator of text search before a row is known to be the tenant's, so
# equality narrows to a few rows first, by index, and only those are compared by name. "Müller" and
# "Mueller" are one name, as they are for ``leads_as_words``.
#
# A column for a statement about the manufacturer ``m``: the latest leads that a new one resembles,
# an array of arrays in JSON, as ``likenesses_from`` reads them; nothing if none is compared.
RESEMBLED = f"""
    CASE WHEN m.duplicate_days > 0 THEN (WITH found AS (
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
                   AND postal_code <> '' AND received_at >= {_SINCE} AND %(name)s <> ''
               ORDER BY received_at DESC LIMIT {LOOKED_AT}) AS near
         JOIN leads_leadcontact AS c
             ON c.lead_id = near.id AND c.manufacturer_id = %(manufacturer)s
         CROSS JOIN LATERAL (SELECT similarity(
             leads_as_name(c.first_name || ' ' || c.last_name), leads_as_name(%(name)s)
         ) AS name) AS alike
         WHERE alike.name >= {ALIKE})
    )
    SELECT jsonb_agg(
        jsonb_build_array(lead_id, same_phone, same_email, name)
        ORDER BY received_at DESC, lead_id DESC
    )
    FROM (
        SELECT found.lead_id, bool_or(found.same_phone) AS same_phone,
            bool_or(found.same_email) AS same_email,
            round(max(found.name)::numeric, 2) AS name, l.received_at
        FROM found JOIN leads_lead AS l
            ON l.id = found.lead_id AND l.manufacturer_id = %(manufacturer)s
        WHERE l.received_at >= {_SINCE} AND l.is_test = %(is_test)s AND NOT l.is_imported
        GROUP BY found.lead_id, l.received_at
        ORDER BY l.received_at DESC, found.lead_id DESC LIMIT {FOUND_AT_MOST}
    ) AS latest) END
"""
TYPES = {
    "manufacturer": "uuid",
    "phone": "text",
    "email": "text",
    "name": "text",
    "postal_code": "text",
    "is_test": "boolean",
    "at": "timestamptz",
}
