"""The line between a browser and the server: requests by hand, and a proxy that loses, doubles, delays and reorders them."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

BROKEN = (OSError, EOFError, TimeoutError, ValueError)  # what a request can end with when the line is bad


async def request(port: int, path: str, headers: dict[str, str], body: bytes = b"", patience: float = 10.0) -> tuple[int, bytes]:
    """POST and give status and body. Raises one of BROKEN."""
    sent = {"Host": f"127.0.0.1:{port}", "Connection": "close", "Content-Length": str(len(body)), **headers}
    head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in sent.items()) + "\r\n"
    async with asyncio.timeout(patience):
        whole = await _exchange(port, head.encode() + body)
    top, _, rest = whole.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in top.split(b"\r\n") if line.lower().startswith(b"content-length:")), -1)
    if len(rest) != length:
        raise EOFError("the answer was cut off")
    return int(top.split(b" ", 2)[1]), rest


async def _exchange(port: int, message: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(message)
        await writer.drain()
        return await reader.read()
    finally:
        writer.close()


@dataclass
class BadLine:
    """A proxy in front of a port. Of the requests `each` share is lost (half of these after the server has done its work), as many are doubled, as many held
    back until the sender has given up and sent again; all are delayed by up to `delay` seconds."""

    upstream: int
    rng: random.Random
    each: float = 0.1
    delay: float = 0.02
    hold: float = 0.4
    port: int = 0
    done: Counter[str] = field(default_factory=Counter)
    _busy: set[asyncio.Task[None]] = field(default_factory=set)  # asyncio itself forgets a task whose caller has gone

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._hold(asyncio.current_task())
        with contextlib.suppress(*BROKEN):
            message = await self._read(reader)
            fate = self.rng.random() / self.each
            await asyncio.sleep(self.rng.random() * self.delay)
            if fate < 0.5:
                self.done["lost on the way"] += 1
            elif fate < 1:
                self.done["answer lost"] += 1
                await _exchange(self.upstream, message)
            elif fate < 2:
                self.done["doubled"] += 1
                self._later(message, self.rng.random() * self.hold)
                writer.write(await _exchange(self.upstream, message))
            elif fate < 3:
                self.done["reordered"] += 1
                self._later(message, self.hold * (1 + self.rng.random()))
                await asyncio.sleep(self.hold)
            else:
                writer.write(await _exchange(self.upstream, message))
        with contextlib.suppress(*BROKEN):
            await writer.drain()
        writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        return head + await reader.readexactly(length)

    def _later(self, message: bytes, wait: float) -> None:
        async def deliver() -> None:
            await asyncio.sleep(wait)
            with contextlib.suppress(*BROKEN):
                await _exchange(self.upstream, message)

        self._hold(asyncio.create_task(deliver()))

    def _hold(self, task: asyncio.Task[None] | None) -> None:
        assert task is not None
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[BadLine]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
            await asyncio.gather(*self._busy)
