"""Active clients for minutes: what they cost a hub, and whether that grows.

    python -m tests.faults.load [CLIENTS [MINUTES [OPTIONS OF THE HUB]]]

Each is in a room of five and publishes once a second. With `--history 1` hardly any messages are kept.
"""

import asyncio
import sys

from websockets.frames import Opcode

from tests.faults.hostile import Attacker
from tests.raw_client import frame
from tests.server.process import HubProcess

PING = b"\x89"
ROOM = 5
IN_FLIGHT = 3  # publishes that a client may still wait for


async def client(port, number, stop):
    connection = Attacker(port, f"user {number}")
    await connection.hello()
    reading = asyncio.create_task(read(connection))
    room = f"room {number // ROOM}"
    await connection.ask("join", channel=room)
    count = 0
    while not stop.is_set() and not reading.done():
        await connection.ask("publish", channel=room, data={"text": "x" * 40}, floor=max(0, count - IN_FLIGHT))
        count += 1
        await asyncio.sleep(1)
    assert not reading.done(), "the hub has sent a client away"
    connection.close()
    return count


async def read(connection):
    """What comes is of no interest but for pings, which are answered (RFC 6455 §5.5.2)."""
    while data := await connection.reader.read(65536):
        at = data.find(PING)  # text has no such byte
        if at >= 0:
            await connection.send(frame(Opcode.PONG, data[at + 2 : at + 2 + data[at + 1]]))


async def load(hub, clients, minutes):
    stop = asyncio.Event()
    print(f"idle: {hub.memory() / 1024:.1f} MiB")
    tasks = []
    for number in range(clients):
        tasks.append(asyncio.create_task(client(hub.port, number, stop)))
        await asyncio.sleep(0.002)
    for minute in range(1, minutes + 1):
        await asyncio.sleep(60)
        print(f"minute {minute}: {hub.memory() / 1024:.1f} MiB", flush=True)
    stop.set()
    print(f"{sum(await asyncio.gather(*tasks))} publishes by {clients} clients")


def main():
    clients, minutes = int((sys.argv[1:2] or ["1000"])[0]), int((sys.argv[2:3] or ["10"])[0])
    hub = HubProcess(*sys.argv[3:])
    try:
        asyncio.run(load(hub, clients, minutes))
    finally:
        hub.kill()


if __name__ == "__main__":
    main()
