"""`Tunnel`: a wire that has become a WebSocket, with frames of the library on one side and the browser on the other.

As a server would, it answers pings and sends close frames: of the real server's a page sees the close only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._host.callbacks import Callbacks
from .._runtime.socket import Socket
from .._runtime.timer import Timer
from ..codes import ABNORMAL_CLOSURE, NO_STATUS_RCVD, NORMAL_CLOSURE, may_be_sent
from ..errors import ConnectionClosed
from . import frames, handshake
from .frames import CLOSE, PING, PONG, FrameError, FrameReader
from .sink import Line

PRIVATE = 3000  # what a page may not send, it sends as this much more: 1001 as 4001
QUEUE_MARKS = (64, 16)  # messages that wait for a library that does not read: where the server is paused, and goes on
CLOSE_TIMEOUT = 10  # seconds that a library has to answer a close frame


class Tunnel:
    def __init__(self, wire: Line, opening: handshake.Handshake) -> None:
        """Raises what `Socket` raises for a URL that the browser would not open, and for bad subprotocols."""
        self._wire: Line | None = wire  # until the end
        self._opening = opening
        self._is_open = False
        self._close: tuple[int | None, int] | None = None  # code of the library, code that was sent
        self._reader = FrameReader(self.send, self._control)
        callbacks = Callbacks(bytes, self._on_open, self._on_messages, self._on_failure, self._on_end)
        marks = QUEUE_MARKS if wire.settings.backpressure else None
        self._socket = Socket(opening.url, opening.subprotocols, callbacks, marks=marks)
        self._timer: Timer | None = None

    # --- from the library ---

    def feed(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
        except FrameError as error:
            if self._wire is not None:
                self._wire.deliver([frames.frame(CLOSE, frames.close_payload(error.code, error.reason[:40]))])
                self._wire.end(None)
            self.drop()

    def send(self, message: str | bytes) -> None:
        try:
            self._socket.send(message)
        except ConnectionClosed:
            pass  # as with TCP: it was on its way when the server closed

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING and self._wire is not None:
            self._wire.deliver([frames.frame(PONG, payload)])
        elif opcode == CLOSE and self._close is None:
            code, reason = frames.read_close(payload)
            sent = NORMAL_CLOSURE if code is None else code if may_be_sent(code) else PRIVATE + code
            self._close = (code, sent)
            self._socket.close(sent, reason)
            if self._timer is not None:
                self._end()

    def buffered(self) -> int:
        return self._socket.js.bufferedAmount

    def drop(self) -> None:
        self._wire = None
        if self._timer is not None:
            self._timer.cancel()
        self._socket.abort()

    # --- from the browser ---

    def _on_open(self, source: Any) -> None:
        if self._wire is not None:
            self._is_open = True
            self._wire.deliver([self._opening.accepted(self._socket.js.protocol)], at_once=True)

    def _on_messages(self, messages: Iterable[str | bytes], count: int, sources: Any) -> None:
        if self._wire is not None:
            self._wire.deliver_messages(messages)

    def _on_failure(self, source: Any) -> None:
        """The end follows."""

    def _on_end(self, code: int, reason: str, was_clean: bool, source: Any) -> None:
        wire = self._wire
        if wire is None:
            return
        if not self._is_open:
            wire.deliver([handshake.failed()])
            wire.end(None)
        elif was_clean and code != ABNORMAL_CLOSURE:
            wire.deliver([frames.frame(CLOSE, frames.close_payload(self._known_code(code), reason))])
            # As a server does: the library may answer before the connection is closed.
            self._timer = Timer(self._socket.host, 0 if self._close else CLOSE_TIMEOUT, self._end)
        else:
            wire.end(ConnectionResetError("the WebSocket was lost (1006): the browser does not tell a page why"))

    def _end(self) -> None:
        if self._wire is not None:
            self._wire.end(None)

    def _known_code(self, code: int) -> int | None:
        """As the library knows it: its own, where the server has but repeated it."""
        if self._close is not None and code == self._close[1]:
            return self._close[0]
        return None if code == NO_STATUS_RCVD else code
