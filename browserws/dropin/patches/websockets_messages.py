"""`websockets`, its asyncio API: whole messages go past its frames, where a connection ends in a wire.

Of a message of 32 bytes the library reads a frame, and writes one, in 10 to 30 µs in a page; the browser knows the
message already. What is more than a message goes the library's own way, in frames: pings and closes, fragments, what
may be longer than `max_size`, all while it logs or closes, and versions that nobody has looked at.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from ..._pure.checks import size as size_of
from ..._runtime.signal import Signal
from ..finder import Changes
from ..frames import MAX_UTF8, frames
from ..wire import Wire

AT_ONCE = 1 << 20  # bytes that are taken before the wire looks whether the library wants more
VERSIONS = ("15.", "16.", "17.")


def patch(module: Any, changes: Changes) -> None:
    from websockets.version import version  # of the library, in the page

    if not version.startswith(VERSIONS):
        return
    connection = module.Connection
    changes.set(module, "Assembler", _messages())
    changes.wrap(connection, "recv", _recv)
    changes.wrap(connection, "__aiter__", _aiter)
    changes.wrap(connection, "send", lambda send: _send(send, module.OPEN))
    changes.set(connection, "messages_received", _messages_received(module.OPEN, connection.data_received))


def _messages() -> Any:
    from websockets.asyncio.messages import Assembler, SimpleQueue  # of the library, in the page
    from websockets.frames import Frame, Opcode

    class Queue(SimpleQueue[Any]):
        """Of frames, and of messages as they are."""

        def __init__(self) -> None:
            super().__init__()
            self._is_awaited = self._is_closed = False
            self.news = Signal()

        def put(self, item: Any) -> None:
            self.queue.append(item)
            self._wake_soon()

        async def wait(self, block: bool) -> None:
            """Until there is something in it."""
            while not self.queue:
                if not block or self._is_closed:
                    raise EOFError("stream of frames ended")
                self._is_awaited = True
                await self.news.wait()

        async def get(self, block: bool = True) -> Any:
            await self.wait(block)
            item = self.queue.popleft()
            if isinstance(item, str):
                return Frame(Opcode.TEXT, item.encode())
            return Frame(Opcode.BINARY, item) if isinstance(item, bytes) else item

        def abort(self) -> None:
            self._is_closed = True
            self._wake_soon()

        def _wake_soon(self) -> None:
            """Not now: the library is not done with what it does."""
            if self._is_awaited:
                self._is_awaited = False
                self.loop.call_soon(self.news.set)

    class Messages(Assembler):
        """Assembles what comes in frames, and has the messages that come without."""

        def __init__(self, *arguments: Any, **keywords: Any) -> None:
            super().__init__(*arguments, **keywords)
            self._queue = Queue()
            self.frames = self._queue

        def take(self, messages: list[str | bytes]) -> None:
            """Messages that have come; who waits for one goes on at once."""
            if not self.closed:
                self._queue.queue.extend(messages)
                self.maybe_pause()
                self._queue.news.set()

        def next_message(self) -> str | bytes | None:
            """The next message, if it is there and did not come in frames."""
            queue = self._queue.queue
            if not queue or self.get_in_progress or isinstance(queue[0], Frame):
                return None
            message: str | bytes = queue.popleft()
            if self.paused and len(queue) <= (self.low or 0):
                self.maybe_resume()
            return message

        async def get(self, decode: bool | None = None) -> Any:
            if decode is None and not self.get_in_progress:
                if not self._queue.queue:
                    self.get_in_progress = True
                    try:
                        await self._queue.wait(not self.closed)
                    finally:
                        self.get_in_progress = False
                message = self.next_message()
                if message is not None:
                    return message
            return await super().get(decode)

    return Messages


def _knows_messages(connection: Any, is_open: object) -> bool:
    """Whether a message is all that there is to know now."""
    protocol = connection.protocol
    return protocol.state is is_open and not protocol.debug and not protocol.expect_continuation_frame


def _recv(original: Any) -> Any:
    async def recv(self: Any, decode: bool | None = None) -> Any:
        if decode is None:
            message = self.recv_messages.next_message()
            if message is not None:
                return message
        return await original(self, decode)

    return recv


def _aiter(original: Any) -> Any:
    from websockets.exceptions import ConnectionClosedOK

    async def __aiter__(self: Any) -> AsyncIterator[Any]:
        recv, next_message = self.recv, self.recv_messages.next_message
        try:
            while True:
                message = next_message()
                yield await recv() if message is None else message
        except ConnectionClosedOK:
            return

    return __aiter__


def _send(original: Any, is_open: object) -> Any:
    async def send(self: Any, message: Any, *arguments: Any, **keywords: Any) -> None:
        wire = self.transport
        if (
            isinstance(message, (str, bytes))
            and not arguments
            and not keywords
            and isinstance(wire, Wire)
            and _knows_messages(self, is_open)
            and wire.send_message(message)
        ):
            if self.paused:
                async with self.send_context():
                    pass  # it waits, and raises what a lost connection is to the library
        else:
            await original(self, message, *arguments, **keywords)

    return send


def _messages_received(is_open: object, data_received: Any) -> Any:
    def messages_received(self: Any, messages: Iterator[str | bytes]) -> Iterator[bytes]:
        """Take messages; gives frames of what is not taken, and b"" where the wire has to look if it may go on.

        Those that it leaves in `messages` are not taken, either.
        """
        if type(self).data_received is not data_received:  # a subclass that wants to see it all
            return
        limit = _limit(self.protocol)
        surely_fits = limit // MAX_UTF8  # only what is longer needs to be encoded to know
        taken: list[str | bytes] = []
        size = 0
        while _knows_messages(self, is_open):
            for message in messages:
                if len(message) > surely_fits and size_of(message) > limit:
                    self.recv_messages.take(taken)
                    yield from frames((message,))
                    return
                taken.append(message)
                size += len(message)
                if size >= AT_ONCE:
                    break
            else:
                self.recv_messages.take(taken)
                return
            self.recv_messages.take(taken)
            taken, size = [], 0
            yield b""

    return messages_received


def _limit(protocol: Any) -> float:
    """Bytes that a message may have; in some versions a fragment has a limit of its own."""
    names = ("max_size", "max_message_size", "max_fragment_size")  # in version 15, and since
    limits = [getattr(protocol, name, None) for name in names]
    return min([limit for limit in limits if limit is not None], default=float("inf"))
