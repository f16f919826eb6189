"""How fast the outbox is emptied, beside one Celery task for each message that does nothing.

Rows as routing writes them, in a database that keeps its promises on disk; senders as they run for
good, each a process of its own. Text messages go to the log, mails to a server on this machine. The
goal is judged in turns, ours and the limit one right after the other, for a machine is seldom as
quiet as it was a minute ago.
"""

import argparse
import os
import socketserver
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from benchmarks.report import Figure, tell
from benchmarks.server import throw_away_world

SENDERS = 2
TIMES = 5  # as fast as the tasks
TURNS = 3
TO_GET_WARM = 5  # messages of each sender that are not counted
WORKER = ("celery", "-A", "benchmarks.nothing", "worker", "--concurrency", "2", "-l", "WARNING")


def main() -> int:
    """Measure, tell, and exit with 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    messages, mails, tasks = (2_000, 200, 1_000) if options.quick else (40_000, 3_000, 10_000)
    turns = 1 if options.quick else TURNS
    with mail_sink() as port:
        os.environ |= {"SMS_URL": "log:", "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        os.environ |= {"LOG_LEVEL": "WARNING"}
        with throw_away_world():
            return _measure(messages, mails, tasks, turns)


def _measure(messages: int, mails: int, tasks: int, turns: int) -> int:
    from benchmarks.outbox import fill, found, left  # noqa: PLC0415 - Django is set up by now

    network = found()

    def rate(channel: str, count: int) -> float:
        fill(network, channel, count + SENDERS * TO_GET_WARM)
        found = _rate(channel, count)
        if left(channel):
            msg = f"{left(channel)} messages were not sent."
            raise RuntimeError(msg)
        return found

    pairs = [(rate("SMS", messages // turns), _rate_of_tasks(tasks // turns)) for _ in range(turns)]
    sms, limit = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    times = statistics.median(ours / tasks_done for ours, tasks_done in pairs)
    return tell(
        f"The outbox, emptied by {SENDERS} senders; the limit is Celery tasks that do nothing",
        [
            Figure("text messages to the log", sms, "/s", limit),
            Figure(
                f"the middle one of {turns} turns", times, "times", None,
                f"at least {TIMES} times", times >= TIMES,
            ),
            Figure("mails, both parts, to a local server", rate("EMAIL", mails), "/s", limit),
            Figure("notices spread over people", rate("NOTICE", messages), "/s", limit),
        ],
    )  # fmt: skip


def _rate(channel: str, count: int) -> float:
    """Let the senders empty a channel; messages a second, from the first claim to the last mark."""
    context = get_context("spawn")
    ready, start = context.Barrier(SENDERS + 1), context.Barrier(SENDERS + 1)
    senders = [context.Process(target=_empty, args=(channel, ready, start)) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    ready.wait()
    start.wait()
    began = time.perf_counter()
    for sender in senders:
        sender.join()
    return count / (time.perf_counter() - began)


def _empty(channel: str, ready: threading.Barrier, start: threading.Barrier) -> None:
    import django  # noqa: PLC0415 - in a process of its own

    django.setup()
    from leadhub.core import clock  # noqa: PLC0415
    from leads.messages import deliver  # noqa: PLC0415
    from leads.spreading import spread_due  # noqa: PLC0415

    at = clock.now()

    def work(limit: int | None = None) -> int:
        if channel == "NOTICE":
            return spread_due(at=at, **({"limit": limit} if limit else {}))
        return deliver(channel, limit=limit)

    work(TO_GET_WARM)
    ready.wait()
    start.wait()
    while work():
        continue


def _rate_of_tasks(count: int) -> float:
    """Publish tasks that do nothing, then let a worker work them off; tasks a second."""
    from benchmarks.nothing import client, do_nothing  # noqa: PLC0415 - Django is set up by now

    for _ in range(count):
        do_nothing.delay()
    queue = client()
    with Path(os.devnull).open("w") as nowhere:
        worker = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", *WORKER], stdout=nowhere, stderr=nowhere
        )
    try:
        # From when it has begun, for what it takes to start is not the tasks'.
        while (first := queue.llen("celery")) > count - 100:
            time.sleep(0.005)
        began = time.perf_counter()
        while queue.llen("celery"):
            time.sleep(0.005)
        rate: float = first / (time.perf_counter() - began)
        return rate
    finally:
        worker.terminate()
        worker.wait(timeout=60)


class _Sink(socketserver.StreamRequestHandler):
    """Takes every mail and keeps none."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() not in (b".\r\n", b""):
                    continue
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 fine\r\n")
            if verb == b"QUIT":
                return


@contextmanager
def mail_sink() -> Iterator[int]:
    """Run a mail server on this machine; yields its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Sink) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
