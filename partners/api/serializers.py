"""What callers send and are answered about partners, product lines and levels."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from leadhub.core.api.fields import (
    Choice,
    Code,
    Country,
    Day,
    Degrees,
    EmailAddress,
    Identifier,
    Input,
    Instant,
    Integer,
    Number,
    Output,
    PostalCode,
    Text,
)
from leadhub.core.working_time import clocks_of, parse_spans
from partners.keys import LONGEST_OVERLAP
from partners.roles import KINDS, scopes_of

SCOPES = sorted({scope for kind in KINDS for scope in scopes_of(kind)})
STATUSES = ("ACTIVE", "PAUSED", "LEFT")
LANGUAGES = ("de", "en")
ROUND_THE_EARTH_KM = 20_038


class CapsInput(Input):
    """How much a partner takes; what is absent is no cap."""

    open = Integer(required=False, min_value=0)
    per_day = Integer(required=False, min_value=0)
    per_week = Integer(required=False, min_value=0)
    per_month = Integer(required=False, min_value=0)


class CertificationInput(Input):
    """A level held, for one product line or for all, until a day or without end."""

    level = Code()
    product_line = Code(required=False)
    valid_until = Day(required=False, help_text="The last day.")


class ChangePartnerInput(Input):
    """What is to change; ``null`` clears a field, what is not named stays."""

    name = Text(required=False, max_length=200)
    email = EmailAddress(required=False, max_length=254)
    phone = Text(required=False, max_length=60)
    language = Choice(LANGUAGES, required=False)
    country = Country(required=False, min_length=2, max_length=2)
    postal_code = PostalCode(required=False, max_length=20)
    city = Text(required=False, max_length=120)
    street = Text(required=False, max_length=200)
    latitude = Degrees(required=False, min_value=-90, max_value=90)
    longitude = Degrees(required=False, min_value=-180, max_value=180)
    radius_km = Number(required=False, min_value=0.1, max_value=ROUND_THE_EARTH_KM)
    postal_code_areas = serializers.ListField(
        child=Text(max_length=25), required=False, max_length=500
    )
    regions = serializers.ListField(child=Text(max_length=6), required=False, max_length=200)
    product_lines = serializers.ListField(child=Code(), required=False, max_length=100)
    certifications = serializers.ListField(
        child=CertificationInput(), required=False, max_length=200
    )
    caps = CapsInput(required=False)
    weight = Integer(required=False, max_value=100)
    status = Choice(STATUSES, required=False)


class PartnerInput(ChangePartnerInput):
    """A whole partner; without coordinates the postal code's centre is taken."""

    name = Text(max_length=200)
    country = Country(min_length=2, max_length=2)


class NewPartnerInput(PartnerInput):
    """A new partner, with the number that the manufacturer knows it by."""

    external_id = Text(max_length=120)


class ProductLineInput(Input):
    """What a product line is called."""

    name = Text(max_length=120)


class LevelInput(Input):
    """What a level is called, and its rank: the higher, the better qualified."""

    name = Text(max_length=120)
    rank = Integer(min_value=-1_000, max_value=1_000)


class KeyInput(Input):
    """What a key is called in lists."""

    name = Text(max_length=120)


class NewKeyInput(KeyInput):
    """A key to make; without scopes it gets those of the key that asks, without an end it has none.

    With ``partner`` it acts as this partner, with the scopes of partners' keys.
    """

    partner = Identifier(required=False)
    scopes = serializers.ListField(child=Choice(SCOPES), required=False, max_length=len(SCOPES))
    expires_at = Instant(required=False)


class RotateKeyInput(Input):
    """How long the key stays valid beside its successor, in seconds; seven days unless said."""

    overlap = Integer(required=False, max_value=int(LONGEST_OVERLAP.total_seconds()))


class CapsOutput(Output):
    """How much a partner takes; null is no cap."""

    open = serializers.IntegerField(source="cap_open", allow_null=True)
    per_day = serializers.IntegerField(source="cap_per_day", allow_null=True)
    per_week = serializers.IntegerField(source="cap_per_week", allow_null=True)
    per_month = serializers.IntegerField(source="cap_per_month", allow_null=True)


class CertificationOutput(Output):
    """A level held."""

    level = serializers.CharField(source="level.code")
    product_line = serializers.CharField(source="product_line.code", default=None, allow_null=True)
    valid_until = serializers.DateField(allow_null=True)


class OpenSpanOutput(Output):
    """From when to when a business is open on a day; 24:00 is the end of the day."""

    opens = serializers.CharField(help_text="Such as 07:00, in the manufacturer's time zone.")
    closes = serializers.CharField()


class PartnerOutput(Output):
    """A whole partner."""

    id = serializers.UUIDField()
    external_id = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    language = serializers.CharField()
    country = serializers.CharField()
    postal_code = serializers.CharField()
    city = serializers.CharField()
    street = serializers.CharField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    radius_km = serializers.SerializerMethodField()
    postal_code_areas = serializers.SerializerMethodField()
    regions = serializers.SerializerMethodField()
    product_lines = serializers.ListField(
        child=serializers.CharField(), source="product_line_codes"
    )
    certifications = serializers.ListField(child=CertificationOutput(), source="certifications.all")
    caps = CapsOutput(source="*")
    weight = serializers.IntegerField()
    status = serializers.ChoiceField(STATUSES)
    opening_hours = serializers.SerializerMethodField()
    created_at = Instant()

    @extend_schema_field(
        serializers.ListField(
            child=serializers.ListField(child=OpenSpanOutput()),
            allow_null=True,
            help_text="As the partner states them: seven days, Monday first; null if it has not.",
        )
    )
    def get_opening_hours(self, partner: Any) -> list[list[dict[str, str]]] | None:
        """List the spans of each day."""
        if partner.opening_hours is None:
            return None
        return [
            [dict(zip(("opens", "closes"), clocks_of(span), strict=True)) for span in spans]
            for spans in map(parse_spans, partner.opening_hours)
        ]

    def get_radius_km(self, partner: Any) -> float | None:
        """Find the radius among the areas."""
        radii = (area.radius_km for area in partner.service_areas.all())
        return next((radius for radius in radii if radius is not None), None)

    def get_postal_code_areas(self, partner: Any) -> list[str]:
        """List the prefixes and ranges."""
        return _texts(partner, "POSTAL_CODE")

    def get_regions(self, partner: Any) -> list[str]:
        """List the federal states."""
        return _texts(partner, "REGION")


def _texts(partner: Any, kind: str) -> list[str]:
    return [area.text for area in partner.service_areas.all() if area.kind == kind]


class ProductLineOutput(Output):
    """A product line."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()


class LevelOutput(Output):
    """A certification level."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    rank = serializers.IntegerField()


class KeyOutput(Output):
    """A new key; it cannot be read again, and is null when a repeated request asks for it."""

    key = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    partner = serializers.UUIDField()


class ApiKeyOutput(Output):
    """A key as it may be seen again: its beginning, never its secret."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    partner = serializers.UUIDField(source="partner_id", allow_null=True)
    prefix = serializers.CharField(help_text="How the key begins, after `lh_`.")
    scopes = serializers.ListField(child=serializers.ChoiceField(SCOPES))
    created_at = Instant()
    expires_at = Instant(allow_null=True)
    revoked_at = Instant(allow_null=True)
    last_used_at = Instant(allow_null=True, help_text="To the minute.")


class ShownKeyOutput(ApiKeyOutput):
    """A new key; it cannot be read again, and is null when a repeated request asks for it."""

    key = serializers.CharField(allow_null=True)


PARTNER = PartnerOutput()
API_KEY = ApiKeyOutput()
PRODUCT_LINE = ProductLineOutput()
LEVEL = LevelOutput()
