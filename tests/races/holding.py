"""Races that are held: each side waits after the read that a lock protects.

So a missing lock is noticed every time, and not only when the threads happen to meet.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

LONGEST_WAIT = 20.0
GLANCE = 0.002
# The modules that lock a lead before they change it.
LOCKING = ("routing", "dispatch", "feedback", "follow_up", "erasure")

_side = threading.local()


class Meeting:
    """Where the sides of a race wait for each other, each holding what it has just read.

    A side goes on when every other one has read as well, or waits for a lock in the database: then
    the lock is what keeps them apart.

    :ivar met: how many sides had read before any of them went on.
    """

    def __init__(self, sides: int, *, in_order: bool = True) -> None:
        self.sides = sides
        self.in_order = in_order
        self.backends: dict[int, int] = {}
        self.readers: set[int] = set()
        self.gone: set[int] = set()
        self.met = 0

    def hold(self, read: Callable[..., Any]) -> Callable[..., Any]:
        """Make a function that reads wait for the other sides; the first side reads first."""

        def held(*args: Any, **kwargs: Any) -> Any:
            side = getattr(_side, "number", None)
            if side is None or side in self.readers:
                return read(*args, **kwargs)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                (self.backends[side],) = cursor.fetchone()
            if self.in_order and side > 0:
                _wait_until(lambda: 0 in self.readers or 0 in self.gone)
            result = read(*args, **kwargs)
            self.readers.add(side)
            _wait_until(lambda: all(self._is_there(other) for other in range(self.sides)))
            self.met = self.met or len(self.readers)
            return result

        return held

    def _is_there(self, side: int) -> bool:
        if side in self.readers or side in self.gone:
            return True
        backend = self.backends.get(side)
        if backend is None:
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend])
            (is_waiting,) = cursor.fetchone()
        return bool(is_waiting)

    def race(self, *acts: Callable[[], Any]) -> list[Any]:
        """Let each side act in a thread of its own; a side that fails gives its exception."""
        assert len(acts) == self.sides
        with ThreadPoolExecutor(self.sides) as pool:
            futures = [pool.submit(self._run, side, act) for side, act in enumerate(acts)]
            return [future.result() for future in futures]

    def _run(self, side: int, act: Callable[[], Any]) -> Any:
        _side.number = side
        try:
            return act()
        except Exception as failure:  # noqa: BLE001 - how a side fails is what the race shows
            return failure
        finally:
            self.gone.add(side)
            connection.close()


def hold_at(patch: pytest.MonkeyPatch, meeting: Meeting, *readers: str) -> None:
    """Hold every side right after one of these functions, named by module and name, has read."""
    for reader in readers:
        module, _, name = reader.rpartition(".")
        patch.setattr(reader, meeting.hold(getattr(import_module(module), name)))


def hold_lock(patch: pytest.MonkeyPatch, meeting: Meeting) -> None:
    """Hold every side right after it has locked and read its lead."""
    hold_at(patch, meeting, *(f"leads.{name}.lock_lead" for name in LOCKING))


def failures(results: Sequence[Any]) -> list[type[Exception]]:
    """The kinds of failures among the results."""
    return [type(result) for result in results if isinstance(result, Exception)]


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_WAIT
    while not is_so():
        if time.monotonic() > deadline:
            msg = "The sides of the race never met."
            raise TimeoutError(msg)
        threading.Event().wait(GLANCE)
