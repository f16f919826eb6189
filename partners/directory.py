"""The directory of a network: partners by name, place, qualification, and where they stand."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db.models import (
    Aggregate,
    Avg,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce, Floor

from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible
from leadhub.core.geo import normalise_postal_code
from leadhub.core.models import PostalCode
from partners.models import (
    Certification,
    CertificationLevel,
    Membership,
    Partner,
    PortfolioItem,
    ProductLine,
)
from partners.selectors import (
    levels_visible_to,
    partners_in_full,
    partners_visible_to,
    product_lines_visible_to,
)

WORDS_AT_MOST = 5
# How much of a map may be pins; more partners than this stand in cells of a grid.
PINS_AT_MOST = 300
# Height of the largest cells in degrees; their width is half as much again, for degrees of
# longitude are shorter here.
LARGEST_CELL, WIDER, FINER = 1.2, 1.5, 4


class Cell(NamedTuple):
    """A part of a map: its south-west corner and its height, in degrees."""

    south: float
    west: float
    height: float

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read what ``str`` writes; ``None`` if it is no cell."""
        try:
            south, west, height = (float(part) for part in text.split(","))
        except ValueError:
            return None
        is_cell = abs(south) <= 90 and abs(west) <= 180 and 0 < height <= LARGEST_CELL  # noqa: PLR2004
        return cls(south, west, height) if is_cell else None

    def __str__(self) -> str:
        return f"{self.south:.6f},{self.west:.6f},{self.height:.6f}"

    @property
    def condition(self) -> Q:
        """Keep what lies in it, its southern and western edge included."""
        return Q(
            latitude__gte=self.south,
            latitude__lt=self.south + self.height,
            longitude__gte=self.west,
            longitude__lt=self.west + self.height * WIDER,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for; empty leaves nobody out.

    :ivar words: each has to occur in the name, number or town, or begin the postal code.
    :ivar product_line: code of a line the partner sells; ``level`` of one it holds today.
    :ivar area: a country, or a federal state of one: ``DE``, ``DE-BY``.
    """

    words: str = ""
    status: str = ""
    product_line: str = ""
    level: str = ""
    area: str = ""
    cell: Cell | None = None


class Spot(NamedTuple):
    """Something on a map of partners: one of them, or how many there are around a town.

    :ivar partner: ``None`` for several.
    """

    latitude: float
    longitude: float
    name: str
    partners: int
    partner: Any = None
    status: str = ""
    cell: Cell | None = None


class _MostFrequent(Aggregate):
    template = "mode() WITHIN GROUP (ORDER BY %(expressions)s)"
    name = "MostFrequent"


def partners_found(actor: Actor, search: Search, *, on: date) -> QuerySet[Partner]:
    """Find partners of a network, by name; each with the highest level that it holds.

    :param on: the day on which certifications have to be valid.
    """
    condition = Q()
    for word in search.words.split()[:WORDS_AT_MOST]:
        condition &= (
            Q(name__icontains=word)
            | Q(external_id__icontains=word)
            | Q(city__icontains=word)
            | Q(postal_code__startswith=normalise_postal_code(word))
        )
    if search.status:
        condition &= Q(status=search.status)
    if search.product_line:
        condition &= Q(Exists(_selling(search.product_line)))
    if search.level:
        condition &= Q(Exists(_held_on(on).filter(level__code=search.level)))
    if search.area:
        condition &= _in_area(search.area)
    if search.cell:
        condition &= search.cell.condition
    return partners_visible_to(actor).filter(condition).order_by("name", "id")


def with_levels(partners: QuerySet[Partner], *, on: date) -> QuerySet[Partner]:
    """Read the name of the highest level that each partner holds on a day, for any line."""
    highest = _held_on(on).order_by("-level__rank", "level__code").values("level__name")
    return partners.annotate(level_name=Subquery(highest[:1], output_field=CharField()))


def spots_of(found: QuerySet[Partner], search: Search) -> tuple[list[Spot], bool]:
    """Put the partners found on a map, and tell whether they are too many to stand for themselves.

    Many are counted by cells of a grid, each where its partners are in the mean.
    """
    rows = found.values_list("id", "name", "latitude", "longitude", "status")
    pins = list(rows[: PINS_AT_MOST + 1])
    if len(pins) <= PINS_AT_MOST:
        return [
            Spot(latitude, longitude, name, 1, partner_id, status)
            for partner_id, name, latitude, longitude, status in pins
        ], False
    height = search.cell.height / FINER if search.cell else LARGEST_CELL
    width = height * WIDER
    cells = (
        found.order_by()
        .annotate(row=Floor(F("latitude") / height), column=Floor(F("longitude") / width))
        .values("row", "column")
        .annotate(
            partners=Count("id"),
            middle=Avg("latitude"),
            across=Avg("longitude"),
            town=_MostFrequent("city", output_field=CharField()),
        )
        .order_by("partners", "row", "column")
    )
    return [
        Spot(
            cell["middle"],
            cell["across"],
            cell["town"],
            cell["partners"],
            cell=Cell(cell["row"] * height, cell["column"] * width, height),
        )
        for cell in cells
    ], True


def partner_visible_to(actor: Actor, partner_id: UUID) -> Partner:
    """Find one partner of a network, with its areas and certifications.

    :raises NotVisible: if there is none.
    """
    partner = partners_in_full(partners_visible_to(actor)).filter(id=partner_id).first()
    if partner is None:
        raise NotVisible
    return partner


def people_of(partner: Partner) -> QuerySet[Membership]:
    """Find who may act for a partner, each with their account, by name."""
    people = Membership.objects.filter(manufacturer=partner.manufacturer_id, partner=partner)
    return people.select_related("user").order_by("user__name", "id")


def lines_with_sellers(actor: Actor) -> QuerySet[ProductLine]:
    """List product lines by name, each with how many partners sell it."""
    return (
        product_lines_visible_to(actor)
        .annotate(partners=_count_of_partners(PortfolioItem, "product_line"))
        .order_by("name", "code")
    )


def levels_with_holders(actor: Actor) -> QuerySet[CertificationLevel]:
    """List levels from the highest down, each with how many partners it was given to."""
    return (
        levels_visible_to(actor)
        .annotate(partners=_count_of_partners(Certification, "level"))
        .order_by("-rank", "name", "code")
    )


def _count_of_partners(model: type[Model], column: str) -> Coalesce:
    rows = model._default_manager.filter(**{column: OuterRef("pk")})  # noqa: SLF001
    counted = rows.order_by().values(column).annotate(n=Count("partner", distinct=True)).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def countries_of(actor: Actor) -> list[str]:
    """List the countries in which a network has partners."""
    countries = partners_visible_to(actor).values_list("country", flat=True)
    return list(countries.order_by("country").distinct())


def _selling(line: str) -> QuerySet[PortfolioItem]:
    return PortfolioItem.objects.filter(partner=OuterRef("pk"), product_line__code=line)


def _held_on(day: date) -> QuerySet[Certification]:
    return Certification.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=day), partner=OuterRef("pk")
    )


def _in_area(area: str) -> Q:
    country, _, state = area.partition("-")
    if not state:
        return Q(country=country)
    places = PostalCode.objects.filter(
        country=OuterRef("country"), code=OuterRef("postal_code"), region=area
    )
    return Q(Exists(places), country=country)
