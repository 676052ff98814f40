"""What the events and exceptions of `Channels` and `Channel` say, word for word, against a hub in plain Python."""

import asyncio
import json

import pytest
from suite import EventLog, Log

from browserws import ChannelError, Channels, ConnectionClosed, NotAllowed, NotJoined, WebSocketException
from browserws._runtime.handlers import Handlers
from browserws.channel import Channel, Reader
from browserws.codecs import PlainCodec
from browserws.codes import Close
from browserws.server import Hub
from browserws.testing import FakeNetwork

URL = "ws://fake.test/hub"
QUICK = {"user": "ada", "reconnect_interval": 5, "max_reconnect_interval": 20, "close_timeout": 100, "heartbeat": None}
SECONDS = 10


def authorize(user, channel, action):
    return channel != "secrets"


def with_hub(test):
    async def main():
        hub = Hub(authorize=authorize)
        await hub.start()
        with FakeNetwork(hub.handle) as network:
            await test(hub, network)
        await hub.stop()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def to_hub(**options):
    channels = Channels(URL, {**QUICK, **options})
    return channels, EventLog(channels)


def fields(event):
    return {"type": event.type, "target": event.target, **event._fields}


async def closed(channels, log):
    while channels.state != "CLOSED":
        await log.reaches(len(log) + 1)


def test_channels_and_channel_show_what_they_are():
    async def test(hub, network):
        channels, log = to_hub()
        assert repr(channels) == "<Channels ws://fake.test/hub CONNECTING []>"
        await channels.join("b")
        await channels.join("a")
        assert repr(channels) == "<Channels ws://fake.test/hub OPEN ['a', 'b']>"
        assert repr(channels.join("c")) == "<Channel 'c'>" and channels.channels == ["a", "b", "c"]
        channels.close()

    with_hub(test)


def test_events_of_the_connection_are_those_of_the_channels():
    async def test(hub, network):
        channels, log = to_hub()
        ready = await log.has("ready")
        assert (ready.user, ready.resumed, ready.target) == ("ada", False, channels)
        await asyncio.sleep(0)
        channels.close()
        await closed(channels, log)
        close = log.of("close")[0]
        assert (close.type, close.code, close.reason, close.wasClean, close.target) == (
            "close",
            1000,
            "",
            True,
            channels,
        )
        states = [(event.previous, event.state) for event in log.of("statechange")]
        assert states == [("IDLE", "CONNECTING"), ("CONNECTING", "OPEN"), ("OPEN", "CLOSING"), ("CLOSING", "CLOSED")]
        assert all(event.target is channels for event in log.of("statechange"))

    with_hub(test)


def test_connection_that_is_lost_says_how():
    async def test(hub, network):
        channels, log = to_hub()
        await log.has("ready")
        network.connections[-1].transport.abort()
        close = await log.has("close")
        assert (close.code, close.reason, close.wasClean) == (1006, "", False)
        assert (await log.has("reconnecting")).attempt == 1
        assert (await log.has("ready", 2)).resumed is True
        channels.close()

    with_hub(test)


def test_message_event_and_history_have_the_same_attributes():
    async def test(hub, network):
        channels, _ = to_hub()
        channel = await channels.join("news")
        log = EventLog(channel)
        await channel.publish({"a": 1})
        event = await log.has("message")
        (before,) = await channel.history()
        assert (event.data, event.user, event.offset, event.channel) == ({"a": 1}, "ada", 1, "news")
        assert (before.data, before.user, before.offset, before.time) == (event.data, "ada", 1, event.time)
        assert before.type == event.type == "message" and before.target is event.target is channel
        channels.close()

    with_hub(test)


def test_history_of_a_channel_takes_its_arguments_and_gives_50_without():
    async def test(hub, network):
        channels, _ = to_hub()
        channel = await channels.join("news")
        for number in range(60):
            await hub.publish("news", number)
        assert [event.data for event in await channels.history("news")] == list(range(10, 60))
        assert [event.data for event in await channel.history()] == list(range(10, 60))
        assert [event.data for event in await channel.history(1)] == [59]
        assert [event.data for event in await channel.history(2, before=1)] == []
        assert [event.data for event in await channels.history("news", 2, before=5)] == [2, 3]
        channels.close()

    with_hub(test)


def test_count_of_history_is_an_int_of_at_least_one():
    async def test(hub, network):
        channels, _ = to_hub()
        await channels.join("news")
        for wrong in (True, "1", 1.0, None):
            with pytest.raises(TypeError, match=f"^limit must be an int, not {type(wrong).__name__}$"):
                channels.history("news", wrong)
        with pytest.raises(TypeError, match="^before must be an int, not str$"):
            channels.history("news", before="1")
        with pytest.raises(ValueError, match="^limit must be at least 1, not 0$"):
            channels.history("news", 0)
        with pytest.raises(ValueError, match="^before must be at least 1, not -1$"):
            channels.history("news", before=-1)
        assert await channels.history("news", 1, before=1) == []
        channels.close()

    with_hub(test)


def test_leaving_is_emitted_on_the_channel_without_a_reason_and_answered_with_nothing():
    async def test(hub, network):
        channels, _ = to_hub()
        channel = await channels.join("news")
        log = EventLog(channel)
        assert await channel.leave() is None
        (event,) = log
        assert (event.type, event.reason, event.channel, event.target) == ("left", "", "news", channel)
        assert channels.channels == [] and channel.members == []

    with_hub(test)


def test_channel_that_may_not_be_joined_is_left_and_says_why():
    async def test(hub, network):
        channels, errors = to_hub()
        channel = channels.join("secrets")
        log = EventLog(channel)
        with pytest.raises(NotAllowed, match="'secrets': ada may not join this channel"):
            await channel
        (event,) = log
        assert (event.type, event.reason) == (
            "left",
            "'secrets': ada may not join this channel",
        ) and channels.channels == []
        channels.join("secrets")
        error = await errors.has("error")
        assert error.target is channels and isinstance(error.error, NotAllowed)
        channels.close()

    with_hub(test)


def test_failure_of_another_request_leaves_the_channel_joined():
    async def test(hub, network):
        channels, errors = to_hub()
        await channels.join("news")
        with pytest.raises(NotAllowed):
            await channels.join("secrets")
        with pytest.raises(asyncio.TimeoutError):
            channels._multiplex._write = lambda now, encoded: None
            await channels.history("news", timeout=0.01)
        assert channels.channels == ["news"]
        channels.close()

    with_hub(test)


def test_what_waits_at_the_end_fails_with_the_close():
    async def test(hub, network):
        channels, log = to_hub()
        await channels.join("news")
        channels._multiplex._write = lambda now, encoded: None  # what is sent is lost on the way
        answer = channels.publish("news", "lost")
        assert channels.pending == 1
        channels.close(3000, "bye")
        with pytest.raises(ConnectionClosed) as error:
            await answer
        assert error.value.sent == Close(3000, "bye") and channels.pending == 0

    with_hub(test)


def test_end_by_a_refused_token_says_what_the_hub_says():
    async def server(connection):
        async for _ in connection:
            await connection.close(4401, "expired")

    async def main():
        with FakeNetwork(server):
            channels, log = to_hub(token="t")
            with pytest.raises(WebSocketException, match="^the hub refused the token: expired$"):
                await channels.join("news")
            giveup = await log.has("giveup")
            assert giveup.code == 4401

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def test_server_that_speaks_otherwise_is_closed_with_4400():
    got = []

    async def server(connection):
        await connection.recv()
        await connection.send("hello")
        await connection.wait_closed()
        got.append((connection.close_code, connection.close_reason))

    async def main():
        with FakeNetwork(server):
            channels, log = to_hub()
            await log.has("error")
            await closed(channels, log)
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(main(), SECONDS))
    assert got == [(4400, "not the hub's protocol")]


def test_hello_has_user_and_token():
    hellos = []

    async def server(connection):
        hellos.append(json.loads(await connection.recv()))
        await connection.send('{"type": "welcome", "user": "ada"}')

    async def main():
        with FakeNetwork(server):
            for options in ({}, {"token": "t"}, {"user": None, "token": lambda: "fresh"}):
                channels, log = to_hub(**options)
                await log.has("ready")
                channels.close()

    asyncio.run(asyncio.wait_for(main(), SECONDS))
    assert [(hello.get("user"), hello.get("token")) for hello in hellos] == [
        ("ada", None),
        ("ada", "t"),
        (None, "fresh"),
    ]


def test_what_the_heartbeat_of_a_codec_has_shown_to_arrive_is_not_undelivered():
    pings = Log()

    class Plain(PlainCodec):
        heartbeat = ("PING", "PONG")

        def publish(self, channel, data):
            return data

        def message(self, frame):
            pytest.fail("the answer to the heartbeat is no message")

    async def server(connection):
        async for frame in connection:
            if frame == "PING":
                pings.append(frame)
                await connection.send("PONG")

    async def main():
        with FakeNetwork(server):
            channels, log = to_hub(heartbeat=10, codec=Plain())
            await channels.join("news")
            await channels.publish("news", "arrived")
            await pings.reaches(len(pings) + 2)
            channels.reconnect()
            await log.has("ready", 2)
            assert log.of("undelivered") == [] and log.of("error") == []
            channels.close()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def test_what_the_connection_says_of_its_attempts_is_said_by_the_channels():
    async def main():
        with FakeNetwork(Hub().handle, refuse=lambda path: True):
            channels, log = to_hub(max_retries=1)
            await log.has("giveup")
            for event in (log.of("reconnecting")[0], log.of("giveup")[0]):
                assert event.target is channels

    asyncio.run(main())


def test_attempt_that_was_refused_is_no_error_and_what_waits_goes_on_waiting(monkeypatch):
    shown = []
    monkeypatch.setattr("browserws._runtime.handlers.report", shown.append)

    async def main():
        hub = Hub()
        await hub.start()
        refused = ["once"]
        with FakeNetwork(hub.handle, refuse=lambda path: bool(refused and refused.pop())):
            channels, log = to_hub()
            channels.join("news")
            assert await channels.publish("news", "late") == 1
            assert len(log.of("close")) == 1 and log.of("error") == []
            channels.close()
        await hub.stop()

    asyncio.run(asyncio.wait_for(main(), SECONDS))
    assert shown == []


def test_token_that_cannot_be_had_at_first_fails_nothing_that_waits():
    async def test(hub, network):
        failures = [KeyError("no token")]

        def token():
            if failures:
                raise failures.pop()
            return "t"

        channels, log = to_hub(token=token)
        channels.join("news")
        assert await channels.publish("news", "late") == 1
        assert [type(event.error) for event in log.of("error")] == [KeyError]
        channels.close()

    with_hub(test)


def test_what_a_handler_asks_for_is_done_after_the_others():
    """Also where a codec answers at once: who joins in a handler can still bind."""

    class Plain(PlainCodec):
        pass

    async def server(connection):
        await connection.wait_closed()

    async def main():
        order = []
        with FakeNetwork(server):
            channels, log = to_hub(codec=Plain())

            def join():
                order.append("first")
                channels.join("news").bind("joined", lambda: order.append("joined"))

            channels.bind("ready", join)
            channels.bind("ready", lambda: order.append("second"))
            await log.has("ready")
            channels.close()
            await closed(channels, log)
        assert order == ["first", "second", "joined"]

    asyncio.run(asyncio.wait_for(main(), SECONDS))


# --- readers ---


def test_handlers_hear_of_a_message_before_readers_do():
    async def test(hub, network):
        channels, _ = to_hub()
        channel = await channels.join("news")
        reader = channel.reader()
        backlogs = []
        channel.bind("message", lambda: backlogs.append(reader.backlog))
        await channel.publish(1)
        await channel.publish(2)
        while len(backlogs) < 2:
            await asyncio.sleep(0)
        assert backlogs == [0, 1]
        assert [(await reader.__anext__()).data for _ in "ab"] == [1, 2] and reader.backlog == 0
        channels.close()

    with_hub(test)


def test_reader_gets_all_unless_it_wants_the_newest_only():
    async def test(hub, network):
        channels, _ = to_hub()
        channel = await channels.join("news")
        log = EventLog(channel)
        default, every, newest = channel.reader(), channel.reader(False), channel.reader(True)
        assert isinstance(default, Reader) and default.__aiter__() is default
        for number in range(3):
            await channel.publish(number)
        await log.has("message", 3)
        assert (default.backlog, every.backlog, newest.backlog) == (3, 3, 1)
        assert (await newest.__anext__()).data == 2
        default.close()
        default.close()
        assert channel._readers == [every, newest]
        await channel.leave()
        assert channel._readers == [] and every.backlog == 3
        channels.close()

    with_hub(test)


def test_channel_that_is_awaited_is_itself():
    async def test(hub, network):
        channels, _ = to_hub()
        channel = channels.join("news")
        assert await channel is channel and await channel.wait() is channel
        assert isinstance(channel, Channel) and isinstance(channel._handlers, Handlers)
        channels.close()

    with_hub(test)


def test_channel_of_before_it_was_left_is_not_the_one_that_was_joined_after():
    async def test(hub, network):
        channels, _ = to_hub()
        old = await channels.join("news")
        log = EventLog(old)
        old.leave()
        new = await channels.join("news")
        await new.publish(1)
        reader = old.reader()
        with pytest.raises(StopAsyncIteration):
            await reader.__anext__()
        assert [event.type for event in log] == ["left"]
        channels.close()

    with_hub(test)


def test_joining_twice_or_leaving_what_was_not_joined_changes_nothing():
    async def test(hub, network):
        channels, _ = to_hub()
        channel = await channels.join("news")
        with pytest.raises(ChannelError, match="is joined already"):
            channels.join("news")
        with pytest.raises(NotJoined):
            channels.leave("other")
        log = EventLog(channel)
        await channel.publish(1)
        assert (await log.has("message")).data == 1 and channels.channels == ["news"]
        channels.close()

    with_hub(test)
