"""The sockets of the web server, held open by `bin/run` itself.

Web servers come and go behind a socket that stays: whoever connects while one takes over from
another, or while one that died is started again, waits for an answer and is not turned away.
"""

from __future__ import annotations

import socket
import urllib.request
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import urlsplit

from leadhub.embedded.directory import is_free
from leadhub.embedded.failures import CannotStart

_HOST = "127.0.0.1"


def open_door(host: str, port: int) -> socket.socket:
    """Take the address; nobody is let in before a web server listens there.

    :raises CannotStart: if it is taken, or none that this machine has.
    """
    address = f"{host or '*'}:{port}"
    try:
        if is_free(host, port):
            return _bound(host, port)
    except OSError as error:
        msg = f"leadhub cannot listen on {address} ({error.strerror}): choose another address."
        raise CannotStart(msg) from error
    msg = (
        f"Port {port} of {host} is in use by another program: "
        "stop that one or choose another with --port."
    )
    raise CannotStart(msg)


def open_side_door() -> socket.socket:
    """Open one that nobody else knows, to see whether the very server behind it answers."""
    return _bound(_HOST, 0)


def answers(side_door: socket.socket, base_url: str) -> bool:
    """Tell whether a web server answers there, asked by the name that it goes by."""
    port = side_door.getsockname()[1]
    asked = urllib.request.Request(
        f"http://{_HOST}:{port}/healthz/live", headers={"Host": urlsplit(base_url).netloc}
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(asked, timeout=2) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, HTTPException):
        return False


def _bound(host: str, port: int) -> socket.socket:
    family, kind, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    door = socket.socket(family, kind)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
    except OSError:
        door.close()
        raise
    return door
