"""A network in which there is something to see on every page."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.attachments import add_attachment
from leads.dispatch import withdraw_lead
from leads.feedback import give_feedback, record_contact, return_lead
from leads.missed_months import count_due_months
from leads.models import RoutingPolicy, WebhookAttempt
from leads.models.webhooks import OffReason
from leads.policies import publish_policy
from leads.replay.jobs import go_on_with_replays, request_replay
from leads.routing import decline_offer
from leads.webhooks.log import send_test
from leads.webhooks.subscriptions import add_webhook, switch_off
from partners.materials.publishing import Edition, add_material
from partners.models import OwnSetting
from partners.tenants import change_left_to_partners
from tests.acting import accept, holder_of
from tests.browser.mailed import link_to_offer
from tests.browser.people import colleague, dealer, dispatcher, hot_lead
from tests.core.pictures import photograph
from tests.factories import PDF, ContactFactory, Network
from tests.importing import checked, go_on, send, stored, taken_back

if TYPE_CHECKING:
    from leads.models import Assignment, Lead, LeadOffer


class World:
    """A network in which there is something to see on every page."""

    def __init__(self, *, language: str = "en") -> None:
        self.network = Network("acme")
        # Feedback is overdue as soon as anybody looks, and keeps nobody from new leads.
        self.network.policy({"partners": 2}, feedback_due=[1], max_overdue_feedback=99)
        self.dealer = dealer(self.network, "Alpha Heating", language=language)
        colleague(self.network, self.dealer, "Robin")
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
        self.declined = self._offered(hot_lead(self.network))
        by = holder_of(self.declined)
        decline_offer(offer=self.declined, reason="NO_CAPACITY", by=by, at=clock.now())
        withdraw_lead(lead=hot_lead(self.network), by=self.network.by, at=clock.now())
        self.returned_lead = returned.lead_id
        self.returned = returned
        count_due_months(at=clock.now())
        self._leave_to_partners()
        self._write_draft()
        self._publish()
        self._add_webhooks()

    def _leave_to_partners(self) -> None:
        """Let dealers set everything for themselves."""
        change_left_to_partners(
            partners_may=list(OwnSetting),
            own_radius_most=100,
            own_open_least=1,
            own_open_most=50,
            shows_rank=True,
            by=self.network.by,
        )

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

    def _add_webhooks(self) -> None:
        """Add a webhook that works, and one that was switched off by itself."""
        by, at = self.network.by, clock.now()
        url = "https://hooks.example.com/leadhub"
        self.webhook, _ = add_webhook(url=url, by=by, at=at)
        self.gone, _ = add_webhook(url=url, event_types=["lead.won"], by=by, at=at)
        self.test = send_test(webhook=self.webhook, by=by, at=at)
        with tenant_context(self.network.manufacturer.id):
            switch_off(webhook_id=self.gone.id, because=OffReason.GONE, at=at)
            WebhookAttempt.objects.create(
                manufacturer_id=self.network.manufacturer.id, webhook=self.webhook,
                message=self.test.id, at=at, took_ms=312, status=500, problem="refused",
                answer="<h1>Internal Server Error</h1>",
            )  # fmt: skip

    def _accepted(self) -> Assignment:
        return accept(self._offered(hot_lead(self.network)), at=clock.now())

    def _offered(self, lead: Lead) -> LeadOffer:
        """Find the offer of a lead to the dealer."""
        offers = self.network.offers(lead)
        return next(offer for offer in offers if offer.partner_id == self.dealer.partner.id)

    @property
    def link(self) -> str:
        """The path of the link to what the dealer may accept."""
        return link_to_offer(self.dealer.email, self._offered(self.on_offer))

    @property
    def phone_pages(self) -> list[str]:
        """Name the pages of a dealer."""
        mine = self._offered(self.on_offer)
        return [
            "/inbox/",
            f"/offers/{mine.id}/",
            "/assignments/",
            f"/assignments/{self.taken.id}/",
            f"/assignments/{self.won.id}/",
            f"/assignments/{self.returned.id}/",
            f"/offers/{self.declined.id}/",
            "/pick-list/",
            "/materials/",
            "/materials/?q=nothing",
            "/missed-leads/",
            "/figures/",
            "/settings/",
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
            *self.import_pages,
            *self.webhook_pages,
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
    def webhook_pages(self) -> list[str]:
        """Name the pages of webhooks."""
        webhooks = "/set-up/webhooks/"
        return [
            webhooks,
            f"{webhooks}new/",
            f"{webhooks}{self.webhook.id}/",
            f"{webhooks}{self.webhook.id}/edit/",
            f"{webhooks}{self.webhook.id}/messages/{self.test.id}/",
            f"{webhooks}{self.gone.id}/",
        ]

    @property
    def import_pages(self) -> list[str]:
        """Name the pages on which files are imported, in every state that stays."""
        head = "Nummer;Firma;PLZ;Telefon\n"
        known = self.far.partner
        rows = f"{known.external_id};Neu;80331;\nN-1;Neu;80331;\nN-2;;99999;call me\n"
        sent = send(self.network, head + rows)
        done = stored(self.network, f"{head}N-1;Neu;80331;\nN-3;;80331;\n")
        undone = taken_back(self.network, stored(self.network, f"{head}N-4;Neu;80331;\n"))
        broken = send(self.network, "PK\x03\x04")
        looked_at = checked(self.network, head + rows)
        history = send(self.network, "a,b\n1,2\n", kind="HISTORY")
        go_on()
        waiting = send(self.network, head + rows)
        partners = [sent, done, undone, broken, looked_at, waiting]
        return [
            "/partners/import/",
            *(f"/partners/imports/{job.id}/" for job in partners),
            f"/partners/imports/{looked_at.id}/?show=CHANGED",
            f"/partners/imports/{looked_at.id}/columns/",
            "/set-up/history/",
            f"/set-up/history/{history.id}/",
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
