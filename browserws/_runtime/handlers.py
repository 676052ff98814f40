"""Calling what the user handed in: with the event or with nothing, awaited in order, never letting
an exception out.

A `Handler` is one callback; `Handlers` are the callbacks of one socket, by event name.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import Any, TypeGuard

    from ..events import WebSocketEvent

import asyncio
import io

from .._host.report import MICROPYTHON, print_exception, report

# Tasks of async handlers that are running: asyncio itself keeps only weak references to tasks.
_running: "set[Any]" = set()


async def _nothing() -> None:
    pass


_coroutine = _nothing()
_COROUTINE = type(_coroutine)
_coroutine.close()


def is_awaitable(value: object) -> "TypeGuard[Awaitable[Any]]":
    """Whether a handler gave back something to wait for: a coroutine, a future or a promise."""
    if MICROPYTHON:
        return type(value) is _COROUTINE or hasattr(value, "then") or isinstance(value, asyncio.Task)
    return hasattr(value, "__await__")


def raised_by_the_call(error: TypeError) -> bool:
    """Whether the arguments did not fit: the exception came before any line of the callback ran.

    To be asked in the function that made the call, of an exception caught there.
    """
    if not MICROPYTHON:
        traceback = error.__traceback__
        return traceback is None or traceback.tb_next is None
    text = io.StringIO()
    print_exception(error, text)
    frames = text.getvalue()
    # functools.partial is written in Python there and adds a frame of its own
    return frames.count('  File "') - frames.count('  File "functools.py"') == 1


class Handler:
    """One callback for one event.

    An async callback gets its next event when it has finished with the last. What waits for it is
    its own, also when it is removed or replaced meanwhile: JavaScript would have begun with each of
    these events at once. So the handler in its place begins when they have been handled.
    """

    def __init__(self, callback: "Callable[..., Any]") -> None:
        self.callback = callback
        self.removed = False
        self.at_rest = False  # it has taken an event before, and nothing of it is running
        self._takes_event = True
        self.waiting: "list[WebSocketEvent] | None" = None  # a list while it cannot take another event
        self._turn: "list[WebSocketEvent]" = []  # what was in that list before, last first
        self.began = False  # a call is running that has not awaited anything yet
        self.blocked = False  # it waits for the handler whose place it took
        self.next: "Handler | None" = None  # the handler that waits for this one
        self._leaves = False  # that one waits only for the present step of the call ...
        self._left: "list[WebSocketEvent]" = []  # ... and begins with these

    def __call__(self, event: "WebSocketEvent") -> None:
        if self.waiting is not None:
            self.waiting.append(event)
            return
        try:
            result = self._invoke(event)
        except BaseException as error:
            report(error)
            return
        self.at_rest = self._takes_event
        if result is not None:
            self.wait_for(result)

    def wait_for(self, result: "Any") -> None:
        """Keep further events until this call has finished, if the handler is async."""
        if is_awaitable(result):
            self.at_rest = False
            self.waiting = []
            task = asyncio.create_task(self._finish(result))
            _running.add(task)

    def first_waiting(self) -> "list[WebSocketEvent]":
        """The event that it takes next, if one waits."""
        return self._turn[-1:] or (self.waiting or [])[:1]

    def retire(self, successor: "Handler | None") -> None:
        """It is not bound any more; `successor`, which has not been called yet, is in its place."""
        self.removed = True
        if self.began:
            # The callback itself asks for it, before its first `await`. JavaScript gets there inside the
            # event: what waits here would come after it.
            self._leaves = True
            self._left, self._turn, self.waiting = self._turn[::-1] + (self.waiting or []), [], []
        if successor is not None and (self._turn or self.waiting or self.blocked or self.began):
            successor.blocked = True
            successor.waiting = []
            self.next = successor

    def end_of_step(self) -> None:
        """The call has awaited something, or is over."""
        self.began = False
        if self._leaves:
            self._leaves = False
            self._unblock_next()

    def _unblock_next(self) -> None:
        events, self._left = self._left, []
        successor, self.next = self.next, None
        while successor is not None and successor.removed and not successor.waiting:
            successor = successor.next  # it was replaced before an event came
        if successor is not None:
            successor.unblock(events)

    def unblock(self, events: "list[WebSocketEvent]") -> None:
        self.blocked = False
        events, self.waiting = events + (self.waiting or []), None
        for event in events:
            self(event)
        if self.waiting is None:
            self._unblock_next()

    def _invoke(self, event: "WebSocketEvent") -> "Any":
        if not self._takes_event:
            return self.callback()
        try:
            return self.callback(event)
        except TypeError as error:
            if not raised_by_the_call(error):
                raise
        self._takes_event = False
        return self.callback()

    async def _finish(self, result: "Any") -> None:
        """Wait for the running call, then give the events that came meanwhile, one after the other."""
        try:
            await self._settle(result)
            while self._turn or self.waiting:
                if not self._turn:
                    self._turn, self.waiting = (self.waiting or [])[::-1], []
                event = self._turn.pop()
                self.began = True
                try:
                    result = self._invoke(event)
                except BaseException as error:
                    report(error)
                    continue
                finally:
                    self.end_of_step()
                if result is not None and is_awaitable(result):
                    await self._settle(result)
        finally:
            self.waiting = None
            self._turn = []
            _running.discard(asyncio.current_task())
        self._unblock_next()

    async def _settle(self, result: "Any") -> None:
        steps = _Steps(result, self) if type(result) is _COROUTINE else None
        try:
            await (steps or result)
        except asyncio.CancelledError:
            # What the handler waited for was cancelled: its next event must come all the same.
            # Where this task itself is cancelled (the loop ends), it ends.
            cancelling = getattr(asyncio.current_task(), "cancelling", None)
            if cancelling is not None and cancelling():
                raise
        except BaseException as error:
            if isinstance(error, GeneratorExit) and (steps is None or steps.closed):
                raise  # this task is thrown away
            report(error)


class _Steps:
    """A handler's coroutine, awaited: the handler knows when it has awaited something for the first time."""

    def __init__(self, coroutine: "Any", handler: Handler) -> None:
        self._coroutine = coroutine
        self._handler: "Handler | None" = handler
        self.closed = False

    def __await__(self) -> "_Steps":
        return self

    def __iter__(self) -> "_Steps":
        """What `await` asks for on MicroPython."""
        return self

    def __next__(self) -> "Any":
        handler, self._handler = self._handler, None
        if handler is None:
            return self._coroutine.send(None)
        handler.began = True
        try:
            return self._coroutine.send(None)
        finally:
            handler.end_of_step()

    def send(self, value: "Any") -> "Any":
        return self._coroutine.send(value)

    def throw(self, *error: "Any") -> "Any":
        return self._coroutine.throw(*error)

    def close(self) -> None:
        self.closed = True
        self._coroutine.close()


class Handlers:
    """The handlers of one socket: several for each event, called in the order in which they came."""

    def __init__(self, events: "tuple[str, ...]") -> None:
        # tuples, replaced and never changed: a handler may bind and unbind while it is called
        self._bound: "dict[str, tuple[Handler, ...]]" = dict.fromkeys(events, ())
        self._single: "dict[str, Handler | None]" = dict.fromkeys(events)

    def check(self, event: str, callback: "Any") -> None:
        """Refuse an unknown event or a callback that cannot be called."""
        if event not in self._bound:
            raise ValueError(f"unknown event {event!r}: use one of {', '.join(sorted(self._bound))}")
        if not callable(callback):
            raise TypeError(f"a handler must be callable, not {type(callback).__name__}")

    def add(self, event: str, callback: "Callable[..., Any]") -> None:
        """Call `callback` after those that are there; nothing changes if it is one of them."""
        self.check(event, callback)
        if not [handler for handler in self._bound[event] if self._is_bound(handler, event, callback)]:
            self._bound[event] += (Handler(callback),)

    def _is_bound(self, handler: Handler, event: str, callback: "Any") -> bool:
        return handler.callback == callback and handler is not self._single[event]

    def remove(self, event: str, callback: "Callable[..., Any] | None" = None) -> None:
        """Take away `callback`, or all handlers of the event, the single one included."""
        self.check(event, callback or print)
        kept = []
        for handler in self._bound[event]:
            if callback is None or self._is_bound(handler, event, callback):
                handler.retire(None)
            else:
                kept.append(handler)
        self._bound[event] = tuple(kept)
        if callback is None:
            self._single[event] = None

    def single(self, event: str) -> "Callable[..., Any] | None":
        handler = self._single[event]
        return None if handler is None else handler.callback

    def set_single(self, event: str, callback: "Callable[..., Any] | None") -> None:
        """The handler of an `onX` attribute: a new one takes the place of the old one."""
        if callback is not None:
            self.check(event, callback)
        old = self._single[event]
        new = None if callback is None else Handler(callback)
        self._single[event] = new
        handlers = list(self._bound[event])
        if old is not None:
            old.retire(new)
            at = handlers.index(old)
            handlers[at : at + 1] = [] if new is None else [new]
        elif new is not None:
            handlers.append(new)
        self._bound[event] = tuple(handlers)

    def has(self, name: str) -> bool:
        return bool(self._bound[name])

    def waiting(self, name: str) -> "list[WebSocketEvent]":
        """The first event that waits for each handler that has some."""
        return [event for handler in self._bound[name] for event in handler.first_waiting()]

    def call(self, name: str, events: "Iterable[WebSocketEvent]") -> None:
        """Give each event to each handler of that name that is still there when its turn comes."""
        bound = self._bound
        for event in events:
            for handler in bound[name]:
                if handler.removed:
                    continue
                if not handler.at_rest:
                    handler(event)
                    continue
                # what handler(event) would do, without the cost of calling it: floods come this way
                try:
                    result = handler.callback(event)
                    if result is not None:
                        handler.wait_for(result)
                except BaseException as error:
                    report(error)
