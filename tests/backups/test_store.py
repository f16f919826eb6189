"""A directory of backups belongs to one database and keeps as many as was asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from leadhub.backups.failures import BackupFailed
from leadhub.backups.server import Identity
from leadhub.backups.store import BaseBackup, Store

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OURS = Identity(cluster="1", timeline=1, major=18, now=NOON)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "backups")
    made.prepare(OURS)
    return made


def base_backup(store: Store, at: datetime) -> BaseBackup:
    """Put a base backup there, as far as the directory looks at one."""
    place = store.place_of(at)
    (place / "data").mkdir(parents=True)
    made = BaseBackup(place, at, at + timedelta(minutes=1), 1, "0" * 24, 18, is_embedded=True)
    made.write()
    return BaseBackup.read(place)


def test_reads_what_was_written_of_a_base_backup(store: Store) -> None:
    made = base_backup(store, NOON)

    assert store.backups() == [made]
    assert (made.name, made.finished_at) == ("20260302T120000Z", NOON + timedelta(minutes=1))


def test_keeps_the_newest(store: Store) -> None:
    made = [base_backup(store, NOON + timedelta(days=day)) for day in range(4)]

    gone = store.prune(keep=2)

    assert gone == made[:2]
    assert store.backups() == made[2:]
    assert [path.name for path in sorted(store.base.iterdir())] == [one.name for one in made[2:]]


def test_does_not_count_what_was_not_taken_whole(store: Store) -> None:
    (store.base / "20260302T120000Z.new" / "data").mkdir(parents=True)
    (store.base / "20260303T120000Z" / "data").mkdir(parents=True)

    assert store.backups() == []


def test_refuses_the_backups_of_another_database(store: Store) -> None:
    with pytest.raises(BackupFailed, match="another database"):
        store.prepare(OURS._replace(cluster="2"))


def test_refuses_the_database_that_was_restored_from_since(store: Store) -> None:
    (store.wal / ("00000002" + "0" * 16)).touch()

    store.prepare(OURS._replace(timeline=2))
    with pytest.raises(BackupFailed, match="restored from this one"):
        store.prepare(OURS)


def test_refuses_a_directory_that_holds_other_things(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()

    with pytest.raises(BackupFailed, match="an empty or a new directory"):
        Store(tmp_path).prepare(OURS)

    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_only_one_process_does_a_thing(store: Store) -> None:
    with store.taken_by("base") as first, store.taken_by("base") as second:
        assert (first, second) == (True, False)
    with store.taken_by("base") as again:
        assert again
