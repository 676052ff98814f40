"""python-socketio's client that blocks: it polls by requests, and reads and writes in threads."""

import browserws.dropin

browserws.dropin.install()

import threading

import socketio
from browserws.dropin.errors import NotInPages
from tools import blocking, raised_by, server


def lacks():
    assert "JSPI" in str(raised_by(NotInPages, socketio.Client().start_background_task, print))


def echoes(**options):
    client, heard = socketio.Client(), threading.Event()

    @client.event
    def echoed(data):
        heard.set()

    client.connect(server("http"), wait_timeout=5, **options)
    client.emit("echo", {"number": 1})
    assert heard.wait(5)
    assert client.call("echo", b"binary") == b"binary"
    transport = client.call("transport")
    client.disconnect()
    client.wait()
    return transport


@blocking(lacks)
async def over_a_websocket():
    """`transports=["websocket"]`: events, acknowledgements, binary data"""
    assert echoes(transports=["websocket"]) == "websocket"


@blocking(lacks)
async def polling_then_a_websocket():
    """the default: polling, then an upgrade to a WebSocket"""
    assert echoes() == "websocket"


@blocking(lacks)
async def reconnects():
    """automatic reconnection after a lost connection"""
    client, again = socketio.Client(reconnection_delay=0.01), threading.Event()
    client.connect(server("http"), transports=["websocket"])
    client.on("connect", again.set)
    client.emit("cut")
    assert again.wait(5)
    assert client.call("echo", "there") == "there"
    client.disconnect()
