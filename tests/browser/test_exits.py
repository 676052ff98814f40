"""A task that leaves with SystemExit while the browser hands over a message."""

LEAVE = """
import asyncio
from browserws import connect

COUNT = 2000
url = "ws" + js.location.origin[4:] + "/flood/%d" % COUNT

async def reader(ws):
    async for message in ws:
        if message == "700":
            raise SystemExit("enough")

async def main():
    leaving, other = await connect(url), await connect(url)
    reading = asyncio.create_task(reader(leaving))
    for ws in (leaving, other):
        await ws.send("go")
    numbers, rest = [], []
    while len(numbers) < COUNT:
        numbers.append(int(await other.recv()))
    while len(rest) < COUNT - 701:
        rest.append(int(await leaving.recv()))
    js.done = numbers == list(range(COUNT)) and rest == list(range(701, COUNT))
    for ws in (leaving, other):
        await ws.close()

running = asyncio.create_task(main())
"""


def test_no_message_is_lost_when_the_task_that_reads_leaves(remote):
    remote.page.evaluate("globalThis.done = null")
    remote.run(LEAVE)
    remote.page.wait_for_function("globalThis.done !== null", polling=100, timeout=20_000)
    assert remote.page.evaluate("globalThis.done") is True


def test_interrupted_task_of_one_socket_does_not_hold_back_the_others(remote):
    """As when somebody presses Ctrl-C in a console of Pyodide."""
    remote.page.evaluate("globalThis.done = null")
    remote.run(
        """
from browserws._host import current
host = current()

def interrupted():
    raise KeyboardInterrupt

def other():
    js.done = True

host.soon(interrupted)
host.soon(other)
"""
    )
    remote.page.wait_for_function("globalThis.done === true", polling=100, timeout=10_000)


GATE = """
import asyncio
from browserws import connect

gate = asyncio.Event()

async def leaving():
    ws = await connect("ws" + js.location.origin[4:] + "/echo")
    await ws.send("now")
    await ws.recv()
    gate.set()
    raise SystemExit

async def other():
    await gate.wait()
    js.done = True

running = [asyncio.create_task(leaving()), asyncio.create_task(other())]
"""


def test_tasks_that_are_ready_go_on_when_another_leaves(remote):
    remote.page.evaluate("globalThis.done = null")
    remote.run(GATE)
    remote.page.wait_for_function("globalThis.done === true", polling=100, timeout=10_000)


def test_micropython_shows_the_exit_and_throws_nothing_into_the_page(remotes):
    """Its loop has no way of its own to end with a task."""
    remote = remotes("mpy")
    shown, errors = [], []
    remote.page.on("console", lambda message: shown.append(message.text))
    remote.page.on("pageerror", lambda error: errors.append(str(error)))
    remote.page.evaluate("globalThis.done = null")
    remote.run(GATE)
    remote.page.wait_for_function("globalThis.done === true", polling=100, timeout=10_000)
    assert errors == [] and [line for line in shown if "SystemExit" in line]


TROUBLE = """
from browserws import WebSocket

class Interrupted(WebSocket):
    def _on_messages(self, messages, count, sources):
        super()._on_messages(messages, count, sources)
        if count > 1:
            raise KeyboardInterrupt

COUNT = 2000
url = "ws" + js.location.origin[4:] + "/flood/%d" % COUNT
received = {"interrupted": [], "other": []}

def listen(name, ws):
    def take(event):
        received[name].append(int(event.data))
        if [len(numbers) for numbers in received.values()] == [COUNT, COUNT]:
            js.done = received == {"interrupted": list(range(COUNT)), "other": list(range(COUNT))}
    ws.onopen = lambda: ws.send("go")
    ws.onmessage = take

listen("interrupted", Interrupted(url))
listen("other", WebSocket(url))
"""


def test_interrupt_between_two_batches_stops_neither_this_socket_nor_another(remote):
    remote.page.evaluate("globalThis.done = null")
    remote.run(TROUBLE)
    remote.page.wait_for_function("globalThis.done !== null", polling=100, timeout=20_000)
    assert remote.page.evaluate("globalThis.done") is True
