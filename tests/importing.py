"""Files of partners, imported as far as a test needs."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from leadhub.core.tenancy.context import tenant_context
from partners.imports.fields import guess_fields
from partners.imports.jobs import (
    check_import,
    go_on_with_imports,
    start_import,
    store_import,
    undo_import,
)
from partners.models import Import
from tests.factories import NOON, Network

LATER = NOON + timedelta(minutes=1)


def send(network: Network, content: str | bytes, **options: Any) -> Import:
    """Upload a file."""
    asked = {
        "kind": Import.Kind.PARTNERS,
        "file_name": "Partner.csv",
        "upload_key": uuid4(),
        "at": NOON,
        **options,
    }
    content = content.encode() if isinstance(content, str) else content
    return start_import(content=content, by=network.by, **asked)


def go_on() -> int:
    """Go on until nothing is left."""
    steps = 0
    while go_on_with_imports(at=LATER):
        steps += 1
    return steps


def again(network: Network, job: Import) -> Import:
    """Read an import as it is now."""
    with tenant_context(network.manufacturer.id):
        return Import.objects.get(id=job.id)


def checked(network: Network, content: str | bytes, **options: Any) -> Import:
    """Upload a file, and have its rows checked with the columns that were guessed."""
    job = send(network, content, **options)
    go_on()
    job = again(network, job)
    assert job.status == "MAPPING", (job.status, job.problem)
    mapping = {"columns": guess_fields(job.columns), "country": "DE"}
    check_import(job=job, mapping=mapping, by=network.by, at=LATER)
    go_on()
    return again(network, job)


def stored(network: Network, content: str | bytes, **options: Any) -> Import:
    """Upload a file, and have its sound rows stored."""
    job = checked(network, content, **options)
    store_import(job=job, by=network.by, at=LATER)
    go_on()
    return again(network, job)


def taken_back(network: Network, job: Import) -> Import:
    """Take an import back."""
    undo_import(job=job, by=network.by, at=LATER)
    go_on()
    return again(network, job)
