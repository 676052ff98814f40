"""`PicowsConnection`: one connection of `picows.serve`, from the handshake to the close."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, cast

import picows
from multidict import CIMultiDict
from picows import WSMsgType
from websockets.datastructures import Headers

from ...codes import PROTOCOL_ERROR
from ..access import values
from ..answers import Answer, Answers
from ..frames import Frame
from ..hub import Hub
from ..metered import QUEUE, WRITING, Meter
from ..sockets import HIGH_WATER, joins_writes
from .messages import Messages, Violation
from .picows_parser import Parser, log

CLOSE, PING, PONG = WSMsgType.CLOSE, WSMsgType.PING, WSMsgType.PONG  # found once: an `Enum` takes its time
IS_TEXT = {WSMsgType.TEXT: True, WSMsgType.BINARY: False, WSMsgType.CONTINUATION: None}


class PicowsConnection(Meter, picows.WSListener, asyncio.Protocol):
    """A protocol, and a `Socket`."""

    def __init__(self, hub: Hub, answers: Answers, connections: set[PicowsConnection]) -> None:
        self._hub = hub
        self._answers = answers
        self._connections = connections  # where it is until it has ended
        self._serving: asyncio.Task[None] | None = None
        self.target = ""
        self.headers: Headers | None = None
        self._frames = 0
        self._messages = Messages(hub.settings.max_message, self)
        self._is_closing = False  # a close frame was sent
        self._on_closing: Callable[[], None] = lambda: None  # nothing may be written any more
        self._lost = asyncio.Event()

    # --- what the transport calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._connections.add(self)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""
        self.budget = self._hub.budgets.open("" if self._hub.settings.proxies else self.address)
        self.begin()
        self._parser = Parser(self.transport, self._negotiate, self.finish, self._hub.settings)

    def connection_lost(self, exc: Exception | None) -> None:
        self.end()
        self._messages.close()
        self._lost.set()
        self._parser.lost(exc)
        if self._serving is None or self._serving.done():
            self._connections.discard(self)

    def pause_writing(self) -> None:
        self.wait_for(WRITING)

    def resume_writing(self) -> None:
        self.go_on(WRITING)

    def parse(self, data: bytes) -> int:
        self._frames = 0
        if not self.is_closed:
            self._parser.feed(data)
            if self._parser.transport.is_close_frame_sent:
                self.finish()  # picows has found an error, and said so to the client
        return self._frames

    # --- what picows calls ---

    def _negotiate(self, request: picows.WSUpgradeRequest) -> object:
        """The listener of the frames, or a response."""
        self.target = request.path.decode("latin-1")
        self.headers = headers = Headers()
        for name, value in request.headers.items():
            headers[name] = value
        try:
            answer = self._answers.answer(self.target, headers)
        except Exception:
            log.exception("a request cannot be answered")
            answer = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, b"")
        if answer is not None:
            response = picows.WSUpgradeResponse()
            response.version, response.status, response.body = b"HTTP/1.1", answer.status, answer.body
            response.headers = CIMultiDict(answer.headers)
            return picows.WSUpgradeResponseWithListener(response, None)
        if self._hub.settings.proxies:
            self._hub.budgets.draw_on_address(self.budget, self._hub.access.address_of(self.address, headers))
        tokens = ",".join(values(headers, "Connection")).lower().split(",")
        if "upgrade" in [token.strip() for token in tokens]:
            request.headers["Connection"] = "Upgrade"  # picows takes no list
        return self

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self._serving = asyncio.create_task(self._hub.serve(self))
        self._serving.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        self.finish()
        if self._lost.is_set():
            self._connections.discard(self)

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        self._frames += 1
        kind = frame.msg_type
        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            raise picows.WSProtocolError(PROTOCOL_ERROR, "reserved bits are set")
        if kind is CLOSE:
            self._send_close(frame.get_payload_as_bytes())
            self.finish()
        elif self._is_closing or kind is PONG:
            pass
        elif kind is PING:
            transport.send_pong(frame.get_payload_as_bytes())
        else:
            try:
                self._messages.add(IS_TEXT[kind], frame.get_payload_as_memoryview(), frame.fin)
            except Violation as violation:
                raise picows.WSProtocolError(violation.code, violation.reason) from None

    # --- what the hub calls ---

    def recv(self) -> Coroutine[Any, Any, str | bytes]:
        return self._messages.next()

    @property
    def is_closed(self) -> bool:
        """Nothing is received any more."""
        return self._messages.is_closed

    def is_ready(self) -> bool:
        return self.transport.get_write_buffer_size() < HIGH_WATER

    def write(self, frames: list[Frame]) -> None:
        if not (self._is_closing or self._messages.is_closed or self.transport.is_closing()):
            self.transport.write(frames[0].wire if len(frames) == 1 else b"".join([frame.wire for frame in frames]))

    def direct(self, on_closing: Callable[[], None]) -> asyncio.Transport | None:
        if self._is_closing or self.is_closed or not joins_writes(self.transport):
            return None
        self._on_closing = on_closing
        return self.transport

    async def close(self, code: int, reason: str) -> None:
        if not self.is_closed:
            self._send_close(code.to_bytes(2, "big") + reason.encode())
            self.go_on(QUEUE)  # the client's answer comes behind what it has sent
        try:
            await asyncio.wait_for(self._lost.wait(), self._hub.settings.close_timeout)
        except TimeoutError:
            self.abort()

    def _send_close(self, payload: bytes) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._on_closing()
            self._parser.transport.send(WSMsgType.CLOSE, payload)

    def abort(self) -> None:
        self.transport.abort()

    async def ended(self) -> None:
        await self._lost.wait()
        if self._serving is not None:
            await asyncio.wait([self._serving])

    def finish(self) -> None:
        """Close when all that was written has gone. Until the client has closed, too, what comes is dropped: else the
        reset would take the last frames away from it."""
        if self.is_closed:
            return
        self._messages.close()
        self._on_closing()
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._linger(self.transport.get_write_buffer_size() + 1)
        else:
            self.transport.close()

    def _linger(self, left: int) -> None:
        """For as long as the client takes what was written."""
        size = self.transport.get_write_buffer_size()
        if size >= left:
            self.abort()
        elif not self._lost.is_set():
            asyncio.get_running_loop().call_later(self._hub.settings.close_timeout, self._linger, size)
