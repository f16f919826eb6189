"""What open inboxes cost, and how soon they show what is new: three ways to find out.

``door``: every inbox asks through the whole door every two seconds. ``leave``: what the product
does: it asks with the leave that its page was given, every second and a half, and at the door once
a minute. ``stream``: a connection that stays open (``benchmarks.streams``), with the threads that
the product's web server has, and with as many threads as there are inboxes.
"""

import argparse
import asyncio
import random
import re
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from benchmarks.report import Figure, at_most, tell
from benchmarks.server import cpu_seconds, throw_away_world, web

DOOR_EVERY, LEAVE_EVERY, RENEWED_EVERY = 2.0, 1.5, 60.0
STATE = re.compile(r'data-state="&quot;([0-9a-f]{24})')
LEAVE = re.compile(r'data-watching="([^"]+)"')
# Where the leads are: large towns, with many partners around.
TOWNS = ("80331", "10115", "20095", "50667")
PATIENCE = 20.0  # seconds until an answer counts as lost


@dataclass
class Inbox:
    """One page that is open on one phone.

    :ivar seen: when it was told to look again, by the monotonic clock.
    """

    partner_id: UUID
    cookie: str
    state: str = ""
    leave: str = ""
    seen: list[float] = field(default_factory=list)
    lost: int = 0


@dataclass(frozen=True)
class Way:
    """One way to find out, and the web server that it needs."""

    name: str
    ask: Callable[["Line", Inbox], Awaitable[bool]] | None
    every: float = 0.0
    threads: int = 0


@dataclass
class Seen:
    """What one way cost and brought: CPU in seconds a second, latencies in milliseconds."""

    web: float
    database: float
    shown: list[float]
    missed: int
    lost: int
    open: int


class Line:
    """One connection to the server, kept as long as the server keeps it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Get an answer: status, headers, body."""
        try:
            return await self._ask(path, headers)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.close()  # it had rested for too long
            return await self._ask(path, headers)

    async def open_stream(self, path: str, **headers: str) -> asyncio.StreamReader:
        """Begin an answer that goes on."""
        return await self._send(path, headers)

    def close(self) -> None:
        """Hang up."""
        if self._ends:
            self._ends[1].close()
        self._ends = None

    async def _ask(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        reader = await self._send(path, headers)
        return await asyncio.wait_for(self._read(reader), PATIENCE)

    async def _send(self, path: str, headers: dict[str, str]) -> asyncio.StreamReader:
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._ends
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        await writer.drain()
        return reader

    async def _read(self, reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.close()
        return int(first.split()[1]), headers, body


async def look(line: Line, inbox: Inbox) -> None:
    """Open the page, as people do and as a page does that has news."""
    _, _, body = await line.get("/inbox/", Cookie=inbox.cookie)
    page = body.decode()
    state, leave = STATE.search(page), LEAVE.search(page)
    if state is None or leave is None:
        msg = f"This is no inbox: {page[:300]}"
        raise RuntimeError(msg)
    inbox.state = f'"{state[1]}"'
    inbox.leave = leave[1].replace("&quot;", '"').replace("&amp;", "&")


async def ask_at_door(line: Line, inbox: Inbox) -> bool:
    """Ask for the page unless it is as it was."""
    headers = {"HX_Request": "true", "If_None_Match": inbox.state, "Cookie": inbox.cookie}
    status, answered, _ = await line.get("/inbox/", **headers)
    inbox.leave = answered.get("x-watching", inbox.leave)
    return status != 304  # noqa: PLR2004 - not modified


async def ask_with_leave(line: Line, inbox: Inbox) -> bool:
    """Ask whether there is anything new."""
    headers = {"If_None_Match": inbox.state, "X_Watching": inbox.leave, "Cookie": inbox.cookie}
    status, _, _ = await line.get("/inbox/news/", **headers)
    return status != 204  # noqa: PLR2004 - no content


WAYS = (
    Way("door", ask_at_door, DOOR_EVERY),
    Way("leave", ask_with_leave, LEAVE_EVERY),
    Way("stream, 8 threads", None),
    Way("stream, a thread each", None, threads=1),
)


async def keep_open(way: Way, port: int, inbox: Inbox, until: float) -> None:
    """Be a page that is open until then."""
    line = Line(port)
    ask = way.ask
    try:
        if ask is None:
            await _listen(line, inbox, until)
            return
        renewed = time.monotonic() + random.uniform(0, RENEWED_EVERY)
        await asyncio.sleep(random.uniform(0, way.every))
        while time.monotonic() < until:
            if way.ask is ask_with_leave and time.monotonic() > renewed:
                renewed = time.monotonic() + RENEWED_EVERY
                is_new = await ask_at_door(line, inbox)
            else:
                is_new = await ask(line, inbox)
            if is_new:
                await look(line, inbox)
                inbox.seen.append(time.monotonic())
            await asyncio.sleep(way.every)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        inbox.lost += 1
    finally:
        line.close()


async def _listen(line: Line, inbox: Inbox, until: float) -> None:
    asking = Line(line.port)
    reader = await line.open_stream("/stream/", Cookie=inbox.cookie)
    with suppress(TimeoutError):
        async with asyncio.timeout(until - time.monotonic()):
            while text := await reader.readline():
                if b": open" in text:
                    inbox.lost = -1  # it was let in
                if b"data: look" in text:
                    await look(asking, inbox)
                    inbox.seen.append(time.monotonic())
    asking.close()


def measure(way: Way, inboxes: list[Inbox], tenant: Any, *, seconds: float, news: int) -> Seen:
    """Keep inboxes open for so long, and offer leads meanwhile."""
    threads = (len(inboxes) // 2 + 8) if way.threads else 0
    with web("gunicorn", threads=threads) as (port, pid):
        return asyncio.run(_measure(way, inboxes, port, pid, tenant, seconds, news))


async def _measure(  # noqa: PLR0917 - what was said
    way: Way, inboxes: list[Inbox], port: int, pid: int, tenant: Any, seconds: float, news: int
) -> Seen:
    first = Line(port)
    for inbox in inboxes:
        inbox.seen, inbox.lost = [], 0
        if way.ask:
            await look(first, inbox)
    first.close()
    begun = time.monotonic()
    before = cpu_seconds(pid)
    pages = [asyncio.create_task(keep_open(way, port, one, begun + seconds)) for one in inboxes]
    made: list[tuple[float, set[UUID]]] = []
    for number in range(news):
        await asyncio.sleep(
            max(begun + seconds * (number + 0.5) / (news + 1) - time.monotonic(), 0)
        )
        made.append(await asyncio.to_thread(offer_lead, tenant, number))
    await asyncio.sleep(max(begun + seconds - time.monotonic(), 0))
    after = cpu_seconds(pid)
    took = time.monotonic() - begun
    await asyncio.wait(pages, timeout=PATIENCE)
    for page in pages:
        page.cancel()
    shown, missed = latencies(inboxes, made)
    return Seen(
        web=(after[0] - before[0]) / took,
        database=(after[1] - before[1]) / took,
        shown=shown,
        missed=missed,
        lost=sum(inbox.lost > 0 for inbox in inboxes),
        open=len(inboxes) if way.ask else sum(inbox.lost < 0 for inbox in inboxes),
    )


def latencies(
    inboxes: Sequence[Inbox], made: Sequence[tuple[float, set[UUID]]]
) -> tuple[list[float], int]:
    """Tell how long it took to show each offer in each inbox, and how many never did."""
    shown: list[float] = []
    missed = 0
    for at, concerned in made:
        for inbox in inboxes:
            if inbox.partner_id in concerned:
                later = [seen for seen in inbox.seen if seen > at]
                shown += [(later[0] - at) * 1e3] if later else []
                missed += not later
    return shown, missed


def offer_lead(tenant: Any, number: int) -> tuple[float, set[UUID]]:
    """Receive a lead; when it was on offer, and to whom."""
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    from leadhub.core import clock  # noqa: PLC0415
    from leadhub.core.actors import Actor  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
    from leads.intake import Contact, NewLead, receive_lead  # noqa: PLC0415
    from leads.models import LeadOffer  # noqa: PLC0415

    new = NewLead(
        external_id=f"CRM-{time.time_ns()}",
        source="website",
        product_lines=["heat-pumps"],
        country="DE",
        postal_code=TOWNS[number % len(TOWNS)],
        contact=Contact(first_name="E", last_name="B", email=f"{time.time_ns()}@example.com"),
        wish_summary="Heat pump, 12 kW",
    )
    by = Actor(manufacturer_id=tenant.id, label="system:benchmark")
    lead = receive_lead(new=new, by=by, at=clock.now()).lead
    at = time.monotonic()
    with tenant_context(tenant.id):
        concerned = set(LeadOffer.objects.filter(lead=lead).values_list("partner_id", flat=True))
    connections.close_all()
    return at, concerned


def open_inboxes(tenant: Any, count: int) -> list[Inbox]:
    """Log people in: one of each partner, on as many phones as it takes."""
    from django.conf import settings  # noqa: PLC0415
    from django.contrib.auth import (  # noqa: PLC0415
        BACKEND_SESSION_KEY,
        HASH_SESSION_KEY,
        SESSION_KEY,
    )
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    from leadhub.core.tenancy.context import system_context, tenant_context  # noqa: PLC0415
    from partners.memberships import Person, add_member  # noqa: PLC0415
    from partners.models import Partner, User  # noqa: PLC0415
    from partners.sessions import SEEN_KEY  # noqa: PLC0415

    with tenant_context(tenant.id):
        partners = list(Partner.objects.order_by("id"))
    people = []
    for partner in partners:
        person = Person(email=f"of-{partner.external_id}@x.example", name="Kim")
        person_of = add_member(
            manufacturer=tenant, person=person, role="PARTNER_REP", partner=partner
        )
        with system_context("benchmarks.inbox"):
            people.append((partner.id, User.objects.get(id=person_of.user_id)))
    inboxes = []
    for number in range(count):
        partner_id, user = people[number % len(people)]
        session = SessionStore()
        session[SESSION_KEY] = str(user.id)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session[SEEN_KEY] = time.time()
        session.save()
        cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
        inboxes.append(Inbox(partner_id, cookie))
    connections.close_all()
    return inboxes


def main() -> int:
    """Measure, tell, and exit with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    inboxes, seconds, news = (30, 8.0, 3) if options.quick else (500, 60.0, 20)
    with throw_away_world():
        return _tell(_run(inboxes, seconds=seconds, news=news), inboxes)


def _run(count: int, *, seconds: float, news: int) -> dict[str, Seen]:
    from benchmarks.networks import found_network  # noqa: PLC0415 - Django is set up by now

    # Everybody sells everything everywhere: whom a lead is offered to is drawn by the routing.
    shares = {"heat-pumps": 1.0}
    tenant = found_network(
        slug="inboxes", partners=50 * len(TOWNS), shares=shares, is_clustered=True
    ).manufacturer
    inboxes = open_inboxes(tenant, count)
    return {way.name: measure(way, inboxes, tenant, seconds=seconds, news=news) for way in WAYS}


def _tell(seen: dict[str, Seen], count: int) -> int:
    ours, before = seen["leave"], seen["door"]
    figures = [
        at_most("leave: shown after, p95", _p95(ours.shown), "ms", 2_000),
        at_most("leave: never shown", ours.missed, "", 0),
        at_most(
            "leave: CPU, web and database", _cpu(ours), "s/s", _cpu(before), limit=_cpu(before)
        ),
    ]
    for name, one in seen.items():
        figures += [
            Figure(f"{name}: open, of {count}", one.open, ""),
            Figure(f"{name}: CPU of the web server", one.web, "s/s"),
            Figure(f"{name}: CPU of the database", one.database, "s/s"),
            Figure(f"{name}: shown after, p50", _p50(one.shown), "ms"),
            Figure(f"{name}: shown after, p95", _p95(one.shown), "ms"),
            Figure(f"{name}: never shown", one.missed, ""),
            Figure(f"{name}: inboxes that lost their server", one.lost, ""),
        ]
    return tell(f"{count} open inboxes", figures)


def _cpu(seen: Seen) -> float:
    return seen.web + seen.database


def _p50(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)] if values else float("nan")


if __name__ == "__main__":
    sys.exit(main())
