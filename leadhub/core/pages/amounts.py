"""Amounts of money, as people write them."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

AMOUNT_AT_MOST = 40
LARGEST_AMOUNT = Decimal("9999999999.99")
CENTS = 2
GROUP = 3
# What people write around an amount: currencies, spaces, "12.500,-" and Swiss 12'500.
AROUND = re.compile(
    r"[\s\u00a0\u202f'\u2019]|€|\$|£|EUR|CHF|USD|GBP|Fr\.?|[,.][-\u2013\u2014]+$", re.IGNORECASE
)
AMOUNT = re.compile(r"[0-9][0-9.,]*")


def parse_amount(text: str) -> Decimal:
    """Read an amount as Germans or Britons write it: ``12.500,50`` and ``12,500.50`` are the same.

    The last separator is the decimal one when it stands alone and not before three digits, or when
    the other kind stands before it; otherwise separators group thousands.

    :raises ValueError: if it is no amount.
    """
    bare = AROUND.sub("", text)
    if len(bare) > AMOUNT_AT_MOST or not AMOUNT.fullmatch(bare):
        raise ValueError(text)
    last = max(bare.rfind("."), bare.rfind(","))
    if last < 0:
        return Decimal(bare)
    mark, other = bare[last], "," if bare[last] == "." else "."
    whole, fraction = bare[:last], bare[last + 1 :]
    is_decimal = mark not in whole and (other in whole or len(fraction) != GROUP)
    groups = (whole if is_decimal else bare).replace(other, mark).split(mark)
    first, *others = groups
    is_grouped = all(len(group) == GROUP for group in others)
    is_odd = others and (len(first) > GROUP or first.startswith("0"))
    if is_odd or not is_grouped or (is_decimal and len(fraction) > CENTS):
        raise ValueError(text)
    return Decimal(f"{''.join(groups)}.{fraction or 0}" if is_decimal else "".join(groups))


class AmountField(forms.Field):
    """An amount of money, written in whichever way."""

    default_error_messages = {
        "invalid": _("Write the amount in figures, such as 12,500 or 12.500,00."),
        "too_small": _("Write an amount above zero."),
    }

    def to_python(self, value: Any) -> Any:
        """Read the amount; nothing is ``None``."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            amount = parse_amount(text)
        except (ValueError, InvalidOperation) as error:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid") from error
        if amount <= 0:
            raise forms.ValidationError(self.error_messages["too_small"], "too_small")
        return amount


def amount_field(label: Any) -> AmountField:
    """Make a field for an amount that may be left empty."""
    return AmountField(
        label=label,
        required=False,
        validators=[MaxValueValidator(LARGEST_AMOUNT)],
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
