"""What waits for a person at the desk: each kind is one condition on leads, counted and listed."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db.models import Count, F, Q, TextChoices, Value
from django.utils.translation import gettext_lazy as _

from leadhub.core.actors import Actor
from leads.models import Assignment
from leads.models.assignments import Outcome
from leads.models.leads import IN_HANDS, HoldReason, LeadQuerySet, LeadStatus
from leads.selectors import leads_visible_to


class Attention(TextChoices):
    """Why a lead needs somebody; the values stand in addresses."""

    PICK_LIST = "pick_list", _("On the pick list")
    OVERDUE_CONTACT = "overdue_contact", _("Contact overdue")
    FEEDBACK = "feedback", _("Feedback overdue")
    HELD = "held", _("Held for review")
    DUPLICATE = "duplicate", _("Possible duplicates")
    RETURNED = "returned", _("Return to judge")


def needing_attention(leads: LeadQuerySet, kind: str, *, at: datetime) -> LeadQuerySet:
    """Keep the leads that need somebody for this reason."""
    return leads.filter(_CONDITIONS[kind](at))


def attention_counts(actor: Actor, *, at: datetime) -> dict[str, int]:
    """Count the leads of a manufacturer that need somebody, by reason."""
    return count_by_attention(leads_visible_to(actor), at=at)


def count_by_attention(leads: LeadQuerySet, *, at: datetime) -> dict[str, int]:
    """Count those of these leads that need somebody, by reason, in one query."""
    kinds = [
        needing_attention(leads, kind, at=at)
        .order_by()
        .annotate(kind=Value(kind.value))
        .values("kind")
        .annotate(count=Count("id"))
        .values_list("kind", "count")
        for kind in Attention
    ]
    return dict(kinds[0].union(*kinds[1:], all=True))


def _on_pick_list(at: datetime) -> Q:
    """Find leads that nobody took in the waves."""
    return Q(status=LeadStatus.OPEN)


def _overdue_contact(at: datetime) -> Q:
    """Find leads in hands for longer than the policy gives for a first contact, and without one.

    An imported lead has no policy, and so is never overdue.
    """
    waiting = Assignment.objects.in_hands().filter(
        contacted_at__isnull=True,
        accepted_at__lte=at - F("lead__policy__contact_window"),
        lead__erased_at__isnull=True,
    )
    return Q(status__in=IN_HANDS, id__in=waiting.values("lead_id"))


def _feedback(at: datetime) -> Q:
    """Find leads in hands on which the partner owes feedback."""
    owed = Assignment.objects.filter(feedback_due_at__lte=at)
    return Q(status__in=IN_HANDS, id__in=owed.values("lead_id"))


def _held(at: datetime) -> Q:
    """Find leads that wait to be released or rejected."""
    return Q(status=LeadStatus.HELD)


def _duplicate(at: datetime) -> Q:
    """Find those of them that wait to be told apart from others that they resemble."""
    return Q(status=LeadStatus.HELD, hold_reason=HoldReason.DUPLICATE)


def _returned(at: datetime) -> Q:
    """Find leads that were given back, and nobody has said yet whether the lead was at fault."""
    returns = Assignment.objects.filter(
        outcome=Outcome.RETURNED, return_reason__isnull=False, return_verdict__isnull=True
    )
    return Q(id__in=returns.values("lead_id"))


_CONDITIONS: Mapping[str, Callable[[datetime], Q]] = {
    Attention.PICK_LIST: _on_pick_list,
    Attention.OVERDUE_CONTACT: _overdue_contact,
    Attention.FEEDBACK: _feedback,
    Attention.HELD: _held,
    Attention.DUPLICATE: _duplicate,
    Attention.RETURNED: _returned,
}
