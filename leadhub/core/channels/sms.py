"""Text messages by one small interface: a provider over HTTP, or the log where nothing is sent.

Which provider, and how it wants to be asked, are settings; a request is the provider's own JSON
with ``{to}``, ``{text}`` and ``{id}`` where number, text and the message's id belong.
"""

import json
import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol

from django.conf import settings

from leadhub.core.errors import InvalidInput
from leadhub.core.models import Delivery
from leadhub.core.outbox import Outcome, Result
from leadhub.core.outgoing import NoAnswer, send_request

_PLACE = re.compile(r"\{(?:to|text|id)\}")
logger = logging.getLogger(__name__)

LOG = "log:"
SECONDS_EACH = 10.0
# What does not say that the request itself is wrong.
PASSING = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)


class TextMessage(NamedTuple):
    """What is sent to which number, in E.164."""

    to: str
    text: str


class Provider(Protocol):
    """Sends one text message, or says why not."""

    def send(self, message: TextMessage, *, reference: str) -> tuple[Result, str]:
        """Hand a message over.

        :param reference: the same at every attempt, for providers that tell repeats apart.
        """


class LogProvider:
    """Writes that there was a message, without number and text."""

    def send(self, message: TextMessage, *, reference: str) -> tuple[Result, str]:
        """Log it."""
        logger.info("text message %s of %d characters", reference, len(message.text))
        return Result.SENT, ""


class HttpProvider(NamedTuple):
    """Asks a provider's HTTP interface.

    :ivar body: what is sent as JSON, with placeholders in its texts.
    """

    url: str
    headers: Mapping[str, str]
    body: Any

    def send(self, message: TextMessage, *, reference: str) -> tuple[Result, str]:
        """Send the request; 2xx is taken, 4xx is refused for good, anything else is tried again."""
        words = {"{to}": message.to, "{text}": message.text, "{id}": reference}
        body = json.dumps(_filled(self.body, words)).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": reference, **self.headers}
        try:
            answer = send_request(
                "POST", self.url, body=body, headers=headers, seconds=SECONDS_EACH
            )
        except NoAnswer:
            return Result.PUT_OFF, "provider_away"
        except InvalidInput:
            return Result.PUT_OFF, "provider_not_found"
        if answer.status // 100 == 2:  # noqa: PLR2004 - success, in HTTP
            return Result.SENT, ""
        is_final = answer.status // 100 == 4 and answer.status not in PASSING  # noqa: PLR2004
        return (
            Result.REFUSED if is_final else Result.PUT_OFF,
            f"provider_refused:{answer.status}",
        )


def is_possible() -> bool:
    """Tell whether text messages can be sent at all."""
    return bool(settings.SMS_URL)


def provider() -> Provider:
    """Make the provider that the settings name."""
    if settings.SMS_URL == LOG:
        return LogProvider()
    return HttpProvider(settings.SMS_URL, settings.SMS_HEADERS, settings.SMS_BODY)


def send_texts(
    messages: Sequence[tuple[Delivery, TextMessage]], *, seconds: float
) -> Iterator[Outcome]:
    """Hand text messages over, and say of each what became of it.

    :param seconds: no further one is begun after so long.
    """
    until = time.monotonic() + seconds
    by = provider()
    for delivery, message in messages:
        if time.monotonic() >= until:
            yield Outcome(delivery, Result.UNTRIED)
        else:
            yield Outcome(delivery, *by.send(message, reference=str(delivery.id)))


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    """Put number, text and id into texts, in one go: what they say is not looked into again."""
    match value:
        case str():
            return _PLACE.sub(lambda found: words[found[0]], value)
        case dict():
            return {key: _filled(part, words) for key, part in value.items()}
        case list():
            return [_filled(part, words) for part in value]
        case _:
            return value
