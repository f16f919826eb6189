"""What a lead costs: `POST /api/v1/leads/` with routing, over HTTP, row security on.

Beside it, in the same run, a bare endpoint: the same server and stack, one insert.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import chain
from multiprocessing import get_context
from string import ascii_lowercase
from typing import NamedTuple

from benchmarks.report import Figure, at_least_share, at_most, tell
from benchmarks.server import SERVERS, cpu_seconds, throw_away_world, web

SIZES = (1_000, 10_000, 100_000)
LINES = ("heat-pumps", "boilers", "solar", "storage", "ventilation")


class Run(NamedTuple):
    """What one measurement gave; times in milliseconds."""

    rate: float
    p50: float
    p99: float
    web_cpu: float
    database_cpu: float

    @property
    def cpu(self) -> float:
        """What a request costs in all."""
        return self.web_cpu + self.database_cpu


def main() -> int:
    """Measure, tell, and exit with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    parser.add_argument("--server", choices=SERVERS, action="append")
    options = parser.parse_args()
    sizes = (200, 500, 1_000) if options.quick else SIZES
    requests = 60 if options.quick else 1_200
    with throw_away_world():
        keys, codes = _found(sizes)
        return max(
            _measure(server, sizes, keys, codes, requests)
            for server in options.server or SERVERS[:1]
        )


def _found(sizes: Sequence[int]) -> tuple[dict[int, str], list[str]]:
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    from benchmarks.networks import found_network  # noqa: PLC0415
    from leadhub.core.models import PostalCode  # noqa: PLC0415

    keys = {size: found_network(slug=f"net-{size}", partners=size).api_key for size in sizes}
    codes = PostalCode.objects.filter(country="DE").order_by("code").values_list("code", flat=True)
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE bare (id uuid PRIMARY KEY, body text NOT NULL)")
        cursor.execute("VACUUM ANALYZE")
    found = list(codes)
    connections.close_all()
    return keys, found


def _measure(
    server: str, sizes: Sequence[int], keys: dict[int, str], codes: list[str], requests: int
) -> int:
    small, middle, large = sizes
    with web(server) as (port, pid):
        for size in sizes:
            _run(port, pid, keys[size], codes, requests // 4)
        _analyze()
        runs = {size: _run(port, pid, keys[size], codes, requests) for size in sizes}
        crowd = _run(port, pid, keys[middle], codes, requests, clients=4)
        _run(port, pid, None, codes, requests // 4)
        bare = _run(port, pid, None, codes, requests)
        bare_crowd = _run(port, pid, None, codes, requests, clients=4)
    one = runs[middle]
    return tell(
        f"Intake over HTTP, {server}, {middle:,} partners",
        [
            at_most("p50, 1 client", one.p50, "ms", 12, limit=bare.p50),
            Figure("p99, 1 client", one.p99, "ms", bare.p99),
            at_least_share("rate, 1 client", one.rate, "leads/s", limit=bare.rate, share=0.25),
            at_least_share(
                "rate, 4 clients", crowd.rate, "leads/s", limit=bare_crowd.rate, share=0.25
            ),
            Figure("p50, 4 clients", crowd.p50, "ms", bare_crowd.p50),
            Figure("p99, 4 clients", crowd.p99, "ms", bare_crowd.p99),
            at_most("CPU per lead, 1 client", one.cpu, "ms", 6, limit=bare.cpu),
            Figure("of it the web server's", one.web_cpu, "ms", bare.web_cpu),
            Figure("of it the database's", one.database_cpu, "ms", bare.database_cpu),
            Figure("CPU per lead, 4 clients", crowd.cpu, "ms", bare_crowd.cpu),
            Figure(f"CPU per lead, {small:,} partners", runs[small].cpu, "ms"),
            Figure(f"CPU per lead, {large:,} partners", runs[large].cpu, "ms"),
            _at_most_times(f"CPU at {large:,} to {small:,}", runs[large].cpu, runs[small].cpu),
            _at_most_times(f"p50 at {large:,} to {small:,}", runs[large].p50, runs[small].p50),
        ],
    )


def _at_most_times(name: str, ours: float, limit: float, times: float = 1.5) -> Figure:
    return Figure(name, ours, "ms", limit, f"at most {times:g} times", ours <= limit * times)


def _analyze() -> None:
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connections.close_all()


def _run(
    port: int, pid: int, key: str | None, codes: list[str], requests: int, *, clients: int = 1
) -> Run:
    """Send requests from so many processes; without a key to the bare endpoint."""
    share = requests // clients
    jobs = [(port, key, codes, share, number) for number in range(clients)]
    with ProcessPoolExecutor(clients, mp_context=get_context("fork")) as pool:
        list(pool.map(_warm_up, range(clients)))
        before, started = cpu_seconds(pid), time.perf_counter()
        times = sorted(chain.from_iterable(pool.map(_send, *zip(*jobs, strict=True))))
        wall, after = time.perf_counter() - started, cpu_seconds(pid)
    web_cpu, database_cpu = (
        (end - begin) / len(times) * 1e3 for begin, end in zip(before, after, strict=True)
    )
    return Run(
        rate=len(times) / wall,
        p50=statistics.median(times) * 1e3,
        p99=times[int(len(times) * 0.99)] * 1e3,
        web_cpu=web_cpu,
        database_cpu=database_cpu,
    )


def _warm_up(number: int) -> int:
    return number


def _send(port: int, key: str | None, codes: list[str], count: int, number: int) -> list[float]:
    chance = random.Random(f"{number}{time.time_ns()}")
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json"}
    path = "/bare/"
    if key is not None:
        headers["Authorization"], path = f"Bearer {key}", "/api/v1/leads/"
    times = []
    for _ in range(count):
        body = json.dumps(_lead(chance, codes))
        started = time.perf_counter()
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        times.append(time.perf_counter() - started)
        if response.status != HTTPStatus.CREATED:
            msg = f"{response.status}: {answer[:300]!r}"
            raise RuntimeError(msg)
    connection.close()
    return times


def _lead(chance: random.Random, codes: list[str]) -> dict[str, object]:
    """Make an enquiry of somebody new, for that of a known customer would be held."""
    number = chance.randrange(10**7)
    last_name = "".join(chance.choices(ascii_lowercase, k=9)).title()
    return {
        "external_id": f"CRM-{time.time_ns()}-{chance.randrange(10**6)}",
        "source": "website",
        "temperature": "HOT",
        "evidence": "Configured a heat pump and asked for a quote",
        "product_lines": [chance.choice(LINES)],
        "contact": {
            "first_name": "Erika",
            "last_name": last_name,
            "email": f"{last_name}{number}@example.com",
            "phone": f"+49 89 9{number:07}",
            "street": "Musterweg 1",
            "language": "de",
        },
        "country": "DE",
        "postal_code": chance.choice(codes),
        "wish": "12 kW, visit in the afternoon",
        "wish_summary": "Heat pump, 12 kW",
        "expected_value": "18000.00",
        "currency": "EUR",
        "consent": {
            "text_version": "2026-01",
            "given_at": "2026-03-02T08:00:00Z",
            "source": "web form",
        },
    }


if __name__ == "__main__":
    sys.exit(main())
