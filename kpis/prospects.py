"""What the leads in partners' hands today may bring, by SQL: their value, and when it is expected.

How likely a sale is, its partner says in one of a few classes (A6). This is no figure of a period:
it is counted over all leads that are in hands now.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from kpis.reading import fetch
from leads.models.assignments import ClosingChance

CENT = Decimal("0.01")
CHANCES: Mapping[str, Decimal] = {
    ClosingChance.LOW: Decimal("0.10"),
    ClosingChance.MEDIUM: Decimal("0.40"),
    ClosingChance.HIGH: Decimal("0.75"),
}


@dataclass(slots=True)
class Prospects:
    """What leads in hands may bring.

    :ivar leads: those that a value is known of; ``expected`` those that a chance is, too.
    :ivar by_month: month such as ``2026-12``, or ``None`` where none is named -> expected revenue.
    """

    leads: int = 0
    value: Decimal = Decimal(0)
    expected_leads: int = 0
    expected: Decimal = Decimal(0)
    by_month: dict[str | None, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, leads: int, value: Decimal, chance: str | None, month: date | None) -> None:
        """Count leads of the same chance and month."""
        self.leads += leads
        self.value += value
        if chance is None:
            return
        expected = (value * CHANCES[chance]).quantize(CENT, ROUND_HALF_UP)
        self.expected_leads += leads
        self.expected += expected
        self.by_month[f"{month:%Y-%m}" if month else None] += expected


def calculate_prospects(
    *, manufacturer_id: UUID, partner_id: UUID | None, currency: str
) -> tuple[dict[UUID, Prospects], Prospects]:
    """Add up what each partner of a manufacturer expects, and all of them.

    Tests, and leads in another currency, are left out.

    :param partner_id: only this one's.
    """
    by_partner: dict[UUID, Prospects] = defaultdict(Prospects)
    total = Prospects()
    parameters: dict[str, Any] = {
        "manufacturer": manufacturer_id,
        "partner": partner_id,
        "currency": currency,
    }
    for answer in fetch(_STATEMENT, parameters):
        for prospects in (by_partner[answer["partner_id"]], total):
            prospects.add(
                answer["leads"], answer["value"], answer["closing_chance"], answer["expected_month"]
            )
    return dict(by_partner), total


_STATEMENT = """
    SELECT held.partner_id, held.closing_chance, held.expected_month, count(*) AS leads,
        sum(coalesce(held.expected_value, lead.expected_value)) AS value
    FROM leads_assignment AS held
    JOIN leads_lead AS lead
        ON lead.manufacturer_id = held.manufacturer_id AND lead.id = held.lead_id
    WHERE held.manufacturer_id = %(manufacturer)s AND held.outcome IS NULL
        AND (%(partner)s::uuid IS NULL OR held.partner_id = %(partner)s::uuid)
        AND NOT lead.is_test AND lead.currency = %(currency)s
        AND coalesce(held.expected_value, lead.expected_value) IS NOT NULL
    GROUP BY held.partner_id, held.closing_chance, held.expected_month
    ORDER BY held.partner_id, held.expected_month, held.closing_chance
"""
