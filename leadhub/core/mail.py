"""Letters about accounts, which hold codes and links: kept until they are sent, read by nobody.

A code or a link is a secret: whoever has it gets in. So a letter is kept sealed by the
installation's ``SECRET_KEY``, apart from the messages that hold no words, and its row is gone as
soon as it has left, or is good for nothing any more. Like those messages it leaves after the
commit, at least once, from whichever worker or timer is alive; no answer waits for a mail server.
"""

import json
import logging
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db.models import F, Q

from leadhub.core import clock
from leadhub.core.models import Letter
from leadhub.core.sealed import CannotUnseal, seal, unseal
from leadhub.core.tenancy.context import system_context

logger = logging.getLogger(__name__)

PURPOSE = "letter"
# Longer than one letter takes to be sent or refused.
LEASE = timedelta(minutes=1)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
SENT_AT_ONCE = 5


def send_soon(message: EmailMessage, *, good_for: timedelta) -> None:
    """Keep a letter to be sent after the commit.

    :param good_for: after so long nobody could use what it says, and it is dropped.
    """
    at = clock.now()
    text = json.dumps([message.subject, message.body, message.to, message.extra_headers])
    with system_context("mail.send_soon"):
        Letter.objects.create(
            sealed=seal(text, purpose=PURPOSE), due_at=at, expires_at=at + good_for
        )


def send_due(*, limit: int = SENT_AT_ONCE) -> int:
    """Send the letters that are due and forget them; those that fail are tried again.

    :returns: how many left.
    """
    with system_context("mail.send_due"):
        claimed = _claim(at=clock.now(), limit=limit)
    sent = 0
    for letter in claimed:
        try:
            _open(letter).send()
        except CannotUnseal:
            logger.exception("letter %s was sealed by another SECRET_KEY", letter.id)
            _put_off(letter)
        except Exception as error:  # noqa: BLE001 - its recipient and its words stay unsaid
            logger.warning("letter %s could not be sent: %s", letter.id, type(error).__name__)
            _put_off(letter)
        else:
            with system_context("mail.sent"):
                Letter.objects.filter(id=letter.id).delete()
            sent += 1
    return sent


def _claim(*, at: datetime, limit: int) -> list[Letter]:
    """Take a lease on letters, the oldest first; a sender that dies leaves one that runs out."""
    Letter.objects.filter(expires_at__lte=at).delete()
    due = (
        Letter.objects.filter(due_at__lte=at)
        .filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=at))
        .order_by("due_at", "id")
        .select_for_update(skip_locked=True)[:limit]
    )
    claimed = list(due)
    Letter.objects.filter(id__in=[letter.id for letter in claimed]).update(
        claimed_until=at + LEASE * len(claimed), attempts=F("attempts") + 1
    )
    return claimed


def _open(letter: Letter) -> EmailMessage:
    subject, body, to, headers = json.loads(unseal(letter.sealed, purpose=PURPOSE))
    return EmailMessage(subject=subject, body=body, to=to, headers=headers)


def _put_off(letter: Letter) -> None:
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(letter.attempts, 10))
    with system_context("mail.put_off"):
        Letter.objects.filter(id=letter.id).update(due_at=clock.now() + pause, claimed_until=None)
