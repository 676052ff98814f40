"""`Messages`: what has come from a client and waits for the hub; fragments become messages (RFC 6455 §5.4)."""

from __future__ import annotations

import asyncio
from collections import deque

from ...codes import INVALID_DATA, MESSAGE_TOO_BIG, PROTOCOL_ERROR
from ..metered import QUEUE, Meter
from ..outcomes import Disconnected

MANY, FEW = 4, 2  # messages that wait


class Violation(Exception):
    """A frame that may not come: the code and the reason to close with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Messages:
    """`meter` parses nothing while many wait."""

    def __init__(self, limit: int, meter: Meter) -> None:
        self._limit = limit
        self._meter = meter
        self._fragments = bytearray()
        self._is_text: bool | None = None  # the message whose fragments these are
        self._waiting: deque[str | bytes] = deque()
        self._news: asyncio.Future[None] | None = None  # `next` waits for it: a message, or the end
        self.is_closed = False

    def add(self, is_text: bool | None, payload: memoryview, is_last: bool) -> None:
        """A frame; `is_text` is None for a continuation. Raises `Violation`."""
        if (is_text is None) is (self._is_text is None):
            raise Violation(PROTOCOL_ERROR, "a fragment without its message, or a message within another")
        if len(self._fragments) + len(payload) > self._limit:
            raise Violation(MESSAGE_TOO_BIG, "a message is larger than is allowed")
        if is_last and is_text is not None:
            self._end(is_text, payload)
            return
        if is_text is not None:
            self._is_text = is_text
        self._fragments += payload
        if is_last:
            fragments, is_text = self._fragments, self._is_text
            self._fragments, self._is_text = bytearray(), None
            self._end(is_text, fragments)

    def _end(self, is_text: bool | None, data: bytearray | memoryview) -> None:
        try:
            self._waiting.append(str(data, "utf-8") if is_text else bytes(data))
        except UnicodeDecodeError:
            raise Violation(INVALID_DATA, "text that is not UTF-8") from None
        self._wake()
        if len(self._waiting) > MANY:
            self._meter.wait_for(QUEUE)

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def next(self) -> str | bytes:
        """Raises `Disconnected` behind the last one."""
        while not self._waiting:
            if self.is_closed:
                raise Disconnected
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        message = self._waiting.popleft()
        if len(self._waiting) == FEW:
            self._meter.go_on(QUEUE)
        return message

    def close(self) -> None:
        self.is_closed = True
        self._wake()
