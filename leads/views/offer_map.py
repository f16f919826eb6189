"""A small map of an offer: the town of the enquiry and the partner, before anybody has accepted."""

from django.utils.translation import gettext

from leadhub.core.geo import find_place
from leadhub.core.maps import Picture, Sign, draw_map
from leads.models import LeadOffer


def draw_offer(offer: LeadOffer) -> Picture | None:
    """Draw where an offered lead is; nothing where its postal code is unknown.

    It shows the middle of the postal code, never the place that was sent with the lead: before
    acceptance nobody may know in which street the customer lives.

    :param offer: with its lead and its partner.
    """
    lead, partner = offer.lead, offer.partner
    place = find_place(lead.country, lead.postal_code)
    if place is None:
        return None
    signs = [
        Sign(partner.latitude, partner.longitude, "disc", "primary", gettext("you")),
        Sign(place.latitude, place.longitude, "star", "accent", gettext("the enquiry, near here")),
    ]
    return draw_map(signs)
