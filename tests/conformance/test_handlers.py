"""Handlers: several, of every kind, in order, removable, and harmless when they fail."""

import asyncio
import functools

from suite import CaughtReports, Log, Recorder, connected, here, raised, turns

from browserws import WebSocket, WebSocketEvent


async def test_several_handlers_are_called_in_the_order_they_came():
    calls = []
    recorder = Recorder("/echo", onopen=lambda event: calls.append("keyword"))
    recorder.ws.bind("open", lambda event: calls.append("first"))
    recorder.ws.bind("open", lambda: calls.append("second"))
    await recorder.until(lambda: len(calls) == 3)
    assert calls == ["keyword", "first", "second"]
    await recorder.done()


async def test_bind_returns_the_callback_and_is_a_decorator():
    recorder = Recorder("/echo")

    @recorder.ws.bind("open")
    def opened(event):
        seen.append(event)

    seen = []
    assert recorder.ws.bind("message", opened) is opened
    await recorder.until(lambda: seen)
    assert isinstance(seen[0], WebSocketEvent) and seen[0].type == "open"
    await recorder.done()


async def test_unknown_event_and_uncallable_handler_are_refused():
    recorder = await connected("/echo")
    assert "unknown event 'opened'" in str(raised(ValueError, recorder.ws.bind, "opened", print))
    raised(ValueError, recorder.ws.bind, "opened")
    raised(ValueError, recorder.ws.unbind, "opened")
    raised(TypeError, recorder.ws.bind, "open", 3)
    raised(TypeError, setattr, recorder.ws, "onopen", 3)
    raised(TypeError, WebSocket, here.server + "/echo", onopen="x")
    await recorder.done()


async def test_misspelt_attributes_are_errors():
    recorder = await connected("/echo")
    raised(AttributeError, setattr, recorder.ws, "onmesage", print)
    raised(AttributeError, setattr, recorder.ws, "readyState", 1)
    raised(AttributeError, lambda: recorder.ws.onmesage)
    await recorder.done()


async def test_a_subclass_sets_what_it_declares():
    class Room(WebSocket):
        name = None

    room = Room(here.server + "/echo")
    room.name = "lobby"
    assert room.name == "lobby"
    raised(AttributeError, setattr, room, "nmae", "x")
    room.close()


async def test_on_attributes_are_readable_replaceable_and_removable():
    calls = []
    recorder = await connected("/echo")
    assert recorder.ws.onmessage is None
    first = lambda event: calls.append("first")
    recorder.ws.onmessage = first
    assert recorder.ws.onmessage is first
    recorder.ws.onmessage = lambda event: calls.append("second")
    recorder.ws.send("a")
    await recorder.message()
    await recorder.until(lambda: calls)
    recorder.ws.onmessage = None
    assert recorder.ws.onmessage is None
    recorder.ws.send("b")
    await recorder.message()
    assert calls == ["second"]
    await recorder.done()


async def test_unbind_takes_one_or_all_away():
    one, two = [], []
    recorder = await connected("/echo")
    recorder.ws.bind("message", one.append)
    recorder.ws.bind("message", two.append)
    recorder.ws.unbind("message", one.append)
    recorder.ws.unbind("message", print)  # was never bound: no error
    recorder.ws.send("a")
    await recorder.until(lambda: two)
    assert len(one) == 0 and len(two) == 1
    recorder.ws.onmessage = one.append
    recorder.ws.unbind("message")
    assert recorder.ws.onmessage is None
    recorder.ws.bind("message", recorder._record)
    recorder.ws.send("b")
    await recorder.message()
    assert len(one) == 0 and len(two) == 1
    await recorder.done()


async def test_unbind_of_a_callback_leaves_the_on_attribute_alone():
    calls = Log()
    recorder = await connected("/echo")
    recorder.ws.bind("message", calls.append)
    recorder.ws.onmessage = calls.append
    recorder.ws.unbind("message", calls.append)
    recorder.ws.send("a")
    await recorder.message()
    assert recorder.ws.onmessage == calls.append and len(calls) == 1
    await recorder.done()


async def test_the_same_callback_bound_twice_is_called_once():
    """As with JavaScript's addEventListener. Its place is that of the first time; `onX` is beside it."""
    calls = []

    class Thing:
        def method(self, event):
            calls.append("method")

    thing = Thing()
    other = lambda event: calls.append("other")
    recorder = await connected("/echo")
    for callback in (thing.method, other, thing.method, other):
        assert recorder.ws.bind("message", callback) == callback
    recorder.ws.send("a")
    await recorder.message()
    await recorder.until(lambda: len(calls) >= 2)
    recorder.ws.onmessage = other
    recorder.ws.unbind("message", thing.method)
    recorder.ws.send("b")
    await recorder.message()
    await recorder.until(lambda: len(calls) >= 4)
    assert calls == ["method", "other", "other", "other"]
    await recorder.done()


async def test_handler_removed_by_an_earlier_one_is_not_called_any_more():
    calls = []
    recorder = await connected("/echo")
    recorder.ws.unbind("message")

    def first(event):
        recorder.ws.unbind("message", second)

    def second(event):
        calls.append(event)

    recorder.ws.bind("message", first)
    recorder.ws.bind("message", second)
    recorder.ws.bind("message", recorder._record)
    for text in "abc":
        recorder.ws.send(text)
    await recorder.until(lambda: len(recorder.messages()) == 3)
    assert calls == []
    await recorder.done()


async def test_handlers_of_every_kind_with_and_without_the_event():
    calls = []

    def nothing():
        calls.append("function()")

    def event(event):
        calls.append("function(event)")

    def optional(event=None):
        calls.append("function(event=None) " + event.type)

    def many(*events):
        calls.append("function(*events) " + events[0].type)

    class Thing:
        def nothing(self):
            calls.append("method()")

        def event(self, event):
            calls.append("method(event)")

    class CalledWithNothing:
        def __call__(self):
            calls.append("object()")

    class Called:
        def __call__(self, event):
            calls.append("object(event)")

    thing = Thing()
    recorder = await connected("/echo")
    handlers = [nothing, event, optional, many, thing.nothing, thing.event, CalledWithNothing(), Called()]
    handlers += [functools.partial(nothing), functools.partial(event), lambda: calls.append("lambda()")]
    for handler in handlers:
        recorder.ws.bind("message", handler)
    once = [
        "function()",
        "function(event)",
        "function(event=None) message",
        "function(*events) message",
        "method()",
        "method(event)",
        "object()",
        "object(event)",
        "function()",
        "function(event)",
        "lambda()",
    ]
    with CaughtReports() as reports:
        recorder.ws.send("a")
        recorder.ws.send("b")
        await recorder.until(lambda: len(recorder.messages()) == 2)
        await turns()
    assert reports.errors == [] and calls == once + once
    await recorder.done()


async def test_async_handlers_of_every_kind_are_awaited():
    calls = Log()

    async def nothing():
        await turns(1)
        calls.append("function()")

    async def event(event):
        await turns(1)
        calls.append("function(event)")

    class Thing:
        async def nothing(self):
            await turns(1)
            calls.append("method()")

        async def event(self, event):
            await turns(1)
            calls.append("method(event)")

        async def __call__(self, event):
            await turns(1)
            calls.append("object(event)")

    thing = Thing()
    recorder = await connected("/echo")
    handlers = [nothing, event, thing.nothing, thing.event, thing, functools.partial(event)]
    handlers += [lambda event_: event(event_), lambda: nothing()]
    for handler in handlers:
        recorder.ws.bind("message", handler)
    recorder.ws.send("a")
    await calls.reaches(8)
    kinds = ["function()", "function(event)", "method()", "method(event)", "object(event)"]
    assert sorted(calls) == sorted(kinds + ["function(event)", "function(event)", "function()"])
    await recorder.done()


async def test_async_handler_gets_its_next_event_when_it_has_finished_with_the_last():
    """And other handlers do not wait for it."""
    log = Log()
    gate = asyncio.Event()

    async def slow(event):
        log.append("begin " + event.data)
        await gate.wait()
        await turns(2)
        log.append("end " + event.data)

    recorder = await connected("/echo", onmessage=slow)
    for text in "abc":
        recorder.ws.send(text)
    await recorder.until(lambda: len(recorder.messages()) == 3)
    assert log == ["begin a"]
    gate.set()
    await log.reaches(6)
    assert log == ["begin a", "end a", "begin b", "end b", "begin c", "end c"]
    await recorder.done()


async def test_exception_in_a_handler_is_shown_and_goes_no_further():
    def broken(event):
        raise LookupError("broken " + event.type)

    async def broken_later(event):
        await turns(1)
        raise LookupError("later " + event.type)

    with CaughtReports() as reports:
        recorder = Recorder("/echo", onopen=broken, onmessage=broken, onclose=broken)
        recorder.ws.bind("message", broken_later)
        await recorder.open()
        for text in "ab":
            recorder.ws.send(text)
        await recorder.until(lambda: len(recorder.messages()) == 2)
        await recorder.done()
        await reports.errors.reaches(6)
        seen = sorted(str(error) for error in reports.errors)
    assert seen == ["broken close", "broken message", "broken message", "broken open"] + ["later message"] * 2


async def test_type_error_inside_a_handler_is_not_taken_for_a_missing_parameter():
    calls = []

    def needs_two(a, b):
        calls.append("never")

    def mistaken(event=None):
        calls.append("mistaken")
        needs_two(1)

    with CaughtReports() as reports:
        recorder = Recorder("/echo", onopen=mistaken)
        recorder.ws.bind("open", needs_two)
        await recorder.open()
        assert calls == ["mistaken"]
        assert len(reports.errors) == 2 and isinstance(reports.errors[0], TypeError)
    await recorder.done()


async def test_cancelled_wait_in_an_async_handler_does_not_stop_its_next_event():
    calls = Log()

    async def handler(event):
        calls.append(event.data)
        if event.data == "a":
            raise asyncio.CancelledError()

    recorder = await connected("/echo", onmessage=handler)
    for text in "ab":
        recorder.ws.send(text)
    await calls.reaches(2)
    await recorder.done()


# --- what is not an Exception ---

EXITS = (asyncio.CancelledError, SystemExit, KeyboardInterrupt, GeneratorExit)


async def test_exit_in_a_handler_is_shown_and_goes_no_further():
    """`sys.exit()`, or the result of a cancelled future: neither is an `Exception`."""
    kinds = list(EXITS)

    def leave(event):
        raise kinds[int(event.data)]()

    with CaughtReports() as reports:
        recorder = await connected("/echo", onmessage=leave)
        for number in range(len(kinds)):
            recorder.ws.send(str(number))
            await recorder.message()
        assert [type(error) for error in reports.errors] == kinds
    await recorder.done()


async def test_exit_in_a_flood_stops_neither_this_socket_nor_another():
    kinds = list(EXITS)

    def leave(event):
        if kinds and int(event.data) % 300 == 299:
            raise kinds.pop(0)()

    with CaughtReports() as reports:
        leaving = await connected("/flood/2000", onmessage=leave)
        other = await connected("/flood/2000")
        for recorder in (leaving, other):
            recorder.ws.send("go")
        for recorder in (leaving, other):
            await recorder.until(lambda: len(recorder.messages()) == 2000)
            assert recorder.messages() == [str(number) for number in range(2000)]
            await recorder.done()
        assert [type(error) for error in reports.errors] == list(EXITS)


async def test_exit_in_an_async_handler_is_shown_and_its_next_event_comes():
    calls = Log()
    kinds = [SystemExit, KeyboardInterrupt, GeneratorExit]

    async def leave(event):
        calls.append(event.data)
        await turns(1)
        if event.data != "last":
            raise kinds[int(event.data)]()

    def leave_before_awaiting(event):
        if event.data == "last":
            calls.append("awaited")
        return leave(event)

    with CaughtReports() as reports:
        recorder = await connected("/echo", onmessage=leave)
        recorder.ws.bind("message", leave_before_awaiting)
        for number in range(len(kinds)):
            recorder.ws.send(str(number))
        recorder.ws.send("last")
        await calls.reaches(9)
        assert sorted(calls) == ["0", "0", "1", "1", "2", "2", "awaited", "last", "last"]
        shown = [type(error) for error in reports.errors]
        assert [shown.count(kind) for kind in kinds] == [2, 2, 2] and len(shown) == 6
    await recorder.done()


# --- async handlers that are replaced or removed ---


class Served:
    """An async handler that waits for its gate, and writes down what it got."""

    def __init__(self, name, log):
        self.name = name
        self.log = log
        self.gate = asyncio.Event()

    async def __call__(self, event):
        await self.gate.wait()
        self.log.append(self.name + event.data)


async def say(recorder, texts):
    """The server's echo of each, when all have come."""
    count = len(recorder.messages()) + len(texts)
    for text in texts:
        recorder.ws.send(text)
    await recorder.until(lambda: len(recorder.messages()) == count)


async def test_events_that_wait_for_an_async_handler_are_its_own_when_it_is_replaced():
    """JavaScript's would have begun with each of them. Those of the new handler come after them."""
    log = Log()
    first, second, third = Served("first ", log), Served("second ", log), Served("third ", log)
    recorder = await connected("/echo", onmessage=first)
    await say(recorder, "0123")
    recorder.ws.onmessage = second
    await say(recorder, "45")
    recorder.ws.onmessage = third
    await say(recorder, "6")
    recorder.ws.onmessage = lambda event: log.append("last " + event.data)
    await say(recorder, "78")
    assert log == []
    third.gate.set()
    second.gate.set()
    await turns(5)
    assert log == []
    first.gate.set()
    await log.reaches(9)
    names = ["first "] * 4 + ["second "] * 2 + ["third "] + ["last "] * 2
    assert log == [name + str(number) for number, name in enumerate(names)]
    await say(recorder, "9")
    assert log[-1] == "last 9"
    await recorder.done()


async def test_new_handler_does_not_wait_for_a_call_that_goes_on_for_long():
    log = Log()
    first = Served("first ", log)
    recorder = await connected("/echo", onmessage=first)
    await say(recorder, "0")
    await turns(5)
    recorder.ws.onmessage = lambda event: log.append("second " + event.data)
    await say(recorder, "1")
    assert log == ["second 1"]
    first.gate.set()
    await log.reaches(2)
    assert log == ["second 1", "first 0"]
    await recorder.done()


async def test_events_that_wait_for_an_async_handler_are_its_own_when_it_is_removed():
    set_it = lambda ws, handler: setattr(ws, "onmessage", handler)
    for add, remove in (
        (set_it, lambda ws, handler: setattr(ws, "onmessage", None)),
        (set_it, lambda ws, handler: ws.unbind("message")),
        (lambda ws, handler: ws.bind("message", handler), lambda ws, handler: ws.unbind("message", handler)),
    ):
        log = Log()
        handler = Served("", log)
        recorder = await connected("/echo")
        add(recorder.ws, handler)
        await say(recorder, "012")
        remove(recorder.ws, handler)
        handler.gate.set()
        await log.reaches(3)
        assert log == ["0", "1", "2"]
        recorder.ws.close()


async def test_async_handler_that_replaces_itself_before_it_waits_leaves_the_rest_to_the_new_one():
    """As in JavaScript, where an async function runs up to its first `await` inside the event."""
    log = Log()
    never = asyncio.Event()

    async def hello(event):
        log.append("hello " + event.data)
        event.target.onmessage = lambda event: log.append("rest " + event.data)
        await never.wait()

    recorder = await connected("/flood/100", onmessage=hello)
    recorder.ws.send("go")
    await log.reaches(100)
    assert log == ["hello 0"] + ["rest %d" % number for number in range(1, 100)]
    await recorder.done()


async def test_async_handler_that_removes_itself_before_it_waits_is_called_once():
    calls = []

    async def once(event):
        event.target.unbind("message", once)
        calls.append(event.data)
        await turns(1)

    recorder = await connected("/flood/100")
    recorder.ws.bind("message", once)
    recorder.ws.send("go")
    await recorder.until(lambda: len(recorder.messages()) == 100)
    await turns(5)
    assert calls == ["0"]
    await recorder.done()
