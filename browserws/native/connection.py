"""`NativeConnection`: the connection of `websockets`, of which a link hears, and which it writes to without waiting."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.frames import DATA_OPCODES, CloseCode, Frame, Opcode
from websockets.protocol import Event, State

BATCH = 64 * 1024  # bytes that are written at once, unless a single message is larger


class Listener(Protocol):
    def on_data(self) -> None:
        """Something has come: messages in `arrived`, or the beginning of the end."""

    def on_lost(self, error: Exception | None) -> None:
        """The network connection is closed; the last."""


class NativeConnection(ClientConnection):
    """Messages that have come are in `arrived`. `buffered` are the bytes of messages that wait to be written: of those
    that were sent in this iteration of the event loop, and of those that the network does not take.
    """

    def __init__(self, protocol: ClientProtocol, **options: Any) -> None:
        super().__init__(protocol, **options)
        self.listener: Listener | None = None
        self.arrived: deque[str | bytes] = deque()
        self.is_lost = False
        self.buffered = 0
        self._fragments: list[Frame] = []
        self._discards = False  # what still comes: a text was none
        self._unsent: deque[tuple[bytes, int]] = deque()  # frames, and the bytes of their message
        self._in_transport = 0  # bytes of messages
        self._is_write_due = False

    @property
    def is_open(self) -> bool:
        return self.protocol.state is State.OPEN

    @property
    def close_code_and_reason(self) -> tuple[int, str] | None:
        """Those of the server, when both close frames have been exchanged."""
        received = self.protocol.close_rcvd
        if received is None or self.protocol.close_sent is None or self.failure is not None:
            return None
        return int(received.code), received.reason

    @property
    def failure(self) -> Exception | None:
        """How the server broke the protocol, if it did."""
        error = self.protocol.parser_exc
        return None if isinstance(error, EOFError) else error

    # --- what comes ---

    def process_event(self, event: Event) -> None:
        if not isinstance(event, Frame) or event.opcode not in DATA_OPCODES:
            super().process_event(event)
        elif not self._discards:
            self._fragments.append(event)
            if event.fin:
                self._take_message()

    def _take_message(self) -> None:
        fragments, self._fragments = self._fragments, []
        data = b"".join([fragment.data for fragment in fragments])
        try:
            self.arrived.append(data.decode() if fragments[0].opcode is Opcode.TEXT else data)
        except UnicodeDecodeError as error:
            self.protocol.fail(CloseCode.INVALID_DATA, f"{error.reason} at position {error.start}")
            self.protocol.parser_exc = error
            self._discards = True

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._write()  # an answer to the server's close frame goes out before it closes the network connection
        if self.failure is not None:
            self.transport.abort()
        if self.listener is not None:
            self.listener.on_data()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.is_lost = True
        if self.listener is not None:
            self.listener.on_lost(self.failure or error)

    # --- what goes out ---

    def send_now(self, data: str | memoryview) -> None:
        """Send a message: it goes out at the end of this iteration of the event loop, with those that follow it."""
        if isinstance(data, str):
            encoded = data.encode()
            self.protocol.send_text(encoded)
        else:
            encoded = data.tobytes()
            self.protocol.send_binary(encoded)
        self._enqueue(len(encoded))

    def close_now(self, code: int, reason: str = "") -> None:
        """Begin the closing handshake, behind the messages that wait."""
        self.protocol.send_close(code, reason)
        self._enqueue(0)

    def leave(self) -> None:
        """The event loop ends: say so to the server, and close the network connection."""
        if self.is_open:
            self.close_now(CloseCode.GOING_AWAY)
            self._write()
        self.transport.abort()

    def send_data(self) -> None:
        """Of `websockets`: here, what the protocol says itself has its place behind the messages that wait."""
        self._enqueue(0)

    def _enqueue(self, size: int) -> None:
        data = b"".join(self.protocol.data_to_send())
        if not data:  # the end of the stream: the transport closes itself
            return
        self._unsent.append((data, size))
        self.buffered += size
        if not self._is_write_due:
            self._is_write_due = True
            self.loop.call_soon(self._write)

    def _write(self) -> None:
        self._is_write_due = False
        while self._unsent and not self.paused and not self.transport.is_closing():
            batch: list[bytes] = []
            length = 0
            while self._unsent and length < BATCH:
                data, size = self._unsent.popleft()
                batch.append(data)
                length += len(data)
                self._in_transport += size
            self.transport.write(b"".join(batch))
            if not self.paused:
                self._written()

    def _written(self) -> None:
        self.buffered -= self._in_transport
        self._in_transport = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=1)  # it pauses while anything waits (with 0, TLS would for ever)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._written()
        self._write()
