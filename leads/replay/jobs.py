"""Replays as jobs: asked for, gone on with step by step, and kept in one row each.

The row is the whole memory. A step locks the row, judges some leads, writes what it came to and
commits; whoever comes next goes on from there, be it a worker, the broker-free loop or a process
that started after the last one was killed. One step at a time in the whole installation: leads
that come in go before.
"""

import logging
from datetime import datetime
from itertools import islice
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, StateConflict
from leadhub.core.tenancy.context import in_tenant_of, system_context, tenant_context
from leadhub.core.turns import take_turn
from leads.models import Replay, RoutingPolicy
from leads.models.replays import ReplayStatus
from leads.policies import choose_policy
from leads.replay.past import EVERY_LEAD, past_leads, sample_backwards
from leads.replay.rounds import PolicyRules, in_its_place, read_rules, rules_of
from leads.replay.sides import AGAINST, TRIED
from leads.replay.work import Work

logger = logging.getLogger(__name__)

MOST_LEADS = 10_000
# So many replays of a manufacturer may wait at a time.
WAITING_AT_MOST = 3
# Leads of one step: about a second's work, which is how long its row is locked.
LEADS_A_STEP = 250
# A replay that failed so often, one step after the other, is given up.
TRIES = 3


class TooManyReplays(StateConflict):
    """Some are still running."""

    code = "too_many_replays"
    message = gettext_noop("Other replays are still running. Wait until one of them is done.")


@in_tenant_of("policy")
def request_replay(
    *,
    policy: RoutingPolicy,
    leads: int,
    by: Actor,
    at: datetime,
    against: RoutingPolicy | None = None,
) -> Replay:
    """Have a policy tried out on the last leads that it would hold for.

    Asked again while the same one runs, it answers that one.

    :param leads: how many, 1 to 10,000.
    :param against: what it is set against; ``None`` for the rules that hold.
    :raises InvalidInput: if the number is none of these.
    :raises TooManyReplays: if there are some to be done already.
    """
    if not 1 <= leads <= MOST_LEADS:
        raise InvalidInput(
            field="leads",
            message=gettext_noop("Choose between 1 and 10,000 leads."),
            code="out_of_range",
        )
    unfinished = Replay.objects.unfinished().filter(manufacturer=policy.manufacturer_id)
    same = unfinished.filter(policy=policy, against=against, wanted=leads).order_by("id").first()
    if same is not None:
        return same
    if unfinished.count() >= WAITING_AT_MOST:
        raise TooManyReplays
    return Replay.objects.create(
        manufacturer_id=policy.manufacturer_id,
        policy=policy,
        against=against,
        wanted=leads,
        created_at=at,
        created_by=by.label,
    )


def go_on_with_replays(*, at: datetime, seconds: float = 0.0) -> int:
    """Do steps of the replays that wait, the oldest first.

    :param seconds: for how long new steps are begun; one step is done at least.
    :returns: how many steps were done; 0 is "nothing to do", or another is at it.
    """
    steps, end = 0, monotonic() + seconds
    while _do_step(at):
        steps += 1
        if monotonic() >= end:
            break
    return steps


def _do_step(at: datetime) -> bool:
    with system_context("replay.go_on"):
        if not take_turn("replays"):
            return False
        waiting = Replay.objects.unfinished().order_by("failures", "created_at", "id")
        replay = waiting.select_for_update(skip_locked=True, no_key=True).first()
        if replay is None:
            return False
        try:
            with transaction.atomic(), tenant_context(replay.manufacturer_id):
                _advance(replay, at=at)
        except Exception:
            if not connection.is_usable():
                raise
            logger.exception("replay %s failed", replay.id)
            _note_failure(replay.id, at=at)
    return True


def _note_failure(replay_id: UUID, *, at: datetime) -> None:
    replay = Replay.objects.get(id=replay_id)
    replay.failures += 1
    if replay.failures >= TRIES:
        replay.status, replay.finished_at, replay.state = ReplayStatus.FAILED, at, {}
    replay.save(update_fields=["failures", "status", "finished_at", "state"])


def _advance(replay: Replay, *, at: datetime) -> None:
    """Judge the next leads, and tell the result after the last ones."""
    if replay.status == ReplayStatus.WAITING:
        _plan(replay)
    sample = replay.plan["sample"]
    ids = sample[replay.done : replay.done + LEADS_A_STEP]
    work = Work.unpack(replay)
    if ids:
        work.judge(past_leads(replay.manufacturer_id, ids))
    replay.done += len(ids)
    replay.failures = 0
    if replay.done >= len(sample):
        replay.status, replay.finished_at = ReplayStatus.DONE, at
        replay.state, replay.result = {}, work.tell()
    else:
        replay.state = work.pack()
    replay.save(update_fields=["status", "done", "failures", "finished_at", "state", "result"])


def _plan(replay: Replay) -> None:
    """Fix the rules of both sides and the leads."""
    sides = _sides(replay)
    tried = sides[TRIED][0]
    reach = EVERY_LEAD.within(line=tried.product_line_id, source=tried.source)
    leads = sample_backwards(replay.manufacturer_id, reach, at=replay.created_at)
    held_for = (
        lead.id
        for lead in leads
        if choose_policy(sides[TRIED], product_lines=lead.product_lines, source=lead.source)
        is tried
    )
    sample = list(islice(held_for, replay.wanted))[::-1]
    replay.plan = {
        "sample": sample,
        **{name: [_stored(policy) for policy in policies] for name, policies in sides.items()},
    }
    replay.total, replay.status = len(sample), ReplayStatus.RUNNING
    replay.save(update_fields=["plan", "total", "status"])


def _sides(replay: Replay) -> dict[str, list[PolicyRules]]:
    """List what holds on each side, the policy that is tried out or set against it first."""
    active = RoutingPolicy.objects.filter(manufacturer=replay.manufacturer_id, is_active=True)
    holding = [read_rules(rules_of(policy)) for policy in active.order_by("id")]
    tried = read_rules(rules_of(replay.policy))
    against = read_rules(rules_of(replay.against)) if replay.against else None
    return {
        TRIED: in_its_place(tried, holding),
        AGAINST: holding if against is None else in_its_place(against, holding),
    }


def _stored(policy: PolicyRules) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in PolicyRules.__slots__}
