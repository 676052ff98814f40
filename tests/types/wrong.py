"""What a user may not write: mypy --strict and pyright refuse these lines and no others (tests/unit/test_types.py)."""

import asyncio

from browserws import Channels, ChatClient, LiveDataClient, ReliableWebSocket, WebSocket, connect, sync
from browserws.events import ChatEvent, CloseEvent, MessageEvent
from browserws.native import Endpoint


def on_message(event: MessageEvent) -> None:
    print(event.dta)  # refused


def on_close(event: CloseEvent) -> None:
    print(event.code + "")  # refused


def two(event: MessageEvent, more: int) -> None:
    print(event, more)


# --- WebSocket ---

ws = WebSocket("/echo")
WebSocket(42)  # refused
WebSocket("/echo", 42)  # refused
WebSocket("/echo", onmesage=on_message)  # refused
WebSocket("/echo", onmessage=42)  # refused
WebSocket("/echo", onmessage=on_close)  # refused
ws.bind("nonsense", on_message)  # refused
ws.bind("message", 42)  # refused
ws.bind("message", on_close)  # refused
ws.bind("message", two)  # refused
ws.bind("message", lambda event: print(event.dta))  # refused
ws.unbind("nonsense")  # refused
ws.onmessage = 42  # refused
ws.onmessage = on_close  # refused
ws.onmesage = on_message  # refused
ws.send(42)  # refused
ws.send(None)  # refused
ws.send({"a": 1})  # refused
ws.close("1000")  # refused


@ws.bind("nonsense")  # refused
def nonsense() -> None:
    pass


@ws.bind("message")  # refused
def not_of_a_message(event: CloseEvent) -> None:
    print(event)


@ws.bind("open")
def greet() -> int:
    return 1


greet("an argument")  # refused


# --- ReliableWebSocket ---

socket = ReliableWebSocket("/chat", {"max_retries": 3})
ReliableWebSocket("/chat", {"max_retires": 3})  # refused
ReliableWebSocket("/chat", {"max_retries": "3"})  # refused
ReliableWebSocket(lambda: 42)  # refused
ReliableWebSocket("/chat", ongivup=print)  # refused
socket.bind("reconect", print)  # refused
socket.bind("reconnecting", on_close)  # refused
socket.bind("reconnecting", lambda event: print(event.dlay))  # refused
socket.onreconnecting = 42  # refused
socket.send(42)  # refused
socket.set_heartbeat("25000")  # refused
socket.set_heartbeat(25_000, 42)  # refused


# --- connect() ---


async def asyncio_api() -> None:
    async with connect("/chat", max_sise=1) as _:  # refused
        pass
    async with connect("/chat", backpressure="perhaps") as _:  # refused
        pass
    async with connect("/chat", additional_headers={"Authorization": "x"}) as _:  # refused
        pass
    async with connect("/chat") as opened:
        await opened.send(42)  # refused
        print((await opened.recv()).lower() + 1)  # refused
    with sync.connect("/chat", opentimeout=3) as _:  # refused
        pass


# --- Channels, ChatClient, LiveDataClient ---


async def applications() -> None:
    channels = Channels("/hub", {"user": "ada"})
    Channels("/hub", {"usr": "ada"})  # refused
    Channels("/hub", {"codec": 42})  # refused
    Channels("/hub", {"conflate": True})  # refused
    Channels("/hub", onredy=print)  # refused
    channels.bind("redy", print)  # refused
    channels.bind("ready", lambda event: print(event.usr))  # refused
    news = channels.join("news")
    news.bind("mesage", print)  # refused
    news.onmessage = 42  # refused
    offset = await news.publish("hello")
    print(offset + 1)  # refused
    for _ in news.history():  # refused
        pass
    news.publish("hello", timeout="3")  # refused
    channels.call("add", [1, 2])  # refused
    channels.call("add", {"a": 1}, 5)  # refused

    chat = ChatClient("/hub", "ada")
    ChatClient("/hub", 42)  # refused
    ChatClient("/hub", "ada", {"tiemout": 1})  # refused
    ChatClient("/hub", "ada", onmesage=print)  # refused
    chat.bind("mesage", print)  # refused
    chat.bind("message", lambda event: print(event.txt))  # refused
    chat.onmessage = "print"  # refused
    chat.send_message(42)  # refused
    chat.send_private("bob")  # refused
    print((await chat.send_message("hello")).bit_length())  # refused
    print((await chat.history("lobby"))[0].txt)  # refused

    @chat.bind("message")  # refused
    def show(event: CloseEvent) -> None:
        print(event)

    @chat.bind("history")
    async def history(event: ChatEvent) -> None:
        print(event.messages[0].txt)  # refused

    await history(42)  # refused

    live = LiveDataClient("/hub")
    LiveDataClient("/hub", {"conflated": True})  # refused
    live.subscribe("ACME", 42)  # refused
    live.subscribe(42, print)  # refused
    live.bind("updated", print)  # refused
    live.onupdate = 42  # refused
    live.sate  # noqa: B018  # refused

    Endpoint("wss://h/", aditional_headers={})  # refused
    Endpoint("wss://h/", ssl="context")  # refused
    Endpoint(42)  # refused


asyncio.run(applications())
