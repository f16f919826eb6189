"""Pages with snippets: programs and commands, done one after the other as a reader would.

A fence whose first line is a comment with a file's name is that file. A ``console`` fence is one
command behind ``$``, and below it what it answers: of ``curl`` the status, headers if any matter,
and JSON of which only what is shown is compared; of a program its lines. ``<NAME>`` stands for what
differs each time, and is known as ``$NAME`` afterwards.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from string import Template
from threading import Timer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from leadhub.embedded.node import node_of_machine

DOCS = Path(__file__).resolve().parents[1] / "docs"
FENCE = re.compile(r"^```(\w*)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"(?:#|//) (\S+\.\w+)\n")
PLACEHOLDER = re.compile(r"<([A-Z_]+|\.\.\.)>")
PATIENCE = 60  # seconds
BACKGROUND = " &"


class File(NamedTuple):
    """A file that the page shows whole."""

    name: str
    text: str


class Command(NamedTuple):
    """A command and what the page shows as its answer."""

    line: str
    shown: str


def read_page(name: str) -> list[File | Command]:
    """Read the snippets of a page in docs/; each must be one that can be done."""
    page = (DOCS / name).read_text(encoding="utf-8")
    found = [_read(kind, text) for kind, text in FENCE.findall(page)]
    assert len(found) * 2 == page.count("```"), f"{name}: a fence that is not read"
    return found


def _read(kind: str, text: str) -> File | Command:
    if kind != "console":
        named = NAMED.match(text)
        assert named, f"a snippet without a file's name cannot be run: {text[:80]}"
        return File(named[1], f"{text}\n")
    lines = text.removeprefix("$ ").split("\n")
    for count in range(1, len(lines) + 1):
        line = "\n".join(lines[:count])
        if not line.endswith("\\") and line.count("'") % 2 == 0:
            return Command(line.replace("\\\n", " "), "\n".join(lines[count:]))
    raise AssertionError(text)


class Reader:
    """Somebody who does what a page says, in a directory of their own.

    :ivar variables: what ``$NAME`` stands for.
    """

    def __init__(self, place: Path, **variables: str) -> None:
        self.place = place
        self.variables = variables
        self._running: tuple[subprocess.Popen[str], list[str]] | None = None

    def do(self, step: File | Command) -> None:
        """Do one thing; fail unless it answers as shown."""
        if isinstance(step, File):
            (self.place / step.name).write_text(step.text, encoding="utf-8")
        elif step.line.startswith("curl "):
            self._ask(step)
        elif step.line.endswith(BACKGROUND):
            self._begin(step)
        else:
            said = self._start(step.line).communicate(timeout=PATIENCE)[0]
            self._compare_lines(step.shown.splitlines(), said.splitlines(), step.line)

    def stop(self) -> None:
        """End the program in the background; fail unless it says all that is shown."""
        if self._running is not None:
            process, shown = self._running
            self._compare_lines(shown, _listen(process, len(shown)), "in the background")
        self.leave()

    def leave(self) -> None:
        """End the program in the background, whatever it says."""
        if self._running is not None:
            process, _ = self._running
            process.terminate()
            process.communicate()
        self._running = None

    def _begin(self, step: Command) -> None:
        """Start a program that goes on, in place of the one before, and await its first line."""
        self.stop()
        process = self._start(step.line.removesuffix(BACKGROUND))
        first, *later = step.shown.splitlines()
        self._running = (process, later)
        self._compare_lines([first], _listen(process, 1), step.line)

    def _start(self, line: str) -> subprocess.Popen[str]:
        program, *words = [Template(word).substitute(self.variables) for word in shlex.split(line)]
        return subprocess.Popen(
            [*_program(program), *words],
            cwd=self.place,
            env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _ask(self, step: Command) -> None:
        status, headers, body = ask(step.line, self.variables)
        first, *rest = step.shown.split("\n")
        assert str(status) == first, (step.line, status, body)
        while rest and ": " in rest[0] and rest[0][0].isupper():
            name, _, value = rest.pop(0).partition(": ")
            assert headers[name] == value, (step.line, name)
        if rest:
            compare(json.loads("\n".join(rest)), json.loads(body), self.variables)

    def _compare_lines(self, shown: Sequence[str], said: Sequence[str], what: str) -> None:
        assert len(shown) == len(said), (what, said)
        for one, other in zip(shown, said, strict=True):
            names = PLACEHOLDER.findall(one)
            pattern = PLACEHOLDER.sub(
                lambda _: r"(\S+)", re.sub(r"[^\w\s<>]", r"\\\g<0>", _whole(one))
            )
            found = re.fullmatch(pattern, other)
            assert found, f"{what}: {other!r} is not {one!r}"
            for name, value in zip(names, found.groups(), strict=True):
                compare(f"<{name}>", value, self.variables, what)


def _whole(line: str) -> str:
    """Keep placeholders whose name has dots as they are while a line is made a pattern."""
    return line.replace("<...>", "<_>")


def _program(name: str) -> list[str]:
    """Find what a command line names; ``python3`` has no package but its own, ``python`` has."""
    if name == "python3":
        return [sys.executable, "-S", "-E"]
    if name == "python":
        return [sys.executable]
    if name == "node":
        node = node_of_machine()
        assert node is not None, "Node.js is needed: bin/test finds or installs it."
        return list(node.node)
    return [sys.executable, "-m", name.replace("-", "_")]


def _listen(process: subprocess.Popen[str], count: int) -> list[str]:
    """Wait for so many lines."""
    assert process.stdout is not None
    timer = Timer(PATIENCE, process.kill)
    timer.start()
    try:
        return [process.stdout.readline().removesuffix("\n") for _ in range(count)]
    finally:
        timer.cancel()


def ask(command: str, variables: dict[str, str]) -> tuple[int, HTTPMessage, bytes]:
    """Do what curl would do with the few options that the pages use."""
    program, *words = shlex.split(command)
    assert program == "curl"
    method, url, body, headers = "GET", "", None, {}
    rest = iter(Template(word).substitute(variables) for word in words)
    for word in rest:
        match word:
            case "-X":
                method = next(rest)
            case "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            case "-d":
                body = next(rest).encode()
            case _:
                assert word.startswith("http")
                assert not url
                url = word
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=30)
    connection.request(method, f"{parts.path}?{parts.query}", body, headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, response.headers, answer


def compare(shown: Any, real: Any, variables: dict[str, str], where: str = "answer") -> None:
    """Fail unless all that is shown is so; learn what the placeholders stand for."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert name in real, f"{where}.{name} is missing"
            compare(value, real[name], variables, f"{where}.{name}")
    elif isinstance(shown, list):
        assert len(shown) == len(real), f"{where}: {real}"
        for number, (value, other) in enumerate(zip(shown, real, strict=True)):
            compare(value, other, variables, f"{where}.{number}")
    elif isinstance(shown, str) and (name := PLACEHOLDER.fullmatch(shown)):
        assert real is not None, where
        if name[1] != "...":
            assert variables.setdefault(name[1], real) == real, where
    else:
        assert real == shown, where
