"""What a connection, a channel and a message cost a hub process and its Redis, on this machine:

    python -m tests.bench_server.costs

It measures time on the CPU, so what the machine does beside makes little difference. `scaling.py` reckons with it.
"""

import asyncio
import json
import resource

import uvloop

from tests.server.process import HubProcess
from tools.redis import RedisServer
from tools.redis_group import ClusterGroup

from .crowd import Crowd, Hub

CLIENTS, ROOM = 2000, 5
ROUNDS = 20  # publishes in each room, one after the other
PINGS = 20
BEAT, KEEP = 3, 15  # seconds: a process looks at each of its channels, and keeps its sessions
IDLE = KEEP
SIZE = 100  # bytes of a message
PING = json.dumps({"type": "ping"})
UNLIMITED = ["--rate", "1e9", "--byte-rate", "1e12", "--byte-burst", "1000000000", "--channel-rate", "1e9"]


class Meter:
    """What hub and Redis have cost since the last time it was read."""

    def __init__(self, hub, redis):
        self._parts = [hub, redis]
        self.read()

    def read(self, per=1):
        """Microseconds of each, for each of so many."""
        now = [part.cpu() for part in self._parts]
        spent = [1e6 * (after - before) / per for before, after in zip(getattr(self, "_was", now), now, strict=True)]
        self._was = now
        return spent


def kept(client, keys):
    """KiB in Redis."""
    return sum(client.memory_usage(key, samples=0) for key in client.scan_iter("browserws:" + keys, 1000)) / 1024


async def publish(crowd, rooms, members):
    for _ in range(ROUNDS):
        await crowd.hear(rooms, members, SIZE)


async def measure():
    costs = {}
    with RedisServer() as redis:
        hubs = [HubProcess("--redis", redis.url, *UNLIMITED, quiet=True) for _ in range(2)]
        hub, other = hubs
        rooms = [f"room{number}" for number in range(CLIENTS // ROOM)]
        crowd, elsewhere = Crowd(Hub(), [hub.port]), Crowd(Hub(), [other.port])
        await crowd.come(["warm"] * 50)
        await publish(crowd, ["warm"], 50)
        await crowd.go()
        client = redis.client()

        meter = Meter(hub, redis)
        hub_memory = hub.memory()
        client.flushall()
        await crowd.come(rooms * ROOM)
        costs["join_hub"], costs["join_redis"] = meter.read(CLIENTS)
        await asyncio.sleep(IDLE)
        idle_hub, idle_redis = meter.read(IDLE)
        costs["connection_hub"] = idle_hub / CLIENTS
        costs["command_redis"] = idle_redis / (CLIENTS / KEEP + len(rooms) / BEAT)
        costs["connection_hub_kib"] = (hub.memory() - hub_memory) / CLIENTS
        costs["session_redis_kib"] = kept(client, "c:*") / CLIENTS
        costs["channel_redis_kib"] = kept(client, "[mde]:*") / len(rooms)

        meter.read()
        for one in crowd.clients:
            for _ in range(PINGS):
                one.send(PING)
        await publish(crowd, rooms, ROOM)
        pings_and_small = meter.read()
        await publish(crowd, rooms, ROOM)
        small = meter.read()
        publishes = len(rooms) * ROUNDS
        costs["message_redis_kib"] = kept(client, "s:*") / publishes / 2
        costs["ping_hub"] = (pings_and_small[0] - small[0]) / CLIENTS / PINGS

        await elsewhere.come(rooms)
        meter.read()
        other_meter = Meter(other, redis)
        await publish(crowd, rooms, ROOM)
        with_other = meter.read()
        costs["read_redis"] = (with_other[1] - small[1]) / publishes
        costs["read_hub"] = other_meter.read(publishes)[0]
        costs["publish_redis"] = small[1] / publishes - costs["read_redis"]

        await crowd.go()
        await elsewhere.go()
        await crowd.come(["one"] * CLIENTS)
        meter.read()
        await publish(crowd, ["one"], CLIENTS)
        costs["delivery_hub"] = meter.read(ROUNDS * CLIENTS)[0]
        costs["publish_hub"] = small[0] / publishes - ROOM * costs["delivery_hub"] - costs["read_hub"]
        client.close()
        for one in hubs:
            one.kill()
    costs["cluster_hub"] = await cluster(rooms) - small[0] / publishes
    return costs


async def cluster(rooms):
    """Microseconds of a hub for a publish, where its Redis is a cluster."""
    with ClusterGroup(replicas=0) as servers:
        hub = HubProcess("--redis", servers.url, *UNLIMITED, quiet=True)
        crowd = Crowd(Hub(), [hub.port])
        await crowd.come(rooms * ROOM)
        before = hub.cpu()
        await publish(crowd, rooms, ROOM)
        spent = hub.cpu() - before
        await crowd.go()
        hub.kill()
    return 1e6 * spent / len(rooms) / ROUNDS


def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    print(json.dumps({name: round(cost, 2) for name, cost in uvloop.run(measure()).items()}, indent=4))


if __name__ == "__main__":
    main()
