"""A wire that fails: stands before a server, loses its answers, is slow, is cut, or says nothing.

It knows nothing of what it passes on, so it serves before the web server as before Redis, a mail
server or PostgreSQL.
"""

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

_CHUNK = 65_536  # bytes
_PATIENCE = 20.0  # seconds

Wires = tuple[asyncio.StreamWriter, asyncio.StreamWriter]


class Proxy:
    """Passes connections on to a port of this machine, from a thread of its own.

    Everything may be changed while it runs.

    :ivar port: where it listens.
    :ivar drops: share of the answers that are lost: the request went through, the connection is cut
        before the first byte of what came back.
    :ivar delay: seconds that everything takes longer, in each direction.
    :ivar is_silent: connections are taken, nothing is passed on, as by a machine that hangs.
    :ivar is_down: connections are cut as soon as they are made.
    :ivar answers: how many answers there were.
    :ivar dropped: how many of these were lost.
    """

    def __init__(self, target: int, *, seed: int = 1) -> None:
        self.target = target
        self.port = 0
        self.drops = 0.0
        self.delay = 0.0
        self.is_silent = False
        self.is_down = False
        self.answers = self.dropped = 0
        self._chance = random.Random(seed)  # noqa: S311 - repeatable chance
        self._wires: set[Wires] = set()
        self._loop = asyncio.new_event_loop()
        self._is_listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_listening.wait(_PATIENCE), "the proxy does not listen"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(_PATIENCE)

    def cut(self) -> None:
        """Cut every connection that there is."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(_PATIENCE)

    @contextmanager
    def down(self) -> Iterator[None]:
        """Let nobody through for the time of the block; who is connected is cut off."""
        self.is_down = True
        self.cut()
        try:
            yield
        finally:
            self.is_down = False

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._over = asyncio.Event()
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._is_listening.set()
        await self._over.wait()
        server.close()
        await self._cut()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            if not self.is_down:
                there = await asyncio.open_connection("127.0.0.1", self.target)
                await _Connection(self, (reader, writer), there).pass_on()
        writer.transport.abort()

    async def _cut(self) -> None:
        for wires in list(self._wires):
            for wire in wires:
                wire.transport.abort()
        await asyncio.sleep(0)

    def loses_answer(self) -> bool:
        """Decide about one answer."""
        self.answers += 1
        is_lost = self._chance.random() < self.drops
        self.dropped += is_lost
        return is_lost

    @contextmanager
    def holding(self, wires: Wires) -> Iterator[None]:
        """Remember a connection, to be able to cut it."""
        self._wires.add(wires)
        try:
            yield
        finally:
            self._wires.discard(wires)


class _Connection:
    """One connection of somebody, and the one to the server that was made for it."""

    def __init__(
        self,
        proxy: Proxy,
        here: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        there: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._proxy = proxy
        self._here, self._there = here, there
        self._is_asking = False

    async def pass_on(self) -> None:
        """Pass on whatever is said, until one side has ended."""
        with self._proxy.holding((self._here[1], self._there[1])):
            asks = asyncio.create_task(self._pass_requests())
            try:
                await self._pass_answers()
            finally:
                asks.cancel()
                await asyncio.gather(asks, return_exceptions=True)
                self._there[1].transport.abort()
                with suppress(OSError):
                    self._here[1].close()
                    await self._here[1].wait_closed()

    async def _pass_requests(self) -> None:
        with suppress(OSError):
            while data := await self._heard(self._here[0]):
                self._is_asking = True
                self._there[1].write(data)
                await self._there[1].drain()
            self._there[1].write_eof()

    async def _pass_answers(self) -> None:
        with suppress(OSError):
            while data := await self._heard(self._there[0]):
                if self._is_asking and self._proxy.loses_answer():
                    self._here[1].transport.abort()
                    return
                self._is_asking = False
                self._here[1].write(data)
                await self._here[1].drain()

    async def _heard(self, reader: asyncio.StreamReader) -> bytes:
        data = await reader.read(_CHUNK)
        if self._proxy.delay:
            await asyncio.sleep(self._proxy.delay)
        while self._proxy.is_silent:
            await asyncio.sleep(0.01)
        return data
