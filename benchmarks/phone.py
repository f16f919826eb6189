"""What a phone takes in Chromium: from the tap on a push to the button, to the customer, and bytes.

The network is Chromium's own emulation of a slow 3G: 400 ms and 400 kbit/s. Parts of pages are on
the device, as after any visit; the service worker has to be started anew. Beside the times, on the
same line, an answer of a few bytes. The bytes are those that came over the wire, headers and the
service worker's own requests included.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from benchmarks.line import Line, line_to
from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world, web
from leadhub.embedded.browsers import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Playwright

LATENCY = 400  # milliseconds
THROUGHPUT = 400_000 / 8  # bytes a second
PATIENCE = 30_000  # milliseconds
EMAIL, PASSWORD = "kim@partners.example", "kiesel-farn-igel-646"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "de-DE",
}
# Something may be tapped: it is there, nothing covers it, and the finger would meet it.
USABLE = """
(selector) => {
  const one = document.querySelector(selector);
  const box = one?.getBoundingClientRect();
  return box?.height > 0 && one.contains(
    document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2),
  );
}
"""
ACCEPT, CALL = "[id^=accept-]", ".thumb-bar a[href^='tel:']"
READY = "navigator.serviceWorker.ready.then(() => true)"
UPDATED = "navigator.serviceWorker.ready.then((worker) => worker.update()).then(() => true)"


@dataclass(frozen=True)
class Asked:
    """A partner's person, who is asked about one lead after the other."""

    by: Any
    user_id: Any

    @staticmethod
    def found() -> "Asked":
        """Make a manufacturer with one partner in Munich and one person."""
        from leadhub.core import clock  # noqa: PLC0415 - Django is set up by now
        from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
        from leads.founding import found_tenant  # noqa: PLC0415
        from partners.catalogue import save_product_line  # noqa: PLC0415
        from partners.memberships import (  # noqa: PLC0415
            Person,
            add_member,
            administrator_of,
        )
        from partners.models import Manufacturer  # noqa: PLC0415
        from partners.network import PartnerDetails, save_partner  # noqa: PLC0415

        admin = Person(email="ada@nord.example", name="Ada Admin")
        tenant = found_tenant(slug="nord", name="Nord", administrator=admin, at=clock.now())
        by = administrator_of(tenant.manufacturer)
        with tenant_context(by.manufacturer_id):
            # Every enquiry is Erika's.
            Manufacturer.objects.update(duplicate_days=0)
        save_product_line(code="heat-pumps", name="Wärmepumpen", by=by)
        details = PartnerDetails(
            external_id="P-1",
            name="Wärme Dachau",
            country="DE",
            postal_code="80331",
            email="post@partners.example",
            radius_km=50.0,
            product_lines=("heat-pumps",),
        )
        partner, _ = save_partner(details=details, by=by, at=clock.now())
        membership = add_member(
            manufacturer=tenant.manufacturer,
            person=Person(email=EMAIL, name="Kim Wärme", password=PASSWORD, language="de"),
            role="PARTNER_REP",
            partner=partner,
        )
        return Asked(by, membership.user_id)

    def link(self, number: int) -> str:
        """Receive a lead, and write the message of its offer; where the message leads."""
        from leadhub.core import clock  # noqa: PLC0415
        from leadhub.core.models import Delivery  # noqa: PLC0415
        from leadhub.core.tenancy.context import system_context  # noqa: PLC0415
        from leads.intake import Contact, NewLead, receive_lead  # noqa: PLC0415
        from leads.links import path_of_link  # noqa: PLC0415
        from leads.spreading import spread_due  # noqa: PLC0415

        at = clock.now()
        enquiry = NewLead(
            external_id=f"CRM-{number}",
            source="website",
            product_lines=("heat-pumps",),
            country="DE",
            postal_code="80331",
            contact=Contact(
                first_name="Erika", last_name=f"Beispiel {number}", phone=f"+49899999{number:05}"
            ),
            wish_summary="Wärmepumpe, 12 kW, Einfamilienhaus",
            temperature="HOT",
            evidence="Hat eine Wärmepumpe konfiguriert und um einen Besuch gebeten",
            expected_value=Decimal(18_000),
            currency="EUR",
        )
        receive_lead(new=enquiry, by=self.by, at=at)
        while spread_due(at=at):
            continue
        with system_context("benchmark"):
            told = Delivery.objects.filter(kind="offer_new", recipient=f"user:{self.user_id}")
            newest = told.order_by("-due_at", "-id").values_list("id", flat=True)[0]
        return path_of_link(newest, at=at)


class Phone:
    """A phone on which somebody is logged in, and everything is as after the last visit."""

    def __init__(self, browser: "Browser", line: Line) -> None:
        self.line = line
        self._browser = browser
        self.context = self._unused()
        page = self.context.new_page()
        page.goto("/log-in/")
        page.locator("input[name=email]").fill(EMAIL)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url("**/inbox/")
        page.evaluate(READY)
        page.reload(wait_until="networkidle")
        page.close()

    def count_bytes(self) -> tuple[int, int]:
        """Count what the inbox takes on a phone that never saw it, and there once more."""
        fresh = self._unused()
        fresh.add_cookies(self.context.cookies())  # type: ignore[arg-type]
        first = self._count(fresh, READY)
        again = self._count(fresh, UPDATED)
        fresh.close()
        return first, again

    def _count(self, context: "BrowserContext", until: str) -> int:
        before, page = self.line.received, context.new_page()
        page.goto("/inbox/", wait_until="networkidle")
        page.evaluate(until)
        page.wait_for_load_state("networkidle")
        page.close()
        return self.line.received - before

    def open(self, path: str, selector: str = "") -> tuple["Page", float]:
        """Open a window on a slow line, its worker asleep; it, and after how long it was of use."""
        page = self.context.new_page()
        slow_down(self.context.new_cdp_session(page))
        took = timed(lambda: reach(page, path, selector))
        first_byte = page.evaluate("performance.getEntriesByType('navigation')[0].responseStart")
        if first_byte < LATENCY:
            msg = f"The line is not slow: {path} began to come after {first_byte:.0f} ms."
            raise RuntimeError(msg)
        return page, took

    def _unused(self) -> "BrowserContext":
        context = self._browser.new_context(base_url=f"http://127.0.0.1:{self.line.port}", **PHONE)
        context.set_default_timeout(PATIENCE)
        return context


def slow_down(session: "CDPSession") -> None:
    """Let a page wait for its network as on a slow 3G, and for its worker to wake up."""
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY,
            "downloadThroughput": THROUGHPUT,
            "uploadThroughput": THROUGHPUT,
        },
    )
    session.send("ServiceWorker.enable")
    session.send("ServiceWorker.stopAllWorkers")


def reach(page: "Page", path: str, selector: str) -> None:
    """Open a page, until something on it may be tapped."""
    page.goto(path, wait_until="commit")
    if selector:
        page.wait_for_function(USABLE, arg=selector)


def timed(act: Callable[[], object]) -> float:
    """Tell how long something takes, in milliseconds."""
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1e3


def tap_accept(page: "Page") -> None:
    """Tap, until the customer may be called."""
    page.locator(ACCEPT).tap()
    page.wait_for_function(USABLE, arg=CALL)


def measure(phone: Phone, asked: Asked, count: int) -> int:
    """Measure and tell."""
    first, again = phone.count_bytes()
    bare, opened, accepted = [], [], []
    for number in range(count):
        link = asked.link(number)
        page, took = phone.open("/healthz/live")
        bare.append(took)
        page.close()
        page, took = phone.open(link, ACCEPT)
        opened.append(took)
        accepted.append(timed(lambda page=page: tap_accept(page)))  # type: ignore[misc]
        page.close()
    limit = statistics.median(bare)
    return tell(
        "A phone in Chromium, on a slow 3G with its parts on the device",
        [
            at_most("push tap to the button, longest", max(opened), "ms", 3_000, limit=limit),
            Figure("push tap to the button, p50", statistics.median(opened), "ms", limit),
            Figure("tap on it to the customer, p50", statistics.median(accepted), "ms", limit),
            Figure("tap on it to the customer, longest", max(accepted), "ms", limit),
            at_most("inbox, first visit, on the wire", first / 1024, "KB", 120),
            at_most("inbox, visited again, on the wire", again / 1024, "KB", 15),
        ],
    )


def launch(playwright: "Playwright") -> "Browser":
    """Start Chromium."""
    return playwright.chromium.launch(
        executable_path=CHROMIUM.find(),
        args=["--disable-gpu", "--disable-quic", "--disable-background-networking"],
        chromium_sandbox=os.geteuid() != 0,
    )


def main() -> int:
    """Measure, tell, and exit with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    # Playwright's event loop counts as running, and Django would refuse queries beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with throw_away_world():
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a large library

        asked = Asked.found()
        with web("gunicorn") as (port, _), line_to(port) as line, sync_playwright() as playwright:
            browser = launch(playwright)
            try:
                return measure(Phone(browser, line), asked, 3 if options.quick else 20)
            finally:
                browser.close()


if __name__ == "__main__":
    sys.exit(main())
