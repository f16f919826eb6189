"""A mail server in a process of its own, to be killed and hung.

``python -m tests.faults.mail_sink PORT FILE``: every message that arrived whole is a line of the
file, as JSON: its id and whom it is for. It is written before the sender is told that the message
was taken.
"""

import json
import os
import socketserver
import sys
from email import message_from_bytes
from pathlib import Path

from leadhub.embedded.programs import Program
from tests.faults.installation import Installation


class _Conversation(socketserver.StreamRequestHandler):
    server: "_Sink"

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self._take()
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        if line:
            message = message_from_bytes(b"".join(lines))
            self.server.keep({"id": message["Message-ID"], "to": message["To"]})
            self._say("250 taken")

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


class _Sink(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, file: Path) -> None:
        super().__init__(("127.0.0.1", port), _Conversation)
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def keep(self, message: dict[str, str]) -> None:
        os.write(self._file, f"{json.dumps(message)}\n".encode())


class MailSink:
    """The mail server of an installation, and what it has received.

    :ivar part: its process.
    """

    def __init__(self, installation: Installation) -> None:
        """Start it, and have every part that starts from now on send its mail there."""
        self.port = installation.directory.claim_ports("mail")["mail"]
        self.file = installation.directory.state / "mails.jsonl"
        self.file.unlink(missing_ok=True)
        self.file.touch()
        program = Program(
            name="mail",
            argv=(sys.executable, "-m", "tests.faults.mail_sink", str(self.port), str(self.file)),
            log=installation.log_of("mail"),
        )
        self.part = installation.run(program)
        installation.environment["EMAIL_URL"] = f"smtp://127.0.0.1:{self.port}"

    def received(self) -> list[dict[str, str]]:
        """Every message that arrived, with its ``id`` and whom it is ``to``, in order."""
        return [json.loads(line) for line in self.file.read_text("utf-8").splitlines()]


if __name__ == "__main__":
    with _Sink(int(sys.argv[1]), Path(sys.argv[2])) as sink:
        sink.serve_forever()
