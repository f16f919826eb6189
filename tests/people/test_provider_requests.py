"""Asking a provider: a slow one holds up a few, and not everybody."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from socket import socket

import pytest
from pytest_django import Settings

from partners.identity.provider_requests import (
    AT_ONCE_OF_ONE,
    ConcurrencyLimit,
    NotAsked,
    provider_session,
)
from tests.core.listening import OK, Listener, listening


@pytest.fixture(autouse=True)
def on_loopback(settings: Settings) -> None:
    """Let servers on this machine be asked."""
    settings.OUTGOING_MAY_REACH_LOOPBACK = True


def ask(port: int) -> int:
    """Ask a server as a provider is asked; the status of its answer."""
    with provider_session() as session:
        return session.get(f"http://127.0.0.1:{port}/").status_code


@contextmanager
def hanging() -> Iterator[tuple[Listener, threading.Event, threading.Semaphore]]:
    """Listen, and answer nobody before the event; the semaphore counts who was heard."""
    answers, heard = threading.Event(), threading.Semaphore(0)

    def conduct(line: socket) -> None:
        heard.release()
        answers.wait(4)
        line.sendall(OK)

    with listening(conduct) as listener:
        try:
            yield listener, answers, heard
        finally:
            answers.set()


def test_a_slow_provider_is_asked_by_few_at_a_time() -> None:
    with hanging() as (slow, answers, heard), ThreadPoolExecutor(AT_ONCE_OF_ONE) as others:
        waiting: list[Future[int]] = [others.submit(ask, slow.port) for _ in range(AT_ONCE_OF_ONE)]
        for _ in waiting:
            assert heard.acquire(timeout=4)

        with pytest.raises(NotAsked):
            ask(slow.port)
        with listening() as another:
            assert ask(another.port) == 200
        answers.set()

        assert [one.result() for one in waiting] == [200] * AT_ONCE_OF_ONE
        assert ask(slow.port) == 200
        assert slow.connections == AT_ONCE_OF_ONE + 1


def test_few_ask_at_a_time_whomever_they_ask() -> None:
    limit = ConcurrencyLimit(at_once=2, at_once_of_one=1, patience=0)

    with limit.slot("a.example"), limit.slot("b.example"), pytest.raises(NotAsked):
        limit.slot("c.example").__enter__()

    with limit.slot("c.example"), limit.slot("a.example"):
        pass


def test_who_could_not_be_asked_takes_no_slot_away() -> None:
    limit = ConcurrencyLimit(at_once=1, at_once_of_one=1, patience=0)
    with pytest.raises(ZeroDivisionError), limit.slot("a.example"):
        raise ZeroDivisionError

    with limit.slot("a.example"):
        pass
