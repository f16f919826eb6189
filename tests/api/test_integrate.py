"""Runs every command and every program of docs/integrate.md against a server."""

import base64
import hmac
import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from leadhub.core import clock
from leadhub.core.rate_limits import Limit
from leads.models import Lead
from tests.core.listening import listening
from tests.factories import Network, count_rows
from tests.snippets import DOCS, Command, File, Reader, read_page
from tests.valkey_server import ValkeyServer
from tests.webhooks import tell

PAGE = "integrate.md"
SECRET = b"a secret of twenty-four b"
TOO_LATE = 301  # seconds


def free_port() -> str:
    """Find a port that nobody listens to."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        return str(line.getsockname()[1])


@pytest.fixture
def reader(base: str, tmp_path: Path, settings: Settings) -> Iterator[Reader]:
    """Somebody with a key and a port of this machine, to which webhooks may come."""
    settings.OUTGOING_MAY_REACH_LOOPBACK = True
    key, port = Network("integrate", duplicate_days=30).api_key, free_port()
    found = Reader(
        tmp_path, BASE=base, ADMIN_KEY=key, KEY=key, HOOK=f"http://127.0.0.1:{port}/", PORT=port
    )
    yield found
    found.leave()


def keep_files(reader: Reader) -> None:
    """Keep the files of the page, without doing what it says."""
    for step in read_page(PAGE):
        if isinstance(step, File):
            reader.do(step)


def test_every_snippet_of_the_page_does_what_it_shows(reader: Reader) -> None:
    del reader.variables["KEY"]

    for step in read_page(PAGE):
        reader.do(step)
        if isinstance(step, Command):
            tell(clock.now())
    reader.stop()


@pytest.mark.parametrize("program", ["python3 push.py", "node push.mjs"])
def test_a_program_whose_answer_is_lost_asks_again_and_makes_one_lead(
    reader: Reader, program: str
) -> None:
    keep_files(reader)
    sell_windows(reader)

    with between(reader, lost=1) as statuses:
        reader.do(Command(program, "201 OPEN <LEAD>"))

    assert statuses == [201, 201]
    assert count_rows(Lead) == 1


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("python3 partners.py", "D-100 new 60.0\nD-200 new 40.0"),
        ("node partners.mjs", "D-200 new 40\nD-300 new 80"),
    ],
)
def test_a_program_that_asks_too_often_waits_as_it_is_told(
    reader: Reader, settings: Settings, valkey: ValkeyServer, program: str, says: str
) -> None:
    keep_files(reader)
    sell_windows(reader)
    settings.RATE_LIMIT_URL = valkey.url
    settings.RATE_LIMITS = {"key": Limit(rate=0.5, burst=1)}

    with between(reader) as statuses:
        reader.do(Command(program, says))

    assert statuses == [201, 429, 201]


@pytest.mark.parametrize("receiver", ["python3 receive.py", "node receive.mjs"])
def test_a_receiver_takes_what_is_signed_now_and_nothing_else(
    reader: Reader, receiver: str
) -> None:
    keep_files(reader)
    reader.variables["SECRET"] = f"whsec_{base64.b64encode(SECRET).decode()}"
    body = json.dumps({"type": "lead.won", "data": {"external_id": "CRM-1"}}).encode()
    now = int(clock.now().timestamp())

    reader.do(Command(f"{receiver} &", "listening\nlead.won CRM-1"))
    right = signed(body, at=now)
    both = {**right, "webhook-signature": f"v1,bm8= {right['webhook-signature']}"}
    answers = {
        "signed": send(reader, body, right),
        "signed by two secrets, of which one is ours": send(reader, body, both),
        "another body": send(reader, body.replace(b"CRM-1", b"CRM-2"), right),
        "another id": send(reader, body, {**right, "webhook-id": "msg-2"}),
        "another secret": send(reader, body, signed(body, at=now, secret=b"another")),
        "too old": send(reader, body, signed(body, at=now - TOO_LATE)),
        "from the future": send(reader, body, signed(body, at=now + TOO_LATE + 60)),
        "no time": send(reader, body, {**right, "webhook-timestamp": "today"}),
        "no signature": send(reader, body, {}),
    }

    expected = dict.fromkeys(answers, 400)
    expected |= {"signed": 204, "signed by two secrets, of which one is ours": 204}
    reader.stop()
    assert answers == expected


def test_the_page_is_served_beside_the_document(client: Client) -> None:
    page = client.get("/api/docs/integrate.md")
    document = client.get("/api/schema/").json()

    assert page.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert page.content == (DOCS / PAGE).read_bytes()
    assert document["externalDocs"]["url"] == "/api/docs/integrate.md"


def sell_windows(reader: Reader) -> None:
    """Have the product line of the page."""
    step = next(
        one for one in read_page(PAGE) if isinstance(one, Command) and "/product-lines/" in one.line
    )
    reader.do(step)


@contextmanager
def between(reader: Reader, *, lost: int = 0) -> Iterator[list[int]]:
    """Stand between the programs and the server, and lose its first answers; yield all statuses."""
    where = urlsplit(reader.variables["BASE"])
    statuses: list[int] = []

    def pass_on(line: socket.socket) -> None:
        request = whole(line, listener.heard[-1])
        with socket.create_connection((where.hostname, where.port), timeout=10) as server:
            server.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            answer = b"".join(iter(lambda: server.recv(65_536), b""))
        statuses.append(int(answer.split()[1]))
        if len(statuses) > lost:
            line.sendall(answer)

    with listening(pass_on) as listener:
        reader.variables["BASE"] = f"http://127.0.0.1:{listener.port}"
        yield statuses


def whole(line: socket.socket, begun: bytes) -> bytes:
    """Read the rest of a request."""
    head, _, body = begun.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    while length and len(body) < int(length[1]):
        body += line.recv(65_536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    """Count requests."""
    server = ValkeyServer()
    server.start()
    yield server
    server.stop()


def signed(body: bytes, *, at: int, secret: bytes = SECRET) -> dict[str, str]:
    """Sign as Standard Webhooks say."""
    digest = hmac.digest(secret, f"msg-1.{at}.".encode() + body, "sha256")
    return {
        "webhook-id": "msg-1",
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def send(reader: Reader, body: bytes, headers: Mapping[str, str]) -> int:
    """Post to the receiver; what it answers."""
    connection = HTTPConnection("127.0.0.1", int(reader.variables["PORT"]), timeout=10)
    connection.request("POST", "/", body, dict(headers))
    status = connection.getresponse().status
    connection.close()
    return status
