"""Inboxes that are told of news over a connection that stays open: the way not taken, to compare.

One thread of each process asks the log twice a second for whom there is something new; every open
inbox keeps a thread that waits for its word.
"""

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from leadhub.core import clock
from leadhub.core.tenancy.context import system_context
from leads.models import LeadEvent
from partners.decorators import PersonRequest, partner_page
from partners.roles import Capability

PAUSE = 0.5
HEARTBEAT = 15.0


class Watcher:
    """Asks for all inboxes of a process, and wakes those that have news."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._number = 0
        self._last: dict[UUID, int] = {}
        self._started = False

    def wait(self, partner_ids: list[UUID], since: int) -> int:
        """Wait for news of these partners; the number of the last, ``since`` if there are none."""
        with self._changed:
            self._start()
            self._changed.wait_for(lambda: self._latest(partner_ids) > since, HEARTBEAT)
            return max(self._latest(partner_ids), since)

    def _latest(self, partner_ids: list[UUID]) -> int:
        return max((self._last.get(partner_id, 0) for partner_id in partner_ids), default=0)

    def _start(self) -> None:
        if not self._started:
            self._started = True
            threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        since = self._now()
        while True:
            time.sleep(PAUSE)
            since, concerned = self._ask(since)
            if concerned:
                with self._changed:
                    self._number += 1
                    self._last.update(dict.fromkeys(concerned, self._number))
                    self._changed.notify_all()

    @staticmethod
    def _now() -> datetime:
        with system_context("benchmarks.streams"):
            return clock.now()

    @staticmethod
    def _ask(since: datetime) -> tuple[datetime, set[UUID]]:
        with system_context("benchmarks.streams"):
            news = LeadEvent.objects.filter(recorded_at__gt=since, partner_id__isnull=False)
            rows = list(news.order_by().values_list("recorded_at", "partner_id"))
        latest = max((at for at, _ in rows), default=since)
        return latest, {partner_id for _, partner_id in rows}


WATCHER = Watcher()


@require_safe
def stream(request: HttpRequest) -> HttpResponseBase:
    """Tell an open inbox, whenever it is so, that it is to look again."""
    opened: list[list[UUID]] = []

    @partner_page(Capability.SEE_OFFERS)
    def come_in(request: PersonRequest) -> HttpResponse:
        opened.append(request.person.partner_ids)
        return HttpResponse()

    refusal = come_in(request)
    if not opened:
        return refusal
    connection.close()  # five hundred of them would be more than the database has
    return StreamingHttpResponse(_events(opened[0]), content_type="text/event-stream")


def _events(partner_ids: list[UUID]) -> Iterator[bytes]:
    number = 0
    yield b": open\n\n"
    while True:
        latest = WATCHER.wait(partner_ids, number)
        yield b"data: look\n\n" if latest > number else b": still here\n\n"
        number = latest
