"""Who reads a channel of a hub, in Python: each is called with the hub's URL, how many messages come, and what to call
when it has joined and when all have come. `bench.leave` closes."""

import json

import js
from pyscript.ffi import create_proxy

from browserws import Channels, LiveDataClient, WebSocket


def counter(count, done):
    def on_message(event):
        nonlocal count
        count -= 1
        if not count:
            done(event.data["number"])

    return on_message


def with_websocket(url, count, joined, done):
    def on_message(event):
        nonlocal count
        message = json.loads(event.data)
        if message["type"] == "message":
            count -= 1
            if not count:
                done(message["data"]["number"])
        elif message["type"] == "welcome":
            ws.send('{"type":"join","id":1,"channel":"bench"}')
        elif message["type"] == "joined":
            joined()

    ws = WebSocket(url, onmessage=on_message)
    ws.onopen = lambda: ws.send('{"type":"hello","v":1}')
    js.bench.leave = create_proxy(lambda: ws.close())


def with_channels(url, count, joined, done):
    channels = Channels(url)
    channel = channels.join("bench")
    channel.bind("joined", lambda: joined())
    channel.bind("message", counter(count, done))
    js.bench.leave = create_proxy(lambda: channels.close())


def with_live(url, count, joined, done):
    live = LiveDataClient(url)
    live.subscribe("bench", counter(count, done))
    live._subscriptions["bench"].bind("joined", lambda: joined())
    js.bench.leave = create_proxy(lambda: live.close())


for name, reader in (
    ("WebSocket, json.loads", with_websocket),
    ("Channels", with_channels),
    ("LiveDataClient", with_live),
):
    js.Reflect.set(js.bench.readers, name, create_proxy(reader))
