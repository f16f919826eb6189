"""Health checks of containers: `probe.py web` asks the web server, `probe.py loop` watches a loop.

A port or a process may follow; without one it is the container's own. `probe.py timers HOST`
watches this container's loop and asks the web server of another one whether anything is late.
Runs as a script, on the standard library alone, so that asking costs next to nothing.
"""

from __future__ import annotations

import http.client
import os
import sys
import time
from pathlib import Path

_PORT = 8000
_PATIENCE = 4.0  # seconds
_TURN = 3.0  # seconds; the loops of beat and timers turn every second


def web_is_ready(port: int = _PORT) -> bool:
    """Tell whether the web server of this container answers, and its database answers to it."""
    return _ask("127.0.0.1", port, "/healthz/ready") == http.HTTPStatus.OK


def timers_keep_up(host: str, port: int = _PORT) -> bool:
    """Tell whether nothing is late; where no web server answers, nobody can tell that it is."""
    return _ask(host, port, "/healthz/timers") in (http.HTTPStatus.OK, None)


def _ask(host: str, port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    try:
        connection.request("GET", path, headers={"Host": _own_name()})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def loop_turns(pid: int = 1, *, within: float = _TURN) -> bool:
    """Tell whether the main thread of a process wakes up now and then, as one that hangs does not.

    :param pid: by default the first process of this container, which is what it was started for.
    :param within: seconds in which it is to wake up.
    """
    try:
        before = _wake_ups(pid)
        time.sleep(within)
        return _wake_ups(pid) > before
    except OSError:
        return False


def _own_name() -> str:
    """Return a host name that the application answers to."""
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().removeprefix(".")
    return name if name not in {"", "*"} else "127.0.0.1"


def _wake_ups(pid: int) -> int:
    """Count how often the main thread has waited for something and gone on."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("voluntary_ctxt_switches:"):
            return int(line.split()[1])
    return 0


def main(what: str, *number: str) -> int:
    """Return the exit status: 0 for well."""
    if what == "timers":
        host, *rest = number
        return 0 if loop_turns() and timers_keep_up(host, *map(int, rest)) else 1
    probe = web_is_ready if what == "web" else loop_turns
    return 0 if probe(*map(int, number)) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
