"""Opening a document: whoever may see it gets the file, and a partner's opening is counted."""

from datetime import datetime

from leadhub.core.actors import Actor
from leadhub.core.files import read_file
from leadhub.core.tenancy.context import in_tenant_of
from partners.models import MaterialOpening, MaterialVersion
from partners.models.materials import OpenedFrom


@in_tenant_of("version")
def open_version(
    *, version: MaterialVersion, found: str = OpenedFrom.LIBRARY, by: Actor, at: datetime
) -> bytes:
    """Read the file of a version that the caller may see.

    Each time a partner does so is a row of its own; the manufacturer's own looks are not counted.

    :param found: where the reader found it, one of ``OpenedFrom``.
    :raises NotVisible: if the file is gone from the disk.
    """
    content = read_file(owner=version.manufacturer_id, digest=bytes(version.digest))
    if by.partner_id is not None:
        MaterialOpening.objects.create(
            manufacturer_id=version.manufacturer_id,
            version=version,
            partner_id=by.partner_id,
            actor=by.label,
            found=found,
            opened_at=at,
        )
    return content
