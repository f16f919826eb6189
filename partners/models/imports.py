"""Files that a manufacturer imports: the job, what is still to be done of it, and what came out."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class ImportKind(models.TextChoices):
    """What stands in the rows of a file."""

    PARTNERS = "PARTNERS", _("Partners")
    HISTORY = "HISTORY", _("Past leads")


class ImportStatus(models.TextChoices):
    """How far an import has come."""

    READING = "READING", _("Being read")
    MAPPING = "MAPPING", _("Columns to confirm")
    CHECKING = "CHECKING", _("Being checked")
    CHECKED = "CHECKED", _("Checked, nothing stored yet")
    STORING = "STORING", _("Being stored")
    DONE = "DONE", _("Done")
    UNDOING = "UNDOING", _("Being taken back")
    UNDONE = "UNDONE", pgettext_lazy("an import", "Taken back")
    UNREADABLE = "UNREADABLE", _("Cannot be read")
    FAILED = "FAILED", _("Failed")


# Something is to be done without anybody's doing; and somebody is asked to go on.
WORKING = (
    ImportStatus.READING,
    ImportStatus.CHECKING,
    ImportStatus.STORING,
    ImportStatus.UNDOING,
)
ASKING = (ImportStatus.MAPPING, ImportStatus.CHECKED)


class ImportQuerySet(models.QuerySet["Import"]):
    """Named conditions on imports."""

    def working(self) -> "ImportQuerySet":
        """Something is to be done that nobody has to be asked for."""
        return self.filter(status__in=WORKING)

    def unfinished(self) -> "ImportQuerySet":
        """To be done, or waiting for somebody."""
        return self.filter(status__in=(*WORKING, *ASKING))


class Import(TenantModel):
    """A file on its way into the tenant's rows. The row is the whole memory of the job.

    :ivar upload_key: of the form that it was sent with and of its content, so that sent twice it
        is one.
    :ivar columns: the headings of the file.
    :ivar mapping: what the importer was told: which column is which field.
    :ivar total: how many rows there are; ``done`` of them are done in the step that is going on.
    :ivar next_part: the part to go on with.
    :ivar counts: verdict -> how many rows.
    :ivar problem: why the file cannot be read, as text and parameters.
    :ivar ordered_by: who asked for the step that is going on; the record names them.
    :ivar queued_at: since when it is to be gone on with; those of one tenant go in this order.
    :ivar failures: how often a step failed, one after the other.
    """

    Kind = ImportKind
    Status = ImportStatus

    kind = models.CharField(max_length=10, choices=ImportKind.choices)
    status = models.CharField(
        max_length=10, choices=ImportStatus.choices, default=ImportStatus.READING
    )
    upload_key = models.UUIDField()
    file_name = models.CharField(max_length=150)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    next_part = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    problem = models.JSONField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    ordered_by = models.CharField(max_length=60)
    queued_at = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "upload_key"], name="one_import_per_upload"
            ),
            models.CheckConstraint(
                condition=Q(status__in=WORKING, queued_at__isnull=False)
                | (~Q(status__in=WORKING) & Q(queued_at__isnull=True)),
                name="an_import_waits_since_an_instant",
            ),
        ]
        indexes = [
            # The next one to go on with.
            models.Index(
                fields=["queued_at", "id"],
                name="import_to_go_on_with",
                condition=Q(queued_at__isnull=False),
            ),
            # The manufacturer's list, the newest first.
            models.Index(fields=["manufacturer", "kind", "-id"], name="import_newest_first"),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportFile(TenantModel):
    """The file itself, from when it is sent until it is read: then the row is gone."""

    job = tenant_foreign_key("partners.Import", on_delete=models.CASCADE)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer", "job"], name="one_file_of_an_import")
        ]

    def __str__(self) -> str:
        return str(self.job_id)


class ImportPart(TenantModel):
    """Some rows of a file as they were read, until all are stored.

    :ivar rows: as the importer of the kind writes and reads them.
    """

    job = tenant_foreign_key("partners.Import", on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    rows = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "job", "number"], name="one_part_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.number}"


class RowVerdict(models.TextChoices):
    """What becomes, or became, of a row."""

    NEW = "NEW", _("New")
    CHANGED = "CHANGED", _("Changed")
    UNCHANGED = "UNCHANGED", _("Unchanged")
    REFUSED = "REFUSED", _("Refused")


class ImportRow(TenantModel):
    """What became of a row that there is something to say of.

    :ivar line: where it stands in the file.
    :ivar key: the number of the partner, or of the past lead.
    :ivar name: what people call it.
    :ivar problems: why it was refused: field, text and parameters of each reason.
    :ivar cells: of a refused row as they were sent, to be corrected.
    :ivar before: the partner's details until then; ``None`` if it was new.
    :ivar after: its details afterwards, by which one sees whether somebody changed it since.
    :ivar partner_key: the partner's id; not a reference, for it may be gone.
    :ivar undone: what taking the import back made of it; empty before.
    """

    Verdict = RowVerdict

    class Undone(models.TextChoices):
        REMOVED = "REMOVED", _("Removed")
        LEFT = "LEFT", _("Left the network")
        RESTORED = "RESTORED", _("As before")
        KEPT = "KEPT", _("Kept: somebody changed it since")

    job = tenant_foreign_key("partners.Import", on_delete=models.CASCADE)
    line = models.PositiveIntegerField()
    key = models.CharField(max_length=120, default="")
    name = models.CharField(max_length=200, default="")
    verdict = models.CharField(max_length=10, choices=RowVerdict.choices)
    problems = models.JSONField(default=list)
    cells = models.JSONField(default=list)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    partner_key = models.UUIDField(null=True)
    undone = models.CharField(max_length=10, choices=Undone.choices, default="")

    class Meta:
        constraints = [
            # Also serves the rows of an import in their order.
            models.UniqueConstraint(
                fields=["manufacturer", "job", "line"], name="one_verdict_per_row"
            )
        ]
        indexes = [
            # Which numbers stood in earlier rows.
            models.Index(fields=["manufacturer", "job", "key"], name="import_row_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.verdict}"
