"""The doorbell: lets whoever sends know that there is something, without waiting for anybody.

What is due stands in the database and is found there each second anyway; ringing only makes it
sooner. So it must cost a request nothing, whatever the broker does: a request sets a flag, and a
thread of the process's own rings. Many rings are one. One that fails is not repeated, and after it
nobody rings for a while.
"""

import logging
import os
import threading
import time

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

# Seconds: between two rings, and of silence after one that failed.
PAUSE = 0.1
SILENCE = 5.0


class _Bell:
    """The thread that rings, of one process: threads do not survive a fork."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.wanted = threading.Event()
        self.rung = self.failed = 0
        threading.Thread(target=self._watch, name="doorbell", daemon=True).start()

    def _watch(self) -> None:
        while True:
            self.wanted.wait()
            self.wanted.clear()
            time.sleep(PAUSE if self._ring() else SILENCE)

    def _ring(self) -> bool:
        try:
            import_string(settings.DOORBELL)()
        except Exception as error:  # noqa: BLE001 - whatever it is, the work is done anyway
            self.failed += 1
            logger.info("nobody hears the doorbell: %s", type(error).__name__)
            return False
        self.rung += 1
        return True


_bell: _Bell | None = None
_making = threading.Lock()


def ring_after_commit() -> None:
    """Ring once what was written is there for others to see."""
    if settings.DOORBELL:
        transaction.on_commit(ring)


def ring() -> None:
    """Let the thread ring, and go on at once."""
    _own_bell().wanted.set()


def _own_bell() -> _Bell:
    global _bell  # noqa: PLW0603 - one for the process
    if _bell is None or _bell.process != os.getpid():
        with _making:
            if _bell is None or _bell.process != os.getpid():
                _bell = _Bell()
    return _bell
