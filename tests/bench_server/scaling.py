"""What a million connections need, reckoned from what `costs.py` has measured:  python -m tests.bench_server.scaling

docs/how-to/scaling.md has the tables that this prints.
"""

import math
import random
from dataclasses import dataclass

from browserws._pure.backoff import delays
from tools.table import markdown

from .costs import BEAT, KEEP

# Of `python -m tests.bench_server.costs`, in microseconds on a CPU and KiB.
COSTS = {
    "join_hub": 1714.45,
    "join_redis": 166.97,
    "connection_hub": 10.32,
    "command_redis": 15.03,
    "connection_hub_kib": 22.63,
    "session_redis_kib": 0.13,
    "channel_redis_kib": 0.23,
    "message_redis_kib": 0.23,
    "ping_hub": 21.94,
    "read_redis": 57.23,
    "read_hub": 139.1,
    "publish_redis": 51.53,
    "delivery_hub": 16.23,
    "publish_hub": 140.59,
    "cluster_hub": 319.25,
}

BUSY = 0.5  # of a CPU, at most: the rest is for peaks
CONNECTIONS = 10_000  # of one hub process, at most (`--max-connections`)
PING = 25  # seconds between two pings of a page
LIFE = 600  # seconds that a page is open
HISTORY, HISTORY_TTL = 1000, 3600  # messages of a channel that are kept, and seconds
CONNECT_TIMEOUT = 10  # seconds, of a page
SAMPLE = 10_000  # clients that are simulated


@dataclass
class Load:
    """`publishes` are those of all, a second; each channel has as many members, on whatever processes they are."""

    name: str
    members: int
    publishes: float
    connections: int = 1_000_000

    @property
    def channels(self):
        return self.connections / self.members

    def redis_memory(self, costs):
        """KiB, with the usual settings."""
        messages = min(self.publishes * HISTORY_TTL, self.channels * HISTORY)
        of_channels = self.channels * costs["channel_redis_kib"] + messages * costs["message_redis_kib"]
        return self.connections * costs["session_redis_kib"] + of_channels

    def processes_of_channel(self, processes):
        """On how many processes the members of a channel are, on average, if each comes to any."""
        return processes * (1 - (1 - 1 / processes) ** self.members)


LOADS = [
    Load("notices: an inbox each, a message in 10 minutes", 1, 1_000_000 / 600),
    Load("chat: rooms of 50, a message of each in 5 minutes", 50, 1_000_000 / 300),
    Load("games: rooms of 5, a message of each in 10 s", 5, 100_000),
    Load("live data: 1,000 channels, a message of each in 1 s", 1000, 1000),
]


@dataclass
class Need:
    processes: int
    hub: dict  # what it is busy with -> CPUs, of all processes
    redis: dict  # likewise
    operations: float  # of Redis, a second
    hub_memory: float  # GiB, of all
    redis_memory: float

    @property
    def masters(self):
        return math.ceil(sum(self.redis.values()) / BUSY)


def need(load, processes, costs):
    """With so many hub processes."""
    pairs = load.channels * load.processes_of_channel(processes)  # (process, channel)
    reads = load.publishes * load.processes_of_channel(processes)
    commands = load.connections / KEEP + pairs / BEAT
    joins = load.connections / LIFE
    second = {
        "joins": (joins * costs["join_hub"], joins * costs["join_redis"]),
        "idle": (
            load.connections * costs["connection_hub"] + load.connections / PING * costs["ping_hub"],
            commands * costs["command_redis"],
        ),
        "publishes": (load.publishes * costs["publish_hub"], load.publishes * costs["publish_redis"]),
        "reads": (reads * costs["read_hub"], reads * costs["read_redis"]),
        "deliveries": (load.publishes * load.members * costs["delivery_hub"], 0),
    }
    if sum(redis for _, redis in second.values()) / 1e6 > BUSY:
        second["cluster"] = (load.publishes * costs["cluster_hub"], 0)
    return Need(
        processes,
        {name: hub / 1e6 for name, (hub, _) in second.items()},
        {name: redis / 1e6 for name, (_, redis) in second.items()},
        joins * 4 + commands + load.publishes + reads,
        load.connections * costs["connection_hub_kib"] / 2**20,
        load.redis_memory(costs) / 2**20,
    )


def least(load, costs):
    """The least number of processes that are not too busy: each more has channels of its own to look after."""
    processes = math.ceil(load.connections / CONNECTIONS)
    while sum((found := need(load, processes, costs)).hub.values()) / processes > BUSY:
        processes = math.ceil(processes * 1.02)
    return found


def breaks_first(found):
    """What is nearest to its limit if nothing is added, and what it is busy with."""
    used = {
        "hub CPU": sum(found.hub.values()) / found.processes,
        "Redis CPU": sum(found.redis.values()) if found.masters == 1 else BUSY,
    }
    if found.masters > 1:
        return f"one Redis, {top(found.redis)}"
    name = max(used, key=used.get)
    if used[name] < BUSY / 2:
        return "connections of a process"
    return f"{name}, {top(found.hub if name == 'hub CPU' else found.redis)}"


def top(busy):
    return max(busy, key=busy.get)


def reconnect(processes, costs, clients=1_000_000, seed=1):
    """Seconds until 99 % are back when all have lost their connection at once: each waits at random, as pages do, a
    process takes one after the other, and who was not taken within `CONNECT_TIMEOUT` tries again later.
    """
    chance = random.Random(seed)
    waits = [delays(chance.random) for _ in range(SAMPLE)]
    attempts = sorted((next(wait), number) for number, wait in enumerate(waits))
    each = clients / SAMPLE * costs["join_hub"] / 1e6 / processes  # seconds for one of the sample
    free_at, back = 0.0, []
    while attempts:
        at, number = attempts.pop(0)
        free_at = max(free_at, at)
        if free_at + each - at <= CONNECT_TIMEOUT:
            free_at += each
            back.append(free_at)
        else:
            attempts.append((at + CONNECT_TIMEOUT + next(waits[number]), number))
            attempts.sort()
    return sorted(back)[int(0.99 * SAMPLE)]


def tables(costs):
    rows = []
    for load in LOADS:
        found = least(load, costs)
        rows.append([
            load.name,
            f"{found.processes}",
            f"{sum(found.hub.values()):.0f}",
            f"{found.hub_memory:.0f}",
            f"{found.operations / 1000:,.0f}",
            f"{sum(found.redis.values()):.1f}",
            f"{found.masters}",
            f"{found.redis_memory:.0f}",
            breaks_first(found),
        ])  # fmt: skip
    head = ["a million connections", "processes", "their CPUs", "their GiB", "Redis: 1,000 operations/s"]
    head += ["its CPUs", "masters", "its GiB", "what breaks first"]
    storm = [[f"{count}", f"{reconnect(count, costs):.0f} s"] for count in (100, 200, 400)]
    measured = [[name.replace("_", " "), f"{cost:.2f}"] for name, cost in costs.items()]
    return {
        "costs": markdown(["measured", "µs or KiB"], measured),
        "needs": markdown(head, rows),
        "reconnects": markdown(["processes", "99 % of a million are back after"], storm),
    }


def main():
    print("\n\n".join(tables(COSTS).values()))


if __name__ == "__main__":
    main()
