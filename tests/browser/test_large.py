"""MicroPython and what is too long for a string of JavaScript: nothing of it may throw there.

The events are made up: a server would have to send half a gigabyte for each.
"""

import pytest


@pytest.fixture
def micropython(remotes):
    return remotes("mpy")


def test_text_is_handed_over_though_others_would_make_it_too_long_together(micropython):
    """Joined, they would have 540 million characters; each by itself may or may not fit in the heap."""
    micropython.run("from browserws._host import current\nhost = current()")
    micropython.page.evaluate("void (globalThis.texts = ['first', 'second', ...Array(540).fill('x'.repeat(2 ** 20))])")
    micropython.run("texts = host.ffi.messages(js.texts, bytes); seen = [next(texts), next(texts)]")
    assert micropython.value("' '.join(seen)") == "first second"


def test_bytes_whose_hexadecimal_text_would_be_too_long_are_a_memory_error(micropython):
    micropython.page.evaluate("void (globalThis.buffer = new ArrayBuffer(2 ** 28))")
    micropython.run(
        """
from browserws._host import current
host = current()
try:
    host.ffi.message(js.buffer, bytes)
except MemoryError as error:
    said = str(error)
"""
    )
    micropython.page.evaluate("globalThis.buffer = null")
    assert micropython.value("said") == "a message of 268435456 bytes"


def test_message_that_does_not_fit_ends_a_connection_whose_task_waits_for_it(micropython):
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
    make = "new MessageEvent('message', {data: new ArrayBuffer(2 ** 28)})"
    micropython.page.evaluate(f"void (globalThis.huge = () => {make})")
    micropython.run("task = asyncio.create_task(read())")
    micropython.page.wait_for_function("globalThis.value")
    assert micropython.value("js.value") == "a message did not fit in memory, a message did not fit in memory"
