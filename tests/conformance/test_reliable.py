"""`ReliableWebSocket` where the network does as it should, but for servers that close, drop and refuse."""

import asyncio

from suite import CaughtReports, EventLog, Log, here, key, raised, turns

from browserws import BufferFull, Channels, ConnectionClosed, GiveUp, InvalidURI, ReliableWebSocket
from browserws.events import RELIABLE_EVENTS

QUICK = {"reconnect_interval": 20, "max_reconnect_interval": 100, "close_timeout": 100}


class Watcher:
    """Opens a ReliableWebSocket and writes down what happens, in order."""

    def __init__(self, url, options=None, **handlers):
        self.events = []
        self._news = asyncio.Event()
        settings = dict(QUICK)
        settings.update(options or {})
        self.ws = ReliableWebSocket(url if callable(url) else here.server + url, settings, **handlers)
        for event in RELIABLE_EVENTS:
            self.ws.bind(event, self._record)

    def _record(self, event):
        self.events.append(event)
        self._news.set()

    def types(self):
        """Without the changes of state."""
        return [event.type for event in self.events if event.type != "statechange"]

    def of(self, name):
        return [event for event in self.events if event.type == name]

    def messages(self):
        return [event.data for event in self.of("message")]

    async def until(self, ready):
        while not ready():
            self._news.clear()
            await self._news.wait()

    async def has(self, name, count=1):
        """The event of that name, when so many have come."""
        await self.until(lambda: len(self.of(name)) >= count)
        return self.of(name)[count - 1]

    async def until_latency(self):
        """Until the heartbeat was answered: no event tells of it."""
        while self.ws.latency is None:
            await asyncio.sleep(0.01)

    async def done(self):
        self.ws.close()
        await self.until(lambda: self.ws.state == "CLOSED")


async def opened(url, options=None, **handlers):
    watcher = Watcher(url, options, **handlers)
    await watcher.has("open")
    return watcher


# --- as a WebSocket ---


async def test_no_message_comes_after_close_in_a_message_handler():
    """As with a WebSocket, also where a flood has come already."""
    seen = []

    def stop(event):
        seen.append(event.data)
        if event.data == "700":
            ws.close()

    ws = ReliableWebSocket(here.server + "/flood/2000", QUICK, onmessage=stop)
    log = EventLog(ws)
    await log.has("open")
    ws.send("go")
    await log.has("close")
    assert seen == [str(number) for number in range(701)]


async def test_it_has_the_surface_of_a_websocket():
    w = await opened("/subprotocol", {"protocols": ["a", "b"]})
    ws = w.ws
    assert (ws.readyState, ws.state, ws.protocol, ws.bufferedAmount) == (ws.OPEN, "OPEN", "b", 0)
    assert ws.url == here.server + "/subprotocol"
    await w.has("message")
    assert w.messages() == ["b"]
    assert ws.binaryType == "arraybuffer"
    ws.binaryType = "blob"
    raised(ValueError, setattr, ws, "binaryType", "text")
    assert ws.binaryType == "blob"
    ws.close(4001, "enough")
    assert ws.readyState == ws.CLOSING
    event = await w.has("close")
    assert (event.code, event.reason, event.wasClean, event.target) == (4001, "enough", True, ws)
    assert ws.readyState == ws.CLOSED
    raised(AttributeError, setattr, ws, "onopened", print)


async def test_messages_of_every_kind_go_both_ways():
    w = await opened("/echo")
    for message in ("text", "", "nul\0", b"\0\xff", bytearray(b"ab")):
        assert w.ws.send(message) is True
    await w.has("message", 5)
    assert [m if isinstance(m, str) else bytes(m) for m in w.messages()] == ["text", "", "nul\0", b"\0\xff", b"ab"]
    await w.done()


async def test_bad_arguments_are_refused_at_once():
    raised(InvalidURI, ReliableWebSocket, "ftp://example.org/")
    raised(TypeError, ReliableWebSocket, 1)
    raised(TypeError, ReliableWebSocket, "/echo", {"reconect_interval": 1})
    raised(TypeError, ReliableWebSocket, "/echo", onopened=print)
    raised(ValueError, ReliableWebSocket, "/echo", {"protocols": "a b"})
    w = await opened("/echo")
    raised(TypeError, w.ws.send, 1)
    raised(ValueError, w.ws.close, 1001)
    raised(TypeError, w.ws.set_heartbeat, "1000")
    raised(ValueError, w.ws.expect_ping, -1)
    raised(ValueError, w.ws.expect_ping, float("nan"))
    raised(ValueError, w.ws.set_heartbeat, float("nan"))
    raised(ValueError, w.ws.set_heartbeat, 1000, timeout=0)
    raised(TypeError, w.ws.set_heartbeat, 1000, timeout="1")
    raised(ValueError, w.ws.set_heartbeat, 1000, timeout=float("nan"))
    raised(ValueError, w.ws.enable_auto_reconnect, -2)
    assert w.ws.state == "OPEN"
    await w.done()


async def test_handlers_that_are_set_right_away_hear_of_the_first_attempt():
    ws = ReliableWebSocket(here.server + "/echo")
    ws.set_heartbeat(1000)
    ws.expect_ping(5000)
    ws.enable_auto_reconnect()
    log = EventLog(ws)
    await log.has("open")
    assert [event.type for event in log] == ["statechange", "connecting", "statechange", "open"]
    ws.close()
    await log.has("close")


async def test_without_auto_connect_it_waits_to_be_asked():
    w = Watcher("/greet", {"auto_connect": False})
    assert (w.ws.state, w.ws.readyState) == ("IDLE", 3)
    assert w.ws.send("early") is False
    w.ws.reconnect()
    await w.has("message", 2)
    assert w.messages() == ["welcome", "early"]
    await w.done()


# --- connecting again ---


async def test_a_dropped_connection_is_made_anew():
    w = await opened("/drop")
    w.ws.send("go")
    event = await w.has("close")
    assert event.code == 1006
    await w.has("reconnected")
    assert w.types()[-6:] == ["close", "undelivered", "reconnecting", "connecting", "open", "reconnected"]
    assert w.of("undelivered")[0].messages == ["go"]
    assert 0 <= w.of("reconnecting")[0].delay <= 20 and w.of("reconnecting")[0].attempt == 1
    await w.done()


async def test_states_follow_each_other():
    w = await opened("/drop")
    w.ws.send("go")
    await w.has("open", 2)
    await w.done()
    states = [(event.previous, event.state) for event in w.of("statechange")]
    assert states[0] == ("IDLE", "CONNECTING")
    assert all(before[1] == after[0] for before, after in zip(states, states[1:]))
    assert states[-1] == ("CLOSING", "CLOSED")


async def test_refused_handshakes_are_tried_again():
    w = await opened("/refuse-first/" + key() + "/3")
    assert [event.attempt for event in w.of("reconnecting")] == [1, 2, 3]
    assert len(w.of("error")) == 3
    await w.done()


async def test_it_gives_up_after_max_retries_and_can_be_asked_again():
    name = key()
    w = Watcher("/refuse-first/" + name + "/3", {"max_retries": 2})
    event = await w.has("giveup")
    assert "2 retries" in event.reason and w.ws.state == "CLOSED"
    raised(ConnectionClosed, w.ws.send, "x")
    w.ws.reconnect()
    await w.has("open")
    await w.done()


async def test_final_codes_give_up():
    for code in (1008, 4403):
        w = Watcher("/close/%d/no" % code)
        event = await w.has("giveup")
        assert event.code == code
        assert w.types()[-2:] == ["close", "giveup"]
        await turns()
        assert w.ws.state == "CLOSED"


async def test_should_reconnect_decides():
    seen = []

    def decide(event):
        seen.append((event.code, event.target.state))
        return len(seen) < 2

    w = Watcher("/close/4403", {"should_reconnect": decide})
    await w.has("giveup")
    assert [code for code, _ in seen] == [4403, 4403]


async def test_auto_reconnect_can_be_switched():
    w = await opened("/drop")
    w.ws.disable_auto_reconnect()
    w.ws.send("go")
    await w.has("close")
    assert w.ws.state == "CLOSED" and not w.of("giveup")
    w.ws.enable_auto_reconnect(max_retries=5, backoff=False)
    w.ws.reconnect()
    await w.has("open", 2)
    w.ws.send("go")
    await w.has("open", 3)
    await w.done()


async def test_auto_reconnect_with_and_without_backoff():
    fixed = {"jitter": False, "reconnect_decay": 3, "auto_reconnect": False}
    for backoff, delays in ((True, [20, 60, 100, 100]), (False, [20, 20, 20, 20])):
        w = Watcher("/refuse", fixed)
        w.ws.enable_auto_reconnect(max_retries=4, backoff=backoff)
        event = await w.has("giveup")
        assert [event.delay for event in w.of("reconnecting")] == delays
        assert event.reason == "4 retries failed"


async def test_an_attempt_that_hangs_is_dropped():
    w = Watcher("/hold", {"connect_timeout": 50})
    event = await w.has("close", 2)
    assert event.code == 1006
    await w.done()


async def test_long_times_are_long():
    """A timer of the browser would end at once after 2^31 ms: thousands of attempts, or pings, in a second."""
    for time in (3e9, float("inf")):
        times = dict.fromkeys(("connect_timeout", "close_timeout", "max_reconnect_interval", "min_uptime"), time)
        w = Watcher("/hold", times)
        w.ws.set_heartbeat(time, timeout=time)
        await asyncio.sleep(0.05)
        assert w.types() == ["connecting"]
        w.ws.close()
        w = await opened("/echo", times)
        w.ws.set_heartbeat(time, reply=None)
        w.ws.expect_ping(time)
        await asyncio.sleep(0.05)
        assert w.types() == ["connecting", "open"]
        w.ws.set_heartbeat(20, "ping", "ping", timeout=time)
        await w.until_latency()
        await w.done()


async def test_reconnect_makes_a_new_connection():
    w = await opened("/echo")
    w.ws.reconnect()
    await w.has("open", 2)
    assert len(w.of("close")) == 1
    w.ws.send("x")
    await w.has("message")
    await w.done()


# --- the address ---


async def test_the_address_may_be_asked_for():
    asked = []

    def address():
        asked.append(1)
        return here.server + "/drop?" + str(len(asked))

    w = await opened(address)
    w.ws.send("go")
    await w.has("open", 2)
    assert w.ws.url.endswith("/drop?2")
    await w.done()


async def test_who_gives_the_address_may_be_async_and_may_fail():
    asked = []

    async def address():
        asked.append(1)
        await asyncio.sleep(0)
        if len(asked) == 1:
            raise KeyError("no token")
        return here.server + "/echo"

    w = await opened(address)
    assert isinstance(w.of("error")[0].error, KeyError)
    await w.done()


async def test_an_address_that_never_comes_is_not_waited_for_for_ever():
    never = [asyncio.Event().wait]
    w = await opened(lambda: never.pop()() if never else here.server + "/echo", {"connect_timeout": 1000})
    assert len(w.of("connecting")) == 2 and len(w.of("close")) == 1
    await w.done()


class Hanging:
    """A function that never answers, and writes down what becomes of its calls."""

    def __init__(self):
        self.calls = Log()
        self.cancelled = Log()

    async def __call__(self):
        self.calls.append(1)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.append(1)
            raise


async def test_a_function_that_hangs_is_cancelled_with_its_attempt():
    """Else a page that waits for a token all night has a task for each attempt in the morning."""
    for of in ("url", "protocols"):
        hanging = Hanging()
        url = hanging if of == "url" else "/subprotocol"
        options = {"connect_timeout": 50, "protocols": hanging if of == "protocols" else "a"}
        w = Watcher(url, options)
        await hanging.cancelled.reaches(2)
        await hanging.calls.reaches(3)
        w.ws.reconnect()
        await hanging.cancelled.reaches(3)
        await hanging.calls.reaches(4)
        w.ws.close()
        await hanging.cancelled.reaches(4)
        assert len(hanging.calls) == 4


async def test_an_address_that_comes_too_late_opens_nothing():
    """Not even one that could not be cancelled."""
    late = []

    async def stubborn():
        late.append(asyncio.Event())
        mine = late[-1]
        while not mine.is_set():
            try:
                await mine.wait()
            except asyncio.CancelledError:
                pass
        return here.server + "/greet"

    w = Watcher(stubborn, {"connect_timeout": 50})
    await w.has("connecting", 2)
    late[0].set()
    await asyncio.sleep(0.02)
    assert not w.of("open")
    w.ws.close()
    late[1].set()
    await asyncio.sleep(0.05)
    assert not w.of("open") and w.ws.state == "CLOSED"


async def test_a_function_may_end_its_own_attempt():
    asked = []

    async def closes():
        w.ws.close()
        await asyncio.sleep(0)
        return here.server + "/greet"

    async def anew():
        asked.append(1)
        if len(asked) == 1:
            w.ws.reconnect()
            await asyncio.sleep(0.05)
        return here.server + "/greet?%d" % len(asked)

    w = Watcher(closes)
    await w.has("close")
    await asyncio.sleep(0.02)
    assert not w.of("open")
    w = Watcher(anew)
    await w.has("message")
    await asyncio.sleep(0.1)
    assert w.ws.url.endswith("?2") and len(w.of("open")) == 1
    await w.done()


async def test_a_function_gives_up_for_good():
    async def later():
        await asyncio.sleep(0)
        raise GiveUp("the account is blocked")

    def at_once():
        raise GiveUp("the account is blocked")

    for give_up in (at_once, later):
        for url, protocols in ((give_up, None), ("/echo", give_up)):
            w = Watcher(url, {"protocols": protocols})
            event = await w.has("giveup")
            assert (event.reason, w.ws.state) == ("the account is blocked", "CLOSED")
            assert isinstance(w.of("error")[0].error, GiveUp)
            assert w.types() == ["connecting", "error", "giveup"]


async def test_a_token_function_of_channels_is_cancelled_and_may_give_up():
    hanging = Hanging()
    channels = Channels(here.server + "/echo", {"token": hanging, "connect_timeout": 50, "reconnect_interval": 20})
    await hanging.cancelled.reaches(2)
    await hanging.calls.reaches(3)
    channels.close()
    await hanging.cancelled.reaches(3)

    async def blocked():
        raise GiveUp("the account is blocked")

    channels = Channels(here.server + "/echo", {"token": blocked})
    log = EventLog(channels)
    event = await log.has("giveup")
    assert event.reason == "the account is blocked" and channels.state == "CLOSED"
    assert isinstance(log.of("error")[0].error, GiveUp)


async def test_protocols_may_be_asked_for():
    """For tokens that go as a subprotocol."""
    asked = []

    def plain():
        asked.append("token%d" % len(asked))
        return ["chat", asked[-1]]

    async def later():
        await asyncio.sleep(0)
        return plain()

    async def address():
        await asyncio.sleep(0)
        return here.server + "/subprotocol"

    for url in ("/subprotocol", address):
        for protocols in (plain, later):
            w = await opened(url, {"protocols": protocols})
            assert w.ws.protocol == asked[-1]
            w.ws.reconnect()
            await w.has("open", 2)
            assert w.ws.protocol == asked[-1]
            await w.done()
    assert len(asked) == 8


async def test_bad_protocols_are_an_attempt_that_failed():
    given = ["good", "a b", 7]
    w = await opened("/subprotocol", {"protocols": given.pop})
    assert [type(event.error) for event in w.of("error")] == [TypeError, ValueError]
    assert w.ws.protocol == "good"
    await w.done()


async def test_4401_asks_for_fresh_protocols_once():
    w = Watcher("/close/4401", {"protocols": list})
    event = await w.has("giveup")
    assert event.code == 4401 and len(w.of("connecting")) == 2


async def test_a_bad_address_is_an_error_and_tried_again():
    addresses = [here.server + "/echo", 7, "ftp://example.org/"]
    w = await opened(addresses.pop)
    assert [type(event.error) for event in w.of("error")] == [InvalidURI, TypeError]
    await w.done()


async def test_an_address_that_the_policy_blocks_gives_up_like_any_other():
    """The browser tells of it by `error` alone: no close event ever comes."""
    w = Watcher(lambda: here.blocked, {"max_retries": 1})
    await w.has("giveup")
    assert [event.code for event in w.of("close")] == [1006, 1006]


async def test_an_address_that_the_policy_blocks_is_given_up_after_a_few_attempts():
    """It will be blocked as long as the page lives, and only the console tells: the events do, too. (In a program there
    is no policy: it is an attempt that failed, like any other.)"""
    if not here.is_page:
        w = Watcher(lambda: here.blocked, {"max_retries": 4})
        event = await w.has("giveup")
        assert "Content-Security-Policy" not in event.reason and len(w.of("connecting")) == 5
        return
    w = Watcher(lambda: here.blocked + "?token=%d" % len(w.of("connecting")))
    event = await w.has("giveup")
    assert len(w.of("connecting")) == 3
    for told in (event, w.of("close")[2]):
        assert "Content-Security-Policy" in told.reason and here.blocked in told.reason
    w.ws.reconnect()
    await w.has("giveup", 2)
    assert len(w.of("connecting")) == 6


async def test_another_address_helps_where_the_policy_blocks_one():
    def address():
        number = len(w.of("connecting"))
        return here.server + "/drop" if number % 3 == 0 else here.blocked

    w = Watcher(address, {"min_uptime": 60_000})
    w.ws.bind("open", lambda: w.ws.send("go"))
    await w.has("open", 3)
    assert not w.of("giveup")
    reasons = [event.reason for event in w.of("close")][:6]
    assert [bool(reason) for reason in reasons] == [here.is_page, here.is_page, False] * 2, reasons
    await w.done()


async def test_socket_that_the_browser_refuses_to_make_is_told_as_the_policy_that_forbids_it():
    """In WebKit's workers nothing else tells of it."""
    with here.no_sockets():
        w = Watcher("/echo", {"max_retries": 0})
        await w.has("giveup")
    assert w.of("close")[0].code == 1006
    assert ("connect-src" in w.of("close")[0].reason) is not here.is_program


async def test_should_reconnect_decides_over_the_policy():
    w = Watcher(lambda: here.blocked, {"should_reconnect": lambda event: len(w.of("connecting")) < 5})
    await w.has("giveup")
    assert len(w.of("connecting")) == 5


async def test_4401_asks_for_a_fresh_address_once():
    paths = ["/echo", "/close/4401"]
    w = await opened(lambda: here.server + paths.pop())
    await w.has("open", 2)
    assert [event.code for event in w.of("close")] == [4401]
    await w.done()
    w = Watcher(lambda: here.server + "/close/4401")
    event = await w.has("giveup")
    assert event.code == 4401 and len(w.of("connecting")) == 2


# --- the queue ---


async def test_a_thousand_messages_are_queued_and_arrive_once_and_in_order():
    w = Watcher("/echo")
    for number in range(1000):
        assert w.ws.send(str(number)) is False
    assert w.ws.queued == 1000 and w.ws.bufferedAmount == 2890
    await w.has("message", 1000)
    w.ws.send("last")
    await w.has("message", 1001)
    assert w.messages() == [str(number) for number in range(1000)] + ["last"]
    await w.done()


async def test_a_full_queue_refuses():
    w = Watcher("/hold", {"max_queue_messages": 2})
    w.ws.send("a")
    changed = bytearray(b"b")
    w.ws.send(changed)
    changed[0] = 0
    raised(BufferFull, w.ws.send, "c")
    w.ws.close()
    event = await w.has("undelivered")
    assert event.queued == ["a", b"b"] and event.messages == []
    w = Watcher("/hold", {"max_queue_bytes": 5})
    w.ws.send("abc")
    raised(BufferFull, w.ws.send, "def")
    w.ws.send("de")
    w.ws.close()
    event = await w.has("undelivered")
    assert event.queued == ["abc", "de"]


async def test_a_volatile_message_is_sent_now_or_never():
    """As the position of a cursor: nobody wants to know where it was when the connection is back."""
    w = Watcher("/echo", {"max_queue_messages": 1})
    assert w.ws.send("1", volatile=True) is False
    assert w.ws.queued == 0
    await w.has("open")
    assert w.ws.send("2", volatile=True) is True
    assert w.ws.send("3") is True
    await w.has("message", 2)
    assert w.messages() == ["2", "3"]
    w.ws.reconnect()
    assert w.ws.send("4", volatile=True) is False
    event = await w.has("undelivered")
    assert event.messages == ["3"]
    raised(TypeError, w.ws.send, 5, volatile=True)
    await w.done()
    raised(ConnectionClosed, w.ws.send, "6", volatile=True)


# --- the heartbeat ---


async def test_answers_to_the_heartbeat_are_not_handed_out():
    w = await opened("/echo")
    w.ws.set_heartbeat(20, message="ping", reply="ping", timeout=60_000)  # a busy machine answers later than that
    await w.until_latency()
    w.ws.send("pong")
    w.ws.send("x")
    await w.has("message", 2)
    assert w.messages() == ["pong", "x"]
    await w.done()


async def test_what_looks_like_an_answer_and_is_none_is_a_message():
    w = await opened("/echo")
    w.ws.set_heartbeat(60_000, reply="pong")
    w.ws.send("pong")
    await w.has("message")
    assert w.messages() == ["pong"]
    await w.done()


async def test_the_heartbeats_message_may_be_a_function():
    numbers = []

    def message():
        numbers.append(1)
        return "ping %d" % len(numbers)

    w = await opened("/echo")
    w.ws.set_heartbeat(20, message, reply=None, timeout=60_000)  # a busy machine answers later than that
    await w.has("message", 2)
    assert w.messages()[:2] == ["ping 1", "ping 2"]
    await w.done()


async def test_a_silent_server_is_left_within_twice_the_interval():
    w = await opened("/deaf/" + key())
    w.ws.set_heartbeat(50)
    event = await w.has("close")
    assert event.code == 1006 and "heartbeat" in event.reason
    await w.has("reconnected")
    await w.done()


async def test_a_server_that_does_not_ping_is_left():
    w = await opened("/deaf/" + key())
    w.ws.expect_ping(50)
    await w.has("reconnected")
    await w.done()


async def test_what_the_heartbeat_has_shown_to_arrive_is_not_undelivered():
    w = await opened("/echo")
    w.ws.set_heartbeat(20, message="ping", reply="ping", timeout=60_000)  # a busy machine answers later than that
    w.ws.send("first")
    await w.until_latency()
    w.ws.set_heartbeat(None)
    w.ws.send("second")
    w.ws.reconnect()
    event = await w.has("undelivered")
    assert event.messages == ["second"] and event.forgotten == 0
    await w.done()


# --- from inside handlers ---


async def in_every_handler(action):
    """Call `action(ws)` in a handler of each event, on a connection that the server soon closes."""
    for event in (
        "connecting",
        "open",
        "message",
        "close",
        "reconnecting",
        "reconnected",
        "statechange",
        "undelivered",
    ):
        done = []

        def handler(event, done=done):
            if not done:
                done.append(event)
                action(event.target)

        with CaughtReports() as reports:
            w = Watcher("/burst-close/2", {"max_retries": 3})
            w.ws.bind("open", lambda event: event.target.send("go"))
            w.ws.bind(event, handler)
            await w.until(lambda done=done: bool(done))
            await turns(10)
            w.ws.close()
            await w.until(lambda w=w: w.ws.state == "CLOSED")
        assert reports.errors == [], (event, reports.errors)


async def test_messages_may_be_sent_in_every_handler():
    await in_every_handler(lambda ws: ws.send("x") if ws.state not in ("CLOSING", "CLOSED") else None)


async def test_the_heartbeat_may_be_set_in_every_handler():
    await in_every_handler(lambda ws: ws.set_heartbeat(1000))


async def test_reconnect_may_be_called_in_every_handler():
    await in_every_handler(lambda ws: ws.reconnect())


async def test_close_may_be_called_in_every_handler():
    await in_every_handler(lambda ws: ws.close())


async def test_a_handler_that_raises_disturbs_nothing():
    def bad(event):
        raise KeyError(event.type)

    with CaughtReports() as reports:
        w = Watcher("/greet")
        for event in RELIABLE_EVENTS:
            w.ws.bind(event, bad)
        await w.has("message")
        await w.done()
    assert all(isinstance(error, KeyError) for error in reports.errors) and len(reports.errors) >= 5


async def test_reconnect_in_the_connecting_handler_makes_one_attempt():
    asked = []
    again = [True]

    def address():
        asked.append(1)
        return here.server + "/greet"

    w = Watcher(address)
    w.ws.bind("connecting", lambda: again and again.pop() and w.ws.reconnect())
    await w.has("message")
    await turns()
    assert len(asked) == len(w.of("open")) == 1 and len(w.of("connecting")) == 2
    await w.done()


async def test_close_takes_none_for_what_is_not_given():
    w = await opened("/echo")
    w.ws.close(None, None)
    event = await w.has("close")
    assert (event.code, event.reason) == (1000, "")


async def test_close_in_the_close_handler_is_final():
    w = Watcher("/drop")
    w.ws.bind("open", lambda event: event.target.send("go"))
    w.ws.bind("close", lambda event: event.target.close())
    await w.until(lambda: w.ws.state == "CLOSED")
    await turns(10)
    assert w.ws.state == "CLOSED" and not w.of("reconnecting")


async def test_two_do_not_disturb_each_other():
    one, other = await opened("/drop"), await opened("/echo")
    one.ws.send("go")
    await one.has("reconnected")
    other.ws.send("x")
    await other.has("message")
    assert not other.of("close")
    await one.done()
    await other.done()
