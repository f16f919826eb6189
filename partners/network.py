"""The partners of a manufacturer's network, entered and changed as wholes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, StateConflict
from leadhub.core.geo import find_place, normalise_postal_code
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
from partners.selectors import unknown_line


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
    _place(partner, details)
    for name in PLAIN_FIELDS:
        setattr(partner, name, getattr(details, name))
    partner.phone = _phone(details)
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
        before=_entered(before) if before else None,
        after=_entered(replace(details, **fields_of(partner, *DERIVED))),
    )
    return partner, is_new


def _entered(details: PartnerDetails) -> dict[str, Any]:
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
    areas = list(ServiceArea.objects.filter(partner=partner).order_by("kind", "text"))
    certifications = (
        Certification.objects.filter(partner=partner)
        .select_related("level", "product_line")
        .order_by("level__rank", "level__code", "product_line__code")
    )
    line_ids = lines_of(partner)
    lines = ProductLine.objects.filter(id__in=line_ids).order_by("code")
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
        product_lines=list(lines.values_list("code", flat=True)),
        certifications=[
            CertificationDetails(
                level=held.level.code,
                product_line=held.product_line.code if held.product_line else None,
                valid_until=held.valid_until,
            )
            for held in certifications
        ],
        **{name: getattr(partner, name) for name in PLAIN_FIELDS},
    )


def _known_lines(details: PartnerDetails, by: Actor) -> list[ProductLine]:
    found = ProductLine.objects.filter(
        manufacturer=by.manufacturer_id, code__in=details.product_lines
    )
    by_code = {line.code: line for line in found}
    for position, code in enumerate(details.product_lines):
        if code not in by_code:
            raise unknown_line(field=f"product_lines.{position}", code=code)
    return list(by_code.values())


def _known_certifications(details: PartnerDetails, by: Actor) -> list[Certification]:
    own = {"manufacturer": by.manufacturer_id}
    levels = {level.code: level for level in CertificationLevel.objects.filter(**own)}
    lines = {line.code: line for line in ProductLine.objects.filter(**own)}
    certifications = {}
    for position, held in enumerate(details.certifications):
        path = f"certifications.{position}"
        if held.level not in levels:
            raise _unknown_level(field=f"{path}.level", code=held.level)
        if held.product_line is not None and held.product_line not in lines:
            raise unknown_line(field=f"{path}.product_line", code=held.product_line)
        line = lines[held.product_line] if held.product_line is not None else None
        certifications[held.level, held.product_line] = Certification(
            manufacturer_id=by.manufacturer_id,
            level=levels[held.level],
            product_line=line,
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


def _place(partner: Partner, details: PartnerDetails) -> None:
    partner.postal_code = normalise_postal_code(details.postal_code)
    place = find_place(details.country, partner.postal_code) if partner.postal_code else None
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


def _phone(details: PartnerDetails) -> str:
    if not details.phone:
        return ""
    number = normalise_phone(details.phone, details.country)
    if number is None:
        raise InvalidInput(
            field="phone", message=gettext_noop("No phone can have this number."), code="malformed"
        )
    return number


def _replace_areas(partner: Partner, details: PartnerDetails, codes: Iterable[str]) -> None:
    own = {"manufacturer_id": partner.manufacturer_id, "partner": partner}
    ServiceArea.objects.filter(partner=partner).delete()
    kinds = ServiceArea.Kind
    texts = [(kinds.POSTAL_CODE, text) for text in details.postal_code_areas]
    texts += [(kinds.REGION, text) for text in details.regions]
    areas = [ServiceArea(**own, kind=kind, text=text) for kind, text in dict.fromkeys(texts)]
    if details.radius_km is not None:
        areas.append(ServiceArea(**own, kind=kinds.RADIUS, radius_km=details.radius_km))
    ServiceArea.objects.bulk_create(areas)
    CoverageCode.objects.filter(partner=partner).delete()
    CoverageCode.objects.bulk_create(CoverageCode(**own, code=code) for code in sorted(codes))


def _replace_certifications(partner: Partner, certifications: list[Certification]) -> None:
    Certification.objects.filter(partner=partner).delete()
    for certification in certifications:
        certification.partner = partner
    Certification.objects.bulk_create(certifications)
