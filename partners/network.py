"""The partners of a manufacturer's network, entered and changed as wholes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, StateConflict
from leadhub.core.geo import Place, find_place, normalise_postal_code
from leadhub.core.ids import new_id
from leadhub.core.phones import normalise_phone
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.turns import wait_for_turn, wait_with_others
from partners.changes import fields_of, record_change
from partners.coverage import coverage_codes_of
from partners.models import (
    Certification,
    CertificationLevel,
    CoverageCode,
    Partner,
    ProductLine,
    ServiceArea,
)
from partners.portfolio_index import count_partner, lines_of, rebuild_portfolio
from partners.selectors import portfolios_of, unknown_line


@dataclass(frozen=True, slots=True)
class CertificationDetails:
    """A level held; without a product line it holds for all of them."""

    level: str
    product_line: str | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class PartnerDetails:
    """A whole partner as it is entered; lines and levels by code, caps ``None`` for none.

    :ivar latitude: degrees; without coordinates the postal code's centre is taken.
    :ivar weight: the manufacturer's preference, 0 to 100.
    """

    external_id: str
    name: str
    country: str
    postal_code: str = ""
    city: str = ""
    street: str = ""
    email: str = ""
    phone: str = ""
    language: str = "de"
    latitude: float | None = None
    longitude: float | None = None
    radius_km: float | None = None
    postal_code_areas: Sequence[str] = ()
    regions: Sequence[str] = ()
    product_lines: Sequence[str] = ()
    certifications: Sequence[CertificationDetails] = field(default=())
    cap_open: int | None = None
    cap_per_day: int | None = None
    cap_per_week: int | None = None
    cap_per_month: int | None = None
    weight: int = 50
    status: str = Partner.Status.ACTIVE


# What a partner's own row holds of its details, beside where it is.
PLAIN_FIELDS = (
    "name",
    "country",
    "street",
    "email",
    "language",
    "cap_open",
    "cap_per_day",
    "cap_per_week",
    "cap_per_month",
    "weight",
    "status",
)


# What is worked out of what was entered, and the lists whose order says nothing.
DERIVED = ("postal_code", "city", "latitude", "longitude", "phone")
LISTS = ("postal_code_areas", "regions", "product_lines")


@in_tenant_of("by")
def save_partner(*, details: PartnerDetails, by: Actor, at: datetime) -> tuple[Partner, bool]:
    """Create the partner with this external id or change it to what is given.

    :returns: the partner, and whether it is new.
    :raises InvalidInput: naming the field that is missing, malformed or unknown; then nothing
        has changed.
    """
    # A change of ranks rebuilds portfolios: it must not meet a partner half changed.
    wait_with_others("ranks", by.manufacturer_id)
    lines = _known_lines(details, by)
    certifications = _known_certifications(details, by)
    codes = coverage_codes_of(
        country=details.country,
        postal_code_areas=details.postal_code_areas,
        regions=details.regions,
    )
    wait_for_turn("partner", by.manufacturer_id, details.external_id)
    partner = (
        Partner.objects.select_for_update(no_key=True)
        .filter(manufacturer=by.manufacturer_id, external_id=details.external_id)
        .first()
    )
    is_new = partner is None
    if partner is None:
        partner = Partner(
            id=new_id(),
            manufacturer_id=by.manufacturer_id,
            external_id=details.external_id,
            created_at=at,
        )
        before, counted_before = None, None
    else:
        before, counted_before = details_of(partner), lines_of(partner)
    enter_details(partner, details, _place_of(details))
    partner.save(force_insert=is_new)
    _replace_areas(partner, details, codes)
    _replace_certifications(partner, certifications)
    rebuild_portfolio(partner, [line.id for line in lines])
    count_partner(partner, counted_before, lines_of(partner))
    record_change(
        by=by,
        kind="partner",
        key=partner.id,
        name=partner.name,
        before=entered(before) if before else None,
        after=entered(replace(details, **fields_of(partner, *DERIVED))),
    )
    return partner, is_new


def entered(details: PartnerDetails) -> dict[str, Any]:
    """Write details so that the same ones are the same, in whatever order they were sent."""
    held = sorted(map(asdict, details.certifications), key=lambda one: str(sorted(one.items())))
    lists = {name: sorted(set(getattr(details, name))) for name in LISTS}
    return asdict(details) | lists | {"certifications": held}


class PartnerExists(StateConflict):
    """There is a partner with this number already."""

    code = "partner_exists"
    message = gettext_noop("There is a partner with this external_id already; change that one.")


@in_tenant_of("by")
def create_partner(*, details: PartnerDetails, by: Actor, at: datetime) -> Partner:
    """Create a partner whose external id is new.

    :raises PartnerExists: if it is not.
    :raises InvalidInput: as ``save_partner`` does.
    """
    wait_for_turn("partner", by.manufacturer_id, details.external_id)
    if Partner.objects.filter(
        manufacturer=by.manufacturer_id, external_id=details.external_id
    ).exists():
        raise PartnerExists
    partner, _ = save_partner(details=details, by=by, at=at)
    return partner


class PartnerChanged(StateConflict):
    """The partner is not as it was when somebody began to change it."""

    code = "partner_changed"
    message = gettext_noop(
        "Somebody else changed this partner while you did. Look at it once more; "
        "if you save again, what you wrote counts."
    )


@in_tenant_of("by")
def change_partner(
    *,
    partner: Partner,
    changes: Mapping[str, Any],
    by: Actor,
    at: datetime,
    expected: PartnerDetails | None = None,
) -> Partner:
    """Change some of a partner's details.

    Another postal code or country without coordinates moves the partner to its centre.

    :param changes: names of ``PartnerDetails`` -> values.
    :param expected: what the changes were made from; ``None`` changes whatever is there.
    :raises PartnerChanged: if the partner is not as expected.
    :raises InvalidInput: as ``save_partner`` does.
    """
    wait_for_turn("partner", by.manufacturer_id, partner.external_id)
    before = details_of(Partner.objects.get(id=partner.id))
    if expected is not None and before != expected:
        raise PartnerChanged
    moved: dict[str, Any] = {}
    if "postal_code" in changes or "country" in changes:
        moved = {"latitude": None, "longitude": None, "city": ""}
    details = replace(before, **{**moved, **changes})
    partner, _ = save_partner(details=details, by=by, at=at)
    return partner


def details_of(partner: Partner) -> PartnerDetails:
    """Read a partner back as it could be entered again."""
    return details_of_each([partner])[partner.id]


def details_of_each(partners: Sequence[Partner]) -> dict[UUID, PartnerDetails]:
    """Read partners of one manufacturer back, by id, with as many queries as for one."""
    areas, held, sold = _areas_of(partners), _certifications_of(partners), portfolios_of(partners)
    return {
        partner.id: _details(partner, areas[partner.id], held[partner.id], sold[partner.id])
        for partner in partners
    }


def _details(
    partner: Partner,
    areas: Sequence[ServiceArea],
    held: Sequence[CertificationDetails],
    sold: Sequence[str],
) -> PartnerDetails:
    return PartnerDetails(
        external_id=partner.external_id,
        phone=partner.phone,
        postal_code=partner.postal_code,
        city=partner.city,
        latitude=partner.latitude,
        longitude=partner.longitude,
        radius_km=next((area.radius_km for area in areas if area.radius_km is not None), None),
        postal_code_areas=[a.text for a in areas if a.kind == ServiceArea.Kind.POSTAL_CODE],
        regions=[a.text for a in areas if a.kind == ServiceArea.Kind.REGION],
        product_lines=list(sold),
        certifications=list(held),
        **{name: getattr(partner, name) for name in PLAIN_FIELDS},
    )


def _areas_of(partners: Sequence[Partner]) -> dict[UUID, list[ServiceArea]]:
    areas: dict[UUID, list[ServiceArea]] = defaultdict(list)
    for area in ServiceArea.objects.filter(partner__in=partners).order_by("kind", "text"):
        areas[area.partner_id].append(area)
    return areas


def _certifications_of(partners: Sequence[Partner]) -> dict[UUID, list[CertificationDetails]]:
    held: dict[UUID, list[CertificationDetails]] = defaultdict(list)
    found = (
        Certification.objects.filter(partner__in=partners)
        .select_related("level", "product_line")
        .order_by("level__rank", "level__code", "product_line__code")
    )
    for one in found:
        line = one.product_line.code if one.product_line else None
        held[one.partner_id].append(CertificationDetails(one.level.code, line, one.valid_until))
    return held


def _known_lines(details: PartnerDetails, by: Actor) -> list[ProductLine]:
    found = ProductLine.objects.filter(
        manufacturer=by.manufacturer_id, code__in=details.product_lines
    )
    return lines_carried(details, {line.code: line for line in found})


def lines_carried(details: PartnerDetails, known: Mapping[str, ProductLine]) -> list[ProductLine]:
    """Find the product lines that the details name, each once.

    :param known: code -> product line.
    :raises InvalidInput: naming the one that is unknown.
    """
    for position, code in enumerate(details.product_lines):
        if code not in known:
            raise unknown_line(field=f"product_lines.{position}", code=code)
    return [known[code] for code in dict.fromkeys(details.product_lines)]


def _known_certifications(details: PartnerDetails, by: Actor) -> list[Certification]:
    own = {"manufacturer": by.manufacturer_id}
    levels = {level.code: level for level in CertificationLevel.objects.filter(**own)}
    lines = {line.code: line for line in ProductLine.objects.filter(**own)}
    return certifications_held(details, levels, lines)


def certifications_held(
    details: PartnerDetails,
    levels: Mapping[str, CertificationLevel],
    lines: Mapping[str, ProductLine],
) -> list[Certification]:
    """Make the certifications that the details name, without their partner; the last counts.

    :raises InvalidInput: naming the level or product line that is unknown.
    """
    certifications = {}
    for position, held in enumerate(details.certifications):
        path = f"certifications.{position}"
        if held.level not in levels:
            raise _unknown_level(field=f"{path}.level", code=held.level)
        if held.product_line is not None and held.product_line not in lines:
            raise unknown_line(field=f"{path}.product_line", code=held.product_line)
        level = levels[held.level]
        certifications[held.level, held.product_line] = Certification(
            manufacturer_id=level.manufacturer_id,
            level=level,
            product_line=lines[held.product_line] if held.product_line is not None else None,
            valid_until=held.valid_until,
        )
    return list(certifications.values())


def _unknown_level(*, field: str, code: str) -> InvalidInput:
    return InvalidInput(
        field=field,
        message=gettext_noop("There is no certification level with the code “%(code)s”."),
        params={"code": code},
        code="unknown",
    )


def enter_details(partner: Partner, details: PartnerDetails, place: Place | None) -> None:
    """Write details into a partner's own row, which is not saved.

    :param place: the centre of the postal code, if it is known.
    :raises InvalidInput: if it is not and there are no coordinates, or no phone has the number.
    """
    partner.postal_code = normalise_postal_code(details.postal_code)
    partner.city = details.city or (place.name if place else "")
    if details.latitude is not None and details.longitude is not None:
        partner.latitude, partner.longitude = details.latitude, details.longitude
    elif place is not None:
        partner.latitude, partner.longitude = place.latitude, place.longitude
    else:
        raise InvalidInput(
            field="postal_code",
            message=gettext_noop("This postal code is unknown; correct it or give coordinates."),
            code="unknown",
        )
    for name in PLAIN_FIELDS:
        setattr(partner, name, getattr(details, name))
    partner.phone = _phone(details)


def _place_of(details: PartnerDetails) -> Place | None:
    code = normalise_postal_code(details.postal_code)
    return find_place(details.country, code) if code else None


def _phone(details: PartnerDetails) -> str:
    if not details.phone:
        return ""
    number = normalise_phone(details.phone, details.country)
    if number is None:
        raise InvalidInput(
            field="phone", message=gettext_noop("No phone can have this number."), code="malformed"
        )
    return number


def areas_of(partner: Partner, details: PartnerDetails) -> list[ServiceArea]:
    """Make the rows of where a partner works, each area once."""
    own = {"manufacturer_id": partner.manufacturer_id, "partner": partner}
    kinds = ServiceArea.Kind
    texts = [(kinds.POSTAL_CODE, text) for text in details.postal_code_areas]
    texts += [(kinds.REGION, text) for text in details.regions]
    areas = [ServiceArea(**own, kind=kind, text=text) for kind, text in dict.fromkeys(texts)]
    if details.radius_km is not None:
        areas.append(ServiceArea(**own, kind=kinds.RADIUS, radius_km=details.radius_km))
    return areas


def codes_of(partner: Partner, codes: Iterable[str]) -> list[CoverageCode]:
    """Make the rows by which a lead finds a partner, in the order of their codes."""
    own = {"manufacturer_id": partner.manufacturer_id, "partner": partner}
    return [CoverageCode(**own, code=code) for code in sorted(codes)]


def _replace_areas(partner: Partner, details: PartnerDetails, codes: Iterable[str]) -> None:
    ServiceArea.objects.filter(partner=partner).delete()
    ServiceArea.objects.bulk_create(areas_of(partner, details))
    CoverageCode.objects.filter(partner=partner).delete()
    CoverageCode.objects.bulk_create(codes_of(partner, codes))


def _replace_certifications(partner: Partner, certifications: list[Certification]) -> None:
    Certification.objects.filter(partner=partner).delete()
    for certification in certifications:
        certification.partner = partner
    Certification.objects.bulk_create(certifications)
