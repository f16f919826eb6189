"""What may be read of imports: the manufacturer's own, and their rows."""

from django.db.models import QuerySet

from leadhub.core.actors import Actor
from partners.models import Import, ImportPart, ImportRow
from partners.models.imports import ImportQuerySet


def imports_visible_to(actor: Actor) -> ImportQuerySet:
    """List imports of the manufacturer, which are its own to see."""
    imports = Import.objects.filter(manufacturer=actor.manufacturer_id)
    return imports.none() if actor.is_partner else imports


def import_rows_visible_to(actor: Actor) -> QuerySet[ImportRow]:
    """List what became of the rows of the manufacturer's imports."""
    rows = ImportRow.objects.filter(manufacturer=actor.manufacturer_id)
    return rows.none() if actor.is_partner else rows


def first_rows_of(job: Import) -> list[list[str]]:
    """Read the cells of the first rows of a file that is not stored yet."""
    part = ImportPart.objects.filter(job=job).order_by("number").first()
    return [] if part is None else [row[1] for row in part.rows[:5]]
