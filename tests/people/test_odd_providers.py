"""Providers that answer what makes no sense, or what somebody else was to read."""

import json
import time
from collections.abc import Iterator
from socket import socket
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from pytest_django import Settings

from partners.single_sign_on import save_connection
from tests.acting import member
from tests.core.listening import Listener, listening
from tests.factories import NOON, Network
from tests.people.providers import CLIENT_ID, DANA, SECRET

KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
JWK = {**jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "k"}
LATER = int(time.time()) + 86_400  # whenever the test has its turn


class OddProvider:
    """Answers each path with what a test wants.

    :ivar claims: of the ID token, which it signs.
    """

    def __init__(self, listener: Listener) -> None:
        self.issuer = issuer = f"http://127.0.0.1:{listener.port}"
        self.claims: dict[str, Any] = {
            "iss": issuer,
            "aud": CLIENT_ID,
            "exp": LATER,
            "sub": "dana",
        }
        self.answers: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/auth",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
                "userinfo_endpoint": f"{issuer}/me",
            },
            "/keys": {"keys": [JWK]},
            "/me": {"sub": "dana", "email": DANA, "email_verified": True},
        }

    @property
    def description(self) -> Any:
        """What it says of itself."""
        return self.answers["/.well-known/openid-configuration"]

    def sign(self, key: Any = KEY, algorithm: str = "RS256") -> None:
        """Make the answer by which it tells who logs in."""
        token = jwt.encode(self.claims, key, algorithm=algorithm, headers={"kid": "k"})
        self.answers["/token"] = {"access_token": "a", "token_type": "Bearer", "id_token": token}


@pytest.fixture
def odd(network: Network, settings: Settings) -> Iterator[OddProvider]:
    """A provider that the manufacturer entered, of which Dana is a member."""
    settings.OUTGOING_MAY_REACH_LOOPBACK = True
    member(network, DANA, "ANALYST")

    def conduct(line: socket) -> None:
        path = listener.heard[-1].split()[1].decode()
        body = json.dumps(provider.answers[path]).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        line.sendall(head.encode() + b"\r\n\r\n" + body)

    with listening(conduct) as listener:
        provider = OddProvider(listener)
        provider.sign()
        save_connection(
            issuer=provider.issuer,
            client_id=CLIENT_ID,
            secret=SECRET,
            domain="acme.example",
            by=network.by,
            at=NOON,
        )
        yield provider


def log_in(client: Client) -> str:
    """Go there and come back; where that leads."""
    there = client.get("/log-in/with/acme/")
    state = parse_qs(urlsplit(there.headers["Location"]).query).get("state")
    if state is None:
        return str(there.headers["Location"])
    back = client.get("/log-in/with/acme/back/", {"code": "c", "state": state[0]})
    return str(back.headers["Location"])


def test_lets_in_whom_it_names(odd: OddProvider, client: Client) -> None:
    assert log_in(client) == "/"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/.well-known/openid-configuration", []),
        ("/.well-known/openid-configuration", None),
        ("/.well-known/openid-configuration", "x"),
        ("/token", []),
        ("/token", None),
        ("/token", {"access_token": "a", "id_token": 5}),
        ("/token", {"id_token": "x"}),
        ("/keys", []),
        ("/keys", {"keys": "x"}),
        ("/keys", {"keys": [{"kid": "k", "kty": "oct"}]}),
        ("/me", []),
        ("/me", "x"),
        ("/me", {}),
    ],
)
def test_says_that_it_did_not_work(
    odd: OddProvider, client: Client, path: str, answer: Any
) -> None:
    odd.answers[path] = answer

    assert log_in(client) == "/log-in/"


def test_tells_the_operator_why_and_nothing_that_the_provider_said(
    odd: OddProvider, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    odd.answers["/token"] = {"error": DANA}
    log_in(client)
    odd.answers["/.well-known/openid-configuration"] = [DANA]
    log_in(client)

    told = [record.getMessage() for record in caplog.records if "provider of" in record.msg]
    assert told == [
        "a log-in by the provider of acme failed: OAuth2Error",
        "a log-in by the provider of acme failed: OAuth2Error of AttributeError",
    ]
    assert DANA not in caplog.text


def test_tells_the_operator_of_a_secret_that_cannot_be_read(
    odd: OddProvider, client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SECRET_KEY = "another one, and no fallback for what was sealed before"  # noqa: S105

    response = client.get("/log-in/with/acme/")

    assert response.headers["Location"] == "/log-in/"
    assert "the client secret of acme cannot be read" in caplog.text
    assert "add it as a fallback" in caplog.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", 5),
        ("authorization_endpoint", 5),
        ("token_endpoint", None),
        ("jwks_uri", ["x"]),
        ("token_endpoint_auth_methods_supported", 5),
    ],
)
def test_takes_no_description_of_another_shape(
    odd: OddProvider, client: Client, name: str, value: Any
) -> None:
    odd.description[name] = value

    assert log_in(client) == "/log-in/"


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another"},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"iss": "https://another.example"},
        {"exp": LATER - 2 * 86_400},
        {"exp": None},
        {"sub": "somebody else"},
        {"sub": None},
    ],
)
def test_takes_no_token_that_was_not_meant_for_us(
    odd: OddProvider, client: Client, changed: dict[str, Any]
) -> None:
    odd.claims = {k: v for k, v in (odd.claims | changed).items() if v is not None}
    odd.sign()

    assert log_in(client) == "/log-in/"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (None, "none"),
        ("a secret of some length, for HMAC", "HS256"),
        (rsa.generate_private_key(public_exponent=65_537, key_size=2_048), "RS256"),
    ],
)
def test_takes_no_token_signed_by_somebody_else(
    odd: OddProvider, client: Client, key: Any, algorithm: str
) -> None:
    odd.sign(key, algorithm)

    assert log_in(client) == "/log-in/"
