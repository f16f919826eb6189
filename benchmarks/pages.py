"""What pages take in the demo world: a partner's inbox and its polls, a manufacturer's board.

Beside them, in the same run, the log-in page: the same server and stack without a person.
"""

import argparse
import gzip
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world, web

# What Chromium asks for when it opens a page: addresses in the page, and the Latin letters.
ASSET = re.compile(rb'(?:src|href)="(/static/[^"]+\.(?:css|js))"')
FONT = re.compile(rb"/static/assets/inter-latin-wght-normal-[\w-]+\.woff2")
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')


# What a browser asks for beside the page, the first time.
WORKER, MANIFEST = "/service-worker.js", "/app/de.webmanifest"

NO_HEADERS: Mapping[str, str] = {}


class Times(NamedTuple):
    """How long answers took, in milliseconds."""

    p50: float
    p95: float


class Visitor:
    """A browser without a screen: keeps cookies and counts bytes."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: SimpleCookie = SimpleCookie()

    def ask(
        self,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> tuple[HTTPResponse, bytes]:
        """Get a page, or send a form; the answer's body as it came over the wire."""
        sent = {"Accept-Encoding": "gzip", "Cookie": self._cookie(), **headers}
        body = None
        if form is not None:
            body = urlencode(form)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request("GET" if form is None else "POST", path, body, sent)
        response = self.connection.getresponse()
        answer = response.read()
        for cookie in response.headers.get_all("Set-Cookie", []):
            self.cookies.load(cookie)
        return response, answer

    def log_in(self, email: str, password: str, totp_secret: str = "") -> None:
        """Log in as a person would, with the code of an authenticator app where it is asked for."""
        self._fill_in("/log-in/", {"email": email, "password": password})
        if totp_secret:
            self._fill_in("/log-in/second-factor/", {"code": _code_of(totp_secret)})

    def _fill_in(self, path: str, fields: dict[str, str]) -> None:
        _, page = self.ask(path)
        token = TOKEN.search(_plain(page))
        if token is None:
            msg = f"There is no form at {path}."
            raise RuntimeError(msg)
        response, _ = self.ask(path, form={**fields, "csrfmiddlewaretoken": token[1].decode()})
        if response.status != HTTPStatus.FOUND:
            msg = f"{path} was answered with {response.status}."
            raise RuntimeError(msg)

    def time(
        self,
        path: str,
        count: int,
        *,
        expected: int = HTTPStatus.OK,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Times:
        """Ask so many times, one after the other."""
        self.connection.close()  # the server ends those that rest; the next question opens another
        taken = []
        for _ in range(count):
            started = time.perf_counter()
            response, _ = self.ask(path, headers=headers)
            taken.append((time.perf_counter() - started) * 1e3)
            if response.status != expected:
                msg = f"{path} was answered with {response.status}."
                raise RuntimeError(msg)
        taken.sort()
        return Times(statistics.median(taken), taken[int(count * 0.95)])

    def repeat_visit(self, path: str) -> int:
        """Count the bytes of a page whose parts are on the device, and of the look for an update.

        Parts are named by their content: browsers and the service worker ask for none of them
        twice, if the server says so.
        """
        _, page = self.ask(path)
        for asset in sorted(set(ASSET.findall(_plain(page)))):
            response, _ = self.ask(asset.decode())
            if "immutable" not in response.headers["Cache-Control"]:
                msg = f"{asset.decode()} would be asked for again."
                raise RuntimeError(msg)
        worker, _ = self.ask(WORKER)
        known = {"If-None-Match": worker.headers["ETag"]}
        response, update = self.ask(WORKER, headers=known)
        head = len(str(response.headers))
        return len(page) + len(update) + head

    def first_visit(self, path: str) -> int:
        """Count the bytes of a page with everything it needs, nothing cached."""
        _, page = self.ask(path)
        total = len(page) + sum(len(self.ask(also)[1]) for also in (WORKER, MANIFEST))
        for asset in sorted(set(ASSET.findall(_plain(page)))):
            _, body = self.ask(asset.decode())
            total += len(body)
            for font in sorted(set(FONT.findall(_plain(body)))):
                total += len(self.ask(font.decode())[1])
        return total

    def _cookie(self) -> str:
        return "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())


def main() -> int:
    """Measure, tell, and exit with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    count = 40 if options.quick else 400
    with throw_away_world(), tempfile.TemporaryDirectory() as place:
        world = _demo(Path(place) / "demo.json", is_small=options.quick)
        with web("gunicorn") as (port, _):
            return _measure(port, world, count)


def _demo(path: Path, *, is_small: bool) -> dict[str, Any]:
    from django.core.management import call_command  # noqa: PLC0415 - Django is set up by now
    from django.db import connections  # noqa: PLC0415

    size = {"partners": 20, "leads": 60} if is_small else {}
    call_command("load_demo", base_url="http://127.0.0.1", write=str(path), **size)
    connections.close_all()
    world: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return world


def _measure(port: int, world: dict[str, Any], count: int) -> int:
    manufacturer = world["manufacturers"][0]
    nobody, dealer, dispatcher = (Visitor(port) for _ in range(3))
    dealer.log_in(**_log_in_of(manufacturer["partners"][0]["users"][0]))
    dispatcher.log_in(**_log_in_of(manufacturer["users"][1]))
    size = dealer.first_visit("/inbox/") / 1024
    again = dealer.repeat_visit("/inbox/") / 1024
    state = re.search(rb"data-state=\"&quot;([0-9a-f]{24})", _plain(dealer.ask("/inbox/")[1]))
    if state is None:
        msg = "The inbox does not say what state it is in."
        raise RuntimeError(msg)
    poll = {"HX-Request": "true", "If-None-Match": f'"{state[1].decode()}"'}
    bare = nobody.time("/log-in/", count)
    inbox = dealer.time("/inbox/", count)
    polls = dealer.time("/inbox/", count, expected=HTTPStatus.NOT_MODIFIED, headers=poll)
    leads = dealer.time("/assignments/", count)
    board = dispatcher.time("/leads/", count)
    cockpit = dispatcher.time("/cockpit/", count)
    return tell(
        "Pages over HTTP in the demo world",
        [
            at_most("inbox, first visit, compressed", size, "KB", 120),
            at_most("inbox, visited again, compressed", again, "KB", 15),
            at_most("inbox, p95", inbox.p95, "ms", 100, limit=bare.p95),
            Figure("inbox, p50", inbox.p50, "ms", bare.p50),
            Figure("poll with nothing new, p50", polls.p50, "ms", bare.p50),
            Figure("poll with nothing new, p95", polls.p95, "ms", bare.p95),
            at_most("my leads, p95", leads.p95, "ms", 100, limit=bare.p95),
            at_most("board, p95", board.p95, "ms", 100, limit=bare.p95),
            Figure("board, p50", board.p50, "ms", bare.p50),
            at_most("cockpit, p95", cockpit.p95, "ms", 200, limit=bare.p95),
        ],
    )


def _log_in_of(person: dict[str, str]) -> dict[str, str]:
    return {name: person[name] for name in ("email", "password", "totp_secret") if name in person}


def _code_of(secret: str) -> str:
    # Django has to be set up before allauth is loaded.
    from allauth.mfa.totp.internal.auth import (  # noqa: PLC0415
        format_hotp_value,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    _, counter, _ = yield_hotp_counters_from_time()
    return str(format_hotp_value(hotp_value(secret, counter)))


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


if __name__ == "__main__":
    sys.exit(main())
