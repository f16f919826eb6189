"""Mails that somebody waits for, such as a code to log in: sent behind the answer's back.

How long an answer takes must not tell whether a mail was sent, and a mail server that hangs must
not hold up a tap. What gets lost when a process ends is asked for again; whatever must arrive
goes through the outbox instead.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor, wait

from django.core.mail import EmailMessage
from django.db import transaction

logger = logging.getLogger(__name__)

AT_ONCE = 2
AT_MOST_WAITING = 200
_sender = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="mail")
_waiting: set[Future[None]] = set()


def send_soon(message: EmailMessage) -> None:
    """Send a mail after the commit; a failure is logged without its recipient."""
    transaction.on_commit(lambda: _hand_over(message))


def settle(*, timeout: float = 10.0) -> None:
    """Wait for the mails that are on their way.

    :param timeout: seconds to wait at most.
    """
    wait(set(_waiting), timeout=timeout)


def _hand_over(message: EmailMessage) -> None:
    if len(_waiting) >= AT_MOST_WAITING:
        logger.error("too many mails wait to be sent; one was dropped")
        return
    future = _sender.submit(_send, message)
    _waiting.add(future)
    future.add_done_callback(_waiting.discard)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody is left to tell
        logger.warning("a mail could not be sent: %s", type(error).__name__)
