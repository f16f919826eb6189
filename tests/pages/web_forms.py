"""A form on a manufacturer's site, as somebody sees it and fills it in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from django.test import Client

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.models import Lead, WebForm
from leads.web_forms import FormDetails, FormText, create_web_form
from tests.factories import NOON, Network

CONSENT = "I agree that Acme passes my enquiry on: https://acme.example/privacy."
ENGLISH = FormText("Ask for a quote", "A partner calls you.", CONSENT, "Thank you!")
GERMAN = FormText("Angebot anfragen", "", "Ich bin einverstanden.", "Vielen Dank!")
ERIKA = {
    "last_name": "Beispiel",
    "email": "Erika@Example.com",
    "postal_code": "80331",
    "country": "DE",
    "consent": "on",
}


def details(**changes: Any) -> FormDetails:
    """What a form is like that asks for the least."""
    least: dict[str, Any] = {
        "name": "Home page",
        "product_lines": ["heat-pumps"],
        "country": "DE",
        "asks": ["last_name", "email", "phone", "wish"],
        "insists_on": ["last_name"],
        "texts": {"en": ENGLISH, "de": GERMAN},
        "sites": ["https://www.acme.example"],
    }
    return FormDetails(**least | changes)


def form_of(network: Network, *, source: str = "website", **changes: Any) -> WebForm:
    """A form that is open."""
    return create_web_form(details=details(**changes), source=source, by=network.by, at=NOON)


def path_of(form: WebForm) -> str:
    """Where a form is."""
    return f"/forms/{form.id}/"


@contextmanager
def later(seconds: float, *, at: datetime = NOON) -> Iterator[None]:
    """Some seconds after a form was shown."""
    with clock.set_to(at + timedelta(seconds=seconds)):
        yield


class Visitor:
    """Somebody at a browser that keeps no cookies of ours."""

    def __init__(self, form: WebForm, *, language: str = "en") -> None:
        self.form = form
        self.client = Client(
            enforce_csrf_checks=True, headers={"accept-language": f"{language};q=1.0"}
        )

    def sees(self, address: str = "", *, at: datetime = NOON) -> Any:
        """Open the form."""
        with clock.set_to(at):
            return self.client.get(address or path_of(self.form))

    def stamp(self) -> str:
        """Open the form, and read the stamp on it."""
        return stamp_in(self.sees())

    def sends(self, *, stamp: str | None = None, after: float = 60, **typed: Any) -> Any:
        """Fill in what Erika would, with changes, and send it; ``None`` leaves a field out."""
        sent = {**ERIKA, "stamp": self.stamp() if stamp is None else stamp, **typed}
        sent = {name: value for name, value in sent.items() if value is not None}
        with later(after):
            return self.client.post(path_of(self.form), sent)


def stamp_in(answer: Any) -> str:
    """Read the stamp of a form that is shown."""
    found = re.search(r'name="stamp" value="([^"]+)"', answer.content.decode())
    assert found, answer.content.decode()
    return unescape(found[1])


def leads_of(network: Network) -> list[Lead]:
    """The leads of a network, the oldest first."""
    with tenant_context(network.manufacturer.id):
        return list(Lead.objects.select_related("contact").order_by("received_at", "id"))
