"""A form on a manufacturer's own site, as a customer finds it: in a frame, on any screen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from leads import stamps
from tests.browser.people import PASSWORD, dispatcher
from tests.browser.visiting import axe, log_in
from tests.factories import Network
from tests.pages.web_forms import ENGLISH, GERMAN, form_of, leads_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import FrameLocator, Page

    from leads.models import WebForm
    from tests.browser.conftest import OpenPage
    from tests.browser.watching import Watch

EVERYTHING: dict[str, Any] = {
    "asks": [
        "first_name", "last_name", "company", "email", "phone", "street", "city", "wish",
    ],
    "product_lines": ["heat-pumps", "boilers"],
    "texts": {"en": ENGLISH, "de": GERMAN},
}  # fmt: skip


@pytest.fixture(autouse=True)
def nobody_is_hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a browser type as fast as it can."""
    monkeypatch.setattr(stamps, "LEAST", timedelta(0))


@pytest.fixture
def network(committed: None) -> Network:
    """A manufacturer."""
    return Network("acme")


def site() -> str:
    """Another origin than ours, on this machine."""
    address: str = settings.LEADHUB_BASE_URL
    return address.replace("127.0.0.1", "localhost")


def framed(page: Page, form: WebForm) -> FrameLocator:
    """Open a page of another site that shows a form in a frame."""
    address = f"{site()}/of-somebody-else/"
    line = f'<iframe src="{settings.LEADHUB_BASE_URL}/forms/{form.id}/" height="1200"></iframe>'
    body = f"<!DOCTYPE html><html lang=en><title>Acme</title><h1>Acme</h1>{line}"
    page.route(address, lambda route: route.fulfill(content_type="text/html", body=body))
    page.goto(address)
    return page.frame_locator("iframe")


def wrong_with(page: Page) -> Sequence[str]:
    """What keeps somebody out of the page that is open."""
    is_wider = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return [*axe(page), *(["wider than the screen"] if is_wider else [])]


@pytest.mark.parametrize("scripts", [True, False])
def test_is_filled_in_within_a_frame_of_another_site(
    open_page: OpenPage, network: Network, *, scripts: bool
) -> None:
    page = open_page("phone", scripts=scripts)
    inside = framed(page, form_of(network, sites=[site()]))

    inside.get_by_label("Last name").fill("Beispiel")
    inside.get_by_label("Postal code").fill("80331")
    inside.get_by_role("button", name="Send").tap()
    inside.get_by_label("E-mail address").fill("erika@example.com")
    assert inside.get_by_label("Last name").input_value() == "Beispiel"
    inside.get_by_label("I agree that Acme").check()
    inside.get_by_role("button", name="Send").tap()
    inside.get_by_text("Thank you!").wait_for()

    assert [lead.contact.email for lead in leads_of(network)] == ["erika@example.com"]
    assert page.context.cookies() == []


def test_is_shown_in_no_frame_of_a_site_that_was_not_named(
    phone: Page, network: Network, watch: Watch
) -> None:
    framed(phone, form_of(network, sites=["https://www.acme.example"]))
    phone.wait_for_load_state("networkidle")
    watch.catch_up()

    (refused,) = [line for line in watch.problems if "frame-ancestors" in line]
    watch.problems.remove(refused)
    watch.problems[:] = [line for line in watch.problems if "a failed request" not in line]
    assert phone.frame_locator("iframe").get_by_role("button").count() == 0


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize(("device", "width"), [("desk", 0), ("phone", 0), ("phone", 320)])
def test_keeps_nobody_out(
    open_page: OpenPage, network: Network, device: str, width: int, colours: str
) -> None:
    page = open_page(device, width=width)
    form = form_of(network, **EVERYTHING, is_test=True, go_on_to="https://acme.example/")

    page.goto(f"/forms/{form.id}/")
    found = [*wrong_with(page)]
    page.get_by_role("button", name="Send").click()
    page.get_by_role("alert").wait_for()
    found += wrong_with(page)
    page.goto(f"/forms/{form.id}/thanks/")
    found += wrong_with(page)

    assert found == []


def test_a_mistake_can_be_reached_from_the_summary(desk: Page, network: Network) -> None:
    desk.goto(f"/forms/{form_of(network).id}/")

    desk.get_by_role("button", name="Send").click()
    desk.get_by_role("link", name="Postal code").click()

    assert desk.evaluate("document.activeElement.name") == "postal_code"


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_pages_of_the_desk_keep_nobody_out(
    open_page: OpenPage, network: Network, colours: str
) -> None:
    form = form_of(network, **EVERYTHING)
    email = dispatcher(network)
    found: list[str] = []
    for device, width in (("desk", 0), ("phone", 320)):
        page = open_page(device, width=width)
        log_in(page, email, PASSWORD)
        for address in ("", "new/", f"{form.id}/"):
            page.goto(f"/set-up/forms/{address}")
            found += [f"{address}: {line}" for line in wrong_with(page)]

    assert found == []
