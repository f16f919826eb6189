"""How a form of a manufacturer's site is shown, and to whom."""

import pytest
from django.test import Client

from partners.tenants import change_brand
from tests.factories import Network
from tests.pages.desks import text_of
from tests.pages.web_forms import ENGLISH, Visitor, form_of, path_of

pytestmark = pytest.mark.django_db


def test_speaks_the_language_of_the_browser(network: Network) -> None:
    form = form_of(network)

    english, german = Visitor(form).sees(), Visitor(form, language="de").sees()

    assert "Ask for a quote" in text_of(english)
    assert english.headers["Content-Language"] == "en"
    assert "Angebot anfragen" in text_of(german)
    assert "Postleitzahl" in text_of(german)
    assert '<html lang="de">' in text_of(german)


def test_speaks_the_language_that_is_asked_for(network: Network) -> None:
    form = form_of(network)

    page = Visitor(form).sees(f"{path_of(form)}?lang=de")
    answer = Visitor(form).client.get(f"{path_of(form)}thanks/?lang=de")

    assert "Angebot anfragen" in text_of(page)
    assert f'action="{path_of(form)}?lang=de"' in text_of(page)
    assert "Vielen Dank!" in text_of(answer)


@pytest.mark.parametrize("language", ["fr", "xx", "", "../..", "<b>"])
def test_speaks_another_language_than_it_can_to_nobody(network: Network, language: str) -> None:
    form = form_of(network, texts={"en": ENGLISH})

    page = Visitor(form, language="de").sees(f"{path_of(form)}?lang={language}")

    assert page.headers["Content-Language"] == "en"
    assert "Ask for a quote" in text_of(page)
    assert "<b>" not in page.content.decode()


def test_sets_no_cookie_and_loads_no_script(network: Network) -> None:
    page = Visitor(form_of(network)).sees()

    assert not page.cookies
    assert "<script" not in page.content.decode()
    assert "style=" not in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]


def test_asks_for_what_was_chosen_and_for_nothing_else(network: Network) -> None:
    page = text_of(Visitor(form_of(network, asks=["phone"], insists_on=[])).sees())

    assert 'name="phone"' in page
    assert 'autocomplete="tel"' in page
    assert not any(f'name="{name}"' in page for name in ("email", "last_name", "wish", "company"))


@pytest.mark.parametrize(
    ("asks", "insists_on", "needed", "is_choice"),
    [
        (["email"], [], {"email"}, False),
        (["phone"], [], {"phone"}, False),
        (["email", "phone"], ["email"], {"email"}, False),
        (["email", "phone"], [], set(), True),
    ],
)
def test_says_how_a_customer_has_to_be_reached(
    network: Network, asks: list[str], insists_on: list[str], needed: set[str], *, is_choice: bool
) -> None:
    page = text_of(Visitor(form_of(network, asks=asks, insists_on=insists_on)).sees())

    controls = {name: page.split(f'name="{name}"')[1].split(">")[0] for name in asks}
    assert {name for name, tag in controls.items() if " required" in tag} == needed
    assert ("We need an e-mail address or a phone number." in page) == is_choice


def test_links_what_the_text_names_beside_the_page(network: Network) -> None:
    page = Visitor(form_of(network)).sees().content.decode()

    assert 'href="https://acme.example/privacy" target="_blank" rel="noopener' in page


def test_may_be_framed_by_the_sites_that_were_named_only(network: Network) -> None:
    sites = ["https://www.acme.example", "https://shop.acme.example:8443"]
    form = form_of(network, sites=sites)
    visitor = Visitor(form)

    for answer in (
        visitor.sees(),
        visitor.sees(f"{path_of(form)}thanks/"),
        visitor.sends(),
        visitor.sends(last_name=""),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert f"frame-ancestors {' '.join(sites)};" in f"{policy};"
        assert "default-src 'self'" in policy
        assert "form-action 'self'" in policy
        assert "X-Frame-Options" not in answer.headers


def test_may_be_framed_by_nobody_else(network: Network) -> None:
    form = form_of(network, sites=[])

    for path in (path_of(form), f"{path_of(form)}thanks/", "/log-in/", "/forms/x/"):
        answer = Client().get(path)
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_wears_the_colours_of_the_manufacturer(network: Network) -> None:
    change_brand(text="Wärme <Nord>", color="#0b6b3a", ink="#ffffff", by=network.by)
    form = form_of(network)

    page = Visitor(form).sees().content.decode()
    colors = Client().get(f"{path_of(form)}colors.css")

    assert "Wärme &lt;Nord&gt;" in page
    assert f'href="{path_of(form)}colors.css"' in page
    assert colors.headers["Content-Type"].startswith("text/css")
    assert "--form-color: #0b6b3a" in colors.content.decode()


def test_leads_on_where_the_manufacturer_wants(network: Network) -> None:
    form = form_of(network, go_on_to="acme.example/thanks?a=1&b=2")

    page = Client().get(f"{path_of(form)}thanks/").content.decode()

    assert 'href="https://acme.example/thanks?a=1&amp;b=2" target="_top"' in page


def test_answers_to_head_as_to_get(network: Network) -> None:
    form = form_of(network)

    assert Client().head(path_of(form)).status_code == 200
    assert Client().put(path_of(form)).status_code == 405
