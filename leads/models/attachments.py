"""Photographs and documents that a partner adds to a lead it holds."""

from django.db import models

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class LeadAttachment(TenantModel):
    """A file on a lead, with all that is in it: personal data of the customer.

    It stands in the database, not beside it, so that row level security binds the bytes as well,
    and the transaction that erases a lead erases them. Pictures are small by then (see
    ``leadhub.core.pictures``).

    :ivar partner: who added it; nobody sees it but this partner, while it holds the lead, and the
        manufacturer.
    :ivar format: as ``leadhub.core.uploads`` names it; ``size`` is in bytes.
    :ivar preview: a small JPEG of a picture; empty for a document.
    :ivar actor: who added it, as the log names them.
    """

    lead = tenant_foreign_key("leads.Lead", related_name="attachments", on_delete=models.CASCADE)
    partner = tenant_foreign_key("partners.Partner")
    actor = models.CharField(max_length=60)
    added_at = models.DateTimeField()
    file_name = models.CharField(max_length=130)
    format = models.CharField(max_length=5)
    size = models.PositiveIntegerField()
    preview = models.BinaryField(default=b"")
    content = models.BinaryField()

    class Meta:
        indexes = [
            # What stands on the page of a lead.
            models.Index(fields=["manufacturer", "lead", "id"], name="attachment_of_lead")
        ]

    def __str__(self) -> str:
        return f"{self.format} of {self.lead_id}"
