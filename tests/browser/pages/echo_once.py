"""Echo text and bytes once, and say so on the console."""

from browserws import WebSocket

replies = []


def received(event):
    replies.append(event.data if isinstance(event.data, str) else bytes(event.data))
    if len(replies) == 2:
        ws.close()


def opened():
    ws.send("text")
    ws.send(b"\x00\xff")


def closed(event):
    assert replies == ["text", b"\x00\xff"]
    print("echoed, closed with", event.code)


ws = WebSocket("/echo", onopen=opened, onmessage=received, onclose=closed)
