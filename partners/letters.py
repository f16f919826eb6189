"""Mails about an account: codes, links, and word of what was changed; in the person's language."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from leadhub.core.ids import new_id
from leadhub.core.mail import send_soon
from partners.models import User

# How long what a letter says is good for; the settings of logging in say the same.
A_WEEK = timedelta(days=7)
GOOD_FOR = {
    "login_code": timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT),
    "device_code": timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT),
    "password_reset_key": timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
}


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
        ),
        good_for=GOOD_FOR.get(kind, A_WEEK),
    )
