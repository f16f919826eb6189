"""What calls of figures and history take, and what they answer."""

from datetime import date, datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kpis.calculations import Amount, Duration, Ratio, Row
from kpis.definitions import (
    AMOUNTS,
    CATALOGUE,
    DURATIONS,
    RATIOS,
    BetterIs,
    Dimension,
    DurationFigure,
    MoneyFigure,
    RatioFigure,
    Unit,
)
from kpis.selectors import WALL, WORKING, Figures, Filters, Period


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


class FiguresQuery(serializers.Serializer[Any]):
    """Which figures are asked for."""

    to = MomentField(help_text="First moment after the period: a date or an instant.")
    group_by = DimensionsField(
        required=False,
        default=tuple,
        help_text="Up to two of " + ", ".join(Dimension) + ", separated by commas.",
    )
    partner = serializers.UUIDField(required=False)
    product_line = serializers.CharField(required=False, max_length=60)
    source = serializers.CharField(required=False, max_length=60)  # type: ignore[assignment]
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
            product_line=self.validated_data.get("product_line"),
            source=self.validated_data.get("source"),
        )


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


class AmountAnswer(serializers.Serializer[Any]):
    """Money; ``not_counted`` are wins without a value or in another currency."""

    count = serializers.IntegerField()
    value = serializers.DecimalField(max_digits=20, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    not_counted = serializers.IntegerField()


class _GroupAnswer(serializers.Serializer[Any]):
    group = serializers.DictField(child=serializers.CharField(allow_null=True))
    picks = serializers.IntegerField()


RowAnswer = type(
    "RowAnswer",
    (_GroupAnswer,),
    {
        "__doc__": "All figures of one group.",
        **{figure.code: DurationAnswer() for figure in DURATIONS},
        **{figure.code: RatioAnswer() for figure in RATIOS},
        **{figure.code: AmountAnswer() for figure in AMOUNTS},
    },
)


class FiguresAnswer(serializers.Serializer[Any]):
    """The figures of a period, for each group and over all."""

    to = serializers.DateTimeField()
    clock = serializers.CharField()
    group_by = serializers.ListField(child=serializers.ChoiceField(choices=list(Dimension)))
    rows = RowAnswer(many=True)
    total = RowAnswer()

    def get_fields(self) -> dict[str, Any]:
        """Add the one whose name is a keyword."""
        return {"from": serializers.DateTimeField(), **super().get_fields()}


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


def write_figures(figures: Figures) -> dict[str, Any]:
    """Write figures as the API answers them."""
    return {
        "from": figures.starts_at,
        "to": figures.ends_at,
        "clock": figures.clock,
        "group_by": [dimension.value for dimension in figures.group_by],
        "rows": [write_row(row) for row in figures.rows],
        "total": write_row(figures.total),
    }


def write_row(row: Row) -> dict[str, Any]:
    """Write the figures of one group."""
    return {
        "group": {dimension.value: name for dimension, name in row.group.items()},
        "picks": row.picks,
        **{code: _write(of, DURATIONS[0].aggregates) for code, of in row.durations.items()},
        **{code: _write(of, RATIOS[0].aggregates) for code, of in row.ratios.items()},
        **{code: _write(of, AMOUNTS[0].aggregates) for code, of in row.amounts.items()},
    }


def _write(figure: Duration | Ratio | Amount, aggregates: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(figure, name) for name in aggregates}


def write_catalogue() -> dict[str, Any]:
    """Write every definition."""
    return {
        "next": None,
        "previous": None,
        "results": [
            {
                "code": figure.code,
                "label": figure.label.en,
                "label_de": figure.label.de,
                "formula": figure.formula.en,
                "formula_de": figure.formula.de,
                "unit": figure.unit,
                "better_is": figure.better_is,
                "default_target": _default_target(figure),
                "aggregates": figure.aggregates,
            }
            for figure in CATALOGUE
        ],
    }


def _default_target(figure: DurationFigure | RatioFigure | MoneyFigure) -> float | None:
    if isinstance(figure, MoneyFigure):
        return None
    if isinstance(figure, DurationFigure):
        return int(figure.default_target.total_seconds()) if figure.default_target else None
    return figure.default_target
