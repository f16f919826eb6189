"""Before a lead is theirs, nothing of the customer reaches a phone; afterwards all of it does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from leads.messages import deliver_due
from tests.browser.mailed import last_link_to
from tests.browser.people import dealer, hot_lead
from tests.browser.pushing import reach, start, subscribe
from tests.factories import ContactFactory, Network
from tests.people.letters import letters_to
from tests.push_service import Browser as Subscriber, push_service

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Page

    from tests.browser.conftest import OpenPage
    from tests.browser.serving import Application

CUSTOMER = {
    "first_name": "Zaunkönigin",
    "last_name": "Kanarienvogel",
    "email": "wellensittich@example.com",
    "phone": "+498999998123",
    "street": "Nachtigallenweg 7",
}
WISH = "Rotkehlchen zwitschert"
# As anybody might write it: a phone number with spaces is still one.
CANARIES = ("Zaunk", "Kanarienvogel", "wellensittich", "98123", "Nachtigallenweg", "Rotkehlchen")
PAGES = (
    *("/inbox/", "/pick-list/", "/assignments/", "/materials/", "/missed-leads/", "/figures/"),
    *("/settings/", "/team/", "/account/", "/account/notices/"),
)
ON_DEVICE = """
async () => {
  const kept = [document.cookie, { ...localStorage }, { ...sessionStorage }];
  for (const name of await caches.keys()) {
    const shelf = await caches.open(name);
    for (const request of await shelf.keys()) {
      kept.push(request.url, await (await shelf.match(request)).text());
    }
  }
  return JSON.stringify(kept);
}
"""


@pytest.fixture
def app(open_page: OpenPage) -> Page:
    """A phone whose browser may run a service worker."""
    return open_page("phone", workers=True)


def canaries_in(texts: Iterable[str]) -> set[str]:
    """Find what of the customer stands in texts."""
    whole = "\n".join(texts)
    unspaced = whole.replace(" ", "")
    return {one for one in CANARIES if one in whole or one in unspaced}


def test_nothing_of_the_customer_reaches_a_phone_before_it_accepts(
    app: Page, application: Application, settings: Any, committed: None
) -> None:
    settings.OUTGOING_MAY_REACH_LOOPBACK = True
    world = Network("acme")
    world.policy({"partners": 2})
    person = dealer(world, "Alpha Heating")
    subscriber = Subscriber()
    with push_service() as service, application.overheard() as heard:
        settings.OUTGOING_PORTS = [urlsplit(service.origin).port]
        reach(app, service, subscriber)
        start(app, person.email)
        subscribe(app)
        customer = ContactFactory.build(**CUSTOMER)
        lead = hot_lead(world, contact=customer, wish=WISH)
        hot_lead(world, contact=customer, wish=WISH, postal_code="10115")
        while deliver_due():
            pass
        told = [json.dumps(subscriber.read(one.body)) for one in service.requests]
        told += [str(letter.message()) for letter in letters_to(person.email)]
        (offer,) = [o for o in world.offers(lead) if o.partner_id == person.partner.id]

        shown = []
        for path in (*PAGES, f"/offers/{offer.id}/"):
            app.goto(path)
            shown.append(app.content())
        cookies = app.context.cookies()
        app.context.clear_cookies()
        app.goto(last_link_to(person.email))
        expect(app.get_by_role("button", name="Accept with a code")).to_be_visible()
        shown.append(app.content())
        kept = app.evaluate(ON_DEVICE)
        app.context.add_cookies(cookies)  # type: ignore[arg-type]

        assert told
        assert canaries_in([*told, *shown, kept, *(answer.text for answer in heard)]) == set()
        # The control: all of it is there as soon as the lead is theirs.
        app.goto("/inbox/")
        app.get_by_role("button", name="Accept").tap()
        expect(app.get_by_role("heading", name="Kanarienvogel").first).to_be_visible()
        assert canaries_in(answer.text for answer in heard) == set(CANARIES)
        assert canaries_in([app.evaluate(ON_DEVICE)]) == set()
