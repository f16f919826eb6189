"""Runs every command of docs/api-walkthrough.md against a server and compares the answers."""

import json
import re
import shlex
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from string import Template
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections

from tests.factories import Network

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api-walkthrough.md"
BLOCK = re.compile(
    r"```console\n\$ (?P<command>.*?)\n(?P<status>\d{3})\n(?P<answer>.*?)\n```", re.DOTALL
)
PLACEHOLDER = re.compile(r"<([A-Z_]+|\.\.\.)>")


class Step(NamedTuple):
    """A command and what the page shows as its answer."""

    command: str
    status: int
    answer: Any


class Quiet(WSGIRequestHandler):
    """Says nothing about requests."""

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def base(committed: None) -> Iterator[str]:
    """A server on this machine, with real connections and commits."""
    application = get_wsgi_application()
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:

        def serve() -> None:
            server.serve_forever(poll_interval=0.05)
            connections.close_all()

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def steps() -> list[Step]:
    text = PAGE.read_text(encoding="utf-8")
    found = [
        Step(
            block["command"].replace("\\\n", " "), int(block["status"]), json.loads(block["answer"])
        )
        for block in BLOCK.finditer(text)
    ]
    assert len(found) == text.count("```console")
    return found


def run(command: str, variables: dict[str, str]) -> tuple[int, Any]:
    """Do what curl would do with the few options that the page uses."""
    program, *words = shlex.split(command)
    assert program == "curl"
    method, url, body, headers = "GET", "", None, {}
    rest = iter(Template(word).substitute(variables) for word in words)
    for word in rest:
        match word:
            case "-X":
                method = next(rest)
            case "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            case "-d":
                body = next(rest).encode()
            case _:
                assert word.startswith("http")
                assert not url
                url = word
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=30)
    connection.request(method, f"{parts.path}?{parts.query}", body, headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, json.loads(answer)


def compare(shown: Any, real: Any, variables: dict[str, str], where: str = "answer") -> None:
    """Fail unless all that is shown is so; learn what the placeholders stand for."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert name in real, f"{where}.{name} is missing"
            compare(value, real[name], variables, f"{where}.{name}")
    elif isinstance(shown, list):
        assert len(shown) == len(real), f"{where}: {real}"
        for number, (value, other) in enumerate(zip(shown, real, strict=True)):
            compare(value, other, variables, f"{where}.{number}")
    elif isinstance(shown, str) and (name := PLACEHOLDER.fullmatch(shown)):
        assert real is not None, where
        if name[1] != "...":
            assert variables.setdefault(name[1], real) == real, where
    else:
        assert real == shown, where


def test_every_command_of_the_walkthrough_answers_as_shown(base: str) -> None:
    variables = {"BASE": base, "KEY": Network("walkthrough").api_key}

    for step in steps():
        status, answer = run(step.command, variables)
        assert status == step.status, (step.command, answer)
        compare(step.answer, answer, variables)
