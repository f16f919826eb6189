"""Steps of a set-up: programs that run to their end, their output in one log."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadhub.embedded.failures import CannotStart, disk_is_full, mentions_full_disk
from leadhub.embedded.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from leadhub.embedded.supervisor import Supervisor
    from leadhub.embedded.terminal import Terminal


@dataclass(frozen=True)
class Steps:
    """Runs programs under a supervisor, which ends them when stop is asked for."""

    supervisor: Supervisor
    terminal: Terminal
    log: Path

    def begin_log(self) -> None:
        """Forget what earlier set-ups wrote: the reason of a failure is read from the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log.unlink(missing_ok=True)
        self.log.touch(mode=0o600)

    def show(self, label: str) -> AbstractContextManager[None]:
        """Announce a step, and say when it is done."""
        return self.terminal.step(label, announced=True)

    def runs(self, name: str, command: Sequence[str], **environment: str) -> bool:
        """Run a program to its end and tell whether it succeeded.

        :param environment: what it finds in its environment besides that of this process.
        """
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"\n$ {' '.join(command)}\n")
        program = Program(
            name=name, argv=tuple(command), log=self.log, environment=os.environ | environment
        )
        return self.supervisor.run_once(program) == 0

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait for as long as it takes."""
        self.supervisor.wait_until(condition, timeout=None)

    def failure(self, *, what: str, remedy: str, place: Path) -> CannotStart:
        """Build the refusal for a failed step that wrote into `place`."""
        if mentions_full_disk(self.log):
            return disk_is_full(place)
        return CannotStart(f"{what}. {remedy} and start again; details: {self.log}")
