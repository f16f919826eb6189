"""Phone numbers: is this one, and how is it written so that any phone can dial it."""

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult


def normalise_phone(sent: str, country: str) -> str | None:
    """Write a phone number in E.164, or tell with ``None`` that no phone can have it.

    :param country: whose national numbers may come without an international prefix.
    """
    try:
        number = phonenumbers.parse(sent, country)
    except phonenumbers.NumberParseException:
        return None
    # A number that can be dialled only from next door is of no use to anybody else.
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    written: str = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return written


def group_digits(number: str) -> str:
    """Write a number in E.164 as people read it: ``+49 89 1234567``; anything else stays as is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    written: str = phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    return written
