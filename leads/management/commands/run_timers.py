"""Escalate overdue leads and send due messages, without any broker."""

import logging
import signal
from argparse import ArgumentParser
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connection

from leadhub.core import clock
from leads import escalation, messages

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """The loop that never forgets: what Celery does each second, done without Celery."""

    help = "Escalate leads whose wave is overdue and send due messages, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between rounds")
        parser.add_argument("--once", action="store_true", help="do one round and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do rounds until a signal says stop; a database that is away is tried again."""
        stop = Event()
        if not options["once"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while True:
            _do_round()
            if options["once"] or stop.wait(options["interval"]):
                return


def _do_round() -> None:
    close_old_connections()
    try:
        escalation.sweep(at=clock.now())
        messages.deliver_due()
    except Error as error:
        logger.warning("the database does not answer (%s); trying again", type(error).__name__)
        connection.close()
