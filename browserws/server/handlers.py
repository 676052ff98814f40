"""What a program does at the hub's events; how its code is called, which may fail and hang

What such code raises goes no further than to the page that asked, and its text not even there, unless it is `Refused`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from ..errors import ChannelError
from .injection import Context, Function, Injected, Injector, name_of
from .metrics import Metrics
from .outcomes import FAILED, TIMED_OUT, Refused
from .page import Message, PageConnection, Request
from .settings import Settings

log = logging.getLogger("browserws.server")

T = TypeVar("T")

OF_A_PAGE: Context = {"connection": PageConnection, "request": Request, "user": str}
IN_A_CHANNEL: Context = {**OF_A_PAGE, "channel": str}
EVENTS: dict[str, Context] = {  # event -> what its handlers can be given, and their types
    "connect": OF_A_PAGE,
    "join": IN_A_CHANNEL,
    "publish": {**IN_A_CHANNEL, "message": Message, "data": object},
    "leave": IN_A_CHANNEL,
    "disconnect": OF_A_PAGE,
}


class Handlers:
    def __init__(self, injector: Injector, settings: Settings, metrics: Metrics) -> None:
        self._injector = injector
        self._timeout = settings.handler_timeout
        self._metrics = metrics
        self._handlers: dict[str, list[Injected]] = {event: [] for event in EVENTS}

    def add(self, event: str, function: Function) -> None:
        """Raises `TypeError` for a parameter that cannot be had."""
        self._handlers[event].append(self._injector.plan(function, EVENTS[event]))

    def has(self, event: str) -> bool:
        return bool(self._handlers[event])

    async def call(self, event: str, connection: PageConnection, **more: object) -> None:
        """Call the handlers of an event, one after the other. Raises `Refused`: those that follow are not called
        then.
        """
        for handler in self._handlers[event]:
            await self._call(event, handler, {**context_of(connection), **more})

    async def publish(self, connection: PageConnection, message: Message) -> None:
        """As `call`; each sees what those before it have made of the message, until one has answered it."""
        for handler in self._handlers["publish"]:
            if not message.is_answered:
                context = {**context_of(connection), "channel": message.channel, "message": message}
                await self._call("publish", handler, {**context, "data": message.data}, message.encode)

    async def emit(self, event: str, connection: PageConnection, **more: object) -> None:
        """Call the handlers of something that has happened: nobody can refuse it any more."""
        for handler in self._handlers[event]:
            try:
                await self._call(event, handler, {**context_of(connection), **more})
            except Refused:
                pass  # it was logged, unless it was meant so

    async def _call(
        self, event: str, handler: Injected, context: Context, then: Callable[[], None] = lambda: None
    ) -> None:
        async def call() -> None:
            async with AsyncExitStack() as stack:
                await handler.call(stack, context)
            then()

        await guarded(f"the {event} handler {name_of(handler.function)}", self._timeout, call, self._metrics)


class Departures:
    """The channels that one page has left, for whatever reason: handlers hear of one after the other."""

    def __init__(self, handlers: Handlers, connection: PageConnection) -> None:
        self._handlers = handlers
        self._connection = connection
        self._channels: list[str] = []
        self._task: asyncio.Task[None] | None = None

    def add(self, channel: str) -> None:
        self._channels.append(channel)
        if self._task is None:
            self._task = asyncio.create_task(self._work())

    async def idle(self) -> None:
        """Wait until they have heard of all."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        while self._channels:
            await self._handlers.emit("leave", self._connection, channel=self._channels.pop(0))
        self._task = None


def check_event(event: str) -> None:
    """Raises `ValueError` for an event that there is not."""
    if event not in EVENTS:
        raise ValueError(f"there is no event {event!r}: there are {', '.join(EVENTS)}")


def context_of(connection: PageConnection) -> Context:
    return {"connection": connection, "request": connection.request, "user": connection.user}


async def guarded(what: str, seconds: float | None, call: Callable[[], Awaitable[T]], metrics: Metrics) -> T:
    """What a program's code returns, within so many seconds if there is a limit. Raises `Refused`: as the code does; or
    because it has failed, of which the page learns nothing more than that, and the log the rest.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            return await call()
    except Refused:
        raise
    except ChannelError as error:
        raise Refused(error.reason, error.code) from None
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        log.exception("%s was cancelled from within", what)
    except TimeoutError:
        if limit.expired():
            log.error("%s took more than %g s", what, seconds)  # the traceback is that of the hub
            metrics.failed += 1
            raise Refused("it took too long", TIMED_OUT) from None
        log.exception("%s failed", what)
    except (Exception, SystemExit):
        log.exception("%s failed", what)
    metrics.failed += 1
    raise Refused("the hub's program failed", FAILED)
