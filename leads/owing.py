"""What a partner owes: feedback that is overdue, and the leads that it may not take until then."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Min
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import NotAllowed
from leads.models import Assignment, Lead
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
