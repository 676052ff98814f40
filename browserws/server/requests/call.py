"""`call`: functions of the program, and generators, which stream what they yield as fast as the page takes it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Generator
from contextlib import AsyncExitStack, closing
from typing import Any

from ..._pure.protocol import CREDIT, TOO_MANY
from ...errors import ProtocolViolation
from .. import frames
from ..connection import Connection
from ..frames import Message
from ..handlers import context_of, guarded
from ..injection import Injected
from ..outcomes import Refused


class CallRequests:
    """The calls of one connection that are not answered yet. They end with it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._services = connection.services
        self._calls: dict[int, Call] = {}

    async def call(self, request: Message) -> None:
        """Begin to answer: what is requested meanwhile does not wait for it."""
        number, name, arguments = request["id"], request["name"], request.get("arguments", {})
        if number in self._calls:
            raise ProtocolViolation("two calls have one id")
        function = self._services.functions.find(name, arguments)
        limit = self._services.settings.max_calls
        if len(self._calls) >= limit:
            raise Refused(f"at most {limit} calls of a client are answered at once", TOO_MANY)
        self._services.metrics.calls += 1
        call = self._calls[number] = Call(self._connection, number, name)
        call.task = asyncio.create_task(call.run(function, arguments))
        call.task.add_done_callback(lambda task: self._calls.pop(number))

    async def more(self, request: Message) -> None:
        call = self._calls.get(request["id"])
        if call is not None:
            call.grant(request["count"])

    async def cancel(self, request: Message) -> None:
        call = self._calls.get(request["id"])
        if call is not None and call.task is not None:
            call.task.cancel()

    async def stop(self) -> None:
        """The connection has ended: nobody waits for an answer."""
        tasks = [call.task for call in self._calls.values() if call.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=self._services.settings.handler_timeout)


class Call:
    """One of them. `task` answers it."""

    def __init__(self, connection: Connection, number: int, name: str) -> None:
        self.task: asyncio.Task[None] | None = None
        self._connection = connection
        self._services = connection.services
        self._number = number
        self._what = f"the function {name!r}"
        self._credit = CREDIT  # items that may be sent
        self._granted = asyncio.Event()

    def grant(self, count: int) -> None:
        self._credit += count
        self._granted.set()

    async def run(self, function: Injected, arguments: dict[str, Any]) -> None:
        metrics = self._services.metrics
        try:
            await guarded(self._what, None, lambda: self._answer(function, arguments), metrics)
        except Refused as refused:
            self._connection.refuse(self._number, None, refused)

    async def _answer(self, function: Injected, arguments: dict[str, Any]) -> None:
        """What factories have opened is open until the stream ends. It may last: only to its beginning there is a
        limit.
        """
        seconds, metrics = self._services.settings.call_timeout, self._services.metrics
        async with AsyncExitStack() as stack:
            context = context_of(self._connection.page)
            result = await guarded(self._what, seconds, lambda: function.call(stack, context, **arguments), metrics)
            if inspect.isgenerator(result):
                result = _in_turns(result)
            if hasattr(result, "__aiter__"):
                await self._stream(aiter(result))
            else:
                self._send("result", result)

    async def _stream(self, items: AsyncIterator[object]) -> None:
        self._connection.send({"type": "stream", "id": self._number})
        try:
            while True:
                await self._may_send()
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    break
                self._credit -= 1
                self._send("item", item)
                self._services.metrics.items += 1
        finally:
            if hasattr(items, "aclose"):
                await items.aclose()
        self._connection.send({"type": "end", "id": self._number})

    async def _may_send(self) -> None:
        """Wait until the page wants an item, and keeps up with what it was sent. So none is made in advance."""
        while self._credit <= 0:
            self._granted.clear()
            await self._granted.wait()
        await self._connection.outlet.ready()

    def _send(self, kind: str, data: object) -> None:
        self._connection.outlet.write(frames.with_data({"type": kind, "id": self._number}, frames.payload_of(data)))


async def _in_turns(generator: Generator[object, Any, Any]) -> AsyncIterator[object]:
    with closing(generator):
        for item in generator:
            yield item
