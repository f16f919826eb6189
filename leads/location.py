"""Where a held lead is: looked up once more, or put right by hand."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_noop

from leadhub.core.countries import COUNTRIES
from leadhub.core.errors import InvalidInput
from leadhub.core.geo import Place, find_place, normalise_postal_code
from leads.models import Lead

LOCATION_FIELDS = ("country", "postal_code", "city", "region", "latitude", "longitude")


class Correction(NamedTuple):
    """Where somebody says that a lead is; without a town, it is that of the postal code."""

    country: str
    postal_code: str
    city: str = ""


def look_up_place(lead: Lead) -> None:
    """Find a lead that is nowhere yet; one whose postal code stays unknown is left as it is."""
    place = find_place(lead.country, lead.postal_code) if lead.latitude is None else None
    if place is not None:
        _put(lead, place, city=lead.city)


def correct_place(lead: Lead, correction: Correction) -> dict[str, Any]:
    """Put a lead where somebody says it is; one that has not moved keeps its coordinates.

    :returns: what the log keeps of the change: codes before and after, nothing that was typed.
    :raises InvalidInput: if the country or the postal code is unknown.
    """
    code = normalise_postal_code(correction.postal_code)
    before = {"country": lead.country, "postal_code": lead.postal_code}
    after = {"country": correction.country, "postal_code": code}
    if before == after and lead.latitude is not None:
        lead.city = correction.city or lead.city
        return {}
    place = _known_place(correction.country, code)
    city = "" if _is_town_of_code(lead, correction.city) else correction.city
    lead.country, lead.postal_code = correction.country, code
    _put(lead, place, city=city)
    return {} if before == after else {"before": before, "after": after}


def _known_place(country: str, code: str) -> Place:
    if country not in COUNTRIES:
        raise InvalidInput(
            field="country", message=gettext_noop("There is no such country."), code="unknown"
        )
    if not code:
        raise InvalidInput(
            field="postal_code", message=gettext_noop("Give the postal code."), code="required"
        )
    place = find_place(country, code)
    if place is None:
        raise InvalidInput(
            field="postal_code",
            message=gettext_noop(
                "The postal code “%(code)s” is not known in this country. "
                "Correct it or choose another country."
            ),
            params={"code": code},
            code="unknown",
        )
    return place


def _is_town_of_code(lead: Lead, city: str) -> bool:
    """Tell whether a town is merely the one that came with the postal code before."""
    if city != lead.city:
        return False
    place = find_place(lead.country, lead.postal_code)
    return place is not None and place.name == city


def _put(lead: Lead, place: Place, *, city: str) -> None:
    lead.latitude, lead.longitude = place.latitude, place.longitude
    lead.region, lead.city = place.region, city or place.name
