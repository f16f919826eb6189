"""What the processes count of themselves, for Prometheus; nothing at all without METRICS_TOKEN.

Each process counts in files of its own below the data directory, and whoever is asked for
``/metrics`` adds up those of all: web server, worker and timers. Labels are names that stand in the
code (of addresses, steps, channels, loggers) and never anything of a tenant or a person.
"""

import logging
import os
import re
import shutil
import socket
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponseBase

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# Upper bounds in seconds; among them what is promised of accepting and of the inbox.
TIMES = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 1.0, 2.5, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
OTHER = "other"


class Meters(NamedTuple):
    """Everything that is counted."""

    requests: "Histogram"
    conflicts: "Counter"
    messages: "Counter"
    steps: "Counter"
    last_success: "Gauge"
    errors: "Counter"


def is_counting() -> bool:
    """Tell whether anybody may ask for what is counted."""
    return bool(settings.METRICS_TOKEN)


def count_conflict(code: str) -> None:
    """Count an acceptance that came too late, by the refusal's code."""
    if is_counting():
        meters().conflicts.labels(code).inc()


def count_messages(outcomes: Iterable[tuple[str, str]]) -> None:
    """Count attempts to send, by channel and what became of them."""
    if is_counting():
        for (channel, outcome), count in Tally(outcomes).items():
            meters().messages.labels(channel, outcome).inc(count)


def count_step(step: str, *, is_done: bool) -> None:
    """Count a round of something periodic, and keep when it last went well."""
    if is_counting():
        meters().steps.labels(step, "done" if is_done else "failed").inc()
        if is_done:
            meters().last_success.labels(step).set(time.time())


class ErrorCounter(logging.Handler):
    """Counts what is logged as an error, by the module that says so."""

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        if is_counting():
            meters().errors.labels(record.name).inc()


class RequestTimes:
    """Middleware that measures requests by named address, method and class of status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Take what answers; without anybody who asks, leave the way altogether."""
        if not is_counting():
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.observers: dict[tuple[str, str, int], Callable[[float], None]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and note how long it took."""
        began_at = time.perf_counter()
        response = self.get_response(request)
        found = request.resolver_match
        key = (found.view_name if found else "", request.method or "", response.status_code // 100)
        observe = self.observers.get(key)
        if observe is None:
            observe = self.observers[key] = self._observer(*key)
        observe(time.perf_counter() - began_at)
        return response

    def _observer(self, view: str, method: str, status: int) -> Callable[[float], None]:
        """Find what measures such requests; methods that nobody knows are one."""
        known = method if method in METHODS else OTHER
        return meters().requests.labels(view or OTHER, known, f"{status}xx").observe


def place() -> Path:
    """Name the directory of the processes' files."""
    return Path(settings.LEADHUB_DATA) / "metrics"


def forget_processes(data: Path) -> None:
    """Remove what processes counted that ran on a data directory before; for when none runs."""
    shutil.rmtree(data / "metrics", ignore_errors=True)


def read_processes(registry: "CollectorRegistry") -> None:
    """Let a registry collect what all processes have counted."""
    meters()
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - see meters

    MultiProcessCollector(registry, path=str(place()))  # type: ignore[no-untyped-call]


@cache
def meters() -> Meters:
    """Make the meters, when something is counted first: most installations pay nothing for them."""
    place().mkdir(parents=True, exist_ok=True)
    # Read by the library, when it makes a file.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(place())
    from prometheus_client import Counter, Gauge, Histogram, values  # noqa: PLC0415 - as said

    values.ValueClass = values.MultiProcessValue(_process)  # type: ignore[no-untyped-call]
    return Meters(
        requests=Histogram(
            "leadhub_request_seconds",
            "How long requests took.",
            ["view", "method", "status"],
            buckets=TIMES,
            registry=None,
        ),
        conflicts=Counter(
            "leadhub_accept_conflicts",
            "Acceptances that came too late.",
            ["code"],
            registry=None,
        ),
        messages=Counter(
            "leadhub_messages",
            "Attempts to send a message, by what became of them.",
            ["channel", "outcome"],
            registry=None,
        ),
        steps=Counter(
            "leadhub_steps",
            "Rounds of what worker and timers do again and again.",
            ["step", "outcome"],
            registry=None,
        ),
        last_success=Gauge(
            "leadhub_step_succeeded_timestamp_seconds",
            "When a step last went well.",
            ["step"],
            registry=None,
            multiprocess_mode="max",
        ),
        errors=Counter(
            "leadhub_errors_logged",
            "Lines logged as errors, by the module that logged them.",
            ["logger"],
            registry=None,
        ),
    )


def _process() -> str:
    """Name this process among those of all containers that share a data directory."""
    return f"{_HOST}-{os.getpid()}"


_HOST = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())
