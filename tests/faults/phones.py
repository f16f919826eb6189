"""Dealers' people with their phones: they log in, look at their pages and tap."""

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.faults.calling import Answer
from tests.faults.installation import Installation
from tests.faults.joining import PASSWORD
from tests.faults.networks import Dealer, Network

_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')
_PATIENCE = 60.0  # seconds for an answer


class Phone:
    """A browser of one person, which keeps its cookies.

    :ivar taken: how long each answer took, in seconds, by the kind of what was asked.
    """

    def __init__(self, port: int, network: Network, dealer: Dealer) -> None:
        self.network, self.dealer = network, dealer
        self.taken: dict[str, list[float]] = {}
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._cookies: SimpleCookie = SimpleCookie()
        self._token = ""

    def log_in(self) -> None:
        """Log in by password."""
        self.open("log-in", "/log-in/")
        answer = self._ask("/log-in/", {"email": self.dealer.email, "password": PASSWORD})
        assert answer.status == 302, answer

    def open(self, kind: str, path: str) -> bytes:
        """Open a page, and note how long that took."""
        answer = self._timed(kind, path)
        assert answer.status == 200, f"{path}: {answer.status}"
        if found := _TOKEN.search(answer.body):
            self._token = found[1].decode()
        return answer.body

    def accept(self, offer_id: str) -> None:
        """Look at an offer, and take it."""
        self.open("offer", f"/offers/{offer_id}/")
        answer = self._timed("accept", f"/offers/{offer_id}/accept/", {})
        assert answer.status == 302, f"{answer.status}: {answer.body[:500]!r}"

    def close(self) -> None:
        self._connection.close()

    def _timed(self, kind: str, path: str, form: Mapping[str, str] | None = None) -> Answer:
        self._connection.close()  # as a phone that was put away: every tap connects anew
        started = time.monotonic()
        answer = self._ask(path, form)
        self.taken.setdefault(kind, []).append(time.monotonic() - started)
        return answer

    def _ask(self, path: str, form: Mapping[str, str] | None = None) -> Answer:
        cookies = "; ".join(f"{name}={crumb.value}" for name, crumb in self._cookies.items())
        headers = {"Cookie": cookies}
        body = None
        if form is not None:
            body = urlencode({**form, "csrfmiddlewaretoken": self._token})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request("GET" if body is None else "POST", path, body, headers)
        response = self._connection.getresponse()
        answer = Answer(response.status, response.read(), dict(response.headers))
        for cookie in response.headers.get_all("Set-Cookie", []):
            self._cookies.load(cookie)
        return answer


@contextmanager
def phones_of(
    installation: Installation, people: Iterable[tuple[Network, Dealer]]
) -> Iterator[list[Phone]]:
    """Give somebody of each of these dealers a phone, logged in."""
    phones = [Phone(installation.web_port, network, dealer) for network, dealer in people]
    joining = [
        {"tenant": phone.network.slug, "partner": phone.dealer.id, "email": phone.dealer.email}
        for phone in phones
    ]
    installation.python("tests.faults.joining", told=json.dumps(joining))
    try:
        for phone in phones:
            phone.log_in()
        yield phones
    finally:
        for phone in phones:
            phone.close()


def all_taken(phones: Iterable[Phone], kind: str) -> list[float]:
    """How long everything of a kind took, in seconds."""
    return [seconds for phone in phones for seconds in phone.taken.get(kind, [])]


def percentile(seconds: list[float], share: float) -> float:
    """The time within which this share of them was done."""
    assert seconds, "nothing was measured"
    return sorted(seconds)[min(int(len(seconds) * share), len(seconds) - 1)]
