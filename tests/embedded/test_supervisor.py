"""Programs are started again when they die, stopped when asked, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from leadhub.embedded.programs import ROTATE_AT, Program, rotate
from leadhub.embedded.supervisor import Stopped, Supervisor

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 20.0  # seconds until a test gives up; none of them takes that long

# Tells its process id, then stays. Each start adds a line.
STAYS = "import os, sys, time; print(os.getpid(), flush=True); time.sleep(600)"
IGNORES = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
HAS_A_CHILD = (
    "import subprocess, sys, time; "
    f"subprocess.Popen([sys.executable, '-c', {STAYS!r}]); time.sleep(600)"
)


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def supervisor(reports: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(reports.append)
    # Whoever runs the tests may have asked them to stay.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with made.watching():
            yield made
            made.stop(made.names, patience=0)
    finally:
        signal.signal(signal.SIGHUP, before)


def program(place: Path, code: str) -> Program:
    return Program(
        name="example",
        argv=(sys.executable, "-c", code),
        log=place / "example.log",
        environment=dict(os.environ),
    )


def told(place: Path) -> list[int]:
    """Return the process ids that the program has told so far."""
    return [int(word) for word in (place / "example.log").read_text().split()]


def is_running(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_it_starts_a_killed_program_again(
    supervisor: Supervisor, reports: list[str], tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, STAYS))
    assert supervisor.wait_until(lambda: len(told(tmp_path)) == 1, timeout=PATIENCE)

    os.kill(told(tmp_path)[0], signal.SIGKILL)

    assert supervisor.wait_until(lambda: len(told(tmp_path)) == 2, timeout=PATIENCE)
    assert "SIGKILL" in reports[0]


def test_it_clears_away_what_a_killed_program_leaves_behind(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, HAS_A_CHILD))
    assert supervisor.wait_until(lambda: len(told(tmp_path)) == 1, timeout=PATIENCE)
    grandchild = told(tmp_path)[0]

    os.kill(os.getpgid(grandchild), signal.SIGKILL)

    assert supervisor.wait_until(lambda: not is_running(grandchild), timeout=PATIENCE)


def test_it_waits_longer_before_each_further_restart(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, "raise SystemExit(3)"))

    began = time.monotonic()
    assert supervisor.wait_until(lambda: supervisor.deaths_of("example") >= 3, timeout=PATIENCE)

    assert time.monotonic() - began >= 0.6


def test_it_survives_a_program_that_is_not_there(
    supervisor: Supervisor, reports: list[str], tmp_path: Path
) -> None:
    supervisor.start(Program(name="ghost", argv=("/no/such/program",), log=tmp_path / "log"))

    assert "could not be started" in reports[0]


def test_it_insists_when_a_program_does_not_stop(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program(tmp_path, IGNORES + STAYS))
    assert supervisor.wait_until(lambda: len(told(tmp_path)) == 1, timeout=PATIENCE)

    supervisor.stop(["example"], patience=0.2)

    assert not is_running(told(tmp_path)[0])


def test_it_stops_a_frozen_program(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program(tmp_path, STAYS))
    assert supervisor.wait_until(lambda: len(told(tmp_path)) == 1, timeout=PATIENCE)
    os.kill(told(tmp_path)[0], signal.SIGSTOP)

    supervisor.stop(["example"], patience=PATIENCE)

    assert not is_running(told(tmp_path)[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_watch(supervisor: Supervisor, number: signal.Signals) -> None:
    os.kill(os.getpid(), number)

    supervisor.run()


def test_a_signal_ends_a_step_and_its_program(supervisor: Supervisor, tmp_path: Path) -> None:
    asks_to_stop = f"import os; os.kill({os.getpid()}, {signal.SIGTERM.value}); "

    with pytest.raises(Stopped):
        supervisor.run_once(program(tmp_path, asks_to_stop + STAYS))

    assert not any(is_running(pid) for pid in told(tmp_path))


def test_a_step_tells_its_exit_status(supervisor: Supervisor, tmp_path: Path) -> None:
    assert supervisor.run_once(program(tmp_path, "raise SystemExit(3)")) == 3


def test_programs_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from tests.embedded.test_supervisor import STAYS, program
from leadhub.embedded.supervisor import Supervisor
supervisor = Supervisor(print)
with supervisor.watching():
    supervisor.start(program(Path({str(tmp_path)!r}), STAYS))
    supervisor.run()
"""
    (tmp_path / "example.log").touch()
    with subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2]) as killed:
        wait_for(lambda: len(told(tmp_path)) == 1)
        killed.kill()

    wait_for(lambda: not is_running(told(tmp_path)[0]))


def wait_for(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_long_log_is_begun_anew(tmp_path: Path) -> None:
    log = tmp_path / "example.log"
    with log.open("w") as file:
        file.truncate(ROTATE_AT)

    rotate(log)

    assert log.stat().st_size == 0
    assert (tmp_path / "example.log.1").stat().st_size == ROTATE_AT


# Says when it is told to end, and takes until somebody kills it.
LEAVES_SLOWLY = (
    "import os, signal, sys, time; "
    "signal.signal(signal.SIGTERM, lambda *_: print('leaves', flush=True)); "
    "print(os.getpid(), flush=True); time.sleep(600); time.sleep(600)"
)


def test_it_lets_a_successor_in_before_the_predecessor_leaves(
    supervisor: Supervisor, reports: list[str], tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, STAYS))
    assert supervisor.wait_until(lambda: len(told(tmp_path)) == 1, timeout=PATIENCE)
    (first,) = told(tmp_path)
    seen = []

    def is_ready() -> bool:
        seen.append(is_running(first))
        return len(told(tmp_path)) == 2

    assert supervisor.follow(
        program(tmp_path, STAYS), is_ready=is_ready, timeout=PATIENCE, patience=PATIENCE
    )

    assert all(seen)
    assert supervisor.wait_until(lambda: not is_running(first), timeout=PATIENCE)
    assert is_running(told(tmp_path)[1])
    assert supervisor.names == ["example"]
    assert reports == []


def test_it_stops_a_successor_that_is_not_ready_and_keeps_the_predecessor(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, STAYS))
    assert supervisor.wait_until(lambda: len(told(tmp_path)) == 1, timeout=PATIENCE)

    for code in (STAYS, "raise SystemExit(1)"):
        has_followed = supervisor.follow(
            program(tmp_path, code), is_ready=lambda: False, timeout=0.5, patience=PATIENCE
        )
        assert not has_followed

    first, *others = told(tmp_path)
    assert is_running(first)
    assert not any(is_running(other) for other in others)
    assert supervisor.names == ["example"]


def test_it_waits_only_so_long_for_a_predecessor(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program(tmp_path, LEAVES_SLOWLY))
    log = tmp_path / "example.log"
    assert supervisor.wait_until(lambda: log.read_text() != "", timeout=PATIENCE)
    first = int(log.read_text())

    assert supervisor.follow(
        program(tmp_path, STAYS), is_ready=lambda: True, timeout=PATIENCE, patience=0.5
    )

    assert supervisor.wait_until(lambda: "leaves" in log.read_text(), timeout=PATIENCE)
    assert supervisor.wait_until(lambda: not is_running(first), timeout=PATIENCE)


def test_it_stops_a_predecessor_that_is_still_leaving(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, LEAVES_SLOWLY))
    log = tmp_path / "example.log"
    assert supervisor.wait_until(lambda: log.read_text() != "", timeout=PATIENCE)
    first = int(log.read_text())
    supervisor.follow(
        program(tmp_path, STAYS), is_ready=lambda: True, timeout=PATIENCE, patience=600
    )

    supervisor.stop(supervisor.names, patience=0.5)

    assert not is_running(first)


def test_a_hangup_asks_one_that_renews_to_renew(reports: list[str], tmp_path: Path) -> None:
    renewed = []
    renewing = Supervisor(reports.append, renews=True)

    def renew() -> None:
        renewed.append(True)
        os.kill(os.getpid(), signal.SIGTERM)

    with renewing.watching():
        os.kill(os.getpid(), signal.SIGHUP)
        renewing.run(renew)

    assert renewed == [True]


def test_a_hangup_asks_every_other_to_stop(supervisor: Supervisor) -> None:
    os.kill(os.getpid(), signal.SIGHUP)

    with pytest.raises(Stopped):
        supervisor.wait_until(lambda: False, timeout=PATIENCE)
