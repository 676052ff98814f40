"""Brython's browser.websocket, as its documentation shows it."""

from browser import websocket, window

ws = done = None
count = expected = total = 0


def on_message(event):
    global count, total
    data = event.data
    total += len(data) if isinstance(data, str) else data.byteLength
    count += 1
    if count == expected:
        done()


def open_(url, opened):
    global ws
    ws = websocket.WebSocket(url)
    ws.binaryType = "arraybuffer"
    ws.bind("open", lambda event: opened())
    ws.bind("message", on_message)


def expect(wanted, callback):
    global count, expected, total, done
    count, expected, total, done = 0, wanted, 0, callback


def pingpong(times, callback):
    def answer(event):
        nonlocal times
        global total
        total += len(event.data)
        times -= 1
        if times:
            ws.send("x" * 32)
        else:
            callback()

    ws.unbind("message")
    ws.bind("message", answer)
    ws.send("x" * 32)


def give(size, callback):
    begun = window.performance.now()
    ws.send(window.Uint8Array.new(size))  # bytes would go out as the text "[object Object]"
    callback(window.performance.now() - begun)


window.bench.register("Brython", open_, expect, lambda text: ws.send(text), pingpong, give, lambda: ws.close())
