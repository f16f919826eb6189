"""Which leads of a manufacturer somebody asks for, as plain values."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.models.leads import CLOSED, IN_HANDS, LeadStatus

# What somebody waits for, by the name of its condition: assignments tell.
WAITS = ("overdue_contact", "feedback", "returned")
SIMPLE = (
    "hold_reason", "source", "temperature", "product_line", "received_from", "received_before",
    "postal_code", "external_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which leads of a manufacturer are asked for; what is not said narrows nothing.

    An empty tuple is met by no lead.

    :ivar at: now, which decides what is overdue.
    :ivar waits_for: one of ``WAITS``.
    :ivar product_line: asked for by the lead, among others perhaps.
    :ivar partners: who holds the lead, or held it when it was closed.
    :ivar closed_from: won or lost from then on, and before ``closed_before``.
    :ivar found: ids, as PostgreSQL writes an array, among which the leads are.
    """

    manufacturer_id: UUID
    at: datetime
    statuses: tuple[str, ...] | None = None
    hold_reason: str = ""
    waits_for: str = ""
    source: str = ""
    temperature: str = ""
    product_line: UUID | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None
    postal_code: str = ""
    external_id: str = ""
    partners: tuple[UUID, ...] | None = None
    closed_from: datetime | None = None
    closed_before: datetime | None = None
    found: str | None = None

    @property
    def conditions(self) -> frozenset[str]:
        """Name what is asked of a lead, as ``sifting_sql.CONDITIONS`` does."""
        asked = {"manufacturer", *(name for name in SIMPLE if getattr(self, name))}
        asked |= {self.waits_for} if self.waits_for else set()
        asked |= {"closed"} if self.closed_from is not None else set()
        asked |= {"partners"} if self.partners is not None else set()
        asked |= {"found"} if self.found is not None else set()
        is_any = len(self.possible_statuses) == len(LeadStatus.values)
        return frozenset(asked if is_any else {*asked, "statuses"})

    @property
    def parameters(self) -> dict[str, Any]:
        """Give the values by the names that statements have for them."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return values | {
            "manufacturer": self.manufacturer_id,
            "statuses": list(self.possible_statuses),
            "partners": list(self.partners or ()),
        }

    @property
    def possible_statuses(self) -> tuple[str, ...]:
        """List the statuses that a lead can have that meets the rest."""
        possible = set(LeadStatus.values if self.statuses is None else self.statuses)
        if self.hold_reason:
            possible &= {LeadStatus.HELD}
        if self.waits_for in ("overdue_contact", "feedback"):
            possible &= {*IN_HANDS}
        if self.closed_from is not None:
            possible &= {*CLOSED}
        if self.partners is not None:
            possible &= {*IN_HANDS, *CLOSED}
        return tuple(status for status in LeadStatus.values if status in possible)

    @property
    def is_possible(self) -> bool:
        """Tell whether there can be such a lead."""
        return bool(self.possible_statuses) and self.partners != ()
