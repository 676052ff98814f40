"""`Answer`: what a call returns that the server answers later, such as `publish`. `await` it, or ignore it."""

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
        self._listeners: "list[Callable[[], None]]" = []

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
            signal = Signal()
            self._listeners.append(signal.set)
            try:
                await signal.wait()
            finally:
                if not self.done:  # cancelled
                    self._listeners.remove(signal.set)
        if self._error is not None:
            raise self._error
        value: "T" = self._value
        return value

    def __await__(self) -> "Generator[Any, None, T]":
        return self.wait().__await__()

    if not TYPE_CHECKING:  # for type checkers it is nothing to go through: a forgotten `await` is reported

        def __iter__(self):
            """What `await` asks for on MicroPython."""
            return self.wait()


def _is_handled(error: Exception) -> None:
    """It was reported with the answer that this one is mapped from."""
