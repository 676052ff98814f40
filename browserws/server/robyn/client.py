"""`Client`: one connection: what waits for it, which is bounded, and the handlers that run for it"""

from __future__ import annotations

import asyncio
import inspect
import logging
import uuid
from collections import deque
from collections.abc import Awaitable, Mapping
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ...codes import INTERNAL_ERROR, NORMAL_CLOSURE, UNSUPPORTED_DATA
from .handler import Handler

log = logging.getLogger("browserws.server")

TOO_SLOW = 4408  # as the hub has it
HIGH_WATER = 64 * 1024  # bytes that wait for a client: who sends to it and awaits that is held up
PER_MESSAGE = 64  # bytes that a message is counted for beside its own
MAX_HANDLERS = 32  # of one client, at once: with more, it is not read
GRACE = 10  # seconds that handlers have after the connection has ended


class Client:
    """`handlers` are those of its path, by event. `max_backlog` bytes may wait for it: with more it is closed."""

    def __init__(self, connection: ServerConnection, handlers: Mapping[str, Handler], max_backlog: int) -> None:
        self.id = str(uuid.uuid4())
        self._connection = connection
        self._handlers = handlers
        self._max_backlog = max_backlog
        self._queue: deque[bytes] = deque()
        self._waiting = 0  # bytes, with those that are being sent
        self._close: tuple[int, str] | None = None  # what comes after what waits
        self._sender: asyncio.Task[None] | None = None
        self._dropping: asyncio.Task[None] | None = None
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._running: set[asyncio.Task[None]] = set()

    # --- to the client ---

    def write(self, text: bytes) -> None:
        """Send a text soon. Nothing happens if the connection is closing."""
        if self._close is not None:
            return
        if self._waiting > self._max_backlog:
            self._drop()
            return
        self._queue.append(text)
        self._waiting += len(text) + PER_MESSAGE
        if self._waiting > HIGH_WATER:
            self._has_room.clear()
        self._send_soon()

    def close(self, code: int = NORMAL_CLOSURE, reason: str = "") -> None:
        """Close, after what waits was sent."""
        if self._close is None:
            self._close = code, reason
            self._send_soon()

    async def drained(self) -> None:
        """Returns when little waits for the client, or the connection has ended."""
        await self._has_room.wait()

    def _drop(self) -> None:
        """Close without what waits. The close frame may never get through: then the connection is dropped."""
        log.warning("a client does not read what it is sent: it is closed")
        self._close = TOO_SLOW, "too slow"
        self._end()
        self._dropping = asyncio.create_task(self._connection.close(*self._close))

    def _send_soon(self) -> None:
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            while self._queue:
                text = self._queue.popleft()
                await self._connection.send(text, text=True)
                self._waiting -= len(text) + PER_MESSAGE
                if self._waiting <= HIGH_WATER:
                    self._has_room.set()
            if self._close is not None:
                await self._connection.close(*self._close)
        except ConnectionClosed:
            self._end()
        finally:
            self._sender = None

    def _end(self) -> None:
        """Nothing more is sent."""
        self._close = self._close or (NORMAL_CLOSURE, "")
        self._queue.clear()
        self._has_room.set()

    # --- from the client ---

    async def serve(self, connector: object) -> None:
        """Take messages until the connection ends, and wait for the handlers."""
        self._start("connect", connector)
        try:
            while True:
                message = await self._connection.recv()
                if isinstance(message, bytes):
                    self.close(UNSUPPORTED_DATA, "messages are texts")
                    continue
                self._start("message", connector, message)
                if len(self._running) >= MAX_HANDLERS:
                    await self._wait_for_a_handler()
        except ConnectionClosed:
            self._end()

    async def finish(self, connector: object) -> None:
        """After the connection has ended."""
        self._start("close", connector)
        if self._running:
            _, left = await asyncio.wait(self._running, timeout=GRACE)
            for task in left:
                task.cancel()

    def _start(self, event: str, connector: object, message: str = "") -> None:
        """Call a handler, up to where it first waits."""
        handler = self._handlers.get(event)
        if handler is None:
            return
        try:
            result = handler.call(connector, message)
        except Exception:
            self._fail(handler)
            return
        if inspect.isawaitable(result):
            task = asyncio.create_task(self._finish(handler, result))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        else:
            self._answer(handler, result)

    async def _finish(self, handler: Handler, result: Awaitable[Any]) -> None:
        try:
            self._answer(handler, await result)
        except Exception:
            self._fail(handler)

    def _answer(self, handler: Handler, result: object) -> None:
        """What a handler returns is sent."""
        if isinstance(result, str):
            self.write(result.encode())
        elif result is not None:
            log.error("%r returned a %s: what a handler returns is a str or None", handler, type(result).__name__)
            self.close(INTERNAL_ERROR)

    def _fail(self, handler: Handler) -> None:
        log.exception("%r failed", handler)
        self.close(INTERNAL_ERROR)

    async def _wait_for_a_handler(self) -> None:
        ended = asyncio.create_task(self._connection.wait_closed())
        await asyncio.wait([*self._running, ended], return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
