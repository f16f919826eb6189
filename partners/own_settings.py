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
from leadhub.core.geo import codes_beyond
from leadhub.core.tenancy.context import in_tenant_of
from partners.absences import add_absence, end_absence
from partners.coverage import coverage_codes_of
from partners.models import Absence, Manufacturer, OwnSetting, Partner
from partners.network import PartnerDetails, change_partner, details_of
from partners.opening_hours import state_opening_hours


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
    *,
    radius_km: float | None,
    postal_code_areas: Sequence[str],
    regions: Sequence[str],
    by: Actor,
    at: datetime,
) -> Partner:
    """Set around how many kilometres a partner works, and where besides.

    What was entered before stays allowed, however far it reaches: the manufacturer may have.

    :param postal_code_areas: prefixes and ranges, as ``coverage_codes_of`` reads them.
    :param regions: ISO 3166-2 codes.
    :raises NotLeftToPartners: if the manufacturer does not let partners.
    :raises InvalidInput: if it reaches farther than the manufacturer lets it, a postal code is
        none, or nothing would be left.
    """
    manufacturer = _allowing(OwnSetting.AREA, by)
    partner = _own(by)
    before = details_of(partner)
    if radius_km is not None and not 1 <= radius_km <= manufacturer.own_radius_most:
        raise InvalidInput(
            field="radius_km",
            message=gettext_noop("Choose 1 to %(most)s kilometres."),
            params={"most": manufacturer.own_radius_most},
            code="out_of_range",
        )
    if radius_km is None and not postal_code_areas and not regions:
        raise InvalidInput(
            field="radius_km",
            message=gettext_noop("Give a radius or postal codes; without any, nobody asks you."),
            code="required",
        )
    for field, now in (("postal_code_areas", postal_code_areas), ("regions", regions)):
        added = [one for one in now if one not in getattr(before, field)]
        _check_reach(partner, field, added, at_most=manufacturer.own_radius_most)
    changes = {
        "radius_km": radius_km,
        "postal_code_areas": list(postal_code_areas),
        "regions": list(regions),
    }
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
def change_own_caps(
    *,
    cap_open: int,
    cap_per_day: int | None,
    cap_per_week: int | None,
    cap_per_month: int | None,
    by: Actor,
    at: datetime,
) -> Partner:
    """Set how many leads a partner takes at a time, and how many it is asked about.

    :param cap_per_day: offers a day at most, one at least; ``None`` for any number. So a week and a
        month.
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
    caps = {
        "cap_per_day": cap_per_day,
        "cap_per_week": cap_per_week,
        "cap_per_month": cap_per_month,
    }
    for field, cap in caps.items():
        if cap is not None and cap < 1:
            raise InvalidInput(
                field=field,
                message=gettext_noop("Choose 1 or more; to pause, enter an absence."),
                code="out_of_range",
            )
    return change_partner(partner=_own(by), changes={"cap_open": cap_open, **caps}, by=by, at=at)


@in_tenant_of("by")
def state_own_hours(*, days: Sequence[str] | None, by: Actor) -> Partner:
    """State when one's own business is open.

    No manufacturer keeps this in its hands: it decides nothing about leads.

    :raises InvalidInput: as ``state_opening_hours`` does.
    """
    return state_opening_hours(partner=_own(by), days=days, by=by)


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


def _check_reach(partner: Partner, field: str, areas: Sequence[str], *, at_most: int) -> None:
    """Refuse the first of these areas in which a postal code lies farther from the partner."""
    codes_of = {
        area: coverage_codes_of(
            country=partner.country, **{"postal_code_areas": [], "regions": [], field: [area]}
        )
        for area in areas
    }
    every = set().union(*codes_of.values())
    beyond = codes_beyond(every, partner.latitude, partner.longitude, km=at_most)
    for area, codes in codes_of.items():
        if codes & beyond:
            raise InvalidInput(
                field=field,
                message=gettext_noop("%(area)s reaches farther than %(most)s km from you."),
                params={"area": area, "most": at_most},
                code="out_of_range",
            )


def _own(by: Actor) -> Partner:
    fields: dict[str, Any] = {"manufacturer": by.manufacturer_id, "id": by.partner_id}
    partner = Partner.objects.filter(**fields).exclude(status=Partner.Status.LEFT).first()
    if partner is None:
        raise NotVisible
    return partner
