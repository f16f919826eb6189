"""The database's disk is lost while people work: what a backup gives back, and how soon (P20)."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from leadhub.backups.store import BaseBackup, Store
from leadhub.embedded.application import ROOT, backup_program
from leadhub.embedded.directory import DataDirectory
from tests.faults.conftest import Figures, Size
from tests.faults.crowds import DAY, add_leads
from tests.faults.installation import Installation, services_in
from tests.faults.networks import Network
from tests.faults.parts import Part
from tests.faults.waiting import wait_until

pytestmark = [pytest.mark.promise("P20"), pytest.mark.timeout(3_600)]

RESTORED_WITHIN = 15 * 60.0  # seconds
LOST_AT_MOST = 5 * 60.0  # seconds
WRITERS = 2
_RECEIVED = """
    SELECT restart_lsn >= %s::pg_lsn FROM pg_replication_slots WHERE active
"""


@dataclass
class Diary:
    """What was acknowledged to people, and when."""

    leads: dict[str, float] = field(default_factory=dict)
    accepted: dict[str, float] = field(default_factory=dict)

    def count(self) -> int:
        return len(self.leads) + len(self.accepted)


@contextmanager
def people_working(network: Network, diary: Diary) -> Iterator[None]:
    """Send leads and take them until the block ends; the end of the database ends them too."""
    over = threading.Event()

    def work(number: int) -> None:
        dealer = network.dealers[number]
        with network.desk() as desk, network.dealer(dealer) as partner:
            while not over.is_set():
                sent = desk.try_to("POST", "leads/", network.enquiry())
                if sent is None or sent.status != 201:
                    continue
                lead = sent.json
                diary.leads[lead["id"]] = time.monotonic()
                (offer,) = [one["id"] for one in lead["offers"] if one["partner"] == dealer.id]
                taken = partner.try_to("POST", f"offers/{offer}/accept/")
                if taken is not None and taken.status < 300:
                    diary.accepted[lead["id"]] = time.monotonic()

    writers = [threading.Thread(target=work, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        over.set()
        for writer in writers:
            writer.join()


@dataclass
class Restored:
    """What a restore made: what it said, and a database that answers questions."""

    directory: DataDirectory
    said: str
    seconds: float

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Run its database; yields the address for its superuser."""
        server = services_in(self.directory).postgres
        assert server is not None
        server.initialise()
        part = Part(server.program(), is_ready=server.is_ready)
        part.start()
        try:
            yield server.url("postgres", server.password)
        finally:
            part.end()


def restore(backups: Path, into: Path, *words: str) -> Restored:
    """Restore as an operator does who has lost everything but the backups."""
    started = time.monotonic()
    done = run_restore(backups, into, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return Restored(DataDirectory.open(into), done.stdout, time.monotonic() - started)


def run_restore(backups: Path, into: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ("-m", "leadhub.embedded", "manage", "restore", str(backups), "--into", str(into))
    return subprocess.run(
        [sys.executable, *command, *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=shell_of_an_operator(),
    )


def shell_of_an_operator() -> dict[str, str]:
    """Return an environment that knows nothing of any leadhub."""
    foreign = ("DATABASE_", "REDIS_", "LEADHUB_", "DJANGO_", "SECRET_KEY", "EMAIL_")
    return {name: word for name, word in os.environ.items() if not name.startswith(foreign)}


def rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())
    finally:
        connection.close()


def missing(url: str, diary: Diary) -> list[float]:
    """Tell when what is not there any more was acknowledged."""
    there = {str(row[0]) for row in rows(url, "SELECT id FROM leads_lead")}
    held = {str(row[0]) for row in rows(url, "SELECT lead_id FROM leads_assignment")}
    return sorted(
        [at for lead, at in diary.leads.items() if lead not in there]
        + [at for lead, at in diary.accepted.items() if lead not in held]
    )


def send_one(network: Network) -> str:
    """Send a lead; returns its id."""
    with network.desk() as desk:
        return str(network.lead(desk)["id"])


def start_backups(installation: Installation, backups: Path) -> Part:
    """Have backups made as `bin/run` does, until there is a whole one."""
    installation.environment |= installation.services.backup_address()
    part = installation.run(
        backup_program(installation.directory, installation.settings, backups=str(backups))
    )
    wait_until(lambda: Store(backups).backups(), lambda: f"a backup:\n{part.log()}", patience=300)
    return part


def wait_until_received(installation: Installation, backup: Part) -> None:
    """Wait until all that was committed so far lies with the backups, too."""
    ((position,),) = installation.rows("SELECT pg_current_wal_flush_lsn()::text")
    wait_until(
        lambda: installation.rows(_RECEIVED, position) == [(True,)],
        lambda: f"the log to be received:\n{backup.log()}",
        patience=LOST_AT_MOST,
    )


def lose(installation: Installation) -> None:
    """Lose the database: its processes killed, its disk gone."""
    installation.postgres.kill()
    shutil.rmtree(installation.directory.postgres)


def damage(backups: Path) -> str:
    """Change one byte of the newest base backup; returns its name."""
    newest = Store(backups).backups()[-1]
    victim = max((newest.data / "base").rglob("*"), key=lambda path: path.stat().st_size)
    with victim.open("r+b") as file:
        file.seek(4_000)
        was = file.read(1)
        file.seek(4_000)
        file.write(bytes([was[0] ^ 1]))
    return newest.name


def test_gives_back_what_was_acknowledged_before_the_disk_was_lost(
    own_installation: Installation, tmp_path: Path, size: Size, figures: Figures
) -> None:
    backups, diary = tmp_path / "backups", Diary()
    own_installation.web()
    network = own_installation.network(waves=[{"response_window": DAY}])
    if size.is_full:
        add_leads(own_installation, network, 100_000)
    backup = start_backups(own_installation, backups)
    with people_working(network, diary):
        wait_until(lambda: diary.count() > size.of(short=40, full=400), "people to work")
        safe = time.monotonic()
        wait_until_received(own_installation, backup)
        caught_up = time.monotonic() - safe
        wait_until(lambda: max(diary.leads.values()) > safe + 0.2, "people to go on")
        lost_at = time.monotonic()
        lose(own_installation)

    restored = restore(backups, tmp_path / "restored")

    with restored.serving() as url:
        lost = missing(url, diary)
        ((leads,),) = rows(url, "SELECT count(*) FROM leads_lead")
        ((bytes_,),) = rows(url, "SELECT pg_database_size('leadhub')")
    figures(
        "P20",
        f"{leads:,} leads, {bytes_ / 1e6:,.0f} MB: restored in {restored.seconds:.0f} s; "
        f"{len(lost)} of {diary.count():,} acknowledged actions lost, the earliest "
        f"{max(lost_at - min(lost, default=lost_at), 0):.1f} s before the disk; the log was "
        f"{caught_up:.1f} s behind; 0 invariants broken",
    )
    assert [at for at in lost if at < safe] == []
    assert [at for at in lost if at < lost_at - LOST_AT_MOST] == []
    assert restored.seconds < RESTORED_WITHIN
    assert len(diary.accepted) > 10


def test_gives_back_an_earlier_instant_from_an_older_backup_if_the_newest_is_damaged(
    own_installation: Installation, tmp_path: Path
) -> None:
    backups = tmp_path / "backups"
    own_installation.web()
    network = own_installation.network()
    backup = start_backups(own_installation, backups)
    before = send_one(network)
    own_installation.manage("backup", str(backups))
    newest = damage(backups)
    wanted = send_one(network)
    ((instant,),) = own_installation.rows("SELECT clock_timestamp()")
    mistake = send_one(network)
    wait_until_received(own_installation, backup)
    lose(own_installation)

    restored = restore(backups, tmp_path / "restored", "--at", instant.isoformat())

    assert f"Base backup {newest} is damaged" in restored.said
    with restored.serving() as url:
        there = {str(row[0]) for row in rows(url, "SELECT id FROM leads_lead")}
    assert {before, wanted} <= there
    assert mistake not in there


def test_finds_what_a_restore_without_the_log_has_lost(
    own_installation: Installation, size: Size, tmp_path: Path
) -> None:
    if not size.is_full:
        pytest.skip("bin/faults has the time for it")
    backups, diary = tmp_path / "backups", Diary()
    own_installation.web()
    network = own_installation.network(waves=[{"response_window": DAY}])
    backup = start_backups(own_installation, backups)
    with people_working(network, diary):
        wait_until(lambda: diary.count() > 40, "people to work")
        safe = time.monotonic()
        wait_until_received(own_installation, backup)
        lose(own_installation)
    shutil.rmtree(backups / "wal")

    restored = restore(backups, tmp_path / "restored")

    with restored.serving() as url:
        assert [at for at in missing(url, diary) if at < safe]


def test_writes_over_nothing_that_is_there(tmp_path: Path) -> None:
    living = tmp_path / "living"
    (living / "postgres").mkdir(parents=True)

    done = run_restore(tmp_path / "backups", living)

    assert done.returncode == 1
    assert f"{living} is not empty: name a new directory" in done.stderr
    assert [path.name for path in living.iterdir()] == ["postgres"]


def test_says_what_can_be_restored_instead_of_an_instant_before_all_backups(
    tmp_path: Path,
) -> None:
    finished = datetime(2026, 11, 23, tzinfo=UTC)
    place = tmp_path / "backups" / "base" / "one"
    place.mkdir(parents=True)
    BaseBackup(place, finished, finished, 1, "0" * 24, 18, is_embedded=True).write()

    done = run_restore(tmp_path / "backups", tmp_path / "new", "--at", "2026-11-22T00:00:00Z")

    assert done.returncode == 1
    assert "The oldest base backup was finished at 2026-11-23T00:00:00+00:00" in done.stderr
    assert not (tmp_path / "new").exists()


def test_takes_no_instant_that_has_no_time_zone(tmp_path: Path) -> None:
    done = run_restore(tmp_path, tmp_path / "new", "--at", "2026-11-22T00:00:00")

    assert done.returncode != 0
    assert "is no instant with its time zone" in done.stderr
