"""Code as it is written for Brython's browser.websocket and for pyscript.WebSocket: only the import changes."""

import asyncio

# --- the one line that differs ---
from browserws.websocket import WebSocket, supported

log = []


async def brython():
    ended = asyncio.Event()

    def on_open(evt):
        log.append("open")
        ws.send("from brython")

    def on_message(evt):
        log.append("message " + evt.data)
        ws.close()

    def on_close(evt):
        log.append("close")
        ended.set()

    if not supported:
        raise NotImplementedError
    ws = WebSocket("ws://%s/echo" % host)
    ws.bind("open", on_open)
    ws.bind("message", on_message)
    ws.bind("close", on_close)
    await ended.wait()
    assert log == ["open", "message from brython", "close"]


async def brython_with_documented_handlers():
    """Brython documents handlers of open and close without an argument."""
    ended = asyncio.Event()
    ws = WebSocket("ws://%s/echo" % host)
    ws.bind("open", lambda: ws.close())
    ws.bind("close", lambda: ended.set())
    await ended.wait()


async def pyscript_attributes():
    ended = asyncio.Event()
    messages = []

    def on_open(event):
        assert event.type == "open"
        ws.send("hello")

    async def on_message(event):
        assert hasattr(event, "data") and hasattr(event, "type")
        await asyncio.sleep(0)
        messages.append(event.data)
        if len(messages) == 1:
            ws.send(bytearray([72, 105]))
        else:
            ws.close(code=1000, reason="done")

    def on_close(event):
        assert (event.code, event.reason, event.wasClean) == (1000, "done", True)
        ended.set()

    ws = WebSocket(url="ws://%s/echo" % host)
    ws.onopen = on_open
    ws.onmessage = on_message
    ws.onclose = on_close
    await ended.wait()
    assert messages[0] == "hello" and isinstance(messages[1], memoryview) and bytes(messages[1]) == b"Hi"
    assert ws.readyState == WebSocket.CLOSED and ws._js_websocket.readyState == 3


async def pyscript_keywords():
    ended = asyncio.Event()
    ws = WebSocket(
        url="ws://%s/subprotocol" % host,
        protocols="chat",
        onmessage=lambda event: ws.close(),
        onclose=lambda event: ended.set(),
    )
    await ended.wait()
    assert ws.protocol == "chat"


async def main():
    await brython()
    await brython_with_documented_handlers()
    await pyscript_attributes()
    await pyscript_keywords()
    print("moved")


import js

host = js.location.host
asyncio.create_task(main())
