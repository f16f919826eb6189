"""What was changed in a tenant's set-up and rights, by whom: written once, never changed."""

from django.db import models
from django.db.models.functions import Now

from leadhub.core.tenancy.models import TenantModel


class SetUpChange(TenantModel):
    """One change of configuration or rights.

    :ivar actor: ``user:<id>``, ``key:<id>`` or ``system:<name>``.
    :ivar kind: of what was changed: ``partner``, ``policy``, ``membership`` and so on.
    :ivar object_key: id of what was changed; not a reference, for it may be gone.
    :ivar name: what it was called then.
    :ivar before: field -> value, of the fields that changed; ``None`` for something new.
    :ivar after: the same fields afterwards; ``None`` for something removed.
    """

    recorded_at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=60)
    kind = models.CharField(max_length=30)
    object_key = models.UUIDField()
    name = models.CharField(max_length=250)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [
            # The page of changes, the newest first; and of one thing, or by one person.
            models.Index(
                fields=["manufacturer", "-recorded_at", "-id"], name="change_newest_first"
            ),
            models.Index(
                fields=["manufacturer", "object_key", "-recorded_at"], name="change_of_object"
            ),
            models.Index(fields=["manufacturer", "actor", "-recorded_at"], name="change_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
