"""What may be read: every list of leads, offers and assignments, narrowed to whoever asks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Model, OuterRef, Prefetch, Q, QuerySet

from leadhub.core.actors import Actor
from leadhub.core.geo import distance_km
from leadhub.core.transactions import FirstUnsettled
from leads.models import (
    Assignment,
    EventType,
    Lead,
    LeadContact,
    LeadEvent,
    LeadOffer,
    LeadProductLine,
    MissedMonth,
    PartnerComparison,
    Replay,
    RoutingPolicy,
    Wave,
)
from leads.models.leads import LeadQuerySet
from leads.models.offers import OfferQuerySet, OfferStatus
from partners.models import Partner

# Offers that speak against asking a partner again; one lost to another partner does not.
ANSWERED = (OfferStatus.DECLINED, OfferStatus.EXPIRED, OfferStatus.RETURNED)
# Facts that name no partner and yet are the business of the one who holds the lead; what is not
# named here is the manufacturer's. Row level security of the log has the same list.
FOR_HOLDERS = (EventType.LEAD_RECEIVED, EventType.LEAD_WITHDRAWN)


def leads_visible_to(actor: Actor) -> LeadQuerySet:
    """Leads of a manufacturer, or those a partner holds or held."""
    leads = Lead.objects.filter(manufacturer=actor.manufacturer_id)
    if actor.is_partner:
        # Partners see the holder through a mask that no index serves; their assignments have one.
        held = Assignment.objects.filter(partner=actor.partner_id).values("lead_id")
        leads = leads.filter(partner=actor.partner_id, id__in=held)
    return leads


def leads_in_full(leads: LeadQuerySet, actor: Actor) -> LeadQuerySet:
    """Read everything that a lead is shown with, in a fixed number of queries.

    A partner gets its own offers and assignments with it, nobody else's.
    """
    offers, assignments = LeadOffer.objects.all(), Assignment.objects.all()
    if actor.is_partner:
        offers = offers.filter(partner=actor.partner_id)
        assignments = assignments.filter(partner=actor.partner_id)
    return (
        leads.select_related("contact")
        .annotate(line_codes=_line_codes("id"), level_code=F("required_certification__code"))
        .prefetch_related(
            Prefetch("offers", offers.order_by("offered_at", "rank", "id"), "shown_offers"),
            Prefetch(
                "assignments", assignments.order_by("-accepted_at", "-id"), "shown_assignments"
            ),
        )
    )


def in_full_as_stored(
    lead: Lead, *, stored: Iterable[Model], line_codes: Sequence[str], level_code: str
) -> Lead:
    """Give a lead that was just received what ``leads_in_full`` would read, without reading.

    :param stored: the rows written with it.
    """
    lead.line_codes = list(line_codes)  # type: ignore[attr-defined]
    lead.level_code = level_code or None  # type: ignore[attr-defined]
    lead.shown_offers = [row for row in stored if isinstance(row, LeadOffer)]  # type: ignore[attr-defined]
    lead.shown_assignments = []  # type: ignore[attr-defined]
    for row in stored:
        if isinstance(row, LeadContact):
            row.lead = lead
    return lead


def _line_codes(lead: str) -> ArraySubquery:
    """Read the codes of the product lines that a lead asks for, in its order.

    :param lead: the column that holds the lead's id.
    """
    return _of_lines(lead, "code")


def line_names(lead: str) -> ArraySubquery:
    """Read the names of the product lines that a lead asks for, in its order.

    :param lead: the column that holds the lead's id.
    """
    return _of_lines(lead, "name")


def _of_lines(lead: str, column: str) -> ArraySubquery:
    lines = LeadProductLine.objects.filter(
        manufacturer=OuterRef("manufacturer"), lead=OuterRef(lead)
    )
    return ArraySubquery(lines.order_by("position").values(f"product_line__{column}"))


def offers_visible_to(actor: Actor, *, at: datetime) -> OfferQuerySet:
    """Offers to a partner, once a head start of others has run out; or all of a manufacturer."""
    offers = LeadOffer.objects.filter(manufacturer=actor.manufacturer_id)
    if actor.is_partner:
        offers = offers.filter(partner=actor.partner_id).available(at)
    return offers


def offers_of_lead(actor: Actor, *, lead: Lead) -> OfferQuerySet:
    """Read every offer of a lead, wave by wave, the best match first; a partner gets its own."""
    offers = LeadOffer.objects.filter(manufacturer=actor.manufacturer_id, lead=lead)
    if actor.is_partner:
        offers = offers.filter(partner=actor.partner_id)
    return offers.select_related("partner").order_by("wave", "rank", "id")


def offers_in_full(offers: OfferQuerySet) -> OfferQuerySet:
    """Read what a partner decides by: the lead without its contact."""
    return offers.select_related("lead").annotate(line_codes=_line_codes("lead"))


def assignments_visible_to(actor: Actor) -> QuerySet[Assignment]:
    """Find the assignments of a partner, or of a whole network."""
    assignments = Assignment.objects.filter(manufacturer=actor.manufacturer_id)
    if actor.is_partner:
        assignments = assignments.filter(partner=actor.partner_id)
    return assignments


def assignments_in_full(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Read what a partner works with: the lead and its contact."""
    return assignments.select_related("lead", "lead__contact").annotate(
        line_codes=_line_codes("lead")
    )


def open_leads_in_full(leads: LeadQuerySet) -> LeadQuerySet:
    """Read what a lead on the pick list is shown with."""
    return leads.annotate(line_codes=_line_codes("id"))


def distances_to(actor: Actor, leads: Sequence[Lead]) -> dict[UUID, float | None]:
    """Measure how far leads are from a partner, in km; ``None`` where a lead's place is unknown."""
    partner = Partner.objects.filter(id=str(actor.partner_id)).first()
    return {
        lead.id: None
        if partner is None or lead.latitude is None or lead.longitude is None
        else distance_km(lead.latitude, lead.longitude, partner.latitude, partner.longitude)
        for lead in leads
    }


def events_visible_to(actor: Actor, *, lead: Lead) -> QuerySet[LeadEvent]:
    """Read the facts of a lead, oldest first; a partner its own, and a few of a lead it holds."""
    events = LeadEvent.objects.filter(manufacturer=actor.manufacturer_id, lead=lead)
    if actor.is_partner:
        held = Q(partner__isnull=True, type__in=FOR_HOLDERS, lead__partner=actor.partner_id)
        events = events.filter(Q(partner=actor.partner_id) | held)
    return events.order_by("sequence")


def settled_events_of(actor: Actor) -> QuerySet[LeadEvent]:
    """Read the facts of a manufacturer's leads up to where none can come in between any more."""
    events = LeadEvent.objects.filter(manufacturer=actor.manufacturer_id)
    return events.none() if actor.is_partner else events.filter(transaction__lt=FirstUnsettled())


def waves_visible_to(actor: Actor, *, lead: Lead) -> QuerySet[Wave]:
    """Read the waves of a lead with their decisions; no partner sees who else was asked."""
    waves = Wave.objects.filter(manufacturer=actor.manufacturer_id, lead=lead)
    return waves.none() if actor.is_partner else waves.order_by("number")


def missed_months_visible_to(actor: Actor) -> QuerySet[MissedMonth]:
    """Read counts of leads that partners were not asked about; a partner its own."""
    months = MissedMonth.objects.filter(manufacturer=actor.manufacturer_id)
    return months.filter(partner=actor.partner_id) if actor.is_partner else months


def comparisons_visible_to(actor: Actor) -> QuerySet[PartnerComparison]:
    """Read how partners stand beside their network; a partner its own alone."""
    compared = PartnerComparison.objects.filter(manufacturer=actor.manufacturer_id)
    return compared.filter(partner=actor.partner_id) if actor.is_partner else compared


def policies_visible_to(actor: Actor) -> QuerySet[RoutingPolicy]:
    """Routing policies of a manufacturer; partners see none."""
    policies = RoutingPolicy.objects.filter(manufacturer=actor.manufacturer_id)
    return policies.none() if actor.is_partner else policies.order_by("name", "-version")


def replays_visible_to(actor: Actor) -> QuerySet[Replay]:
    """Replays of a manufacturer's policies, the newest first; partners see none."""
    replays = Replay.objects.filter(manufacturer=actor.manufacturer_id)
    return replays.none() if actor.is_partner else replays.order_by("-created_at", "-id")


def active_policies(manufacturer_id: UUID, source: str) -> QuerySet[RoutingPolicy]:
    """Find the policies that may hold for leads of this source."""
    return RoutingPolicy.objects.filter(
        Q(source__isnull=True) | Q(source=source), manufacturer=manufacturer_id, is_active=True
    )


def product_lines_of(lead: Lead) -> tuple[UUID, ...]:
    """List the ids of the product lines a lead asks for, in the order in which it asks."""
    lines = LeadProductLine.objects.filter(manufacturer=lead.manufacturer_id, lead=lead)
    return tuple(lines.order_by("position").values_list("product_line_id", flat=True))


def partners_asked(lead: Lead) -> tuple[UUID, ...]:
    """List the partners not to be asked again: declined, let it expire, or gave the lead back."""
    of_lead = {"manufacturer": lead.manufacturer_id, "lead": lead}
    offers = LeadOffer.objects.filter(**of_lead, status__in=ANSWERED)
    returned = Assignment.objects.filter(**of_lead, returned_at__isnull=False)
    asked = offers.values_list("partner_id").union(returned.values_list("partner_id"))
    return tuple(partner_id for (partner_id,) in asked)


def open_assignment_of(lead: Lead) -> Assignment | None:
    """Find the assignment of the partner that holds the lead now, if any."""
    return Assignment.objects.in_hands().filter(lead=lead).first()
