"""Forms for the manufacturer's own sites at the desk: made, changed, embedded, closed."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from leadhub.core.tenancy.context import tenant_context
from leads.models import ConsentText, WebForm
from tests.factories import Network
from tests.pages.desks import at_desk, form_of as fields_of, queries_of, read, text_of
from tests.pages.web_forms import ENGLISH, Visitor, form_of, leads_of

pytestmark = pytest.mark.django_db

LIST, NEW = "/set-up/forms/", "/set-up/forms/new/"
TYPED = {
    "name": "Home page",
    "source": "website",
    "product_lines": ["heat-pumps", "boilers"],
    "languages": ["en"],
    "title_en": "Ask for a quote",
    "consent_en": "I agree.",
    "sites": "www.acme.example\r\nhttps://shop.acme.example",
}


def make(desk: Client, **typed: Any) -> Any:
    return desk.post(NEW, fields_of(read(desk, NEW)) | TYPED | typed)


def only_form(network: Network) -> WebForm:
    with tenant_context(network.manufacturer.id):
        return WebForm.objects.get()


def test_makes_a_form_that_can_be_filled_in_at_once(network: Network) -> None:
    desk = at_desk(network)

    answer = make(desk)

    form = only_form(network)
    assert answer.headers["Location"] == f"{LIST}{form.id}/"
    assert form.product_lines == ["heat-pumps", "boilers"]
    assert form.sites == ["https://www.acme.example", "https://shop.acme.example"]
    assert (form.asks, form.insists_on) == (
        ["first_name", "last_name", "email", "phone", "wish"],
        ["last_name", "email"],
    )
    Visitor(form).sends(product_lines=["boilers"])
    assert [lead.source for lead in leads_of(network)] == ["website"]


def test_shows_the_line_that_embeds_it(network: Network) -> None:
    form = form_of(network)

    page = read(at_desk(network), f"{LIST}{form.id}/")

    address = f"http://127.0.0.1:8000/forms/{form.id}/"
    assert f'<iframe src="{address}" title="' in page
    assert f'value="{address}"' in page


def test_writes_a_heading_into_that_line_as_text(network: Network) -> None:
    title = '"><script>alert(1)</script>'
    form = form_of(network, texts={"en": replace(ENGLISH, title=title)})

    page = at_desk(network).get(f"{LIST}{form.id}/").content.decode()

    assert "<script>alert(1)" not in page
    assert "&amp;quot;&amp;gt;&amp;lt;script&amp;gt;" in page
    assert "<script>" not in Visitor(form).sees().content.decode()


def test_changes_a_form(network: Network) -> None:
    desk = at_desk(network)
    form = form_of(network)
    address = f"{LIST}{form.id}/"

    sent = fields_of(read(desk, address)) | {"name": "Fair", "consent_en": "Newer"}
    answer = desk.post(address, sent)

    assert answer.status_code == 302
    changed = only_form(network)
    assert (changed.name, changed.source, changed.texts) == ("Fair", form.source, form.texts)
    assert (changed.asks, changed.insists_on) == (form.asks, form.insists_on)
    page = read(desk, address)
    assert "English, version 2" in page
    assert "English, version 1" in page


def test_changes_nothing_if_nothing_was_changed(network: Network) -> None:
    desk = at_desk(network)
    address = f"{LIST}{form_of(network).id}/"

    desk.post(address, fields_of(read(desk, address)))

    with tenant_context(network.manufacturer.id):
        assert ConsentText.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "Please fill this in."),
        ({"source": ""}, "Please fill this in."),
        ({"product_lines": []}, "Choose at least one product line."),
        ({"languages": []}, "Choose at least one language."),
        ({"consent_en": ""}, "Please fill this in, or leave the language out."),
        ({"languages": ["de", "en"]}, "Please fill this in, or leave the language out."),
        ({"ask_email": "", "ask_phone": ""}, "Ask for an e-mail address or a phone number"),
        ({"sites": "https://*.acme.example"}, "is not the address of a site"),
        ({"go_on_to": "javascript:alert(1)"}, "This is not the address of a page"),
    ],
)
def test_says_what_is_wrong(network: Network, typed: dict[str, Any], words: str) -> None:
    answer = make(at_desk(network), **typed)

    assert answer.status_code == 422
    assert words in text_of(answer)
    with tenant_context(network.manufacturer.id):
        assert not WebForm.objects.exists()


def test_closes_and_opens_a_form(network: Network) -> None:
    desk, form = at_desk(network), form_of(network)

    desk.post(f"{LIST}{form.id}/close/")
    assert Visitor(form).sees().status_code == 410
    assert "Open it again" in read(desk, f"{LIST}{form.id}/")
    assert "Closed" in read(desk, LIST)

    desk.post(f"{LIST}{form.id}/open/")
    assert Visitor(form).sees().status_code == 200


def test_lists_the_forms_in_as_many_queries_for_one_as_for_many(network: Network) -> None:
    desk = at_desk(network)
    assert "No form yet" in read(desk, LIST)
    form_of(network)
    one = queries_of(desk, LIST)

    for number in range(9):
        form_of(network, name=f"Form {number}")

    assert queries_of(desk, LIST) == one
    assert "Form 8" in read(desk, LIST)
    assert f'href="{LIST}"' in read(desk, "/set-up/")


@pytest.mark.parametrize("role", ["DISPATCHER", "ANALYST"])
def test_is_for_administrators(network: Network, role: str) -> None:
    desk, form = at_desk(network, role), form_of(network)

    assert desk.get(LIST).status_code == 404
    assert desk.post(f"{LIST}{form.id}/close/").status_code == 404
    assert f'href="{LIST}"' not in read(desk, "/set-up/")
