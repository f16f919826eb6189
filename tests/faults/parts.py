"""A part of an installation: one process that is started, killed, hung and started again alone."""

import signal
import subprocess
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import psutil

from leadhub.embedded.programs import Program, signal_group
from tests.faults.waiting import wait_until

_SHOWN_OF_A_LOG = 3_000  # characters
_PATIENCE = 30.0  # seconds for an orderly end


class Part:
    """A program of the product, or a server that it needs.

    Parts are started by the thread that runs the tests: they end with the thread they came from.

    :ivar environment: what this part is told besides; read at each start.
    """

    def __init__(self, program: Program, *, is_ready: Callable[[], bool] | None = None) -> None:
        """Take a program, and how to tell that it does its work; without it, it does so at once."""
        self.program = program
        self.environment: dict[str, str] = {}
        self._is_ready = is_ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int:
        """The number of its first process."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, wait: bool = True) -> None:
        """Start it, and wait until it does its work."""
        assert not self.is_alive, f"{self.name} runs already"
        environment = {**self.program.environment, **self.environment}
        with warnings.catch_warnings():  # of forking beside threads, which fork nothing here
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process = replace(self.program, environment=environment).start()
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until it does its work; one that dies meanwhile fails the test with its log."""

        def is_ready() -> bool:
            assert self.is_alive, f"{self.name} died at its start:\n{self.log()}"
            return self._is_ready is None or self._is_ready()

        wait_until(is_ready, lambda: f"{self.name}:\n{self.log()}")

    def end(self, number: signal.Signals | None = None) -> None:
        """Ask it to end, in its own way unless told another, and wait until it has."""
        if self.is_alive and self._process is not None:
            self._process.send_signal(number or self.program.stop_signal)
            self._process.send_signal(signal.SIGCONT)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE)
        self.kill()

    def kill(self) -> None:
        """Kill all its processes, as ``kill -9`` does."""
        if self._process is None:
            return
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        signal_group(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self.start()

    def hang(self) -> None:
        """Stop all its processes in their tracks: connections are taken, nobody answers."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def go_on(self) -> None:
        """Let its processes run again."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    @contextmanager
    def hung(self) -> Iterator[None]:
        """Hang it for the time of the block."""
        self.hang()
        try:
            yield
        finally:
            self.go_on()

    def processes(self) -> list[psutil.Process]:
        """Its first process and all that came of it, the first one first."""
        if not self.is_alive:
            return []
        first = psutil.Process(self.pid)
        return [first, *first.children(recursive=True)]

    def log(self) -> str:
        """The end of what it said."""
        if self.program.log is None or not self.program.log.exists():
            return ""
        return self.program.log.read_text("utf-8", "replace")[-_SHOWN_OF_A_LOG:]
