"""The whole product as `bin/run` keeps it running, on a copy of a prepared data directory."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from leadhub.embedded.application import ROOT
from tests.faults.installation import ENOUGH, FOREIGN, Installation
from tests.faults.waiting import wait_until

_PATIENCE = 15.0  # seconds to end


class Whole:
    """A `bin/run` in the foreground of somebody else's terminal.

    :ivar said: the lines that it wrote there.
    """

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.port = port
        self.said: list[str] = []
        self._process = process
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_it_says(self, words: str, *, times: int = 1) -> None:
        """Wait for so many lines with these words."""

        def has_said() -> bool:
            assert self._process.poll() is None, self.said
            return self.count_of(words) >= times

        wait_until(has_said, lambda: f"“{words}” among {self.said}", patience=180)

    def count_of(self, words: str) -> int:
        """How many lines hold these words."""
        return sum(words in line for line in self.said)

    def hang_up(self) -> None:
        """Ask it to renew itself."""
        self._process.send_signal(signal.SIGHUP)

    def web_servers(self) -> list[psutil.Process]:
        """The first process of every web server that there is."""
        found = []
        for child in psutil.Process(self._process.pid).children():
            with suppress(psutil.NoSuchProcess):
                if "gunicorn" in child.cmdline():
                    found.append(child)
        return found

    def end(self) -> None:
        """End it, and with it all that it has started."""
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(_PATIENCE)

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as stdout:
            self.said += iter(stdout.readline, "")


@contextmanager
def whole_of(installation: Installation) -> Iterator[Whole]:
    """Run the product on the data of an installation whose own services are ended for it."""
    installation.valkey.end()
    installation.postgres.end()
    data, port = installation.directory.root, installation.web_port
    command = ("-m", "leadhub.embedded", "run", "--empty", "--data", str(data))
    process = subprocess.Popen(
        [sys.executable, *command, "--port", str(port)],
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    whole = Whole(process, port)
    try:
        whole.wait_until_it_says("leadhub is ready")
        yield whole
    finally:
        whole.end()


def _environment() -> dict[str, str]:
    kept = {name: word for name, word in os.environ.items() if not name.startswith(FOREIGN)}
    paths = (str(ROOT), kept.get("PYTHONPATH", ""))
    return {**kept, **ENOUGH, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
