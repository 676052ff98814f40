"""`Channels` in plain Python: what cannot be provoked in a browser. (All else: tests/conformance.)"""

import asyncio
import json

import pytest

from browserws import ChannelError, Channels, ChatClient, ConcurrencyError, LiveDataClient
from browserws.codecs import HubCodec, PlainCodec
from browserws.server import Hub
from browserws.testing import FakeNetwork

QUICK = {"user": "ada", "reconnect_interval": 5, "max_reconnect_interval": 20, "close_timeout": 100, "heartbeat": None}
SECONDS = 10


def with_hub(test):
    """`test(network, hub, channels)` with a hub, and channels on it."""

    async def main():
        hub = Hub()
        await hub.start()
        with FakeNetwork(hub.handle) as network:
            channels = Channels("ws://fake.test/hub", QUICK)
            await test(network, hub, channels)
            channels.close()
        await hub.stop()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def test_publish_after_the_connection_broke_and_before_the_page_knows_was_not_sent():
    """Else it would be uncertain whether it arrived, though it never went out."""

    async def test(network, hub, channels):
        channel = await channels.join("news")
        another = Hub()
        await another.start()
        network.server = another.handle
        network.connections[-1].transport.abort()
        assert channels.state == "OPEN"
        assert await channel.publish("hello") == 1
        await another.stop()

    with_hub(test)


def test_token_that_comes_after_its_attempt_is_over_is_not_used():
    """A function that goes on though it was cancelled."""

    async def main():
        late = asyncio.Event()
        asked, hellos = [], []

        async def server(connection):
            hellos.append(json.loads(await connection.recv()))
            await connection.wait_closed()

        async def token():
            asked.append(None)
            if len(asked) > 1:
                late.set()
                return "fresh"
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await late.wait()
            return "old"

        with FakeNetwork(server):
            channels = Channels("ws://fake.test/", {**QUICK, "token": token, "connect_timeout": 20})
            while not hellos:
                await asyncio.sleep(0.001)
            channels.close()
        assert hellos[0]["token"] == "fresh"

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def requests_of(page):
    """What `page(url)` sends to a hub that answers hello and join, when it is done."""
    got = []

    async def server(connection):
        async for frame in connection:
            message = json.loads(frame)
            got.append(message)
            if message["type"] == "hello":
                await connection.send('{"type": "welcome", "user": "ada", "session": "s", "resumed": false}')
            elif message["type"] == "join":
                answer = {"type": "joined", "id": message["id"], "channel": message["channel"], "epoch": "e"}
                await connection.send(json.dumps({**answer, "offset": 0}))

    async def main():
        with FakeNetwork(server):
            await page("ws://fake.test/hub")

    asyncio.run(asyncio.wait_for(main(), SECONDS))
    return [message for message in got if message["type"] != "hello"]


def test_live_data_client_asks_the_hub_to_conflate_if_it_may():
    async def page(url, **options):
        client = LiveDataClient(url, {**QUICK, **options})
        await client.subscribe("ACME", print)
        client.close()

    assert "conflate" not in requests_of(page)[0]
    assert "conflate" not in requests_of(lambda url: page(url, conflate=False))[0]
    assert requests_of(lambda url: page(url, conflate=True))[0]["conflate"] is True


def test_chat_client_shows_itself_in_rooms_and_not_in_its_inbox():
    async def page(url):
        client = ChatClient(url, "ada", QUICK)
        client.connect()
        await client.join_room("lobby")
        await client._inbox
        client.disconnect()

    joins = {message["channel"]: message.get("presence", False) for message in requests_of(page)}
    assert joins == {"lobby": True, "@ada": False}


class CountingNetwork(FakeNetwork):
    """Knows which timers are running."""

    def __enter__(self):
        self.timers = {}
        return super().__enter__()

    def call_later(self, seconds, callback):
        timer = super().call_later(seconds, lambda: (self.timers.pop(timer), callback()))
        self.timers[timer] = callback
        return timer

    def running(self):
        return [timer for timer in self.timers if not timer.cancelled()]

    def ring(self):
        """Timers may ring too early; then they are set to the time when there is something to do."""
        for timer in self.running():
            timer.cancel()
            self.timers[timer]()


def test_no_timer_runs_when_nothing_is_waited_for():
    """It would wake a phone for nothing, and keep what it belongs to alive."""

    async def main():
        hub = Hub()
        await hub.start()
        with CountingNetwork(hub.handle) as network:
            channels = Channels("ws://fake.test/hub", QUICK)
            channel = await channels.join("news")
            answer = channel.publish("hello", timeout=5)
            assert len(network.running()) == 1
            await answer
            await asyncio.sleep(0)  # who waits goes on before the rest is done
            assert network.running() == []
            channels.close()
            while channels.state != "CLOSED":
                await asyncio.sleep(0)
            assert network.running() == []
        await hub.stop()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def test_timeout_of_a_call_is_in_seconds():
    async def main():
        with CountingNetwork(pong) as network:
            channels = Channels("ws://fake.test/hub", QUICK)
            channels.publish("@bob", "never answered", timeout=1000).ignore()
            now = asyncio.get_running_loop().time()
            assert any(999.5 < timer.when() - now <= 1000 for timer in network.running())
            channels.close()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def test_no_deadline_runs_without_a_connection():
    """The option `timeout` counts while there is a connection: only the next attempt is waited for."""

    async def main():
        with CountingNetwork(pong) as network:
            slow = {"reconnect_interval": 60_000, "max_reconnect_interval": 60_000, "jitter": False}
            channels = Channels("ws://fake.test/hub", {**QUICK, **slow})
            ready, lost = asyncio.Event(), asyncio.Event()
            channels.bind("ready", ready.set)
            channels.bind("close", lost.set)
            await ready.wait()
            channels.publish("@bob", "never answered")
            network.connections[-1].transport.abort()
            await lost.wait()
            await asyncio.sleep(0)
            now = asyncio.get_running_loop().time()
            assert [round(timer.when() - now) for timer in network.running()] == [60]
            channels.close()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


async def pong(connection):
    """A hub that knows welcome and pong."""
    async for frame in connection:
        if json.loads(frame)["type"] == "hello":
            await connection.send('{"type": "welcome"}')
        else:
            await connection.send('{"type": "pong"}')


def test_heartbeat_goes_on_while_it_is_answered():
    pings = []

    async def server(connection):
        async for frame in connection:
            pings.append(json.loads(frame)["type"])
            if pings.count("ping") == 3:
                third.set()
            await connection.send('{"type": "welcome"}' if len(pings) == 1 else '{"type": "pong"}')

    async def main():
        nonlocal third
        third = asyncio.Event()
        with FakeNetwork(server) as network:
            channels = Channels("ws://fake.test/hub", {**QUICK, "heartbeat": 10})
            await third.wait()
            assert len(network.connections) == 1
            channels.close()

    third = None
    asyncio.run(asyncio.wait_for(main(), SECONDS))
    assert pings == ["hello", "ping", "ping", "ping"]


class Silent(HubCodec):
    """Of a server that is not the hub, and knows no ping."""

    heartbeat = None


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({"heartbeat": 3000}, [3]),
        ({}, [25]),
        ({"heartbeat": None}, []),
        ({"heartbeat": 3000, "codec": Silent()}, []),
    ],
)
def test_heartbeat_is_sent_as_often_as_the_option_says(options, seconds):
    async def main():
        with CountingNetwork(pong) as network:
            settings = {name: value for name, value in QUICK.items() if name != "heartbeat"}
            channels = Channels("ws://fake.test/hub", {**settings, **options})
            ready = asyncio.Event()
            channels.bind("ready", ready.set)
            await ready.wait()
            await asyncio.sleep(0)
            network.ring()
            now = asyncio.get_running_loop().time()
            assert [round(timer.when() - now, 1) for timer in network.running()] == seconds
            channels.close()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def test_hub_that_does_not_answer_the_heartbeat_is_left():
    async def main():
        left = asyncio.Event()

        async def server(connection):
            await connection.wait_closed()

        with FakeNetwork(server):
            channels = Channels("ws://fake.test/hub", {**QUICK, "heartbeat": 20})
            channels.bind("close", left.set)
            await left.wait()
            channels.close()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


@pytest.mark.parametrize(
    "call",
    [
        lambda channels, channel: channels.join("other", timeout=0.01).wait(),
        lambda channels, channel: channels.publish("news", 1, timeout=0.01).wait(),
        lambda channels, channel: channels.history("news", timeout=0.01).wait(),
        lambda channels, channel: channels.leave("news", timeout=0.01).wait(),
        lambda channels, channel: channel.publish(1, timeout=0.01).wait(),
        lambda channels, channel: channel.history(timeout=0.01).wait(),
        lambda channels, channel: channel.leave(timeout=0.01).wait(),
    ],
)
def test_each_call_has_a_timeout_of_its_own(call):
    """Where the hub answers nothing: the option would have it wait for 10 s."""

    async def page(url):
        channels = Channels(url, QUICK)
        channel = await channels.join("news")
        channels._multiplex._write = lambda now, encoded: None  # what is sent is lost on the way
        with pytest.raises(TimeoutError, match="the hub has not answered in time"):
            await asyncio.wait_for(call(channels, channel), 5)
        channels.close()

    requests_of(page)


def test_channel_cannot_be_joined_again_before_its_end_is_emitted():
    """Two joins time out at once: what the handler of the first does must not hide the end of the second."""

    async def silent(connection):
        async for frame in connection:
            if '"hello"' in frame:
                await connection.send('{"type": "welcome", "user": "ada", "session": "s"}')

    async def main():
        ended, refused, ready = asyncio.Event(), [], asyncio.Event()

        def join_again():
            try:
                channels.join("b")
            except ChannelError as error:
                refused.append(str(error))

        with FakeNetwork(silent):
            channels = Channels("ws://fake.test/", QUICK)
            channels.bind("ready", ready.set)
            channels.bind("error", lambda: None)
            await ready.wait()
            a, b = channels.join("a", timeout=0.05), channels.join("b", timeout=0.05)
            a.bind("left", join_again)
            b.bind("left", ended.set)
            await ended.wait()
            assert refused == ["'b': is joined already"] and channels.channels == []
            channels.join("b")
            channels.close()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def test_readers_end_with_the_connection():
    async def test(network, hub, channels):
        channel = await channels.join("news")
        reading = asyncio.create_task(read(channel))
        await channel.publish("hello")
        await asyncio.sleep(0)
        channels.close()
        assert await reading == ["hello"]
        assert channels.channels == ["news"]  # which `reconnect()` joins again

    async def read(channel):
        return [event.data async for event in channel]

    with_hub(test)


def test_a_reader_is_for_one_task():
    async def test(network, hub, channels):
        channel = await channels.join("news")
        reader = channel.reader()
        first = asyncio.create_task(reader.__anext__())
        await asyncio.sleep(0)
        with pytest.raises(ConcurrencyError, match="each its own reader"):
            await reader.__anext__()
        await channel.publish("hello")
        assert (await first).data == "hello"

    with_hub(test)


def test_events_of_the_history_have_what_a_message_has():
    async def test(network, hub, channels):
        channel = await channels.join("news")
        await channel.publish("hello")
        (event,) = await channel.history()
        assert (event.type, event.channel, event.data, event.user, event.offset) == (
            "message",
            "news",
            "hello",
            "ada",
            1,
        )

    with_hub(test)


def test_url_that_is_neither_a_text_nor_a_function_is_refused_with_a_token_function_too():
    async def main():
        with FakeNetwork(pong), pytest.raises(TypeError, match="url must be a str or a function"):
            Channels(42, {**QUICK, "token": lambda: "t"})

    asyncio.run(main())


def test_codec_whose_frame_cannot_be_sent_is_reported_and_the_rest_goes_on(monkeypatch):
    shown = []
    monkeypatch.setattr("browserws._runtime.runner.report", shown.append)

    class Odd(PlainCodec):
        def join(self, channel):
            return 42

        def publish(self, channel, data):
            return data

    async def echo(connection):
        async for message in connection:
            await connection.send(message)

    async def main():
        with FakeNetwork(echo) as network:
            channels = Channels("ws://fake.test/", {**QUICK, "codec": Odd()})
            channel = channels.join("news")
            await channel
            await channel.publish("goes out")
            assert [type(error) for error in shown] == [TypeError] and len(network.connections) == 1
            channels.close()

    asyncio.run(asyncio.wait_for(main(), SECONDS))
