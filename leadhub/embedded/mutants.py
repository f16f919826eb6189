"""`bin/mutants`: plants one fault of isolation at a time and shows that the tests catch it.

The faults are listed in ``tests/mutants/planted.py``. Each is planted in a copy of the checkout,
whose tests then have to fail; the same tests have to succeed there before anything is planted.
With words as arguments only the faults whose kind, name or file holds one of them are tried.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from leadhub.embedded.application import ROOT
from leadhub.embedded.build import LOG, ensure_built
from leadhub.embedded.checks import forget_foreign_settings, throw_away_services
from leadhub.embedded.failures import CannotStart
from leadhub.embedded.programs import Program
from leadhub.embedded.roles import ensure_roles_of
from leadhub.embedded.steps import Steps
from leadhub.embedded.supervisor import Stopped, Supervisor
from leadhub.embedded.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

PLANTED = "tests.mutants.planted"
_PYTEST = (
    *("pytest", "--exitfirst", "--quiet", "--tb=short", "-rfE"),
    # the same test is named first each time, and one that hangs ends
    *("-p", "no:randomly", "-p", "no:cacheprovider", "--timeout=300"),
)
_LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv", ".venv.lock", ".leadhub", ".env", ".hypothesis", ".*_cache"),
    *("node_modules", "staticfiles", "__pycache__"),
)
# A test that was run and failed, or whose fixtures could not even be made.
_FIRST = re.compile(r"^(FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
_SHOWN_OF_A_LOG = 3_000  # characters
_TESTS_FAILED = 1  # as pytest says it


@dataclass(frozen=True)
class Mutant:
    """One fault to plant.

    :ivar name: what is wrong then, in words.
    :ivar file: where, from the root of the checkout.
    :ivar old: text that stands there exactly once.
    :ivar new: what stands there instead.
    :ivar tests: files or tests of pytest, one of which has to fail.
    :ivar refusal: what the product says that refuses to start with it, before any test could run.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    refusal: str = ""

    @property
    def is_in_schema(self) -> bool:
        """Tell whether a database has to be made anew for it."""
        return "migrations" in Path(self.file).parts or self.file.endswith("/operations.py")

    def planted_in(self, text: str) -> str:
        """Return a file's text with the fault in it.

        :raises CannotStart: unless what is to be replaced stands there exactly once.
        """
        found = text.count(self.old)
        if found != 1:
            msg = (
                f"“{self.name}” cannot be planted: {self.file} holds the text to replace {found} "
                f"times instead of once. Bring {PLANTED} up to date."
            )
            raise CannotStart(msg)
        return text.replace(self.old, self.new)


Kinds = Mapping[str, tuple[Mutant, ...]]


class Verdict(StrEnum):
    """What became of a fault; ``BROKEN`` says that no test could look at it."""

    CAUGHT = "caught"
    SURVIVED = "SURVIVED"
    BROKEN = "BROKEN"


class Outcome(NamedTuple):
    """What pytest said; ``first`` names the first test that failed, if any."""

    verdict: Verdict
    first: str
    output: str


def judge(status: int, output: str, *, refusal: str = "") -> Outcome:
    """Tell a test that fails from one that could not run, by pytest's status and summary.

    :param refusal: words that tell a product that refuses to start from a broken one.
    """
    found = _FIRST.search(output)
    first = found[2] if found else ""
    if status == 0:
        return Outcome(Verdict.SURVIVED, "", output)
    if status == _TESTS_FAILED and found and found[1] == "FAILED":
        return Outcome(Verdict.CAUGHT, first, output)
    if status == _TESTS_FAILED and refusal and refusal in output:
        return Outcome(Verdict.CAUGHT, f"the product refuses to start: {refusal}", output)
    return Outcome(Verdict.BROKEN, first, output)


def choose(kinds: Kinds, words: Sequence[str]) -> Kinds:
    """Leave out the faults that none of the words is about.

    :raises CannotStart: if none is left.
    """

    def is_meant(kind: str, mutant: Mutant) -> bool:
        about = f"{kind} {mutant.name} {mutant.file}".lower()
        return not words or any(word.lower() in about for word in words)

    chosen = {
        kind: meant
        for kind, mutants in kinds.items()
        if (meant := tuple(mutant for mutant in mutants if is_meant(kind, mutant)))
    }
    if not chosen:
        msg = f"No fault is about {' or '.join(words)}: {PLANTED} lists them."
        raise CannotStart(msg)
    return chosen


def try_mutants(arguments: Sequence[str]) -> int:
    """Try every fault that the arguments mean; 1 if one survived or the control failed.

    :raises CannotStart: if a fault cannot be planted, or the services for the tests not be started.
    """
    kinds: Kinds = choose(import_module(PLANTED).PLANTED, arguments)
    terminal = Terminal()
    supervisor = Supervisor(lambda line: terminal.say(line, "yellow"))
    forget_foreign_settings()
    with supervisor.watching(), tempfile.TemporaryDirectory(prefix="leadhub-mutants-") as place:
        try:
            ensure_built(Steps(supervisor, terminal, LOG))
            tree = Path(place) / "tree"
            shutil.copytree(ROOT, tree, ignore=_LEFT_OUT)
            with throw_away_services(supervisor) as settings, chdir(tree):
                return Trials(supervisor, terminal, settings, tree).run(kinds)
        except Stopped:
            return 130


@dataclass(frozen=True)
class Trials:
    """A copy of the checkout and the services for its tests."""

    supervisor: Supervisor
    terminal: Terminal
    settings: Mapping[str, str]
    tree: Path

    def run(self, kinds: Kinds) -> int:
        """Run the control, then plant one fault after another; return the exit status."""
        mutants = [mutant for of_kind in kinds.values() for mutant in of_kind]
        for mutant in mutants:  # before anything takes long
            mutant.planted_in((self.tree / mutant.file).read_text("utf-8"))
        if not self._control(mutants):
            return 1
        uncaught = []
        for kind, of_kind in kinds.items():
            self.terminal.say(f"── {kind}", "bold")
            uncaught += [mutant for mutant in of_kind if not self._catches(mutant)]
        caught = len(mutants) - len(uncaught)
        style = "red" if uncaught else "green"
        self.terminal.say(f"{caught} of {len(mutants)} faults caught", style)
        return int(bool(uncaught))

    def _control(self, mutants: Sequence[Mutant]) -> bool:
        """Run all the tests with nothing planted."""
        self.terminal.say("── control: nothing planted", "bold")
        started = time.monotonic()
        outcome = self._test(sorted({test for m in mutants for test in m.tests}), self.settings)
        if outcome.verdict != Verdict.SURVIVED:
            self._show("FAILED", outcome.first, started, style="red")
            self.terminal.say(outcome.output[-_SHOWN_OF_A_LOG:])
            return False
        self._show("succeeded", "", started)
        return True

    def _catches(self, mutant: Mutant) -> bool:
        started = time.monotonic()
        file = self.tree / mutant.file
        text = file.read_text("utf-8")
        settings = self._with_new_database() if mutant.is_in_schema else self.settings
        file.write_text(mutant.planted_in(text), "utf-8")
        try:
            outcome = self._test(mutant.tests, settings, refusal=mutant.refusal)
        finally:
            file.write_text(text, "utf-8")
        is_caught = outcome.verdict == Verdict.CAUGHT
        words = f"{mutant.name}   {outcome.first}"
        self._show(outcome.verdict, words, started, style="" if is_caught else "red")
        if outcome.verdict == Verdict.BROKEN:
            self.terminal.say(outcome.output[-_SHOWN_OF_A_LOG:])
        return is_caught

    def _test(
        self, tests: Sequence[str], settings: Mapping[str, str], *, refusal: str = ""
    ) -> Outcome:
        log = self.tree.with_name("pytest.log")
        log.unlink(missing_ok=True)
        program = Program(
            name="tests",
            argv=(sys.executable, "-m", *_PYTEST, *tests),
            log=log,
            # the launcher names the checkout itself, which has no fault in it
            environment={**settings, "PYTHONPATH": str(self.tree)},
        )
        status = self.supervisor.run_once(program)
        return judge(status, log.read_text("utf-8", "replace"), refusal=refusal)

    def _with_new_database(self) -> Mapping[str, str]:
        """Make an empty database beside the others, and return the settings that name it."""
        name = f"mutant_{time.monotonic_ns()}"
        addresses = {
            setting: urlunsplit(urlsplit(self.settings[setting])._replace(path=f"/{name}"))
            for setting in ("DATABASE_URL", "DATABASE_OWNER_URL")
        }
        ensure_roles_of(
            self.settings["LEADHUB_TEST_ADMIN_URL"],
            owner_url=addresses["DATABASE_OWNER_URL"],
            runtime_url=addresses["DATABASE_URL"],
        )
        return {**self.settings, **addresses}

    def _show(self, verdict: str, words: str, started: float, *, style: str = "") -> None:
        seconds = time.monotonic() - started
        self.terminal.say(f"{verdict:9} {words}   {seconds:.1f} s", style)
