"""Waits for states, never for time: each wait has a deadline and says what did not come."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0  # seconds; on a busy machine a process takes a while to start
GLANCE = 0.02


def wait_until(
    find: Callable[[], T], what: str | Callable[[], str], *, patience: float = PATIENCE
) -> T:
    """Look again and again until something is found that is true, and return it.

    :param what: what is waited for, in words, for the failure.
    :raises AssertionError: if it does not come in so many seconds.
    """
    deadline = time.monotonic() + patience
    while not (found := find()):
        if time.monotonic() > deadline:
            words = what if isinstance(what, str) else what()
            msg = f"waited {patience:.0f} s in vain for {words}"
            raise AssertionError(msg)
        time.sleep(GLANCE)
    return found
