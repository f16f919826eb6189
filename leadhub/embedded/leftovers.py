"""Ends what a killed `bin/run` may have left running for a data directory."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from leadhub.embedded.programs import MARK

if TYPE_CHECKING:
    from leadhub.embedded.directory import DataDirectory

_PATIENCE = 4.0  # seconds to end in order


def end_leftovers(directory: DataDirectory) -> int:
    """Stop all processes that carry the mark of this directory; return how many there were.

    They were told to end when their `bin/run` died; this waits for them and insists. Without
    /proc nothing is found: such systems are not told when a parent dies either.
    """
    found = _marked(directory)
    deadline = time.monotonic() + _PATIENCE
    _signal(found, signal.SIGTERM)
    while (left := _marked(directory)) and time.monotonic() < deadline:
        time.sleep(0.05)
    while left:
        _signal(left, signal.SIGKILL)
        time.sleep(0.05)
        left = _marked(directory)
    return len(found)


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


def _marked(directory: DataDirectory) -> list[int]:
    mark = f"{MARK}={directory.root}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found
