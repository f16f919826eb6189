"""Many partners entered, changed or taken away at once: by the rules of one, in few statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.bulk import update_together
from leadhub.core.errors import InvalidInput
from leadhub.core.geo import Place, find_places, normalise_postal_code
from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.turns import wait_for_turns, wait_with_others
from partners.changes import Change, fields_of, record_changes
from partners.coverage import coverage_codes_of
from partners.models import (
    Certification,
    CertificationLevel,
    CoverageCode,
    Partner,
    PortfolioItem,
    ProductLine,
    ServiceArea,
)
from partners.network import (
    DERIVED,
    PLAIN_FIELDS,
    PartnerDetails,
    areas_of,
    certifications_held,
    codes_of,
    details_of_each,
    enter_details,
    entered,
    lines_carried,
)
from partners.portfolio_index import count_partners, rebuild_portfolios

ROW_FIELDS = (*PLAIN_FIELDS, *DERIVED)
PARTS = (ServiceArea, CoverageCode, Certification)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said of one partner.

    :ivar changes: names of ``PartnerDetails`` -> values; what is not named stays as it is.
    """

    external_id: str
    changes: Mapping[str, Any]


@dataclass(slots=True)
class Outcome:
    """What an entry makes of its partner.

    :ivar before: its details until now; ``None`` if it is new.
    """

    partner: Partner
    before: PartnerDetails | None
    after: PartnerDetails
    lines: list[ProductLine]
    certifications: list[Certification]
    codes: set[str]

    @property
    def differs(self) -> bool:
        """Tell whether anything changes."""
        return self.before is None or entered(self.before) != entered(self.after)


@dataclass(frozen=True, slots=True)
class _Known:
    """What entries may name, and who is there already."""

    lines: Mapping[str, ProductLine]
    levels: Mapping[str, CertificationLevel]
    partners: Mapping[str, Partner]
    details: Mapping[Any, PartnerDetails]


@in_tenant_of("by")
def check_partners(
    *, entries: Sequence[Entry], for_new: Mapping[str, Any], by: Actor, at: datetime
) -> list[Outcome | InvalidInput]:
    """Tell for each entry what saving it would do, or why it would be refused.

    :param for_new: details of a new partner that its entry does not name.
    """
    return _judge(entries, for_new, _known(entries, by), by=by, at=at)


@in_tenant_of("by")
def save_partners(
    *, entries: Sequence[Entry], for_new: Mapping[str, Any], by: Actor, at: datetime
) -> list[Outcome | InvalidInput]:
    """Create or change partners, each as ``save_partner`` does; one refused leaves the others.

    :param entries: each about another partner.
    :returns: for each entry in its order what became of it.
    """
    wait_with_others("ranks", by.manufacturer_id)
    wait_for_turns(("partner", by.manufacturer_id, entry.external_id) for entry in entries)
    judged = _judge(entries, for_new, _known(entries, by, to_change=True), by=by, at=at)
    changed = [one for one in judged if isinstance(one, Outcome) and one.differs]
    if changed:
        _write(changed, by)
    return judged


@in_tenant_of("by")
def remove_partners(*, partners: Sequence[Partner], by: Actor) -> None:
    """Take partners away as if they had never been there; nothing else may point at them."""
    details = details_of_each(partners)
    sold = _sold(partners)
    for model in (*PARTS, PortfolioItem):
        model._default_manager.filter(partner__in=partners).delete()  # noqa: SLF001
    Partner.objects.filter(id__in=[partner.id for partner in partners]).delete()
    count_partners(by.manufacturer_id, [(sold[partner.id], None) for partner in partners])
    record_changes(
        (Change("partner", one.id, one.name, before=entered(details[one.id])) for one in partners),
        by=by,
    )


def _known(entries: Sequence[Entry], by: Actor, *, to_change: bool = False) -> _Known:
    own = {"manufacturer": by.manufacturer_id}
    partners = Partner.objects.filter(
        **own, external_id__in=[entry.external_id for entry in entries]
    ).order_by("id")
    if to_change:
        partners = partners.select_for_update(no_key=True)
    found = list(partners)
    return _Known(
        lines={line.code: line for line in ProductLine.objects.filter(**own)},
        levels={level.code: level for level in CertificationLevel.objects.filter(**own)},
        partners={partner.external_id: partner for partner in found},
        details=details_of_each(found),
    )


def _judge(
    entries: Sequence[Entry], for_new: Mapping[str, Any], known: _Known, *, by: Actor, at: datetime
) -> list[Outcome | InvalidInput]:
    wanted = [_wanted(entry, for_new, known) for entry in entries]
    places = find_places(
        {_place_key(one) for one in wanted if isinstance(one, PartnerDetails) and one.postal_code}
    )
    return [
        one if isinstance(one, InvalidInput) else _outcome(one, known, places, by=by, at=at)
        for one in wanted
    ]


def _wanted(
    entry: Entry, for_new: Mapping[str, Any], known: _Known
) -> PartnerDetails | InvalidInput:
    partner = known.partners.get(entry.external_id)
    if partner is not None:
        before = known.details[partner.id]
        return replace(before, **{**_moved(before, entry.changes), **entry.changes})
    details = {**for_new, **entry.changes}
    for name in ("name", "country"):
        if not details.get(name):
            return InvalidInput(
                field=name,
                message=gettext_noop("A new partner needs this."),
                code="required",
            )
    return PartnerDetails(external_id=entry.external_id, **details)


def _moved(before: PartnerDetails, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Let go of the place that was, if the partner is somewhere else now."""
    country = changes.get("country", before.country)
    code = normalise_postal_code(changes.get("postal_code", before.postal_code))
    if (country, code) == (before.country, before.postal_code):
        return {}
    return {"latitude": None, "longitude": None, "city": ""}


def _place_key(details: PartnerDetails) -> tuple[str, str]:
    return details.country, normalise_postal_code(details.postal_code)


def _outcome(
    details: PartnerDetails,
    known: _Known,
    places: Mapping[tuple[str, str], Place],
    *,
    by: Actor,
    at: datetime,
) -> Outcome | InvalidInput:
    partner = known.partners.get(details.external_id)
    before = known.details[partner.id] if partner else None
    if partner is None:
        partner = Partner(
            id=new_id(),
            manufacturer_id=by.manufacturer_id,
            external_id=details.external_id,
            created_at=at,
        )
    try:
        lines = lines_carried(details, known.lines)
        certifications = certifications_held(details, known.levels, known.lines)
        codes = coverage_codes_of(
            country=details.country,
            postal_code_areas=details.postal_code_areas,
            regions=details.regions,
        )
        enter_details(partner, details, places.get(_place_key(details)))
    except InvalidInput as refusal:
        return refusal
    after = replace(details, **fields_of(partner, *DERIVED))
    return Outcome(partner, before, after, lines, certifications, codes)


def _write(changed: Sequence[Outcome], by: Actor) -> None:
    partners = [one.partner for one in changed]
    sold = _sold(partners)
    Partner.objects.bulk_create(one.partner for one in changed if one.before is None)
    update_together([one.partner for one in changed if one.before is not None], ROW_FIELDS)
    for model in PARTS:
        model._default_manager.filter(partner__in=partners).delete()  # noqa: SLF001
    ServiceArea.objects.bulk_create(
        area for one in changed for area in areas_of(one.partner, one.after)
    )
    CoverageCode.objects.bulk_create(
        code for one in changed for code in codes_of(one.partner, one.codes)
    )
    for one in changed:
        for certification in one.certifications:
            certification.partner = one.partner
    Certification.objects.bulk_create(held for one in changed for held in one.certifications)
    rebuild_portfolios({one.partner: [line.id for line in one.lines] for one in changed})
    count_partners(
        by.manufacturer_id,
        [
            (
                None if one.before is None else sold[one.partner.id],
                sorted(line.id for line in one.lines),
            )
            for one in changed
        ],
    )
    record_changes((_change(one) for one in changed), by=by)


def _sold(partners: Iterable[Partner]) -> dict[Any, list[Any]]:
    """Read the ids of the product lines that each of the partners sells, in order."""
    found: dict[Any, set[Any]] = {partner.id: set() for partner in partners}
    items = PortfolioItem.objects.filter(partner__in=list(found))
    for partner_id, line_id in items.values_list("partner_id", "product_line_id"):
        found[partner_id].add(line_id)
    return {partner_id: sorted(lines) for partner_id, lines in found.items()}


def _change(one: Outcome) -> Change:
    before = entered(one.before) if one.before else None
    return Change("partner", one.partner.id, one.partner.name, before, entered(one.after))
