"""Links in messages as their readers open them, in a browser of somebody's."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from leadhub.core import clock
from partners.models import Membership
from tests.factories import Network
from tests.messaging import mail_of, spread
from tests.pages.phones import SOON, read
from tests.people.letters import code_in, letters_to

LINK = re.compile(r"https?://[^/\s]+(/l/\S+)")
CUSTOMER_SAID = ("Erika", "Beispiel", "erika@example.com", "98123", "Hauptstraße")


class Browser:
    """A browser in which nobody is logged in."""

    def __init__(self, *, at: datetime = SOON, **options: Any) -> None:
        self.client = Client(**options)
        self.at = at

    def get(self, path: str, **named: Any) -> Any:
        """Open an address, without following it."""
        with clock.set_to(self.at):
            return self.client.get(path, **named)

    def post(self, path: str, **sent_along: str) -> Any:
        """Press a button."""
        with clock.set_to(self.at):
            return self.client.post(path, sent_along)

    def follow(self, link: str) -> Any:
        """Open a link and go where it leads."""
        response = self.get(link)
        return self.get(response.url) if response.status_code == 302 else response

    def read(self, path: str) -> str:
        """Read a page that is there."""
        response = self.get(path)
        assert response.status_code == 200, response.status_code
        return read(response)

    def know(self, link: str, email: str) -> "Browser":
        """Become known, by the code that is mailed."""
        lead = self.follow(link).request["PATH_INFO"]
        asked = self.post(f"{lead}contact/" if "/leads/" in lead else f"{lead}decline/")
        assert asked.url == "/linked/code/"
        assert self.post("/linked/code/", code=codes_to(email, at=self.at)[-1]).status_code == 302
        return self


def link_to(
    network: Network, person: Membership, kind: str, *, at: datetime = SOON, subject: Any = None
) -> str:
    """The link in the last mail of a kind to somebody, perhaps about one thing."""
    found = [
        message
        for message in spread(network, kind, at=at)
        if message.recipient == f"user:{person.user_id}"
        and (subject is None or message.subject_id == subject.id)
    ]
    (link,) = LINK.findall(mail_of(found[-1]).body)
    return str(link)


def opened_by(link: str) -> str:
    """Where a link leads in a browser in which nobody is logged in."""
    return str(urlsplit(Browser().get(link).headers["Location"]).path)


def codes_to(email: str, *, at: datetime = SOON) -> list[str]:
    """The codes that were mailed to somebody, the last at the end."""
    with clock.set_to(at):
        letters = letters_to(email)
    return [code_in(letter) for letter in letters if "code" in letter.subject.lower()]


def names_nobody(page: str) -> bool:
    """Tell whether nothing of the customer stands in a page."""
    return not any(word in page for word in CUSTOMER_SAID)
