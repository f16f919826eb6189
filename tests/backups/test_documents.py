"""Files of tenants go into backups and come back, each as its name says."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from leadhub.backups.documents import bring_back_files, files_in, keep_new_files
from leadhub.backups.failures import BackupFailed
from leadhub.core.files import keep_file, read_file
from leadhub.core.ids import new_id


@pytest.fixture
def data(settings: LazySettings, tmp_path: Path) -> Path:
    """A data directory of the test's own."""
    settings.LEADHUB_DATA = tmp_path / "data"
    return tmp_path / "data"


def test_what_was_kept_comes_back(data: Path, tmp_path: Path, settings: LazySettings) -> None:
    owner, backups = new_id(), tmp_path / "backups"
    digests = [keep_file(owner=owner, content=text) for text in (b"one", b"two")]

    copied = [keep_new_files(data, backups), keep_new_files(data, backups)]
    digests.append(keep_file(owner=owner, content=b"three"))
    copied.append(keep_new_files(data, backups))
    damaged = bring_back_files(backups, tmp_path / "restored")

    settings.LEADHUB_DATA = tmp_path / "restored"
    assert copied == [2, 0, 1]
    assert damaged == []
    contents = [read_file(owner=owner, digest=digest) for digest in digests]
    assert contents == [b"one", b"two", b"three"]


def test_leaves_out_what_is_being_written(data: Path, tmp_path: Path) -> None:
    keep_file(owner=new_id(), content=b"one")
    (whole,) = files_in(data)
    (whole.parent / ".new-abc").write_bytes(b"half")

    assert keep_new_files(data, tmp_path / "backups") == 1


def test_says_which_file_is_damaged(data: Path, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    keep_file(owner=new_id(), content=b"one")
    keep_new_files(data, backups)
    (kept,) = files_in(backups)
    kept.write_bytes(b"other")

    assert bring_back_files(backups, tmp_path / "restored") == [kept.name]
    assert list(files_in(tmp_path / "restored")) == []


def test_takes_no_damaged_file_for_a_backup(data: Path, tmp_path: Path) -> None:
    keep_file(owner=new_id(), content=b"one")
    (file,) = files_in(data)
    file.write_bytes(b"other")

    with pytest.raises(BackupFailed, match="not what its name says"):
        keep_new_files(data, tmp_path / "backups")

    assert list(files_in(tmp_path / "backups")) == []
