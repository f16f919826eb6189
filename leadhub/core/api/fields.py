"""What may stand in bodies and queries: strict values, each refused with its field's name.

A value has the type that JSON gives it: ``"12"`` is no number and ``1`` is no truth. An empty
string and ``null`` are absent. Serializers of input and output keep no state, so that one instance
of each, made once, serves every request.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from math import isfinite
from operator import attrgetter
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.validators import (
    EmailValidator,
    MaxLengthValidator,
    MinLengthValidator,
    ProhibitNullCharactersValidator,
    RegexValidator,
)
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from leadhub.core.countries import COUNTRIES
from leadhub.core.geo import normalise_postal_code

LARGEST_INTEGER = 2_147_483_647
LONGEST_POSTAL_CODE = 12
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
CURRENCY = re.compile(r"^[A-Z]{3}\Z")
CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}\Z")


def is_absent(value: object) -> bool:
    """Tell whether a value says nothing: ``null``, or a string without a visible character."""
    return value is None or (isinstance(value, str) and not value.strip())


class Input(serializers.Serializer[Any]):
    """A body or a query; what it does not know it ignores, for senders add fields of their own."""

    def get_fields(self) -> "dict[str, serializers.Field[Any, Any, Any, Any]]":
        """Declare that what may be left out of a body may be ``null`` as well, or an empty text."""
        fields: dict[str, serializers.Field[Any, Any, Any, Any]] = super().get_fields()
        for field in fields.values():
            if not field.required and not isinstance(self, Query):
                field.allow_null = True
                if isinstance(field, Text) and field.may_be_any:
                    field.allow_blank = True
        return fields

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Check the fields that are there.

        What was left out, and may be, is passed over at once: the framework raises an exception
        for each such field, and most bodies leave out most fields.
        """
        if not isinstance(data, Mapping):
            unfit: dict[str, Any] = super().to_internal_value(data)  # refuses it
            return unfit
        checked: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, field in self._named:
            value = data.get(name)
            if is_absent(value):
                if not field.required and field.default is empty:
                    continue
                value = empty
            try:
                checked[name] = field.run_validation(value)
            except serializers.ValidationError as wrong:
                errors[name] = wrong.detail
        if errors:
            raise serializers.ValidationError(errors)
        return checked

    @cached_property
    def _named(self) -> "list[tuple[str, serializers.Field[Any, Any, Any, Any]]]":
        return list(self.fields.items())


class Query(Input):
    """A query: parameters that may be left out, and are never ``null``."""


class Output(serializers.Serializer[Any]):
    """The shape of an answer."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Show each field.

        Plain attributes are read as such; whatever is not that plain is left to the framework.
        """
        shown: dict[str, Any] = {}
        for name, read, field in self._shown:
            try:
                value = read(instance)
            except (AttributeError, ObjectDoesNotExist):
                value = field.get_attribute(instance)
            else:
                value = field.get_attribute(instance) if callable(value) else value
            shown[name] = None if value is None else field.to_representation(value)
        return shown

    @cached_property
    def _shown(
        self,
    ) -> "list[tuple[str, Callable[[Any], Any], serializers.Field[Any, Any, Any, Any]]]":
        return [
            (name, attrgetter(".".join(attributes)) if attributes else _itself, field)
            for name, field in self.fields.items()
            for attributes in [field.source_attrs]
        ]


# What the framework asks of each text.
_OF_EACH_TEXT = (
    MaxLengthValidator,
    MinLengthValidator,
    ProhibitNullCharactersValidator,
    ProhibitSurrogateCharactersValidator,
)


def _itself(instance: Any) -> Any:
    return instance


class Text(serializers.CharField):
    """A string, without the spaces around it."""

    def run_validation(self, data: Any = empty) -> Any:
        """Check a string.

        Of printable characters it has none that is forbidden; if its length is right as well, no
        validator need be asked. Whatever else it is goes the way of the framework.
        """
        is_plain = type(data) is str and data.isprintable() and not is_absent(data)
        if is_plain and self._is_of_length_alone:
            value = self.to_internal_value(data)
            if (self.min_length or 0) <= len(value) <= (self.max_length or len(value)):
                return value
        return super().run_validation(data)

    @property
    def may_be_any(self) -> bool:
        """Whether the document names no form for it, which an empty text would lack."""
        has_form = any(isinstance(one, RegexValidator) for one in self.validators)
        return not has_form and not self.min_length

    @cached_property
    def _is_of_length_alone(self) -> bool:
        """Whether nothing but length and forbidden characters is checked of the value."""
        return all(isinstance(validator, _OF_EACH_TEXT) for validator in self.validators)

    def to_internal_value(self, data: Any) -> str:
        """Take strings only, not numbers that could be written as one."""
        if not isinstance(data, str):
            self.fail("invalid")
        return data.strip()


class Code(Text):
    """A short name for programs: letters, digits, ``.``, ``_`` and ``-``."""

    def __init__(self, **options: Any) -> None:
        message = "Use 1 to 60 letters, digits, dots, dashes and underscores."
        validators = [RegexValidator(CODE, message, "malformed")]
        super().__init__(validators=validators, **options)


class Country(Text):
    """An ISO 3166-1 alpha-2 code."""

    default_error_messages = {
        "unknown": "Name the country by its two capital letters (ISO 3166-1 alpha-2), such as DE."
    }

    def to_internal_value(self, data: Any) -> str:
        """Know the country."""
        text = super().to_internal_value(data)
        if text not in COUNTRIES:
            self.fail("unknown")
        return text


class Currency(Text):
    """An ISO 4217 code, by its form."""

    def __init__(self, **options: Any) -> None:
        message = "Three capital letters, such as EUR."
        super().__init__(validators=[RegexValidator(CURRENCY, message, "malformed")], **options)


class PostalCode(Text):
    """A postal code, written as places are stored."""

    default_error_messages = {"too_long": f"At most {LONGEST_POSTAL_CODE} characters, please."}

    def to_internal_value(self, data: Any) -> str:
        """Write it in capitals and without spaces."""
        code = normalise_postal_code(super().to_internal_value(data))
        if len(code) > LONGEST_POSTAL_CODE:
            self.fail("too_long")
        return code


class Email(Text):
    """An address that stays short enough in lower case; whether it is one, the domain decides."""

    default_error_messages = {"too_long": "At most 254 characters, please."}

    def to_internal_value(self, data: Any) -> str:
        """Check the length as it is stored."""
        text = super().to_internal_value(data)
        if max(len(text), len(text.lower())) > 254:  # noqa: PLR2004 - RFC 5321
            self.fail("too_long")
        return text


class EmailAddress(Email):
    """An e-mail address, by its form."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validators=[EmailValidator(code="malformed")], **options)


class Truth(serializers.BooleanField):
    """``true`` or ``false``."""

    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        """Take nothing that merely resembles a truth value."""
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Integer(serializers.IntegerField):
    """A whole number that the database can hold."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_value", LARGEST_INTEGER)
        options.setdefault("min_value", 0)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        """Take whole numbers only."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class Number(serializers.FloatField):
    """A finite number."""

    def to_internal_value(self, data: Any) -> float:
        """Take numbers only."""
        if isinstance(data, bool) or not isinstance(data, (int, float)) or not isfinite(data):
            self.fail("invalid")
        return float(data)


class Degrees(Number):
    """A latitude or longitude, to the tenth of a millimetre.

    What is smaller is no place of its own, and so small a number that its square is zero is none
    with which the database calculates.
    """

    def to_internal_value(self, data: Any) -> float:
        """Leave out what nobody can measure."""
        return round(super().to_internal_value(data), 9)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": r"^\d{1,10}(\.\d{1,2})?$"},
            {"type": "number", "minimum": 0, "maximum": 9999999999.99},
        ]
    }
)
class Money(serializers.DecimalField):
    """An amount from 0, with two decimals, as a string or a number."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, min_value=Decimal(0), **options)

    def to_internal_value(self, data: Any) -> Decimal:
        """Take strings and numbers; minus nothing is nothing."""
        if isinstance(data, bool) or not isinstance(data, (str, int, float)):
            self.fail("invalid")
        return super().to_internal_value(data) + 0


@extend_schema_field(OpenApiTypes.DATETIME)
class Instant(serializers.DateTimeField):
    """An instant with its offset from UTC, in a year that people live in."""

    default_error_messages = {
        "invalid": "An instant in ISO 8601 with its time zone, such as 2026-03-02T08:00:00Z.",
        "out_of_range": "Must lie between the years 1900 and 2200.",
    }

    def to_internal_value(self, data: Any) -> datetime:
        """Read it and turn it into UTC."""
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            instant = datetime.fromisoformat(data.strip())
            if instant.tzinfo is None:
                self.fail("invalid")
            instant = instant.astimezone(UTC)
        except ValueError:
            self.fail("invalid")
        except OverflowError:
            self.fail("out_of_range")
        if not EARLIEST <= instant <= LATEST:
            self.fail("out_of_range")
        return instant

    def to_representation(self, value: Any) -> Any:
        """Leave the writing to the renderer."""
        return value


class Day(serializers.DateField):
    """A calendar day, ``2026-12-31``."""

    def to_internal_value(self, data: Any) -> date:
        """Take strings only."""
        if not isinstance(data, str):
            self.fail("invalid", format="YYYY-MM-DD")
        day: date = super().to_internal_value(data.strip())
        return day


class Choice(serializers.ChoiceField):
    """One of a few words."""

    default_error_messages = {"invalid_choice": "Choose one of {known}."}

    def to_internal_value(self, data: Any) -> str:
        """Know the word."""
        word = data.strip() if isinstance(data, str) else data
        if not isinstance(word, str) or word not in self.choices:
            self.fail("invalid_choice", known=", ".join(self.choices))
        return word


class Identifier(serializers.UUIDField):
    """The id of something."""

    default_error_messages = {"invalid": "Must be an id as this interface gives them."}

    def to_internal_value(self, data: Any) -> Any:
        """Take ids as they are written in answers."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data.strip())
