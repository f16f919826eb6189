"""What is answered about leads, offers, assignments and policies."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from leadhub.core.api.fields import Instant, Output
from leads.api import words


def codes() -> serializers.ListField:
    """Show the codes of the product lines a lead asks for, in its order."""
    return serializers.ListField(child=serializers.CharField(), source="line_codes")


def money(**options: Any) -> serializers.DecimalField:
    """Show an amount as a string with two decimals."""
    return serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True, **options)


class ContactOutput(Output):
    """Who the customer is, the phone in E.164 and the e-mail in lower case."""

    first_name = serializers.CharField()
    last_name = serializers.CharField()
    company = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    street = serializers.CharField()
    language = serializers.CharField()


class OfferOfLeadOutput(Output):
    """One offer of a lead."""

    id = serializers.UUIDField()
    partner = serializers.UUIDField(source="partner_id")
    wave = serializers.IntegerField()
    status = serializers.ChoiceField(words.OFFER_STATUSES)
    offered_at = Instant()
    respond_by = Instant()


class AssignmentOfLeadOutput(Output):
    """Whose hands a lead is in, and how far it has come."""

    id = serializers.UUIDField()
    partner = serializers.UUIDField(source="partner_id")
    offered_at = Instant(allow_null=True)
    accepted_at = Instant()
    contacted_at = Instant(allow_null=True)
    first_feedback_at = Instant(allow_null=True)
    closed_at = Instant(allow_null=True)
    outcome = serializers.ChoiceField(words.OUTCOMES, allow_null=True)
    value = money()


class LeadOutput(Output):
    """A lead; ``contact`` and ``wish`` are null for those who may not see them."""

    id = serializers.UUIDField()
    external_id = serializers.CharField()
    status = serializers.ChoiceField(words.LEAD_STATUSES)
    hold_reason = serializers.ChoiceField(words.HOLD_REASONS, allow_null=True)
    received_at = Instant()
    source = serializers.CharField()  # type: ignore[assignment]
    campaign = serializers.CharField()
    product_lines = codes()
    required_certification = serializers.CharField(source="level_code", allow_null=True)
    country = serializers.CharField()
    postal_code = serializers.CharField()
    city = serializers.CharField()
    temperature = serializers.ChoiceField(words.TEMPERATURES)
    evidence = serializers.CharField()
    wish_summary = serializers.CharField()
    wave = serializers.IntegerField()
    respond_by = Instant(allow_null=True)
    offers = serializers.ListField(child=OfferOfLeadOutput(), source="shown_offers")
    assignment = serializers.SerializerMethodField()
    expected_value = money()
    currency = serializers.CharField()
    is_test = serializers.BooleanField()
    contact = ContactOutput(allow_null=True)
    wish = serializers.CharField(source="contact.wish", default=None, allow_null=True)

    @extend_schema_field(AssignmentOfLeadOutput(allow_null=True))
    def get_assignment(self, lead: Any) -> dict[str, Any] | None:
        """Show the hands that the lead is in, or was in when it was closed."""
        for assignment in lead.shown_assignments:
            if assignment.partner_id == lead.partner_id and assignment.returned_at is None:
                shown: dict[str, Any] = ASSIGNMENT_OF_LEAD.to_representation(assignment)
                return shown
        return None


class OfferOutput(Output):
    """An offer, with what a partner needs to decide and nothing that names the customer."""

    id = serializers.UUIDField()
    lead = serializers.UUIDField(source="lead_id")
    status = serializers.ChoiceField(words.OFFER_STATUSES)
    wave = serializers.IntegerField()
    offered_at = Instant()
    available_from = Instant()
    respond_by = Instant()
    product_lines = codes()
    wish_summary = serializers.CharField(source="lead.wish_summary")
    country = serializers.CharField(source="lead.country")
    city = serializers.CharField(source="lead.city")
    postal_code = serializers.CharField(source="lead.postal_code")
    distance_km = serializers.SerializerMethodField()
    temperature = serializers.ChoiceField(words.TEMPERATURES, source="lead.temperature")
    evidence = serializers.CharField(source="lead.evidence")
    expected_value = money(source="lead.expected_value")
    currency = serializers.CharField(source="lead.currency")

    def get_distance_km(self, offer: Any) -> float | None:
        """Round to 100 m."""
        return None if offer.distance_km is None else round(offer.distance_km, 1)


class AssignmentOutput(Output):
    """A lead in a partner's hands, with its contact as long as the partner holds it."""

    id = serializers.UUIDField()
    lead = serializers.UUIDField(source="lead_id")
    external_id = serializers.CharField(source="lead.external_id")
    status = serializers.ChoiceField(words.LEAD_STATUSES, source="lead.status")
    partner = serializers.UUIDField(source="partner_id")
    user = serializers.UUIDField(source="user_id", allow_null=True)
    offered_at = Instant(allow_null=True)
    accepted_at = Instant()
    contacted_at = Instant(allow_null=True)
    first_feedback_at = Instant(allow_null=True)
    closed_at = Instant(allow_null=True)
    returned_at = Instant(allow_null=True)
    outcome = serializers.ChoiceField(words.OUTCOMES, allow_null=True)
    value = money()
    lost_reason = serializers.ChoiceField(words.LOST_REASONS, allow_null=True)
    return_reason = serializers.ChoiceField(words.RETURN_REASONS, allow_null=True)
    product_lines = codes()
    country = serializers.CharField(source="lead.country")
    city = serializers.CharField(source="lead.city")
    postal_code = serializers.CharField(source="lead.postal_code")
    temperature = serializers.ChoiceField(words.TEMPERATURES, source="lead.temperature")
    evidence = serializers.CharField(source="lead.evidence")
    wish_summary = serializers.CharField(source="lead.wish_summary")
    expected_value = money(source="lead.expected_value")
    currency = serializers.CharField(source="lead.currency")
    contact = serializers.SerializerMethodField()
    wish = serializers.SerializerMethodField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Show a lead that went on to other hands by what this partner did with it."""
        shown: dict[str, Any] = super().to_representation(instance)
        if instance.lead.partner_id != instance.partner_id:
            shown["status"] = "RETURNED"
        return shown

    @extend_schema_field(ContactOutput(allow_null=True))
    def get_contact(self, assignment: Any) -> dict[str, Any] | None:
        """Show who the customer is to who holds the lead."""
        contact = _contact_for_holder(assignment)
        return None if contact is None else dict(CONTACT.to_representation(contact))

    def get_wish(self, assignment: Any) -> str | None:
        """Show the customer's own words to who holds the lead."""
        contact = _contact_for_holder(assignment)
        return None if contact is None else str(contact.wish)


def _contact_for_holder(assignment: Any) -> Any:
    if assignment.lead.partner_id != assignment.partner_id:
        return None
    return getattr(assignment.lead, "contact", None)


class OpenLeadOutput(Output):
    """A lead on the pick list; ``id`` and ``lead`` are the same."""

    id = serializers.UUIDField()
    lead = serializers.UUIDField(source="id")
    received_at = Instant()
    product_lines = codes()
    wish_summary = serializers.CharField()
    country = serializers.CharField()
    city = serializers.CharField()
    postal_code = serializers.CharField()
    distance_km = serializers.FloatField(allow_null=True)
    temperature = serializers.ChoiceField(words.TEMPERATURES)
    evidence = serializers.CharField()
    expected_value = money()
    currency = serializers.CharField()


class EventOutput(Output):
    """One fact about a lead."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    at = Instant()
    recorded_at = Instant()
    partner = serializers.UUIDField(source="partner_id", allow_null=True)
    actor = serializers.CharField(allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]


class FeedEventOutput(EventOutput):
    """One fact as the feed tells it: about which lead, and which of its facts this is."""

    lead = serializers.UUIDField(source="lead_id")
    sequence = serializers.IntegerField()
    assignment = serializers.UUIDField(source="assignment_id", allow_null=True)


class GateOutput(Output):
    """A gate that a partner fails, and by which figures."""

    code = serializers.CharField()
    detail = serializers.CharField()


class MatchOutput(Output):
    """A ranked partner; score and terms lie between 0 and 1."""

    partner = serializers.UUIDField()
    rank = serializers.IntegerField()
    score = serializers.FloatField()
    distance_km = serializers.FloatField(allow_null=True)
    terms = serializers.DictField(child=serializers.FloatField())


class ExclusionOutput(Output):
    """A partner that was not asked, and why."""

    partner = serializers.UUIDField()
    distance_km = serializers.FloatField(allow_null=True)
    gates = GateOutput(many=True)


class WaveOutput(Output):
    """One round of offers with its decision."""

    wave = serializers.IntegerField()
    policy = serializers.UUIDField()
    opened_at = Instant()
    respond_by = Instant(allow_null=True)
    matches = MatchOutput(many=True)
    excluded = ExclusionOutput(many=True)
    excluded_counts = serializers.DictField(child=serializers.IntegerField())
    is_cut = serializers.BooleanField()


class RoutingOutput(Output):
    """Why these partners were asked, wave by wave."""

    waves = WaveOutput(many=True)


class ItemProblemOutput(Output):
    """What is wrong with one field of one lead."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ItemOutput(Output):
    """What became of one lead of several; it has a ``lead`` or ``errors``."""

    status = serializers.IntegerField()
    lead = LeadOutput(required=False)
    detail = serializers.CharField(required=False)
    errors = ItemProblemOutput(many=True, required=False)  # type: ignore[assignment]


class BulkOutput(Output):
    """What became of each lead, in the order in which they were sent."""

    results = ItemOutput(many=True)


@extend_schema_field(OpenApiTypes.INT)
class Seconds(serializers.DurationField):
    """A duration in whole seconds."""

    def to_representation(self, value: Any) -> Any:
        """Count the seconds."""
        return int(value.total_seconds())


class PolicyWaveOutput(Output):
    """One round of offers of a policy."""

    partners = serializers.IntegerField()
    response_window = serializers.IntegerField()
    radius_km = serializers.FloatField(allow_null=True)
    head_start = serializers.IntegerField()


class PolicyOutput(Output):
    """One version of a policy."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    is_default = serializers.BooleanField()
    is_active = serializers.BooleanField()
    is_draft = serializers.BooleanField()
    product_line = serializers.CharField(source="product_line.code", default=None, allow_null=True)
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    waves = serializers.ListField(child=PolicyWaveOutput())
    strategy = serializers.ChoiceField(words.STRATEGIES)
    weights = serializers.DictField(child=serializers.FloatField())
    any_product_line = serializers.BooleanField()
    clock = serializers.ChoiceField(words.CLOCKS)
    late_answers = serializers.BooleanField()
    max_overdue_feedback = serializers.IntegerField()
    contact_window = Seconds()
    take_back = serializers.BooleanField()
    feedback_due = serializers.ListField(child=serializers.IntegerField())
    feedback_repeat = Seconds()
    created_at = Instant()


class ReplaySideOutput(Output):
    """What one side did with the leads; ``None`` where there is nothing to measure."""

    leads = serializers.IntegerField()
    unplaced = serializers.IntegerField(help_text="Nobody could be asked.")
    placed_chance = serializers.FloatField(
        allow_null=True, help_text="Mean chance that a lead is taken in the waves."
    )
    distance_median_km = serializers.FloatField(
        allow_null=True, help_text="To the partner asked first."
    )
    distance_p90_km = serializers.FloatField(allow_null=True)
    seconds_median = serializers.FloatField(
        allow_null=True, help_text="Expected time until a partner takes the lead."
    )
    offers_gini = serializers.FloatField(
        allow_null=True, help_text="Of offers over partners: 0 is even, 1 one partner gets all."
    )
    offers_most = serializers.FloatField(help_text="Offers of the partner asked most.")
    partners_asked = serializers.IntegerField()


class ReplaySidesOutput(Output):
    """What was decided then, what the other side would decide, and the policy tried out."""

    then = ReplaySideOutput()
    against = ReplaySideOutput()
    policy = ReplaySideOutput()


class ReplaySpreadOutput(Output):
    """Shares of all offers of each tenth of the partners, those asked least first."""

    then = serializers.ListField(child=serializers.FloatField())
    against = serializers.ListField(child=serializers.FloatField())
    policy = serializers.ListField(child=serializers.FloatField())


class ReplayExampleOutput(Output):
    """A lead that moved: the partners asked first, best first, on each side."""

    lead = serializers.UUIDField()
    then = serializers.ListField(child=serializers.UUIDField())
    against = serializers.ListField(child=serializers.UUIDField())
    policy = serializers.ListField(child=serializers.UUIDField())


class ReplayResultOutput(Output):
    """What came out."""

    leads = serializers.IntegerField()
    moved = serializers.IntegerField(help_text="Leads for which others are asked first.")
    moved_first = serializers.IntegerField(help_text="Leads with another best match.")
    moved_then = serializers.IntegerField(help_text="Leads for which others were asked then.")
    partners = serializers.IntegerField(help_text="Partners that could be asked for any of them.")
    sides = ReplaySidesOutput()
    spread = ReplaySpreadOutput()
    examples = serializers.ListField(child=ReplayExampleOutput())


class ReplayOutput(Output):
    """A policy tried out on past leads, as a job."""

    id = serializers.UUIDField()
    policy = serializers.UUIDField(source="policy_id")
    against = serializers.UUIDField(
        source="against_id", allow_null=True, help_text="Null: the policies that hold."
    )
    status = serializers.ChoiceField(words.REPLAY_STATUSES)
    leads = serializers.IntegerField(source="wanted")
    total = serializers.IntegerField(allow_null=True)
    done = serializers.IntegerField()
    result = ReplayResultOutput(allow_null=True)
    created_at = Instant()
    finished_at = Instant(allow_null=True)


REPLAY = ReplayOutput()
ASSIGNMENT_OF_LEAD = AssignmentOfLeadOutput()
CONTACT = ContactOutput()
LEAD = LeadOutput()
OFFER = OfferOutput()
ASSIGNMENT = AssignmentOutput()
OPEN_LEAD = OpenLeadOutput()
EVENT = EventOutput()
FEED_EVENT = FeedEventOutput()
POLICY = PolicyOutput()
