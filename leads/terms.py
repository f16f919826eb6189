"""What a policy asks of the partner who takes a lead: by when to call, and when to report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from leadhub.core.tenancy.context import tenant_context
from leads.models import Lead, RoutingPolicy

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """The part of a policy that concerns a partner after it was asked.

    :ivar late_answers: an offer that ran out may be accepted as long as nobody has the lead.
    :ivar contact_window: how long after the acceptance the customer is to be called.
    :ivar feedback_due: how long after the acceptance each report is due, in order.
    :ivar feedback_repeat: how long after the last report the next is due, once those are given.
    """

    late_answers: bool = True
    contact_window: timedelta = HOUR
    feedback_due: Sequence[timedelta] = field(default=(DAY,))
    feedback_repeat: timedelta = 7 * DAY

    def contact_by(self, accepted_at: datetime) -> datetime:
        """Tell by when the customer is to be called."""
        return accepted_at + self.contact_window

    def feedback_by(self, accepted_at: datetime, last_given_at: datetime | None) -> datetime:
        """Tell by when the next report is due.

        A report answers for the first due moment after it, however early it came; those before it
        are answered as well.
        """
        moments = sorted(accepted_at + window for window in self.feedback_due)
        if last_given_at is None:
            return moments[0] if moments else accepted_at + self.feedback_repeat
        answered = sum(moment < last_given_at for moment in moments)
        ahead = moments[answered + 1 :]
        return ahead[0] if ahead else last_given_at + self.feedback_repeat


# What holds for leads without a policy, such as imported ones that were reopened.
USUAL = Terms()


def terms_of(leads: Iterable[Lead]) -> dict[UUID | None, Terms]:
    """Read the terms of leads that the caller may see, by the policy's id.

    Partners do not see policies, whose weights are none of their business: what concerns them is
    read in the tenant of each lead.
    """
    wanted = {(lead.manufacturer_id, lead.policy_id) for lead in leads if lead.policy_id}
    terms: dict[UUID | None, Terms] = {None: USUAL}
    for manufacturer_id, pairs in groupby(sorted(wanted), key=lambda pair: pair[0]):
        with tenant_context(manufacturer_id):
            policies = RoutingPolicy.objects.filter(
                manufacturer=manufacturer_id, id__in=[policy_id for _, policy_id in pairs]
            )
            terms.update((policy.id, terms_of_policy(policy)) for policy in policies)
    return terms


def feedback_due_of(
    lead: Lead, *, accepted_at: datetime, last_given_at: datetime | None = None
) -> datetime | None:
    """Tell when the next feedback on a lead in hands is due.

    :returns: ``None`` for imported history, which starts no timer, and for an erased lead, of which
        there is nobody left to report.
    """
    if lead.is_imported or lead.erased_at is not None:
        return None
    return terms_of_policy(lead.policy).feedback_by(accepted_at, last_given_at)


def feedback_due_after_reopening(
    lead: Lead, *, accepted_at: datetime, last_given_at: datetime | None, at: datetime
) -> datetime | None:
    """Tell when feedback is due of a lead that is in hands once more.

    Nobody is late at once: what fell due while the lead was closed is asked for anew.
    """
    due_at = feedback_due_of(lead, accepted_at=accepted_at, last_given_at=last_given_at)
    if due_at is None or due_at > at:
        return due_at
    return at + terms_of_policy(lead.policy).feedback_repeat


def terms_of_policy(policy: RoutingPolicy | None) -> Terms:
    """Read the terms that a policy holds, or the usual ones without a policy."""
    if policy is None:
        return USUAL
    return Terms(
        late_answers=policy.late_answers,
        contact_window=policy.contact_window,
        feedback_due=[timedelta(seconds=seconds) for seconds in policy.feedback_due],
        feedback_repeat=policy.feedback_repeat,
    )
