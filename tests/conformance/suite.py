"""Running the suite inside any interpreter: `run(name)` answers None, or the traceback of the failure."""

import asyncio
import io
import random
import sys

SECONDS = 40  # a test that waits longer, also on a busy machine, waits for ever
TIMED_OUT = "timed out after %d s" % SECONDS


class Here:
    """Where the suite runs: addresses that begin with `server` reach the scenarios; the page's policy
    forbids `blocked`, the browser `forbidden_port`. `page_path_known` is False in a worker that cannot see
    its page, `has_streams` in a browser without WebSocketStream; `await cuts_reasons()` says whether the
    browser ends a close reason at its first NUL. Inside `with no_sockets():` it refuses to make any.

    `is_page` is False in a program and in Node: no URL is relative, and nobody listens at `blocked`. A program, which
    `is_program`, may set headers and the like."""

    server = ""
    blocked = ""
    is_page = True
    is_program = False
    forbidden_port = "ws://localhost:1/echo"
    page_path_known = True
    largest = 16 * 1024 * 1024
    has_streams = True
    connect_options = {}
    no_sockets = None

    async def cuts_reasons(self):
        return False


here = Here()


def modules():
    import test_backpressure
    import test_calls
    import test_channels
    import test_chat
    import test_closing
    import test_connect
    import test_handlers
    import test_live
    import test_messages
    import test_opening
    import test_persist
    import test_reliable

    return [
        test_opening,
        test_messages,
        test_handlers,
        test_closing,
        test_connect,
        test_backpressure,
        test_reliable,
        test_channels,
        test_persist,
        test_calls,
        test_chat,
        test_live,
    ]


async def run(name):
    """Run `module::test` or `module::test+backpressure`."""
    module, test = name.split("::")
    test, *variant = test.split("+")
    here.connect_options = {"backpressure": True} if variant else {}
    for candidate in modules():
        if candidate.__name__ == module:
            function = getattr(candidate, test)
            return await _run(needs_streams(function) if variant else function)
    return "no such test: " + name


async def _run(test):
    try:
        await asyncio.wait_for(test(), SECONDS)
    except asyncio.TimeoutError as error:
        return TIMED_OUT + "\n" + _traceback(error)  # of CPython's: where it waited
    except Exception as error:
        return _traceback(error)


def _traceback(error):
    text = io.StringIO()
    if hasattr(sys, "print_exception"):
        sys.print_exception(error, text)
    else:
        import traceback

        traceback.print_exception(error, file=text)
    return text.getvalue()


# --- what the tests are written with ---


def needs_streams(test):
    """The test; where there is no WebSocketStream, that what it asks for is refused by name."""

    async def refusal():
        from browserws import connect

        error = raised(NotImplementedError, connect, here.server + "/echo", backpressure=True)
        assert "WebSocketStream" in str(error) and "prefer" in str(error)

    async def run():
        await (test if here.has_streams else refusal)()

    return run


class Recorder:
    """Opens a WebSocket and writes down what happens, in order."""

    def __init__(self, path, protocols=None, **handlers):
        from browserws import WebSocket

        self.events = []
        self.received = 0  # messages: to count those of a flood at each one takes long
        self._news = asyncio.Event()
        self.ws = WebSocket(here.server + path, protocols, **handlers)
        for event in ("open", "message", "error", "close"):
            self.ws.bind(event, self._record)

    def _record(self, event):
        self.events.append(event)
        if event.type == "message":
            self.received += 1
        self._news.set()

    def types(self):
        return [event.type for event in self.events]

    def messages(self):
        return [event.data for event in self.events if event.type == "message"]

    async def until(self, ready):
        while not ready():
            self._news.clear()
            await self._news.wait()

    async def open(self):
        await self.until(lambda: "open" in self.types())
        return self

    async def message(self):
        """The next message that was not asked for yet."""
        self._read = getattr(self, "_read", 0) + 1
        await self.until(lambda: len(self.messages()) >= self._read)
        return self.messages()[self._read - 1]

    async def closed(self):
        await self.until(lambda: "close" in self.types())
        return self.events[-1]

    async def done(self):
        self.ws.close()
        return await self.closed()


async def connected(path, protocols=None, **handlers):
    return await Recorder(path, protocols, **handlers).open()


def raised(kind, function, *arguments, **keywords):
    """The exception of class `kind` that the call must raise."""
    try:
        function(*arguments, **keywords)
    except kind as error:
        return error
    raise AssertionError("%s was not raised" % kind.__name__)


async def raised_by(kind, awaitable):
    """The exception of class `kind` that awaiting must raise."""
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError("%s was not raised" % kind.__name__)


_keys = []


def key():
    """A key of a scenario that nobody else has."""
    _keys.append(None)
    return "%d-%d" % (id(here), len(_keys)) + str(random.random())[2:]


async def turns(count=3):
    """Let the event loop go round."""
    for _ in range(count):
        await asyncio.sleep(0)


class Log(list):
    """A list that can be waited for. (Going round the event loop would starve MicroPython's page.)"""

    def __init__(self):
        super().__init__()
        self._news = asyncio.Event()

    def append(self, item):
        super().append(item)
        self._news.set()

    async def reaches(self, length):
        while len(self) < length:
            self._news.clear()
            await self._news.wait()


class EventLog(Log):
    """The events of a target, of all the names that it has, in order."""

    def __init__(self, target):
        super().__init__()
        for name in target.EVENTS:
            target.bind(name, self.append)

    def of(self, name):
        return [event for event in self if event.type == name]

    async def has(self, name, count=1):
        """The event of that name, when so many have come."""
        while len(self.of(name)) < count:
            await self.reaches(len(self) + 1)
        return self.of(name)[count - 1]


def end_page(channels, crash=False):
    """What becomes of `Channels` when their page is loaded again: they do nothing any more. In a crash nobody tells
    them."""
    keeper = channels._keeper
    if not crash:
        keeper._on_page("pagehide")
    keeper._is_over = True
    keeper._multiplex.keeps = keeper._multiplex.is_dirty = False
    keeper._forget_page()
    keeper._storage.close(False)
    channels._reconnector._on_page("pagehide")


class HeldFlood:
    """Holds back what takes a flood out of JavaScript's memory. (The fake has none: there, nothing is held.)"""

    def __init__(self, ws):
        self.tasks = []
        self._host = ws._socket.host
        self._queue = getattr(ws._socket._link, "_queue", None)

    def __enter__(self):
        if self._queue is not None:
            self._host.soon = self.tasks.append  # in place of the method
        return self

    def __exit__(self, *exception):
        if self._queue is not None:
            del self._host.soon
            for task in self.tasks:
                self._host.soon(task)

    def waiting(self):
        return 0 if self._queue is None else int(self._queue.length)

    async def until(self, count):
        """So many messages wait in JavaScript's memory."""
        while self._queue is not None and self.waiting() < count:
            await asyncio.sleep(0.01)


class CaughtReports:
    """Collects what is shown of exceptions in handlers, instead of showing it."""

    def __enter__(self):
        from browserws import websocket
        from browserws._runtime import handlers

        self.errors = Log()
        self._real = handlers.report
        handlers.report = websocket.report = self.errors.append
        return self

    def __exit__(self, *exception):
        from browserws import websocket
        from browserws._runtime import handlers

        handlers.report = websocket.report = self._real
