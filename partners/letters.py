"""Mails about an account: codes, links, and word of what was changed; in the person's language."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from leadhub.core.ids import new_id
from leadhub.core.mail import send_soon
from partners.models import User


def send_letter(kind: str, *, to: str, reader: User | None, **context: Any) -> None:
    """Write a mail out and let it leave after the commit; the first line is its subject.

    :param reader: whose language it is written in, else the present one.
    """
    language = reader.language if reader else translation.get_language() or ""
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(known):
        text = render_to_string(
            f"emails/{kind}.{known}.txt",
            {**context, "reader": reader, "base_url": settings.LEADHUB_BASE_URL},
        )
    title, _, body = text.partition("\n")
    host = urlsplit(settings.LEADHUB_BASE_URL).hostname
    send_soon(
        EmailMessage(
            subject=" ".join(title.split()),
            body=body.strip() + "\n",
            to=[to],
            headers={"Message-ID": f"<{new_id()}@{host}>", "Auto-Submitted": "auto-generated"},
        )
    )
