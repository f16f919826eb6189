"""Every page, in both colour schemes, on a phone and at a desk: nothing keeps anybody out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.attachments import add_attachment
from leads.dispatch import withdraw_lead
from leads.feedback import give_feedback, record_contact, return_lead
from leads.missed_months import count_due_months
from leads.models import RoutingPolicy
from leads.policies import publish_policy
from leads.replay.jobs import go_on_with_replays, request_replay
from leads.routing import decline_offer
from partners.materials.publishing import Edition, add_material
from tests.acting import accept, holder_of
from tests.browser.people import PASSWORD, dealer, dispatcher, hot_lead
from tests.browser.visiting import axe, log_in
from tests.core.pictures import photograph
from tests.factories import PDF, ContactFactory, Network

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from leads.models import Assignment
    from tests.browser.conftest import OpenPage

NARROWEST = 320


class World:
    """A network in which there is something to see on every page."""

    def __init__(self) -> None:
        self.network = Network("acme")
        # Feedback is overdue as soon as anybody looks, and keeps nobody from new leads.
        self.network.policy({"partners": 2}, feedback_due=[1], max_overdue_feedback=99)
        self.dealer = dealer(self.network, "Alpha Heating")
        self.other = dealer(self.network, "Beta Heating", radius_km=30.0)
        self.far = dealer(self.network, "Gamma Heating", postal_code="20095")
        self.dispatcher = dispatcher(self.network)
        phone = ContactFactory.build(phone="+498999998123")
        self.on_offer = hot_lead(self.network, contact=phone)
        self.held = hot_lead(self.network, postal_code="99999")
        self.open = hot_lead(self.network, postal_code="10115")
        self.network.compare_within(30)
        self.duplicate = hot_lead(self.network, contact=phone, wish="Please call after six")
        self.network.compare_within(0)
        self.taken = self._accepted()
        self.won = self._accepted()
        by, at = holder_of(self.won), clock.now()
        record_contact(assignment=self.won, is_reached=True, contacted_at=at, by=by, at=at)
        give_feedback(
            assignment=self.won, status="WON", value=Decimal(17_500), by=by, at=clock.now()
        )
        returned = self._accepted()
        return_lead(
            assignment=returned, reason="WRONG_DATA", by=holder_of(returned), at=clock.now()
        )
        declined = self.network.offers(hot_lead(self.network))[0]
        decline_offer(offer=declined, reason="NO_CAPACITY", by=holder_of(declined), at=clock.now())
        withdraw_lead(lead=hot_lead(self.network), by=self.network.by, at=clock.now())
        self.returned_lead = returned.lead_id
        count_due_months(at=clock.now())
        self._write_draft()
        self._publish()

    def _write_draft(self) -> None:
        """Keep a draft with dead ends, tried out and still being tried out."""
        by, at = self.network.by, clock.now()
        rules = [
            {"partners": 1, "response_window": 60, "radius_km": radius, "head_start": 0}
            for radius in (20, 10)
        ]
        self.draft = publish_policy(name="Later", waves=rules, is_draft=True, by=by, at=at)
        self.replayed = request_replay(policy=self.draft, leads=10, by=by, at=at)
        while go_on_with_replays(at=at):
            pass
        self.replaying = request_replay(policy=self.draft, leads=11, by=by, at=at)
        with tenant_context(self.network.manufacturer.id):
            self.policy_id = RoutingPolicy.objects.get(is_active=True).id

    def _publish(self) -> None:
        """Publish a document, and let the dealer add a photograph and a plan to its lead."""
        by, at = self.network.by, clock.now()
        edition = Edition(PDF, "Prices 2026.pdf", "de", at.date())
        self.material = add_material(
            title="Prices 2026", kind="PRICE_LIST", product_lines=[], edition=edition, by=by, at=at
        )
        for content, name in ((photograph(), "IMG_1.jpg"), (PDF, "Plan.pdf")):
            add_attachment(
                assignment=self.taken, content=content, file_name=name, by=holder_of(self.taken),
                at=at,
            )  # fmt: skip

    def _accepted(self) -> Assignment:
        lead = hot_lead(self.network)
        offer = next(
            offer
            for offer in self.network.offers(lead)
            if offer.partner_id == self.dealer.partner.id
        )
        return accept(offer, at=clock.now())

    @property
    def phone_pages(self) -> list[str]:
        """Name the pages of a dealer."""
        (mine,) = [
            offer
            for offer in self.network.offers(self.on_offer)
            if offer.partner_id == self.dealer.partner.id
        ]
        return [
            "/inbox/",
            f"/offers/{mine.id}/",
            "/assignments/",
            f"/assignments/{self.taken.id}/",
            f"/assignments/{self.won.id}/",
            "/pick-list/",
            "/materials/",
            "/materials/?q=nothing",
            "/missed-leads/",
            "/account/",
            "/account/notices/",
            "/account/security/",
            "/account/devices/",
            "/team/",
            "/team/invite/",
        ]

    @property
    def desk_pages(self) -> list[str]:
        """Name the pages of a manufacturer's people."""
        leads = [self.on_offer.id, self.held.id, self.open.id, self.won.lead_id, self.returned_lead]
        return [
            "/cockpit/",
            "/cockpit/?period=90&source=unknown",
            "/cockpit/regions/",
            "/cockpit/partners/",
            "/cockpit/turnover/",
            "/cockpit/leads/?of=contact_time",
            "/cockpit/leads/?of=unserved",
            "/leads/",
            "/leads/new/",
            "/leads/duplicates/",
            f"/leads/{self.duplicate.id}/",
            "/leads/feedback-owed/",
            f"/leads/of-partner/{self.dealer.partner.id}/move/",
            "/cockpit/as-described/",
            *(f"/leads/{lead}/" for lead in leads),
            *(f"/leads/{lead}/routing/" for lead in leads),
            "/partners/",
            f"/partners/{self.far.partner.id}/missed-leads/",
            f"/partners/{self.dealer.partner.id}/",
            f"/partners/{self.dealer.partner.id}/edit/",
            "/partners/new/",
            "/set-up/",
            *self.policy_pages,
            "/leads/?attention=returned",
            "/fairness/",
            "/set-up/messages/",
            "/set-up/materials/",
            "/set-up/materials/new/",
            f"/set-up/materials/{self.material.id}/",
            f"/set-up/materials/{self.material.id}/edit/",
            f"/set-up/materials/{self.material.id}/replace/",
            f"/leads/{self.taken.lead_id}/",
            "/set-up/brand/",
            "/set-up/single-sign-on/",
            "/people/",
            "/people/invite/",
            "/account/",
            "/account/notices/",
            "/gallery/",
        ]

    @property
    def policy_pages(self) -> list[str]:
        """Name the pages on which rules are written and tried out."""
        policies, draft = "/set-up/policies/", f"/set-up/policies/drafts/{self.draft.id}/"
        return [
            policies,
            f"{policies}new/",
            f"{policies}{self.policy_id}/",
            draft,
            f"{draft}edit/",
            f"{draft}preview/",
            f"{draft}preview/?numbers={self.on_offer.external_id}+nowhere",
            f"{policies}replays/{self.replayed.id}/",
            f"{policies}replays/{self.replaying.id}/",
        ]


@pytest.fixture
def world(committed: None) -> World:
    """Something to see on every page."""
    return World()


def look_at(page: Page, addresses: list[str]) -> list[str]:
    """Open pages one after the other; what is wrong with them, by page."""
    found = []
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        if answer.status != 200:
            found.append(f"{address}: status {answer.status}")
            continue
        found += [f"{address}: {line}" for line in axe(page)]
        if page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        ):
            found.append(f"{address}: wider than the screen")
    return found


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_dealers_pages_keep_nobody_out(phone: Page, world: World, colours: str) -> None:
    before = look_at(
        phone, ["/log-in/", "/log-in/code/", "/log-in/company/", "/password/forgotten/"]
    )
    log_in(phone, world.dealer.email, PASSWORD)

    assert before + look_at(phone, world.phone_pages) == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_manufacturers_pages_keep_nobody_out(desk: Page, world: World, colours: str) -> None:
    log_in(desk, world.dispatcher, PASSWORD)

    assert look_at(desk, world.desk_pages) == []


def test_every_page_fits_the_narrowest_phone(open_page: OpenPage, world: World) -> None:
    dealers, staff = (open_page("phone", width=NARROWEST) for _ in range(2))
    log_in(dealers, world.dealer.email, PASSWORD)
    log_in(staff, world.dispatcher, PASSWORD)

    assert look_at(dealers, world.phone_pages) + look_at(staff, world.desk_pages) == []
