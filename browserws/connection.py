"""`ClientConnection`: an open connection of the asyncio API. `open_connection()` makes it for `connect()`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from typing import Any

    from typing_extensions import Buffer  # of Python 3.12; type checkers know it in any version

    from ._host.callbacks import Received
    from .types import Message

import asyncio
import sys

from ._host import current
from ._host.callbacks import Callbacks
from ._host.unread import Unread
from ._pure import checks, numbers
from ._pure.inbox import Inbox
from ._runtime.signal import Signal
from ._runtime.socket import Socket
from ._runtime.timer import Timer
from .codes import ABNORMAL_CLOSURE, NORMAL_CLOSURE, PAGE_INTERNAL_ERROR, PAGE_MESSAGE_TOO_BIG
from .errors import ConcurrencyError, ConnectionClosed, ConnectionClosedOK, InvalidHandshake
from .state import STATES, State

MAX_BYTES = 4  # of a character (UTF-8)
DRAIN_POLL = 0.002  # seconds: browsers have no event for their send buffer
MAX_DRAIN_POLL = 0.05
# A reader that always finds a message never waits: then other tasks and the page get their turn after so long, which
# is looked at every so many messages.
MAX_TURN = 20  # ms
LOOK_EVERY = 64  # messages


def _missing(reason: str) -> "Any":
    """An attribute that says why there is no such thing: `reason` is a name of `unsupported`."""
    return property(lambda self: _refuse(reason))


def _refuse(reason: str) -> "Any":
    from ._pure import unsupported  # only who meets it has to load it

    raise NotImplementedError(getattr(unsupported, reason))


class ClientConnection:
    """An open connection, made by `connect()`.

    One task at a time may receive; any number may send. Messages that have arrived are handed out
    before the end of the connection is reported.

    Lost silently: what was sent but had not arrived when the connection broke.
    """

    def __init__(
        self,
        uri: str,
        *,
        subprotocols: "Sequence[str] | None",
        close_timeout: "float | None",
        max_size: "int | None",
        write_marks: "tuple[float, float]",
        queue_marks: "tuple[float, float] | None",
        logger: "Any" = None,
    ) -> None:
        self._logger = logger
        self._id = ""
        self.close_timeout = close_timeout
        self._max_size = max_size
        # only what is longer needs to be encoded to know
        self._surely_fits = sys.maxsize if max_size is None else max_size // MAX_BYTES
        self._write_high, self._write_low = write_marks
        self._unflushed = 0  # bytes sent since the browser's buffer was last looked at
        self._waiting_senders = 0
        self._sending = asyncio.Lock()

        self._receiving = False
        self._in_a_row = 0  # messages since it was last looked at the clock, or waited
        self._turn_began: "float | None" = None  # ms
        self._inbox = Inbox()
        self._discards = False  # what still comes: a message was too large
        self._news = Signal()  # the connection is open, a message came, or the end
        self._opened = False
        self._failure: "Exception | None" = None  # why there is no connection, where that is known: in a program
        self._closed = asyncio.Event()
        self._end: "tuple[int, str] | None" = None  # code and reason, when it is closed
        self._host = current()
        self._timer = Timer(self._host, None, self._news.set)
        callbacks = Callbacks(bytes, self._on_open, self._on_messages, self._on_failure, self._on_end)
        self._socket = Socket(uri, subprotocols, callbacks, marks=queue_marks, host=self._host)
        self._callbacks = self._socket.callbacks
        self._deliver = self._deliverer()

    # --- receiving ---

    async def recv(self, decode: "bool | None" = None, timeout: "float | None" = None) -> "str | bytes":
        """The next message: `str` for text, `bytes` for binary.

        `decode=True` gives a `str` for both (UTF-8), `decode=False` gives `bytes` for both. After
        `timeout` seconds without a message it raises `TimeoutError`, at once if it is 0 or less. (On
        CPython and Pyodide `asyncio.wait_for(ws.recv(), seconds)` is as good; that of MicroPython now
        and then drops the result of what it waits for.)

        Raises `ConnectionClosedOK` or `ConnectionClosedError` when all messages have been handed out
        and the connection is closed, `ConcurrencyError` if another task is receiving. Cancelling it
        loses nothing.
        """
        timeout = numbers.limit("timeout", timeout, None)
        if self._receiving:
            raise ConcurrencyError("cannot call recv while another coroutine is already running recv or recv_streaming")
        message = self._next()
        if message is None or len(message) > self._surely_fits:
            message = await self._receive(message, timeout)
        if decode is None or isinstance(message, str) == decode:
            return message
        from ._pure.outgoing import recode  # only who asks for it has to load it

        return recode(message, decode)

    async def _receive(self, message: "str | bytes | None", timeout: "float | None" = None) -> "str | bytes":
        """The slow path: wait for a message, or look at the size of this one."""
        self._receiving = True
        timer = None if timeout is None else Timer(self._host, timeout, self._news.set)
        try:
            if message is None and self._in_a_row >= LOOK_EVERY:
                await self._give_way()
                message = self._next()
            while message is None and not self._closed.is_set():
                if timer is not None and timer.expired:
                    raise asyncio.TimeoutError("timed out while waiting for a message")
                self._in_a_row = 0
                self._turn_began = None
                self._callbacks.on_message = self._deliver
                message = await self._news.wait()
                if message is None:
                    message = self._next()
            if message is not None and self._fits(message):
                return message
            await self._closed.wait()
        finally:
            self._receiving = False
            self._callbacks.on_message = None
            given, self._news.value = self._news.value, None
            if given is not None:  # cancelled, just after it was given one
                self._inbox.put_back(self._in_its_turn(given))
            if timer is not None:
                timer.cancel()
        raise self._why_closed()

    def _next(self) -> "str | bytes | None":
        """The next message; None if there is none, or if others may have to get their turn first."""
        if self._in_a_row >= LOOK_EVERY:
            return None
        self._in_a_row += 1
        try:
            return next(self._inbox.messages)
        except (MemoryError, ValueError) as error:  # nothing may come without it
            self._reject("a message did not fit in memory" if isinstance(error, MemoryError) else str(error))
            return None

    async def _give_way(self) -> None:
        self._in_a_row = 0
        now = self._host.clock()
        if self._turn_began is None:
            self._turn_began = now
        elif now - self._turn_began >= MAX_TURN:
            await asyncio.sleep(0)
            self._turn_began = self._host.clock()

    def _fits(self, message: "str | bytes") -> bool:
        if self._max_size is None or len(message) <= self._surely_fits:
            return True
        size = checks.size(message)
        if size <= self._max_size:
            return True
        self._reject(f"message with {size} bytes exceeds limit of {self._max_size} bytes")
        return False

    def _reject(self, why: str) -> None:
        self._inbox.clear()
        self._discards = True
        self._socket.close(PAGE_MESSAGE_TOO_BIG, why)
        self._abort_after(self.close_timeout)

    async def recv_into(self, buffer: "Buffer", timeout: "float | None" = None) -> int:
        """Write the next message to `buffer`, such as a `bytearray`, which may be larger: how many bytes it has.

        A text comes in UTF-8. Binary messages of 16 KiB or more take no memory of their size beside the buffer.

        Raises what `recv` raises, `TypeError` for a buffer that cannot be written to, and `ValueError` for a message
        that does not fit: it is the next one still.
        """
        from ._pure.incoming import writable, write  # only who asks for it has to load it

        writable(buffer)
        callbacks = self._callbacks
        before, callbacks.reads_later = callbacks.reads_later, True
        try:
            message = await self.recv(timeout=timeout)
        finally:
            callbacks.reads_later = before
        try:
            return write(message, buffer)
        except BaseException:
            self._inbox.put_back(self._in_its_turn(message))
            raise

    def _in_its_turn(self, message: "Any") -> "Iterator[Any]":
        """A message for who asks for it: `recv` has to read it, `recv_into` has not."""
        yield message.read() if isinstance(message, Unread) and not self._callbacks.reads_later else message

    def recv_streaming(self, decode: "bool | None" = None) -> "AsyncIterator[str | bytes]":
        """The next message in fragments. A browser joins them: there is one, the whole message."""
        return _OneFragment(self, decode)

    def __aiter__(self) -> "ClientConnection":
        """The messages until the connection is closed; `ConnectionClosedError` if it did not end well."""
        return self

    async def __anext__(self) -> "str | bytes":
        # as recv(), without the cost of a second coroutine where a message is there
        if not self._receiving:
            message = self._next()
            if message is not None and len(message) <= self._surely_fits:
                return message
            try:
                return await self._receive(message)
            except ConnectionClosedOK:
                pass
            raise StopAsyncIteration
        return await self.recv()  # raises

    @property
    def backlog(self) -> int:
        """How many messages have arrived and wait for `recv`. They are in the browser's memory."""
        return self._inbox.backlog

    # --- sending ---

    async def send(self, message: "Message", *, text: "bool | None" = None) -> None:
        """Send a message: `str` as text, an object with the buffer protocol as binary.

        `text=True` sends UTF-8 bytes as text, `text=False` a `str` as binary. An iterable or async
        iterable of `str`, or of bytes-like objects, is joined into one message; an empty one sends
        nothing. Waits while more than `write_limit` bytes wait in the browser; messages go out in
        the order of the calls. Cancelled while it waits, it sends nothing.

        Raises `TypeError` and `ValueError` for what cannot be sent, `ConnectionClosed`.
        """
        if isinstance(message, (str, bytes)) and text is None and not self._waiting_senders:
            self._unflushed += len(message) if isinstance(message, bytes) else MAX_BYTES * len(message)
            if self._unflushed <= self._write_high:
                await self._hand_over(message)
                return
        from ._pure.outgoing import recode, whole  # only what is none of these has to load it

        self._waiting_senders += 1
        try:
            async with self._sending:
                data = await whole(message)
                if data is not None:
                    await self._flushed(self._write_high)
                    await self._hand_over(data if text is None else recode(data, text))
        finally:
            self._waiting_senders -= 1

    async def _hand_over(self, data: "str | bytes | memoryview") -> None:
        try:
            self._socket.send(data)
            return
        except ConnectionClosed:
            await self._closed.wait()  # then it is known how
        raise self._why_closed()

    async def _flushed(self, enough: float) -> None:
        """Wait until at most `enough` bytes wait in the browser; who has to wait, waits for the low mark."""
        poll = DRAIN_POLL
        while True:
            if self._socket.ready_state != State.OPEN:
                await self._closed.wait()
                raise self._why_closed()
            self._unflushed = int(self._socket.js.bufferedAmount)
            if self._unflushed <= enough:
                return
            enough = min(enough, self._write_low)
            await asyncio.sleep(poll)
            poll = min(MAX_DRAIN_POLL, poll * 2)

    async def drain(self) -> None:
        """Wait until the browser's send buffer has at most the low-water mark of `write_limit`.

        Raises `ConnectionClosed`.
        """
        await self._flushed(self._write_low)

    # --- the end ---

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection and wait for the end; harmless when it is closed already.

        `code` is 1000 or 3000-4999, `reason` has at most 123 bytes in UTF-8, else `ValueError`.
        After `close_timeout` without the server's answer the connection counts as lost.
        """
        self._socket.close(code, reason)
        if not self._closed.is_set():
            self._abort_after(self.close_timeout)
            await self._closed.wait()

    async def wait_closed(self) -> None:
        """Wait until the connection is closed."""
        await self._closed.wait()

    async def __aenter__(self) -> "ClientConnection":
        return self

    async def __aexit__(self, kind: "Any", error: "Any", traceback: "Any") -> None:
        """Close; with 4011 after an exception, as a page may not send 1011 (internal error)."""
        if kind is None:
            await self.close()
        else:
            await self.close(PAGE_INTERNAL_ERROR)

    # --- attributes ---

    @property
    def state(self) -> State:
        """One of `State.CONNECTING`, `OPEN`, `CLOSING`, `CLOSED`."""
        return STATES[self._socket.ready_state]

    @property
    def id(self) -> str:
        """A random UUID of the connection, for logs."""
        if not self._id:
            import random  # only who asks for it has to load it

            digits = "".join(["%04x" % random.getrandbits(16) for _ in range(8)])
            parts = (digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:])
            self._id = "-".join(parts)
        return self._id

    @property
    def logger(self) -> "Any":
        """The logger that `connect()` was given, or that of the name `browserws.client`."""
        if self._logger is None:
            import logging  # only who asks for it has to load it

            self._logger = logging.getLogger("browserws.client")
        return self._logger

    @property
    def subprotocol(self) -> "str | None":
        """The subprotocol that the server chose."""
        return str(self._socket.js.protocol) or None

    @property
    def close_code(self) -> "int | None":
        """The code of the close frame that came, 1006 if none did; None while the connection is open."""
        return None if self._end is None else self._end[0]

    @property
    def close_reason(self) -> "str | None":
        """The reason that came with it; None while the connection is open."""
        return None if self._end is None else self._end[1]

    # --- what `websockets` has and a browser has not ---

    def ping(self, *arguments: "Any", **keywords: "Any") -> "Any":
        """`NotImplementedError`: a page cannot send pings."""
        return _refuse("PINGS")

    def pong(self, *arguments: "Any", **keywords: "Any") -> "Any":
        """`NotImplementedError`: a page cannot send pongs."""
        return _refuse("PINGS")

    latency = _missing("PINGS")
    request = _missing("HANDSHAKE")
    response = _missing("HANDSHAKE")
    local_address = _missing("ADDRESSES")
    remote_address = _missing("ADDRESSES")

    def __repr__(self) -> str:
        return f"<ClientConnection {self._socket.js.url} {self._socket.state}>"

    # --- what the socket says ---

    async def _handshake(self, timeout: "float | None") -> None:
        self._abort_after(timeout)
        try:
            while not self._opened and self._end is None:
                await self._news.wait()
        except BaseException:
            self._socket.abort()
            raise
        if self._opened:
            self._timer.cancel()
        elif self._timer.expired:
            raise asyncio.TimeoutError("timed out during opening handshake")
        else:
            why = self._failure or "the browser does not tell a page why, its console may"
            error = InvalidHandshake(f"no connection to {self._socket.js.url}: {why}")
            error.__cause__ = self._failure
            raise error

    def _abort_after(self, seconds: "float | None") -> None:
        self._timer.cancel()
        self._timer = Timer(self._host, seconds, self._socket.abort)

    def _why_closed(self) -> Exception:
        error = self._socket.why_not_sendable()
        if self._timer.expired:
            error.__cause__ = asyncio.TimeoutError("timed out while closing connection")
        return error

    def _on_open(self, source: "Any") -> None:
        self._opened = True
        self._news.set()

    def _on_messages(self, messages: "Received", count: int, sources: "Any") -> None:
        if not self._discards:
            self._inbox.add(messages, count)
            self._news.set()

    def _deliverer(self) -> "Callable[[Any, Any], None]":
        """What gives a message that came alone to the task that waits for it: a closure, as in `_host/link.py`."""
        news, inbox = self._news, self._inbox

        def deliver(data: "str | bytes | Unread", source: "Any") -> None:
            if not self._discards and not news.set(data):  # the task was woken already, and has not gone on
                inbox.add(self._in_its_turn(data), 1)

        return deliver

    def _on_failure(self, source: "Any") -> None:
        self._failure = getattr(source, "exception", None)  # the end follows

    def _on_end(self, code: int, reason: str, was_clean: bool, source: "Any") -> None:
        self._end = (code if was_clean else ABNORMAL_CLOSURE, reason)
        self._timer.cancel()
        self._closed.set()
        self._news.set()


async def open_connection(uri: str, open_timeout: "float | None", **arguments: "Any") -> ClientConnection:
    """An open connection; what `connect()` raises."""
    connection = ClientConnection(uri, **arguments)
    await connection._handshake(open_timeout)
    return connection


def begin_to_close(connection: ClientConnection) -> None:
    """Close it, without waiting for the end."""
    connection._socket.close(NORMAL_CLOSURE, "")


class _OneFragment:
    """What `recv_streaming` goes through."""

    def __init__(self, connection: ClientConnection, decode: "bool | None") -> None:
        self._connection: "ClientConnection | None" = connection
        self._decode = decode

    def __aiter__(self) -> "_OneFragment":
        return self

    async def __anext__(self) -> "str | bytes":
        connection, self._connection = self._connection, None
        if connection is None:
            raise StopAsyncIteration
        return await connection.recv(self._decode)
