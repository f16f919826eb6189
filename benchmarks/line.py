"""A line between a browser and a server, on which every byte is counted."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 65_536


class Line:
    """Passes on what comes, either way.

    :ivar port: where a browser finds it.
    :ivar received: how many bytes came from the server so far, headers and all.
    """

    def __init__(self, server_port: int) -> None:
        self.port = 0
        self.received = 0
        self._server_port = server_port

    async def open(self) -> asyncio.Server:
        """Listen."""
        listening = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = listening.sockets[0].getsockname()[1]
        return listening

    async def _connect(
        self, from_browser: asyncio.StreamReader, to_browser: asyncio.StreamWriter
    ) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
        await asyncio.gather(
            self._pass(from_browser, to_server, is_counted=False),
            self._pass(from_server, to_browser, is_counted=True),
        )

    async def _pass(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, is_counted: bool
    ) -> None:
        with suppress(ConnectionError):
            while part := await source.read(CHUNK):
                self.received += len(part) if is_counted else 0
                target.write(part)
                await target.drain()
        target.close()


@contextmanager
def line_to(server_port: int) -> Iterator[Line]:
    """Run a line for the time of the block, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    line = Line(server_port)
    listening = asyncio.run_coroutine_threadsafe(line.open(), loop).result(10)
    try:
        yield line
    finally:
        loop.call_soon_threadsafe(listening.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
