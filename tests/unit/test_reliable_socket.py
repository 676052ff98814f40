"""What of `ReliableWebSocket` needs a look behind the page: what waits in the browser, listens, or still runs."""

import asyncio
from types import SimpleNamespace

import pytest
from suite import EventLog, Log, turns

from browserws import InvalidHandshake, ReliableWebSocket, connect
from browserws._host.unread import Unread
from browserws._runtime.socket import Socket
from browserws.events import CloseEvent, OpenEvent
from browserws.testing import FakeNetwork


class Network(FakeNetwork):
    """One that knows the timers that are still to ring."""

    def __enter__(self):
        self._timers = []
        return super().__enter__()

    def call_later(self, seconds, callback):
        timer = super().call_later(seconds, callback)
        self._timers.append((timer, callback))
        return timer

    def timers(self):
        now = asyncio.get_running_loop().time()
        return [timer for timer, _ in self._timers if not timer.cancelled() and timer.when() > now]

    def ring(self):
        """Timers may ring too early; then they are set to the time when there is something to do."""
        for timer, callback in list(self._timers):
            if timer in self.timers():
                timer.cancel()
                callback()


SECONDS = 10
QUICK = {"reconnect_interval": 20, "max_reconnect_interval": 100, "close_timeout": 100}


def run(server, test, **network):
    """`test(network)` against `server`."""

    async def main():
        with Network(server, **network) as fake:
            await test(fake)

    asyncio.run(asyncio.wait_for(main(), SECONDS))


async def echo(connection):
    async for message in connection:
        await connection.send(message)


def test_an_answer_that_waits_in_the_browser_at_the_end_still_shows_what_arrived():
    """The last messages of a connection are handed out before it is told what is undelivered."""
    sockets = []

    async def server(connection):
        async for message in connection:
            if message == "ping":
                sockets[0].send("after the ping")
                connection._link.deliver("pong")  # it waits in the browser ...
                sockets[0].reconnect()  # ... when the connection ends

    async def test(network):
        ws = ReliableWebSocket("/", QUICK)
        sockets.append(ws)
        log = EventLog(ws)
        ws.set_heartbeat(10)
        for connection in (1, 2):
            await log.has("open", connection)
            for number in range(3 * connection):
                ws.send(str(number))
            event = await log.has("undelivered", connection)
            assert (event.messages, event.forgotten) == (["after the ping"], 0)
        ws.close()

    run(server, test)


def test_an_answer_to_a_ping_of_the_last_connection_confirms_nothing_on_the_next():
    """Nor is it an answer at all: it is a message like any other."""

    async def server(connection):
        async for message in connection:
            if message == "b":
                await connection.send("pong")

    async def test(network):
        pinged = Log()
        ws = ReliableWebSocket("/", QUICK)
        log = EventLog(ws)
        ws.set_heartbeat(50, lambda: pinged.append(None) or "ping", timeout=60_000)
        await log.has("open")
        ws.send("a")
        await pinged.reaches(2)
        ws.reconnect()
        await log.has("open", 2)
        ws.send("b")
        event = await log.has("message")
        assert event.data == "pong" and ws.latency is None
        ws.reconnect()
        await log.has("undelivered", 2)
        assert [event.messages for event in log.of("undelivered")] == [["a"], ["b"]]
        ws.close()

    run(server, test)


@pytest.mark.parametrize("end", ["close", "giveup", "never connected"])
def test_nobody_listens_to_the_page_after_the_end(end):
    """A page that opens and closes sockets all day would have a listener for each."""

    async def test(network):
        ws = ReliableWebSocket("/refuse" if end == "giveup" else "/", {**QUICK, "max_retries": 1})
        log = EventLog(ws)
        if end == "close":
            await log.has("open")
        if end != "giveup":
            assert end != "close" or len(network._watchers) == 1
            ws.close()
        await log.has("giveup" if end == "giveup" else "close")
        await turns()
        assert network._watchers == [] and ws.state == "CLOSED"
        network.happen("online")
        ws.reconnect()
        assert len(network._watchers) == 1
        ws.close()

    run(echo, test, refuse=lambda path: path == "/refuse")


def test_an_ended_socket_has_no_timer_left():
    async def test(network):
        for path in ("/", "/hold", "/refuse"):
            ws = ReliableWebSocket(path, {"reconnect_interval": 60_000, "max_reconnect_interval": 60_000})
            ws.set_heartbeat(60_000)
            ws.expect_ping(60_000)
            log = EventLog(ws)
            await log.has({"/": "open", "/hold": "connecting", "/refuse": "reconnecting"}[path])
            assert network.timers(), path
            ws.close()
            await log.has("close", 2 if path == "/refuse" else 1)
            await turns()
            assert network.timers() == [], path

    run(echo, test, hold=lambda path: path == "/hold", refuse=lambda path: path == "/refuse")


def test_an_ended_connection_has_no_timer_and_no_task_left():
    async def test(network):
        tasks = asyncio.all_tasks()
        async with connect("/") as ws:
            assert network.timers() == []
            receiving = asyncio.create_task(ws.recv(timeout=60))
            await turns()
            assert len(network.timers()) == 1
            await ws.send("x")
            assert await receiving == "x"
            assert network.timers() == []
            receiving = asyncio.create_task(ws.recv(timeout=60))
            await turns()
            receiving.cancel()
            await turns()
            assert network.timers() == []
        await ws.close()
        await turns()
        assert network.timers() == []
        for path in ("/refuse", "/hold"):
            with pytest.raises((InvalidHandshake, asyncio.TimeoutError)):
                await connect(path, open_timeout=0.05)
            assert network.timers() == []
        await turns()
        assert asyncio.all_tasks() == tasks

    run(echo, test, hold=lambda path: path == "/hold", refuse=lambda path: path == "/refuse")


# --- what is shown, and what the calls do with their arguments ---


def test_it_shows_what_it_is_and_its_address_before_there_is_an_attempt():
    async def test(network):
        ws = ReliableWebSocket("/chat", {**QUICK, "auto_connect": False})
        assert repr(ws) == "<ReliableWebSocket /chat IDLE>" and ws.url == "/chat"
        assert ReliableWebSocket(lambda: "/chat", {**QUICK, "auto_connect": False}).url == ""
        log = EventLog(ws)
        ws.reconnect()
        await log.has("open")
        assert repr(ws) == "<ReliableWebSocket ws://localhost/chat OPEN>"
        ws.close()

    run(echo, test)


def test_url_that_is_neither_a_text_nor_a_function_is_refused():
    async def test(network):
        with pytest.raises(TypeError, match="^url must be a str or a function that returns one, not int$"):
            ReliableWebSocket(1)
        network.missing = "no WebSocket here"
        for url in ("/", lambda: "/"):
            with pytest.raises(NotImplementedError, match="no WebSocket here"):
                ReliableWebSocket(url)
        assert network._watchers == []

    run(echo, test)


async def opened(**options):
    ws = ReliableWebSocket("/", {**QUICK, **options})
    log = EventLog(ws)
    await log.has("open")
    await turns()
    return ws, log


def rings(network):
    """In how many ms the timers ring."""
    now = asyncio.get_running_loop().time()
    return [round((timer.when() - now) * 1000, -2) for timer in network.timers()]


def test_heartbeat_and_its_answer_have_their_times():
    async def test(network):
        pinged = Log()
        ws, _ = await opened()
        assert rings(network) == []
        ws.set_heartbeat(30_000)
        assert rings(network) == [30_000]
        ws.set_heartbeat(0)
        assert rings(network) == []
        ws.expect_ping(20_000)
        assert rings(network) == [40_000]
        ws.expect_ping(0)
        assert rings(network) == []
        ws.set_heartbeat(30_000, lambda: pinged.append(1) or "ping", timeout=20_000)
        network.happen("visible")  # it pings at once
        await pinged.reaches(1)
        await turns()
        assert rings(network) == [20_000]
        ws.set_heartbeat(None)
        assert rings(network) == []
        ws.close()

    async def silent(connection):
        await connection.wait_closed()

    run(silent, test)


def test_heartbeat_that_is_set_before_there_is_a_connection_begins_with_it():
    async def test(network):
        ws = ReliableWebSocket("/", {**QUICK, "connect_timeout": 5000})
        ws.set_heartbeat(30_000)
        await turns()
        assert rings(network) == [5000]
        await EventLog(ws).has("open")
        await turns()
        network.ring()
        assert rings(network) == [30_000]
        ws.close()

    run(echo, test)


def test_bad_arguments_of_the_heartbeat_name_themselves():
    async def test(network):
        ws = ReliableWebSocket("/", {**QUICK, "auto_connect": False})
        for call, name in (
            (lambda: ws.set_heartbeat("1"), "interval"),
            (lambda: ws.expect_ping("1"), "interval"),
            (lambda: ws.set_heartbeat(1, timeout="1"), "timeout"),
        ):
            with pytest.raises(TypeError, match=f"^{name} must be a number, not str$"):
                call()
        with pytest.raises(ValueError, match="^timeout must be at least 1, not 0.5$"):
            ws.set_heartbeat(1, timeout=0.5)
        ws.set_heartbeat(1, timeout=1)
        with pytest.raises(ValueError, match="^interval must be at least 0, not -1$"):
            ws.expect_ping(-1)
        with pytest.raises(TypeError):
            ws.set_heartbeat(1, 7)

    run(echo, test)


def test_latency_is_the_time_from_a_ping_to_its_answer():
    async def slow(connection):
        async for _ in connection:
            await asyncio.sleep(0.05)
            await connection.send("pong")

    async def test(network):
        ws, log = await opened()
        assert ws.latency is None
        ws.set_heartbeat(10, timeout=60_000)
        while ws.latency is None:
            await asyncio.sleep(0.01)
        assert 40 < ws.latency < 5000 and log.of("message") == []
        ws.close()

    run(slow, test)


def test_heartbeat_whose_message_fails_is_shown_and_goes_on(monkeypatch):
    shown = Log()
    monkeypatch.setattr("browserws._runtime.reconnector.report", shown.append)

    async def test(network):
        calls = []

        def message():
            calls.append(1)
            if len(calls) == 1:
                raise KeyError("no message")
            return "ping"

        ws, log = await opened()
        ws.set_heartbeat(10, message, reply=None, timeout=60_000)
        await shown.reaches(1)
        assert isinstance(shown[0], KeyError)
        ws.close()
        await log.has("close")

    run(echo, test)


def test_should_reconnect_gets_the_close_event_and_may_fail(monkeypatch):
    shown, events = Log(), []
    monkeypatch.setattr("browserws._runtime.reconnector.report", shown.append)

    async def server(connection):
        await connection.close(4403, "no")

    async def test(network):
        def decide(event):
            events.append((event.type, event.code, event.reason, event.wasClean, event.target))
            raise KeyError("a mistake")

        ws = ReliableWebSocket("/", {**QUICK, "should_reconnect": decide})
        log = EventLog(ws)
        await log.has("giveup")  # as without it
        assert events == [("close", 4403, "no", True, ws)]
        assert [type(error) for error in shown] == [KeyError]

    run(server, test)


def test_message_that_does_not_fit_is_the_end_of_the_messages(monkeypatch):
    shown, codes = [], []
    monkeypatch.setattr("browserws._runtime.reconnector.report", shown.append)

    async def server(connection):
        await connection.send("a")
        await connection.wait_closed()
        codes.append((connection.close_code, connection.close_reason))

    async def test(network):
        def full(messages, sources):
            raise MemoryError("a")
            yield

        ws = ReliableWebSocket("/", QUICK)
        ws._reconnector._message_events = full
        log = EventLog(ws)
        event = await log.has("close")
        await turns(6)
        assert event.code == 4009 and ws.state == "CLOSED"
        assert [type(error) for error in shown] == [MemoryError] and log.of("message") == []

    run(server, test)
    assert codes == [(4009, "a message did not fit in memory")]


def test_large_message_that_does_not_fit_closes_the_connection_and_does_not_ask_its_owner(monkeypatch):
    """`Channels`, for one, forgets at its own `close()` what it keeps for a reload."""
    shown, codes, asked = [], [], []
    monkeypatch.setattr("browserws._runtime.handlers.report", shown.append)

    class TooLarge(Unread):
        def __init__(self):
            pass

        def read(self):
            raise MemoryError("b")

    class Owner(ReliableWebSocket):
        def close(self, *arguments):
            asked.append(arguments)

    async def server(connection):
        await connection.wait_closed()
        codes.append((connection.close_code, connection.close_reason))

    async def test(network):
        read = []
        ws = Owner("/", QUICK)
        log = EventLog(ws)
        ws.onmessage = lambda event: read.append(event.data)
        await log.has("open")
        ws._reconnector._on_messages(iter(["a", TooLarge(), "c"]), 3, None)
        assert (await log.has("close")).code == 4009
        assert read == ["a"] and asked == []

    run(server, test)
    assert [str(error) for error in shown] == ["b"]
    assert codes == [(4009, "a message did not fit in memory")]


def test_events_have_the_socket_as_their_target():
    async def test(network):
        ws = ReliableWebSocket("/refuse", {**QUICK, "max_retries": 0})
        log = EventLog(ws)
        await log.has("giveup")
        assert {event.type for event in log} == {"statechange", "connecting", "error", "close", "giveup"}
        assert all(event.target is ws for event in log)
        close = log.of("close")[0]
        assert (close.code, close.reason, close.wasClean) == (1006, "", False)
        ws, log = await opened()
        assert type(log.of("open")[0]) is OpenEvent and type(close) is CloseEvent
        ws.send("a")
        assert (await log.has("message")).target is ws
        ws.close(3000, "bye")
        close = await log.has("close")
        assert (close.code, close.reason, close.wasClean, close.target) == (3000, "bye", True, ws)

    run(echo, test, refuse=lambda path: path == "/refuse")


def test_attempt_that_cannot_begin_is_tried_again():
    async def test(network):
        answers = [KeyError("no address"), "ftp://example.org/"]

        def address():
            if not answers:
                return "/"
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        ws = ReliableWebSocket(address, QUICK)
        log = EventLog(ws)
        await log.has("open")
        assert [type(event.error).__name__ for event in log.of("error")] == ["KeyError", "InvalidURI"]
        assert log.of("close") == [] and [event.attempt for event in log.of("reconnecting")] == [1, 2]
        ws.close()

    run(echo, test)


@pytest.mark.parametrize("volatile", [False, True])
def test_what_is_sent_when_the_browser_has_begun_to_close_waits_for_the_next_connection(volatile):
    async def test(network):
        ws, log = await opened()
        network.connections[-1].transport.abort()  # its event is still to come
        assert ws.state == "OPEN" and ws.send("a", volatile=volatile) is False
        assert ws.queued == (0 if volatile else 1)
        if not volatile:
            assert (await log.has("message")).data == "a"
        assert log.of("undelivered") == []
        ws.close()

    run(echo, test)


def test_what_was_queued_goes_out_in_front_of_what_is_sent_then():
    async def test(network):
        ws = ReliableWebSocket("/", QUICK)
        log = EventLog(ws)
        ws.bind("open", lambda: ws.send("c"))
        ws.send("a")
        ws.send(bytearray(b"b"))
        assert (ws.queued, ws.bufferedAmount) == (2, 2)
        await log.has("message", 3)
        assert [event.data if isinstance(event.data, str) else bytes(event.data) for event in log.of("message")] == [
            "a",
            b"b",
            "c",
        ]
        assert ws.queued == 0 and log.of("undelivered") == []
        ws.close()

    run(echo, test)


def test_page_that_comes_and_goes():
    async def test(network):
        ws, log = await opened()
        network.happen("pagehide")
        assert ws.state == "SUSPENDED"
        network.happen("pageshow")
        await log.has("open", 2)
        network.happen("offline")
        network.happen("online")
        assert [event.type for event in log][-2:] == ["offline", "online"] and ws.state == "OPEN"
        ws.close()

    run(echo, test)


@pytest.mark.parametrize("hint", ["visible", "resume", "online"])
def test_hint_of_the_page_makes_the_connection_prove_itself(hint):
    async def test(network):
        pings = Log()
        ws, _ = await opened()
        ws.set_heartbeat(60_000, lambda: pings.append(1) or "ping", "ping")
        network.happen(hint)
        await pings.reaches(1)
        ws.close()

    run(echo, test)


def test_hint_brings_the_next_attempt_forward():
    async def test(network):
        slow = {"reconnect_interval": 20, "max_reconnect_interval": 60_000, "reconnect_decay": 3000, "jitter": False}
        ws = ReliableWebSocket("/refuse", slow)
        log = EventLog(ws)
        await log.has("reconnecting", 2)
        await turns()
        network.ring()
        assert rings(network) == [60_000]
        network.happen("visible")
        await log.has("connecting", 3)
        ws.close()

    run(echo, test, refuse=lambda path: path == "/refuse")


def test_auto_reconnect_is_as_it_is_asked_for():
    async def test(network):
        ws = ReliableWebSocket("/", {**QUICK, "auto_connect": False, "max_retries": 3, "reconnect_decay": 5})
        options = ws._options
        ws.disable_auto_reconnect()
        assert options.auto_reconnect is False
        ws.enable_auto_reconnect()
        assert (options.auto_reconnect, options.max_retries, options.reconnect_decay) == (True, -1, 5)
        ws.enable_auto_reconnect(7, backoff=False)
        assert (options.max_retries, options.reconnect_decay) == (7, 1)
        ws.enable_auto_reconnect(7)
        assert options.reconnect_decay == 5
        with pytest.raises(ValueError, match="max_retries"):
            ws.enable_auto_reconnect(-2)
        assert options.max_retries == 7

    run(echo, test)


def test_close_needs_no_arguments():
    codes = []

    async def server(connection):
        await connection.wait_closed()
        codes.append((connection.close_code, connection.close_reason))

    async def test(network):
        ws, log = await opened()
        ws.close()
        await log.has("close")
        await turns(6)

    run(server, test)
    assert codes == [(1000, "")]


@pytest.mark.parametrize("path", ["/hold", "/refuse"])
def test_attributes_are_empty_without_a_connection(path):
    async def test(network):
        slow = {"connect_timeout": 20, "reconnect_interval": 1000, "max_reconnect_interval": 1000, "jitter": False}
        ws = ReliableWebSocket(path, slow)
        await EventLog(ws).has("reconnecting")
        assert (ws.protocol, ws.extensions, ws.bufferedAmount, ws._js_websocket) == ("", "", 0, None)
        assert (ws.state, ws.readyState, ws.url) == ("WAITING", 0, "ws://localhost" + path)
        ws.close()

    run(echo, test, hold=lambda path: path == "/hold", refuse=lambda path: path == "/refuse")


def test_message_that_comes_while_a_ping_is_unanswered_is_a_message():
    async def server(connection):
        await connection.recv()
        for message in ("a", "pong", "b"):
            await connection.send(message)
        await connection.wait_closed()

    async def test(network):
        ws, log = await opened()
        ws.set_heartbeat(60_000)
        network.happen("visible")  # it pings at once
        await log.has("message", 2)
        assert [event.data for event in log.of("message")] == ["a", "b"] and ws.latency is not None
        ws.close()

    run(server, test)


@pytest.mark.parametrize("arrives", [[], ["a"]])
def test_queue_that_goes_out_in_part_goes_on_with_the_rest(arrives, monkeypatch):
    """The browser begins to close meanwhile: what it took may have arrived, what it refused is still to be sent."""
    got, lost = [], []
    send = Socket.send

    async def server(connection):
        async for message in connection:
            got.append(message)

    async def test(network):
        def breaks(attempt, message):
            if message == "abc"[len(arrives)] and not lost:
                lost.append(message)
                network.connections[-1].transport.abort()
            send(attempt, message)

        monkeypatch.setattr(Socket, "send", breaks)
        ws = ReliableWebSocket("/", QUICK)
        log = EventLog(ws)
        for message in "abc":
            ws.send(message)
        await log.has("open", 2)
        await turns(6)
        assert got[-3 + len(arrives) :] == list("abc")[len(arrives) :] and ws.queued == 0
        assert [event.messages for event in log.of("undelivered")] == ([arrives] if arrives else [])
        ws.close()

    run(server, test)


def test_message_has_what_else_the_browser_says_of_it():
    async def test(network):
        ws, log = await opened()
        sources = [SimpleNamespace(origin=origin) for origin in ("http://a", "http://b")]
        ws._reconnector._on_messages(iter("ab"), 2, sources)
        assert [(event.data, event.origin) for event in log.of("message")] == [("a", "http://a"), ("b", "http://b")]
        ws.close()

    run(echo, test)


def test_what_a_message_handler_asks_for_is_done_after_the_others():
    async def test(network):
        ws = ReliableWebSocket("/", QUICK)
        order = []
        ws.bind("message", lambda: ws.close())
        ws.bind("statechange", lambda event: order.append(event.state))
        ws.bind("message", lambda: order.append("message"))
        log = EventLog(ws)
        await log.has("open")
        ws.send("a")
        await log.has("close")
        assert order == ["CONNECTING", "OPEN", "message", "CLOSING", "CLOSED"]

    run(echo, test)


def test_what_a_former_connection_still_does_changes_nothing(monkeypatch):
    callbacks = []

    class Recorded(Socket):
        def __init__(self, url, protocols, given, **options):
            callbacks.append(given)
            super().__init__(url, protocols, given, **options)

    monkeypatch.setattr("browserws._runtime.reconnector.Socket", Recorded)

    async def test(network):
        ws, log = await opened()
        ws.reconnect()
        await log.has("open", 2)
        before = [(event.type, ws.state) for event in log]
        former, _ = callbacks
        former.on_open(None)
        former.on_messages(iter(["late"]), 1, None)
        former.on_failure(None)
        former.on_end(1011, "late", True, None)
        assert [(event.type, ws.state) for event in log] == before
        ws.send("still here")
        await log.has("message")
        assert log.of("message")[0].data == "still here"
        ws.close()

    run(echo, test)


def test_delays_without_backoff_begin_at_once():
    async def test(network):
        slow = {"reconnect_interval": 20, "max_reconnect_interval": 60_000, "reconnect_decay": 10, "jitter": False}
        ws = ReliableWebSocket("/refuse", slow)
        log = EventLog(ws)
        await log.has("reconnecting", 2)
        ws.enable_auto_reconnect(backoff=False)
        await log.has("reconnecting", 4)
        assert [event.delay for event in log.of("reconnecting")] == [20, 200, 20, 20]
        ws.close()

    run(echo, test, refuse=lambda path: True)


def test_messages_come_again_on_the_connection_after_one_that_did_not_fit(monkeypatch):
    monkeypatch.setattr("browserws._runtime.reconnector.report", lambda error: None)

    async def test(network):
        ws, log = await opened()
        reconnector = ws._reconnector
        events = reconnector._message_events

        def full(messages, sources):
            raise MemoryError("a")
            yield

        reconnector._message_events = full
        ws.send("does not fit")
        await log.has("close")
        reconnector._message_events = events
        ws.reconnect()
        ws.send("fits")
        await log.has("message")
        assert [event.data for event in log.of("message")] == ["fits"]
        ws.close()

    run(echo, test)


def test_what_was_sent_of_the_queue_before_an_error_is_not_sent_again(monkeypatch):
    monkeypatch.setattr("browserws._runtime.runner.report", lambda error: None)
    arrived = Log()

    async def server(connection):
        async for message in connection:
            arrived.append(message)

    async def test(network):
        ws = ReliableWebSocket("/", {**QUICK, "auto_connect": False})
        reconnector = ws._reconnector
        transmit = reconnector._transmit

        def no_memory_once(message):
            if message == "c" and not hasattr(network, "was_full"):
                network.was_full = True
                raise MemoryError
            return transmit(message)

        reconnector._transmit = no_memory_once
        for message in "abc":
            ws.send(message)
        ws.reconnect()
        log = EventLog(ws)
        await log.has("open")
        ws.reconnect()
        await log.has("open", 2)
        ws.send("d")
        await arrived.reaches(4)
        ws.close()

    run(server, test)
    assert arrived == list("abcd")


def test_pings_without_a_reply_to_wait_for_are_not_remembered():
    async def test(network):
        ws, _ = await opened()
        pings = Log()
        ws.set_heartbeat(60_000, lambda: pings.append(1) or "ping", reply=None)
        for number in range(3):
            network.happen("visible")
            await pings.reaches(number + 1)
        assert ws._reconnector._pings == []
        ws.close()

    run(echo, test)


def test_giveup_says_that_should_reconnect_decided():
    async def server(connection):
        await connection.close(1012, "restart")

    async def test(network):
        ws = ReliableWebSocket("/", {**QUICK, "should_reconnect": lambda event: False})
        event = await EventLog(ws).has("giveup")
        assert (event.code, event.reason) == (1012, "should_reconnect returned False")

    run(server, test)
