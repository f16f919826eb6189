"""What a partner's manager changes of the own partner, as far as its manufacturer lets partners.

The manufacturer decides for each kind, and how far a partner may go. What a partner may not change
it still sees. Each change is recorded as anybody's is: by whom, from what to what.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotAllowed, NotVisible
from leadhub.core.tenancy.context import in_tenant_of
from partners.absences import add_absence, end_absence
from partners.models import Absence, Manufacturer, OwnSetting, Partner
from partners.network import PartnerDetails, change_partner, details_of


class NotLeftToPartners(NotAllowed):
    """The manufacturer keeps this in its own hands."""

    code = "not_left_to_partners"
    message = gettext_noop("Your manufacturer sets this. Ask them to change it.")


@in_tenant_of("by")
def own_details(*, by: Actor) -> PartnerDetails:
    """Read the partner that somebody acts for, as it was entered."""
    return details_of(_own(by))


@in_tenant_of("by")
def change_own_area(
    *, radius_km: float | None, postal_code_areas: Sequence[str], by: Actor, at: datetime
) -> Partner:
    """Set around how many kilometres a partner works, and in which postal codes besides.

    :raises NotLeftToPartners: if the manufacturer does not let partners.
    :raises InvalidInput: if it reaches farther than the manufacturer lets it, a postal code is
        none, or nothing would be left.
    """
    manufacturer = _allowing(OwnSetting.AREA, by)
    partner = _own(by)
    if radius_km is not None and not 1 <= radius_km <= manufacturer.own_radius_most:
        raise InvalidInput(
            field="radius_km",
            message=gettext_noop("Choose 1 to %(most)s kilometres."),
            params={"most": manufacturer.own_radius_most},
            code="out_of_range",
        )
    if radius_km is None and not postal_code_areas and not details_of(partner).regions:
        raise InvalidInput(
            field="radius_km",
            message=gettext_noop("Give a radius or postal codes; without any, nobody asks you."),
            code="required",
        )
    changes = {"radius_km": radius_km, "postal_code_areas": list(postal_code_areas)}
    return change_partner(partner=partner, changes=changes, by=by, at=at)


@in_tenant_of("by")
def change_own_lines(*, product_lines: Sequence[str], by: Actor, at: datetime) -> Partner:
    """Set for which product lines a partner is asked, by their codes.

    What a line requires of partners stays required.

    :raises NotLeftToPartners: if the manufacturer does not let partners.
    :raises InvalidInput: if there is no such line, or none is left.
    """
    _allowing(OwnSetting.LINES, by)
    if not product_lines:
        raise InvalidInput(
            field="product_lines",
            message=gettext_noop("Choose one product line at least; to pause, enter an absence."),
            code="required",
        )
    changes = {"product_lines": list(product_lines)}
    return change_partner(partner=_own(by), changes=changes, by=by, at=at)


@in_tenant_of("by")
def change_own_caps(*, cap_open: int, by: Actor, at: datetime) -> Partner:
    """Set how many leads a partner takes at a time.

    :raises NotLeftToPartners: if the manufacturer does not let partners.
    :raises InvalidInput: if it is fewer or more than the manufacturer lets it choose.
    """
    manufacturer = _allowing(OwnSetting.CAPS, by)
    least, most = manufacturer.own_open_least, manufacturer.own_open_most
    if not least <= cap_open <= most:
        raise InvalidInput(
            field="cap_open",
            message=gettext_noop("Choose %(least)s to %(most)s leads."),
            params={"least": least, "most": most},
            code="out_of_range",
        )
    return change_partner(partner=_own(by), changes={"cap_open": cap_open}, by=by, at=at)


@in_tenant_of("by")
def add_own_absence(*, first_day: date, last_day: date, by: Actor, at: datetime) -> Absence:
    """Let one's own partner be asked for nothing on these days, both included.

    :raises NotLeftToPartners: if the manufacturer does not let partners.
    :raises InvalidInput: as ``add_absence`` does.
    """
    _allowing(OwnSetting.ABSENCES, by)
    return add_absence(partner=_own(by), first_day=first_day, last_day=last_day, by=by, at=at)


@in_tenant_of("by")
def end_own_absence(*, absence: Absence, by: Actor, at: datetime) -> None:
    """Let one's own partner be back today.

    :raises NotLeftToPartners: if the manufacturer does not let partners.
    :raises NotVisible: if it is another partner's.
    """
    _allowing(OwnSetting.ABSENCES, by)
    if absence.partner_id != by.partner_id:
        raise NotVisible
    end_absence(absence=absence, by=by, at=at)


def _allowing(kind: OwnSetting, by: Actor) -> Manufacturer:
    # Locked with others: what is allowed now is still allowed when the change is written.
    manufacturers = Manufacturer.objects.select_for_update(no_key=True)
    manufacturer = manufacturers.get(id=by.manufacturer_id)
    if kind not in manufacturer.partners_may:
        raise NotLeftToPartners
    return manufacturer


def _own(by: Actor) -> Partner:
    fields: dict[str, Any] = {"manufacturer": by.manufacturer_id, "id": by.partner_id}
    partner = Partner.objects.filter(**fields).exclude(status=Partner.Status.LEFT).first()
    if partner is None:
        raise NotVisible
    return partner
