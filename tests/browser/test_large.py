"""What is large: bytes that are read when somebody asks for them, and what is too long for a string of JavaScript, of
which nothing may throw on MicroPython.

The events are made up: a server would have to send half a gigabyte for some of them.
"""

import pytest


@pytest.fixture
def micropython(remotes):
    return remotes("mpy")


def test_large_bytes_stay_in_javascript_until_they_are_asked_for(remote):
    """Shown by a script of the page that takes them away before; that is no surprise to Python."""
    remote.run(
        """
from browserws import WebSocket
seen = []
ws = WebSocket("/echo", onmessage=seen.append)

def read(event):
    try:
        return str(len(event.data))
    except ValueError as error:
        return str(error)

def dispatch(size):
    ws._js_websocket.dispatchEvent(js.message(size))
"""
    )
    make = "(size) => new MessageEvent('message', {data: globalThis.last = new ArrayBuffer(size)})"
    remote.page.evaluate(f"void (globalThis.message = {make})")
    said = []
    for size in (16 * 1024 - 1, 16 * 1024, 200_000):
        remote.run(f"dispatch({size})")
        remote.page.evaluate("void structuredClone(last, {transfer: [last]})")
        remote.run(f"dispatch({size})")
        said.append((remote.value("read(seen[-2])"), remote.value("read(seen[-1])")))
    gone = "the bytes of this message are gone: a script of the page has transferred its ArrayBuffer"
    assert said == [("16383", "16383"), (gone, "16384"), (gone, "200000")]
    remote.run("ws.close()")


def test_text_is_handed_over_though_others_would_make_it_too_long_together(micropython):
    """Joined, they would have 540 million characters; each by itself may or may not fit in the heap."""
    micropython.run("from browserws._host import current\nhost = current()")
    micropython.page.evaluate("void (globalThis.texts = ['first', 'second', ...Array(540).fill('x'.repeat(2 ** 20))])")
    micropython.run("texts = host.ffi.messages(js.texts, None); seen = [next(texts), next(texts)]")
    assert micropython.value("' '.join(seen)") == "first second"


@pytest.mark.parametrize("data", ["new ArrayBuffer(2 ** 28)", "'x'.repeat(2 ** 28)"])
def test_message_that_does_not_fit_ends_a_connection_whose_task_waits_for_it(micropython, data):
    micropython.run(
        """
import asyncio
from browserws import ConnectionClosedError, connect
js.value = ""

async def read():
    async with connect("/echo") as ws:
        reader = asyncio.create_task(ws.recv())
        await asyncio.sleep(0.01)  # until it waits
        ws._socket.js.dispatchEvent(js.huge())
        said = []
        for receive in (reader, ws.recv()):
            try:
                await receive
            except ConnectionClosedError as error:
                said.append(error.sent.reason)
        js.value = ", ".join(said)
"""
    )
    make = f"new MessageEvent('message', {{data: {data}}})"
    micropython.page.evaluate(f"void (globalThis.huge = () => {make})")
    micropython.run("task = asyncio.create_task(read())")
    micropython.page.wait_for_function("globalThis.value")
    assert micropython.value("js.value") == "a message did not fit in memory, a message did not fit in memory"


def test_message_of_nearly_a_mebibyte_fits_in_pyscripts_heap_of_one(micropython):
    """As one text of hexadecimal digits it would take twice its size beside itself."""
    micropython.run(
        """
import asyncio
from browserws import connect
js.value = ""

async def read():
    async with connect("/large/900000") as ws:
        await ws.send("go")
        size = len(await ws.recv())
    async with connect("/large/900000") as ws:
        buffer = bytearray(900000)
        await ws.send("go")
        js.value = "%d %d" % (size, await ws.recv_into(buffer))
"""
    )
    micropython.run("task = asyncio.create_task(read())")
    micropython.page.wait_for_function("globalThis.value")
    assert micropython.value("js.value") == "900000 900000"


@pytest.mark.parametrize("data", ["new ArrayBuffer(2 ** 28)", "'x'.repeat(2 ** 28)"])
def test_message_that_does_not_fit_closes_a_socket_whose_handler_asks_for_it(micropython, data):
    micropython.run(
        """
from browserws import WebSocket
js.value = ""
seen = []

def on_open():
    ws._js_websocket.dispatchEvent(js.huge())
    ws._js_websocket.dispatchEvent(js.small())

def on_close(event):
    js.value = "%d %s" % (event.code, seen)

ws = WebSocket("/echo", onopen=on_open, onmessage=lambda event: seen.append(len(event.data)), onclose=on_close)
"""
    )
    micropython.page.evaluate(f"void (globalThis.huge = () => new MessageEvent('message', {{data: {data}}}))")
    micropython.page.evaluate("void (globalThis.small = () => new MessageEvent('message', {data: 'x'}))")
    micropython.page.wait_for_function("globalThis.value")
    assert micropython.value("js.value") == "4009 []"
