"""Servers on loopback that count who connects, and a resolver that says what a test wants."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Conduct = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Listener:
    """Counts connections to a port of loopback, and treats each as it is told."""

    def __init__(self, conduct: Conduct, *, context: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self.heard: list[bytes] = []
        self.names: list[str | None] = []
        self._conduct = conduct
        self._context = context
        self._lines: list[socket.socket] = [socket.create_server(("127.0.0.1", 0))]
        self.port: int = self._lines[0].getsockname()[1]
        self._lines.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        if context is not None:
            context.sni_callback = lambda _sock, name, _context: self.names.append(name)
        for line in self._lines:
            threading.Thread(target=self._accept, args=(line,), daemon=True).start()

    def close(self) -> None:
        for line in self._lines:
            # Or the port would take one more connection: somebody waits for it already.
            line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _accept(self, line: socket.socket) -> None:
        while True:
            try:
                connection, _ = line.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                connection.settimeout(10)
                self.heard.append(connection.recv(65_536))
                self._conduct(connection)
        except OSError:
            return


@contextmanager
def listening(
    conduct: Conduct | None = None, *, context: ssl.SSLContext | None = None
) -> Iterator[Listener]:
    """Listen for the time of the block; answers 200 unless told otherwise."""
    listener = Listener(conduct or (lambda line: line.sendall(OK)), context=context)
    try:
        yield listener
    finally:
        listener.close()


class Resolver:
    """Knows the names that it is given; several answers are given one after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.known: dict[str, list[Sequence[str]]] = {}
        self.asked: list[str] = []
        self._numbers = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: Any, port: Any, *rest: Any, **options: Any) -> list[Any]:
        try:
            return self._numbers(host, port, flags=socket.AI_NUMERICHOST, type=socket.SOCK_STREAM)
        except socket.gaierror:
            self.asked.append(host)
        answers = self.known.get(host)
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [entry for text in found for entry in _entry(text, port)]


def _entry(text: str, port: int) -> list[Any]:
    if ":" in text:
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (text, port, 0, 0))]
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port))]


def certificate_for(name: str, place: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate that vouches for itself; its file, and what a server needs."""
    key, certificate = place / "key.pem", place / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *(
                "-nodes",
                "-days",
                "2",
                "-subj",
                f"/CN={name}",
                "-addext",
                f"subjectAltName=DNS:{name}",
            ),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context
