"""Were leads as described? What partners answered about the picks of a period, by source."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from kpis.intervals import wilson_interval


@dataclass(frozen=True, slots=True)
class Described:
    """The answers about the leads of one source.

    :ivar asked: picks on which the partner gave feedback, which asks the question.
    """

    source: str
    asked: int
    yes: int
    no: int

    @property
    def answered(self) -> int:
        """Count the answers."""
        return self.yes + self.no

    @property
    def share(self) -> float | None:
        """The share of leads that were as described; ``None`` without an answer."""
        return self.yes / self.answered if self.answered else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the share; ``None`` without an answer."""
        return wilson_interval(self.yes, self.answered) if self.answered else None


def described_by_source(
    manufacturer_id: UUID, *, starts_at: datetime, ends_at: datetime
) -> list[Described]:
    """Count the last answers about the picks accepted in ``[starts_at, ends_at)``.

    The most asked source first; test leads are left out.
    """
    parameters: dict[str, UUID | datetime] = {
        "manufacturer": manufacturer_id,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_SOURCE, parameters)
        return [Described(*row) for row in cursor.fetchall()]


_BY_SOURCE = """
    WITH answers AS (
        SELECT event.lead_id, (array_agg(
            (event.data ->> 'as_described')::boolean ORDER BY event.sequence DESC
        ) FILTER (WHERE event.data ->> 'as_described' IS NOT NULL))[1] AS answer
        FROM leads_leadevent AS event
        WHERE event.manufacturer_id = %(manufacturer)s AND event.type = 'feedback.given'
            AND event.assignment_id = ANY (ARRAY(
                SELECT pick.assignment_id FROM leads_leadevent AS pick
                WHERE pick.manufacturer_id = %(manufacturer)s
                    AND pick.type IN ('offer.accepted', 'lead.assigned', 'lead.picked')
                    AND pick.at >= %(starts_at)s AND pick.at < %(ends_at)s))
        GROUP BY event.assignment_id, event.lead_id
    )
    SELECT lead.source, count(*), count(*) FILTER (WHERE answer),
        count(*) FILTER (WHERE NOT answer)
    FROM answers JOIN leads_lead AS lead
        ON lead.id = answers.lead_id AND lead.manufacturer_id = %(manufacturer)s
    WHERE NOT lead.is_test AND NOT lead.is_imported
    GROUP BY lead.source ORDER BY count(*) DESC, lead.source
"""
