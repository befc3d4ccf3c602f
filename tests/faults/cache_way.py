"""A way to Redis on this machine that a test may lead elsewhere, cut, or silence; its own port stays.

While it is silent nothing is lost but everything is late, as in a network that comes back: what was sent into it
arrives afterwards, although whoever sent it has long stopped waiting.
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

_PIECE = 65536


class Way:
    """Forwards connections to one port; every method may be called from the thread of the test.

    With a context it is the end of an encrypted line, and goes on in the clear.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, encryption: ssl.SSLContext | None = None) -> None:
        self._loop = loop
        self._encryption = encryption
        self._target: int | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def begin(self, target: int) -> None:
        self._target = target
        self._flowing.set()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._encryption)
        self.port = self._server.sockets[0].getsockname()[1]

    def lead_to(self, target: int) -> None:
        """Lead new connections to another port and drop the present ones."""
        self._do(self._redirect(target))

    def cut(self) -> None:
        """Drop all connections and refuse new ones, until `lead_to`."""
        self._do(self._redirect(None))

    def silence(self) -> None:
        """Hold everything back that is sent in either direction."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def resume(self) -> None:
        """Deliver what was held back, and go on."""
        self._loop.call_soon_threadsafe(self._flowing.set)

    async def end(self) -> None:
        self._server.close()
        await self._redirect(None)
        self._flowing.set()
        await asyncio.gather(*self._tasks)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _redirect(self, target: int | None) -> None:
        self._target = target
        for writer in list(self._open):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            if self._target is not None:
                await self._join(reader, writer, *await asyncio.open_connection("127.0.0.1", self._target))
        except OSError:
            pass  # Nobody listens there: whoever knocked sees the connection end.
        finally:
            writer.transport.abort()

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        self._open |= {writer, far_writer}
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            self._open -= {writer, far_writer}
            far_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one direction until its sender is done; the receiver is told, and may still answer."""
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(_PIECE):
                await self._flowing.wait()
                writer.write(piece)
                await writer.drain()
            await self._flowing.wait()
            if writer.can_write_eof():
                writer.write_eof()


@contextlib.contextmanager
def ways_to(target: int, number: int, encryption: ssl.SSLContext | None = None) -> Iterator[list[Way]]:
    """Open that many ways to a port of this machine, forwarded in a thread of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="ways")
    thread.start()
    ways = [Way(loop, encryption) for _ in range(number)]
    try:
        for way in ways:
            asyncio.run_coroutine_threadsafe(way.begin(target), loop).result(timeout=10)
        yield ways
    finally:
        for way in ways:
            asyncio.run_coroutine_threadsafe(way.end(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
