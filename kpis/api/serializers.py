"""What calls of figures and history take, and what they answer."""

from datetime import date, datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kpis.definitions import BetterIs, Dimension, Unit
from kpis.network_figures import LEAD_COUNTS, LEAD_NUMBERS, LEAD_RATIOS, OFFER_RATIOS
from kpis.periods import Compare, Period
from kpis.pick_figures import AMOUNTS, COUNTS, DURATIONS, RATIOS
from kpis.selectors import WALL, WORKING, Filters
from leads.api.words import TEMPERATURES


@extend_schema_field(OpenApiTypes.STR)
class MomentField(serializers.Field):  # type: ignore[type-arg]
    """A date, or an instant with its time zone."""

    default_error_messages = {
        "invalid": "Write a date such as 2026-03-01 or an instant such as 2026-03-01T00:00:00Z.",
        "no_zone": "An instant needs its time zone: write 2026-03-01T00:00:00Z.",
    }

    def to_internal_value(self, data: str) -> date | datetime:
        """Read the text; a bare date stays a date, for the zone is the manufacturer's."""
        try:
            return date.fromisoformat(data)
        except ValueError:
            pass
        try:
            instant = datetime.fromisoformat(data)
        except ValueError:
            self.fail("invalid")
        if instant.tzinfo is None:
            self.fail("no_zone")
        return instant


@extend_schema_field(OpenApiTypes.STR)
class DimensionsField(serializers.Field):  # type: ignore[type-arg]
    """One or two dimensions, separated by commas."""

    default_error_messages = {"unknown": "Choose from: " + ", ".join(Dimension) + "."}

    def to_internal_value(self, data: str) -> tuple[Dimension, ...]:
        """Read the names."""
        try:
            return tuple(Dimension(name.strip()) for name in data.split(",") if name.strip())
        except ValueError:
            self.fail("unknown")


# Filters that are named in the API as in the domain.
_NAMED = (
    "product_line", "region", "postal_area", "source", "campaign", "temperature", "certification",
)  # fmt: skip


class FiguresQuery(serializers.Serializer[Any]):
    """Which figures are asked for."""

    to = MomentField(help_text="First moment after the period: a date or an instant.")
    group_by = DimensionsField(
        required=False,
        default=tuple,
        help_text="Up to two of " + ", ".join(Dimension) + ", separated by commas.",
    )
    partner = serializers.UUIDField(required=False)
    user = serializers.UUIDField(required=False, help_text="The person who works the leads.")
    product_line = serializers.CharField(required=False, max_length=60)
    region = serializers.CharField(required=False, max_length=6, help_text="ISO 3166-2: DE-BY.")
    postal_area = serializers.CharField(
        required=False,
        max_length=5,
        help_text="Country and first two characters of the postal code: DE-80.",
    )
    source = serializers.CharField(required=False, max_length=60)  # type: ignore[assignment]
    campaign = serializers.CharField(required=False, max_length=60)
    temperature = serializers.ChoiceField(required=False, choices=TEMPERATURES)
    certification = serializers.CharField(
        required=False, max_length=60, help_text="Code of a level: the highest that partners hold."
    )
    compare = serializers.ChoiceField(
        required=False,
        choices=list(Compare),
        help_text="Beside it the same of the period before, or of the same period a year before.",
    )
    include = serializers.ChoiceField(
        required=False,
        choices=["network"],
        help_text="Beside picks: what became of offers and leads, and what leads in hands may "
        "bring. For a manufacturer's key.",
    )
    clock = serializers.ChoiceField(
        choices=[WALL, WORKING],
        default=WALL,
        help_text="In which time durations are counted: around the clock, or in working hours.",
        error_messages={"invalid_choice": "Write wall or working."},
    )

    def get_fields(self) -> dict[str, Any]:
        """Add the one whose name is a keyword."""
        first = MomentField(help_text="First moment of the period: a date or an instant.")
        return {"from": first, **super().get_fields()}

    @property
    def period(self) -> Period:
        """The period asked for."""
        return Period(self.validated_data["from"], self.validated_data["to"])

    @property
    def filters(self) -> Filters:
        """The filters asked for."""
        return Filters(
            partner_id=self.validated_data.get("partner"),
            user_id=self.validated_data.get("user"),
            **{name: self.validated_data.get(name) for name in _NAMED},
        )

    @property
    def compared_with(self) -> Compare | None:
        """With which other period to compare."""
        wanted = self.validated_data.get("compare")
        return Compare(wanted) if wanted else None


class DurationAnswer(serializers.Serializer[Any]):
    """A time figure; whole seconds."""

    count = serializers.IntegerField()
    mean = serializers.IntegerField(allow_null=True)
    median = serializers.IntegerField(allow_null=True)
    p90 = serializers.IntegerField(allow_null=True)
    within_target = serializers.FloatField(allow_null=True)
    target = serializers.IntegerField(allow_null=True)
    open_count = serializers.IntegerField()


class RatioAnswer(serializers.Serializer[Any]):
    """A ratio; ``value`` is null without data."""

    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)
    target = serializers.FloatField(allow_null=True)


class BesideDurationAnswer(serializers.Serializer[Any]):
    """What stands beside a time figure."""

    censored_median = serializers.IntegerField(
        allow_null=True, help_text="The median with those that are still open (Kaplan-Meier)."
    )
    is_few = serializers.BooleanField(help_text="From so few that it is ranked nowhere.")


class BesideRatioAnswer(serializers.Serializer[Any]):
    """What stands beside a ratio."""

    interval = serializers.ListField(
        child=serializers.FloatField(),
        min_length=2,
        max_length=2,
        allow_null=True,
        help_text="Holds what is true 95 of 100 times (Wilson).",
    )
    is_few = serializers.BooleanField(help_text="From so few that it is ranked nowhere.")


class TalliedAnswer(serializers.Serializer[Any]):
    """How often something was done."""

    count = serializers.IntegerField()
    per_pick = serializers.FloatField(allow_null=True)


class AmountAnswer(serializers.Serializer[Any]):
    """Money; ``not_counted`` are wins without a value or in another currency."""

    count = serializers.IntegerField()
    value = serializers.DecimalField(max_digits=20, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    not_counted = serializers.IntegerField()


class _GroupAnswer(serializers.Serializer[Any]):
    group = serializers.DictField(child=serializers.CharField(allow_null=True))
    picks = serializers.IntegerField()


BesideAnswer = type(
    "BesideAnswer",
    (serializers.Serializer,),
    {
        "__doc__": "What stands beside the figures of one group, by their codes.",
        **{figure.code: BesideDurationAnswer() for figure in DURATIONS},
        **{figure.code: BesideRatioAnswer() for figure in RATIOS},
    },
)
RowAnswer = type(
    "RowAnswer",
    (_GroupAnswer,),
    {
        "__doc__": "All figures of one group.",
        **{figure.code: DurationAnswer() for figure in DURATIONS},
        **{figure.code: RatioAnswer() for figure in RATIOS},
        **{figure.code: TalliedAnswer() for figure in COUNTS},
        **{figure.code: AmountAnswer() for figure in AMOUNTS},
        "beside": BesideAnswer(),
    },
)


class _PeriodAnswer(serializers.Serializer[Any]):
    to = serializers.DateTimeField()
    clock = serializers.CharField()
    group_by = serializers.ListField(child=serializers.ChoiceField(choices=list(Dimension)))
    rows = RowAnswer(many=True)
    total = RowAnswer()

    def get_fields(self) -> dict[str, Any]:
        """Add the one whose name is a keyword."""
        return {"from": serializers.DateTimeField(), **super().get_fields()}


class MeasuredAnswer(serializers.Serializer[Any]):
    """A number of leads: whole seconds, or waves."""

    count = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    median = serializers.FloatField(allow_null=True)
    p90 = serializers.FloatField(allow_null=True)
    open_count = serializers.IntegerField()


_GROUP = {"group": serializers.DictField(child=serializers.CharField(allow_null=True))}
_NUMBERS_BY_NAME = serializers.DictField(child=serializers.IntegerField())

OfferRowAnswer = type(
    "OfferRowAnswer",
    (serializers.Serializer,),
    {
        "__doc__": "What became of the offers of one group.",
        **_GROUP,
        "offers": serializers.IntegerField(),
        "acceptance_time_censored_median": serializers.IntegerField(
            allow_null=True, help_text="Of all offers, those not accepted included (Kaplan-Meier)."
        ),
        "decline_reasons": _NUMBERS_BY_NAME,
        **{figure.code: RatioAnswer() for figure in OFFER_RATIOS},
    },
)
LeadRowAnswer = type(
    "LeadRowAnswer",
    (serializers.Serializer,),
    {
        "__doc__": "What became of the leads of one group.",
        **_GROUP,
        **{figure.code: serializers.IntegerField() for figure in LEAD_COUNTS},
        "leads_by_temperature": _NUMBERS_BY_NAME,
        **{figure.code: RatioAnswer() for figure in LEAD_RATIOS},
        **{figure.code: MeasuredAnswer() for figure in LEAD_NUMBERS},
    },
)


class ProspectsAnswer(serializers.Serializer[Any]):
    """What the leads that are in hands today may bring."""

    leads = serializers.IntegerField()
    pipeline_value = serializers.DecimalField(max_digits=20, decimal_places=2)
    expected_leads = serializers.IntegerField()
    expected_revenue = serializers.DecimalField(max_digits=20, decimal_places=2)
    by_month = serializers.ListField(
        child=serializers.DictField(), help_text="`month` (null if none is named), `value`."
    )
    currency = serializers.CharField()


class PartnerProspectsAnswer(ProspectsAnswer):
    """The same of one partner."""

    partner = serializers.UUIDField()


class NetworkAnswer(serializers.Serializer[Any]):
    """What a network makes of what it is sent.

    Leads have no rows for partner, user and certification, offers none for user.
    """

    offer_rows = OfferRowAnswer(many=True)
    offers = OfferRowAnswer()
    lead_rows = LeadRowAnswer(many=True)
    leads = LeadRowAnswer()
    penetration = RatioAnswer()
    prospect_rows = PartnerProspectsAnswer(many=True)
    prospects = ProspectsAnswer()


class ComparedAnswer(_PeriodAnswer):
    """The same figures of another period."""


class FiguresAnswer(_PeriodAnswer):
    """The figures of a period, for each group and over all."""

    compared = ComparedAnswer(
        required=False, help_text="With `compare` only: the figures of the other period."
    )
    network = NetworkAnswer(required=False, help_text="With `include=network` only.")


class DefinitionAnswer(serializers.Serializer[Any]):
    """One figure: what it is called, how it is computed, what is good."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    label_de = serializers.CharField()
    formula = serializers.CharField()
    formula_de = serializers.CharField()
    unit = serializers.ChoiceField(choices=list(Unit))
    better_is = serializers.ChoiceField(choices=list(BetterIs))
    default_target = serializers.FloatField(allow_null=True)
    aggregates = serializers.ListField(child=serializers.CharField())
    beside = serializers.ListField(child=serializers.CharField())


class CatalogueAnswer(serializers.Serializer[Any]):
    """Every figure there is, on one page."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = DefinitionAnswer(many=True)


class HistoryRow(serializers.Serializer[Any]):
    """One past lead; absent and blank are the same. Instants are ISO 8601 with a time zone."""

    external_id = serializers.CharField()
    partner_external_id = serializers.CharField(required=False)
    product_line = serializers.CharField()
    country = serializers.CharField()
    postal_code = serializers.CharField(required=False)
    source = serializers.CharField(required=False)  # type: ignore[assignment]
    temperature = serializers.CharField(required=False)
    received_at = serializers.CharField()
    offered_at = serializers.CharField(required=False)
    accepted_at = serializers.CharField(required=False)
    contacted_at = serializers.CharField(required=False)
    first_feedback_at = serializers.CharField(required=False)
    closed_at = serializers.CharField(required=False)
    outcome = serializers.CharField(required=False)
    value = serializers.CharField(required=False)


class HistoryAnswer(serializers.Serializer[Any]):
    """What became of the rows; ``refused`` has one ``line N: reason`` for each refused row."""

    stored = serializers.IntegerField()
    known = serializers.IntegerField()
    refused = serializers.ListField(child=serializers.CharField())
