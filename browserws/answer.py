"""`Answer` and `Call`: what a call returns that the server answers later, such as `publish`. `await` it, or ignore
it.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any, Generic, TypeVar

    T = TypeVar("T")
    U = TypeVar("U")
else:
    T = 0
    Generic = {T: object}  # at run time, `Generic[T]` is `object`

from ._runtime.signal import Signal


class Answer(Generic[T]):
    """`await answer` gives the server's answer, or raises what went wrong.

    A failure that nothing awaits is passed to `unhandled(error)`, for `Channels` an `error` event; a later `await`
    raises it, too. For type checkers it is generic, in quotes: `"Answer[int]"`.
    """

    def __init__(self, unhandled: "Callable[[Exception], None]") -> None:
        self.done = False
        self._value: "Any" = None
        self._error: "Exception | None" = None
        self._unhandled = unhandled
        self._listeners: "list[Callable[[], object]]" = []

    def settle(self, value: "T | None", error: "Exception | None" = None) -> None:
        """The answer has come."""
        self.done = True
        self._value = value
        self._error = error
        listeners, self._listeners = self._listeners, []
        if error is not None and not listeners:
            self._unhandled(error)
        for listener in listeners:
            listener()

    def map(self, function: "Callable[[T], U]") -> "Answer[U]":
        """An `Answer` whose value is what `function` returns for the value of this one. It is called when there is one,
        or now if it is there; an error of either is passed on.
        """
        mapped: "Answer[U]" = Answer(_is_handled if self.done else self._unhandled)

        def settle() -> None:
            value, error = None, self._error
            if error is None:
                try:
                    value = function(self._value)
                except Exception as raised:
                    error = raised
            mapped.settle(value, error)

        if self.done:
            settle()
        else:
            self._listeners.append(settle)
        return mapped

    def ignore(self) -> None:
        """Do not report a failure that nothing awaits. `await` still raises it."""
        self._unhandled = _is_handled

    async def wait(self) -> "T":
        """What `await answer` does, as a coroutine: for `asyncio.create_task` and its like."""
        if not self.done:
            await self._news()
        if self._error is not None:
            raise self._error
        value: "T" = self._value
        return value

    async def _news(self) -> None:
        signal = Signal()
        self._listeners.append(signal.set)
        try:
            await signal.wait()
        finally:
            if signal.set in self._listeners:  # cancelled
                self._listeners.remove(signal.set)

    def __await__(self) -> "Generator[Any, None, T]":
        return self.wait().__await__()

    if not TYPE_CHECKING:  # for type checkers it is nothing to go through: a forgotten `await` is reported

        def __iter__(self):
            """What `await` asks for on MicroPython."""
            return self.wait()


if TYPE_CHECKING:
    Base = Answer[Any]
else:
    Base = Answer


class Call(Base):
    """What `Channels.call` returns: `await` it for what the function returns, or take what a generator yields:

        async with channels.call("count", {"to": 1000}) as numbers:
            async for number in numbers: ...

    The server stops when the block, or the task that waits, ends early. `await` gives all items, as a list.
    """

    def __init__(self, unhandled: "Callable[[Exception], None]", follow: "Callable[[int, bool], None]") -> None:
        super().__init__(unhandled)
        self.number = 0  # by which `follow(number, is_cancelled)` knows it
        self._follow = follow
        self._is_stream = False
        self._items: "list[Any]" = []

    def feed(self, message: "dict[str, Any]") -> None:
        self._is_stream = True  # whether the message has an item or not
        if "data" in message:
            self._items.append(message["data"])
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener()

    def cancel(self) -> None:
        """Whoever waits gets a `CallError`."""
        self.ignore()
        self._follow(self.number, True)

    async def wait(self) -> "Any":
        while not self.done and not self._is_stream:
            await self._news()
        if not self._is_stream:
            return await super().wait()
        items = []
        async for item in self:
            items.append(item)
        return items

    async def _news(self) -> None:
        try:
            await super()._news()
        except BaseException:  # the task was cancelled
            self.cancel()
            raise

    def __aiter__(self) -> "Call":
        self.ignore()  # the loop raises it
        return self

    async def __anext__(self) -> "Any":
        while not self._items:
            if self.done:
                if self._error is not None:
                    raise self._error
                if not self._is_stream:
                    raise TypeError("the function streams nothing: await the call")
                raise StopAsyncIteration
            await self._news()
        self._follow(self.number, False)
        return self._items.pop(0)

    async def __aenter__(self) -> "Call":
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.cancel()


def _is_handled(error: Exception) -> None:
    """It was reported with the answer that this one is mapped from."""
