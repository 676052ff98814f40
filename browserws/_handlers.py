"""Calling what the user handed in: with the event or with nothing, awaited in order, never letting
an exception out.

A `Handler` is one callback; `Handlers` are the callbacks of one socket, by event name.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .events import WebSocketEvent

import asyncio
import io
import sys

MICROPYTHON = sys.implementation.name == "micropython"

# Tasks of async handlers that are running: asyncio itself keeps only weak references to tasks.
_running: "set[Any]" = set()

_COROUTINE = type((lambda: (yield))())  # what a coroutine is on MicroPython


def report(error: BaseException) -> None:
    """Show the traceback of an exception that must not go further: `sys.excepthook`, or stderr."""
    if MICROPYTHON:
        sys.print_exception(error, sys.stderr)  # type: ignore[attr-defined]
    else:
        sys.excepthook(type(error), error, error.__traceback__)


def is_awaitable(value: "Any") -> bool:
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
    sys.print_exception(error, text)  # type: ignore[attr-defined]
    frames = text.getvalue()
    # functools.partial is written in Python there and adds a frame of its own
    return frames.count('  File "') - frames.count('  File "functools.py"') == 1


class Handler:
    """One callback for one event."""

    def __init__(self, callback: "Callable[..., Any]") -> None:
        self.callback = callback
        self.removed = False
        self.at_rest = False  # it has taken an event before, and nothing of it is running
        self._takes_event = True
        self._waiting: "list[WebSocketEvent] | None" = None  # a list while an async call is running

    def __call__(self, event: "WebSocketEvent") -> None:
        if self._waiting is not None:
            self._waiting.append(event)
            return
        try:
            result = self._invoke(event)
        except Exception as error:
            report(error)
            return
        self.at_rest = self._takes_event
        if result is not None:
            self.wait_for(result)

    def wait_for(self, result: "Any") -> None:
        """Keep further events until this call has finished, if the handler is async."""
        if is_awaitable(result):
            self.at_rest = False
            self._waiting = []
            task = asyncio.create_task(self._finish(result))
            _running.add(task)

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
            while self._waiting:
                events, self._waiting = self._waiting, []
                for event in events:
                    if self.removed:
                        return
                    try:
                        result = self._invoke(event)
                    except Exception as error:
                        report(error)
                        continue
                    if result is not None and is_awaitable(result):
                        await self._settle(result)
        finally:
            self._waiting = None
            _running.discard(asyncio.current_task())

    async def _settle(self, result: "Any") -> None:
        try:
            await result
        except asyncio.CancelledError:
            # What the handler waited for was cancelled: its next event must come all the same.
            # Where this task itself is cancelled (the loop ends), it ends.
            cancelling = getattr(asyncio.current_task(), "cancelling", None)
            if cancelling is not None and cancelling():
                raise
        except Exception as error:
            report(error)


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
        self.check(event, callback)
        self._bound[event] += (Handler(callback),)

    def remove(self, event: str, callback: "Callable[..., Any] | None" = None) -> None:
        """Take away `callback`, or all handlers of the event, the single one included."""
        self.check(event, callback or print)
        kept = []
        for handler in self._bound[event]:
            if callback is None or (handler.callback == callback and handler is not self._single[event]):
                handler.removed = True
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
            old.removed = True
            at = handlers.index(old)
            handlers[at : at + 1] = [] if new is None else [new]
        elif new is not None:
            handlers.append(new)
        self._bound[event] = tuple(handlers)

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
                except Exception as error:
                    report(error)
