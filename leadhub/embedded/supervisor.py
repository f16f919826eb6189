"""Keeps programs running: starts them again when they die, stops them all when asked to.

One may be followed by a successor, which is let in first; it leaves when its last work is done.

One thread. It sleeps until a signal arrives (a child died, stop was asked for) or something is
due, so that a crash is noticed at once and waiting costs nothing.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadhub.embedded.programs import Program, rotate, signal_group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_PR_SET_CHILD_SUBREAPER = 36
_PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)  # seconds before one restart after another
_STEADY = 10.0  # seconds after which a program counts as running well again
_LOOK_AT_LOGS = 60.0
_POLL = 0.05
_NEXT = "next "  # before the name of a program that is to follow the one of that name


class Stopped(Exception):
    """Somebody asked to stop."""


@dataclass
class _Child:
    """A program with its present process."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float | None = None
    deaths: int = 0

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_end(self) -> None:
        if self.process and self.is_alive():
            # a stopped process hears nothing but SIGKILL until it is continued
            with suppress(ProcessLookupError):
                self.process.send_signal(self.program.stop_signal)
                self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Leave nothing of it."""
        if self.process:
            signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Runs programs as children of this process; use `watching()` around everything."""

    def __init__(self, report: Callable[[str], None], *, renews: bool = False) -> None:
        """Take a function that shows a line to the person at the terminal.

        :param renews: SIGHUP asks to renew, not to stop, unless it is the terminal that is gone.
        """
        self._report = report
        self._renews = renews
        self._is_to_renew = False
        self._children: dict[str, _Child] = {}
        self._leaving: list[tuple[_Child, float]] = []  # with the instant at which patience ends
        self._passing: set[int] = set()  # processes that are expected to end
        self._stop_requests = 0
        self._logs_looked_at = time.monotonic()
        self._wake, self._waker = os.pipe()

    @property
    def names(self) -> list[str]:
        """The programs that are kept running."""
        return list(self._children)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take over the signals of this process for the time of the block."""
        os.set_blocking(self._wake, False)
        os.set_blocking(self._waker, False)
        _adopt_orphans(wanted=True)
        numbers = [signal.SIGTERM, signal.SIGINT, signal.SIGCHLD]
        self._has_terminal = _has_terminal()
        if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:  # nohup means: stay
            self._has_terminal = False
        if self._renews or signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            numbers.append(signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        wakeup = signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        try:
            yield
        finally:
            _adopt_orphans(wanted=False)
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self, program: Program) -> None:
        """Start a program and keep it running from now on."""
        child = _Child(program)
        self._children[program.name] = child
        self._launch(child)

    def run_once(self, program: Program) -> int:
        """Run a program to its end and return its exit status.

        :raises Stopped: if stop was asked for meanwhile, which ends the program too.
        """
        process = program.start()
        self._passing.add(process.pid)
        try:
            self.wait_until(lambda: process.poll() is not None, timeout=None)
        finally:
            signal_group(process.pid, signal.SIGKILL)
            status = process.wait()
            self._passing.discard(process.pid)
        return status

    def wait_until(self, condition: Callable[[], bool], *, timeout: float | None) -> bool:
        """Look after the programs until the condition holds; False when time runs out first.

        :raises Stopped: if stop is asked for meanwhile.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not condition():
            if deadline is not None and time.monotonic() >= deadline:
                return False
            self._tick(_POLL)
        return True

    def run(self, renew: Callable[[], None] = lambda: None) -> None:
        """Look after the programs until stop is asked for.

        :param renew: called when SIGHUP asks for it.
        """
        with suppress(Stopped):
            while True:
                if self._is_to_renew:
                    self._is_to_renew = False
                    renew()
                self._tick(self._pause())

    def follow(
        self,
        program: Program,
        *,
        is_ready: Callable[[], bool],
        timeout: float,
        patience: float,
    ) -> bool:
        """Start a successor of the program of that name, and once it is ready let that one leave.

        :param timeout: seconds for the successor to be ready; one that is not is stopped again.
        :param patience: seconds for the predecessor to end what it works on.
        :returns: whether the successor has taken over.
        :raises Stopped: if stop is asked for meanwhile.
        """
        successor = _Child(program)
        self._children[_NEXT + program.name] = successor
        self._launch(successor)
        self.wait_until(lambda: is_ready() or successor.deaths > 0, timeout=timeout)
        if successor.deaths or not is_ready():
            self.stop([_NEXT + program.name], patience=0)
            return False
        predecessor = self._children.pop(program.name)
        self._children[program.name] = self._children.pop(_NEXT + program.name)
        predecessor.ask_to_end()
        self._leaving.append((predecessor, time.monotonic() + patience))
        return True

    def deaths_of(self, name: str) -> int:
        """Count how often a program died since it last ran well."""
        return self._children[name].deaths

    def stop(self, names: Sequence[str], *, patience: float) -> None:
        """Stop programs together: ask, and after `patience` seconds insist."""
        children = [self._children.pop(name) for name in names if name in self._children]
        leaving = [child for child, _ in self._leaving if child.program.name in names]
        children += leaving
        self._leaving = [pair for pair in self._leaving if pair[0] not in leaving]
        requests = self._stop_requests
        for child in children:
            child.ask_to_end()
        deadline = time.monotonic() + patience
        while any(child.is_alive() for child in children):
            if time.monotonic() > deadline or self._stop_requests > requests:
                break  # asked again: no patience left
            self._sleep(_POLL)
        for child in children:
            child.end()
        self._reap_orphans()

    def _launch(self, child: _Child) -> None:
        child.start_at = None
        child.started_at = time.monotonic()
        try:
            child.process = child.program.start()
        except (OSError, subprocess.SubprocessError) as error:
            child.process = None
            self._schedule(child, f"could not be started ({error})")

    def _schedule(self, child: _Child, what: str) -> None:
        pause = _PAUSES[min(child.deaths, len(_PAUSES) - 1)]
        child.deaths += 1
        child.start_at = time.monotonic() + pause
        self._report(f"{child.program.name} {what}; starting it again. Log: {child.program.log}")

    def _tick(self, pause: float) -> None:
        self._sleep(pause)
        if self._stop_requests:
            raise Stopped
        for child in self._children.values():
            self._look_after(child)
        self._see_off()
        self._reap_orphans()
        if time.monotonic() - self._logs_looked_at > _LOOK_AT_LOGS:
            self._logs_looked_at = time.monotonic()
            for child in self._children.values():
                if child.program.log:
                    rotate(child.program.log)

    def _see_off(self) -> None:
        """Bury the predecessors that have left, and those for which nobody waits any longer."""
        for pair in list(self._leaving):
            child, patience_ends = pair
            if not child.is_alive() or time.monotonic() > patience_ends:
                child.end()
                self._leaving.remove(pair)

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.start_at is not None:
            if now >= child.start_at:
                self._launch(child)
        elif child.process is not None and not child.is_alive():
            signal_group(child.process.pid, signal.SIGKILL)  # what it left behind
            if now - child.started_at > _STEADY:
                child.deaths = 0
            self._schedule(child, _ending(child.process.returncode))
        elif child.deaths and now - child.started_at > _STEADY:
            child.deaths = 0

    def _pause(self) -> float:
        now = time.monotonic()
        waits = [child.start_at - now for child in self._children.values() if child.start_at]
        waits += [patience_ends - now for _, patience_ends in self._leaving]
        return max(0.0, min([*waits, _LOOK_AT_LOGS]))

    def _sleep(self, seconds: float) -> None:
        """Sleep until a signal arrives, at most so long."""
        select.select([self._wake], [], [], seconds)
        with suppress(BlockingIOError):
            os.read(self._wake, 4096)

    def _on_signal(self, number: int, _frame: object) -> None:
        if number == signal.SIGHUP and self._renews and not self._lost_terminal():
            self._is_to_renew = True
        elif number != signal.SIGCHLD:
            self._stop_requests += 1

    def _lost_terminal(self) -> bool:
        return self._has_terminal and not _has_terminal()

    def _reap_orphans(self) -> None:
        """Bury adopted processes: children of a program that died before them."""
        children = [*self._children.values(), *(child for child, _ in self._leaving)]
        own = {child.process.pid for child in children if child.process}
        own |= self._passing
        with suppress(ChildProcessError):
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if found.si_pid in own:
                    return  # seen to by _look_after; the next round comes to the others
                os.waitpid(found.si_pid, os.WNOHANG)


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    return f"was killed ({signal.Signals(-status).name})"


def _has_terminal() -> bool:
    """Tell whether there is a terminal that could hang up, and has not."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _adopt_orphans(*, wanted: bool) -> None:
    """Become the parent of grandchildren whose parent dies, to be able to bury them."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(wanted))
