"""What a host and a link are: for type checkers alone, nothing imports it at run time."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any, Protocol, TypeVar

    from .callbacks import Binary, Callbacks, Received

    Result = TypeVar("Result")

    class Cancellable(Protocol):
        def cancel(self) -> None: ...

    class JsSocket(Protocol):
        """The attributes of a JavaScript WebSocket that are read."""

        url: str
        protocol: str
        extensions: str

        @property
        def bufferedAmount(self) -> int: ...

    class JsBuffer(Protocol):
        """An ArrayBuffer of JavaScript."""

        byteLength: int

    class Link(Protocol):
        """One connection of the browser's. Its arguments have been checked: nothing here raises.

        Messages come in order, all of them before `on_failure` and `on_end`. `on_end` comes exactly once and is the
        last; nothing that was made for the connection is left after it.
        """

        @property
        def js(self) -> JsSocket: ...
        @property
        def send(self) -> Callable[[str | memoryview], object]: ...
        def is_open(self) -> bool: ...
        def close(self, code: int, reason: str) -> None: ...
        def flush(self) -> None:
            """Hand over the messages that have come."""

        def abort(self) -> None:
            """Hand over the messages that have come, and end now with 1006, whatever the network does."""

    class Ffi(Protocol):
        """What differs between Pyodide and MicroPython: a module of functions (pyodide.py, micropython.py)."""

        def listener(self, callback: Callable[..., Any]) -> Any:
            """A JavaScript function that calls `callback`."""

        def release(self, listener: Any) -> None:
            """Free it."""

        def message(self, data: Any, callbacks: Callbacks) -> Any:
            """What `event.data` is: a str or, for bytes, what `callbacks` ask for."""

        def messages(self, array: Any, callbacks: Callbacks) -> Received:
            """The same for an array of data, in order, when it is iterated. (What is small may be read all at once.)"""

        def read(self, data: Any, size: int, binary: Binary) -> bytes | memoryview:
            """The bytes of an ArrayBuffer; `MemoryError`."""

        def read_into(self, data: Any, view: memoryview) -> None:
            """Write an ArrayBuffer to `view`, which is as long."""

        def sender(self, socket: Any) -> Callable[[str | memoryview], object]:
            """A function that sends."""

        def writer(self, stream: Any) -> Callable[[str | memoryview], Any]:
            """One that writes to a WritableStreamDefaultWriter and gives the promise."""

        def flood(self, begins: bool) -> None:
            """One of the links has a flood, or has it no more: what the interpreter itself does about it."""

        def close(self, socket: Any, code: int, reason: str) -> None: ...
        def close_details(self, event: Any) -> tuple[int, str, bool]:
            """Code, reason, was_clean."""

        def clock(self) -> float: ...
        def cannot_block(self) -> str: ...
        def block(self, awaitable: Awaitable[Result]) -> Result: ...

    class Storage(Protocol):
        """What a page keeps under a name. One page at a time has it; another page has one of its own."""

        def time(self) -> float:
            """Milliseconds since 1970."""

        async def open(self) -> tuple[list[str], str]:
            """What was kept: for each text its key, a line feed, and the text; and that of `journal`. An exception says
            why it cannot be had."""

        async def write(self, texts: dict[str, str | None], anew: bool) -> None:
            """Keep these texts by their keys, and forget those that are None; `anew`: and all others. An exception says
            why it failed."""

        def journal(self, text: str) -> None:
            """Keep this text at once, if there is a way to."""

        def close(self, forget: bool) -> None:
            """Leave it to others; `forget` what was kept."""

    class Host(Protocol):
        """The runtime that this code runs in."""

        @property
        def missing(self) -> str:
            """Why connections cannot be opened here, "" if they can."""

        @property
        def page_origin(self) -> str: ...
        @property
        def page_is_known(self) -> bool:
            """False in a worker that sees its page's origin but not its path."""

        @property
        def supports_backpressure(self) -> bool:
            """Whether there is `open_stream`."""

        @property
        def endpoint(self) -> Callable[..., str] | None:
            """Makes a URL of a URL and those options of `connect()` that a page has not; None where there are none."""

        def parse(self, url: str) -> str | None:
            """The absolute form of a URL, resolved against the page; None if it is not valid."""

        def clock(self) -> float:
            """Milliseconds that never go back."""

        def call_later(self, seconds: float, callback: Callable[[], object]) -> Cancellable:
            """Call back once; after 24.8 days at the latest."""

        def watch_page(self, callback: Callable[..., None]) -> Callable[[], None]:
            """Call back with what happens to the page (page.py), until the result is called."""

        def storage(self, name: str) -> Storage | None:
            """Where a page keeps what is to survive a reload; None where there is no page."""

        def cannot_block(self) -> str:
            """Why Python cannot wait here without `await`, "" if it can."""

        def block(self, awaitable: Awaitable[Result]) -> Result: ...
        def open(self, url: str, protocols: Sequence[str], callbacks: Callbacks) -> Link: ...
        def open_stream(
            self, marks: tuple[float, float], url: str, protocols: Sequence[str], callbacks: Callbacks
        ) -> Link:
            """A link that stops reading while as many messages as the high mark says wait to be taken, until there
            are but as many as the low mark."""

    class Runtime(Protocol):
        """What a link of a browser needs of its host."""

        ffi: Ffi

        def call_later(self, seconds: float, callback: Callable[[], object]) -> Cancellable: ...
        def soon(self, callback: Callable[[], None]) -> None:
            """Call back in a task of its own, as soon as the event loop gets to it."""
