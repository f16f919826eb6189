"""What leads are searched by: one text a lead, which the database itself keeps up to date."""

from django.db import models


class LeadSearch(models.Model):
    """The words of a lead and its contact; triggers write them, ``leads_found`` alone reads them.

    A table of its own because its policy carries the search (see the migration), and because it
    is visible to the manufacturer only, unlike the lead and the contact.

    :ivar words: reference, place, name, company, e-mail address and phone as they are compared,
        each after a space.
    """

    lead = models.OneToOneField(
        "leads.Lead",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        db_constraint=False,
    )
    manufacturer = models.ForeignKey(
        "partners.Manufacturer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    words = models.TextField()

    def __str__(self) -> str:
        return str(self.lead_id)
