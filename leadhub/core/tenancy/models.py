"""The base of every table that belongs to a tenant."""

from typing import Any
from uuid import UUID

from django.db import models

from leadhub.core.ids import new_id


class TenantModel(models.Model):
    """A row of one manufacturer; its identifier is unique over the whole installation."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    manufacturer: "models.ForeignKey[Any, Any]" = models.ForeignKey(
        "partners.Manufacturer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    manufacturer_id: UUID

    class Meta:
        abstract = True


def tenant_foreign_key(to: str, **options: Any) -> "models.ForeignKey[Any, Any]":
    """Declare a foreign key whose constraint is that of a ``TenantForeignKey`` operation.

    No index of its own: indexes are declared for the queries they serve.
    """
    options.setdefault("on_delete", models.PROTECT)
    options.setdefault("related_name", "+")
    return models.ForeignKey(to, db_constraint=False, db_index=False, **options)
