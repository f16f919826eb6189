"""Mail: handed to the SMTP server over one connection, and what its answers mean."""

import time
from collections.abc import Iterable, Iterator, Sequence
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPServerDisconnected,
)
from typing import NamedTuple

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from leadhub.core.models import Delivery
from leadhub.core.outbox import Outcome, Result

FOR_GOOD = 500
CLOSING = 421  # RFC 5321: the server is about to hang up, whatever was said
Mail = tuple[Delivery, EmailMessage]


class Verdict(NamedTuple):
    """What an error means for a message, and for all that come after it.

    :ivar is_everybodys: the server is away or takes nothing from us: others fare no better.
    """

    result: Result
    reason: str
    is_everybodys: bool = False


def send_mails(mails: Sequence[Mail], *, seconds: float) -> Iterator[Outcome]:
    """Hand mails over, one after the other, and say of each what became of it.

    :param seconds: no further mail is begun after so long.
    """
    until = time.monotonic() + seconds
    connection = get_connection()
    try:
        yield from _send_over(connection, mails, until)
    finally:
        _close(connection)


def judge(error: Exception) -> Verdict:
    """Tell whether to try again is of any use, and whether the fault is the message's own."""
    match error:
        case SMTPRecipientsRefused():
            codes = [code for code, _ in error.recipients.values()]
            return _judge_refusal("recipient_refused", codes)
        case SMTPDataError():
            return _judge_refusal("message_refused", [error.smtp_code])
        case SMTPException() if not isinstance(error, SMTPServerDisconnected):
            # Our name, our log-in, our sender: a fault of the set-up, not of the message.
            code = getattr(error, "smtp_code", 0)
            return Verdict(Result.PUT_OFF, f"server_refused:{code}", is_everybodys=True)
        case OSError():
            return Verdict(Result.PUT_OFF, "server_away", is_everybodys=True)
        case _:
            return Verdict(Result.PUT_OFF, f"broken:{type(error).__name__}")


def _judge_refusal(what: str, codes: Sequence[int]) -> Verdict:
    """Tell by the codes of the answers; one that says goodbye concerns everybody."""
    is_final = min(codes, default=0) >= FOR_GOOD
    return Verdict(
        Result.REFUSED if is_final else Result.PUT_OFF,
        f"{what}:{max(codes, default=0)}",
        is_everybodys=CLOSING in codes,
    )


def _send_over(
    connection: BaseEmailBackend, mails: Sequence[Mail], until: float
) -> Iterator[Outcome]:
    for position, (delivery, message) in enumerate(mails):
        if time.monotonic() >= until:
            yield from _all(mails[position:], Result.UNTRIED, "")
            return
        try:
            connection.open()  # unless it is; else each mail would have one of its own
            connection.send_messages([message])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told apart below
            verdict = judge(error)
            yield Outcome(delivery, verdict.result, verdict.reason)
            if verdict.is_everybodys:
                yield from _all(mails[position + 1 :], Result.PUT_OFF, verdict.reason)
                return
        else:
            yield Outcome(delivery, Result.SENT)


def _all(mails: Iterable[Mail], result: Result, reason: str) -> Iterator[Outcome]:
    return (Outcome(delivery, result, reason) for delivery, _ in mails)


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (SMTPException, OSError):
        return
