"""What is kept for a time only: customers of leads that ended, answers, sessions, messages."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from allauth.usersessions.models import UserSession
from celery import Task
from django.conf import settings
from django.contrib.sessions.models import Session

from kpis import tasks as kpis_tasks
from leadhub.core import clock
from leadhub.core.ids import first_id_at
from leadhub.core.models import Delivery, IdempotentAnswer
from leadhub.core.outbox import kept_since
from leadhub.core.retention import purge_expired
from leadhub.core.tenancy.context import system_context, tenant_context
from leads import tasks
from leads.erasure import erase_overdue, forget_late_answers
from leads.feedback import give_feedback
from leads.management.commands import run_timers
from leads.models import Lead, LeadFeedback
from partners import tasks as partners_tasks
from partners.models import ApiKey
from partners.tenants import change_retention
from tests.acting import DAY, HOUR, MINUTE, accepted_lead, holder_of, member
from tests.factories import NOON, Network
from tests.leads.test_erasure import (
    LATER,
    erase,
    held,
    in_hands,
    lost,
    on_offer,
    on_pick_list,
    withdrawn,
    won,
)

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=31)


@pytest.mark.parametrize("arrange", [won, lost, withdrawn], ids=lambda one: one.__name__)
def test_erases_what_ended_longer_ago_than_it_is_kept(
    arrange: Callable[[Network], Lead], network: Network
) -> None:
    change_retention(months=6, by=network.by)
    lead = arrange(network)

    too_early = erase_overdue(at=NOON + 5 * MONTH)
    in_time = erase_overdue(at=NOON + 7 * MONTH)
    again_later = erase_overdue(at=NOON + 9 * MONTH)

    assert (too_early, in_time, again_later) == (0, 1, 0)
    erased = network.events(lead)[-1]
    assert (erased.actor, erased.data) == ("system:retention", {"because": "retention"})


def test_erases_an_imported_lead_only_if_somebody_wrote_a_note_about_it(network: Network) -> None:
    change_retention(months=6, by=network.by)
    network.partner()
    noted, plain = accepted_lead(network), accepted_lead(network)
    with tenant_context(network.manufacturer.id):
        Lead.objects.update(is_imported=True)
    for assignment, note in ((noted, "Ms Qzanderbach was rude"), (plain, "")):
        give_feedback(
            assignment=assignment,
            status="LOST",
            reason="OTHER",
            note=note,
            by=holder_of(assignment),
            at=NOON + MONTH,
        )

    assert erase_overdue(at=NOON + 6 * MONTH) == 0
    assert erase_overdue(at=NOON + 9 * MONTH) == 1
    assert network.again(noted.lead).erased_at is not None
    assert network.again(plain.lead).erased_at is None
    with tenant_context(network.manufacturer.id):
        assert not LeadFeedback.objects.exclude(note="").exists()


@pytest.mark.parametrize("arrange", [on_offer, on_pick_list, held, in_hands])
def test_keeps_what_somebody_works_on(arrange: Callable[[Network], Lead], network: Network) -> None:
    change_retention(months=1, by=network.by)
    arrange(network)

    assert erase_overdue(at=NOON + 9 * MONTH) == 0


def test_counts_the_time_from_the_end_not_from_the_beginning(network: Network) -> None:
    change_retention(months=6, by=network.by)
    network.partner()
    assignment = accepted_lead(network)
    give_feedback(
        assignment=assignment,
        status="LOST",
        reason="OTHER",
        by=holder_of(assignment),
        at=NOON + 4 * MONTH,
    )

    assert erase_overdue(at=NOON + 7 * MONTH) == 0
    assert erase_overdue(at=NOON + 11 * MONTH) == 1


def test_keeps_each_manufacturers_own_time(network: Network, other_network: Network) -> None:
    change_retention(months=1, by=network.by)
    lost(network)
    kept = lost(other_network)

    assert erase_overdue(at=NOON + 3 * MONTH) == 1
    assert other_network.again(kept).erased_at is None


def test_erases_in_batches(network: Network) -> None:
    change_retention(months=1, by=network.by)
    for _ in range(3):
        withdrawn(network)

    assert [erase_overdue(at=NOON + 3 * MONTH, limit=2) for _ in range(3)] == [2, 1, 0]


def test_goes_on_past_a_lead_that_cannot_be_erased(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_retention(months=1, by=network.by)
    broken, whole = withdrawn(network), withdrawn(network)
    with tenant_context(network.manufacturer.id):
        # Its next fact is there already, so that it cannot be written.
        Lead.objects.filter(id=broken.id).update(last_sequence=broken.last_sequence - 1)

    assert erase_overdue(at=NOON + 3 * MONTH) == 1
    assert network.again(broken).erased_at is None
    assert network.again(whole).erased_at is not None


def test_tries_those_that_keep_failing_after_the_others(network: Network) -> None:
    change_retention(months=1, by=network.by)
    network.partner()
    broken = accepted_lead(network)
    give_feedback(
        assignment=broken, status="LOST", reason="OTHER", by=holder_of(broken), at=NOON + DAY
    )
    with tenant_context(network.manufacturer.id):
        lead = Lead.objects.get(id=broken.lead_id)
        Lead.objects.filter(id=lead.id).update(last_sequence=lead.last_sequence - 1)
    later = accepted_lead(network, at=NOON + 2 * DAY)
    give_feedback(
        assignment=later, status="LOST", reason="OTHER", by=holder_of(later), at=NOON + 3 * DAY
    )

    assert [erase_overdue(at=NOON + 3 * MONTH, limit=1) for _ in range(2)] == [1, 0]
    assert network.again(later.lead).erased_at is not None


@pytest.mark.parametrize(("since", "is_kept"), [(-MINUTE, False), (MINUTE, True)])
def test_forgets_an_answer_that_was_kept_after_the_erasure(
    network: Network, since: timedelta, *, is_kept: bool
) -> None:
    """A push of many leads is answered at its end; one of them may have been erased by then."""
    lead = erase(network, network.lead())
    _keep(network, "late", LATER + since, subjects=[lead.id])

    forgotten = forget_late_answers(at=LATER + 10 * MINUTE)

    assert forgotten == (not is_kept)
    assert forget_late_answers(at=LATER + 10 * MINUTE) == 0


def test_does_by_timers_and_tasks_what_is_due(network: Network) -> None:
    """Both interfaces call the same functions; every scheduled task is there."""
    change_retention(months=1, by=network.by)
    by_timers, by_tasks = withdrawn(network), withdrawn(network)

    with clock.set_to(NOON + 3 * MONTH):
        with tenant_context(network.manufacturer.id):
            Lead.objects.filter(id=by_tasks.id).update(status="REJECTED", is_imported=True)
        for step in run_timers.FORGETTING:
            step()
        with tenant_context(network.manufacturer.id):
            Lead.objects.filter(id=by_tasks.id).update(is_imported=False)
        done = [tasks.erase_overdue(), tasks.forget_late_answers(), tasks.purge_expired()]

    assert network.again(by_timers).erased_at == NOON + 3 * MONTH
    assert done == [1, 0, 0]
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    declared = {
        task.name
        for module in (tasks, kpis_tasks, partners_tasks)
        for task in vars(module).values()
        if isinstance(task, Task)
    }
    assert scheduled == declared


def test_purges_answers_that_are_replayed_no_more(network: Network) -> None:
    for number, age in enumerate((6 * DAY, 8 * DAY, 9 * DAY)):
        _keep(network, str(number), NOON - age)

    assert [purge_expired(at=NOON, limit=1) for _ in range(3)] == [1, 1, 0]
    with tenant_context(network.manufacturer.id):
        assert list(IdempotentAnswer.objects.values_list("key", flat=True)) == ["0"]


def _keep(network: Network, name: str, at: datetime, **fields: Any) -> None:
    """Keep an answer to be replayed."""
    with tenant_context(network.manufacturer.id):
        IdempotentAnswer.objects.create(
            manufacturer_id=network.manufacturer.id,
            api_key_id=ApiKey.objects.get().id,
            key=name,
            request_digest=b"0" * 32,
            status=201,
            body=b"{}",
            created_at=at,
            **fields,
        )


def test_purges_sessions_that_have_ended() -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=NOON - HOUR)
    Session.objects.create(session_key="new", session_data="", expire_date=NOON + HOUR)

    assert purge_expired(at=NOON) == 1
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]


def test_forgets_devices_whose_sessions_are_gone(network: Network) -> None:
    Session.objects.create(session_key="lives", session_data="", expire_date=NOON + HOUR)
    user_id = member(network, "dana@acme.example", "ANALYST").user_id
    with system_context("test"):
        for key, age in (("ended", DAY), ("lives", DAY), ("begins", MINUTE)):
            UserSession.objects.create(
                user_id=user_id, session_key=key, ip="192.0.2.1", created_at=NOON - age
            )

    assert [purge_expired(at=NOON) for _ in range(2)] == [1, 0]
    with system_context("test"):
        kept = UserSession.objects.order_by("session_key").values_list("session_key", flat=True)
        assert list(kept) == ["begins", "lives"]


KEPT = 90 * DAY


def test_purges_messages_that_left_so_long_ago(network: Network) -> None:
    ages = {"old": KEPT + MINUTE, "older": KEPT + DAY, "young": KEPT - MINUTE}
    for name, age in ages.items():
        _leave(network, name, made=NOON - age, done_at=NOON - age)

    assert [purge_expired(at=NOON) for _ in range(2)] == [2, 0]
    assert _left(network) == ["young"]


def test_purges_more_messages_than_go_at_once(network: Network) -> None:
    for number in range(5):
        _leave(network, str(number), made=NOON - KEPT - DAY, done_at=NOON - KEPT - number * MINUTE)

    assert purge_expired(at=NOON, limit=2) == 4
    assert _left(network) == ["0"]


def test_counts_the_time_a_message_is_kept_from_when_it_left(network: Network) -> None:
    _leave(network, "put off", made=NOON - KEPT - 3 * DAY, done_at=NOON - KEPT + MINUTE)

    assert purge_expired(at=NOON) == 0


def test_keeps_messages_that_did_not_leave(network: Network) -> None:
    long_ago = NOON - 2 * KEPT
    _leave(network, "given up", made=long_ago, failed_at=long_ago)
    _leave(network, "waits", made=long_ago)

    assert purge_expired(at=NOON) == 0
    assert _left(network) == ["given up", "waits"]


def test_tells_since_when_an_event_must_have_its_messages(network: Network) -> None:
    """The message of an event of that instant cannot have left before, and so is still there."""
    _leave(network, "at once", made=kept_since(NOON), done_at=kept_since(NOON))

    assert purge_expired(at=NOON) == 0


def _leave(network: Network, name: str, *, made: datetime, **fields: Any) -> None:
    """Write a message that was made then."""
    manufacturer = network.manufacturer.id
    with tenant_context(manufacturer):
        same_instant = Delivery.objects.filter(due_at=made).count()
        Delivery.objects.create(
            id=UUID(int=first_id_at(made).int + same_instant),
            manufacturer_id=manufacturer,
            channel=Delivery.Channel.EMAIL,
            kind="offer_new",
            recipient="user:somebody",
            subject_id=manufacturer,
            dedupe=name,
            due_at=made,
            **fields,
        )


def _left(network: Network) -> list[str]:
    with tenant_context(network.manufacturer.id):
        return sorted(Delivery.objects.values_list("dedupe", flat=True))
