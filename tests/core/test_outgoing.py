"""What a tenant names as an address leads out, or nowhere: nobody inside is ever connected to."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pytest_django import Settings
from pytest_socket import SocketConnectBlockedError

from leadhub.core import outgoing
from leadhub.core.outgoing import LARGEST_ANSWER, AddressRefused, NoAnswer, send_request
from leadhub.core.public_addresses import is_public
from tests.core.listening import OK, Listener, Resolver, certificate_for, listening

# What stands where a host stands, with the listener's port after it.
HOSTILE_HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "127.127.127.127", "0", "0.0.0.0", "0x7f000001",  # noqa: S104
    "0x7f.0.0.1", "0X7F.1", "2130706433", "017700000001", "0177.0.0.1", "0177.1", "00000177.1",
    "127.0.0.1.", "127.0.0.0x1", "4294967295", "localhost", "LOCALHOST", "localhost.",
    "a.localhost", "localhost.localdomain", "db.internal", "printer.local", "router.lan",
    "nas.home.arpa", "metadata", "postgres", "valkey", "169.254.169.254", "0xa9fea9fe",
    "2852039166", "metadata.google.internal", "10.0.0.1", "192.168.0.1", "172.16.0.1",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]",
    "[fe80::1%25lo]", "[::1%25lo]", "[fd00:ec2::254]", "[ff02::1]", "[fec0::1]",
    "①②⑦.⓪.⓪.①", "127。0。0。1", "\u217cocalhost", "exa mple.com", "127.0.0.1%00.example.com",
    "127.0.0.1\t", "127.0.0.1\r\nHost:x", "example.com\\@127.0.0.1", "-.example.com", "", ".", "..",
]  # fmt: skip
# Whole addresses, with the listener's port where it says PORT.
HOSTILE_ADDRESSES = [
    "https://user:password@hooks.example.com:PORT/",
    "https://hooks.example.com@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT@hooks.example.com/",
    "https://127.0.0.1:PORT#@hooks.example.com/",
    "https://hooks.example.com:PORT\\@127.0.0.1:PORT/",
    "https://hooks.example.com:PORT/ HTTP/1.1\r\nX: y",
    "https://hooks.example.com:PORT/\r\nHost: 127.0.0.1",
    "https://hooks.example.com:PORT/\x00",
    "http://hooks.example.com:PORT/",
    "HTTP://127.0.0.1:PORT/",
    "//127.0.0.1:PORT/",
    "https:127.0.0.1:PORT",
    "https:///127.0.0.1:PORT/",
    "https://[::1:PORT/",
    "https://hooks.example.com:PORT0000000/",
    "https://hooks.example.com:-1/",
    "ftp://127.0.0.1:PORT/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/_x",
    "dict://127.0.0.1:PORT/x",
    "unix:///tmp/socket",
    "javascript:alert(1)",
    "",
    "https://",
    "https://hooks.example.com:PORT/" + "x" * 2_000,
]
# What a name is looked up to.
HOSTILE_ANSWERS: list[list[str]] = [
    ["127.0.0.1"], ["127.8.8.8"], ["0.0.0.0"], ["::1"], ["::"],  # noqa: S104
    ["::ffff:127.0.0.1"],
    ["::127.0.0.1"], ["64:ff9b::7f00:1"], ["64:ff9b:1::7f00:1"], ["2002:7f00:1::1"],
    ["2001:0:4136:e378:8000:63bf:80ff:fffe"], ["2a00:1450::5efe:7f00:1"], ["fe80::1"],
    ["fe80::1%lo"], ["fc00::1"], ["fd12::1"], ["fec0::1"], ["ff0e::1"], ["100::1"],
    ["2001:db8::1"], ["3fff::1"], ["10.1.2.3"], ["172.31.255.255"], ["192.168.1.1"],
    ["169.254.169.254"], ["100.64.0.1"], ["100.100.100.200"], ["168.63.129.16"],
    ["192.0.0.192"], ["192.0.2.1"], ["198.18.0.1"], ["198.51.100.1"], ["203.0.113.1"],
    ["192.88.99.1"], ["224.0.0.1"], ["240.0.0.1"], ["255.255.255.255"], ["0.1.2.3"],
    ["93.184.215.14", "127.0.0.1"], ["127.0.0.1", "93.184.215.14"],
    ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::1"], [],
]  # fmt: skip
PUBLIC = "93.184.215.14"


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    """A resolver of the test's own."""
    return Resolver(monkeypatch)


@pytest.fixture
def inside(settings: Settings) -> Iterator[Listener]:
    """A server that nobody may reach, though its port is among those allowed."""
    with listening() as listener:
        settings.OUTGOING_PORTS = [443, listener.port]
        yield listener


@pytest.fixture
def lax(settings: Settings) -> None:
    """Loopback may be reached: what is tested is what comes after the check."""
    settings.OUTGOING_MAY_REACH_LOOPBACK = True


def test_knows_enough_hostile_targets() -> None:
    assert len(HOSTILE_HOSTS) + len(HOSTILE_ADDRESSES) + len(HOSTILE_ANSWERS) >= 120


@pytest.mark.parametrize("host", HOSTILE_HOSTS)
def test_connects_to_nobody_for_a_hostile_host(
    inside: Listener, resolver: Resolver, host: str
) -> None:
    resolver.known = {name: [["127.0.0.1"]] for name in HOSTILE_HOSTS}

    with pytest.raises(AddressRefused):
        send_request("POST", f"https://{host}:{inside.port}/", body=b"x")

    assert (inside.connections, resolver.asked) == (0, [])


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_connects_to_nobody_for_a_hostile_address(
    inside: Listener, resolver: Resolver, address: str
) -> None:
    resolver.known = {"hooks.example.com": [["127.0.0.1"]]}

    with pytest.raises(AddressRefused):
        send_request("POST", address.replace("PORT", str(inside.port)), body=b"x")

    assert (inside.connections, resolver.asked) == (0, [])


@pytest.mark.parametrize("answer", HOSTILE_ANSWERS, ids="+".join)
def test_connects_to_nobody_where_a_name_leads_inside(
    inside: Listener, resolver: Resolver, answer: list[str]
) -> None:
    resolver.known = {"hooks.example.com": [answer]}

    with pytest.raises(AddressRefused, match="cannot be found"):
        send_request("POST", f"https://hooks.example.com:{inside.port}/", body=b"x")

    assert (inside.connections, resolver.asked) == (0, ["hooks.example.com"])


@pytest.mark.usefixtures("lax")
def test_would_reach_the_server_without_the_check(inside: Listener, resolver: Resolver) -> None:
    resolver.known = {"hooks.example.com": [["127.0.0.1"], ["::1"]]}

    for _ in range(2):
        send_request("POST", f"http://hooks.example.com:{inside.port}/")

    assert inside.connections == 2


def test_connects_to_the_address_that_was_checked_and_to_no_later_one(
    inside: Listener, resolver: Resolver
) -> None:
    resolver.known = {"hooks.example.com": [[PUBLIC], ["127.0.0.1"]]}

    with pytest.raises((SocketConnectBlockedError, UserWarning), match=PUBLIC):
        send_request("POST", f"https://hooks.example.com:{inside.port}/")

    assert (inside.connections, resolver.asked) == (0, ["hooks.example.com"])


@pytest.mark.usefixtures("lax")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_follows_no_redirect(settings: Settings, resolver: Resolver, status: int) -> None:
    with listening() as inner:
        location = f"http://127.0.0.1:{inner.port}/"
        redirect = f"HTTP/1.1 {status} Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
        with listening(lambda line: line.sendall(redirect.encode())) as outer:
            answer = send_request("POST", f"http://127.0.0.1:{outer.port}/", body=b"x")

        assert (answer.status, answer.headers["location"]) == (status, location)
        assert (outer.connections, inner.connections) == (1, 0)


@pytest.mark.usefixtures("lax")
def test_asks_no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as proxy, listening() as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        send_request("GET", f"http://127.0.0.1:{server.port}/")

        assert (proxy.connections, server.connections) == (0, 1)


@pytest.mark.usefixtures("lax")
def test_sends_what_it_is_given() -> None:
    with listening() as server:
        answer = send_request(
            "POST",
            f"http://127.0.0.1:{server.port}/hook?x=1",
            body=b'{"a": 1}',
            headers={"Content-Type": "application/json", "webhook-id": "msg_1"},
        )

    assert (answer.status, answer.body) == (200, b"ok")
    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?x=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}".encode() in head
    assert head.lower().count(b"\r\nhost:") == 1
    assert b"webhook-id: msg_1" in head
    assert body in (b"", b'{"a": 1}')


@pytest.mark.usefixtures("lax")
def test_lets_no_header_smuggle_another() -> None:
    with listening() as server, pytest.raises(NoAnswer):
        send_request("POST", f"http://127.0.0.1:{server.port}/", headers={"X": "a\r\nHost: b"})

    assert server.heard in ([], [b""])


@pytest.mark.usefixtures("lax")
def test_speaks_tls_for_the_name_and_believes_its_certificate_only(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ("hooks.example.com", "other.example.com")
    resolver.known = {name: [["127.0.0.1"]] for name in names}
    file, context = certificate_for(names[0], tmp_path)

    with listening(context=context) as server:
        addresses = [f"https://{name}:{server.port}/" for name in names]
        with pytest.raises(NoAnswer):
            send_request("POST", addresses[0])
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        answer = send_request("POST", addresses[0])
        with pytest.raises(NoAnswer):
            send_request("POST", addresses[1])

    assert answer.status == 200
    assert server.names == [names[0], names[0], names[1]]
    assert len(server.heard) == 1
    assert f"Host: {names[0]}:{server.port}".encode() in server.heard[0]


def drip(line: socket.socket) -> None:
    """Send a byte now and then, each well before a time-out."""
    for number in range(100):
        line.sendall(OK[number : number + 1] if number < 20 else b"x")
        time.sleep(0.1)


def drip_a_body(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        line.sendall(b"x")
        time.sleep(0.1)


def say_nothing(line: socket.socket) -> None:
    line.recv(1)


@pytest.mark.usefixtures("lax")
@pytest.mark.parametrize("conduct", [drip, drip_a_body, say_nothing])
def test_has_one_time_limit_for_everything(conduct: object) -> None:
    with listening(conduct) as server:  # type: ignore[arg-type]
        started = time.monotonic()
        with pytest.raises(NoAnswer, match="in time"):
            send_request("POST", f"http://127.0.0.1:{server.port}/", seconds=0.5)
        took = time.monotonic() - started

    assert 0.4 < took < 1.5


@contextmanager
def hanging_port() -> Iterator[int]:
    """A port of 127.0.0.1 where as many wait to be let in as may: nobody else is answered."""
    with ExitStack() as lines:
        door = lines.enter_context(socket.socket())
        door.bind(("127.0.0.1", 0))
        door.listen(0)
        for _ in range(4):
            line = lines.enter_context(socket.socket())
            line.settimeout(0)
            line.connect_ex(door.getsockname())
        yield door.getsockname()[1]


@pytest.mark.usefixtures("lax")
def test_leaves_time_for_the_second_address_when_the_first_one_hangs(resolver: Resolver) -> None:
    resolver.known = {"hooks.example.com": [["127.0.0.1", "::1"]]}

    with hanging_port() as port, socket.create_server(("::1", port), family=socket.AF_INET6) as six:
        Thread(target=answer_one, args=(six,), daemon=True).start()
        answer = send_request("GET", f"http://hooks.example.com:{port}/", seconds=2)

    assert answer.status == 200


def answer_one(server: socket.socket) -> None:
    line, _ = server.accept()
    with line:
        line.recv(65_536)
        line.sendall(OK)


def resolver_that_hangs_for(name: str) -> Callable[..., list[Any]]:
    """Names that others ask for meanwhile are found as ever."""
    find = socket.getaddrinfo

    def resolve(host: str, *args: Any, **options: Any) -> list[Any]:
        if host != name:
            return find(host, *args, **options)
        time.sleep(2)
        return []

    return resolve


@pytest.mark.usefixtures("lax")
def test_waits_no_longer_for_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver_that_hangs_for("hooks.example.com"))
    started = time.monotonic()

    with pytest.raises(NoAnswer, match="in time"):
        send_request("POST", "https://hooks.example.com/", seconds=0.3)

    assert time.monotonic() - started < 1


@pytest.mark.usefixtures("lax")
@pytest.mark.parametrize("encoding", [b"", b"Content-Encoding: gzip\r\n"])
def test_reads_so_much_of_an_answer_and_unpacks_nothing(encoding: bytes) -> None:
    def flood(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n" + encoding + b"\r\n")
        for _ in range(1_000):
            line.sendall(b"\x1f\x8b" * 8_192)

    with listening(flood) as server:
        answer = send_request("GET", f"http://127.0.0.1:{server.port}/")

    assert len(answer.body) == LARGEST_ANSWER


@pytest.mark.usefixtures("lax")
@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n"])
def test_says_so_when_the_answer_is_none(said: bytes) -> None:
    with listening(lambda line: line.sendall(said)) as server, pytest.raises(NoAnswer):
        send_request("GET", f"http://127.0.0.1:{server.port}/")


def test_uses_only_the_ports_allowed(resolver: Resolver) -> None:
    resolver.known = {"hooks.example.com": [[PUBLIC]]}

    for port in (22, 25, 80, 5432, 6379):
        with pytest.raises(AddressRefused, match="443, 8443"):
            send_request("POST", f"https://hooks.example.com:{port}/")

    assert resolver.asked == []


def test_knows_networks_that_the_operator_names(settings: Settings) -> None:
    assert is_public(ip_address(PUBLIC))

    settings.OUTGOING_FORBIDDEN_NETWORKS = ["93.184.0.0/16", "2606:2800::/32"]

    assert not is_public(ip_address(PUBLIC))
    assert is_public(ip_address("9.9.9.9"))
    assert is_public(ip_address("2620:fe::fe"))


def test_loopback_is_shut_unless_a_setting_opens_it(settings: Settings) -> None:
    assert settings.OUTGOING_MAY_REACH_LOOPBACK is False
    assert outgoing.check_address("https://hooks.example.com/a?b").path == "/a?b"
