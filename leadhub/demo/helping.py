"""A second process that makes one manufacturer while this one makes the other.

Both hold their work in a transaction until both are done. A helper whose parent is gone gives up,
and leaves nothing behind.
"""

import multiprocessing
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

import django

from leadhub.demo.size import Size
from leadhub.demo.trades import Trade

# How much further the work must be to be told.
STEP = 0.01
# Seconds in which a helper notices that nobody listens any more.
PATIENCE = 10.0


class HelperFailed(RuntimeError):
    """The second process could not do its part; its own report stands on the error stream."""


class Helper(AbstractContextManager["Helper"]):
    """Makes a manufacturer elsewhere; leaving the block without ``commit`` undoes it."""

    def __init__(
        self, trade: Trade, *, size: Size, now: datetime, progress: Callable[[float], None]
    ) -> None:
        self._progress = progress
        self._description: dict[str, Any] | None = None
        # Not forked: database connections and threads do not survive that on every system.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=help_making, args=(theirs, trade, size, now), daemon=True
        )
        self._process.start()
        theirs.close()

    def listen(self) -> None:
        """Pass on how far the helper is, without waiting.

        :raises HelperFailed: if it has given up.
        """
        while self._description is None and self._pipe.poll():
            self._take_message()

    def description(self) -> dict[str, Any]:
        """Wait for the work to be done, not yet committed.

        :raises HelperFailed: if it will not be.
        """
        while self._description is None:
            self._take_message()
        return self._description

    def commit(self) -> None:
        """Make the work last.

        :raises HelperFailed: if it did not.
        """
        try:
            self._pipe.send("commit")
        except ConnectionError:
            raise HelperFailed from None
        self._process.join()
        if self._process.exitcode != 0:
            raise HelperFailed

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(PATIENCE)
        self._process.kill()

    def _take_message(self) -> None:
        try:
            message: float | dict[str, Any] = self._pipe.recv()
        except (EOFError, ConnectionError):
            raise HelperFailed from None
        if isinstance(message, dict):
            self._description = message
        else:
            self._progress(message)


def help_making(pipe: Connection, trade: Trade, size: Size, now: datetime) -> None:
    """Make a manufacturer in this process, and commit it when told to."""
    django.setup()
    # Models can be imported only now.
    from leadhub.demo.world import make_until_told  # noqa: PLC0415

    told = 0.0

    def progress(done: float) -> None:
        nonlocal told
        parent = multiprocessing.parent_process()
        if parent is not None and not parent.is_alive():
            raise SystemExit(1)
        if done - told >= STEP:
            told = done
            pipe.send(done)

    try:
        make_until_told(trade, size=size, now=now, progress=progress, pipe=pipe)
    except (EOFError, BrokenPipeError):
        raise SystemExit(1) from None
