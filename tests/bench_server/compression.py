"""What compression saves, and what publishing only what has changed, and what they cost a hub process:

    python -m tests.bench_server.compression [part of the name of a work]

Each work is published at the ticker's pace, in each way, to 1, 10 and 100 receivers. The bytes are those of WebSocket
frames, the time is that of the hub's process on a CPU. docs/explanation/compression.md has the figures.
"""

import asyncio
import json
import multiprocessing
import sys
from contextlib import contextmanager
from pathlib import Path

import uvloop
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory as Deflate
from websockets.extensions.permessage_deflate import enable_server_permessage_deflate

from browserws.server import Hub, Settings, serve
from tests.raw_client import handshake, text_frame
from tools.table import markdown
from tools.ticker import NAMES, PREFIX, TURNS, Ticker

from .differences import difference, documents

TICKS = 50  # of a work: a second
ROUNDS = 2  # the better counts
RECEIVERS = (1, 10, 100)
CROWD = 200  # connections whose memory is measured
MIB = 1024 * 1024

WAYS = {  # options of `serve`
    "plain": {},
    "deflate, window of 4 KiB": {"extensions": enable_server_permessage_deflate(None)},  # as `websockets` does it
    "deflate, window of 32 KiB": {"extensions": [Deflate()]},
    "deflate, no context": {"extensions": [Deflate(True, True, 14)]},  # with a full window, the hub does as in the next
    "deflate, once for all": {"compression": "deflate"},
}


# --- works: of each tick, what is published, as (channel, data) ---


class Recorder:
    """Stands in for the hub of the ticker."""

    connections = (None,)

    def __init__(self):
        self.published = []

    async def publish(self, channel, data):
        self.published.append((channel, data))


async def prices():
    """As demo/live/ has them."""
    recorder, count = Recorder(), len(NAMES.split())
    ticker = asyncio.create_task(Ticker(recorder).run())
    while len(recorder.published) < TICKS * count:
        await asyncio.sleep(1 / TURNS)
    ticker.cancel()
    return [recorder.published[count * tick : count * (tick + 1)] for tick in range(TICKS)]


async def prices_in_one():
    """Of all names in a message, and without what does not change."""
    return [
        [("ticker", {channel.removeprefix(PREFIX): [data["price"], data["volume"]] for channel, data in tick})]
        for tick in await prices()
    ]


async def whole_documents():
    return [[("plant", document)] for document in documents(TICKS)]


async def changes():
    """As JSON Merge Patch (RFC 7396) has them."""
    before, *after = documents(TICKS + 1)
    ticks = []
    for document in after:
        ticks.append([("plant", difference(before, document))])
        before = document
    return ticks


WORKS = {
    "2,000 prices a second": prices,
    "the same, 40 prices in a message": prices_in_one,
    "a document of 10 KB, one field of which changes": whole_documents,
    "the same, only what has changed": changes,
}


# --- the hub, in a process of its own ---


def run_hub(pipe, options):
    uvloop.run(hub_process(pipe, options))


async def hub_process(pipe, options):
    settings = Settings(rate=1e9, byte_rate=1e12, byte_burst=10**9, channel_rate=1e9, max_queue=256 * MIB)
    hub = Hub(settings=settings)
    async with serve(hub, "127.0.0.1", 0, **options) as server:
        pipe.send(server.sockets[0].getsockname()[1])
        while True:
            await publish(hub, await asyncio.to_thread(pipe.recv))
            pipe.send(None)


async def publish(hub, work):
    clock = asyncio.get_running_loop().time
    due = clock()
    for tick in work:
        await asyncio.gather(*(hub.publish(*message) for message in tick))
        due = max(due + 1 / TURNS, clock())
        await asyncio.sleep(due - clock())


class HubProcess:
    def __init__(self, options):
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=run_hub, args=(theirs, options))
        self._process.start()
        self.port = self._pipe.recv()
        self._proc = Path(f"/proc/{self._process.pid}")

    async def publish(self, work):
        self._pipe.send(work)
        await asyncio.to_thread(self._pipe.recv)

    def cpu(self):
        """Seconds, of all threads."""
        return sum(int((task / "schedstat").read_text().split()[0]) for task in self._proc.glob("task/*")) / 1e9

    def memory(self):
        """KiB."""
        return int((self._proc / "status").read_text().split("VmRSS:")[1].split()[0])

    def kill(self):
        self._process.kill()
        self._process.join()


@contextmanager
def running(options):
    hub = HubProcess(options)
    try:
        yield hub
    finally:
        hub.kill()


# --- receivers: they count frames, and unpack nothing ---


class Receiver(asyncio.Protocol):
    def __init__(self, port, channels):
        self.size = 0  # bytes of the frames
        self._channels = channels
        self._port = port
        self._rest = b""
        self._is_open = False
        self._left = 0
        self._done = None

    def connection_made(self, transport):
        self.transport = transport
        request = handshake(self._port)
        offer = b"\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"  # as browsers do
        transport.write(request[:-4] + offer)
        self.expect(1 + len(self._channels))

    def expect(self, count):
        """So many messages."""
        self.size = 0
        self._left = count
        self._done = asyncio.get_running_loop().create_future()

    async def done(self):
        await asyncio.wait_for(self._done, 60)

    def data_received(self, data):
        data = self._rest + data
        if not self._is_open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self._is_open = True
            hello = [{"type": "hello", "v": 1}]
            joins = [{"type": "join", "id": n, "channel": name} for n, name in enumerate(self._channels, 1)]
            self.transport.write(b"".join([text_frame(json.dumps(message)) for message in hello + joins]))
        at = 0
        while (end := end_of_frame(data, at)) <= len(data):
            self.size += end - at
            self._left -= 1
            at = end
        self._rest = data[at:]
        if self._left == 0 and not self._done.done():
            self._done.set_result(None)


def end_of_frame(data, at):
    """Where the frame ends that begins there; further than `data` goes if that is not known (RFC 6455 §5.2)."""
    if len(data) - at < 10:
        return at + 2 + data[at + 1] if len(data) - at >= 2 and data[at + 1] < 126 else len(data) + 1
    size = data[at + 1]
    if size < 126:
        return at + 2 + size
    if size == 126:
        return at + 4 + int.from_bytes(data[at + 2 : at + 4], "big")
    return at + 10 + int.from_bytes(data[at + 2 : at + 10], "big")


async def connect(hub, count, channels):
    loop = asyncio.get_running_loop()
    receivers = []
    for _ in range(count):
        _, receiver = await loop.create_connection(lambda: Receiver(hub.port, channels), "127.0.0.1", hub.port)
        await receiver.done()
        receivers.append(receiver)
    return receivers


# --- measuring ---


async def measure(work, receivers, options):
    """Of a message: bytes for each receiver, and µs of the hub for all of them."""
    channels = list(dict.fromkeys(channel for tick in work for channel, _ in tick))
    count = sum(len(tick) for tick in work)
    with running(options) as hub:
        found = await connect(hub, receivers, channels)
        spent = []
        for _ in range(ROUNDS):
            for receiver in found:
                receiver.expect(count)
            before = hub.cpu()
            await hub.publish(work)
            await asyncio.gather(*(receiver.done() for receiver in found))
            spent.append((hub.cpu() - before) / count * 1e6)
    return found[0].size / count, min(spent)


async def memory_of_connection(work, options):
    """KiB, when some messages have come."""
    with running(options) as hub:
        channels = [work[0][0][0]]
        await connect(hub, 20, channels)
        before = hub.memory()
        many = await connect(hub, CROWD, channels)
        for receiver in many:
            receiver.expect(3)
        await hub.publish([tick[:1] for tick in work[:3]])
        await asyncio.gather(*(receiver.done() for receiver in many))
        return (hub.memory() - before) / CROWD


async def main(part=""):
    head = ["", "bytes a message", *(f"µs of the hub for {count}" for count in RECEIVERS), "KiB a connection"]
    for name, make in WORKS.items():
        if part not in name:
            continue
        work = await make()
        rows = []
        for way, options in WAYS.items():
            figures = [await measure(work, count, options) for count in RECEIVERS]
            kib = await memory_of_connection(work, options)
            rows.append([way, f"{figures[0][0]:,.0f}", *(f"{us:,.0f}" for _, us in figures), f"{kib:.0f}"])
        print(f"{name}\n\n{markdown(head, rows)}\n", flush=True)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
