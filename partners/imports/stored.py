"""How an import keeps reasons and details in its rows, and reads them back."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext

from leadhub.core.errors import InvalidInput
from partners.imports.cells import LEVEL
from partners.imports.fields import FIELDS
from partners.network import CertificationDetails, PartnerDetails, entered

Packed = dict[str, Any]


def pack_reason(reason: InvalidInput) -> Packed:
    """Write a reason so that it can be said in whatever language it is read in."""
    params = {
        name: value if isinstance(value, int | float) else str(value)
        for name, value in reason.params.items()
    }
    return {"field": reason.field, "text": reason.text, "params": params}


def say_reason(packed: Mapping[str, Any]) -> str:
    """Say a reason in the reader's language, beginning with the field it is about."""
    text, params = packed["text"], packed["params"]
    words = gettext(text) % params if params else gettext(text)
    name = packed["field"].partition(".")[0]
    field = FIELDS.get(LEVEL if name == "certifications" else name)
    return f"{field.label}: {words}" if field else words


def say_reasons(packed: Iterable[Mapping[str, Any]], *, between: str = " ") -> str:
    """Say all reasons of a row."""
    return between.join(map(say_reason, packed))


def pack_details(details: PartnerDetails) -> Packed:
    """Write a partner's details so that the same ones are the same."""
    plain = entered(details)
    for held in plain["certifications"]:
        held["valid_until"] = held["valid_until"] and held["valid_until"].isoformat()
    return plain


def unpack_details(packed: Mapping[str, Any]) -> PartnerDetails:
    """Read back what ``pack_details`` wrote."""
    held = [
        CertificationDetails(
            one["level"],
            one["product_line"],
            date.fromisoformat(one["valid_until"]) if one["valid_until"] else None,
        )
        for one in packed["certifications"]
    ]
    return PartnerDetails(**{**packed, "certifications": held})
