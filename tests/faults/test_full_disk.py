"""The disk of the database is full: what cannot be kept is refused, what was kept stays (P16)."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.conftest import Figures, Size
from tests.faults.installation import Installation
from tests.faults.networks import Network
from tests.faults.waiting import wait_until

ROOM = 160  # MB: for the database, its log, and a little work
_BLOCK = 1024 * 1024


def tool(name: str) -> str:
    """Find a program of the system; skip without it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"a small disk cannot be made here: there is no {name}")
    return found


@contextmanager
def small_disk(place: Path) -> Iterator[None]:
    """Give a directory a small disk of its own, in memory; skip where that is not allowed."""
    options = ("-t", "tmpfs", "-o", f"size={ROOM}m,mode=0700", "tmpfs", str(place))
    done = subprocess.run([tool("mount"), *options], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run([tool("umount"), "--lazy", str(place)], check=True)


@contextmanager
def database_on_small_disk(installation: Installation, tmp_path: Path) -> Iterator[None]:
    """Let the database of an installation lie on a small disk for the time of the block."""
    place = installation.directory.postgres
    installation.postgres.end()
    aside = tmp_path / "postgres"
    copy(place, aside)
    with small_disk(place):
        copy(aside, place)
        shutil.rmtree(aside)
        installation.postgres.start()
        try:
            yield
        finally:
            installation.end_product()
            installation.postgres.end()


def copy(source: Path, target: Path) -> None:
    """Copy a directory as it is, its owners included."""
    subprocess.run([tool("cp"), "--archive", f"{source}/.", str(target)], check=True)


def fill(place: Path) -> Path:
    """Take all the room that is left."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (_BLOCK, 4_096):
            try:
                while file.write(b"\0" * size) == size:
                    continue
            except OSError:
                continue
    return ballast


def act_until_refused(network: Network, acknowledged: dict[str, str], *, at_most: int) -> list[int]:
    """Send leads and take them; note what was acknowledged, return the statuses of refusals."""
    refusals: list[int] = []
    dealer = network.dealers[0]
    with network.desk() as desk, network.dealer(dealer) as partner:
        for _ in range(at_most):
            sent = desk.try_to("POST", "leads/", network.enquiry())
            if sent is None or sent.status != 201:
                refusals.append(sent.status if sent else 0)
                if len(refusals) > 20:
                    break
                continue
            lead = sent.json
            acknowledged[lead["id"]] = "OFFERED"
            if not lead["offers"]:
                continue
            offer = next(one["id"] for one in lead["offers"] if one["partner"] == dealer.id)
            taken = partner.try_to("POST", f"offers/{offer}/accept/")
            if taken is not None and taken.status < 300:
                acknowledged[lead["id"]] = "ACCEPTED"
            else:
                refusals.append(taken.status if taken else 0)
    return refusals


def missing(installation: Installation, acknowledged: dict[str, str]) -> list[str]:
    """Name the leads that are not what somebody was told that they are."""
    there = {
        str(id_): status for id_, status in installation.rows("SELECT id, status FROM leads_lead")
    }
    return [
        lead
        for lead, told in acknowledged.items()
        if there.get(lead) is None or (told == "ACCEPTED" and there[lead] != "ACCEPTED")
    ]


@pytest.mark.promise("P16")
@pytest.mark.timeout(600)
def test_a_full_disk_refuses_and_loses_nothing(
    own_installation: Installation, size: Size, figures: Figures, tmp_path: Path
) -> None:
    installation, acknowledged = own_installation, dict[str, str]()
    with database_on_small_disk(installation, tmp_path):
        installation.web()
        network = installation.network(dealers=2)
        act_until_refused(network, acknowledged, at_most=size.of(short=10, full=200))
        ballast = fill(installation.directory.postgres)
        before = len(acknowledged)
        refusals = act_until_refused(network, acknowledged, at_most=size.of(short=300, full=5_000))
        meanwhile = len(acknowledged) - before

        ballast.unlink()
        if not installation.postgres.is_alive:
            installation.postgres.start()
        wait_until(installation.answers, "the web server to answer again")
        lost = missing(installation, acknowledged)
        act_until_refused(network, again := dict[str, str](), at_most=5)
        broken = installation.manage("check_invariants", "--without-timers")
    figures(
        "P16",
        f"{len(lost)} of {len(acknowledged):,} acknowledged actions missing, {meanwhile} of them "
        f"after the disk was full; refusals: {dict(Counter(refusals))}; it works again when "
        "there is room",
    )
    assert refusals
    assert lost == []
    assert len(again) == 5
    assert "Everything that must hold holds." in broken


@pytest.mark.promise("P16")
@pytest.mark.timeout(600)
def test_finds_an_interface_that_takes_what_the_disk_cannot(
    own_installation: Installation, tmp_path: Path
) -> None:
    installation, acknowledged = own_installation, dict[str, str]()
    with database_on_small_disk(installation, tmp_path):
        installation.web("tests.faults.boastful:application")
        network = installation.network(dealers=2)
        ballast = fill(installation.directory.postgres)
        act_until_refused(network, acknowledged, at_most=300)

        ballast.unlink()
        if not installation.postgres.is_alive:
            installation.postgres.start()
        wait_until(installation.answers, "the web server to answer again")
        lost = missing(installation, acknowledged)
    assert lost
