"""Clients that mean no good, of twelve kinds, all at once; and 500 well-behaved ones that are to notice nothing.

python -m tests.faults.hostile             a hub of its own; prints its memory, and how long messages took
python -m tests.faults.hostile attack PORT
"""

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import time

from websockets.frames import Opcode

from tests.raw_client import frame, handshake, text_frame
from tests.server.process import HubProcess
from tests.server.talk import Running

SECONDS = 15
ROOMS, MEMBERS = 50, 10  # rooms, and clients in each of them
EVERY = 2  # seconds in which each of them publishes once


def text(**message):
    return text_frame(json.dumps(message))


class Attacker:
    """One connection by hand, that reads only if it is asked to."""

    def __init__(self, port, user):
        self.port = port
        self.user = user
        self._id = 0

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**16)
        self.writer.write(handshake(self.port))
        await self.reader.readuntil(b"\r\n\r\n")

    async def hello(self):
        await self.connect()
        await self.send(text(type="hello", v=1, user=self.user))

    async def send(self, data):
        if self.writer.is_closing():
            raise ConnectionError
        self.writer.write(data)
        await self.writer.drain()

    async def ask(self, type_, **fields):
        self._id += 1
        await self.send(text(type=type_, id=self._id, **fields))

    async def read_all(self):
        with contextlib.suppress(OSError):
            while await self.reader.read(65536):
                pass

    def close(self):
        self.writer.close()


# --- the kinds: each does one thing for ever, and begins anew when it is sent away ---


async def pings_unread(attacker):
    await attacker.hello()
    while True:
        await attacker.send(frame(Opcode.PING, b"x" * 125) * 200)


async def pings_before_hello(attacker):
    await attacker.connect()
    while True:
        await attacker.send(frame(Opcode.PING, b"") * 1000)


async def fragments(attacker):
    await attacker.hello()
    await attacker.send(frame(Opcode.TEXT, b"x", fin=False))
    while True:
        await attacker.send(frame(Opcode.CONT, b"x", fin=False) * 1000)


async def large_publishes(attacker):
    await attacker.hello()
    reading = asyncio.ensure_future(attacker.read_all())
    await attacker.ask("join", channel=f"large {attacker.user}")
    while not reading.done():
        await attacker.ask("publish", channel=f"large {attacker.user}", data="x" * 60_000)


async def new_channels(attacker):
    await attacker.hello()
    reading = asyncio.ensure_future(attacker.read_all())
    while not reading.done():
        channel = f"new {random.random()}"
        await attacker.ask("join", channel=channel)
        await attacker.ask("leave", channel=channel)


async def new_inboxes(attacker):
    await attacker.hello()
    reading = asyncio.ensure_future(attacker.read_all())
    while not reading.done():
        await attacker.ask("publish", channel=f"@{random.random()}", data="x" * 1000)


async def replays(attacker):
    await attacker.hello()
    channel = f"replay {attacker.user}"
    await attacker.ask("join", channel=channel)
    answer = b""
    while b'"epoch":"' not in answer:
        answer += await attacker.reader.read(65536)
    epoch = answer.split(b'"epoch":"')[1].split(b'"')[0].decode()
    reading = asyncio.ensure_future(attacker.read_all())
    for _ in range(16):
        await attacker.ask("publish", channel=channel, data="x" * 60_000)
    while not reading.done():
        await attacker.ask("join", channel=channel, since={"epoch": epoch, "offset": 0})


async def histories_unread(attacker):
    await attacker.hello()
    channel = f"history {attacker.user}"
    await attacker.ask("join", channel=channel)
    for _ in range(16):
        await attacker.ask("publish", channel=channel, data="x" * 60_000)
    while True:
        await attacker.ask("history", channel=channel, limit=1000)


async def reconnects(attacker):
    for _ in range(100):
        await attacker.hello()
        attacker.close()


async def bad_frames(attacker):
    await attacker.hello()
    await attacker.send(frame(Opcode.TEXT, b'{"type": "publish", "data": ' + b"[" * 60_000))
    await attacker.read_all()


async def subscriber_unread(attacker):
    """Of the rooms where the others are."""
    await attacker.hello()
    for number in range(ROOMS):
        await attacker.ask("join", channel=f"room {number}")
    await asyncio.sleep(3600)


async def half_handshakes(attacker):
    attacker.reader, attacker.writer = await asyncio.open_connection("127.0.0.1", attacker.port)
    while True:
        await attacker.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"x" * random.randrange(100))
        await asyncio.sleep(0.1)


KINDS = [
    pings_unread,
    pings_before_hello,
    fragments,
    large_publishes,
    new_channels,
    new_inboxes,
    replays,
    histories_unread,
    reconnects,
    bad_frames,
    subscriber_unread,
    half_handshakes,
]


async def attack(port):
    """Until this process is killed; an error of our own ends it."""

    async def one(kind):
        while True:
            attacker = Attacker(port, kind.__name__)
            try:
                await kind(attacker)
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.01)  # it was sent away
            finally:
                if hasattr(attacker, "writer"):
                    attacker.close()

    await asyncio.gather(*(one(kind) for kind in KINDS))


# --- the well-behaved ---


async def behave(port, seconds):
    """The seconds that each message took to each member, of 500 clients that chat for a while."""
    took = []
    all_have_joined = asyncio.Barrier(ROOMS * MEMBERS)  # who joins later misses what is published before
    running = Running(None, port)

    async def member(number):
        room = f"room {number % ROOMS}"
        async with running.client(f"user {number}") as client:
            await client.ask("join", channel=room)
            await all_have_joined.wait()
            reading = asyncio.create_task(read(client))
            await asyncio.sleep(random.random() * EVERY)
            for n in range(int(seconds / EVERY)):
                await client.send("publish", id=100 + n, channel=room, data=time.monotonic(), floor=100 + n)
                await asyncio.sleep(EVERY)
            await reading

    async def read(client):
        for _ in range(int(seconds / EVERY) * MEMBERS):
            message = await client.receive("message")
            took.append(time.monotonic() - message["data"])

    await asyncio.gather(*(member(number) for number in range(ROOMS * MEMBERS)))
    return sorted(took)


async def measure(hub, seconds=SECONDS):
    """Memory in KiB and times of messages: alone, and then under attack."""
    alone = await behave(hub.port, seconds)
    before = hub.memory()
    command = [sys.executable, "-m", "tests.faults.hostile", "attack", str(hub.port)]
    most = 0

    async def watch():
        nonlocal most
        while True:
            most = max(most, hub.memory())
            await asyncio.sleep(0.1)

    with subprocess.Popen(command) as attacking:
        watching = asyncio.create_task(watch())
        try:
            await asyncio.sleep(2)
            attacked = await behave(hub.port, seconds)
            assert attacking.poll() is None, "an attacker has failed"
        finally:
            watching.cancel()
            attacking.kill()
    return before, most, alone, attacked


def main():
    hub = HubProcess()
    try:
        before, most, alone, attacked = asyncio.run(measure(hub))
    finally:
        hub.kill()
    print(f"memory: {before / 1024:.1f} MiB before, {most / 1024:.1f} MiB at most: {len(KINDS)} kinds of hostility")
    for name, took in (("alone", alone), ("under attack", attacked)):
        p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
        print(f"{name}: {len(took)} deliveries, p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms")


if __name__ == "__main__":
    if sys.argv[1:2] == ["attack"]:
        os.nice(10)  # as if it were another machine
        asyncio.run(attack(int(sys.argv[2])))
    else:
        main()
