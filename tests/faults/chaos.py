"""Everything that can go wrong, at random and for as long as wanted:  make chaos

Hub processes on one Redis; clients on CPython, with the code of pages, and pages, which publish, join and leave.
Hubs and Redis are killed, paused and restarted, links are cut or go dead, tokens expire, users are removed; and, at
odd seeds, Redis forgets all, or is what it was some time ago. Then all is mended, and what everybody got is compared:

    each message once and in order, without a hole that no gap told before what follows;
    what was acknowledged was published, and came to whoever was there;
    who is in a channel is who is shown;
    no page is closed for good, and no process has grown.

    python -m tests.faults.chaos --seconds 1800 --seed 7

The seed chooses what goes wrong and when; each round of two minutes has the next one.
"""

import argparse
import asyncio
import contextlib
import random
import runpy
import sys
import time

from tests.faults.proxy import FaultProxy
from tests.server.process import HubProcess
from tools.paths import ROOT
from tools.redis import RedisServer

Chaotic = runpy.run_path(str(ROOT / "tests" / "browser" / "pages" / "chaotic.py"))["Chaotic"]

HUBS = 3
CLIENTS = 20
CHANNELS, SEEN = ["a", "b", "c", "d"], ["a", "b"]
TOKENS = 40  # seconds that a token lives at most
SETTLED = 60  # seconds after which all is well again
GROWTH = 40  # MiB that a hub may have grown
MAY_FAIL = ("TimeoutError", "NotJoined")  # errors of a publish, where Redis has lost nothing
ROUND = 120  # seconds of one run of the command
PAUSE_BETWEEN = (0.2, 3.0)  # seconds between two faults


# --- what goes wrong ---


class World:
    """A Redis, hubs on it, and a way to each of them that can fail; faults are methods."""

    def __init__(self, stack, origin):
        self.redis = stack.enter_context(RedisServer())
        self.ways_to_redis = [stack.enter_context(FaultProxy(self.redis.port)) for _ in range(HUBS)]
        self.hubs = []
        for way in self.ways_to_redis:
            options = ["--redis", f"redis://localhost:{way.port}", "--origin", origin, "--history", "200"]
            options += ["--auth", "tests.faults.tokens:authenticate", "--idle-timeout", "10", "--presence-grace", "1"]
            hub = HubProcess(*options, quiet=True)
            stack.callback(hub.kill)
            self.hubs.append(hub)
        self.ways = [stack.enter_context(FaultProxy(hub.port)) for hub in self.hubs]
        self.ports = [way.port for way in self.ways]
        self.dumped = {}
        self.commands = self.redis.client()
        stack.callback(self.commands.close)

    def kill_hub(self, chance):
        hub = chance.choice(self.hubs)
        hub.kill()
        hub.start()

    def stop_hub(self, chance):
        hub = chance.choice(self.hubs)
        hub.terminate()
        hub.start()

    def pause_hub(self, chance):
        hub = chance.choice(self.hubs)
        with hub.paused():
            time.sleep(chance.choice([0.5, 3, 12]))

    def kill_redis(self, chance):
        self.redis.kill()
        time.sleep(chance.choice([0, 1]))
        self.redis.start()

    def pause_redis(self, chance):
        with self.redis.paused():
            time.sleep(chance.choice([0.5, 3, 7]))

    def cut(self, chance):
        chance.choice(self.ways).cut()

    def swallow(self, chance):
        chance.choice(self.ways).swallow()

    def cut_redis(self, chance):
        chance.choice(self.ways_to_redis).cut()

    def lose_redis(self, chance):
        """One hub hears nothing of Redis for a while."""
        way = chance.choice(self.ways_to_redis)
        way.hold()
        way.swallow()
        time.sleep(chance.choice([1, 6, 11]))
        way.accept()
        way.cut()

    def remove(self, chance):
        user = f"client {chance.randrange(CLIENTS)}"
        fields = {"c": chance.choice(CHANNELS), "r": user, "w": "removed"}
        self.commands.xadd("browserws:control:{hub}", fields, maxlen=1000)

    # with losses

    def flush(self, chance):
        self.commands.flushall()

    def dump(self, chance):
        keys = list(self.commands.scan_iter(match="browserws:[msdec]:*"))
        self.dumped = {key: value for key in keys if (value := self.commands.dump(key)) is not None}

    def restore(self, chance):
        """All at once, as a replica that lagged behind takes over."""
        with self.commands.pipeline() as pipe:
            pipe.flushall()
            for key, value in self.dumped.items():
                pipe.restore(key, 0, value)
            pipe.execute()

    def mend(self):
        for way in [*self.ways, *self.ways_to_redis]:
            way.accept()
            way.cut()


FAULTS = ["kill_hub", "stop_hub", "pause_hub", "kill_redis", "pause_redis", "cut_redis", "lose_redis"]
FAULTS += ["cut", "swallow", "remove"] * 3
LOSSES = ["flush", "dump", "restore", "dump", "restore"]


def wreak(world, chance, seconds, faults):
    """What went wrong, and when."""
    began = time.monotonic()
    done = []
    while time.monotonic() - began < seconds:
        time.sleep(chance.uniform(*PAUSE_BETWEEN))
        fault = chance.choice(faults)
        done.append((round(time.monotonic() - began, 1), fault))
        getattr(world, fault)(chance)
    world.mend()
    return done


# --- what came of it ---


def check(reports, losses):
    """Problems, as text."""
    problems = []
    truth = {}  # channel, epoch, offset -> user, number
    told = {(report["name"], number): where for report in reports for _, number, *where in report["acknowledged"]}
    unknown = {(report["name"], number) for report in reports for _, number, _ in report["failed"]}
    for report in reports:
        for channel, log in report["log"].items():
            found = check_log(channel, log, truth, unknown, told, losses)
            problems += [f"{report['name']}, {channel}: {text}" for text in found]
    seen = {}
    for (channel, epoch, offset), (user, number) in truth.items():
        before = seen.setdefault((channel, epoch, user, number), offset)
        if before != offset:
            problems.append(f"{channel}: {user}'s {number} is there twice in one epoch, at {before} and {offset}")
    published = {(channel, user, number): offset for (channel, _, offset), (user, number) in truth.items()}
    for report in reports:
        name = report["name"]
        if not losses:
            problems += [
                f"{name}: acknowledged {number} in {channel}, and nobody got it"
                for channel, number, *_ in report["acknowledged"]
                if (channel, name, number) not in published
            ]
        for channel, number, offset, _ in report["acknowledged"]:
            if not losses and published.get((channel, name, number), offset) != offset:
                problems.append(f"{name}: acknowledged {number} in {channel} as {offset}, and it is elsewhere")
        for channel, number, error in report["failed"]:
            if not error.startswith(MAY_FAIL if not losses else (*MAY_FAIL, "NotDelivered")):
                problems.append(f"{name}: {number} in {channel} failed with {error}")
        answered = len(report["acknowledged"]) + len(report["failed"])
        if answered != report["published"]:
            problems.append(f"{name}: {report['published']} published, {answered} answered")
    return problems


def check_log(channel, log, truth, unknown, told, losses):
    """What is wrong with what one client got in a channel. Of `unknown` publishes nobody knows whether and when they
    were made, and their user was told so; of the others, `told` has the offset and the time of the answer."""
    at = None
    last = {}  # user -> their last number, and its offset
    for entry in log:
        if isinstance(entry, str):
            at = None
            if entry == "gap" or losses:  # who joins anew gets what is new to the hub, also where it had lost it
                last = {}
            continue
        epoch, offset, user, number = entry
        if truth.setdefault((channel, epoch, offset), (user, number)) != (user, number):
            yield f"{epoch} {offset} is {user}'s {number} here, and elsewhere {truth[channel, epoch, offset]}"
        if at is not None and (epoch, offset) != (at[0], at[1] + 1):
            yield f"after {at} comes {epoch} {offset}, and no gap before it"
        if user in last and number <= last[user][0] and (user, number) not in unknown:
            before, place = last[user]
            answers = [told.get((user, one)) for one in (before, number)]
            yield f"{user}'s {number} comes at {epoch} {offset}, after {before} at {place}; they were told {answers}"
        at = (epoch, offset)
        if (user, number) not in unknown:
            last[user] = (number, offset)


# --- clients ---


class Client:
    """On CPython."""

    def __init__(self, ports, name):
        urls = [f"ws://localhost:{port}/" for port in ports]
        self.inner = Chaotic(urls, name, lambda: f"{name}+{time.time() + 2 + TOKENS * random.random()}")
        self.task = asyncio.create_task(self.inner.go_on())

    async def stop(self):
        self.inner.running = False
        self.inner.join_all()

    async def publish_all(self):
        self.inner.publish_all()

    async def members(self):
        return self.inner.members()

    async def state(self):
        return self.inner.state()

    async def report(self):
        return self.inner.report()


async def until(condition, what, seconds=SETTLED):
    """Wait until an async condition holds; what it gives instead, if not."""
    end = time.monotonic() + seconds
    while True:
        wrong = await condition()
        if not wrong:
            return []
        if time.monotonic() > end:
            return [f"{what}: {one}" for one in wrong]
        await asyncio.sleep(0.2)


async def settle(clients):
    """Problems on the way to a state in which all have everything: those of the first step that is not reached."""

    async def unsettled():
        states = [(client, await client.state()) for client in clients]
        return [
            [*state, (await client.report())["closes"][-3:]]
            for client, state in states
            if state[0] != "OPEN" or state[1] or state[2] or state[3] != CHANNELS
        ]

    async def not_joined():
        for client in clients:
            if (await client.state())[3] != CHANNELS:
                await client.stop()  # it was removed meanwhile: it joins again
        return await unsettled()

    async def lacking():
        reports = [await client.report() for client in clients]
        last = {
            (channel, report["name"], number)
            for report in reports
            for channel, number, *_ in report["acknowledged"][-len(CHANNELS) :]
        }
        wrong = []
        for report in reports:
            got = {
                (channel, e[2], e[3]) for channel, log in report["log"].items() for e in log if not isinstance(e, str)
            }
            if not last <= got:
                wrong.append(f"{report['name']} lacks {len(last - got)} of the last messages")
        return wrong

    async def wrong_members():
        names = sorted([(await client.report())["name"] for client in clients])
        return [shown for client in clients if (shown := await client.members()) != dict.fromkeys(SEEN, names)]

    for client in clients:
        await client.stop()
    if problems := await until(not_joined, "not settled"):
        return problems
    for client in clients:
        await client.publish_all()
    return (
        await until(unsettled, "the last publishes are not answered")
        or await until(lacking, "at the end")
        or await until(wrong_members, "members", 20)
    )


class Run:
    """What one run has come to."""

    def __init__(self, seed, done, reports, problems):
        self.seed = seed
        self.done = done
        self.reports = reports
        self.problems = problems

    def count(self, what):
        return sum(what(entry) for report in self.reports for log in report["log"].values() for entry in log)

    def __str__(self):
        acknowledged = sum(len(report["acknowledged"]) for report in self.reports)
        received = self.count(lambda entry: not isinstance(entry, str))
        gaps = self.count(lambda entry: entry == "gap")
        text = f"seed {self.seed}: {len(self.done)} faults, {len(self.reports)} clients, {acknowledged} acknowledged, "
        text += f"{received} received, {gaps} gaps, {len(self.problems)} problems"
        if self.problems:
            text += "".join(f"\n  {at:7.1f} s  {fault}" for at, fault in self.done)
            text += "".join(f"\n{problem}" for problem in self.problems[:40])
        return text


async def play(seconds, seed, losses, origin="http://localhost", open_pages=None):
    """A run. `open_pages(ports)` gives clients that are pages of that origin."""
    chance = random.Random(seed)
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as stack:
        world = World(stack, origin)
        memory = [hub.memory() for hub in world.hubs]
        own = [Client(world.ports, f"client {number}") for number in range(CLIENTS)]
        clients = own + ([] if open_pages is None else await open_pages(world.ports))
        done = await loop.run_in_executor(None, wreak, world, chance, seconds, FAULTS + LOSSES * losses)
        problems = await settle(clients)
        reports = [await client.report() for client in clients]
        problems += check(reports, losses)
        for client in own:
            client.inner.channels.close()
        grown = [hub.memory() - before for hub, before in zip(world.hubs, memory, strict=True)]
        problems += [f"a hub has grown by {kib / 1024:.0f} MiB" for kib in grown if kib > GROWTH * 1024]
    return Run(seed, done, reports, problems)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--losses", choices=["never", "always", "in turn"], default="in turn")
    arguments = parser.parse_args()
    seed = random.randrange(10**6) if arguments.seed is None else arguments.seed
    end = time.monotonic() + arguments.seconds
    while (left := end - time.monotonic()) > 0:  # in rounds, so that what a round has come to fits into memory
        losses = arguments.losses == "always" or (arguments.losses == "in turn" and seed % 2 == 1)
        run = asyncio.run(play(min(left, ROUND), seed, losses))
        print(run, flush=True)
        if run.problems:
            sys.exit(1)
        seed += 1


if __name__ == "__main__":
    main()
