"""What may be read of a network: its product lines, levels and partners."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from partners.models import (
    Absence,
    ApiKey,
    Certification,
    CertificationLevel,
    Exclusion,
    Invitation,
    Membership,
    Partner,
    PortfolioItem,
    ProductLine,
    ServiceArea,
    User,
)
from partners.models.accounts import ApiKeyQuerySet


def product_lines_visible_to(actor: Actor) -> QuerySet[ProductLine]:
    """Product lines of the manufacturer."""
    return ProductLine.objects.filter(manufacturer=actor.manufacturer_id)


def levels_visible_to(actor: Actor) -> QuerySet[CertificationLevel]:
    """Certification levels of the manufacturer."""
    return CertificationLevel.objects.filter(manufacturer=actor.manufacturer_id)


def partners_visible_to(actor: Actor) -> QuerySet[Partner]:
    """Partners of a network; a partner sees itself."""
    partners = Partner.objects.filter(manufacturer=actor.manufacturer_id)
    if actor.partner_id is not None:
        partners = partners.filter(id=actor.partner_id)
    return partners


def partners_called(name: str, *, actor: Actor, at_most: int) -> list[UUID]:
    """Find the first partners, by name, in whose name this stands; whatever its case."""
    partners = partners_visible_to(actor).filter(name__icontains=name).order_by("name", "id")
    return list(partners.values_list("id", flat=True)[:at_most])


def partner_named(partner_id: UUID | None, *, actor: Actor) -> Partner | None:
    """Find the partner that a request names, if it names one.

    :raises InvalidInput: if there is none with this id.
    """
    if partner_id is None:
        return None
    partner = partners_visible_to(actor).filter(id=partner_id).first()
    if partner is None:
        raise InvalidInput(
            field="partner", message=gettext_noop("There is no such partner."), code="unknown"
        )
    return partner


def absences_visible_to(actor: Actor) -> QuerySet[Absence]:
    """Absences of a network's partners; a partner sees its own."""
    absences = Absence.objects.filter(manufacturer=actor.manufacturer_id)
    if actor.partner_id is not None:
        absences = absences.filter(partner=actor.partner_id)
    return absences


def exclusions_visible_to(actor: Actor) -> QuerySet[Exclusion]:
    """Exclusion lists of a network's partners, which are the manufacturer's to keep."""
    exclusions = Exclusion.objects.filter(manufacturer=actor.manufacturer_id)
    return exclusions if actor.partner_id is None else exclusions.none()


def keys_visible_to(actor: Actor) -> ApiKeyQuerySet:
    """Keys of the manufacturer and of its partners, which are the manufacturer's to manage."""
    keys = ApiKey.objects.filter(manufacturer=actor.manufacturer_id)
    return keys.none() if actor.is_partner else keys


def people_visible_to(actor: Actor) -> QuerySet[Membership]:
    """People who may act for the manufacturer and its partners; a partner sees its own."""
    members = Membership.objects.filter(manufacturer=actor.manufacturer_id)
    if actor.partner_id is not None:
        members = members.filter(partner=actor.partner_id)
    return members.select_related("user", "partner").order_by("user__name", "id")


def invitations_visible_to(actor: Actor) -> QuerySet[Invitation]:
    """Invitations that nobody accepted or withdrew; a partner sees its own."""
    invitations = Invitation.objects.filter(
        manufacturer=actor.manufacturer_id, accepted_at=None, withdrawn_at=None
    )
    if actor.partner_id is not None:
        invitations = invitations.filter(partner=actor.partner_id)
    return invitations.select_related("partner").order_by("email", "id")


def partners_in_full(partners: QuerySet[Partner]) -> QuerySet[Partner]:
    """Read the areas and certifications that partners are shown with."""
    return partners.prefetch_related(
        Prefetch("service_areas", ServiceArea.objects.order_by("kind", "text")),
        Prefetch(
            "certifications",
            Certification.objects.select_related("level", "product_line").order_by(
                "level__rank", "level__code", "product_line__code"
            ),
        ),
    )


def portfolios_of(partners: Sequence[Partner]) -> dict[UUID, list[str]]:
    """List the codes of the product lines that each of the partners sells."""
    sold = (
        PortfolioItem.objects.filter(partner__in=partners)
        .values_list("partner_id", "product_line__code")
        .order_by("product_line__code")
        .distinct()
    )
    portfolios: dict[UUID, list[str]] = {partner.id: [] for partner in partners}
    for partner_id, code in sold:
        portfolios[partner_id].append(code)
    return portfolios


def product_line_named(code: str, *, actor: Actor, field: str = "product_line") -> UUID:
    """Find a product line by its code.

    :raises InvalidInput: naming the field, if there is none.
    """
    line = product_lines_visible_to(actor).filter(code=code).first()
    if line is None:
        raise unknown_line(field=field, code=code)
    return line.id


def unknown_line(*, field: str, code: str) -> InvalidInput:
    """Say that there is no product line with a code."""
    return InvalidInput(
        field=field,
        message=gettext_noop("There is no product line with the code “%(code)s”."),
        params={"code": code},
        code="unknown",
    )


def names_of_actors(labels: Iterable[str]) -> dict[str, str]:
    """Find what people and programs are called, by the label by which the log names them."""
    found = {label: label.partition(":")[::2] for label in set(labels)}
    names: dict[str, str] = {}
    for kind, model in (("user", User), ("key", ApiKey)):
        ids = {UUID(key): label for label, (named, key) in found.items() if named == kind}
        if ids:
            rows = model._default_manager.filter(id__in=ids).values_list("id", "name")  # noqa: SLF001
            names |= {ids[row_id]: name for row_id, name in rows}
    return names
