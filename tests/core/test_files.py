"""Files of tenants: whole or not there at all, and each tenant's own."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from leadhub.core.errors import NotVisible
from leadhub.core.files import CannotKeep, keep_file, read_file
from leadhub.core.ids import new_id


@pytest.fixture(autouse=True)
def place(settings: LazySettings, tmp_path: Path) -> Path:
    """A data directory of the test's own."""
    settings.LEADHUB_DATA = tmp_path
    return tmp_path


def files_in(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


def test_reads_what_was_kept(place: Path) -> None:
    owner = new_id()

    digest = keep_file(owner=owner, content=b"prices")

    assert read_file(owner=owner, digest=digest) == b"prices"
    (file,) = files_in(place)
    assert file.name == digest.hex()
    assert file.stat().st_mode & 0o077 == 0


def test_keeps_the_same_content_once(place: Path) -> None:
    owner = new_id()

    digests = {keep_file(owner=owner, content=b"prices") for _ in range(3)}

    assert len(digests) == len(files_in(place)) == 1


def test_shows_no_tenant_the_file_of_another(place: Path) -> None:
    digest = keep_file(owner=new_id(), content=b"prices")

    with pytest.raises(NotVisible):
        read_file(owner=new_id(), digest=digest)


def test_leaves_nothing_behind_where_it_cannot_write(place: Path) -> None:
    owner = new_id()
    (place / "files").write_text("a file where a directory should be")

    with pytest.raises(CannotKeep):
        keep_file(owner=owner, content=b"prices")

    assert [path.name for path in files_in(place)] == ["files"]
