"""What a user may write: mypy --strict and pyright find nothing in it (tests/unit/test_types.py)."""

import asyncio
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, assert_type

import browserws
from browserws import (
    Answer,
    Channels,
    ChatClient,
    LiveDataClient,
    ReliableWebSocket,
    WebSocket,
    WebSocketEvent,
    connect,
    supported,
    sync,
)
from browserws.answer import Call
from browserws.channel import Channel, Reader
from browserws.codecs import PlainCodec
from browserws.errors import ConnectionClosed, NotJoined
from browserws.events import (
    ChannelEvent,
    ChatEvent,
    CloseEvent,
    ErrorEvent,
    LiveEvent,
    MessageEvent,
    OpenEvent,
    ReliableEvent,
)
from browserws.native import Endpoint, NoEventLoop
from browserws.testing import FakeConnection, FakeNetwork

if TYPE_CHECKING:
    from browserws.types import ChannelsOptions, ReliableOptions

assert_type(supported, bool)
assert_type(browserws.exceptions.ConnectionClosed(None, None).rcvd_then_sent, bool | None)


# --- WebSocket ---


def on_open() -> None:
    ws.send("hello")


def on_close(event: CloseEvent) -> None:
    assert_type(event.code, int)
    assert_type(event.reason, str)
    assert_type(event.wasClean, bool)


async def on_any(event: WebSocketEvent) -> None:
    print(event.type, event.timeStamp)


ws = WebSocket("/echo", ["chat"], onopen=on_open, onclose=on_close, onerror=None, onmessage=lambda event: None)
ws.bind("message", lambda event: print(event.data, event.origin))
ws.bind("message", lambda: print("a message"))
ws.bind("message", print)
ws.bind("open", on_open)
ws.bind("error", on_any)
assert_type(ws.bind("close", on_close), Callable[[CloseEvent], None])
ws.unbind("message")
ws.unbind("close", on_close)
ws.onclose = on_close
ws.onopen = on_open
ws.onerror = on_any
ws.onmessage = lambda event: print(event)
ws.onmessage = None


@ws.bind("message")
def show(event: MessageEvent, times: int = 1) -> int:
    assert_type(event.data, str | memoryview)
    return times


assert_type(show(MessageEvent(ws, "hello"), times=2), int)


@ws.bind("open")
async def greet(event: OpenEvent) -> None:
    ws.send(b"bytes")
    ws.send(bytearray(3))
    ws.send(memoryview(b"x"))


@ws.bind("error")
def failed(event: ErrorEvent) -> None:
    print(event.target)


assert_type(ws.readyState, int)
assert_type(ws.protocol, str)
ws.close(1000, "done")


# --- ReliableWebSocket ---


async def fresh_url() -> str:
    return "/chat"


async def fresh_protocols() -> list[str]:
    return ["a"]


async def reliable(options: "ReliableOptions") -> None:
    socket = ReliableWebSocket(fresh_url, {"max_retries": 20, "jitter": False, "protocols": ["a"]}, onopen=on_open)
    ReliableWebSocket("/chat", options)
    ReliableWebSocket(lambda: "/chat", {"should_reconnect": lambda event: event.code == 1006})
    assert_type(socket.send("now or later"), bool)
    ReliableWebSocket("/chat", {"protocols": lambda: ["a"]})
    ReliableWebSocket("/chat", {"protocols": fresh_protocols})
    socket.set_heartbeat(25_000)
    socket.set_heartbeat(25_000, lambda: b"ping", None)
    socket.expect_ping(None)
    assert_type(socket.latency, float | None)
    assert_type(socket.state, str)

    @socket.bind("reconnecting")
    def reconnecting(event: ReliableEvent) -> None:
        assert_type(event.attempt, int)
        assert_type(event.delay, float)

    @socket.bind("undelivered")
    def undelivered(event: ReliableEvent) -> None:
        assert_type(event.messages, list[str | bytes])

    @socket.bind("error")
    def error(event: ErrorEvent | ReliableEvent) -> None:
        if isinstance(event, ReliableEvent):
            assert_type(event.error, Exception)

    socket.bind("message", lambda event: print(event.data))
    socket.bind("open", lambda event: print(event.type))
    socket.onstatechange = lambda event: print(event.state, event.previous)
    socket.onoffline = lambda: print("offline")
    socket.unbind("giveup")


# --- connect() ---


async def asyncio_api() -> None:
    async with connect(
        "/chat", subprotocols=["a"], max_size=None, backpressure="prefer", ping_interval=None
    ) as open_ws:
        await open_ws.send("text")
        await open_ws.send([b"a", b"b"])
        assert_type(await open_ws.recv(), str | bytes)
        async for message in open_ws:
            assert_type(message, str | bytes)
        assert_type(open_ws.close_code, int | None)
    async for again in connect("/chat"):
        try:
            await again.recv()
        except ConnectionClosed as closed:
            assert closed.rcvd is not None
            assert_type(closed.rcvd.code, int)
    with sync.connect("/chat", open_timeout=3) as blocking:
        blocking.send("text")
        assert_type(blocking.recv(timeout=5), str | bytes)


# --- Channels ---


async def channels(options: "ChannelsOptions") -> None:
    hub = Channels("/hub", {"user": "ada", "token": fresh_url, "timeout": 500, "codec": Plain()}, onready=on_open)
    Channels(fresh_url, options)
    news = hub.join("news", presence=True)
    assert_type(news, Channel)
    assert_type(await news, Channel)
    published = news.publish({"any": ["json", 1, None]})
    assert_type(published, Answer[int | None])
    assert_type(await published, int | None)
    assert_type(await hub.publish("news", b"raw", timeout=3), int | None)
    assert_type(await asyncio.wait_for(news.history(10), 3), list[ChannelEvent])
    assert_type(await news.leave(), None)
    assert_type(await published.map(str), str)
    assert_type(news.reader(conflate=True), Reader)
    assert_type(hub.call("add", {"a": 1}, timeout=5), Call)
    async with hub.call("count") as numbers:
        async for _ in numbers:
            numbers.cancel()
    assert_type(await asyncio.wait_for(hub.call("add").wait(), 3) is None, bool)
    hub.onmessage = lambda event: print(event.data)
    async for event in news:
        assert_type(event, ChannelEvent)
        assert_type(event.user, str | None)
        assert_type(event.offset, int | None)
    news.bind("members", lambda event: print(event.members, event.join, event.leave))
    news.onmessage = lambda event: print(event.data)
    hub.bind("error", lambda event: print(event.error))
    hub.bind("reconnecting", lambda event: print(event.delay))
    hub.onstatechange = lambda event: print(event.state)

    @news.bind("gap")
    def gap(event: ChannelEvent) -> None:
        assert_type(event.missed, int | None)


class Plain(PlainCodec):
    def publish(self, channel: str, data: Any) -> str:
        return f"{channel}: {data}"

    def message(self, frame: str | memoryview) -> tuple[str, Any, str | None] | None:
        return "news", frame, None


# --- ChatClient, LiveDataClient ---


async def applications() -> None:
    chat = ChatClient("/hub", "ada", {"timeout": 500, "reconnect_interval": 10}, onmessage=lambda event: None)
    chat.connect()
    chat.join_room("lobby")
    assert_type(await chat.join_room("lobby"), str)
    assert_type(await chat.send_message("hello"), int | None)
    assert_type(await chat.send_private("bob", "psst"), None)
    assert_type(await chat.leave_room("lobby"), None)
    for said in await chat.history("lobby", 10):
        assert_type(said.text, str)
    assert_type(chat.members("lobby"), list[str])

    @chat.bind("message")
    async def show(event: ChatEvent) -> None:
        assert_type(event.room, str)
        assert_type(event.own, bool)

    assert_type(await show(chat_event()), None)
    chat.bind("history", lambda event: [print(said.user, said.text) for said in event.messages])
    chat.onmembers = lambda event: print(", ".join(event.members))
    chat.unbind("left")

    live = LiveDataClient("/hub", {"conflate": True, "user": None})
    assert_type(await live.subscribe("ACME", lambda update: print(update.data)), str)
    live.subscribe("ACME", lambda: print("an update"))
    async for update in live.updates("ACME", conflate=True):
        assert_type(update.channel, str)
    live.bind("update", lambda event: print(event.data))

    @live.bind("gap")
    def gap(event: LiveEvent) -> None:
        assert_type(event.missed, int | None)

    live.onstate = lambda event: print(event.state)
    live.unsubscribe("ACME")
    try:
        live.unsubscribe("ACME")
    except NotJoined as error:
        assert_type(error.channel, str | None)


def chat_event() -> ChatEvent:
    return ChatEvent("message", None, {"room": "lobby", "own": True})


# --- programs ---


async def program() -> None:
    context = ssl.create_default_context()
    endpoint = Endpoint("wss://h/", additional_headers={"A": "b"}, ssl=context, proxy=None, ping_interval=20)
    Endpoint(endpoint, additional_headers=[("A", "b")], proxy="http://proxy:8080", compression=None)
    async with connect(endpoint) as ws:
        await ws.send("hello")
    with sync.connect(endpoint) as blocking:
        blocking.send("hello")
    ChatClient(endpoint, "bot")

    async def fresh() -> Endpoint:
        return Endpoint("wss://h/", origin="https://h")

    ReliableWebSocket(fresh)
    try:
        WebSocket(endpoint)
    except NoEventLoop as error:
        assert_type(str(error), str)


# --- testing ---


async def server(connection: FakeConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def test_page() -> None:
    with FakeNetwork(server, refuse=lambda path: path == "/no") as network:
        await asyncio_api()
        network.happen("offline")
