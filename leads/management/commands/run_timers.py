"""Escalate overdue leads and send due messages, without any broker."""

import logging
import signal
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils.module_loading import import_string

from leadhub.core import clock, log_context, mail, metrics, retention
from leadhub.core.tenancy.roles import refuse_to_start_unsafe
from leads import (
    audit,
    digests,
    erasure,
    escalation,
    messages,
    missed_months,
    performance,
    spreading,
)
from leads.replay import jobs
from leads.webhooks.fan_out import READ_AT_ONCE, fan_out as make_messages
from leads.webhooks.log import forget_old
from partners.imports import forgetting, jobs as imports

logger = logging.getLogger(__name__)

# What is done in a round; says whether there may be more to do at once.
Step = Callable[[], bool | None]

# Seconds between looks for whose hour has come, for what is due once a day or later, and between
# counts of everything.
BETWEEN_DIGESTS, BETWEEN_LOOKS, BETWEEN_COUNTS = 60.0, 600.0, 3_600.0


class Command(BaseCommand):
    """The loop that never forgets: what Celery does each second, done without Celery."""

    help = "Escalate leads whose wave is overdue and send due messages, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between rounds")
        parser.add_argument("--once", action="store_true", help="do one round and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do rounds until a signal says stop; a database that is away is tried again."""
        refuse_to_start_unsafe()
        if options["once"]:
            _sweep()
            mail.send_due()
            messages.deliver_due()
            _replay()
            _import_files()
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # A mail server that hangs must hold up neither a deadline nor a push: each step has a
        # thread of its own, which ends with the process.
        for steps, pause in BESIDE.items():
            asked = (steps, stop, pause or options["interval"])
            Thread(target=_repeat, args=asked, daemon=True).start()
        _repeat((_sweep,), stop, options["interval"])


def _repeat(steps: Sequence[Step], stop: Event, interval: float) -> None:
    while not stop.is_set():
        close_old_connections()
        # each is done, whatever the one before it said
        go_on = [_try(step) for step in steps]
        if not any(go_on):
            stop.wait(interval)


def _try(step: Step) -> bool:
    """Do a step; one that fails is told, counted, and done again the next time.

    :returns: whether there may be more to do at once.
    """
    name = step_name(step)
    with log_context.work():
        try:
            goes_on = bool(step())
        except (OperationalError, InterfaceError) as error:
            logger.warning("the database does not answer (%s); trying again", type(error).__name__)
            connection.close()
        except Exception:
            logger.exception("%s failed; trying again", name)
            connection.close()
        else:
            metrics.count_step(name, is_done=True)
            return goes_on
    metrics.count_step(name, is_done=False)
    return False


def step_name(step: Step) -> str:
    """Name a step as the task that does the same."""
    function = step.func if isinstance(step, partial) else step
    return function.__name__.lstrip("_")


def _sweep() -> bool:
    return escalation.sweep(at=clock.now()) > 0


def _send_letters() -> None:
    while mail.send_due():
        continue


def _spread() -> None:
    while spreading.spread_due(at=clock.now()):
        continue


def _fan_out() -> None:
    while make_messages() >= READ_AT_ONCE:
        continue


def _deliver(channel: str) -> None:
    while messages.deliver(channel):
        continue


def _replay() -> None:
    jobs.go_on_with_replays(at=clock.now())


def _import_files() -> bool:
    return imports.go_on_with_imports(at=clock.now()) > 0


def _forget_imports() -> None:
    forgetting.forget_imports(at=clock.now())


def _write_digests() -> None:
    digests.write_digests(at=clock.now())


def _take_checkpoints() -> None:
    audit.take_checkpoints(at=clock.now())


def _erase_overdue() -> None:
    erasure.erase_overdue(at=clock.now())


def _forget_late_answers() -> None:
    erasure.forget_late_answers(at=clock.now())


def _purge_expired() -> None:
    retention.purge_expired(at=clock.now())


def _forget_old_webhooks() -> None:
    forget_old(at=clock.now())


def _count_missed_leads() -> None:
    missed_months.count_due_months(at=clock.now())


def _compare_partners() -> None:
    for path in settings.COUNTED_BESIDE:
        import_string(path)(at=clock.now())


def _refresh_performance() -> None:
    performance.refresh_performance(at=clock.now())


# What is forgotten in time, one after the other.
FORGETTING: tuple[Step, ...] = (
    _erase_overdue,
    _forget_late_answers,
    _forget_old_webhooks,
    _forget_imports,
    _purge_expired,
)
# What is done beside the sweep, with the seconds between two rounds; ``None`` is as often as it.
BESIDE: Mapping[tuple[Step, ...], float | None] = {
    (_send_letters,): None,
    (_spread,): None,
    (_fan_out,): None,
    **{(partial(_deliver, channel),): None for channel in messages.HANDS},
    (_replay,): None,
    (_import_files,): None,
    (_write_digests,): BETWEEN_DIGESTS,
    (_take_checkpoints,): BETWEEN_LOOKS,
    FORGETTING: BETWEEN_LOOKS,
    (_count_missed_leads,): BETWEEN_LOOKS,
    (_compare_partners,): BETWEEN_LOOKS,
    (_refresh_performance,): BETWEEN_COUNTS,
}
