"""Steps of a hand as they must not be: what the tests have to notice."""

import os
import time
from datetime import UTC, datetime, timedelta

from django.db import Error

from leadhub.core import clock, outbox
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context
from leads import escalation, messages
from leads.models import Lead
from leads.routing import end_wave


def sweep_early() -> None:
    """Take a deadline for passed that is not."""
    escalation.sweep(at=clock.now() + timedelta(hours=1))


def sweep_by_own_clock() -> None:
    """Believe the clock of the machine it runs on."""
    escalation.sweep(at=datetime.now(UTC))  # noqa: TID251 - the fault


def sweep_what_was_taken() -> None:
    """Take leads for an hour, commit that, and work only then: who dies in between loses them."""
    at = clock.now()
    with system_context("faults"):
        taken = list(Lead.objects.overdue(at).order_by("due_at")[:20])
        Lead.objects.filter(id__in=[lead.id for lead in taken]).update(
            due_at=at + timedelta(hours=1)
        )
    for lead in taken:
        with system_context("faults"):
            time.sleep(0.05)
            end_wave(lead=lead, at=at)


def deliver_after_marking() -> None:
    """Write down that messages have left, and send them only then."""
    at = clock.now()
    with system_context("faults"):
        claimed = outbox.claim_due(channel="EMAIL", at=at, limit=20)
        Delivery.objects.filter(id__in=[one.id for one in claimed]).update(done_at=at)
        made, _ = messages._make_all(claimed, messages.HANDS["EMAIL"], at)
    list(messages.HANDS["EMAIL"].send(made, seconds=10))


def sweep_and_give_up() -> None:
    """Take a database that is away for the end of the work."""
    try:
        escalation.sweep(at=clock.now())
    except Error:
        os._exit(1)
