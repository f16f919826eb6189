"""Escalate overdue leads and send due messages, without any broker."""

import logging
import signal
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from threading import Event, Thread
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connection

from leadhub.core import clock, retention
from leadhub.core.tenancy.roles import refuse_to_start_unsafe
from leads import audit, digests, erasure, escalation, messages, spreading

logger = logging.getLogger(__name__)

# Seconds between looks for what is due once a day or later.
BETWEEN_LOOKS = 600.0
# Seconds between looks for whose hour has come.
BETWEEN_DIGESTS = 60.0


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
            messages.deliver_due()
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # A mail server that hangs must hold up neither a deadline nor a push: each channel has a
        # thread of its own, which ends with the process.
        interval = options["interval"]
        beside = [
            (_spread, interval),
            *((partial(_deliver, channel), interval) for channel in messages.HANDS),
            (_write_digests, BETWEEN_DIGESTS),
            (_take_checkpoints, BETWEEN_LOOKS),
            (_forget, BETWEEN_LOOKS),
        ]
        for step, pause in beside:
            Thread(target=_repeat, args=(step, stop, pause), daemon=True).start()
        _repeat(_sweep, stop, interval)


def _repeat(step: Callable[[], None], stop: Event, interval: float) -> None:
    while not stop.is_set():
        close_old_connections()
        try:
            step()
        except Error as error:
            logger.warning("the database does not answer (%s); trying again", type(error).__name__)
            connection.close()
        stop.wait(interval)


def _sweep() -> None:
    escalation.sweep(at=clock.now())


def _spread() -> None:
    while spreading.spread_due(at=clock.now()):
        continue


def _deliver(channel: str) -> None:
    while messages.deliver(channel):
        continue


def _write_digests() -> None:
    digests.write_digests(at=clock.now())


def _take_checkpoints() -> None:
    audit.take_checkpoints(at=clock.now())


def _forget() -> None:
    erasure.erase_overdue(at=clock.now())
    erasure.forget_late_answers(at=clock.now())
    retention.purge_expired(at=clock.now())
