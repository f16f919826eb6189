"""A small SMTP server on this machine, to which mail is really sent."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import Message


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail, refuses it, or takes it and hangs up without saying so.

    :ivar received: every message that arrived whole.
    :ivar refusals: how many of the next messages are refused as a server that is busy does.
    :ivar final_refusals: verb -> how many of the next messages are refused there for good.
    :ivar hang_ups: after how many of the next messages the line goes dead.
    :ivar pauses_after: so many messages it takes; the next one it takes and does not say so, until
        it is told to go on.
    :ivar is_hung: it accepts connections and says nothing.
    :ivar connections: how many there were.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.received: list[Message] = []
        self.refusals = 0
        self.final_refusals: dict[str, int] = {}
        self.hang_ups = 0
        self.is_hung = False
        self.pauses_after: int | None = None
        self.is_pausing = False
        self.connections = 0
        self.over = threading.Event()
        self.resumed = threading.Event()

    def go_on(self) -> None:
        """Say at last what was taken, to whoever is still there."""
        self.pauses_after = None
        self.resumed.set()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.server_address[1]
        return port


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        if self.server.is_hung:
            self.server.over.wait()
            return
        self._say("220 ready")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if self._refuses(verb.decode()):
                self._say("550 no such thing")
            elif verb == b"DATA":
                if not self._take():
                    return
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            elif verb == b"RCPT" and self.server.refusals:
                self.server.refusals -= 1
                self._say("451 busy, try again later")
            else:
                self._say("250 fine")

    def _refuses(self, verb: str) -> bool:
        left = self.server.final_refusals.get(verb, 0)
        self.server.final_refusals[verb] = max(left - 1, 0)
        return left > 0

    def _take(self) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        self.server.received.append(message_from_bytes(b"".join(lines)))
        if self.server.pauses_after is not None and (
            len(self.server.received) > self.server.pauses_after
        ):
            self.server.is_pausing = True
            self.server.resumed.wait()
            return False
        if self.server.hang_ups:
            self.server.hang_ups -= 1
            return False
        self._say("250 taken")
        return True

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a server for the length of a test."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.resumed.set()
            server.shutdown()
            thread.join()
