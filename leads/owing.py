"""What a partner owes: feedback that is overdue, and the leads that it may not take until then."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Max, Min
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import NotAllowed
from leadhub.core.tenancy.context import tenant_context
from leads.models import Assignment, Lead, RoutingPolicy
from leads.terms import terms_of_policy
from partners.models import Partner


class FeedbackOverdue(NotAllowed):
    """Partners who give no feedback get no new leads until they do."""

    code = "feedback_overdue"
    message = gettext_noop(
        "You owe feedback on leads in your hands. Give it first, then you can take this one."
    )


class Debtor(NamedTuple):
    """A partner that owes feedback.

    :ivar leads: on how many leads; ``since`` is when the oldest fell due.
    """

    partner: Partner
    leads: int
    since: datetime


class Stop(StrEnum):
    """What a partner does not get until it has given the feedback that it owes."""

    ALL = "all"
    SOME = "some"
    NOTHING = "nothing"


class Debt(NamedTuple):
    """What one partner owes.

    :ivar owed: leads in its hands on which feedback is overdue, the longest overdue first.
    :ivar stops: how many of the active policies ask it about no new leads until then.
    """

    partner: Partner
    owed: Sequence[Assignment]
    stops: Stop


def refuse_owing(*, lead: Lead, partner_id: UUID, at: datetime) -> None:
    """Refuse a partner that owes more feedback than the lead's policy allows.

    :raises FeedbackOverdue: if it does.
    """
    owed = overdue_feedback(by_partners=[partner_id], at=at).get(partner_id, 0)
    if owed > terms_of_policy(lead.policy).max_overdue_feedback:
        raise FeedbackOverdue


def overdue_feedback(*, by_partners: Iterable[UUID], at: datetime) -> dict[UUID, int]:
    """Count the leads on which each of these partners owes feedback; who owes none is left out."""
    owed = Assignment.objects.filter(partner__in=list(by_partners), feedback_due_at__lte=at)
    counted = owed.order_by().values("partner_id").annotate(owed=Count("id"))
    return dict(counted.values_list("partner_id", "owed"))


def debts_of(partner_ids: Iterable[UUID], *, at: datetime) -> list[Debt]:
    """List what a person's partners owe, by the partner's name; who owes nothing is left out."""
    owed = Assignment.objects.filter(partner__in=list(partner_ids), feedback_due_at__lte=at)
    rows = owed.select_related("partner", "lead").order_by("feedback_due_at", "id")
    by_partner: dict[UUID, list[Assignment]] = {}
    for row in rows:
        by_partner.setdefault(row.partner_id, []).append(row)
    allowed = {
        manufacturer: _allowed_by_policies_of(manufacturer)
        for manufacturer in {found[0].manufacturer_id for found in by_partner.values()}
    }
    debts = [
        Debt(found[0].partner, found, _stopped(len(found), *allowed[found[0].manufacturer_id]))
        for found in by_partner.values()
    ]
    return sorted(debts, key=lambda debt: (debt.partner.name, debt.partner.id))


def _allowed_by_policies_of(manufacturer_id: UUID) -> tuple[int, int]:
    """Read how much overdue feedback the active policies allow, at the least and at the most."""
    with tenant_context(manufacturer_id):
        active = RoutingPolicy.objects.filter(manufacturer=manufacturer_id, is_active=True)
        bounds = active.aggregate(
            least=Min("max_overdue_feedback"), most=Max("max_overdue_feedback")
        )
    return bounds["least"], bounds["most"]


def _stopped(owed: int, least: int, most: int) -> Stop:
    if owed > most:
        return Stop.ALL
    return Stop.SOME if owed > least else Stop.NOTHING


def debtors_visible_to(actor: Actor, *, at: datetime) -> list[Debtor]:
    """List the partners of a manufacturer that owe feedback, the longest owing first."""
    if actor.is_partner:
        return []
    owed = Assignment.objects.filter(manufacturer=actor.manufacturer_id, feedback_due_at__lte=at)
    rows = list(
        owed.order_by()
        .values("partner_id")
        .annotate(leads=Count("id"), since=Min("feedback_due_at"))
        .order_by("since", "partner_id")
    )
    partners = Partner.objects.in_bulk([row["partner_id"] for row in rows])
    return [Debtor(partners[row["partner_id"]], row["leads"], row["since"]) for row in rows]
