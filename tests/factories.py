"""The least that is valid, with fixed times; everything agrees on the tenant by construction."""

from datetime import UTC, datetime
from typing import Any

import factory

from leadhub.core.actors import Actor, system_actor
from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.founding import found_tenant
from leads.intake import Contact, NewLead, receive_lead
from leads.models import Assignment, Lead, LeadEvent, LeadOffer
from leads.policies import publish_policy
from partners.catalogue import save_level, save_product_line
from partners.keys import issue_key
from partners.memberships import Person
from partners.models import Manufacturer, Partner
from partners.network import PartnerDetails, save_partner

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
# The least that is taken for a document.
PDF = b"%PDF-1.7\n%%EOF\n"
# An id that nothing has, the same in each process that shares the tests.
NOBODYS = "00000000-0000-7000-8000-000000000000"

# A few real places, so that distances in tests can be checked on a map.
PLACES = {
    ("DE", "80331"): ("München", "DE-BY", 48.1345, 11.5710),
    ("DE", "85221"): ("Dachau", "DE-BY", 48.2630, 11.4340),
    ("DE", "86150"): ("Augsburg", "DE-BY", 48.3666, 10.8866),
    ("DE", "90402"): ("Nürnberg", "DE-BY", 49.4490, 11.0800),
    ("DE", "10115"): ("Berlin", "DE-BE", 52.5323, 13.3846),
    ("DE", "20095"): ("Hamburg", "DE-HH", 53.5511, 10.0006),
    ("AT", "1010"): ("Wien", "AT-9", 48.2082, 16.3738),
    ("CH", "8001"): ("Zürich", "CH-ZH", 47.3700, 8.5400),
}


class ContactFactory(factory.Factory[Contact]):
    """A customer who can be reached."""

    class Meta:
        model = Contact

    first_name = "Erika"
    last_name = "Beispiel"
    email = "erika@example.com"


class NewLeadFactory(factory.Factory[NewLead]):
    """An enquiry from Munich for heat pumps."""

    class Meta:
        model = NewLead

    external_id = factory.Sequence(lambda n: f"CRM-{n}")
    source = "website"
    product_lines = ("heat-pumps",)
    country = "DE"
    postal_code = "80331"
    contact = factory.SubFactory(ContactFactory)


class PartnerDetailsFactory(factory.Factory[PartnerDetails]):
    """An active dealer in Munich that sells heat pumps within 50 km."""

    class Meta:
        model = PartnerDetails

    external_id = factory.Sequence(lambda n: f"P-{n}")
    name = factory.Sequence(lambda n: f"Partner {n}")
    country = "DE"
    postal_code = "80331"
    email = factory.LazyAttribute(lambda details: f"{details.external_id.lower()}@example.com")
    radius_km = 50.0
    product_lines = ("heat-pumps",)


class Network:
    """A manufacturer with its network, as a test arranges it; every method acts for that tenant."""

    def __init__(self, slug: str = "acme", *, duplicate_days: int = 0) -> None:
        """Found a tenant.

        :param duplicate_days: none unless a test is about it, for every enquiry is Erika's.
        """
        tenant = found_tenant(
            slug=slug,
            name=slug.title(),
            administrator=Person(email=f"admin@{slug}.example", name="Ada Admin", password="x"),
            at=NOON,
        )
        self.manufacturer: Manufacturer = tenant.manufacturer
        self.api_key = tenant.api_key
        self.by: Actor = system_actor(tenant.manufacturer.id, "test")
        self.compare_within(duplicate_days)
        save_product_line(code="heat-pumps", name="Heat pumps", by=self.by)
        save_product_line(code="boilers", name="Boilers", by=self.by)
        save_level(code="silver", name="Silver", rank=1, by=self.by)
        save_level(code="gold", name="Gold", rank=2, by=self.by)

    def compare_within(self, days: int) -> None:
        """Hold leads that resemble those of so many days; with 0 none."""
        with tenant_context(self.manufacturer.id):
            Manufacturer.objects.filter(id=self.manufacturer.id).update(duplicate_days=days)

    def partner(self, *, at: datetime = NOON, **details: Any) -> Partner:
        """Add a partner, in Munich unless said otherwise."""
        partner, _ = save_partner(details=PartnerDetailsFactory.build(**details), by=self.by, at=at)
        return partner

    def partners(self, count: int, **details: Any) -> list[Partner]:
        """Add so many alike."""
        return [self.partner(**details) for _ in range(count)]

    def actor_for(self, partner: Partner) -> Actor:
        """Act for a partner."""
        return Actor(self.manufacturer.id, f"key:{partner.id}", partner_id=partner.id)

    def key_for(self, partner: Partner) -> str:
        """Issue an API key that acts for a partner."""
        return issue_key(name=f"test {new_id()}", by=self.by, at=NOON, partner=partner)

    def policy(self, *waves: dict[str, Any], **options: Any) -> None:
        """Publish a default policy with these waves; each asks one partner for an hour at least."""
        whole = [
            {"partners": 1, "response_window": 3_600, "radius_km": None, "head_start": 0, **wave}
            for wave in waves
        ]
        publish_policy(name="Default", waves=whole, by=self.by, at=NOON, **options)

    def lead(self, *, at: datetime = NOON, **fields: Any) -> Lead:
        """Receive and route a lead."""
        return receive_lead(new=NewLeadFactory.build(**fields), by=self.by, at=at).lead

    def again(self, lead: Lead) -> Lead:
        """Read a lead as it is now."""
        with tenant_context(self.manufacturer.id):
            return Lead.objects.select_related("policy").get(id=lead.id)

    def offers(self, lead: Lead) -> list[LeadOffer]:
        """The offers of a lead, wave by wave, the best match first."""
        with tenant_context(self.manufacturer.id):
            return list(LeadOffer.objects.filter(lead=lead).order_by("wave", "rank"))

    def assignments(self, lead: Lead) -> list[Assignment]:
        """The assignments of a lead, oldest first."""
        with tenant_context(self.manufacturer.id):
            return list(Assignment.objects.filter(lead=lead).order_by("accepted_at"))

    def events(self, lead: Lead) -> list[LeadEvent]:
        """The facts of a lead, oldest first."""
        with tenant_context(self.manufacturer.id):
            return list(LeadEvent.objects.filter(lead=lead).order_by("sequence"))


def count_rows(model: Any) -> int:
    """Count all rows of a table, whoever's they are."""
    with system_context("test.count"):
        count: int = model.objects.count()
        return count
