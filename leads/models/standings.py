"""What the score needs to know of a partner's present work, one narrow row a partner."""

from django.db import models


class PartnerStanding(models.Model):
    """How busy a partner is and when it was last asked; kept by routing as it writes.

    Counting assignments and offers of 200 candidates for each lead costs more than all the rest of
    matching, so the two figures stand here.
    """

    partner = models.OneToOneField(
        "partners.Partner",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="standing",
        db_constraint=False,
    )
    manufacturer = models.ForeignKey(
        "partners.Manufacturer",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    open_assignments = models.IntegerField(default=0)
    last_offered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.open_assignments} open"
