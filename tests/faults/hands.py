"""Run in the environment of an installation: hands that do the product's work and are killed at it.

``python -m tests.faults.hands KIND COUNT PAUSE [FAULT]``: a process that has loaded everything
forks so many hands, kills one of them each ``PAUSE`` seconds as ``kill -9`` does, and forks another
in its place; with 0 one is killed for each SIGUSR1. Each hand is the loop of
`manage.py run_timers`, with one of its steps.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from threading import Event

import django

Step = Callable[[], bool | None]
GLANCE = 0.02  # seconds between looks whether one is to be killed


def step_of(kind: str, fault: str) -> Step:
    """Find a step of the product's loop, or one with a planted fault."""
    from leads.management.commands import run_timers  # noqa: PLC0415 - Django is set up by now
    from tests.faults import faulty_hands  # noqa: PLC0415

    if fault:
        found: Step = getattr(faulty_hands, fault)
        return found
    steps: dict[str, Step] = {
        "sweep": run_timers._sweep,
        "deliver": _deliver,
    }
    return steps[kind]


def _deliver() -> None:
    from leads.management.commands import run_timers  # noqa: PLC0415

    run_timers._spread()
    run_timers._deliver("EMAIL")


def shorten_leases(seconds: float) -> None:
    """Let a lease run out sooner than the product's minute, for a test that cannot wait for it."""
    from leadhub.core import outbox  # noqa: PLC0415

    vars(outbox)["LEASE"] = timedelta(seconds=seconds)
    vars(outbox)["FIRST_PAUSE"] = timedelta(seconds=0.2)


class Hands:
    """The hands that live at the moment."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._living: list[int] = []
        self.killed = 0

    def fork(self) -> None:
        """Make one more."""
        pid = os.fork()
        if pid:
            self._living.append(pid)
            return
        for number in (signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, signal.SIG_DFL)
        work(self._step)

    def kill_one(self) -> None:
        """Kill the one that has lived the longest."""
        pid = self._living.pop(0)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self.killed += 1

    def end(self) -> None:
        """Kill all that are left."""
        killed = self.killed
        while self._living:
            self.kill_one()
        self.killed = killed


def work(step: Step) -> None:
    """Be a hand, until the end of it."""
    from leads.management.commands import run_timers  # noqa: PLC0415

    try:
        run_timers._repeat((step,), Event(), 1.0)
    finally:
        os._exit(1)


def say(line: str) -> None:
    """Let the test know, by the log."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(kind: str, count: str, pause: str, fault: str = "") -> None:
    """Fork, kill, fork again, until told to stop."""
    over, asked = Event(), list[int]()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGUSR1, lambda *_: asked.append(1))
    hands = Hands(step_of(kind, fault))
    for _ in range(int(count)):
        hands.fork()
    say("ready")
    while not over.wait(float(pause) or GLANCE):
        if float(pause):
            asked.append(1)
        while hands.killed < len(asked):
            hands.kill_one()
            hands.fork()
            say(f"killed {hands.killed}")
    hands.end()


if __name__ == "__main__":
    django.setup()
    if lease := os.environ.get("FAULTS_LEASE"):  # before anything takes it over
        shorten_leases(float(lease))
    main(*sys.argv[1:])
