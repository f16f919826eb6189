"""Logging in, and what people choose for themselves."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import system_context
from partners.models import Membership, User
from tests.acting import member
from tests.factories import NOBODYS, Network
from tests.factors import code_of, give_app
from tests.pages.acting import by_script, logged_in

# Pages of people who are not logged in yet, or no more.
WITHOUT_A_DOOR = {
    "app-manifest",
    "app-offline",
    "app-worker",
    "form-colors",
    "form-show",
    "form-thanks",
    "link-code",
    "link-lead",
    "link-lead-contact",
    "link-lead-feedback",
    "link-offer",
    "link-offer-accept",
    "link-offer-decline",
    "link-open",
    "partner-news",
    "person-log-in",
    "person-log-out",
    "account_login",
    "account_request_login_code",
    "account_confirm_login_code",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "person-company",
    "person-invitation",
    "person-invitation-open",
    "openid_connect_login",
    "openid_connect_callback",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}


@pytest.fixture
def dispatcher(network: Network) -> Membership:
    """Somebody of the manufacturer, whose password is ``x``."""
    return member(network, "dana@acme.example", "DISPATCHER")


@pytest.fixture
def rep(network: Network) -> Membership:
    """Somebody of a partner, whose password is ``x``."""
    partner = network.partner()
    return member(network, "rep@partner.example", "PARTNER_REP", partner)


def log_in(client: Client, email: str, **more: str) -> str:
    response = client.post("/log-in/", {"email": email, "password": "x", **more})
    assert response.status_code == 302, response.content.decode()
    return str(response.headers["Location"])


def user_of(membership: Membership) -> User:
    with system_context("test"):
        return User.objects.get(id=membership.user_id)


def test_leads_staff_to_the_cockpit(client: Client, dispatcher: Membership) -> None:
    give_app(user_of(dispatcher))
    assert log_in(client, "Dana@Acme.example") == "/log-in/second-factor/"

    response = client.post("/log-in/second-factor/", {"code": code_of()})

    first = response.headers["Location"]
    assert client.get(first).headers["Location"] == "/cockpit/"
    assert client.get("/cockpit/").status_code == 200


def test_leads_partners_to_the_inbox(client: Client, rep: Membership) -> None:
    first = log_in(client, "rep@partner.example")

    assert client.get(first).headers["Location"] == "/inbox/"


@pytest.mark.parametrize(
    ("email", "password"), [("dana@acme.example", "wrong"), ("nobody@acme.example", "x")]
)
def test_says_the_same_of_a_wrong_password_and_an_unknown_address(
    client: Client, dispatcher: Membership, email: str, password: str
) -> None:
    response = client.post("/log-in/", {"email": email, "password": password})

    assert response.status_code == 422
    assert "do not go together" in response.content.decode()
    assert settings.SESSION_COOKIE_NAME not in client.cookies


def test_lets_nobody_in_who_is_active_no_more(client: Client, dispatcher: Membership) -> None:
    with system_context("test"):
        User.objects.filter(id=dispatcher.user_id).update(is_active=False)

    response = client.post("/log-in/", {"email": "dana@acme.example", "password": "x"})

    assert response.status_code == 422


def test_brings_people_back_to_the_page_they_asked_for(
    client: Client, dispatcher: Membership
) -> None:
    asked = client.get("/leads/?q=heat")

    assert asked.headers["Location"] == "/log-in/?next=%2Fleads%2F%3Fq%3Dheat"
    assert log_in(client, "dana@acme.example", next="/leads/?q=heat") == "/leads/?q=heat"


@pytest.mark.parametrize("foreign", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_leads_nobody_to_another_host(client: Client, dispatcher: Membership, foreign: str) -> None:
    assert log_in(client, "dana@acme.example", next=foreign) == "/"


def test_sends_a_script_with_an_expired_session_to_the_log_in(client: Client, db: None) -> None:
    response = client.get("/inbox/", headers=by_script("/inbox/"))

    assert response.headers["HX-Redirect"] == "/log-in/?next=%2Finbox%2F"


def test_forgets_who_logs_out(client: Client, dispatcher: Membership) -> None:
    logged_in(client, dispatcher)

    client.post("/log-out/")

    assert client.get("/account/").headers["Location"].startswith("/log-in/")


def test_logs_nobody_out_who_only_follows_a_link(client: Client, dispatcher: Membership) -> None:
    logged_in(client, dispatcher)

    assert client.get("/log-out/").status_code == 405
    assert client.get("/account/").status_code == 200


def test_names_the_firms_that_somebody_works_for_and_their_manufacturers(
    client: Client, network: Network
) -> None:
    rep = member(network, "rep@alpha.example", "PARTNER_REP", network.partner(name="Alpha Heating"))
    other = Network("other")
    member(other, "rep@alpha.example", "PARTNER_MANAGER", other.partner(name="Alpha Windows"))
    network.partner(name="Rival Heating")

    page = " ".join(logged_in(client, rep).get("/account/").content.decode().split())

    for fact in ("Alpha Heating", "Alpha Windows"):
        assert f">{fact}</strong>" in page
    for owner in (network, other):
        assert f"{owner.manufacturer.name} · " in page
    assert "Rival" not in page


def test_speaks_the_language_that_was_chosen(client: Client, dispatcher: Membership) -> None:
    logged_in(client, dispatcher)

    client.post("/account/", {"language": "en", "theme": "dark"})

    page = client.get("/account/").content.decode()
    assert "My account" in page
    assert 'data-theme="dark"' in page
    client.post("/account/", {"language": "de", "theme": "system"})
    page = client.get("/account/").content.decode()
    assert "Mein Konto" in page
    assert "data-theme" not in page


@pytest.mark.parametrize("field", ["language", "theme"])
def test_takes_no_choice_that_was_not_offered(
    client: Client, dispatcher: Membership, field: str
) -> None:
    logged_in(client, dispatcher)
    before = client.get("/account/").content

    client.post("/account/", {field: '"><script>'})

    assert client.get("/account/").content.count(b"checked") == before.count(b"checked")


def test_lets_staff_of_two_manufacturers_switch(
    client: Client, dispatcher: Membership, other_network: Network
) -> None:
    other = member(other_network, "dana@acme.example", "ANALYST")
    logged_in(client, dispatcher)

    client.post("/account/manufacturer/", {"membership": str(other.id)})

    assert client.session["membership"] == str(other.id)


@pytest.mark.parametrize("wanted", ["", "nonsense", NOBODYS])
def test_switches_to_no_membership_of_somebody_else(
    client: Client, dispatcher: Membership, wanted: str
) -> None:
    logged_in(client, dispatcher)

    client.post("/account/manufacturer/", {"membership": wanted})

    assert client.session["membership"] == str(dispatcher.id)


def test_shows_every_component(client: Client, dispatcher: Membership) -> None:
    logged_in(client, dispatcher)

    assert client.get("/gallery/").status_code == 200


def test_keeps_no_page_in_any_cache(client: Client, dispatcher: Membership) -> None:
    logged_in(client, dispatcher)

    assert "no-store" in client.get("/account/").headers["Cache-Control"]


def test_lets_no_script_or_style_stand_in_a_page(client: Client, dispatcher: Membership) -> None:
    logged_in(client, dispatcher)

    response = client.get("/gallery/")

    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert " style=" not in response.content.decode()


def test_answers_an_unknown_address_with_a_page(client: Client, db: None) -> None:
    response = client.get("/nowhere/", headers={"Accept-Language": "de"})

    assert response.status_code == 404
    assert "Hier ist nichts" in response.content.decode()


def test_finds_a_page_whose_last_slash_was_forgotten(client: Client, db: None) -> None:
    assert client.get("/inbox").headers["Location"] == "/inbox/"


def test_answers_a_foreign_form_with_a_page(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/log-in/", {"email": "a@b.example"})

    assert response.status_code == 403
    assert "open for too long" in response.content.decode()


def pages() -> list[tuple[str, str]]:
    """Every page's name with an address of it."""
    found = []

    def walk(patterns: list[URLPattern | URLResolver], above: str) -> None:
        for pattern in patterns:
            route = above + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, route)
            elif not route.startswith(("api/", "healthz/", "metrics")):
                found.append((str(pattern.name), "/" + _filled(route)))

    walk(get_resolver().url_patterns, "")
    return found


def _filled(route: str) -> str:
    parts = [_some(part) if "<" in part else part.strip("^$") for part in route.split("/")]
    return "/".join(parts)


def _some(part: str) -> str:
    return "1" if part.startswith("<int:") else str(new_id())


PAGES = list(pages())


@pytest.mark.parametrize(("name", "address"), PAGES, ids=[name for name, _ in PAGES])
def test_opens_no_page_to_anybody_who_is_not_logged_in(
    client: Client, db: None, name: str, address: str
) -> None:
    if name in WITHOUT_A_DOOR:
        return
    for method in ("get", "post"):
        response = getattr(client, method)(address)
        assert response.status_code in (302, 405), f"{method} {address}"
        if response.status_code == 302:
            assert response.headers["Location"].startswith("/log-in/")
