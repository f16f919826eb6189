"""Visiting pages as people do: on a phone or at a desk, logged in, by all means of perception."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.factors import code_of

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

DEVICES: dict[str, dict[str, Any]] = {
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
    "desk": {"viewport": {"width": 1440, "height": 900}},
}
LOCALES = {"de": "de-DE", "en": "en-GB"}
_LEVEL_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]


def log_in(page: Page, email: str, password: str, *, then: str = "") -> None:
    """Log in by the form, and wait for the page behind it: the person's first, or the one named.

    Whoever has an authenticator app types what it shows.
    """
    address = reverse("person-log-in")
    page.goto(f"{address}?{urlencode({'next': then})}" if then else address)
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path != address)
    type_code(page)


def type_code(page: Page) -> None:
    """Type the code of the app that all tests share, where it is asked for; each is taken once."""
    for steps in (0, 1, -1):
        if urlsplit(page.url).path != reverse("mfa_authenticate"):
            return
        page.locator("input[name=code]").fill(code_of(steps=steps))
        with page.expect_navigation():
            page.locator("input[name=code]").press("Enter")


_TELEPHONE = """
window.called = [];
addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="tel:"]');
  if (!link || event.defaultPrevented) return;
  event.preventDefault();
  window.called.push(link.href);
});
"""


def tap(element: Locator) -> None:
    """Tap as a finger does; a browser that cannot be touched is clicked."""
    browser = element.page.context.browser
    if browser is not None and browser.browser_type.name == "firefox":
        element.click()
    else:
        element.tap()


def answer_calls(page: Page) -> None:
    """Put a telephone beside the browser, which without one may ignore touch after a call.

    What it was asked to call is in `window.called`, unless the page kept it from calling.
    """
    page.context.add_init_script(_TELEPHONE)


def axe(page: Page) -> list[str]:
    """Return what keeps the page from WCAG 2.2 AA, as far as a program can tell: a line each."""
    options = {"runOnly": {"type": "tag", "values": _LEVEL_AA}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['target'][0]} - "
        f"{' '.join(node['failureSummary'].split())} - {node['html']}"
        for violation in found
        for node in violation["nodes"]
    ]
