"""What waits for one client: written in one piece at the end of each tick of the event loop, and bounded.

Where the transport itself waits for the end of the tick, a frame that comes alone goes there at once.

A client that does not keep up gets only the newest message of the channels that it wants conflated. When
even so more waits than is allowed, `overflow` is called.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from .frames import Frame

log = logging.getLogger("browserws.server")

LOOK_AGAIN = 0.02  # seconds between two looks at a client that does not keep up


class Wire(Protocol):
    """The way to a client (`sockets.Socket`)."""

    def is_ready(self) -> bool:
        """Whether the client keeps up with what is written."""

    def write(self, frames: list[Frame]) -> None: ...


class Flusher:
    """Flushes, at the end of the tick of the event loop, all outlets that were written to; later those that
    were not ready for more. `size` is what waits in all of the latter, in bytes: at most `limit`.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._written: list[Outlet] = []
        self._late: list[Outlet] = []

    def add(self, outlet: Outlet) -> None:
        if not self._written:
            asyncio.get_running_loop().call_soon(self._flush)
        self._written.append(outlet)

    def _flush(self) -> None:
        written, self._written = self._written, []
        was_waiting = bool(self._late)
        self._late += self._not_ready(written)
        if self._late and not was_waiting:
            asyncio.get_running_loop().call_later(LOOK_AGAIN, self._flush_late)

    def _flush_late(self) -> None:
        self._late = self._not_ready(self._late)
        if self._late:
            asyncio.get_running_loop().call_later(LOOK_AGAIN, self._flush_late)

    def _not_ready(self, outlets: list[Outlet]) -> list[Outlet]:
        """Flush them; those that were not ready for it."""
        late = []
        for outlet in outlets:
            try:
                if not outlet.flush():
                    late.append(outlet)
            except Exception:  # the others are not to suffer
                log.exception("writing to a client failed")
                outlet.overflow()
        return late


class Outlet:
    """Frames on their way to one client. `write` for each, `latest` for a channel that is conflated.

    `direct` is a transport to which frames go at once that come alone, if there is one (`sockets.Socket.direct`).
    """

    __slots__ = (
        "_closed",
        "_flusher",
        "_in_bursts",
        "_is_late",
        "_latest",
        "_limit",
        "_on_overflow",
        "_queue",
        "_size",
        "_wire",
        "direct",
    )

    def __init__(self, flusher: Flusher, wire: Wire, limit: int, overflow: Callable[[], None]) -> None:
        self._flusher = flusher
        self._wire = wire
        self._limit = limit
        self._on_overflow = overflow
        self.direct: asyncio.Transport | None = None
        self._queue: list[Frame] = []
        self._latest: dict[str, Frame] = {}
        self._size = 0  # of both; counted only while the client does not keep up
        self._is_late = False
        self._in_bursts = False  # several come in one tick, of late: they cost least as one
        self._closed = False

    def write(self, frame: Frame) -> None:
        """As short as can be: in a large room, nothing else is done as often."""
        queue = self._queue
        if self._is_late:
            if not self._closed:
                queue.append(frame)
                self._grow(frame)
        elif queue:
            queue.append(frame)
        elif not self._closed:
            direct = self.direct
            if direct is None or self._in_bursts or direct.get_write_buffer_size():
                queue.append(frame)
                self._flusher.add(self)
            elif not direct.is_closing():
                direct.write(frame.wire)

    def latest(self, channel: str, frame: Frame) -> None:
        """As `write`, in place of what waits from that channel if the client does not keep up."""
        if self._is_late and not self._closed:
            self.drop_latest(channel)
            self._latest[channel] = frame
            self._grow(frame)
        else:
            self.write(frame)

    def drop_latest(self, channel: str) -> None:
        """What waits from that channel is of no interest any more."""
        frame = self._latest.pop(channel, None)
        if frame is not None:
            self._resize(-len(frame.wire))

    def _grow(self, frame: Frame) -> None:
        self._resize(len(frame.wire))
        if self._size > self._limit or self._flusher.size > self._flusher.limit:
            self.overflow()

    def _resize(self, more: int) -> None:
        self._size += more
        self._flusher.size += more

    def flush(self) -> bool:
        """Write what there is, if the client keeps up; whether it does. What came in one tick goes as a whole: nobody
        is done with because it was much.
        """
        if self._is_late:
            if not self._wire.is_ready():
                return False
            self._keep_up()
        frames = self._queue
        if self._latest:
            frames += self._latest.values()
            self._latest = {}
        if frames:
            self._queue = []
            self._in_bursts = len(frames) > 1 or not self._in_bursts
            self._wire.write(frames)
        self._is_late = not (self._closed or self._wire.is_ready())
        return not self._is_late

    async def ready(self) -> None:
        """Wait until all that was written is on its way to the client, and it takes more."""
        await asyncio.sleep(0)
        while self._queue or self._is_late:
            await asyncio.sleep(LOOK_AGAIN)

    def overflow(self) -> None:
        """More waits than is allowed."""
        self.close()
        self._on_overflow()

    def close(self) -> None:
        """Nothing more goes out."""
        self._closed = True
        self._keep_up()
        self._queue = []
        self._latest = {}

    def _keep_up(self) -> None:
        self._is_late = False
        self._resize(-self._size)
