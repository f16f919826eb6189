"""What a manufacturer sells and certifies: product lines and certification levels."""

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import StateConflict
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.turns import wait_for_turn
from partners.changes import fields_of, record_change
from partners.models import Certification, CertificationLevel, Partner, ProductLine
from partners.portfolio_index import lines_of, rebuild_portfolio


class CodeTaken(StateConflict):
    """There is a product line or a level with this code already."""

    code = "code_taken"
    message = gettext_noop("This code is in use already; choose another.")


@in_tenant_of("by")
def create_product_line(*, code: str, name: str, by: Actor) -> ProductLine:
    """Create a product line whose code is new.

    :raises CodeTaken: if it is not.
    """
    wait_for_turn("product-line", by.manufacturer_id, code)
    if ProductLine.objects.filter(manufacturer=by.manufacturer_id, code=code).exists():
        raise CodeTaken
    line, _ = save_product_line(code=code, name=name, by=by)
    return line


@in_tenant_of("by")
def save_product_line(*, code: str, name: str, by: Actor) -> tuple[ProductLine, bool]:
    """Create a product line or rename it; tells whether it is new."""
    wait_for_turn("product-line", by.manufacturer_id, code)
    before = ProductLine.objects.filter(manufacturer=by.manufacturer_id, code=code).first()
    line, is_new = ProductLine.objects.update_or_create(
        manufacturer_id=by.manufacturer_id, code=code, defaults={"name": name}
    )
    record_change(
        by=by,
        kind="product_line",
        key=line.id,
        name=name,
        before=fields_of(before, "code", "name") if before else None,
        after=fields_of(line, "code", "name"),
    )
    return line, is_new


@in_tenant_of("by")
def create_level(*, code: str, name: str, rank: int, by: Actor) -> CertificationLevel:
    """Create a certification level whose code is new.

    :raises CodeTaken: if it is not.
    """
    wait_for_turn("ranks", by.manufacturer_id)
    if CertificationLevel.objects.filter(manufacturer=by.manufacturer_id, code=code).exists():
        raise CodeTaken
    level, _ = save_level(code=code, name=name, rank=rank, by=by)
    return level


@in_tenant_of("by")
def save_level(*, code: str, name: str, rank: int, by: Actor) -> tuple[CertificationLevel, bool]:
    """Create a certification level or change it; tells whether it is new.

    A changed rank holds at once for every partner that has the level.
    """
    wait_for_turn("ranks", by.manufacturer_id)
    before = CertificationLevel.objects.filter(manufacturer=by.manufacturer_id, code=code).first()
    level, is_new = CertificationLevel.objects.update_or_create(
        manufacturer_id=by.manufacturer_id, code=code, defaults={"name": name, "rank": rank}
    )
    if before is not None and before.rank != rank:
        holders = Certification.objects.filter(level=level).values_list("partner_id", flat=True)
        for partner in Partner.objects.filter(id__in=holders).order_by("id"):
            rebuild_portfolio(partner, list(lines_of(partner)))
    record_change(
        by=by,
        kind="level",
        key=level.id,
        name=name,
        before=fields_of(before, "code", "name", "rank") if before else None,
        after=fields_of(level, "code", "name", "rank"),
    )
    return level, is_new
