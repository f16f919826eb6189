"""Webhooks (Standard Webhooks 1.0): signed, and sent where a tenant's own programs listen.

Any answer of 2xx is success and everything else a failure, redirects included; 410 says that nobody
is there any more, ``Retry-After`` when to come back. Each address has few lines of its own, so that
one that is slow or hangs keeps nobody else waiting.
"""

import base64
import hmac
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from queue import Empty, SimpleQueue
from typing import NamedTuple
from uuid import UUID

from leadhub.core.models import Delivery
from leadhub.core.outbox import Outcome, Result
from leadhub.core.outgoing import TOO_SLOW, AddressRefused, Answer, NoAnswer, send_request

logger = logging.getLogger(__name__)

AT_ONCE = 32
AT_ONCE_EACH = 4
SECONDS_EACH = 10.0
# Nobody is waited for longer, whatever their Retry-After says.
LONGEST_WAIT = timedelta(days=1)
# One that hangs is left alone for a while; one that is slow is told few at a time, so that
# whoever sends has a hand free for others, and what waits for it counts as looked after.
WHILE_IT_HANGS = timedelta(seconds=30)
SLOW = 3.0  # seconds
ANSWER_KEPT = 500  # characters

GONE = "gone"
TIMED_OUT = "timed_out"
NO_ANSWER = "no_answer"
REDIRECTED = "redirected"
REFUSED = "refused"
ADDRESS_REFUSED = "address_refused"
BROKEN = "broken"


class Post(NamedTuple):
    """What one address is told.

    :ivar webhook_id: whose address it is; messages to one are sent by few lines.
    :ivar lead_id: what it tells of, for the log; ``None`` of a test.
    :ivar keys: what it is signed by: one, or two while programs change over.
    :ivar at: when it was made ready, by the database's clock.
    :ivar is_answer_kept: ``False`` if nothing may be kept that could tell of somebody.
    """

    webhook_id: UUID
    lead_id: UUID | None
    url: str
    body: bytes
    keys: Sequence[bytes]
    at: datetime
    is_answer_kept: bool = True


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, for its log.

    :ivar took: seconds until the answer was there, or was waited for no longer.
    :ivar status: of HTTP; ``None`` without an answer.
    :ivar problem: a code; empty if all went well.
    :ivar hold_until: before this instant the address wants to be told nothing.
    """

    post: Post
    at: datetime
    took: float
    status: int | None = None
    problem: str = ""
    answer: str = ""
    hold_until: datetime | None = None


def sign(*, message_id: str, timestamp: int, body: bytes, keys: Sequence[bytes]) -> str:
    """Sign a message: HMAC-SHA256 over id, time and body, once by each key."""
    content = f"{message_id}.{timestamp}.".encode() + body
    digests = (hmac.digest(key, content, "sha256") for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def send_posts(posts: Sequence[tuple[Delivery, Post]], *, seconds: float) -> Iterator[Outcome]:
    """Tell addresses, several at once, and say of each message what became of it.

    :param seconds: no further one is begun after so long.
    """
    done: SimpleQueue[Outcome] = SimpleQueue()
    waiting: SimpleQueue[_Line] = SimpleQueue()
    for line in _lines(posts, began=time.monotonic(), seconds=seconds):
        waiting.put(line)
    for _ in range(min(AT_ONCE, waiting.qsize())):
        # They end with the process: whoever stops it does not wait for somebody's server.
        threading.Thread(
            target=_send_waiting, args=(waiting, done.put), name="webhook", daemon=True
        ).start()
    for _ in posts:
        yield done.get()


def _send_waiting(waiting: "SimpleQueue[_Line]", done: Callable[[Outcome], None]) -> None:
    while True:
        try:
            address, messages = waiting.get_nowait()
        except Empty:
            return
        address.send_all(messages, done)


class _Address:
    """One address, while a batch is sent: told by several lines, until one of them has to stop.

    :ivar held_until: for the messages that are left.
    """

    def __init__(self, began: float, seconds: float) -> None:
        self.began, self.until = began, began + seconds
        self.held_until: datetime | None = None
        self._lock = threading.Lock()

    def now(self, post: Post) -> datetime:
        """Tell the time by the database's clock, which is not asked again."""
        return post.at + timedelta(seconds=time.monotonic() - self.began)

    def hold(self, until: datetime) -> None:
        """Leave all others for later."""
        with self._lock:
            self.held_until = max(until, self.held_until or until)

    def send_all(
        self, messages: Sequence[tuple[Delivery, Post]], done: Callable[[Outcome], None]
    ) -> None:
        """Send messages one after the other, each with an outcome whatever happens."""
        for delivery, post in messages:
            try:
                done(self._send(delivery, post))
            except Exception:
                # One that cannot be sent holds up no other.
                logger.exception("message %s cannot be sent", delivery.id)
                done(_outcome(delivery, Attempt(post, self.now(post), 0.0, problem=BROKEN)))

    def _send(self, delivery: Delivery, post: Post) -> Outcome:
        if self.held_until is not None:
            return Outcome(delivery, Result.UNTRIED, not_before=self.held_until)
        if time.monotonic() >= self.until:
            return Outcome(delivery, Result.UNTRIED, not_before=self.now(post))
        attempt = _attempt(delivery, post, at=self.now(post))
        if attempt.hold_until is not None:
            self.hold(attempt.hold_until)
        return _outcome(delivery, attempt)


class _Line(NamedTuple):
    """Messages that are sent to an address one after the other."""

    address: _Address
    messages: Sequence[tuple[Delivery, Post]]


def _lines(
    posts: Sequence[tuple[Delivery, Post]], *, began: float, seconds: float
) -> Iterator[_Line]:
    """Share messages out: a few lines to each address, the first of every address first."""
    by_address: Mapping[UUID, list[tuple[Delivery, Post]]] = defaultdict(list)
    for delivery, post in posts:
        by_address[post.webhook_id].append((delivery, post))
    addresses = {id_: _Address(began, seconds) for id_ in by_address}
    for number in range(AT_ONCE_EACH):
        for id_, messages in by_address.items():
            mine = messages[number::AT_ONCE_EACH]
            if mine:
                yield _Line(addresses[id_], mine)


def _attempt(delivery: Delivery, post: Post, *, at: datetime) -> Attempt:
    began = time.monotonic()
    try:
        answer = send_request(
            "POST",
            post.url,
            body=post.body,
            headers=_headers(delivery, post, at),
            seconds=SECONDS_EACH,
        )
    except NoAnswer as error:
        took = time.monotonic() - began
        hangs = error.reason == TOO_SLOW
        return Attempt(
            post,
            at,
            took,
            problem=TIMED_OUT if hangs else NO_ANSWER,
            hold_until=at + timedelta(seconds=took) + WHILE_IT_HANGS if hangs else None,
        )
    except AddressRefused:
        return Attempt(post, at, time.monotonic() - began, problem=ADDRESS_REFUSED)
    return _judged(post, answer, at=at, took=time.monotonic() - began)


def _judged(post: Post, answer: Answer, *, at: datetime, took: float) -> Attempt:
    problem, now = _problem(answer.status), at + timedelta(seconds=took)
    hold_until = now if took > SLOW else None
    if problem and problem != GONE:
        said = answer.headers.get("retry-after", "")
        hold_until = _when_to_come_back(said, now) or hold_until
    return Attempt(
        post,
        at,
        took,
        status=answer.status,
        problem=problem,
        answer=_as_text(answer.body) if post.is_answer_kept else "",
        hold_until=hold_until,
    )


def _problem(status: int) -> str:
    if status // 100 == 2:  # noqa: PLR2004 - success, in HTTP
        return ""
    if status == HTTPStatus.GONE:
        return GONE
    return REDIRECTED if status // 100 == 3 else REFUSED  # noqa: PLR2004


def _outcome(delivery: Delivery, attempt: Attempt) -> Outcome:
    """Tell what is to become of the message: there is no second try of a test."""
    if not attempt.problem:
        return Outcome(delivery, Result.SENT, told=attempt)
    is_over = attempt.problem == GONE or attempt.post.lead_id is None
    return Outcome(
        delivery,
        Result.REFUSED if is_over else Result.PUT_OFF,
        attempt.problem + (f":{attempt.status}" if attempt.status else ""),
        not_before=attempt.hold_until,
        told=attempt,
    )


def _when_to_come_back(said: str, now: datetime) -> datetime | None:
    """Read ``Retry-After``: a number of seconds, or a date (RFC 9110, 10.2.3)."""
    said = said.strip()
    if said.isascii() and said.isdecimal():
        wait = timedelta(seconds=min(int(said[:9]), LONGEST_WAIT.total_seconds()))
        return now + wait
    try:
        named = parsedate_to_datetime(said)
    except ValueError:
        return None
    if named.tzinfo is None or named <= now:
        return None
    return min(named, now + LONGEST_WAIT)


def _as_text(body: bytes) -> str:
    """Read the beginning of an answer, which may be anything."""
    text = body[: 4 * ANSWER_KEPT].decode("utf-8", "replace")
    return text.replace("\x00", "\ufffd")[:ANSWER_KEPT]


def _headers(delivery: Delivery, post: Post, at: datetime) -> dict[str, str]:
    message_id, timestamp = str(delivery.id), int(at.timestamp())
    signature = sign(message_id=message_id, timestamp=timestamp, body=post.body, keys=post.keys)
    return {
        "Content-Type": "application/json",
        "User-Agent": "leadhub-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
