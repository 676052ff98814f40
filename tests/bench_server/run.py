"""make bench-server: the hub side by side with its peers, in one run. Prints a table; ratios are to bare
`websockets.broadcast` in the same round.
"""

import asyncio
import contextlib
import json
import resource
import socket
import statistics
import subprocess
import sys
import time

import uvloop

from tools.paths import BUILD, ROOT
from tools.ports import free_port
from tools.redis import RedisServer
from tools.table import markdown

from .crowd import Crowd, Hub, RoomInPath, SocketIO, Way

ROUNDS = 5
PUBLISHES = {1000: 50, 5000: 10}  # in one round
PEERS = ["websockets", "hub", "hub, Redis", "2 hubs, Redis", "python-socketio", "Robyn", "picows", "hub, picows"]


class Server:
    def __init__(self, command):
        self.port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-m", *(part.replace("PORT", str(self.port)) for part in command)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise RuntimeError(f"{command} does not listen")

    def memory(self):
        """KiB of its processes."""
        family = subprocess.run(
            ["ps", "-o", "rss=", "--pid", str(self._process.pid), "--ppid", str(self._process.pid)],
            capture_output=True,
            text=True,
        )
        return sum(int(line) for line in family.stdout.split())

    def stop(self):
        self._process.kill()
        self._process.wait()


UNLIMITED = ["--rate", "1e9", "--byte-rate", "1e12", "--byte-burst", "1000000000"]


@contextlib.contextmanager
def peer(name):
    """Its processes, and how it is spoken to."""
    with contextlib.ExitStack() as stack:
        hub = ["browserws.server", "--host", "127.0.0.1", "--port", "PORT", "--history", "100", *UNLIMITED]
        if name == "hub, picows":
            hub += ["--engine", "picows"]
        if "Redis" in name:
            hub += ["--redis", stack.enter_context(RedisServer()).url]
        commands = {
            "websockets": [["tests.bench_server.servers", "websockets_broadcast", "PORT"]],
            "picows": [["tests.bench_server.servers", "picows_broadcast", "PORT"]],
            "python-socketio": [["tests.bench_server.servers", "python_socketio", "PORT"]],
            "Robyn": [["tests.bench_server.servers", "robyn", "PORT"]],
            "2 hubs, Redis": [hub, hub],
        }.get(name, [hub])
        servers = []
        for command in commands:
            servers.append(Server(command))
            stack.callback(servers[-1].stop)
        ways = {"websockets": RoomInPath, "picows": RoomInPath, "python-socketio": SocketIO, "Robyn": Way}
        yield servers, Crowd(ways.get(name, Hub)(), [server.port for server in servers])


async def measure(name):
    """All cases of one peer, in one life of its processes."""
    result = {}
    with peer(name) as (servers, crowd):
        await crowd.come(["warm"] * 100)
        await crowd.hear(["warm"] * 10, 100, 32)
        await crowd.go()

        before = sum(server.memory() for server in servers)
        began = time.perf_counter()
        await crowd.come(["r"] * 5000)
        result["joins/s"] = 5000 / (time.perf_counter() - began)
        await asyncio.sleep(1)  # what only joining takes is freed
        result["KiB/idle client"] = (sum(server.memory() for server in servers) - before) / 5000
        for size in (32, 1024):
            result[f"5,000 × {size} B"] = await rate(crowd, ["r"] * PUBLISHES[5000], 5000, size)
        await crowd.go()

        await crowd.come(["r"] * 1000)
        for size in (32, 1024):
            result[f"1,000 × {size} B"] = await rate(crowd, ["r"] * PUBLISHES[1000], 1000, size)
        result["1,000 × 32 B, one by one"] = await rate(crowd, ["r"], 1000, 32, repeats=30)
        await crowd.go()

        if name != "Robyn":
            rooms = [f"room{number}" for number in range(500)]
            await crowd.come(rooms * 10)
            result["500 rooms × 10, 32 B"] = await rate(crowd, rooms, 10, 32)
            await crowd.go()
    return result


async def rate(crowd, publishes, listeners, size, repeats=1):
    """Deliveries a second, the best of three: what the machine does beside does not count."""
    seconds = []
    for _ in range(3):
        seconds.append(sum([await crowd.hear(publishes, listeners, size) for _ in range(repeats)]))
    return repeats * len(publishes) * listeners / min(seconds)


def table(rounds):
    """Medians, and in brackets the median of the rounds' ratios to bare websockets."""
    cases = list(rounds[0]["websockets"])
    rows = []
    for case in cases:
        cells = [case]
        for name in PEERS:
            values = [one[name][case] for one in rounds if name in one and case in one[name]]
            if not values:
                cells.append("–")
                continue
            ratio = statistics.median(one[name][case] / one["websockets"][case] for one in rounds if name in one)
            value = statistics.median(values)
            cells.append(f"{value:,.0f} ({ratio:.2f}x)" if value >= 100 else f"{value:.1f} ({ratio:.2f}x)")
        rows.append(cells)
    return markdown(["", *PEERS], rows)


def main(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 20_000)), hard))
    rounds = []
    for number in range(count):
        rounds.append({})
        for name in PEERS:
            try:
                rounds[-1][name] = uvloop.run(measure(name))
            except (TimeoutError, OSError, RuntimeError) as error:
                print(f"round {number + 1}, {name}: {error!r}", file=sys.stderr, flush=True)
            print(f"round {number + 1}: {name}", file=sys.stderr, flush=True)
    print("Deliveries a second\n")
    print(table(rounds))
    BUILD.mkdir(exist_ok=True)
    (BUILD / "bench-server.json").write_text(json.dumps(rounds, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS)
