"""What callers may send about leads, offers, assignments and policies."""

from typing import Any

from rest_framework import serializers

from leadhub.core.api.fields import (
    Choice,
    Code,
    Country,
    Currency,
    Degrees,
    Email,
    Identifier,
    Input,
    Instant,
    Integer,
    Money,
    Number,
    PostalCode,
    Query,
    Text,
    Truth,
)
from leads.api import words
from leads.intake import Consent, Contact, NewLead

LINES_AT_MOST = 20
LONGEST_WINDOW = 10 * 365 * 86_400
ROUND_THE_EARTH_KM = 20_038


class ContactInput(Input):
    """Who the customer is; ``email`` or ``phone`` is needed."""

    first_name = Text(required=False, max_length=120)
    last_name = Text(required=False, max_length=120)
    company = Text(required=False, max_length=200)
    email = Email(required=False, max_length=254)
    phone = Text(required=False, max_length=60)
    street = Text(required=False, max_length=200)
    language = Text(required=False, max_length=8)


class ConsentInput(Input):
    """What the customer agreed to."""

    text_version = Text(max_length=60)
    given_at = Instant()
    source = Text(max_length=120)  # type: ignore[assignment]


class LeadInput(Input):
    """A new lead, with a ``postal_code`` or both coordinates, and a way to reach the customer.

    An empty string or ``null`` is as good as a field left out; unknown fields are ignored.
    """

    external_id = Text(max_length=120)
    source = Text(max_length=60)  # type: ignore[assignment]
    campaign = Text(required=False, max_length=60)
    temperature = Choice(words.TEMPERATURES, required=False, help_text="WARM unless said otherwise")
    evidence = Text(required=False, max_length=500)
    product_lines = serializers.ListField(
        child=Text(max_length=60), allow_empty=False, max_length=LINES_AT_MOST
    )
    required_certification = Text(required=False, max_length=60)
    contact = ContactInput()
    country = Country(min_length=2, max_length=2)
    postal_code = PostalCode(required=False, max_length=20)
    city = Text(required=False, max_length=120)
    latitude = Degrees(required=False, min_value=-90, max_value=90)
    longitude = Degrees(required=False, min_value=-180, max_value=180)
    wish = Text(required=False, max_length=10_000)
    wish_summary = Text(required=False, max_length=500)
    expected_value = Money(required=False)
    currency = Currency(required=False)
    is_test = Truth(required=False)
    consent = ConsentInput(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse half a pair of coordinates."""
        pair = ("latitude", "longitude")
        missing = [name for name in pair if name not in attrs]
        if len(missing) == 1:
            raise serializers.ValidationError(
                {missing[0]: "Give both coordinates or none."}, "required"
            )
        return attrs


def new_lead(sent: dict[str, Any]) -> NewLead:
    """Make what intake takes of a checked body."""
    fields = {**sent, "contact": Contact(**sent["contact"])}
    if "consent" in sent:
        fields["consent"] = Consent(**sent["consent"])
    return NewLead(**fields)


class BulkInput(Input):
    """Several leads at once."""

    leads = serializers.ListField(child=LeadInput(), min_length=1, max_length=1_000)


class LeadQuery(Query):
    """How the list of leads may be narrowed."""

    status = Choice(words.LEAD_STATUSES, required=False)
    product_line = Text(required=False, max_length=60, help_text="Code of a line asked for.")
    partner = Identifier(required=False, help_text="Who holds the lead, or held it at the end.")
    source = Text(required=False, max_length=60)  # type: ignore[assignment]
    temperature = Choice(words.TEMPERATURES, required=False)
    country = Country(required=False, min_length=2, max_length=2)
    postal_code = PostalCode(required=False, max_length=20)
    external_id = Text(required=False, max_length=120)
    received_after = Instant(required=False, help_text="This instant included.")
    received_before = Instant(required=False, help_text="This instant excluded.")
    q = Text(
        required=False,
        max_length=120,
        help_text="Words to find in the number, the place or the contact; the first five count, a "
        "word of one or two letters where a word begins. Looked through are the newest 2,000 leads "
        "found. For the manufacturer's keys.",
    )


class OfferQuery(Query):
    """How the list of offers may be narrowed."""

    status = Choice(words.OFFER_STATUSES, required=False)


class AssignInput(Input):
    """Who gets the lead."""

    partner = Identifier()


class ExtendInput(Input):
    """The new deadline."""

    respond_by = Instant()


class MergeInput(Input):
    """The lead that goes on for the held one and itself."""

    into = Identifier()


class VerdictInput(Input):
    """Whether a return was the lead's fault."""

    lead_at_fault = Truth()


class CloseInput(Input):
    """What became of the lead: ``value`` goes with WON, ``reason`` with LOST."""

    outcome = Choice(words.CLOSINGS)
    value = Money(required=False)
    reason = Choice(words.LOST_REASONS, required=False)


class DeclineInput(Input):
    """Why a partner does not want a lead."""

    reason = Choice(words.DECLINE_REASONS)
    note = Text(required=False, max_length=500)


class ContactAttemptInput(Input):
    """An attempt to reach the customer; ``at`` is now unless said otherwise."""

    reached = Truth()
    at = Instant(required=False)


class FeedbackInput(Input):
    """One report: ``value`` is needed with WON, ``reason`` with LOST."""

    status = Choice(words.FEEDBACK_STATUSES)
    note = Text(required=False, max_length=2_000)
    value = Money(required=False)
    reason = Choice(words.LOST_REASONS, required=False)
    as_described = Truth(required=False)


class HandOverInput(Input):
    """To whom a lead goes: a person who works for the partner."""

    user = Identifier()


class ReturnInput(Input):
    """Why a partner gives a lead back."""

    reason = Choice(words.RETURN_REASONS)


class WaveInput(Input):
    """One round of offers; windows in seconds."""

    partners = Integer(min_value=1, max_value=1_000)
    response_window = Integer(min_value=1, max_value=LONGEST_WINDOW)
    radius_km = Number(required=False, min_value=0, max_value=ROUND_THE_EARTH_KM)
    head_start = Integer(required=False, max_value=LONGEST_WINDOW)


class PolicyInput(Input):
    """A new version of a policy; durations in seconds."""

    name = Text(max_length=120)
    is_default = Truth(required=False, help_text="Holds where no other policy does.")
    product_line = Code(required=False, help_text="Code of the line it is for.")
    source = Text(required=False, max_length=60)  # type: ignore[assignment]
    waves = serializers.ListField(child=WaveInput(), allow_empty=False, max_length=50)
    strategy = Choice(words.STRATEGIES, required=False)
    weights = serializers.DictField(child=Number(min_value=0, max_value=1_000), required=False)
    any_product_line = Truth(required=False, help_text="One of the lines asked for is enough.")
    clock = Choice(words.CLOCKS, required=False)
    late_answers = Truth(required=False)
    max_overdue_feedback = Integer(required=False, max_value=32_767)
    contact_window = Integer(required=False, min_value=1, max_value=LONGEST_WINDOW)
    take_back = Truth(
        required=False,
        help_text="Leads that nobody called in spite of reminders go back and to other partners.",
    )
    feedback_due = serializers.ListField(
        child=Integer(min_value=1, max_value=LONGEST_WINDOW),
        required=False,
        allow_empty=False,
        max_length=20,
    )
    feedback_repeat = Integer(required=False, min_value=1, max_value=LONGEST_WINDOW)
    draft = Truth(required=False, help_text="Store it without using it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Let the default hold for everything, and nothing else."""
        is_narrow = "product_line" in attrs or "source" in attrs
        if attrs.get("is_default", False) == is_narrow:
            raise serializers.ValidationError(
                {"is_default": "Either true, or name a product_line or a source."}, "contradictory"
            )
        return attrs


class DraftInput(PolicyInput):
    """A draft as it is to be: what is left out is as in a new policy, but what it is for stays."""

    draft = Truth(required=False, help_text="Publishing a draft is a call of its own.")
    created_at = Instant(
        required=False, help_text="As it was read: a draft that was changed since is left alone."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Keep it a draft."""
        if attrs.get("draft") is False:
            raise serializers.ValidationError(
                {"draft": "To publish a draft, call its `publish/`."}, "contradictory"
            )
        return attrs


class SimulateInput(PolicyInput):
    """A policy to be tried out on past leads: one that is stored, or the rules of a new draft."""

    policy = Identifier(required=False, help_text="A draft or any other version, instead of rules.")
    against = Identifier(
        required=False, help_text="What it is set against; the policies that hold if absent."
    )
    leads = Integer(
        required=False, min_value=1, max_value=10_000, help_text="How many; 1,000 if absent."
    )
    name = Text(required=False, max_length=120)
    waves = serializers.ListField(
        child=WaveInput(), required=False, allow_empty=False, max_length=50
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take either a policy or rules."""
        if "policy" in attrs:
            if attrs.keys() - {"policy", "against", "leads"}:
                raise serializers.ValidationError(
                    {"policy": "Either name a policy, or send the rules of a draft."},
                    "contradictory",
                )
            return attrs
        missing = {"name", "waves"} - attrs.keys()
        if missing:
            raise serializers.ValidationError(
                dict.fromkeys(missing, "Needed, unless a policy is named."), "required"
            )
        return super().validate(attrs)
