"""What row level security shows a partner: its own work, and nothing of the others'."""

from datetime import timedelta

import pytest

from leadhub.core import clock
from leadhub.core.tenancy.context import partner_context, tenant_context
from leads.dispatch import reroute_lead
from leads.feedback import return_lead
from leads.models import (
    Assignment,
    Lead,
    LeadContact,
    LeadEvent,
    LeadFeedback,
    LeadOffer,
    LeadProductLine,
    PartnerStanding,
)
from partners.models import (
    CertificationLevel,
    CoverageCode,
    Manufacturer,
    Membership,
    Partner,
    ProductLine,
    User,
)
from tests.acting import HOUR, MINUTE, accept, holder_of, run_out
from tests.contracts.catalogue import World, tenants_seen
from tests.factories import NOON, Network

NOT_FOR_PARTNERS = (
    "core_delivery",
    "core_idempotentanswer",
    "leads_bulkdeed",
    "leads_consenttext",
    "leads_leadconsent",
    "leads_logcheckpoint",
    "leads_openingview",
    "leads_replay",
    "leads_routingpolicy",
    "leads_savedview",
    "leads_webform",
    "leads_partnerperformance",
    "leads_wave",
    "leads_webhook",
    "leads_webhookattempt",
    "leads_webhookstanding",
    "partners_exclusion",
    "partners_apikey",
    "partners_import",
    "partners_importfile",
    "partners_importpart",
    "partners_importrow",
    "partners_portfoliotally",
)


def test_shows_a_partner_itself_and_its_own_rows(acme: World) -> None:
    with partner_context([acme.holder.id]):
        partners = list(Partner.objects.values_list("id", flat=True))
        owners = {
            model.__name__: set(model.objects.values_list("partner_id", flat=True))
            for model in (LeadOffer, Assignment, PartnerStanding, CoverageCode, Membership)
        }

    assert partners == [acme.holder.id]
    assert owners == {name: {acme.holder.id} for name in owners}


def test_shows_a_partner_its_feedback(acme: World) -> None:
    with partner_context([acme.holder.id]):
        own = LeadFeedback.objects.count()
    with partner_context([acme.asked.id]):
        of_others = LeadFeedback.objects.count()

    assert (own, of_others) == (1, 0)


@pytest.mark.parametrize("table", NOT_FOR_PARTNERS)
def test_shows_partners_nothing_of_what_is_the_manufacturers(acme: World, table: str) -> None:
    with tenant_context(acme.tenant):
        of_manufacturer = tenants_seen(table)
    with partner_context([acme.asked.id, acme.holder.id]):
        of_partners = tenants_seen(table)

    assert of_manufacturer == {acme.tenant}
    assert of_partners == set()


def test_shows_a_partner_its_network_and_no_other(acme: World, globex: World) -> None:
    with partner_context([acme.holder.id]):
        manufacturers = list(Manufacturer.objects.values_list("id", flat=True))
        lines = set(ProductLine.objects.values_list("manufacturer_id", flat=True))
        levels = set(CertificationLevel.objects.values_list("manufacturer_id", flat=True))

    assert manufacturers == [acme.tenant]
    assert lines == levels == {acme.tenant}


def test_shows_a_person_of_two_networks_both_at_once(acme: World, globex: World) -> None:
    with partner_context([acme.holder.id, globex.asked.id]):
        partners = set(Partner.objects.values_list("id", flat=True))
        networks = set(LeadOffer.objects.values_list("manufacturer_id", flat=True))

    assert partners == {acme.holder.id, globex.asked.id}
    assert networks == {acme.tenant, globex.tenant}


def test_shows_a_partner_its_colleagues_and_no_other_people(acme: World, globex: World) -> None:
    with partner_context([acme.holder.id]):
        emails = set(User.objects.values_list("email", flat=True))

    assert emails == {"rep@acme.example"}


def test_shows_a_partner_leads_it_was_offered_holds_or_may_pick(acme: World, globex: World) -> None:
    with partner_context([acme.asked.id]):
        seen_by_asked = set(Lead.objects.all())
    with partner_context([acme.holder.id]):
        seen_by_holder = set(Lead.objects.all())

    assert seen_by_asked == {acme.offered, acme.held, acme.unplaced}
    assert seen_by_holder == {acme.offered, acme.held, acme.unplaced, acme.direct.lead}


def test_hides_lead_and_offer_until_a_head_start_has_run_out(db: None) -> None:
    network = Network("acme")
    network.policy({"partners": 2, "head_start": 600})
    network.partners(2)
    lead = network.lead(at=clock.now())
    best, other = network.offers(lead)

    with partner_context([best.partner_id]):
        seen_by_best = (Lead.objects.count(), LeadOffer.objects.count())
    with partner_context([other.partner_id]):
        seen_by_other = (Lead.objects.count(), LeadOffer.objects.count())

    assert (seen_by_best, seen_by_other) == ((1, 1), (0, 0))


def test_shows_contact_data_to_the_holder_only(acme: World) -> None:
    with partner_context([acme.holder.id]):
        of_holder = set(LeadContact.objects.values_list("lead_id", flat=True))
    with partner_context([acme.asked.id]):
        of_asked = set(LeadContact.objects.values_list("lead_id", flat=True))

    assert of_holder == {acme.held.id, acme.direct.lead_id}
    assert of_asked == set()


def contacts_seen_by(partner_id: object) -> int:
    with partner_context([partner_id]):  # type: ignore[list-item]
        return LeadContact.objects.count()


def test_shows_contact_data_from_the_acceptance_until_the_return(network: Network) -> None:
    partner = network.partner()
    lead = network.lead()
    seen = [contacts_seen_by(partner.id)]

    assignment = accept(network.offers(lead)[0])
    seen.append(contacts_seen_by(partner.id))
    return_lead(assignment=assignment, reason="OTHER", by=holder_of(assignment), at=NOON + HOUR)
    seen.append(contacts_seen_by(partner.id))

    assert seen == [0, 1, 0]


def test_hides_contact_data_again_when_a_lead_is_taken_back(network: Network) -> None:
    partner = network.partner()
    lead = network.lead()
    accept(network.offers(lead)[0])

    reroute_lead(lead=lead, by=network.by, at=NOON + HOUR)

    assert contacts_seen_by(partner.id) == 0


def test_shows_no_contact_data_of_leads_on_the_pick_list(network: Network) -> None:
    partner = network.partner()
    lead = network.lead()
    run_out(lead)

    assert network.again(lead).status == Lead.Status.OPEN
    assert contacts_seen_by(partner.id) == 0


def test_shows_a_partner_no_event_of_another(acme: World) -> None:
    with partner_context([acme.asked.id]):
        owners = set(LeadEvent.objects.values_list("partner_id", flat=True))
        lines = set(LeadProductLine.objects.values_list("lead_id", flat=True))

    with partner_context([acme.holder.id]):
        of_holder = set(LeadEvent.objects.values_list("partner_id", flat=True))

    assert owners == {acme.asked.id}
    assert of_holder == {None, acme.holder.id}
    assert lines == {acme.offered.id, acme.held.id, acme.unplaced.id}


def test_shows_a_partner_the_lead_it_is_asked_about_from_its_wave_on(network: Network) -> None:
    network.policy({"partners": 1})
    network.partners(2)
    lead = network.lead(at=NOON)
    first = network.offers(lead)[0].partner_id
    run_out(lead, at=NOON + HOUR + timedelta(seconds=1))
    second = network.offers(lead)[1].partner_id

    with partner_context([second]):
        offers = list(LeadOffer.objects.values_list("partner_id", "wave"))

    assert first != second
    assert offers == [(second, 2)]
    assert network.offers(lead)[1].offered_at > NOON + MINUTE
