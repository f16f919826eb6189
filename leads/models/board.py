"""How people at the desk look at the board of leads, and what they did to many leads at once."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key

LONGEST_NAME = 60


class SavedView(TenantModel):
    """Filters, order and columns of the board under a name: one person's, or the whole desk's.

    :ivar user: whose view it is, or who shared it.
    :ivar asked: what the address of the board says of it: name -> text.
    """

    user = models.ForeignKey(
        "partners.User", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=LONGEST_NAME)
    is_shared = models.BooleanField(default=False)
    asked = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "user", "name"],
                condition=Q(is_shared=False),
                name="one_view_of_a_name_per_person",
            ),
            models.UniqueConstraint(
                fields=["manufacturer", "name"],
                condition=Q(is_shared=True),
                name="one_shared_view_of_a_name",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class OpeningView(TenantModel):
    """With which view the board opens for a person: one that is built in, or a saved one."""

    user = models.ForeignKey(
        "partners.User", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    built_in = models.CharField(max_length=30, default="", blank=True)
    view = tenant_foreign_key("leads.SavedView", null=True, on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "user"], name="one_opening_view_per_person"
            ),
            models.CheckConstraint(
                condition=Q(built_in="", view__isnull=False)
                | (~Q(built_in="") & Q(view__isnull=True)),
                name="the_board_opens_with_one_view",
            ),
        ]

    def __str__(self) -> str:
        return self.built_in or str(self.view_id)


class BulkDeed(TenantModel):
    """One thing that somebody did to many leads; each lead is answered by itself.

    The id comes with the form: the same form sent twice is one deed.

    :ivar verb: what was to be done, as ``leads.views.deeds`` calls it.
    :ivar leads: ids of those that it was to be done to, in the order in which they are locked.
    :ivar answers: id of a lead -> ``done`` and ``words``, what was said; of one without, nothing is
        known to have been done.
    """

    user = models.ForeignKey(
        "partners.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    verb = models.CharField(max_length=20)
    leads = ArrayField(models.UUIDField())
    answers = models.JSONField(default=dict)
    begun_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(leads__len__gte=1, leads__len__lte=200),
                name="a_deed_is_done_to_some_leads_but_not_to_all",
            ),
        ]
        indexes = [
            # What is so old that nobody asks for it any more: bulk.begin_deed.
            models.Index(fields=["manufacturer", "begun_at"], name="bulk_deed_begun")
        ]

    def __str__(self) -> str:
        return f"{self.verb} {len(self.leads)}"
