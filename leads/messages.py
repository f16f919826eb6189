"""Messages as they leave: composed in the recipient's language and sent outside any transaction."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError, connection
from django.template import Context, TemplateDoesNotExist
from django.template.base import Template
from django.template.loader import get_template
from django.utils import translation

from leadhub.core import clock, metrics, outbox
from leadhub.core.channels.mail import send_mails
from leadhub.core.channels.push import DEVICE_GONE, Push, send_pushes
from leadhub.core.channels.sms import TextMessage, send_texts
from leadhub.core.channels.webhook import send_posts
from leadhub.core.html_mail import Letter, pack, split_text
from leadhub.core.models import Delivery
from leadhub.core.outbox import LEASE, Outcome, Result
from leadhub.core.tenancy.context import system_context
from leads.links import PLACE_OF, path_of_link
from leads.notifications import TOPIC_OF
from leads.readers import Reader, Readers, read_readers
from leads.spreading import spread_due
from leads.subjects import About, read_subjects
from leads.webhooks.fan_out import fan_out
from leads.webhooks.outcomes import keep_attempts
from leads.webhooks.posts import posts_of
from partners.devices import forget_devices, read_key
from partners.models import Topic
from partners.notices import EMAIL, PUSH, SMS
from partners.tenants import brand_of

logger = logging.getLogger(__name__)

# No message is begun in the last quarter of the lease.
SECONDS = LEASE.total_seconds() * 0.75
# What became of messages is kept at least so often, in seconds, and after so many: a sender that
# is killed in between repeats no more than these.
KEPT_EVERY, KEPT_AT_ONCE = 0.5, 500
# Seconds between tries to keep it, while the database is away.
BETWEEN_TRIES = 1.0
# A push service keeps a message so long for a browser that is off, in seconds.
PUSH_LIVES = 6 * 3_600
CHOICES = "/account/notices/"
WEBHOOK = Delivery.Channel.WEBHOOK
# Notices that one may well do without say how to get rid of them to programs that read mail.
OPTIONAL = frozenset({Topic.CHANGES, Topic.DIGEST})


class Note(NamedTuple):
    """A message to its reader; it is put into words as a channel needs them."""

    kind: str
    reader: Reader
    path: str
    topic: Topic | None
    context: Mapping[str, Any]

    def long(self) -> tuple[str, str]:
        """Write the title and the whole text.

        :raises LookupError: if there are no words for this kind of message.
        """
        template = _template(self.kind, self.reader.language)
        if template is None:
            msg = f"There are no words for {self.kind} in {self.reader.language}."
            raise LookupError(msg)
        return split_text(self._fill(template))

    def short(self) -> str:
        """Write one sentence or two, for a screen that is locked: the title if nothing else."""
        template = _template(f"{self.kind}.short", self.reader.language)
        return " ".join(self._fill(template).split()) if template else self.long()[0]

    def _fill(self, template: Template) -> str:
        with translation.override(self.reader.language):
            return str(template.render(Context(dict(self.context), autoescape=False)))


# Finds what messages say and packs it, or tells why one of them is not to leave.
Make = Callable[[Sequence[Delivery], datetime], Iterator[tuple[Delivery, Any]]]


class Hand(NamedTuple):
    """How messages of one channel leave.

    :ivar make: gives each message with what is to be handed over, or with its outcome.
    :ivar at_once: how many are claimed together; their lease must not run out meanwhile.
    :ivar is_one_sender_each: two senders never send to one recipient at the same time.
    """

    make: Make
    send: Callable[..., Iterator[Outcome]]
    at_once: int
    is_one_sender_each: bool = False


def deliver_due() -> int:
    """Make the messages that are due and send one batch by every channel.

    :returns: how many messages left or turned out to be needed no more.
    """
    with system_context("messages.deliver_due"):
        at = clock.now()
    spread_due(at=at)
    fan_out()
    return sum(deliver(channel) for channel in HANDS)


def deliver(channel: str, *, limit: int | None = None) -> int:
    """Send the messages of one channel that are due; what cannot be sent now is tried again later.

    :param limit: how many at most; usually as many as the channel takes at once.
    :returns: how many left or turned out to be needed no more.
    """
    hand = HANDS[channel]
    with system_context("messages.deliver"):
        at = clock.now()
        claimed = outbox.claim_due(
            channel=channel,
            at=at,
            limit=limit or hand.at_once,
            is_one_sender_each=hand.is_one_sender_each,
        )
        if not claimed:
            return 0
        made, done = _make_all(claimed, hand, at)
    return _keep(done) + _keep_as_they_come(hand.send(made, seconds=SECONDS))


def _make_all(
    deliveries: Sequence[Delivery], hand: Hand, at: datetime
) -> tuple[list[tuple[Delivery, Any]], list[Outcome]]:
    """Write messages out; those that are needed no more, or cannot be, are done with."""
    made: list[tuple[Delivery, Any]] = []
    done: list[Outcome] = []
    for delivery, post in hand.make(deliveries, at):
        if isinstance(post, Outcome):
            done.append(post)
        else:
            made.append((delivery, post))
    return made, done


def _packing(pack: Callable[[Delivery, Note], Any]) -> Make:
    """Make messages to people: composed for all channels alike, packed for one of them."""

    def make(deliveries: Sequence[Delivery], at: datetime) -> Iterator[tuple[Delivery, Any]]:
        for delivery, note in compose(deliveries, at=at):
            if isinstance(note, Outcome):
                yield delivery, note
                continue
            try:
                yield delivery, pack(delivery, note)
            except Exception as error:  # noqa: BLE001 - logged with the message's id
                yield delivery, _broken(delivery, error)

    return make


def compose(
    deliveries: Sequence[Delivery], *, at: datetime
) -> Iterator[tuple[Delivery, Note | Outcome]]:
    """Find who reads messages and what they are about, or why there is nothing to write.

    An offer that is closed by now needs no announcement. Nothing here names the customer. What
    all of them need is read together.
    """
    readers = read_readers(deliveries)
    subjects = read_subjects(deliveries)
    for delivery in deliveries:
        try:
            yield delivery, _note(delivery, readers, subjects, at)
        except Exception as error:  # noqa: BLE001 - logged with the message's id
            # One message that cannot be written must not hold up the others.
            yield delivery, _broken(delivery, error)


def _broken(delivery: Delivery, error: Exception) -> Outcome:
    logger.error("message %s cannot be written", delivery.id, exc_info=error)
    return Outcome(delivery, Result.PUT_OFF, f"broken:{type(error).__name__}")


def _note(
    delivery: Delivery,
    readers: Readers,
    subjects: Mapping[tuple[str, Any], About | str],
    at: datetime,
) -> Note | Outcome:
    about = subjects.get((delivery.kind, delivery.subject_id), "gone")
    if isinstance(about, str):
        return Outcome(delivery, Result.SKIPPED, about)
    reader = readers.find(delivery, about.partner_id)
    if isinstance(reader, str):
        return Outcome(delivery, Result.SKIPPED, reader)
    path = about.path
    if reader.is_person and delivery.kind in PLACE_OF:
        path = path_of_link(delivery.id, at=at)
    context = {
        **about.words,
        "recipient": reader,
        "manufacturer": reader.manufacturer,
        "link": f"{settings.LEADHUB_BASE_URL}{path}",
        "zone": reader.zone,
    }
    return Note(delivery.kind, reader, path, TOPIC_OF.get(delivery.kind), context)


@cache
def _template(name: str, language: str) -> Template | None:
    try:
        found = get_template(f"emails/{name}.{language}.txt")
    except TemplateDoesNotExist:
        return None
    compiled: Template = found.template  # type: ignore[attr-defined]
    return compiled


def mail_of(delivery: Delivery, note: Note) -> EmailMessage:
    """Make a mail of a note, in the manufacturer's colours."""
    host = urlsplit(settings.LEADHUB_BASE_URL).hostname
    choose = f"{settings.LEADHUB_BASE_URL}{CHOICES}" if note.topic and note.reader.is_person else ""
    title, text = note.long()
    letter = Letter(
        title=title,
        text=text,
        language=note.reader.language,
        brand=brand_of(note.reader.manufacturer),
        choose=choose,
        is_optional=note.topic in OPTIONAL,
    )
    return pack(letter, to=note.reader.address, message_id=f"{delivery.id}@{host}")


def push_of(delivery: Delivery, note: Note) -> Push:
    """Make a push of a note: whose it is, one sentence, and where to look."""
    device = note.reader.device
    assert device is not None  # noqa: S101 - whoever has none is no reader of a push
    return Push(
        endpoint=device.endpoint,
        public_key=read_key(device.public_key),
        secret=read_key(device.secret),
        payload={
            "id": str(delivery.id),
            "kind": delivery.kind,
            "title": brand_of(note.reader.manufacturer).text,
            "body": note.short(),
            "url": note.path,
            "language": note.reader.language,
            # For the count on the icon; staff have no inbox.
            "waiting": note.reader.waiting,
        },
        lives=PUSH_LIVES,
        is_urgent=note.topic is Topic.OFFERS,
    )


def text_of(delivery: Delivery, note: Note) -> TextMessage:
    """Make a text message of a note, with the address where to look."""
    whose = brand_of(note.reader.manufacturer).text
    link = f"{settings.LEADHUB_BASE_URL}{note.path}"
    return TextMessage(note.reader.phone, f"{whose}: {note.short()} {link}")


def _keep_as_they_come(outcomes: Iterator[Outcome]) -> int:
    """Keep what became of messages while others are on their way."""
    sent, waiting, since = 0, list[Outcome](), time.monotonic()
    for outcome in outcomes:
        waiting.append(outcome)
        if len(waiting) >= KEPT_AT_ONCE or time.monotonic() - since > KEPT_EVERY:
            sent += _keep(waiting)
            waiting, since = [], time.monotonic()
    return sent + _keep(waiting)


def _keep(outcomes: Sequence[Outcome]) -> int:
    """Write down what became of messages, as soon as the database answers.

    What has left and is not written down leaves again when the lease has run out; so whoever sent
    it minds it for as long as that.
    """
    if not outcomes:
        return 0
    _tell_failures(outcomes)
    metrics.count_messages((one.delivery.channel, one.result.name) for one in outcomes)
    until = time.monotonic() + LEASE.total_seconds()
    while True:
        try:
            return _write_down(outcomes)
        except (InterfaceError, OperationalError) as error:
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            logger.warning("what was sent cannot be kept yet: %s", type(error).__name__)
            connection.close()
            time.sleep(BETWEEN_TRIES)


def _write_down(outcomes: Sequence[Outcome]) -> int:
    """Keep what became of messages, and forget browsers that are gone."""
    gone = [
        UUID(outcome.delivery.recipient.partition(":")[2])
        for outcome in outcomes
        if outcome.reason == DEVICE_GONE
    ]
    if gone:
        forget_devices(gone)
    with system_context("messages.keep"):
        at = clock.now()
        done = outbox.record(outcomes, at=at)
        keep_attempts(outcomes, at=at)
    return done


def _tell_failures(outcomes: Sequence[Outcome]) -> None:
    """Log what failed, by reason."""
    failed: dict[str, int] = defaultdict(int)
    for one in outcomes:
        failed[one.reason] += one.result in (Result.PUT_OFF, Result.REFUSED)
    for reason, count in failed.items():
        if count:
            logger.warning("%d messages could not be sent: %s", count, reason)


HANDS: Mapping[str, Hand] = {
    EMAIL: Hand(_packing(mail_of), send_mails, 50),
    PUSH: Hand(_packing(push_of), send_pushes, 100),
    SMS: Hand(_packing(text_of), send_texts, 500),
    WEBHOOK: Hand(posts_of, send_posts, 200, is_one_sender_each=True),
}
